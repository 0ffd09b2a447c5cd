"""What the language has and this version does not judge yet: refused by name, never passed over.

A rule file may be written for a later version.  Whoever loads it must learn that a part
of it would not be judged, and must not believe that it is.
"""

from __future__ import annotations

from standardsd.language.problems import Problem
from standardsd.language.reader import Reader, read, read_each
from standardsd.language.tree import Map, Node, Text
from standardsd.language.words import date_word, label, nearest

NUMBER_MEASURES: dict[str, tuple[str, ...]] = {
    # form       its further keys
    "value": ("at",),
    "score": (),
    "reading": (),
    "since": (),
    "average": ("over",),
    "median": ("over",),
    "p90": ("over",),
    "p95": ("over",),
    "p99": ("over",),
    "max": ("over",),
    "min": ("over",),
    "sum": ("over",),
    "count": ("over",),
    "rate": ("per", "over"),
    "nps": ("at", "over"),
    "repeats": ("same", "over"),
    "spread": ("across",),
    "gap": (),
}
"""Measures of numbers; cases are measured by ``from``/``to`` and ``time_in``."""

OTHER_PROMISES: dict[str, str] = {
    # key        what to write instead
    "until": "write within: with a duration",
    "between": "write within: with a duration",
    "at_most": "promise a time, with within: or under:",
    "at_least": "promise a time, with within: or under:",
    "over": "promise a time, with within: or under:",
    "for": "leave it out; a time needs no for:",
}
"""Promises about wall-clock times, appointments and numbers."""

CALENDAR_WINDOWS = {"day": "24h", "week": "7d", "month": "30d", "quarter": "90d"}
"""Calendar windows, each with the rolling window nearest to it."""

OTHER_CONDITIONS = ("burn", "limit")
OTHER_REOPENINGS = ("resume", "new_cycle")


def not_judged(node: Node, what: str, fix: str) -> Problem:
    return node.place.problem(f"{what} is not judged by this version", fix)


def refuse_clock(node: Node, calendars: frozenset[str], problems: list[Problem]) -> None:
    """Anything but ``always``: a calendar of the file, the site's, or a name that is neither."""
    if not isinstance(node, Text):
        read(node, str, problems, "clock")
    elif node.text == "site" or node.text in calendars:
        what = "the site's calendar" if node.text == "site" else f"the calendar '{node.text}'"
        problems.append(not_judged(node, f"{what} as a clock", "write clock: always, or leave the key out"))
    else:
        near = nearest(node.text, [*calendars, "site", "always"])
        fix = f"write {near}" if near else "write always, or a calendar of this file"
        problems.append(node.place.problem(f"there is no calendar '{node.text}'", fix))


def refuse_pauses(node: Node, problems: list[Problem]) -> None:
    read_each(node, str, problems, "pause_while")
    problems.append(not_judged(node, "a clock that pauses (pause_while)", "leave it out"))


def refuse_effective(node: Node, problems: list[Problem]) -> None:
    """``{from: date, until: date}``."""
    reader = Reader(node, "effective", problems, optional=("from", "until"))
    reader.value("from", date_word)
    reader.value("until", date_word)
    problems.append(
        not_judged(node, "a standard with dates (effective)", "leave it out; load the file on the day")
    )


def refuse_waivers(reader: Reader, problems: list[Problem]) -> None:
    """A list of ``{where, from, until, reason, approved_by}``."""
    for waiver in reader.list_of("waivers"):
        keys = ("where", "from", "until", "reason", "approved_by")
        one = Reader(waiver, "a waiver", problems, required=keys)
        one.value("from", date_word)
        one.value("until", date_word)
        one.text("reason")
        one.text("approved_by")
    node = reader.node("waivers")
    if node is not None:
        problems.append(not_judged(node, "a waiver", "leave it out, or narrow where:"))


def refuse_targets(reader: Reader, problems: list[Problem]) -> None:
    """``targets: [{from: date, at_least: %}]`` in an objective."""
    for target in reader.list_of("targets"):
        one = Reader(target, "a target", problems, required=("from", "at_least"))
        one.value("from", date_word)
    node = reader.node("targets")
    if node is not None:
        problems.append(
            not_judged(node, "a target that changes with time", "write at_least: 95% and over: 30d")
        )


def refuse_measure(node: Map, form: str, problems: list[Problem]) -> None:
    """A measure of numbers: its keys are checked, then it is refused."""
    Reader(node, f"the measure {form}", problems, required=(form, *NUMBER_MEASURES[form]))
    fix = "measure a time: {from: arrived, to: greeted} or {time_in: on_hold}"
    problems.append(not_judged(node, f"the measure of a number ({form})", fix))


def refuse_grid(node: Map, problems: list[Problem]) -> None:
    """``{per: LABEL, VALUE: {within: …}, …, else: {within: …}}``."""
    reader = Reader(node, "a grid of promises", problems, required=("per",), open_keys=True)
    reader.value("per", label)
    fix = "write one standard for each, told apart by where:"
    problems.append(not_judged(node, "a grid of promises (per)", fix))
