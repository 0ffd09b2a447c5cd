"""Figures and promises in words, for people who stand three metres away."""

from __future__ import annotations

import math
from datetime import date, timedelta
from enum import StrEnum

from standardsd.language.promised import promised
from standardsd.language.spoken import duration_text
from standardsd.model.decision import Reason
from standardsd.model.measure import Calendar, Rolling
from standardsd.model.objective import Objective, Target
from standardsd.model.snapshot import GroupNow, State
from standardsd.model.standard import Condition, FromTo, Standard, TimeIn


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
    # what the judge says, whether any verdict counts in the window
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
    Standing.BROKEN: "broken",
    Standing.AT_RISK: "at risk",
    Standing.UNKNOWN: "unknown",
    Standing.KEPT: "kept",
    Standing.NOTHING: "nothing yet",
    Standing.SHADOW: "shadow",
}

# Worst first: what is broken, what may still be saved, what nobody can see, what is well, what has not begun,
# what is only tried out.
STANDING_RANK: dict[Standing, int] = {standing: rank for rank, standing in enumerate(Standing)}

CONDITION_WORDS: dict[Condition, str] = {
    Condition.BREACH: "promise broken",
    Condition.AT_RISK: "promise at risk",
    Condition.OBJECTIVE: "share below target",
    Condition.BURN: "budget burns too fast",
    Condition.LIMIT: "out of limits",
    Condition.SILENCE: "source silent",
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
    Reason.LEFT: "left before it was kept",
    Reason.DIVERTED: "sent elsewhere before it was kept",
    Reason.INCOMPLETE: "ended before it was kept",
    Reason.REFUSED: "refused",
    Reason.SHORT: "left at once",
    Reason.UNLESS: "called off",
    Reason.WITHDRAWN: "no longer promised",
    Reason.UNSEEN: "not seen",
    Reason.WAIVED: "waived",
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
    elif not isinstance(measure, TimeIn):
        return f"{standard.title}: {promised(standard.promise)}"
    else:
        state = measure.state.replace("_", " ")
        way = f"each time {state}" if measure.each else f"all time {state}"
        every = ""
    return f"{standard.of}: {way} {promised(standard.promise)}{every}"


def window(over: Rolling | Calendar) -> str:
    """``in 30d``, ``this month``"""
    return f"in {duration_text(over.length)}" if isinstance(over, Rolling) else f"this {over.unit.value}"


def goal(objective: Objective) -> str:
    """``at least 95 % kept over 30d``; with dated targets and with windows in a row, all of it."""
    over = objective.over
    where = f"over {duration_text(over.length)}" if isinstance(over, Rolling) else f"each {over.unit.value}"
    steps = [(target.at_least, f" from {target.since}") for target in sorted(objective.targets, key=_since)]
    if objective.at_least is not None:
        steps.insert(0, (objective.at_least, ""))
    words = ", ".join(f"at least {share(least)}{since}" for least, since in steps) + f" kept {where}"
    if objective.min_count > 1:
        words += f", once {objective.min_count} are counted"
    if objective.periods > 1:
        words += f"; missed when {objective.periods} in a row are below it"
    return words


def _since(target: Target) -> date:
    return target.since


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
