"""Opening hours of a hundred years in a few kilobytes: the distinct weeks, and in which order they follow.

``language`` has turned wall times into instants date by date; what stands here are those
instants.  Most weeks are alike, so each different one is written once.  Rules of this module:

- Instants are microseconds since ``FIRST_MONDAY``, 00:00 UTC; openings and closings are whole seconds.
- A week of ``weeks`` is a local one: an interval stands in the week, and at the weekday, of the
  local date on which it starts, wherever that puts it in UTC.
- The table for looking up is cut into weeks of UTC; there, overlapping and touching intervals are one.
- ``FIRST_DAY`` to ``LAST_DAY`` are materialised.  Outside of them nothing is open.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, groupby

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)
"""A hundred years: older readings than the first day are not judged, and no promise runs beyond the last."""

FIRST_MONDAY = datetime(1999, 12, 27, tzinfo=UTC)
_MICROS = 1_000_000
WEEK = 7 * 86_400 * _MICROS
WEEKS = ((LAST_DAY - FIRST_MONDAY.date()).days // 7) + 1

TEN_YEARS = timedelta(days=3_653)
"""A calendar without an opening for so long is never open again; ten years have two or three leap days."""
_HOLE = TEN_YEARS // timedelta(microseconds=1)

length_max = 36 * 3_600
"""Seconds of one interval: a local day has at most 25 hours, Apia's and its like included."""

_COUNT = struct.Struct("<H")
_INTERVAL = struct.Struct("<BiI")
_RUN = struct.Struct("<HH")

Interval = tuple[int, int, int]
"""Weekday of its local date (0 is Monday), opening in seconds after the local Monday's 00:00 read as UTC, length."""

LocalWeek = tuple[Interval, ...]
"""The intervals that start in one local week, in order of weekday and opening."""


def pack(weeks: Sequence[LocalWeek]) -> tuple[bytes, bytes]:
    """The distinct weeks and the runs of them; equal hours give equal bytes on every machine."""
    assert len(weeks) == WEEKS, f"{len(weeks)} weeks instead of {WEEKS}"
    number: dict[LocalWeek, int] = {}
    known: dict[int, int] = {}  # most weeks are the very same object, and looking at that is much quicker
    order = array("H")
    for week in weeks:
        which = known.get(id(week))
        if which is None:
            which = known[id(week)] = number.setdefault(week, len(number))
        order.append(which)
    shapes = b"".join(
        _COUNT.pack(len(week)) + b"".join(_INTERVAL.pack(*interval) for interval in week) for week in number
    )
    runs = ((which, len(list(run))) for which, run in groupby(order))
    return shapes, b"".join(_RUN.pack(which, many) for which, many in runs)


def _unpack(packed: bytes) -> list[LocalWeek]:
    found: list[LocalWeek] = []
    at = 0
    while at < len(packed):
        (count,) = _COUNT.unpack_from(packed, at)
        at += _COUNT.size
        end = at + count * _INTERVAL.size
        found.append(tuple(_INTERVAL.iter_unpack(packed[at:end])))
        at = end
    return found


class Shape:
    """One week of UTC: disjoint spans after its beginning; ``before[i]``: open time before span i."""

    __slots__ = ("before", "ends", "starts", "total")

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self.starts = tuple(start for start, _ in spans)
        self.ends = tuple(end for _, end in spans)
        *self.before, self.total = accumulate((end - start for start, end in spans), initial=0)


