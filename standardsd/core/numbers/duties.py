"""The meter of a duty: how long ago it was last done."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from datetime import timedelta

from standardsd.core.instants import instant, micros
from standardsd.core.numbers.meters import Stepping, earliest
from standardsd.core.numbers.turns import Turn, limit_of
from standardsd.core.numbers.windowed import ENTRIES_MAX, Entry
from standardsd.model.clock import Clock
from standardsd.model.promise import Limits


class SinceMeter(Stepping):
    """Seconds of the clock since the last event; before any, since ``began`` (nobody knows what was before).

    Out of limits from the instant on at which the limit is used up, as an occurrence is broken at due; an
    event at that very instant still keeps it.  An event in a gap of the source would not have been seen:
    from then on it is out of limits only when the limit is used up from the gap's end, and not known before.
    """

    def __init__(self, clock: Clock, limits: Limits) -> None:
        super().__init__(limits)
        self._clock = clock
        self.began: int | None = None
        self.entries: list[Entry] = []

    def insert(self, entry: Entry) -> None:
        insort(self.entries, entry)

    def discard(self, entry: Entry) -> bool:
        place = bisect_left(self.entries, entry)
        if place == len(self.entries) or self.entries[place] != entry:
            return False
        del self.entries[place]
        return True

    def overflow(self) -> int | None:
        """Forgets the oldest; only the last one before an instant counts."""
        del self.entries[:-ENTRIES_MAX]
        return None

    def prune(self, floor: int) -> None:
        keep = bisect_left(self.entries, floor, key=_at) - 1
        if keep > 0:
            del self.entries[:keep]

    def next_point(self) -> int | None:
        ahead = [self._point()]
        place = bisect_left(self.entries, self.before, key=_at)
        if place < len(self.entries):
            ahead.append(self.entries[place][0])
        last = self._last(self.before - 1)
        if last is not None:
            ahead += [at for at in self._uses_up(last[0], self.before - 1) if at >= self.before]
        elif self.began is not None:
            ahead.append(max(self.began, self.before))
        return earliest(*ahead)

    def look(self, at: int) -> Turn:
        self.before = at + 1
        last = self._last(at)
        if last is None:
            return self._turn(at, None, read=False)
        since, real = last
        value = self._elapsed(since, at)
        high, low = self._due(since, self.limits.highest), self._due(since, self.limits.lowest)
        if high is not None and at >= high:
            perhaps = self.unseen.until(at)
            surely = self._due(perhaps, self.limits.highest) if since < perhaps <= at else high
            kept = False if surely is not None and at >= surely else None
            return Turn(at, kept, value, self.limits.highest, read=False)
        if low is not None and at < low and real:
            return Turn(at, False, value, self.limits.lowest, read=since == at)
        return Turn(at, True, value, limit_of(self.limits, None), read=since == at)

    def crosses_at(self) -> int | None:
        last = self._last(self.before - 1)
        if last is None or self.limits.highest is None:
            return None
        return earliest(*(at for at in self._uses_up(last[0], self.before - 1) if at >= self.before))

    def value(self, now: int) -> float | None:
        last = self._last(now)
        return None if last is None else self._elapsed(last[0], now)

    def _last(self, at: int) -> tuple[int, bool] | None:
        """The last event by ``at``, and whether it is one and not the beginning."""
        place = bisect_right(self.entries, at, key=_at)
        if place:
            return self.entries[place - 1][0], True
        return None if self.began is None or self.began > at else (self.began, False)

    def _uses_up(self, since: int, at: int) -> list[int]:
        """When the limits are used up, counted from the event and from the end of the last gap after it."""
        found = [self._due(since, self.limits.highest), self._due(since, self.limits.lowest)]
        perhaps = self.unseen.until(at)
        if perhaps > since:
            found.append(self._due(perhaps, self.limits.highest))
        return [at for at in found if at is not None]

    def _due(self, since: int, limit: float | None) -> int | None:
        if limit is None:
            return None
        due = self._clock.due(instant(since), timedelta(seconds=limit))
        return None if due is None else micros(due)

    def _elapsed(self, since: int, at: int) -> float:
        return self._clock.elapsed(instant(since), instant(at)).total_seconds()


def _at(entry: Entry) -> int:
    return entry[0]
