"""Figures and promises in words, for people who stand three metres away."""

from __future__ import annotations

import math
from datetime import timedelta
from enum import StrEnum

from standardsd.language.spoken import duration_text
from standardsd.model.decision import Reason
from standardsd.model.snapshot import GroupNow, State
from standardsd.model.standard import Condition, FromTo, Standard


class Standing(StrEnum):
    """How a standard stands in one group, as people are shown it; worst first.

    The judge's state, but where nothing was counted yet nothing is known to be kept.
    """

    BROKEN = "broken"
    AT_RISK = "at_risk"
    UNKNOWN = "unknown"
    KEPT = "kept"
    NOTHING = "nothing"


STANDINGS: dict[tuple[State, bool], Standing] = {
    # what the judge says, whether any verdict counts in the window
    (State.BROKEN, True): Standing.BROKEN,
    (State.BROKEN, False): Standing.BROKEN,  # late now, and its window has emptied
    (State.AT_RISK, True): Standing.AT_RISK,
    (State.AT_RISK, False): Standing.AT_RISK,
    (State.UNKNOWN, True): Standing.UNKNOWN,
    (State.UNKNOWN, False): Standing.UNKNOWN,
    (State.KEPT, True): Standing.KEPT,
    (State.KEPT, False): Standing.NOTHING,
}

STANDING_WORDS: dict[Standing, str] = {
    Standing.BROKEN: "broken",
    Standing.AT_RISK: "at risk",
    Standing.UNKNOWN: "unknown",
    Standing.KEPT: "kept",
    Standing.NOTHING: "nothing yet",
}

# Worst first: what is broken, what may still be saved, what nobody can see, what is well, what has not begun.
STANDING_RANK: dict[Standing, int] = {standing: rank for rank, standing in enumerate(Standing)}

CONDITION_WORDS: dict[Condition, str] = {
    Condition.BREACH: "promise broken",
    Condition.AT_RISK: "promise at risk",
    Condition.OBJECTIVE: "share below target",
    Condition.SILENCE: "source silent",
}

# An alert has the colour of what it tells of: what may still be saved is not shown as lost.
CONDITION_STANDINGS: dict[Condition, Standing] = {
    Condition.BREACH: Standing.BROKEN,
    Condition.AT_RISK: Standing.AT_RISK,
    Condition.OBJECTIVE: Standing.BROKEN,
    Condition.SILENCE: Standing.UNKNOWN,
}


# Why a promise counts as broken where it was not the clock alone; the others never stand by a breach.
REASON_WORDS: dict[Reason, str] = {
    Reason.LEFT: "left before it was kept",
    Reason.DIVERTED: "sent elsewhere before it was kept",
    Reason.INCOMPLETE: "ended before it was kept",
    Reason.REFUSED: "refused",
    Reason.SHORT: "left at once",
    Reason.UNLESS: "called off",
    Reason.WITHDRAWN: "no longer promised",
    Reason.UNSEEN: "not seen",
    Reason.TARGET_CHANGED: "the limit changed",
}


def standing(group: GroupNow) -> Standing:
    """How the group stands; ``counted`` are the verdicts of the window that its share is of."""
    return STANDINGS[group.state, group.counted > 0]


def share(ratio: float) -> str:
    """``95.4 %``; cut, never rounded up, so that 99.96 % is not shown as all and 94.99 % not as 95 %."""
    tenths = math.floor(ratio * 1000 + 1e-9)  # 0.954 × 1000 is 953.9999…
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"


def promise(standard: Standard) -> str:
    """``visit: from arrived to greeted within 1m``, in the words of the rule file."""
    measure = standard.measure
    if isinstance(measure, FromTo):
        way = f"from {_either(measure.start)} to {_either(measure.end)}"
        every = ", every time" if measure.each else ""
    else:
        state = measure.state.replace("_", " ")
        way = f"each time {state}" if measure.each else f"all time {state}"
        every = ""
    word = "within" if standard.promise.within else "under"
    return f"{standard.of}: {way} {word} {duration_text(standard.promise.limit)}{every}"


def seconds_text(seconds: float) -> str:
    """A measured time to the millisecond, cut up, so that a microsecond too long is not shown as in time.

    ``41.5s``, ``1m0.001s``, ``2h4m``.
    """
    whole, thousandths = divmod(math.ceil(round(seconds * 1e6) / 1000), 1000)
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{whole + thousandths / 1000:g}s"
    tail = f"{rest + thousandths / 1000:g}s" if rest or thousandths else ""
    return duration_text(timedelta(minutes=minutes)) + tail


def _either(events: tuple[str, ...]) -> str:
    return " or ".join(event.replace("_", " ") for event in events)
