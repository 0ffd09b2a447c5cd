"""Figures and promises in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from standardsd.model.config import Site
from standardsd.model.measure import Calendar, CalendarUnit, Rolling
from standardsd.model.objective import Objective, Target
from standardsd.model.snapshot import State
from standardsd.model.standard import Condition, FromTo, Promise, TimeIn
from standardsd.web.clocks import clock_text, common_zone, zone_of
from standardsd.web.words import (
    CONDITION_STANDINGS,
    CONDITION_WORDS,
    STANDING_RANK,
    STANDING_WORDS,
    STANDINGS,
    Standing,
    goal,
    promise,
    share,
    window,
)
from tests.web.desks import GREET, NINE


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.0, "100 %"),
        (0.9999, "99.9 %"),  # one of ten thousand broken is not all kept
        (0.95, "95 %"),
        (0.9499999, "94.9 %"),  # below its target is shown below its target
        (0.954, "95.4 %"),  # 0.954 × 1000 is 953.9999… in floats
        (0.07, "7 %"),
        (0.0, "0 %"),
    ],
)
def test_a_share_is_cut_and_never_rounded_up(ratio: float, text: str) -> None:
    assert share(ratio) == text


@pytest.mark.parametrize(
    ("measure", "limit", "text"),
    [
        (FromTo(("arrived",), ("greeted",)), Promise(timedelta(seconds=60), True),
         "visit: from arrived to greeted within 1m"),
        (FromTo(("arrived", "ticket_taken"), ("called",)), Promise(timedelta(seconds=90), False),
         "visit: from arrived or ticket taken to called under 1m30s"),
        (FromTo(("held",), ("resumed",), each=True), Promise(timedelta(minutes=2), True),
         "visit: from held to resumed within 2m, every time"),
        (TimeIn("on_hold", each=True), Promise(timedelta(minutes=2), False), "visit: each time on hold under 2m"),
        (TimeIn("on_hold"), Promise(timedelta(seconds=9.9), True), "visit: all time on hold within 9.9s"),
        (TimeIn("on_hold"), Promise(timedelta(minutes=2), True), "visit: all time on hold within 2m"),
    ],
)  # fmt: skip
def test_a_promise_is_told_in_the_words_of_its_rule(
    measure: FromTo | TimeIn, limit: Promise, text: str
) -> None:
    assert promise(replace(GREET, measure=measure, promise=limit)) == text


@pytest.mark.parametrize(
    ("instant", "site", "text"),
    [
        (NINE, Site("bosphorus-view", "Bosphorus View", "Europe/Istanbul"), "12:00:00"),
        (NINE, Site("casa-lisboa", "Casa Lisboa", "Europe/Lisbon"), "09:00:00"),
        # Without a site, and in UTC, the zone is said.
        (NINE, None, "09:00:00 UTC"),
        (NINE, Site("ship", "Ship", "UTC"), "09:00:00 UTC"),
        (NINE, Site("nowhere", "Nowhere", "Not/AZone"), "09:00:00 UTC"),
        # Another day there has its date, although it is the same day in UTC.
        (
            NINE - timedelta(days=1),
            Site("bosphorus-view", "Bosphorus View", "Europe/Istanbul"),
            "2026-11-20 12:00",
        ),
        (
            NINE + timedelta(hours=14, minutes=59),
            Site("bosphorus-view", "Bosphorus View", "Europe/Istanbul"),
            "2026-11-22 02:59",
        ),
    ],
)
def test_times_of_day_are_those_of_the_site(instant: datetime, site: Site | None, text: str) -> None:
    assert clock_text(instant, zone_of(site), NINE) == text


@pytest.mark.parametrize(
    ("zones", "key"),
    [
        ((), "UTC"),
        (("Europe/Vienna",), "Europe/Vienna"),
        (("Europe/Vienna", "Europe/Vienna"), "Europe/Vienna"),
        # Who says no zone is no reason to show everybody else UTC.
        (("Europe/Vienna", None), "Europe/Vienna"),
        ((None, None), "UTC"),
        # The same offset today is not the same zone.
        (("Europe/Vienna", "Europe/Budapest"), "UTC"),
        (("Not/AZone",), "UTC"),
    ],
)
def test_a_page_has_the_zone_of_its_sites_if_they_have_one(zones: tuple[str | None, ...], key: str) -> None:
    assert common_zone([None, *(Site(f"s{n}", "S", zone) for n, zone in enumerate(zones))]).key == key


def test_every_state_of_the_judge_with_and_without_verdicts_has_its_word_and_rank() -> None:
    assert set(STANDINGS) == {(state, counted) for state in State for counted in (True, False)}
    assert set(STANDINGS.values()) == set(STANDING_WORDS) == set(STANDING_RANK) == set(Standing)
    assert set(CONDITION_STANDINGS) == set(CONDITION_WORDS) == set(Condition)


@pytest.mark.parametrize(
    ("objective", "text"),
    [
        (Objective(0.95, Rolling(timedelta(days=30))), "at least 95 % kept over 30d"),
        (Objective(0.95, Rolling(timedelta(days=1)), 20), "at least 95 % kept over 1d, once 20 are counted"),
        (Objective(0.9, Calendar(CalendarUnit.WEEK)), "at least 90 % kept each week"),
        (
            Objective(0.9, Calendar(CalendarUnit.MONTH), periods=3),
            "at least 90 % kept each month; missed when 3 in a row are below it",
        ),
        (
            Objective(0.9, Rolling(timedelta(days=1)), targets=(Target(date(2027, 1, 1), 0.95),)),
            "at least 90 %, at least 95 % from 2027-01-01 kept over 1d",
        ),
    ],
)
def test_an_objective_is_told_with_all_its_conditions(objective: Objective, text: str) -> None:
    assert goal(objective) == text


def test_a_window_is_told_as_people_call_it() -> None:
    assert window(Rolling(timedelta(days=30))) == "in 30d"
    assert window(Calendar(CalendarUnit.QUARTER)) == "this quarter"
