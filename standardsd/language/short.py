"""Promises and goals in a few words, for alerts and pages, beside the whole sentence of ``explain``.

In English they are the rule file's own words (``within 1m30s``), which everybody on duty has
learnt to read; other languages say them as their sentence does.
"""

from __future__ import annotations

from datetime import date

from standardsd.language import promised as rule_words
from standardsd.language.explain_goals import EACH
from standardsd.language.explain_measures import value_of
from standardsd.language.explain_promises import DUE, number, promised_amount, promised_time
from standardsd.language.speech import Words, mark
from standardsd.language.spoken import duration_text
from standardsd.model.measure import Calendar, CalendarUnit, FromTo, Rolling, TimeIn
from standardsd.model.objective import Objective, Target
from standardsd.model.standard import Standard

NOW_IN = {
    CalendarUnit.DAY: mark("this day"),
    CalendarUnit.WEEK: mark("this week"),
    CalendarUnit.MONTH: mark("this month"),
    CalendarUnit.QUARTER: mark("this quarter"),
}


def promised(standard: Standard, words: Words) -> str:
    """``within 15m``, ``at most 10``, ``by priority: P1 within 15m, else within 4h``."""
    if words.english:
        return rule_words.promised(standard.promise)
    measure = standard.measure
    if isinstance(measure, FromTo) or (isinstance(measure, TimeIn) and measure.each):
        appointed = isinstance(measure, FromTo) and measure.start == (DUE,) and not measure.each
        return promised_time(standard, words, appointed=appointed)
    return promised_amount(standard, words)


def promise_line(standard: Standard, words: Words) -> str:
    """``visit: from arrived to greeted within 1m``: what stands below a title."""
    measure = standard.measure
    if not isinstance(measure, FromTo | TimeIn):
        return words.say("{title}: {promise}", title=standard.title, promise=promised(standard, words))
    if words.english:
        return _english_line(standard, measure)
    text = mark("{kind}: {measure}, {promise}")
    value = value_of(measure, words)
    return words.say(text, kind=words.kind(standard.of), measure=value, promise=promised(standard, words))


def _english_line(standard: Standard, measure: FromTo | TimeIn) -> str:
    every = ""
    if isinstance(measure, FromTo):
        way = f"from {_either(measure.start)} to {_either(measure.end)}"
        every = ", every time" if measure.each else ""
    else:
        state = measure.state.replace("_", " ")
        way = f"each time {state}" if measure.each else f"all time {state}"
    return f"{standard.of}: {way} {rule_words.promised(standard.promise)}{every}"


def _either(events: tuple[str, ...]) -> str:
    return " or ".join(event.replace("_", " ") for event in events)


def amount(value: float, unit: str, words: Words) -> str:
    """A number as it is read: ``12``, ``90%``, ``1m30s``."""
    if words.english:
        return rule_words.number(value, unit)
    return number(value, unit, words, days=True)


def share_of_window(over: Rolling | Calendar, words: Words) -> str:
    """Behind a share that must be kept: ``over 30d``, ``each month``."""
    if not words.english:
        if isinstance(over, Calendar):
            return words.say(EACH[over.unit])
        return words.say("over the last {length}", length=words.length(over.length))
    return f"over {duration_text(over.length)}" if isinstance(over, Rolling) else f"each {over.unit.value}"


def window_now(over: Rolling | Calendar, words: Words) -> str:
    """Behind the share that is kept now: ``in 30d``, ``this month``."""
    if isinstance(over, Calendar):
        return words.say(NOW_IN[over.unit])
    if words.english:
        return f"in {duration_text(over.length)}"
    return words.say("over the last {length}", length=words.length(over.length))


def goal(objective: Objective, words: Words) -> str:
    """``at least 95 % kept over 30d``; with dated targets and with windows in a row, all of it."""
    steps = [
        words.say("at least {share} from {day}", share=words.cut(one.at_least), day=_day(one.since, words))
        for one in sorted(objective.targets, key=_since)
    ]
    if objective.at_least is not None:
        steps.insert(0, words.say("at least {share}", share=words.cut(objective.at_least)))
    window = share_of_window(objective.over, words)
    said = words.say("{steps} kept {window}", steps=", ".join(steps), window=window)
    if objective.min_count > 1:
        said = words.say(
            "{goal}, once {count} are counted", goal=said, count=words.number(objective.min_count)
        )
    if objective.periods > 1:
        text = mark("{goal}; missed when {count} in a row are below it")
        said = words.say(text, goal=said, count=words.number(objective.periods))
    return said


def _day(day: date, words: Words) -> str:
    return day.isoformat() if words.english else words.day(day)


def _since(target: Target) -> date:
    return target.since
