"""The shipped vocabulary, word for word, and the order of events that happen at one instant."""

from __future__ import annotations

from itertools import permutations

import pytest

from standardsd.core.history import History
from standardsd.model.reading import Event
from standardsd.model.vocabulary import VOCABULARY, Ending
from tests.judge.scenario import instant

# kind: (events, states, endings, reopening); a state is "entered by > left by"
SHIPPED = {
    "call": (
        "offered queued ringing ring_missed answered resumed held unparked parked transferred"
        " callback_promised callback_made",
        "waiting: queued > answered; ringing: ringing > ring_missed answered; on_hold: held > resumed;"
        " parked: parked > unparked",
        "ended=done abandoned=left diverted=diverted refused=refused",
        None,
    ),
    "chat": (
        "opened queued joined replied customer_replied",
        "waiting: queued > joined",
        "ended=done abandoned=left diverted=diverted",
        None,
    ),
    "ticket": (
        "opened acknowledged assigned replied customer_replied unpended pended escalated solved",
        "pending: pended > unpended",
        "closed=done",
        "reopened",
    ),
    "visit": (
        "due arrived ticket_taken called greeted served checked_in",
        "waiting: arrived > greeted called served checked_in",
        "finished=done left=left diverted=diverted turned_away=refused",
        None,
    ),
    "request": ("due requested acknowledged started delivered", "", "done=done cancelled=left", "reopened"),
    "order": ("due placed accepted ready served refilled", "", "paid=done cancelled=left", None),
    "survey": ("invited answered followed_up", "", "closed=done", None),
    "inspection": ("started item", "", "finished=done", None),
    "duty": ("due done", "", "", None),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_kind_has_these_events_states_and_endings(name: str) -> None:
    events, states, endings, reopening = SHIPPED[name]
    kind = VOCABULARY[name]
    assert " ".join(kind.events) == events
    written = "; ".join(f"{s}: {' '.join(r.enter)} > {' '.join(r.leave)}" for s, r in kind.states.items())
    assert written == states
    assert " ".join(f"{event}={ending}" for event, ending in kind.endings.items()) == endings
    assert kind.reopening == reopening


def test_there_are_no_other_kinds() -> None:
    assert set(VOCABULARY) == set(SHIPPED)


def test_there_are_four_classes_of_ending() -> None:
    assert {*map(str, Ending)} == {"done", "left", "diverted", "refused"}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_kind_knows_an_update_and_nothing_that_is_not_listed(name: str) -> None:
    events, _, endings, reopening = SHIPPED[name]
    listed = {*events.split(), *(word.split("=")[0] for word in endings.split())} | ({reopening} - {None})
    known = {
        event for kind in VOCABULARY.values() for event in kind.all_events() if VOCABULARY[name].knows(event)
    }
    assert known == listed | {"updated"}


def in_order(kind: str, events: list[tuple[str, int]]) -> list[str]:
    history = History.empty()
    for name, seq in events:
        history.add(Event("desk", kind, "1", name, instant("09:00:00"), seq=seq))
    return [event.event for event in history.ordered(VOCABULARY[kind])]


@pytest.mark.parametrize("name", SHIPPED)
def test_events_of_one_instant_stand_as_the_vocabulary_lists_them(name: str) -> None:
    events, _, endings, reopening = SHIPPED[name]
    ends = sorted(word.split("=")[0] for word in endings.split())  # endings are alike: their names decide
    listed = [*events.split(), "updated", *ends, *([reopening] if reopening else [])]
    assert in_order(name, [(event, 0) for event in reversed(listed)]) == listed
    assert in_order(name, [(event, 0) for event in listed]) == listed


@pytest.mark.parametrize(
    "told", list(permutations([("finished", 0), ("arrived", 2), ("greeted", 1), ("left", -1)]))
)
def test_the_number_that_a_source_gives_an_event_goes_before_the_vocabulary(
    told: tuple[tuple[str, int], ...],
) -> None:
    assert in_order("visit", list(told)) == ["left", "finished", "greeted", "arrived"]
