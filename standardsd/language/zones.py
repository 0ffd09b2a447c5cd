"""Time zones by name → tables of their changes, from the ``tzdata`` package alone.

``zoneinfo`` shows no list of changes, so it is asked every five days and each
change is then narrowed down to the second.  That is exact because no zone has kept an offset for
so short a time since 2000 (a test compares the tables of all zones with the package's own files).
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import metadata

from standardsd.language.problems import quoted
from standardsd.language.words import Wrong, nearest
from standardsd.model.zone import Zone, zone_of

FIRST = datetime(2000, 1, 1)  # noqa: DTZ001 - a wall time, the same in every zone
END = datetime(2101, 1, 1)  # noqa: DTZ001
"""Changes are taken between these wall times; to a year beyond the calendars, for what is due later."""

STEP = timedelta(days=5)
"""Brazil ended summer time after less than seven days in October 2000; nothing was shorter since."""

LONGEST_GAP = timedelta(days=1)
"""A wall time that does not exist has the offset of before, up to so long after the change (Apia left out a day)."""

_SECOND = timedelta(seconds=1)
_OFFSET = re.compile(r"(?:utc|gmt|z)?\s*([+-])\s*([0-9]{1,2})(?::?00)?", re.IGNORECASE | re.ASCII)
"""What people write for a zone without a city; the signs of ``Etc/GMT-1`` are the other way round."""


@lru_cache(maxsize=1)
def tzdata_version() -> str:
    """The version of the time-zone data that tables are made from, such as ``2026.6``."""
    return metadata.version("tzdata")


@lru_cache(maxsize=1_000)
def zone(name: str) -> Zone:
    """The table of a zone; KeyError when there is none of this name."""
    if zoneinfo.TZPATH:
        # The machine's own copy may be older than the package, and it would be asked first.
        zoneinfo.reset_tzpath([])
    try:
        info = zoneinfo.ZoneInfo.no_cache(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise KeyError(name) from error
    changes: list[datetime] = []
    offset = _wall_offset(info, FIRST)
    offsets = [offset]
    wall = FIRST
    while wall < END:
        following = wall + STEP
        after = _wall_offset(info, following)
        if after != offset:
            changes.append(_change(info, _utc(wall, offset) - LONGEST_GAP, _utc(following, after), offset))
            offsets.append(after)
        wall, offset = following, after
    return zone_of(name, changes, [offset // _SECOND for offset in offsets])


def timezone(text: str, known: Collection[str] | None) -> Zone:
    """A name of the time-zone database, such as ``Europe/Lisbon``; an offset or an abbreviation is none.

    ``known``: the names there are, to find the nearest one; None: any that the package has.
    """
    if known is None or text in known:
        try:
            return zone(text)
        except KeyError:
            pass
    if offset := _OFFSET.fullmatch(text):
        sign, hours = "-" if offset[1] == "+" else "+", int(offset[2])
        fixed = f"Etc/GMT{sign}{hours}" if 0 < hours <= (14 if sign == "-" else 12) else "Etc/UTC"
        said = f"{quoted(text)} is an offset, not a time zone"
        raise Wrong(said, f"write a city, such as Europe/Lisbon, or {fixed}, which has no summer time")
    near = nearest(text, known) if known else None
    raise Wrong(f"{quoted(text)} is not a time zone", f"write {near or 'it as Europe/Lisbon'}")


def _wall_offset(info: zoneinfo.ZoneInfo, wall: datetime) -> timedelta:
    """The offset at a wall time; asked so, ``zoneinfo`` answers ten times as fast as for an instant."""
    offset = info.utcoffset(wall)
    assert offset is not None, wall
    return offset


def _utc(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)


def _change(info: zoneinfo.ZoneInfo, before: datetime, after: datetime, offset: timedelta) -> datetime:
    """The first second at which ``offset``, which holds at ``before``, no longer holds."""
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        if middle.astimezone(info).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
