"""Instants in order, eight bytes each: the verdicts of a quarter are kept one by one, so that a share is exact.

They are whole microseconds since 1970 (UTC), in chunks: one read late moves a few thousand
others at most, and the number up to any instant is found without walking them.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

chunk_max = 4_096
"""Instants in a chunk, 32 KiB: moving so many takes about a microsecond."""

_WIDTH = 8


def micros(at: datetime) -> int:
    """Whole microseconds since 1970 in UTC, exactly."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(us: int) -> datetime:
    """The inverse of ``micros``."""
    return EPOCH + timedelta(microseconds=us)


def span_micros(length: timedelta) -> int:
    return (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds


class Instants:
    """An ascending list in which an instant may stand several times.

    A position counts from the first instant there ever was; forgetting the oldest changes no position.
    """

    __slots__ = ("_before", "_chunks", "_gone")

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._chunks: list[array[int]] = []
        self._before: list[int] = []  # the position of each chunk's first
        self._gone = 0
        for value in sorted(values):
            self.add(value)

    def __len__(self) -> int:
        return self._end() - self._gone

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self._chunks)

    def add(self, us: int) -> None:
        chunks = self._chunks
        if not chunks or us >= chunks[-1][-1]:
            if not chunks or len(chunks[-1]) >= chunk_max:
                self._before.append(self._end())
                chunks.append(array("q"))
            chunks[-1].append(us)
            return
        place = max(0, self._chunk_of(us))
        chunk = chunks[place]
        chunk.insert(bisect_right(chunk, us), us)
        self._shift(place + 1, 1)
        if len(chunk) > chunk_max:
            half = len(chunk) // 2
            chunks[place : place + 1] = [chunk[:half], chunk[half:]]
            self._before.insert(place + 1, self._before[place] + half)

    def remove(self, us: int) -> bool:
        """Takes one such instant out; False: there is none, or it was forgotten."""
        place = self._chunk_of(us)
        if place < 0:
            return False
        chunk = self._chunks[place]
        index = bisect_left(chunk, us)
        if index == len(chunk) or chunk[index] != us:
            return False
        del chunk[index]
        self._shift(place + 1, -1)
        if not chunk:
            del self._chunks[place], self._before[place]
        return True

    def up_to(self, us: int) -> int:
        """How many there ever were at or before this instant: the position after the last of them."""
        chunks = self._chunks
        if not chunks:
            return self._gone
        last = chunks[-1]
        if us >= last[0]:  # most are asked of what is lately
            return self._before[-1] + (len(last) if us >= last[-1] else bisect_right(last, us))
        place = self._chunk_of(us)
        return self._gone if place < 0 else self._before[place] + bisect_right(chunks[place], us)

    def at(self, position: int) -> int | None:
        """The instant at a position; None: forgotten, or not there yet."""
        if not self._gone <= position < self._end():
            return None
        place = bisect_right(self._before, position) - 1
        return self._chunks[place][position - self._before[place]]

    def forget(self, us: int) -> None:
        """Lets go of chunks that lie wholly at or before this instant."""
        old = 0
        while old < len(self._chunks) and self._chunks[old][-1] <= us:
            old += 1
        if old:
            self._gone = self._before[old] if old < len(self._before) else self._end()
            del self._chunks[:old], self._before[:old]

    def pack(self) -> bytes:
        """Little-endian, eight bytes each; the same on every machine."""
        return b"".join(struct.pack(f"<{len(chunk)}q", *chunk) for chunk in self._chunks)

    @classmethod
    def unpack(cls, packed: bytes) -> Instants:
        """The inverse of ``pack``.  ValueError: this is no such list."""
        count, rest = divmod(len(packed), _WIDTH)
        if rest:
            raise ValueError(f"{len(packed)} bytes are no list of instants")
        values = struct.unpack(f"<{count}q", packed)
        if any(map(int.__gt__, values, values[1:])):
            raise ValueError("instants out of order")
        made = cls()
        for first in range(0, count, chunk_max):
            made._chunks.append(array("q", values[first : first + chunk_max]))
            made._before.append(first)
        return made

    def _end(self) -> int:
        return self._before[-1] + len(self._chunks[-1]) if self._chunks else self._gone

    def _chunk_of(self, us: int) -> int:
        """The last chunk that begins at or before this instant; -1: none does."""
        return bisect_right(self._chunks, us, key=_first) - 1

    def _shift(self, place: int, by: int) -> None:
        for later in range(place, len(self._before)):
            self._before[later] += by


def _first(chunk: array[int]) -> int:
    return chunk[0]
