"""Clocks: how much time counts.

``Always`` counts every second.  ``OpenHours`` counts only inside opening intervals
that ``language`` has already turned into UTC instants, so the core never meets a
time-zone database.  Both answer the same questions and obey one law:
``elapsed(start, due(start, limit)) == limit`` wherever ``due`` is not None.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from standardsd.model.weeks import FIRST_MONDAY, TEN_YEARS, WEEKS, Interval, hours, length_max, pack
from standardsd.model.zone import UTC_ZONE, Zone

NOTHING = timedelta(0)
_MICRO = timedelta(microseconds=1)


class Always(Struct, frozen=True, tag="always"):
    """Every second counts."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Time from ``start`` to ``end``; negative when ``end`` is before ``start``."""
        return end - start

    def due(self, start: datetime, limit: timedelta) -> datetime | None:
        """The first instant by which ``limit`` has passed since ``start``; a limit of 0 is ``start`` itself."""
        return start + limit

    def began(self, end: datetime, length: timedelta) -> datetime | None:
        """The latest instant from which ``length`` has passed by ``end``."""
        return end - length

    def late_from(self, due: datetime) -> datetime | None:
        """The next opening where ``due`` is closing time; None: nothing closes here."""
        return None

    def close_of_open_day(self, start: datetime, days: int) -> datetime | None:
        """None: a clock that never closes has no open days."""
        return None


class OpenHours(Struct, frozen=True, tag="open_hours"):
    """Only the seconds inside opening intervals count: the opening instant is in, the closing one out.

    ``weeks``, ``runs``: the intervals from 2000 to 2099, packed (``model/weeks.py``); outside of those
    years nothing is open.  ``zone``: whose days its open days are.  ``made_from``: the versions of what
    they were made from (tzdata, holidays, a feed's hash), for the record; it changes no answer.
    """

    name: str
    weeks: bytes
    runs: bytes
    zone: Zone = UTC_ZONE
    made_from: tuple[str, ...] = ()

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Open time in [``start``, ``end``); negative when ``end`` is before ``start``."""
        table = hours(self.weeks, self.runs)
        return timedelta(microseconds=table.open_until(_micros(end)) - table.open_until(_micros(start)))

    def due(self, start: datetime, limit: timedelta) -> datetime | None:
        """The earliest instant ≥ ``start`` with ``elapsed`` ≥ ``limit``; a limit of 0 is ``start`` itself.

        Used up exactly at closing time, the limit is due at closing time, not at the next opening.
        None when it never opens for long enough: ten years without an opening count as never again.
        """
        if limit <= NOTHING:
            return start
        table, begin = hours(self.weeks, self.runs), _micros(start)
        due = table.earliest(table.open_until(begin) + limit // _MICRO)
        return None if due is None or table.never(begin, due) else _at(due)

    def began(self, end: datetime, length: timedelta) -> datetime | None:
        """The latest instant from which ``length`` of open time has passed by ``end``; 0 is ``end`` itself.

        None: there was not so much, or ten years without an opening lie between.
        """
        if length <= NOTHING:
            return end
        table, until = hours(self.weeks, self.runs), _micros(end)
        opened = table.open_until(until) - length // _MICRO
        began = None if opened < 0 else table.latest(opened)
        return None if began is None or table.never(began, until) else _at(began)

    def late_from(self, due: datetime) -> datetime | None:
        """The next opening where ``due`` is closing time; None anywhere else, and where it does not open again."""
        table, at = hours(self.weeks, self.runs), _micros(due)
        if not table.closes_at(at):
            return None
        opening = table.latest(table.open_until(at))
        if opening is None or _at(opening) - due >= TEN_YEARS:
            return None
        return _at(opening)

    def close_of_open_day(self, start: datetime, days: int) -> datetime | None:
        """The close of the ``days``-th open day after the day of ``start``; None: there are not so many.

        An open day is a local date on which an interval starts; its close is the latest end of those.
        With 0 days it is the first close at or after ``start`` of an open day from the day of ``start`` on.
        """
        table, begin = hours(self.weeks, self.runs), _micros(start)
        today = (self.zone.date_of(start) - FIRST_MONDAY.date()).days
        which = table.open_days_before(today + 1) + days - 1 if days else table.open_days_before(today)
        close = table.close_of(which)
        if not days and close is not None and close < begin:
            close = table.close_of(which + 1)
        return None if close is None or table.never(begin, close) else _at(close)

    def is_open(self, at: datetime) -> bool:
        """Whether time counts from this instant on."""
        return hours(self.weeks, self.runs).is_open(_micros(at))

    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """The opening intervals, ascending, disjoint and not touching."""
        return tuple((_at(start), _at(end)) for start, end in hours(self.weeks, self.runs).spans())


def open_hours(
    name: str,
    spans: Iterable[tuple[datetime, datetime]],
    zone: Zone = UTC_ZONE,
    made_from: tuple[str, ...] = (),
) -> OpenHours:
    """From half-open spans of whole seconds, each of at most 36 hours; its day is the local date of its start."""
    weeks: list[list[Interval]] = [[] for _ in range(WEEKS)]
    for start, end in sorted(spans):
        week, weekday = divmod((zone.date_of(start) - FIRST_MONDAY.date()).days, 7)
        assert 0 <= week < WEEKS, f"{start} is outside of the years that calendars are made for"
        monday = FIRST_MONDAY + timedelta(weeks=week)
        opening, length = (start - monday) / timedelta(seconds=1), (end - start) / timedelta(seconds=1)
        assert opening.is_integer() and length.is_integer() and 0 < length <= length_max, (start, end)
        weeks[week].append((weekday, int(opening), int(length)))
    return OpenHours(name, *pack([tuple(sorted(week)) for week in weeks]), zone, made_from)


def _micros(at: datetime) -> int:
    """Microseconds since the first Monday."""
    since = at - FIRST_MONDAY
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _at(micros: int) -> datetime:
    return FIRST_MONDAY + timedelta(microseconds=micros)


Clock = Always | OpenHours


class BySite(Struct, frozen=True, tag="by_site"):
    """``clock: site``: the calendar of the case's site."""

    clocks: dict[str, Always | OpenHours]

    def of(self, site: str | None) -> Clock | None:
        """None: there is no such site, or it has no calendar."""
        return None if site is None else self.clocks.get(site)
