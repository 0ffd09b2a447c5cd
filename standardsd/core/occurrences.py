"""Which stretches of an interaction a standard judges: from which event, closed by which.

Pairing looks at names and order only.  Neither ``where`` nor any limit has a say in
it, so numbers never shift when a label changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

from standardsd.model.reading import Event
from standardsd.model.standard import FromTo, Standard, TimeIn
from standardsd.model.vocabulary import Ending, Kind

DUE = "due"
"""The appointed instant.  It can be moved, and what it waits for may come early."""


class Closing(Enum):
    """What closes an occurrence."""

    END = "end"  # what the measure waits for
    UNLESS = "unless"
    ENDING = "ending"  # of the interaction, where that is not what the measure waits for


class Stay(Struct, frozen=True, gc=False):
    """One stay in a state; ``left`` is None while it goes on."""

    entered: Event
    left: Event | None


class Occurrence(Struct, frozen=True, gc=False):
    """``stays``: of the total of ``time_in``, up to the closing event; otherwise empty."""

    start: Event
    closer: Event | None
    how: Closing | None
    stays: tuple[Stay, ...] = ()


def end_events(standard: Standard, kind: Kind) -> frozenset[str]:
    """The events whose absence can be a breach: a source that says one of them must have spoken first."""
    match standard.measure:
        case FromTo(end=end):
            return frozenset(end)
        case TimeIn(state=state):
            return frozenset((*kind.states[state].leave, *kind.endings))


def start_events(standard: Standard, kind: Kind) -> frozenset[str]:
    """The events that open an occurrence."""
    match standard.measure:
        case FromTo(start=start):
            return frozenset(start)
        case TimeIn(state=state):
            return frozenset(kind.states[state].enter)


def occurrences(standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    """All occurrences in ``events`` (which are in order), in order of their start."""
    match standard.measure:
        case FromTo(start=(only,)) if only == DUE:
            return _appointed(standard, kind, events)
        case FromTo() as measure:
            found = _pairs(measure, standard, kind, events)
        case TimeIn(each=True) as measure:
            found = _stays(measure, standard, kind, events)
        case TimeIn() as measure:
            return _total(measure, standard, kind, events)
    return found if standard.measure.each else found[:1]


def _closing(event: Event, ends: Iterable[str], standard: Standard, kind: Kind) -> Closing | None:
    """What this event, coming after the start, does to an open occurrence."""
    if event.event in ends:
        return Closing.END
    if event.event in standard.unless:
        return Closing.UNLESS
    return Closing.ENDING if event.event in kind.endings else None


def _pairs(measure: FromTo, standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    found: list[Occurrence] = []
    start: Event | None = None
    for event in events:
        if start is not None:
            how = _closing(event, measure.end, standard, kind)
            if how is not None:
                found.append(Occurrence(start, event, how))
                start = None
                if not measure.each:
                    return found
        if start is None and event.event in measure.start:
            start = event  # the event that closed one occurrence may open the next
    if start is not None:
        found.append(Occurrence(start, None, None))
    return found


def _appointed(standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    """From ``due``: of several the highest ``seq``, then the latest, stands; the first end event counts,
    early or late, and so does an ending; ``unless`` counts after the appointed instant only."""
    assert isinstance(standard.measure, FromTo)
    appointments = [event for event in events if event.event == DUE]
    if not appointments:
        return []
    start = max(appointments, key=lambda event: (event.seq, event.at))
    after = False
    for event in events:
        if event.event == DUE:
            after = after or event is start
            continue
        how = _closing(event, standard.measure.end, standard, kind)
        if how is not None and (after or how is not Closing.UNLESS):
            return [Occurrence(start, event, how)]
    return [Occurrence(start, None, None)]


def _how_left(event: Event, kind: Kind, leave: tuple[str, ...]) -> Closing | None:
    """A stay ends by whatever leaves the state, the interaction's end included, but not by a refusal."""
    ending = kind.endings.get(event.event)
    if ending is None:
        return Closing.END if event.event in leave else None
    return Closing.ENDING if ending is Ending.REFUSED else Closing.END


def _stays(measure: TimeIn, standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    state = kind.states[measure.state]
    found: list[Occurrence] = []
    inside = False
    start: Event | None = None  # None while outside, or inside a stay that ``unless`` has closed
    for event in events:
        left = _how_left(event, kind, state.leave) if inside else None
        if start is not None:
            how = left or (Closing.UNLESS if event.event in standard.unless else None)
            if how is not None:
                found.append(Occurrence(start, event, how))
                start = None
        if left is not None:
            inside = False
        if not inside and event.event in state.enter:
            inside, start = True, event
    if start is not None:
        found.append(Occurrence(start, None, None))
    return found


def _total(measure: TimeIn, standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    """One occurrence from the first entry to the interaction's ending, with every stay until then."""
    state = kind.states[measure.state]
    stays: list[Stay] = []
    entered: Event | None = None
    start: Event | None = None
    for event in events:
        if start is not None:
            ending = event.event in kind.endings
            unless = event.event in standard.unless
            if ending or unless:
                if entered is not None:
                    stays.append(Stay(entered, event))
                how = _how_left(event, kind, state.leave) if ending else Closing.UNLESS
                return [Occurrence(start, event, how, tuple(stays))]
        if entered is not None and event.event in state.leave:
            stays.append(Stay(entered, event))
            entered = None
        if entered is None and event.event in state.enter:
            entered = event
            start = start or event
    if start is None:
        return []
    if entered is not None:
        stays.append(Stay(entered, None))
    return [Occurrence(start, None, None, tuple(stays))]
