"""A feed of public holidays (``holidays: {ics: …}``) → the days that are holidays.

Nothing is opened here: ``named_feeds`` says which feeds a file names, the shell reads or fetches
them and hands in their bytes.  Rules of this module:

- Only whole days are read; an event with a time of day is refused with its line.
- ``DTEND`` is the first day that is not in; without it, and without ``DURATION``, an event is one day.
- ``EXDATE`` takes a day out, ``RDATE`` adds one; an event with ``RECURRENCE-ID`` stands in the place of
  that day; what is cancelled does not count.
- Many feeds mix public holidays with days that are only observed, and say which is which in the first
  line of the description or among the categories.  Where any event is said to be a public holiday, only
  those count; where none is, all count but those that are said to be something else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from standardsd.language.ics import Event, Property, bytes_max, line_place, read_events, read_source
from standardsd.language.place import Source
from standardsd.language.problems import Problem, quoted
from standardsd.language.tree import Map, Text, parse
from standardsd.language.words import Wrong
from standardsd.language.yearly import compact_date, read_rule
from standardsd.model.weeks import FIRST_DAY, LAST_DAY

days_max = 400
"""Days of one event: more is a slip of the year."""
dates_max = 100_000
"""Days of all events together, each as often as it is named: each day of the years that are read, three times over."""

rules_max = 1_000
"""Events that repeat; a country has some thirty."""
since_year = 1900
"""No rule begins earlier; some feeds let theirs begin in 1970."""

_PUBLIC = frozenset((
    "public holiday", "national holiday", "bank holiday", "federal holiday", "legal holiday", "statutory holiday",
    "gesetzlicher feiertag", "jour férié", "día festivo", "giorno festivo", "resmi tatil", "sărbătoare legală",
    "munkaszüneti nap",
))  # fmt: skip
"""What a mark says, in full, where the day is a holiday for everyone."""

_OTHERWISE = re.compile(
    r"observance|season|public holiday in |regional|local |unofficial|optional|half[- ]day|school|"
    r"not a public holiday|working day|gedenktag|feier- oder gedenktag"
)
"""How a mark begins where it is none, or one of some regions only."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Unread:
    """A feed that the shell could not read: why, and what to do."""

    text: str
    fix: str


FileFeeds = Mapping[str, bytes | Unread]
"""A feed as a file names it → its bytes."""

Feeds = Mapping[str, FileFeeds]
"""Path of a file, as it is shown → the feeds that it names."""


@dataclass(frozen=True)
class Feed:
    """``days``: in order, from 2000 to 2099.  ``left_out``: titles of events that are no public holidays.

    ``hash``: "sha256:…" of its bytes, for the record.
    """

    days: tuple[date, ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]
    hash: str


def named_feeds(path: str, text: bytes) -> tuple[str, ...]:
    """The feeds that the calendars of a rule file, or the sites of a configuration, name; each once, in order."""
    if b"ics" not in text:
        return ()
    root, _ = parse(text, path)
    found: dict[str, None] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, Map):
            continue
        for entry in node.entries:
            inner = entry.value
            if entry.key.text == "holidays" and isinstance(inner, Map):
                named = inner.get("ics")
                if isinstance(named, Text):
                    found.setdefault(named.text)
            waiting.append(inner)
    return tuple(found)


@lru_cache(maxsize=200)
def read_feed(text: bytes, path: str) -> Feed:
    """The holidays of one feed; ``path``: how it is called where its problems are shown."""
    digest = "sha256:" + hashlib.sha256(text).hexdigest()
    if len(text) > bytes_max:
        place = line_place(Source(path, ()), 1)
        told = place.problem(f"the feed has {len(text)} bytes", f"keep it to {bytes_max}")
        return Feed((), (), (told,), digest)
    source = read_source(text, path)
    problems: list[Problem] = []
    events = [event for event in read_events(source, problems) if not _is_cancelled(event)]
    rules = [event.line for event in events if event.first("RRULE") is not None]
    if len(rules) > rules_max:
        place = line_place(source, rules[rules_max])
        problems.append(place.problem(f"the feed has more than {rules_max} rules", "take a smaller one"))
        return Feed((), (), tuple(problems), digest)
    marks = [_is_public(event) for event in events]
    told_apart = True in marks
    moved = _moved(events)
    days: list[date] = []
    left_out: dict[str, None] = {}
    for event, mark in zip(events, marks, strict=True):
        try:
            found = _days(event, moved.get(event.text("UID"), frozenset()))
        except _Refused as refused:
            problems.append(line_place(source, refused.line).wrong(refused.wrong))
            continue
        if mark is False or (told_apart and mark is None):
            left_out.setdefault(event.text("SUMMARY") or "an event without a title")
        else:
            days += found
        if len(days) > dates_max:
            problems.append(
                line_place(source, event.line).problem("the feed has too many days", "shorten it")
            )
            break
    kept = sorted({day for day in days if FIRST_DAY <= day <= LAST_DAY})
    return Feed(tuple(kept), tuple(left_out), tuple(problems), digest)


