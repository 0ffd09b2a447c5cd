"""Wall times of a scenario, in its zone: read and written.

A time without a date is of the day that is spoken of.  A wall time that exists twice means its
first; the second says its offset (``02:30:00+01:00``).  One that does not exist is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from standardsd.language.example_lines import years
from standardsd.language.problems import quoted
from standardsd.language.words import Wrong
from standardsd.model.zone import Zone

_TIME = re.compile(
    r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d:\d\d:\d\d(?:\.\d{1,6})?)(Z|[+-]\d\d:\d\d)?", re.ASCII
)  # fmt: skip
_NEAR = re.compile(r"((?:\d{4}-\d\d-\d\d[T ])?)(\d?\d):(\d\d)(?::(\d\d))?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
AS_A_TIME = "write it as 09:00:00 or 2026-03-02 09:00:00"


def is_day(text: str) -> bool:
    """Whether it looks like the date in front of a time."""
    return _DAY.fullmatch(text) is not None


def looks_like_time(text: str) -> bool:
    """Whether somebody may have meant a time by it."""
    return re.match(r"\d+[:.]\d", text, re.ASCII) is not None


def moment(text: str, day: date, zone: Zone) -> datetime:
    """The instant of ``[DATE ]TIME[OFFSET]``; raises ``Wrong``."""
    found = _TIME.fullmatch(text)
    if found is None:
        near = _NEAR.fullmatch(text)
        fix = AS_A_TIME
        if near is not None:
            fix = f"write it as {near[1]}{int(near[2]):02d}:{near[3]}:{near[4] or '00'}"
        raise Wrong(f"{quoted(text)} is not a time", fix)
    on, time, offset = found.groups()
    try:
        wall = datetime.fromisoformat(f"{on or day.isoformat()}T{time}")
        if offset is not None:
            at = datetime.fromisoformat(f"{wall.isoformat()}{offset.replace('Z', '+00:00')}").astimezone(UTC)
        else:
            at = wall.replace(tzinfo=UTC) if wall.year not in years else zone.instant(wall)
    except (ValueError, OverflowError):
        raise Wrong(f"{quoted(text)} does not exist in the calendar", AS_A_TIME) from None
    if at.year not in years:
        raise Wrong(f"the year {at.year} is too far away", "write a date near 2026-03-02, or none")
    if offset is None and zone.local(at) != wall:
        there = f"{wall:%Y-%m-%d %H:%M:%S} does not exist in {zone.name}, the clocks go forward over it"
        raise Wrong(there, f"write {zone.local(at):%H:%M:%S}, the same instant")
    return at


def told(at: datetime, day: date, zone: Zone) -> str:
    """The instant as it is written below a line of ``day``: the date is left out where it is that day.

    ``moment`` reads it back to the microsecond.
    """
    wall = zone.local(at)
    text = f"{wall:%H:%M:%S}" + (f".{wall.microsecond:06d}".rstrip("0") if wall.microsecond else "")
    if zone.instant(wall) != at:  # the second of a wall time that exists twice
        minutes = int(zone.offset_of(at).total_seconds()) // 60
        sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
        text += f"{sign}{hours:02d}:{rest:02d}"
    return text if wall.date() == day else f"{wall:%Y-%m-%d} {text}"
