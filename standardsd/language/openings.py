"""The calendars of rule files: who sees which, what they come to, and which are never used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from standardsd.language.calendars import read_calendars
from standardsd.language.clocks import Opening, SiteClocks
from standardsd.language.envelope import RuleText
from standardsd.language.feeds import Feeds
from standardsd.language.opening import materialise
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.tree import Items, Map, Node, Text
from standardsd.language.zones import zone
from standardsd.model.calendar import Calendar
from standardsd.model.clock import OpenHours
from standardsd.model.config import Site
from standardsd.model.standard import Standard

_DAY = 1_440
_WEEK = 7 * _DAY

Seen = Mapping[str, Callable[[], Opening | None]]


class Calendars:
    """Every file's calendars, read once; each is made into instants when a standard first goes by it."""

    def __init__(
        self,
        files: Sequence[RuleText],
        timezones: Collection[str] | None,
        feeds: Feeds,
        problems: list[Problem],
    ) -> None:
        self._files = files
        self._used: set[tuple[str, str]] = set()
        self._calendars = {
            file.path: read_calendars(
                file.reader.map_of("calendars"), problems, timezones, feeds.get(file.path)
            )
            for file in files
        }

    def seen_from(self, file: RuleText, ancestors: Sequence[RuleText]) -> Seen:
        """By name, the file's own before those of the sets that it extends, nearest first."""
        found: dict[str, Callable[[], Opening | None]] = {}
        for one in (*reversed(ancestors), file):
            for name in _names(one):
                found[name] = self._opening(one, name)
        return found

    def _opening(self, file: RuleText, name: str) -> Callable[[], Opening | None]:
        def ready() -> Opening | None:
            self._used.add((file.path, name))
            calendar = self._calendars[file.path].get(name)
            return None if calendar is None else opening_of(calendar)

        return ready

    def written(
        self, file: RuleText, ancestors: Sequence[RuleText], standards: Iterable[Standard]
    ) -> dict[str, object]:
        """Name → what a calendar says, of those that the standards go by; without what data make of it."""
        names = {standard.clock.name for standard in standards if isinstance(standard.clock, OpenHours)}
        found: dict[str, object] = {}
        for one in (*reversed(ancestors), file):
            for name, calendar in self._calendars[one.path].items():
                if name in names:
                    found[name] = _said(calendar, _holidays(one, name))
        return found

    def lint_unused(self, problems: list[Problem]) -> None:
        for file in self._files:
            for entry in file.reader.map_of("calendars"):
                if (file.path, entry.key.text) not in self._used:
                    said = f"no standard goes by the calendar {quoted(entry.key.text)}"
                    fix = f"write clock: {entry.key.text} where it counts, or leave it out"
                    problems.append(entry.key.place.problem(said, fix, Level.LINT))


def opening_of(calendar: Calendar) -> Opening:
    """A calendar ready to judge by."""
    return Opening(materialise(calendar), calendar.zone, share_of(calendar))


def site_clocks(sites: Sequence[Site]) -> SiteClocks:
    """The calendars and time zones that the configuration gives its sites."""
    openings = {site.name: opening_of(site.calendar) for site in sites if site.calendar is not None}
    zones = {site.name: zone(site.timezone) for site in sites if site.timezone is not None}
    return SiteClocks(openings, zones)


def share_of(calendar: Calendar) -> float:
    """The part of a week that the weekly pattern is open; what overlaps counts once."""
    spans = sorted(
        (day * _DAY + opening, day * _DAY + closing)
        for day, times in enumerate(calendar.weekly)
        for opening, closing in times
    )
    # What runs from Sunday into Monday covers the week's beginning, too.
    spans = sorted([*spans, *((start - _WEEK, end - _WEEK) for start, end in spans if end > _WEEK)])
    open_minutes, reached = 0, 0
    for start, end in spans:
        start, end = max(start, reached), min(end, _WEEK)
        if end > start:
            open_minutes += end - start
            reached = end
    return open_minutes / _WEEK


def _names(file: RuleText) -> list[str]:
    return [entry.key.text for entry in file.reader.map_of("calendars")]


def _said(calendar: Calendar, holidays: object) -> dict[str, object]:
    return {
        "zone": calendar.zone.name,
        "weekly": calendar.weekly,
        "closed": [day.isoformat() for day in sorted(calendar.closed)],
        "instead": [[day.isoformat(), times] for day, times in sorted(calendar.instead)],
        "holidays": holidays,
    }


def _holidays(file: RuleText, name: str) -> object:
    """What the file says of holidays, as it is written."""
    for entry in file.reader.map_of("calendars"):
        if entry.key.text == name and isinstance(entry.value, Map):
            node = entry.value.get("holidays")
            return None if node is None else _plain(node)
    return None


def _plain(node: Node) -> object:
    if isinstance(node, Map):
        return {entry.key.text: _plain(entry.value) for entry in node.entries}
    if isinstance(node, Items):
        return [_plain(item) for item in node.items]
    return node.text if isinstance(node, Text) else None
