"""What a promise allows: when its time is used up, how far that is, and when it is at risk.

A number has no time to use up.  ``until`` goes by the wall, open days by the calendar's days; only a time
limit stands still in a pause, which is why the others cannot have one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from standardsd.core.spent import NEVER, Span, Spent, spend
from standardsd.model.clock import Clock, OpenHours
from standardsd.model.standard import AlertRule, Between, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.zone import Zone

NOTHING = timedelta(0)


def used_up(
    promise: Simple,
    start: datetime,
    spans: list[Span],
    *,
    stays: list[Span],
    clock: Clock,
    zone: Zone | None,
) -> Spent:
    """When the promise is due and from when on it is broken.

    ``stays``: of a total, with their pauses; ``spans``: the time that counts.
    """
    match promise:
        case Promise(limit=limit, within=within) if stays == spans:
            return spend(spans, limit, within=within, clock=clock)
        case Promise(limit=limit, within=within):
            due = spend(spans, limit, within=False, clock=clock).due
            return _broken_in(stays, due) if stays and within and due is not None else Spent(due, due, within)
        case Limits():
            return NEVER
    due = due_from(promise, start, clock=clock, zone=zone)
    return Spent(due, due, promise.within if isinstance(promise, OpenDays) else True)


def _broken_in(stays: list[Span], due: datetime) -> Spent:
    """A total ``within`` a limit breaks at due if a stay goes on there, paused or not, else where the next begins."""
    for entered, left in stays:
        if entered >= due and not (entered == due and entered == stays[0][0]):
            return Spent(due, entered, within=False)
        if left is None or due < left:
            return Spent(due, due, within=True)
    return Spent(due, None, within=True)


def due_from(promise: Simple, start: datetime, *, clock: Clock, zone: Zone | None) -> datetime | None:
    """When it is due if nothing pauses it; None: never."""
    match promise:
        case Promise(limit=limit):
            return clock.due(start, limit)
        case Between(highest=highest):
            return at_distance(start, highest, clock)
        case OpenDays(days=days):
            return clock.close_of_open_day(start, days) if isinstance(clock, OpenHours) else None
        case Until(wall=wall):
            return None if zone is None else zone.next_at(start, wall)
        case Limits():
            return None


def at_distance(start: datetime, signed: timedelta, clock: Clock) -> datetime | None:
    """The first instant so far after ``start``, or the latest so far before it."""
    return clock.due(start, signed) if signed >= NOTHING else clock.began(start, -signed)


def limit_of(promise: Simple, start: datetime, due: datetime | None, clock: Clock) -> float | None:
    """The limit as a decision names it: seconds of the clock, or the number; None where nothing ever is due."""
    match promise:
        case Promise(limit=limit):
            return limit.total_seconds()
        case Between(highest=highest):
            return highest.total_seconds()
        case Limits(lowest=lowest, highest=most):
            return lowest if most is None else most
    return None if due is None else clock.elapsed(start, due).total_seconds()


def risk_at(
    promise: Simple, start: datetime, spans: list[Span], due: datetime | None, alert: AlertRule, clock: Clock
) -> datetime | None:
    """When ``warn_at`` of the time is used up, or ``warn_before`` of it is left, whichever is first."""
    match promise:
        case Limits():
            return None
        case Promise(limit=limit):
            pass
        case Between(highest=limit):
            pass
        case _:
            if due is None:
                return None
            limit = clock.elapsed(start, due)
    part = [] if alert.warn_at is None else [limit * alert.warn_at]
    if alert.warn_before is not None:
        part.append(limit - alert.warn_before)
    if not part:
        return None
    return spend(spans, max(min(part), NOTHING), within=False, clock=clock).broke
