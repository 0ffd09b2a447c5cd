"""`standardsd judge`: readings in, decisions out, nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.daemon.compose import Composed, ComposeError, compose_config, read_rules
from standardsd.language.spoken import counted
from standardsd.language.words import Wrong, instant
from standardsd.mapping.label_maps import labelled
from standardsd.mapping.ndjson import LineError, read_line, write_decision
from standardsd.model.decision import Decision, Refused
from standardsd.model.reading import Reading, Watermark, instants
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook

errors_max = 100
"""Bad lines that are shown; a file of the wrong sort has as many as it has lines."""


def judge(
    rules: Annotated[
        list[str],
        typer.Option("--rules", help="Rule file, folder, or shipped:PACK; may be given several times."),
    ],
    readings: Annotated[str, typer.Option(help="NDJSON file of readings; - reads standard input.")],
    more_rules: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]...", help="Further rule files.", show_default=False)
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file, for sources, sites and settings.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Every source has been seen up to this instant (with an offset).")
    ] = None,
) -> None:
    """Judges a file of readings and prints the decisions as NDJSON.

    The last line per (standard, kind, id, occurrence) is the truth.  Without --until a source that
    says no watermark holds back every breach by absence.

    Exit codes: 0 fine, 2 invalid input (then no decision is printed).

    Examples:

      standardsd judge --rules rules/hotel/front-desk.yaml --readings march.ndjson

      standardsd judge --rules shipped:contact-center/phones --readings - --until 2026-11-21T20:00:00Z
    """
    try:
        composed = compose_config(config) if config else None
        sites = None if composed is None else composed.config.sites
        book = read_rules([*rules, *(more_rules or [])], base=Path.cwd(), warn=_warn, sites=sites)
        heard = _readings(readings, book)
        end = _instant(until)
    except ComposeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    for decision in judged(book, heard, composed, end, _warn):
        if isinstance(decision, Refused):
            print(f"{readings}: refused, {decision.reason}: {decision.what}", file=sys.stderr)
        else:
            sys.stdout.buffer.write(write_decision(decision))
    sys.stdout.buffer.flush()


def judged(
    book: RuleBook,
    readings: Sequence[Reading],
    composed: Composed | None,
    until: datetime | None,
    warn: Callable[[str], None] | None = None,
) -> Iterable[Decision | Refused]:
    """Each reading is a batch; the wall clock is the greatest instant read so far, then ``until``.

    ``warn`` is told of promises that are past due at the end and could not be judged.
    """
    configured = () if composed is None else composed.sources
    readings = _labelled(readings, composed)
    names = {source.name for source in configured}
    named = sorted({reading.source for reading in readings} - names)
    settings = JudgeSettings() if composed is None else composed.judge_settings(keep=None)
    judge = Judge(book, [*configured, *map(Source, named)], settings)
    wall: datetime | None = None
    timeless: list[Reading] = []  # retractions without an instant before the first reading that has one
    for reading in readings:
        wall = max((at for at in (wall, *instants(reading)) if at is not None), default=None)
        if wall is None:
            timeless.append(reading)
            continue
        yield from judge.receive([*timeless, reading], wall)
        timeless = []
    if until is not None:
        wall = until if wall is None else max(wall, until)
        yield from judge.receive([Watermark(name, until) for name in (*names, *named)], wall)
    waiting = 0 if wall is None else sum(group.overdue for group in judge.snapshot().groups)
    if waiting and warn is not None:
        warn(
            f"{counted(waiting, 'promise')} past due and not judged: no watermark has come as far as that\n"
            "  fix: add --until INSTANT if every source has been seen up to then"
        )


def _labelled(readings: Sequence[Reading], composed: Composed | None) -> Sequence[Reading]:
    """With the labels that the configuration adds, as the daemon adds them before it judges."""
    if composed is None:
        return readings
    labels = {s.spec.name: s.config for s in composed.running if s.config.labels or s.config.map}
    return [
        labelled(reading, fixed=config.labels, maps=config.map).reading
        if (config := labels.get(reading.source))
        else reading
        for reading in readings
    ]


def _readings(path: str, book: RuleBook) -> list[Reading]:
    """All of them, or every line that is none (the first ``errors_max``)."""
    readings: list[Reading] = []
    errors: list[str] = []
    try:
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                read = read_line(line, number=number, vocabulary=book.vocabulary)
                if isinstance(read, LineError):
                    errors.append(f"{path}:{read.line}: {read.what}\n  fix: {read.fix}")
                else:
                    readings.append(read)
    except OSError as error:
        what = f"{path}: {error.strerror}\n  fix: name a file of readings, or - for standard input"
        raise ComposeError(what) from None
    if errors:
        more = len(errors) - errors_max
        shown = errors[:errors_max] + ([f"{path}: {more} more lines like these"] if more > 0 else [])
        raise ComposeError("\n".join(shown))
    return readings


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return instant(text)
    except Wrong as wrong:
        raise ComposeError(f"--until: {wrong.text}\n  fix: {wrong.fix}") from None


def _warn(text: str) -> None:
    print(text, file=sys.stderr)
