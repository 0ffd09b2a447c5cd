"""`standardsd demo`: the same daemon as `standardsd run`, fed by four simulated houses."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.live import Live

from standardsd.cli.demo_files import CONFIG_NAME, HOUSES, configuration, stop_file
from standardsd.cli.demo_screen import ALERTS_SHOWN_MAX, one_line, screen
from standardsd.cli.ending import end
from standardsd.daemon.app import DaemonHandle, run_daemon
from standardsd.daemon.settings import Settings, SettingsError, load_settings
from standardsd.daemon.storing import STORE_NAME
from standardsd.language.words import Wrong, positive_duration, url
from standardsd.store.lock import FileLock
from standardsd.store.trouble import StoreTrouble

REDRAW_SECONDS = 0.5
LINE_SECONDS = 5.0
START_SECONDS_MAX = 30.0
"""A daemon that has not begun to listen by then never will."""

USAGE, WORLD = 2, 3


def demo(
    lasting: Annotated[
        str | None,
        typer.Option("--for", metavar="DURATION", help="End by itself after this time, such as 60s or 5m."),
    ] = None,
    data: Annotated[
        Path, typer.Option(help="Folder for the database, the configuration and the log.")
    ] = Path("data/demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the wallboard on 127.0.0.1.")] = 8080,
    alertmanager: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Tell this Alertmanager, too; may be given several times."),
    ] = None,
) -> None:
    """Shows three hotels and a contact center, simulated, with every promise judged live.

    Ctrl-C ends it.  While DATA/stop-castle exists, the Castle Hotel's simulator is silent: within ten
    seconds its standards are unknown, and nothing of it counts as a violation.

    Exit codes: 0 ended as asked, 2 wrong usage, 3 the port is taken.

    Examples:

      standardsd demo --for 60s

      standardsd demo --port 8090 --data demo-data --alertmanager http://127.0.0.1:9093
    """
    seconds = None if lasting is None else _seconds(lasting)
    try:
        settings = load_settings()
    except SettingsError as error:
        _stop(USAGE, str(error))
    _refuse_taken(port)
    folder = data.absolute()
    config = _prepare(folder, port=port, alertmanagers=tuple(alertmanager or ()))
    logging.basicConfig(
        filename=folder / "demo.log",
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(message)s",
        force=True,
    )
    # The folder is the demo's own, whatever the environment says for the real daemon.
    own = settings.model_copy(update={"config": None, "data": folder, "listen": f"127.0.0.1:{port}"})
    end(asyncio.run(_run(config, own, folder=folder, seconds=seconds)))


def _seconds(text: str) -> float:
    try:
        return positive_duration(text).total_seconds()
    except Wrong as wrong:
        _stop(USAGE, f"--for: {wrong.text}\n  fix: {wrong.fix}")


def _stop(code: int, message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(code)


def _refuse_taken(port: int) -> None:
    """Says so before anything is written or migrated.  A port that is taken just afterwards is the daemon's to tell."""
    with socket.socket() as probe:
        # As the server itself will: a connection of the last run that still lingers does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            fix = f"add --port {port + 10 if port + 10 < 65536 else 8090}, or end the program that has it"
            _stop(WORLD, f"127.0.0.1:{port} cannot be listened on: {error.strerror}\n  fix: {fix}")


def _prepare(folder: Path, *, port: int, alertmanagers: tuple[str, ...]) -> Path:
    """Writes the configuration; the database of an earlier demo stays, its stop files do not.

    A demo that runs on this folder keeps its configuration: nothing is written before its lock is free.
    """
    try:
        for address in alertmanagers:
            url(address)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        FileLock.take(folder / STORE_NAME).release()
        for house in HOUSES:
            stop_file(folder, house.source).unlink(missing_ok=True)
        config = folder / CONFIG_NAME
        config.write_text(configuration(folder, port=port, alertmanagers=alertmanagers))
    except Wrong as wrong:
        _stop(USAGE, f"--alertmanager: {wrong.text}\n  fix: {wrong.fix}")
    except StoreTrouble as trouble:
        _stop(WORLD, str(trouble))
    except OSError as error:
        _stop(WORLD, f"{folder}: {error.strerror}\n  fix: name another folder with --data")
    return config


async def _run(config: Path, settings: Settings, *, folder: Path, seconds: float | None) -> int:
    """Starts the daemon, shows it until it is told to stop, and waits for it to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    ready: asyncio.Future[DaemonHandle] = loop.create_future()
    daemon = asyncio.create_task(run_daemon(config, settings, stop=stop, on_ready=ready.set_result))
    either: set[asyncio.Future[Any]] = {daemon, ready}
    await asyncio.wait(either, timeout=START_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
    if daemon.done():
        return daemon.result()
    if not ready.done():
        stop.set()
        await daemon
        _stop(
            WORLD,
            f"the daemon did not listen within {START_SECONDS_MAX:g} s; its log is {folder / 'demo.log'}",
        )
    if seconds is not None:
        loop.call_later(seconds, stop.set)
    shown = asyncio.create_task(_show(ready.result(), stop, folder))
    code = await daemon
    stop.set()
    await shown
    return code


def heading(wallboard: str, metrics: str, folder: Path) -> str:
    """The addresses, which come first, and what one can try."""
    quiet = stop_file(folder, HOUSES[1].source)
    return (
        f"wallboard  {wallboard}\n"
        f"metrics    {metrics}\n"
        f"try        touch {quiet}   (that hotel falls silent; rm, and it goes on)\n"
        "           Ctrl-C ends it"
    )


async def _show(handle: DaemonHandle, stop: asyncio.Event, folder: Path) -> None:
    console = Console()
    console.print(heading(handle.url, handle.metrics_url, folder), highlight=False, soft_wrap=True)
    if not console.is_terminal:
        while not stop.is_set():
            print(one_line(handle.snapshot()), flush=True)
            await _pause(stop, LINE_SECONDS)
        print(one_line(handle.snapshot()), flush=True)
        return
    console.print()
    # Drawn by us and not by a thread of rich's, so that a snapshot is never taken while the judge works.
    with Live(console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
        while not stop.is_set():
            titles = {standard.id: standard.title for standard in handle.book().standards}
            live.update(screen(handle.snapshot(), titles=titles, rows_max=_rows(console)), refresh=True)
            await _pause(stop, REDRAW_SECONDS)


def _rows(console: Console) -> int:
    """What the window has left below the heading and above alerts and totals; at least a few."""
    return max(console.height - 6 - ALERTS_SHOWN_MAX - 4, 5)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
