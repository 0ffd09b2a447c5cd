"""Rules against sources and stored readings: what cannot be proved or comes too late, what nothing gives or matches."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from standardsd.language.definitions import read_definition
from standardsd.language.problems import Level
from standardsd.language.source_facts import SourceFacts, facts_of
from standardsd.language.source_lints import lint_sources
from standardsd.model.config import SourceConfig, WatermarkKind, WatermarkRule
from standardsd.model.definition import Definition, Setting, SettingType, TimeQuality
from tests.language.written import file, load, said, standard

S, M = timedelta(seconds=1), timedelta(minutes=1)
VISITS: dict[str, tuple[str, ...]] = {"visit": ("due", "arrived", "greeted", "left")}


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
    ([kiosk(labels=frozenset(), yields={"call": ("answered",)}), kiosk()], {}, []),  # one says nothing of visits
    ([kiosk()], {"measure": "{repeats: arrived, same: [desk, shelf], over: 7d}", "promise": "{at_most: 1}"},
     ["7:5 no source gives contacts of the kind 'visit' the label 'shelf' (measure of 'greet')"
      " -> map a value to it in the configuration, or write desk or site"]),
    ([], {"by": "anything"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "keys", "expected"), LABELS)
def test_a_label_that_no_source_gives_is_linted(
    sources: list[SourceFacts], keys: dict[str, str], expected: list[str]
) -> None:
    assert told(sources, **keys) == expected


def of(*kinds: str, **events: str) -> list[SourceFacts]:
    """A source that yields these events of these kinds, and nothing else."""
    yields = {kind: tuple(said.split()) for kind, said in events.items()} | dict.fromkeys(kinds, ())
    return [SourceFacts("one", yields, None)]


TICKET = {"of": "ticket", "measure": "{from: opened, to: solved}", "promise": "{within: 8h}"}
EVENTS = [
    # what the source yields, keys, what is told before the fix
    (of(visit="arrived greeted"), {}, []),
    (of(visit="arrived left"), {},
     ["7:5 no source yields 'greeted' of the kind 'visit', so nothing is ever kept"]),
    (of(visit="greeted"), {}, ["7:5 no source yields 'arrived' of the kind 'visit', so nothing ever begins"]),
    (of(visit="arrived greeted"), {"measure": "{from: arrived, to: [greeted, served]}"}, []),  # one of them will do
    (of(visit="arrived left"), {"measure": "{from: arrived, to: [greeted, served]}"},
     ["7:5 no source yields any of greeted, served of the kind 'visit', so nothing is ever kept"]),
    (of(call="answered"), {}, ["6:5 no source yields anything of the kind 'visit', so this is never judged"]),
    (of("visit"), {}, ["6:5 no source yields anything of the kind 'visit', so this is never judged"]),
    ([*of(call="answered"), SourceFacts("any", None)], {}, []),  # one may say anything
    ([*of(visit="arrived"), *of(visit="greeted")], {}, []),  # the kiosk sees the arrival, the desk the greeting
    (of(visit="arrived greeted"), {"unless": "left"},
     ["9:5 no source yields 'left' of the kind 'visit', so it takes nothing out"]),
    (of(visit="arrived greeted left"), {"unless": "[left, turned_away]"}, []),
    (of(ticket="opened solved"), {**TICKET, "pause_while": "pending", "reopen": "resume"},
     ["9:5 no source yields 'pended' of the kind 'ticket', so the clock never stands still for 'pending'",
      "10:5 no source yields 'reopened' of the kind 'ticket', so nothing is ever reopened"]),
    (of(ticket="opened solved pended reopened"), {**TICKET, "pause_while": "pending", "reopen": "resume"}, []),
    (of(ticket="opened solved"), {**TICKET, "reopen": "first_only"}, []),
    (of(call="held ended"), {"of": "call", "measure": "{time_in: on_hold}"}, []),
    (of(call="held resumed"), {"of": "call", "measure": "{time_in: on_hold}"},
     ["7:5 no source yields any of ended, abandoned, diverted, refused of the kind 'call', so nothing is ever kept"]),
    (of(call="held resumed"), {"of": "call", "measure": "{time_in: on_hold, each: true}"}, []),
    (of(call="resumed ended"), {"of": "call", "measure": "{time_in: on_hold, each: true}"},
     ["7:5 no source yields 'held' of the kind 'call', so nothing ever begins"]),
    (of(visit="arrived"), {"measure": "{count: turned_away, over: 1d}", "promise": "{at_most: 1}"},
     ["7:5 no source yields 'turned_away' of the kind 'visit', so it is always 0"]),
    (of(call="abandoned"), {"of": "call", "measure": "{rate: abandoned, per: queued, over: 1h}",
                            "promise": "{at_most: 5%}"},
     ["7:5 no source yields 'queued' of the kind 'call', so it is never known"]),
    (of(survey="answered"), {"of": "survey", "measure": "{nps: n, at: invited, over: 7d}", "promise": "{at_least: 1}"},
     ["7:5 no source yields 'invited' of the kind 'survey', so there is no number"]),
    (of(duty="due"), {"of": "duty", "measure": "{since: done}", "promise": "{at_most: 2h}"},
     ["7:5 no source yields 'done' of the kind 'duty', so it is never done"]),
    (of(visit="arrived"), {"measure": "{average: {from: arrived, to: greeted}, over: 1h}", "promise": "{at_most: 2m}"},
     ["7:5 no source yields 'greeted' of the kind 'visit', so nothing is ever kept"]),
    (of(inspection="started item"), {"of": "inspection", "measure": "{score: inspection}", "promise": "{at_least: 9%}"},
     ["7:5 no source yields 'finished' of the kind 'inspection', so no inspection is ever finished"]),
    (of(samples="queue"), {"of": "", "measure": "{reading: queue}", "promise": "{at_most: 3}"}, []),
    (of(samples="queue"), {"of": "", "measure": "{reading: queeu}", "promise": "{at_most: 3}"},
     ["6:5 no source yields samples of 'queeu', so there is no number"]),
    ([SourceFacts("any", None)], {"of": "", "measure": "{reading: q}", "promise": "{at_most: 3}"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "keys", "expected"), EVENTS)
def test_an_event_that_no_source_yields_is_linted(
    sources: list[SourceFacts], keys: dict[str, str], expected: list[str]
) -> None:
    assert [one.split(" -> ")[0] for one in told(sources, **keys)] == expected


def test_what_would_do_in_the_place_of_a_missing_event_is_said() -> None:
    assert told(of(visit="arrived served"))[0].split(" -> ")[1] == (
        "add a source that does, or write one of arrived, served"
    )
    assert told(of(call="answered", samples="q"))[0].split(" -> ")[1] == (
        "add a source of it, or leave the standard out; the sources yield call"
    )


def test_a_source_that_speaks_for_other_contacts_feeds_no_standard_of_these() -> None:
    here = SourceFacts("here", VISITS, None, unsure=30 * S, speaks_for={"site": "a"})
    there = SourceFacts("there", VISITS, None, speaks_for={"site": "b"})
    assert told([here, there], where="{site: b}") == []
    assert len(told([here, there], where="{site: [a, b]}")) == 1
    assert [one.split(" -> ")[0] for one in told([here], where="{site: b}")] == [
        "6:5 no source yields anything of the kind 'visit', so this is never judged"
    ]


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


def test_a_map_adds_labels_to_those_that_the_readings_carry_themselves() -> None:
    pbx = SourceConfig("pbx", "asterisk", labels={"site": "a"}, map={"site": {"a": {"brand": "grand"}}})
    facts = facts_of(pbx, defined(TimeQuality.SOURCE_US))
    assert facts.labels is not None
    assert "brand" not in facts.labels  # a map looks at what is read, not at what the configuration adds


@pytest.mark.parametrize(
    ("default", "settings", "poll"),
    [
        ("30s", {}, 30 * S),
        ("30s", {"poll_every": "1m"}, M),
        (None, {}, 0 * S),
        ("30s", {"poll_every": "often"}, 0 * S),
    ],
)
def test_how_often_a_source_is_polled_comes_from_its_settings(
    default: str | None, settings: dict[str, object], poll: timedelta
) -> None:
    every = Setting("poll_every", SettingType.DURATION, "How often it is looked at.", default)
    definition = defined(TimeQuality.POLLED)
    polled = replace(definition, settings=(*definition.settings, every))
    facts = facts_of(SourceConfig("pbx", "asterisk", settings=settings), polled)
    assert (facts.unsure, facts.behind) == (poll, poll + 2 * S)


def test_nobody_knows_the_labels_of_what_is_posted() -> None:
    pushed = SourceConfig(
        "kiosk", "push", watermark=WatermarkRule(WatermarkKind.RECEIPT, 5 * S), yields=VISITS
    )
    assert facts_of(pushed, None) == SourceFacts("kiosk", VISITS, None, 0 * S, 5 * S)
    there = facts_of(SourceConfig("kiosk", "push", labels={"site": "a"}), None)
    assert (there.labels, there.speaks_for) == (None, {"site": "a"})
    assert facts_of(SourceConfig("demo", "simulate"), None) == SourceFacts("demo")


def test_a_sixty_second_promise_cannot_be_proved_by_a_thirty_second_poll() -> None:
    polled = facts_of(SourceConfig("pbx", "asterisk"), defined(TimeQuality.POLLED), poll=30 * S)
    keys = {"of": "call", "measure": "{from: queued, to: answered}", "by": "queue"}
    assert [one.split(":", 1)[0] for one in told([polled], **keys)] == ["8"]
    assert told([polled], **{**keys, "promise": "{within: 61s}"}) == []
