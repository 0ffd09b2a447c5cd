"""Scenario files: what their lines mean, what is compared, and what is written back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from standardsd.language.problems import Problem, render
from standardsd.language.rules import load_rules
from standardsd.language.scenarios import bytes_max, read_scenario
from standardsd.language.scenarios_clock import moment, told
from standardsd.language.scenarios_run import Story, Told, difference, run_story, understand, updated
from standardsd.language.scenarios_said import line_of
from standardsd.language.zones import zone
from standardsd.model.config import Site
from standardsd.model.reading import Event, Gap, Retract, Sample, Watermark
from standardsd.model.standard import RuleBook

RULES = """\
version: 1
set: house
standards:
  - {id: greet, title: Greeted within a minute, of: visit, measure: {from: arrived, to: greeted}, promise: {within: 60s}}
  - {id: served, title: Served within an hour, of: visit, measure: {from: arrived, to: served}, promise: {within: 1h}}
  - {id: queue, title: At most ten wait, measure: {reading: queue}, promise: {at_most: 10}}
  - {id: asked, title: Guests are satisfied, of: survey, measure: {value: score, at: answered}, promise: {at_least: 4}}
  - {id: clean, title: Rooms are clean, of: inspection, measure: {score: inspection}, promise: {at_least: 95%}}
"""


def book(text: str = RULES, sites: tuple[Site, ...] | None = None) -> RuleBook:
    loaded = load_rules([("house.yaml", text.encode())], sites=sites)
    assert loaded.book is not None, render(loaded.problems)
    return loaded.book


def story(text: str, rules: str = RULES) -> Story:
    understood, problems = understand(read_scenario(text.encode(), "s.scenario.txt"), book(rules))
    assert understood is not None, render(problems)
    return understood


def tell(text: str, rules: str = RULES) -> list[Told]:
    return list(run_story(story(text, rules)))


def said(text: str, rules: str = RULES) -> list[str]:
    """Everything that is told, as we write it."""
    one = story(text, rules)
    zone_of = one.scenario.head.zone
    return [
        line_of(decision, line.line.heard.day, zone_of, one.standards)
        for line in run_story(one)
        for decision in line.said
    ]


def wrong(text: str, rules: str = RULES) -> list[tuple[str, str]]:
    """For each line that does not hold: where it is, and the difference."""
    one = story(text, rules)
    found = []
    for line in run_story(one):
        if not line.holds:
            problem, body = difference(one, line)
            found.append((f"{problem.path}:{problem.line}", "\n".join(body)))
    return found


# --- what is heard ---------------------------------------------------------------------------

UTC_DAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "09:00:00 visit.arrived V1 site=grand desk=d-1 party=4",
            Event("story", "visit", "V1", "arrived", UTC_DAY.replace(hour=9),
                  labels={"site": "grand", "desk": "d-1"}, values={"party": 4.0}),
        ),
        (
            "09:00:00.5 visit.arrived V1 at=08:59:00 not_before=08:58:00 seq=3",
            Event("story", "visit", "V1", "arrived", UTC_DAY.replace(hour=8, minute=59), 3,
                  UTC_DAY.replace(hour=8, minute=58)),
        ),
        (
            "09:00:00 visit.due V1 at=2026-03-03T10:00:00",
            Event("story", "visit", "V1", "due", datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ),
        ("09:00:00 sample queue=4 desk=7", Sample("story", "queue", UTC_DAY.replace(hour=9), 4.0, {"desk": "7"})),
        ("09:00:00 retract visit V1", Retract("story", "visit", "V1")),
        (
            "09:00:00 retract visit.arrived V1 at=08:00:00",
            Retract("story", "visit", "V1", "arrived", UTC_DAY.replace(hour=8)),
        ),
        ("09:00:00 watermark", Watermark("story", UTC_DAY.replace(hour=9))),
        ("09:00:00 watermark story at=08:00:00", Watermark("story", UTC_DAY.replace(hour=8))),
        (
            "09:00:00 gap 08:00:00 2026-03-02 08:30:00",
            Gap("story", UTC_DAY.replace(hour=8), UTC_DAY.replace(hour=8, minute=30)),
        ),
    ],
)  # fmt: skip
def test_a_line_at_the_margin_is_one_reading(line: str, expected: object) -> None:
    (heard,) = story(line + "   # and a comment\n").lines
    assert heard.heard.readings == (expected,)


def test_a_tick_is_nothing_heard() -> None:
    (line,) = story("09:00:00 tick").lines
    assert line.heard.readings == ()
    assert line.heard.at == UTC_DAY.replace(hour=9)


def test_an_event_is_heard_from_the_first_source_that_yields_it() -> None:
    text = "sources: {a: {yields: {visit: [arrived]}}, b: {yields: {visit: [greeted, arrived]}}}\n"
    lines = story(
        text + "09:00:00 visit.arrived V\n09:00:01 visit.greeted V\n09:00:02 visit.arrived W from=b\n"
    ).lines
    assert [line.heard.readings[0].source for line in lines] == ["a", "b", "b"]


def test_a_watermark_without_a_name_is_of_every_source() -> None:
    (line,) = story("sources: {a: {}, b: {}}\n09:00:00 watermark\n").lines
    assert [reading.source for reading in line.heard.readings] == ["a", "b"]


def test_a_line_without_a_date_is_of_the_day_before_it() -> None:
    lines = story("09:00:00 tick\n2026-03-06 17:00:00 tick\n18:00:00 tick\n").lines
    assert [line.heard.at.day for line in lines] == [2, 6, 6]


def test_wall_times_are_of_the_zone() -> None:
    text = "zone: Europe/Vienna\n2026-07-01 09:00:00 tick\n2026-12-01 09:00:00 tick\n"
    assert [line.heard.at.hour for line in story(text).lines] == [7, 8]


# --- times -----------------------------------------------------------------------------------

VIENNA = zone("Europe/Vienna")
MARCH = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "at", "back"),
    [
        ("09:00:00", datetime(2026, 3, 2, 8, tzinfo=UTC), "09:00:00"),
        ("09:00:00.000001", datetime(2026, 3, 2, 8, 0, 0, 1, tzinfo=UTC), "09:00:00.000001"),
        ("2026-03-03T09:00:00", datetime(2026, 3, 3, 8, tzinfo=UTC), "2026-03-03 09:00:00"),
        (
            "2026-10-25 02:30:00",
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            "2026-10-25 02:30:00",
        ),  # the first
        ("2026-10-25 02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 02:30:00+01:00"),
        ("2026-03-02 08:00:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC), "09:00:00"),
        ("2026-03-29 01:59:59", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "2026-03-29 01:59:59"),
        ("2026-03-29 03:00:00", datetime(2026, 3, 29, 1, tzinfo=UTC), "2026-03-29 03:00:00"),
    ],
)
def test_a_time_is_read_and_written_back(text: str, at: datetime, back: str) -> None:
    assert moment(text, MARCH, VIENNA) == at
    assert told(at, MARCH, VIENNA) == back
    assert moment(back, MARCH, VIENNA) == at


# --- what is said ----------------------------------------------------------------------------


def test_every_word_is_said_in_a_line_of_its_own() -> None:
    text = """\
