"""Calendars of rule files and of the configuration's sites: written times → ``model.calendar.Calendar``.

Nothing is turned into instants here; ``opening.materialise`` does that for the calendars
that a standard uses.  What can be seen without it is told here: a calendar that never
opens, times that overlap, days that are said twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from itertools import pairwise

from standardsd.language import public_holidays
from standardsd.language.feeds import FileFeeds, Unread, read_feed
from standardsd.language.opening import first_opening, last_opening
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, one_line, read, read_each
from standardsd.language.tree import Entry, Items, Node
from standardsd.language.words import Wrong, date_word, name, write_one_of
from standardsd.language.zones import timezone, tzdata_version
from standardsd.model.calendar import DAYS, Calendar, Times
from standardsd.model.weeks import FIRST_DAY, LAST_DAY, TEN_YEARS
from standardsd.model.zone import Zone

KEYS = ("weekly", "holidays", "closed", "instead")
"""What a calendar says of its days; a rule file's has its ``timezone`` beside them, a site's takes the site's."""

HOLIDAY_KEYS = ("country", "subdivision", "categories", "language", "ics")
MINUTES = 1_440
calendars_max = 1_000
"""Of one file; each takes some milliseconds."""

_TIMES = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)", re.ASCII)
_LOOSE = re.compile(
    r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s*(?:-|–|—|to|bis)\s*([0-9]{1,2})(?:[:.h]([0-9]{2}))?", re.ASCII
)


def read_calendars(
    entries: Iterable[Entry],
    problems: list[Problem],
    timezones: Collection[str] | None,
    feeds: FileFeeds | None = None,
) -> dict[str, Calendar]:
    """The calendars of a rule file by name, but for those that are wrong; that goes to ``problems``.

    ``timezones``: the names there are, for messages; None: any that the tzdata package has.
    ``feeds``: what the shell has read of the feeds that the file names.
    """
    found: dict[str, Calendar] = {}
    for number, entry in enumerate(entries):
        if number == calendars_max:
            said = f"more than {calendars_max} calendars"
            problems.append(entry.key.place.problem(said, "split the file"))
            break
        called = read(entry.key, _calendar_name, problems)
        reader = Reader(entry.value, "a calendar", problems, required=("timezone",), optional=KEYS)
        zone = reader.value("timezone", lambda text: timezone(text, timezones))
        calendar = read_calendar(reader, called or "", zone, feeds, entry.key.place)
        if called is not None and calendar is not None:
            found[called] = calendar
    return found


def read_calendar(
    reader: Reader, called: str, zone: Zone | None, feeds: FileFeeds | None, place: Place
) -> Calendar | None:
    """One calendar; None when anything in it is wrong.

    ``zone``: None where that has been told already.  ``place``: where a calendar that never opens is shown.
    """
    if reader.broken:
        return None
    told = len(reader.problems)
    weekly = _weekly(reader)
    holidays, made_from = _holidays(reader, feeds)
    closed = _closed(reader)
    instead = _instead(reader, closed)
    if zone is None or any(problem.level is Level.ERROR for problem in reader.problems[told:]):
        return None
    calendar = Calendar(
        name=called,
        zone=zone,
        weekly=weekly,
        holidays=holidays,
        closed=closed,
        instead=tuple(sorted(instead.items())),
        made_from=(f"tzdata {tzdata_version()}", *made_from),
    )
    return calendar if _opens(calendar, reader, place) else None


def _calendar_name(text: str) -> str:
    if text in ("always", "site"):
        raise Wrong(
            f"a calendar cannot be called {quoted(text)}, which has a meaning of its own", "name it otherwise"
        )
    return name(text)


