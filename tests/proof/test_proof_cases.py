"""Verdicts on cases: what is measured, what closes it, and each edge from just before to just after."""

from __future__ import annotations

import pytest

from standardsd.model.decision import CaseDecision
from tests.judge.scenario import instant
from tests.proof.told import decisions, last_words, rules, tell

# -- what is measured ----------------------------------------------------------------------------------


def test_from_the_first_a_to_the_first_b_at_or_after_it_and_once() -> None:
    story = """
        08:59:00 visit.greeted V
        09:00:00 visit.arrived V
        09:00:10 visit.arrived V
        09:00:40 visit.greeted V
        09:00:50 visit.greeted V
        09:10:00 visit.arrived V
        09:20:00 watermark
    """
    assert tell(rules(), story) == ["met greet V at 09:00:40 due 09:01:00 measured 40s"]


def test_a_and_b_may_each_be_any_of_several() -> None:
    book = rules(measure="{from: [arrived, ticket_taken], to: [greeted, called]}")
    story = "09:00:00 visit.ticket_taken V\n09:00:10 visit.arrived V\n09:00:30 visit.called V\n09:00:40 visit.greeted V"
    assert tell(book, story) == ["met greet V at 09:00:30 due 09:01:00 measured 30s"]


def test_every_pair_is_judged_and_a_further_a_while_open_changes_nothing() -> None:
    book = rules(measure="{from: arrived, to: greeted, each: true}")
    story = """
        09:00:00 visit.arrived V
        09:00:30 visit.arrived V
        09:01:00 visit.greeted V
        09:01:10 visit.greeted V
        09:02:00 visit.arrived V
        09:02:01 visit.greeted V
    """
    assert tell(book, story) == [
        "met greet V at 09:01:00 due 09:01:00 measured 60s",
        "met greet V#2 at 09:02:01 due 09:03:00 measured 1s",
    ]


APPOINTED = [
    # the story of an appointment at 09:00 that is kept within two minutes, and the word that stands
    ("08:50:00 request.delivered V", "met at 08:50:00 due 09:02:00"),  # early, and measured negative
    ("09:02:00 request.delivered V", "met at 09:02:00 due 09:02:00"),
    ("09:02:00.000001 request.delivered V", "breached at 09:02:00 due 09:02:00"),
    (
        "08:50:00 request.due V at=09:10:00\n09:11:00 request.delivered V",
        "met at 09:11:00 due 09:12:00",
    ),  # moved: latest
    (
        "08:50:00 request.due V at=08:55:00 seq=1\n08:56:00 request.delivered V",
        "met at 08:56:00 due 08:57:00",
    ),  # seq
    (
        "08:50:00 request.due V at=08:55:00\n08:58:00 request.delivered V",
        "met at 08:58:00 due 09:02:00",
    ),  # not latest
]


@pytest.mark.parametrize(("later", "word"), APPOINTED)
def test_from_an_appointment_the_first_b_counts_early_or_late(later: str, word: str) -> None:
    book = rules(of="request", measure="{from: due, to: delivered}", promise="{within: 2m}")
    story = f"08:40:00 request.due V at=09:00:00\n{later}\n09:30:00 watermark"
    assert last_words(book, story) == {"V": word}


def test_what_comes_early_has_a_negative_time() -> None:
    book = rules(of="request", measure="{from: due, to: delivered}", promise="{within: 2m}")
    assert tell(book, "08:40:00 request.due V at=09:00:00\n08:59:30 request.delivered V") == [
        "met greet V at 08:59:30 due 09:02:00 measured -30s"
    ]


def test_an_appointment_that_is_moved_takes_back_what_was_said_of_the_old_one() -> None:
    book = rules(of="request", measure="{from: due, to: delivered}", promise="{within: 2m}")
    story = """
        08:40:00 request.due V at=09:00:00
        09:02:00 watermark
        09:05:00 request.due V at=09:20:00
        09:22:00 watermark
    """
    assert tell(book, story) == [
        "breached greet V at 09:02:00 due 09:02:00",
        "amended breached to nothing greet V at 09:02:00 due 09:02:00",
        "amended nothing to breached greet V at 09:22:00 due 09:22:00",
    ]


BETWEEN = [
    ("08:57:59.999999", "breached at 08:57:59.999999 due 09:02:00"),  # too early: at that call
    ("08:58:00", "met at 08:58:00 due 09:02:00"),
    ("09:02:00", "met at 09:02:00 due 09:02:00"),
    ("09:02:00.000001", "breached at 09:02:00 due 09:02:00"),
]


