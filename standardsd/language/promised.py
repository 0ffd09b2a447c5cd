"""What is promised, in a few words for alerts and pages: ``within 15m``, ``at most 10``, ``by priority: …``."""

from __future__ import annotations

from datetime import timedelta

from standardsd.language.spoken import duration_text
from standardsd.model.promise import (
    AnyPromise,
    Between,
    Grid,
    Limits,
    OpenDays,
    Promise,
    Simple,
    Until,
)


def promised(promise: AnyPromise) -> str:
    """In the rule file's own words, rows of a grid in its order."""
    if not isinstance(promise, Grid):
        return _simple(promise)
    rows = [f"{value} {_simple(row)}" for value, row in promise.rows.items()]
    if promise.other is not None:
        rows.append(f"else {_simple(promise.other)}")
    return f"by {promise.per}: {', '.join(rows)}"


def _simple(promise: Simple) -> str:
    match promise:
        case Promise(limit=limit, within=within):
            return f"{'within' if within else 'under'} {span(limit)}"
        case OpenDays(days=days, within=within):
            return f"{'within' if within else 'under'} {days} open day{'' if days == 1 else 's'}"
        case Until(wall=wall):
            return f"until {wall.isoformat('seconds') if wall.second else wall.isoformat('minutes')}"
        case Between(lowest=lowest, highest=highest):
            return f"between {span(lowest)} and {span(highest)}"
        case Limits():
            return _limits(promise)


def _limits(limits: Limits) -> str:
    low = None if limits.lowest is None else number(limits.lowest, limits.unit)
    high = None if limits.highest is None else number(limits.highest, limits.unit)
    if low is not None and high is not None:
        words = f"between {low} and {high}"
    elif high is not None:
        words = f"{'at most' if limits.highest_in else 'under'} {high}"
    else:
        words = f"{'at least' if limits.lowest_in else 'over'} {low}"
    return words + (f", not for {span(limits.hold_for)}" if limits.hold_for else "")


def number(value: float, unit: str) -> str:
    """A share as percent, seconds as a duration, anything else as it is."""
    if unit == "%":
        return f"{round(value * 100, 6):g}%"
    if unit == "s":
        return span(timedelta(seconds=value))
    return f"{value:g}"


def span(length: timedelta) -> str:
    """As a rule file writes it, with a sign where it is below zero, parts of a second as a decimal: ``9.9s``."""
    if length < timedelta(0):
        return f"-{span(-length)}"
    seconds = length.total_seconds()
    return f"{seconds:g}s" if 0 < seconds < 60 else duration_text(length)
