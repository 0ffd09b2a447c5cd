"""The nodes of a YAML file, each with its place: texts, lists, maps, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from standardsd.language.place import Place


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
    """A node about which a problem has been told already; whoever reads it says nothing more.

    ``empty``: nothing at all was written.
    """

    place: Place
    empty: bool = False


Node = Text | Items | Map | Broken


LOST = "\0"
"""The key of an entry whose own key could not be read.  No file can write it; nothing is called missing beside it."""


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