@pytest.mark.parametrize(("at", "word"), BETWEEN)
def test_between_is_kept_on_both_edges(at: str, word: str) -> None:
    book = rules(of="request", measure="{from: due, to: delivered}", promise="{between: [-2m, 2m]}")
    story = f"08:40:00 request.due V at=09:00:00\n{at} request.delivered V\n09:30:00 watermark"
    assert last_words(book, story) == {"V": word}


def test_the_total_in_a_state_is_judged_once_when_the_interaction_ends() -> None:
    book = rules(of="call", measure="{time_in: on_hold}")
    story = """
        09:00:00 call.queued V
        09:01:00 call.held V
        09:01:20 call.resumed V
        09:02:00 call.held V
        09:02:30 call.resumed V
        09:05:00 call.ended V
    """
    (said,) = decisions(book, story)
    assert isinstance(said, CaseDecision)
    assert (said.verdict, said.measured) == ("met", 50.0)
    assert (said.start, said.at, said.end) == (instant("09:01:00"), instant("09:05:00"), instant("09:05:00"))


def test_each_stay_ends_by_whatever_leaves_the_state_and_without_a_stay_there_is_nothing() -> None:
    book = rules(of="call", measure="{time_in: ringing, each: true}", promise="{within: 20s}")
    story = """
        09:00:00 call.ringing V
        09:00:20 call.ring_missed V
        09:01:00 call.ringing V
        09:01:05 call.answered V
        09:02:00 call.ringing V
        09:02:20.000001 call.abandoned V
        09:03:00 call.queued W
        09:04:00 call.ended W
        09:04:00 call.ringing X
        09:04:05 call.abandoned X
        09:05:00 watermark
    """
    assert last_words(book, story) == {
        "V": "met at 09:00:20 due 09:00:20",
        "V#2": "met at 09:01:05 due 09:01:20",
        "V#3": "breached at 09:02:20 due 09:02:20",
        "X": "met at 09:04:05 due 09:04:20",
    }


def test_a_number_of_an_event_is_judged_per_event() -> None:
    book = rules(of="survey", measure="{value: stars, at: answered}", promise="{at_least: 4}")
    story = """
        09:00:00 survey.answered V stars:=4
        09:01:00 survey.answered V stars:=3.99
        09:02:00 survey.answered V
        09:03:00 survey.followed_up V stars:=1
        09:04:00 watermark
    """
    assert last_words(book, story) == {"V": "met at 09:00:00", "V#2": "breached at 09:01:00"}


LIMITS = [
    # promise, numbers that keep it, numbers that break it
    ("{at_most: 4}", ["3.999", "4"], ["4.001"]),
    ("{under: 4}", ["3.999"], ["4", "4.001"]),
    ("{at_least: 4}", ["4", "4.001"], ["3.999"]),
    ("{over: 4}", ["4.001"], ["4", "3.999"]),
    ("{between: [2, 4]}", ["2", "3", "4"], ["1.999", "4.001"]),
]


@pytest.mark.parametrize(("promise", "kept", "broken"), LIMITS)
def test_a_number_keeps_its_limit_or_not_at_the_very_edge(
    promise: str, kept: list[str], broken: list[str]
) -> None:
    book = rules(of="survey", measure="{value: stars, at: answered}", promise=promise)
    numbers = [*kept, *broken]
    story = "\n".join(f"09:00:0{n} survey.answered V{n} stars:={number}" for n, number in enumerate(numbers))
    words = last_words(book, story + "\n09:01:00 watermark")
    met = [word.startswith("met") for _, word in sorted(words.items())]
    assert met == [True] * len(kept) + [False] * len(broken)


SCORES = [
    # items (result, weight, critical), the score that is just reached, and one that is not
    ([("pass", "3", ""), ("fail", "1", "")], "75%", "75.1%"),
    ([("pass", "", ""), ("fail", "", "")], "50%", "50.1%"),  # weight 1
    ([("pass", "3", ""), ("fail", "1", ""), ("na", "96", "")], "75%", "75.1%"),
    ([("pass", "99", ""), ("fail", "1", "yes")], "0%", "0.1%"),
    ([("pass", "99", "yes"), ("fail", "1", "no")], "99%", "99.1%"),
]


@pytest.mark.parametrize(("items", "reached", "missed"), SCORES)
def test_a_score_is_passed_by_applicable_weight(
    items: list[tuple[str, str, str]], reached: str, missed: str
) -> None:
    lines = ["09:00:00 inspection.started V"]
    for number, (result, weight, critical) in enumerate(items):
        more = (f" weight:={weight}" if weight else "") + (f" critical={critical}" if critical else "")
        lines.append(f"09:00:01 inspection.item V item=q{number} result={result}{more}")
    story = "\n".join([*lines, "09:00:02 inspection.finished V", "09:00:03 watermark"])
    for share, word in ((reached, "met"), (missed, "breached")):
        book = rules(of="inspection", measure="{score: inspection}", promise=f"{{at_least: {share}}}")
        assert last_words(book, story) == {"V": f"{word} at 09:00:02"}, share