class Hours:
    """The table of one calendar, ready for looking up; instants and open time are in microseconds."""

    __slots__ = ("_closes", "_days_before", "_local", "_open_before", "_shapes", "holes", "total")

    def __init__(self, weeks: bytes, runs: bytes) -> None:
        shapes = _unpack(weeks)
        local = array("H")
        for which, many in _RUN.iter_unpack(runs):
            local.extend([which] * many)
        self._local = local
        self._shapes = _utc_weeks(shapes, local)
        # Open microseconds before each week, and one more for the end.
        self._open_before = array("q", accumulate((shape.total for shape in self._shapes), initial=0))
        self.total = self._open_before[-1]
        self._closes = [_closes(week) for week in shapes]
        # Open days before each local week, and one more for the end.
        self._days_before = array("q", accumulate((len(self._closes[which]) for which in local), initial=0))
        self.holes = self._find_holes()

    def open_until(self, at: int) -> int:
        """Open time before an instant."""
        week, within = divmod(at, WEEK)
        if not 0 <= week < WEEKS:
            return 0 if week < 0 else self.total
        shape = self._shapes[week]
        which = bisect_right(shape.starts, within) - 1
        if which < 0:
            return self._open_before[week]
        passed = min(within, shape.ends[which]) - shape.starts[which]
        return self._open_before[week] + shape.before[which] + passed

    def earliest(self, opened: int) -> int | None:
        """The first instant by which so much (> 0) was open: a closing, not the next opening.  None: it never is."""
        if opened > self.total:
            return None
        week = bisect_left(self._open_before, opened) - 1
        shape = self._shapes[week]
        left = opened - self._open_before[week]
        which = bisect_left(shape.before, left) - 1
        return week * WEEK + shape.starts[which] + left - shape.before[which]

    def latest(self, opened: int) -> int | None:
        """The last instant by which no more than this was open: an opening, not the closing before.

        None when nothing opens after that.
        """
        if opened >= self.total:
            return None
        week = bisect_right(self._open_before, opened) - 1
        shape = self._shapes[week]
        left = opened - self._open_before[week]
        which = bisect_right(shape.before, left) - 1
        return week * WEEK + shape.starts[which] + left - shape.before[which]

    def closes_at(self, at: int) -> bool:
        """Whether it was open until this instant and is not open at it."""
        return self.is_open(at - 1) and not self.is_open(at)

    def is_open(self, at: int) -> bool:
        """Whether the microsecond that begins here counts."""
        week, within = divmod(at, WEEK)
        if not 0 <= week < WEEKS:
            return False
        shape = self._shapes[week]
        which = bisect_right(shape.starts, within) - 1
        return which >= 0 and within < shape.ends[which]

    def never(self, start: int, until: int) -> bool:
        """Whether ten years or more without an opening lie between the two."""
        return any(
            opening < until and opening - max(closing, start) >= _HOLE for closing, opening in self.holes
        )

    def open_days_before(self, day: int) -> int:
        """How many open days there are before a local day; days count from the first Monday's date."""
        week, weekday = divmod(day, 7)
        if week < 0:
            return 0
        if week >= len(self._local):
            return self._days_before[-1]
        return self._days_before[week] + sum(of < weekday for of, _ in self._closes[self._local[week]])

    def close_of(self, which: int) -> int | None:
        """When the open day with this number (from 0) closes; None: there are not so many."""
        if which >= self._days_before[-1]:
            return None
        week = bisect_right(self._days_before, which) - 1
        _, close = self._closes[self._local[week]][which - self._days_before[week]]
        return week * WEEK + close * _MICROS

    def spans(self) -> list[tuple[int, int]]:
        """Every span between a closing and the next opening, made out; for tests and people, not for judging."""
        found: list[tuple[int, int]] = []
        for week, shape in enumerate(self._shapes):
            for start, end in zip(shape.starts, shape.ends, strict=True):
                start, end = week * WEEK + start, week * WEEK + end
                if found and found[-1][1] == start:
                    found[-1] = (found[-1][0], end)
                else:
                    found.append((start, end))
        return found

    def _find_holes(self) -> tuple[tuple[int, int], ...]:
        """Closing and opening instant of every stretch of ten years or more in which nothing opens."""
        found: list[tuple[int, int]] = []
        closed = -_HOLE  # nothing opens before the table begins: asked from long ago, it never opens either
        for week, shape in enumerate(self._shapes):
            if shape.starts:
                opening = week * WEEK + shape.starts[0]
                if opening - closed >= _HOLE:
                    found.append((closed, opening))
                closed = week * WEEK + shape.ends[-1]
        return tuple(found)


@lru_cache(maxsize=4_000)
def hours(weeks: bytes, runs: bytes) -> Hours:
    """The table, made once for each calendar however many standards carry it; 50 to 200 kB each."""
    return Hours(weeks, runs)


def _utc_weeks(shapes: list[LocalWeek], local: Sequence[int]) -> list[Shape]:
    """The weeks of UTC.  Each is made of a local week and its neighbours, and most neighbourhoods are alike."""
    made: dict[tuple[int, int, int], Shape] = {}
    found: list[Shape] = []
    none = len(shapes)
    around = [none, *local, none]
    for three in zip(around, around[1:], around[2:], strict=False):
        shape = made.get(three)
        if shape is None:
            spans = [
                (start * _MICROS + shift, (start + length) * _MICROS + shift)
                for which, shift in zip(three, (-WEEK, 0, WEEK), strict=True)
                for _, start, length in (shapes[which] if which < none else ())
            ]
            shape = made[three] = Shape(_merged(spans))
        found.append(shape)
    return found


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut to one week, in order, overlapping and touching ones united."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((max(start, 0), min(end, WEEK)) for start, end in spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _closes(week: LocalWeek) -> tuple[tuple[int, int], ...]:
    """Weekday and closing instant of every open day of a local week."""
    closes: dict[int, int] = {}
    for weekday, start, length in week:
        closes[weekday] = max(closes.get(weekday, start + length), start + length)
    return tuple(sorted(closes.items()))
