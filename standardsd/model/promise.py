"""What is promised: a time, a wall-clock time, an appointment, a number, or a grid of those (STANDARDS.md §2)."""

from __future__ import annotations

from datetime import time, timedelta

from msgspec import Struct


class Promise(Struct, frozen=True, tag="time"):
    """``within``: at exactly due it is kept.  Otherwise ``under``: at exactly due it is broken."""

    limit: timedelta
    within: bool


class OpenDays(Struct, frozen=True, tag="open_days"):
    """Due at the close of the n-th open day after the day of the start; needs a calendar as the clock."""

    days: int
    within: bool


class Until(Struct, frozen=True, tag="until"):
    """Due at that wall time on the day of the start or, if past, the next; at exactly due it is kept."""

    wall: time


class Between(Struct, frozen=True, tag="between"):
    """Signed time from the start, kept on both edges.  Due when ``highest`` is used up; what comes before
    ``lowest`` is breached at that end event."""

    lowest: timedelta
    highest: timedelta


class Limits(Struct, frozen=True, tag="number"):
    """What a number must be.  None: no limit on that side.  ``*_in``: the limit itself is kept.

    ``hold_for``: out of limits without a break for so long (numbers only).  Shares are 0 … 1, times in seconds.
    ``unit``: how people read it: "%", "s" or "".
    """

    lowest: float | None = None
    highest: float | None = None
    lowest_in: bool = True
    highest_in: bool = True
    hold_for: timedelta = timedelta(0)
    unit: str = ""

    def kept(self, value: float) -> bool:
        """Whether a number is in limits."""
        if self.lowest is not None and (value < self.lowest or (value == self.lowest and not self.lowest_in)):
            return False
        return self.highest is None or value < self.highest or (value == self.highest and self.highest_in)


Simple = Promise | OpenDays | Until | Between | Limits


class Grid(Struct, frozen=True, tag="grid"):
    """One promise for each value of the label ``per``; ``other``: for every other value and for none."""

    per: str
    rows: dict[str, Promise | OpenDays | Until | Between | Limits]
    other: Promise | OpenDays | Until | Between | Limits | None = None

    def row(self, labels: dict[str, str]) -> Simple | None:
        """None: no row and no ``else``: not judged."""
        return self.rows.get(labels.get(self.per, ""), self.other)


AnyPromise = Simple | Grid
