"""Tables of zones against ``zoneinfo`` and against the files of the ``tzdata`` package themselves."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib import metadata, resources
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.language.words import Wrong
from standardsd.language.zones import timezone, tzdata_version, zone
from standardsd.model.zone import UTC_ZONE, Zone, Zones, zone_of
from tests.calendars.desks import at

ZONES = (
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Havana",
    "America/Asuncion", "America/Sao_Paulo", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Gaza",
    "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide", "Australia/Lord_Howe",
    "Antarctica/Troll", "Pacific/Apia", "Pacific/Chatham", "UTC",
)  # fmt: skip

FIRST, LAST = datetime(2000, 1, 2), datetime(2100, 12, 30)


def near_a_change(name: str) -> st.SearchStrategy[datetime]:
    """Instants, half of them within a day of a change of the offset."""
    anywhere = st.datetimes(FIRST, LAST).map(lambda d: d.replace(tzinfo=UTC))
    changes = zone(name).changes()
    if not changes:
        return anywhere
    shift = st.timedeltas(timedelta(days=-1), timedelta(days=1))
    near = st.builds(lambda change, by: change + by, st.sampled_from(changes), shift)
    return st.one_of(anywhere, near).filter(lambda d: FIRST <= d.replace(tzinfo=None) <= LAST)


@pytest.mark.parametrize("name", ZONES)
def test_a_table_tells_the_wall_time_of_any_instant(name: str) -> None:
    info, table = ZoneInfo(name), zone(name)

    @settings(max_examples=40)
    @given(near_a_change(name))
    def holds(instant: datetime) -> None:
        assert table.local(instant) == instant.astimezone(info).replace(tzinfo=None)
        assert table.offset_of(instant) == instant.astimezone(info).utcoffset()

    holds()


@pytest.mark.parametrize("name", ZONES)
def test_a_wall_time_is_its_first_instant_or_later_by_the_gap(name: str) -> None:
    info, table = ZoneInfo(name), zone(name)

    @settings(max_examples=40)
    @given(near_a_change(name))
    def holds(instant: datetime) -> None:
        wall = instant.replace(tzinfo=None)
        assert table.instant(wall) == wall.replace(tzinfo=info, fold=0).astimezone(UTC)
        back = table.local(table.instant(wall))
        assert back >= wall  # equal where it exists, later by the gap where it does not

    holds()


def files() -> list[str]:
    return resources.files("tzdata").joinpath("zones").read_text().split()


def written_changes(name: str) -> list[int]:
    """Seconds of every change of the offset since 2000 that the zone's own file lists."""
    data = resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()

    def counts(begin: int) -> Sequence[int]:
        return struct.unpack(">6l", data[begin + 20 : begin + 44])

    utc, std, leap, times, types, letters = counts(0)
    begin = 44 + times * 5 + types * 6 + letters + leap * 8 + std + utc
    *_, times, types, letters = counts(begin)
    begin += 44
    instants = struct.unpack_from(f">{times}q", data, begin)
    which = data[begin + 8 * times : begin + 9 * times]
    offsets = [struct.unpack_from(">l", data, begin + 9 * times + 6 * n)[0] for n in range(types)]
    found, offset = [], offsets[0]
    for instant, number in zip(instants, which, strict=True):
        if offsets[number] != offset and instant > 946_684_800:
            found.append(instant)
        offset = offsets[number]
    return found


def test_no_zone_changes_more_often_than_it_is_asked() -> None:
    """Every change in any file of the package is in our table, to the second, and no other one before the last."""
    names = files()
    assert len(names) > 500
    for name in names:
        written = written_changes(name)
        ours = [int(change.timestamp()) for change in zone(name).changes()]
        last = written[-1] if written else 0
        assert [change for change in ours if change <= last] == written, name


