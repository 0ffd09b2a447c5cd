"""Objectives and alerts of one standard, old and new, part by part."""

from __future__ import annotations

from collections.abc import Iterator

from standardsd.core.compare import goals
from standardsd.core.compare.order import EQUAL, LOOSER, TIGHTER, Order, sized
from standardsd.language import diff_words as words
from standardsd.model.objective import AlertRule, Condition, Objective

Told = tuple[Order | None, str, str]
"""Order (None: only words for people), key of the standard, line."""


def objectives(old: Objective | None, new: Objective | None) -> Iterator[Told]:
    """A share that nobody asked for before is tighter."""
    if old is None and new is not None:
        yield TIGHTER, "objective", f"an objective: {words.objective(new)}"
    elif new is None and old is not None:
        yield LOOSER, "objective", f"no objective; it was {words.objective(old)}"
    if old is None or new is None or old == new:
        return
    parts = [
        (
            (old.at_least, old.targets) != (new.at_least, new.targets),
            goals.compare_targets(old, new),
            f"{words.targets(new)} must be kept instead of {words.targets(old)}",
        ),
        (
            old.over != new.over,
            goals.compare_windows(old, new),
            f"the share is over {words.window(new.over)} instead of {words.window(old.over)}",
        ),
        (
            old.min_count != new.min_count,
            sized(old.min_count, new.min_count, more=LOOSER),
            f"the share is known from {new.min_count} verdicts on instead of {old.min_count}",
        ),
        (
            old.periods != new.periods,
            goals.compare_periods(old, new),
            f"it fails after {new.periods} failing windows in a row instead of {old.periods}",
        ),
        (
            old.zone != new.zone,
            goals.compare_objective_zones(old, new),
            f"its windows begin at midnight in {_zone(new)} instead of {_zone(old)}",
        ),
    ]
    for changed, order, said in parts:
        if changed:
            yield order, "objective", said


def _zone(objective: Objective) -> str:
    return "the zone of the standard" if objective.zone is None else objective.zone.name


def alerts(old: AlertRule, new: AlertRule) -> Iterator[Told]:
    """Each condition that came or went, and what changed for all of them."""
    for condition in Condition:
        if condition in new.on and condition not in old.on:
            yield TIGHTER, "alert", f"an alert on {condition}"
        elif condition in old.on and condition not in new.on:
            yield LOOSER, "alert", f"no alert on {condition} any more"
    parts = [
        (
            old.hold_for != new.hold_for,
            sized(old.hold_for, new.hold_for, more=LOOSER),
            f"an alert waits {words.length(new.hold_for)} before it fires instead of {words.length(old.hold_for)}",
        ),
        (
            old.keep_firing_for != new.keep_firing_for,
            sized(old.keep_firing_for, new.keep_firing_for, more=TIGHTER),
            f"a breach keeps the alert firing for {words.length(new.keep_firing_for)} instead of "
            f"{words.length(old.keep_firing_for)}",
        ),
        (
            (old.warn_at, old.warn_before) != (new.warn_at, new.warn_before),
            goals.compare_warnings(old, new),
            f"at risk {_warned(new)} instead of {_warned(old)}",
        ),
    ]
    for changed, order, said in parts:
        if changed:
            yield order, "alert", said
    both = Condition.BURN in old.on and Condition.BURN in new.on
    if both and old.burn != new.burn:
        order = goals.compare_burn(old, new)
        if order is not EQUAL:
            yield order, "alert", f"burn rates fire at {_factors(new)} instead of {_factors(old)}"


def _warned(alert: AlertRule) -> str:
    said = [f"at {words.share(alert.warn_at)} of the time"] if alert.warn_at is not None else []
    said += [f"{words.length(alert.warn_before)} before due"] if alert.warn_before is not None else []
    return " or ".join(said) or "never"


def _factors(alert: AlertRule) -> str:
    return words.listed(f"{pair.factor:.3g} over {words.length(pair.long)}" for pair in alert.burn)
