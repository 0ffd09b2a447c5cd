"""What is open in one group now: derived from the cases, never stored."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from standardsd.core.figures import CaseKey, Evidence, Figures, OpenPromise
from standardsd.core.goals import Goals
from standardsd.core.soonest import Soonest
from standardsd.model.snapshot import GroupNow, OpenCase
from standardsd.model.standard import Condition, Standard


class ShareLook(NamedTuple):
    """``below``: the target; ``burning``: the budget; both stay so until ``until`` (µs; None: for good)."""

    below: bool | None
    burning: bool | None
    until: int | None


class Live:
    """Whatever an alert or a page asks first (the oldest, the next due) is at hand without walking what is open."""

    __slots__ = (
        "at_risk", "awaited", "begun", "cache", "cache_until", "dark", "evidence", "finished", "forget_at", "goals",
        "heard", "late", "open", "overdue", "share", "waiting",
    )  # fmt: skip

    def __init__(self) -> None:
        self.open: dict[CaseKey, OpenPromise] = {}
        self.waiting: Soonest[CaseKey] = Soonest()  # not breached, by due
        self.late: Soonest[CaseKey] = Soonest()  # breached, by due
        self.at_risk: Soonest[CaseKey] = Soonest()  # by start
        self.overdue: set[CaseKey] = set()
        self.begun: Soonest[CaseKey] | None = None  # all that is open by start; kept only where somebody asks
        self.evidence: Soonest[CaseKey] = Soonest()  # breaches that keep an alert firing, by start
        self.finished: Soonest[CaseKey] = (
            Soonest()
        )  # those of them that are over, by the instant they were spoken
        self.goals: Goals | None = None
        self.cache: GroupNow | None = None
        self.cache_until: int | None = None
        self.forget_at = 0
        self.share: ShareLook | None = None  # None: something was counted since
        self.heard = -1  # what is known of the sources was looked up at this turn
        self.dark = self.awaited = False

    def fit(self, standard: Standard, goals: Goals) -> None:
        """The standard is new, or says something else now."""
        self.goals = goals
        self.forget_at = 0
        self.share = None
        self.heard = -1
        self.begun = None
        if Condition.SILENCE in standard.alert.on:
            self.begun = Soonest()
            for case, promise in self.open.items():
                self.begun.set(case, promise.start)

    def take(self, case: CaseKey, promise: OpenPromise) -> None:
        self.open[case] = promise
        (self.late if promise.breached else self.waiting).set(case, _rank(case, promise))
        if self.begun is not None:
            self.begun.set(case, promise.start)

    def drop(self, case: CaseKey) -> None:
        promise = self.open.pop(case, None)
        if promise is None:
            return
        (self.late if promise.breached else self.waiting).drop(case)
        self.at_risk.drop(case)
        self.overdue.discard(case)
        if self.begun is not None:
            self.begun.drop(case)

    def next_due(self) -> datetime | None:
        """The earliest due instant of what is open and not breached."""
        first = self.waiting.first()
        return None if first is None or first[0] else first[1]

    def urgent(self, count: int) -> tuple[OpenCase, ...]:
        """Breached ones first, earliest due first; those without a due instant last."""
        worst = self.late.firsts(count)
        worst += self.waiting.firsts(count - len(worst))
        return tuple(
            OpenCase(p.kind, p.id, p.occurrence, p.start, p.due, case in self.at_risk, p.breached)
            for case in worst
            for p in (self.open[case],)
        )

    # -- evidence --------------------------------------------------------------------------------------

    def keep(self, case: CaseKey, evidence: Evidence) -> None:
        self.evidence.set(case, evidence.start)
        if evidence.finished:
            self.finished.set(case, evidence.spoken)
        else:
            self.finished.drop(case)

    def let_go(self, case: CaseKey) -> None:
        self.evidence.drop(case)
        self.finished.drop(case)

    def remember(self, figures: Figures) -> None:
        """After the figures were restored."""
        for case, evidence in figures.evidence.items():
            self.keep(case, evidence)


def _rank(case: CaseKey, promise: OpenPromise) -> tuple[bool, datetime, CaseKey]:
    return (promise.due is None, promise.due or promise.start, case)
