"""What comes out: every kind of decision as one JSON object, key by key, and the laws of the stream."""

from __future__ import annotations

import json
from typing import Any

import pytest

from standardsd.cli.judge import judged
from standardsd.core.judge import Judge, JudgeSettings
from standardsd.mapping.ndjson import write_decision
from standardsd.model.reading import Event, Reading, Watermark
from standardsd.model.source import Source
from tests.judge.scenario import instant
from tests.judge.scenario import said as as_line
from tests.proof.told import PATIENT, decisions, rules

CASE = [
    "type", "standard", "kind", "id", "occurrence", "verdict", "reason", "at", "start", "due", "late_from", "end",
    "measured", "limit", "labels", "rules",
]  # fmt: skip


def lines(story: str, *, sources: list[Source] | None = None, **keys: str) -> list[dict[str, Any]]:
    told = decisions(rules(**keys), story, sources=sources or [Source("desk", max_silence=PATIENT)])
    return [json.loads(write_decision(one)) for one in told]  # type: ignore[arg-type]


def test_a_verdict_has_these_keys_in_this_order() -> None:
    (said,) = lines("09:00:00 visit.arrived V site=a\n09:01:00 watermark")
    assert list(said) == CASE
    rules_of = said.pop("rules")
    assert rules_of.startswith("sha256:")
    assert said == {
        "type": "verdict", "standard": "greet", "kind": "visit", "id": "V", "occurrence": 1, "verdict": "breached",
        "reason": None, "at": "2026-03-02T09:01:00Z", "start": "2026-03-02T09:00:00Z", "due": "2026-03-02T09:01:00Z",
        "late_from": None, "end": None, "measured": None, "limit": 60.0, "labels": {"site": "a"},
    }  # fmt: skip


def test_an_amendment_is_a_verdict_with_the_old_word_and_a_final_is_one_with_its_end() -> None:
    story = """
        09:00:00 visit.arrived V
        09:01:00 watermark
        09:02:00 visit.greeted V
        09:03:00 visit.greeted V at=09:00:20
        09:04:00 retract visit V
    """
    verdict, final, amendment, taken_back = lines(story)
    assert list(amendment) == [*CASE, "was"]
    assert list(final) == CASE
    assert (verdict["type"], final["type"], amendment["type"], taken_back["type"]) == (
        "verdict", "final", "amendment", "amendment",
    )  # fmt: skip
    assert (verdict["end"], verdict["measured"]) == (None, None)
    assert (final["end"], final["measured"], final["at"]) == ("2026-03-02T09:02:00Z", 120.0, verdict["at"])
    assert (amendment["was"], amendment["verdict"], amendment["measured"]) == ("breached", "met", 20.0)
    assert (taken_back["was"], taken_back["verdict"], taken_back["measured"]) == ("met", None, None)


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        ("visit.left V", "left"),
        ("visit.diverted V", "diverted"),
        ("visit.finished V", "incomplete"),
        ("visit.turned_away V", "refused"),
        ("visit.called V", "unless"),
        ("visit.updated V site=b", "withdrawn"),
    ],
)
def test_what_is_excluded_has_neither_end_nor_measured_time(later: str, reason: str) -> None:
    (said,) = lines(f"09:00:00 visit.arrived V site=a\n09:00:30 {later}", where="{site: a}", unless="called")
    assert (said["verdict"], said["reason"], said["end"], said["measured"]) == (
        "excluded",
        reason,
        None,
        None,
    )
    assert said["at"] == "2026-03-02T09:00:30Z"


def test_what_is_indeterminate_has_the_instant_of_the_end_event_and_no_measured_time() -> None:
    (said,) = lines("09:00:00 visit.arrived V\n09:01:30 visit.greeted V not_before=09:00:30")
    assert (said["verdict"], said["at"], said["measured"]) == ("indeterminate", "2026-03-02T09:01:30Z", None)


def test_what_an_ending_closed_by_policy_has_no_end() -> None:
    for policy, word in (("keep", "met"), ("breach", "breached")):
        said = lines("09:00:00 visit.arrived V\n09:00:30 visit.left V\n09:01:00 watermark", if_left=policy)[
            -1
        ]
        assert (said["verdict"], said["reason"], said["end"], said["measured"]) == (word, "left", None, None)


@pytest.mark.parametrize(
    ("promise", "limit"),
    [("{at_most: 4}", 4.0), ("{under: 4}", 4.0), ("{at_least: 3}", 3.0), ("{over: 3}", 3.0)],
)
def test_of_a_number_measured_and_limit_are_numbers(promise: str, limit: float) -> None:
    keys = {"of": "survey", "measure": "{value: stars, at: answered}", "promise": promise}
    (said,) = lines("09:00:00 survey.answered S stars:=3.5", **keys)
    assert (said["verdict"], said["measured"], said["limit"], said["due"]) == ("met", 3.5, limit, None)