def _weekly(reader: Reader) -> tuple[Times, ...]:
    week: list[Times] = [()] * 7
    said: dict[int, str] = {}
    for entry in reader.map_of("weekly"):
        days = read(entry.key, _days, reader.problems)
        times = _times_of(entry.value, reader.problems)
        for day in days or ():
            if day in said:
                told = f"{DAYS[day]} stands in {quoted(said[day])}, too"
                reader.tell(entry.key.place, told, "say each day once, such as mon-thu and fri")
                break
            said[day] = entry.key.text
            week[day] = times
    for day, times in enumerate(week):
        following = week[(day + 1) % 7]
        late = max((closing for _, closing in times), default=0) - MINUTES
        if following and late > following[0][0]:
            told = f"the last times of {DAYS[day]} run into those of {DAYS[(day + 1) % 7]}"
            reader.tell(reader.at_key("weekly"), told, "they count once; let the one end before", Level.LINT)
    return tuple(week)


def _days(text: str) -> range:
    """``mon`` or ``mon-fri``, as numbers from 0; a span may not run past Sunday."""
    first, dash, last = text.partition("-")
    for day in (first, last) if dash else (first,):
        if day not in DAYS:
            raise Wrong(f"{quoted(text)} is not a day of the week", write_one_of(day, DAYS) + ", or mon-fri")
    if dash and DAYS.index(first) >= DAYS.index(last):
        raise Wrong(f"{quoted(text)} ends before it begins", "write two lines, such as fri-sun and mon")
    return range(DAYS.index(first), DAYS.index(last if dash else first) + 1)


def _times_of(node: Node, problems: list[Problem]) -> Times:
    """A list of ``"HH:MM-HH:MM"``; an empty list is a closed day.  Overlaps and empty times are said."""
    if isinstance(node, Items) and not node.items:
        return ()
    found = read_each(node, _times, problems, "the opening times")
    for opening, closing in found:
        if opening == closing:
            told = f"{_written(opening, closing)} ends when it begins and opens nothing"
            fix = 'write "00:00-24:00" for a whole day, [] for none'
            problems.append(node.place.problem(told, fix, Level.LINT))
    times = sorted(found)
    for (opening, closing), (following, _) in pairwise(times):
        if opening <= following < closing and opening != closing:
            told = f"times that overlap count once: {_written(opening, closing)} and what begins {_clock(following)}"
            problems.append(node.place.problem(told, "let the one end before the other begins", Level.LINT))
    return tuple(times)


def _times(text: str) -> tuple[int, int]:
    """Minutes of the day; an end before the beginning lies on the next day, an equal one is empty."""
    found = _TIMES.fullmatch(text)
    if found is None:
        raise Wrong(f"{quoted(text)} is not a span of opening times", f'write it as "{_meant(text)}"')
    opening = int(found[1]) * 60 + int(found[2])
    closing = MINUTES if found[3] is None else int(found[3]) * 60 + int(found[4])
    return opening, closing + MINUTES if closing < opening else closing


def _meant(text: str) -> str:
    """``08:00-12:00`` for ``8-12``."""
    found = _LOOSE.fullmatch(text.strip())
    if found is not None:
        meant = f"{int(found[1]):02}:{found[2] or '00'}-{int(found[3]):02}:{found[4] or '00'}"
        if _TIMES.fullmatch(meant):
            return meant
    return "08:00-12:00"


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _written(opening: int, closing: int) -> str:
    return f"{_clock(opening)}-{'24:00' if closing == MINUTES else _clock(closing)}"


def _closed(reader: Reader) -> tuple[date, ...]:
    node = reader.node("closed")
    if node is None or (isinstance(node, Items) and not node.items):
        return ()
    days = read_each(node, date_word, reader.problems, "closed")
    for day in days:
        _lint_outside(day, node.place, reader.problems)
    return tuple(sorted(days))


def _instead(reader: Reader, closed: tuple[date, ...]) -> dict[date, Times]:
    found: dict[date, Times] = {}
    for entry in reader.map_of("instead"):
        day = read(entry.key, date_word, reader.problems)
        times = _times_of(entry.value, reader.problems)
        if day is None:
            continue
        found[day] = times
        _lint_outside(day, entry.key.place, reader.problems)
        if day in closed:
            said = f"{day} is closed, too, and closed beats instead"
            reader.tell(entry.key.place, said, "take it out of one of the two", Level.LINT)
    return found


