"""YAML text → a tree of nodes that remember their place.

Every plain scalar is the text as written, so ``on``, ``no``, ``012``, ``14:00`` and
dates are safe: whoever reads a key decides what its text means.  What makes YAML
surprising (anchors, aliases, merge keys, tags, duplicate keys, empty values, second
documents) is refused by name.  The tree is built from the stream of events, without
recursion and without PyYAML's composer: that one overruns the C stack on deep nesting.

Places count from 1.  A node that was refused stays in the tree as ``Broken``, so that
everything around it is still read and all problems are found at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from msgspec import Struct

from standardsd.language.place import Place, Source
from standardsd.language.problems import Problem, capped, problems_max, quoted
from standardsd.language.slips import replaced, slip

bytes_max = 8 * 1024 * 1024
"""Room for long notes and examples; a file that is larger is no rule file."""
depth_max = 32
"""Our deepest file nests 8 levels; the reader of a file is recursive and must not be led deeper."""
nodes_max = 100_000
"""About 3,000 standards, read in a second: a small file of many brackets must not hold up a daemon."""
line_characters_max = 100_000
"""Long enough for any real line; an event's place is looked up by line."""
repairs_max = 10
"""Slips of punctuation put right in order to find the problems behind them; each costs one more reading."""


class Text(Struct, frozen=True):
    """A scalar.  ``plain``: written without quotes, so it is exactly what stands in the file."""

    place: Place
    text: str
    plain: bool


class Items(Struct, frozen=True):
    """A list."""

    place: Place
    items: tuple[Node, ...]


class Entry(Struct, frozen=True):
    key: Text
    value: Node


class Map(Struct, frozen=True):
    """A map: keys are texts, each once, in the order of the file."""

    place: Place
    entries: tuple[Entry, ...]

    def get(self, key: str) -> Node | None:
        return next((entry.value for entry in self.entries if entry.key.text == key), None)


class Broken(Struct, frozen=True):
    """A node about which a problem has been told already; whoever reads it says nothing more."""

    place: Place


Node = Text | Items | Map | Broken


def parse(text: bytes, path: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one file, and everything wrong with its YAML.

    None when there is no tree to look at: not text at all, too large, or a syntax that
    cannot be followed.  Any bytes give an answer; none raise.  A file without content
    is one problem.  A byte-order mark in front of UTF-8 is skipped.
    """
    if len(text) > bytes_max:
        source = Source(path, ())
        fix = f"split it; a file may have {bytes_max} bytes"
        return None, [Place(source, 1, 1, 1).problem(f"the file has {len(text)} bytes", fix)]
    clean, problems = _characters(text, path)
    if problems:
        return None, capped(problems)
    source = Source(path, tuple(clean.split("\n")))
    repaired: set[tuple[int, int]] = set()
    slips: list[Problem] = []
    while True:
        builder = _Builder(source, frozenset(repaired))
        try:
            root = builder.build(clean)
        except yaml.MarkedYAMLError as error:
            problem, repair = slip(error, source)
            slips.append(problem)
            if repair is None or len(slips) > repairs_max or repair[:2] in repaired:
                return None, capped([*builder.problems, *slips])
            repaired.add(repair[:2])
            clean = replaced(clean, repair)
            continue
        except _TooMuch as much:
            return None, capped([*builder.problems, *slips, much.problem])
        return root, capped([*builder.problems, *slips])


def _characters(text: bytes, path: str) -> tuple[str, list[Problem]]:
    """The file as characters with ``\\n`` line ends; or the places of bytes and characters no text has."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        rest = re.split(rb"[\r\n]", text[error.start :], maxsplit=1)[0].decode("utf-8", "replace")
        shown = before[before.rfind("\n") + 1 :] + rest
        said = f"byte 0x{text[error.start]:02x} is not UTF-8"
        place = Place(Source(path, ("",) * (line - 1) + (shown,)), line, column, 1)
        return "", [place.problem(said, "save the file as UTF-8")]
    clean = decoded.replace("\r\n", "\n").replace("\r", "\n")
    bad = list(_FORBIDDEN.finditer(clean))
    lines = tuple(clean.split("\n"))
    source = Source(path, lines)
    problems = []
    for found in bad[: problems_max + 1]:
        line = clean.count("\n", 0, found.start()) + 1
        column = found.start() - clean.rfind("\n", 0, found.start())
        said = f"the character U+{ord(found[0]):04X} does not belong into a text file"
        problems.append(Place(source, line, column, 1).problem(said, "delete it; it may be invisible"))
    for number, line_text in enumerate(lines, 1):
        if len(line_text) > line_characters_max:
            said = f"the line has {len(line_text)} characters"
            problems.append(
                Place(source, number, 1, 1).problem(said, f"a line may have {line_characters_max}")
            )
    return clean, problems


_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
)
"""Controls, other line separators (they would shift every line number) and half characters."""


class _TooMuch(Exception):
    """A cap was reached: the reading stops here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not been read.  ``key``: read, and waiting for its value."""

    event: yaml.Event
    spoiled: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: Text | Broken | None = None


