"""Opening hours against dates walked one by one, and the laws that elapsed time and due instants obey."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.language.zones import tzdata_version, zone
from standardsd.model.clock import Always, BySite, OpenHours, open_hours
from standardsd.model.weeks import TEN_YEARS
from tests.calendars import desks
from tests.calendars.desks import DAYS, at, desk, open_spans

ZONES = {
    # zone → dates about which its clock changes
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Adelaide": (date(2026, 4, 5), date(2026, 10, 4)),  # half-hour zone
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),  # changes by half an hour
    "America/St_Johns": (date(2006, 4, 2), date(2006, 10, 29)),  # at 00:01
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),  # midnight is missing, or comes twice
    "Asia/Beirut": (date(2026, 3, 29), date(2026, 10, 25)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 30)),
    "America/Asuncion": (date(2023, 3, 26), date(2023, 10, 1)),
    "America/Sao_Paulo": (date(2015, 2, 22), date(2015, 10, 18)),
    "Africa/Casablanca": (date(2026, 2, 15), date(2026, 9, 20)),
    "Pacific/Apia": (date(2011, 12, 30), date(2012, 4, 1)),  # left out a day
    "Pacific/Kwajalein": (date(2026, 1, 1),),
    "Antarctica/Troll": (date(2026, 3, 29), date(2026, 10, 25)),  # changes by two hours
    "Antarctica/Casey": (date(2020, 10, 4), date(2021, 3, 14)),  # changes by three
    "Asia/Kathmandu": (date(2026, 1, 1),),
    "UTC": (date(2026, 1, 1),),
}

TIMES = st.sampled_from([
    "08:00-12:00", "13:00-20:00", "11:00-14:00", "22:00-06:00", "00:00-24:00", "00:00-03:00", "02:00-03:00",
    "02:15-02:45", "01:30-02:30", "23:30-24:00", "23:00-01:00", "00:00-00:30", "00:30-02:15", "05:00-05:00",
    "12:00-12:00", "06:00-05:59",
])  # fmt: skip
WEEKLY = st.dictionaries(
    st.sampled_from(DAYS), st.lists(TIMES, min_size=1, max_size=3, unique=True), max_size=7
)
LIMITS = st.one_of(
    st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(hours=1), timedelta(hours=8)]),
    st.timedeltas(timedelta(0), timedelta(days=8)),
)
DAY = timedelta(days=1)


def moments(day: date) -> st.SearchStrategy[datetime]:
    """Instants within five days of a date: round ones, where edges lie, and any others."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    round_ones = st.integers(-5 * 96, 5 * 96).map(
        lambda quarters: midnight + quarters * timedelta(minutes=15)
    )
    return st.one_of(round_ones, st.timedeltas(-5 * DAY, 5 * DAY).map(lambda by: midnight + by))


@pytest.mark.parametrize("name", ZONES)
def test_only_what_is_open_counts(name: str) -> None:
    """Ten days about a change of the clock: elapsed time, due instants and the next opening, walked date by date."""

    @settings(max_examples=8)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(ZONES[name]))
        weekly = data.draw(WEEKLY)
        closed = data.draw(st.sets(st.integers(-4, 4).map(lambda n: about + n * DAY), max_size=2))
        instead = data.draw(
            st.dictionaries(
                st.integers(-4, 4).map(lambda n: about + n * DAY),
                st.lists(TIMES, max_size=2, unique=True),
                max_size=2,
            )
        )
        hours = desk(
            name,
            {**weekly, "thu": ["09:00-09:01"]},  # so that it opens at all
            closed=sorted(str(day) for day in closed),
            instead={str(day): times for day, times in instead.items()},
        )
        spans = open_spans(
            name,
            {**weekly, "thu": ["09:00-09:01"]},
            about - 20 * DAY,
            about + 120 * DAY,
            closed=closed,
            instead=instead,
        )
        for _ in range(12):
            start, end = data.draw(moments(about)), data.draw(moments(about))
            if start <= end:
                assert hours.elapsed(start, end) == desks.elapsed(spans, start, end)
            limit = data.draw(LIMITS)
            if limit:
                due = desks.due(spans, start, limit)
                if due is not None and due < spans[-1][1]:
                    assert hours.due(start, limit) == due
            closing = any(stop == start for _, stop in spans)
            following = next((a for a, _ in spans if a > start), None)
            assert hours.late_from(start) == (following if closing else None)
            assert hours.is_open(start) == any(a <= start < b for a, b in spans)

    holds()


