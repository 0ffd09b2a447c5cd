"""The latest breaches of each standard's groups, and episodes of numbers: what a receipt shows as evidence.

A cache of the store: after a restart it is filled from the end of what was decided, so a link in
an old alert still finds what it was about.  What is older is in the store for good.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from standardsd.daemon.excursions import RecentEpisodes
from standardsd.daemon.loop import Teller
from standardsd.model.decision import CaseDecision, Decision, Episode, Verdict
from standardsd.model.standard import Group, RuleBook, Standard
from standardsd.store.entries import Outgoing
from standardsd.store.store import Store
from standardsd.store.trouble import StoreTrouble

log = logging.getLogger(__name__)

recent_max = 20
"""Breaches kept for each group of a standard: more than anybody reads in one page."""

groups_max = 2_000
"""Groups with breaches kept; past it the one that was longest without news is forgotten (some 40 MB in all)."""

tail_decisions_max = 20_000
"""Decisions read back at a start, about: a second's work.  Reading stops at the first step that has them."""

tail_inputs_first = 200
"""Inputs read back in the first step; each step back is twice as long as the last."""

Case = tuple[str, str, int]
"""(kind, id, occurrence)"""


class RecentBreaches:
    """The last line on each breach, per standard and group, oldest first.

    ``book``: the rules in force, asked anew each time; a line of a standard they do not have is not kept.
    """

    def __init__(self, book: Callable[[], RuleBook]) -> None:
        self._book = book
        self._known: RuleBook | None = None
        self._standards: dict[str, Standard] = {}
        self._groups: OrderedDict[tuple[str, Group], OrderedDict[Case, CaseDecision]] = OrderedDict()
        self._where: dict[tuple[str, Case], Group] = {}
        self.episodes = RecentEpisodes()

    def keep(self, decisions: Iterable[object]) -> None:
        """Takes what was decided, in its order; what is about no breach and no number changes nothing."""
        for line in decisions:
            if isinstance(line, CaseDecision):
                self._keep(line)
            elif isinstance(line, Episode):
                self.episodes.keep(line)

    def of(self, standard: str) -> list[CaseDecision]:
        """Of all groups of a standard."""
        return [
            line for (name, _), lines in self._groups.items() if name == standard for line in lines.values()
        ]

    def fill(self, store: Store) -> None:
        """From the end of the store; what it holds of breaches before that is not shown."""
        last = store.last_seq()
        steps: list[list[CaseDecision | Episode]] = []
        looked_at, step, until = 0, tail_inputs_first, last
        while until > 0 and looked_at < tail_decisions_max:
            after = max(0, until - step)
            lines: list[CaseDecision | Episode] = []
            for row in store.decisions(after):
                if row.seq > until:
                    break
                looked_at += 1
                if isinstance(row.decision, CaseDecision | Episode):
                    lines.append(row.decision)
            steps.append(lines)
            until, step = after, 2 * step
        for lines in reversed(steps):
            self.keep(lines)
        self.episodes.keep_if_new(store.episodes())

    def beside(self, teller: Teller) -> Teller:
        """``teller``, with every decision kept here as well once it is durable."""
        return _Both(teller, self)

    def _keep(self, line: CaseDecision) -> None:
        case = (line.kind, line.id, line.occurrence)
        standard = self._standard(line.standard)
        group = None if standard is None else standard.group(line.labels)
        before = self._where.get((line.standard, case))
        if before is not None and (line.verdict is not Verdict.BREACHED or before != group):
            self._drop(line.standard, before, case)
        if group is None or line.verdict is not Verdict.BREACHED:
            return
        lines = self._groups.setdefault((line.standard, group), OrderedDict())
        self._groups.move_to_end((line.standard, group))
        lines[case] = line
        self._where[line.standard, case] = group
        if len(lines) > recent_max:
            oldest, _ = lines.popitem(last=False)
            del self._where[line.standard, oldest]
        if len(self._groups) > groups_max:
            (name, _), forgotten = self._groups.popitem(last=False)
            for gone in forgotten:
                del self._where[name, gone]

    def _drop(self, standard: str, group: Group, case: Case) -> None:
        lines = self._groups[standard, group]
        del lines[case], self._where[standard, case]
        if not lines:
            del self._groups[standard, group]

    def _standard(self, name: str) -> Standard | None:
        book = self._book()
        if book is not self._known:
            self._known, self._standards = book, {standard.id: standard for standard in book.standards}
        return self._standards.get(name)


def recent_breaches(store: Store, book: Callable[[], RuleBook]) -> RecentBreaches:
    """Filled from the store; where that cannot be read, empty: a page shows less, and nothing else depends on it."""
    recent = RecentBreaches(book)
    try:
        recent.fill(store)
    except StoreTrouble as trouble:
        log.warning("pages show no breach from before this start: %s", trouble)
    return recent


class _Both:
    """A ``loop.Teller`` that keeps breaches beside another's messages."""

    def __init__(self, teller: Teller, recent: RecentBreaches) -> None:
        self._teller = teller
        self._recent = recent

    def word(self, decisions: Sequence[Decision]) -> tuple[Sequence[Outgoing], Callable[[], None]]:
        outgoing, keep = self._teller.word(decisions)

        def keep_both() -> None:
            keep()
            self._recent.keep(decisions)

        return outgoing, keep_both
