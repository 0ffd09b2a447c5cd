"""Keys of one standard against each other: what contradicts, and what can change nothing.

What contradicts is an error.  What does nothing is a lint, and only where somebody wrote
it for this standard: a default of the file may be idle for some of them.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from standardsd.language.problems import Level, quoted
from standardsd.language.promises import DUE
from standardsd.language.reader import Reader
from standardsd.model.clock import BySite
from standardsd.model.measure import (
    Carried,
    FromTo,
    Measure,
    NumberMeasure,
    Sampled,
    Score,
    Statistic,
    TimeIn,
)
from standardsd.model.objective import AlertRule, Condition
from standardsd.model.promise import AnyPromise, Grid
from standardsd.model.standard import Reopen
from standardsd.model.vocabulary import Ending, Kind

CLASSES = {
    "if_left": Ending.LEFT,
    "if_diverted": Ending.DIVERTED,
    "if_done": Ending.DONE,
    "ignore_if_left_within": Ending.LEFT,
}
"""Keys about endings, each with the class that it is about."""

_TOTAL = "time_in is judged by what is left of the time, however it ends"
_AT_ONCE = "a number of an event is judged at once, so nothing can come in between"
_SCORED = "an inspection is judged when it is finished"
_NUMBER = "it is about cases, and this standard is about a number"
_STATES = "a state is entered again whenever it is"
_NO_TIME = "it stops a clock, and no time is measured"

IDLE: dict[str, dict[type, str]] = {
    # key           measure → why it does nothing there ("object": any measure of a number but a statistic)
    **{key: {TimeIn: _TOTAL, Carried: _AT_ONCE, Score: _SCORED, object: _NUMBER} for key in CLASSES},
    "unless":       {Carried: _AT_ONCE, object: _NUMBER},
    "pause_while":  {Carried: _NO_TIME, Score: _NO_TIME, object: _NO_TIME},
    "reopen":       {TimeIn: _STATES, Carried: _AT_ONCE, Score: _SCORED, object: _NUMBER},
    "settle":       {object: "it is about verdicts, and a number has episodes"},
    "waivers":      {object: "they take occurrences out, and a number has none"},
}  # fmt: skip
"""Keys that can change nothing for a measure."""


class Facts(Struct, frozen=True):
    """What the keys say that are checked together.  ``own``: the keys written for this standard."""

    measure: Measure
    kind: Kind | None
    own: Collection[str]
    unless: tuple[str, ...]
    pause_while: tuple[str, ...]
    reopen: Reopen


def check_keys(reader: Reader, facts: Facts) -> None:
    """Tells everything that contradicts or does nothing."""
    idle = _idle(reader, facts)
    measure = facts.measure.of if isinstance(facts.measure, Statistic) else facts.measure
    _check_reopen(reader, facts)
    if facts.kind is None:
        return
    _check_endings(reader, facts, facts.kind, idle)
    _check_unless(reader, facts.unless, measure, facts.kind)
    _check_pauses(reader, facts, measure)


def _idle(reader: Reader, facts: Facts) -> set[str]:
    measure = facts.measure
    found = set()
    for key, whys in IDLE.items():
        if key not in reader or key not in facts.own:
            continue
        if key == "reopen" and facts.reopen is not Reopen.FIRST_ONLY:
            continue  # whoever asks for it would be misled, so that is an error
        inside = measure.of if isinstance(measure, Statistic) else measure
        case = isinstance(inside, FromTo | TimeIn | Carried | Score)
        why = whys.get(type(inside)) if case else whys[object]
        if key in ("settle", "waivers") and isinstance(measure, Statistic):
            why = whys[object]
        if why is not None:
            found.add(key)
            said = f"{key} does nothing here: {why}"
            reader.tell(reader.at_key(key), said, "leave the key out", Level.LINT)
    return found


def _check_endings(reader: Reader, facts: Facts, kind: Kind, idle: Collection[str]) -> None:
    """Words about a class of ending that the kind has not."""
    for key, ending in CLASSES.items():
        if key not in reader or key not in facts.own or key in idle:
            continue
        if ending not in kind.endings.values():
            said = f"{key} does nothing here: the kind '{kind.name}' has no ending of that class"
            reader.tell(reader.at_key(key), said, "leave the key out", Level.LINT)


def _check_unless(reader: Reader, unless: tuple[str, ...], measure: object, kind: Kind) -> None:
    """What ends the measure cannot also take it out."""
    ends: tuple[str, ...] = ()
    if isinstance(measure, FromTo):
        ends = measure.end
    elif isinstance(measure, TimeIn):
        state = kind.states.get(measure.state)
        ends = (*(state.leave if state is not None and measure.each else ()), *kind.endings)
    elif isinstance(measure, Score):
        ends = tuple(event for event, ending in kind.endings.items() if ending is Ending.DONE)
    both = [event for event in unless if event in ends]
    if both:
        said = f"{quoted(both[0])} ends what is measured, so it cannot be an unless"
        reader.tell(reader.at("unless"), said, "take it out of one of the two")


def _check_pauses(reader: Reader, facts: Facts, measure: object) -> None:
    """A state whose time is measured cannot stop the clock that measures it."""
    if isinstance(measure, TimeIn) and measure.state in facts.pause_while:
        said = f"the time in {quoted(measure.state)} is measured, and the clock would stand still in it"
        reader.tell(reader.at("pause_while"), said, "take it out of pause_while")


def not_reopened(measure: Measure, kind: Kind | None) -> str:
    """Why ``reopen: resume`` and ``new_cycle`` do not go with a measure: "" where they do.

    Only ``{from, to}`` that is judged once is closed and can be opened again, by the kind's reopening event.
    """
    inside = measure.of if isinstance(measure, Statistic) else measure
    if not isinstance(inside, FromTo):
        return IDLE["reopen"].get(type(inside), _NUMBER)
    if kind is not None and kind.reopening is None:
        return f"the kind '{kind.name}' has no reopening event"
    if inside.each:
        return "with each: true whatever begins again is judged anyway"
    return "an appointment is not made again by a reopening" if inside.start == (DUE,) else ""


def _check_reopen(reader: Reader, facts: Facts) -> None:
    """What cannot be reopened is an error where somebody wrote it for this standard; as a default it is idle."""
    if facts.reopen is Reopen.FIRST_ONLY:
        return
    why = not_reopened(facts.measure, facts.kind)
    if why and "reopen" in facts.own:
        said = f"reopen: {facts.reopen} cannot be so here: {why}"
        reader.tell(reader.at("reopen"), said, "leave the key out, or write first_only")
    elif not why and facts.kind is not None and facts.kind.reopening in facts.unless:
        said = f"{quoted(facts.kind.reopening or '')} takes it out by unless, and by reopen: {facts.reopen} it goes on"
        fix = "take it out of unless, or write reopen: first_only"
        reader.tell(reader.at("unless"), said, fix)


def check_site_clock(
    reader: Reader, clock: object, measure: Measure, alert: AlertRule, by: tuple[str, ...]
) -> None:
    """With ``clock: site`` what is counted for a group goes by the site's hours, so it must be of one site."""
    if not isinstance(clock, BySite) or "site" in by:
        return
    if isinstance(measure, NumberMeasure):
        said = "by the clock of the site a number is judged for each site, and its groups are of no one site"
        reader.tell(reader.at("clock"), said, "add site to by:, or write clock: always")
    elif Condition.BURN in alert.on:
        said = "burn counts open hours of the site, and the groups of this standard are of no one site"
        reader.tell(reader.at("by") if "by" in reader else reader.at("clock"), said, "add site to by:")


def check_grid(reader: Reader, measure: Measure, promise: AnyPromise, by: tuple[str, ...]) -> None:
    """A number belongs to a group, which has no labels but those of ``by``; a sample has labels of its own."""
    if (
        not isinstance(promise, Grid)
        or not isinstance(measure, NumberMeasure)
        or isinstance(measure, Sampled)
    ):
        return
    if promise.per not in by:
        said = f"the number of a group has no label {quoted(promise.per)}: its groups are told apart by {_listed(by)}"
        reader.tell(reader.at("promise"), said, f"add {promise.per} to by:, or write a standard for each")


def _listed(labels: tuple[str, ...]) -> str:
    return " and ".join(labels) or "nothing"
