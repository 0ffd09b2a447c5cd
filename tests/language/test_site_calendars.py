"""Calendars of the configuration's sites: read like those of rule files, and the clocks of ``clock: site``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from standardsd.language.calendars import KEYS
from standardsd.language.config import LoadedConfig, load_config
from standardsd.language.config_keys import OPTIONAL
from standardsd.language.problems import errors, lints, render
from standardsd.language.rules import load_rules
from standardsd.model.clock import BySite, OpenHours
from standardsd.model.standard import Standard

HEAD = "version: 1\nrules: a.yaml\nsources: {kiosk: {use: push, watermark: {kind: explicit}}}\nsites:\n"
FEED = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260302\nEND:VEVENT\nEND:VCALENDAR\n"
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)

RULES = """\
version: 1
set: house
standards:
  - id: reply
    title: A request is answered within four open hours
    of: request
    clock: site
    measure: {from: requested, to: acknowledged}
    promise: {within: 4h}
"""


def load(sites: str) -> LoadedConfig:
    return load_config((HEAD + sites).encode(), "c.yaml", ("Europe/Lisbon", "UTC"), {"days.ics": FEED})


SITES = """\
  inn: {timezone: Europe/Lisbon, calendar: {weekly: {mon-fri: ["08:00-16:00"]}, holidays: {ics: days.ics}}}
  dock: {timezone: UTC, calendar: {weekly: {mon: ["00:00-24:00"]}}}
  barn: {timezone: UTC}
  shed: {}
"""


def judged(sites: str) -> Standard:
    loaded = load(sites)
    assert loaded.config is not None, render(loaded.problems)
    rules = load_rules([("a.yaml", RULES.encode())], sites=loaded.config.sites)
    assert rules.book is not None, render(rules.problems)
    return rules.book.standards[0]


def test_each_site_has_its_own_hours_and_its_own_zone() -> None:
    standard = judged(SITES)
    assert isinstance(standard.clock, BySite)
    assert set(standard.clock.clocks) == {"inn", "dock"}
    inn, dock = standard.clock_of({"site": "inn"}), standard.clock_of({"site": "dock"})
    assert isinstance(inn, OpenHours)
    assert isinstance(dock, OpenHours)
    assert inn.elapsed(MONDAY, MONDAY + DAY) == timedelta(0)  # the feed says it is a holiday
    assert inn.elapsed(MONDAY + DAY, MONDAY + 2 * DAY) == timedelta(hours=8)
    assert dock.elapsed(MONDAY, MONDAY + 2 * DAY) == DAY
    assert (inn.name, inn.zone.name) == ("inn", "Europe/Lisbon")
    zone = standard.zones.of("inn")
    assert zone is not None
    assert zone.name == "Europe/Lisbon"


@pytest.mark.parametrize("site", ["barn", "shed", "elsewhere", None])
def test_a_site_without_a_calendar_is_not_judged(site: str | None) -> None:
    labels = {} if site is None else {"site": site}
    assert judged(SITES).clock_of(labels) is None


def test_without_a_configuration_the_clock_of_the_site_is_an_error() -> None:
    loaded = load_rules([("a.yaml", RULES.encode())])
    assert loaded.book is None
    [wrong] = errors(loaded.problems)
    assert (wrong.line, wrong.column) == (7, 12)
    assert "clock: site" in wrong.text
    assert "--config" in wrong.fix


def test_equal_hours_are_made_once_however_many_sites_have_them() -> None:
    one = "{timezone: Europe/Lisbon, calendar: {weekly: {mon-fri: ['08:00-16:00']}}}"
    clock = judged("".join(f"  site-{n}: {one}\n" for n in range(200))).clock
    assert isinstance(clock, BySite)
    assert len(clock.clocks) == 200
    assert len({id(hours.weeks) for hours in clock.clocks.values() if isinstance(hours, OpenHours)}) == 1


WRONG = [
    # the site, column, part of the message, part of the fix
    (
        "{calendar: {weekly: {mon: 08:00-12:00}}}",
        9,
        "a site with a calendar has no timezone",
        "add timezone:",
    ),
    (
        "{timezone: Lisbon, calendar: {weekly: {mon: 08:00-12:00}}}",
        19,
        "'Lisbon' is not a time zone",
        "Europe/Lisbon",
    ),
    ("{timezone: UTC, calendar: {timezone: UTC}}", 35, "a calendar has no key 'timezone'", "write"),
    ("{timezone: UTC, calendar: {weekly: {}}}", 24, "the calendar 'inn' never opens", "write weekly"),
    ("{timezone: UTC, calendar: {weekly: {mon: 8-12}}}", 49, "'8-12' is not a span", '"08:00-12:00"'),
    ("{timezone: UTC, calendar: desk}", 34, "a calendar is not a map", "weekly"),
    (
        "{timezone: UTC, calendar: {holidays: {ics: no.ics}}}",
        51,
        "the feed 'no.ics' was not read",
        "name a file",
    ),
]


@pytest.mark.parametrize(("written", "column", "told", "fix"), WRONG, ids=[told for _, _, told, _ in WRONG])
def test_a_mistake_is_told_where_it_stands(written: str, column: int, told: str, fix: str) -> None:
    loaded = load(f"  inn: {written}\n")
    assert loaded.config is None
    wrong = [problem for problem in errors(loaded.problems) if told in problem.text]
    assert len(wrong) == 1, render(loaded.problems)
    assert (wrong[0].line, wrong[0].column) == (5, column), wrong[0].render()
    assert fix in wrong[0].fix


def test_what_is_odd_in_a_sites_calendar_is_said() -> None:
    loaded = load("  inn: {timezone: UTC, calendar: {weekly: {mon: ['08:00-12:00', '11:00-13:00']}}}\n")
    assert loaded.config is not None
    assert [problem.text for problem in lints(loaded.problems)] == [
        "times that overlap count once: 08:00-12:00 and what begins 11:00"
    ]


def test_a_sites_calendar_has_the_keys_of_any_other_but_the_zone() -> None:
    assert OPTIONAL["sites.NAME.calendar"] == KEYS