DESKS = st.sampled_from([
    desk("Europe/Bucharest", {"mon-fri": ["08:00-12:00", "13:00-20:00"]}, holidays={"country": "RO"}),
    desk("Pacific/Apia", {"mon-fri": ["09:00-17:00"], "sat": ["22:00-06:00"]}),
    desk("Australia/Lord_Howe", {"mon-sun": ["00:00-24:00"]}, closed=["2026-04-05"]),
    desk("America/Havana", {"sun": ["00:00-00:30", "22:00-21:59"]}),
    desk("Asia/Kathmandu", {}, instead={"2026-01-01": ["09:00-17:00"], "2031-06-01": ["23:00-01:00"]}),
])  # fmt: skip
INSTANTS = st.one_of(
    st.datetimes(datetime(1999, 1, 1), datetime(2101, 1, 1)),
    st.datetimes(datetime(2025, 12, 1), datetime(2026, 12, 1)),
    st.datetimes(datetime(2011, 12, 25), datetime(2012, 1, 5)),
).map(lambda d: d.replace(tzinfo=UTC))
LENGTHS = st.one_of(LIMITS, st.timedeltas(timedelta(0), timedelta(days=4_000)))
MICRO = timedelta(microseconds=1)


@given(DESKS, INSTANTS, LENGTHS)
def test_the_limit_is_used_up_at_due_and_not_before(
    hours: OpenHours, start: datetime, limit: timedelta
) -> None:
    due = hours.due(start, limit)
    if due is None:
        return
    assert hours.elapsed(start, due) == limit
    assert due >= start
    if limit:
        assert hours.elapsed(start, due - MICRO) < limit


@given(DESKS, INSTANTS, LENGTHS)
def test_began_is_the_last_instant_from_which_so_much_was_open(
    hours: OpenHours, end: datetime, length: timedelta
) -> None:
    began = hours.began(end, length)
    if began is None:
        assert length > hours.elapsed(datetime(1990, 1, 1, tzinfo=UTC), end) or not hours.due(
            began or end, length
        )
        return
    assert hours.elapsed(began, end) == length
    if length:
        assert hours.elapsed(began + MICRO, end) < length
        due = hours.due(began, length)
        assert due is not None
        assert due <= end
        assert hours.elapsed(due, end) == timedelta(0)


@given(DESKS, INSTANTS, INSTANTS, INSTANTS)
def test_elapsed_time_adds_up_and_never_runs_back(
    hours: OpenHours, a: datetime, b: datetime, c: datetime
) -> None:
    assert hours.elapsed(a, b) + hours.elapsed(b, c) == hours.elapsed(a, c)
    assert hours.elapsed(a, b) == -hours.elapsed(b, a)
    if a <= b:
        assert timedelta(0) <= hours.elapsed(a, b) <= b - a


@given(DESKS, INSTANTS, LENGTHS, LENGTHS)
def test_a_longer_limit_is_never_due_earlier(
    hours: OpenHours, start: datetime, one: timedelta, other: timedelta
) -> None:
    first, second = hours.due(start, min(one, other)), hours.due(start, max(one, other))
    if second is not None:
        assert first is not None
        assert first <= second


# --- edges -----------------------------------------------------------------------------------------------

BUDAPEST = desk("Europe/Budapest", {"mon-fri": ["08:00-16:00"]})

EDGES = [
    # start, minutes → due; 08:00 is 07:00Z in winter
    ("2026-03-02T07:00Z", 0, "2026-03-02T07:00Z"),  # nothing to use up
    ("2026-02-28T12:00Z", 0, "2026-02-28T12:00Z"),  # also where it is closed
    ("2026-03-02T06:59Z", 1, "2026-03-02T07:01Z"),  # the opening instant is in
    ("2026-03-02T07:00Z", 480, "2026-03-02T15:00Z"),  # used up at closing time: due at closing time
    ("2026-03-02T15:00Z", 1, "2026-03-03T07:01Z"),  # the closing instant is out
    ("2026-03-06T14:30Z", 60, "2026-03-09T07:30Z"),  # over the weekend
    ("2026-03-27T14:30Z", 60, "2026-03-30T06:30Z"),  # over the change of the clock
]


@pytest.mark.parametrize(("start", "minutes", "due"), EDGES)
def test_due_at_the_edges(start: str, minutes: int, due: str) -> None:
    assert BUDAPEST.due(at(start), timedelta(minutes=minutes)) == at(due)


LATE = [
    ("2026-03-02T15:00Z", "2026-03-03T07:00Z"),  # closing time: the next opening
    ("2026-03-06T15:00Z", "2026-03-09T07:00Z"),
    ("2026-03-02T14:59:59.999999Z", None),  # open
    ("2026-03-02T15:00:00.000001Z", None),  # closed, and no closing time
    ("2026-03-02T07:00Z", None),  # an opening
]


@pytest.mark.parametrize(("due", "late_from"), LATE)
def test_late_from_is_the_opening_after_a_closing_time(due: str, late_from: str | None) -> None:
    assert BUDAPEST.late_from(at(due)) == (None if late_from is None else at(late_from))