tell: [verdicts, episodes, alerts, sources]
sources: {desk: {max_silence: 10m}}
09:00:00  visit.arrived V1 site=grand
09:02:00  watermark
09:03:00  visit.greeted V1
09:04:00  visit.greeted V1 at=09:00:30
09:05:00  sample queue=12 site=grand
09:05:00  watermark
09:06:00  survey.answered S1 score=4.5
09:07:00  inspection.item I1 item=bed result=pass
09:07:00  inspection.finished I1
09:20:00  tick
"""
    assert said(text) == [
        "breached greet V1 at 09:01:00 due 09:01:00",
        "alert greet breach firing site=grand at 09:02:00 count 1 oldest 09:00:00",
        "final breached greet V1 at 09:01:00 due 09:01:00 end 09:03:00 measured 3m",
        "amended breached to met greet V1 at 09:00:30 due 09:01:00 measured 30s",
        "alert greet breach resolved site=grand at 09:04:00 count 0",
        "episode queue broken site=grand at 09:05:00 value 12 limit 10",
        "alert queue limit firing site=grand at 09:05:00 count 1 oldest 09:05:00",
        "met asked S1 at 09:06:00 measured 4.5",
        "met clean I1 at 09:07:00 measured 100%",
        "source desk dark at 09:17:00.000001",
        "episode queue unknown site=grand at 09:17:00.000001",
    ]


def test_what_is_written_reads_back_as_the_same() -> None:
    """Every line that we write, put below the line it belongs to, holds."""
    text = """\
