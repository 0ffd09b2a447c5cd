"""The one structure of due instants.

Everything that must be looked at again at some instant stands here, once: in the
lane of each source whose watermark is waited for, or in the lane of the wall clock.
Setting an instant anew replaces the old one; what was replaced is skipped when it
comes up and swept out when it outnumbers what is live.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from datetime import datetime
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

SWEEP_ABOVE = 64
"""A lane shorter than this is never swept: sweeping costs more than it saves."""


class Lane(Generic[Key]):
    """Keys by instant.  One key stands at one instant at most."""

    __slots__ = ("_heap", "_live", "_order")

    def __init__(self) -> None:
        self._live: dict[Key, datetime] = {}
        self._heap: list[tuple[datetime, int, Key]] = []
        self._order = 0

    def set(self, key: Key, at: datetime | None) -> None:
        """Look at ``key`` at ``at``; None: not any more."""
        if at is None:
            self._live.pop(key, None)
        elif self._live.get(key) != at:
            self._live[key] = at
            self._order += 1  # ties in the heap are broken by arrival, never by comparing keys
            heapq.heappush(self._heap, (at, self._order, key))
        if len(self._heap) > SWEEP_ABOVE + 2 * len(self._live):
            self._heap = [entry for entry in self._heap if self._live.get(entry[2]) == entry[0]]
            heapq.heapify(self._heap)

    def first(self) -> datetime | None:
        """The earliest live instant."""
        heap = self._heap
        while heap and self._live.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def reached(self, now: datetime) -> Iterator[Key]:
        """Takes out and yields every key whose instant is ≤ ``now``, earliest first."""
        while (at := self.first()) is not None and at <= now:
            key = heapq.heappop(self._heap)[2]
            del self._live[key]
            yield key

    def __len__(self) -> int:
        return len(self._live)


WallKey = TypeVar("WallKey", bound=Hashable)
CaseKey = TypeVar("CaseKey", bound=Hashable)


class Dues(Generic[WallKey, CaseKey]):
    """All lanes: one for the wall clock, one a source."""

    __slots__ = ("_sources", "wall")

    def __init__(self) -> None:
        self.wall: Lane[WallKey] = Lane()
        self._sources: dict[str, Lane[CaseKey]] = {}

    def of(self, source: str) -> Lane[CaseKey]:
        """The lane of this source's watermark."""
        lane = self._sources.get(source)
        if lane is None:
            lane = self._sources[source] = Lane()
        return lane

    def next_wakeup(self) -> datetime | None:
        """The earliest instant of the wall clock at which something may be decided."""
        return self.wall.first()

    def next_due(self, source: str) -> datetime | None:
        """The earliest instant at which this source's watermark is waited for."""
        lane = self._sources.get(source)
        return None if lane is None else lane.first()
