"""Measured times in buckets: how long things took, beside whether they were in time."""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta

from msgspec import Struct

from standardsd.model.measure import FromTo, TimeIn
from standardsd.model.promise import Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.snapshot import Histogram
from standardsd.model.standard import Standard

EDGES_OF_LIMIT = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Edges as parts of the limit; one lies exactly on it."""

EDGES_OF_GRID = (0.5, 1.0, 2.0)
"""The same for each row of a grid, so that its limits are edges, every one."""

EDGES_WITHOUT_LIMIT = tuple(
    part.total_seconds()
    for part in (
        *(timedelta(minutes=m) for m in (1, 5, 15, 30)),
        *(timedelta(hours=h) for h in (1, 2, 4, 8)),
        *(timedelta(days=d) for d in (1, 2, 5, 10)),
    )
)
"""Where the limit is a wall time or a number of days, which is not one time for all."""


class Measured(Struct):
    """``counts[i]``: measures ≤ ``edges[i]`` and > the edge before; one more count for the rest.  Seconds."""

    edges: tuple[float, ...]
    counts: list[int]
    sum: float

    @classmethod
    def empty(cls, edges: tuple[float, ...]) -> Measured:
        return cls(edges, [0] * (len(edges) + 1), 0.0)

    def observe(self, seconds: float) -> None:
        """Into the first bucket whose edge is ≥ the measure; an early arrival (negative) into the first."""
        self.counts[bisect_left(self.edges, seconds)] += 1
        self.sum += seconds

    def histogram(self) -> Histogram:
        return Histogram(self.edges, tuple(self.counts), self.sum)


def edges_of(standard: Standard) -> tuple[float, ...]:
    """Seconds, ascending, to the microsecond; empty where no time is measured."""
    if not isinstance(standard.measure, FromTo | TimeIn):
        return ()
    promise = standard.promise
    if isinstance(promise, Grid):
        rows = [*promise.rows.values(), *([] if promise.other is None else [promise.other])]
        return tuple(sorted({edge for row in rows for edge in _edges(row, EDGES_OF_GRID)}))
    return _edges(promise, EDGES_OF_LIMIT)


def _edges(promise: Simple, parts: tuple[float, ...]) -> tuple[float, ...]:
    match promise:
        case Promise(limit=limit):
            return _parts(limit.total_seconds(), parts)
        case Between(lowest=lowest, highest=highest):
            # Both edges of what is kept, the middle of it, and as much again on either side.
            low, high = lowest.total_seconds(), highest.total_seconds()
            wide = high - low
            return tuple(
                sorted({low - wide, low, round(low + wide / 2, 6), high, high + wide, high + 4 * wide})
            )
        case OpenDays() | Until():
            return EDGES_WITHOUT_LIMIT
        case Limits():
            return ()


def _parts(limit: float, parts: tuple[float, ...]) -> tuple[float, ...]:
    """The limit itself is one of them, exactly."""
    return tuple(limit if part == 1 else round(part * limit, 6) for part in parts)