zone: Europe/Vienna
tell: [verdicts, episodes, alerts, sources]
sources: {desk: {max_silence: 10m}}
2026-10-25 02:10:00        visit.arrived V1 site=grand
2026-10-25 02:30:00+01:00  watermark
02:31:00+01:00             visit.greeted V1 at=02:10:30
02:40:00+01:00             sample queue=12.3456789
02:40:00+01:00             watermark
03:00:00                   visit.arrived V1
03:00:01                   survey.answered S1 score=3
2026-10-26 03:00:01        tick
"""
    one = story(text)
    written = updated(one, list(run_story(one)))
    assert written != text
    assert all(line.holds for line in tell(written))
    assert "amended" in written and "episode" in written and "source" in written


def test_a_refused_reading_is_always_told() -> None:
    text = "tell: alerts\nsettings: {accept_late: 1h}\n09:00:00 watermark\n09:00:00 visit.arrived V1 at=07:59:59\n"
    assert said(text) == ["refused too_late from story at 09:00:00"]


def test_dark_sources_are_those_that_are_named() -> None:
    """Who is heard where nobody is named is never silent."""
    assert said("09:00:00 visit.arrived V1\n2026-03-12 09:00:00 tick\n") == []
    assert said("sources: {desk: {}}\n09:00:00 visit.arrived V1\n10:00:00 tick\n") == [
        "source desk dark at 09:15:00.000001"
    ]


# --- what is compared ------------------------------------------------------------------------

GREETED = "09:00:00 visit.arrived V1 site=grand\n09:00:30 visit.greeted V1\n"


@pytest.mark.parametrize(
    "line",
    [
        "met greet V1",
        "met greet V1#1",
        "met greet V1 at 09:00:30",
        "met greet V1 at 2026-03-02 09:00:30",
        "met greet V1 due 2026-03-02T09:01:00 measured 30s",
        "met greet V1 measured 0.5m",
        "met greet V1 measured 30",
        "met greet V1 start 09:00:00 end 09:00:30 limit 1m late_from none site=grand",
    ],
)
def test_only_what_is_written_is_compared(line: str) -> None:
    assert wrong(GREETED + f"    {line}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "breached greet V1",
        "met served V1",
        "met greet V1#2",
        "met greet V1 at 09:00:31",
        "met greet V1 due none",
        "met greet V1 measured 31s",
        "met (left) greet V1",
        "met greet V1 site=other",
        "final breached greet V1",
        "amended breached to met greet V1",
    ],
)
def test_what_is_written_and_not_so_is_a_difference(line: str) -> None:
    assert wrong(GREETED + f"    {line}\n") == [
        ("s.scenario.txt:2", f"- {line}\n+ met greet V1 at 09:00:30 due 09:01:00 measured 30s")
    ]


def test_what_is_said_and_not_expected_is_a_difference() -> None:
    assert wrong(GREETED) == [("s.scenario.txt:2", "+ met greet V1 at 09:00:30 due 09:01:00 measured 30s")]


def test_what_is_expected_twice_must_be_said_twice() -> None:
    line = "    met greet V1\n"
    assert wrong(GREETED + line * 2) == [("s.scenario.txt:2", "  met greet V1\n- met greet V1")]


def test_order_is_no_part_of_it_and_each_line_takes_one_decision() -> None:
    """A line that fits everything leaves the decision to the one that fits nothing else."""
    begin = "09:00:00 visit.arrived V1\n09:00:00 visit.arrived V2\n09:01:00 watermark\n"
    assert wrong(begin + "    breached greet V2\n    breached greet V1 due 09:01:00\n") == []
    both = "sources: {a: {max_silence: 1m}, b: {max_silence: 1m}}\n09:00:00 watermark\n09:05:00 tick\n"
    assert wrong(both + "    source a dark\n    source b dark\n") == []
    numbers = "tell: episodes\nsources: {desk: {max_silence: 1m}}\n"
    numbers += "09:00:00 sample queue=4 site=a\n09:00:00 sample queue=4 site=b\n09:05:00 tick\n"
    lines = "    episode queue unknown\n    episode queue unknown site=a\n"
    assert len(said(numbers)) == 2
    assert wrong(numbers + lines) == []
    assert [body for _, body in wrong(numbers + lines + "    episode queue unknown site=a\n")] == [
        "  episode queue unknown\n  episode queue unknown site=a\n- episode queue unknown site=a"
    ]


def test_a_breach_that_waits_for_a_watermark_says_so() -> None:
    one = story("09:00:00 visit.arrived V1\n09:05:00 tick\n    breached greet V1\n")
    (line,) = (line for line in run_story(one) if not line.holds)
    problem, body = difference(one, line)
    assert body == ("- breached greet V1",)
    assert problem.fix.endswith("add a line 09:05:00  watermark")
    assert problem.fix.startswith("a promise is past due")


def test_only_tells_of_some_standards() -> None:
    text = "09:00:00 visit.arrived V1\n11:00:00 watermark\n"
    assert said(text) == [
        "breached greet V1 at 09:01:00 due 09:01:00",
        "breached served V1 at 10:00:00 due 10:00:00",
    ]
    assert said("only: serv*\n" + text) == ["breached served V1 at 10:00:00 due 10:00:00"]


def test_tell_chooses_what_is_told() -> None:
    text = "09:00:00 visit.arrived V1\n09:01:00 sample queue=11\n09:01:00 watermark\n"
    assert said(text) == [
        "episode queue broken at 09:01:00 value 11 limit 10",
        "breached greet V1 at 09:01:00 due 09:01:00",
    ]
    assert said("tell: episodes\n" + text) == ["episode queue broken at 09:01:00 value 11 limit 10"]
    assert [line.split()[0] for line in said("tell: [alerts]\n" + text)] == ["alert", "alert"]


# --- the head --------------------------------------------------------------------------------


def test_a_scenario_may_have_standards_of_its_own() -> None:
    text = """\
