"""The case judge: per interaction, what was said of it and what the judge said about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from standardsd.core.aggregate import WallKey
from standardsd.core.doubt import outcome
from standardsd.core.due import Dues
from standardsd.core.epochs import NOBODY, Epochs, Names, Versions
from standardsd.core.figures import OpenPromise
from standardsd.core.history import History
from standardsd.core.occurrences import Occurrence, judges_once, occurrences
from standardsd.core.sight import Sources
from standardsd.core.speaking import speak
from standardsd.core.spent import earliest
from standardsd.core.verdicts import Outcome
from standardsd.model.decision import Amendment, CaseDecision, Final, Verdict, VerdictSpoken
from standardsd.model.reading import Event, Labels
from standardsd.model.snapshot import Backlog
from standardsd.model.standard import Standard
from standardsd.model.vocabulary import Kind

InteractionKey = tuple[str, str]
"""(kind, id)"""

Line = VerdictSpoken | Amendment | Final


class Settled(NamedTuple):
    """An occurrence about which all has been said: it stays so until its interaction's past changes."""

    start: Event
    closer: Event
    revision: int


class Case(Struct, gc=False):
    """One interaction.  ``said``: the last line per (standard, occurrence); ``open``: what is still awaited.

    ``unseen``: what a gap that is read late may change.  ``waits``: per standard, the watermarks awaited.
    ``settled``: what need not be looked at again; ``over``: standards that judge once, and have; only savings,
    worked out anew after a restart.
    """

    history: History
    said: dict[tuple[str, int], CaseDecision]
    open: set[tuple[str, int]]
    unseen: set[tuple[str, int]]
    waits: dict[str, dict[str, datetime]]
    waiting_in: set[str]
    settled: dict[tuple[str, int], Settled]
    over: set[str]

    @classmethod
    def empty(cls) -> Case:
        return cls(History.empty(), {}, set(), set(), {}, set(), {}, set())


class Found(NamedTuple):
    """One occurrence as it stands: ``known`` None where it is no longer there."""

    standard: Standard
    occurrence: int
    known: Outcome | None
    before: CaseDecision | None
    lines: list[Line]


