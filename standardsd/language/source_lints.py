"""Rules against the sources that feed them, and against what was read so far: lints that need the configuration.

Nothing is opened here.  The shell says what each source yields, which labels it gives and how
sure its instants are; and, where there is a store, what was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from standardsd.language.origins import Origins
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.promises import DUE
from standardsd.language.spoken import duration_text
from standardsd.language.words import nearest
from standardsd.model.config import SourceConfig
from standardsd.model.definition import Definition, TimeQuality
from standardsd.model.measure import FromTo, Sampled, Statistic, TimeIn
from standardsd.model.promise import Between, Grid, Promise, Simple
from standardsd.model.standard import Condition, RuleBook, Standard, matches
from standardsd.model.vocabulary import Kind

NOTHING = timedelta(0)

seen_max = 200_000
"""Distinct sets of labels that are looked at; what lies beyond cannot be called unmatched."""


class SourceFacts(Struct, frozen=True):
    """What the lints must know of a source.

    ``yields``: kind → events; None: anything.  ``labels``: those that its readings can have, None: nobody knows.
    ``unsure``: how far before its ``at`` an event may really have happened (the poll interval of what is polled, a
    second where the system counts in seconds).  ``behind``: how long after it happened it is read at the latest
    (poll interval and documented delay).
    """

    name: str
    yields: Mapping[str, tuple[str, ...]] | None = None
    labels: frozenset[str] | None = None
    unsure: timedelta = NOTHING
    behind: timedelta = NOTHING


class Seen(Struct, frozen=True):
    """Something among the stored readings: an interaction of a kind, or a sample of a name, with its labels."""

    labels: dict[str, str]
    kind: str = ""
    sample: str = ""


def lint_sources(
    book: RuleBook, origins: Mapping[str, Origins], sources: Sequence[SourceFacts]
) -> list[Problem]:
    """Promises that the sources cannot prove, warnings that come too late, labels that no source gives."""
    problems: list[Problem] = []
    if not sources:
        return problems
    for standard in book.standards:
        said = origins[standard.id]
        kind = book.vocabulary.get(standard.of)
        if kind is not None:
            _lint_time(standard, kind, said, sources, problems)
        _lint_labels(standard, said, sources, problems)
    return problems


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
        sample = standard.measure.name if isinstance(standard.measure, Sampled) else ""
        here = known.get((standard.of, sample))
        if not standard.where or not here:
            continue
        if not any(matches(standard.where, labels) for labels in here.values()):
            what = f"samples of {quoted(sample)}" if sample else f"interactions of the kind '{standard.of}'"
            said = f"where of {quoted(standard.id)} matched none of the stored {what}"
            fix = _nearest_value(standard, here.values())
            problems.append(_place(origins[standard.id], "where").problem(said, fix, Level.LINT))
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
        shown = near or ", ".join(values[:5]) + (", …" if len(values) > 5 else "")
        return f"{key} was {shown}"
    return "no one of them matches all its labels at once"


# -- time ----------------------------------------------------------------------------------------------


def _lint_time(
    standard: Standard, kind: Kind, origins: Origins, sources: Sequence[SourceFacts], problems: list[Problem]
) -> None:
    measure = standard.measure.of if isinstance(standard.measure, Statistic) else standard.measure
    if isinstance(measure, FromTo):
        starts, ends = measure.start, measure.end
    elif isinstance(measure, TimeIn):
        state = kind.states[measure.state]
        starts, ends = state.enter, state.leave
    else:
        return
    limit = _shortest(standard)
    if limit is None or isinstance(standard.measure, Statistic) or starts == (DUE,):
        return  # what comes before an appointment is early, however unsure its instant is
    place = _place(origins, "promise")
    begin, end = _worst(standard.of, starts, sources), _worst(standard.of, ends, sources)
    unsure = (begin.unsure if begin else NOTHING) + (end.unsure if end else NOTHING)
    if unsure and limit <= unsure:
        names = " and ".join(
            dict.fromkeys(one.name for one in (begin, end) if one is not None and one.unsure)
        )
        said = (
            f"{duration_text(limit)} cannot be proved: by what {names} can tell, it began and ended within"
            f" {duration_text(unsure)}"
        )
        fix = f"promise more than {duration_text(unsure)}, poll more often, or take another source"
        problems.append(place.problem(said, fix, Level.LINT))
    behind = begin.behind if begin else NOTHING
    if Condition.AT_RISK in standard.alert.on and behind and limit <= behind:
        said = (
            f"a warning comes too late: {begin.name if begin else ''} is up to {duration_text(behind)} behind"
        )
        problems.append(place.problem(said, "take at_risk out of alert.on, or poll more often", Level.LINT))


def _worst(kind: str, events: Iterable[str], sources: Iterable[SourceFacts]) -> SourceFacts | None:
    """Of the sources that say one of the events the least sure one."""
    wanted = set(events)
    able = [one for one in sources if one.yields is not None and wanted & set(one.yields.get(kind, ()))]
    return max(able, key=lambda one: (one.unsure, one.behind, one.name), default=None)


def _shortest(standard: Standard) -> timedelta | None:
    """The shortest time that is promised; None where none is."""
    promise = standard.promise
    rows: list[Simple] = [promise] if not isinstance(promise, Grid) else [*promise.rows.values()]
    if isinstance(promise, Grid) and promise.other is not None:
        rows.append(promise.other)
    times = [row.limit for row in rows if isinstance(row, Promise)]
    times += [row.highest - max(row.lowest, NOTHING) for row in rows if isinstance(row, Between)]
    return min(times, default=None)


# -- labels --------------------------------------------------------------------------------------------


def _lint_labels(
    standard: Standard, origins: Origins, sources: Sequence[SourceFacts], problems: list[Problem]
) -> None:
    """Labels in ``by``, ``where`` and a grid that no source of these contacts gives."""
    able = [one for one in sources if not standard.of or one.yields is None or standard.of in one.yields]
    if not able or any(one.labels is None for one in able):
        return
    given = frozenset().union(*(one.labels or () for one in able))
    used = {"by": standard.by, "where": tuple(standard.where)}
    if isinstance(standard.promise, Grid):
        used["promise"] = (standard.promise.per,)
    for key, labels in used.items():
        for label in labels:
            if label not in given:
                whose = f"of the kind '{standard.of}' " if standard.of else ""
                said = f"no source gives contacts {whose}the label {quoted(label)} ({key} of {quoted(standard.id)})"
                near = nearest(label, given)
                fix = (
                    f"write {near}"
                    if near
                    else f"map a value to it in the configuration, or write {_some(given)}"
                )
                problems.append(_place(origins, key).problem(said, fix, Level.LINT))


def _some(labels: frozenset[str]) -> str:
    return " or ".join(sorted(labels)[:5]) or "none"


def _place(origins: Origins, key: str) -> Place:
    """Where a key is written; where the language says it, where the standard is."""
    place = origins[key].place or origins["id"].place
    assert place is not None, key
    return place


# -- from the configuration ----------------------------------------------------------------------------

SECOND = timedelta(seconds=1)
_UNSURE = {TimeQuality.SOURCE_US: NOTHING, TimeQuality.SOURCE_S: SECOND}
"""How far before its ``at`` an event may lie, by where the instant comes from; of what is polled, one poll."""


def facts_of(
    source: SourceConfig, definition: Definition | None, *, poll: timedelta = NOTHING
) -> SourceFacts:
    """What the lints must know of a configured source.

    ``definition``: None where readings are posted or simulated; then nobody knows their labels.  ``poll``: how
    often it is looked at, where it is polled.
    """
    if definition is None:
        behind = NOTHING if source.watermark is None else source.watermark.delay
        return SourceFacts(source.name, source.yields, None, NOTHING, behind)
    given = {*definition.labels, *source.labels, *(name for one in definition.records for name in one.labels)}
    for label, values in source.map.items():
        if label in given:
            given |= {name for added in values.values() for name in added}
    unsure = _UNSURE.get(definition.time_quality, poll)
    return SourceFacts(source.name, definition.yields, frozenset(given), unsure, poll + definition.delay)