# The house of the story.
zone: Europe/Lisbon
calendars:
  desk: {timezone: Europe/Lisbon, weekly: {mon-fri: ["08:00-18:00"]}}
standards:
  - id: first-reply
    title: Tickets are answered within four hours
    of: ticket
    measure: {from: opened, to: replied}
    promise: {within: 4h}
    clock: desk

# Half an hour is left on Friday.
2026-03-06 17:30:00   ticket.opened   T1
2026-03-09 11:29:59   watermark                # exactly due would still be in time
2026-03-09 11:30:00   watermark
    breached first-reply T1 due 2026-03-09 11:30:00
"""
    scenario = read_scenario(text.encode(), "s.scenario.txt")
    assert scenario.inline is not None
    loaded = load_rules([("s.scenario.txt", scenario.inline)])
    assert loaded.book is not None, render(loaded.problems)
    understood, problems = understand(scenario, loaded.book)
    assert understood is not None, render(problems)
    assert [line.holds for line in run_story(understood)] == [True, True, True]
    assert [passage.title for passage in scenario.passages] == ["Half an hour is left on Friday."]


def test_a_mistake_in_a_standard_of_the_head_is_told_at_its_line() -> None:
    one = "{id: a, title: A, of: visits, measure: {from: arrived, to: greeted}, promise: {within: 1m}}"
    text = f"zone: UTC\nstandards:\n  - {one}\n"
    scenario = read_scenario(text.encode() + b"09:00:00 tick\n", "s.scenario.txt")
    assert scenario.inline is not None
    (problem,) = load_rules([("s.scenario.txt", scenario.inline)]).problems
    assert (problem.line, problem.column, problem.fix) == (3, 27, "write visit")
    assert problem.source == text.split("\n")[2]


def test_judge_from_leaves_out_what_ended_before() -> None:
    head = "settings: {judge_from: 2026-03-02T09:30:00Z}\n"
    gone = "09:00:00 visit.arrived V1\n09:10:00 visit.left V1\n09:40:00 watermark\n"
    assert [line.split()[0] for line in said(gone)] == ["excluded", "breached", "final"]
    assert said(head + gone) == []


def test_sites_of_the_head_are_those_of_the_clock() -> None:
    rules = RULES.replace("promise: {within: 60s}}", "promise: {within: 60s}, clock: site}")
    text = 'sites: {grand: {timezone: UTC, calendar: {weekly: {mon-fri: ["10:00-18:00"]}}}}\n'
    text += "09:00:00 visit.arrived V1 site=grand\n10:01:00 watermark\n    breached greet V1 at 10:01:00\n"
    scenario = read_scenario(text.encode(), "s.scenario.txt")
    assert scenario.head.sites is not None
    understood, problems = understand(scenario, book(rules, scenario.head.sites), scenario.head.sites)
    assert understood is not None, render(problems)
    assert all(line.holds or line.missing == () for line in run_story(understood))


# --- passages --------------------------------------------------------------------------------


def test_blank_lines_part_passages_and_comments_name_them() -> None:
    text = """\