class CaseJudge:
    """Looks at one interaction at a time; shardable, because no two are ever looked at together."""

    def __init__(
        self,
        epochs: Epochs,
        sources: Sources,
        dues: Dues[WallKey, InteractionKey],
        judge_from: datetime | None,
    ) -> None:
        self.cases: dict[InteractionKey, Case] = {}
        self._epochs = epochs
        self._sources = sources
        self._dues = dues
        self.judge_from = judge_from

    def kind(self, name: str) -> Kind | None:
        return self._epochs.current.vocabulary.get(name)

    def is_old(self, at: datetime) -> bool:
        """Whether a breach of this instant lies before ``judge_from``; one exactly at it does not."""
        return self.judge_from is not None and at < self.judge_from

    def promise(
        self, key: InteractionKey, number: int, known: Outcome, said: CaseDecision | None
    ) -> OpenPromise:
        """What is still awaited of an open occurrence; ``said``: the last line on it.

        A total that is used up exactly, with no stay that goes on, is broken by another stay and by no clock: it
        has no due instant, so that nobody waits for a watermark to pass it.
        """
        breached = said is not None and said.verdict is Verdict.BREACHED
        due = known.due if breached or known.waits else None
        old = said is not None and breached and self.is_old(said.at)
        return OpenPromise(*key, number, known.start, due, known.risk_at, breached, old)

    def backlog(self, starts: Collection[datetime]) -> Backlog | None:
        """What is told together of these old breaches, by when they began."""
        if not starts or self.judge_from is None:
            return None
        return Backlog(len(starts), min(starts), self.judge_from)

    def case(self, key: InteractionKey) -> Case:
        case = self.cases.get(key)
        if case is None:
            case = self.cases[key] = Case.empty()
        return case

    def hear(self, event: Event) -> Names | None:
        """Takes an event in: the standards to look at again; None where it is all of them.

        Usually what comes last in an interaction means nothing to most standards.  It may mean something to any
        where it is not the last, or where doubt, gaps, labels or ``judge_from`` reach back.
        """
        case = self.case((event.kind, event.id))
        history = case.history
        revision, before = history.revision, history.latest
        if not history.add(event):
            return NOBODY
        if before is not None:
            blind = self._sources.blind_until
            if (
                history.uncertain
                or history.revision != revision
                or (blind is not None and history.first is not None and history.first < blind)
                or (self.judge_from is not None and before < self.judge_from)
                or (event.labels and not self._naming(event.kind).isdisjoint(event.labels))
                or any(event.at <= line.at for line in case.said.values())
            ):
                return None
        return self._epochs.telling(event.kind, event.event).difference(case.over)

    def _naming(self, kind: str) -> Names:
        return self._epochs.naming(kind) | self._sources.told_apart_by

    def awaiting(self, key: InteractionKey, source: str, mark: datetime) -> Names:
        """The standards that waited for this source to come as far as ``mark``."""
        waits = self.cases[key].waits
        return frozenset(name for name, of in waits.items() if source in of and of[source] <= mark)

    def look(self, key: InteractionKey, names: Names | None = None) -> list[Found]:
        """Judges what is not settled, says what differs, and notes when to look again.

        ``names``: only these standards, because nothing has happened that could matter to others.
        """
        case = self.cases[key]
        kind = self._epochs.current.vocabulary[key[0]]
        found: list[Found] = []
        last = _last_numbers(case, names)
        events = case.history.ordered(kind)
        judged = () if self._ended_before(kind, events) else events
        for standard_id, versions in self._epochs.of(kind.name).items():
            if names is not None and standard_id not in names:
                continue
            number = 0
            waits: dict[str, datetime] = {}
            for number, (standard, one) in enumerate(_occurrences(kind, versions, judged), start=1):
                if _is_settled(case, (standard_id, number), one):
                    continue
                sources = self._sources.yielding(standard, kind, key[1], _labels_now(case, kind))
                sight = self._sources.sight(sources, key[1], case.history.sources)
                known = outcome(standard, kind, case.history, one, sight)
                found.append(self._found(key, case, standard, number, known))
                self._note_waits(known, sources, waits)
                _settle(case, (standard_id, number), one, known)
            for gone in range(number + 1, last.get(standard_id, 0) + 1):
                case.settled.pop((standard_id, gone), None)
                found.append(self._found(key, case, versions[-1][1], gone, None))
            if number == 1 and (standard_id, 1) in case.settled and judges_once(versions[-1][1]):
                case.over.add(standard_id)
            else:
                case.over.discard(standard_id)
            if waits:
                case.waits[standard_id] = waits
            else:
                case.waits.pop(standard_id, None)
        self._wait(key, case)
        return found

    def _ended_before(self, kind: Kind, events: Sequence[Event]) -> bool:
        """Ended before ``judge_from``: recorded, not judged."""
        if self.judge_from is None or not events or events[-1].at >= self.judge_from:
            return False
        return any(event.event in kind.endings for event in events)

    def _found(
        self, key: InteractionKey, case: Case, standard: Standard, number: int, known: Outcome | None
    ) -> Found:
        before = case.said.get((standard.id, number))
        lines = speak(
            standard=standard,
            kind=key[0],
            interaction=key[1],
            occurrence=number,
            known=known,
            said=before,
        )
        if lines:
            case.said[(standard.id, number)] = lines[-1]
        return Found(standard, number, known, before, lines)

    def _note_waits(self, known: Outcome, sources: Sequence[str], waits: dict[str, datetime]) -> None:
        """Only the sources that have not come so far yet are waited for."""
        for wait in known.waits:
            for name in sources if wait.source is None else (wait.source,):
                mark = self._sources.states[name].seen_to
                if (mark is None or mark < wait.at) and (name not in waits or wait.at < waits[name]):
                    waits[name] = wait.at

    def _wait(self, key: InteractionKey, case: Case) -> None:
        """Looks again when the earliest of what is awaited from each source has come."""
        earliest_of: dict[str, datetime] = {}
        for waits in case.waits.values():
            for name, at in waits.items():
                if name not in earliest_of or at < earliest_of[name]:
                    earliest_of[name] = at
        for name in case.waiting_in - earliest_of.keys():
            self._dues.of(name).set(key, None)
        for name, at in earliest_of.items():
            self._dues.of(name).set(key, at)
        case.waiting_in = set(earliest_of)

    def forget(self, key: InteractionKey) -> None:
        """Drops an interaction from memory; the store still has it."""
        case = self.cases.pop(key, None)
        if case is not None:
            case.waits.clear()
            self._wait(key, case)

    def touched_by_gap(self, until: datetime) -> list[InteractionKey]:
        """Interactions that had begun before the gap was over."""
        touched = []
        for key, case in self.cases.items():
            kind = self.kind(key[0])
            events = case.history.ordered(kind) if kind is not None else ()
            if events and min(map(earliest, events)) < until:
                touched.append(key)
        return touched


def _labels_now(case: Case, kind: Kind) -> Labels:
    """The labels after everything that was said so far."""
    return case.history.label_changes(kind)[1][-1]


def _is_settled(case: Case, number: tuple[str, int], one: Occurrence) -> bool:
    settled = case.settled.get(number)
    return (
        settled is not None
        and settled.revision == case.history.revision
        and not case.history.uncertain
        and settled.closer is one.closer
        and settled.start is one.start
    )


def _settle(case: Case, number: tuple[str, int], one: Occurrence, known: Outcome) -> None:
    """What an event has closed stays as it is said: later events do not reach it, nor do gaps, and
    watermarks only rise.  Unless an event is uncertain: what is said later may have been before it."""
    said = known.closed and not known.waits and (known.word or not known.promised)
    if one.closer is not None and said and not case.history.uncertain:
        case.settled[number] = Settled(one.start, one.closer, case.history.revision)
    else:
        case.settled.pop(number, None)


def _occurrences(
    kind: Kind, versions: Versions, events: tuple[Event, ...]
) -> Iterator[tuple[Standard, Occurrence]]:
    """Each with the version of the standard in force when its clock started."""
    for epoch, standard in versions if events else ():
        if epoch.until is not None and epoch.until <= events[0].at:
            continue  # over before anything of this began
        for one in occurrences(standard, kind, events):
            if epoch.covers(one.start.at):
                yield standard, one


def _last_numbers(case: Case, names: Names | None) -> dict[str, int]:
    """Per standard the last of all that was said or awaited, what is no longer there included."""
    last: dict[str, int] = {}
    for name, number in (*case.said, *case.open):
        if (names is None or name in names) and number > last.get(name, 0):
            last[name] = number
    return last


def is_open(known: Outcome | None, said: CaseDecision | None) -> bool:
    """Whether this occurrence must stay in memory: something is awaited or a breach is unfinished."""
    if known is None or not known.promised:
        return False
    if known.waits or not known.closed:
        return True
    return said is not None and said.verdict is Verdict.BREACHED and not isinstance(said, Final)
