"""The verdict that a closing event brings: by what it is, the standard's policy, and whether it came in time."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from standardsd.core.occurrences import Closing
from standardsd.model.decision import Reason, Verdict
from standardsd.model.reading import Event
from standardsd.model.standard import Policy, Standard
from standardsd.model.vocabulary import Ending, Kind

REASONS = {
    Ending.LEFT: Reason.LEFT,
    Ending.DIVERTED: Reason.DIVERTED,
    Ending.DONE: Reason.INCOMPLETE,
    Ending.REFUSED: Reason.REFUSED,
}

ENDED_IN_TIME = {
    Policy.EXCLUDE: Verdict.EXCLUDED,
    Policy.BREACH: Verdict.BREACHED,
    Policy.KEEP: Verdict.MET,
    Policy.VOID: Verdict.EXCLUDED,
}

ENDED_LATE = {
    Policy.EXCLUDE: Verdict.BREACHED,
    Policy.BREACH: Verdict.BREACHED,
    Policy.KEEP: Verdict.BREACHED,
    Policy.VOID: Verdict.EXCLUDED,  # also when a breach was spoken already
}


class Word(Struct, frozen=True, gc=False):
    """``own``: it has the instant of the closing event; otherwise that of the breach."""

    verdict: Verdict
    reason: Reason | None
    own: bool


LATE = Word(Verdict.BREACHED, None, own=False)


def _policy(standard: Standard, ending: Ending) -> Policy:
    """``refused`` has no key of its own: it is always excluded."""
    return {
        Ending.LEFT: standard.if_left,
        Ending.DIVERTED: standard.if_diverted,
        Ending.DONE: standard.if_done,
        Ending.REFUSED: Policy.EXCLUDE,
    }[ending]


def closing_word(
    standard: Standard, kind: Kind, closer: Event, how: Closing, *, in_time: bool, elapsed: timedelta
) -> Word:
    """The verdict that a closing event brings, by what it is and whether it came in time."""
    if how is Closing.END:
        return Word(Verdict.MET, None, own=True) if in_time else LATE
    if how is Closing.UNLESS:
        return Word(Verdict.EXCLUDED, Reason.UNLESS, own=True) if in_time else LATE
    ending = kind.endings[closer.event]
    policy = _policy(standard, ending)
    if in_time:
        short = standard.ignore_if_left_within
        if ending is Ending.LEFT and short is not None and elapsed <= short:
            return Word(Verdict.EXCLUDED, Reason.SHORT, own=True)
        return Word(ENDED_IN_TIME[policy], REASONS[ending], own=True)
    if ENDED_LATE[policy] is Verdict.BREACHED:
        return LATE
    return Word(ENDED_LATE[policy], REASONS[ending], own=True)
