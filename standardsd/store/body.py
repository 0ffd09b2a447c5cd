"""One journal row's body: NDJSON, compressed with zlib.

Line 0 is the input's head (everything but the readings); line n + 1 is reading n.  So
the journal can be read with ordinary tools, one interaction's lines can be picked by
their ordinals, and zlib's checksum tells damage.
"""

from __future__ import annotations

import math
import zlib

import msgspec
from msgspec import Struct

from standardsd.model.reading import Event, Reading, Sample
from standardsd.store.entries import Input, ReadingsInput, RejectedRecord, RulesInput, TickInput, readings_max

level = 1
"""The quickest.  Readings shrink to a sixth all the same."""

body_bytes_max = 256 * 2**20
"""Of one body, inflated.  100,000 readings of 500 bytes are 50 MB; a damaged row must not fill memory."""


class ReadingsHead(Struct, frozen=True, tag="readings", omit_defaults=True):
    source: str
    count: int
    cursor: bytes | None = None
    key: str | None = None
    rejected: tuple[RejectedRecord, ...] = ()
    refused: tuple[int, ...] = ()


Head = ReadingsHead | TickInput | RulesInput

_encoder = msgspec.json.Encoder()
_head: msgspec.json.Decoder[Head] = msgspec.json.Decoder(Head)
_reading: msgspec.json.Decoder[Reading] = msgspec.json.Decoder(Reading)
_readings = msgspec.json.Decoder(list[Reading])


class BodyDamaged(Exception):
    """The bytes are not what ``pack`` made."""


def pack(taken: Input) -> bytes:
    """The compressed body.  Numbers that JSON has no word for, or a batch beyond the maxima: ValueError."""
    if not isinstance(taken, ReadingsInput):
        return _compressed(_encoder.encode(taken))
    if len(taken.readings) > readings_max:
        raise ValueError(
            f"{taken.source}: {len(taken.readings)} readings in one batch; at most {readings_max}"
        )
    for reading in taken.readings:
        _must_be_finite(reading)
    head = ReadingsHead(
        taken.source, len(taken.readings), taken.cursor, taken.key, taken.rejected, taken.refused
    )
    return _compressed(_encoder.encode_lines((head, *taken.readings)).rstrip(b"\n"))


def unpack(body: bytes) -> Input:
    """What ``pack`` was given.  Raises BodyDamaged."""
    first, *rest = lines(body)
    try:
        head = _head.decode(first)
        if not isinstance(head, ReadingsHead):
            return head
        readings = tuple(_readings.decode(b"[" + b",".join(rest) + b"]"))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BodyDamaged(str(error)) from error
    if len(readings) != head.count:
        raise BodyDamaged(f"{len(readings)} readings where {head.count} were written")
    return ReadingsInput(
        source=head.source,
        readings=readings,
        cursor=head.cursor,
        key=head.key,
        rejected=head.rejected,
        refused=head.refused,
    )


def lines(body: bytes) -> list[bytes]:
    """The head's line, then one a reading.  Raises BodyDamaged."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(body, body_bytes_max)
    except zlib.error as error:
        raise BodyDamaged(str(error)) from error
    if not inflater.eof:
        raise BodyDamaged(f"it ends early or is longer than {body_bytes_max} bytes")
    return text.split(b"\n")


def reading_at(all_lines: list[bytes], ordinal: int) -> Reading:
    """Reading ``ordinal``, from 0.  Raises BodyDamaged."""
    try:
        return _reading.decode(all_lines[ordinal + 1])
    except (msgspec.MsgspecError, UnicodeDecodeError, IndexError) as error:
        raise BodyDamaged(str(error)) from error


def _compressed(text: bytes) -> bytes:
    if len(text) > body_bytes_max:
        raise ValueError(f"a journal row of {len(text)} bytes; at most {body_bytes_max}")
    return zlib.compress(text, level)


def _must_be_finite(reading: Reading) -> None:
    """JSON would turn ``nan`` and ``inf`` into null, and the row could never be read again."""
    if isinstance(reading, Event):
        if reading.values and not all(map(math.isfinite, reading.values.values())):
            raise ValueError(
                f"{reading.source}: {reading.kind} {reading.id}: {reading.values} has no finite value"
            )
    elif isinstance(reading, Sample) and not math.isfinite(reading.value):
        raise ValueError(
            f"{reading.source}: sample {reading.name} is {reading.value}, which is no finite value"
        )
