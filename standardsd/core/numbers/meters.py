"""Meters: what a number is at an instant, walked through in order of time.

A meter stands just before some instant.  ``look`` moves it over the next one, ``rewind`` back in front of
an earlier one when something about it was read late, so that what is read in order costs no more than
itself, and every instant after a late reading is looked at again with all that is known.

Instants are µs since 1970.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Protocol

from standardsd.core.numbers.turns import Turn, limit_of
from standardsd.core.windows import EVER
from standardsd.model.promise import Limits

SAMPLES_MAX = 10_000
"""Samples remembered a label set, 160 KB; a late one from before them changes nothing any more."""


class Unseen:
    """When nobody could see what happened: before it all began, and in the gaps of sources."""

    __slots__ = ("_reach", "_since", "spans")

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self.spans = sorted(spans)
        self._since = [since for since, _ in self.spans]
        self._reach: list[int] = []
        for _, until in self.spans:
            self._reach.append(max(until, self._reach[-1] if self._reach else EVER))

    def until(self, at: int) -> int:
        """The end of the last such time that had begun by ``at``."""
        place = bisect_right(self._since, at)
        return self._reach[place - 1] if place else EVER


class Meter(Protocol):
    """``before``: it has looked at everything before this instant.

    ``points``: instants, ascending, at which it must be looked at whatever happens.
    """

    before: int
    points: list[int]
    limits: Limits

    def next_point(self) -> int | None:
        """The next instant at which the number may change."""
        ...

    def look(self, at: int) -> Turn:
        """The number at ``at``, all of that instant included; ``at`` is ``next_point``."""
        ...

    def rewind(self, at: int) -> None:
        """Stands before ``at`` again, if it is past it."""
        ...

    def crosses_at(self) -> int | None:
        """When the number goes out of limits if nothing is read; None: not by time alone, or not foreseen."""
        ...

    def value(self, now: int) -> float | None:
        """The number at ``now``, which is no earlier than all it has looked at."""
        ...

    def prune(self, floor: int) -> None:
        """Forgets what no instant from ``floor`` on needs."""
        ...


def earliest(*instants: int | None) -> int | None:
    return min((at for at in instants if at is not None), default=None)


class Stepping:
    """What all meters share."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.before = EVER
        self.points: list[int] = []
        self.unseen = Unseen()

    def _point(self) -> int | None:
        place = bisect_left(self.points, self.before)
        return self.points[place] if place < len(self.points) else None

    def rewind(self, at: int) -> None:
        self.before = min(self.before, at)

    def crosses_at(self) -> int | None:
        return None

    def _turn(self, at: int, value: float | None, *, read: bool) -> Turn:
        kept = None if value is None else self.limits.kept(value)
        return Turn(at, kept, value, limit_of(self.limits, value), read)


class SampleMeter(Stepping):
    """The latest sample of one label set.  Copies that differ: the lowest value stands."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.ats: list[int] = []
        self.values: list[float] = []

    def put(self, at: int, value: float) -> bool:
        """Whether this changed anything."""
        place = bisect_left(self.ats, at)
        if place < len(self.ats) and self.ats[place] == at:
            if value >= self.values[place]:
                return False
            self.values[place] = value
            return True
        if place == 0 and len(self.ats) >= SAMPLES_MAX:
            return False
        self.ats.insert(place, at)
        self.values.insert(place, value)
        if len(self.ats) > SAMPLES_MAX:
            del self.ats[0], self.values[0]
        return True

    def prune(self, floor: int) -> None:
        keep = bisect_right(self.ats, floor) - 1
        if keep > 0:
            del self.ats[:keep], self.values[:keep]

    def next_point(self) -> int | None:
        place = bisect_left(self.ats, self.before)
        return earliest(self.ats[place] if place < len(self.ats) else None, self._point())

    def look(self, at: int) -> Turn:
        self.before = at + 1
        return self._turn(at, self.value(at), read=True)

    def value(self, now: int) -> float | None:
        place = bisect_right(self.ats, now)
        return self.values[place - 1] if place else None
