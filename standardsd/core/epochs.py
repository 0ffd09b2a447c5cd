"""Versions of the rules in time, and which standards an event can mean anything to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from standardsd.core.occurrences import telling_events, telling_labels
from standardsd.model.standard import RuleBook, Standard
from standardsd.model.vocabulary import Kind

Names = frozenset[str]
"""Ids of standards."""

NOBODY: Names = frozenset()


class Epoch(Struct, frozen=True):
    """The rules for occurrences whose clock starts in [``since``, ``until``); None: without bound."""

    book: RuleBook
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, start: datetime) -> bool:
        return (self.since is None or start >= self.since) and (self.until is None or start < self.until)


VERSIONS_MAX = 200
"""Versions of the rules that are remembered: years of changes in a house, a day of trying out."""

Versions = list[tuple[Epoch, Standard]]
"""Of one standard about cases, oldest first."""


class Epochs:
    """Versions of the rules in time.  An occurrence keeps the version in force when its clock started.

    ``longest_settle``: of the rules in force.
    """

    def __init__(self, book: RuleBook) -> None:
        self.all: list[Epoch] = [Epoch(book)]
        self._index()

    @property
    def current(self) -> RuleBook:
        return self.all[-1].book

    def replace(self, epochs: Sequence[Epoch]) -> None:
        self.all = list(epochs)
        self._index()

    def adopt(self, book: RuleBook, now: datetime) -> None:
        """From ``now`` on ``book`` is in force; the same meaning again changes nothing."""
        last = self.all[-1]
        if last.book.hash == book.hash:
            self.all[-1] = Epoch(book, last.since, None)
        else:
            self.all[-1] = Epoch(last.book, last.since, now)
            self.all.append(Epoch(book, now, None))
        self._index()

    def drop_before(self, earliest_start: datetime | None) -> None:
        """Forgets the oldest versions where there are too many, and nothing in memory can have begun under them.

        One that is over may still be needed: a late reading, or one that brings an interaction back from the
        store, is judged by the version of then.
        """
        while len(self.all) > VERSIONS_MAX:
            until = self.all[0].until
            if until is None or (earliest_start is not None and earliest_start < until):
                break
            del self.all[0]
        self._index()

    def of(self, kind: str) -> dict[str, Versions]:
        """Per standard about cases of this kind, by id: its versions."""
        return self._by_kind.get(kind, {})

    def telling(self, kind: str, event: str) -> Names:
        """The standards for which such an event can begin, end, close, pause or reopen something."""
        return self._telling.get((kind, event), NOBODY)

    def naming(self, kind: str) -> Names:
        """The labels that the word on an interaction of this kind, or its group, can turn on."""
        return self._naming.get(kind, NOBODY)

    def _index(self) -> None:
        by_kind: dict[str, dict[str, Versions]] = {}
        for epoch in self.all:
            for standard in epoch.book.standards:
                if standard.is_number:
                    continue
                versions = by_kind.setdefault(standard.of, {}).setdefault(standard.id, [])
                if versions and versions[-1][1] == standard and versions[-1][0].until == epoch.since:
                    before = versions.pop()[0]  # another file changed: this standard says what it said
                    versions.append((Epoch(epoch.book, before.since, epoch.until), standard))
                else:
                    versions.append((epoch, standard))
        self._by_kind = {kind: dict(sorted(versions.items())) for kind, versions in by_kind.items()}
        self._telling, self._naming = _meanings(self._by_kind, self.current.vocabulary)
        self.longest_settle = max((s.settle for s in self.current.standards), default=timedelta(0))


def _meanings(
    by_kind: dict[str, dict[str, Versions]], vocabulary: dict[str, Kind]
) -> tuple[dict[tuple[str, str], Names], dict[str, Names]]:
    telling: dict[tuple[str, str], set[str]] = {}
    naming: dict[str, set[str]] = {}
    for name, standards in by_kind.items():
        kind = vocabulary.get(name)
        for identity, versions in standards.items() if kind is not None else ():
            for _, standard in versions:
                assert kind is not None
                for event in telling_events(standard, kind):
                    telling.setdefault((name, event), set()).add(identity)
                naming.setdefault(name, set()).update(telling_labels(standard), standard.by)
    return (
        {key: frozenset(ids) for key, ids in telling.items()},
        {kind: frozenset(labels) for kind, labels in naming.items()},
    )
