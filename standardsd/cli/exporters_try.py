"""What `standardsd exporters try` does: a live source without a judge, or a recording played."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from standardsd.daemon.compose import maker
from standardsd.daemon.troubles import sentence
from standardsd.drivers.base import Batch, DriverSetup, Rejection, Trouble
from standardsd.language.definitions import wrong_settings
from standardsd.mapping.ami_replay import BadChunks, Chunk, Replayer, read_chunks, why_untimed
from standardsd.mapping.ami_stream import AmiStream
from standardsd.mapping.ndjson import write_line
from standardsd.model.definition import Definition
from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark

recording_bytes_max = 1024 * 1024 * 1024
"""A day of a large PBX with every event; what is longer is played in parts."""
rejections_shown_max = 20
"""After these only their number is said: a wrong file has as many as it has records."""


class NotTried(Exception):
    """The operator's mistake; the text says what to do."""


class Recording(msgspec.Struct, frozen=True):
    """``chunks`` None: timed by the stamps inside."""

    data: bytes
    chunks: tuple[Chunk, ...] | None


class Printer:
    """Readings to stdout, everything else to stderr."""

    def __init__(self, *, ndjson: bool) -> None:
        self._ndjson = ndjson
        self._rejected = 0
        self._printed = 0

    def readings(self, readings: Iterable[Reading]) -> None:
        for reading in readings:
            self._printed += 1
            line = write_line(reading) if self._ndjson else _row(reading).encode() + b"\n"
            sys.stdout.buffer.write(line)

    def flush(self) -> None:
        sys.stdout.buffer.flush()

    def rejected(self, rejections: Iterable[Rejection]) -> None:
        for one in rejections:
            self._rejected += 1
            if self._rejected <= rejections_shown_max:
                print(f"rejected: {one.place}: {one.reason}: {one.what}", file=sys.stderr)

    def end(self) -> None:
        self.flush()
        if self._rejected > rejections_shown_max:
            print(f"rejected: {self._rejected} records in all", file=sys.stderr)
        if not self._printed:
            print("no readings", file=sys.stderr)


def checked_settings(definition: Definition, given: dict[str, str]) -> dict[str, object]:
    """The settings of a live try, as a configuration would have them; raises ``NotTried`` with every mistake."""
    told = [f"{said}\n  fix: {fix}" for _, said, fix in wrong_settings(definition, given)]
    if told:
        raise NotTried("\n".join(told))
    return dict(given)


def check_given(definition: Definition, given: dict[str, str]) -> None:
    """Settings that a replay has no use for must still be right; none of them is needed."""
    told = [f"{said}\n  fix: {fix}" for key, said, fix in wrong_settings(definition, given) if key in given]
    if told:
        raise NotTried("\n".join(told))


async def read_live(
    definition: Definition,
    source: str,
    labels: dict[str, str],
    settings: dict[str, object],
    length: timedelta,
    printer: Printer,
) -> bool:
    """Reads for ``length``; whether the system answered at all."""
    shell = _Shell(source, printer)
    setup = DriverSetup(source, settings, labels, lambda name: Path(name).read_text(encoding="utf-8"))
    try:
        driver = maker(definition)(setup)
    except ValueError as error:  # pydantic's, whose texts name the setting and never its value
        texts = [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()]  # type: ignore[attr-defined]
        raise NotTried(
            "\n".join(f"{text}\n  fix: see standardsd exporters show {definition.name}" for text in texts)
        ) from None
    try:
        async with asyncio.timeout(length.total_seconds()):
            await driver.run(shell)
    except TimeoutError:
        pass
    return shell.was_up


