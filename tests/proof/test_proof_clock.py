"""Time as rules write it: calendars, pauses, due at closing, open days and wall times, from the file to the verdict."""

from __future__ import annotations

import pytest

from standardsd.model.decision import CaseDecision
from tests.judge.scenario import clock
from tests.language.written import file, load, standard
from tests.proof.told import decisions, last_words, rules, tell

TICKET = {"of": "ticket", "measure": "{from: opened, to: replied}"}


def head(weekly: str, timezone: str = "UTC", more: str = "") -> str:
    return f"version: 1\nset: house\ncalendars: {{day: {{timezone: {timezone}, weekly: {weekly}{more}}}}}\n"


OFFICE = head('{mon-fri: ["09:00-17:00"]}')

# Mondays and Tuesdays are open from 9 to 17.  promise, when it is opened and replied, the word
ON_A_CALENDAR = [
    # elapsed counts open time only; the opening instant is in, the closing one out
    ("within: 1h", "2026-03-02 08:00:00", "2026-03-02 10:00:00", "met at 10:00:00 due 10:00:00"),
    ("within: 1h", "2026-03-02 08:00:00", "2026-03-02 10:00:00.000001", "breached at 10:00:00 due 10:00:00"),
    ("under: 1h", "2026-03-02 08:00:00", "2026-03-02 10:00:00", "breached at 10:00:00 due 10:00:00"),
    ("within: 1h", "2026-03-02 16:30:00", "2026-03-03 09:30:00",
     "met at 2026-03-03T09:30:00 due 2026-03-03T09:30:00"),
    # due at closing time is due at closing time: the next morning is too late, though no open time has passed
    ("within: 1h", "2026-03-02 16:00:00", "2026-03-02 17:00:00", "met at 17:00:00 due 17:00:00"),
    ("within: 1h", "2026-03-02 16:00:00", "2026-03-03 08:00:00", "breached at 17:00:00 due 17:00:00"),
    ("under: 1h", "2026-03-02 16:00:00", "2026-03-02 17:00:00", "breached at 17:00:00 due 17:00:00"),
    # over the weekend
    ("within: 8h", "2026-03-06 12:00:00", "2026-03-09 12:00:00",
     "met at 2026-03-09T12:00:00 due 2026-03-09T12:00:00"),
    # a limit of 0 is used up at the start itself, open or not
    ("within: 0s", "2026-03-02 20:00:00", "2026-03-02 20:00:00", "met at 20:00:00 due 20:00:00"),
    ("within: 0s", "2026-03-02 20:00:00", "2026-03-02 20:00:00.000001", "breached at 20:00:00 due 20:00:00"),
    # the close of the n-th open day after the day of the start
    ("within: 1bd", "2026-03-02 03:00:00", "2026-03-03 17:00:00",
     "met at 2026-03-03T17:00:00 due 2026-03-03T17:00:00"),
    ("within: 1bd", "2026-03-02 23:00:00", "2026-03-03 17:00:00.000001",
     "breached at 2026-03-03T17:00:00 due 2026-03-03T17:00:00"),
    ("within: 5bd", "2026-03-04 10:00:00", "2026-03-11 17:00:00",
     "met at 2026-03-11T17:00:00 due 2026-03-11T17:00:00"),
    ("under: 1bd", "2026-03-06 10:00:00", "2026-03-09 17:00:00",
     "breached at 2026-03-09T17:00:00 due 2026-03-09T17:00:00"),
    # a wall time of the day of the start, or if past of the next
    ('until: "14:00"', "2026-03-02 13:59:59", "2026-03-02 14:00:00", "met at 14:00:00 due 14:00:00"),
    ('until: "14:00"', "2026-03-02 14:00:00", "2026-03-02 14:00:00.000001", "breached at 14:00:00 due 14:00:00"),
    ('until: "14:00"', "2026-03-02 14:00:00.000001", "2026-03-03 14:00:00",
     "met at 2026-03-03T14:00:00 due 2026-03-03T14:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("promise", "opened", "replied", "word"), ON_A_CALENDAR)
def test_only_open_time_counts_and_due_is_when_it_is_used_up(
    promise: str, opened: str, replied: str, word: str
) -> None:
    book = rules(head=OFFICE, clock="day", promise=f"{{{promise}}}", **TICKET)
    story = f"{opened} ticket.opened T\n{replied} ticket.replied T\n2026-03-20 09:00:00 watermark"
    assert last_words(book, story) == {"T": word}


# weekly, zone, more, when it is opened, an hour of the calendar later
AN_HOUR = [
    # Europe/Berlin goes from 02:00 to 03:00 on 2026-03-29 and back at 03:00 on 2026-10-25
    ('{sun: ["01:30-04:00"]}', "Europe/Berlin", "", "2026-03-29 00:00:00", "2026-03-29T01:30:00"),
    ('{sun: ["02:30-05:00"]}', "Europe/Berlin", "", "2026-03-29 00:00:00", "2026-03-29T02:30:00"),  # moved to 03:30
    ('{sun: ["02:15-02:45"], mon: ["09:00-10:00"]}', "Europe/Berlin", "", "2026-03-29 00:00:00",
     "2026-03-30T07:30:00"),  # both moved by the gap: 03:15 to 03:45, half an hour
    ('{sun: ["02:00-05:00"]}', "Europe/Berlin", "", "2026-10-24 23:00:00", "2026-10-25T01:00:00"),  # the first 02:00
    ('{sun: ["00:00-24:00"]}', "Europe/Berlin", "", "2026-03-28 12:00:00", "2026-03-29T00:00:00"),
    # a night belongs to the day on which it starts
    ('{fri: ["22:00-06:00"]}', "UTC", "", "2026-03-06 00:00:00", "2026-03-06T23:00:00"),
    ('{fri: ["22:00-06:00"]}', "UTC", "", "2026-03-07 05:30:00", "2026-03-13T22:30:00"),
    ('{fri: ["22:00-06:00"]}', "UTC", ", closed: [2026-03-06]", "2026-03-06 00:00:00", "2026-03-13T23:00:00"),
    ('{fri: ["22:00-06:00"]}', "UTC", ", closed: [2026-03-07]", "2026-03-06 00:00:00", "2026-03-06T23:00:00"),
    # equal ends open nothing, overlaps merge
    ('{mon: ["09:00-09:00", "10:00-11:00"]}', "UTC", "", "2026-03-02 00:00:00", "11:00:00"),
    ('{mon: ["09:00-09:40", "09:20-09:50", "12:00-13:00"]}', "UTC", "", "2026-03-02 00:00:00", "12:10:00"),
    # instead replaces a day's times, also on a holiday; closed beats it
    ('{mon: ["09:00-17:00"]}', "UTC", ", instead: {2026-03-02: ['11:00-12:00']}", "2026-03-02 00:00:00", "12:00:00"),
    ('{thu: ["09:00-17:00"]}', "UTC", ", holidays: {country: RO}", "2026-01-01 00:00:00", "2026-01-08T10:00:00"),
    ('{thu: ["09:00-17:00"]}', "UTC", ", holidays: {country: RO}, instead: {2026-01-01: ['11:00-12:00']}",
     "2026-01-01 00:00:00", "2026-01-01T12:00:00"),
    ('{mon: ["09:00-17:00"]}', "UTC", ", closed: [2026-03-02], instead: {2026-03-02: ['11:00-12:00']}",
     "2026-03-02 00:00:00", "2026-03-09T10:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("weekly", "zone", "more", "opened", "due"), AN_HOUR)
def test_opening_times_are_wall_times_of_each_date(
    weekly: str, zone: str, more: str, opened: str, due: str
) -> None:
    book = rules(head=head(weekly, zone, more), clock="day", promise="{within: 1h}", **TICKET)
    (said,) = decisions(book, f"{opened} ticket.opened T\n2026-12-20 09:00:00 watermark")
    assert isinstance(said, CaseDecision)
    assert said.due is not None
    assert clock(said.due) == due


@pytest.mark.parametrize(
    ("opened", "hours", "over"),
    [
        ("2026-03-28 12:00:00", 23, "2026-03-29T22:00:00"),
        ("2026-10-24 12:00:00", 25, "2026-10-25T23:00:00"),
        ("2026-10-31 12:00:00", 24, "2026-11-01T23:00:00"),
    ],
)
def test_a_whole_local_day_is_as_long_as_it_is(opened: str, hours: int, over: str) -> None:
    text = head('{sun: ["00:00-24:00"]}', "Europe/Berlin")
    dues = []
    for limit in (f"{hours}h", f"{hours}h0.000001s"):
        book = rules(head=text, clock="day", promise=f"{{within: {limit}}}", **TICKET)
        (said,) = decisions(book, f"{opened} ticket.opened T\n2027-01-02 00:00:00 watermark")
        assert isinstance(said, CaseDecision)
        assert said.due is not None
        dues.append(clock(said.due))
    assert dues[0] == over
    assert dues[1] > over  # the Sunday after


@pytest.mark.parametrize(
    ("promise", "late_from"),
    [
        ("{within: 1h}", "2026-03-03T09:00:00"),
        ("{within: 59m59.999999s}", None),
        ("{within: 1bd}", "2026-03-04T09:00:00"),
    ],
)
def test_late_from_is_the_next_opening_where_due_is_closing_time_and_else_nothing(
    promise: str, late_from: str | None
) -> None:
    book = rules(head=OFFICE, clock="day", promise=promise, **TICKET)
    (said,) = decisions(book, "16:00:00 ticket.opened T\n2026-03-20 09:00:00 watermark")
    assert isinstance(said, CaseDecision)
    assert (None if said.late_from is None else clock(said.late_from)) == late_from


def test_what_never_opens_again_is_never_due() -> None:
    text = head("{}", more=", instead: {2026-03-02: ['09:00-10:00']}")
    book = rules(head=text, clock="day", promise="{within: 2h}", **TICKET)
    story = "09:30:00 ticket.opened T\n2035-01-01 09:00:00 watermark\n2035-01-01 09:00:01 ticket.replied T"
    assert tell(book, story) == ["met greet T at 2035-01-01T09:00:01 measured 1800s"]


def test_measured_time_is_time_of_the_clock() -> None:
    book = rules(head=OFFICE, clock="day", promise="{within: 2h}", **TICKET)
    story = "2026-03-06 16:30:00 ticket.opened T\n2026-03-09 09:15:00 ticket.replied T"
    assert tell(book, story)[0].endswith("measured 2700s")


# -- pauses --------------------------------------------------------------------------------------------

PAUSED = {**TICKET, "pause_while": "[pending]", "promise": "{within: 1m}"}
PAUSES = [
    # what happens after it was opened at 09:00:00, the word that stands
    ("09:00:10 ticket.pended T\n09:10:10 ticket.unpended T\n09:11:00 ticket.replied T", "met at 09:11:00 due 09:11:00"),
    ("09:00:10 ticket.pended T\n09:10:10 ticket.unpended T\n09:11:00.000001 ticket.replied T",
     "breached at 09:11:00 due 09:11:00"),
    ("09:00:10 ticket.pended T\n09:30:00 ticket.replied T", "met at 09:30:00"),  # no due while it runs
    ("09:00:59.999999 ticket.pended T\n09:30:00 ticket.replied T", "met at 09:30:00"),
    ("09:01:00 ticket.pended T\n09:30:00 ticket.replied T", "breached at 09:01:00 due 09:01:00"),  # used up before it
    ("09:00:10 ticket.pended T\n09:00:20 ticket.pended T\n09:00:30 ticket.unpended T\n09:01:20 ticket.replied T",
     "met at 09:01:20 due 09:01:20"),  # entered once
    ("09:00:10 ticket.pended T\n09:00:20 ticket.unpended T\n09:00:40 ticket.pended T\n09:00:50 ticket.unpended T\n"
     "09:01:20 ticket.replied T", "met at 09:01:20 due 09:01:20"),  # both count
]  # fmt: skip


@pytest.mark.parametrize(("later", "word"), PAUSES)
def test_the_clock_stands_still_in_a_paused_state(later: str, word: str) -> None:
    story = f"09:00:00 ticket.opened T\n{later}\n10:00:00 watermark"
    assert last_words(rules(**PAUSED), story) == {"T": word}


TWO_PAUSES = [
    # what happens to a call that was answered at 09:00:00, the word on its transfer within a minute
    ("09:00:10 held, 09:00:20 parked, 09:00:30 resumed, 09:00:40 unparked, 09:01:30 transferred",
     "met at 09:01:30 due 09:01:30"),  # from 10 to 40
    ("09:00:10 held, 09:00:20 parked, 09:00:30 unparked, 09:00:40 resumed, 09:01:30.000001 transferred",
     "breached at 09:01:30 due 09:01:30"),  # the one inside the other
    ("09:00:10 held, 09:00:20 resumed, 09:00:20 parked, 09:00:40 unparked, 09:01:30 transferred",
     "met at 09:01:30 due 09:01:30"),  # one behind the other
    ("09:00:10 held, 09:00:20 parked, 09:20:00 transferred", "met at 09:20:00"),  # neither ends
    ("09:00:10 held, 09:00:20 parked, 09:00:30 unparked, 09:20:00 transferred", "met at 09:20:00"),
]  # fmt: skip


@pytest.mark.parametrize(("later", "word"), TWO_PAUSES)
def test_two_paused_states_may_overlap_and_time_stands_still_once(later: str, word: str) -> None:
    book = rules(
        of="call",
        measure="{from: answered, to: transferred}",
        promise="{within: 1m}",
        pause_while="[on_hold, parked]",
    )
    lines = [f"{at} call.{event} C" for at, event in (one.split() for one in later.split(", "))]
    assert last_words(book, "\n".join(["09:00:00 call.answered C", *lines, "10:00:00 watermark"])) == {
        "C": word
    }


def test_a_pause_outside_opening_hours_takes_nothing_away_twice() -> None:
    book = rules(head=OFFICE, clock="day", **{**PAUSED, "promise": "{within: 2h}"})
    story = """
        2026-03-02 16:00:00 ticket.opened T
        2026-03-02 16:30:00 ticket.pended T
        2026-03-03 09:30:00 ticket.unpended T
        2026-03-03 11:00:00 ticket.replied T
    """
    assert (
        tell(book, story)[-1] == "met greet T at 2026-03-03T11:00:00 due 2026-03-03T11:00:00 measured 7200s"
    )


def test_everything_is_worked_out_from_the_events_whatever_their_order() -> None:
    """The pause is told after the reply, and its end before its begin."""
    story = """
        09:00:00 ticket.opened T
        09:11:00 ticket.replied T
        09:20:00 watermark
        09:21:00 ticket.unpended T at=09:10:10
        09:22:00 ticket.pended T at=09:00:10
    """
    assert last_words(rules(**PAUSED), story) == {"T": "met at 09:11:00 due 09:11:00"}


# -- totals --------------------------------------------------------------------------------------------

TOTALS = [
    # promise, holds of one call within a minute in all, the word at its end 09:10:00
    ("within", "09:00:00-09:00:30 09:01:00-09:01:30", "met at 09:10:00 due 09:01:30"),  # used up exactly at the end
    ("under", "09:00:00-09:00:30 09:01:00-09:01:30", "breached at 09:01:30 due 09:01:30"),
    ("within", "09:00:00-09:01:00 09:02:00-09:02:00", "breached at 09:02:00 due 09:01:00"),  # at the start of a later one
    ("within", "09:00:00-09:01:00 09:02:00-09:02:00!", "breached at 09:02:00 due 09:01:00"),  # however short it is
    ("within", "09:00:00-09:01:00.000001", "breached at 09:01:00 due 09:01:00"),  # the stay goes on
    ("within", "09:00:00-09:00:20 09:09:20-", "met at 09:10:00 due 09:10:00"),  # the call ends exactly there
    ("under", "09:00:00-09:00:20 09:09:20-", "breached at 09:10:00 due 09:10:00"),
    ("within", "09:00:00-09:00:20 09:09:19-", "breached at 09:09:59 due 09:09:59"),
]  # fmt: skip


@pytest.mark.parametrize(("promise", "holds", "word"), TOTALS)
def test_a_total_is_used_up_by_stays_alone(promise: str, holds: str, word: str) -> None:
    book = rules(of="call", measure="{time_in: on_hold}", promise=f"{{{promise}: 60s}}")
    lines = []
    for hold in holds.split():
        begin, end = hold.split("-")
        after = " seq=1" if end.endswith("!") else ""  # a stay of no time: left behind its entry
        lines += [f"{begin} call.held C"] + ([f"{end.rstrip('!')} call.resumed C{after}"] if end else [])
    story = "\n".join([*lines, "09:10:00 call.ended C", "09:20:00 watermark"])
    assert last_words(book, story) == {"C": word}


@pytest.mark.parametrize(
    ("answered", "word"),
    [
        ("09:01:45", "met at 09:05:00 due 09:01:45"),
        ("09:01:45.000001", "breached at 09:01:45 due 09:01:45"),
    ],
)
def test_a_pause_inside_a_stay_is_no_part_of_the_total(answered: str, word: str) -> None:
    book = rules(of="call", measure="{time_in: waiting}", promise="{within: 10s}", pause_while="parked")
    story = f"""
        09:00:00 call.queued C
        09:00:05 call.parked C
        09:01:40 call.unparked C
        {answered} call.answered C
        09:05:00 call.ended C
        10:00:00 watermark
    """
    assert last_words(book, story) == {"C": word}


# -- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("promise", "keys", "loads"),
    [
        ("{within: 2d}", {}, True),  # 24 hours each
        ("{within: 2d}", {"clock": "day"}, False),
        ("{within: 48h}", {"clock": "day"}, True),
        ("{within: 2bd}", {"clock": "day"}, True),
        ("{within: 2bd}", {}, False),
        ('{until: "14:00"}', {"clock": "day"}, True),
        ('{until: "14:00"}', {}, False),  # nobody says in which zone
        ("{within: 2bd}", {"clock": "day", "pause_while": "pending"}, False),
        ('{until: "14:00"}', {"clock": "day", "pause_while": "pending"}, False),
        ("{between: [1m, 2m]}", {"pause_while": "pending"}, False),
        ("{between: [1m, 2m]}", {}, True),
        ("{within: 2h}", {"clock": "site"}, False),  # without a configuration
        ("{within: 2h}", {"clock": "night"}, False),
    ],
)
def test_which_promise_goes_with_which_clock(promise: str, keys: dict[str, str], loads: bool) -> None:
    text = file(standard(promise=promise, **{**TICKET, **keys}), head=OFFICE)
    assert (load(text).book is not None) is loads


@pytest.mark.parametrize(("limit", "seconds"), [("3rings", 9.9), ("1rings", 3.3), ("0.5rings", 1.65)])
def test_a_ring_is_3_3_seconds(limit: str, seconds: float) -> None:
    book = rules(of="call", measure="{from: queued, to: answered}", promise=f"{{within: {limit}}}")
    (said,) = decisions(book, "09:00:00 call.queued C\n09:10:00 watermark")
    assert isinstance(said, CaseDecision)
    assert said.limit == seconds
