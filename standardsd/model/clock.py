"""Clocks: how much time counts.

``Always`` counts every second.  ``OpenHours`` counts only inside opening intervals
that ``language`` has already turned into UTC instants, so the core never meets a
time zone.  Both answer the same two questions and obey one law:
``elapsed(start, due(start, limit)) == limit`` wherever ``due`` is not None.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta

from msgspec import Struct

NOTHING = timedelta(0)


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


class OpenHours(Struct, frozen=True, tag="open_hours"):
    """Only the seconds inside ``opens`` count.

    ``opens``: disjoint half-open UTC spans, ascending; the opening instant is in, the closing one out.
    """

    name: str
    opens: tuple[tuple[datetime, datetime], ...]

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Open time in [``start``, ``end``); negative when ``end`` is before ``start``."""
        if end < start:
            return -self.elapsed(end, start)
        total = NOTHING
        for opening, closing in self._from(start):
            if opening >= end:
                break
            total += min(closing, end) - max(opening, start)
        return total

    def due(self, start: datetime, limit: timedelta) -> datetime | None:
        """The earliest instant ≥ ``start`` with ``elapsed`` ≥ ``limit``; None when it never opens for long enough.

        Used up exactly at closing time, the limit is due at closing time, not at the next opening.
        """
        if limit <= NOTHING:
            return start
        left = limit
        for opening, closing in self._from(start):
            began = max(opening, start)
            if closing - began >= left:
                return began + left
            left -= closing - began
        return None

    def began(self, end: datetime, length: timedelta) -> datetime | None:
        """The latest instant from which ``length`` of open time has passed by ``end``; None: there was not so much."""
        left = length
        for opening, closing in reversed(self.opens):
            if opening >= end:
                continue
            until = min(closing, end)
            if until - opening >= left:
                return until - left
            left -= until - opening
        return None

    def late_from(self, due: datetime) -> datetime | None:
        """The next opening where ``due`` is outside opening hours (closing time is outside); None where it is open."""
        following = self._from(due)
        if not following or following[0][0] <= due:
            return None
        return following[0][0]

    def _from(self, start: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """The spans that end after ``start``."""
        first = bisect_right(self.opens, start, key=lambda span: span[1])
        return self.opens[first:]


Clock = Always | OpenHours


class BySite(Struct, frozen=True, tag="by_site"):
    """``clock: site``: the calendar of the case's site."""

    clocks: dict[str, Always | OpenHours]

    def of(self, site: str | None) -> Clock | None:
        """None: there is no such site, or it has no calendar."""
        return None if site is None else self.clocks.get(site)
