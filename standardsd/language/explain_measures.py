"""What is measured of what, in words: the first clause of the sentence."""

from __future__ import annotations

from collections.abc import Mapping

from standardsd.language.explain_promises import DUE, promised_amount, promised_time
from standardsd.language.speech import Words, mark
from standardsd.model.measure import (
    Calendar,
    CalendarUnit,
    Carried,
    Count,
    FromTo,
    Gap,
    How,
    Nps,
    Rate,
    Repeats,
    Rolling,
    Sampled,
    Score,
    Since,
    Spread,
    Statistic,
    TimeIn,
)
from standardsd.model.standard import Standard

WINDOWS = {
    CalendarUnit.DAY: mark("since the day began"),
    CalendarUnit.WEEK: mark("since the week began on Monday"),
    CalendarUnit.MONTH: mark("since the month began"),
    CalendarUnit.QUARTER: mark("since the quarter began"),
}
STATISTICS = {
    How.AVERAGE: mark("the average of {what}"),
    How.MEDIAN: mark("the median of {what}"),
    How.P90: mark("the 90th percentile of {what}"),
    How.P95: mark("the 95th percentile of {what}"),
    How.P99: mark("the 99th percentile of {what}"),
    How.MAX: mark("the greatest of {what}"),
    How.MIN: mark("the least of {what}"),
    How.SUM: mark("the sum of {what}"),
}


def promise_clause(standard: Standard, words: Words) -> str:
    """Of which contacts, what is measured, what is promised: ``In each visit, the first “arrived” is …``"""
    case = _of_case(standard, words)
    if case is not None:
        subject = where_of(words.kind(standard.of), standard.where, words)
        return words.say("In each {subject}, {promise}", subject=subject, promise=case)
    what = _number(standard, words)
    return words.say("{number} is to be {amount}", number=what, amount=promised_amount(standard, words))


def _of_case(standard: Standard, words: Words) -> str | None:
    """Of a measure of cases; None for one of numbers."""
    match standard.measure:
        case FromTo(start=start, end=end, each=each):
            appointed = start == (DUE,) and not each
            promise = promised_time(standard, words, appointed=appointed)
            if appointed:
                text = mark("the first {end}, early or late, is to come {promise} ({start})")
            elif each:
                text = mark("every {start} is to be followed by {end} {promise}")
            else:
                text = mark("the first {start} is to be followed by {end} {promise}")
            return words.say(text, start=words.events(start), end=words.events(end), promise=promise)
        case TimeIn(state=state, each=True):
            promise = promised_time(standard, words, appointed=False)
            return words.say(
                "every stay in {state} is to end {promise}", state=words.state(state), promise=promise
            )
        case TimeIn() | Carried() | Score():
            what, amount = value_of(standard.measure, words), promised_amount(standard, words)
            return words.say("{value} is to be {amount}", value=what, amount=amount)
        case _:
            return None


def value_of(measure: FromTo | TimeIn | Carried | Score, words: Words) -> str:
    """A measure of cases as something that has a size."""
    match measure:
        case FromTo(start=start, end=end, each=each):
            text = (
                mark("the time from each {start} to {end}")
                if each
                else mark("the time from the first {start} to {end}")
            )
            return words.say(text, start=words.events(start), end=words.events(end))
        case TimeIn(state=state, each=each):
            text = mark("the time of each stay in {state}") if each else mark("the whole time in {state}")
            return words.say(text, state=words.state(state))
        case Carried(name=name, event=event):
            text = mark("the number {name} at each {event}")
            return words.say(text, name=words.quoted(name), event=words.event(event))
        case Score():
            return words.say("the score")


def _number(standard: Standard, words: Words) -> str:
    """A measure of numbers; its contacts stand behind it."""
    subject = where_of(words.kind(standard.of), standard.where, words) if standard.of else ""
    return words.capital(_bare(standard, words, subject))


