"""Examples in a rule file as they are written: one kept and one broken.

A line is ``[YYYY-MM-DD ]HH:MM:SS[.ffffff] event [name=value …]``, or ``… sample NAME=4.2 [name=value …]``.
Without a date it is Monday 2026-03-02; in which zone the wall time is meant is known when it is
run.  Of an event, what is a number is a value and all else labels; of a sample, the first is its
name and number and all else labels.  One list is one interaction, a list of lists several.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from standardsd.language.measures import sample_name, value_name
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, read
from standardsd.language.tree import Broken, Entry, Items, Node, Text
from standardsd.language.words import Wrong, label, write_one_of
from standardsd.model.vocabulary import Kind

MONDAY = "2026-03-02"
SAMPLE = "sample"

interactions_max = 100
lines_max = 1_000
value_characters_max = 256
years = range(2000, 2099)
"""The years for which calendars are made."""


class Outcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"


class Line(Struct, frozen=True):
    """One line: an event, or a sample where ``sample`` names its number.  ``wall``: without a zone."""

    wall: datetime
    event: str
    labels: dict[str, str] = {}
    values: dict[str, float] = {}
    sample: str | None = None


@dataclass(frozen=True)
class Interaction:
    """One list of lines: where it is written and what happens.  ``id``: of the interaction that it makes."""

    place: Place
    id: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Example:
    """What the file says will come out, and the interactions that show it."""

    outcome: Outcome
    interactions: tuple[Interaction, ...]


def read_examples(
    entry: Entry | None,
    kind: Kind | None,
    problems: list[Problem],
    *,
    samples: bool | None = None,
    labels: Collection[str] = (),
) -> tuple[Example, ...]:
    """The examples of one standard; wrong lines are left out and told.  ``kind`` None: events are not checked.

    ``samples``: whether it is about samples; None: not known, or about standards about either.
    ``labels``: those that the standard speaks of; a number under such a name is a value all the same, and linted.
    """
    if entry is None or isinstance(entry.value, Broken):
        return ()
    reader = Reader(entry.value, "examples", problems, optional=tuple(Outcome))
    if reader.broken:
        return ()
    missing = [outcome for outcome in Outcome if outcome not in reader]
    if missing:
        said = f"there is no example that is {missing[0]}"
        reader.tell(entry.key.place, said, f"add {missing[0]}: [...]", Level.LINT)
    found = []
    for outcome in Outcome:
        groups = _interactions(reader, outcome)
        read_ones = [
            _read_interaction(node, f"{outcome}/{n}", kind, samples, problems, labels)
            for n, node in enumerate(groups, 1)
        ]
        if read_ones:
            found.append(Example(outcome, tuple(one for one in read_ones if one is not None)))
    return tuple(found)


def _interactions(reader: Reader, outcome: Outcome) -> list[Items]:
    """A list of lines is one interaction, a list of lists several; a mixture is told and left out."""
    items = reader.list_of(outcome, f"the example {outcome}")
    node = reader.node(outcome)
    if isinstance(node, Items) and not items:
        reader.tell(node.place, "an example without a line", 'write ["09:00:00 arrived", "09:00:30 greeted"]')
    lists = [item for item in items if isinstance(item, Items)]
    if not lists:
        return [node] if isinstance(node, Items) and items else []
    for item in items:
        if not isinstance(item, Items | Broken):
            reader.tell(item.place, "a line beside lists of lines", "put it into a list of its own")
    if len(lists) > interactions_max:
        reader.tell(reader.at(outcome), f"{len(lists)} interactions", f"write at most {interactions_max}")
    return lists[:interactions_max]


def _read_interaction(
    node: Items,
    identity: str,
    kind: Kind | None,
    samples: bool | None,
    problems: list[Problem],
    labels: Collection[str],
) -> Interaction | None:
    if not node.items or len(node.items) > lines_max:
        said = f"an interaction of {len(node.items)} lines"
        problems.append(node.place.problem(said, f"write 1 to {lines_max} lines"))
        return None
    lines: list[Line] = []
    for item in node.items:
        line = read(item, lambda text: read_line(text, kind, samples), problems, "a line of an example")
        if line is None:
            continue
        if lines and line.wall < lines[-1].wall:
            said = "this line is earlier than the one before it"
            problems.append(item.place.problem(said, "add the date if it is the next day", Level.LINT))
        lines.append(line)
        if line.sample is None:
            problems.extend(_number_for_label(item, name) for name in line.values if name in labels)
    return Interaction(_shown_at(node), identity, tuple(lines))


def _number_for_label(item: Node, name: str) -> Problem:
    """A label that is written as a number: it would be a value, and the standard would never see the label."""
    place = item.place
    found = re.search(
        rf"(?<=\s){re.escape(name)}=(\S*?)(?=[\s\"']|$)", place.source.line(place.line)[place.column - 1 :]
    )
    written = found[1] if found else "214"
    if found:
        place = Place(place.source, place.line, place.column + found.start(), found.end() - found.start())
    said = f"{quoted(name)} is a number here, and so a value, but the standard asks for it as a label"
    fix = f"write a text, such as {name}={name[0]}{written}"
    return place.problem(said, fix, Level.LINT)


def _shown_at(node: Items) -> Place:
    first: Node = node.items[0]
    return first.place if isinstance(first, Text) else node.place


_LINE = re.compile(r"(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d:\d\d(?:\.\d{1,6})?) (\S+)((?: \S+)*)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)


def read_line(text: str, kind: Kind | None, samples: bool | None = None) -> Line:
    """One line of an example; raises ``Wrong``.  ``samples``: as in ``read_examples``."""
    found = _LINE.fullmatch(text)
    if found is None:
        near = re.match(r"(?:\d{4}-\d\d-\d\d[ T])?(\d?\d:\d\d)(?::\d\d)?", text)
        fix = 'write it as "09:00:00 arrived site=grand-budapest"'
        if near is not None and re.match(r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d ", text):
            fix = f"write the seconds, too: {near[1]}:00"
        raise Wrong(f"{quoted(text)} is not a line of an example", fix)
    day, time, event, rest = found.groups()
    wall = _wall(day or MONDAY, time)
    if event == SAMPLE:
        if samples is False:
            raise Wrong(
                "a sample, and this standard is about events", "write an event, such as 09:00:00 arrived"
            )
        return sample_of(wall, rest.split())
    if samples:
        raise Wrong(
            f"an event ({event}), and this standard is about samples", 'write "09:00:00 sample queue=4"'
        )
    if kind is not None and not kind.knows(event):
        fix = write_one_of(event, kind.all_events())
        raise Wrong(f"the kind '{kind.name}' has no event {quoted(event)}", fix)
    labels, values = carried(rest.split())
    return Line(wall, event, labels, values)


def sample_of(wall: datetime, words: list[str]) -> Line:
    """The first word is the sample's name and number, the others are its labels."""
    if not words:
        raise Wrong("a sample without a number", 'write it as "09:00:00 sample queue=4"')
    name, value = _pair(words[0])
    if not _NUMBER.fullmatch(value):
        raise Wrong(f"{quoted(words[0])}: a sample has a number", f"write it as {name}=4")
    labels: dict[str, str] = {}
    for word in words[1:]:
        key, text = _pair(word)
        if label(key) in labels:
            raise Wrong(f"{quoted(key)} stands twice in one line", "keep one of the two")
        labels[key] = text
    return Line(wall, SAMPLE, labels, {sample_name(name): float(value)}, name)


def _wall(day: str, time: str) -> datetime:
    try:
        wall = datetime.fromisoformat(f"{day}T{time}")
    except ValueError:
        raise Wrong(f"'{day} {time}' does not exist", "write it as 2026-03-02 09:00:00") from None
    if wall.year not in years:
        raise Wrong(f"the year {wall.year} is too far away", "write a date near 2026-03-02, or none")
    return wall


def carried(words: Iterable[str]) -> tuple[dict[str, str], dict[str, float]]:
    """Labels and values behind the event's name."""
    labels: dict[str, str] = {}
    values: dict[str, float] = {}
    for word in words:
        name, value = _pair(word)
        if name in labels or name in values:
            raise Wrong(f"{quoted(name)} stands twice in one line", "keep one of the two")
        if _NUMBER.fullmatch(value):
            values[value_name(name)] = float(value)
        else:
            labels[label(name)] = value
    return labels, values


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not name or not value or len(value) > value_characters_max:
        raise Wrong(f"{quoted(word)} is not name=value", "write it as site=grand-budapest, without spaces")
    return name, value
