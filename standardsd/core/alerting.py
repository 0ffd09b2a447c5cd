"""A touched group: its alerts move on, and the next instant is found at which time alone can move them."""

from __future__ import annotations

from datetime import datetime, timedelta

from standardsd.core.alerts import AlertLife, step, wakes_at
from standardsd.core.conditions import NOT_SO, ON_SHARE, Holds, holds, pieces, share_look
from standardsd.core.figures import Figures
from standardsd.core.goals import Goals
from standardsd.core.instants import instant, micros
from standardsd.core.live import Live
from standardsd.model.decision import Alert, AlertState
from standardsd.model.standard import Condition, Group, Standard

_ALIVE = (AlertState.PENDING, AlertState.FIRING)


def move_on(group: Group, goals: Goals, figures: Figures, live: Live, now: datetime) -> list[Alert]:
    """The alerts of a group whose state changes at ``now``.  What the rules no longer ask for is resolved."""
    standard, lives = goals.standard, figures.alerts
    _drop_old_evidence(standard, figures, live, now)
    wanted = () if standard.shadow else standard.alert.on
    us = micros(now)
    said = []
    for condition in wanted:
        life = lives.get(condition)
        if life is None:
            life = lives[condition] = AlertLife(AlertState.INACTIVE, now)
        found = holds(condition, goals, figures, live, fresh=life.state is AlertState.PENDING, now=us)
        if _step(life, found, standard.alert.hold_for, now):
            if condition in ON_SHARE:
                life.count = pieces(condition, goals, figures, us)
            said.append(_alert(standard, condition, group, life, now))
    if len(lives) > len(wanted):
        for condition, life in lives.items():
            over = condition not in wanted and life.state in _ALIVE
            if over and _step(life, NOT_SO, standard.alert.hold_for, now):
                said.append(_alert(standard, condition, group, life, now))
    return said


def look_again(goals: Goals, figures: Figures, live: Live, now: datetime) -> datetime | None:
    """The next instant at which time alone can change an alert or a share of a group; None: it never can."""
    standard = goals.standard
    if standard.shadow:
        return None
    first: datetime | None = None
    spoken = live.finished.first()
    if spoken is not None:
        first = spoken + standard.alert.keep_firing_for
    for life in figures.alerts.values():
        fires = wakes_at(life, standard.alert.hold_for)
        if fires is not None and fires > now and (first is None or fires < first):
            first = fires
    until = share_look(goals, figures, live, fresh=False, now=micros(now)).until
    if until is not None:
        changes = instant(until)
        if first is None or changes < first:
            first = changes
    return first


def _drop_old_evidence(standard: Standard, figures: Figures, live: Live, now: datetime) -> None:
    """Breaches that are over and were spoken ``keep_firing_for`` ago or longer."""
    keep = standard.alert.keep_firing_for
    while (spoken := live.finished.first()) is not None and now - spoken >= keep:
        case = live.finished.first_key()
        assert case is not None
        live.let_go(case)
        del figures.evidence[case]


def _step(life: AlertLife, found: Holds, hold_for: timedelta, now: datetime) -> bool:
    if found.so is not None:
        life.count, life.oldest = found.pieces, found.oldest
    return step(life, holds=found.so, hold_for=hold_for, now=now)


def _alert(standard: Standard, condition: Condition, group: Group, life: AlertLife, now: datetime) -> Alert:
    return Alert(standard.id, condition, dict(group), life.state, now, life.count, life.oldest)
