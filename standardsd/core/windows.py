"""Windows of time over which a share is counted: rolling ones, calendar ones, and hours of a clock.

An edge in a table, for a window that holds ``at`` (times are local for a calendar window)

    rolling 1h at 10:00        (09:00, 10:00]      09:00:00.000000 is out, 09:00:00.000001 is in
    day at 10:00               [00:00, 10:00]      00:00:00.000000 is in; the day before ends without it
    1 h of a clock at 10:00    (t, 10:00]          t: the latest instant from which 1 h has passed by 10:00

A local day may have 23 or 25 hours; one that does not exist at all (a jump over the date line) is no window.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from standardsd.core.instants import instant, micros, span_micros
from standardsd.model.clock import Always, Clock
from standardsd.model.measure import Calendar, CalendarUnit, Rolling
from standardsd.model.zone import Zone

EVER = -(1 << 62)
"""Before anything: where a clock has not run for as long as a window."""

_DAY = timedelta(days=1)


class Span(NamedTuple):
    """In µs since 1970.  Instants in (``after``, ``to``] are in it; time in it runs from ``begin`` to ``end``."""

    after: int
    to: int
    begin: int
    end: int


class Frame(Protocol):
    """How a window lies at a given instant."""

    def span(self, now: int) -> Span: ...

    def out_at(self, us: int, now: int) -> int | None:
        """What happened at ``us``, which is in the window at ``now``, is in it until then at least.

        Always later than ``now``; None: it never leaves.
        """
        ...

    @property
    def name(self) -> str:
        """As rules write it: 30m, 24h, 30d, month."""
        ...


class RollingFrame:
    """(t − length, t]"""

    __slots__ = ("length", "name")

    def __init__(self, length: timedelta) -> None:
        self.length = span_micros(length)
        self.name = window_word(length)

    def span(self, now: int) -> Span:
        return Span(now - self.length, now, now - self.length, now)

    def out_at(self, us: int, now: int) -> int | None:
        return us + self.length


class ClockFrame:
    """The last ``length`` hours of a clock that stands at times."""

    __slots__ = ("_clock", "_known", "length", "name")

    def __init__(self, clock: Clock, length: timedelta) -> None:
        self._clock = clock
        self.length = length
        self.name = window_word(length)
        self._known: Span | None = None

    def span(self, now: int) -> Span:
        if self._known is None or self._known.to != now:
            began = self._clock.began(instant(now), self.length)
            after = EVER if began is None else micros(began)
            self._known = Span(after, now, after, now)
        return self._known

    def out_at(self, us: int, now: int) -> int | None:
        at_least = us + span_micros(self.length)  # a clock is never faster than the wall's
        if at_least > now:
            return at_least
        out = self._clock.due(instant(us), self.length)
        return None if out is None else micros(out)


class CalendarFrame:
    """Since the last local boundary, the boundary itself included."""

    __slots__ = ("_unit", "_zone", "begin", "first", "name", "next")

    def __init__(self, unit: CalendarUnit, zone: Zone) -> None:
        self._unit = unit
        self._zone = zone
        self.name = unit.value
        self.first = date.min
        self.begin = self.next = EVER

    def span(self, now: int) -> Span:
        if not self.begin <= now < self.next:
            self._find(now)
        return Span(self.begin - 1, now, self.begin, now)

    def out_at(self, us: int, now: int) -> int | None:
        self.span(now)
        return self.next

    def ended(self, now: int, count: int) -> Iterator[tuple[date, Span]]:
        """The last ``count`` windows that have ended, latest first, each with the local day it began."""
        self.span(now)
        first, end = self.first, self.begin
        while count > 0:
            first = _start(self._unit, first - _DAY)
            begin = self._boundary(first)
            if begin == end:
                continue
            yield first, Span(begin - 1, end - 1, begin, end)
            end, count = begin, count - 1

    def _find(self, now: int) -> None:
        """The last boundary at or before ``now``: where clocks go back over midnight, the date alone would mislead."""
        first = _start(self._unit, self._zone.date_of(instant(now)))
        following = _next_start(self._unit, first)
        if self._boundary(following) <= now:
            first, following = following, _next_start(self._unit, following)
        while self._boundary(first) > now:
            first, following = _start(self._unit, first - _DAY), first
        while self._boundary(following) == self._boundary(first):
            first, following = following, _next_start(self._unit, following)
        self.first, self.begin, self.next = first, self._boundary(first), self._boundary(following)

    def _boundary(self, day: date) -> int:
        return micros(self._zone.midnight(day))


def frame_of(window: Rolling | Calendar, zone: Zone) -> RollingFrame | CalendarFrame:
    return RollingFrame(window.length) if isinstance(window, Rolling) else CalendarFrame(window.unit, zone)


def clock_frame(clock: Clock, length: timedelta) -> RollingFrame | ClockFrame:
    """So many hours of a clock; of one that never stands, hours."""
    return RollingFrame(length) if isinstance(clock, Always) else ClockFrame(clock, length)


def window_name(window: Rolling | Calendar) -> str:
    """As rules write it: 30m, 24h, 30d, day, month."""
    return window_word(window.length) if isinstance(window, Rolling) else window.unit.value


def window_word(window: timedelta) -> str:
    """30m, 24h, 30d; whole days from two on, so that ``24h`` reads as rules write it."""
    seconds = window.total_seconds()
    for unit, size, least in (("d", 86_400, 2), ("h", 3_600, 1), ("m", 60, 1)):
        if seconds % size == 0 and seconds >= least * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"


def _start(unit: CalendarUnit, day: date) -> date:
    """The first day of the unit in which a day lies; a week begins on Monday."""
    match unit:
        case CalendarUnit.DAY:
            return day
        case CalendarUnit.WEEK:
            return day - timedelta(days=day.weekday())
        case CalendarUnit.MONTH:
            return day.replace(day=1)
        case CalendarUnit.QUARTER:
            return date(day.year, day.month - (day.month - 1) % 3, 1)


_LONGEST = {CalendarUnit.DAY: 1, CalendarUnit.WEEK: 7, CalendarUnit.MONTH: 31, CalendarUnit.QUARTER: 92}


def _next_start(unit: CalendarUnit, first: date) -> date:
    """The first day of the following unit."""
    return _start(unit, first + timedelta(days=_LONGEST[unit]))


def local_day(zone: Zone, now: int) -> date:
    return zone.date_of(instant(now))


def midnight(zone: Zone, day: date) -> int:
    return micros(zone.midnight(day))


__all__ = [
    "CalendarFrame", "ClockFrame", "Frame", "RollingFrame", "Span", "clock_frame", "frame_of", "local_day",
    "midnight", "window_name", "window_word",
]  # fmt: skip
