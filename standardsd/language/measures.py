"""What is measured and what is promised: the ``measure`` and ``promise`` of a standard.

The sentences about cases are read here; those about numbers, wall-clock times and
grids are known and refused (``unjudged``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from standardsd.language import unjudged
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, read
from standardsd.language.tree import Broken, Map, Node, Text
from standardsd.language.words import Wrong, duration, word, write_one_of, yes_no
from standardsd.model.standard import FromTo, Measure, Promise, TimeIn
from standardsd.model.vocabulary import Kind

DUE = "due"
"""The event whose later readings move the appointment; measured from it, time may be negative."""


def event_of(kind: Kind | None) -> Callable[[str], str]:
    """A converter: the text must be an event of ``kind`` (any word where the kind is not known)."""

    def convert(text: str) -> str:
        if kind is None:
            return word(text)
        if kind.knows(text):
            return text
        state = " (it is a state)" if text in kind.states else ""
        said = f"the kind '{kind.name}' has no event {quoted(text)}{state}"
        raise Wrong(said, write_one_of(text, kind.all_events()))

    return convert


def read_measure(node: Node, kind: Kind | None, problems: list[Problem]) -> Measure | None:
    """None when it is wrong or not judged by this version; that has been told."""
    if not isinstance(node, Map):
        if isinstance(node, Text):
            fix = "write {from: arrived, to: greeted} or {time_in: on_hold}"
            problems.append(node.place.problem(f"{quoted(node.text)} is not a measure", fix))
        elif not isinstance(node, Broken):
            problems.append(
                node.place.problem("a list is not a measure", "write {from: arrived, to: greeted}")
            )
        return None
    keys = {entry.key.text for entry in node.entries}
    if "from" in keys or ("to" in keys and "time_in" not in keys):
        return _from_to(node, kind, problems)
    if "time_in" in keys:
        return _time_in(node, kind, problems)
    form = next((key for key in unjudged.NUMBER_MEASURES if key in keys), None)
    if form is not None:
        unjudged.refuse_measure(node, form, problems)
        return None
    Reader(node, "a measure", problems, optional=("from", "to", "each", "time_in", *unjudged.NUMBER_MEASURES))
    if keys <= {"each"}:
        problems.append(node.place.problem("nothing is measured", "write {from: arrived, to: greeted}"))
    return None


def _from_to(node: Map, kind: Kind | None, problems: list[Problem]) -> FromTo | None:
    reader = Reader(node, "a measure from … to …", problems, required=("from", "to"), optional=("each",))
    start = reader.values("from", event_of(kind))
    end = reader.values("to", event_of(kind))
    each = reader.value("each", yes_no) or False
    if not start or not end:
        return None
    if kind is not None:
        for event in start:
            if event in kind.endings:
                said = f"{quoted(event)} ends the interaction, so hardly anything can follow it"
                reader.tell(reader.at("from"), said, "begin at an earlier event", Level.LINT)
    both = sorted(set(start) & set(end))
    if both and not each:
        said = f"{quoted(both[0])} is both begin and end: this measures from the first to the second one"
        reader.tell(reader.at("to"), said, "add each: true if every pair is meant", Level.LINT)
    return FromTo(start, end, each)


def _time_in(node: Map, kind: Kind | None, problems: list[Problem]) -> TimeIn | None:
    reader = Reader(node, "a measure of time_in", problems, required=("time_in",), optional=("each",))

    def state_of(text: str) -> str:
        if kind is None or text in kind.states:
            return word(text)
        fix = write_one_of(text, kind.states) if kind.states else "write {from: …, to: …}"
        raise Wrong(f"the kind '{kind.name}' has no state {quoted(text)}", fix)

    state = reader.value("time_in", state_of)
    each = reader.value("each", yes_no) or False
    return None if state is None else TimeIn(state, each)


def read_promise(node: Node, problems: list[Problem]) -> Promise | None:
    """``{within: D}`` or ``{under: D}``; None when it is wrong or not judged by this version."""
    if isinstance(node, Text):
        said = f"{quoted(node.text)} is not a promise"
        problems.append(node.place.problem(said, f"write {{within: {_as_duration(node.text)}}}"))
        return None
    if isinstance(node, Map):
        keys = {entry.key.text for entry in node.entries}
        if "per" in keys:
            unjudged.refuse_grid(node, problems)
            return None
    refused = {
        key: (f"the promise {key} is not judged by this version", fix)
        for key, fix in unjudged.OTHER_PROMISES.items()
    }
    reader = Reader(node, "a promise", problems, optional=("within", "under"), refused=refused)
    if reader.broken:
        return None
    if "within" in reader and "under" in reader:
        reader.tell(reader.at_key("under"), "a promise has either within or under", "keep one of the two")
        return None
    if "within" not in reader and "under" not in reader:
        if not reader.entries():
            reader.tell(reader.place, "nothing is promised", "write {within: 60s}")
        return None
    key = "within" if "within" in reader else "under"
    limit = reader.value(key, duration)
    return None if limit is None else Promise(limit, key == "within")


def check_limit(promise: Promise, measure: Measure, node: Node, problems: list[Problem]) -> None:
    """A limit of 0 has a meaning only for what has an appointed time: there it says "not late"."""
    if promise.limit > timedelta(0):
        return
    if isinstance(measure, FromTo) and DUE in measure.start:
        return
    if promise.within:
        said = "a limit of 0 is kept only by an end at the very instant of the start"
        problems.append(node.place.problem(said, "write how long it may take", Level.LINT))
    else:
        problems.append(
            node.place.problem("nothing can take less than no time", "write how long it may take")
        )


def read_limit(node: Node, problems: list[Problem]) -> timedelta | None:
    """A duration that stands alone, such as ``ignore_if_left_within``."""
    return read(node, duration, problems)


def _as_duration(text: str) -> str:
    try:
        duration(text)
    except Wrong:
        return "60s"
    return text
