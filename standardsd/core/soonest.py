"""Keys in an order that changes all the time, of which only the first few are ever asked for."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

sweep_above = 64
"""A heap shorter than this is never swept: sweeping costs more than it saves."""


class Soonest(Generic[Key]):
    """Each key has one rank, anything that can be compared; lower ranks come first, equal ones as they came."""

    __slots__ = ("_heap", "_live", "_order")

    def __init__(self) -> None:
        self._live: dict[Key, Any] = {}
        self._heap: list[tuple[Any, int, Key]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, key: Key) -> bool:
        return key in self._live

    def set(self, key: Key, rank: Any) -> None:
        if self._live.get(key) == rank:
            return
        self._live[key] = rank
        self._order += 1  # ties are broken by arrival, never by comparing keys
        heapq.heappush(self._heap, (rank, self._order, key))
        self._sweep()

    def drop(self, key: Key) -> None:
        if self._live.pop(key, None) is not None:
            self._sweep()

    def first(self) -> Any | None:
        """The lowest rank; None: there is no key."""
        heap = self._heap
        while heap and self._live.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def first_key(self) -> Key | None:
        return None if self.first() is None else self._heap[0][2]

    def firsts(self, count: int) -> list[Key]:
        """The first ``count`` keys in order, without touching the others."""
        heap = self._heap
        found: dict[Key, None] = {}
        ahead = [(heap[0], 0)] if heap else []
        while ahead and len(found) < count:
            entry, place = heapq.heappop(ahead)
            if self._live.get(entry[2]) == entry[0]:
                found[entry[2]] = None
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(heap):
                    heapq.heappush(ahead, (heap[child], child))
        return list(found)

    def _sweep(self) -> None:
        if len(self._heap) > sweep_above + 2 * len(self._live):
            self._heap = [entry for entry in self._heap if self._live.get(entry[2]) == entry[0]]
            heapq.heapify(self._heap)
