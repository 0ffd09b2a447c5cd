"""What is promised: the ``promise`` of a standard, by the measure it is about.

``within`` and ``under`` a time, ``until`` a time of day, ``between`` two of an
appointment; ``at_most``, ``at_least``, ``under``, ``over``, ``between`` of a number; or
a grid with one of those for each value of a label.  Which of them fits which measure is
the table of ``fits``; a misfit is told with what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from msgspec import Struct

from standardsd.language.fits import HOLD, INSTEAD, NUMBERS, TIMES, Fit, fit_of
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.quantities import SIGN, Times, Unit, open_days, quantity, wall_time
from standardsd.language.reader import Reader, read
from standardsd.language.tree import Broken, Entry, Items, Map, Node, Text
from standardsd.language.words import Wrong, label
from standardsd.model.measure import FromTo, Measure
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple, Until

T = TypeVar("T", float, timedelta)

DUE = "due"
"""The event whose later readings move the appointment; measured from it, time may be negative."""

rows_max = 1_000
"""Rows of one grid: more values than that are no priorities."""

FORMS = tuple(dict.fromkeys((*TIMES, *NUMBERS, HOLD)))
PER, ELSE = "per", "else"


class Terms(Struct, frozen=True):
    """What a promise must fit: the measure, how its durations are read, and what else the standard says.

    ``stands_still``: why its clock could stand still beyond the calendar ("pause_while", "reopen: resume"), or "".
    ``zoned``: somebody says in which zone a time of day is meant.
    """

    measure: Measure
    times: Times
    stands_still: str = ""
    zoned: bool = True


def read_promise(node: Node, terms: Terms, problems: list[Problem]) -> AnyPromise | None:
    """None when it is wrong; that has been told."""
    fit = fit_of(terms.measure)
    if isinstance(node, Text):
        said = f"{quoted(node.text)} is not a promise"
        problems.append(node.place.problem(said, f"write {_bare(node.text, fit, terms)}"))
        return None
    if isinstance(node, Items) and node.items and all(isinstance(item, Map) for item in node.items):
        inside = Map(
            node.place, tuple(e for item in node.items if isinstance(item, Map) for e in item.entries)
        )
        pairs = [f"{e.key.text}: {e.value.text}" for e in inside.entries if isinstance(e.value, Text)]
        whole = len(pairs) == len(inside.entries)
        fix = f"write {{{', '.join(pairs)}}}" if whole else "write it in braces, without the list"
        problems.append(node.place.problem("a promise is a map, not a list", fix))
        read_promise(inside, terms, problems)
        return None
    if isinstance(node, Map) and node.get(PER) is not None:
        return _grid(node, terms, fit, problems)
    return _simple(node, terms, fit, problems, "a promise")


def _bare(text: str, fit: Fit, terms: Terms) -> str:
    """A promise made of a limit that stands alone."""
    try:
        if fit.timed:
            open_days(text) or terms.times.length(text)
            return f"{{within: {text}}}"
        quantity(text, fit.takes, terms.times)
    except Wrong:
        return fit.example
    return f"{{at_most: {text}}}"


# -- grids ---------------------------------------------------------------------------------------------


def _grid(node: Map, terms: Terms, fit: Fit, problems: list[Problem]) -> Grid | None:
    """``{per: LABEL, VALUE: {within: …}, …, else: {within: …}}``; values are taken literally."""
    reader = Reader(node, "a grid of promises", problems, required=(PER,), open_keys=True)
    per = reader.value(PER, label)
    rows: dict[str, Simple] = {}
    other: Simple | None = None
    written = [entry for entry in reader.entries() if entry.key.text != PER]
    if not any(entry.key.text != ELSE for entry in written):
        fix = "add a row for each value, such as P1: {within: 15m}, or promise what is under else directly"
        reader.tell(reader.place, "a grid without a row", fix)
    if len(written) > rows_max:
        reader.tell(reader.place, f"a grid of {len(written)} rows", f"write at most {rows_max}")
        return None
    for entry in written:
        row = _row(entry, terms, fit, problems)
        if row is not None and entry.key.text == ELSE:
            other = row
        elif row is not None:
            rows[entry.key.text] = row
    if per is None or (not rows and other is None):
        return None
    return Grid(per, dict(sorted(rows.items())), other)


def _row(entry: Entry, terms: Terms, fit: Fit, problems: list[Problem]) -> Simple | None:
    value, node = entry.key.text, entry.value
    if not value.strip():
        problems.append(entry.key.place.problem("a row without a value", "write else: for every other value"))
    if set("*?[") & set(value):
        said = f"{quoted(value)} is taken as it stands: the rows of a grid are values, not patterns"
        problems.append(entry.key.place.problem(said, "write one row for each value, or else:", Level.LINT))
    if isinstance(node, Text):
        hint = "such as per: priority" if value in FORMS else f"write {value}: {_bare(node.text, fit, terms)}"
        said = f"{quoted(node.text)} is not a promise"
        problems.append(node.place.problem(said, hint))
        return None
    if isinstance(node, Map) and node.get(PER) is not None:
        problems.append(node.place.problem("a grid in a grid", "write two standards, told apart by where:"))
        return None
    return _simple(node, terms, fit, problems, f"the row {quoted(value)}")


# -- one promise ---------------------------------------------------------------------------------------


def _simple(node: Node, terms: Terms, fit: Fit, problems: list[Problem], what: str) -> Simple | None:
    reader = Reader(node, what, problems, optional=FORMS)
    if reader.broken:
        return None
    if not _fits(reader, fit, what):
        return None
    forms = [key for key in fit.keys if key in reader]
    if len(forms) > 1:
        both = "write between: [lowest, highest]" if not fit.timed else "keep one of the two"
        reader.tell(reader.at_key(forms[1]), f"{what} has either {forms[0]} or {forms[1]}", both)
        for form in forms:  # whatever is wrong with each of them is told, too
            _TIMED[form](reader, terms) if fit.timed else _limits(reader, form, fit, terms)
        return None
    if not forms:
        if all(entry.key.text in FORMS for entry in reader.entries()):
            reader.tell(reader.place, "nothing is promised", f"write {fit.example}")
        return None
    if not fit.timed:
        return _limits(reader, forms[0], fit, terms)
    return _TIMED[forms[0]](reader, terms)


def _fits(reader: Reader, fit: Fit, what: str) -> bool:
    """Tells every word that this measure cannot be promised by."""
    fine = True
    for key in FORMS:
        if key not in reader or key in fit.keys or (key == HOLD and fit.lasting):
            continue
        fine = False
        fix = INSTEAD[key][0 if fit.timed else 1] or f"write {fit.example}"
        reader.tell(reader.at_key(key), f"{fit.what} cannot be promised by {key}", fix)
    return fine


def _time_limit(reader: Reader, key: str, terms: Terms) -> Simple | None:
    """``within`` and ``under``: a duration of the clock, or open days."""
    within = key == "within"

    def convert(text: str) -> Promise | OpenDays:
        days = open_days(text)
        if days is None:
            return Promise(terms.times.length(text, or_open_days=True), within)
        if not terms.times.calendar:
            fix = f"write clock: with a calendar, or {days}d if {days * 24} hours are meant"
            raise Wrong(f"{quoted(text)} counts open days, and the clock is always", fix)
        _check_still(f"the promise {key}: {text}", terms)
        if fit_of(terms.measure).keys == ("within", "under"):
            raise Wrong(
                "the total of several stays has no open days", "write hours of the clock, or each: true"
            )
        return OpenDays(days, within)

    promise = reader.value(key, convert)
    if isinstance(promise, Promise) and not promise.limit:
        _check_nothing(promise, terms.measure, reader, key)
    return promise


def _check_nothing(promise: Promise, measure: Measure, reader: Reader, key: str) -> None:
    """A limit of 0 has a meaning only for what has an appointed time: there it says "not late"."""
    if isinstance(measure, FromTo) and DUE in measure.start:
        return
    if promise.within:
        said = "a limit of 0 is kept only by an end at the very instant of the start"
        reader.tell(reader.at(key), said, "write how long it may take", Level.LINT)
    else:
        reader.tell(reader.at(key), "nothing can take less than no time", "write how long it may take")


def _check_still(what: str, terms: Terms) -> None:
    """What is due by the wall or the calendar cannot be moved by a clock that stands still in between."""
    if terms.stands_still:
        fix = f"leave {terms.stands_still} out, or promise a duration, such as within: 8h"
        raise Wrong(f"{what} and {terms.stands_still}: there is no sum of time that could stand still", fix)


def _until(reader: Reader, terms: Terms) -> Until | None:
    def convert(text: str) -> Until:
        wall = wall_time(text)
        _check_still(f"until: {text}", terms)
        if not terms.zoned:
            fix = "write clock: with a calendar, or give the sites a timezone: in the configuration"
            raise Wrong(f"nobody says in which time zone {quoted(text)} is meant", fix)
        return Until(wall)

    return reader.value("until", convert)


def _between(reader: Reader, terms: Terms) -> Between | None:
    """``[-2m, 2m]``: signed durations, both edges in."""
    edges = _edges(reader, terms.times.signed, "[-2m, 2m]")
    if edges is None or not _in_order(reader, edges):
        return None
    lowest, highest = edges
    if terms.stands_still:
        try:
            _check_still("between:", terms)
        except Wrong as wrong:
            reader.problems.append(reader.at("between").wrong(wrong))
            return None
    appointed = isinstance(terms.measure, FromTo) and DUE in terms.measure.start
    if not appointed and highest < timedelta(0):
        reader.tell(reader.at("between"), "no time is negative here, so nothing could be kept", _FROM_DUE)
        return None
    if not appointed and lowest <= timedelta(0):
        said = "the lower edge is never missed: only what is measured from due can be early"
        reader.tell(reader.at("between"), said, "write within:, or measure from due", Level.LINT)
    return Between(lowest, highest)


_FROM_DUE = "write {from: due, to: …} in the measure, or edges above 0"


def _edges(reader: Reader, convert: Callable[[str], T], example: str) -> tuple[T, T] | None:
    """The two edges as they are written, both of them in; whether they are in order is asked by the caller."""
    node = reader.node("between")
    if not isinstance(node, Items) or len(node.items) != 2:
        if node is not None and not isinstance(node, Broken):
            reader.tell(node.place, "between has a lowest and a highest edge", f"write {example}")
        return None
    low, high = (read(item, convert, reader.problems, "an edge of between") for item in node.items)
    return None if low is None or high is None else (low, high)


def _in_order(reader: Reader, edges: tuple[T, T]) -> bool:
    """Whether anything lies between the edges; told where not."""
    node = reader.node("between")
    assert isinstance(node, Items), node
    if edges[0] <= edges[1]:
        return True
    first, second = (item.text if isinstance(item, Text) else "" for item in node.items)
    reader.tell(node.place, f"nothing lies between {first} and {second}", f"write [{second}, {first}]")
    return False


_TIMED: dict[str, Callable[[Reader, Terms], Simple | None]] = {
    "within": lambda reader, terms: _time_limit(reader, "within", terms),
    "under": lambda reader, terms: _time_limit(reader, "under", terms),
    "until": _until,
    "between": _between,
}


# -- numbers -------------------------------------------------------------------------------------------


def _limits(reader: Reader, form: str, fit: Fit, terms: Terms) -> Limits | None:
    """One limit of a number, or both of ``between``, in one unit; ``for`` is a time of the clock."""
    units: list[Unit] = []

    def convert(text: str) -> float:
        value, unit = quantity(text, fit.takes, terms.times)
        if unit is not None:
            units.append(unit)
        _check_possible(text, value, form, fit)
        return value

    hold = reader.value(HOLD, terms.times.length) if fit.lasting else None
    lowest: float | None = None
    highest: float | None = None
    if form == "between":
        edges = _edges(reader, convert, "[18, 24]")
        if edges is None:
            return None
        lowest, highest = edges
        if len(set(units)) > 1:
            reader.tell(reader.at("between"), "the two edges are in different units", "write both in one")
            return None
        if not _in_order(reader, edges):
            return None
    else:
        value = reader.value(form, convert)
        if value is None:
            return None
        lowest, highest = (value, None) if form in ("at_least", "over") else (None, value)
    unit = units[0] if units else fit.takes[0] if len(fit.takes) == 1 else Unit.PLAIN
    return Limits(
        lowest=lowest,
        highest=highest,
        lowest_in=form != "over",
        highest_in=form != "under",
        hold_for=hold or timedelta(0),
        unit=SIGN[unit],
    )


def _check_possible(text: str, value: float, form: str, fit: Fit) -> None:
    """A limit outside of what the number can be is kept by everything or by nothing."""
    low, high = fit.lowest, fit.highest
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = [
            f"{'from' if n == 0 else 'to'} {_said(b, fit)}"
            for n, b in enumerate((low, high))
            if b is not None
        ]
        raise Wrong(
            f"{quoted(text)}: {fit.what} is {' '.join(bounds)}", f"write a limit such as {fit.example}"
        )
    if (form == "under" and value == low) or (form == "over" and value == high):
        raise Wrong(f"{fit.what} is never {form} {text}", f"write a limit such as {fit.example}")


def _said(bound: float, fit: Fit) -> str:
    return f"{bound:.0%}" if fit.takes == (Unit.SHARE,) else f"{bound:g}"