def _lint_outside(day: date, place: Place, problems: list[Problem]) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        told = f"{day} changes nothing: calendars are made from {FIRST_DAY} to {LAST_DAY}"
        problems.append(place.problem(told, "leave it out", Level.LINT))


def _holidays(reader: Reader, feeds: FileFeeds | None) -> tuple[tuple[date, ...], tuple[str, ...]]:
    """The days, and what they were made from."""
    node = reader.node("holidays")
    if node is None:
        return (), ()
    holidays = Reader(node, "holidays", reader.problems, optional=HOLIDAY_KEYS)
    if holidays.broken:
        return (), ()
    if ("ics" in holidays) == ("country" in holidays):
        holidays.tell(holidays.place, "holidays need either a country or an ics file", "write {country: RO}")
        return (), ()
    return _of_feed(holidays, feeds) if "ics" in holidays else _of_country(holidays)


def _of_country(reader: Reader) -> tuple[tuple[date, ...], tuple[str, ...]]:
    of = reader.value("country", public_holidays.country)
    if of is None:
        return (), ()
    part = reader.value("subdivision", lambda text: public_holidays.subdivision(text, of))
    categories = reader.values("categories", lambda text: public_holidays.category(text, of)) or ()
    reader.value("language", lambda text: public_holidays.language(text, of))
    if "half_day" in categories:
        told = "half days are closed wholly when they are asked for"
        reader.tell(reader.at("categories"), told, "write their opening times under instead:", Level.LINT)
    days = public_holidays.public_holidays(of, subdivision=part, categories=categories)
    return days, (f"holidays {public_holidays.holidays_version()}",)


def _of_feed(reader: Reader, feeds: FileFeeds | None) -> tuple[tuple[date, ...], tuple[str, ...]]:
    for key in HOLIDAY_KEYS[:-1]:
        if key in reader:
            reader.tell(reader.at_key(key), f"{key} does nothing for a feed", "leave the key out")
    feed = reader.value("ics", one_line)
    if feed is None:
        return (), ()
    got = None if feeds is None else feeds.get(feed)
    place = reader.at("ics")
    if got is None:
        reader.tell(place, f"the feed {quoted(feed)} was not read", "name a file, or an http address")
        return (), ()
    if isinstance(got, Unread):
        reader.tell(place, got.text, got.fix)
        return (), ()
    read_out = read_feed(got, feed)
    reader.problems += read_out.problems
    if not read_out.days and not read_out.problems:
        reader.tell(place, "the feed has no public holidays", "name another one, or leave holidays out")
    elif read_out.left_out:
        some = ", ".join(quoted(title) for title in read_out.left_out[:3])
        told = f"{len(read_out.left_out)} titles of the feed are no public holidays everywhere: {some}"
        reader.tell(place, told, "write their days under closed: where they are ones here", Level.LINT)
    return read_out.days, (f"feed {read_out.hash}",)


def _opens(calendar: Calendar, reader: Reader, place: Place) -> bool:
    """Whether it opens at all; that it stops for good at some day is only said."""
    if first_opening(calendar) is None:
        told = f"the calendar {quoted(calendar.name)} never opens"
        if not any(calendar.weekly):
            fix = 'write weekly: {mon-fri: ["08:00-18:00"]}'
        else:
            fix = "look at its times and at the days that are closed"
        reader.tell(place, told, fix)
        return False
    last = last_opening(calendar)
    if last is not None and LAST_DAY - last >= TEN_YEARS:
        told = f"the calendar {quoted(calendar.name)} opens on {last} for the last time"
        reader.tell(place, told, "write weekly: if it goes on", Level.LINT)
    return True
