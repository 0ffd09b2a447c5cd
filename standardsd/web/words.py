"""Figures and promises in words, for people who stand three metres away."""

from __future__ import annotations

import math
from datetime import timedelta
from enum import StrEnum

from standardsd.language import short
from standardsd.language.speech import ENGLISH, Words, mark
from standardsd.language.spoken import duration_text
from standardsd.model.decision import Reason
from standardsd.model.measure import Calendar, Rolling
from standardsd.model.objective import Objective
from standardsd.model.snapshot import GroupNow, State
from standardsd.model.standard import Condition, Standard


class Standing(StrEnum):
    """How a standard stands in one group, as people are shown it; worst first.

    The judge's state, but where nothing was counted yet nothing is known to be kept.
    """

    BROKEN = "broken"
    AT_RISK = "at_risk"
    UNKNOWN = "unknown"
    KEPT = "kept"
    NOTHING = "nothing"
    SHADOW = "shadow"


STANDINGS: dict[tuple[State, bool], Standing] = {
    # what the judge says, whether any verdict counts in the window, or the number is there
    (State.BROKEN, True): Standing.BROKEN,
    (State.BROKEN, False): Standing.BROKEN,  # late now, and its window has emptied
    (State.AT_RISK, True): Standing.AT_RISK,
    (State.AT_RISK, False): Standing.AT_RISK,
    (State.UNKNOWN, True): Standing.UNKNOWN,
    (State.UNKNOWN, False): Standing.UNKNOWN,
    (State.KEPT, True): Standing.KEPT,
    (State.KEPT, False): Standing.NOTHING,
    (State.SHADOW, True): Standing.SHADOW,
    (State.SHADOW, False): Standing.SHADOW,
}

STANDING_WORDS: dict[Standing, str] = {
    Standing.BROKEN: mark("broken"),
    Standing.AT_RISK: mark("at risk"),
    Standing.UNKNOWN: mark("unknown"),
    Standing.KEPT: mark("kept"),
    Standing.NOTHING: mark("nothing yet"),
    Standing.SHADOW: mark("shadow"),
}

# Worst first: what is broken, what may still be saved, what nobody can see, what is well, what has not begun,
# what is only tried out.
STANDING_RANK: dict[Standing, int] = {standing: rank for rank, standing in enumerate(Standing)}

CONDITION_WORDS: dict[Condition, str] = {
    Condition.BREACH: mark("promise broken"),
    Condition.AT_RISK: mark("promise at risk"),
    Condition.OBJECTIVE: mark("share below target"),
    Condition.BURN: mark("budget burns too fast"),
    Condition.LIMIT: mark("out of limits"),
    Condition.SILENCE: mark("source silent"),
}

# An alert has the colour of what it tells of: what may still be saved is not shown as lost.
CONDITION_STANDINGS: dict[Condition, Standing] = {
    Condition.BREACH: Standing.BROKEN,
    Condition.AT_RISK: Standing.AT_RISK,
    Condition.OBJECTIVE: Standing.BROKEN,
    Condition.BURN: Standing.BROKEN,
    Condition.LIMIT: Standing.BROKEN,
    Condition.SILENCE: Standing.UNKNOWN,
}


# Why a promise counts as broken where it was not the clock alone; the others never stand by a breach.
REASON_WORDS: dict[Reason, str] = {
    Reason.LEFT: mark("left before it was kept"),
    Reason.DIVERTED: mark("sent elsewhere before it was kept"),
    Reason.INCOMPLETE: mark("ended before it was kept"),
    Reason.REFUSED: mark("refused"),
    Reason.SHORT: mark("left at once"),
    Reason.UNLESS: mark("called off"),
    Reason.WITHDRAWN: mark("no longer promised"),
    Reason.UNSEEN: mark("not seen"),
    Reason.WAIVED: mark("waived"),
    Reason.TARGET_CHANGED: mark("the limit changed"),
}


def standing(group: GroupNow) -> Standing:
    """How the group stands; ``counted`` are the verdicts of the window that its share is of, of a number none."""
    return STANDINGS[group.state, group.counted > 0 or group.episode is not None]


def share(ratio: float, words: Words = ENGLISH) -> str:
    """``95.4 %``; cut, never rounded up, so that 99.96 % is not shown as all and 94.99 % not as 95 %."""
    return words.cut(ratio)


def promise(standard: Standard, words: Words = ENGLISH) -> str:
    """``visit: from arrived to greeted within 1m``, in the words of the rule file."""
    return short.promise_line(standard, words)


def window(over: Rolling | Calendar, words: Words = ENGLISH) -> str:
    """``in 30d``, ``this month``"""
    return short.window_now(over, words)


def goal(objective: Objective, words: Words = ENGLISH) -> str:
    """``at least 95 % kept over 30d``; with dated targets and with windows in a row, all of it."""
    return short.goal(objective, words)


def seconds_text(seconds: float, words: Words = ENGLISH) -> str:
    """A measured time to the millisecond, cut up, so that a microsecond too long is not shown as in time.

    ``41.5s``, ``1m0.001s``, ``2h4m``.
    """
    if not words.english:
        return words.length(timedelta(milliseconds=math.ceil(round(seconds * 1e6) / 1000)))
    whole, thousandths = divmod(math.ceil(round(seconds * 1e6) / 1000), 1000)
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{whole + thousandths / 1000:g}s"
    tail = f"{rest + thousandths / 1000:g}s" if rest or thousandths else ""
    return duration_text(timedelta(minutes=minutes)) + tail
