"""Examples in a rule file: one kept and one broken, run by the judge itself.

A line is ``[YYYY-MM-DD ]HH:MM:SS[.ffffff] event [name=value …]``.  Without a date it is
Monday 2026-03-02; the wall time is UTC, because the clock is ``always``.  Values that are
numbers are values of the event, all others labels.  One list is one interaction, a list
of lists several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from msgspec.structs import replace

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, read
from standardsd.language.tree import Broken, Entry, Items, Node, Text
from standardsd.language.words import Wrong, label, write_one_of
from standardsd.model.decision import CaseDecision, Verdict
from standardsd.model.reading import Event, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook, Standard
from standardsd.model.vocabulary import Kind, Vocabulary

MONDAY = "2026-03-02"
SOURCE = "example"

interactions_max = 100
lines_max = 1_000
value_characters_max = 256
years = range(1970, 2101)
"""What a promise of a hundred years can still be added to."""


class Outcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True)
class Interaction:
    """One interaction of an example: where it is written and what happens."""

    place: Place
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Example:
    """What the file says will come out, and the interactions that show it."""

    outcome: Outcome
    interactions: tuple[Interaction, ...]


def read_examples(entry: Entry | None, kind: Kind | None, problems: list[Problem]) -> tuple[Example, ...]:
    """The examples of one standard; wrong lines are left out and told.  ``kind`` None: events are not checked."""
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
            _read_interaction(node, f"{outcome}/{n}", kind, problems) for n, node in enumerate(groups, 1)
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
    node: Items, identity: str, kind: Kind | None, problems: list[Problem]
) -> Interaction | None:
    if not node.items or len(node.items) > lines_max:
        said = f"an interaction of {len(node.items)} lines"
        problems.append(node.place.problem(said, f"write 1 to {lines_max} lines"))
        return None
    events: list[Event] = []
    for item in node.items:
        event = read(item, lambda text: read_line(text, kind, identity), problems, "a line of an example")
        if event is None:
            continue
        if events and event.at < events[-1].at:
            said = "this line is earlier than the one before it"
            problems.append(item.place.problem(said, "add the date if it is the next day", Level.LINT))
        events.append(event)
    return Interaction(_shown_at(node), tuple(events))


def _shown_at(node: Items) -> Place:
    first: Node = node.items[0]
    return first.place if isinstance(first, Text) else node.place


_LINE = re.compile(r"(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d:\d\d(?:\.\d{1,6})?) (\S+)((?: \S+)*)", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)


def read_line(text: str, kind: Kind | None, identity: str) -> Event:
    """One line as an event of the interaction ``identity``; raises ``Wrong``."""
    found = _LINE.fullmatch(text)
    if found is None:
        near = re.match(r"(?:\d{4}-\d\d-\d\d[ T])?(\d?\d:\d\d)(?::\d\d)?", text)
        fix = 'write it as "09:00:00 arrived site=grand-budapest"'
        if near is not None and re.match(r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d ", text):
            fix = f"write the seconds, too: {near[1]}:00"
        raise Wrong(f"{quoted(text)} is not a line of an example", fix)
    day, time, event, rest = found.groups()
    if event == "sample":
        raise Wrong("samples are not judged by this version", "write an event, such as 09:00:00 arrived")
    if kind is not None and not kind.knows(event):
        fix = write_one_of(event, kind.all_events())
        raise Wrong(f"the kind '{kind.name}' has no event {quoted(event)}", fix)
    labels, values = _carried(rest.split())
    name = "any" if kind is None else kind.name
    return Event(SOURCE, name, identity, event, _instant(day or MONDAY, time), labels=labels, values=values)


def _instant(day: str, time: str) -> datetime:
    try:
        at = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)
    except ValueError:
        raise Wrong(f"'{day} {time}' does not exist", "write it as 2026-03-02 09:00:00") from None
    if at.year not in years:
        raise Wrong(f"the year {at.year} is too far away", "write a date near 2026-03-02, or none")
    return at


def _carried(words: Iterable[str]) -> tuple[dict[str, str], dict[str, float]]:
    """Labels and values behind the event's name."""
    labels: dict[str, str] = {}
    values: dict[str, float] = {}
    for said in words:
        name, equals, value = said.partition("=")
        if not equals or not value or len(value) > value_characters_max:
            raise Wrong(
                f"{quoted(said)} is not name=value", "write it as site=grand-budapest, without spaces"
            )
        label(name)
        if name in labels or name in values:
            raise Wrong(f"{quoted(name)} stands twice in one line", "keep one of the two")
        if _NUMBER.fullmatch(value):
            values[name] = float(value)
        else:
            labels[name] = value
    return labels, values


