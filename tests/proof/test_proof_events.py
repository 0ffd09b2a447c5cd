"""Events: copies, labels of an instant, retractions, and which source is asked."""

from __future__ import annotations

from itertools import permutations

import pytest

from standardsd.core.history import History
from standardsd.model.reading import Event
from standardsd.model.source import Source
from standardsd.model.vocabulary import VOCABULARY
from tests.judge.scenario import instant
from tests.proof.told import PATIENT, last_words, rules, tell

VISIT = VOCABULARY["visit"]


def event(
    name: str, at: str, seq: int = 0, kind: str = "visit", source: str = "desk", **labels: str
) -> Event:
    return Event(source, kind, "1", name, instant(at), seq=seq, labels=labels)


def item(name: str) -> Event:
    return event("item", "09:00:00", kind="inspection", item=name)


def history(*events: Event) -> History:
    found = History.empty()
    for one in events:
        found.add(one)
    return found


COPIES = (
    event("arrived", "09:00:00", 3, site="south", floor="2"),
    event("arrived", "09:00:00", 1, "visit", "door", site="north"),
    event("arrived", "09:00:00", 2, desk="b"),
)


@pytest.mark.parametrize("told", list(permutations(COPIES)))
def test_copies_are_one_event_with_the_lowest_seq_and_of_each_label_the_value_that_sorts_first(
    told: tuple[Event, ...],
) -> None:
    (one,) = history(*told).ordered(VISIT)
    assert (one.seq, one.labels) == (1, {"site": "north", "floor": "2", "desk": "b"})


@pytest.mark.parametrize(
    ("one", "other", "stand"),
    [
        (event("called", "09:00:00"), event("called", "09:00:00"), 1),
        (event("called", "09:00:00"), event("called", "09:00:00.000001"), 2),  # another instant
        (event("called", "09:00:00"), event("served", "09:00:00"), 2),  # another event
        (event("called", "09:00:00", site="a"), event("called", "09:00:00", site="b"), 1),
        # the label ``item`` tells items apart, and nothing else
        (item("a"), item("b"), 2),
        (item("a"), item("a"), 1),
        (event("called", "09:00:00", item="a"), event("called", "09:00:00", item="b"), 1),
    ],
)  # fmt: skip
def test_an_event_is_the_same_again_by_its_name_and_instant(one: Event, other: Event, stand: int) -> None:
    assert len(history(one, other).ordered(VOCABULARY[one.kind])) == stand


def test_the_labels_of_an_instant_are_for_each_key_those_of_the_latest_event_until_then() -> None:
    one = history(
        event("arrived", "09:00:00", site="a", floor="1"),
        event("called", "09:00:10", floor="2"),
        event("greeted", "09:00:10", desk="x"),
    )
    for at, labels in {
        "08:59:59.999999": {},
        "09:00:00": {"site": "a", "floor": "1"},
        "09:00:09.999999": {"site": "a", "floor": "1"},
        "09:00:10": {"site": "a", "floor": "2", "desk": "x"},  # of all events of that instant
        "23:00:00": {"site": "a", "floor": "2", "desk": "x"},
    }.items():
        assert one.labels_at(instant(at), VISIT) == labels


def test_events_of_one_kind_and_id_are_one_interaction_whoever_says_them() -> None:
    sources = [Source("door", max_silence=PATIENT), Source("desk", max_silence=PATIENT)]
    story = """
        09:00:00 visit.arrived V from=door
        09:00:00 visit.arrived W from=door
        09:00:00 request.requested V from=desk
        09:00:50 visit.greeted V from=desk
    """
    assert tell(rules(), story, sources=sources) == ["met greet V at 09:00:50 due 09:01:00 measured 50s"]


def test_what_is_another_sources_own_is_not_waited_for() -> None:
    """``door/…`` can be told by ``door`` alone, and not at all by who never says how it ends."""
    sources = [
        Source("door", private_ids=True, max_silence=PATIENT),
        Source("desk", private_ids=True, max_silence=PATIENT),
        Source("pms", yields={"visit": ("arrived",)}, max_silence=PATIENT),
    ]
    story = """
        09:00:00 visit.arrived door/1 from=door
        09:00:00 visit.arrived desk/2 from=desk
        09:01:00 watermark door
        09:01:30 watermark desk at=09:01:00
    """
    assert tell(rules(), story, sources=sources) == [
        "breached greet door/1 at 09:01:00 due 09:01:00",
        "breached greet desk/2 at 09:01:00 due 09:01:00",
    ]


def test_one_event_is_never_both_ends() -> None:
    """From ``served`` to ``served``: the first opens, the second closes, and the third closes what that opened."""
    book = rules(measure="{from: served, to: served, each: true}")
    story = """
        09:00:00 visit.served V
        09:00:20 visit.served V
        09:00:30 visit.served V
    """
    assert tell(book, story) == [
        "met greet V at 09:00:20 due 09:01:00 measured 20s",
        "met greet V#2 at 09:00:30 due 09:01:20 measured 10s",
    ]


@pytest.mark.parametrize("told", list(permutations(["arrived", "greeted", "left"])))
def test_at_one_instant_the_end_is_after_the_start_by_order_and_not_by_arrival(told: tuple[str, ...]) -> None:
    story = "\n".join(f"09:00:1{n} visit.{name} V at=09:00:00" for n, name in enumerate(told))
    assert last_words(rules(), story) == {"V": "met at 09:00:00 due 09:01:00"}


RETRACTIONS = [
    # what is taken back, and the word that stands
    ("retract visit V", {}),
    ("retract visit.greeted V", {}),
    ("retract visit.greeted V at=09:00:20", {"V": "met at 09:00:30 due 09:01:00"}),
    ("retract visit.greeted V at=09:00:30", {"V": "met at 09:00:20 due 09:01:00"}),
    ("retract visit.greeted V at=09:00:21", {"V": "met at 09:00:20 due 09:01:00"}),  # never said
    ("retract visit.greeted W", {"V": "met at 09:00:20 due 09:01:00"}),  # of another visit
    ("retract request V", {"V": "met at 09:00:20 due 09:01:00"}),  # of another kind
]


@pytest.mark.parametrize(("retract", "words"), RETRACTIONS)
@pytest.mark.parametrize("place", range(4))
def test_a_retraction_is_as_if_it_had_never_been_said_whenever_it_is_read(
    retract: str, words: dict[str, str], place: int
) -> None:
    lines = ["visit.arrived V at=09:00:00", "visit.greeted V at=09:00:20", "visit.greeted V at=09:00:30"]
    lines.insert(place, retract)
    story = "\n".join(f"09:00:4{n} {line}" for n, line in enumerate(lines))
    assert last_words(rules(), story) == words
