"""Which clock a standard goes by, and in which zone its days and wall times are meant.

``always``, a calendar of the file or of a set that it extends, or ``site``: the calendar
of the case's site, which the configuration names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec import Struct

from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import read
from standardsd.language.tree import Node
from standardsd.language.words import nearest
from standardsd.model.clock import Always, BySite, OpenHours
from standardsd.model.zone import Zone, Zones

ALWAYS, SITE = "always", "site"


class Opening(Struct, frozen=True):
    """A calendar ready to judge by.  ``share``: part of the week that its weekly pattern is open, without holidays."""

    hours: OpenHours
    zone: Zone
    share: float


class SiteClocks:
    """What the configuration says of sites: their calendars, and their time zones.

    ``zones`` and ``by_site`` are made once: every standard shares them, however many sites there are.
    """

    def __init__(self, openings: Mapping[str, Opening], zones: Mapping[str, Zone]) -> None:
        self.openings = openings
        self.zones = Zones(None, dict(zones))
        self.calendar_zones = Zones(None, {site: opening.zone for site, opening in openings.items()})
        self.by_site = BySite({site: opening.hours for site, opening in openings.items()})
        self.longest = max((opening.share for opening in openings.values()), default=0.0)
        self.without_calendar = sorted(set(zones) - set(openings))


class ReadClock(Struct, frozen=True):
    """A clock as a standard names it.  ``share``: part of the time that it runs, for burn rates."""

    clock: Always | OpenHours | BySite = Always()
    zones: Zones = Zones()
    share: float = 1.0
    name: str = ALWAYS

    @property
    def calendar(self) -> bool:
        """Whether it stands still at times."""
        return not isinstance(self.clock, Always)

    @property
    def zoned(self) -> bool:
        """Whether somebody says in which zone a wall time is meant."""
        return self.zones.everywhere is not None or bool(self.zones.by_site)

    def open_part(self, length: timedelta) -> timedelta:
        """How much of a window is open, by the weekly pattern."""
        return length * self.share


def read_clock(
    node: Node | None,
    calendars: Mapping[str, Callable[[], Opening | None]],
    sites: SiteClocks | None,
    problems: list[Problem],
) -> ReadClock | None:
    """None when it is wrong; that has been told, of a calendar that is wrong itself where it stands."""
    by_site = Zones() if sites is None else sites.zones
    if node is None:
        return ReadClock(zones=by_site)
    text = read(node, str, problems, "clock")
    if text is None:
        return None
    if text == ALWAYS:
        return ReadClock(zones=by_site)
    if text == SITE:
        return _by_site(node, sites, problems)
    if text not in calendars:
        near = nearest(text, [*calendars, SITE, ALWAYS])
        fix = f"write {near}" if near else "write always, site, or a calendar of this file"
        problems.append(node.place.problem(f"there is no calendar {quoted(text)}", fix))
        return None
    opening = calendars[text]()
    if opening is None:
        return None
    return ReadClock(opening.hours, Zones(opening.zone), opening.share, text)


def _by_site(node: Node, sites: SiteClocks | None, problems: list[Problem]) -> ReadClock | None:
    """Burn rates take the site that is open longest: its factor is the highest, so no site pages too soon."""
    if sites is None or not sites.openings:
        said = "clock: site needs the calendars of the sites, and no configuration gives any"
        fix = "name the configuration (--config FILE) and give each site under sites: a calendar:"
        problems.append(node.place.problem(said, fix))
        return None
    if sites.without_calendar:
        said = f"the site {quoted(sites.without_calendar[0])} has no calendar, so this is not judged there"
        problems.append(node.place.problem(said, "give it a calendar: under sites:", Level.LINT))
    return ReadClock(sites.by_site, sites.calendar_zones, sites.longest, SITE)
