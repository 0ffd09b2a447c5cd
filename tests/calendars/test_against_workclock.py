"""The same questions to ``workclock``, another engine of business time, about changes of the clock.

It applies where both mean the same: times of the week, overnight ones included, without holidays
(it takes a holiday's hours out by the day, we the intervals that start on it).  It brings time-zone
data of its own, so zones are asked about years on which everybody agrees.  Where it is known to
differ, a test says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workclock import NoWorkingTimeError, Schedule, WorkDay

from tests.calendars.desks import DAYS, at, desk

CHANGES = {
    # zone → an instant near a change of its clock
    "Europe/Berlin": ("2024-03-31T01:00Z", "2024-10-27T01:00Z"),
    "America/New_York": ("2024-03-10T07:00Z", "2024-11-03T06:00Z"),
    "America/St_Johns": ("2006-04-02T03:31Z", "2006-10-29T02:31Z"),  # half-hour zone, at 00:01
    "Australia/Adelaide": ("2024-04-06T16:30Z", "2024-10-05T16:30Z"),  # half-hour zone
    "Australia/Lord_Howe": ("2024-04-06T15:00Z", "2024-10-05T15:30Z"),  # by half an hour
    "Pacific/Chatham": ("2024-04-06T14:00Z", "2024-09-28T14:00Z"),  # three quarters
    "Asia/Beirut": ("2022-03-26T22:00Z", "2022-10-29T21:00Z"),  # at midnight
    "Africa/Cairo": ("2024-04-25T22:00Z", "2024-10-31T21:00Z"),
    "America/Asuncion": ("2023-03-26T03:00Z", "2023-10-01T04:00Z"),
    "America/Havana": ("2024-03-10T05:00Z", "2024-11-03T05:00Z"),
    "America/Sao_Paulo": ("2015-02-22T02:00Z", "2015-10-18T03:00Z"),
    "Antarctica/Troll": ("2024-03-31T01:00Z", "2024-10-27T01:00Z"),  # by two hours
    "Asia/Kolkata": ("2024-03-31T01:00Z",),
    "Pacific/Apia": ("2010-09-26T11:00Z", "2012-04-01T14:00Z"),
}

QUARTERS = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
TIMES = st.tuples(QUARTERS, st.one_of(QUARTERS, st.just("24:00"))).filter(lambda two: two[0] != two[1])
WEEKLY = st.dictionaries(
    st.sampled_from(DAYS), st.lists(TIMES.map("-".join), min_size=1, max_size=2, unique=True), min_size=1
)


def schedule(name: str, weekly: Mapping[str, list[str]]) -> Schedule:
    """In its words; a shift whose ends are equal lasts a whole day there, which is how 00:00-24:00 is said."""
    rules = []
    for day, times in weekly.items():
        for written in times:
            begin, end = (time.fromisoformat(part.replace("24:00", "00:00")) for part in written.split("-"))
            rules.append(WorkDay(begin, end, [DAYS.index(day)]))
    return Schedule(rules, time_zone=name)


@pytest.mark.parametrize("name", CHANGES)
def test_both_count_the_same(name: str) -> None:
    @settings(max_examples=8)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        weekly = data.draw(WEEKLY)
        ours, theirs = desk(name, weekly), schedule(name, weekly)
        near = at(data.draw(st.sampled_from(CHANGES[name])))
        for _ in range(12):
            start = near + data.draw(st.integers(-4 * 96, 4 * 96)) * timedelta(minutes=15)
            end = start + data.draw(st.timedeltas(timedelta(0), timedelta(days=9)))
            assert ours.elapsed(start, end) == theirs.between(start, end), (weekly, start, end)
            limit = data.draw(st.timedeltas(timedelta(minutes=1), timedelta(days=2)))
            due = ours.due(start, limit)
            assert due is not None
            assert theirs.between(start, due) == limit
            assert theirs.between(start, due - timedelta(microseconds=1)) < limit
            try:
                assert due == theirs.add(start, limit), (weekly, start, limit)
            except NoWorkingTimeError:
                pytest.fail("it found no working time where we did")

    holds()


def test_apias_missing_friday_is_worked_there_and_left_out_here() -> None:
    """bug-19: 2011-12-30 did not exist in Apia; moved to the day after, its hours would count on a Saturday."""
    weekly = {"mon-fri": ["09:00-17:00"]}
    start, end = at("2011-12-29T00:00Z"), at("2012-01-02T00:00Z")
    theirs = schedule("Pacific/Apia", {day: ["09:00-17:00"] for day in DAYS[:5]})
    assert desk("Pacific/Apia", weekly).elapsed(start, end) == timedelta(hours=16)
    assert theirs.between(start, end) == timedelta(hours=24)


def test_a_week_away_from_any_change_is_the_same_week() -> None:
    weekly = {"mon-fri": ["08:00-12:00", "13:00-17:30"], "sat": ["22:00-06:00"]}
    theirs = schedule("Europe/Berlin", {**dict.fromkeys(DAYS[:5], weekly["mon-fri"]), "sat": weekly["sat"]})
    start = datetime(2024, 6, 3, tzinfo=UTC)
    assert desk("Europe/Berlin", weekly).elapsed(start, start + timedelta(weeks=2)) == theirs.between(
        start, start + timedelta(weeks=2)
    )