def test_due_is_null_where_a_pause_ran() -> None:
    keys = {"of": "ticket", "measure": "{from: opened, to: replied}", "pause_while": "pending"}
    (said,) = lines("09:00:00 ticket.opened T\n09:00:10 ticket.pended T\n09:10:00 ticket.replied T", **keys)
    assert (said["due"], said["measured"], said["limit"]) == (None, 10.0, 60.0)


def test_durations_are_seconds_to_the_microsecond_and_instants_are_utc() -> None:
    (said,) = lines("09:00:00.000001 visit.arrived V\n09:00:01.5 visit.greeted V")
    assert (said["start"], said["measured"]) == ("2026-03-02T09:00:00.000001Z", 1.499999)


def test_an_episode_an_alert_and_a_source() -> None:
    keys = {"of": "", "measure": "{reading: q}", "promise": "{at_most: 10}", "alert": "{}"}
    broken, firing = lines("09:00:00 sample q=12 site=a", **keys)
    assert list(broken) == ["type", "standard", "group", "state", "at", "value", "limit", "rules"]
    broken.pop("rules")
    assert broken == {
        "type": "episode", "standard": "greet", "group": {"site": "a"}, "state": "broken",
        "at": "2026-03-02T09:00:00Z", "value": 12.0, "limit": 10.0,
    }  # fmt: skip
    assert firing == {
        "type": "alert", "standard": "greet", "condition": "limit", "group": {"site": "a"}, "state": "firing",
        "at": "2026-03-02T09:00:00Z", "count": 1, "oldest": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    dark = lines("09:00:00 visit.arrived V\n10:00:00 tick", sources=[Source("desk")])[-1]
    assert dark == {"type": "source", "source": "desk", "state": "dark", "at": "2026-03-02T09:15:00.000001Z"}
    seen = lines(
        "09:00:00 visit.arrived V\n10:00:00 tick\n10:00:01 visit.updated V", sources=[Source("desk")]
    )[-1]
    assert (seen["state"], seen["at"]) == ("seen", "2026-03-02T10:00:01Z")


@pytest.mark.parametrize("hour", [9, 10, 23])
def test_the_same_readings_at_another_speed_end_in_the_same_words(hour: int) -> None:
    """Nothing is asked of the machine's clock: only what is read, and when it is said to be."""
    readings = [
        Event("desk", "visit", "V", "arrived", instant("09:00:00")),
        Watermark("desk", instant("09:01:00")),
    ]
    judge = Judge(rules(), [Source("desk", max_silence=PATIENT)], JudgeSettings())
    (said,) = judge.receive(readings, instant(f"{hour:02}:00:00"))
    assert said.at == instant("09:01:00")


def judged_lines(readings: list[Reading], until: str | None = None, **keys: str) -> list[str]:
    return [as_line(one) for one in judged(rules(**keys), readings, None, until and instant(until))]  # type: ignore[arg-type]


def visit(event: str, at: str, id: str = "V", source: str = "desk") -> Event:
    return Event(source, "visit", id, event, instant(at))


def test_of_judge_each_line_is_a_batch_and_its_clock_is_the_greatest_instant_read_so_far() -> None:
    readings: list[Reading] = [
        visit("arrived", "09:00:00"),
        visit("arrived", "09:00:50", "W"),
        visit("greeted", "09:00:10", "X"),  # earlier: the clock stays where it is
        visit("left", "09:00:20"),
        visit("greeted", "09:00:15"),
    ]
    assert judged_lines(readings, alert="{on: at_risk}") == [
        "alert greet at_risk firing at 09:00:45 count 1 oldest 09:00:00",
        "excluded (left) greet V at 09:00:20 due 09:01:00",
        "alert greet at_risk resolved at 09:00:50 count 0",
        "amended excluded to met greet V at 09:00:15 due 09:01:00 measured 15s",
    ]


def test_of_judge_every_source_in_the_input_is_waited_for_and_until_stands_for_all_of_them() -> None:
    """The camera is named after the watermark of the desk, and is waited for all the same."""
    readings: list[Reading] = [
        visit("arrived", "09:00:00"),
        Watermark("desk", instant("09:05:00")),
        visit("arrived", "09:05:00", "W", "camera"),
    ]
    assert judged_lines(readings) == []
    assert judged_lines(readings, until="09:00:59.999999") == []
    assert judged_lines(readings, until="09:05:00") == ["breached greet V at 09:01:00 due 09:01:00"]
    assert judged_lines(readings, until="09:06:00")[-1] == "breached greet W at 09:06:00 due 09:06:00"
