"""What was read so far, for the lints: the store beside a configuration, or a file of readings.

The store is only looked into (``store.look``): the daemon may be using it, and what cannot be read is a
note and no mistake of the rules.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from standardsd.daemon.storing import STORE_NAME
from standardsd.language.config import LoadedConfig
from standardsd.language.seen_lints import Sightings
from standardsd.language.spoken import counted
from standardsd.mapping.label_maps import labelled
from standardsd.mapping.ndjson import LineError, line_bytes_max, read_line
from standardsd.model.config import SourceConfig
from standardsd.model.vocabulary import Vocabulary
from standardsd.store import look
from standardsd.store.look import Look, Stretch
from standardsd.store.trouble import StoreTrouble

back = timedelta(days=30)
"""How far the store is looked back into: a month has every weekday, and most of what a house ever sees."""

file_readings_max = 5_000_000
"""Of a file, the first ones: some twenty seconds."""

LOOK_AWAY = "--no-store leaves it out"

Progress = Callable[[str], None]


def store_of(config: Path, loaded: LoadedConfig) -> Path | None:
    """The store that a daemon of this configuration uses, if there is one by now."""
    if loaded.config is None:
        return None
    folder = os.environ.get("STANDARDSD_DATA")
    path = (Path(folder) if folder else config.resolve().parent / loaded.config.data) / STORE_NAME
    return path if path.exists() else None


def from_store(path: Path, sightings: Sightings, now: datetime, progress: Progress) -> str:
    """Takes what the last 30 days brought, the latest first where it is too much; says how far back it looked."""
    before = sightings.readings
    try:
        with Look.open(path) as opened:
            progress(f"{path}")
            stretch = opened.stretch(now - back)
            for batch in opened.batches(stretch):
                for reading in batch:
                    sightings.take(reading)
                done = sightings.readings - before
                progress(f"{path}: {done:,} of {stretch.readings:,} readings")
    except StoreTrouble as trouble:
        what = f"{trouble.what}, so nothing was compared with stored readings"
        return f"note: {what}\n  fix: {trouble.fix}; {LOOK_AWAY}"
    return f"{path}: {_compared(stretch, sightings.readings - before)}"


def _compared(stretch: Stretch, readings: int) -> str:
    days = f"the last {back.days} days"
    if not readings or stretch.since is None:
        return f"no readings in {days}, so nothing was compared with them"
    since = f"since {stretch.since:%Y-%m-%d %H:%M} UTC"
    if stretch.cut:
        most = f"not {days}: at most {look.readings_max:,} readings are looked at"
        return f"labels compared with the latest {counted(readings, 'reading')}, {since} ({most})"
    return f"labels compared with {counted(readings, 'reading')} of {days}, {since}"


def from_file(
    name: str,
    sightings: Sightings,
    vocabulary: Vocabulary,
    sources: Sequence[SourceConfig],
    progress: Progress,
) -> list[str]:
    """Takes an NDJSON file, - for standard input, with the labels that the configuration adds; raises OSError.

    Says how many readings it took, and how many lines are none.
    """
    added: Mapping[str, SourceConfig] = {one.name: one for one in sources if one.labels or one.map}
    first: LineError | None = None
    wrong, full = 0, False
    with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
        for number, line in _lines(file):
            if full := sightings.readings >= file_readings_max:
                break
            reading = read_line(line, number=number, vocabulary=vocabulary)
            if isinstance(reading, LineError):
                first, wrong = first or reading, wrong + 1
                continue
            if (config := added.get(reading.source)) is not None:
                reading = labelled(reading, fixed=config.labels, maps=config.map).reading
            sightings.take(reading)
            if sightings.readings % 10_000 == 0:
                progress(f"{name}: {sightings.readings:,} readings")
    only = f" (at most {file_readings_max:,} readings are looked at)" if full else ""
    said = [f"{name}: labels compared with {counted(sightings.readings, 'reading')}{only}"]
    if first is not None:
        are = "1 line is no reading and was" if wrong == 1 else f"{wrong:,} lines are no readings and were"
        said.append(f"note: {name}: {are} passed over; line {first.line}: {first.what}\n  fix: {first.fix}")
    return said


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line that is not blank, with its number; of one that is far too long the beginning, which is refused."""
    number = 0
    whole = True
    while piece := file.readline(line_bytes_max + 2):
        begins, whole = whole, piece.endswith(b"\n")
        if begins:
            number += 1
            if piece.strip():
                yield number, piece
