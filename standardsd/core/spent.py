"""How a limit is used up: by one stretch of time, or by several stays added together, pauses left out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from standardsd.model.clock import Clock
from standardsd.model.reading import Event

RESOLUTION = timedelta(microseconds=1)
"""Instants are kept to the microsecond."""

Span = tuple[datetime, datetime | None]
"""[entered, left); None while it goes on."""


class Spent(Struct, frozen=True, gc=False):
    """``due``: the first instant at which the limit is used up; None while no stay runs that would get there.

    ``broke``: the instant from which the promise is broken unless something closed it before;
    ``within``: that instant itself is still in time.
    """

    due: datetime | None
    broke: datetime | None
    within: bool

    def in_time(self, at: datetime) -> bool:
        """Whether an end event at this instant would be kept: ≤ due for ``within``, < due for ``under``."""
        if self.broke is None:
            return True
        return at <= self.broke if self.within else at < self.broke


NEVER = Spent(None, None, True)
"""Of a promise that no time can use up."""


def spend(spans: list[Span], limit: timedelta, *, within: bool, clock: Clock) -> Spent:
    """Walks the stays until ``limit`` is used up.

    ``under`` breaks at the instant it is used up.  ``within`` breaks there if the stay goes on, else
    at the start of a later stay, however short; a stay that ends exactly there is in time.
    """
    used = timedelta(0)
    due: datetime | None = None
    used_up = False
    for entered, left in spans:
        if used_up:
            return Spent(
                due, entered, within=False
            )  # what begins there has nothing left, not even that instant
        due = clock.due(entered, limit - used)
        if due is not None and (left is None or due <= left):
            if not within or left is None or due < left:
                return Spent(due, due, within)
            used_up = True
        if left is not None:
            used += clock.elapsed(entered, left)
            due = due if used_up else None
    return Spent(due, None, within)


def used(spans: list[Span], start: datetime, end: datetime, *, clock: Clock) -> timedelta:
    """Time on the clock in ``spans`` up to ``end``; negative where the end comes before the start (appointments)."""
    if end < start:
        return clock.elapsed(start, end)
    ended = ((a, end if b is None or b > end else b) for a, b in spans if a <= end)
    return sum((clock.elapsed(a, b) for a, b in ended), timedelta(0))


def without(spans: Iterable[Span], pauses: list[Span]) -> list[Span]:
    """What of ``spans`` lies outside every pause; both ascending, the pauses may overlap.

    A pause of no length takes nothing away and parts nothing.
    """
    active: list[Span] = []
    for begin, end in spans:
        at: datetime | None = begin
        for since, until in pauses:
            if at is None or (end is not None and since >= end):
                break
            if until is not None and (until <= at or until <= since):
                continue
            if since > at:
                active.append((at, since))
            at = until
        if at is not None and (end is None or at < end or at == begin):
            active.append((at, end))
    return active


def earliest(event: Event) -> datetime:
    """The first instant at which it can have happened."""
    return event.at if event.not_before is None else event.not_before + RESOLUTION
