"""Which sources a number needs: without them it is unknown, and up to where they have told all.

An event number needs every source that can say one of its events for the group.  A sample is declared
under ``yields: {samples: [name]}``; a source that has said one of this name in the group is needed, too,
because most sources declare nothing and would otherwise all be needed for every number.
"""

from __future__ import annotations

from collections.abc import Iterable

from standardsd.core.instants import micros
from standardsd.core.sight import Sources
from standardsd.model.measure import Rate, Sampled
from standardsd.model.source import SAMPLES, Source
from standardsd.model.standard import Group, Standard


def needed(
    sources: Sources, standard: Standard, events: frozenset[str], group: Group, told: Iterable[str] = ()
) -> tuple[str, ...]:
    """``told``: the sources that have said a sample of this number."""
    labels = {name: value for name, value in group if value}
    said = set(told)
    return tuple(
        name
        for name, spec in sources.specs.items()
        if name in said or (_can_say(standard, events, spec) and _speaks_for(spec, labels))
    )


def are_apart(sources: Sources, standard: Standard, group: Group) -> bool:
    """Whether a source says only one of the two events of a rate: then the other may still be missing."""
    measure = standard.measure
    assert isinstance(measure, Rate), measure
    one = needed(sources, standard, frozenset((measure.event,)), group)
    return one != needed(sources, standard, frozenset((measure.per,)), group)


def _can_say(standard: Standard, events: frozenset[str], spec: Source) -> bool:
    if isinstance(standard.measure, Sampled):
        return spec.yields is not None and standard.measure.name in spec.yields.get(SAMPLES, ())
    return bool(events) and (spec.yields is None or bool(events & set(spec.yields.get(standard.of, ()))))


def _speaks_for(spec: Source, labels: dict[str, str]) -> bool:
    return all(labels.get(key, value) == value for key, value in spec.speaks_for.items())


def is_dark(sources: Sources, names: Iterable[str]) -> bool:
    return any(sources.states[name].dark for name in names if name in sources.states)


def horizon(sources: Sources, names: Iterable[str]) -> int | None:
    """Up to where all of them have told all; None where one has not said, or where there is none of them."""
    marks = [sources.states[name].seen_to for name in names]
    known = [mark for mark in marks if mark is not None]
    return micros(min(known)) if known and len(known) == len(marks) else None


def gaps(sources: Sources, names: Iterable[str]) -> list[tuple[int, int]]:
    """When one of them had lost sight."""
    found = {span for name in names for span in sources.states[name].gaps}
    return sorted((micros(since), micros(until)) for since, until in found)
