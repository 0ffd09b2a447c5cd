"""A calendar as its owner wrote it, before its times are turned into instants.

Rule files and sites of the configuration are read into these; ``language.opening`` makes
``OpenHours`` of one when a standard uses it.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from standardsd.model.zone import Zone

Times = tuple[tuple[int, int], ...]
"""Opening and closing wall time in minutes after 00:00 of the day on which the opening lies, in order.

A closing of more than 1,440 lies on the next day ("22:00-06:00" is 1320 to 1800); 1,440 itself is "24:00".
"""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar(Struct, frozen=True):
    """``weekly``: seven days, Monday first.  ``holidays`` and ``closed``: days on which nothing opens.

    ``instead``: days with times of their own, also where they are holidays; ``closed`` beats them.
    ``made_from``: the versions of what its days and instants come from, such as ``tzdata 2026.6``.
    """

    name: str
    zone: Zone
    weekly: tuple[Times, ...] = ((),) * 7
    holidays: tuple[date, ...] = ()
    closed: tuple[date, ...] = ()
    instead: tuple[tuple[date, Times], ...] = ()
    made_from: tuple[str, ...] = ()
