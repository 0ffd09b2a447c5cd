"""Calendars in a rule file: their shape is checked, so that a file written for them is a sound one.

This version judges by the clock ``always`` alone; a standard that names a calendar is
refused (``unjudged``).  A calendar that nothing names is only checked.
"""

from __future__ import annotations

import re

from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, one_line, read, read_each
from standardsd.language.tree import Entry, Items, Node
from standardsd.language.words import Wrong, date_word, name, nearest, write_one_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = ("weekly", "holidays", "closed", "instead")
_TIMES = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)", re.ASCII)
_ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", re.ASCII)


def read_calendars(
    entries: tuple[Entry, ...], problems: list[Problem], timezones: frozenset[str] | None
) -> frozenset[str]:
    """The names of the calendars; what is wrong in them goes to ``problems``.

    ``timezones``: the names there are, None when the caller does not know them.
    """
    found = set()
    for entry in entries:
        calendar = read(entry.key, _calendar_name, problems)
        reader = Reader(entry.value, "a calendar", problems, required=("timezone",), optional=_KEYS)
        reader.value("timezone", lambda text: timezone(text, timezones))
        for week in reader.map_of("weekly"):
            read(week.key, _days, problems)
            _read_times(week.value, problems)
        _read_holidays(reader, problems)
        closed = reader.node("closed")
        if closed is not None and not (isinstance(closed, Items) and not closed.items):
            read_each(closed, date_word, problems, "closed")
        for instead in reader.map_of("instead"):
            read(instead.key, date_word, problems)
            _read_times(instead.value, problems)
        if calendar is not None:
            found.add(calendar)
    return frozenset(found)


def lint_unused(entries: tuple[Entry, ...], problems: list[Problem]) -> None:
    """No standard can name a calendar in this version, so each one is said to be unused."""
    for entry in entries:
        said = f"the calendar {quoted(entry.key.text)} is not used: this version judges by the clock always"
        problems.append(entry.key.place.problem(said, "keep it for later, or leave it out", Level.LINT))


def timezone(text: str, known: frozenset[str] | None) -> str:
    """A name of the time-zone database, such as ``Europe/Lisbon``; an offset or an abbreviation is none."""
    if _ZONE.fullmatch(text) and (known is None or text in known):
        return text
    near = nearest(text, known) if known else None
    raise Wrong(f"{quoted(text)} is not a time zone", f"write {near or 'it as Europe/Lisbon'}")


def _calendar_name(text: str) -> str:
    if text in ("always", "site"):
        raise Wrong(
            f"a calendar cannot be called {quoted(text)}, which has a meaning of its own", "name it otherwise"
        )
    return name(text)


def _days(text: str) -> str:
    """``mon`` or ``mon-fri``; a span may not run past Sunday."""
    first, dash, last = text.partition("-")
    for day in (first, last) if dash else (first,):
        if day not in DAYS:
            raise Wrong(f"{quoted(text)} is not a day of the week", write_one_of(day, DAYS) + ", or mon-fri")
    if dash and DAYS.index(first) >= DAYS.index(last):
        raise Wrong(f"{quoted(text)} ends before it begins", "write two lines, such as fri-sun and mon")
    return text


def _read_times(node: Node, problems: list[Problem]) -> None:
    """A list of ``"HH:MM-HH:MM"``; an empty list is a closed day."""
    if not (isinstance(node, Items) and not node.items):
        read_each(node, _times, problems, "the opening times")


def _times(text: str) -> str:
    if not _TIMES.fullmatch(text):
        raise Wrong(f"{quoted(text)} is not a span of opening times", 'write it as "08:00-12:00"')
    return text


def _read_holidays(reader: Reader, problems: list[Problem]) -> None:
    """``{country:, subdivision:, categories:, language:}`` or ``{ics:}``."""
    node = reader.node("holidays")
    if node is None:
        return
    keys = ("country", "subdivision", "categories", "language", "ics")
    holidays = Reader(node, "holidays", problems, optional=keys)
    for key in ("country", "subdivision", "language", "ics"):
        holidays.value(key, one_line)
    holidays.values("categories", one_line)
    if not holidays.broken and ("ics" in holidays) == ("country" in holidays):
        holidays.tell(holidays.place, "holidays need either a country or an ics file", "write {country: RO}")
