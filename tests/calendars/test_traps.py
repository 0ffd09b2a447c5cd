"""The traps that other engines of business time fell into, one by one: ``traps.json`` says whose and how."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from standardsd.core.spent import Span, spend, without
from standardsd.language.calendars import read_calendars
from standardsd.language.opening import materialise
from standardsd.language.tree import Map, parse
from standardsd.model.clock import OpenHours
from tests.calendars.desks import at, desk

TRAPS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "traps.json").read_text())


def counted(trap: dict[str, Any], start: datetime) -> list[Span]:
    """From the start on, without the pauses."""
    return without([(start, None)], [(at(a), at(b)) for a, b in trap.get("pauses", ())])


def hours(trap: dict[str, Any]) -> OpenHours:
    return desk(trap["timezone"], trap["weekly"])


@pytest.mark.parametrize("trap", [t for t in TRAPS if "elapsed_s" in t], ids=lambda t: t["id"])
def test_no_more_and_no_less_time_passes_than_was_open(trap: dict[str, Any]) -> None:
    start, end = at(trap["start"]), at(trap["end"])
    clock = hours(trap)
    parts = [clock.elapsed(a, end if b is None else min(b, end)) for a, b in counted(trap, start) if a < end]
    passed = sum(parts, timedelta(0))
    assert passed == timedelta(seconds=trap["elapsed_s"]), trap["note"]


@pytest.mark.parametrize("trap", [t for t in TRAPS if "due_at" in t], ids=lambda t: t["id"])
def test_it_is_due_when_the_limit_is_used_up(trap: dict[str, Any]) -> None:
    clock, limit = hours(trap), timedelta(seconds=trap["target_s"])
    spent = spend(counted(trap, at(trap["start"])), limit, within=True, clock=clock)
    assert spent.due == at(trap["due_at"]), trap["note"]
    # Where it is not due at closing time there is no other instant from which it is late.
    assert (clock.late_from(spent.due) or spent.due) == at(trap["late_from"])


@pytest.mark.parametrize("trap", [t for t in TRAPS if "warn_at" in t], ids=lambda t: t["id"])
def test_a_warning_comes_in_open_hours(trap: dict[str, Any]) -> None:
    before = timedelta(seconds=trap["warn_before_s"])
    assert hours(trap).began(at(trap["deadline"]), before) == at(trap["warn_at"])


def test_every_trap_is_walked() -> None:
    assert [trap["id"] for trap in TRAPS] == [f"bug-{number:02}" for number in range(1, 20)]
    assert all(trap.keys() & {"elapsed_s", "due_at", "warn_at"} for trap in TRAPS)


FEED = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:St Martin
DESCRIPTION:Observance
DTSTART;VALUE=DATE:20261111
END:VEVENT
BEGIN:VEVENT
SUMMARY:Christmas
DESCRIPTION:Public holiday
DTSTART;VALUE=DATE:20261225
END:VEVENT
END:VCALENDAR
"""


def test_a_day_that_is_only_observed_is_open_though_the_feed_lists_it() -> None:
    """bug-18 with the feed that led into it."""
    text = b"""
desk:
  timezone: Europe/Berlin
  weekly: {mon-fri: ["09:00-17:00"]}
  holidays: {ics: germany.ics}
"""
    root, problems = parse(text, "calendar.yaml")
    assert isinstance(root, Map)
    clock = materialise(read_calendars(root.entries, problems, None, {"germany.ics": FEED})["desk"])
    assert clock.elapsed(at("2026-11-11T00:00:00Z"), at("2026-11-12T00:00:00Z")) == timedelta(hours=8)
    assert clock.elapsed(at("2026-12-25T00:00:00Z"), at("2026-12-26T00:00:00Z")) == timedelta(0)
    assert [problem.text for problem in problems] == [
        "1 titles of the feed are no public holidays everywhere: 'St Martin'"
    ]
