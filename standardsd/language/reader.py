"""Reading maps with closed keys: a key that is not known is an error with the nearest known one.

A ``Reader`` tells every problem into one list and goes on; what could not be read is
None.  So a caller reads everything first and looks at the list once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.tree import LOST, Broken, Entry, Items, Map, Node, Text
from standardsd.language.words import Wrong, nearest, write_one_of

T = TypeVar("T")

items_max = 10_000
"""Items of one list: more is a mistake of the program that wrote the file."""


class Reader:
    """One map and what may stand in it.

    ``what``: the thing described, as it stands in a message ("a standard").  ``refused``:
    keys that are known and cannot be used here, with what to say and the fix.  With
    ``open_keys`` any further key is allowed (the caller checks them).
    """

    def __init__(
        self,
        node: Node,
        what: str,
        problems: list[Problem],
        *,
        required: Iterable[str] = (),
        optional: Iterable[str] = (),
        refused: Mapping[str, tuple[str, str]] | None = None,
        open_keys: bool = False,
    ) -> None:
        self.what = what
        self.problems = problems
        self.place: Place = node.place
        self.required = tuple(required)
        self.keys = (*self.required, *optional)
        self._refused = refused or {}
        self._entries: dict[str, Entry] = {}
        self.broken = not isinstance(node, Map)
        if isinstance(node, Map):
            self._entries = {entry.key.text: entry for entry in node.entries}
            self._check(open_keys)
        elif not isinstance(node, Broken):
            keys = ", ".join(self.keys[:6]) or "name: value"
            self.tell(node.place, f"{what} is not a map", f"write keys and values under it, such as {keys}")

    def _check(self, open_keys: bool) -> None:
        meant: dict[str, Entry] = {}  # a mistyped key is read as the one that was meant, and so never missing
        for key, entry in self._entries.items():
            if key in self._refused:
                self.tell(entry.key.place, *self._refused[key])
            elif key not in self.keys and key != LOST and not open_keys:
                if (above := self._above(entry)) is not None:
                    fix = f"indent it deeper, so that it belongs to {above}"
                    self.tell(entry.key.place, f"{self.what} has no key {quoted(key)}", fix)
                    continue
                if (near := nearest(key, self.keys)) is not None and near not in self._entries:
                    meant.setdefault(near, entry)
                fix = write_one_of(key, self.keys)
                self.tell(entry.key.place, f"{self.what} has no key {quoted(key)}", fix)
        for key in self.required:
            if self.lacks(key) and key not in meant:
                self.tell(self.place, f"{self.what} has no {key}", f"add {key}: with its value")
        self._entries = {**meant, **self._entries}

    def _above(self, entry: Entry) -> str | None:
        """The key just above, when it has no value: this one was meant to be its first."""
        below = entry.key.place
        for key, other in self._entries.items():
            empty = isinstance(other.value, Broken) and other.value.empty and key in self.keys
            place = other.key.place
            if empty and (place.line + 1, place.column) == (below.line, below.column):
                return key
        return None

    def tell(self, place: Place, text: str, fix: str = "", level: Level = Level.ERROR) -> None:
        self.problems.append(place.problem(text, fix, level))

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def lacks(self, key: str) -> bool:
        """Whether the key is missing for sure: not where another key could not be read, which may be this one."""
        return key not in self._entries and LOST not in self._entries

    def entries(self) -> tuple[Entry, ...]:
        """All of them, known or not, in the order of the file."""
        return tuple(self._entries.values())

    def node(self, key: str) -> Node | None:
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def at(self, key: str) -> Place:
        """The place of the key's value; of the map where the key is missing."""
        node = self.node(key)
        return self.place if node is None else node.place

    def at_key(self, key: str) -> Place:
        """The place of the key itself; of the map where it is missing."""
        entry = self._entries.get(key)
        return self.place if entry is None else entry.key.place

    def value(self, key: str, convert: Callable[[str], T]) -> T | None:
        """The key's text, converted; None when it is missing or wrong (then that has been told)."""
        node = self.node(key)
        return None if node is None else read(node, convert, self.problems, key)

    def values(self, key: str, convert: Callable[[str], T]) -> tuple[T, ...] | None:
        """One text or a list of texts, each converted; None when missing; wrong ones are left out."""
        node = self.node(key)
        return None if node is None else read_each(node, convert, self.problems, key)

    def text(self, key: str) -> str | None:
        """One line of text that is not empty."""
        return self.value(key, one_line)

    def map_of(self, key: str, what: str | None = None) -> tuple[Entry, ...]:
        """The entries of a map with free keys; () when it is missing or no map (then that has been told)."""
        node = self.node(key)
        return () if node is None else entries_of(node, what or key, self.problems)

    def list_of(self, key: str, what: str | None = None) -> tuple[Node, ...]:
        """The items of a list; () when it is missing or no list (then that has been told)."""
        node = self.node(key)
        if node is None or isinstance(node, Broken):
            return ()
        if not isinstance(node, Items):
            self.tell(
                node.place, f"{what or key} is not a list", "write each item behind '- ', or as [one, two]"
            )
            return ()
        if len(node.items) > items_max:
            self.tell(node.place, f"{what or key} has {len(node.items)} items", f"write at most {items_max}")
            return ()
        return node.items


