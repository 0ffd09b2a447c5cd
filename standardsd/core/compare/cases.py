"""What happens to cases, old and new: who is in, what takes a case out, what stops its clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from standardsd.core.compare.globs import all_within
from standardsd.core.compare.order import (
    DIFFERENT,
    EQUAL,
    LOOSER,
    OPPOSITE,
    TIGHTER,
    Order,
    nested,
    sized,
    together,
)
from standardsd.model.measure import FromTo, Measure, NumberMeasure, Sampled, Score, TimeIn
from standardsd.model.standard import Dates, Policy, Reopen, Standard, Waiver

W = TypeVar("W", bound=StrEnum)

POLICIES = {
    # old             new               what the new one is
    (Policy.BREACH, Policy.EXCLUDE): LOOSER,  # who gives up in time is no longer a breach
    (Policy.BREACH, Policy.KEEP): LOOSER,
    (Policy.BREACH, Policy.VOID): LOOSER,
    (Policy.EXCLUDE, Policy.KEEP): LOOSER,  # the same breaches among more that count as kept
    (Policy.EXCLUDE, Policy.VOID): LOOSER,  # who gives up late is no longer a breach
    (Policy.KEEP, Policy.VOID): DIFFERENT,  # fewer breaches, among fewer that count as kept
}
"""Every pair of two policies, each in one direction; the other direction is the opposite."""

REOPENINGS = {
    (Reopen.FIRST_ONLY, Reopen.RESUME): TIGHTER,  # what was met, or left out, can still be breached
    (Reopen.FIRST_ONLY, Reopen.NEW_CYCLE): TIGHTER,  # a second promise beside the first
    (Reopen.RESUME, Reopen.NEW_CYCLE): DIFFERENT,  # one promise with a pause, or two
}


def compare_policies(key: str, old: Standard, new: Standard) -> Order:
    """``if_left``, ``if_diverted``, ``if_done``: what an ending in time makes of a case."""
    pair = _of_pair(POLICIES, getattr(old, key), getattr(new, key))
    return together(*(pair if isinstance(one.measure, FromTo) else _idle(one.measure) for one in (old, new)))


def compare_reopenings(old: Standard, new: Standard) -> Order:
    """``reopen``: with ``each: true`` whatever begins again is judged anyway."""
    pair = _of_pair(REOPENINGS, old.reopen, new.reopen)
    return together(*(pair if _once(one.measure) else _idle(one.measure) for one in (old, new)))


def _once(measure: Measure) -> bool:
    return isinstance(measure, FromTo) and not measure.each


def _of_pair(table: Mapping[tuple[W, W], Order], old: W, new: W) -> Order:
    if old == new:
        return EQUAL
    return table[old, new] if (old, new) in table else OPPOSITE[table[new, old]]


def _idle(measure: Measure) -> Order:
    """A key that does nothing for this measure of cases; what it does to numbers made of some is not claimed."""
    return DIFFERENT if isinstance(measure, NumberMeasure) else EQUAL


SHORTS = {
    # if_left          what it is to leave out more of those who leave soon
    Policy.BREACH: LOOSER,
    Policy.KEEP: TIGHTER,  # they counted as kept
    Policy.EXCLUDE: EQUAL,  # they were left out anyway
    Policy.VOID: EQUAL,
}


def compare_shorts(old: Standard, new: Standard) -> Order:
    """``ignore_if_left_within``: longer takes more cases out of what ``if_left`` would make of them."""
    never = timedelta(-1)
    before, after = (
        never if one.ignore_if_left_within is None else one.ignore_if_left_within for one in (old, new)
    )
    longer = (
        SHORTS[one.if_left] if isinstance(one.measure, FromTo) else _idle(one.measure) for one in (old, new)
    )
    return together(*(how if how in (EQUAL, DIFFERENT) else sized(before, after, more=how) for how in longer))


def compare_unless(old: Standard, new: Standard) -> Order:
    """More events that take a case out are looser, where that cannot also begin a case anew or save a breach.

    With ``each`` or ``new_cycle`` an event that closes one occurrence makes room for the next; and what an
    ``unless`` has closed late can no longer be voided by an ending.
    """
    order = nested(
        old_in_new=set(old.unless) <= set(new.unless),
        new_in_old=set(new.unless) <= set(old.unless),
        wider=LOOSER,
    )
    return together(*(_of_unless(order, one) for one in (old, new)))


def _of_unless(order: Order, standard: Standard) -> Order:
    measure = standard.measure
    if isinstance(measure, TimeIn | Score):
        return order
    if not isinstance(measure, FromTo):
        return _idle(measure)
    voids = Policy.VOID in (standard.if_left, standard.if_diverted, standard.if_done)
    again = measure.each or standard.reopen is not Reopen.FIRST_ONLY
    return DIFFERENT if voids or again else order


def compare_pauses(old: Standard, new: Standard) -> Order:
    """More states in which the clock stands still are looser."""
    order = nested(
        old_in_new=set(old.pause_while) <= set(new.pause_while),
        new_in_old=set(new.pause_while) <= set(old.pause_while),
        wider=LOOSER,
    )
    timed = FromTo | TimeIn
    return together(*(order if isinstance(one.measure, timed) else _idle(one.measure) for one in (old, new)))


# -- who is in -----------------------------------------------------------------------------------------


def compare_where(old: Standard, new: Standard) -> Order:
    """Fewer cases, fewer promises.  Of a number that is made of many things, nobody knows."""
    order = nested(
        old_in_new=all_within(old.where, new.where),
        new_in_old=all_within(new.where, old.where),
        wider=TIGHTER,
    )
    return _population(order, old, new)


def compare_effective(old: Standard, new: Standard) -> Order:
    """Fewer days, fewer promises."""
    before, after = old.effective or Dates(), new.effective or Dates()
    order = nested(
        old_in_new=_days_within(before, after), new_in_old=_days_within(after, before), wider=TIGHTER
    )
    return _population(order, old, new)


def compare_waivers(old: Standard, new: Standard) -> Order:
    """More that is taken out is looser.  A waiver lies in others when it lies in one of them."""
    order = nested(
        old_in_new=_all_waived(old.waivers, new.waivers),
        new_in_old=_all_waived(new.waivers, old.waivers),
        wider=LOOSER,
    )
    return _population(order, old, new)


def _population(order: Order, *standards: Standard) -> Order:
    """A number that is made of many things moves either way when some of them go; of samples the worst counts."""
    measures = [standard.measure for standard in standards]
    many = any(isinstance(one, NumberMeasure) and not isinstance(one, Sampled) for one in measures)
    return together(order, DIFFERENT) if many and order is not EQUAL else order


def _all_waived(some: Iterable[Waiver], by: tuple[Waiver, ...]) -> bool:
    return all(
        any(_days_within(one.dates, other.dates) and all_within(one.where, other.where) for other in by)
        for one in some
    )


def _days_within(inner: Dates, outer: Dates) -> bool:
    """Whether every day of the one is a day of the other."""
    starts = (outer.since or date.min) <= (inner.since or date.min)
    return starts and (inner.until or date.max) <= (outer.until or date.max)
