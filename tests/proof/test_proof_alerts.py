"""Shares, windows and alerts, from the rule file to what is told."""

from __future__ import annotations

import pytest

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.reading import Event, Watermark
from standardsd.model.source import Source
from tests.judge.scenario import instant, said
from tests.proof.told import PATIENT, rules, tell


def alerts(
    story: str, *, sources: list[Source] | None = None, head: str = "version: 1\nset: house\n", **keys: str
) -> list[str]:
    """Only what is told of alerts, without the evidence."""
    book = rules(head=head, **keys)
    told = tell(book, story, sources=sources or [Source("desk", max_silence=PATIENT)])
    return [
        line.split(" count ")[0].removeprefix("alert greet ") for line in told if line.startswith("alert")
    ]


# -- breach --------------------------------------------------------------------------------------------


def test_breach_fires_while_one_is_unfinished_and_five_minutes_longer() -> None:
    story = """
        09:00:00 visit.arrived V site=a
        09:01:00 watermark
        09:04:00 visit.greeted V
        09:05:59.999999 tick
        09:06:00 tick
    """
    assert alerts(story, alert="{}") == [
        "breach firing site=a at 09:01:00",
        "breach resolved site=a at 09:06:00",
    ]
    long = "09:00:00 visit.arrived V site=a\n09:01:00 watermark\n09:30:00 tick\n09:31:00 visit.greeted V"
    assert alerts(long, alert="{}") == [
        "breach firing site=a at 09:01:00",
        "breach resolved site=a at 09:31:00",
    ]


def test_so_long_counts_from_when_it_was_spoken_and_not_from_when_it_was_broken() -> None:
    story = "09:00:00 visit.arrived V\n09:20:00 visit.greeted V\n09:20:00 watermark\n09:24:59.999999 tick\n09:25:00 tick"
    assert alerts(story, alert="{}") == ["breach firing at 09:20:00", "breach resolved at 09:25:00"]


def test_many_breaches_of_a_group_are_one_alert_and_each_group_has_its_own() -> None:
    story = """
        09:00:00 visit.arrived A site=a
        09:00:01 visit.arrived B site=a
        09:00:02 visit.arrived C site=b
        09:02:00 watermark
    """
    book = rules(alert="{on: breach}")
    assert [line for line in tell(book, story) if line.startswith("alert")] == [
        "alert greet breach firing site=a at 09:02:00 count 2 oldest 09:00:00",
        "alert greet breach firing site=b at 09:02:00 count 1 oldest 09:00:02",
    ]
    assert alerts(story, alert="{on: breach}", by="[]") == ["breach firing at 09:02:00"]


def test_with_for_it_is_pending_first_and_fires_when_it_has_held_so_long() -> None:
    story = "09:00:00 visit.arrived V\n09:01:00 watermark\n09:01:59.999999 tick\n09:02:00 tick"
    assert alerts(story, alert="{for: 1m}") == ["breach pending at 09:01:00", "breach firing at 09:02:00"]
    back = "09:00:00 visit.arrived V\n09:01:00 watermark\n09:01:30 visit.greeted V at=09:00:30\n09:05:00 tick"
    assert alerts(back, alert="{for: 1m}") == ["breach pending at 09:01:00", "breach inactive at 09:01:30"]


# -- at risk -------------------------------------------------------------------------------------------

DAY = 'version: 1\nset: house\ncalendars: {day: {timezone: UTC, weekly: {mon-fri: ["09:00-17:00"]}}}\n'
AT_RISK = [
    # alert, clock, promise, arrival, the instant from which it is at risk
    ("{on: at_risk}", "always", "60s", "09:00:00", "09:00:45"),  # 75 % of its time
    ("{on: at_risk, warn_at: 50%}", "always", "60s", "09:00:00", "09:00:30"),
    ("{on: at_risk, warn_before: 10s}", "always", "60s", "09:00:00", "09:00:50"),
    (
        "{on: at_risk, warn_at: 75%, warn_before: 10s}",
        "always",
        "60s",
        "09:00:00",
        "09:00:45",
    ),  # whichever is first
    ("{on: at_risk, warn_at: 75%, warn_before: 30s}", "always", "60s", "09:00:00", "09:00:30"),
    # of the clock: an hour before due is before the night, though due is in the morning
    ("{on: at_risk, warn_before: 1h}", "day", "2h", "16:30:00", "2026-03-03T09:30:00"),
    ("{on: at_risk, warn_before: 90m}", "day", "2h", "16:30:00", "17:00:00"),
    ("{on: at_risk, warn_before: 100m}", "day", "2h", "16:30:00", "16:50:00"),
    ("{on: at_risk, warn_at: 75%}", "day", "2h", "16:30:00", "2026-03-03T10:00:00"),
]


