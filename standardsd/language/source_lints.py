"""Rules against the sources that feed them: lints that need the configuration.

Nothing is opened here.  The shell says what each source yields, which labels it gives and how
sure its instants are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from standardsd.language.event_lints import lint_events
from standardsd.language.labels import labels_of
from standardsd.language.origins import Origins, place_of
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.promises import DUE
from standardsd.language.source_facts import NOTHING, SourceFacts
from standardsd.language.spoken import duration_text
from standardsd.language.words import nearest
from standardsd.model.measure import FromTo, Statistic, TimeIn
from standardsd.model.promise import Between, Grid, Promise, Simple
from standardsd.model.standard import Condition, RuleBook, Standard, glob_match
from standardsd.model.vocabulary import Kind


def lint_sources(
    book: RuleBook, origins: Mapping[str, Origins], sources: Sequence[SourceFacts]
) -> list[Problem]:
    """Promises that the sources cannot prove, warnings that come too late, events and labels that nobody gives."""
    problems: list[Problem] = []
    if not sources:
        return problems
    for standard in book.standards:
        said = origins[standard.id]
        kind = book.vocabulary.get(standard.of)
        feeding = [one for one in sources if _may_feed(one, standard)]
        lint_events(standard, kind, said, feeding, problems)
        if kind is not None:
            _lint_time(standard, kind, said, feeding, problems)
        _lint_labels(standard, said, feeding, problems)
    return problems


def _may_feed(source: SourceFacts, standard: Standard) -> bool:
    """Not what speaks for another site, or other contacts, than ``where`` asks for."""
    return all(
        glob_match(globs, source.speaks_for[label])
        for label, globs in standard.where.items()
        if label in source.speaks_for
    )


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
    place = place_of(origins, "promise")
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
    """Labels that a standard speaks of and that no source of these contacts gives."""
    able = [one for one in sources if not standard.of or one.yields is None or standard.of in one.yields]
    if not able or any(one.labels is None for one in able):
        return
    given = frozenset().union(*(one.labels or () for one in able))
    for key, labels in labels_of(standard).items():
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
                problems.append(place_of(origins, key).problem(said, fix, Level.LINT))


def _some(labels: Collection[str]) -> str:
    return " or ".join(sorted(labels)[:5]) or "none"
