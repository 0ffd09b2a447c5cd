"""One standard, old and new, key by key: the table of what is compared, how, and in which words.

Each row of ``ASPECTS`` is one key (or a part of one): whether it changed, what that makes of the
promise, and the line that says so.  A key that is missing in the table could change without a
word; a test holds the table against the fields of a standard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from standardsd.core.compare import cases, clocks
from standardsd.core.compare.order import DIFFERENT, EQUAL, LOOSER, TIGHTER, Order, sized
from standardsd.core.compare.promises import Row, compare_promises
from standardsd.language import diff_words as words
from standardsd.language.diff_goals import Told, alerts, objectives
from standardsd.model.clock import Always, OpenHours
from standardsd.model.measure import FromTo, Measure, Repeats, Statistic
from standardsd.model.objective import Condition
from standardsd.model.standard import Severity, Standard

TEXTS = ("title", "notes", "owner", "dimension", "runbook", "because", "set")
"""Fields for people: they change no verdict, no figure and nobody's being told."""

Compare = Callable[[Standard, Standard], Order]
Say = Callable[[Standard, Standard], str]
Value = Callable[[Standard], Any]


class Aspect(Struct, frozen=True):
    """``value``: it is only looked at where this differs."""

    key: str
    value: Value
    order: Compare
    say: Say


SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


def _different(old: Standard, new: Standard) -> Order:
    return DIFFERENT


def _policy(key: str) -> Aspect:
    return Aspect(
        key,
        lambda one: getattr(one, key),
        lambda old, new: cases.compare_policies(key, old, new),
        lambda old, new: f"{key}: {getattr(new, key)} instead of {getattr(old, key)}",
    )


ASPECTS: tuple[Aspect, ...] = (
    Aspect("of", lambda one: one.of, _different, lambda old, new: f"of {_kind(new)} instead of {_kind(old)}"),
    Aspect(
        "where",
        lambda one: one.where,
        cases.compare_where,
        lambda old, new: f"about {words.where(new.where)} instead of {words.where(old.where)}",
    ),
    Aspect(
        "by",
        lambda one: one.by,
        _different,
        lambda old, new: f"figures and alerts by {words.listed(new.by)} instead of {words.listed(old.by)}",
    ),
    Aspect(
        "measure",
        lambda one: one.measure,
        _different,
        lambda old, new: f"measured is {words.measure(new.measure)} instead of {words.measure(old.measure)}",
    ),
    Aspect(
        "zone",
        lambda one: one.zones,
        clocks.compare_zones,
        lambda old, new: f"days and wall times are those of {words.zone(new)} instead of {words.zone(old)}",
    ),
    Aspect(
        "pause_while",
        lambda one: one.pause_while,
        cases.compare_pauses,
        lambda old, new: (
            f"the clock stands still in {words.listed(new.pause_while)} instead of "
            f"{words.listed(old.pause_while)}"
        ),
    ),
    _policy("if_left"),
    _policy("if_diverted"),
    _policy("if_done"),
    Aspect(
        "ignore_if_left_within",
        lambda one: one.ignore_if_left_within,
        cases.compare_shorts,
        lambda old, new: (
            f"who leaves is left out up to {words.length(new.ignore_if_left_within)} instead of "
            f"{words.length(old.ignore_if_left_within)}"
        ),
    ),
    Aspect(
        "unless",
        lambda one: one.unless,
        cases.compare_unless,
        lambda old, new: (
            f"taken out by {words.listed(new.unless, 'or')} instead of {words.listed(old.unless, 'or')}"
        ),
    ),
    Aspect(
        "reopen",
        lambda one: one.reopen,
        cases.compare_reopenings,
        lambda old, new: f"reopen: {new.reopen} instead of {old.reopen}",
    ),
    Aspect(
        "severity",
        lambda one: one.severity,
        lambda old, new: sized(SEVERITIES.index(old.severity), SEVERITIES.index(new.severity), more=TIGHTER),
        lambda old, new: f"severity {new.severity} instead of {old.severity}",
    ),
    Aspect(
        "settle",
        lambda one: one.settle,
        _different,
        lambda old, new: (
            f"verdicts settle after {words.length(new.settle)} instead of {words.length(old.settle)}"
        ),
    ),
    Aspect(
        "effective",
        lambda one: one.effective,
        cases.compare_effective,
        lambda old, new: f"in force {words.days(new.effective)} instead of {words.days(old.effective)}",
    ),
    Aspect(
        "status",
        lambda one: one.shadow,
        lambda old, new: LOOSER if new.shadow else TIGHTER,
        lambda old, new: (
            "in shadow: nothing counts any more, and nobody is told"
            if new.shadow
            else "no longer in shadow: it counts, and people are told"
        ),
    ),
)


