"""Which stretches of an interaction a standard judges: from which event, closed by which.

Pairing looks at names and order only.  Neither ``where`` nor any limit has a say in
it, so numbers never shift when a label changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct, structs

from standardsd.model.clock import BySite
from standardsd.model.measure import Carried, FromTo, Score, TimeIn
from standardsd.model.reading import Event
from standardsd.model.standard import Grid, Reopen, Standard
from standardsd.model.vocabulary import Ending, Kind

ITEM = "item"
"""One question of an inspection."""

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
    """``stays``: of the total of ``time_in``, up to the closing event; otherwise empty.

    ``pauses``: stays in a state of ``pause_while``, and the time between a closing and a reopening that resumes.
    ``before``: the occurrence as it was closed each time before it was reopened, oldest first.
    """

    start: Event
    closer: Event | None
    how: Closing | None
    stays: tuple[Stay, ...] = ()
    pauses: tuple[Stay, ...] = ()
    before: tuple[Occurrence, ...] = ()

    def runs(self) -> list[tuple[Event, Event | None]]:
        """What begins and ends the time that counts, in order: of stays, or of the stretches between pauses."""
        if self.stays:
            return [(stay.entered, stay.left) for stay in self.stays]
        begins = [self.start, *(pause.left for pause in self.pauses if pause.left is not None)]
        ends = [*(pause.entered for pause in self.pauses), self.closer]
        return list(zip(begins, ends, strict=False))


def end_events(standard: Standard, kind: Kind) -> frozenset[str]:
    """The events whose absence can be a breach: a source that says one of them must have spoken first.

    What pauses the clock is one of them: without it time would seem used up that was not.
    """
    pauses = (event for state in standard.pause_while for event in kind.states[state].enter)
    match standard.measure:
        case FromTo(end=end):
            return frozenset((*end, *pauses))
        case TimeIn(state=state):
            return frozenset((*kind.states[state].leave, *kind.endings, *pauses))
        case Carried(event=event):
            return frozenset((event,))
        case Score():
            return frozenset((ITEM, *_done(kind)))
    raise AssertionError(f"no cases: {standard.measure}")


def start_events(standard: Standard, kind: Kind) -> frozenset[str]:
    """The events that open an occurrence."""
    match standard.measure:
        case FromTo(start=start):
            return frozenset(start)
        case TimeIn(state=state):
            return frozenset(kind.states[state].enter)
        case Carried(event=event):
            return frozenset((event,))
        case Score():
            return frozenset(kind.events)
    raise AssertionError(f"no cases: {standard.measure}")


def judges_once(standard: Standard) -> bool:
    """Whether nothing that comes later in an interaction begins another occurrence, or reaches a closed one."""
    match standard.measure:
        case FromTo(start=start, each=each):
            return not each and DUE not in start and standard.reopen is Reopen.FIRST_ONLY
        case TimeIn(each=each):
            return not each
    return False


def telling_events(standard: Standard, kind: Kind) -> frozenset[str]:
    """Every event that can begin, end, close, pause or reopen something."""
    states = [kind.states[state] for state in standard.pause_while]
    pauses = (event for state in states for event in (*state.enter, *state.leave))
    reopening = () if kind.reopening is None or standard.reopen is Reopen.FIRST_ONLY else (kind.reopening,)
    own = start_events(standard, kind) | end_events(standard, kind)
    return own.union(standard.unless, kind.endings, pauses, reopening)


def telling_labels(standard: Standard) -> frozenset[str]:
    """Every label that a verdict can turn on."""
    per = {standard.promise.per} if isinstance(standard.promise, Grid) else set()
    waived = (name for waiver in standard.waivers for name in waiver.where)
    by_site = {"site"} if isinstance(standard.clock, BySite) or standard.zones.by_site else set()
    return frozenset(standard.where).union(per, waived, by_site)


def occurrences(standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    """All occurrences in ``events`` (which are in order), in order of their start."""
    found = _paired(standard, kind, events)
    if not standard.pause_while or not found:
        return found
    paused = pauses(standard, kind, events)
    return [_paused(one, paused) for one in found]


def _paired(standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    match standard.measure:
        case FromTo(start=(only,)) if only == DUE:
            return _appointed(standard, kind, events)
        case FromTo(each=True) as measure:
            return _pairs(measure, standard, kind, events)
        case FromTo() as measure if standard.reopen is Reopen.RESUME:
            return _resumed(measure, standard, kind, events)
        case FromTo() as measure if standard.reopen is Reopen.NEW_CYCLE:
            return _cycles(measure, standard, kind, events)
        case FromTo() as measure:
            return _pairs(measure, standard, kind, events)[:1]
        case TimeIn(each=True) as measure:
            return _stays(measure, standard, kind, events)
        case TimeIn() as measure:
            return _total(measure, standard, kind, events)
        case Carried(name=name, event=carrier):
            return [
                Occurrence(event, event, Closing.END)
                for event in events
                if event.event == carrier and name in event.values
            ]
        case Score():
            return _inspection(standard, kind, events)
    raise AssertionError(f"no cases: {standard.measure}")


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


def _resumed(measure: FromTo, standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    """Judged once, and gone on with after each reopening as if it had not been closed; the time between is a pause."""
    before: list[Occurrence] = []
    between: list[Stay] = []
    while True:
        first = _pairs(measure, standard, kind, events)[:1]
        if not first:
            return []
        one = structs.replace(first[0], pauses=tuple(between), before=tuple(before))
        if one.closer is None:
            return [one]
        closed = events.index(one.closer)
        reopened = _reopening(events, closed, kind)
        if reopened is None:
            return [one]
        before.append(structs.replace(one, before=()))
        between.append(Stay(one.closer, events[reopened]))
        events = (*events[:closed], *events[reopened:])


def _cycles(measure: FromTo, standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    """The first pair; after each closing the next reopening begins another one."""
    found = _pairs(measure, standard, kind, events)[:1]
    while found and found[-1].closer is not None:
        reopened = _reopening(events, events.index(found[-1].closer), kind)
        if reopened is None:
            break
        events = events[reopened:]
        again = structs.replace(measure, start=(events[0].event,))
        found += _pairs(again, standard, kind, events)[:1]
    return found


def _reopening(events: tuple[Event, ...], closed: int, kind: Kind) -> int | None:
    """The place of the first reopening behind the closing event."""
    return next((n for n in range(closed + 1, len(events)) if events[n].event == kind.reopening), None)


def pauses(standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Stay]:
    """Every stay in a state of ``pause_while``, by when it was entered; they may overlap."""
    found: list[Stay] = []
    for name in standard.pause_while:
        state = kind.states[name]
        entered: Event | None = None
        for event in events:
            if entered is not None and (event.event in state.leave or event.event in kind.endings):
                found.append(Stay(entered, event))
                entered = None
            if entered is None and event.event in state.enter:
                entered = event
        if entered is not None:
            found.append(Stay(entered, None))
    place = {id(event): n for n, event in enumerate(events)}
    return sorted(found, key=lambda stay: place[id(stay.entered)])


def _paused(one: Occurrence, stays: list[Stay]) -> Occurrence:
    """With the pauses that reach into it, those of its reopenings among them."""
    begin, end = one.start.at, None if one.closer is None else one.closer.at
    mine = [
        stay
        for stay in stays
        if (stay.left is None or stay.left.at > begin) and (end is None or stay.entered.at < end)
    ]
    together = sorted((*one.pauses, *mine), key=lambda stay: stay.entered.at)
    before = tuple(_paused(earlier, stays) for earlier in one.before)
    return structs.replace(one, pauses=tuple(together), before=before)


def _done(kind: Kind) -> tuple[str, ...]:
    return tuple(event for event, ending in kind.endings.items() if ending is Ending.DONE)


def _inspection(standard: Standard, kind: Kind, events: tuple[Event, ...]) -> list[Occurrence]:
    """One for each interaction, from its first ``started`` (else its first event) to its end."""
    if not events:
        return []
    first = kind.events[0]
    begun = next((n for n, event in enumerate(events) if event.event == first), 0)
    done = _done(kind)
    for event in events[begun + 1 :]:
        how = _closing(event, done, standard, kind)
        if how is not None:
            return [Occurrence(events[begun], event, how)]
    return [Occurrence(events[begun], None, None)]


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