def run_examples(book: RuleBook, examples: Mapping[str, tuple[Example, ...]]) -> list[Problem]:
    """Every example that does not come out as its file says, shown at its first line.

    Kept: at least one occurrence is met and none breached or undecided, by the last word
    on each.  Broken: at least one is breached.
    """
    findings: list[Problem] = []
    for standard in book.standards:
        shown = examples.get(standard.id, ())
        if shown:
            findings += _run(standard, book.vocabulary, shown)
    return findings


def _run(standard: Standard, kinds: Vocabulary, examples: tuple[Example, ...]) -> list[Problem]:
    events = [event for example in examples for one in example.interactions for event in one.events]
    if not events:
        return []
    # Whatever is still open after the last event falls due within one limit.
    end = max(event.at for event in events) + standard.promise.limit + timedelta(hours=1)
    book = RuleBook((replace(standard, settle=timedelta(0)),), kinds, (), "examples")
    judge = Judge(book, [Source(SOURCE)], JudgeSettings(accept_late=None))
    said = [
        line
        for line in judge.receive([*events, Watermark(SOURCE, end)], end)
        if isinstance(line, CaseDecision)
    ]
    last: dict[str, dict[int, CaseDecision]] = {}
    for line in said:
        last.setdefault(line.id, {})[line.occurrence] = line
    findings = []
    for example in examples:
        for one in example.interactions:
            lines = list(last.get(one.events[0].id, {}).values()) if one.events else []
            finding = _finding(standard, example.outcome, lines, one)
            if finding is not None:
                findings.append(finding)
    return findings


def _finding(
    standard: Standard, outcome: Outcome, lines: list[CaseDecision], one: Interaction
) -> Problem | None:
    """None when the last words are what the file says."""
    words = [line.verdict for line in lines if line.verdict is not None]
    if outcome is Outcome.BROKEN and Verdict.BREACHED in words:
        return None
    if outcome is Outcome.KEPT and Verdict.MET in words and set(words) <= {Verdict.MET, Verdict.EXCLUDED}:
        return None
    if not words:
        why = "its labels do not match where" if not _matches(standard, one) else "nothing is measured in it"
        said = f"this example of '{standard.id}' should be {outcome}, but is not judged: {why}"
        return one.place.problem(said, "change the example, or the standard")
    heard = ", ".join(_told(line) for line in lines if line.verdict is not None)
    said = f"this example of '{standard.id}' should be {outcome}, but is judged {heard}"
    return one.place.problem(said, "change the example, or the promise")


def _told(line: CaseDecision) -> str:
    because = f" ({line.reason})" if line.reason is not None else ""
    due = f", due {line.due:%H:%M:%S}" if line.due is not None else ""
    return f"{line.verdict}{because} at {line.at:%H:%M:%S}{due}"


def _matches(standard: Standard, one: Interaction) -> bool:
    """Whether ``where`` matches at any event of the interaction."""
    labels: dict[str, str] = {}
    for event in sorted(one.events, key=lambda event: event.at):
        labels.update(event.labels)
        if standard.applies_to(labels):
            return True
    return False
