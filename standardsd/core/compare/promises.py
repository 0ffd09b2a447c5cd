"""What is promised, old and new: the row of a grid that counts for the same label, side by side."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from standardsd.core.compare.order import DIFFERENT, EQUAL, LOOSER, TIGHTER, Order, nested, sized, together
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple


class Row(Struct, frozen=True):
    """One row that changed.

    ``per``, ``value``: the label and the value it is for; both None where nothing depends on a label;
    ``value`` alone None: any other value, and none.  ``old``, ``new``: None where it is not judged.
    """

    order: Order
    old: Simple | None
    new: Simple | None
    per: str | None = None
    value: str | None = None


def compare_promises(old: AnyPromise, new: AnyPromise) -> tuple[Row, ...]:
    """Every row that changed, those of values before ``else``; nothing where both promise the same.

    Two grids over different labels cannot be compared; that is one row with neither label nor value.
    """
    if old == new:
        return ()
    if isinstance(old, Grid) and isinstance(new, Grid) and old.per != new.per:
        return (Row(DIFFERENT, None, None),)
    if not isinstance(old, Grid) and not isinstance(new, Grid):
        return (Row(compare_simple(old, new), old, new),)
    per = old.per if isinstance(old, Grid) else new.per if isinstance(new, Grid) else None
    before, otherwise_before = _rows(old)
    after, otherwise_after = _rows(new)
    pairs: list[tuple[str | None, Simple | None, Simple | None]] = [
        (value, before.get(value, otherwise_before), after.get(value, otherwise_after))
        for value in sorted({*before, *after})
    ]
    pairs.append((None, otherwise_before, otherwise_after))
    found = tuple(Row(compare_simple(a, b), a, b, per, value) for value, a, b in pairs if a != b)
    return found or (Row(EQUAL, None, None),)


def _rows(promise: AnyPromise) -> tuple[dict[str, Simple], Simple | None]:
    """Value → promise, and what holds for every other value."""
    return (promise.rows, promise.other) if isinstance(promise, Grid) else ({}, promise)


def compare_simple(old: Simple | None, new: Simple | None) -> Order:
    """None: nothing is promised."""
    if old == new:
        return EQUAL
    if old is None or new is None:
        return TIGHTER if old is None else LOOSER
    if isinstance(old, Promise | Between) and isinstance(new, Promise | Between):
        return _times(old, new)
    if isinstance(old, OpenDays) and isinstance(new, OpenDays):
        # The close of a later open day is later; on the same day ``under`` leaves out the close itself.
        return sized((old.days, old.within), (new.days, new.within), more=LOOSER)
    if isinstance(old, Limits) and isinstance(new, Limits):
        return _numbers(old, new)
    return DIFFERENT  # a time of day is nearer or farther, as the start is


def _times(old: Promise | Between, new: Promise | Between) -> Order:
    """From ``lowest`` (of a plain limit: ever so early) to the limit; at the limit itself only ``within`` keeps."""
    early = sized(_lowest(old), _lowest(new), more=TIGHTER)
    return together(early, sized(_highest(old), _highest(new), more=LOOSER))


def _lowest(promise: Promise | Between) -> timedelta:
    return promise.lowest if isinstance(promise, Between) else timedelta.min


def _highest(promise: Promise | Between) -> tuple[timedelta, bool]:
    if isinstance(promise, Between):
        return promise.highest, True
    return promise.limit, promise.within


def _numbers(old: Limits, new: Limits) -> Order:
    """By the numbers that are kept, and for how long others are borne.  How they are read changes nothing."""
    kept = nested(old_in_new=_lies_in(old, new), new_in_old=_lies_in(new, old), wider=LOOSER)
    return together(kept, sized(old.hold_for, new.hold_for, more=LOOSER))


def _lies_in(one: Limits, other: Limits) -> bool:
    """Whether every number that ``one`` keeps is kept by ``other``."""
    if other.lowest is not None:
        if one.lowest is None or one.lowest < other.lowest:
            return False
        if one.lowest == other.lowest and one.lowest_in and not other.lowest_in:
            return False
    if other.highest is not None:
        if one.highest is None or one.highest > other.highest:
            return False
        if one.highest == other.highest and one.highest_in and not other.highest_in:
            return False
    return True
