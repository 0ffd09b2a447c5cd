"""The events of a YAML file → its tree of nodes; what makes YAML surprising is refused by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from standardsd.language.layout import swallows
from standardsd.language.nodes import LOST, Broken, Entry, Items, Map, Node, Text
from standardsd.language.page import Page
from standardsd.language.place import Place
from standardsd.language.problems import Problem, quoted
from standardsd.language.slips import SIGILS
from standardsd.language.unit import quote

depth_max = 32
"""Our deepest file nests 8 levels; the reader of a file is recursive and must not be led deeper."""
nodes_max = 100_000
"""About 3,000 standards, read in a second: a small file of many brackets must not hold up a daemon."""


class Swallowed(Exception):
    """A quote or a bracket that was meant to end in its line runs over the keys below it."""


_TIGHT = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)(:| *= *| +)([^ :=].*)")
"""``within:60s``, ``within = 60s`` and ``within 60s`` in braces, which are keys without a value to YAML."""

_FRACTION = re.compile(r"[0-9]{1,9}(?:us|ms|s|m|h|d|rings|%)?", re.ASCII)
"""What stands behind a decimal comma."""

_BRACED = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)(\s*)\{\s*([A-Za-z_][A-Za-z0-9_-]*)")
"""``promise {within: 60s}``, which is one long key and a text to YAML."""


class TooMuch(Exception):
    """A cap was reached: the reading stops here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not been read.

    ``key``: read, and waiting for its value; ``twice``: it stands in the map already.
    """

    event: yaml.Event
    spoiled: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: Text | Broken | None = None
    twice: bool = False


class Builder:
    """One pass over the events.  The stack is ours, so nesting costs no C or Python stack."""

    def __init__(self, page: Page, *, sure: bool) -> None:
        """Not ``sure``: lines were left out, so nothing is called missing anywhere."""
        self.problems: list[Problem] = []
        self._page = page
        self._sure = sure
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._documents = 0
        self._nodes = 0

    @property
    def cut(self) -> bool:
        """Whether a second document was left out, which may be the rest of the first."""
        return self._documents > 1

    def build(self) -> Node | None:
        for event in yaml.parse(self._page.text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.DocumentStartEvent):
                self._document(event)
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self._close(event)
            if self._documents > 1:
                break
        if self._documents == 0:
            place = Place(self._page.source, 1, 1, 1)
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
            raise TooMuch(problem)
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if len(self._stack) >= depth_max:
                raise TooMuch(
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
        written = self._page.source.line(place.line)[place.column - 1 : place.column - 1 + place.length]
        said, fix = SIGILS[
            "*" if isinstance(event, yaml.AliasEvent) else "&" if event.anchor is not None else "!"
        ]
        if not isinstance(event, yaml.CollectionStartEvent):
            fix = f"{fix}; a text that begins with {written[:1]} is quoted: {quote(written.rstrip())}"
        else:
            fix = f"{fix}; a text that begins with {written[:1]} is quoted"
        self.problems.append(place.problem(said, fix))
        return Broken(place)

    def _scalar(self, event: yaml.ScalarEvent) -> Text | Broken:
        place = self._place(event)
        self._check_swallowed(event)
        if self._page.mended and self._holed(event):
            return Broken(place)
        plain = event.style is None or event.style == ""
        if plain and event.value == "" and not self._awaits_key():
            if self._decimal_comma():
                return Broken(place)
            tight = self._tight(place)
            if tight is not None:
                return tight
            if self._stack and isinstance(self._stack[-1].key, Broken):
                return Broken(place)
            key = self._stack[-1].key if self._stack else None
            what = f"{quoted(key.text)} has no value" if isinstance(key, Text) else "an empty value"
            where = key.place if isinstance(key, Text) else place
            comment = (
                ""
                if "#" not in self._page.source.line(where.line)
                else "; a text with # in front or ' #' in it is quoted"
            )
            fix = f"write the value, or leave the line out{comment}"
            self.problems.append(where.problem(what, fix))
            return Broken(place, empty=True)
        return Text(place, event.value, plain)

    def _decimal_comma(self) -> bool:
        """``{within: 1,5m}`` is two entries to YAML: told, and read as the number that was meant."""
        top = self._stack[-1] if self._stack else None
        key = None if top is None else top.key
        if top is None or not isinstance(key, Text) or not top.entries or not _FRACTION.fullmatch(key.text):
            return False
        name, before = next(reversed(top.entries.items()))
        number, at = before.value, before.value.place
        if not isinstance(number, Text) or not number.text.isdigit():
            return False
        if (at.line, at.column + at.length + 1) != (key.place.line, key.place.column):
            return False
        whole = Place(at.source, at.line, at.column, at.length + 1 + len(key.text))
        meant = f"{number.text}.{key.text}"
        said = f"{quoted(f'{number.text},{key.text}')} has a comma for its point"
        self.problems.append(whole.problem(said, f"write {meant}"))
        top.entries[name] = Entry(before.key, Text(whole, meant, plain=True))
        top.key, top.twice = Broken(key.place), True
        return True

    def _tight(self, place: Place) -> Text | None:
        """``{within:60s}`` is one long key to YAML: it is told, and read as it was meant."""
        top = self._stack[-1] if self._stack else None
        key = top.key if top is not None else None
        if top is None or not isinstance(key, Text) or not key.plain:
            return None
        found = _TIGHT.fullmatch(key.text)
        if found is None or (found[2] != ":" and not getattr(top.event, "flow_style", False)):
            return None
        at, value, where = found.start(2), found[3], key.place
        sign = "a space is missing behind the colon" if found[2] == ":" else "a key without its ':'"
        length = 1 if found[2] == ":" else max(1, at)
        shown = Place(where.source, where.line, where.column + (at if found[2] == ":" else 0), length)
        self.problems.append(shown.problem(sign, f"write {found[1]}: {value}"))
        top.key = Text(Place(where.source, where.line, where.column, len(found[1])), found[1], plain=True)
        return Text(
            Place(where.source, where.line, where.column + found.start(3), len(value)), value, plain=True
        )

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
                key, node = self._braced(top.key, node)
                top.entries[key.text] = Entry(key, node)
            elif not top.twice:
                lost = Text(top.key.place, LOST, plain=False)
                top.entries[LOST] = Entry(lost, Broken(top.key.place))
            top.key, top.twice = None, False

    def _braced(self, key: Text, node: Node) -> tuple[Text, Node]:
        """A key whose colon is missing in front of a brace is told, and read as it was meant."""
        found = _BRACED.fullmatch(key.text) if key.plain else None
        if found is None or not isinstance(node, Text) or not node.text.endswith("}"):
            return key, node
        inside, place = node.text[:-1].strip(), key.place
        word = Place(place.source, place.line, place.column, len(found[1]))
        fix = f"write {found[1]}: {{{found[3]}: {inside}}}"
        self.problems.append(word.problem("a key without its ':'", fix))
        inner = Place(place.source, place.line, place.column + found.start(3), len(found[3]))
        at = Place(place.source, node.place.line, node.place.column, len(inside))
        pair = Entry(Text(inner, found[3], plain=True), Text(at, inside, plain=True))
        brace = Place(place.source, place.line, place.column + found.end(2), place.length - found.end(2))
        return Text(word, found[1], plain=True), Map(brace, (pair,))

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
                top.twice = True
            else:
                return node
            self.problems.append(problem)
        elif not isinstance(node, Broken):
            self.problems.append(
                node.place.problem(
                    "a key is not a text", "write a word in front of the colon; brackets stand there once"
                )
            )
        return Broken(node.place)

    def _close(self, event: yaml.Event) -> None:
        if self._documents > 1:
            return
        top = self._stack.pop()
        if getattr(top.event, "flow_style", False):
            self._check_swallowed(top.event, event)
        place = self._place(top.event, event)
        if top.spoiled:
            self._put(Broken(place))
        elif isinstance(top.event, yaml.SequenceStartEvent):
            self._put(Items(place, tuple(top.items)))
        else:
            if not self._sure:
                top.entries[LOST] = Entry(Text(place, LOST, plain=False), Broken(place))
            self._put(Map(place, tuple(top.entries.values())))

    def _place(self, event: yaml.Event, end: yaml.Event | None = None) -> Place:
        """From the event's start to its end, or to the end of the first line if it goes on beyond that."""
        start, last = event.start_mark, (end or event).end_mark
        assert start is not None and last is not None, event
        lines = self._page.source.lines
        if start.line >= len(lines):
            # What is missing at the very end of a file is shown behind its last character.
            return Place(self._page.source, len(lines), len(lines[-1]) + 1, 1)
        line = self._page.line(start.line + 1)
        stop = last.column if last.line == start.line else len(line.rstrip())
        return self._page.place(start.line + 1, start.column + 1, max(1, stop - start.column))

    def _holed(self, event: yaml.Event) -> bool:
        start, end = event.start_mark, event.end_mark
        assert start is not None and end is not None, event
        return self._page.holed((start.line + 1, start.column + 1), (end.line + 1, end.column + 1))

    def _check_swallowed(self, event: yaml.Event, end: yaml.Event | None = None) -> None:
        """Raises for a value in quotes or brackets that runs over lines which read like keys of its neighbours."""
        start, last = event.start_mark, (end or event).end_mark
        assert start is not None and last is not None, event
        if start.line == last.line or getattr(event, "style", None) not in (*"'\"", None):
            return
        blocks = [top.event for top in self._stack if not getattr(top.event, "flow_style", False)]
        mark = blocks[-1].start_mark if blocks else None
        if swallows(self._page, start.line + 2, last.line + 1, -1 if mark is None else mark.column):
            raise Swallowed