# -- what closes it ------------------------------------------------------------------------------------

POLICIES = {
    # if_…: (in time, not in time); R stands for the reason of the class
    "exclude": ("excluded (R) at 09:01:00", "breached at 09:01:00"),
    "breach": ("breached (R) at 09:01:00", "breached at 09:01:00"),
    "keep": ("met (R) at 09:01:00", "breached at 09:01:00"),
    "void": ("excluded (R) at 09:01:00", "excluded (R) at 09:01:00.000001"),
}
CLASSES = {
    "left": ("if_left", "left"),
    "diverted": ("if_diverted", "diverted"),
    "finished": ("if_done", "incomplete"),
}
FORMS = ["{from: arrived, to: greeted}", "{from: arrived, to: greeted, each: true}"]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("ending", CLASSES)
@pytest.mark.parametrize("measure", FORMS)
def test_an_ending_in_time_decides_by_its_class_and_late_only_void_does(
    policy: str, ending: str, measure: str
) -> None:
    key, reason = CLASSES[ending]
    book = rules(measure=measure, **{key: policy})
    for at, word in zip(("09:01:00", "09:01:00.000001"), POLICIES[policy], strict=True):
        story = f"09:00:00 visit.arrived V\n{at} visit.{ending} V\n09:02:00 watermark"
        assert last_words(book, story) == {"V": word.replace("R", reason) + " due 09:01:00"}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("ending", CLASSES)
def test_each_class_has_a_key_of_its_own(policy: str, ending: str) -> None:
    """Only the key of its class decides about an ending."""
    key, reason = CLASSES[ending]
    others = {name: policy for name, _ in CLASSES.values() if name != key}
    story = f"09:00:00 visit.arrived V\n09:00:10 visit.{ending} V\n09:02:00 watermark"
    assert last_words(rules(**others), story) == {"V": f"excluded ({reason}) at 09:00:10 due 09:01:00"}


@pytest.mark.parametrize("policy", POLICIES)
def test_never_admitted_is_excluded_in_time_whatever_the_policies_say(policy: str) -> None:
    book = rules(**{key: policy for key, _ in CLASSES.values()})
    for at, word in (
        ("09:01:00", "excluded (refused) at 09:01:00"),
        ("09:01:00.000001", "breached at 09:01:00"),
    ):
        story = f"09:00:00 visit.arrived V\n{at} visit.turned_away V\n09:02:00 watermark"
        assert last_words(book, story) == {"V": f"{word} due 09:01:00"}


def test_void_amends_a_breach_that_was_spoken() -> None:
    story = "09:00:00 visit.arrived V\n09:01:00 watermark\n09:05:00 visit.left V"
    assert tell(rules(if_left="void"), story) == [
        "breached greet V at 09:01:00 due 09:01:00",
        "amended breached to excluded (left) greet V at 09:05:00 due 09:01:00",
    ]


SHORT = [
    # if_left, how it ended, when, the word that stands
    *[(policy, "left", "09:00:05", "excluded (short) at 09:00:05") for policy in POLICIES],
    ("breach", "left", "09:00:05.000001", "breached (left) at 09:00:05.000001"),
    ("keep", "left", "09:00:05.000001", "met (left) at 09:00:05.000001"),
    ("breach", "diverted", "09:00:01", "excluded (diverted) at 09:00:01"),  # only giving up is short
    ("breach", "finished", "09:00:01", "excluded (incomplete) at 09:00:01"),
    ("breach", "turned_away", "09:00:01", "excluded (refused) at 09:00:01"),
]


@pytest.mark.parametrize(("policy", "ending", "at", "word"), SHORT)
def test_giving_up_at_once_is_left_out_whatever_if_left_says(
    policy: str, ending: str, at: str, word: str
) -> None:
    book = rules(if_left=policy, ignore_if_left_within="5s")
    story = f"09:00:00 visit.arrived V\n{at} visit.{ending} V\n09:02:00 watermark"
    assert last_words(book, story) == {"V": f"{word} due 09:01:00"}


