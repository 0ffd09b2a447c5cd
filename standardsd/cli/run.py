"""`standardsd run`: the daemon."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from standardsd.cli.ending import end
from standardsd.daemon.app import DaemonHandle, run_daemon
from standardsd.daemon.settings import Settings, SettingsError, load_settings


def run(
    config: Annotated[
        Path | None, typer.Option(help="Configuration file; without it STANDARDSD_CONFIG names it.")
    ] = None,
) -> None:
    """Runs the daemon until Ctrl-C or SIGTERM; SIGHUP reloads rules and sources.

    Exit codes: 0 ended as asked, 2 wrong configuration, 3 the outside world failed (port taken, store locked).

    Examples:

      standardsd run --config /etc/standardsd/standardsd.yaml

      STANDARDSD_CONFIG=house.yaml STANDARDSD_LOG_LEVEL=debug standardsd run
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    path = config or settings.config
    if path is None:
        print("no configuration file\n  fix: name it with --config or STANDARDSD_CONFIG", file=sys.stderr)
        raise typer.Exit(2)
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    end(asyncio.run(_run(path, settings)))


async def _run(path: Path, settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    return await run_daemon(path, settings, stop=stop, on_ready=_say_ready)


def _say_ready(handle: DaemonHandle) -> None:
    logging.getLogger(__name__).info("wallboard %s metrics %s", handle.url, handle.metrics_url)
