"""`standardsd exporters`: which outside systems are known, how each is read, and a try without a judge."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from standardsd import shipped
from standardsd.cli.exporters_show import described, listed
from standardsd.cli.exporters_try import (
    NotTried,
    Printer,
    check_given,
    checked_settings,
    load_replay,
    read_live,
    replayed,
)
from standardsd.language.definitions import read_definition
from standardsd.language.problems import render
from standardsd.language.words import Wrong, nearest, positive_duration
from standardsd.model.definition import Definition

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="""Outside systems: list, show, try.

    Example:

      standardsd exporters show asterisk
    """,
)

FOR_USUAL = "30s"

TRY_EXAMPLES = """
Examples:

\b
  standardsd exporters try asterisk --set host=pbx --set username=standardsd --set secret_file=ami.secret --for 30s
  standardsd exporters try asterisk --replay ami.log --ndjson
  standardsd exporters try asterisk --replay ami.log.gz --chunks ami.chunks.jsonl --ndjson |
      standardsd judge --rules phones.yaml --readings -

A recording is the server's bytes as received.  Its time is that of the stamps inside
(timestampevents=yes), or of --chunks: a JSON object a line, {"t": epoch seconds, "off":
byte, "len": bytes} for each read, {"t": …, "off": …, "mark": "connect", "eof",
"disconnect" or "reconnect"} for what befell the connection.  Without either it is refused.

\b
Exit codes:
  0  fine
  2  bad input or usage
  3  the system could not be reached, or let us not in
"""


@app.command("list")
def list_() -> None:
    """Lists the exporter definitions that come with standardsd.

    Example:  standardsd exporters list
    """
    for line in listed({name: _load(path) for name, path in shipped.files("exporters").items()}):
        print(line)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A shipped definition, or the path of one.")]) -> None:
    """Shows how one system is read: messages, readings, labels, settings, the rights it needs.

    Example:  standardsd exporters show asterisk
    """
    for line in described(_find(name)):
        print(line)


def try_(
    name: Annotated[str, typer.Argument(help="A shipped definition, or the path of one.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting; may be given several times."),
    ] = None,
    for_: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="How long to read live.")
    ] = FOR_USUAL,
    ndjson: Annotated[
        bool, typer.Option("--ndjson", help="One reading a line, as standardsd judge takes them.")
    ] = False,
    replay: Annotated[
        Path | None,
        typer.Option(help="Recorded bytes of the server instead of the server; .gz is read, too."),
    ] = None,
    chunks: Annotated[
        Path | None, typer.Option(help="When the bytes of --replay were received; .gz is read, too.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Name of the source in the readings; the definition's if not given.")
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            "--label", metavar="KEY=VALUE", help="A label on every reading; may be given several times."
        ),
    ] = None,
) -> None:
    """Prints the readings that an exporter makes, live or from a recording.

    Nothing is judged and nothing is kept.
    """
    definition = _find(name)
    called = source or definition.name
    printer = Printer(ndjson=ndjson)
    code = 0
    try:
        fixed = dict(_pair(text, "--label") for text in labels or ())
        if replay is not None:
            unused = dict(_pair(text, "--set") for text in settings or ())
            check_given(definition, unused)
            if unused or for_ != FOR_USUAL:
                print("--set and --for are for live reading: a recording is as it is", file=sys.stderr)
            recording = load_replay(definition, replay, chunks)
            replayed(definition, called, fixed, recording, printer)
        elif chunks is not None:
            raise NotTried("--chunks without --replay\n  fix: name the recorded bytes with --replay FILE")
        else:
            length = _duration(for_)
            told = checked_settings(definition, dict(_pair(text, "--set") for text in settings or ()))
            code = 0 if asyncio.run(read_live(definition, called, fixed, told, length, printer)) else 3
    except NotTried as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        code = 0
    except BrokenPipeError:  # the reader had enough (| head); nothing more can be said to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    printer.end()
    raise typer.Exit(code)


try_.__doc__ = f"{inspect.cleandoc(try_.__doc__ or '')}\n{TRY_EXAMPLES}"
app.command("try")(try_)


def _find(name: str) -> Definition:
    path = shipped.find("exporters", name)
    if path is None and (Path(name).is_file()):
        path = Path(name)
    if path is None:
        known = [full.rsplit("/", 1)[-1] for full in shipped.files("exporters")]
        near = nearest(name, known)
        fix = f"write {near}" if near else f"write one of {', '.join(known)}, or the path of a definition"
        print(f"there is no exporter definition '{name}'\n  fix: {fix}", file=sys.stderr)
        raise typer.Exit(2)
    return _load(path)


def _load(path: Path) -> Definition:
    definition, problems = read_definition(path.read_bytes(), str(path))
    if definition is None:
        print(render(problems), file=sys.stderr)
        raise typer.Exit(2)
    return definition


def _pair(text: str, option: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise NotTried(f"{option} '{key}' has no value\n  fix: write {option} {key or 'host'}=VALUE")
    return key, value


def _duration(text: str) -> timedelta:
    try:
        return positive_duration(text)
    except Wrong as wrong:
        raise NotTried(f"--for: {wrong.text}\n  fix: {wrong.fix}") from None