DAYS_OF_DST = [
    # zone, date, hours of "00:00-24:00" on that date
    ("Europe/Berlin", "2026-03-29", 23),
    ("Europe/Berlin", "2026-10-25", 25),
    ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ("Asia/Beirut", "2026-03-29", 23),
    ("America/Sao_Paulo", "2015-02-21", 25),  # 23:00 comes twice
    ("Antarctica/Troll", "2026-03-29", 22),
    ("Pacific/Apia", "2011-12-29", 24),
    ("UTC", "2026-03-29", 24),
]


@pytest.mark.parametrize(("name", "day", "hours"), DAYS_OF_DST)
def test_the_whole_day_is_as_long_as_it_is(name: str, day: str, hours: float) -> None:
    clock = desk(name, {}, instead={day: ["00:00-24:00"]})
    [(start, end)] = clock.spans()
    assert end - start == timedelta(hours=hours)


def test_the_day_that_apia_left_out_does_not_open() -> None:
    clock = desk("Pacific/Apia", {"fri": ["09:00-17:00"]})
    opened = [zone("Pacific/Apia").local(start) for start, _ in clock.spans()]
    assert datetime(2011, 12, 23, 9) in opened
    assert datetime(2012, 1, 6, 9) in opened
    assert not [wall for wall in opened if date(2011, 12, 24) <= wall.date() <= date(2012, 1, 5)]


def test_hours_that_never_close_never_come_to_a_closing_time() -> None:
    clock = desk("Europe/Berlin", {"mon-sun": ["00:00-24:00"]})
    assert len(clock.spans()) == 1
    start = at("2026-03-02T10:00Z")
    assert clock.due(start, timedelta(days=100)) == start + timedelta(days=100)
    assert clock.late_from(at("2026-03-02T23:00Z")) is None  # midnight there


def test_touching_times_are_one_and_have_no_closing_time_between() -> None:
    clock = desk(
        "UTC", {"mon": ["08:00-12:00", "12:00-16:00"], "tue": ["22:00-06:00"], "wed": ["06:00-07:00"]}
    )
    assert clock.late_from(at("2026-03-02T12:00Z")) is None
    assert clock.late_from(at("2026-03-04T06:00Z")) is None
    assert clock.late_from(at("2026-03-04T07:00Z")) == at("2026-03-09T08:00Z")


# --- open days -------------------------------------------------------------------------------------------

SHIFTS = desk(
    "Europe/Budapest",
    {"mon-fri": ["08:00-12:00", "13:00-18:00"], "sat": ["22:00-06:00"]},
    closed=["2026-03-04"],
)

OPEN_DAYS = [
    # start, days → close; 18:00 is 17:00Z in winter
    ("2026-03-02T09:00Z", 1, "2026-03-03T17:00Z"),
    ("2026-03-02T23:30Z", 1, "2026-03-05T17:00Z"),  # it is Tuesday there, and Wednesday is closed
    ("2026-03-02T22:59:59Z", 1, "2026-03-03T17:00Z"),  # still Monday
    ("2026-03-03T09:00Z", 1, "2026-03-05T17:00Z"),
    ("2026-03-06T09:00Z", 1, "2026-03-08T05:00Z"),  # Saturday's close is on Sunday morning
    ("2026-03-08T03:00Z", 1, "2026-03-09T17:00Z"),  # on Sunday, while Saturday's interval runs
    ("2026-03-08T12:00Z", 1, "2026-03-09T17:00Z"),  # on a day that is not open
    ("2026-03-02T09:00Z", 5, "2026-03-09T17:00Z"),
    ("2026-03-02T20:00Z", 5, "2026-03-09T17:00Z"),  # after closing: the day of the start is still Monday
    ("2026-03-26T09:00Z", 3, "2026-03-30T16:00Z"),  # summer time has begun
    ("2026-03-02T09:00Z", 0, "2026-03-02T17:00Z"),  # the close of the day itself
    ("2026-03-02T17:00Z", 0, "2026-03-02T17:00Z"),  # exactly at it
    ("2026-03-02T17:00:00.000001Z", 0, "2026-03-03T17:00Z"),  # past it: the next one
    ("2026-03-04T09:00Z", 0, "2026-03-05T17:00Z"),  # closed that day
]


@pytest.mark.parametrize(("start", "days", "close"), OPEN_DAYS)
def test_the_close_of_an_open_day(start: str, days: int, close: str) -> None:
    assert SHIFTS.close_of_open_day(at(start), days) == at(close)


def test_days_that_run_into_each_other_are_still_days() -> None:
    clock = desk("Europe/Berlin", {"mon-sun": ["00:00-24:00"]})
    assert clock.close_of_open_day(at("2026-03-02T10:00Z"), 5) == at("2026-03-07T23:00Z")
    assert Always().close_of_open_day(at("2026-03-02T10:00Z"), 5) is None


