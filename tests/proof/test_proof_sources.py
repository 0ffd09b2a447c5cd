"""When a verdict may be spoken: watermarks, gaps, silence, late readings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from standardsd.core.judge import JudgeSettings
from standardsd.model.decision import Amendment, CaseDecision
from standardsd.model.source import Source
from tests.judge.scenario import instant
from tests.proof.told import PATIENT, decisions, last_words, rules, tell

BREACHED = "breached greet V at 09:01:00 due 09:01:00"

# how far the watermark came, whether the breach is spoken
MARKS = [("09:00:59.999999", []), ("09:01:00", [BREACHED]), ("09:01:00.000001", [BREACHED])]


@pytest.mark.parametrize(("mark", "said"), MARKS)
def test_a_breach_is_spoken_when_the_watermark_has_reached_its_instant(mark: str, said: list[str]) -> None:
    assert tell(rules(), f"09:00:00 visit.arrived V\n09:05:00 watermark desk at={mark}") == said


@pytest.mark.parametrize(("mark", "said"), MARKS)
def test_also_when_a_later_end_is_known_already(mark: str, said: list[str]) -> None:
    story = f"09:00:00 visit.arrived V\n09:04:00 visit.greeted V\n09:05:00 watermark desk at={mark}"
    assert tell(rules(), story)[:1] == said


def test_no_time_alone_makes_a_breach() -> None:
    assert tell(rules(), "09:00:00 visit.arrived V\n2026-03-05 09:00:00 tick") == []


@pytest.mark.parametrize(
    ("policy", "at"), [("exclude", "09:00:30"), ("keep", "09:00:30"), ("void", "09:00:30")]
)
def test_met_and_excluded_are_spoken_at_once(policy: str, at: str) -> None:
    assert len(tell(rules(if_left=policy), f"09:00:00 visit.arrived V\n{at} visit.left V")) == 1
    assert len(tell(rules(), f"09:00:00 visit.arrived V\n{at} visit.greeted V")) == 1


def source(name: str, yields: str = "", site: str = "") -> Source:
    events = {"visit": tuple(yields.split())} if yields else None
    return Source(name, events, {"site": site} if site else {}, max_silence=PATIENT)


# sources, whose watermarks come, whether the breach at site north is spoken
WAITED_FOR = [
    ([source("desk"), source("cam")], ["desk"], False),
    ([source("desk"), source("cam")], ["desk", "cam"], True),
    ([source("desk"), source("door", "arrived")], ["desk"], True),  # cannot say the end
    ([source("desk"), source("door", "arrived greeted")], ["desk"], False),
    ([source("desk"), source("cam", "greeted", "south")], ["desk"], True),  # speaks for another site
    ([source("desk"), source("cam", "greeted", "north")], ["desk"], False),
    ([source("desk"), source("cam", "left finished")], ["desk"], True),  # endings are not the end event
    ([source("desk"), source("other")], ["other"], False),
]


@pytest.mark.parametrize(("sources", "marks", "spoken"), WAITED_FOR)
def test_every_source_that_can_say_the_end_for_these_labels_is_waited_for(
    sources: list[Source], marks: list[str], spoken: bool
) -> None:
    story = f"09:00:00 visit.arrived V site=north\n09:05:00 watermark {' '.join(marks)}"
    assert tell(rules(), story, sources=sources) == ([BREACHED] if spoken else [])


def test_the_end_of_a_stay_can_be_said_by_any_ending() -> None:
    book = rules(measure="{time_in: waiting, each: true}")
    sources = [source("desk", "arrived greeted"), source("gate", "left")]
    story = "09:00:00 visit.arrived V\n09:05:00 watermark desk"
    assert tell(book, story, sources=sources) == []
    assert tell(book, story + " gate", sources=sources) == [BREACHED]


def test_a_source_without_a_watermark_holds_back_every_breach() -> None:
    story = "09:00:00 visit.arrived V\n09:05:00 watermark desk\n2026-03-06 09:00:00 watermark desk"
    assert tell(rules(), story, sources=[source("desk"), source("mute")]) == []


@pytest.mark.parametrize(("slower", "said"), MARKS)
def test_of_several_sources_the_slowest_counts(slower: str, said: list[str]) -> None:
    sources = [source("desk"), source("cam")]
    story = f"09:00:00 visit.arrived V\n09:05:00 watermark desk\n09:05:00 watermark cam at={slower}"
    assert tell(rules(), story, sources=sources) == said
    looked_at_again = story + "\n09:05:01 visit.updated V site=a"
    assert tell(rules(), looked_at_again, sources=sources) == said


def test_a_watermark_never_falls() -> None:
    story = "09:00:30 watermark\n09:00:40 watermark desk at=08:00:00\n09:00:50 visit.arrived V at=08:59:20"
    assert tell(rules(), story) == ["breached greet V at 09:00:20 due 09:00:20"]


# -- gaps ----------------------------------------------------------------------------------------------

GAPS = [
    # a gap, what comes after it, the word that stands once the watermark is far beyond
    ("09:00:30 09:02:00", "", "excluded (unseen) at 09:02:00 due 09:01:00"),
    (
        "09:01:00 09:02:00",
        "",
        "excluded (unseen) at 09:02:00 due 09:01:00",
    ),  # at due an end would have been in time
    ("09:01:00.000001 09:02:00", "", "breached at 09:01:00 due 09:01:00"),
    ("08:50:00 09:00:00", "", "breached at 09:01:00 due 09:01:00"),  # over before it began
    ("08:50:00 09:00:00.000001", "", "excluded (unseen) at 09:00:00.000001 due 09:01:00"),
    ("09:00:10 09:00:20", "09:00:30 visit.greeted V", "met at 09:00:30 due 09:01:00"),
    # shown afterwards, exactly at its end or later: nothing ended inside
    ("09:00:30 09:02:00", "09:02:00 visit.updated V", "breached at 09:01:00 due 09:01:00"),
    ("09:00:30 09:02:00", "09:01:59.999999 visit.updated V", "excluded (unseen) at 09:02:00 due 09:01:00"),
    ("09:00:30 09:02:00", "09:05:00 visit.greeted V", "breached at 09:01:00 due 09:01:00"),
    # an end that is only known to lie in the gap
    (
        "09:00:30 09:02:00",
        "09:02:00 visit.greeted V not_before=09:00:30",
        "indeterminate at 09:02:00 due 09:01:00",
    ),
    ("09:00:10 09:00:50", "09:00:50 visit.greeted V not_before=09:00:10", "met at 09:00:50 due 09:01:00"),
]


@pytest.mark.parametrize(("gap", "later", "word"), GAPS)
def test_what_a_gap_hides_is_neither_kept_nor_broken(gap: str, later: str, word: str) -> None:
    story = f"09:00:00 visit.arrived V\n09:10:00 gap {gap}"
    if later:
        at, what = later.split(" ", 1)
        story += f"\n09:10:01 {what} at={at}"
    assert last_words(rules(), story + "\n09:11:00 watermark") == {"V": word}


def test_while_a_gap_is_not_over_nothing_is_spoken() -> None:
    story = (
        "09:00:00 visit.arrived V\n09:02:00 gap 09:00:30 09:02:00\n09:03:00 watermark desk at=09:01:59.999999"
    )
    assert tell(rules(), story) == []
    assert tell(rules(), story + "\n09:03:01 watermark desk at=09:02:00") == [
        "excluded (unseen) greet V at 09:02:00 due 09:01:00"
    ]


def test_a_gap_of_a_source_that_cannot_say_the_end_hides_nothing() -> None:
    sources = [source("desk"), source("door", "arrived")]
    story = "09:00:00 visit.arrived V\n09:02:00 gap 09:00:30 09:02:00 door\n09:03:00 watermark desk"
    assert tell(rules(), story, sources=sources) == [BREACHED]


# -- uncertainty ---------------------------------------------------------------------------------------

UNCERTAIN = [
    # promise, (not_before, at] of the greeting, the word
    ("within", "09:00:30", "09:01:00", "met at 09:01:00 due 09:01:00"),
    ("within", "09:00:30", "09:01:00.000001", "indeterminate at 09:01:00.000001 due 09:01:00"),
    ("within", "09:00:59.999999", "09:02:00", "indeterminate at 09:02:00 due 09:01:00"),
    ("within", "09:01:00", "09:02:00", "breached at 09:01:00 due 09:01:00"),  # not_before itself is out
    ("under", "09:00:30", "09:00:59.999999", "met at 09:00:59.999999 due 09:01:00"),
    ("under", "09:00:30", "09:01:00", "indeterminate at 09:01:00 due 09:01:00"),
    ("under", "09:00:59.999998", "09:02:00", "indeterminate at 09:02:00 due 09:01:00"),
    ("under", "09:00:59.999999", "09:02:00", "breached at 09:01:00 due 09:01:00"),
]


@pytest.mark.parametrize(("promise", "not_before", "at", "word"), UNCERTAIN)
def test_what_happened_between_two_looks_is_proved_only_where_it_makes_no_difference(
    promise: str, not_before: str, at: str, word: str
) -> None:
    story = f"09:00:00 visit.arrived V\n{at} visit.greeted V not_before={not_before}\n09:05:00 watermark"
    assert last_words(rules(promise=f"{{{promise}: 60s}}"), story) == {"V": word}


# -- late readings -------------------------------------------------------------------------------------


def test_any_change_of_what_was_said_is_an_amendment_and_the_last_line_is_the_truth() -> None:
    story = """
        09:00:00 visit.arrived V site=a
        09:01:00 watermark
        09:10:00 visit.updated V at=09:00:30 site=b
        09:11:00 visit.arrived V at=08:59:00
        09:12:00 visit.left V at=08:59:30
        09:13:00 visit.greeted V at=08:59:10
        09:14:00 retract visit V
    """
    said = tell(rules(), story)
    assert said == [
        "breached greet V at 09:01:00 due 09:01:00",
        "amended breached to breached greet V at 09:01:00 due 09:01:00",  # its labels
        "amended breached to breached greet V at 09:00:00 due 09:00:00",  # its start, due and instant
        "amended breached to excluded (left) greet V at 08:59:30 due 09:00:00",
        "amended excluded to met greet V at 08:59:10 due 09:00:00 measured 10s",
        "amended met to nothing greet V at 08:59:10 due 09:00:00",
    ]


# keys, what is told in time, what is told late, what that alone changes
LEFT = "09:00:00 visit.arrived V site=a\n09:00:30 visit.left V"
CLOSED = "09:00:00 ticket.opened V\n09:00:30 ticket.closed V"
TICKET = {"of": "ticket", "measure": "{from: opened, to: replied}", "pause_while": "pending"}
CALENDAR = 'version: 1\nset: h\ncalendars: {day: {timezone: UTC, weekly: {mon: ["09:30-18:00"]}}}\n'
CLOSED_YET = {"head": CALENDAR, "clock": "day", "promise": "{within: 1h}"}  # due an hour after the opening
ALONE = [
    ({}, LEFT, "visit.diverted V at=09:00:30", "reason"),  # of two endings at once the first by name
    ({}, LEFT, "visit.left V at=09:00:20", "at"),
    ({}, LEFT, "visit.updated V at=09:00:10 site=b", "labels"),
    (CLOSED_YET, LEFT, "visit.arrived V at=08:59:00", "start"),
    (TICKET, CLOSED, "ticket.pended V at=09:00:25\n09:10:01 ticket.unpended V at=09:00:28", "due"),
    ({}, LEFT, "visit.updated V at=09:00:10", None),
    ({}, LEFT, "visit.updated V at=09:00:31 site=b", None),
]


@pytest.mark.parametrize(("keys", "told", "late", "changed"), ALONE)
def test_each_of_reason_at_start_due_and_labels_alone_is_worth_an_amendment(
    keys: dict[str, str], told: str, late: str, changed: str | None
) -> None:
    first, *later = [
        one for one in decisions(rules(**keys), f"{told}\n09:10:00 {late}") if isinstance(one, CaseDecision)
    ]
    if changed is None:
        assert later == []
        return
    fields = ("verdict", "reason", "at", "start", "due", "end", "measured", "limit", "labels")
    was, now = ({name: getattr(one, name) for name in fields} for one in (first, later[-1]))
    assert isinstance(later[-1], Amendment)
    assert {name for name in fields if was[name] != now[name]} == {changed}


ACCEPTED = [
    # minutes before the watermark of 12:00, whether it is taken
    ("11:50:00", True),
    ("11:49:59.999999", False),
]


@pytest.mark.parametrize(("at", "taken"), ACCEPTED)
def test_a_reading_older_than_accept_late_before_the_watermark_is_refused(at: str, taken: bool) -> None:
    settings = JudgeSettings(accept_late=timedelta(minutes=10))
    story = f"12:00:00 watermark\n13:00:00 visit.arrived V at={at}\n13:00:01 visit.greeted V at=11:51:30"
    said = tell(rules(promise="{within: 5m}"), story, settings=settings)
    assert any("met greet V" in line for line in said) is taken
    assert ("refused too_late from desk at 13:00:00" in said) is not taken


def test_accept_late_is_seven_days_where_nobody_says() -> None:
    assert JudgeSettings().accept_late == timedelta(days=7)


FIRST_START = [
    # when it was greeted and finished before judging began at 09:00, the word
    ("08:59:59.999999", {}),
    ("09:00:00", {"V": "met at 08:50:30 due 08:51:00"}),  # ended exactly then
]


@pytest.mark.parametrize(("finished", "words"), FIRST_START)
def test_what_ended_before_judging_began_is_recorded_and_not_judged(
    finished: str, words: dict[str, str]
) -> None:
    settings = JudgeSettings(judge_from=instant("09:00:00"))
    story = f"""
        09:00:10 visit.arrived V at=08:50:00
        09:00:11 visit.greeted V at=08:50:30
        09:00:12 visit.finished V at={finished}
    """
    assert last_words(rules(), story, settings=settings) == words


# -- silence -------------------------------------------------------------------------------------------

SILENCE = [("09:15:00", []), ("09:15:00.000001", ["source desk dark at 09:15:00.000001"])]


@pytest.mark.parametrize(("looked", "said"), SILENCE)
def test_a_source_is_dark_when_it_was_heard_of_longer_ago_than_15_minutes(
    looked: str, said: list[str]
) -> None:
    assert tell(rules(), f"09:00:00 visit.arrived V\n{looked} tick", sources=[Source("desk")]) == said


def test_a_watermark_is_a_sign_of_life_and_a_dark_source_makes_no_violation() -> None:
    story = "09:00:00 watermark\n09:10:00 watermark\n09:24:00 visit.arrived V\n2026-03-03 09:00:00 tick"
    assert tell(rules(), story, sources=[Source("desk")]) == ["source desk dark at 09:39:00.000001"]
