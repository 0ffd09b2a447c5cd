"""The aggregator: shares, open promises and alerts per standard and group.

It is told what the case judge said and what is open, and what became of a number, and never looks at
an interaction itself.  Time moves only by the ``now`` it is given.  A shadow standard is known, and
that is all: nothing of it is counted, kept open or told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from standardsd.core.alerting import look_again, move_on
from standardsd.core.due import Lane
from standardsd.core.figures import CaseKey, Evidence, Figures, OpenPromise
from standardsd.core.goals import Goals
from standardsd.core.instants import micros
from standardsd.core.live import Live
from standardsd.core.looks import look
from standardsd.core.measured import Measured, edges_of
from standardsd.core.numbers.contributing import events_needed
from standardsd.core.numbers.needs import needed
from standardsd.core.sight import Sources
from standardsd.core.tallies import Timeline
from standardsd.model.decision import (
    Alert,
    Amendment,
    CaseDecision,
    EpisodeState,
    Final,
    Verdict,
    VerdictSpoken,
)
from standardsd.model.snapshot import GroupNow, NumberNow
from standardsd.model.standard import Group, Standard
from standardsd.model.vocabulary import Kind

GroupKey = tuple[str, Group]
"""(standard, group)"""

WallKey = tuple[str, CaseKey] | tuple[str, GroupKey] | tuple[str, str]
"""What stands in the wall lane: ("case", …), ("group", …) or ("source", …)."""

FORGET_PART = 16
"""What has left every window is let go of when it is a sixteenth of what is kept, or after a day."""

FORGET_AFTER_MAX = 86_400_000_000
"""µs"""


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
        self._live: dict[GroupKey, Live] = {}
        self._home: dict[CaseKey, GroupKey] = {}
        self._dirty: set[GroupKey] = set()
        self._turn = 0
        self._edges: dict[str, tuple[Standard, tuple[float, ...]]] = {}
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
            self.standards.setdefault(standard.id, standard)
            self.figures[key] = Figures.empty(self._edges_of(standard.id))
            self._dirty.add(key)
        if key not in self._live:
            self._live[key] = Live()
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
        last, last_key = before, None
        for line in lines:
            key = self.know(standard, standard.group(line.labels))
            if standard.shadow:
                continue
            if last is not None and last_key is None:
                last_key = self.know(standard, standard.group(last.labels))
            if last is None or last_key is None or _moved(last, line) or key != last_key:
                if last is not None and last_key is not None:
                    self.figures[last_key].verdicts.remove(last)
                    self._recount(last_key)
                self.figures[key].verdicts.add(line)
                self._recount(key)
            self._tally(self.figures[key], standard, line, last)
            self._dirty.add(key)
            self._keep_evidence(case, line=line, key=key, last_key=last_key, now=now)
            last, last_key = line, key

    def _recount(self, key: GroupKey) -> None:
        self._live[key].share = None
        self._dirty.add(key)

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
            edges = self._edges_of(standard.id)
            if figures.measured.edges != edges:  # other limits are another histogram
                figures.measured = Measured.empty(edges)
            figures.measured.observe(line.measured)

    def _edges_of(self, name: str) -> tuple[float, ...]:
        """Of the standard as it is now."""
        standard = self.standards[name]
        known = self._edges.get(name)
        if known is None or known[0] is not standard:
            known = self._edges[name] = (standard, edges_of(standard))
        return known[1]

    def _keep_evidence(
        self, case: CaseKey, *, line: CaseDecision, key: GroupKey, last_key: GroupKey | None, now: datetime
    ) -> None:
        spoken = now
        if last_key is not None:
            old = self.figures[last_key].evidence.pop(case, None)
            if old is not None:
                spoken = old.spoken
                self._live[last_key].let_go(case)
        if line.verdict is Verdict.BREACHED and not self._is_old(line.at):
            evidence = Evidence(spoken, line.start, isinstance(line, Final))
            self.figures[key].evidence[case] = evidence
            self._live[key].keep(case, evidence)

    def hear_number(
        self,
        standard: Standard,
        group: Group,
        number: NumberNow,
        changes: Sequence[tuple[datetime, EpisodeState]],
    ) -> None:
        """How a number stands now, and its states from the first of ``changes`` (ascending) on.

        The share kept is made of these states: what was told before of the time from ``changes[0]`` on no longer
        holds.  A limit that was crossed counts from the crossing, so one that turns out to have been broken for
        ``for`` is told with the instant of the crossing.
        """
        key = self.know(standard, group)
        if standard.shadow:
            return
        figures = self.figures[key]
        if figures.states is None:
            figures.states = Timeline()
        figures.states.tell(changes)
        if number.state is EpisodeState.BROKEN and number.since != figures.opened:
            figures.opened = number.since  # the same episode again, or seen again after the dark, is none
            figures.violations += 1
        figures.number = number
        self._recount(key)

    def track(
        self, standard: Standard, case: CaseKey, group: Group, promise: OpenPromise | None, now: datetime
    ) -> None:
        """What is still awaited of one occurrence; None: nothing (any more)."""
        if standard.shadow:
            promise = None
        home = self._home.get(case)
        if home is not None:
            if promise is not None and home[1] == group and self._live[home].open[case] == promise:
                return
            self._live[home].drop(case)
            del self._home[case]
            self.old.pop(case, None)
            self._dirty.add(home)
        if promise is None:
            if home is not None:
                self._wall.set(("case", case), None)
            return
        key = self.know(standard, group)
        self._home[case] = key
        self._live[key].take(case, promise)
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
        ahead: datetime | None = None
        if not promise.breached:
            if promise.risk_at is not None:
                if promise.risk_at <= now:
                    live.at_risk.set(case, promise.start)
                else:
                    ahead = promise.risk_at
            if promise.due is not None:
                if promise.due <= now:
                    live.overdue.add(case)
                elif ahead is None or promise.due < ahead:
                    ahead = promise.due
        self._wall.set(("case", case), ahead)

    def touch(self, key: GroupKey) -> None:
        """Something about this group may have changed with time."""
        if key in self.figures:
            self._dirty.add(key)

    def touch_all(self) -> None:
        """Something about the sources, or about the rules, is not as it was."""
        self._turn += 1
        self._dirty.update(self.figures)

    def open_standards(self) -> set[GroupKey]:
        """Groups in which something is open."""
        return {key for key, live in self._live.items() if live.open}

    def live_from_figures(self) -> None:
        """After the figures were restored: a place for what is open in each group."""
        for key, figures in self.figures.items():
            self._live.setdefault(key, Live()).remember(figures)
        self.touch_all()

    # -- what it says ----------------------------------------------------------------------------------

    def settle(self, now: datetime) -> list[Alert]:
        """Alerts whose state changes at ``now``; looks only at groups that were touched."""
        said: list[Alert] = []
        us = micros(now)
        for key in sorted(self._dirty):
            standard = self.standards.get(key[0])
            if standard is None:
                continue
            live = self._live[key]
            live.cache = None
            goals, figures = self._goals(key, standard, live), self.figures[key]
            self._listen(standard, key[1], live)
            said += move_on(key[1], goals, figures, live, now)
            self._wall.set(("group", key), look_again(goals, figures, live, now))
            if us >= live.forget_at:
                horizon = goals.horizon(us)
                figures.tally.forget(horizon)
                live.forget_at = us + min(FORGET_AFTER_MAX, (us - horizon) // FORGET_PART)
        self._dirty.clear()
        return said

    def _goals(self, key: GroupKey, standard: Standard, live: Live) -> Goals:
        if live.goals is None or live.goals.standard is not standard:
            live.fit(standard, Goals(standard, key[1]))
        assert live.goals is not None
        return live.goals

    def _listen(self, standard: Standard, group: Group, live: Live) -> None:
        """Whether a source this group needs is dark, or not heard since we began to listen."""
        if live.heard != self._turn:
            states = [self._sources.states[name] for name in self._needed(standard, group)]
            live.heard = self._turn
            live.dark = any(state.dark for state in states)
            live.awaited = any(not state.met for state in states)

    def _needed(self, standard: Standard, group: Group) -> tuple[str, ...]:
        """The sources without which nothing is known of this standard in this group."""
        kind = self._kind(standard.of)
        if standard.is_number:
            events = frozenset() if kind is None else events_needed(standard, kind)
            return needed(self._sources, standard, events, group)
        return () if kind is None else self._sources.depends(standard, kind, group)

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

    def share(self, key: GroupKey, now: datetime) -> float | None:
        """The share kept of one group in its window; None: unknown, or there is no such group."""
        found = self.group(key, now)
        return None if found is None else found.kept_ratio

    def _now(self, standard: Standard, key: GroupKey, now: datetime) -> GroupNow:
        live, us = self._live[key], micros(now)
        if live.cache is None or (live.cache_until is not None and us >= live.cache_until):
            goals, figures = self._goals(key, standard, live), self.figures[key]
            self._listen(standard, key[1], live)
            live.cache = look(key[1], goals, figures, live, now=us, urgent_max=self._urgent_max)
            live.cache_until = None if standard.shadow else goals.seen_until(figures.tally, us)
        return live.cache


def _moved(last: CaseDecision, line: CaseDecision) -> bool:
    """Whether it counts elsewhere in the tally now: a ``final`` seldom does."""
    return (last.verdict, last.at, last.reason) != (line.verdict, line.at, line.reason)