def read(node: Node, convert: Callable[[str], T], problems: list[Problem], what: str = "this") -> T | None:
    """One text, converted; a list or a map where a text should stand is a problem."""
    if isinstance(node, Broken):
        return None
    if not isinstance(node, Text):
        alone = node.items[0] if isinstance(node, Items) and len(node.items) == 1 else None
        fix = f"write {alone.text}, without brackets" if isinstance(alone, Text) else "write one text"
        problems.append(node.place.problem(f"{what} is {_shape(node)}", fix))
        if isinstance(alone, Text):
            read(alone, convert, problems, what)
        return None
    try:
        return convert(node.text)
    except Wrong as wrong:
        problems.append(node.place.wrong(wrong))
        return None


def read_each(
    node: Node, convert: Callable[[str], T], problems: list[Problem], what: str = "this"
) -> tuple[T, ...]:
    """One text, or a list of texts that is neither empty nor too long; the converted ones, in order.

    A text that stands twice is a problem: one of the two was meant to be another.
    """
    if isinstance(node, Broken):
        return ()
    if isinstance(node, Text):
        one = read(node, convert, problems, what)
        return () if one is None else (one,)
    if not isinstance(node, Items):
        problems.append(node.place.problem(f"{what} is {_shape(node)}", "write a text or a list of texts"))
        return ()
    if not node.items or len(node.items) > items_max:
        many = f"has {len(node.items)} items" if node.items else "is an empty list"
        problems.append(
            node.place.problem(f"{what} {many}", f"write 1 to {items_max} items, or leave the key out")
        )
        return ()
    found: list[T] = []
    seen: set[str] = set()
    for item in node.items:
        if isinstance(item, Text) and item.text in seen:
            problems.append(
                item.place.problem(f"{quoted(item.text)} stands here twice", "leave one of them out")
            )
            continue
        if isinstance(item, Text):
            seen.add(item.text)
        value = read(item, convert, problems, f"an item of {what}")
        if value is not None:
            found.append(value)
    return tuple(found)


def one_line(text: str) -> str:
    """A text that is not empty and has no line break."""
    if not text.strip():
        raise Wrong("an empty text", "write the text, or leave the key out")
    if "\n" in text.strip("\n"):
        raise Wrong("more than one line", "write it in one line")
    return text.strip("\n")


def any_text(text: str) -> str:
    """Any text that is not empty; it may have many lines."""
    if not text.strip():
        raise Wrong("an empty text", "write the text, or leave the key out")
    return text


def _shape(node: Node) -> str:
    return "a list" if isinstance(node, Items) else "a map"


def entries_of(node: Node, what: str, problems: list[Problem]) -> tuple[Entry, ...]:
    """The entries of a map with free keys; () when it is no map (then that has been told)."""
    if isinstance(node, Map):
        return tuple(entry for entry in node.entries if entry.key.text != LOST)
    if not isinstance(node, Broken):
        problems.append(node.place.problem(f"{what} is not a map", "write name: value under it"))
    return ()
