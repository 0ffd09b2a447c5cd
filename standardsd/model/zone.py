"""A time zone as a table: what ``language`` took from the time-zone database, once and for all.

The core never asks a database: every wall time a standard speaks of is turned into an
instant by the table that was in force when the rules were loaded.  A wall time that does
not exist is moved later by the gap; one that exists twice means its first (PEP 495, fold=0).
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from msgspec import Struct

DAY = timedelta(days=1)


class Zone(Struct, frozen=True):
    """``offsets[i]``: seconds east of UTC before ``changes[i]``; the last one holds from then on.

    ``changes``: UTC instants, ascending; the new offset holds at the very instant.  One offset more than changes.
    """

    name: str
    changes: tuple[datetime, ...] = ()
    offsets: tuple[int, ...] = (0,)

    def local(self, at: datetime) -> datetime:
        """The wall time at an instant, without a zone."""
        offset = self.offsets[bisect_right(self.changes, at)]
        return at.replace(tzinfo=None) + timedelta(seconds=offset)

    def date_of(self, at: datetime) -> date:
        """The local date at an instant."""
        return self.local(at).date()

    def instant(self, wall: datetime) -> datetime:
        """The instant of a wall time (naive)."""
        offset = self.offsets[bisect_right(_switches(self), wall)]
        return (wall - timedelta(seconds=offset)).replace(tzinfo=UTC)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins; where 00:00 does not exist, the first instant after the gap."""
        return self.instant(datetime.combine(day, time()))

    def next_at(self, at: datetime, wall: time) -> datetime:
        """That wall time on the day of ``at`` or, if past, on the next; exactly at it is not past."""
        day = self.date_of(at)
        here = self.instant(datetime.combine(day, wall))
        return here if here >= at else self.instant(datetime.combine(day + DAY, wall))


UTC_ZONE = Zone("UTC")


@lru_cache(maxsize=1_000)
def _switches(zone: Zone) -> tuple[datetime, ...]:
    """Wall times from which on the next offset is meant: of a repeated hour the first, of a missing one the later."""
    pairs = zip(zone.changes, zone.offsets, zone.offsets[1:], strict=False)
    return tuple(
        at.replace(tzinfo=None) + timedelta(seconds=max(before, after)) for at, before, after in pairs
    )


class Zones(Struct, frozen=True):
    """The zone in which a standard's wall times and dates are meant.

    ``everywhere``: the calendar's, or the one a rule names.  ``by_site``: else that of the case's site.
    """

    everywhere: Zone | None = None
    by_site: dict[str, Zone] = {}

    def of(self, site: str | None) -> Zone | None:
        """None: nobody said which."""
        if self.everywhere is not None:
            return self.everywhere
        return None if site is None else self.by_site.get(site)

    def or_utc(self, site: str | None) -> Zone:
        """For dates, which must mean something everywhere: UTC where no zone is known."""
        return self.of(site) or UTC_ZONE
