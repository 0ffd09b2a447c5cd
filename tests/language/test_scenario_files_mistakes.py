"""Everything that can be wrong in a scenario file: each with its place and what to write instead, all at once."""

from __future__ import annotations

import pytest

from standardsd.language.problems import Problem
from standardsd.language.rules import load_rules
from standardsd.language.scenarios import read_scenario
from standardsd.language.scenarios_run import understand
from tests.language.test_scenario_files import book

# Below this line stands the line that is wrong: line 3, or 4 where it is indented.
STORY = "09:00:00 visit.arrived V1\n09:00:30 visit.greeted V1\n"


def problems_of(text: str) -> list[Problem]:
    return understand(read_scenario(text.encode(), "s.scenario.txt"), book())[1]


def only(text: str) -> Problem:
    problems = problems_of(text)
    assert len(problems) == 1, [problem.render() for problem in problems]
    return problems[0]


HEARD = [
    # line                                        column, underlined, what is said, fix
    ("9:00:31 tick", 1, "9:00:31", "'9:00:31' is not a time", "write it as 09:00:31"),
    ("09:01 tick", 1, "09:01", "'09:01' is not a time", "write it as 09:01:00"),
    ("25:00:00 tick", 1, "25:00:00", "'25:00:00' does not exist in the calendar", "write it as 09:00:00"),
    ("2026-02-30 09:00:00 tick", 1, "2026-02-30 09:00:00", "does not exist in the calendar", "write it as"),
    ("1999-02-03 09:00:00 tick", 1, "1999-02-03 09:00:00", "the year 1999 is too far away", "write a date near"),
    ("09:00:29 tick", 1, "09:00:29", "time goes back: the line above is of 2026-03-02 09:00:30", "put the line"),
    ("09:01:00", 1, "09:01:00", "a time at which nothing is heard", "write what is heard, or tick"),
    ("09:01:00 watrmark", 10, "watrmark", "'watrmark' is nothing that can be heard", "write watermark"),
    ("09:01:00 arrived V1", 10, "arrived", "'arrived' is nothing that can be heard", "write an event, such as"),
    ("09:01:00 visits.left V1", 10, "visits", "there is no kind 'visits'", "write visit"),
    ("09:01:00 visit.gone V1", 16, "gone", "the kind 'visit' has no event 'gone'", "write one of arrived"),
    ("09:01:00 visit.lefft V1", 16, "lefft", "the kind 'visit' has no event 'lefft'", "write left"),
    ("09:01:00 visit.left", 10, "visit.left", "of which interaction? There is no id", "write one behind it"),
    ("09:01:00 visit.left site=a", 10, "visit.left", "of which interaction? There is no id", "write one behind it"),
    ("09:01:00 visit.left V#1", 21, "V#1", "'V#1' cannot be an id here", "without #"),
    ("09:01:00 visit.left V1 grand", 24, "grand", "'grand' is not name=value", "write it as site=grand-budapest"),
    ("09:01:00 visit.left V1 a=b a=c", 28, "a=c", "'a' stands twice in one line", "keep one of the two"),
    ("09:01:00 visit.left V1 at=9:00", 27, "9:00", "'9:00' is not a time", "write it as 09:00:00"),
    ("09:01:00 visit.left V1 seq=x", 28, "x", "'x' is not a whole number", "write digits only"),
    ("09:01:00 visit.left V1 not_before=09:01:00", 35, "09:01:00", "not_before is not before", "write an earlier time"),
    ("09:01:00 visit.left V1 from=kiosk", 29, "kiosk", "there is no source 'kiosk'", "write one of story"),
    ("09:01:00 visit.left V1 from=", 24, "from=", "there is no source 'from='", "write one of story"),
    ("09:01:00 watermark kiosk", 20, "kiosk", "there is no source 'kiosk'", "write one of story"),
    ("09:01:00 watermark seq=3", 24, "3", "a watermark has no seq", "leave it out"),
    ("09:01:00 tick V1", 15, "V1", "'V1' is no part of a tick", "leave it out"),
    ("09:01:00 gap 09:00:00", 10, "gap", "a gap from when to when?", "write it as gap 09:00:00 09:05:00"),
    ("09:01:00 gap 09:00:10 09:00:10", 14, "09:00:10", "the gap ends before it begins", "write the earlier time first"),
    ("09:01:00 gap 09:00:00 09:00:10 story x", 38, "x", "'x' is no part of a gap", "leave it out"),
    ("09:01:00 retract", 10, "retract", "a retraction of nothing", "write it as retract visit.arrived V1"),
    ("09:01:00 retract visit.gone V1", 24, "gone", "the kind 'visit' has no event 'gone'", "write one of"),
    ("09:01:00 retract visit V1 V2", 27, "V2", "'V2' is no part of a retraction", "leave it out"),
    ("09:01:00 sample", 10, "sample", "a sample without a number", "write it as queue=4"),
    ("09:01:00 sample queue", 17, "queue", "a sample without a number", "write it as queue=4"),
    ("09:01:00 sample queue=four", 17, "queue=four", "a sample has a number", "write it as queue=4"),
    ("09:01:00 sample qeue=4", 17, "qeue=4", "no standard here looks at a sample 'qeue'", "write queue"),
    ("visit.left V1", 1, "visit.left V1", "this line is neither of the head", "write it as 09:00:00"),
    ("zone: UTC", 1, "zone: UTC", "a line of the head stands behind the first line of the story", "move it above"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "column", "marked", "said", "fix"), HEARD, ids=[row[0] for row in HEARD])
