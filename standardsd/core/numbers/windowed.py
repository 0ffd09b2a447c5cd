"""The meter of a window: counts, rates, scores, repeats and statistics."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from standardsd.core.numbers.bags import Bag, Combinations, Ranks, Tally, What
from standardsd.core.numbers.meters import Stepping, earliest
from standardsd.core.numbers.turns import Turn, too_low
from standardsd.core.windows import CalendarFrame, RollingFrame
from standardsd.model.promise import Limits

Entry = tuple[int, What]
"""(at, what it says)"""

ENTRIES_MAX = 1_000_000
"""Contributions remembered a group: 10,000 a day for a quarter.  Beyond that the oldest go, and the number
is unknown as long as one of them would still count: exact, or not said."""


class WindowMeter(Stepping):
    """A number over a window: contributions enter at their instant and leave when the window has passed them.

    ``whole``: the side of the limits ("low", "high") that can only be broken in a window seen whole, because
    what was not seen could have kept it.  ``always_waits``: not even what was read breaks it for sure, as
    something else may be missing (a rate whose two events come from different sources).
    """

    def __init__(
        self,
        bag: Bag,
        frame: RollingFrame | CalendarFrame,
        limits: Limits,
        whole: str = "",
        entries_max: int = ENTRIES_MAX,
    ) -> None:
        super().__init__(limits)
        self._bag = bag
        self._frame = frame
        self._whole = whole
        self._entries_max = entries_max
        self.always_waits = False
        self.entries: list[Entry] = []
        self._low = self._high = 0  # entries[low:high] are in the window

    # -- what happened ---------------------------------------------------------------------------------

    def insert(self, entry: Entry) -> None:
        place = bisect_right(self.entries, entry)
        self.entries.insert(place, entry)
        if entry[0] >= self.before:
            return
        self._high += 1
        if self._leaves(entry) >= self.before:
            self._bag.add(entry[1])
        else:
            self._low += 1

    def discard(self, entry: Entry) -> bool:
        """Whether it was still remembered."""
        place = bisect_left(self.entries, entry)
        if place == len(self.entries) or self.entries[place] != entry:
            return False
        del self.entries[place]
        if entry[0] < self.before:
            self._high -= 1
            if self._leaves(entry) >= self.before:
                self._bag.remove(entry[1])
            else:
                self._low -= 1
        return True

    def restore(self, entries: list[Entry], before: int) -> None:
        """Stands before that instant with these contributions, in order."""
        self.entries, self.before = entries[-self._entries_max :], before
        self._high = bisect_left(self.entries, before, key=_at)
        self._low = min(self._high, bisect_left(self.entries, before, key=self._leaves))
        inside = [what for _, what in self.entries[self._low : self._high]]
        if isinstance(self._bag, Ranks):
            self._bag.fill([what for what in inside if isinstance(what, float)])
        else:
            for what in inside:
                self._bag.add(what)

    def overflow(self) -> int | None:
        """Forgets the oldest of too many; the instant until which they would have counted."""
        until = None
        while len(self.entries) > self._entries_max:
            until = self._leaves(self.entries[0])
            self.discard(self.entries[0])
        return until

    def prune(self, floor: int) -> None:
        keep = min(bisect_right(self.entries, floor, key=self._leaves), self._low)
        del self.entries[:keep]
        self._low -= keep
        self._high -= keep

    def whole_from(self, until: int) -> int:
        """The first instant whose window begins no earlier than ``until``."""
        if isinstance(self._frame, CalendarFrame) and self._frame.span(until).begin == until:
            return until
        out = self._frame.out_at(until, until)
        assert out is not None, f"a window that never ends: {self._frame.name}"
        return out

    # -- walking ---------------------------------------------------------------------------------------

    def next_point(self) -> int | None:
        enters = self.entries[self._high][0] if self._high < len(self.entries) else None
        leaves = self._leaves(self.entries[self._low]) if self._low < self._high else None
        return earliest(enters, leaves, self._point())

    def next_that_matters(self) -> int | None:
        """``next_point``, without what only leaves the window and cannot change the state.

        A count that is only broken by too many is no worse when one leaves, so nobody need be woken.
        """
        value = self._bag.value()
        quiet = isinstance(self._bag, Tally | Combinations) and self.limits.lowest is None
        if not quiet or value is None or not self.limits.kept(value):
            return self.next_point()
        return earliest(
            self.entries[self._high][0] if self._high < len(self.entries) else None, self._point()
        )

    def look(self, at: int) -> Turn:
        entries, high = self.entries, self._high
        while self._high < len(entries) and entries[self._high][0] <= at:
            self._bag.add(entries[self._high][1])
            self._high += 1
        while self._low < self._high and self._leaves(entries[self._low]) <= at:
            self._bag.remove(entries[self._low][1])
            self._low += 1
        self.before = at + 1
        turn = self._turn(at, self._bag.value(), read=self._high > high and not self.always_waits)
        if turn.kept is False and self._is_partial(at, turn.value):
            return turn._replace(kept=None)
        return turn

    def rewind(self, at: int) -> None:
        if at >= self.before:
            return
        entries = self.entries
        while self._high > 0 and entries[self._high - 1][0] >= at:
            self._high -= 1
            if self._high >= self._low:
                self._bag.remove(entries[self._high][1])
        self._low = min(self._low, self._high)
        while self._low > 0 and self._leaves(entries[self._low - 1]) >= at:
            self._low -= 1
            self._bag.add(entries[self._low][1])
        self.before = at

    def _is_partial(self, at: int, value: float | None) -> bool:
        """Whether what was not seen could have kept the limit that is crossed."""
        if not self._whole or value is None or (self._whole == "low") is not too_low(self.limits, value):
            return False
        return self._frame.span(at).begin < self.unseen.until(at)

    def value(self, now: int) -> float | None:
        return self._bag.value()

    def count(self) -> int:
        """How many contributions the window holds."""
        return len(self._bag)

    def _leaves(self, entry: Entry) -> int:
        out = self._frame.out_at(entry[0], entry[0])
        assert out is not None, f"a window that never ends: {self._frame.name}"
        return out


def _at(entry: Entry) -> int:
    return entry[0]
