"""How often it must be kept, for whom figures are told apart, and who is told of what."""

from __future__ import annotations

from datetime import timedelta

from standardsd.language.speech import Words, mark
from standardsd.model.clock import Always
from standardsd.model.measure import Calendar, CalendarUnit, FromTo, Rolling, TimeIn
from standardsd.model.objective import BurnPair, Condition, Objective
from standardsd.model.standard import Severity, Standard

EACH = {
    CalendarUnit.DAY: mark("in each day"),
    CalendarUnit.WEEK: mark("in each week from Monday"),
    CalendarUnit.MONTH: mark("in each month"),
    CalendarUnit.QUARTER: mark("in each quarter"),
}
SEVERITIES = {
    Severity.INFO: mark("an alert of severity info"),
    Severity.WARNING: mark("an alert of severity warning"),
    Severity.CRITICAL: mark("an alert of severity critical"),
}
CONDITIONS = {
    Condition.AT_RISK: mark("while one is at risk"),
    Condition.OBJECTIVE: mark("while the share kept is below its target"),
    Condition.LIMIT: mark("while it is beyond its limit"),
    Condition.SILENCE: mark("while a source that it needs is silent"),
}
NOTHING = timedelta(0)


def goal_clauses(standard: Standard, words: Words) -> list[str]:
    """Everything that this module can say of a standard."""
    return [
        *_objective(standard, words),
        _grain(standard, words),
        *_risk(standard, words),
        _alert(standard, words),
        *_settling(standard, words),
    ]


# -- how often -----------------------------------------------------------------------------------------


def _objective(standard: Standard, words: Words) -> list[str]:
    objective = standard.objective
    if objective is None:
        return [words.say("no share that must be kept is set")]
    number = standard.is_number
    where = _window(objective, words)
    if objective.targets:
        steps = [
            words.say(
                "at least {share} from {day} on", share=words.share(one.at_least), day=words.day(one.since)
            )
            for one in sorted(objective.targets, key=lambda one: one.since)
        ]
        text = mark("it must be kept {window} in {steps} of all that count, and before that in no set share")
        timed = mark(
            "it must be kept {window} for {steps} of the known time, and before that for no set share"
        )
        found = [words.say(timed if number else text, window=where, steps=words.all_of(steps))]
    else:
        assert objective.at_least is not None, objective
        text = mark("it must be kept {window} in at least {share} of all that count")
        timed = mark("it must be kept {window} for at least {share} of the known time")
        share = words.share(objective.at_least)
        found = [words.say(timed if number else text, window=where, share=share)]
    if not number or objective.min_count > 1:
        least = objective.min_count
        found.append(words.count("the share is unknown until {count} is counted",
                                 "the share is unknown until {count} are counted", least))  # fmt: skip
    if isinstance(objective.over, Calendar):
        found.append(_periods(objective.periods, words))
    return found


def _window(objective: Objective, words: Words) -> str:
    if isinstance(objective.over, Rolling):
        return words.say("over the last {length}", length=words.length(objective.over.length))
    said = words.say(EACH[objective.over.unit])
    return said if objective.zone is None else f"{said} ({objective.zone.name})"


def _periods(periods: int, words: Words) -> str:
    if periods == 1:
        return words.say("the window that runs decides")
    return words.count(
        "it is missed when {count} ended window is below",
        "it is missed when {count} ended windows in a row are below",
        periods,
    )


def _grain(standard: Standard, words: Words) -> str:
    if not standard.by:
        return words.say("figures and alerts are for all together")
    labels = words.all_of(sorted(set(standard.by)))
    return words.say("figures and alerts are for each {labels}", labels=labels)


# -- who is told ---------------------------------------------------------------------------------------


def _risk(standard: Standard, words: Words) -> list[str]:
    """When something open is at risk: shown on the wallboard, and told where an alert is on it."""
    if not isinstance(standard.measure, FromTo | TimeIn):
        return []
    alert = standard.alert
    found = []
    if alert.warn_at is not None:
        found.append(words.say("it has used {share} of its time", share=words.share(alert.warn_at)))
    if alert.warn_before is not None:
        length = words.length(alert.warn_before, days=isinstance(standard.clock, Always))
        found.append(words.say("{length} of its time are left", length=length))
    if not found:
        return [words.say("none is ever at risk")]
    return [words.say("one is at risk as soon as {conditions}", conditions=words.any_of(found))]


def _alert(standard: Standard, words: Words) -> str:
    alert = standard.alert
    severity = words.say(SEVERITIES[standard.severity])
    if not alert.on:
        return words.say("{alert} is never told", alert=severity)
    # An alert on several conditions is one for each, told apart by their name.
    conditions = words.all_of([_condition(one, standard, words) for one in Condition if one in alert.on])
    if not alert.hold_for:
        return words.say("{alert} is told at once {conditions}", alert=severity, conditions=conditions)
    length = words.length(alert.hold_for)
    text = mark("{alert} is told {conditions}, once that has been so for {length}")
    return words.say(text, alert=severity, conditions=conditions, length=length)


def _condition(condition: Condition, standard: Standard, words: Words) -> str:
    alert = standard.alert
    if condition is Condition.BREACH:
        if not alert.keep_firing_for:
            return words.say("while a broken one is not finished")
        length = words.length(alert.keep_firing_for)
        text = mark("while a broken one is not finished or was told less than {length} ago")
        return words.say(text, length=length)
    if condition is Condition.BURN:
        return _burn(standard, words)
    return words.say(CONDITIONS[condition])


def _burn(standard: Standard, words: Words) -> str:
    """The pairs that are left for this objective, by how much of the budget and in which windows."""
    hours = mark("while the misses allowed are used up too fast ({pairs})")
    opened = mark("while the misses allowed are used up too fast in hours of its clock ({pairs})")
    pairs = words.any_of([_pair(pair, words) for pair in standard.alert.burn])
    return words.say(hours if isinstance(standard.clock, Always) else opened, pairs=pairs)


def _pair(pair: BurnPair, words: Words) -> str:
    text = mark("{share} of them within {long} and as fast within the last {short}")
    long, short = (words.length(one, days=False) for one in (pair.long, pair.short))
    return words.say(text, share=words.share(pair.spent), long=long, short=short)


def _settling(standard: Standard, words: Words) -> list[str]:
    if standard.is_number:
        return []
    if not standard.settle:
        return [words.say("verdicts stand in reports at once")]
    return [words.say("verdicts count at once and stand in reports after {length}",
                      length=words.length(standard.settle))]  # fmt: skip
