"""Who is told of what: ``alert``, and which conditions make sense for which standard.

Each word of ``on`` is an alert of its own.  A word that could never fire for this standard
is an error where it is written in the standard, and also where the defaults of the file
bring it: a page that never comes is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from standardsd.language.burn import burn_pairs, can_fire
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.quantities import Times
from standardsd.language.reader import Reader, read_each
from standardsd.language.spoken import duration_text
from standardsd.language.tree import Items, Node
from standardsd.language.words import Wrong, duration, one_of, percent
from standardsd.model.objective import AlertRule, BurnPair, Condition, Objective
from standardsd.model.promise import AnyPromise, Between, Grid, Promise, Simple

ALERT_KEYS = ("on", "for", "keep_firing_for", "warn_at", "warn_before")

CASES, NUMBERS = "about cases", "about a number"
WAITING, AT_ONCE = "cases that wait", "cases that are judged at once"

FITTING = {
    # condition            of cases that wait, of cases judged at once, of numbers
    Condition.BREACH:    (True, True, False),
    Condition.AT_RISK:   (True, False, False),  # nothing else is open and has a time to use up
    Condition.OBJECTIVE: (True, True, True),
    Condition.BURN:      (True, True, True),
    Condition.LIMIT:     (False, False, True),
    Condition.SILENCE:   (True, True, True),
}  # fmt: skip
"""Which condition can fire for which standard; ``objective`` and ``burn`` also need an objective."""

_INSTEAD = {
    Condition.BREACH: ("it is about a number, which has episodes and no verdicts", "write limit"),
    Condition.AT_RISK: ("it has no time that could run out", "leave it out"),
    Condition.LIMIT: ("it is about cases, which have verdicts and no episodes", "write breach"),
}


class AlertTerms(Struct, frozen=True):
    """What an alert must fit.

    ``number``: it is about a number.  ``timed``: its cases have a time to use up.
    ``objective_said``: there is one, right or wrong.  ``open_window``: its window in open hours of the clock.
    ``place``: of the standard.  ``inherited``: the alert is that of the file's defaults.
    """

    id: str
    place: Place
    number: bool
    timed: bool
    promise: AnyPromise | None
    objective: Objective | None
    objective_said: bool
    open_window: timedelta | None
    times: Times
    inherited: bool = False


def usual(number: bool) -> AlertRule:
    """What is told where a standard does not say: ``breach`` of cases, ``limit`` of numbers."""
    return AlertRule(on=(Condition.LIMIT,)) if number else AlertRule()


def read_alert(node: Node, terms: AlertTerms, problems: list[Problem]) -> AlertRule | None:
    """``on: []`` tells nobody.  None when it is wrong.

    When only ``warn_before`` is given, it stands in the place of the default ``warn_at``.
    """
    reader = Reader(node, "an alert", problems, optional=ALERT_KEYS)
    if reader.broken:
        return None
    default = usual(terms.number)
    said = _conditions(reader, problems)
    on = default.on if said is None else said
    _check_fitting(reader, on, terms)
    hold_for = reader.value("for", duration)
    keep = reader.value("keep_firing_for", duration)
    warn_at = reader.value("warn_at", _warn_at)
    warn_before = reader.value("warn_before", terms.times.positive)
    if warn_before is not None and terms.promise is not None:
        _check_warning(reader, warn_before, terms.promise)
    if "warn_at" not in reader and warn_before is None:
        warn_at = default.warn_at
    return AlertRule(
        on=on,
        hold_for=default.hold_for if hold_for is None else hold_for,
        keep_firing_for=default.keep_firing_for if keep is None else keep,
        warn_at=warn_at,
        warn_before=warn_before,
        burn=_burn(reader, terms) if Condition.BURN in on else (),
    )


def _conditions(reader: Reader, problems: list[Problem]) -> tuple[Condition, ...] | None:
    """The words of ``on``, in the order of ``Condition``; None when the key is missing."""
    node = reader.node("on")
    if node is None:
        return None
    if isinstance(node, Items) and not node.items:
        reader.tell(node.place, "nobody is told of anything", "keep it if that is meant", Level.LINT)
        return ()

    def condition(text: str) -> Condition:
        return Condition(one_of(text, tuple(Condition), "something an alert can be about"))

    said = read_each(node, condition, problems, "on") or ()
    return tuple(one for one in Condition if one in said)


def _check_fitting(reader: Reader, on: Iterable[Condition], terms: AlertTerms) -> None:
    """Every word that could never fire."""
    column = 2 if terms.number else 0 if terms.timed else 1
    for condition in on:
        if not FITTING[condition][column]:
            why, fix = _INSTEAD[condition]
            if condition is Condition.AT_RISK and terms.number:
                fix = "write limit, or leave it out"
            _tell(reader, terms, f"an alert on {condition} of {quoted(terms.id)}: {why}", fix)
        elif condition in (Condition.OBJECTIVE, Condition.BURN) and not terms.objective_said:
            said = f"an alert on {_A[condition]} of a standard without one"
            if condition is Condition.BURN:
                said = "an alert on burn of a standard without an objective, whose budget could burn"
            _tell(reader, terms, said, "add objective: {at_least: 95%, over: 30d}")


_A = {Condition.OBJECTIVE: "the objective", Condition.BURN: "burn"}


def _tell(reader: Reader, terms: AlertTerms, said: str, fix: str) -> None:
    """At the word; where it comes from the defaults, at the standard that it does not fit."""
    if terms.inherited:
        reader.tell(
            terms.place, f"{said} (from the defaults)", f"give the standard an alert: of its own; {fix}"
        )
    else:
        reader.tell(reader.at("on"), said, fix)


def _warn_at(text: str) -> float:
    share = percent(text)
    if not 0 < share < 1:
        when = "at the start" if share == 0 else "when it is too late"
        raise Wrong(f"{quoted(text)} would warn {when}", "write a share between 0% and 100%, such as 75%")
    return share


def _check_warning(reader: Reader, warn_before: timedelta, promise: AnyPromise) -> None:
    """A warning as long as the promise would come with the start; in a grid only some rows may be so short."""
    rows = _rows(promise)
    limits = [limit for row in rows if (limit := _limit(row)) is not None]
    short = [limit for limit in limits if warn_before >= limit]
    if short and len(short) == len(rows):
        said = "the warning would come with the start: it is as long as the promise, or longer"
        reader.tell(reader.at("warn_before"), said, "write less than the promised time")
    elif short:
        said = f"for {duration_text(min(short))} of the grid the warning would come with the start"
        reader.tell(reader.at("warn_before"), said, "write warn_at: 75%, which fits every row", Level.LINT)


def _rows(promise: AnyPromise) -> list[Simple]:
    if not isinstance(promise, Grid):
        return [promise]
    return [*promise.rows.values(), *(() if promise.other is None else (promise.other,))]


def _limit(promise: Simple) -> timedelta | None:
    """The time that is promised; of a time of day or open days it is not known before there is a start."""
    if isinstance(promise, Promise):
        return promise.limit
    return promise.highest if isinstance(promise, Between) and promise.highest > timedelta(0) else None


def _burn(reader: Reader, terms: AlertTerms) -> tuple[BurnPair, ...]:
    """The pairs that can fire; the others are told, and an error where none is left."""
    if terms.objective is None or terms.open_window is None:
        return ()
    budgets = _budgets(terms.objective)
    pairs = burn_pairs(terms.open_window)
    firing = tuple(pair for pair in pairs if can_fire(pair, budgets))
    dropped = [pair for pair in pairs if pair not in firing]
    if not firing:
        said = "no burn rate could ever fire: "
        if max(budgets) <= 0:
            said += "a target of 100% leaves no budget to burn"
        else:
            said += f"with everything broken the budget burns only {1 / _smallest(budgets):.3g} times as fast"
        fix = "write objective in the place of burn, or promise a higher share over a shorter window"
        _tell(reader, terms, said, fix)
        return ()
    for pair in dropped:
        said = (
            f"burn: {pair.spent:.0%} of the budget in {duration_text(pair.long)} cannot happen, so this pair is left out"
            f" (its factor is {pair.factor:.3g}, and with everything broken the budget burns {1 / _smallest(budgets):.3g}"
            " times as fast)"
        )
        fix = "promise a higher share, or keep it if the longer windows are enough"
        place = terms.place if terms.inherited else reader.at("on")
        reader.tell(place, said, fix, Level.LINT)
    return firing


def _budgets(objective: Objective) -> list[float]:
    """1 − target, for each target there will be."""
    shares = [target.at_least for target in objective.targets]
    return [1 - share for share in ([objective.at_least] if objective.at_least is not None else shares)]


def _smallest(budgets: Iterable[float]) -> float:
    return min(budget for budget in budgets if budget > 0)
