"""How often a promise must be kept, and who is told of what."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from standardsd.model.measure import Calendar, Rolling
from standardsd.model.zone import Zone


class Condition(StrEnum):
    """What an alert can be about; each word in ``alert.on`` is an alert of its own."""

    BREACH = "breach"
    AT_RISK = "at_risk"
    OBJECTIVE = "objective"
    BURN = "burn"
    LIMIT = "limit"
    SILENCE = "silence"


class Target(Struct, frozen=True):
    """The share asked for from a local day on (that day is in)."""

    since: date
    at_least: float


class Objective(Struct, frozen=True):
    """The share that must be kept over a window.

    ``at_least`` in (0, 1]; None where ``targets`` say it, of which the latest one begun holds, and before the
    first of them there is none.  Fewer than ``min_count`` verdicts: the share is unknown, not 100 %.
    ``periods``: so many calendar windows in a row, the last one ended, must fail before the alert fires; with 1
    the running window alone decides.
    ``zone``: where its calendar windows begin at midnight; None: in the standard's own zone.
    """

    at_least: float | None
    over: Rolling | Calendar
    min_count: int = 1
    periods: int = 1
    targets: tuple[Target, ...] = ()
    zone: Zone | None = None

    def target(self, day: date) -> float | None:
        """The share asked for on a local day."""
        begun = [target for target in self.targets if target.since <= day]
        return max(begun, key=lambda target: target.since).at_least if begun else self.at_least


class BurnPair(Struct, frozen=True):
    """Fires when the burn rate over ``long`` and over ``short`` (both in hours of the clock) exceeds ``factor``."""

    spent: float
    long: timedelta
    short: timedelta
    factor: float


class AlertRule(Struct, frozen=True):
    """Who is told of what.  ``hold_for`` is the rule file's ``for``; ``burn``: the pairs that can fire."""

    on: tuple[Condition, ...] = (Condition.BREACH,)
    hold_for: timedelta = timedelta(0)
    keep_firing_for: timedelta = timedelta(minutes=5)
    warn_at: float | None = 0.75
    warn_before: timedelta | None = None
    burn: tuple[BurnPair, ...] = ()
