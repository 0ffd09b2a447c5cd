"""Objectives, budgets, burn and shadow at their edges: just before, exactly at, just after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import structs

from standardsd.core.tallies import Timeline
from standardsd.core.windows import Span
from standardsd.language.zones import zone
from standardsd.model.clock import BySite, open_hours
from standardsd.model.decision import Alert, AlertState, EpisodeState, Reason, Verdict
from standardsd.model.measure import Calendar, CalendarUnit, Rolling
from standardsd.model.objective import AlertRule, BurnPair, Condition, Objective, Target
from standardsd.model.snapshot import NumberNow, State
from standardsd.model.zone import Zones
from tests.core.books import SITE, Desk, greeting

MET, BREACHED, EXCLUDED = Verdict.MET, Verdict.BREACHED, Verdict.EXCLUDED
FIRING, RESOLVED = AlertState.FIRING, AlertState.RESOLVED
TICK = timedelta(microseconds=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ON_SHARE = AlertRule(on=(Condition.OBJECTIVE,))
ON_BURN = AlertRule(on=(Condition.BURN,), burn=(BurnPair(0.02, HOUR, HOUR / 12, 14.4),))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON = utc("2026-03-02T12:00")


def fill(desk: Desk, at: datetime, met: int, breached: int, name: str = "") -> list[Alert]:
    """So many verdicts at one instant, heard then."""
    said: list[Alert] = []
    for number in range(met + breached):
        word = MET if number < met else BREACHED
        said += desk.hear(at, f"{name}{at.isoformat()}#{number}", word, at)
    return said


def told(said: list[Alert]) -> list[tuple[Condition, AlertState, datetime]]:
    return [(alert.condition, alert.state, alert.at) for alert in said]


# -- shares and targets --------------------------------------------------------------------------------

SHARES = [  # met, breached, target, whether it is below
    (19, 1, 0.95, False),  # exactly the target is kept
    (18, 1, 0.95, True),
    (1999, 1, 0.9995, False),  # where floats would have to be lucky
    (1998, 1, 0.9995, True),
    (7, 3, 0.7, False),
    (1, 0, 1.0, False),
    (99, 1, 1.0, True),
]


@pytest.mark.parametrize(("met", "breached", "target", "below"), SHARES)
def test_a_share_of_exactly_the_target_is_not_below_it(
    met: int, breached: int, target: float, below: bool
) -> None:
    desk = Desk(greeting(objective=Objective(target, Rolling(DAY)), alert=ON_SHARE))
    fill(desk, NOON, met, breached)
    firing = desk.now(NOON).alerts[Condition.OBJECTIVE].state is FIRING
    late = desk.now(NOON).state is State.BROKEN
    assert (firing, late) == (below, breached > 0), (
        "a breach that is not finished is broken, whatever the share"
    )
    for case in desk.last:
        if desk.last[case].verdict is BREACHED:
            desk.finish(NOON, case)
    desk.to(NOON + 5 * HOUR / 60)
    assert (desk.now(NOON + 5 * HOUR / 60).state is State.BROKEN) == below


def test_too_few_verdicts_are_unknown_and_resolve_nothing() -> None:
    desk = Desk(greeting(objective=Objective(0.9, Rolling(HOUR), min_count=3), alert=ON_SHARE))
    fill(desk, NOON, 0, 2)
    assert desk.now(NOON).kept_ratio is None
    assert desk.said == []
    fill(desk, NOON + HOUR / 2, 1, 0)
    assert told(desk.said) == [(Condition.OBJECTIVE, FIRING, NOON + HOUR / 2)]
    assert told(desk.to(NOON + 3 * HOUR)) == [], "what is unknown goes on firing"
    assert desk.now(NOON + 3 * HOUR).kept_ratio is None
    fill(desk, NOON + 3 * HOUR, 3, 0)
    assert told(desk.said)[1:] == [(Condition.OBJECTIVE, RESOLVED, NOON + 3 * HOUR)]


def test_what_is_pending_does_not_fire_once_too_few_are_left() -> None:
    rule = structs.replace(ON_SHARE, hold_for=HOUR)
    desk = Desk(greeting(objective=Objective(0.9, Rolling(HOUR), min_count=2), alert=rule))
    fill(desk, NOON, 0, 1)
    fill(desk, NOON + HOUR / 2, 0, 1)
    desk.to(NOON + 2 * HOUR)
    assert told(desk.said) == [(Condition.OBJECTIVE, AlertState.PENDING, NOON + HOUR / 2)]


def test_a_dated_target_holds_from_its_local_midnight_on() -> None:
    """Midnight in Berlin is 22:00 UTC the day before; nothing happens then but the date."""
    objective = Objective(0.5, Rolling(30 * DAY), targets=(Target(date(2026, 7, 2), 0.9),))
    desk = Desk(
        greeting(objective=objective, alert=ON_SHARE, zones=Zones(None, {"here": zone("Europe/Berlin")}))
    )
    midnight = utc("2026-07-01T22:00")
    fill(desk, midnight - DAY, 3, 1)
    assert desk.to(midnight - TICK) == []
    assert desk.now(midnight - TICK).target == 0.5
    assert told(desk.to(midnight)) == [(Condition.OBJECTIVE, FIRING, midnight)]
    assert desk.now(midnight).target == 0.9


def test_before_the_first_target_nothing_is_asked_for() -> None:
    objective = Objective(None, Rolling(30 * DAY), targets=(Target(date(2026, 7, 2), 0.9),))
    desk = Desk(greeting(objective=objective, alert=ON_SHARE))
    fill(desk, utc("2026-07-01T12:00"), 0, 5)
    group = desk.now(utc("2026-07-01T12:00"))
    assert (group.target, group.kept_ratio, group.budget_remaining, desk.said) == (None, 0.0, None, [])
    assert told(desk.to(utc("2026-07-02T00:00"))) == [(Condition.OBJECTIVE, FIRING, utc("2026-07-02T00:00"))]


# -- calendar windows ----------------------------------------------------------------------------------


def test_a_calendar_window_begins_anew_at_the_local_boundary_of_the_site() -> None:
    """23 hours that day: the window ends at 22:00 UTC, and what is exactly there belongs to the next."""
    objective = Objective(0.9, Calendar(CalendarUnit.DAY))
    desk = Desk(
        greeting(objective=objective, alert=ON_SHARE, zones=Zones(None, {"here": zone("Europe/Berlin")}))
    )
    begin, end = utc("2026-03-28T23:00"), utc("2026-03-29T22:00")
    desk.hear(begin, "1", MET, begin - TICK)
    desk.hear(begin, "2", BREACHED, begin)
    assert (desk.now(begin).counted, desk.now(begin).kept_ratio) == (1, 0.0)
    assert desk.to(end - TICK) == []
    assert desk.now(end - TICK).counted == 1
    assert desk.to(end) == [], "an empty window is unknown, so what fires goes on"
    assert (desk.now(end).counted, desk.now(end).kept_ratio) == (0, None)
    assert told(desk.hear(end, "3", MET, end)) == [(Condition.OBJECTIVE, RESOLVED, end)]


def test_the_zone_of_the_objective_goes_before_that_of_the_site() -> None:
    """Midnight in Kathmandu, at 18:15 UTC: exactly there is the next day, though in Berlin it is the afternoon."""
    objective = Objective(
        None,
        Calendar(CalendarUnit.DAY),
        targets=(Target(date(2026, 3, 1), 0.5), Target(date(2026, 3, 3), 0.9)),
        zone=zone("Asia/Kathmandu"),
    )
    desk = Desk(greeting(objective=objective, zones=Zones(None, {"here": zone("Europe/Berlin")})))
    midnight = utc("2026-03-02T18:15")
    desk.hear(midnight - TICK, "1", MET, midnight - TICK)
    assert (desk.now(midnight - TICK).counted, desk.now(midnight - TICK).target) == (1, 0.5)
    desk.hear(midnight, "2", MET, midnight)
    assert (desk.now(midnight).counted, desk.now(midnight).target) == (1, 0.9)


def test_without_any_zone_a_day_is_one_of_utc() -> None:
    desk = Desk(greeting(objective=Objective(0.9, Calendar(CalendarUnit.DAY))))
    midnight = utc("2026-03-03T00:00")
    desk.hear(midnight, "1", MET, midnight - TICK)
    desk.hear(midnight, "2", MET, midnight)
    assert desk.now(midnight).counted == 1


# Each day's met and breached, then the alerts as (day, state); told at the midnight that ends that day.
PERIODS = {
    "two in a row are not three": ([(1, 1), (1, 1), (9, 0)], []),
    "three in a row": ([(1, 1), (1, 1), (1, 1)], [(3, FIRING)]),
    "and the next that is kept": ([(1, 1), (1, 1), (1, 1), (9, 0)], [(3, FIRING), (4, RESOLVED)]),
    "a fourth changes nothing": ([(1, 1)] * 4, [(3, FIRING)]),
    "exactly the target is kept": ([(1, 1), (9, 1), (1, 1), (1, 1)], []),
    "too few break the run": ([(1, 1), (1, 1), (0, 1), (1, 1), (1, 1)], []),
    "and end nothing": ([(1, 1), (1, 1), (1, 1), (0, 0), (1, 1), (9, 0)], [(3, FIRING), (6, RESOLVED)]),
    "nor begin anything": ([(0, 1)] * 5, []),
}


@pytest.mark.parametrize("name", PERIODS)
def test_windows_in_a_row_must_all_fail_and_one_that_is_kept_ends_it(name: str) -> None:
    days, expected = PERIODS[name]
    objective = Objective(0.9, Calendar(CalendarUnit.DAY), min_count=2, periods=3)
    desk = Desk(greeting(objective=objective, alert=ON_SHARE))
    first = utc("2026-03-02T00:00")
    for number, (met, breached) in enumerate(days):
        fill(desk, first + number * DAY + 12 * HOUR, met, breached)
    desk.to(first + len(days) * DAY)
    assert told(desk.said) == [(Condition.OBJECTIVE, state, first + day * DAY) for day, state in expected], (
        "the running window decides nothing: only at its end"
    )


def test_a_verdict_amended_in_a_window_that_has_ended_corrects_the_row() -> None:
    objective = Objective(0.9, Calendar(CalendarUnit.DAY), periods=2)
    desk = Desk(greeting(objective=objective, alert=ON_SHARE))
    first = utc("2026-03-02T12:00")
    desk.hear(first, "1", BREACHED, first)
    desk.hear(first + DAY, "2", BREACHED, first + DAY)
    desk.to(first + 2 * DAY)
    said = desk.hear(first + 2 * DAY, "1", MET, first)
    assert told(desk.said) == [
        (Condition.OBJECTIVE, FIRING, utc("2026-03-04T00:00")),
        (Condition.OBJECTIVE, RESOLVED, first + 2 * DAY),
    ]
    assert len(said) == 1


def test_the_target_of_a_window_that_has_ended_is_that_of_the_day_it_began() -> None:
    """The week began under 50 %, which it kept; that it ended under 90 % is no failure."""
    objective = Objective(
        0.5, Calendar(CalendarUnit.WEEK), periods=2, targets=(Target(date(2026, 3, 11), 0.9),)
    )
    desk = Desk(greeting(objective=objective, alert=ON_SHARE))
    for week, met in enumerate((0, 3, 3, 3)):  # begins on 2, 9, 16 and 23 March
        fill(desk, utc("2026-03-03T12:00") + week * 7 * DAY, met, 1)
    desk.to(utc("2026-03-30T00:00"))
    assert told(desk.said) == [(Condition.OBJECTIVE, FIRING, utc("2026-03-30T00:00"))]


# -- budget and burn -----------------------------------------------------------------------------------

BURNS = [  # met, breached, target, factor, whether it burns
    (856, 144, 0.99, 14.4, False),  # a breach share of 14.4 % is exactly 14.4 times the budget: not faster
    (855, 145, 0.99, 14.4, True),
    (44, 56, 0.9, 5.6000000000000005, False),  # the factor of six hours in 28 days, as a float has it
    (43, 57, 0.9, 5.6000000000000005, True),
    (0, 1, 0.99, 14.4, True),
    (1, 0, 0.99, 14.4, False),
    (0, 0, 0.99, 14.4, False),
]


@pytest.mark.parametrize(("met", "breached", "target", "factor", "burns"), BURNS)
def test_a_pair_burns_above_its_factor_and_not_at_it(
    met: int, breached: int, target: float, factor: float, burns: bool
) -> None:
    rule = AlertRule(on=(Condition.BURN,), burn=(BurnPair(0.02, HOUR, HOUR / 12, factor),))
    desk = Desk(greeting(objective=Objective(target, Rolling(30 * DAY)), alert=rule))
    fill(desk, NOON, met, breached)
    if not met and not breached:
        desk.hear(NOON, "1", EXCLUDED, NOON)
    alert = desk.now(NOON).alerts[Condition.BURN]
    assert (alert.state is FIRING, alert.count) == (burns, breached)


def test_a_burn_ends_when_the_short_window_is_quiet_though_the_long_one_is_not() -> None:
    desk = Desk(greeting(objective=Objective(0.99, Rolling(30 * DAY)), alert=ON_BURN))
    fill(desk, NOON, 0, 1)
    assert told(desk.said) == [(Condition.BURN, FIRING, NOON)]
    assert desk.to(NOON + HOUR / 12 - TICK) == []
    assert told(desk.to(NOON + HOUR / 12)) == [(Condition.BURN, RESOLVED, NOON + HOUR / 12)]
    assert {burn.window: burn.rate for burn in desk.now(NOON + HOUR / 12).burn} == {"5m": 0.0, "1h": 100.0}


def test_burn_windows_stand_still_while_the_clock_does() -> None:
    """Broken five minutes before closing: it still burns all night, and until the first minutes of the morning."""
    shop = open_hours("shop", [(utc(f"2026-03-0{d}T09:00"), utc(f"2026-03-0{d}T17:00")) for d in range(2, 7)])
    standard = greeting(
        objective=Objective(0.99, Rolling(30 * DAY)), alert=ON_BURN, clock=BySite({"here": shop})
    )
    desk = Desk(standard)
    at = utc("2026-03-03T16:57")
    fill(desk, at, 0, 1)
    end = utc("2026-03-04T09:02")
    assert told(desk.to(end - TICK)) == []
    assert told(desk.to(end)) == [(Condition.BURN, RESOLVED, end)]


def test_a_site_without_a_calendar_has_no_burn() -> None:
    standard = greeting(objective=Objective(0.99, Rolling(30 * DAY)), alert=ON_BURN, clock=BySite({}))
    desk = Desk(standard)
    fill(desk, NOON, 0, 5)
    assert (desk.said, desk.now(NOON).burn) == ([], ())


@pytest.mark.parametrize(
    ("met", "breached", "target", "remaining"),
    [
        (100, 0, 0.95, 1.0),
        (95, 5, 0.95, 0.0),  # all of it is spent, exactly
        (90, 10, 0.95, -1.0),
        (98, 2, 0.95, 0.6),
        (99, 1, 1.0, None),  # 100 % has no budget
    ],
)
def test_what_remains_of_the_budget(met: int, breached: int, target: float, remaining: float | None) -> None:
    desk = Desk(greeting(objective=Objective(target, Rolling(DAY))))
    fill(desk, NOON, met, breached)
    assert desk.now(NOON).budget_remaining == remaining


# -- provisional, waived, shadow -----------------------------------------------------------------------


def test_a_verdict_is_provisional_until_exactly_settle_after_its_instant() -> None:
    desk = Desk(greeting(objective=Objective(0.9, Rolling(DAY)), settle=HOUR))
    desk.hear(NOON, "1", MET, NOON)
    desk.hear(NOON, "2", BREACHED, NOON - HOUR)
    assert (desk.now(NOON).counted, desk.now(NOON).provisional) == (2, 1), "counted at once"
    assert desk.now(NOON + HOUR - TICK).provisional == 1
    assert desk.now(NOON + HOUR).provisional == 0


def test_what_a_waiver_took_out_is_shown_apart_from_what_is_excluded_otherwise() -> None:
    desk = Desk(greeting())
    desk.hear(NOON, "1", EXCLUDED, NOON, reason=Reason.WAIVED)
    desk.hear(NOON, "2", EXCLUDED, NOON, reason=Reason.LEFT)
    desk.hear(NOON, "3", BREACHED, NOON)
    group = desk.now(NOON)
    assert (group.excluded, group.waived, group.counted) == (2, 1, 1)
    desk.hear(NOON, "1", EXCLUDED, NOON, reason=Reason.LEFT)
    assert (desk.now(NOON).excluded, desk.now(NOON).waived) == (2, 0)


ALL = AlertRule(
    on=(Condition.BREACH, Condition.OBJECTIVE, Condition.BURN, Condition.SILENCE), burn=ON_BURN.burn
)


def test_a_shadow_is_known_and_says_nothing() -> None:
    desk = Desk(greeting(objective=Objective(0.99, Rolling(DAY)), alert=ALL, shadow=True))
    fill(desk, NOON, 2, 3)
    desk.to(NOON + DAY)
    group = desk.now(NOON + DAY)
    assert desk.said == []
    assert group.state is State.SHADOW
    assert set(group.verdicts.values()) == {0}
    assert (group.violations, group.counted, group.kept_ratio, group.burn, group.alerts) == (
        0,
        0,
        None,
        (),
        {},
    )
    assert sum(group.measured.counts) == 0
    assert desk.wall.first() is None, "there is nothing to wake up for"


def test_what_fires_is_resolved_when_its_standard_becomes_a_shadow_and_fires_anew_afterwards() -> None:
    standard = greeting(objective=Objective(0.99, Rolling(DAY)), alert=ALL)
    desk = Desk(standard)
    fill(desk, NOON, 0, 1)
    fired = {a.condition for a in desk.said}
    assert fired == {Condition.BREACH, Condition.OBJECTIVE, Condition.BURN}
    said = desk.adopt(structs.replace(standard, shadow=True), NOON + HOUR / 60)
    assert {(a.condition, a.state) for a in said} == {(condition, RESOLVED) for condition in fired}
    assert desk.now(NOON + HOUR / 60).state is State.SHADOW


def test_an_alert_that_the_rules_no_longer_ask_for_is_resolved() -> None:
    desk = Desk(greeting(objective=Objective(0.99, Rolling(DAY)), alert=ON_SHARE))
    fill(desk, NOON, 0, 1)
    said = desk.adopt(greeting(objective=Objective(0.99, Rolling(DAY)), alert=AlertRule(on=())), NOON)
    assert told(said) == [(Condition.OBJECTIVE, RESOLVED, NOON)]


# -- numbers -------------------------------------------------------------------------------------------

IN, OUT, UNKNOWN = EpisodeState.IN_LIMITS, EpisodeState.BROKEN, EpisodeState.UNKNOWN


def number(
    desk: Desk, now: datetime, *changes: tuple[datetime, EpisodeState], value: float = 5.0
) -> list[Alert]:
    """The last of ``changes`` is how it stands."""
    at, state = changes[-1]
    said = desk.to(now)
    desk.aggregator.hear_number(desk.standard, SITE, NumberNow(state, at, value, 4.0), changes)
    return said + desk._settle(now)


def test_a_number_has_a_share_of_time_and_unknown_time_is_in_neither_part() -> None:
    desk = Desk(greeting(objective=Objective(0.5, Rolling(4 * HOUR)), alert=AlertRule(on=(Condition.LIMIT,))))
    number(desk, NOON, (NOON, IN))
    number(desk, NOON + 2 * HOUR, (NOON + HOUR, UNKNOWN), (NOON + 2 * HOUR, OUT))
    assert told(desk.said) == [(Condition.LIMIT, FIRING, NOON + 2 * HOUR)]
    group = desk.now(NOON + 3 * HOUR)
    assert (group.kept_ratio, group.state, group.violations, group.value) == (0.5, State.BROKEN, 1, 5.0)
    assert desk.now(NOON + 3 * HOUR).counted == 0
    number(desk, NOON + 3 * HOUR, (NOON + 3 * HOUR, UNKNOWN))
    assert told(desk.said)[1:] == [], "what is unknown resolves nothing"
    assert desk.now(NOON + 3 * HOUR).state is State.UNKNOWN
    number(desk, NOON + 4 * HOUR, (NOON + 4 * HOUR, IN))
    assert told(desk.said)[1:] == [(Condition.LIMIT, RESOLVED, NOON + 4 * HOUR)]
    assert desk.now(NOON + 6 * HOUR).kept_ratio == pytest.approx(2 / 3), (
        "of (10:00, 14:00] it kept two of three"
    )


def test_a_limit_found_broken_after_for_counts_from_its_crossing() -> None:
    desk = Desk(greeting(objective=Objective(0.5, Rolling(4 * HOUR))))
    number(desk, NOON, (NOON, IN))
    number(desk, NOON + 2 * HOUR, (NOON + HOUR, OUT))
    assert desk.now(NOON + 2 * HOUR).kept_ratio == 0.5
    number(desk, NOON + 2 * HOUR, (NOON + HOUR, OUT))
    assert desk.now(NOON + 2 * HOUR).violations == 1, "the same episode is told once"
    number(desk, NOON + 2 * HOUR, (NOON + HOUR, IN))
    assert desk.now(NOON + 2 * HOUR).kept_ratio == 1.0, "read late: it never was broken"


def test_the_share_of_a_number_is_looked_at_every_whole_minute() -> None:
    """In limits from 12:00 to 13:00, broken since: below half of the known time after 14:00 exactly."""
    desk = Desk(greeting(objective=Objective(0.5, Rolling(DAY)), alert=ON_SHARE))
    number(desk, NOON, (NOON, IN))
    number(desk, NOON + HOUR, (NOON + HOUR, OUT))
    assert desk.to(NOON + 2 * HOUR) == []
    assert told(desk.to(NOON + 3 * HOUR)) == [(Condition.OBJECTIVE, FIRING, NOON + 2 * HOUR + HOUR / 60)]


def test_a_timeline_forgets_what_is_old_and_keeps_the_state_that_holds() -> None:
    line = Timeline([0, 10, 20, 30], [IN, OUT, IN, UNKNOWN])
    assert line.shares(Span(0, 40, 0, 40)) == (20, 10)
    assert line.shares(Span(15, 25, 15, 25)) == (5, 5)
    line.forget(25)
    assert line.ats == [20, 30]
    assert line.shares(Span(22, 40, 22, 40)) == (8, 0)
