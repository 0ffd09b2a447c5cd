"""What an alert is about, and whether it is so now: the words of ``alert.on``.

    breach      a breach is not finished, or was spoken less than ``keep_firing_for`` ago
    at_risk     something open has used ``warn_at`` of its time, or is that near to its due instant
    objective   the share is below its target
    burn        the budget burns faster than a pair's factor
    limit       an episode is open: a number is out of its limits
    silence     a source it needs is dark

Each answers None where it cannot be known; that fires nothing and resolves nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from standardsd.core.figures import Figures
from standardsd.core.goals import Goals
from standardsd.core.live import Live
from standardsd.model.decision import EpisodeState
from standardsd.model.standard import Condition


class Holds(NamedTuple):
    """``so`` None: unknown.  ``pieces`` of evidence; ``oldest``: the start of the oldest."""

    so: bool | None
    pieces: int = 0
    oldest: datetime | None = None


UNKNOWN = Holds(None)
NOT_SO = Holds(so=False)

_EPISODE = {EpisodeState.BROKEN: True, EpisodeState.IN_LIMITS: False, EpisodeState.UNKNOWN: None}


def holds(
    condition: Condition, goals: Goals, figures: Figures, live: Live, *, dark: bool, awaited: bool, now: int
) -> Holds:
    """``dark``: a source is; ``awaited``: one was not heard since we began to listen.  ``now`` in µs."""
    match condition:
        case Condition.SILENCE:
            oldest = live.begun.first() if live.begun is not None else None
            return Holds(dark, len(live.open), oldest)
        case _ if dark:
            return UNKNOWN
        case Condition.BREACH:
            return Holds(bool(figures.evidence), len(figures.evidence), live.evidence.first())
        case Condition.AT_RISK:
            if awaited:
                return UNKNOWN
            return Holds(bool(live.at_risk), len(live.at_risk), live.at_risk.first())
        case Condition.OBJECTIVE:
            below = goals.below(figures.tally, now)
            return UNKNOWN if below is None else Holds(below, _counted(goals, figures, now))
        case Condition.BURN:
            burning = goals.burning(figures.tally, now)
            return Holds(burning.holds, burning.breaches if figures.states is None else 0)
        case Condition.LIMIT:
            number = figures.number
            if number is None:
                return UNKNOWN
            broken = _EPISODE[number.state]
            return Holds(broken, int(broken is True), number.since if broken else None)


def _counted(goals: Goals, figures: Figures, now: int) -> int:
    """Verdicts in the objective's window; a number has none."""
    return sum(figures.verdicts.shares(goals.frame.span(now)))
