"""Opening hours of a hundred years in a few kilobytes: the distinct weeks, and in which order they follow.

``language`` has turned wall times into instants date by date; what stands here are those
instants.  Most weeks are alike, so each different one is written once.  Rules of this module:

- Everything is counted in whole seconds since ``FIRST_MONDAY``, 00:00 UTC.
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
from itertools import groupby

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)
"""A hundred years: older readings than the first day are not judged, and no promise runs beyond the last."""

FIRST_MONDAY = datetime(1999, 12, 27, tzinfo=UTC)
WEEK = 7 * 86_400
WEEKS = ((LAST_DAY - FIRST_MONDAY.date()).days // 7) + 1

TEN_YEARS = timedelta(days=3_653)
"""A calendar without an opening for so long is never open again; ten years have two or three leap days."""

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
    for week in weeks:
        number.setdefault(week, len(number))
    shapes = b"".join(
        _COUNT.pack(len(week)) + b"".join(_INTERVAL.pack(*interval) for interval in week) for week in number
    )
    runs = ((which, len(list(run))) for which, run in groupby(number[week] for week in weeks))
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
    """One week of UTC: disjoint spans in seconds after its beginning; ``before[i]``: open seconds before span i."""

    __slots__ = ("before", "ends", "starts", "total")

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self.starts = tuple(start for start, _ in spans)
        self.ends = tuple(end for _, end in spans)
        before, total = [], 0
        for start, end in spans:
            before.append(total)
            total += end - start
        self.before = tuple(before)
        self.total = total


class Hours:
    """The table of one calendar, ready for looking up; instants are seconds after ``FIRST_MONDAY``."""

    __slots__ = ("_closes", "_days_before", "_local", "_open_before", "_shapes", "holes", "total")

    def __init__(self, weeks: bytes, runs: bytes) -> None:
        shapes = _unpack(weeks)
        local = array("H")
        for which, many in _RUN.iter_unpack(runs):
            local.extend([which] * many)
        self._local = local
        self._shapes = _utc_weeks(shapes, local)
        self._open_before = array("q", [0])
        """``[w]``: open seconds before week w; one more than there are weeks."""
        for shape in self._shapes:
            self._open_before.append(self._open_before[-1] + shape.total)
        self.total = self._open_before[-1]
        self._closes = [_closes(week) for week in shapes]
        self._days_before = array("q", [0])
        """``[w]``: open days before local week w."""
        for which in local:
            self._days_before.append(self._days_before[-1] + len(self._closes[which]))
        self.holes = self._find_holes()
        """Closing and opening instant of every stretch of ten years or more that nothing opens in."""

    def open_until(self, second: int, micros: int) -> tuple[int, int]:
        """Open time before an instant, in seconds and microseconds."""
        week, within = divmod(second, WEEK)
        if week < 0:
            return 0, 0
        if week >= len(self._shapes):
            return self.total, 0
        shape = self._shapes[week]
        which = bisect_right(shape.starts, within) - 1
        if which < 0:
            return self._open_before[week], 0
        passed = self._open_before[week] + shape.before[which]
        start, end = shape.starts[which], shape.ends[which]
        return (passed + end - start, 0) if within >= end else (passed + within - start, micros)

    def earliest(self, opened: int) -> int:
        """The first second by which ``opened`` seconds (> 0, ≤ ``total``) were open: a closing, not the next opening."""
        week = bisect_left(self._open_before, opened) - 1
        shape = self._shapes[week]
        left = opened - self._open_before[week]
        which = bisect_left(shape.before, left) - 1
        return week * WEEK + shape.starts[which] + left - shape.before[which]

    def latest(self, opened: int) -> int | None:
        """The last second by which no more than ``opened`` seconds were open: an opening instant, not a closing.

        None when nothing opens after that.
        """
        if opened >= self.total:
            return None
        week = bisect_right(self._open_before, opened) - 1
        shape = self._shapes[week]
        left = opened - self._open_before[week]
        which = bisect_right(shape.before, left) - 1
        return week * WEEK + shape.starts[which] + left - shape.before[which]

    def closes_at(self, second: int) -> bool:
        """Whether it was open until this instant and is not open at it."""
        return self.is_open(second - 1) and not self.is_open(second)

    def is_open(self, second: int) -> bool:
        """Whether the second that begins here counts."""
        week, within = divmod(second, WEEK)
        if not 0 <= week < len(self._shapes):
            return False
        shape = self._shapes[week]
        which = bisect_right(shape.starts, within) - 1
        return which >= 0 and within < shape.ends[which]

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
        return week * WEEK + close

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
        hole = TEN_YEARS // timedelta(seconds=1)
        found: list[tuple[int, int]] = []
        closed = -hole  # nothing is known of the time before: asked from far enough, it never opens either
        for week, shape in enumerate(self._shapes):
            if shape.starts:
                opening = week * WEEK + shape.starts[0]
                if opening - closed >= hole:
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
                (start + shift, start + shift + length)
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