@pytest.mark.parametrize(("alert", "clock", "promise", "arrived", "risk"), AT_RISK)
def test_a_promise_is_at_risk_from_this_instant_on(
    alert: str, clock: str, promise: str, arrived: str, risk: str
) -> None:
    story = f"{arrived} visit.arrived V\n2026-03-05 09:00:00 tick"
    said = alerts(story, head=DAY, alert=alert, clock=clock, promise=f"{{within: {promise}}}")
    assert said[:1] == [f"at_risk firing at {risk}"]


@pytest.mark.parametrize("closing", ["visit.greeted V at=09:00:50", "visit.left V at=09:00:50"])
def test_at_risk_ends_with_what_closes_it_and_when_it_is_broken(closing: str) -> None:
    opened = "09:00:00 visit.arrived V\n09:00:46 tick"
    assert alerts(f"{opened}\n09:00:50 {closing}", alert="{on: at_risk}") == [
        "at_risk firing at 09:00:45",
        "at_risk resolved at 09:00:50",
    ]
    assert (
        alerts(f"{opened}\n09:01:00 watermark", alert="{on: at_risk}")[-1] == "at_risk resolved at 09:01:00"
    )
    # overdue, but no watermark: not broken, and still at risk
    assert alerts(f"{opened}\n09:10:00 tick", alert="{on: at_risk}") == ["at_risk firing at 09:00:45"]


# -- objective -----------------------------------------------------------------------------------------


def visits(*ends: tuple[str, str]) -> str:
    """Each is met or broken at its instant; ``broken``: arrived a minute before, and nobody came."""
    lines = []
    for number, (at, how) in enumerate(ends):
        arrived = instant(at.replace(" ", "T")) if "T" in at else instant(at)
        if how == "met":
            lines.append(f"{at} visit.arrived M{number}\n{at} visit.greeted M{number}")
        elif how == "left":
            lines.append(f"{at} visit.arrived L{number}\n{at} visit.left L{number}")
        else:
            begin = arrived.replace(minute=arrived.minute - 1)
            lines.append(f"{at} visit.arrived B{number} at={begin:%H:%M:%S.%f}\n{at} watermark")
    return "\n".join(lines)


def test_the_share_is_met_of_met_and_broken_and_what_is_excluded_is_in_neither() -> None:
    story = visits(("09:10:00", "met"), ("09:11:00", "left"), ("09:12:00", "left"), ("09:13:00", "broken"))
    at_half = {"objective": "{at_least: 50%, over: 1h}", "alert": "{on: objective}"}
    above = {"objective": "{at_least: 50.1%, over: 1h}", "alert": "{on: objective}"}
    assert alerts(story, **at_half) == []  # exactly the target is not below it
    assert alerts(story, **above) == ["objective firing at 09:13:00"]


def test_a_rolling_window_holds_its_end_and_not_its_begin() -> None:
    keys = {"objective": "{at_least: 60%, over: 10m}", "alert": "{on: objective}"}
    story = (
        visits(("09:10:00", "met"), ("09:12:00", "broken"))
        + "\n09:19:59.999999 tick\n09:20:00 tick\n09:22:00 tick"
    )
    assert alerts(story, **keys) == [
        "objective firing at 09:12:00"
    ]  # half; then none is kept; then none at all
    story = visits(("09:10:00", "broken"), ("09:12:00", "met")) + "\n09:19:59.999999 tick\n09:20:00 tick"
    assert alerts(story, **keys) == ["objective firing at 09:10:00", "objective resolved at 09:20:00"]


@pytest.mark.parametrize(("min_count", "fires"), [(1, True), (2, True), (3, False)])
def test_with_too_few_verdicts_the_share_is_unknown(min_count: int, fires: bool) -> None:
    keys = {"objective": f"{{at_least: 90%, over: 1h, min_count: {min_count}}}", "alert": "{on: objective}"}
    said = alerts(visits(("09:10:00", "met"), ("09:11:00", "left"), ("09:13:00", "broken")), **keys)
    assert bool(said) is fires


def test_unknown_resolves_nothing() -> None:
    keys = {"objective": "{at_least: 90%, over: 10m, min_count: 2}", "alert": "{on: objective}"}
    story = visits(("09:10:00", "met"), ("09:11:00", "broken")) + "\n12:00:00 tick"
    assert alerts(story, **keys) == ["objective firing at 09:11:00"]


def test_every_verdict_counts_at_its_own_instant_however_late_it_is_spoken() -> None:
    """Broken at 09:10, told an hour later: it is out of the window already."""
    keys = {"objective": "{at_least: 90%, over: 30m}", "alert": "{on: objective}"}
    assert alerts("10:10:00 visit.arrived V at=09:09:00\n10:10:00 watermark", **keys) == []
    assert alerts("09:30:00 visit.arrived V at=09:09:00\n09:30:00 watermark", **keys) == [
        "objective firing at 09:30:00"
    ]


