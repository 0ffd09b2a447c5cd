"""Feeds of public holidays: what is read of iCalendar, what is refused and where, and that it always ends."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from standardsd.language.feeds import Feed, days_max, named_feeds, read_feed, rules_max
from standardsd.language.ics import bytes_max, events_max
from standardsd.language.words import Wrong
from standardsd.language.yearly import read_rule
from standardsd.model.weeks import LAST_DAY


def feed(*events: str) -> Feed:
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return read_feed(f"BEGIN:VCALENDAR\nVERSION:2.0\n{body}END:VCALENDAR\n".encode(), "days.ics")


def days(*events: str) -> list[str]:
    read = feed(*events)
    assert not read.problems, [problem.render() for problem in read.problems]
    return [day.isoformat() for day in read.days]


SINGLE = [
    # an event, the days it is
    ("DTSTART;VALUE=DATE:20261225", ["2026-12-25"]),
    ("DTSTART:20261225", ["2026-12-25"]),
    ("dtstart;value=date:20261225", ["2026-12-25"]),
    ("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227", ["2026-12-25", "2026-12-26"]),  # its end is not in
    ("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261225", ["2026-12-25"]),
    ("DTSTART;VALUE=DATE:20261225\nDURATION:P2D", ["2026-12-25", "2026-12-26"]),
    ("DTSTART;VALUE=DATE:20260301\nDURATION:P1W", [f"2026-03-0{n}" for n in range(1, 8)]),
    ("DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED", []),
    ("DTSTART;VALUE=DATE:19991231\nDTEND;VALUE=DATE:20000102", ["2000-01-01"]),  # older days are not kept
    ("DTSTART;VALUE=DATE:20261225\nRDATE;VALUE=DATE:20270102,20280103", ["2026-12-25", "2027-01-02", "2028-01-03"]),
    ('DTSTART;X-A="a:b;c";VALUE=DATE:20261225', ["2026-12-25"]),  # a quoted parameter
    ("DTSTART;VALUE=\n DATE:2026\n\t1225", ["2026-12-25"]),  # folded lines
    ("BEGIN:VALARM\nDTSTART:20260101T000000Z\nEND:VALARM\nDTSTART:20261225", ["2026-12-25"]),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), SINGLE)
def test_the_days_of_one_event(event: str, expected: list[str]) -> None:
    assert days(event) == expected


RULES = [
    # first day, rule, the days (the first five of them)
    ("20241225", "FREQ=YEARLY", "2024-12-25 2025-12-25 2026-12-25 2027-12-25 2028-12-25"),
    ("20241225", "FREQ=YEARLY;COUNT=2", "2024-12-25 2025-12-25"),
    ("20241225", "FREQ=YEARLY;UNTIL=20261225", "2024-12-25 2025-12-25 2026-12-25"),
    ("20241225", "FREQ=YEARLY;UNTIL=20261224T235959Z", "2024-12-25 2025-12-25"),
    ("20241225", "FREQ=YEARLY;INTERVAL=2;COUNT=3", "2024-12-25 2026-12-25 2028-12-25"),
    ("20240229", "FREQ=YEARLY;COUNT=3", "2024-02-29 2028-02-29 2032-02-29"),
    ("20241128", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3", "2024-11-28 2025-11-27 2026-11-26"),
    ("20240527", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=3", "2024-05-27 2025-05-26 2026-05-25"),
    ("20241225", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25,26;COUNT=3", "2024-12-25 2024-12-26 2025-12-25"),
    ("20240229", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=3", "2024-02-29 2025-02-28 2026-02-28"),
    ("20241105", "FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=2", "2024-11-05 2025-11-04"),
    ("20241225", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", ""),  # there is no such day
    ("20241225", "FREQ=YEARLY;WKST=MO;COUNT=1", "2024-12-25"),
]


@pytest.mark.parametrize(("first", "rule", "expected"), RULES)
def test_the_days_of_a_yearly_rule(first: str, rule: str, expected: str) -> None:
    assert days(f"DTSTART;VALUE=DATE:{first}\nRRULE:{rule}")[:5] == expected.split()


def test_exceptions_and_moved_days() -> None:
    assert days(
        "UID:a\nDTSTART:20241225\nRRULE:FREQ=YEARLY;COUNT=4\nEXDATE;VALUE=DATE:20251225",
        "UID:a\nRECURRENCE-ID;VALUE=DATE:20261225\nDTSTART:20261228",
    ) == ["2024-12-25", "2026-12-28", "2027-12-25"]


NUMBERS = st.lists(st.integers(-31, 31).filter(bool), min_size=1, max_size=4, unique=True)
DAYS = st.sampled_from(["MO", "WE", "SA"])
ORDINALS = st.tuples(st.sampled_from(["1", "2", "-1", "4", "5"]), DAYS).map("".join)
WEEKDAYS = st.one_of(  # dateutil takes "MO,1WE" for Mondays that are first Wednesdays; RFC 5545 means both
    st.lists(DAYS, min_size=1, max_size=3, unique=True),
    st.lists(ORDINALS, min_size=1, max_size=3, unique=True),
)


@given(
    st.dates(date(1990, 1, 1), date(2050, 12, 31)),
    st.integers(1, 4),
    st.lists(st.integers(1, 12), max_size=3, unique=True),
    st.one_of(st.just([]), NUMBERS),
    st.one_of(st.just([]), WEEKDAYS),
    st.one_of(st.none(), st.integers(1, 30)),
)
def test_a_yearly_rule_means_what_dateutil_makes_of_it(
    first: date, interval: int, months: list[int], numbers: list[int], weekdays: list[str], count: int | None
) -> None:
    parts = ["FREQ=YEARLY", f"INTERVAL={interval}"]
    parts += [f"BYMONTH={','.join(map(str, months))}"] if months else []
    parts += [f"BYMONTHDAY={','.join(map(str, numbers))}"] if numbers else []
    if numbers:  # the fourth Monday that is a first of the month never comes
        weekdays = sorted({weekday[-2:] for weekday in weekdays})
    parts += [f"BYDAY={','.join(weekdays)}"] if weekdays else []
    parts += [f"COUNT={count}"] if count else []
    rule = ";".join(parts)
    begin = datetime(first.year, first.month, first.day)
    theirs = []
    for day in rrulestr(rule, dtstart=begin) if _ever(months, numbers) else ():
        if day.date() > LAST_DAY or len(theirs) == 40:
            break
        theirs.append(day.date())
    assert list(read_rule(rule).days(first))[:40] == theirs


def _ever(months: list[int], numbers: list[int]) -> bool:
    """dateutil looks for a day that never comes until the year 9999; we need not wait for it."""
    lengths = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}
    return not numbers or any(abs(n) <= lengths.get(m, 31) for m in months or range(1, 13) for n in numbers)


REFUSED = [
    # an event, line of the feed, part of the message; the event begins in line 3
    ("DTSTART:20261225T090000Z", 4, "DTSTART has a time of day"),
    ("DTSTART;TZID=Europe/Berlin:20261225T000000", 4, "DTSTART has a time of day"),
    ("DTSTART:20261225\nDTEND:20261226T120000", 5, "DTEND has a time of day"),
    ("DTSTART:20261225\nEXDATE:20271225T000000Z", 5, "EXDATE has a time of day"),
    ("DTSTART:20261225\nRDATE;VALUE=PERIOD:20271225T000000Z/PT1H", 5, "RDATE has a time of day"),
    ("SUMMARY:Christmas", 3, "an event has no DTSTART"),
    ("DTSTART:20261325", 4, "'20261325' is not a day"),
    ("DTSTART:25.12.2026", 4, "'25.12.2026' is not a day"),
    ("DTSTART:20261225\nDURATION:PT8H", 5, "is no number of whole days"),
    (f"DTSTART:20261225\nDURATION:P{days_max + 1}D", 5, f"an event of {days_max + 1} days"),
    ("DTSTART:20261225\nDTEND:20291225", 5, "an event of 1096 days"),
    ("DTSTART:20261225\nRRULE:FREQ=HOURLY", 5, "this rule is finer than days"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYHOUR=8", 5, "this rule is finer than days"),
    ("DTSTART:20261225\nRRULE:FREQ=SECONDLY;COUNT=1", 5, "this rule is finer than days"),
    ("DTSTART:20261225\nRRULE:FREQ=WEEKLY", 5, "this repeats weekly, and holidays repeat yearly"),
    ("DTSTART:20261225\nRRULE:COUNT=3", 5, "this rule has no FREQ"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYWEEKNO=1", 5, "the part 'BYWEEKNO' of a rule is not read"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYSETPOS=-1", 5, "the part 'BYSETPOS' of a rule is not read"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYMONTH=13", 5, "are not numbers from 1 to 12"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYMONTHDAY=0", 5, "are not numbers from -31 to 31"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;BYDAY=6MO;BYMONTH=1", 5, "are not weekdays"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=0", 5, "is not a number of times"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=2;UNTIL=20300101", 5, "a rule has COUNT and UNTIL"),
    ("DTSTART:20261225\nRRULE:FREQ=YEARLY;FREQ=DAILY", 5, "is no part of a rule"),
    ("DTSTART:16001225\nRRULE:FREQ=YEARLY", 4, "a rule that repeats since 1600"),
    ("DTSTART:20261225\nno property", 5, "this line is not written as NAME:VALUE"),
]


@pytest.mark.parametrize(("event", "line", "told"), REFUSED, ids=[event for event, *_ in REFUSED])
def test_what_is_no_holiday_is_refused_with_its_line(event: str, line: int, told: str) -> None:
    read = feed(event)
    [problem] = read.problems
    assert told in problem.text
    assert (problem.path, problem.line) == ("days.ics", line), problem.render()
    assert problem.fix
    assert problem.source == (["BEGIN:VEVENT", *event.split("\n")])[line - 3]


CALENDAR = b"BEGIN:VCALENDAR\n"
REPEATED = b"BEGIN:VEVENT\nDTSTART:20200101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"

WHOLE = [
    # a file, line, part of the message
    (b"", 1, "this is no calendar feed"),
    (b"<html>", 1, "this is no calendar feed"),
    (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\n", 3, "the feed breaks off: VEVENT has no end"),
    (b"BEGIN:VCALENDAR\nEND:VEVENT\n", 2, "this ends what was not begun"),
    (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 20, 9, "nests deeper than 8"),
    (b"BEGIN:VCALENDAR\n" + b"x" * bytes_max, 1, "the feed has 4194320 bytes"),
    (CALENDAR + b"BEGIN:VEVENT\nEND:VEVENT\n" * (events_max + 1), 2 * events_max + 2, "more than 20000 events"),
    (CALENDAR + REPEATED * (rules_max + 1) + b"END:VCALENDAR", 4 * rules_max + 2, "more than 1000 rules"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "told"), WHOLE, ids=[told for _, _, told in WHOLE])
def test_what_is_no_feed_is_refused(text: bytes, line: int, told: str) -> None:
    wrong = [problem for problem in read_feed(text, "f.ics").problems if told in problem.text]
    assert [problem.line for problem in wrong] == [line]


# --- which days are public holidays ----------------------------------------------------------------------

PUBLIC = "SUMMARY:Christmas\nDTSTART:20261225\nDESCRIPTION:Public holiday"
OBSERVED = (
    "SUMMARY:St Martin\\, and more\nDTSTART:20261111\nDESCRIPTION:Observance\\nTo hide them\\, go to settings"
)
REGIONAL = "SUMMARY:Epiphany\nDTSTART:20260106\nDESCRIPTION:Public holiday in Bavaria\\, Saxony-Anhalt"
SILENT = "SUMMARY:Founders\nDTSTART:20260301"
CATEGORY = "SUMMARY:May Day\nDTSTART:20260501\nCATEGORIES:Holidays,Public Holiday"
SEASON = "SUMMARY:Autumn\nDTSTART:20260923\nCATEGORIES:SEASON"

MIXED = [
    # events, the days that count, what is left out
    ((PUBLIC, OBSERVED), ["2026-12-25"], ("St Martin, and more",)),
    ((PUBLIC, SILENT), ["2026-12-25"], ("Founders",)),  # where some are said to be one, the silent are none
    ((SILENT,), ["2026-03-01"], ()),  # a house's own feed
    ((SILENT, OBSERVED), ["2026-03-01"], ("St Martin, and more",)),
    ((PUBLIC, REGIONAL), ["2026-12-25"], ("Epiphany",)),  # of some regions only
    ((CATEGORY, SEASON, PUBLIC), ["2026-05-01", "2026-12-25"], ("Autumn",)),
    ((OBSERVED, OBSERVED), [], ("St Martin, and more",)),
]


@pytest.mark.parametrize(("events", "counted", "left_out"), MIXED)
def test_only_public_holidays_count(
    events: tuple[str, ...], counted: list[str], left_out: tuple[str, ...]
) -> None:
    assert days(*events) == counted
    assert feed(*events).left_out == left_out


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=\n DATE:20261225\nEND:VEVENT\nEND:VCALENDAR\n"
    for ends in ("\n", "\r\n", "\r"):
        assert read_feed(text.replace("\n", ends).encode(), "f.ics").days == (date(2026, 12, 25),)
    assert read_feed(b"\xef\xbb\xbf" + text.encode(), "f.ics").days == (date(2026, 12, 25),)


LINES = (
    "BEGIN:VEVENT", "END:VEVENT", "DTSTART:20261225", "RRULE:FREQ=YEARLY", " x", ":", "A;B=C:D", "RRULE:", "EXDATE:,",
    "DTEND:", "\udcff", "",
)  # fmt: skip


@given(st.lists(st.sampled_from(LINES)))
def test_any_lines_are_a_feed_or_told(lines: list[str]) -> None:
    text = "\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"]).encode("utf-8", "surrogateescape")
    read = read_feed(text, "f.ics")
    assert all(problem.line <= len(lines) + 2 for problem in read.problems)


def test_a_rule_of_no_shape_at_all_is_wrong() -> None:
    for text in ("", ";", "FREQ", "FREQ=", "=", "FREQ=YEARLY;", "FREQ=YEARLY;UNTIL=tomorrow"):
        with pytest.raises(Wrong):
            read_rule(text)


def test_the_feeds_that_files_name_are_found() -> None:
    one, other = b"holidays: {ics: a.ics}", b"holidays: {ics: 'https://b/c.ics'}"
    rules = b"calendars: {a: {%s}, b: {%s}, c: {%s}}" % (one, other, one)
    config = b"sites: {inn: {calendar: {holidays: {ics: inn.ics}}}}"
    assert named_feeds("r.yaml", rules) == ("a.ics", "https://b/c.ics")
    assert named_feeds("c.yaml", config) == ("inn.ics",)
    assert named_feeds("r.yaml", b"title: all about topics") == ()
    assert named_feeds("r.yaml", b"[ics") == ()
    assert named_feeds("r.yaml", b"holidays: {ics: [a]}") == ()
