"""One touched group: its alerts move on, and the next instant is found at which time alone can move them."""

from __future__ import annotations

from datetime import datetime

from standardsd.core.alerts import AlertLife, step, wakes_at
from standardsd.core.conditions import NOT_SO, Holds, holds
from standardsd.core.figures import Figures
from standardsd.core.goals import Goals
from standardsd.core.instants import instant, micros
from standardsd.core.live import Live
from standardsd.model.decision import Alert, AlertState
from standardsd.model.standard import Condition, Group

_ALIVE = (AlertState.PENDING, AlertState.FIRING)


class Touched:
    """``dark``: a source it needs is; ``awaited``: one was not heard since we began to listen."""

    __slots__ = ("_awaited", "_dark", "_figures", "_goals", "_group", "_live", "_standard")

    def __init__(
        self, group: Group, goals: Goals, figures: Figures, live: Live, *, dark: bool, awaited: bool
    ) -> None:
        self._standard = goals.standard
        self._group = group
        self._goals = goals
        self._figures = figures
        self._live = live
        self._dark = dark
        self._awaited = awaited

    def alerts(self, now: datetime) -> list[Alert]:
        """Those whose state changes at ``now``.  What the rules no longer ask for is resolved."""
        self._drop_old_evidence(now)
        wanted = () if self._standard.shadow else self._standard.alert.on
        us = micros(now)
        said = []
        for condition in wanted:
            found = holds(
                condition,
                self._goals,
                self._figures,
                self._live,
                dark=self._dark,
                awaited=self._awaited,
                now=us,
            )
            said += self._step(condition, found, now)
        for condition, life in self._figures.alerts.items():
            if condition not in wanted and life.state in _ALIVE:
                said += self._step(condition, NOT_SO, now)
        return said

    def look_again(self, now: datetime) -> datetime | None:
        """The next instant at which time alone can change an alert or a share; None: it never can."""
        if self._standard.shadow:
            return None
        moments: list[datetime] = []
        spoken = self._live.finished.first()
        if spoken is not None:
            moments.append(spoken + self._standard.alert.keep_firing_for)
        for life in self._figures.alerts.values():
            fires = wakes_at(life, self._standard.alert.hold_for)
            if fires is not None:
                moments.append(fires)
        changes = self._goals.changes_at(self._figures.tally, micros(now))
        if changes is not None:
            moments.append(instant(changes))
        return min((at for at in moments if at > now), default=None)

    def _drop_old_evidence(self, now: datetime) -> None:
        """Breaches that are over and were spoken ``keep_firing_for`` ago or longer."""
        keep, live = self._standard.alert.keep_firing_for, self._live
        while (spoken := live.finished.first()) is not None and now - spoken >= keep:
            case = live.finished.first_key()
            assert case is not None
            live.let_go(case)
            del self._figures.evidence[case]

    def _step(self, condition: Condition, found: Holds, now: datetime) -> list[Alert]:
        standard, alerts = self._standard, self._figures.alerts
        life = alerts.get(condition)
        if life is None:
            life = alerts[condition] = AlertLife(AlertState.INACTIVE, now)
        if found.so is not None:
            life.count, life.oldest = found.pieces, found.oldest
        if not step(life, holds=found.so, hold_for=standard.alert.hold_for, now=now):
            return []
        return [Alert(standard.id, condition, dict(self._group), life.state, now, life.count, life.oldest)]
