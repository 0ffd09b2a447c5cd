"""Opening hours by brute force: date by date, each wall time asked of ``zoneinfo``, all of it within a few years.

It imports nothing of the project and shares no table with it.  Instants are half seconds since 1970, as in
``referee.py``.  A calendar is what its owner wrote: ``timezone``, ``weekly`` (weekday → times such as
"08:00-12:00"), ``holidays`` and ``closed`` (dates), ``instead`` (date → times).
"""

import json
import zoneinfo
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

EVER = 10**12
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST, LAST = date(2025, 12, 1), date(2027, 6, 30)  # dates beyond are looked at if they stand in `instead`
TEN_YEARS = 2 * 3653 * 86_400

zoneinfo.reset_tzpath(to=())  # the package's data and not the machine's, whoever is imported first


def zone(name):
    return zoneinfo.ZoneInfo(name)


def wall_time(day, text, name):
    """The instant of a wall time: `fold=0` takes the first of two, and moves one that is missing by the gap."""
    hour, minute = map(int, text.split(":"))
    midnight = datetime.combine(day, time())
    wall = midnight + timedelta(hours=hour, minutes=minute)
    return int(wall.replace(tzinfo=zone(name), fold=0).timestamp() * 2)


def local_day(t, name):
    return datetime.fromtimestamp(t / 2, UTC).astimezone(zone(name)).date()


def times_on(day, calendar):
    written = day.isoformat()
    if written in calendar.get("closed", ()):
        return ()
    if written in calendar.get("instead", {}):
        return calendar["instead"][written]
    return () if written in calendar.get("holidays", ()) else calendar["weekly"].get(DAYS[day.weekday()], ())


def intervals_of(day, calendar):
    """The intervals that start on a date; what is empty, or begins on another date once converted, is dropped."""
    for text in times_on(day, calendar):
        opens, closes = text.split("-")
        overnight = timedelta(days=closes < opens)
        start = wall_time(day, opens, calendar["timezone"])
        end = wall_time(day + overnight, closes, calendar["timezone"])
        if opens != closes and start < end and local_day(start, calendar["timezone"]) == day:
            yield start, end


@lru_cache(maxsize=500)
def hours(written):
    """(spans, closes) of a calendar given as JSON: open spans in order, none touching; [(date, its last close)]."""
    calendar = json.loads(written)
    days = {FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)}
    days |= {date.fromisoformat(day) for day in calendar.get("instead", {})}
    spans, closes = [], []
    for day in sorted(days):
        found = list(intervals_of(day, calendar))
        closes += [(day, max(end for _, end in found))] if found else []
        for start, end in sorted(found):
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
    return spans, closes


class Hours:
    """When a clock runs: always, or while a calendar is open."""

    def __init__(self, calendar=None):
        self.spans, self.closes = [(-EVER, EVER)], []
        if calendar is not None:
            self.spans, self.closes = hours(json.dumps(calendar, sort_keys=True))

    def between(self, a, b):
        """The parts of [a, b) in which it runs; after ten years without any it never does again."""
        last = a
        for start, end in self.spans[bisect_right(self.spans, a, key=lambda span: span[1]) :]:
            if start >= b or start - last >= TEN_YEARS:
                return
            yield max(a, start), min(b, end)
            last = end

    def late_from(self, due):
        """The next opening where `due` is closing time, else None."""
        here = bisect_right(
            self.spans, due - 1, key=lambda span: span[1]
        )  # the first span that ends at due or later
        if self.spans[here : here + 1] == [] or self.spans[here][1] != due:
            return None
        after = [start for start, _ in self.spans[here + 1 : here + 2] if start < due + TEN_YEARS]
        return min(after, default=None)

    def open_day(self, day, number):
        """The close of the n-th open day after a date."""
        after = [close for on, close in self.closes if on > day]
        return after[number - 1] if number <= len(after) else None
