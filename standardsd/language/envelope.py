"""One rule file before its standards are read: its envelope, its defaults, and its standards as drafts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader
from standardsd.language.standards import OPTIONAL, REQUIRED, Draft
from standardsd.language.tree import Broken, Entry, Items, Map, Node, Text, parse
from standardsd.language.words import Wrong, name, nearest

ENVELOPE_REQUIRED = ("version", "set", "standards")
ENVELOPE_OPTIONAL = ("title", "owner", "extends", "defaults", "calendars", "vocabulary")


@dataclass
class RuleText:
    """One file while it is being read.

    ``calendars``: name → how it is written.  ``drafts``: what it says itself; ``resolved``: with what it inherits.
    ``lost``: a set that it extends is missing, so nobody knows what it inherits.
    """

    path: str
    bytes_hash: str
    reader: Reader
    set: str = ""
    title: str = ""
    owner: str | None = None
    extends: tuple[str, ...] = ()
    calendars: Mapping[str, Entry] = field(default_factory=dict)
    defaults: dict[str, Entry] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    resolved: dict[str, Draft] | None = None
    lost: bool = False


def read_file(path: str, text: bytes, problems: list[Problem]) -> RuleText | None:
    """The envelope of one file; None when there is no map to look at (that has been told)."""
    root, slips = parse(text, path)
    problems.extend(slips)
    if root is None or isinstance(root, Broken):
        return None
    reader = Reader(root, "a rule file", problems, required=ENVELOPE_REQUIRED, optional=ENVELOPE_OPTIONAL)
    if reader.broken:
        return None
    reader.value("version", _version)
    file = RuleText(path, "sha256:" + hashlib.sha256(text).hexdigest(), reader)
    file.set = reader.value("set", name) or ""
    file.title = reader.text("title") or file.set
    file.owner = reader.text("owner")
    file.extends = reader.values("extends", name) or ()
    file.defaults = _defaults(reader, problems)
    file.drafts = _drafts(reader, problems)
    return file


def _version(text: str) -> str:
    if text != "1":
        raise Wrong(f"version {quoted(text)} of the language is not known", "write version: 1")
    return text


def _defaults(reader: Reader, problems: list[Problem]) -> dict[str, Entry]:
    """Any key of a standard but its id: two standards never share one."""
    node = reader.node("defaults")
    if node is None:
        return {}
    refused = {"id": ("an id cannot be a default", "write it in the standard")}
    keys = (*REQUIRED, *OPTIONAL)
    inner = Reader(node, "defaults", problems, optional=keys, refused=refused)
    return {
        entry.key.text: entry
        for entry in inner.entries()
        if entry.key.text in keys and entry.key.text != "id"
    }


def _drafts(reader: Reader, problems: list[Problem]) -> list[Draft]:
    """Every standard; also of a list that has another shape or name, which has been told."""
    node = reader.node("standards")
    nodes = [*reader.list_of("standards"), *_astray(reader)]
    if isinstance(node, Items) and not nodes and "extends" not in reader:
        reader.tell(reader.at("standards"), "a file without a standard", "write one", Level.LINT)
    if isinstance(node, Map):
        nodes += _standards_of(node)
    found = []
    while nodes:
        node = nodes.pop(0)
        if isinstance(node, Map):
            own = {entry.key.text: entry for entry in node.entries}
            found.append(Draft(_place_of(node), own, frozenset(own)))
        elif isinstance(node, Items) and any(isinstance(item, Map) for item in node.items):
            problems.append(node.place.problem("a standard is a list", "write one dash in front of its id"))
            nodes = [*(item for item in node.items if isinstance(item, Map)), *nodes]
        elif not isinstance(node, Broken):
            problems.append(node.place.problem("this is not a standard", "write - id: …, title: …, of: …"))
    return found


def _astray(reader: Reader) -> list[Node]:
    """The items of a list that was meant to be ``standards``, beside the one that is."""
    lists = (
        entry.value
        for entry in reader.entries()
        if entry.key.text not in reader.keys and nearest(entry.key.text, reader.keys) == "standards"
    )
    written = reader.node("standards")
    return [item for node in lists if isinstance(node, Items) and node is not written for item in node.items]


def _standards_of(node: Map) -> list[Node]:
    """Standards in a map: each under its id, or the keys of a single one."""
    if any(entry.key.text in REQUIRED for entry in node.entries):
        return [node]
    found: list[Node] = []
    for entry in node.entries:
        if isinstance(entry.value, Map):
            named = Entry(Text(entry.key.place, "id", plain=True), entry.key)
            own = entry.value.entries
            extra = () if entry.value.get("id") is not None else (named,)
            found.append(Map(entry.value.place, (*extra, *own)))
    return found


def _place_of(node: Map) -> Place:
    """A standard is shown at its id, or where it begins."""
    identity = node.get("id")
    return node.place if identity is None else identity.place


def by_set(files: Sequence[RuleText], problems: list[Problem]) -> dict[str, RuleText]:
    """Set → its file; a set stands in one file only."""
    sets: dict[str, RuleText] = {}
    for file in files:
        if not file.set:
            continue
        if file.set in sets:
            said = f"the set {quoted(file.set)} is also in {sets[file.set].path}"
            problems.append(file.reader.at("set").problem(said, "give each file a set of its own"))
        else:
            sets[file.set] = file
    return sets
