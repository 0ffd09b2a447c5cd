"""The clock of a standard, old and new: where more hours count, a limit is used up sooner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from standardsd.core.compare.order import DIFFERENT, EQUAL, LOOSER, TIGHTER, Order, nested, together
from standardsd.model.clock import Always, BySite, Clock, OpenHours
from standardsd.model.measure import Calendar, Carried, Score
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.standard import Standard
from standardsd.model.weeks import FIRST_MONDAY, hours

Span = tuple[int, int]
"""Opening and closing in microseconds since the first Monday."""

Table = tuple[bytes, bytes]
"""Hours as ``OpenHours`` has them packed."""


def compare_clocks(old: Standard, new: Standard) -> Order:
    """By every hour from 2000 to 2099, and by what is promised: EQUAL only where nothing counts otherwise."""
    if isinstance(old.measure, Carried | Score) and isinstance(new.measure, Carried | Score):
        return EQUAL  # judged at one instant
    hours_order = compare_hours(old.clock, new.clock)
    if hours_order is EQUAL:
        return EQUAL
    rows = (*_simple(old.promise), *_simple(new.promise))
    shorts = old.ignore_if_left_within is not None or new.ignore_if_left_within is not None
    return together(*(_by_promise(row, hours_order, shorts=shorts) for row in rows))


def _by_promise(promise: Simple, more_or_less: Order, *, shorts: bool) -> Order:
    """What other hours do to one promise; ``shorts``: who leaves soon, by the clock, is left out."""
    match promise:
        case Promise():
            return more_or_less
        case Between(lowest=lowest, highest=highest):
            # The clock stretches what is early as it does what is late: ordered where the start itself is in time.
            return more_or_less if lowest <= timedelta(0) <= highest else DIFFERENT
        case Until():
            return DIFFERENT if shorts else EQUAL  # the wall clock judges; zones are compared by themselves
        case OpenDays() | Limits():
            return DIFFERENT


def compare_hours(old: Clock | BySite, new: Clock | BySite) -> Order:
    """More hours are TIGHTER; of ``clock: site`` every site counts, and what has no calendar is not judged."""
    sites: set[str | None] = {None}
    for clock in (old, new):
        sites |= set(clock.clocks) if isinstance(clock, BySite) else set()
    return together(*(_compare_one(_of(old, site), _of(new, site)) for site in sites))


def _of(clock: Clock | BySite, site: str | None) -> Clock | None:
    return clock.of(site) if isinstance(clock, BySite) else clock


def _compare_one(old: Clock | None, new: Clock | None) -> Order:
    if old is None or new is None:
        return EQUAL if old is new else TIGHTER if old is None else LOOSER
    if isinstance(old, Always) or isinstance(new, Always):
        return EQUAL if type(old) is type(new) else TIGHTER if isinstance(new, Always) else LOOSER
    if (old.weeks, old.runs) == (new.weeks, new.runs):
        return EQUAL
    return _compare_tables((old.weeks, old.runs), (new.weeks, new.runs))


@lru_cache(maxsize=1_000)
def _compare_tables(old: Table, new: Table) -> Order:
    """A hundred years of both, some tens of milliseconds; many standards go by the same calendars."""
    before, after = hours(*old).spans(), hours(*new).spans()
    return nested(old_in_new=_covered(before, after), new_in_old=_covered(after, before), wider=TIGHTER)


def _covered(inner: Iterable[Span], outer: Iterable[Span]) -> bool:
    return next(_uncovered(inner, outer), None) is None


def _uncovered(inner: Iterable[Span], outer: Iterable[Span]) -> Iterator[int]:
    """Where the spans of ``inner`` that do not wholly lie in one of ``outer`` begin to stand out."""
    around = iter(outer)
    span = next(around, None)
    for start, end in inner:
        while span is not None and span[1] <= start:
            span = next(around, None)
        if span is None or start < span[0]:
            yield start
        elif end > span[1]:
            yield span[1]


def first_difference(old: OpenHours, new: OpenHours, after: datetime) -> datetime | None:
    """The first instant after ``after`` at which only one of the two is open; None: there is none."""
    since = (after - FIRST_MONDAY) // timedelta(microseconds=1)
    at = _first((old.weeks, old.runs), (new.weeks, new.runs), since)
    return None if at is None else FIRST_MONDAY + timedelta(microseconds=at)


@lru_cache(maxsize=1_000)
def _first(old: Table, new: Table, since: int) -> int | None:
    before, behind = hours(*old).spans(), hours(*new).spans()
    found = (
        next((at for at in standing_out if at > since), None)
        for standing_out in (_uncovered(before, behind), _uncovered(behind, before))
    )
    return min((at for at in found if at is not None), default=None)


def _simple(promise: AnyPromise) -> tuple[Simple, ...]:
    if not isinstance(promise, Grid):
        return (promise,)
    return (*promise.rows.values(), *(() if promise.other is None else (promise.other,)))


def days_count(standard: Standard) -> bool:
    """Whether it matters to a standard in which zone its days and wall times are meant."""
    objective = standard.objective
    return (
        any(isinstance(row, Until | OpenDays) for row in _simple(standard.promise))
        or standard.effective is not None
        or bool(standard.waivers)
        or isinstance(getattr(standard.measure, "over", None), Calendar)
        or (objective is not None and (isinstance(objective.over, Calendar) or bool(objective.targets)))
    )


def compare_zones(old: Standard, new: Standard) -> Order:
    """Another zone moves midnights and wall times, and so some starts across them."""
    if old.zones == new.zones or not (days_count(old) or days_count(new)):
        return EQUAL
    return DIFFERENT
