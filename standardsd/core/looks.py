"""One group as others see it: the figures of now in one value."""

from __future__ import annotations

from standardsd.core.alerts import AlertLife
from standardsd.core.conditions import ON_SHARE, pieces
from standardsd.core.figures import Figures
from standardsd.core.goals import Goals
from standardsd.core.live import Live
from standardsd.core.tallies import Verdicts
from standardsd.model.decision import EpisodeState, Verdict
from standardsd.model.snapshot import AlertNow, GroupNow, Histogram, State
from standardsd.model.standard import Condition, Group


def look(group: Group, goals: Goals, figures: Figures, live: Live, *, now: int, urgent_max: int) -> GroupNow:
    """``now`` in µs."""
    if goals.standard.shadow:
        return _shadow(group, goals)
    tally = figures.tally
    tallied = tally.between(goals.frame.span(now))
    known = goals.is_known(tally, tallied.counted)
    target = goals.target(now)
    cases = isinstance(tally, Verdicts)
    return GroupNow(
        standard=goals.standard.id,
        group=group,
        state=_state(goals, figures, live, now),
        verdicts=dict(figures.spoken),
        violations=figures.violations,
        amendments=figures.amendments,
        open=len(live.waiting),
        at_risk=len(live.at_risk),
        overdue=len(live.overdue),
        breached_open=len(live.late),
        next_due=live.next_due(),
        kept_ratio=tallied.kept / tallied.counted if known else None,
        counted=tallied.counted if cases else 0,
        excluded=tallied.excluded,
        indeterminate=tallied.indeterminate,
        budget_remaining=goals.budget_remaining(tallied, now) if known else None,
        measured=figures.measured.histogram(),
        alerts={c: _alert(c, a, goals, figures, now) for c, a in figures.alerts.items()},
        urgent=live.urgent(urgent_max),
        target=None if target is None else float(target),
        waived=tallied.waived,
        provisional=goals.provisional(tally, now),
        burn=goals.burns(tally, now),
        value=None if figures.number is None else figures.number.value,
        episode=figures.number,
    )


def _alert(condition: Condition, life: AlertLife, goals: Goals, figures: Figures, now: int) -> AlertNow:
    """The evidence of an alert on the share is that of now; any other's is as it was when it last moved."""
    count = pieces(condition, goals, figures, now) if condition in ON_SHARE else life.count
    return AlertNow(life.state, life.since, count, life.oldest)


def _state(goals: Goals, figures: Figures, live: Live, now: int) -> State:
    number = figures.number
    if live.dark or (number is not None and number.state is EpisodeState.UNKNOWN):
        return State.UNKNOWN
    out_of_limits = number is not None and number.state is EpisodeState.BROKEN
    if live.late or figures.evidence or out_of_limits or goals.below(figures.tally, now):
        return State.BROKEN
    return State.AT_RISK if live.at_risk else State.KEPT


def _shadow(group: Group, goals: Goals) -> GroupNow:
    """It is there, and says nothing of itself."""
    return GroupNow(
        standard=goals.standard.id,
        group=group,
        state=State.SHADOW,
        verdicts=dict.fromkeys(Verdict, 0),
        violations=0,
        amendments=0,
        open=0,
        at_risk=0,
        overdue=0,
        breached_open=0,
        next_due=None,
        kept_ratio=None,
        counted=0,
        excluded=0,
        indeterminate=0,
        budget_remaining=None,
        measured=Histogram((), (0,), 0.0),
        alerts={},
        urgent=(),
    )
