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
from standardsd.core.live import Live, ShareLook
from standardsd.model.decision import EpisodeState
from standardsd.model.standard import Condition


class Holds(NamedTuple):
    """``so`` None: unknown.  ``count`` of evidence is ``pieces``; ``oldest``: the start of the oldest."""

    so: bool | None
    pieces: int = 0
    oldest: datetime | None = None


UNKNOWN = Holds(None)
NOT_SO = Holds(so=False)

_EPISODE = {EpisodeState.BROKEN: True, EpisodeState.IN_LIMITS: False, EpisodeState.UNKNOWN: None}


def holds(
    condition: Condition, goals: Goals, figures: Figures, live: Live, *, fresh: bool, now: int
) -> Holds:
    """``fresh``: the share is looked at anew, however lately that was done.  ``now`` in µs."""
    match condition:
        case Condition.SILENCE:
            oldest = live.begun.first() if live.begun is not None else None
            return Holds(live.dark, len(live.open), oldest)
        case _ if live.dark:
            return UNKNOWN
        case Condition.BREACH:
            return Holds(bool(figures.evidence), len(figures.evidence), live.evidence.first())
        case Condition.AT_RISK:
            if live.awaited:
                return UNKNOWN
            return Holds(bool(live.at_risk), len(live.at_risk), live.at_risk.first())
        case Condition.OBJECTIVE | Condition.BURN:
            share = share_look(goals, figures, live, fresh=fresh, now=now)
            return Holds(share.below if condition is Condition.OBJECTIVE else share.burning)
        case Condition.LIMIT:
            number = figures.number
            if number is None:
                return UNKNOWN
            broken = _EPISODE[number.state]
            return Holds(broken, int(broken is True), number.since if broken else None)


def share_look(goals: Goals, figures: Figures, live: Live, *, fresh: bool, now: int) -> ShareLook:
    """What alerts ask of the share: looked at when something was counted, or when time can have changed it.

    Between two looks the verdicts of the window may become too few, which is not noticed: that fires nothing and
    resolves nothing.  Only what is pending could still fire, so whoever has that asks for a ``fresh`` look.
    """
    known = live.share
    if known is None or fresh or (known.until is not None and now >= known.until):
        tally, asked = figures.tally, goals.standard.alert.on
        known = live.share = ShareLook(
            goals.below(tally, now) if Condition.OBJECTIVE in asked else None,
            goals.burning(tally, now) if Condition.BURN in asked else None,
            goals.changes_at(tally, now),
        )
    return known


ON_SHARE = (Condition.OBJECTIVE, Condition.BURN)
"""Their evidence is counted only when it is told."""


def pieces(condition: Condition, goals: Goals, figures: Figures, now: int) -> int:
    """Evidence for an alert on the share: what is counted in the window, or the breaches that burn."""
    if condition is Condition.OBJECTIVE:
        return goals.counted(figures.tally, now)
    return goals.burnt(figures.tally, now)