def _bare(standard: Standard, words: Words, subject: str) -> str:
    match standard.measure:
        case Sampled(name=name):
            said = words.say("the reading {name}", name=words.quoted(name))
            return where_of(said, standard.where, words)
        case Since(event=event):
            text = mark("the time since the last {event} of any {subject}")
            return words.say(text, event=words.event(event), subject=subject)
        case Statistic(how=how, of=of, over=over):
            said = words.say(STATISTICS[how], what=value_of(of, words))
            return words.say("{statistic} in each {subject} {window}", statistic=said, subject=subject,
                             window=window(over, words))  # fmt: skip
        case Count(event=event, over=over):
            text = mark("the number of {event} of any {subject} {window}")
            return words.say(text, event=words.event(event), subject=subject, window=window(over, words))
        case Rate(event=event, per=per, over=over):
            text = mark("the number of {event} for each {per} of any {subject} {window}")
            both = {"event": words.event(event), "per": words.event(per)}
            return words.say(text, **both, subject=subject, window=window(over, words))
        case Nps(name=name, event=event, over=over):
            text = mark("the net promoter score of {name} at {event} of each {subject} {window}")
            both = {"name": words.quoted(name), "event": words.event(event)}
            return words.say(text, **both, subject=subject, window=window(over, words))
        case Repeats(event=event, same=same, over=over):
            text = mark("how often {event} comes with the same {labels} in any {subject} {window}")
            labels = words.all_of(sorted(set(same)))
            return words.say(text, event=words.event(event), labels=labels, subject=subject,
                             window=window(over, words))  # fmt: skip
        case Spread(standard=other, across=across):
            text = mark("the best figure of the standard {standard} less its worst, across {label}")
            said = words.say(text, standard=words.quoted(other), label=across)
            return where_of(said, standard.where, words)
        case Gap(first=first, second=second):
            text = mark("the figure of the standard {first} less that of {second}")
            said = words.say(text, first=words.quoted(first), second=words.quoted(second))
            return where_of(said, standard.where, words)
    raise AssertionError(standard.measure)


def measured_notes(standard: Standard, words: Words) -> list[str]:
    """What is counted in a measure and what is not, where the first clause does not say it."""
    match standard.measure:
        case Carried(name=name, event=event):
            text = mark("{event} without {name} is not judged")
            return [words.say(text, event=words.event(event), name=words.quoted(name))]
        case Score():
            text = mark("the score is the share of weight passed, and a failed critical item makes it {zero}")
            none = mark("an inspection without an item that applies is not counted")
            return [words.say(text, zero=words.share(0.0)), words.say(none)]
        case Sampled():
            return [words.say("of several readings of a group the worst counts")]
        case Statistic():
            return [words.say("only what was completed counts")]
        case Rate(per=per):
            return [words.say("without any {per} it is unknown", per=words.event(per))]
        case Nps():
            text = mark("the score is the share of 9 and 10 less the share of 0 to 6, times 100")
            return [words.say(text)]
        case Repeats():
            return [words.say("the combination that comes most often counts")]
        case Spread() | Gap():
            text = mark("the figure is the share kept, or of what is counted or averaged the number itself")
            return [words.say(text)]
        case _:
            return []


def window(over: Rolling | Calendar, words: Words) -> str:
    """``over the last 30 days``, ``since the month began``"""
    if isinstance(over, Calendar):
        return words.say(WINDOWS[over.unit])
    return words.say("over the last {length}", length=words.length(over.length))


def where_of(subject: str, where: Mapping[str, tuple[str, ...]], words: Words) -> str:
    """``visit where site is grand-* but not grand-test``; the subject alone where nothing is chosen."""
    if not where:
        return subject
    conditions = words.all_of([_condition(label, where[label], words) for label in sorted(where)])
    return words.say("{subject} where {conditions}", subject=subject, conditions=conditions)


def _condition(label: str, globs: tuple[str, ...], words: Words) -> str:
    """One label of ``where``; lists are choices, so their order says nothing."""
    wanted = words.any_of([words.quoted(one) for one in sorted(set(globs)) if not one.startswith("!")])
    refused = words.any_of([words.quoted(one[1:]) for one in sorted(set(globs)) if one.startswith("!")])
    if wanted and refused:
        text = mark("{label} is {values} but not {others}")
        return words.say(text, label=label, values=wanted, others=refused)
    if wanted:
        return words.say("{label} is {values}", label=label, values=wanted)
    return words.say("{label} is not {others}", label=label, others=refused)
