"""Calendars as they are written: what is read, and every mistake told where it stands."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from standardsd.language.calendars import HOLIDAY_KEYS, KEYS, calendars_max, read_calendars
from standardsd.language.feeds import FileFeeds, Unread
from standardsd.language.problems import Level, Problem, errors, render
from standardsd.language.tree import Map, parse
from standardsd.language.zones import tzdata_version, zone
from standardsd.model.calendar import Calendar

DOC = Path(__file__).parents[2] / "docs" / "rules.md"
FEEDS: FileFeeds = {
    "days.ics": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nEND:VEVENT\nEND:VCALENDAR\n",
    "empty.ics": b"BEGIN:VCALENDAR\nEND:VCALENDAR\n",
    "timed.ics": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225T090000Z\nEND:VEVENT\nEND:VCALENDAR\n",
    "gone.ics": Unread("'gone.ics': No such file or directory", "name a file"),
}


def load(text: str) -> tuple[dict[str, Calendar], list[Problem]]:
    root, problems = parse(text.encode(), "c.yaml")
    assert isinstance(root, Map), render(problems)
    return read_calendars(root.entries, problems, ("Europe/Bucharest", "UTC"), FEEDS), problems


def test_everything_that_is_written_is_read() -> None:
    calendars, problems = load("""
desk:
  timezone: Europe/Bucharest
  weekly: {mon-thu: ["13:00-20:00", "08:00-12:00"], fri: 00:00-24:00, sat: ["22:00-06:00"], sun: []}
  holidays: {ics: days.ics}
  closed: [2026-12-31, 2026-01-02]
  instead: {2026-12-24: ["08:00-12:00"], 2026-12-23: []}