class _Refused(Exception):
    """One property cannot be read; ``line``: its own."""

    def __init__(self, line: int, wrong: Wrong) -> None:
        super().__init__(wrong.text)
        self.line = line
        self.wrong = wrong


def _is_cancelled(event: Event) -> bool:
    return event.text("STATUS").upper() == "CANCELLED"


def _is_public(event: Event) -> bool | None:
    """What the event says of itself; None: nothing that we know."""
    marks = [event.text("DESCRIPTION").partition("\n")[0]]
    for categories in event.all("CATEGORIES"):
        marks += categories.value.split(",")
    said = [mark.strip().rstrip(".").casefold() for mark in marks]
    if any(_OTHERWISE.match(mark) for mark in said):
        return False
    return True if any(mark in _PUBLIC for mark in said) else None


def _moved(events: list[Event]) -> dict[str, frozenset[date]]:
    """Identifier of an event → the days in whose place another one stands."""
    found: dict[str, set[date]] = {}
    for event in events:
        instead = event.first("RECURRENCE-ID")
        if instead is not None and re.fullmatch(r"[0-9]{8}", instead.value.strip()):
            try:
                found.setdefault(event.text("UID"), set()).add(compact_date(instead.value.strip()))
            except Wrong:
                continue  # no day at all: nothing is moved, and the event itself stands
    return {identifier: frozenset(days) for identifier, days in found.items()}


def _days(event: Event, moved: frozenset[date]) -> list[date]:
    """Every day of an event, repeated ones included."""
    start = event.first("DTSTART")
    if start is None:
        raise _Refused(event.line, Wrong("an event has no DTSTART", "give it a day"))
    first = _day(start)
    length = _length(event, first)
    begins = [first]
    rule = event.first("RRULE")
    if rule is not None:
        if first.year < since_year:
            wrong = Wrong(f"a rule that repeats since {first.year}", f"let it begin in {since_year} or later")
            raise _Refused(start.line, wrong)
        try:
            begins = list(read_rule(rule.value).days(first))
        except Wrong as wrong:
            raise _Refused(rule.line, wrong) from None
    begins += [day for dates in event.all("RDATE") for day in _day_list(dates)]
    out = {day for dates in event.all("EXDATE") for day in _day_list(dates)}
    if event.first("RECURRENCE-ID") is None:
        out |= moved
    if len(begins) * length > dates_max:
        raise _Refused(event.line, Wrong("an event that lasts or repeats too often", "write fewer days"))
    return [begin + number * DAY for begin in begins if begin not in out for number in range(length)]


def _length(event: Event, first: date) -> int:
    """Whole days that an event lasts, at least 1."""
    end, lasts = event.first("DTEND"), event.first("DURATION")
    days, line = 1, event.line
    if end is not None:
        # Some write the day itself as its end, which RFC 5545 does not allow and which cannot mean anything else.
        days, line = max(1, (_day(end) - first).days), end.line
    elif lasts is not None:
        found = re.fullmatch(r"\+?P(?:([0-9]{1,3})W|([0-9]{1,4})D)", lasts.value.strip().upper())
        if found is None:
            wrong = Wrong(f"{quoted(lasts.value)} is no number of whole days", "write it as P1D or P2W")
            raise _Refused(lasts.line, wrong)
        days, line = max(1, int(found[1] or 0) * 7 + int(found[2] or 0)), lasts.line
    if days > days_max:
        raise _Refused(line, Wrong(f"an event of {days} days", f"write at most {days_max}"))
    return days


def _day(one: Property) -> date:
    return _read_day(one, one.value.strip())


def _day_list(dates: Property) -> list[date]:
    return [_read_day(dates, text.strip()) for text in dates.value.split(",")]


def _read_day(one: Property, text: str) -> date:
    """One whole day; a time of day is refused."""
    if "T" in text.upper():
        said = f"{one.name} has a time of day, and holidays are whole days"
        raise _Refused(
            one.line, Wrong(said, f"write {one.name};VALUE=DATE:{text[:8]}, or take the event out")
        )
    try:
        return compact_date(text)
    except Wrong as wrong:
        raise _Refused(one.line, wrong) from None