KNOWN = [
    # zone, wall time, instant, why
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30Z", "does not exist: later by the gap, 03:30"),
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z", "twice: the first"),
    ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00Z", "after the second"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z", "a gap of half an hour: 02:45"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z", "twice within half an hour: the first"),
    ("America/Havana", "2026-03-08T00:30", "2026-03-08T05:30Z", "midnight does not exist: 01:30"),
    ("Asia/Beirut", "2026-03-29T00:00", "2026-03-28T22:00Z", "midnight does not exist: 01:00"),
    ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00Z", "the day was left out: noon of the 31st"),
    ("Africa/Casablanca", "2026-09-20T01:30", "2026-09-20T00:30Z", "tzdata 2026c: twice, and then +00 for good"),
    ("Africa/Casablanca", "2027-03-01T12:00", "2027-03-01T12:00Z", "no Ramadan rule any more"),
    ("Asia/Kathmandu", "2026-01-01T00:00", "2025-12-31T18:15Z", "a quarter of an hour"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wall", "instant", "why"), KNOWN, ids=[why for *_, why in KNOWN])
def test_known_wall_times(name: str, wall: str, instant: str, why: str) -> None:
    assert zone(name).instant(datetime.fromisoformat(wall)) == at(instant), why


def test_a_day_begins_at_midnight_or_after_the_gap() -> None:
    assert zone("Asia/Beirut").midnight(date(2026, 3, 29)) == at("2026-03-28T22:00Z")  # 01:00 there
    assert zone("Pacific/Apia").midnight(date(2011, 12, 30)) == at("2011-12-30T10:00Z")
    assert zone("Pacific/Apia").midnight(date(2011, 12, 31)) == at("2011-12-30T10:00Z")
    assert zone("America/Sao_Paulo").midnight(date(2015, 2, 22)) == at("2015-02-22T03:00Z")


NEXT = [
    # at, wall time → instant
    ("2026-03-02T12:59:59.999999Z", time(14), "2026-03-02T13:00Z"),  # today
    ("2026-03-02T13:00:00Z", time(14), "2026-03-02T13:00Z"),  # exactly at it is not past
    ("2026-03-02T13:00:00.000001Z", time(14), "2026-03-03T13:00Z"),  # past: the next day
    ("2026-03-28T13:00:01Z", time(14), "2026-03-29T12:00Z"),  # in summer time
]


@pytest.mark.parametrize(("now", "wall", "instant"), NEXT)
def test_the_next_wall_time(now: str, wall: time, instant: str) -> None:
    assert zone("Europe/Berlin").next_at(at(now), wall) == at(instant)


def test_before_2000_and_after_2100_the_outermost_offset_holds() -> None:
    berlin = zone("Europe/Berlin")
    assert berlin.local(at("1970-07-01T12:00Z")) == datetime(1970, 7, 1, 13)
    assert berlin.local(at("2150-07-01T12:00Z")) == datetime(2150, 7, 1, 13)


def test_the_table_is_the_packages_and_its_version_is_told() -> None:
    assert tzdata_version() == metadata.version("tzdata")
    assert zone("Africa/Casablanca").changes()[-1] == at("2026-09-20T01:00Z")  # 2026c, which Debian has not


def test_a_zone_survives_its_journey_and_equal_ones_are_equal() -> None:
    berlin = zone("Europe/Berlin")
    assert msgspec.json.decode(msgspec.json.encode(berlin), type=Zone) == berlin
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(berlin), type=Zone) == berlin
    change = at("2026-03-29T01:00Z")
    made = zone_of("Town", [change], [3_600, 7_200])
    assert made.changes() == (change,)
    assert made.local(change) == datetime(2026, 3, 29, 3)
    assert made.local(change - timedelta(microseconds=1)) == datetime(2026, 3, 29, 1, 59, 59, 999_999)


def test_whose_zone_counts() -> None:
    berlin, apia = zone("Europe/Berlin"), zone("Pacific/Apia")
    assert Zones(berlin, {"beach": apia}).of("beach") == berlin
    assert Zones(None, {"beach": apia}).of("beach") == apia
    assert Zones(None, {"beach": apia}).of("hill") is None
    assert Zones(None, {}).or_utc(None) == UTC_ZONE


@pytest.mark.parametrize(
    "name",
    ["", "Berlin", "Europe", "../../etc/passwd", "Europe/Berlin\0", "/etc/localtime", "x" * 5_000, "Ü"],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(Wrong, match="is not a time zone"):
        timezone(name, None)


def test_the_nearest_zone_is_offered() -> None:
    with pytest.raises(Wrong) as wrong:
        timezone("Europe/Bukarest", ["Europe/Bucharest", "Europe/Berlin"])
    assert wrong.value.fix == "write Europe/Bucharest"
