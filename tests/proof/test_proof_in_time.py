"""Days, versions and second words: in force, waived, reopened, dated targets, and what a hash says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.config import Site
from standardsd.model.decision import CaseDecision, VerdictSpoken
from standardsd.model.reading import Event, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from tests.judge.scenario import instant
from tests.language.test_clocks import SITES, sites
from tests.language.written import file, load, standard
from tests.proof.told import DESK, PATIENT, decisions, last_words, rulebook, rules, standard_text, tell

BERLIN = (
    'version: 1\nset: h\ncalendars: {day: {timezone: Europe/Berlin, weekly: {mon-sun: ["00:00-24:00"]}}}\n'
)

DAYS = [
    # effective, clock, arrival, whether it is judged
    ("{from: 2026-03-03}", "always", "2026-03-02 23:59:59.999999", False),
    ("{from: 2026-03-03}", "always", "2026-03-03 00:00:00", True),
    ("{until: 2026-03-03}", "always", "2026-03-02 23:59:59.999999", True),
    ("{until: 2026-03-03}", "always", "2026-03-03 00:00:00", False),
    ("{from: 2026-03-03}", "day", "2026-03-02 22:59:59.999999", False),  # midnight there is 23:00 UTC
    ("{from: 2026-03-03}", "day", "2026-03-02 23:00:00", True),
    ("{until: 2026-03-03}", "day", "2026-03-02 23:00:00", False),
]


@pytest.mark.parametrize(("effective", "clock", "arrived", "judged"), DAYS)
def test_in_force_by_the_local_day_of_the_start(
    effective: str, clock: str, arrived: str, judged: bool
) -> None:
    book = rules(head=BERLIN, clock=clock, effective=effective)
    story = f"{arrived} visit.arrived V\n2026-03-04 09:00:00 visit.greeted V\n2026-03-04 09:00:00 watermark"
    assert bool(last_words(book, story)) is judged


def test_the_day_is_that_of_the_site_where_no_calendar_says_it() -> None:
    sites = [Site("north", "North", "Europe/Berlin"), Site("west", "West", "America/New_York")]
    book = rules(effective="{from: 2026-03-03}", sites=sites)
    story = """
        2026-03-02 23:00:00 visit.arrived N site=north
        2026-03-02 23:00:00 visit.arrived W site=west
        2026-03-03 05:00:00 visit.arrived X site=west
        2026-03-03 09:00:00 watermark
    """
    assert sorted(last_words(book, story)) == ["N", "X"]


WAIVER = "[{where: {site: north}, from: 2026-03-02, until: 2026-03-03, reason: Moving, approved_by: GM}]"
WAIVED = [
    # site, arrival, what comes, the word
    ("north", "09:00:00", "09:00:30 visit.greeted V", "excluded (waived) at 09:00:30 due 09:01:00"),
    ("north", "09:00:00", "", "excluded (waived) at 09:01:00 due 09:01:00"),
    ("north", "23:59:59", "", "excluded (waived) at 2026-03-03T00:00:59 due 2026-03-03T00:00:59"),
    ("north", "2026-03-03 00:00:00", "", "breached at 2026-03-03T00:01:00 due 2026-03-03T00:01:00"),
    ("south", "09:00:00", "09:00:30 visit.greeted V", "met at 09:00:30 due 09:01:00"),
    ("north", "09:00:00", "09:00:10 visit.left V", "excluded (left) at 09:00:10 due 09:01:00"),
]


@pytest.mark.parametrize(("site", "arrived", "later", "word"), WAIVED)
def test_a_waiver_takes_out_what_began_on_its_days(site: str, arrived: str, later: str, word: str) -> None:
    story = f"{arrived} visit.arrived V site={site}\n{later}\n2026-03-05 09:00:00 watermark"
    assert last_words(rules(waivers=WAIVER), story) == {"V": word}


SOLVED = {"of": "ticket", "measure": "{from: opened, to: solved}"}
REOPENED = [
    # reopen, when it is solved, reopened and solved again, the words that stand
    ("first_only", "09:00:50 09:10:00 09:20:00", {"T": "met at 09:00:50 due 09:01:00"}),
    ("resume", "09:00:50 09:10:00 09:10:10", {"T": "met at 09:10:10 due 09:10:10"}),
    ("resume", "09:00:50 09:10:00 09:10:10.000001", {"T": "breached at 09:10:10 due 09:10:10"}),
    ("resume", "09:00:50 09:10:00", {"T": "breached at 09:10:10 due 09:10:10"}),
    ("resume", "09:01:00.000001 09:10:00 09:10:01", {"T": "breached at 09:01:00 due 09:01:00"}),  # never taken back
    ("new_cycle", "09:00:50 09:10:00 09:11:00",
     {"T": "met at 09:00:50 due 09:01:00", "T#2": "met at 09:11:00 due 09:11:00"}),
    ("new_cycle", "09:01:10 09:10:00 09:11:00.000001",
     {"T": "breached at 09:01:00 due 09:01:00", "T#2": "breached at 09:11:00 due 09:11:00"}),
]  # fmt: skip


@pytest.mark.parametrize(("reopen", "times", "words"), REOPENED)
@pytest.mark.parametrize("backwards", [False, True])
def test_what_a_reopening_does_to_a_verdict(
    reopen: str, times: str, words: dict[str, str], backwards: bool
) -> None:
    events = zip(times.split(), ["solved", "reopened", "solved"], strict=False)
    told = [("09:00:00", "opened"), *events]
    lines = [f"09:30:00 ticket.{name} T at={at}" for at, name in (reversed(told) if backwards else told)]
    story = "\n".join([*lines, "10:00:00 watermark"])
    assert last_words(rules(reopen=reopen, **SOLVED), story) == words


def test_a_resumed_met_is_withdrawn_by_an_amendment() -> None:
    story = "09:00:00 ticket.opened T\n09:00:50 ticket.solved T\n09:10:00 ticket.reopened T"
    assert tell(rules(reopen="resume", **SOLVED), story) == [
        "met greet T at 09:00:50 due 09:01:00 measured 50s",
        "amended met to nothing greet T at 09:00:50 due 09:01:00",
    ]


# -- versions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrived", "limit"),
    [
        ("08:59:59.999999", 60.0),
        ("09:00:00", 10.0),
    ],
)
def test_the_version_in_force_when_the_clock_started_judges(arrived: str, limit: float) -> None:
    old, new = rules(), rules(promise="{within: 10s}")
    judge = Judge(old, DESK, JudgeSettings())
    judge.tick(instant("08:00:00"))
    judge.adopt(new, DESK, instant("09:00:00"))
    heard = [Event("desk", "visit", "V", "arrived", instant(arrived)), Watermark("desk", instant("09:30:00"))]
    (said,) = [one for one in judge.receive(heard, instant("09:30:00")) if isinstance(one, CaseDecision)]
    assert (said.limit, said.rules) == (limit, (old if limit == 60 else new).standards[0].rules)


def test_a_change_of_the_rules_never_judges_the_past_anew() -> None:
    judge = Judge(rules(), DESK, JudgeSettings())
    arrived = Event("desk", "visit", "V", "arrived", instant("09:00:00"))
    judge.receive([arrived, Watermark("desk", instant("09:01:00"))], instant("09:01:00"))
    assert judge.adopt(rules(promise="{within: 10m}"), DESK, instant("09:02:00")) == []
    (final,) = judge.receive(
        [Event("desk", "visit", "V", "greeted", instant("09:03:00"))], instant("09:03:00")
    )
    assert isinstance(final, CaseDecision)
    assert (final.verdict, final.limit) == ("breached", 60.0)


def test_a_late_reading_after_a_change_is_judged_by_the_version_of_its_start() -> None:
    """The visit had left memory; the store brings it back with what was said of it."""
    old, new = rules(), rules(promise="{within: 10s}")
    judge = Judge(old, DESK, JudgeSettings(keep=timedelta(minutes=1)))
    events = [
        Event("desk", "visit", "V", "arrived", instant("09:00:00")),
        Event("desk", "visit", "V", "greeted", instant("09:00:30")),
    ]
    words = [one for one in judge.receive(events, instant("09:00:30")) if isinstance(one, CaseDecision)]
    judge.tick(instant("09:30:00"))
    assert judge.missing(events) == {("visit", "V")}
    judge.adopt(new, DESK, instant("10:00:00"))
    judge.recall("visit", "V", events, words)
    late = Event("desk", "visit", "V", "updated", instant("09:00:10"), labels={"site": "a"})
    (said,) = judge.receive([late], instant("10:05:00"))
    assert isinstance(said, CaseDecision)
    assert (said.verdict, said.limit, said.labels) == ("met", 60.0, {"site": "a"})
    assert said.rules == old.standards[0].rules


def test_an_open_case_keeps_the_opening_hours_it_began_under() -> None:
    def hours(close: str) -> RuleBook:
        text = (
            f'version: 1\nset: h\ncalendars: {{day: {{timezone: UTC, weekly: {{mon: ["09:00-{close}"]}}}}}}\n'
        )
        return rules(head=text, clock="day", promise="{within: 2h}")

    judge = Judge(hours("10:00"), DESK, JudgeSettings())
    judge.receive([Event("desk", "visit", "V", "arrived", instant("09:30:00"))], instant("09:30:00"))
    judge.adopt(hours("17:00"), DESK, instant("09:40:00"))
    assert judge.next_due("desk") == instant(
        "2026-03-16T09:30:00"
    )  # half an hour of each of three Mondays, and one


EXAMPLES = "    examples: {kept: [09:00:00 arrived, 09:00:01 greeted], broken: [09:00:00 arrived]}\n"

SAME = [
    ("a comment", lambda text: "# checked\n" + text, True),
    ("the same limit in minutes", lambda text: text.replace("60s", "1m"), True),
    ("an example", lambda text: text + EXAMPLES, True),
    ("a default that is written out", lambda text: text + "    if_left: exclude\n", True),
    ("another limit", lambda text: text.replace("60s", "61s"), False),
    ("under for within", lambda text: text.replace("within", "under"), False),
    ("another title", lambda text: text.replace("a minute", "60 seconds"), False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change", "same"), SAME)
def test_a_file_has_a_hash_of_its_bytes_and_one_of_its_meaning(
    what: str, change: Callable[[str], str], same: bool
) -> None:
    one, other = load(file(standard())).book, load(change(file(standard()))).book
    assert one is not None and other is not None
    assert one.files[0].bytes_hash != other.files[0].bytes_hash
    assert (one.files[0].meaning_hash == other.files[0].meaning_hash) is same
    assert one.standards[0].rules == one.files[0].meaning_hash


def test_a_verdict_names_the_meaning_of_its_file() -> None:
    book = rules()
    (said,) = decisions(book, "09:00:00 visit.arrived V\n09:00:01 visit.greeted V")
    assert isinstance(said, VerdictSpoken)
    assert said.rules == book.files[0].meaning_hash
    assert said.rules.startswith("sha256:")


# -- site calendars ------------------------------------------------------------------------------------


def test_a_case_at_a_site_without_a_calendar_is_not_judged() -> None:
    book = rules(clock="site", promise="{within: 1h}", sites=sites(SITES))
    story = """
        2026-03-02 12:00:00 visit.arrived L site=lisbon
        2026-03-02 12:00:00 visit.arrived G site=goa
        2026-03-02 12:00:00 visit.arrived D site=depot
        2026-03-02 12:00:00 visit.arrived N
        2026-03-09 12:00:00 watermark
    """
    assert last_words(book, story) == {
        "L": "breached at 13:00:00 due 13:00:00",
        "G": "breached at 13:00:00 due 13:00:00",
    }


def test_two_standards_judge_the_same_visit_apart() -> None:
    book = rulebook(standard_text(), standard_text(id="sooner", promise="{within: 10s}"))
    sources = [Source("desk", max_silence=PATIENT)]
    assert last_words(
        book, "09:00:00 visit.arrived V\n09:00:30 visit.greeted V\n09:01:00 watermark", sources=sources
    ) == {
        "V": "met at 09:00:30 due 09:01:00",
        "sooner V": "breached at 09:00:10 due 09:00:10",
    }
