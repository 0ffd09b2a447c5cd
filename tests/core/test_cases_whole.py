"""Pauses, wall times, appointments, grids, reopenings, waivers, values and scores: each at its edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.decision import Amendment, CaseDecision
from standardsd.model.measure import Carried, FromTo, Score, TimeIn
from standardsd.model.reading import Event, Reading, Retract, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import (
    Between,
    Dates,
    Grid,
    Limits,
    Promise,
    Reopen,
    RuleBook,
    Standard,
    Until,
    Waiver,
)
from standardsd.model.vocabulary import VOCABULARY
from standardsd.model.zone import Zone, Zones

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BUCHAREST = Zone("Europe/Bucharest", 7200)
REPLY = FromTo(("opened",), ("replied",))


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def within(seconds: float) -> Promise:
    return Promise(timedelta(seconds=seconds), within=True)


def standard(measure: Any, promise: Any, of: str = "ticket", **more: Any) -> Standard:
    return Standard("s", "S", of, measure, promise, "sha256:r", "set", **more)


def told(one: Standard, story: list[tuple[Any, ...]], until: float | None = None) -> list[tuple[Any, ...]]:
    """What is said of a story of (seconds, event, labels or values…): (word, reason, seconds, due, measured)."""
    events: list[Reading] = []
    for seconds, name, *more in story:
        labels = next((m for m in more if isinstance(m, dict)), {})
        values = {k: v for k, v in labels.items() if not isinstance(v, str)}
        texts = {k: v for k, v in labels.items() if isinstance(v, str)}
        if name == "item":
            texts.setdefault("item", str(seconds))
        events.append(Event("desk", one.of, "1", name, at(seconds), labels=texts, values=values))
    judge = Judge(RuleBook((one,), VOCABULARY, (), "h"), [Source("desk")], JudgeSettings())
    said = []
    for event in events:
        now = max(event.at, NINE)
        said += judge.receive([event, Watermark("desk", event.at)], now)
    if until is not None:
        said += judge.receive([Watermark("desk", at(until))], at(until))
    return [shown(d) for d in said if isinstance(d, CaseDecision)]


def shown(d: CaseDecision) -> tuple[Any, ...]:
    name = type(d).__name__.removesuffix("Spoken").lower()
    seconds = (d.at - NINE).total_seconds()
    due = None if d.due is None else (d.due - NINE).total_seconds()
    return name, d.verdict and str(d.verdict), d.reason and str(d.reason), seconds, due, d.measured


def last(said: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    return said[-1][1:4]


# -- pauses --------------------------------------------------------------------------------------------

PAUSED = standard(REPLY, within(60), pause_while=("pending",))


def test_a_pause_moves_due_by_its_length_and_the_limit_itself_is_in_time():
    story = [(0, "opened"), (10, "pended"), (110, "unpended"), (160, "replied")]
    assert told(PAUSED, story) == [("verdict", "met", None, 160, 160, 60.0)]


def test_a_moment_after_the_moved_due_is_too_late():
    story = [(0, "opened"), (10, "pended"), (110, "unpended"), (160.000001, "replied")]
    said = told(PAUSED, story)
    assert said[0] == ("verdict", "breached", None, 160, 160, None)
    assert said[1] == ("final", "breached", None, 160, 160, 60.000001)


def test_while_a_pause_runs_there_is_no_due_and_nothing_is_broken():
    assert told(PAUSED, [(0, "opened"), (10, "pended")], until=100_000) == []


def test_what_comes_in_a_pause_is_in_time_and_has_no_due():
    said = told(PAUSED, [(0, "opened"), (10, "pended"), (100, "replied")])
    assert said == [("verdict", "met", None, 100, None, 10.0)]


def test_a_limit_used_up_exactly_when_the_pause_begins_is_due_then():
    said = told(PAUSED, [(0, "opened"), (60, "pended")], until=70)
    assert said[0][1:5] == ("breached", None, 60, 60)


def test_a_pause_that_was_read_late_takes_the_breach_back():
    one = PAUSED
    judge = Judge(RuleBook((one,), VOCABULARY, (), "h"), [Source("desk")], JudgeSettings())
    judge.receive([Event("desk", "ticket", "1", "opened", at(0)), Watermark("desk", at(70))], at(70))
    said = judge.receive([Event("desk", "ticket", "1", "pended", at(5))], at(71))
    assert [(type(d), d.verdict) for d in said if isinstance(d, CaseDecision)] == [(Amendment, None)]


def test_a_pause_before_the_start_counts_only_from_the_start_on():
    one = standard(FromTo(("assigned",), ("replied",)), within(60), pause_while=("pending",))
    story = [(0, "opened"), (1, "pended"), (10, "assigned"), (40, "unpended"), (100, "replied")]
    assert told(one, story) == [("verdict", "met", None, 100, 100, 60.0)]


def test_an_ending_leaves_the_paused_state():
    one = standard(REPLY, within(60), pause_while=("pending",), if_done="breach")
    story = [(0, "opened"), (10, "pended"), (500, "closed")]
    assert last(told(one, story)) == ("breached", "incomplete", 500)


# -- wall times, appointments --------------------------------------------------------------------------

BEFORE_TWO = standard(
    FromTo(("requested",), ("delivered",)), Until(time(14, 0)), "request", zones=Zones(everywhere=BUCHAREST)
)
TWO = 3 * 3600  # 14:00 in Bucharest is 12:00 UTC


@pytest.mark.parametrize(
    ("requested", "delivered", "word", "due"),
    [
        (0, TWO, "met", TWO),
        (0, TWO + 1, "breached", TWO),
        (TWO, TWO, "met", TWO),  # asked exactly at two: that is not past
        (TWO + 1, TWO + 86_400, "met", TWO + 86_400),
        (TWO + 1, TWO + 86_401, "breached", TWO + 86_400),
    ],
)
def test_until_is_the_wall_time_of_that_day_or_if_past_of_the_next(requested, delivered, word, due):
    said = told(BEFORE_TWO, [(requested, "requested"), (delivered, "delivered")])
    assert (said[-1][1], said[-1][4]) == (word, due)


def test_the_limit_of_a_wall_time_is_what_it_came_to():
    judge = Judge(RuleBook((BEFORE_TWO,), VOCABULARY, (), "h"), [Source("desk")], JudgeSettings())
    heard = [Event("desk", "request", "1", name, at(s)) for s, name in ((0, "requested"), (5, "delivered"))]
    (said,) = [d for d in judge.receive(heard, at(5)) if isinstance(d, CaseDecision)]
    assert (said.limit, said.measured, said.late_from) == (TWO, 5.0, None)


CALL = standard(
    FromTo(("due",), ("delivered",)),
    Between(timedelta(seconds=-120), timedelta(seconds=120)),
    "request",
)


@pytest.mark.parametrize(
    ("delivered", "word", "seconds"),
    [
        (-120.000001, "breached", -120.000001),  # too early: at that call
        (-120, "met", -120),
        (0, "met", 0),
        (120, "met", 120),
        (120.000001, "breached", 120),
    ],
)
def test_an_appointment_is_kept_on_both_edges(delivered, word, seconds):
    story = sorted([(0, "due"), (delivered, "delivered")], key=lambda one: one[0])
    said = told(CALL, story, until=300)
    assert (said[-1][1], said[-1][3]) == (word, seconds)


def test_a_missed_appointment_is_broken_at_its_later_edge():
    assert told(CALL, [(0, "due")], until=120.5)[0][1:5] == ("breached", None, 120, 120)


# -- grids ---------------------------------------------------------------------------------------------

GRID = standard(REPLY, Grid("priority", {"P1": within(60), "P2": within(600)}))


def test_each_row_has_its_own_limit():
    assert told(GRID, [(0, "opened", {"priority": "P2"}), (600, "replied")])[0][1] == "met"
    assert told(GRID, [(0, "opened", {"priority": "P1"}), (600, "replied")])[0][1:5] == (
        "breached",
        None,
        60,
        60,
    )


def test_no_row_and_no_else_is_not_judged():
    assert told(GRID, [(0, "opened", {"priority": "P9"}), (9_999, "replied")]) == []


def test_a_row_that_is_left_in_time_withdraws_the_promise():
    story = [(0, "opened", {"priority": "P1"}), (30, "updated", {"priority": "P9"})]
    assert last(told(GRID, story)) == ("excluded", "withdrawn", 30)


def test_a_tighter_row_judges_from_the_original_start():
    story = [(0, "opened", {"priority": "P2"}), (60, "updated", {"priority": "P1"})]
    assert last(told(GRID, story)) == ("breached", None, 60)  # in time until then, and nothing came
    story = [(0, "opened", {"priority": "P2"}), (61, "updated", {"priority": "P1"}), (99, "replied")]
    assert last(told(GRID, story)) == ("breached", "target_changed", 61)


def test_a_looser_row_moves_due_unless_it_was_broken_before():
    story = [(0, "opened", {"priority": "P1"}), (60, "updated", {"priority": "P2"}), (600, "replied")]
    assert last(told(GRID, story)) == ("met", None, 600)
    story = [(0, "opened", {"priority": "P1"}), (61, "updated", {"priority": "P2"}), (600, "replied")]
    assert last(told(GRID, story)) == ("breached", None, 60)


# -- reopening -----------------------------------------------------------------------------------------

SOLVED = FromTo(("opened",), ("solved",))


def test_first_only_lets_the_verdict_stand():
    said = told(standard(SOLVED, within(60)), [(0, "opened"), (50, "solved"), (70, "reopened")], until=999)
    assert said == [("verdict", "met", None, 50, 60, 50.0)]


def test_resume_takes_a_met_back_and_leaves_the_time_between_out():
    one = standard(SOLVED, within(60), reopen=Reopen.RESUME)
    story = [(0, "opened"), (50, "solved"), (1_000, "reopened")]
    assert [s[:4] for s in told(one, story)] == [
        ("verdict", "met", None, 50),
        ("amendment", None, None, 50),
    ]
    assert told(one, [*story, (1_010, "solved")])[-1] == ("amendment", "met", None, 1_010, 1_010, 60.0)
    assert told(one, [*story, (1_011, "solved")])[2][:5] == ("amendment", "breached", None, 1_010, 1_010)


def test_resume_never_takes_a_breach_back():
    one = standard(SOLVED, within(60), reopen=Reopen.RESUME)
    said = told(one, [(0, "opened"), (61, "solved"), (70, "reopened"), (80, "solved")])
    assert [s[:4] for s in said] == [("verdict", "breached", None, 60), ("final", "breached", None, 60)]


def test_new_cycle_begins_another_occurrence_at_the_reopening():
    one = standard(SOLVED, within(60), reopen=Reopen.NEW_CYCLE)
    said = told(one, [(0, "opened"), (50, "solved"), (70, "reopened"), (131, "solved")])
    assert [s[:4] for s in said] == [
        ("verdict", "met", None, 50),
        ("verdict", "breached", None, 130),
        ("final", "breached", None, 130),
    ]


# -- dates, waivers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "judged"),
    [
        (date(2026, 3, 2), None, True),
        (date(2026, 3, 3), None, False),
        (None, date(2026, 3, 2), False),
        (None, date(2026, 3, 3), True),
    ],
)
def test_a_standard_is_in_effect_by_the_local_day_of_the_start(since, until, judged):
    one = standard(REPLY, within(60), effective=Dates(since, until))
    assert bool(told(one, [(0, "opened"), (5, "replied")])) is judged


def test_the_local_day_is_that_of_the_zone():
    late = 13 * 3600  # 22:00 UTC is midnight in Bucharest
    one = standard(REPLY, within(60), effective=Dates(date(2026, 3, 3)), zones=Zones(everywhere=BUCHAREST))
    assert told(one, [(late - 1, "opened"), (late, "replied")]) == []
    assert told(one, [(late, "opened"), (late + 1, "replied")])[0][1] == "met"


WAIVED = standard(
    REPLY,
    within(60),
    waivers=(Waiver(Dates(date(2026, 3, 2), date(2026, 3, 3)), "moving", "gm", {"site": ("north",)}),),
)


def test_a_waiver_takes_out_what_began_on_its_days():
    story = [(0, "opened", {"site": "north"})]
    assert last(told(WAIVED, [*story, (5, "replied")])) == ("excluded", "waived", 5)
    assert told(WAIVED, story, until=61) == [("verdict", "excluded", "waived", 60, 60, None)]
    assert told(WAIVED, [*story, (61, "replied"), (70, "closed")]) == [
        ("verdict", "excluded", "waived", 60, 60, None)
    ]


def test_a_waiver_touches_nobody_else():
    assert last(told(WAIVED, [(0, "opened", {"site": "south"}), (5, "replied")])) == ("met", None, 5)
    next_day = 86_400
    story = [(next_day, "opened", {"site": "north"}), (next_day + 5, "replied")]
    assert last(told(WAIVED, story)) == ("met", None, next_day + 5)


def test_what_is_excluded_anyway_keeps_its_reason():
    story = [(0, "opened", {"site": "north"}), (5, "closed")]
    assert last(told(WAIVED, story)) == ("excluded", "incomplete", 5)


# -- numbers of cases ----------------------------------------------------------------------------------

RATED = standard(Carried("stars", "answered"), Limits(lowest=4.0), "survey")


@pytest.mark.parametrize(("stars", "word"), [(4.0, "met"), (3.999, "breached"), (5.0, "met")])
def test_a_value_is_judged_where_it_is_said(stars, word):
    said = told(RATED, [(0, "invited"), (5, "answered", {"stars": stars})])
    assert said[0] == ("verdict", word, None, 5, None, None if word == "breached" else stars)
    assert said[-1][-1] == stars


def test_an_answer_without_the_number_is_no_occurrence():
    assert told(RATED, [(0, "invited"), (5, "answered", {"warmth": 3.0})]) == []


def test_each_answer_is_an_occurrence():
    story = [(5, "answered", {"stars": 4.0}), (6, "answered", {"stars": 1.0})]
    assert [s[:2] for s in told(RATED, story)] == [
        ("verdict", "met"),
        ("verdict", "breached"),
        ("final", "breached"),
    ]


ROUND = standard(Score(), Limits(lowest=0.9), "inspection")


def item(seconds: float, result: str, weight: float = 1.0, **more: str) -> tuple[Any, ...]:
    return seconds, "item", {"result": result, "weight": weight, "item": f"q{seconds}", **more}


@pytest.mark.parametrize(
    ("items", "word", "score"),
    [
        ([item(1, "pass", 9), item(2, "fail", 1)], "met", 0.9),
        ([item(1, "pass", 8), item(2, "fail", 1)], "breached", 8 / 9),
        ([item(1, "pass", 9), item(2, "na", 100), item(3, "fail", 1)], "met", 0.9),
        ([item(1, "pass", 99), item(2, "fail", 1, critical="yes")], "breached", 0.0),
        ([item(1, "pass"), item(2, "pass", critical="yes")], "met", 1.0),
    ],
)
def test_a_score_is_passed_by_applicable_weight(items, word, score):
    said = told(ROUND, [(0, "started"), *items, (10, "finished")])
    assert (said[0][1], said[-1][-1]) == (word, pytest.approx(score))


def test_a_score_without_anything_applicable_is_excluded():
    assert last(told(ROUND, [(0, "started"), item(1, "na"), (10, "finished")])) == (
        "excluded",
        "incomplete",
        10,
    )
    assert told(ROUND, [(0, "started"), item(1, "pass")], until=999_999) == []


def test_the_last_answer_to_a_question_stands_and_what_comes_later_does_not_count():
    story = [
        (0, "started"),
        item(1, "fail", item="towels"),
        item(2, "pass", item="towels"),
        (10, "finished"),
        item(11, "fail", item="towels"),
    ]
    assert told(ROUND, story) == [("verdict", "met", None, 10, None, 1.0)]


def test_a_thousand_items_are_one_score():
    items = [item(n / 100, "pass" if n % 100 else "fail") for n in range(1, 1_001)]
    assert last(told(ROUND, [(0, "started"), *items, (60, "finished")])) == ("met", None, 60)


# -- uncertainty with all of it ------------------------------------------------------------------------


def test_a_pause_of_uncertain_length_leaves_the_verdict_in_doubt():
    judge = Judge(RuleBook((PAUSED,), VOCABULARY, (), "h"), [Source("desk")], JudgeSettings())
    heard: list[Reading] = [
        Event("desk", "ticket", "1", "opened", at(0)),
        Event("desk", "ticket", "1", "pended", at(30), not_before=at(0)),
        Event("desk", "ticket", "1", "unpended", at(100)),
        Event("desk", "ticket", "1", "replied", at(140)),
    ]
    said = [d for d in judge.receive(heard, at(140)) if isinstance(d, CaseDecision)]
    assert [d.verdict for d in said] == ["indeterminate"]


def test_a_total_used_up_exactly_waits_for_no_watermark_until_another_stay_begins():
    """The stay is over and in time; no clock can break it any more, so that it is not overdue."""
    one = standard(TimeIn("waiting"), within(10), "call")
    judge = Judge(RuleBook((one,), VOCABULARY, (), ""), [Source("log")], JudgeSettings())

    def heard(seconds: float, event: str) -> list[Any]:
        said = judge.receive([Event("log", "call", "1", event, at(seconds))], at(seconds))
        return [d.verdict for d in said if isinstance(d, CaseDecision)]

    def seen() -> tuple[int, int, datetime | None]:
        (group,) = judge.snapshot().groups
        return group.open, group.overdue, group.next_due

    heard(0, "queued")
    assert seen() == (1, 0, at(10))
    assert heard(10, "answered") == []
    assert seen() == (1, 0, None)
    judge.receive([Watermark("log", at(90))], at(100))
    assert seen() == (1, 0, None)
    assert judge.next_due("log") is None
    assert heard(110, "queued") == []
    assert seen() == (1, 1, at(10)), "another stay began: its breach waits for a watermark"
    said = judge.receive([Watermark("log", at(110))], at(110))
    assert [(d.verdict, d.at) for d in said if isinstance(d, CaseDecision)] == [("breached", at(110))]
    assert seen()[1:] == (0, None)


def test_a_total_may_pause_too():
    one = standard(TimeIn("waiting"), within(10), "call", pause_while=("parked",))
    story = [(0, "queued"), (5, "parked"), (100, "unparked"), (105, "answered"), (110, "ended")]
    assert last(told(one, story)) == ("met", None, 110)


def test_a_retraction_of_the_reopening_brings_the_verdict_back():
    one = standard(SOLVED, within(60), reopen=Reopen.RESUME)
    judge = Judge(RuleBook((one,), VOCABULARY, (), "h"), [Source("desk")], JudgeSettings())
    for seconds, name in ((0, "opened"), (50, "solved"), (70, "reopened")):
        judge.receive([Event("desk", "ticket", "1", name, at(seconds))], at(seconds))
    said = judge.receive([Retract("desk", "ticket", "1", "reopened", at(70), "by mistake")], at(80))
    assert [(d.verdict, d.at) for d in said if isinstance(d, CaseDecision)] == [("met", at(50))]
