"""Calendars → opening intervals as instants, date by date, from 2000 to 2099.

Rules of this module:

- An interval belongs to the local date on which it starts; a closed day, a holiday or a day with
  times of its own drops the intervals that start on it, and no others.
- A wall time that does not exist is moved later by the gap; one that exists twice means its first.
- What does not lie on its local date after that is dropped, and so is what is empty; only then do
  overlaps merge.
- Real seconds count: "00:00-24:00" is the whole local day, be it of 23 or 25 hours.

Away from a change of the offset a week is a matter of adding; only the days around one are
looked up one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from msgspec.structs import replace

from standardsd.model.calendar import Calendar, Times
from standardsd.model.clock import OpenHours
from standardsd.model.weeks import FIRST_DAY, FIRST_MONDAY, LAST_DAY, WEEKS, Interval, LocalWeek, pack
from standardsd.model.zone import Zone

DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MONDAY = FIRST_MONDAY.date()
_FIRST = (FIRST_DAY - _MONDAY).days
_LAST = (LAST_DAY - _MONDAY).days

LONG_CHANGE = timedelta(hours=12)
"""A longer one moves the date line, and leaves out a day: Apia's and Fakaofo's 2011-12-30."""


@lru_cache(maxsize=4_000)
def materialise(calendar: Calendar) -> OpenHours:
    """The calendar's opening hours; equal calendars give equal bytes, and are made once whatever they are called."""
    weeks, runs = _packed(replace(calendar, name="", made_from=()))
    return OpenHours(calendar.name, weeks, runs, calendar.zone, calendar.made_from)


@lru_cache(maxsize=4_000)
def _packed(calendar: Calendar) -> tuple[bytes, bytes]:
    weekly = calendar.weekly
    special = special_days(calendar)
    by_week: dict[int, dict[int, Times]] = {}
    for day, times in special.items():
        if FIRST_DAY <= day <= LAST_DAY:
            week, weekday = divmod((day - _MONDAY).days, 7)
            by_week.setdefault(week, {})[weekday] = times
    for edge in (*range(_FIRST), *range(_LAST + 1, WEEKS * 7)):
        by_week.setdefault(edge // 7, {})[edge % 7] = ()
    offsets = _offsets(calendar.zone)
    made: dict[tuple[int, tuple[Times, ...]], LocalWeek] = {}
    weeks: list[LocalWeek] = []
    for week, offset in enumerate(offsets):
        own = by_week.get(week)
        days = weekly if own is None else tuple([own.get(at, weekly[at]) for at in range(7)])
        if offset is None:
            weeks.append(_looked_up(calendar.zone, week, days))
            continue
        known = made.get((offset, days))
        if known is None:
            known = made[offset, days] = _added_up(offset, days)
        weeks.append(known)
    return pack(weeks)


def special_days(calendar: Calendar) -> dict[date, Times]:
    """The days that do not go by the week, and their times: ``closed`` beats ``instead``, which beats a holiday."""
    days: dict[date, Times] = dict.fromkeys(calendar.holidays, ())
    days.update(calendar.instead)
    days.update(dict.fromkeys(calendar.closed, ()))
    return days


def opens_on(calendar: Calendar, day: date, special: Mapping[date, Times]) -> bool:
    """Whether an interval that is not empty starts on this local date."""
    times = special.get(day, calendar.weekly[day.weekday()])
    return bool(_instants(calendar.zone, day, times))


def first_opening(calendar: Calendar) -> date | None:
    """The first day on which it opens at all; None: it never does."""
    return _seek(calendar, FIRST_DAY, DAY)


def last_opening(calendar: Calendar) -> date | None:
    """The last day on which it opens; None: it never does."""
    return _seek(calendar, LAST_DAY, -DAY)


def _seek(calendar: Calendar, day: date, step: timedelta) -> date | None:
    special = special_days(calendar)
    while FIRST_DAY <= day <= LAST_DAY:
        if opens_on(calendar, day, special):
            return day
        day += step
    return None


@lru_cache(maxsize=1_000)
def _turning(zone: Zone) -> frozenset[int]:
    """The days, counted from the first Monday, whose intervals may meet a change of the offset.

    That is the day of the change and the one before, whose night runs into it; one more where a day is left out.
    """
    found: set[int] = set()
    for at in zone.changes():
        day = (zone.date_of(at) - _MONDAY).days
        long = abs(zone.offset_of(at) - zone.offset_of(at - _SECOND)) >= LONG_CHANGE
        found.update(range(day - (2 if long else 1), day + 1))
    return frozenset(found)


@lru_cache(maxsize=1_000)
def _offsets(zone: Zone) -> tuple[int | None, ...]:
    """Seconds east of UTC in each week; None where some of its days must be looked up."""
    turning = {day // 7 for day in _turning(zone)}
    found: list[int | None] = []
    offset: int | None = None
    for week in range(WEEKS):
        if week in turning:
            offset = None
        elif offset is None:
            offset = _offset(zone, week * 7)
        found.append(offset)
        if week + 1 in turning:
            offset = None
    return tuple(found)


def _offset(zone: Zone, day: int) -> int:
    """Seconds east of UTC all through a day without a change, and through the days about it."""
    return zone.offset_of(FIRST_MONDAY + timedelta(days=day, hours=12)) // _SECOND


def _added_up(offset: int, days: tuple[Times, ...]) -> LocalWeek:
    """A week in which the wall clock runs evenly."""
    return _merged(part for weekday, times in enumerate(days) for part in _added(offset, weekday, times))


def _added(offset: int, weekday: int, times: Times) -> Iterator[Interval]:
    for opening, closing in times:
        if opening < closing:
            yield weekday, weekday * 86_400 + opening * 60 - offset, (closing - opening) * 60


def _looked_up(zone: Zone, week: int, days: tuple[Times, ...]) -> LocalWeek:
    """A week in which the offset changes, or may."""
    monday = FIRST_MONDAY + timedelta(weeks=week)
    turning = _turning(zone)
    found: list[Interval] = []
    for weekday, times in enumerate(days):
        day = week * 7 + weekday
        if not times:
            continue
        if day not in turning:
            found += _added(_offset(zone, day), weekday, times)
            continue
        for start, end in _instants(zone, _MONDAY + timedelta(days=day), times):
            found.append((weekday, (start - monday) // _SECOND, (end - start) // _SECOND))
    return _merged(found)


def _instants(zone: Zone, day: date, times: Times) -> list[tuple[datetime, datetime]]:
    """The intervals that start on a local date, converted; what is empty or not on its date is dropped."""
    found: list[tuple[datetime, datetime]] = []
    midnight = datetime.combine(day, time())
    for opening, closing in times:
        start = zone.instant(midnight + timedelta(minutes=opening))
        end = zone.instant(midnight + timedelta(minutes=closing))
        if start < end and zone.date_of(start) == day:
            found.append((start, end))
    return found


def _merged(intervals: Iterable[Interval]) -> LocalWeek:
    """In order; those of one day that overlap or touch are one.  Those of two days stay apart, as their days do."""
    found: list[Interval] = []
    for weekday, start, length in sorted(intervals):
        if found and found[-1][0] == weekday and start <= found[-1][1] + found[-1][2]:
            before = found[-1]
            found[-1] = (weekday, before[1], max(before[2], start + length - before[1]))
        else:
            found.append((weekday, start, length))
    return tuple(found)