""")
    assert not problems, render(problems)
    day = ((480, 720), (780, 1_200))
    assert calendars["desk"] == Calendar(
        "desk",
        zone("Europe/Bucharest"),
        (day, day, day, day, ((0, 1_440),), ((1_320, 1_800),), ()),
        (date(2026, 12, 25),),
        (date(2026, 1, 2), date(2026, 12, 31)),
        ((date(2026, 12, 23), ()), (date(2026, 12, 24), ((480, 720),))),
        calendars["desk"].made_from,
    )
    tzdata, feed = calendars["desk"].made_from
    assert tzdata == f"tzdata {tzdata_version()}"
    assert re.fullmatch(r"feed sha256:[0-9a-f]{64}", feed)


WRONG = [
    # the calendar, column, part of the message, part of the fix
    ("{weekly: {mon: 08:00-12:00}}", 4, "a calendar has no timezone", "add timezone:"),
    ("[]", 4, "a calendar is not a map", "write keys and values"),
    ("{timezone: UTC, weekli: {}}", 20, "a calendar has no key 'weekli'", "write weekly"),
    ("{timezone: Europe/Bukarest}", 15, "'Europe/Bukarest' is not a time zone", "write Europe/Bucharest"),
    ("{timezone: '+02:00', weekly: {mon: 08:00-12:00}}", 15, "'+02:00' is an offset, not a time zone", "Europe/Lisbon"),
    ("{timezone: UTC}", 1, "the calendar 'a' never opens", 'write weekly: {mon-fri: ["08:00-18:00"]}'),
    ("{timezone: UTC, weekly: {}, holidays: {country: RO}}", 1, "the calendar 'a' never opens", "write weekly"),
    ("{timezone: UTC, instead: {2026-12-24: []}}", 1, "the calendar 'a' never opens", "write weekly"),
    ("{timezone: UTC, closed: [2026-12-24], instead: {2026-12-24: 08:00-12:00}}", 1, "'a' never opens", "write weekly"),
    ("{timezone: UTC, weekly: {mon: 08:00-08:00}}", 1, "the calendar 'a' never opens", "look at its times"),
    ("{timezone: UTC, weekly: {mo: 08:00-12:00}}", 29, "'mo' is not a day of the week", "write mon"),
    ("{timezone: UTC, weekly: {fri-mon: 08:00-12:00}}", 29, "'fri-mon' ends before it begins", "two lines"),
    ("{timezone: UTC, weekly: {mon-mon: 08:00-12:00}}", 29, "'mon-mon' ends before it begins", "two lines"),
    ("{timezone: UTC, weekly: {mon-fri: 08:00-12:00, tue: []}}", 51, "tue stands in 'mon-fri', too", "say each day once"),
    ("{timezone: UTC, weekly: {mon: 9-17}}", 34, "'9-17' is not a span of opening times", '"09:00-17:00"'),
    ("{timezone: UTC, weekly: {mon: 9:30–17.00}}", 34, "is not a span of opening times", '"09:30-17:00"'),
    ("{timezone: UTC, weekly: {mon: 24:00-08:00}}", 34, "is not a span of opening times", '"08:00-12:00"'),
    ("{timezone: UTC, weekly: {mon: 08:60-12:00}}", 34, "is not a span of opening times", '"08:00-12:00"'),
    ("{timezone: UTC, weekly: {mon: 08:00-24:01}}", 34, "is not a span of opening times", '"08:00-12:00"'),
    ("{timezone: UTC, weekly: {mon: ٠٨:٠٠-١٢:٠٠}}", 34, "is not a span of opening times", '"08:00-12:00"'),
    ("{timezone: UTC, weekly: {mon: {}}}", 34, "the opening times is a map", "a list of texts"),
    ("{timezone: UTC, weekly: [mon]}", 28, "weekly is not a map", "write name: value"),
    ("{timezone: UTC, closed: [2026-02-30]}", 29, "'2026-02-30' does not exist in the calendar", "2026-03-02"),
    ("{timezone: UTC, closed: [xmas]}", 29, "'xmas' is not a date", "2026-03-02"),
    ("{timezone: UTC, instead: {24.12.2026: 08:00-12:00}}", 30, "'24.12.2026' is not a date", "2026-03-02"),
    ("{timezone: UTC, instead: {2026-12-24: 8-12}}", 42, "'8-12' is not a span", '"08:00-12:00"'),
    ("{timezone: UTC, holidays: RO}", 30, "holidays is not a map", "such as country"),
    ("{timezone: UTC, holidays: {}}", 30, "holidays need either a country or an ics file", "{country: RO}"),
    ("{timezone: UTC, holidays: {country: RO, ics: days.ics}}", 30, "holidays need either", "{country: RO}"),
    ("{timezone: UTC, holidays: {country: ro}}", 40, "'ro' is not the code of a country", "write RO"),
    ("{timezone: UTC, holidays: {country: Rumania}}", 40, "'Rumania' is not the code of a country", "write RO"),
    ("{timezone: UTC, holidays: {country: XX}}", 40, "no holidays are known for 'XX'", "RO or GB"),
    ("{timezone: UTC, holidays: {country: DE, subdivision: Bayer}}", 57, "'Bayer' is no part of DE", "write Bayern"),
    ("{timezone: UTC, holidays: {country: RO, subdivision: B}}", 57, "RO has no parts", "leave the key out"),
    ("{timezone: UTC, holidays: {country: TR, categories: halfday}}", 56, "of the category 'halfday'", "write half_day"),
    ("{timezone: UTC, holidays: {country: RO, language: xx}}", 54, "not named in 'xx'", "en_US, ro, uk"),
    ("{timezone: UTC, holidays: {countri: RO}}", 31, "holidays has no key 'countri'", "write country"),
    ("{timezone: UTC, holidays: {ics: other.ics}}", 36, "the feed 'other.ics' was not read", "name a file"),
    ("{timezone: UTC, holidays: {ics: gone.ics}}", 36, "'gone.ics': No such file", "name a file"),
    ("{timezone: UTC, holidays: {ics: empty.ics}}", 36, "the feed has no public holidays", "another one"),
    ("{timezone: UTC, holidays: {ics: days.ics, subdivision: BY}}", 46, "subdivision does nothing for a feed", "leave"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "column", "told", "fix"), WRONG, ids=[told for _, _, told, _ in WRONG])
def test_a_mistake_is_told_where_it_stands(written: str, column: int, told: str, fix: str) -> None:
    calendars, problems = load(f"a: {written}")
    wrong = [problem for problem in errors(problems) if told in problem.text]
    assert len(wrong) == 1, render(problems)
    assert (wrong[0].line, wrong[0].column) == (1, column), wrong[0].render()
    assert fix in wrong[0].fix
    assert calendars == {}


def test_mistakes_of_a_feed_are_told_with_the_feeds_own_line() -> None:
    calendars, problems = load("a: {timezone: UTC, weekly: {mon: 08:00-12:00}, holidays: {ics: timed.ics}}")
    assert calendars == {}
    [told] = problems
    assert (told.path, told.line, told.source) == ("timed.ics", 3, "DTSTART:20261225T090000Z")
    assert "has a time of day" in told.text


def test_all_mistakes_are_told_at_once() -> None:
    _, problems = load(
        "a: {timezone: X, weekly: {mo: 8-12}, closed: [x], instead: {y: z}, holidays: {country: ro}}"
    )
    assert len(errors(problems)) == 7, render(problems)


@pytest.mark.parametrize("name", ["always", "site", "Desk", "the desk"])
def test_what_a_calendar_cannot_be_called(name: str) -> None:
    calendars, problems = load(f"{name}: {{timezone: UTC, weekly: {{mon: 08:00-12:00}}}}")
    assert calendars == {}
    assert len(errors(problems)) == 1


LINTS = [
    # the calendar, column, part of the message
    ('{timezone: UTC, weekly: {mon: ["08:00-12:00", "11:59-13:00"]}}', 34, "times that overlap count once"),
    ('{timezone: UTC, weekly: {mon: ["22:00-06:00", "23:00-01:00"]}}', 34, "times that overlap count once: 22:00-06:00"),
    ('{timezone: UTC, weekly: {mon: ["08:00-12:00", "13:00-13:00"]}}', 34, "13:00-13:00 ends when it begins"),
    ('{timezone: UTC, weekly: {mon: ["22:00-06:00"], tue: ["05:00-07:00"]}}', 20, "the last times of mon run into"),
    ('{timezone: UTC, weekly: {sun: ["22:00-06:00"], mon: ["05:00-07:00"]}}', 20, "the last times of sun run into"),
    ("{timezone: UTC, weekly: {mon: 08:00-12:00}, closed: 1999-12-31}", 56, "1999-12-31 changes nothing"),
    ("{timezone: UTC, weekly: {mon: 08:00-12:00}, instead: {2100-01-01: []}}", 58, "2100-01-01 changes nothing"),
    ("{timezone: UTC, weekly: {mon: 08:00-12:00}, closed: 2026-12-24, instead: {2026-12-24: []}}", 78, "closed beats"),
    ("{timezone: UTC, instead: {2026-12-24: 08:00-09:00}}", 1, "opens on 2026-12-24 for the last time"),
    ("{timezone: UTC, weekly: {mon: 08:00-12:00}, holidays: {country: TR, categories: half_day}}", 84, "half days are"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "column", "told"), LINTS, ids=[told for _, _, told in LINTS])
def test_what_is_odd_is_said_and_loads(written: str, column: int, told: str) -> None:
    calendars, problems = load(f"a: {written}")
    [lint] = problems
    assert lint.level is Level.LINT
    assert told in lint.text
    assert lint.column == column, lint.render()
    assert set(calendars) == {"a"}


FINE = [
    '{timezone: UTC, weekly: {mon: ["08:00-12:00", "12:00-13:00"], tue: ["00:00-08:00"]}}',  # touching
    '{timezone: UTC, weekly: {mon: ["22:00-06:00"], tue: ["06:00-07:00"]}}',
    '{timezone: UTC, weekly: {mon: ["16:00-24:00"], tue: ["00:00-07:00"]}}',
    "{timezone: UTC, weekly: {mon-sun: 00:00-24:00}, closed: []}",
    "{timezone: UTC, weekly: {mon: 08:00-12:00}, closed: 2026-12-24, holidays: {country: ROU}}",
    "{timezone: UTC, weekly: {mon: 08:00-12:00}, holidays: {country: DE, subdivision: Bayern, language: de}}",
    "{timezone: UTC, weekly: {mon: 08:00-12:00}, holidays: {country: DE, categories: [public, catholic]}}",
    "{timezone: UTC, weekly: {}, instead: {2095-12-24: 08:00-09:00}}",  # ten years are not told before they are over
]  # fmt: skip


@pytest.mark.parametrize("written", FINE)
def test_what_is_usual_loads_without_a_word(written: str) -> None:
    calendars, problems = load(f"a: {written}")
    assert set(calendars) == {"a"}
    assert not problems, render(problems)


def test_too_many_calendars_are_told() -> None:
    text = "\n".join(
        f"c{n}: {{timezone: UTC, weekly: {{mon: 08:00-12:00}}}}" for n in range(calendars_max + 1)
    )
    calendars, problems = load(text)
    assert len(calendars) == calendars_max
    assert [problem.text for problem in problems] == [f"more than {calendars_max} calendars"]


def test_the_page_describes_every_key_of_a_calendar() -> None:
    page = DOC.read_text().split("## Calendars", 1)[1].split("\n## ", 1)[0]
    rows = set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE))
    assert rows == {"timezone", *KEYS}
    for key in HOLIDAY_KEYS:
        assert key in page
