"""Burn rates that page: which pairs of windows a standard gets, and which of them could never fire.

factor = budget spent × objective window ÷ long window, both in open hours of the clock,
never below 1.  A burn rate is at most 1 ÷ budget (everything is broken), so a pair whose
factor is not below that can never fire.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from standardsd.model.objective import BurnPair

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)

PAIRS = (
    # budget spent, in (long window), and still (short window)
    (0.02, _HOUR, 5 * _MINUTE),
    (0.05, 6 * _HOUR, 30 * _MINUTE),
    (0.10, 24 * _HOUR, 2 * _HOUR),
    (0.10, 72 * _HOUR, 6 * _HOUR),
)
"""STANDARDS.md §2, objectives."""

_SLACK = 1e-9
"""Shares are floats: 1 − 95 % is not exactly a twentieth."""


def burn_pairs(open_window: timedelta) -> tuple[BurnPair, ...]:
    """Every pair of the table for an objective over so many open hours."""
    return tuple(
        BurnPair(spent, long, short, max(1.0, spent * (open_window / long))) for spent, long, short in PAIRS
    )


def can_fire(pair: BurnPair, budgets: Iterable[float]) -> bool:
    """Whether everything broken would burn faster than the factor, under one of the budgets at least."""
    return any(budget > 0 and pair.factor * budget < 1 - _SLACK for budget in budgets)
