"""What is known before anything happens: standards in force, and the figures of sites that are spoken for."""

from __future__ import annotations

from collections.abc import Iterable

from standardsd.core.aggregate import Aggregator
from standardsd.core.numbers import Numbers
from standardsd.core.numbers.contributing import events_needed
from standardsd.core.numbers.needs import needed
from standardsd.core.sight import Sources
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
            if standard.applies_to({"site": site}) and _is_spoken_for(
                standard, group, sources, book.vocabulary
            ):
                figures.know(standard, group)
    numbers.know_sites(tuple(sites))


def _is_spoken_for(standard: Standard, group: Group, sources: Sources, vocabulary: Vocabulary) -> bool:
    kind = vocabulary.get(standard.of)
    if standard.is_number:
        events = frozenset() if kind is None else events_needed(standard, kind)
        return bool(needed(sources, standard, events, group))
    return kind is not None and bool(sources.depends(standard, kind, group))