def test_a_line_that_nobody_can_hear(line: str, column: int, marked: str, said: str, fix: str) -> None:
    problem = only(STORY + line + "\n")
    assert (problem.path, problem.line, problem.column) == ("s.scenario.txt", 3, column)
    assert problem.source[problem.column - 1 :][: problem.length] == marked
    assert said in problem.text
    assert fix in problem.fix


EXPECTED = [
    # line                                        column, underlined, what is said, fix
    ("mett greet V1", 5, "mett", "'mett' is nothing that can be said", "write met"),
    ("greeted V1", 5, "greeted", "'greeted' is nothing that can be said", "write it as met greet-within-60s V1"),
    ("met", 5, "met", "a standard should follow 'met'", "write it as"),
    ("met greet", 9, "greet", "the id of an interaction should follow 'greet'", "write it as"),
    ("met gret V1", 9, "gret", "there is no standard 'gret' here", "write greet"),
    ("met greet V2", 15, "V2", "nothing was heard of 'V2' up to here", "write one of V1"),
    ("met greet V1#0", 15, "V1#0", "occurrences count from 1", "write V1#2"),
    ("met greet V1#x", 15, "V1#x", "'x' is not a whole number", "write digits"),
    ("met (lfet) greet V1", 9, "(lfet)", "'(lfet)' is not a reason in brackets", "write left"),
    ("met greet V1 at", 18, "at", "a value should follow 'at'", "write it as"),
    ("met greet V1 at 9:30", 21, "9:30", "'9:30' is not a time", "write it as 09:30:00"),
    ("met greet V1 until 09:30:00", 18, "until", "'until' cannot be said of it", "write one of at"),
    ("met greet V1 count 3", 18, "count", "'count' cannot be said of it", "write one of at"),
    ("met greet V1 at 09:00:30 at 09:00:30", 30, "at", "'at' stands twice in one line", "keep one of the two"),
    ("met greet V1 measured 1 minute", 29, "minute", "'minute' cannot be said of it", "write"),
    ("met greet V1 measured 1min", 27, "1min", "'1min' is not a duration", "write 1m"),
    ("met greet V1 2site=a", 18, "2site=a", "'2site' is not a label name", ""),
    ("amended met greet V1", 17, "greet", "'greet' is not to", "write"),
    ("amended gone to met greet V1", 13, "gone", "'gone' is not a verdict", "write"),
    ("final nothing greet V1", 11, "nothing", "'nothing' is not a verdict", "write"),
    ("episode queue brokn", 19, "brokn", "'brokn' is not a state of a number", "write broken"),
    ("source door dark", 12, "door", "there is no source 'door' in this scenario", "write one of story"),
    ("source story darc", 18, "darc", "'darc' is not a state of a source", "write dark"),
    ("refused to_late from story", 13, "to_late", "'to_late' is not a reason to refuse", "write too_late"),
    ("refused too_late story", 22, "story", "'story' is not from", "write"),
    ("alert greet breach firing", 5, "alert", "this scenario does not tell alerts", "write tell: [alerts, episodes,"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "column", "marked", "said", "fix"), EXPECTED, ids=[row[0] for row in EXPECTED]
)
def test_a_line_that_nobody_could_say(line: str, column: int, marked: str, said: str, fix: str) -> None:
    problem = only(f"{STORY}    {line}\n")
    assert (problem.line, problem.column) == (3, column)
    assert problem.source[problem.column - 1 :][: problem.length] == marked
    assert said in problem.text
    assert fix in problem.fix