class _Builder:
    """One pass over the events.  The stack is ours, so nesting costs no C or Python stack."""

    def __init__(self, source: Source, repaired: frozenset[tuple[int, int]]) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._repaired = repaired
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._documents = 0
        self._nodes = 0

    def build(self, text: str) -> Node | None:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.DocumentStartEvent):
                self._document(event)
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self._close(event)
            if self._documents > 1:
                break
        if self._documents == 0:
            place = Place(self._source, 1, 1, 1)
            self.problems.append(
                place.problem("the file is empty", "write its first key, such as version: 1")
            )
        return self._root

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        place = self._place(event)
        if self._documents > 1:
            self.problems.append(
                place.problem("a second document begins here", "put it into a file of its own")
            )
        elif event.version or event.tags:
            self.problems.append(
                place.problem("a directive begins here", "leave out lines that begin with %")
            )

    def _node(self, event: yaml.NodeEvent) -> None:
        if self._documents > 1:
            return
        self._nodes += 1
        if self._nodes > nodes_max:
            problem = self._place(event).problem(f"the file has more than {nodes_max} values", "split it")
            raise _TooMuch(problem)
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(self._stack) >= depth_max:
                raise _TooMuch(
                    self._place(event).problem(f"nested deeper than {depth_max} levels", "write it flatter")
                )
            self._stack.append(_Open(event, self._refused(event) is not None))
            return
        refused = self._refused(event)
        if refused is not None:
            self._put(refused)
        else:
            assert isinstance(event, yaml.ScalarEvent), event
            self._put(self._scalar(event))

    def _refused(self, event: yaml.NodeEvent) -> Broken | None:
        """Tells of an alias, an anchor or a tag; None when there is none."""
        tag: str | None = getattr(event, "tag", None)  # an alias has none
        if event.anchor is None and tag is None:
            return None
        place = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            said = "an alias (*) refers to a value elsewhere"
            fix = f'write the value itself; a text that begins with * is quoted: "*{event.anchor}"'
        elif event.anchor is not None:
            said, fix = "an anchor (&)", "leave it out; a text that begins with & is quoted"
        else:
            assert tag is not None
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            said, fix = "a tag (!)", f'leave it out; a text that begins with ! is quoted: "{shown}"'
        self.problems.append(place.problem(said, fix))
        return Broken(place)

    def _scalar(self, event: yaml.ScalarEvent) -> Text | Broken:
        place = self._place(event)
        if self._repaired and self._was_repaired(event):
            return Broken(place)
        plain = event.style is None or event.style == ""
        if plain and event.value == "" and not self._awaits_key():
            key = self._stack[-1].key if self._stack else None
            what = f"{quoted(key.text)} has no value" if isinstance(key, Text) else "an empty value"
            where = key.place if isinstance(key, Text) else place
            comment = (
                ""
                if "#" not in self._source.line(where.line)
                else "; a text with # in front or ' #' in it is quoted"
            )
            self.problems.append(where.problem(what, f"write the value, or leave the line out{comment}"))
            return Broken(place)
        return Text(place, event.value, plain)

    def _awaits_key(self) -> bool:
        top = self._stack[-1] if self._stack else None
        return top is not None and isinstance(top.event, yaml.MappingStartEvent) and top.key is None

    def _put(self, node: Node) -> None:
        if not self._stack:
            self._root = node
            return
        top = self._stack[-1]
        if isinstance(top.event, yaml.SequenceStartEvent):
            top.items.append(node)
        elif top.key is None:
            top.key = self._key(top, node)
        else:
            if isinstance(top.key, Text):
                top.entries[top.key.text] = Entry(top.key, node)
            top.key = None

    def _key(self, top: _Open, node: Node) -> Text | Broken:
        """The key of the next entry; ``Broken`` when its value cannot be kept."""
        if isinstance(node, Text):
            before = top.entries.get(node.text)
            if node.text == "<<" and node.plain:
                problem = node.place.problem("a merge key (<<)", "write the keys out")
            elif node.text == "":
                problem = node.place.problem("an empty key", "write the key in front of the colon")
            elif before is not None:
                first = before.key.place.line
                said = f"{quoted(node.text)} stands here a second time; it was first written in line {first}"
                problem = node.place.problem(said, "keep one of the two")
            else:
                return node
            self.problems.append(problem)
        elif not isinstance(node, Broken):
            self.problems.append(
                node.place.problem("a key is not a text", "write a word in front of the colon")
            )
        return Broken(node.place)

    def _close(self, event: yaml.Event) -> None:
        if self._documents > 1:
            return
        top = self._stack.pop()
        place = self._place(top.event, event)
        if top.spoiled:
            self._put(Broken(place))
        elif isinstance(top.event, yaml.SequenceStartEvent):
            self._put(Items(place, tuple(top.items)))
        else:
            self._put(Map(place, tuple(top.entries.values())))

    def _place(self, event: yaml.Event, end: yaml.Event | None = None) -> Place:
        """From the event's start to its end, or to the end of the first line if it goes on beyond that."""
        start, last = event.start_mark, (end or event).end_mark
        assert start is not None and last is not None, event
        if start.line >= len(self._source.lines):
            # What is missing at the very end of a file is shown behind its last character.
            return Place(self._source, len(self._source.lines), len(self._source.lines[-1]) + 1, 1)
        line = self._source.line(start.line + 1)
        stop = last.column if last.line == start.line else len(line.rstrip())
        return Place(self._source, start.line + 1, start.column + 1, max(1, stop - start.column))

    def _was_repaired(self, event: yaml.Event) -> bool:
        start, end = event.start_mark, event.end_mark
        assert start is not None and end is not None, event
        span = (start.line + 1, start.column + 1), (end.line + 1, end.column + 1)
        return any(span[0] <= position <= span[1] for position in self._repaired)


def texts(node: Node) -> Iterator[Text]:
    """Every text in the tree, keys included, in the order of the file."""
    waiting: list[Node] = [node]
    while waiting:
        match waiting.pop():
            case Text() as found:
                yield found
            case Items(items=items):
                waiting.extend(reversed(items))
            case Map(entries=entries):
                for entry in reversed(entries):
                    waiting.append(entry.value)
                    waiting.append(entry.key)
            case Broken():
                pass
