"""Where the word on an occurrence can turn: limits that begin and end, local days, and what comes before what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from msgspec import structs

from standardsd.core import limits
from standardsd.core.timing import Timing
from standardsd.model.standard import Between, Grid, Limits, Promise, Simple, Standard

EVER = datetime.max.replace(tzinfo=UTC)

Places = dict[int, datetime]
"""Where events are put, by their place in what was said; those not named stay at their ``at``."""


def reaches(standard: Standard, time: Timing, *, short: bool) -> Iterator[Callable[[datetime], datetime]]:
    """What a distance can turn on: each limit as a function from where it begins to where it ends, or ``EVER``.

    ``short``: that of ``ignore_if_left_within`` too, which matters only where somebody left.
    """
    clock = time.clock
    if clock is None:
        return
    zone = standard.zones.of(time.site)

    def ending(promise: Simple) -> Callable[[datetime], datetime]:
        return lambda start: limits.due_from(promise, start, clock=clock, zone=zone) or EVER

    promise = standard.promise
    rows = (*promise.rows.values(), promise.other) if isinstance(promise, Grid) else (promise,)
    for row in rows:
        if row is None or isinstance(row, Limits):
            continue
        yield ending(row)
        if isinstance(row, Between):
            yield ending(structs.replace(row, highest=row.lowest))
    if short and standard.ignore_if_left_within is not None:
        yield ending(Promise(standard.ignore_if_left_within, within=True))


def midnights(standard: Standard, time: Timing) -> Iterator[datetime]:
    """Where the local days begin on which the standard takes effect or is waived, and end."""
    zone = standard.zones.or_utc(time.site)
    effective = () if standard.effective is None else (standard.effective,)
    for dates in (*effective, *(waiver.dates for waiver in standard.waivers)):
        yield from (zone.midnight(day) for day in (dates.since, dates.until) if day is not None)


def length(places: Places, *, begun: tuple[int, ...], over: tuple[int, ...]) -> timedelta:
    """The sum of stays that these events begin and end, less what is the same wherever the others are put."""
    ends = sum((places[n] - EVER for n in over if n in places), timedelta(0))
    return ends - sum((places[n] - EVER for n in begun if n in places), timedelta(0))


def order(instants: list[datetime]) -> tuple[int, ...]:
    """Which comes before, with or after which: the place of each among all that differ."""
    places = {at: place for place, at in enumerate(sorted(set(instants)))}
    return tuple(places[at] for at in instants)
