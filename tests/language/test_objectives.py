"""Objectives and alerts: what they read as, which conditions fit which standard, and which burn rates can fire."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from standardsd.language.alerts import FITTING
from standardsd.language.burn import PAIRS, burn_pairs, can_fire
from standardsd.language.problems import Level
from standardsd.model.measure import Calendar, CalendarUnit, Rolling
from standardsd.model.objective import AlertRule, BurnPair, Condition, Objective, Target
from tests.language.written import DESK, file, load, only, said, standard, the_error

D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NUMBER = {"of": "visit", "measure": "{count: left, over: 1h}", "promise": "{at_most: 3}"}
VALUE = {"of": "survey", "measure": "{value: csat, at: answered}", "promise": "{at_least: 4}"}

READ = [
    # objective, what it is
    ("{at_least: 95%, over: 30d}", Objective(0.95, Rolling(30 * D))),
    ("{at_least: 100%, over: 30m, min_count: 20}", Objective(1.0, Rolling(30 * M), 20)),
    ("{at_least: 99.5%, over: month, periods: 3}", Objective(0.995, Calendar(CalendarUnit.MONTH), periods=3)),
    ("{at_least: 90%, over: day, periods: 366}", Objective(0.9, Calendar(CalendarUnit.DAY), periods=366)),
    ("{at_least: 90%, over: 7d, periods: 1}", Objective(0.9, Rolling(7 * D))),
    (
        "{targets: [{from: 2026-07-01, at_least: 95%}, {from: 2026-01-01, at_least: 90%}], over: quarter}",
        Objective(
            None,
            Calendar(CalendarUnit.QUARTER),
            targets=(Target(date(2026, 1, 1), 0.9), Target(date(2026, 7, 1), 0.95)),
        ),
    ),
]


@pytest.mark.parametrize(("objective", "meant"), READ)
def test_an_objective_of_the_language_is_read(objective: str, meant: Objective) -> None:
    loaded = load(file(standard(objective=objective)))
    assert only(loaded).objective == meant
    assert loaded.problems == ()


def test_a_calendar_window_begins_at_midnight_of_the_zone_that_it_names() -> None:
    one = only(
        load(file(standard(objective="{at_least: 95%, over: week, zone: Asia/Kathmandu}", by="queue")))
    )
    assert one.objective is not None
    assert one.objective.zone is not None
    assert one.objective.zone.name == "Asia/Kathmandu"


WRONG = [
    ("{at_least: 95%, over: 30d, periods: 3}",
     "9:52 periods are counted in windows of the calendar, and this one is rolling"
     " -> write over: day, week, month or quarter, or leave periods out"),
    ("{at_least: 95%, over: quarter, periods: 5}", "9:56 5 windows in a row are too many -> write at most 4"),
    ("{at_least: 95%, over: day, periods: 0}", "9:52 '0' is too few -> write 1 or more"),
    ("{at_least: 95%, over: monht}", "9:38 'monht' is not a window -> write month, or a length such as 30d"),
    ("{at_least: 95%, over: day, zone: Lisbon}", "9:49 'Lisbon' is not a time zone -> write it as Europe/Lisbon"),
    ("{at_least: 95%, over: day, zone: '+02:00'}", "9:49 '+02:00' is an offset, not a time zone"
     " -> write a city, such as Europe/Lisbon, or Etc/GMT-2, which has no summer time"),
    ("{at_least: 95%, over: 7d, targets: [{from: 2026-01-01, at_least: 90%}]}",
     "9:42 an objective has either at_least or targets -> write at_least as a first target, from the day it began"),
    ("{targets: [], over: 7d}", "9:26 0 targets -> write 1 to 1000, such as [{from: 2026-01-01, at_least: 95%}]"),
    ("{targets: [{from: 2026-01-01}], over: 7d}", "9:27 a target has no at_least -> add at_least: with its value"),
    ("{targets: [{at_least: 90%}], over: 7d}", "9:27 a target has no from -> add from: with its value"),
    ("{targets: [{from: 2026-02-30, at_least: 90%}], over: 7d}",
     "9:34 '2026-02-30' does not exist in the calendar -> write it as 2026-03-02"),
    ("{targets: [{from: 2026-01-01, at_least: 90%}, {from: 2026-01-01, at_least: 91%}], over: 7d}",
     "9:69 two targets from 2026-01-01 on -> leave one of them out"),
    ("{targets: {from: 2026-01-01}, over: 7d}",
     "9:26 targets is not a list -> write each item behind '- ', or as [one, two]"),
    ("{at_least: 95%, over: 1d, min_count: 1000001}",
     "9:53 '1000001' verdicts are never reached -> write at most 1000000"),
]  # fmt: skip


@pytest.mark.parametrize(("objective", "told"), WRONG)
def test_a_wrong_objective_is_told_where_it_is_wrong(objective: str, told: str) -> None:
    loaded = load(file(standard(objective=objective)))
    assert loaded.book is None
    assert "|".join(map(said, loaded.problems)) == told


LINTS = [
    ({"objective": "{at_least: 95%, over: 7d, zone: UTC}"},
     "zone does nothing here: a rolling window has no midnight"),
    ({"objective": "{at_least: 95%, over: day}", "by": "queue"},
     "the day of this window begins at midnight UTC: its groups are of no one site"),
    ({"objective": "{at_least: 95%, over: month}", "by": "[]"},
     "the month of this window begins at midnight UTC: its groups are of no one site"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "told"), LINTS)
def test_an_odd_window_is_linted(keys: dict[str, str], told: str) -> None:
    loaded = load(file(standard(**keys)))
    assert loaded.book is not None
    assert [one.text for one in loaded.problems] == [told]


def test_nothing_is_said_of_a_window_whose_calendar_or_zone_or_site_is_known() -> None:
    for keys in ({"clock": "desk", "by": "queue"}, {"by": "[queue, site]"}):
        head = DESK if "clock" in keys else "version: 1\nset: house\n"
        assert load(file(standard(objective="{at_least: 95%, over: day}", **keys), head=head)).problems == ()


# -- alerts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_condition_is_taken_where_it_can_fire_and_refused_where_not(
    condition: Condition, place: int
) -> None:
    keys = ({}, VALUE, NUMBER)[place]
    text = standard(**keys, objective="{at_least: 99%, over: 30d}", alert=f"{{on: {condition}}}")
    loaded = load(file(text))
    assert (loaded.book is not None) == FITTING[condition][place], loaded.problems
    if loaded.book is not None:
        assert only(loaded).alert.on == (condition,)


ALERTS = [
    # keys, everything that is told
    ({**NUMBER, "alert": "{on: [limit, breach]}"},
     "9:17 an alert on breach of 'greet': it is about a number, which has episodes and no verdicts -> write limit"),
    ({**NUMBER, "alert": "{on: at_risk}"},
     "9:17 an alert on at_risk of 'greet': it has no time that could run out -> write limit, or leave it out"),
    ({**VALUE, "alert": "{on: [breach, at_risk]}"},
     "9:17 an alert on at_risk of 'greet': it has no time that could run out -> leave it out"),
    ({"alert": "{on: limit}"},
     "9:17 an alert on limit of 'greet': it is about cases, which have verdicts and no episodes -> write breach"),
    ({"alert": "{on: objective}"},
     "9:17 an alert on the objective of a standard without one -> add objective: {at_least: 95%, over: 30d}"),
    ({"alert": "{on: burn}"}, "9:17 an alert on burn of a standard without an objective, whose budget could burn"
     " -> add objective: {at_least: 95%, over: 30d}"),
    ({"objective": "{at_least: 100%, over: 30d}", "alert": "{on: burn}"},
     "10:17 no burn rate could ever fire: a target of 100% leaves no budget to burn"
     " -> write objective in the place of burn, or promise a higher share over a shorter window"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "told"), ALERTS)
def test_an_alert_that_could_never_fire_is_an_error(keys: dict[str, str], told: str) -> None:
    loaded = load(file(standard(**keys)))
    assert loaded.book is None
    assert "|".join(map(said, loaded.problems)) == told


def test_an_alert_of_the_defaults_that_does_not_fit_is_told_at_the_standard() -> None:
    head = "version: 1\nset: house\ndefaults: {alert: {on: [breach]}}\n"
    assert said(the_error(load(file(standard(**NUMBER), head=head)))) == (
        "5:9 an alert on breach of 'greet': it is about a number, which has episodes and no verdicts"
        " (from the defaults) -> give the standard an alert: of its own; write limit"
    )
    assert only(load(file(standard(**NUMBER, alert="{on: limit}"), head=head))).alert.on == (Condition.LIMIT,)


def test_cases_tell_of_breaches_and_numbers_of_limits_where_nobody_says() -> None:
    assert only(load(file())).alert == AlertRule()
    assert only(load(file(standard(**NUMBER)))).alert == AlertRule(on=(Condition.LIMIT,))
    assert only(load(file(standard(**NUMBER, alert="{for: 1m}")))).alert == AlertRule(
        on=(Condition.LIMIT,), hold_for=M
    )


# -- burn rates ----------------------------------------------------------------------------------------


def burns(*, head: str = "version: 1\nset: house\n", **keys: str) -> tuple[tuple[float, ...], list[str]]:
    """The factors of the pairs that are left, and what is said of the others."""
    loaded = load(file(standard(alert="{on: burn}", **keys), head=head))
    return tuple(round(pair.factor, 3) for pair in only(loaded).alert.burn), [
        one.text for one in loaded.problems
    ]


def test_the_table_of_the_language_gives_the_usual_factors_for_thirty_days() -> None:
    assert burns(objective="{at_least: 99.9%, over: 30d}") == ((14.4, 6.0, 3.0, 1.0), [])
    assert [(pair.spent, pair.long, pair.short) for pair in burn_pairs(30 * D)] == [
        (0.02, H, 5 * M), (0.05, 6 * H, 30 * M), (0.1, 24 * H, 2 * H), (0.1, 72 * H, 6 * H),
    ]  # fmt: skip


def test_a_factor_counts_open_hours_and_is_never_below_one() -> None:
    # 40 of 168 hours a week are open: 30 d are 171.43 open hours.
    factors, told = burns(objective="{at_least: 99%, over: 30d}", clock="desk", head=DESK)
    assert factors == (3.429, 1.429, 1.0, 1.0)
    assert told == []


@pytest.mark.parametrize(
    ("over", "first"),
    [("day", 1.0), ("week", 3.36), ("month", 14.4), ("quarter", 43.68), ("7d", 3.36), ("12h", 1.0)],
)
def test_windows_of_the_calendar_have_their_usual_lengths(over: str, first: float) -> None:
    assert burns(objective=f"{{at_least: 99%, over: {over}}}")[0][0] == first


def test_a_pair_that_cannot_fire_is_left_out_with_a_lint() -> None:
    # A target of 90 % leaves a tenth: everything broken burns ten times as fast, and 14.4 is never reached.
    factors, told = burns(objective="{at_least: 90%, over: 30d}")
    assert factors == (6.0, 3.0, 1.0)
    assert told == [
        "burn: 2% of the budget in 1h cannot happen, so this pair is left out (its factor is 14.4, and with everything"
        " broken the budget burns 10 times as fast)"
    ]


@pytest.mark.parametrize(("share", "told"), [("93.05%", True), ("93.06%", False)])
def test_a_burn_rate_that_cannot_fire_is_told_at_its_word(share: str, told: bool) -> None:
    """A budget of 1 ÷ 14.4 is 6.944 %: just above it everything broken burns more slowly than 14.4."""
    keys = {"objective": f"{{at_least: {share}, over: 30d}}", "alert": "{on: [breach, burn]}"}
    found = load(file(standard(**keys))).problems
    assert [(one.line, one.column, one.level) for one in found] == ([(10, 17, Level.LINT)] if told else [])


@pytest.mark.parametrize(
    ("budget", "fires"), [(1 / 14.4 - 1e-6, True), (1 / 14.4, False), (1 / 14.4 + 1e-6, False), (0.0, False)]
)
def test_a_factor_of_exactly_one_by_the_budget_cannot_fire(budget: float, fires: bool) -> None:
    assert can_fire(BurnPair(0.02, H, 5 * M, 14.4), [budget]) is fires


def test_five_percent_is_a_budget_of_a_twentieth_though_floats_say_otherwise() -> None:
    assert 1 - 0.95 != 0.05
    assert not can_fire(BurnPair(0.02, H, 5 * M, 20.0), [1 - 0.95])


def test_dated_targets_keep_a_pair_that_can_fire_under_one_of_them() -> None:
    targets = "{targets: [{from: 2026-01-01, at_least: 50%}, {from: 2027-01-01, at_least: 99%}], over: 30d}"
    assert burns(objective=targets) == ((14.4, 6.0, 3.0, 1.0), [])


def test_an_error_where_no_pair_is_left() -> None:
    loaded = load(file(standard(alert="{on: [breach, burn]}", objective="{at_least: 0.0001%, over: 30d}")))
    assert loaded.book is not None  # the longest window still burns a little faster than evenly
    loaded = load(file(standard(alert="{on: [breach, burn]}", objective="{at_least: 50%, over: 400d}")))
    assert "no burn rate could ever fire: with everything broken the budget burns only 2 times as fast" in (
        the_error(loaded).text
    )


def test_pairs_are_computed_only_where_somebody_asks_for_burn() -> None:
    assert only(load(file(standard(objective="{at_least: 99%, over: 30d}")))).alert.burn == ()
    assert len(PAIRS) == 4