def test_at_once_counts_on_the_clock_and_only_in_time() -> None:
    head = 'version: 1\nset: h\ncalendars: {day: {timezone: UTC, weekly: {mon-sun: ["09:00-17:00"]}}}\n'
    book = rules(
        head=head, clock="day", promise="{within: 1h}", ignore_if_left_within="10m", if_left="breach"
    )
    story = "16:55:00 visit.arrived V\n2026-03-03 09:05:00 visit.left V\n2026-03-03 10:00:00 watermark"
    assert last_words(book, story)["V"].startswith("excluded (short)")
    late = rules(promise="{within: 5s}", ignore_if_left_within="10s", if_left="breach")
    story = "09:00:00 visit.arrived V\n09:00:06 visit.left V\n09:02:00 watermark"
    assert last_words(late, story) == {"V": "breached at 09:00:05 due 09:00:05"}


UNLESS = [
    ("09:01:00", "excluded (unless) at 09:01:00"),
    ("09:01:00.000001", "breached at 09:01:00"),
]


@pytest.mark.parametrize(("at", "word"), UNLESS)
@pytest.mark.parametrize("measure", [*FORMS, "{time_in: waiting}", "{time_in: waiting, each: true}"])
def test_unless_takes_it_out_in_time_for_every_measure_of_time(measure: str, at: str, word: str) -> None:
    book = rules(measure=measure, unless="[updated, ticket_taken]")
    story = f"09:00:00 visit.arrived V\n{at} visit.ticket_taken V\n09:02:00 watermark"
    assert last_words(book, story) == {"V": f"{word} due 09:01:00"}


def test_unless_before_the_start_does_nothing() -> None:
    story = "09:00:00 visit.called V\n09:00:01 visit.arrived V\n09:00:30 visit.greeted V"
    assert last_words(rules(unless="called"), story) == {"V": "met at 09:00:30 due 09:01:01"}


def test_what_closes_first_in_order_decides_and_later_events_do_not_reach_it() -> None:
    book = rules(unless="called", if_left="breach")
    for story, word in {
        "09:00:10 visit.called V\n09:00:20 visit.greeted V": "excluded (unless) at 09:00:10",
        "09:00:10 visit.greeted V\n09:00:20 visit.called V\n09:00:30 visit.left V": "met at 09:00:10",
        "09:00:10 visit.left V\n09:00:20 visit.greeted V": "breached (left) at 09:00:10",
        # of one instant: called stands before greeted in the vocabulary, greeted before every ending
        "09:00:10 visit.greeted V\n09:00:10 visit.called V": "excluded (unless) at 09:00:10",
        "09:00:10 visit.left V\n09:00:10 visit.greeted V": "met at 09:00:10",
    }.items():
        told = f"09:00:00 visit.arrived V\n{story}\n09:02:00 watermark"
        assert last_words(book, told) == {"V": f"{word} due 09:01:00"}, story


@pytest.mark.parametrize("key", ["if_left", "if_diverted", "if_done"])
@pytest.mark.parametrize("measure", ["{time_in: on_hold}", "{time_in: on_hold, each: true}"])
def test_policies_mean_nothing_to_a_time_in_a_state_but_a_refusal_takes_it_out(
    key: str, measure: str
) -> None:
    book = rules(of="call", measure=measure, **{key: "breach"}, ignore_if_left_within="1m")
    for ending, word in {
        "abandoned": "met at 09:00:30",
        "diverted": "met at 09:00:30",
        "ended": "met at 09:00:30",
        "refused": "excluded (refused) at 09:00:30",
    }.items():
        said = last_words(book, f"09:00:00 call.held V\n09:00:30 call.{ending} V")
        assert said == {"V": f"{word} due 09:01:00"}


# -- how it is told ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closer", "end"),
    [("greeted", "09:05:00"), ("left", None), ("finished", None), ("called", None)],
)
def test_a_breach_is_told_at_due_and_a_final_follows_with_an_end_only_by_the_end_event(
    closer: str, end: str | None
) -> None:
    story = f"09:00:00 visit.arrived V\n09:01:00 watermark\n09:05:00 visit.{closer} V"
    more = " end 09:05:00 measured 300s" if end else ""
    assert tell(rules(unless="called"), story) == [
        "breached greet V at 09:01:00 due 09:01:00",
        f"final breached greet V at 09:01:00 due 09:01:00{more}",
    ]


def test_a_verdict_carries_the_labels_at_its_own_instant() -> None:
    story = """
        09:00:00 visit.arrived V site=a
        09:00:30 visit.updated V site=b
        09:01:00 visit.updated V floor=1
        09:01:00.000001 visit.updated V site=c
        09:02:00 watermark
    """
    (said,) = decisions(rules(by="[site]"), story)
    assert isinstance(said, CaseDecision)
    assert said.labels == {"site": "b", "floor": "1"}
