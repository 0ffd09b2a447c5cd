"""The aggregator: shares, open promises and alerts per standard and group.

It is told what the case judge said and what is open, and never looks at an
interaction itself.  Time moves only by the ``now`` it is given.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime

from standardsd.core.alerts import AlertLife, step, wakes_at
from standardsd.core.due import Lane
from standardsd.core.figures import CaseKey, Evidence, Figures, OpenPromise, budget_remaining, share_window
from standardsd.core.sight import Sources
from standardsd.model.decision import (
    Alert,
    AlertState,
    Amendment,
    CaseDecision,
    Final,
    Verdict,
    VerdictSpoken,
)
from standardsd.model.snapshot import AlertNow, GroupNow, OpenCase, State
from standardsd.model.standard import Condition, Group, Standard
from standardsd.model.vocabulary import Kind

GroupKey = tuple[str, Group]
"""(standard, group)"""

WallKey = tuple[str, CaseKey] | tuple[str, GroupKey] | tuple[str, str]
"""What stands in the wall lane: ("case", …), ("group", …) or ("source", …)."""


class _Live:
    """What is open in one group now: derived from the cases, never stored."""

    __slots__ = ("at_risk", "cache", "open", "overdue")

    def __init__(self) -> None:
        self.open: dict[CaseKey, OpenPromise] = {}
        self.at_risk: set[CaseKey] = set()
        self.overdue: set[CaseKey] = set()
        self.cache: GroupNow | None = None


class Aggregator:
    """``kind``: the vocabulary's kind of that name; ``is_old``: a breach of before judging began."""

    def __init__(
        self,
        wall: Lane[WallKey],
        sources: Sources,
        kind: Callable[[str], Kind | None],
        is_old: Callable[[datetime], bool],
        urgent_max: int,
    ) -> None:
        self.standards: dict[str, Standard] = {}
        self.figures: dict[GroupKey, Figures] = {}
        self._live: dict[GroupKey, _Live] = {}
        self._home: dict[CaseKey, GroupKey] = {}
        self._dirty: set[GroupKey] = set()
        self._wall = wall
        self._sources = sources
        self._kind = kind
        self._is_old = is_old
        self.old: dict[CaseKey, datetime] = {}  # breached before judging began, unfinished → start
        self._urgent_max = urgent_max

    # -- what it is told -------------------------------------------------------------------------------

    def know(self, standard: Standard, group: Group) -> GroupKey:
        """From now on this group has figures, all zero if nothing happened."""
        key = (standard.id, group)
        if key not in self.figures:
            self.figures[key] = Figures.empty()
            self.standards.setdefault(standard.id, standard)
            self._dirty.add(key)
        if key not in self._live:
            self._live[key] = _Live()
        return key

    def hear(
        self,
        standard: Standard,
        case: CaseKey,
        *,
        before: CaseDecision | None,
        lines: Iterable[VerdictSpoken | Amendment | Final],
        now: datetime,
    ) -> None:
        """What was just said of one occurrence; ``before`` is the last line said until then."""
        last = before
        for line in lines:
            key = self.know(standard, standard.group(line.labels))
            figures = self.figures[key]
            if last is not None:
                old = self.know(standard, standard.group(last.labels))
                self.figures[old].uncount(last)
                self._dirty.add(old)
            figures.count(line)
            self._tally(figures, standard, line, last)
            self._dirty.add(key)
            self._keep_evidence(standard, case, line=line, key=key, last=last, now=now)
            last = line

    def _tally(
        self, figures: Figures, standard: Standard, line: CaseDecision, last: CaseDecision | None
    ) -> None:
        """Counters only rise: a first word, an amendment, a violation, a measured time."""
        if isinstance(line, VerdictSpoken):
            assert line.verdict is not None
            figures.spoken[line.verdict] += 1
        if isinstance(line, Amendment):
            figures.amendments += 1
        breached_before = last is not None and last.verdict is Verdict.BREACHED
        figures.violations += line.verdict is Verdict.BREACHED and not breached_before
        measured_before = None if last is None else last.measured
        if line.measured is not None and measured_before is None:
            figures.observe(line.measured, standard.promise.limit.total_seconds())

    def _keep_evidence(
        self,
        standard: Standard,
        case: CaseKey,
        *,
        line: CaseDecision,
        key: GroupKey,
        last: CaseDecision | None,
        now: datetime,
    ) -> None:
        spoken = now
        if last is not None:
            old = self.figures[(standard.id, standard.group(last.labels))].evidence.pop(case, None)
            spoken = old.spoken if old else now
        if line.verdict is Verdict.BREACHED and not self._is_old(line.at):
            finished = isinstance(line, Final)
            self.figures[key].evidence[case] = Evidence(spoken, line.start, finished)

    def track(
        self, standard: Standard, case: CaseKey, group: Group, promise: OpenPromise | None, now: datetime
    ) -> None:
        """What is still awaited of one occurrence; None: nothing (any more)."""
        home = self._home.pop(case, None)
        if home is not None:
            live = self._live[home]
            live.open.pop(case, None)
            live.at_risk.discard(case)
            live.overdue.discard(case)
            self.old.pop(case, None)
            self._dirty.add(home)
        if promise is None:
            self._wall.set(("case", case), None)
            return
        key = self.know(standard, group)
        self._home[case] = key
        self._live[key].open[case] = promise
        if promise.old:
            self.old[case] = promise.start
        self._dirty.add(key)
        self.reached_case(case, now)

    def reached_case(self, case: CaseKey, now: datetime) -> None:
        """Sets what has come true of an open promise by ``now`` and when to look again."""
        key = self._home.get(case)
        if key is None:
            return
        live = self._live[key]
        promise = live.open[case]
        self._dirty.add(key)
        self._wall.set(("case", case), None)
        if promise.breached:
            return
        ahead: list[datetime] = []
        for instant, reached in ((promise.risk_at, live.at_risk), (promise.due, live.overdue)):
            if instant is None:
                continue
            if instant <= now:
                reached.add(case)
            else:
                ahead.append(instant)
        if ahead:
            self._wall.set(("case", case), min(ahead))

    def touch(self, key: GroupKey) -> None:
        """Something about this group may have changed with time."""
        if key in self.figures:
            self._dirty.add(key)

    def touch_all(self) -> None:
        self._dirty.update(self.figures)

    def open_standards(self) -> set[GroupKey]:
        """Groups in which something is open."""
        return {key for key, live in self._live.items() if live.open}

    def live_from_figures(self) -> None:
        """After the figures were restored: a place for what is open in each group."""
        for key in self.figures:
            self._live.setdefault(key, _Live())
        self.touch_all()

    # -- what it says ----------------------------------------------------------------------------------

    def settle(self, now: datetime) -> list[Alert]:
        """Alerts whose state changes at ``now``; looks only at groups that were touched."""
        said: list[Alert] = []
        for key in sorted(self._dirty):
            standard = self.standards.get(key[0])
            if standard is None:
                continue
            figures, live = self.figures[key], self._live[key]
            live.cache = None
            figures.age(share_window(standard), now)
            self._drop_old_evidence(standard, figures, now)
            dark = self._sources.is_dark(standard, self._kind(standard.of), key[1])
            for condition in standard.alert.on:
                said += self._step(standard, key, condition, dark=dark, now=now)
            self._wall.set(("group", key), self._look_again(standard, figures, now))
        self._dirty.clear()
        return said

    def _drop_old_evidence(self, standard: Standard, figures: Figures, now: datetime) -> None:
        keep = standard.alert.keep_firing_for
        old = [case for case, e in figures.evidence.items() if e.finished and now - e.spoken >= keep]
        for case in old:
            del figures.evidence[case]

    def _step(
        self, standard: Standard, key: GroupKey, condition: Condition, *, dark: bool, now: datetime
    ) -> list[Alert]:
        figures = self.figures[key]
        holds, count, oldest = self._condition(standard, key, condition, dark=dark, now=now)
        life = figures.alerts.get(condition)
        if life is None:
            life = figures.alerts[condition] = AlertLife(AlertState.INACTIVE, now)
        if holds is not None:
            life.count, life.oldest = count, oldest
        if not step(life, holds=holds, hold_for=standard.alert.hold_for, now=now):
            return []
        return [Alert(standard.id, condition, dict(key[1]), life.state, now, life.count, life.oldest)]

    def _condition(
        self, standard: Standard, key: GroupKey, condition: Condition, *, dark: bool, now: datetime
    ) -> tuple[bool | None, int, datetime | None]:
        """Whether it holds (None: unknown), how many pieces of evidence, the start of the oldest."""
        figures, live = self.figures[key], self._live[key]
        if condition is Condition.SILENCE:
            return dark, len(live.open), min((p.start for p in live.open.values()), default=None)
        if dark:
            return None, 0, None
        if condition is Condition.BREACH:
            evidence = figures.evidence
            return bool(evidence), len(evidence), min((e.start for e in evidence.values()), default=None)
        if condition is Condition.AT_RISK:
            if self._sources.is_awaited(standard, self._kind(standard.of), key[1]):
                return None, 0, None
            starts = [live.open[case].start for case in live.at_risk]
            return bool(starts), len(starts), min(starts, default=None)
        share = figures.share(standard, now)
        if share.kept is None or standard.objective is None:
            return None, 0, None
        return share.kept < standard.objective.at_least, share.counted, None

    def _look_again(self, standard: Standard, figures: Figures, now: datetime) -> datetime | None:
        """The next instant at which time alone can change an alert or a share of this group."""
        keep = standard.alert.keep_firing_for
        moments = [e.spoken + keep for e in figures.evidence.values() if e.finished]
        moments += [at for life in figures.alerts.values() if (at := wakes_at(life, standard.alert.hold_for))]
        changes = figures.share_changes_at(standard, now)
        if changes is not None:
            moments.append(changes)
        return min((at for at in moments if at > now), default=None)

    # -- what can be seen ------------------------------------------------------------------------------

    def groups(self, now: datetime) -> tuple[GroupNow, ...]:
        """Every group of every standard in force, and of a former one while something of it is open."""
        return tuple(
            self._now(self.standards[key[0]], key, now)
            for key in sorted(self.figures)
            if key[0] in self.standards
        )

    def group(self, key: GroupKey, now: datetime) -> GroupNow | None:
        standard = self.standards.get(key[0])
        return None if standard is None or key not in self.figures else self._now(standard, key, now)

    def _now(self, standard: Standard, key: GroupKey, now: datetime) -> GroupNow:
        live = self._live[key]
        if live.cache is None:
            live.cache = self._look(standard, key, now)
        return live.cache

    def _look(self, standard: Standard, key: GroupKey, now: datetime) -> GroupNow:
        figures, live = self.figures[key], self._live[key]
        share = figures.share(standard, now)
        breached = [p for p in live.open.values() if p.breached]
        awaited = [p for p in live.open.values() if not p.breached]
        limit = standard.promise.limit.total_seconds()
        return GroupNow(
            standard=standard.id,
            group=key[1],
            state=self._state(standard, key, share.kept, breached=bool(breached)),
            verdicts=dict(figures.spoken),
            violations=figures.violations,
            amendments=figures.amendments,
            open=len(awaited),
            at_risk=len(live.at_risk),
            overdue=len(live.overdue),
            breached_open=len(breached),
            next_due=min((p.due for p in awaited if p.due), default=None),
            kept_ratio=share.kept,
            counted=share.counted,
            excluded=share.excluded,
            indeterminate=share.indeterminate,
            budget_remaining=budget_remaining(standard, share.kept),
            measured=figures.histogram(limit),
            alerts={c: AlertNow(a.state, a.since, a.count, a.oldest) for c, a in figures.alerts.items()},
            urgent=self._urgent(live),
        )

    def _state(self, standard: Standard, key: GroupKey, kept: float | None, *, breached: bool) -> State:
        live, figures = self._live[key], self.figures[key]
        if self._sources.is_dark(standard, self._kind(standard.of), key[1]):
            return State.UNKNOWN
        short = standard.objective is not None and kept is not None and kept < standard.objective.at_least
        if breached or figures.evidence or short:
            return State.BROKEN
        return State.AT_RISK if live.at_risk else State.KEPT

    def _urgent(self, live: _Live) -> tuple[OpenCase, ...]:
        """Breached ones first, oldest due first; those without a due instant last."""
        worst = heapq.nsmallest(
            self._urgent_max,
            live.open.items(),
            key=lambda item: (
                not item[1].breached,
                item[1].due is None,
                item[1].due or item[1].start,
                item[0],
            ),
        )
        return tuple(
            OpenCase(p.kind, p.id, p.occurrence, p.start, p.due, case in live.at_risk, p.breached)
            for case, p in worst
        )
