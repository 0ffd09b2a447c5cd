"""Rules against what was read so far: selectors that matched nothing, labels that nothing had.

Nothing is opened here: the shell hands over the readings that it found, one by one.  Only those labels are
kept that a selector asks for, so a month of readings comes down to a few hundred sets of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from msgspec import Struct

from standardsd.language.labels import labels_of
from standardsd.language.origins import Origins, place_of
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.words import nearest
from standardsd.model.measure import Gap, Sampled, Spread
from standardsd.model.reading import Event, Reading, Sample
from standardsd.model.standard import RuleBook, Standard, matches

seen_max = 200_000
"""Distinct sets of labels that are looked at; what lies beyond cannot be called unmatched."""


shown_max = 5
"""Labels, or values of one, that a fix names."""


class Seen(Struct, frozen=True):
    """Something among the stored readings: an interaction of a kind, or a sample of a name, with its labels."""

    labels: dict[str, str]
    kind: str = ""
    sample: str = ""


def lint_selectors(book: RuleBook, origins: Mapping[str, Origins], seen: Iterable[Seen]) -> list[Problem]:
    """Every ``where`` that matched nothing of the stored readings; where nothing is stored, nothing is said."""
    known: dict[tuple[str, str], dict[frozenset[tuple[str, str]], dict[str, str]]] = {}
    total = 0
    for one in seen:
        labels = known.setdefault((one.kind, one.sample), {})
        key = frozenset(one.labels.items())
        if key not in labels:
            total += 1
            if total > seen_max:
                return []
            labels[key] = dict(one.labels)
    problems = []
    for standard in book.standards:
        sample = _sample(standard)
        here = known.get((standard.of, sample))
        if not standard.where or not here:
            continue
        if not any(matches(standard.where, labels) for labels in here.values()):
            said = f"where of {quoted(standard.id)} matched none of the stored {_what(standard)}"
            fix = _nearest_value(standard, here.values())
            problems.append(place_of(origins[standard.id], "where").problem(said, fix, Level.LINT))
    return problems


def _nearest_value(standard: Standard, seen: Iterable[dict[str, str]]) -> str:
    """The first label that never matched, and what it was instead."""
    all_seen = list(seen)
    for key, globs in standard.where.items():
        if any(matches({key: globs}, labels) for labels in all_seen):
            continue
        values = sorted({labels[key] for labels in all_seen if key in labels})
        if not values:
            return f"none of them has the label {key}; write another one"
        near = next((found for glob in globs if (found := nearest(glob, values))), None)
        if near is not None:
            return f"write {near}"
        return f"{key} was {', '.join(values[:shown_max])}{', …' if len(values) > shown_max else ''}"
    return "no one of them matches all its labels at once"


def lint_given(
    book: RuleBook, origins: Mapping[str, Origins], given: Mapping[tuple[str, str], Set[str]]
) -> list[Problem]:
    """Labels that a standard names and that nothing stored of its sort ever had.

    ``given``: the label names seen of each kind and sample; where nothing is stored, nothing is said.  Labels of
    ``where`` are told of by ``lint_selectors``, and the grain that nobody wrote is not told of.
    """
    problems = []
    for standard in book.standards:
        had = given.get((standard.of, _sample(standard)))
        said = origins[standard.id]
        if had is None:
            continue
        for key, labels in labels_of(standard).items():
            for label in labels if key != "where" and said[key].place is not None else ():
                if label not in had:
                    whose = f"{key} of {quoted(standard.id)}"
                    text = f"none of the stored {_what(standard)} has the label {quoted(label)} ({whose})"
                    near = nearest(label, had)
                    fix = (
                        f"write {near}" if near else f"write {' or '.join(sorted(had)[:shown_max]) or 'none'}"
                    )
                    problems.append(place_of(said, key).problem(text, fix, Level.LINT))
    return problems


def _sample(standard: Standard) -> str:
    return standard.measure.name if isinstance(standard.measure, Sampled) else ""


def _what(standard: Standard) -> str:
    sample = _sample(standard)
    return f"samples of {quoted(sample)}" if sample else f"interactions of the kind '{standard.of}'"


# -- gathering -----------------------------------------------------------------------------------------

interactions_max = 200_000
"""Interactions whose labels are remembered while they go on; beyond it those seen first are forgotten, and what
they say later counts by itself."""


class Sightings:
    """What readings show of the labels that the standards of a book speak of.

    An interaction's labels are those of all its events so far, in the order in which they were read.
    """

    def __init__(self, book: RuleBook) -> None:
        self.readings = 0
        self._asked: dict[tuple[str, str], set[str]] = {}
        self._given: dict[tuple[str, str], set[str]] = {}
        self._sets: dict[tuple[str, str], set[tuple[tuple[str, str], ...]]] = {}
        self._total = 0
        self._labels: dict[tuple[str, str], dict[str, str]] = {}
        for standard in book.standards:
            if not isinstance(standard.measure, Spread | Gap):
                self._asked.setdefault((standard.of, _sample(standard)), set()).update(standard.where)

    def take(self, reading: Reading) -> None:
        """Only events and samples have labels."""
        self.readings += 1
        if isinstance(reading, Sample):
            self._note(("", reading.name), reading.labels)
        elif isinstance(reading, Event):
            self._note((reading.kind, ""), self._of_all(reading))

    def _of_all(self, event: Event) -> dict[str, str]:
        asked = self._asked.get((event.kind, ""))
        if not asked:
            return event.labels
        before = self._labels.pop((event.kind, event.id), {})
        if len(self._labels) >= interactions_max:
            del self._labels[next(iter(self._labels))]
        now = {**before, **event.labels}
        self._labels[event.kind, event.id] = now
        return now

    def _note(self, what: tuple[str, str], labels: Mapping[str, str]) -> None:
        asked = self._asked.get(what)
        if asked is None:
            return
        self._given.setdefault(what, set()).update(labels)
        sets = self._sets.setdefault(what, set())
        some = tuple(sorted((name, labels[name]) for name in asked if name in labels))
        if some not in sets and self._total <= seen_max:
            self._total += 1
            sets.add(some)

    def seen(self) -> Iterator[Seen]:
        """Each distinct set of the labels that are asked for, once."""
        for (kind, sample), sets in self._sets.items():
            yield from (Seen(dict(some), kind, sample) for some in sets)

    def lints(self, book: RuleBook, origins: Mapping[str, Origins]) -> list[Problem]:
        """Everything that can be said of a book after these readings."""
        return [*lint_selectors(book, origins, self.seen()), *lint_given(book, origins, self._given)]
