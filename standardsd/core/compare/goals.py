"""What follows from verdicts, old and new: the share that is asked for, and who is told of what."""

from __future__ import annotations

from datetime import date, timedelta

from standardsd.core.compare.order import DIFFERENT, EQUAL, LOOSER, TIGHTER, Order, nested, sized, together
from standardsd.model.measure import Calendar
from standardsd.model.objective import AlertRule, BurnPair, Objective

BEFORE = date(1, 1, 1)


def compare_targets(old: Objective, new: Objective) -> Order:
    """The share asked for, on every day of the calendar; before the first of dated targets there is none."""
    days = {BEFORE, *(target.since for objective in (old, new) for target in objective.targets)}
    return together(*(sized(_share(old, day), _share(new, day), more=TIGHTER) for day in days))


def _share(objective: Objective, day: date) -> float:
    return objective.target(day) or 0.0


def compare_periods(old: Objective, new: Objective) -> Order:
    """More failing windows in a row are looser.

    With one period the running window decides, with more only windows that have ended: each can fail
    without the other.
    """
    if old.periods == new.periods:
        return EQUAL
    if 1 in (old.periods, new.periods):
        return DIFFERENT
    return sized(old.periods, new.periods, more=LOOSER)


def compare_windows(old: Objective, new: Objective) -> Order:
    return EQUAL if old.over == new.over else DIFFERENT


def compare_objective_zones(old: Objective, new: Objective) -> Order:
    """Whose midnight begins a window of the calendar."""
    both = isinstance(old.over, Calendar) and isinstance(new.over, Calendar)
    return DIFFERENT if both and old.zone != new.zone else EQUAL


def compare_warnings(old: AlertRule, new: AlertRule) -> Order:
    """An open promise is at risk by either of ``warn_at`` and ``warn_before``: sooner is tighter."""
    never = 2.0  # no share of the time ever
    share = sized(
        never if old.warn_at is None else old.warn_at,
        never if new.warn_at is None else new.warn_at,
        more=LOOSER,
    )
    least = timedelta(-1)
    before = sized(
        least if old.warn_before is None else old.warn_before,
        least if new.warn_before is None else new.warn_before,
        more=TIGHTER,
    )
    return together(share, before)


def compare_burn(old: AlertRule, new: AlertRule) -> Order:
    """Of pairs with the same windows by their factor; a pair more is tighter."""
    before, after = _factors(old.burn), _factors(new.burn)
    pairs = nested(
        old_in_new=before.keys() <= after.keys(), new_in_old=after.keys() <= before.keys(), wider=TIGHTER
    )
    common = before.keys() & after.keys()
    return together(pairs, *(sized(before[key], after[key], more=LOOSER) for key in common))


def _factors(pairs: tuple[BurnPair, ...]) -> dict[tuple[timedelta, timedelta], float]:
    return {(pair.long, pair.short): pair.factor for pair in pairs}
