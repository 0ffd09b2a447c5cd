"""Rules against sources and stored readings: what cannot be proved or comes too late, what nothing gives or matches."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from standardsd.language.definitions import read_definition
from standardsd.language.problems import Level
from standardsd.language.source_lints import Seen, SourceFacts, facts_of, lint_selectors, lint_sources
from standardsd.model.config import SourceConfig, WatermarkKind, WatermarkRule
from standardsd.model.definition import Definition, TimeQuality
from tests.language.written import file, load, said, standard

S, M = timedelta(seconds=1), timedelta(minutes=1)
VISITS: dict[str, tuple[str, ...]] = {"visit": ("arrived", "greeted", "left")}


def kiosk(unsure: timedelta = timedelta(0), behind: timedelta = timedelta(0), **more: object) -> SourceFacts:
    facts = {"yields": VISITS, "labels": frozenset({"site", "desk"}), **more}
    return SourceFacts("kiosk", unsure=unsure, behind=behind, **facts)  # type: ignore[arg-type]


def told(sources: list[SourceFacts], *, head: str = "version: 1\nset: house\n", **keys: str) -> list[str]:
    loaded = load(file(standard(**keys), head=head))
    assert loaded.book is not None, loaded.problems
    found = lint_sources(loaded.book, loaded.origins, sources)
    assert all(one.level is Level.LINT for one in found)
    return [said(one) for one in found]


PROOFS = [
    # unsureness, keys, whether it is said: the edge is a promise exactly as long as both ends are unsure
    (30 * S, {"promise": "{within: 60s}"}, True),
    (30 * S, {"promise": "{within: 60.000001s}"}, False),
    (30 * S - S / 1_000_000, {"promise": "{within: 60s}"}, False),
    (0 * S, {"promise": "{within: 1s}"}, False),
    (30 * S, {"promise": "{within: 60s}", "measure": "{from: due, to: greeted}"}, False),
    (
        30 * S,
        {"promise": "{per: p, a: {within: 60s}, else: {within: 5m}}", "where": "{site: a}", "by": "site"},
        True,
    ),
    (30 * S, {"promise": "{between: [1m, 2m]}"}, True),
    (30 * S, {"promise": "{between: [1m, 2.5m]}"}, False),
    (1 * S, {"promise": "{within: 2s}"}, True),
    (30 * S, {"measure": "{count: arrived, over: 1h}", "promise": "{at_most: 3}"}, False),
]


@pytest.mark.parametrize(("unsure", "keys", "expected"), PROOFS)
def test_a_promise_no_longer_than_the_sources_are_unsure_is_linted(
    unsure: timedelta, keys: dict[str, str], expected: bool
) -> None:
    found = told([kiosk(unsure, labels=None)], **keys)
    assert bool(found) is expected, found
    for one in found:
        assert "cannot be proved: by what kiosk can tell, it began and ended within" in one


def test_it_is_said_at_the_promise_with_what_would_do() -> None:
    assert told([kiosk(30 * S)]) == [
        "8:5 1m cannot be proved: by what kiosk can tell, it began and ended within 1m"
        " -> promise more than 1m, poll more often, or take another source"
    ]


def test_each_end_counts_by_the_least_sure_source_that_says_it() -> None:
    door = SourceFacts("door", {"visit": ("arrived",)}, None, unsure=S)
    desk = SourceFacts("desk", {"visit": ("greeted",)}, None, unsure=59 * S)
    other = SourceFacts("other", {"call": ("answered",)}, None, unsure=10 * M)
    assert told([door, desk, other]) == [
        "8:5 1m cannot be proved: by what door and desk can tell, it began and ended within 1m"
        " -> promise more than 1m, poll more often, or take another source"
    ]
    assert told([door, SourceFacts("desk", {"visit": ("greeted",)}, None, unsure=58 * S)]) == []


@pytest.mark.parametrize(("behind", "expected"), [(60 * S, True), (59 * S, False), (0 * S, False)])
def test_a_warning_that_comes_with_the_breach_or_later_is_linted(behind: timedelta, expected: bool) -> None:
    found = told([kiosk(behind=behind)], alert="{on: [breach, at_risk]}")
    assert bool(found) is expected
    if expected:
        assert found == [
            "8:5 a warning comes too late: kiosk is up to 1m behind -> take at_risk out of alert.on, or poll more often"
        ]
    assert told([kiosk(behind=behind)]) == []  # nobody asked for a warning


LABELS = [
    # sources, keys, what is told
    ([kiosk()], {"by": "[site, desk]"}, []),
    ([kiosk()], {"by": "[site, quue]"},
     ["9:5 no source gives contacts of the kind 'visit' the label 'quue' (by of 'greet')"
      " -> map a value to it in the configuration, or write desk or site"]),
    ([kiosk()], {"by": "[site, dest]"},
     ["9:5 no source gives contacts of the kind 'visit' the label 'dest' (by of 'greet') -> write desk"]),
    ([kiosk()], {"where": "{sit: a}"},
     ["9:5 no source gives contacts of the kind 'visit' the label 'sit' (where of 'greet') -> write site"]),
    ([kiosk()], {"promise": "{per: priority, P1: {within: 5m}}"},
     ["8:5 no source gives contacts of the kind 'visit' the label 'priority' (promise of 'greet')"
      " -> map a value to it in the configuration, or write desk or site"]),
    ([kiosk(labels=frozenset())], {},
     ["4:5 no source gives contacts of the kind 'visit' the label 'site' (by of 'greet')"
      " -> map a value to it in the configuration, or write none"]),
    ([kiosk(labels=None)], {"by": "anything"}, []),  # nobody knows what it sends
    ([kiosk(labels=frozenset()), kiosk(labels=frozenset({"site"}))], {}, []),
    ([kiosk(labels=frozenset(), yields={"call": ("answered",)})], {}, []),  # it says nothing of visits
    ([], {"by": "anything"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "keys", "expected"), LABELS)
def test_a_label_that_no_source_gives_is_linted(
    sources: list[SourceFacts], keys: dict[str, str], expected: list[str]
) -> None:
    assert told(sources, **keys) == expected


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
                                   " -> site was lisbon"]),
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


def defined(quality: TimeQuality) -> Definition:
    """The shipped Asterisk definition, with instants of another quality."""
    path = Path(__file__).parents[2] / "exporters" / "phone" / "asterisk.yaml"
    definition, problems = read_definition(path.read_bytes(), path.name)
    assert definition is not None, problems
    return replace(definition, time_quality=quality, delay=2 * S)


def test_facts_of_a_source_come_from_its_definition_and_its_configuration() -> None:
    pbx = SourceConfig("pbx", "asterisk", labels={"site": "a"}, map={
        "queue": {"sales": {"department": "sales"}}, "nowhere": {"x": {"desk": "lobby"}},
    })  # fmt: skip
    facts = facts_of(pbx, defined(TimeQuality.SOURCE_US))
    assert facts.labels is not None
    assert {"queue", "contact", "pbx", "site", "department", "transfer", "missed"} <= facts.labels
    assert "desk" not in facts.labels  # no reading has the label it is mapped from
    assert facts.yields is not None
    assert "answered" in facts.yields["call"]
    assert (facts.unsure, facts.behind) == (0 * S, 2 * S)
    assert facts_of(pbx, defined(TimeQuality.SOURCE_S)).unsure == S
    polled = facts_of(pbx, defined(TimeQuality.POLLED), poll=30 * S)
    assert (polled.unsure, polled.behind) == (30 * S, 32 * S)


def test_nobody_knows_the_labels_of_what_is_posted() -> None:
    pushed = SourceConfig(
        "kiosk", "push", watermark=WatermarkRule(WatermarkKind.RECEIPT, 5 * S), yields=VISITS
    )
    assert facts_of(pushed, None) == SourceFacts("kiosk", VISITS, None, 0 * S, 5 * S)
    assert facts_of(SourceConfig("demo", "simulate"), None) == SourceFacts("demo")


def test_a_sixty_second_promise_cannot_be_proved_by_a_thirty_second_poll() -> None:
    polled = facts_of(SourceConfig("pbx", "asterisk"), defined(TimeQuality.POLLED), poll=30 * S)
    keys = {"of": "call", "measure": "{from: queued, to: answered}", "by": "queue"}
    assert [one.split(":", 1)[0] for one in told([polled], **keys)] == ["8"]
    assert told([polled], **{**keys, "promise": "{within: 61s}"}) == []