# The file is about this.

# One who waits.
# And waits.
09:00:00 visit.arrived V1
# in between
09:00:10 tick

09:00:20 tick   # nobody named this one


# Another.
09:00:30 tick
"""
    scenario = read_scenario(text.encode(), "s.scenario.txt")
    assert [(passage.title, passage.line) for passage in scenario.passages] == [
        ("One who waits. And waits.", 5),
        ("09:00:20 tick", 9),
        ("Another.", 13),
    ]
    assert [row.passage for row in scenario.rows] == [0, 0, 1, 2]


# --- writing back ----------------------------------------------------------------------------


def test_what_does_not_hold_is_rewritten_and_nothing_else() -> None:
    text = """\
# A story.
09:00:00   visit.arrived V1   # spaces stay
09:00:30   visit.greeted V1
    met greet V1                # as somebody wrote it
    # a comment of its own
10:00:00   watermark
    met greet V2
    met served V1
"""
    text = text.replace("    met greet V2\n", "    breached greet V1\n")
    one = story(text)
    written = updated(one, list(run_story(one)))
    assert written == text.replace(
        "    breached greet V1\n    met served V1\n", "    breached served V1 at 10:00:00 due 10:00:00\n"
    )
    again = story(written)
    assert updated(again, list(run_story(again))) == written


# --- limits ----------------------------------------------------------------------------------


def problems_of(text: bytes) -> Sequence[Problem]:
    return understand(read_scenario(text, "s.scenario.txt"), book())[1]


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not() -> None:
    line = b"09:00:00 tick\n"
    comment = b"#" * 1_023 + b"\n"
    full = line + comment * ((bytes_max - len(line)) // len(comment))
    full += b"#" * (bytes_max - len(full))
    assert problems_of(full) == []
    (problem,) = problems_of(full + b"#")
    assert problem.text == f"the file has {bytes_max + 1} bytes"


def test_a_hundred_problems_are_shown_and_the_others_counted() -> None:
    problems = problems_of(b"09:00:00 visits.arrived V1\n" * 150)
    assert len(problems) == 101
    assert problems[-1].text == "50 more problems in this file are not shown"


# --- what only a scenario shows --------------------------------------------------------------


def test_a_scenario_shows_a_standard_as_it_is() -> None:
    """Examples leave out dates and waivers; a scenario does not.  Uncertain and late readings are told, too."""
    rules = """\
version: 1
set: house
standards:
  - {id: in, title: In soon, of: visit, measure: {from: arrived, to: checked_in}, promise: {within: 5m}}
  - id: april
    title: From April on
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 1m}
    effective: {from: 2026-04-01}
  - id: flooded
    title: Not in March
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 1m}
    waivers: [{from: 2026-03-01, until: 2026-04-01, reason: flood, approved_by: GM}]
"""
    text = """\
sources: {pms: {yields: {visit: [checked_in]}, private_ids: true}, kiosk: {yields: {visit: [arrived, greeted]}}}
tell: verdicts
09:00:00 visit.arrived pms/1
09:06:00 watermark kiosk
09:06:00 watermark pms
09:06:30 visit.checked_in pms/1 at=09:04:00
10:00:00 visit.arrived pms/2 at=09:59:30 not_before=09:59:00
10:00:30 visit.checked_in pms/2 at=10:04:30
2026-04-01 09:00:00 visit.arrived A
2026-04-01 09:00:30 visit.greeted A
"""
    assert said(text, rules) == [
        "excluded (waived) flooded pms/1 at 09:01:00 due 09:01:00",
        "breached in pms/1 at 09:05:00 due 09:05:00",
        "amended breached to met in pms/1 at 09:04:00 due 09:05:00 measured 4m",
        "indeterminate in pms/2 at 10:04:30 due 10:04:30",
        "met april A at 09:00:30 due 09:01:00 measured 30s",
        "met flooded A at 09:00:30 due 09:01:00 measured 30s",
    ]
