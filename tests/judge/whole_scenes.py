"""Places and nights in which clocks change, with the calendars and sites that the random traces play in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from tests.judge.calendars_referee import DAYS
from tests.judge.traces import Plain

# Where the clock changes at midnight, by half an hour, by a day's end, for a month of fasting, or not at all.
NIGHTS = (
    ("Europe/Bucharest", date(2026, 3, 29)),
    ("Europe/Bucharest", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Nuuk", date(2026, 3, 28)),
    ("America/Nuuk", date(2026, 10, 24)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("America/Havana", date(2026, 11, 1)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Asia/Kathmandu", date(2026, 7, 15)),
)


def days(*all_days: list[str], **named: list[str]) -> dict[str, list[str]]:
    return {day: named.get(day, *all_days) for day in DAYS}


def calendars_of(name: str, night: date) -> Plain:
    """What a zone's calendars look like about the night in which its clock changes."""
    before, after, later, far = ((night + timedelta(days=n)).isoformat() for n in (-1, 1, 3, 365 * 3))
    changing = night.isoformat()
    shapes: Plain = {
        "day": {"weekly": days(["08:00-12:00", "13:00-17:00"])},
        "week": {"weekly": days(["09:00-17:00"], sat=["10:00-14:00"], sun=[])},
        "night": {"weekly": days(["22:00-06:00"])},
        "edges": {
            "weekly": days(
                ["00:00-24:00"], sun=["01:00-03:00", "02:30-03:30", "23:30-24:00"], sat=["23:15-00:45"]
            )
        },
        "holes": {
            "weekly": days(["00:00-02:30", "03:00-04:15", "20:00-23:45"]),
            "closed": [after],
            "holidays": [before, changing],
            "instead": {changing: ["02:15-03:45", "06:00-06:00", "23:30-00:30"], after: ["08:00-09:00"]},
        },
        "rare": {
            "weekly": days([]),
            "instead": {before: ["10:00-12:00"], changing: ["00:00-24:00"], later: ["10:00-11:00"]},
        },
        "far": {"weekly": days([]), "instead": {changing: ["01:00-05:00"], far: ["10:00-12:00"]}},
    }
    return {shape: {"timezone": name} | calendar for shape, calendar in shapes.items()}


@lru_cache(maxsize=100)
def scene(number: int) -> tuple[datetime, Plain, Plain]:
    """The first instant of a trace, its calendars and its sites."""
    name, night = NIGHTS[number]
    start = datetime.combine(night - timedelta(days=1), time(), UTC)
    calendars = calendars_of(name, night) | {
        "there": {"timezone": "Asia/Kathmandu", "weekly": days(["06:00-21:00"])}
    }
    home = ("day", "week", "night", "edges", "holes")[number % 5]
    sites = {
        "x": {"timezone": name, "calendar": home},
        "y": {"timezone": "Asia/Kathmandu", "calendar": "there"},
        "z": {"timezone": "America/New_York"},
    }
    return start, calendars, sites
