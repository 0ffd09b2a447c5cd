"""The figures of one standard in one group."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from datetime import datetime, timedelta

from msgspec import Struct

from standardsd.core.alerts import AlertLife
from standardsd.model.decision import CaseDecision, Verdict
from standardsd.model.snapshot import Histogram
from standardsd.model.standard import Condition, Standard

DAY = timedelta(days=1)
"""The window whose share is shown for a standard without an objective."""

EDGES_OF_LIMIT = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Histogram edges as parts of the limit; one lies exactly on it."""

CaseKey = tuple[str, str, str, int]
"""(standard, kind, id, occurrence)"""


class Evidence(Struct, frozen=True, gc=False):
    """A breach that keeps an alert firing.  ``spoken``: wall instant."""

    spoken: datetime
    start: datetime
    finished: bool


class OpenPromise(Struct, frozen=True, gc=False):
    """An occurrence that is still awaited.  ``breached``: spoken so, and not finished."""

    kind: str
    id: str
    occurrence: int
    start: datetime
    due: datetime | None
    risk_at: datetime | None
    breached: bool
    old: bool = False  # breached before judging began


class Share(Struct, frozen=True):
    """Of a window now.  ``kept`` None: fewer than ``min_count`` verdicts."""

    counted: int
    kept: float | None
    excluded: int
    indeterminate: int


class Figures(Struct):
    """What is kept of one group; everything in it can be computed again from the verdicts."""

    ats: dict[Verdict, list[datetime]]  # of the verdicts that stand, ascending
    spoken: dict[Verdict, int]
    violations: int
    amendments: int
    measured: list[int]
    measured_sum: float
    evidence: dict[CaseKey, Evidence]
    alerts: dict[Condition, AlertLife]

    @classmethod
    def empty(cls) -> Figures:
        zero = dict.fromkeys(Verdict, 0)
        return cls({word: [] for word in Verdict}, zero, 0, 0, [0] * (len(EDGES_OF_LIMIT) + 1), 0.0, {}, {})

    def count(self, line: CaseDecision) -> None:
        """A verdict that now stands."""
        if line.verdict is not None:
            insort(self.ats[line.verdict], line.at)

    def uncount(self, line: CaseDecision) -> None:
        """A verdict that no longer stands; one that has aged out of its window is not there any more."""
        if line.verdict is None:
            return
        ats = self.ats[line.verdict]
        place = bisect_left(ats, line.at)
        if place < len(ats) and ats[place] == line.at:
            del ats[place]

    def age(self, window: timedelta, now: datetime) -> None:
        """Forgets verdicts with ``at`` ≤ now − window."""
        for ats in self.ats.values():
            old = bisect_right(ats, now - window)
            if old:
                del ats[:old]

    def share(self, standard: Standard, now: datetime) -> Share:
        """Share kept = met ÷ (met + breached) over (now − W, now]."""
        begin = now - share_window(standard)
        inside = {word: bisect_right(ats, now) - bisect_right(ats, begin) for word, ats in self.ats.items()}
        counted = inside[Verdict.MET] + inside[Verdict.BREACHED]
        needed = standard.objective.min_count if standard.objective else 1
        kept = inside[Verdict.MET] / counted if counted >= max(1, needed) else None
        return Share(counted, kept, inside[Verdict.EXCLUDED], inside[Verdict.INDETERMINATE])

    def share_changes_at(self, standard: Standard, now: datetime) -> datetime | None:
        """When the next verdict enters or leaves the window."""
        window = share_window(standard)
        moments: list[datetime] = []
        for ats in self.ats.values():
            leaving = bisect_right(ats, now - window)
            entering = bisect_right(ats, now)
            moments += [at + window for at in ats[leaving : leaving + 1]]
            moments += ats[entering : entering + 1]
        return min(moments, default=None)

    def observe(self, seconds: float, limit: float) -> None:
        """Into the first bucket whose edge is ≥ the measure; an early arrival (negative) into the first."""
        self.measured[bisect_left(_edges(limit), seconds)] += 1
        self.measured_sum += seconds

    def histogram(self, limit: float) -> Histogram:
        return Histogram(_edges(limit), tuple(self.measured), self.measured_sum)


def share_window(standard: Standard) -> timedelta:
    return standard.objective.over.length if standard.objective else DAY


def _edges(limit: float) -> tuple[float, ...]:
    """In seconds, to the microsecond; the limit itself is one of them, exactly."""
    return tuple(limit if part == 1 else round(part * limit, 6) for part in EDGES_OF_LIMIT)


def budget_remaining(standard: Standard, kept: float | None) -> float | None:
    """1 − breach share ÷ (1 − target); below 0 when overspent; None for a target of 100 %."""
    if kept is None or standard.objective is None or standard.objective.at_least >= 1:
        return None
    return 1 - (1 - kept) / (1 - standard.objective.at_least)
