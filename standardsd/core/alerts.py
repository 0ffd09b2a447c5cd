"""An alert's life: inactive → pending → firing → resolved."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from standardsd.model.decision import AlertState


class AlertLife(Struct):
    """One condition of one standard in one group.  ``since``: wall instant of the last change of state."""

    state: AlertState
    since: datetime
    count: int = 0
    oldest: datetime | None = None


# (state, does the condition hold?) → next state, where ``for`` is 0 and where it is not.
# ``None`` is "unknown": it never resolves an alert and fires none.
_QUIET = (AlertState.INACTIVE, AlertState.RESOLVED)

NEXT: dict[tuple[AlertState, bool | None], AlertState] = {
    (AlertState.INACTIVE, True): AlertState.PENDING,
    (AlertState.INACTIVE, False): AlertState.INACTIVE,
    (AlertState.INACTIVE, None): AlertState.INACTIVE,
    (AlertState.PENDING, True): AlertState.PENDING,
    (AlertState.PENDING, False): AlertState.INACTIVE,
    (AlertState.PENDING, None): AlertState.PENDING,
    (AlertState.FIRING, True): AlertState.FIRING,
    (AlertState.FIRING, False): AlertState.RESOLVED,
    (AlertState.FIRING, None): AlertState.FIRING,
    (AlertState.RESOLVED, True): AlertState.PENDING,
    (AlertState.RESOLVED, False): AlertState.RESOLVED,
    (AlertState.RESOLVED, None): AlertState.RESOLVED,
}


def step(life: AlertLife, *, holds: bool | None, hold_for: timedelta, now: datetime) -> bool:
    """Moves ``life`` on; whether its state changed in a way that is told.

    A condition that has held for exactly ``hold_for`` fires; with ``hold_for`` 0 it fires at once and
    is never pending.
    """
    before = life.state
    after = NEXT[(before, holds)]
    since = now if after is not before else life.since
    if after is AlertState.PENDING and holds and now - since >= hold_for:
        after, since = AlertState.FIRING, now
    life.state, life.since = after, since
    return after is not before


def wakes_at(life: AlertLife, hold_for: timedelta) -> datetime | None:
    """When a pending alert will fire if nothing changes."""
    return life.since + hold_for if life.state is AlertState.PENDING else None