def test_an_alert_is_read_where_alerts_are_told() -> None:
    head = "tell: [alerts]\n"
    problems = problems_of(
        head + STORY + "    alert greet brech firing\n    alert greet breach fire count x\n"
    )
    assert [(p.line, p.column, p.text, p.fix) for p in problems] == [
        (4, 17, "'brech' is not a condition", "write breach"),
        (5, 24, "'fire' is not a state of an alert", "write firing"),
    ]


HEADS = [
    # head                                        line, column, what is said, fix
    ("telll: alerts", 1, 1, "the head of a scenario has no key 'telll'", "write tell"),
    ("tell: [alert]", 1, 8, "'alert' is not one of what is told", "write alerts"),
    ("zone: Europe/Lisbn", 1, 7, "'Europe/Lisbn' is not a time zone", "write it as Europe/Lisbon"),
    ("only: [greet, quee]", 1, 15, "there is no standard 'quee' here", "write queue"),
    ("sources: {Kiosk: {}}", 1, 11, "'Kiosk' is not a name", "write kiosk"),
    ("sources: {kiosk: {yield: {}}}", 1, 19, "a source has no key 'yield'", "write yields"),
    ("sources: {kiosk: {yields: {vist: [arrived]}}}", 1, 34, "there is no kind 'vist'", "write visit"),
    ("sources: {a: {yields: {visit: [arived, greeted, arrived]}}}", 1, 31, "has no event 'arived'", "write arrived"),
    ("sources: {story: {max_silence: 10}}", 1, 32, "'10' has no unit", "write 10s"),
    ("sources: {story: {labels: {site: b}}}\nsites: {a: {}}", 1, 34, "there is no site 'b'", "write one of a"),
    ("settings: {accept_late: 0}", 1, 25, "'0' is no time at all", "write a duration longer than 0"),
    ("settings: {acept_late: 2d}", 1, 12, "settings has no key 'acept_late'", "write accept_late"),
    ("settings: {judge_from: 2026-03-02T09:00:00}", 1, 24, "has no offset", "write 2026-03-02T09:00:00Z"),
    ("zone: UTC\nzone: UTC", 2, 1, "'zone' stands here a second time", ""),
    ("arrived V1", 1, 1, "this line is neither of the head", "write it as 09:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "line", "column", "said", "fix"), HEADS, ids=[row[0] for row in HEADS])
def test_a_head_that_says_nothing(head: str, line: int, column: int, said: str, fix: str) -> None:
    problem = only(f"{head}\n{STORY}")
    assert (problem.line, problem.column) == (line, column), problem.render()
    assert said in problem.text
    assert fix in problem.fix


def test_an_expectation_before_anything_is_heard() -> None:
    """A head ends with the first time, so what is indented above it is the head's."""
    problem = problems_of("    met greet V1\n" + STORY)[0]
    assert problem.line == 1


def test_a_scenario_without_a_line() -> None:
    assert only("# Only a comment.\n").text == "a scenario in which nothing is heard"
    assert only("").fix == "write what is heard, such as 09:00:00 visit.arrived V1"


def test_a_wall_time_that_the_clocks_leave_out() -> None:
    problem = only("zone: Europe/Vienna\n2026-03-29 02:30:00 tick\n")
    assert (
        problem.text == "2026-03-29 02:30:00 does not exist in Europe/Vienna, the clocks go forward over it"
    )
    assert problem.fix == "write 03:30:00, the same instant"


def test_an_event_that_no_source_yields() -> None:
    problem = only("sources: {a: {yields: {visit: [arrived]}}}\n09:00:00 visit.greeted V1\n")
    assert problem.text == "no source of this scenario yields visit.greeted"
    assert (problem.line, problem.column) == (2, 10)


def test_a_standard_that_is_not_told_of_is_not_expected() -> None:
    problem = only("only: served\n" + STORY + "    met greet V1\n")
    assert (problem.line, problem.text) == (4, "this scenario does not tell of 'greet'")


def test_all_mistakes_are_told_at_once_also_several_in_a_line() -> None:
    text = """\
zone: Europe/Lisbn
9:00 visit.arrived V1
09:00:00 visit.arived V2 at=9:00 seq=x site
    met gret V2
    met greet V2 at 9:00 due 10 measured 1x
08:00:00 tick
nonsense
"""
    found = [(p.line, p.column) for p in problems_of(text)]
    assert found == [(1, 7), (2, 1), (3, 16), (4, 9), (5, 21), (5, 30), (5, 42), (6, 1), (7, 1)]
    lines = problems_of("09:00:00 visit.arrived V2 at=9:00 seq=x site=a site=b from=c\n")
    assert [(p.line, p.column) for p in lines] == [(1, 30), (1, 39), (1, 48), (1, 60)]


def test_without_rules_the_lines_are_still_looked_at() -> None:
    """What only the rules know is not guessed at: kinds, events, standards."""
    text = "09:00:00 vists.arived V1\n    met gret V1 at 9\n08:00:00 tick\n"
    understood, problems = understand(read_scenario(text.encode(), "s.scenario.txt"), None)
    assert understood is None
    assert [(p.line, p.column) for p in problems] == [(2, 20), (3, 1)]


def test_bytes_that_are_no_text_are_told_and_never_raise() -> None:
    for text in (b"\xff\xfe0\x009\x00", b"\x00" * 500, b"09:00:00 tick \xff\n", b"zone: [\n09:00:00 tick\n"):
        understood, problems = understand(read_scenario(text, "s.scenario.txt"), book())
        assert understood is None
        assert problems


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    text = "\ufeff09:00:00 visit.arrived V1\r\n09:00:30 visit.greeted V1\r\n    met greet V1\r\n"
    understood, problems = understand(read_scenario(text.encode(), "s.scenario.txt"), book())
    assert understood is not None
    assert [problem.level for problem in problems] == ["lint"]


def test_a_rule_file_in_a_head_needs_neither_version_nor_set() -> None:
    one = "{id: a, title: A, of: visit, measure: {from: arrived, to: greeted}, promise: {within: 1m}}"
    for head in ("", "version: 1\n", "version: 1\nset: mine\n"):
        scenario = read_scenario(f"{head}standards:\n  - {one}\n09:00:00 tick\n".encode(), "s.scenario.txt")
        assert scenario.inline is not None
        loaded = load_rules([("s.scenario.txt", scenario.inline)])
        assert loaded.book is not None
        assert loaded.book.files[0].set == ("mine" if "set" in head else "scenario")
