"""Events that a standard needs and that no configured source can say: it would never be judged, or never kept.

A source that says of nothing what it yields may yield anything; then nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from standardsd.language.origins import Origins, place_of
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.source_facts import SourceFacts
from standardsd.language.words import write_one_of
from standardsd.model.measure import (
    Carried,
    Count,
    FromTo,
    Gap,
    Measure,
    Nps,
    Rate,
    Repeats,
    Sampled,
    Score,
    Since,
    Spread,
    Statistic,
    TimeIn,
)
from standardsd.model.source import SAMPLES
from standardsd.model.standard import Reopen, Standard
from standardsd.model.vocabulary import Ending, Kind

events_max = 6
"""Events that one message names; more are cut."""


class Need(Struct, frozen=True):
    """One of ``events`` must come, else ``so``; ``key``: of the standard, which asks for them."""

    key: str
    events: tuple[str, ...]
    so: str


def lint_events(
    standard: Standard,
    kind: Kind | None,
    origins: Origins,
    sources: Sequence[SourceFacts],
    problems: list[Problem],
) -> None:
    """Every need that none of the sources meets; where none says anything of the kind at all, only that."""
    if any(one.yields is None for one in sources):
        return
    yields: list[Mapping[str, tuple[str, ...]]] = [one.yields or {} for one in sources]
    if isinstance(standard.measure, Sampled):
        _lint_sample(standard.measure.name, yields, origins, problems)
        return
    if kind is None:
        return
    said = {event for one in yields for event in one.get(kind.name, ())}
    if not said:
        text = f"no source yields anything of the kind '{kind.name}', so this is never judged"
        fix = f"add a source of it, or leave the standard out; the sources yield {_listed(_kinds(yields)) or 'nothing'}"
        problems.append(place_of(origins, "of").problem(text, fix, Level.LINT))
        return
    for need in _needs(standard, kind):
        if need.events and not said.intersection(need.events):
            text = f"no source yields {_or(need.events)} of the kind '{kind.name}', so {need.so}"
            instead = write_one_of(need.events[0], said) if need.key == "measure" else "leave it out"
            fix = f"add a source that does, or {instead}"
            problems.append(place_of(origins, need.key).problem(text, fix, Level.LINT))


def _lint_sample(
    name: str, yields: Iterable[Mapping[str, tuple[str, ...]]], origins: Origins, problems: list[Problem]
) -> None:
    """A source that says what it yields gives no other samples either."""
    declared = sorted({sample for one in yields for sample in one.get(SAMPLES, ())})
    if name in declared:
        return
    text = f"no source yields samples of {quoted(name)}, so there is no number"
    fix = f"add {SAMPLES}: [{name}] to yields: of the source that posts them"
    problems.append(place_of(origins, "measure").problem(text, fix, Level.LINT))


def _needs(standard: Standard, kind: Kind) -> Iterator[Need]:
    yield from _measured(standard.measure, kind)
    yield Need("unless", standard.unless, "it takes nothing out")
    for state in standard.pause_while:
        yield Need(
            "pause_while", kind.states[state].enter, f"the clock never stands still for {quoted(state)}"
        )
    if standard.reopen is not Reopen.FIRST_ONLY and kind.reopening is not None:
        yield Need("reopen", (kind.reopening,), "nothing is ever reopened")


def _measured(measure: Measure, kind: Kind) -> Iterator[Need]:
    match measure:
        case Statistic(of=inside):
            yield from _measured(inside, kind)
        case FromTo(start=start, end=end):
            yield Need("measure", start, "nothing ever begins")
            yield Need("measure", end, "nothing is ever kept")
        case TimeIn(state=state, each=each):
            inner = kind.states[state]
            yield Need("measure", inner.enter, "nothing ever begins")
            ends = (*(inner.leave if each else ()), *kind.endings)
            yield Need("measure", ends, "nothing is ever kept")
        case Score():
            done = tuple(event for event, ending in kind.endings.items() if ending is Ending.DONE)
            yield Need("measure", ("item",), "there is nothing to count")
            yield Need("measure", done, "no inspection is ever finished")
        case Carried(event=event) | Nps(event=event):
            yield Need("measure", (event,), "there is no number")
        case Count(event=event) | Repeats(event=event):
            yield Need("measure", (event,), "it is always 0")
        case Since(event=event):
            yield Need("measure", (event,), "it is never done")
        case Rate(event=event, per=per):
            yield Need("measure", (event,), "it is always 0")
            yield Need("measure", (per,), "it is never known")
        case Sampled() | Spread() | Gap():
            return


def _kinds(yields: Iterable[Mapping[str, tuple[str, ...]]]) -> list[str]:
    return sorted({kind for one in yields for kind, events in one.items() if events} - {SAMPLES})


def _listed(words: Sequence[str]) -> str:
    shown = list(words[:events_max])
    return ", ".join([*shown, "…"] if len(words) > events_max else shown)


def _or(events: Sequence[str]) -> str:
    """'a', or 'a' or 'b', or none of several."""
    if len(events) == 1:
        return quoted(events[0])
    return f"any of {_listed(events)}"
