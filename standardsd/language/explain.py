"""A standard in one sentence, which names every default that applies and can matter for it.

It is what a duty manager reads and an auditor signs: two standards that mean different things
have different sentences, and one that was only written otherwise has the same.  What a rule
says beside its meaning (title, owner, runbook, notes, reasons, examples) is not in it.
"""

from __future__ import annotations

from standardsd.language.explain_cases import case_clauses
from standardsd.language.explain_goals import goal_clauses
from standardsd.language.explain_measures import measured_notes, promise_clause, where_of
from standardsd.language.explain_promises import at_the_limit, rows_of
from standardsd.language.speech import Words, mark
from standardsd.model.measure import Calendar
from standardsd.model.promise import Until
from standardsd.model.standard import Dates, Standard, Waiver


def sentence(standard: Standard, words: Words) -> str:
    """The sentence, in the language of ``words``: clauses in the order in which a rule is read.

    ``words.kinds``: the vocabulary of the house; of a kind that it does not know nothing is said of endings.
    """
    clauses = [
        promise_clause(standard, words),
        *at_the_limit(standard, words),
        *measured_notes(standard, words),
        *case_clauses(standard, words),
        *_trial(standard, words),
        *goal_clauses(standard, words),
        *_validity(standard, words),
        *_days(standard, words),
    ]
    return "; ".join(clauses) + "."


def _trial(standard: Standard, words: Words) -> list[str]:
    if not standard.shadow:
        return []
    return [words.say("it is only tried out, judged and recorded, and none of what follows is shown or told")]


def _validity(standard: Standard, words: Words) -> list[str]:
    """When it is in force and what is taken out; a number has nothing that could be waived."""
    number = standard.is_number
    found = [_effective(standard.effective, words, number=number)]
    if number:
        return found
    if not standard.waivers:
        return [*found, words.say("nothing is waived")]
    return [*found, *sorted(_waiver(waiver, words) for waiver in _distinct(standard.waivers))]


def _distinct(waivers: tuple[Waiver, ...]) -> list[Waiver]:
    """Each once: the same waiver twice takes out no more."""
    return [one for number, one in enumerate(waivers) if one not in waivers[:number]]


FROM_TO = mark("from {since} on and before {until}")
FROM = mark("from {since} on")
BEFORE = mark("before {until}")


def _dates(dates: Dates, words: Words) -> str:
    since = "" if dates.since is None else words.day(dates.since)
    until = "" if dates.until is None else words.day(dates.until)
    text = FROM_TO if since and until else FROM if since else BEFORE
    return words.say(text, since=since, until=until)


def _effective(dates: Dates | None, words: Words, *, number: bool) -> str:
    if dates is None or (dates.since is None and dates.until is None):
        return words.say("it is always in force")
    text = mark("it is in force {dates}") if number else mark("it is in force for what starts {dates}")
    return words.say(text, dates=_dates(dates, words))


def _waiver(waiver: Waiver, words: Words) -> str:
    subject = where_of(
        words.say("what starts {dates}", dates=_dates(waiver.dates, words)), waiver.where, words
    )
    return words.say(
        "{subject} is waived and not counted, for the reason {reason}, approved by {name}",
        subject=subject,
        reason=words.quoted(waiver.reason),
        name=words.quoted(waiver.approved_by),
    )


def _days(standard: Standard, words: Words) -> list[str]:
    """Whose days and times of day are meant, where any are spoken of."""
    zone = standard.zones.everywhere
    if not _speaks_of_days(standard):
        return []
    if zone is not None:
        return [words.say("days and times of day are those of {zone}", zone=zone.name)]
    return [words.say("days and times of day are those of the site, and of UTC where its zone is not known")]


def _speaks_of_days(standard: Standard) -> bool:
    objective = standard.objective
    windows = [getattr(standard.measure, "over", None)]
    if objective is not None:
        windows.append(objective.over)
    return (
        any(isinstance(one, Calendar) for one in windows)
        or any(isinstance(one, Until) for one in rows_of(standard))
        or bool(standard.effective or standard.waivers or (objective is not None and objective.targets))
    )
