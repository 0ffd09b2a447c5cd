"""Readings and decisions as NDJSON: one JSON object a line, in UTF-8.

The one door for lines from outside: ``POST /v1/readings``, files, pipes, ``standardsd judge``.
A line becomes a reading or a ``LineError`` that names the line and what to write instead;
nothing in it can raise.  Instants with any offset become UTC here, in every field that has one.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches

import msgspec
from msgspec.structs import replace

from standardsd.mapping.line_errors import REASONS, LineError, Wrong, echo, explain, stands_twice
from standardsd.model.decision import Decision
from standardsd.model.reading import Event, Gap, Labels, Reading, Retract, Sample
from standardsd.model.vocabulary import Vocabulary

__all__ = ["REASONS", "LineError", "read_line", "read_lines", "write_decision", "write_line"]

line_bytes_max = 64 * 1024  # a reading with every label at its longest fits in half of this
body_lines_max = 100_000  # a full body of 8 MiB holds about 80,000 real readings; more lines are noise
labels_max = 64  # labels, or values, of one reading
name_chars_max = 128  # name of a label or value
text_chars_max = 1024  # value of a label, and the reason of a retract

instant_min = datetime(1970, 1, 1, tzinfo=UTC)  # a clock that was never set says 1970; earlier is broken
instant_max = datetime(9000, 1, 1, tzinfo=UTC)  # exclusive; leaves room to add any limit to an instant
seq_max = 2**63 - 1  # stores keep it in eight bytes

_decoder: msgspec.json.Decoder[Reading] = msgspec.json.Decoder(Reading)
_encoder = msgspec.json.Encoder(order="deterministic")


def read_line(
    line: bytes, *, place: str | None = None, number: int = 1, vocabulary: Vocabulary | None = None
) -> Reading | LineError:
    """The reading on this line, or why there is none.

    A line of exactly ``line_bytes_max`` bytes (blanks around it not counted) is still read.
    ``number`` is its number, from 1; ``place`` what people call it, ``line <number>`` if not given.
    With a ``vocabulary``, kinds and events it does not know are refused.  An empty line is an error
    here; ``read_lines`` passes over it.  Of a key that stands twice the last one counts, as in most
    JSON readers; where the line is wrong, that key is what is told.  Before line 1 a UTF-8 byte order mark
    is passed over: editors write it unasked.
    """
    try:
        return _read((line.removeprefix(BOM_UTF8) if number == 1 else line).strip(), vocabulary)
    except Wrong as wrong:
        return LineError(number, place or f"line {number}", wrong.reason, wrong.what, wrong.fix)


def read_lines(
    body: bytes, *, vocabulary: Vocabulary | None = None, first_line: int = 1
) -> tuple[list[Reading], list[LineError]]:
    """Every reading of a body and every line that is none, both in order.

    Blank lines are passed over but counted.  The last line needs no line end.  Past
    ``body_lines_max`` lines the rest is refused with one error at the first line not read.
    ``first_line``: number of the body's first line, for a body read in pieces.
    """
    readings: list[Reading] = []
    errors: list[LineError] = []
    for number, line in enumerate(_split(body), first_line):
        if number - first_line >= body_lines_max:
            what = f"more than {body_lines_max} lines; from here on nothing was read"
            fix = f"send at most {body_lines_max} lines at once"
            errors.append(LineError(number, f"line {number}", "too_many_lines", what, fix))
            break
        if not line.strip():
            continue
        read = read_line(line, number=number, vocabulary=vocabulary)
        if isinstance(read, LineError):
            errors.append(read)
        else:
            readings.append(read)
    return readings, errors


def write_line(reading: Reading) -> bytes:
    """One line of NDJSON with its line end; labels are sorted, so equal readings give equal bytes."""
    return _encoder.encode(reading) + b"\n"


def write_decision(decision: Decision) -> bytes:
    """One line of NDJSON with its line end, in the shape of STANDARDS.md §3."""
    return _encoder.encode(decision) + b"\n"


def _split(body: bytes) -> Iterator[bytes]:
    """Lines one at a time, so that a body of nothing but line ends costs no memory."""
    began = 0
    while began < len(body):
        end = body.find(b"\n", began)
        if end < 0:
            end = len(body)
        yield body[began:end]
        began = end + 1


def _read(line: bytes, vocabulary: Vocabulary | None) -> Reading:
    if not line:
        raise Wrong("empty_line", "the line is empty", "write one reading as a JSON object")
    if len(line) > line_bytes_max:
        what = f"the line has {len(line)} bytes; the most is {line_bytes_max}"
        raise Wrong("line_too_long", what, "write one reading a line, and nothing but the reading")
    reading = _decode(line)
    if isinstance(reading, Event):
        reading = _right_event(reading)
    elif isinstance(reading, Gap):
        reading = _right_gap(reading)
    elif isinstance(reading, Retract):
        reading = _right_retract(reading)
    else:
        at = _in_utc(reading.at, "at")
        reading = reading if at is reading.at else replace(reading, at=at)
        if isinstance(reading, Sample):
            _right_labels(reading.labels)
    # JSON can carry a control character only behind a backslash, or as a raw DEL.
    if b"\\" in line or b"\x7f" in line:
        _no_control_characters(reading)
    if vocabulary is not None and isinstance(reading, Event | Retract):
        _known(reading, vocabulary)
    return reading


def _decode(line: bytes) -> Reading:
    try:
        return _decoder.decode(line)
    except UnicodeDecodeError:
        raise _not_utf8() from None
    except RecursionError:
        fix = "a reading has no lists, and objects only as 'labels' and 'values'"
        raise Wrong("too_deep", "the line is nested too deep", fix) from None
    except msgspec.DecodeError as error:  # a ValidationError is one, too
        # The decoder stumbles over the first sign of UTF-16 before it could say what that is.
        if not _is_utf8(line):
            raise _not_utf8() from None
        raise stands_twice(line) or explain(str(error)) from None


def _is_utf8(line: bytes) -> bool:
    """Neither bytes that are none, nor the NULs between the letters of UTF-16: JSON has no raw NUL."""
    try:
        return "\0" not in line.decode()
    except UnicodeDecodeError:
        return False


def _not_utf8() -> Wrong:
    return Wrong(
        "not_utf8", "the line is not UTF-8", "save or send the readings as UTF-8, not as UTF-16 or Latin-1"
    )


def _right_event(event: Event) -> Event:
    at = _in_utc(event.at, "at")
    if at is not event.at:
        event = replace(event, at=at)
    if event.not_before is not None:
        not_before = _in_utc(event.not_before, "not_before")
        if not_before > at:
            what = f"'not_before' {not_before.isoformat()} is after 'at' {at.isoformat()}"
            raise Wrong("order", what, "it happened after 'not_before' and no later than 'at'; swap them")
        event = replace(event, not_before=not_before)
    if abs(event.seq) > seq_max:
        what = "'seq' does not fit in 64 bits"
        raise Wrong("number_out_of_range", what, "write a whole number between -2^63 and 2^63")
    if event.labels:
        _right_labels(event.labels)
    if len(event.values) > labels_max:
        what = f"{len(event.values)} values; the most is {labels_max}"
        raise Wrong("too_many_labels", what, "send fewer values")
    for name in event.values:
        _right_name(name, "value")
    return event


def _right_gap(gap: Gap) -> Gap:
    since, until = _in_utc(gap.since, "from"), _in_utc(gap.until, "to")
    if since > until:
        what = f"'from' {since.isoformat()} is after 'to' {until.isoformat()}"
        raise Wrong("order", what, "a gap runs from the earlier instant to the later; swap them")
    return replace(gap, since=since, until=until)


def _right_retract(retract: Retract) -> Retract:
    if not retract.reason:  # nobody could tell later why a verdict went
        raise Wrong(
            "missing_field", "the field 'reason' is missing or empty", "add 'reason', such as 'test call'"
        )
    if len(retract.reason) > text_chars_max:
        raise Wrong("too_long", f"'reason' is longer than {text_chars_max} characters", "shorten it")
    if retract.at is None:
        return retract
    return replace(retract, at=_in_utc(retract.at, "at"))


def _in_utc(instant: datetime, field: str) -> datetime:
    """The same instant in UTC (the very object, if it is there already), in [instant_min, instant_max)."""
    try:
        inside = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    except OverflowError:  # 0001-01-01T00:00:00+02:00 is before the first year
        inside = None
    if inside is None or not instant_min <= inside < instant_max:
        what = f"'{field}' is an instant out of range: it must not be before 1970 or after 8999"
        fix = "set the clock of the source, and send the instant at which it really happened"
        raise Wrong("instant_out_of_range", what, fix)
    return inside


def _right_labels(labels: Labels) -> None:
    if len(labels) > labels_max:
        raise Wrong("too_many_labels", f"{len(labels)} labels; the most is {labels_max}", "send fewer labels")
    for name, value in labels.items():
        _right_name(name, "label")
        if len(value) > text_chars_max:
            what = f"the label '{echo(name)}' is longer than {text_chars_max} characters"
            raise Wrong("too_long", what, "labels are names to group by, not texts; shorten it")


def _right_name(name: str, what: str) -> None:
    if not name:
        raise Wrong("empty_field", f"a {what} has an empty name", "name it, or leave it out")
    if len(name) > name_chars_max:
        raise Wrong(
            "too_long", f"the name of a {what} is longer than {name_chars_max} characters", "shorten it"
        )


def _no_control_characters(reading: Reading) -> None:
    """They would break log lines and terminals, and databases refuse NUL."""
    for field in reading.__struct_fields__:
        value = getattr(reading, field)
        texts = [value] if isinstance(value, str) else []
        if isinstance(value, dict):
            texts = [*value, *(text for text in value.values() if isinstance(text, str))]
        if any(ord(c) < 32 or ord(c) == 127 for text in texts for c in text):
            raise Wrong("control_character", f"'{field}' holds a control character", "leave it out")


def _known(reading: Event | Retract, vocabulary: Vocabulary) -> None:
    kind = vocabulary.get(reading.kind)
    if kind is None:
        what = f"the kind '{echo(reading.kind)}' is unknown"
        fix = f"{_offer(reading.kind, tuple(vocabulary))}; a rule file's `vocabulary:` adds kinds"
        raise Wrong("unknown_kind", what, fix)
    if reading.event is not None and not kind.knows(reading.event):
        what = f"'{echo(reading.event)}' is no event of kind '{kind.name}'"
        raise Wrong("unknown_event", what, _offer(reading.event, kind.all_events()))


def _offer(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(known)}"
