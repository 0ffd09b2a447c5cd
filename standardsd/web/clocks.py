"""Times of day for people: at the site, with its zone said, or in UTC, and said so.  Pure.

Where all sites of a page have one zone, the page's clock is theirs.  Where they have several, it is
UTC, and each site has a clock of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from standardsd.model.config import Site

UTC_KEY = "UTC"


class When(Struct, frozen=True):
    """An instant for people: at the site, to the millisecond where it needs it, with the date on another day."""

    at: datetime
    text: str


def zone_of(site: Site | None) -> ZoneInfo:
    """The site's own; UTC for one that says none."""
    return zone_named(UTC_KEY if site is None else site.timezone or UTC_KEY)


def zone_named(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError):  # the configuration checks it; a page never fails for it
        return ZoneInfo(UTC_KEY)


def common_zone(sites: Iterable[Site | None]) -> ZoneInfo:
    """The one zone of all sites that say one; UTC where they say several, or none does."""
    keys = {zone_of(site).key for site in sites if site is not None and site.timezone}
    return zone_named(keys.pop()) if len(keys) == 1 else zone_named(UTC_KEY)


def clock_text(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Time of day in the zone (UTC says so); with the date when that is another day there."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    text = local.strftime("%H:%M:%S" if local.date() == today.date() else "%Y-%m-%d %H:%M")
    return f"{text} UTC" if zone.key == UTC_KEY else text


def when(at: datetime, zone: ZoneInfo, now: datetime) -> When:
    """The same to the millisecond, where it has any; cut, never rounded up."""
    local = at.astimezone(zone)
    text = local.strftime("%H:%M:%S")
    if at.microsecond:
        text += f".{at.microsecond // 1000:03}"
    if local.date() != now.astimezone(zone).date():
        text = f"{local:%Y-%m-%d} {text}"
    return When(at, f"{text} UTC" if zone.key == UTC_KEY else text)


def hands(at: datetime, key: str) -> str:
    """What a clock shows there; its zone stands beside it."""
    return at.astimezone(zone_named(key)).strftime("%H:%M:%S")
