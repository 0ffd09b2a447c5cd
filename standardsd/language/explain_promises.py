"""What is promised, in words: the limit, and what happens exactly at it.

A limit is said in two ways: as a time that something is to happen in, and as an amount that
something is to be.  What holds for all rows of a grid alike is said once behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from standardsd.language.speech import Words, mark
from standardsd.model.clock import Always
from standardsd.model.promise import Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.standard import Standard

POINTS = {
    # measured from an appointment   before, at, after
    True: (
        mark("{length} before the appointed time"),
        mark("the appointed time"),
        mark("{length} after the appointed time"),
    ),
    False: (mark("{length} before the start"), mark("the start"), mark("{length} after the start")),
}
NOTHING = timedelta(0)
DUE = "due"

EDGES = {
    # whether the limit itself is kept
    True: mark("exactly at the limit it is still kept"),
    False: mark("exactly at the limit it is already broken"),
    None: mark("on both limits it is still kept"),
}
AT_ONCE = mark("it is broken as soon as it is beyond its limit")
LASTING = mark("it is broken once it has been beyond its limit for {length} without a break")


def promised_time(standard: Standard, words: Words, *, appointed: bool) -> str:
    """How soon it is to happen, of one limit or of each row of a grid.  ``appointed``: measured from ``due``."""
    days = isinstance(standard.clock, Always)
    return _all(standard, words, lambda one: _time(one, words, appointed=appointed, days=days))


def promised_amount(standard: Standard, words: Words) -> str:
    """How much it is to be, of one limit or of each row of a grid."""
    days = isinstance(standard.clock, Always)
    return _all(standard, words, lambda one: _amount(one, words, days=days))


def at_the_limit(standard: Standard, words: Words) -> list[str]:
    """What holds exactly at the limit, and how soon a number is broken, where that is one for all rows."""
    notes = {_notes(one, standard, words) for one in rows_of(standard)}
    found = list(notes.pop()) if len(notes) == 1 else []
    promise = standard.promise
    if isinstance(promise, Grid) and promise.other is None:
        found.append(words.say("any other {label}, and none, is not judged", label=promise.per))
    return found


def rows_of(standard: Standard) -> tuple[Simple, ...]:
    """Every simple promise of a standard."""
    promise = standard.promise
    if not isinstance(promise, Grid):
        return (promise,)
    return (*promise.rows.values(), *(() if promise.other is None else (promise.other,)))


def _all(standard: Standard, words: Words, said: Callable[[Simple], str]) -> str:
    promise = standard.promise
    if not isinstance(promise, Grid):
        return said(promise)
    apart = len({_notes(one, standard, words) for one in rows_of(standard)}) > 1

    def row(one: Simple) -> str:
        if not apart:
            return said(one)
        return words.say(
            "{promise} ({note})", promise=said(one), note=", ".join(_notes(one, standard, words))
        )

    found = [
        words.say(
            "{promise} where {label} is {value}",
            promise=row(one),
            label=promise.per,
            value=words.quoted(value),
        )
        for value, one in sorted(promise.rows.items())
    ]
    if promise.other is not None:
        other = row(promise.other)
        found.append(words.say("{promise} for any other {label} and none", promise=other, label=promise.per))
    return words.all_of(found)


def _notes(one: Simple, standard: Standard, words: Words) -> tuple[str, ...]:
    """What happens at the edge, and for a number when it is broken."""
    edge = words.say(EDGES[_edge(one)])
    if not (isinstance(one, Limits) and standard.is_number):
        return (edge,)
    if not one.hold_for:
        return (edge, words.say(AT_ONCE))
    days = isinstance(standard.clock, Always)
    return (edge, words.say(LASTING, length=words.length(one.hold_for, days=days)))


def _edge(one: Simple) -> bool | None:
    match one:
        case Promise(within=within) | OpenDays(within=within):
            return within
        case Until():
            return True
        case Between():
            return None
        case Limits(lowest=lowest, highest=highest):
            if lowest is not None and highest is not None:
                return None
            return one.lowest_in if highest is None else one.highest_in


def _time(one: Simple, words: Words, *, appointed: bool, days: bool) -> str:
    match one:
        case Promise(limit=limit, within=within):
            return _limit(limit, words, within=within, appointed=appointed, days=days)
        case OpenDays(days=count, within=within):
            return _open_days(count, words, within=within)
        case Until(wall=wall):
            said = mark("by {time} on the day of the start or, where that is past, on the next day")
            return words.say(said, time=words.wall(wall))
        case Between(lowest=lowest, highest=highest):
            low, high = (_point(edge, words, appointed=appointed, days=days) for edge in (lowest, highest))
            return words.say("no earlier than {lowest} and no later than {highest}", lowest=low, highest=high)
        case Limits():
            return _amount(one, words, days=days)


def _limit(limit: timedelta, words: Words, *, within: bool, appointed: bool, days: bool) -> str:
    length = words.length(limit, days=days)
    if not appointed:
        return words.say("within {length}" if within else "in less than {length}", length=length)
    point = _point(limit, words, appointed=True, days=days)
    return words.say("no later than {point}" if within else "earlier than {point}", point=point)


def _open_days(count: int, words: Words, *, within: bool) -> str:
    number = words.number(count)
    if within:
        return words.say("by the close of open day {number} after the day of the start", number=number)
    return words.say("before the close of open day {number} after the day of the start", number=number)


def _point(at: timedelta, words: Words, *, appointed: bool, days: bool) -> str:
    """An instant told from the start, which is the time of an appointment or the event that begins."""
    before, same, after = POINTS[appointed]
    length = words.length(abs(at), days=days)
    return words.say(same if not at else before if at < NOTHING else after, length=length)


def _amount(one: Simple, words: Words, *, days: bool) -> str:
    """A number, or the whole of several stays, which is promised a time."""
    if isinstance(one, Promise):
        length = words.length(one.limit, days=days)
        return words.say("at most {amount}" if one.within else "less than {amount}", amount=length)
    assert isinstance(one, Limits), one
    low = "" if one.lowest is None else number(one.lowest, one.unit, words, days=days)
    high = "" if one.highest is None else number(one.highest, one.unit, words, days=days)
    if low and high:
        return words.say("from {lowest} to {highest}", lowest=low, highest=high)
    if high:
        return words.say("at most {amount}" if one.highest_in else "less than {amount}", amount=high)
    return words.say("at least {amount}" if one.lowest_in else "more than {amount}", amount=low)


def number(value: float, unit: str, words: Words, *, days: bool) -> str:
    """A number in its unit: a share, a time in seconds, or as it is."""
    if unit == "%":
        return words.share(value)
    if unit == "s":
        span = timedelta(seconds=value)
        length = words.length(abs(span), days=days)
        return length if span >= NOTHING else words.say("minus {length}", length=length)
    return words.number(value)
