"""What one interaction adds to a number: worked out anew from all that is known of it, each time it changed.

So late events, retractions and new labels correct themselves.  Every event or value counts at its own
instant, with the labels its interaction has then.
"""

from __future__ import annotations

import math

from msgspec import Struct, structs

from standardsd.core.history import History
from standardsd.core.instants import micros
from standardsd.core.measuring import completed
from standardsd.core.numbers.bags import EVENT, PER, SCORES, What
from standardsd.core.occurrences import end_events, start_events
from standardsd.model.measure import Count, Nps, Rate, Repeats, Since, Statistic
from standardsd.model.reading import Event
from standardsd.model.standard import Group, Standard
from standardsd.model.vocabulary import Kind

OfEvents = Count | Rate | Nps | Repeats | Since
OfCases = OfEvents | Statistic
"""Measures of numbers that interactions contribute to."""


class Mark(Struct, frozen=True, gc=False, array_like=True):
    """One contribution.  ``at``: µs; ``what`` None: a value that counts as none (a recommendation of 11)."""

    at: int
    group: Group
    what: What | None


def events_needed(standard: Standard, kind: Kind) -> frozenset[str]:
    """The events without which the number would be another."""
    match standard.measure:
        case Since(event=event) | Count(event=event) | Nps(event=event) | Repeats(event=event):
            return frozenset((event,))
        case Rate(event=event, per=per):
            return frozenset((event, per))
        case Statistic():
            cases = of_cases(standard)
            return end_events(cases, kind) | start_events(cases, kind)
    return frozenset()


def of_cases(standard: Standard) -> Standard:
    """The standard about the cases of which a statistic is taken."""
    assert isinstance(standard.measure, Statistic), standard.measure
    return structs.replace(standard, measure=standard.measure.of)


def contributions(standard: Standard, cases: Standard, kind: Kind, history: History) -> tuple[Mark, ...]:
    """All of one interaction, by instant.  ``cases``: of a statistic, its ``of_cases``."""
    found: list[Mark] = []
    if isinstance(standard.measure, Statistic):
        for one, _, value in completed(cases, kind, history):
            assert one.closer is not None
            _add(found, standard, kind, history, one.closer, value)
    else:
        for event in history.ordered(kind):
            for what in _said(standard, kind, history, event):
                _add(found, standard, kind, history, event, what)
    return tuple(found)


def _said(standard: Standard, kind: Kind, history: History, event: Event) -> list[What]:
    """What an event says about the number; mostly nothing."""
    match standard.measure:
        case Count(event=name) | Since(event=name):
            return [EVENT] if event.event == name else []
        case Rate(event=name, per=per):
            return [what for word, what in ((name, EVENT), (per, PER)) if event.event == word]
        case Nps(name=name, event=at):
            return [event.values[name]] if event.event == at and name in event.values else []
        case Repeats(event=name, same=same):
            labels = history.labels_at(event.at, kind)
            alike = tuple(labels.get(key, "") for key in same)
            return [alike] if event.event == name and any(alike) else []
    return []


def _add(
    found: list[Mark], standard: Standard, kind: Kind, history: History, event: Event, what: What
) -> None:
    labels = history.labels_at(event.at, kind)
    if not standard.applies_to(labels):
        return
    found.append(Mark(micros(event.at), standard.group(labels), _countable(standard, what)))


def _countable(standard: Standard, what: What) -> What | None:
    """None for what is no number, and for a recommendation outside 0 … 10."""
    if isinstance(what, tuple):
        return what
    if not math.isfinite(what):
        return None
    low, high = SCORES
    if isinstance(standard.measure, Nps) and not low <= what <= high:
        return None
    return what + 0.0  # −0 is 0
