"""Calendars written as in a rule file, and a slow way to tell when they are open.

``open_spans`` walks the dates and asks ``zoneinfo`` for each wall time; it shares nothing with the
program but what the words mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from standardsd.language.calendars import read_calendars
from standardsd.language.opening import materialise
from standardsd.language.problems import render
from standardsd.language.tree import Map, parse
from standardsd.model.clock import OpenHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


def desk(timezone: str, weekly: Mapping[str, list[str]], **more: object) -> OpenHours:
    """The opening hours of one calendar, through the reader of rule files."""
    text = json.dumps({"desk": {"timezone": timezone, "weekly": weekly, **more}})
    root, problems = parse(text.encode(), "calendar.yaml")
    assert isinstance(root, Map), render(problems)
    calendars = read_calendars(root.entries, problems, None)
    assert "desk" in calendars, render(problems)
    return materialise(calendars["desk"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def open_spans(
    timezone: str,
    weekly: Mapping[str, list[str]],
    first: date,
    last: date,
    *,
    closed: Iterable[date] = (),
    instead: Mapping[date, list[str]] | None = None,
) -> list[Span]:
    """What is open of the local dates from ``first`` to ``last``, united."""
    zone = ZoneInfo(timezone)
    found: list[Span] = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        times = (instead or {}).get(day, weekly.get(DAYS[day.weekday()], []))
        for written in times if day not in closed else ():
            begin, end = written.split("-")
            if begin == end:
                continue
            start = wall(zone, day, begin)
            stop = wall(zone, day + DAY if end < begin else day, end)
            if start < stop and start.astimezone(zone).date() == day:
                found.append((start, stop))
    return united(found)


def wall(zone: ZoneInfo, day: date, text: str) -> datetime:
    hour, minute = (int(part) for part in text.split(":"))
    if hour == 24:
        day, hour = day + DAY, 0
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def united(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def elapsed(spans: Iterable[Span], start: datetime, end: datetime) -> timedelta:
    parts = ((max(a, start), min(b, end)) for a, b in spans)
    return sum((b - a for a, b in parts if a < b), timedelta(0))


def due(spans: Iterable[Span], start: datetime, limit: timedelta) -> datetime | None:
    left = limit
    for a, b in spans:
        begin = max(a, start)
        if begin < b:
            if b - begin >= left:
                return begin + left
            left -= b - begin
    return None
