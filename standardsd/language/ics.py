"""iCalendar text (RFC 5545) → its events, each property with the line on which it stands.

Only the outline is read here: lines are unfolded, components nested, texts unescaped.  What the
events say is read by ``feeds``.  Own code and not a library, because a problem has to name its
line, and because every loop has an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from standardsd.language.place import Place, Source
from standardsd.language.problems import Problem

bytes_max = 4 * 1024 * 1024
"""A country's holidays of fifty years fill half a megabyte."""
events_max = 20_000
depth_max = 8
"""Components inside components: a calendar, an event, an alarm."""

# NAME, then parameters whose values may be quoted, then the value.
_PARAMETERS = r"(?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*)(?:,(?:\"[^\"]*\"|[^\";:,]*))*)*"
_LINE = re.compile(rf"([A-Za-z0-9-]+)({_PARAMETERS}):(.*)", re.DOTALL)


@dataclass(frozen=True)
class Property:
    """``parameters``: as written, in capitals, with the semicolon in front."""

    name: str
    parameters: str
    value: str
    line: int


@dataclass(frozen=True)
class Event:
    """One VEVENT.  ``line``: where it begins."""

    line: int
    properties: list[Property] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.properties if one.name == name]

    def first(self, name: str) -> Property | None:
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str:
        """A property's text without escapes; "" where it is missing."""
        found = self.first(name)
        return "" if found is None else unescaped(found.value)


def read_source(text: bytes, path: str) -> Source:
    """The lines of a feed; bytes that are no UTF-8 show as question marks and matter only in titles."""
    decoded = text.decode("utf-8", "replace").removeprefix("\ufeff")
    return Source(path, tuple(decoded.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


def line_place(source: Source, line: int) -> Place:
    return Place(source, line, 1, max(1, len(source.line(line))))


def read_events(source: Source, problems: list[Problem]) -> list[Event]:
    """Every event; alarms inside of one, time zones and all other components are passed over.

    The first line that is no calendar's ends the reading: what stands behind it cannot be trusted.
    """
    events: list[Event] = []
    inside: list[str] = []
    if source.line(1).strip().upper() != "BEGIN:VCALENDAR":
        fix = "name an iCalendar file: its first line is BEGIN:VCALENDAR"
        problems.append(line_place(source, 1).problem("this is no calendar feed", fix))
        return events
    for one in _properties(source):
        said = fix = ""
        if isinstance(one, int):
            line, said, fix = one, "this line is not written as NAME:VALUE", "mend the feed"
        elif one.name == "BEGIN":
            line = one.line
            inside.append(one.value.strip().upper())
            if inside[-1] == "VEVENT":
                events.append(Event(one.line))
            if len(inside) > depth_max or len(events) > events_max:
                said = f"the feed nests deeper than {depth_max} or has more than {events_max} events"
                fix = "take a smaller one"
        elif one.name == "END":
            line = one.line
            if not inside or inside.pop() != one.value.strip().upper():
                said, fix = "this ends what was not begun", "mend the feed"
        elif inside[-1:] == ["VEVENT"]:
            events[-1].properties.append(one)
        if said:
            problems.append(line_place(source, line).problem(said, fix))
            return events
    if inside:
        last = len(source.lines) if source.lines[-1] else len(source.lines) - 1
        said = f"the feed breaks off: {inside[-1]} has no end"
        problems.append(line_place(source, max(1, last)).problem(said, "fetch it whole"))
    return events


def _properties(source: Source) -> Iterator[Property | int]:
    """The content lines in order; a number is that of a line which is none."""
    for number, text in _unfolded(source):
        found = _LINE.fullmatch(text)
        if found is None:
            yield number
        else:
            yield Property(found[1].upper(), found[2].upper(), found[3], number)


def _unfolded(source: Source) -> Iterator[tuple[int, str]]:
    """A line that begins with a blank goes on the one before; each with the number of its first line."""
    begun, parts = 0, list[str]()
    for number, text in enumerate(source.lines, start=1):
        if text[:1] in (" ", "\t") and parts:
            parts.append(text[1:])
            continue
        if parts:
            yield begun, "".join(parts)
        begun, parts = number, [text] if text.strip() else []
    if parts:
        yield begun, "".join(parts)


_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


def unescaped(text: str) -> str:
    return re.sub(r"\\[nN,;\\]", lambda found: _ESCAPES[found[0]], text).strip()
