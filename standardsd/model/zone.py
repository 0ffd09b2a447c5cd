"""A time zone as a table: what ``language`` took from the time-zone database, once and for all.

The core never asks a database: every wall time a standard speaks of is turned into an
instant by the table that was in force when the rules were loaded.  A wall time that does
not exist is moved later by the gap; one that exists twice means its first (PEP 495, fold=0).

A table holds the changes from 2000 to the end of 2100.  Before its first change the first
offset holds, after its last one the last: outside those years a zone has no summer time.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

DAY = timedelta(days=1)
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_CHANGE = struct.Struct("<qi")
"""One change of a table: its instant in seconds since 1970, the offset from then on in seconds east of UTC."""


class Zone(Struct, frozen=True):
    """``first``: seconds east of UTC before the first change.

    ``table``: the changes, ascending and packed, so that a thousand standards carry theirs lightly;
    the new offset holds at the very instant of a change.  ``zone_of`` makes one from plain values.
    """

    name: str
    first: int = 0
    table: bytes = b""

    def local(self, at: datetime) -> datetime:
        """The wall time at an instant, without a zone."""
        read = _read(self.first, self.table)
        return at.replace(tzinfo=None) + read.offsets[bisect_right(read.changes, at)]

    def date_of(self, at: datetime) -> date:
        """The local date at an instant."""
        return self.local(at).date()

    def offset_of(self, at: datetime) -> timedelta:
        """How far east of UTC the wall clock stands at an instant."""
        read = _read(self.first, self.table)
        return read.offsets[bisect_right(read.changes, at)]

    def instant(self, wall: datetime) -> datetime:
        """The instant of a wall time (naive)."""
        read = _read(self.first, self.table)
        return (wall - read.offsets[bisect_right(read.switches, wall)]).replace(tzinfo=UTC)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins; where 00:00 does not exist, the first instant after the gap.

        A day that was left out altogether (Apia, 2011-12-30) begins where the next one does.
        """
        return self.instant(datetime.combine(day, time()))

    def next_at(self, at: datetime, wall: time) -> datetime:
        """That wall time on the day of ``at`` or, if past, on the next; exactly at it is not past."""
        day = self.date_of(at)
        here = self.instant(datetime.combine(day, wall))
        return here if here >= at else self.instant(datetime.combine(day + DAY, wall))

    def changes(self) -> tuple[datetime, ...]:
        """The instants at which the offset changes, ascending."""
        return _read(self.first, self.table).changes


def zone_of(name: str, changes: Sequence[datetime] = (), offsets: Sequence[int] = (0,)) -> Zone:
    """``offsets[i]``: seconds east of UTC before ``changes[i]``; the last one holds from then on.

    ``changes``: UTC instants of whole seconds, ascending; one offset more than changes.
    """
    assert len(offsets) == len(changes) + 1, f"{len(changes)} changes and {len(offsets)} offsets"
    assert all(a < b for a, b in pairwise(changes)), "changes are not ascending"
    seconds = [(at - _UNIX) // timedelta(seconds=1) for at in changes]
    table = b"".join(_CHANGE.pack(at, after) for at, after in zip(seconds, offsets[1:], strict=True))
    return Zone(name, offsets[0], table)


UTC_ZONE = Zone("UTC")


class _Read(Struct, frozen=True):
    """A table made ready for looking up.

    ``switches``: the wall times from which on the next offset is meant; of a repeated hour the
    first one counts and a missing one is moved later, so it is the later of the two wall times of a change.
    """

    changes: tuple[datetime, ...]
    switches: tuple[datetime, ...]
    offsets: tuple[timedelta, ...]


@lru_cache(maxsize=1_000)
def _read(first: int, table: bytes) -> _Read:
    found = list(_CHANGE.iter_unpack(table))
    offsets = (timedelta(seconds=first), *(timedelta(seconds=after) for _, after in found))
    changes = tuple(_UNIX + timedelta(seconds=at) for at, _ in found)
    pairs = zip(changes, offsets, offsets[1:], strict=False)
    switches = tuple(at.replace(tzinfo=None) + max(before, after) for at, before, after in pairs)
    return _Read(changes, switches, offsets)


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
