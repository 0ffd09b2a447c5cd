"""Rules against readings: a selector that matched nothing, a label that nothing had."""

from __future__ import annotations

import pytest

from standardsd.language import seen_lints
from standardsd.language.problems import Level
from standardsd.language.seen_lints import Seen, Sightings, lint_selectors
from standardsd.mapping.ndjson import read_line
from standardsd.model.reading import Event, Reading, Sample
from tests.language.written import file, load, said, standard

SEEN = [
    Seen({"site": "grand-budapest", "desk": "lobby"}, kind="visit"),
    Seen({"site": "lisbon"}, kind="visit"),
    Seen({"site": "vienna", "queue": "sales"}, kind="call"),
    Seen({"desk": "lobby"}, sample="queue"),
]
SELECTORS = [
    # keys, what is told
    ({"where": "{site: grand-*}"}, []),
    ({"where": "{site: vienna}"}, ["9:5 where of 'greet' matched none of the stored interactions of the kind 'visit'"
                                   " -> site was grand-budapest, lisbon"]),
    ({"where": "{site: lisbno}"}, ["9:5 where of 'greet' matched none of the stored interactions of the kind 'visit'"
                                   " -> write lisbon"]),
    ({"where": "{room: '1*'}"}, ["9:5 where of 'greet' matched none of the stored interactions of the kind 'visit'"
                                 " -> none of them has the label room; write another one"]),
    ({"where": "{site: lisbon, desk: lobby}"},
     ["9:5 where of 'greet' matched none of the stored interactions of the kind 'visit'"
      " -> no one of them matches all its labels at once"]),
    ({"where": "{room: '!1*'}"}, []),
    ({}, []),
    ({"of": "order", "measure": "{from: placed, to: ready}", "where": "{site: x}"}, []),  # no order was seen at all
    ({"of": "", "measure": "{reading: queue}", "promise": "{at_most: 3}", "where": "{desk: bar}"},
     ["8:5 where of 'greet' matched none of the stored samples of 'queue' -> desk was lobby"]),
    ({"of": "", "measure": "{reading: queue}", "promise": "{at_most: 3}", "where": "{desk: lobby}"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "expected"), SELECTORS)
def test_a_selector_that_matched_nothing_stored_is_linted(keys: dict[str, str], expected: list[str]) -> None:
    loaded = load(file(standard(**keys)))
    assert loaded.book is not None, loaded.problems
    assert [said(one) for one in lint_selectors(loaded.book, loaded.origins, SEEN)] == expected
    assert lint_selectors(loaded.book, loaded.origins, []) == []


def event(id: str, labels: str, kind: str = "visit", event: str = "arrived") -> Event:
    named = ",".join(f'"{key}":"{value}"' for key, value in (one.split("=") for one in labels.split()))
    line = (
        f'{{"type":"event","source":"desk","kind":"{kind}","id":"{id}","event":"{event}",'
        f'"at":"2026-03-02T09:00:00Z","labels":{{{named}}}}}'
    )
    reading = read_line(line.encode())
    assert isinstance(reading, Event), reading
    return reading


def told(readings: list[Reading], **keys: str) -> list[str]:
    loaded = load(file(standard(**keys)))
    assert loaded.book is not None, loaded.problems
    sightings = Sightings(loaded.book)
    for reading in readings:
        sightings.take(reading)
    assert sightings.readings == len(readings)
    found = sightings.lints(loaded.book, loaded.origins)
    assert all(one.level is Level.LINT for one in found)
    return [said(one) for one in found]


def test_an_interaction_has_the_labels_of_all_its_events() -> None:
    """The kiosk says the site and the desk later the queue: no reading has both, the interaction has."""
    both: list[Reading] = [event("1", "site=a"), event("1", "queue=vip", event="greeted")]
    apart: list[Reading] = [event("1", "site=a"), event("2", "queue=vip", event="greeted")]
    assert told(both, where="{site: a, queue: vip}") == []
    assert told(apart, where="{site: a, queue: vip}") == [
        "9:5 where of 'greet' matched none of the stored interactions of the kind 'visit'"
        " -> no one of them matches all its labels at once"
    ]


def test_a_label_that_was_so_before_it_changed_counts() -> None:
    changed: list[Reading] = [event("1", "site=a"), event("1", "site=b", event="updated")]
    assert told(changed, where="{site: a}") == []
    assert told(changed, where="{site: c}") == [
        "9:5 where of 'greet' matched none of the stored interactions of the kind 'visit' -> site was a, b"
    ]


GIVEN = [
    # keys, what is told of readings that have only site and desk
    ({"by": "[site, desk]"}, []),
    ({"by": "[site, dest]"}, ["9:5 none of the stored interactions of the kind 'visit' has the label 'dest'"
                              " (by of 'greet') -> write desk"]),
    ({"promise": "{per: priority, P1: {within: 5m}}"},
     ["8:5 none of the stored interactions of the kind 'visit' has the label 'priority' (promise of 'greet')"
      " -> write desk or site"]),
    ({"measure": "{repeats: arrived, same: [shelf], over: 7d}", "promise": "{at_most: 1}"},
     ["7:5 none of the stored interactions of the kind 'visit' has the label 'shelf' (measure of 'greet')"
      " -> write desk or site"]),
    ({"of": "order", "measure": "{from: placed, to: ready}", "by": "[nothing]"}, []),  # no order was seen at all
    ({"of": "", "measure": "{reading: queue}", "promise": "{at_most: 3}", "by": "[bar]"},
     ["8:5 none of the stored samples of 'queue' has the label 'bar' (by of 'greet') -> write desk"]),
    ({"of": "", "measure": "{reading: other}", "promise": "{at_most: 3}", "by": "[bar]"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "expected"), GIVEN)
def test_a_label_that_nothing_stored_has_is_linted(keys: dict[str, str], expected: list[str]) -> None:
    at = event("1", "site=a").at
    readings: list[Reading] = [
        event("1", "site=a desk=lobby"),
        Sample("desk", "queue", at, 3.0, {"desk": "lobby"}),
    ]
    assert told(readings, **keys) == expected


def test_of_the_grain_that_nobody_wrote_nothing_is_said() -> None:
    assert told([event("1", "desk=lobby")]) == []  # by: [site] is the language's own


def test_more_sets_of_labels_than_are_looked_at_cannot_be_called_unmatched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visits: list[Reading] = [event(str(n), f"site=s{n}") for n in range(3)]
    monkeypatch.setattr(seen_lints, "seen_max", 3)
    assert len(told(visits, where="{site: x}")) == 1
    monkeypatch.setattr(seen_lints, "seen_max", 2)
    assert told(visits, where="{site: x}") == []


def test_what_is_forgotten_of_an_interaction_makes_no_more_than_a_set_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seen_lints, "interactions_max", 1)
    visits: list[Reading] = [event("1", "site=a"), event("2", "site=b"), event("1", "queue=vip")]
    assert told(visits, where="{site: a}") == []
    assert len(told(visits, where="{site: a, queue: vip}")) == 1
