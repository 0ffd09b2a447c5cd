"""Figures and promises in words, for people who stand three metres away."""

from __future__ import annotations

import math
from datetime import timedelta

from standardsd.language.words import duration_text
from standardsd.model.decision import Reason
from standardsd.model.snapshot import State
from standardsd.model.standard import Condition, FromTo, Standard

STATE_WORDS: dict[State, str] = {
    State.KEPT: "kept",
    State.AT_RISK: "at risk",
    State.BROKEN: "broken",
    State.UNKNOWN: "unknown",
}

# Worst first: what is broken, what may still be saved, what nobody can see, what is well.
STATE_RANK: dict[State, int] = {State.BROKEN: 0, State.AT_RISK: 1, State.UNKNOWN: 2, State.KEPT: 3}

CONDITION_WORDS: dict[Condition, str] = {
    Condition.BREACH: "promise broken",
    Condition.AT_RISK: "promise at risk",
    Condition.OBJECTIVE: "share below target",
    Condition.SILENCE: "source silent",
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
    return f"{standard.of}: {way} {word} {span(standard.promise.limit)}{every}"


def span(length: timedelta) -> str:
    """As a rule file writes it, but parts of a second as a decimal: ``9.9s``, not ``9s900ms``."""
    seconds = length.total_seconds()
    return f"{seconds:g}s" if 0 < seconds < 60 else duration_text(length)


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