class _Shell:
    """A daemon that judges nothing: what is handed over is printed, and that is all."""

    def __init__(self, source: str, printer: Printer) -> None:
        self._source = source
        self._printer = printer
        self._cursor: bytes | None = None
        self.was_up = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def accept(self, batch: Batch) -> None:
        self._printer.rejected(batch.rejected)
        self._printer.readings(batch.readings)
        self._printer.flush()
        self._cursor = batch.cursor or self._cursor

    def cursor(self) -> bytes | None:
        return self._cursor

    def next_due(self) -> datetime | None:
        return None

    async def due_changed(self) -> None:
        await asyncio.Event().wait()

    def up(self) -> None:
        self.was_up = True

    def down(self, trouble: Trouble) -> None:
        print(sentence(self._source, trouble), file=sys.stderr)

    def measured(
        self, *, clock_offset_seconds: float | None = None, poll_seconds: float | None = None
    ) -> None:
        """Figures are for /metrics."""


def load_replay(definition: Definition, path: Path, chunks: Path | None) -> Recording:
    """The recording, checked; raises ``NotTried`` when it cannot be played or cannot be timed."""
    if definition.decode != "ami":
        raise NotTried(f"{definition.name}: recordings of {definition.decode} cannot be played")
    data = _file(path)
    if chunks is not None:
        try:
            return Recording(data, tuple(read_chunks(_file(chunks).splitlines(), len(data))))
        except BadChunks as error:
            fix = 'give one {"t": epoch seconds, "off": byte, "len": bytes} a line, for this very recording'
            raise NotTried(f"{chunks}: {error}\n  fix: {fix}") from None
    if (why := why_untimed(definition, data)) is not None:
        fix = (
            "record with timestampevents=yes in manager.conf, or give the times of receipt with --chunks FILE"
        )
        raise NotTried(f"{path}: {why}, so nothing says when it happened\n  fix: {fix}")
    return Recording(data, None)


def replayed(
    definition: Definition, source: str, labels: dict[str, str], recording: Recording, printer: Printer
) -> None:
    """Plays it to the end; the last line is a watermark at the last instant of the recording."""
    stream = AmiStream(definition, source, labels)
    replayer = Replayer(stream)
    if recording.chunks is None:
        played = replayer.by_stamps(recording.data)
    else:
        played = replayer.by_chunks(recording.data, recording.chunks)
    for readings in played:
        printer.readings(readings)
        refused = [Rejection(one.reason, f"byte {one.offset}", one.what) for one in replayer.refused]
        replayer.refused.clear()
        rejected = [Rejection(one.reason, f"message at byte {at}", one.what) for at, one in stream.rejected()]
        printer.rejected((*refused, *rejected))


def _file(path: Path) -> bytes:
    """The whole file, unpacked where it is gzip by its first bytes; raises ``NotTried``."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            data = (gzip.GzipFile(fileobj=file) if packed else file).read(recording_bytes_max + 1)
    except (OSError, EOFError, zlib.error) as error:
        why = (
            error.strerror if isinstance(error, OSError) and error.strerror else "it is not a whole gzip file"
        )
        raise NotTried(f"{path}: {why}\n  fix: name a file that can be read") from None
    if len(data) > recording_bytes_max:
        raise NotTried(f"{path}: more than {recording_bytes_max} bytes\n  fix: play it in parts")
    return data


def _row(reading: Reading) -> str:
    """One reading in a line for people."""

    def when(at: datetime | None) -> str:
        return "" if at is None else at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    match reading:
        case Event():
            labels = " ".join(f"{name}={value}" for name, value in sorted(reading.labels.items()))
            unsure = f" (after {when(reading.not_before)})" if reading.not_before is not None else ""
            return f"{when(reading.at)}  {reading.event:<12}  {reading.id}  {labels}{unsure}"
        case Retract():
            return f"{when(reading.at):<23}  {'retract':<12}  {reading.id}  {reading.event or 'all'}: {reading.reason}"
        case Sample():
            return f"{when(reading.at)}  {reading.name:<12}  {reading.value:g}"
        case Watermark():
            return f"{when(reading.at)}  watermark"
        case Gap():
            return f"{when(reading.until)}  gap           nothing seen since {when(reading.since)}"