def test_a_verdict_counts_when_it_was_broken_and_not_when_its_clock_began() -> None:
    """Arrived before midnight in Berlin, broken after it: it is the new day's."""
    keys = {"objective": "{at_least: 90%, over: day, zone: Europe/Berlin}", "alert": "{on: objective}"}
    story = "22:59:30 visit.arrived V\n23:00:30 watermark"
    assert alerts(story, **keys) == ["objective firing at 23:00:30"]
    assert alerts(f"{story}\n23:00:31 visit.arrived W\n23:00:31 visit.greeted W", **keys) == [
        "objective firing at 23:00:30"
    ]


def test_a_calendar_window_is_of_the_zone_that_the_objective_names() -> None:
    keys = {"objective": "{at_least: 90%, over: day, zone: Europe/Berlin}", "alert": "{on: objective}"}
    story = visits(("22:59:59.999999", "broken")) + "\n23:00:00 visit.arrived X\n23:00:01 visit.greeted X"
    assert alerts(story, **keys) == ["objective firing at 22:59:59.999999", "objective resolved at 23:00:01"]
    story = (
        visits(("22:58:00", "broken"))
        + "\n22:59:59.999999 visit.arrived X\n22:59:59.999999 visit.greeted X\n23:00:00 tick"
    )
    assert alerts(story, **keys) == ["objective firing at 22:58:00"]


# -- silence -------------------------------------------------------------------------------------------


def test_silence_is_told_of_a_dark_source_and_nothing_else_changes_meanwhile() -> None:
    keys = {"alert": "{on: [breach, at_risk, silence]}"}
    story = """
        09:00:00 visit.arrived V site=a
        09:00:50 tick
        09:15:00 tick
        09:15:00.000001 tick
        12:00:00 tick
        12:30:00 visit.updated W site=b
    """
    assert alerts(story, sources=[Source("desk")], **keys)[:2] == [
        "at_risk firing site=a at 09:00:45",
        "silence firing site=a at 09:15:00.000001",
    ]
    assert not [line for line in alerts(story, sources=[Source("desk")], **keys) if "breach" in line]
    assert [line for line in alerts(story, sources=[Source("desk")], **keys) if "resolved" in line] == [
        "silence resolved site=a at 12:30:00"
    ]


def test_only_a_source_that_the_standard_needs_is_missed() -> None:
    other = Source("gate", {"request": ("requested",)})
    here = Source("desk", max_silence=PATIENT)
    story = "09:00:00 visit.arrived V\n10:00:00 tick"
    assert alerts(story, sources=[here, other], alert="{on: silence}") == []


def test_of_each_word_there_is_an_alert_of_its_own() -> None:
    keys = {
        "objective": "{at_least: 99%, over: 1h}",
        "alert": "{on: [breach, at_risk, objective], keep_firing_for: 1m}",
    }
    story = (
        "09:00:00 visit.arrived V\n09:00:50 tick\n09:01:00 watermark\n09:01:10 visit.greeted V\n09:02:00 tick"
    )
    assert sorted(alerts(story, **keys)) == [
        "at_risk firing at 09:00:45",
        "at_risk resolved at 09:01:00",
        "breach firing at 09:01:00",
        "breach resolved at 09:02:00",
        "objective firing at 09:01:00",
    ]


def test_a_word_that_the_rules_no_longer_have_is_resolved_and_the_others_go_on() -> None:
    keys = {"objective": "{at_least: 99%, over: 1h}"}
    desk = [Source("desk", max_silence=PATIENT)]
    judge = Judge(rules(alert="{on: [breach, objective]}", **keys), desk, JudgeSettings())
    arrived = Event("desk", "visit", "V", "arrived", instant("09:00:00"))
    judge.receive([arrived, Watermark("desk", instant("09:01:00"))], instant("09:01:00"))
    changed = judge.adopt(rules(alert="{on: breach}", **keys), desk, instant("09:02:00"))
    assert [said(one) for one in changed] == ["alert greet objective resolved at 09:02:00 count 0"]


def test_limit_fires_while_an_episode_is_open() -> None:
    keys = {"of": "", "measure": "{reading: q}", "promise": "{at_most: 8, for: 2m}", "alert": "{}"}
    story = "09:00:00 sample q=9\n09:01:59.999999 tick\n09:02:00 tick\n09:30:00 sample q=8"
    assert alerts(story, **keys) == ["limit firing at 09:02:00", "limit resolved at 09:30:00"]


def test_a_shadow_is_judged_and_tells_nobody() -> None:
    story = "09:00:00 visit.arrived V\n09:01:00 watermark"
    keys = {
        "objective": "{at_least: 99%, over: 1h}",
        "alert": "{on: [breach, objective]}",
        "status": "shadow",
    }
    assert tell(rules(**keys), story) == ["breached greet V at 09:01:00 due 09:01:00"]