def test_the_close_is_the_latest_end_of_what_starts_that_day() -> None:
    clock = desk("UTC", {"mon": ["08:00-20:00", "10:00-12:00"], "tue": ["08:00-09:00"]})
    assert clock.close_of_open_day(at("2026-03-02T09:00Z"), 0) == at("2026-03-02T20:00Z")


@given(DESKS, INSTANTS, st.integers(0, 400))
def test_one_open_day_more_is_the_next_close(hours: OpenHours, start: datetime, days: int) -> None:
    close, following = hours.close_of_open_day(start, days), hours.close_of_open_day(start, days + 1)
    if following is not None:
        assert close is not None
        assert start <= close <= following
        assert hours.is_open(following - MICRO)


# --- never again -----------------------------------------------------------------------------------------


def test_ten_years_without_an_opening_are_never_again() -> None:
    nine = timedelta(hours=9)
    clock = open_hours(
        "fair",
        [
            (at("2010-01-01T00:00Z"), at("2010-01-01T09:00Z")),
            (at("2030-01-01T00:00Z"), at("2030-01-01T09:00Z")),
        ],
    )
    before, opening = at("2009-12-31T00:00Z"), at("2030-01-01T00:00Z")
    assert clock.due(before, nine) == at("2010-01-01T09:00Z")
    assert clock.due(before, nine + MICRO) is None
    assert clock.late_from(at("2010-01-01T09:00Z")) is None
    assert clock.close_of_open_day(before, 1) == at("2010-01-01T09:00Z")
    assert clock.close_of_open_day(before, 2) is None
    assert clock.due(opening - TEN_YEARS, nine) is None
    assert clock.due(opening - TEN_YEARS + MICRO, nine) == at("2030-01-01T09:00Z")
    assert clock.began(at("2030-01-02T00:00Z"), nine) == opening
    assert clock.began(at("2030-01-02T00:00Z"), nine + MICRO) is None
    # What was open is still counted: time that has passed is no search for the next opening.
    assert clock.elapsed(before, at("2031-01-01T00:00Z")) == 2 * nine


def test_outside_of_2000_to_2099_nothing_is_open() -> None:
    clock = desk("Europe/Berlin", {"mon-sun": ["00:00-24:00"]})
    assert clock.spans() == ((at("1999-12-31T23:00Z"), at("2099-12-31T23:00Z")),)
    assert clock.elapsed(at("1990-01-01T00:00Z"), at("1999-12-31T23:00Z")) == timedelta(0)
    assert clock.due(at("2099-12-31T22:00Z"), timedelta(hours=1)) == at("2099-12-31T23:00Z")
    assert clock.due(at("2099-12-31T22:00Z"), timedelta(hours=1) + MICRO) is None
    assert clock.due(at("2200-01-01T00:00Z"), timedelta(seconds=1)) is None
    assert clock.elapsed(at("2200-01-01T00:00Z"), at("2300-01-01T00:00Z")) == timedelta(0)
    assert clock.began(at("2200-01-01T00:00Z"), timedelta(hours=1)) == at("2099-12-31T22:00Z")


# --- as a value ------------------------------------------------------------------------------------------


def test_hours_survive_their_journey_and_stay_small() -> None:
    hours = desk(
        "America/New_York",
        {"mon-fri": ["08:00-12:00", "13:00-20:00"], "sat": ["22:00-06:00"]},
        holidays={"country": "US"},
    )
    as_json, as_msgpack = msgspec.json.encode(hours), msgspec.msgpack.encode(hours)
    assert msgspec.json.decode(as_json, type=OpenHours) == hours
    again = msgspec.msgpack.decode(as_msgpack, type=OpenHours)
    assert again == hours
    assert again.due(at("2026-03-02T10:00Z"), timedelta(hours=20)) == hours.due(
        at("2026-03-02T10:00Z"), timedelta(hours=20)
    )
    assert len(as_msgpack) < 30_000


def test_equal_hours_are_equal_bytes_however_they_are_written() -> None:
    one = desk("UTC", {"mon-fri": ["13:00-20:00", "08:00-13:00"]})
    other = desk("UTC", {day: ["08:00-20:00", "09:00-10:00"] for day in DAYS[:5]}, closed=[])
    assert (one.weeks, one.runs) == (other.weeks, other.runs)
    assert one.made_from == (f"tzdata {tzdata_version()}",)


def test_a_site_without_a_calendar_has_no_clock() -> None:
    clocks = BySite({"inn": BUDAPEST})
    assert clocks.of("inn") is BUDAPEST
    assert clocks.of("barn") is None
    assert clocks.of(None) is None
