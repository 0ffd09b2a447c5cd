"""Where windows begin and end, to the microsecond: rolling, local calendar windows, hours of a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from standardsd.core.instants import instant, micros
from standardsd.core.windows import (
    CalendarFrame,
    ClockFrame,
    RollingFrame,
    clock_frame,
    window_name,
    window_word,
)
from standardsd.language.zones import zone
from standardsd.model.clock import Always, open_hours
from standardsd.model.measure import Calendar, CalendarUnit, Rolling

TICK = timedelta(microseconds=1)
DAY, WEEK, MONTH, QUARTER = CalendarUnit


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# unit, zone, an instant, when its window began, when the next one begins, the window's length in hours
BOUNDARIES = [
    (DAY, "UTC", "2026-03-02T00:00:00", "2026-03-02T00:00", "2026-03-03T00:00", 24),  # the boundary is in
    (DAY, "UTC", "2026-03-01T23:59:59.999999", "2026-03-01T00:00", "2026-03-02T00:00", 24),
    (DAY, "Europe/Berlin", "2026-03-28T22:59:59.999999", "2026-03-27T23:00", "2026-03-28T23:00", 24),
    (DAY, "Europe/Berlin", "2026-03-28T23:00:00", "2026-03-28T23:00", "2026-03-29T22:00", 23),  # clocks go on
    (DAY, "Europe/Berlin", "2026-03-29T21:59:59.999999", "2026-03-28T23:00", "2026-03-29T22:00", 23),
    (DAY, "Europe/Berlin", "2026-10-24T22:00:00", "2026-10-24T22:00", "2026-10-25T23:00", 25),  # and back
    (DAY, "Europe/Berlin", "2026-10-25T22:59:59.999999", "2026-10-24T22:00", "2026-10-25T23:00", 25),
    (DAY, "Australia/Lord_Howe", "2026-04-04T14:00:00", "2026-04-04T13:00", "2026-04-05T13:30", 24.5),
    # Midnight does not exist: the day begins where the gap ends.
    (DAY, "Africa/Cairo", "2026-04-23T22:00:00", "2026-04-23T22:00", "2026-04-24T21:00", 23),
    (DAY, "Africa/Cairo", "2026-04-23T21:59:59.999999", "2026-04-22T22:00", "2026-04-23T22:00", 24),
    # Clocks go back over midnight, from 00:01 to 23:01: the day has begun with its first 00:00, for good.
    (DAY, "America/St_Johns", "2010-11-07T02:29:59.999999", "2010-11-06T02:30", "2010-11-07T02:30", 24),
    (DAY, "America/St_Johns", "2010-11-07T02:30:00", "2010-11-07T02:30", "2010-11-08T03:30", 25),
    (DAY, "America/St_Johns", "2010-11-07T02:45:00", "2010-11-07T02:30", "2010-11-08T03:30", 25),
    # The 30th of December 2011 did not exist there.
    (DAY, "Pacific/Apia", "2011-12-30T09:59:59.999999", "2011-12-29T10:00", "2011-12-30T10:00", 24),
    (DAY, "Pacific/Apia", "2011-12-30T10:00:00", "2011-12-30T10:00", "2011-12-31T10:00", 24),
    (WEEK, "UTC", "2026-03-01T23:59:59.999999", "2026-02-23T00:00", "2026-03-02T00:00", 168),  # Sunday
    (WEEK, "UTC", "2026-03-02T00:00:00", "2026-03-02T00:00", "2026-03-09T00:00", 168),  # Monday
    (WEEK, "Europe/Berlin", "2026-03-29T12:00:00", "2026-03-22T23:00", "2026-03-29T22:00", 167),
    (WEEK, "Europe/Berlin", "2026-12-31T12:00:00", "2026-12-27T23:00", "2027-01-03T23:00", 168),
    (MONTH, "UTC", "2028-02-29T23:59:59.999999", "2028-02-01T00:00", "2028-03-01T00:00", 29 * 24),
    (MONTH, "UTC", "2028-03-01T00:00:00", "2028-03-01T00:00", "2028-04-01T00:00", 31 * 24),
    (
        MONTH,
        "Europe/Berlin",
        "2026-10-31T22:59:59.999999",
        "2026-09-30T22:00",
        "2026-10-31T23:00",
        31 * 24 + 1,
    ),
    (MONTH, "Asia/Kathmandu", "2025-12-31T18:15:00", "2025-12-31T18:15", "2026-01-31T18:15", 31 * 24),
    (QUARTER, "UTC", "2026-03-31T23:59:59.999999", "2026-01-01T00:00", "2026-04-01T00:00", 90 * 24),
    (QUARTER, "UTC", "2026-04-01T00:00:00", "2026-04-01T00:00", "2026-07-01T00:00", 91 * 24),
    (QUARTER, "UTC", "2026-12-31T23:59:59.999999", "2026-10-01T00:00", "2027-01-01T00:00", 92 * 24),
    (QUARTER, "Europe/Berlin", "2026-02-01T00:00:00", "2025-12-31T23:00", "2026-03-31T22:00", 90 * 24 - 1),
]


@pytest.mark.parametrize(("unit", "name", "at", "begin", "end", "hours"), BOUNDARIES)
def test_a_calendar_window_runs_from_its_local_boundary_to_the_next(
    unit: CalendarUnit, name: str, at: str, begin: str, end: str, hours: float
) -> None:
    frame, now = CalendarFrame(unit, zone(name)), micros(utc(at))
    span = frame.span(now)
    assert (instant(span.begin), instant(frame.next)) == (utc(begin), utc(end))
    assert utc(end) - utc(begin) == timedelta(hours=hours)
    assert (span.after, span.to, span.end) == (span.begin - 1, now, now), "the boundary itself is in"
    assert frame.out_at(now, now) == micros(utc(end))


def test_windows_that_have_ended_come_latest_first_and_end_before_the_next_boundary() -> None:
    frame = CalendarFrame(DAY, zone("Europe/Berlin"))
    now = micros(utc("2026-03-30T12:00"))
    found = [(day, instant(s.begin), instant(s.end)) for day, s in frame.ended(now, 3)]
    assert found == [
        (date(2026, 3, 29), utc("2026-03-28T23:00"), utc("2026-03-29T22:00")),
        (date(2026, 3, 28), utc("2026-03-27T23:00"), utc("2026-03-28T23:00")),
        (date(2026, 3, 27), utc("2026-03-26T23:00"), utc("2026-03-27T23:00")),
    ]
    assert all((s.after, s.to) == (s.begin - 1, s.end - 1) for _, s in frame.ended(now, 3))


def test_a_day_that_did_not_exist_is_no_window() -> None:
    frame = CalendarFrame(DAY, zone("Pacific/Apia"))
    ended = frame.ended(micros(utc("2012-01-01T00:00")), 3)
    assert [day for day, _ in ended] == [date(2011, 12, 31), date(2011, 12, 29), date(2011, 12, 28)]


def test_a_calendar_window_moves_on_with_the_clock() -> None:
    """What it worked out for one instant must not be said of another, earlier or later."""
    frame = CalendarFrame(MONTH, zone("UTC"))
    for at in ("2026-03-31T23:59:59.999999", "2026-04-01T00:00", "2026-06-15T00:00", "2026-03-01T00:00"):
        assert instant(frame.span(micros(utc(at))).begin) == utc(at[:8] + "01T00:00")


def test_a_rolling_window_holds_its_end_and_not_its_begin() -> None:
    now = micros(utc("2026-03-02T10:00"))
    span = RollingFrame(timedelta(hours=1)).span(now)
    assert (instant(span.after), instant(span.to)) == (utc("2026-03-02T09:00"), utc("2026-03-02T10:00"))
    assert RollingFrame(timedelta(hours=1)).out_at(now, now) == now + 3_600_000_000


SHOP = open_hours(
    "shop",
    [(utc(f"2026-03-{day:02}T09:00"), utc(f"2026-03-{day:02}T17:00")) for day in range(2, 7)],
)

# now, how many open hours, from when on
CLOCK = [
    ("2026-03-03T10:00", 1, "2026-03-03T09:00"),
    ("2026-03-03T10:00", 2, "2026-03-02T16:00"),  # the night does not count
    ("2026-03-03T09:00", 1, "2026-03-02T16:00"),
    ("2026-03-03T03:00", 1, "2026-03-02T16:00"),  # nor does it move on while the shop is closed
    ("2026-03-04T12:00", 19, "2026-03-02T09:00"),
]


@pytest.mark.parametrize(("now", "hours", "begin"), CLOCK)
def test_hours_of_a_clock_reach_back_over_closed_nights(now: str, hours: int, begin: str) -> None:
    frame = ClockFrame(SHOP, timedelta(hours=hours))
    span = frame.span(micros(utc(now)))
    assert (instant(span.after), instant(span.to)) == (utc(begin), utc(now))


def test_what_happened_at_an_instant_leaves_exactly_when_the_window_has_passed_it() -> None:
    """``out_at`` is never too late, comes to an end, and is exact where it does."""
    frame = ClockFrame(SHOP, timedelta(hours=2))
    for at in ("2026-03-02T16:30", "2026-03-02T16:59:59.999999", "2026-03-02T17:00", "2026-03-02T20:00"):
        us, now, looks = micros(utc(at)), micros(utc("2026-03-02T20:30")), 0
        while frame.span(now).after < us:
            out = frame.out_at(us, now)
            assert out is not None and out > now
            before = frame.span(out - 1)
            assert before.after < us or looks, "it had left before"
            now, looks = out, looks + 1
        assert frame.span(now - 1).after < us <= frame.span(now).after
        assert looks <= 2


def test_without_so_many_open_hours_the_window_holds_everything() -> None:
    frame = ClockFrame(SHOP, timedelta(hours=9))
    assert frame.span(micros(utc("2026-03-02T17:00"))).after < micros(utc("1900-01-01T00:00"))
    assert (
        ClockFrame(SHOP, timedelta(hours=99)).out_at(
            micros(utc("2026-03-06T16:00")), micros(utc("2026-03-20T00:00"))
        )
        is None
    )


def test_a_clock_that_never_stands_has_a_rolling_window() -> None:
    assert isinstance(clock_frame(Always(), timedelta(hours=1)), RollingFrame)
    assert isinstance(clock_frame(SHOP, timedelta(hours=1)), ClockFrame)


@pytest.mark.parametrize(
    ("length", "word"),
    [
        (1800, "30m"),
        (3600, "1h"),
        (86_400, "24h"),
        (172_800, "2d"),
        (259_200, "3d"),
        (90, "90s"),
        (300, "5m"),
    ],
)
def test_a_window_is_called_as_rules_write_it(length: int, word: str) -> None:
    assert window_word(timedelta(seconds=length)) == word
    assert window_name(Rolling(timedelta(seconds=length))) == word
    assert RollingFrame(timedelta(seconds=length)).name == word
    assert window_name(Calendar(QUARTER)) == "quarter"
