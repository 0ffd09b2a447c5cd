"""The vocabulary block of a rule file: kinds of a site's own, and events and states added to a kind.

Nothing that the shipped vocabulary says can be changed, only added to.  Several files
may add to one kind; they are taken in the order of their sets' names, so the order of
loading changes nothing.  What two files say differently about one word is an error.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from standardsd.language.problems import Problem, quoted
from standardsd.language.reader import Reader, read, read_each
from standardsd.language.tree import Entry, Items, Node
from standardsd.language.words import one_of, word, write_one_of
from standardsd.model.source import SAMPLES
from standardsd.model.vocabulary import UPDATED, VOCABULARY, Ending, Kind, StateRule, Vocabulary

events_max = 200
"""Events, endings and states of one kind, each: ten times the largest we ship."""

kinds_max = 200


def extend(blocks: Iterable[tuple[Entry, ...]], problems: list[Problem]) -> Vocabulary:
    """The shipped vocabulary with every file's additions; what is wrong in them goes to ``problems``."""
    vocabulary = dict(VOCABULARY)
    for block in blocks:
        for entry in block:
            name = read(entry.key, word, problems)
            if name is None:
                continue
            if name not in vocabulary and len(vocabulary) >= kinds_max:
                problems.append(entry.key.place.problem(f"more than {kinds_max} kinds", "leave some out"))
                continue
            if name == SAMPLES:
                said = f"{quoted(name)} is no name for a kind: under yields it names samples"
                problems.append(entry.key.place.problem(said, "name the kind otherwise"))
                continue
            kind = vocabulary.get(name, Kind(name, (), {}, {}))
            vocabulary[name] = _extended(kind, entry.value, problems)
    return vocabulary


def _extended(kind: Kind, node: Node, problems: list[Problem]) -> Kind:
    keys = ("events", "states", "endings", "reopening")
    reader = Reader(node, f"the kind '{kind.name}'", problems, optional=keys)
    if kind.name not in VOCABULARY and not kind.events and "events" not in reader and not reader.broken:
        reader.tell(
            reader.place, f"the new kind {quoted(kind.name)} has no events", "add events: [opened, …]"
        )
    kind = _with_events(kind, reader)
    kind = _with_endings(kind, reader, problems)
    kind = _with_reopening(kind, reader)
    return _with_states(kind, reader, problems)


def _with_events(kind: Kind, reader: Reader) -> Kind:
    """New events stand behind the kind's own, in the order of the file."""
    added = list(reader.values("events", word) or ())
    for event in added:
        if event == UPDATED or event in kind.endings or event == kind.reopening:
            said = (
                f"{quoted(event)} is a word of the kind '{kind.name}' already, and no event like the others"
            )
            reader.tell(reader.at("events"), said, "name the event otherwise")
    events = tuple(dict.fromkeys((*kind.events, *added)))
    if len(events) > events_max:
        reader.tell(reader.at("events"), f"{len(events)} events in one kind", f"keep it to {events_max}")
        return kind
    return replace(kind, events=events)


def _with_endings(kind: Kind, reader: Reader, problems: list[Problem]) -> Kind:
    """``{EVENT: done | left | diverted | refused}``."""
    endings = dict(kind.endings)
    for entry in reader.map_of("endings"):
        event = read(entry.key, word, problems)
        ending = read(
            entry.value, lambda text: Ending(one_of(text, tuple(Ending), "a class of ending")), problems
        )
        if event is None or ending is None:
            continue
        if event in kind.events or event in (UPDATED, kind.reopening):
            said = f"{quoted(event)} is an event of the kind '{kind.name}', so it cannot end it"
            problems.append(entry.key.place.problem(said, "name the ending otherwise"))
        elif endings.get(event, ending) is not ending:
            said = f"{quoted(event)} ends the kind '{kind.name}' as {endings[event].value} already"
            problems.append(
                entry.value.place.problem(said, f"write {endings[event].value}, or name it otherwise")
            )
        else:
            endings[event] = ending
    if len(endings) > events_max:
        reader.tell(reader.at("endings"), f"{len(endings)} endings in one kind", f"keep it to {events_max}")
        return kind
    return replace(kind, endings=endings)


def _with_reopening(kind: Kind, reader: Reader) -> Kind:
    event = reader.value("reopening", word)
    if event is None or event == kind.reopening:
        return kind
    if kind.reopening is not None:
        said = f"the kind '{kind.name}' is reopened by {quoted(kind.reopening)} already"
        reader.tell(reader.at("reopening"), said, "leave the key out")
        return kind
    if event in kind.events or event in kind.endings or event == UPDATED:
        said = f"{quoted(event)} is a word of the kind '{kind.name}' already"
        reader.tell(reader.at("reopening"), said, "name the reopening event otherwise")
        return kind
    return replace(kind, reopening=event)


def _with_states(kind: Kind, reader: Reader, problems: list[Problem]) -> Kind:
    """A state is entered and left by events of the kind; every ending leaves it anyway."""
    states = dict(kind.states)
    for entry in reader.map_of("states"):
        state = read(entry.key, word, problems)
        rule = Reader(entry.value, "a state", problems, required=("enter",), optional=("leave",))
        enter = _events_of(kind, rule, "enter", problems)
        leave = _events_of(kind, rule, "leave", problems)
        if state is None or not enter:
            continue
        both = set(enter) & set(leave)
        if both:
            said = f"{quoted(min(both))} both enters and leaves the state"
            rule.tell(rule.at("leave"), said, "take it out of one of the two")
        new = StateRule(enter, leave)
        if states.get(state, new) != new:
            said = f"the kind '{kind.name}' has a state {quoted(state)} already, entered or left otherwise"
            problems.append(entry.key.place.problem(said, "name the state otherwise"))
        else:
            states[state] = new
    if len(states) > events_max:
        reader.tell(reader.at("states"), f"{len(states)} states in one kind", f"keep it to {events_max}")
        return kind
    return replace(kind, states=states)


def _events_of(kind: Kind, rule: Reader, key: str, problems: list[Problem]) -> tuple[str, ...]:
    node = rule.node(key)
    if node is None or (key == "leave" and isinstance(node, Items) and not node.items):
        return ()
    found = read_each(node, word, problems, key) or ()
    known = (*kind.events, *(() if kind.reopening is None else (kind.reopening,)))
    for event in found:
        if event not in known:
            said = f"the kind '{kind.name}' has no event {quoted(event)} that could {key} a state"
            rule.tell(rule.at(key), said, write_one_of(event, known))
    return tuple(event for event in found if event in known)
