"""What becomes of a case besides its promise: clocks and pauses, endings, ``unless``, reopening.

Only what can matter for a standard is said: no word of a class of endings that its kind has not,
or of a pause where nothing is timed.  What nobody wrote is said like what somebody did.
"""

from __future__ import annotations

from standardsd.language.explain_promises import DUE
from standardsd.language.speech import Words, mark
from standardsd.model.clock import Always, BySite, OpenHours
from standardsd.model.measure import FromTo, NumberMeasure, Score, Statistic, TimeIn
from standardsd.model.standard import Policy, Reopen, Standard
from standardsd.model.vocabulary import Ending

ENDED = {
    # policy          what one that ends otherwise is
    Policy.EXCLUDE: mark("one that ends in time with {endings} instead is not counted"),
    Policy.BREACH: mark("one that ends with {endings} instead is broken at once"),
    Policy.KEEP: mark("one that ends in time with {endings} instead counts as kept"),
    Policy.VOID: mark("one that ends with {endings} instead is not counted, even where it was broken before"),
}
REOPENED = {
    Reopen.FIRST_ONLY: mark("{event} changes nothing afterwards"),
    Reopen.RESUME: mark(
        "{event} takes a kept or uncounted one back and goes on, and the time until then does not count"
    ),
    Reopen.NEW_CYCLE: mark("{event} begins a new one"),
}


def case_clauses(standard: Standard, words: Words) -> list[str]:
    """Everything that this module can say of a standard."""
    return [
        *_clock(standard, words),
        *_endings(standard, words),
        *_unless(standard, words),
        *_reopening(standard, words),
    ]


def _inner(standard: Standard) -> object:
    """The measure; of a statistic, that which it is taken of."""
    measure = standard.measure
    return measure.of if isinstance(measure, Statistic) else measure


def _clock(standard: Standard, words: Words) -> list[str]:
    """Which time counts.  Where none is measured, only a calendar has something to say."""
    timed = isinstance(_inner(standard), FromTo | TimeIn)
    pause = _pause(standard, words) if timed else ""
    if not timed and not isinstance(standard.measure, NumberMeasure):
        return _untimed(standard, words)
    match standard.clock:
        case Always():
            said = words.say("time counts around the clock")
        case OpenHours(name=name, zone=zone):
            text = mark("time counts while the calendar {name} is open ({zone})")
            said = words.say(text, name=words.quoted(name), zone=zone.name)
        case BySite():
            said = words.say(
                "time counts while its site is open, and a site without a calendar is not judged"
            )
    return [said, pause] if pause else [said]


def _untimed(standard: Standard, words: Words) -> list[str]:
    match standard.clock:
        case Always():
            return []
        case OpenHours(name=name, zone=zone):
            text = mark("its hours and days are those of the calendar {name} ({zone})")
            return [words.say(text, name=words.quoted(name), zone=zone.name)]
        case BySite():
            text = mark(
                "its hours and days are those of its site, and a site without a calendar is not judged"
            )
            return [words.say(text)]


def _pause(standard: Standard, words: Words) -> str:
    """Said of kinds that have a state to pause in; the state that is measured cannot be one."""
    if standard.pause_while:
        return words.say("the clock stands still in {states}", states=words.states(standard.pause_while))
    kind, inner = words.kind_of(standard.of), _inner(standard)
    measured = inner.state if isinstance(inner, TimeIn) else None
    if kind is not None and not set(kind.states) - {measured}:
        return ""
    return words.say("the clock never stands still in between")


def _endings(standard: Standard, words: Words) -> list[str]:
    """By policy, the endings of the kind that are not themselves what is waited for."""
    measure, kind = standard.measure, words.kind_of(standard.of)
    if kind is None:
        return []
    by_policy: dict[Policy, list[str]] = {policy: [] for policy in Policy}
    left: list[str] = []
    for event, ending in kind.endings.items():
        if isinstance(measure, FromTo) and event not in measure.end:
            by_policy[_policy(standard, ending)].append(event)
            left += [event] if ending is Ending.LEFT else []
        elif isinstance(measure, TimeIn) and ending is Ending.REFUSED:
            by_policy[Policy.EXCLUDE].append(event)
    found = [
        words.say(ENDED[policy], endings=words.events(events))
        for policy, events in by_policy.items()
        if events
    ]
    if left and standard.ignore_if_left_within is not None:
        length = words.length(standard.ignore_if_left_within, days=isinstance(standard.clock, Always))
        text = mark("one that ends with {endings} within {length} is never counted")
        found.append(words.say(text, endings=words.events(left), length=length))
    return found


def _policy(standard: Standard, ending: Ending) -> Policy:
    """``refused`` has no key of its own: it is always excluded."""
    return {
        Ending.LEFT: standard.if_left,
        Ending.DIVERTED: standard.if_diverted,
        Ending.DONE: standard.if_done,
        Ending.REFUSED: Policy.EXCLUDE,
    }[ending]


def _unless(standard: Standard, words: Words) -> list[str]:
    inner = _inner(standard)
    if not standard.unless or not isinstance(inner, FromTo | TimeIn | Score):
        return []
    return [words.say("one with {events} in time is not counted", events=words.events(standard.unless))]


def _reopening(standard: Standard, words: Words) -> list[str]:
    """Said where a closed one can be opened again and that could begin or resume what is measured."""
    inner, kind = _inner(standard), words.kind_of(standard.of)
    if not isinstance(inner, FromTo) or inner.each or inner.start == (DUE,):
        return []
    if kind is None or kind.reopening is None:
        return []
    return [words.say(REOPENED[standard.reopen], event=words.event(kind.reopening))]
