"""How one number goes: in limits, out of them, or not known, turn by turn.

A turn stands where that changes.  Between two turns it stays as the earlier one says, the instant of the
turn included.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from standardsd.model.promise import Limits


class Turn(NamedTuple):
    """``at``: µs since 1970.  ``kept``: whether it is in limits; None: not known.

    ``read``: something that was read did it; otherwise nothing but time, so that what has not been read
    yet could undo it.
    """

    at: int
    kept: bool | None
    value: float | None
    limit: float | None
    read: bool


class Run(NamedTuple):
    """Turns ``first`` … ``last`` all say the same; ``back``: where the next run begins, None if there is none."""

    first: int
    last: int
    back: int | None


class Course:
    """The turns of one number, ascending.

    Where nothing changes a turn is kept only if its value is to be shown (``noted``).
    """

    __slots__ = ("turns",)

    def __init__(self, turns: list[Turn] | None = None) -> None:
        self.turns: list[Turn] = [] if turns is None else turns

    def add(self, turn: Turn, *, noted: bool) -> bool:
        """Whether it is more than what the last one said."""
        turns = self.turns
        changed = not turns or turns[-1].kept is not turn.kept
        if changed or noted:
            turns.append(turn)
        return changed or noted

    def cut(self, at: int) -> bool:
        """Forgets what was from ``at`` on; whether there was anything."""
        place = bisect_left(self.turns, at, key=_at)
        found = place < len(self.turns)
        del self.turns[place:]
        return found

    def prune(self, floor: int) -> None:
        """Forgets the runs that were over at ``floor``."""
        place = bisect_right(self.turns, floor, key=_at) - 1
        while place > 0 and self.turns[place - 1].kept is self.turns[place].kept:
            place -= 1
        if place > 1:  # the run before decides what a short excursion leaves standing
            del self.turns[: place - 1]

    def runs(self, at: int) -> Iterator[Run]:
        """The runs from the one that covers ``at`` on."""
        turns = self.turns
        first = max(bisect_right(turns, at, key=_at) - 1, 0)
        while first > 0 and turns[first - 1].kept is turns[first].kept:
            first -= 1
        while first < len(turns):
            last = first
            while last + 1 < len(turns) and turns[last + 1].kept is turns[first].kept:
                last += 1
            yield Run(first, last, turns[last + 1].at if last + 1 < len(turns) else None)
            first = last + 1

    def out_since(self, at: int) -> int:
        """When the excursion began that was still going on right before ``at``; ``at`` if there was none."""
        place = bisect_left(self.turns, at, key=_at) - 1
        if place < 0 or self.turns[place].kept is not False:
            return at
        while place > 0 and self.turns[place - 1].kept is False:
            place -= 1
        return self.turns[place].at

    def kept_before(self, first: int) -> bool | None:
        """What the run before the turn at this place said; None: not known, or nothing."""
        return self.turns[first - 1].kept if first > 0 else None


def too_low(limits: Limits, value: float) -> bool:
    """Whether ``value`` crosses the lower limit."""
    low = limits.lowest
    return low is not None and (value < low or (value == low and not limits.lowest_in))


def limit_of(limits: Limits, value: float | None) -> float | None:
    """The limit that ``value`` crosses or, if it keeps both, the one that is shown: the highest, else the lowest."""
    if limits.highest is None or (value is not None and too_low(limits, value)):
        return limits.lowest
    return limits.highest


def badness(limits: Limits, value: float) -> float:
    """How far out of limits, negative inside: the greatest is the worst."""
    over = value - limits.highest if limits.highest is not None else -float("inf")
    under = limits.lowest - value if limits.lowest is not None else -float("inf")
    return max(over, under)


def _at(turn: Turn) -> int:
    return turn.at