def differing(old: Standard, new: Standard, now: datetime) -> Iterator[Told]:
    """Order (None: only words for people), key and line of everything that changed."""
    old, new = _in_order(old), _in_order(new)
    for row in compare_promises(old.promise, new.promise):
        yield row.order, "promise", _row(row, old, new)
    for aspect in ASPECTS:
        if aspect.value(old) != aspect.value(new):
            order = aspect.order(old, new)
            if aspect.key != "zone":
                yield order, aspect.key, aspect.say(old, new)
            elif order is not EQUAL:  # a zone in which no day counts is no change
                yield order, "clock", aspect.say(old, new)
    yield from _hours(old, new, now)
    yield from _waivers(old, new)
    yield from objectives(old.objective, new.objective)
    yield from alerts(old.alert, new.alert)
    for key in TEXTS:
        if getattr(old, key) != getattr(new, key):
            yield None, key, _text(key, old, new)


def _in_order(standard: Standard) -> Standard:
    """Lists whose order says nothing, as the meaning of a file has them."""
    return replace(
        standard,
        where=_sorted(standard.where),
        by=tuple(sorted(standard.by)),
        pause_while=tuple(sorted(standard.pause_while)),
        unless=tuple(sorted(standard.unless)),
        measure=_plain(standard.measure),
        waivers=tuple(replace(one, where=_sorted(one.where)) for one in standard.waivers),
    )


def _sorted(where: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {label: tuple(sorted(where[label])) for label in sorted(where)}


def _plain(measure: Measure) -> Measure:
    match measure:
        case FromTo(start=start, end=end):
            return replace(measure, start=tuple(sorted(start)), end=tuple(sorted(end)))
        case Repeats(same=same):
            return replace(measure, same=tuple(sorted(same)))
        case Statistic(of=FromTo(start=start, end=end)):
            inner = replace(measure.of, start=tuple(sorted(start)), end=tuple(sorted(end)))
            return replace(measure, of=inner)
    return measure


def _kind(standard: Standard) -> str:
    return standard.of or "no kind"


def _row(row: Row, old: Standard, new: Standard) -> str:
    whose = f"for {row.per} {row.value}: " if row.value is not None else ""
    if row.per is not None and row.value is None:
        whose = f"for any other {row.per}: "
    if row.old is None and row.new is None:  # two grids that cannot be laid side by side, or spelt otherwise
        return f"promised {words.promise(new.promise)} instead of {words.promise(old.promise)}"
    if row.old is None or row.new is None:
        if row.new is not None:
            return f"{whose}promised {words.promise(row.new)}, and was not judged"
        assert row.old is not None
        return f"{whose}no longer judged; promised was {words.promise(row.old)}"
    return f"{whose}promised {words.instead(words.promise(row.new), words.promise(row.old))}"


def _hours(old: Standard, new: Standard, now: datetime) -> Iterator[Told]:
    """The hours in which its clock runs, and what goes by them besides the promise."""
    one, other = words.clock(old.clock), words.clock(new.clock)
    if old.clock == new.clock:
        return
    more_or_less = clocks.compare_hours(old.clock, new.clock)
    if more_or_less is EQUAL:
        if one != other:
            yield EQUAL, "clock", f"clock {other} instead of {one}, with the same hours"
        return
    how = {TIGHTER: "is open longer", LOOSER: "is open less"}.get(more_or_less, "is open at other hours")
    said = f"the calendar {other} {how}" if one == other else f"clock {other} instead of {one}, which {how}"
    if isinstance(old.clock, OpenHours) and isinstance(new.clock, OpenHours):
        first = clocks.first_difference(old.clock, new.clock, now)
        if first is None:
            said += "; only in the past"
        elif one == other:
            said += f", for the first time on {new.clock.zone.date_of(first)}"
    elif one != other and Always in (type(old.clock), type(new.clock)):
        said = f"clock {other} instead of {one}"
    yield clocks.compare_clocks(old, new), "clock", said
    if Condition.BURN in (set(old.alert.on) & set(new.alert.on)):
        yield DIFFERENT, "alert", "burn rates are counted in hours of the clock, which are others now"


def _waivers(old: Standard, new: Standard) -> Iterator[Told]:
    """What the change comes to, and each waiver that came or went."""
    if set(_said(old)) == set(_said(new)):
        return
    parts = [f"waived {one}" for one in _said(new) if one not in _said(old)]
    parts += [f"no longer waived {one}" for one in _said(old) if one not in _said(new)]
    yield cases.compare_waivers(old, new), "waivers", "; ".join(parts)


def _said(standard: Standard) -> list[str]:
    return [words.waiver(one) for one in standard.waivers]


def _text(key: str, old: Standard, new: Standard) -> str:
    return f"another {key}" if key in ("notes", "because") else f"{key}: {getattr(new, key)}"
