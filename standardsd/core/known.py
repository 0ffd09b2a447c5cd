"""What is known without anything happening: who is needed for a standard, the sites that are spoken for, and a
duty's time, which goes on by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import structs

from standardsd.core.aggregate import Aggregator
from standardsd.core.numbers import Numbers
from standardsd.core.numbers.contributing import events_needed
from standardsd.core.numbers.needs import needed
from standardsd.core.sight import Sources
from standardsd.model.measure import Gap, Since, Spread
from standardsd.model.snapshot import GroupNow
from standardsd.model.standard import Group, RuleBook, Standard
from standardsd.model.vocabulary import Vocabulary


def take_up(
    book: RuleBook, sites: Iterable[str], sources: Sources, figures: Aggregator, numbers: Numbers
) -> None:
    """The standards of ``book`` are in force; one of before is kept while something of it is open.

    A standard by site alone has figures for every site that some source can speak for, all zero at first.
    """
    awaited = {key[0] for key in figures.open_standards()}
    former = {name: s for name, s in figures.standards.items() if name in awaited}
    figures.standards = former | {standard.id: standard for standard in book.standards}
    for standard in book.standards:
        if standard.by != ("site",):
            continue
        for site in sites:
            group = (("site", site),)
            if standard.applies_to({"site": site}) and _sources_of(standard, group, sources, book.vocabulary):
                figures.know(standard, group)
                numbers.know(standard.id, group)


def sources_needed(standard: Standard, group: Group, sources: Sources, book: RuleBook) -> tuple[str, ...]:
    """The sources without which nothing is known of a standard in a group, by what they are said to yield.

    A spread or a gap needs those of the standards that it is made of.  A source that says a sample without
    having declared it is needed, too, from then on; that is in ``NumberNow.sources``.
    """
    match standard.measure:
        case Spread(standard=name):
            parts: tuple[str, ...] = (name,)
        case Gap(first=first, second=second):
            parts = (first, second)
        case _:
            return _sources_of(standard, group, sources, book.vocabulary)
    made_of = [one for one in book.standards if one.id in parts and not isinstance(one.measure, Spread | Gap)]
    found = {name for one in made_of for name in _sources_of(one, group, sources, book.vocabulary)}
    return tuple(sorted(found))


def _sources_of(
    standard: Standard, group: Group, sources: Sources, vocabulary: Vocabulary
) -> tuple[str, ...]:
    kind = vocabulary.get(standard.of)
    if standard.is_number:
        events = frozenset() if kind is None else events_needed(standard, kind)
        return needed(sources, standard, events, group)
    return () if kind is None else sources.depends(standard, kind, group)


def present(
    groups: Iterable[GroupNow], figures: Aggregator, numbers: Numbers, now: datetime
) -> tuple[GroupNow, ...]:
    """With the time since a duty was last done as it is at ``now``; everything else changes only by being told."""
    return tuple(_present(group, figures.standards[group.standard], numbers, now) for group in groups)


def _present(group: GroupNow, standard: Standard, numbers: Numbers, now: datetime) -> GroupNow:
    if group.episode is None or not isinstance(standard.measure, Since):
        return group
    number = numbers.now(group.standard, group.group, now)
    return group if number is None else structs.replace(group, value=number.value, episode=number)
