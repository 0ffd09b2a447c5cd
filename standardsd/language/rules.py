"""Rule files → the rule book: everything in them right, or nothing is loaded.

All files are read together: ids are unique among the standards that run, a file may
extend the set of another, and the vocabulary is one for all.  Rules of this module:

- Defaults belong to their file.  An inherited standard says what it said in its own
  file, defaults included; the extending file's standard of the same id replaces that
  key by key; the extending file's defaults fill in only what is then still unsaid.
- An extended set does not run by itself, but it is checked like any other.
- The order of files, standards and keys changes nothing but the order of messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from standardsd.language import vocabulary
from standardsd.language.calendars import lint_unused, read_calendars
from standardsd.language.examples import Example, read_examples
from standardsd.language.meaning import book_hash, meaning_hash
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, capped, errors, in_order, quoted
from standardsd.language.reader import Reader
from standardsd.language.standards import OPTIONAL, REQUIRED, Context, Draft, read_standard
from standardsd.language.tree import LOST, Broken, Entry, Items, Map, Text, parse
from standardsd.language.words import Wrong, name, nearest
from standardsd.model.standard import RuleBook, RuleFile, Standard
from standardsd.model.vocabulary import Vocabulary

files_max = 1_000
extends_depth_max = 20
standards_max = 20_000
"""Of all files together: twenty times the largest house we know of."""

NAMELESS = "\0"
"""Before the number of a standard without an id of its own; no id that can be written begins so."""

ENVELOPE_REQUIRED = ("version", "set", "standards")
ENVELOPE_OPTIONAL = ("title", "owner", "extends", "defaults", "calendars", "vocabulary")


@dataclass(frozen=True)
class Loaded:
    """``book`` is None when anything is wrong; lints stand among ``problems`` and do not matter to it.

    ``examples``: standard id → its examples, of the standards that run.
    """

    book: RuleBook | None
    problems: tuple[Problem, ...]
    examples: dict[str, tuple[Example, ...]]


@dataclass
class _File:
    """One file while it is being read.  ``drafts``: what it says itself; ``resolved``: with what it inherits.

    ``lost``: a set that it extends is missing, so nobody knows what it inherits.
    """

    path: str
    bytes_hash: str
    reader: Reader
    set: str = ""
    title: str = ""
    owner: str | None = None
    extends: tuple[str, ...] = ()
    calendars: frozenset[str] = frozenset()
    defaults: dict[str, Entry] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    resolved: dict[str, Draft] | None = None
    lost: bool = False


def load_rules(files: Sequence[tuple[str, bytes]], timezones: Collection[str] | None = None) -> Loaded:
    """Reads all rule files together; ``files`` are (path as it shall be shown, content).

    ``timezones``: the time-zone names there are, to check calendars against; None: not checked.
    """
    problems: list[Problem] = []
    if len(files) > files_max:
        said = f"{len(files)} rule files"
        return Loaded(None, (Problem(files[0][0], 1, 1, 1, said, fix=f"keep it to {files_max}"),), {})
    zones = None if timezones is None else frozenset(timezones)
    read = [_read_file(path, text, problems, zones) for path, text in files]
    known = sorted((file for file in read if file is not None), key=lambda file: (file.set, file.path))
    sets = _by_set(known, problems)
    kinds = vocabulary.extend((file.reader.map_of("vocabulary") for file in known), problems)
    resolver = _Resolver(sets, problems, complete=all(file is not None and file.set for file in read))
    for file in known:
        resolver.resolve(file)
    extended = {parent for file in known for parent in file.extends}
    run = _Run(sets, kinds, problems)
    for file in known:
        run.take(file, runs=file.set not in extended)
    if len(run.standards) > standards_max:
        said = f"{len(run.standards)} standards in all files together"
        problems.append(Problem(files[0][0], 1, 1, 1, said, fix=f"keep it to {standards_max}"))
    told = _capped(problems)
    if errors(problems):
        return Loaded(None, told, {})
    standards = sorted(run.standards, key=lambda standard: standard.id)
    rule_files = sorted(run.files, key=lambda file: file.path)
    book = RuleBook(tuple(standards), kinds, tuple(rule_files), book_hash(rule_files))
    return Loaded(book, told, run.examples)


class _Run:
    """The standards that run, gathered file by file."""

    def __init__(self, sets: dict[str, _File], kinds: Vocabulary, problems: list[Problem]) -> None:
        self.standards: list[Standard] = []
        self.examples: dict[str, tuple[Example, ...]] = {}
        self.files: list[RuleFile] = []
        self._sets = sets
        self._kinds = kinds
        self._problems = problems
        self._places: dict[str, tuple[Draft, _File]] = {}

    def take(self, file: _File, *, runs: bool) -> None:
        """Reads every standard of the file; keeps them when its set ``runs`` by itself."""
        calendars = file.calendars.union(*(self._sets[s].calendars for s in _ancestors(file, self._sets)))
        context = Context(file.set, file.owner, self._kinds, calendars)
        found: list[Standard] = []
        told: list[Problem] = []
        for identity, draft in (file.resolved or {}).items():
            standard = read_standard(draft, context, told)
            of = None if standard is None else self._kinds[standard.of]
            shown = read_examples(draft.entries.get("examples"), of, told)
            if standard is None:
                continue
            found.append(standard)
            if runs and not identity.startswith(NAMELESS):
                self._unique(standard.id, draft, file)
                self.examples[standard.id] = shown
        self._problems += [problem for problem in told if not (file.lost and _of_the_base(problem))]
        meaning = meaning_hash(file.set, found, self._kinds)
        self.files.append(RuleFile(file.path, file.set, file.title, file.bytes_hash, meaning))
        if runs:
            self.standards += [replace(standard, rules=meaning) for standard in found]

    def _unique(self, identity: str, draft: Draft, file: _File) -> None:
        before, other = self._places.setdefault(identity, (draft, file))
        if other is file:
            return
        first, place = before.place, draft.place
        where, fix = (
            f"in {first.source.path}, line {first.line}",
            "give each standard that runs an id of its own",
        )
        if first.source.path != other.path:
            where = f"run by {other.path}, which inherits it from {first.source.path}, line {first.line}"
        if file.extends and other.extends:
            fix = "extend a set in one file only; what differs goes there under an id of its own, with where:"
        if place.source.path != file.path:  # inherited, so the mistake is not where the standard stands
            place = file.reader.at("extends")
            where += f"; {file.path} inherits it, too"
        self._problems.append(place.problem(f"the id {quoted(identity)} is also {where}", fix))


def _of_the_base(problem: Problem) -> bool:
    """Whether a word is unknown that a set which is missing may define; a slip of a known word is none."""
    words = ("there is no kind ", "there is no calendar ", " has no event ", " has no state ")
    return problem.fix.startswith(("write one of", "write always")) and any(w in problem.text for w in words)


def _read_file(
    path: str, text: bytes, problems: list[Problem], timezones: frozenset[str] | None
) -> _File | None:
    """The envelope of one file; None when there is no map to look at (that has been told)."""
    root, slips = parse(text, path)
    problems.extend(slips)
    if root is None or isinstance(root, Broken):
        return None
    reader = Reader(root, "a rule file", problems, required=ENVELOPE_REQUIRED, optional=ENVELOPE_OPTIONAL)
    if reader.broken:
        return None
    reader.value("version", _version)
    file = _File(path, "sha256:" + hashlib.sha256(text).hexdigest(), reader)
    file.set = reader.value("set", name) or ""
    file.title = reader.text("title") or file.set
    file.owner = reader.text("owner")
    file.extends = reader.values("extends", name) or ()
    calendars = reader.map_of("calendars")
    file.calendars = read_calendars(calendars, problems, timezones)
    lint_unused(calendars, problems)
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
    nodes = reader.list_of("standards")
    if isinstance(reader.node("standards"), Items) and not nodes and "extends" not in reader:
        reader.tell(reader.at("standards"), "a file without a standard", "write one", Level.LINT)
    found = []
    for node in nodes:
        if isinstance(node, Map):
            own = {entry.key.text: entry for entry in node.entries}
            found.append(Draft(_place_of(node), own, frozenset(own)))
        elif not isinstance(node, Broken):
            problems.append(node.place.problem("this is not a standard", "write - id: …, title: …, of: …"))
    return found


def _place_of(node: Map) -> Place:
    """A standard is shown at its id, or where it begins."""
    identity = node.get("id")
    return node.place if identity is None else identity.place


def _by_set(files: Sequence[_File], problems: list[Problem]) -> dict[str, _File]:
    sets: dict[str, _File] = {}
    for file in files:
        if not file.set:
            continue
        if file.set in sets:
            said = f"the set {quoted(file.set)} is also in {sets[file.set].path}"
            problems.append(file.reader.at("set").problem(said, "give each file a set of its own"))
        else:
            sets[file.set] = file
    return sets


class _Resolver:
    """Fills in what each file inherits, extended sets first; each file is resolved once.

    ``complete``: every file could be read; otherwise a set that is missing may stand in one that could not,
    and nothing is said of it.
    """

    def __init__(self, sets: dict[str, _File], problems: list[Problem], *, complete: bool) -> None:
        self._sets = sets
        self._problems = problems
        self._complete = complete

    def resolve(self, file: _File, above: tuple[str, ...] = ()) -> dict[str, Draft]:
        """Id → the standard with everything it inherits.

        ``above``: the sets that are being resolved, to find a circle; it also bounds the depth.
        """
        if file.resolved is not None:
            return file.resolved
        inherited = self._inherited(file, above)
        resolved = dict(inherited)
        first: dict[str, Draft] = {}
        for number, draft in enumerate(file.drafts):
            node = draft.entries.get("id")
            written = node.value.text if node is not None and isinstance(node.value, Text) else None
            identity = f"{NAMELESS}{number}" if written is None else written
            if identity in first:
                said = f"the id {quoted(identity)} is also in line {first[identity].place.line}"
                self._problems.append(draft.place.problem(said, "give each standard an id of its own"))
                identity = f"{NAMELESS}{number}"  # what else is wrong with it is told, too
            first[identity] = draft
            before = inherited.get(identity)
            if before is None:
                resolved[identity] = draft
            else:
                resolved[identity] = Draft(
                    draft.place, {**before.entries, **draft.entries}, draft.own | before.own
                )
        file.lost = any(parent not in self._sets or self._sets[parent].lost for parent in file.extends)
        file.lost |= "extends" in file.reader and not file.extends
        at = file.reader.place
        unknown = {LOST: Entry(Text(at, LOST, plain=False), Broken(at))} if file.lost else {}
        file.resolved = {
            identity: Draft(draft.place, {**file.defaults, **draft.entries, **unknown}, draft.own)
            for identity, draft in resolved.items()
        }
        return file.resolved

    def _inherited(self, file: _File, above: tuple[str, ...]) -> dict[str, Draft]:
        """What the extended sets give, before the file's own standards."""
        inherited: dict[str, Draft] = {}
        at = file.reader.at("extends")
        for parent in file.extends:
            wrong = self._wrong(file, parent, above)
            if wrong is not None:
                self._problems.append(at.wrong(wrong))
            if wrong is not None or parent not in self._sets:
                continue
            for identity, draft in self.resolve(self._sets[parent], (*above, file.set)).items():
                if identity in inherited and inherited[identity].entries != draft.entries:
                    said = f"two of the extended sets have a standard {quoted(identity)}, and they differ"
                    self._problems.append(at.problem(said, "extend only one of them"))
                inherited[identity] = draft
        return inherited

    def _wrong(self, file: _File, parent: str, above: tuple[str, ...]) -> Wrong | None:
        """Why a set cannot be extended; None when it can, or when it may stand in a file that could not be read."""
        if parent == file.set or parent in above:
            circle = " → ".join((*above, file.set, parent))
            return Wrong(f"sets extend each other in a circle: {circle}", "leave one of them out")
        if parent not in self._sets and self._complete:
            near = nearest(parent, [name for name in self._sets if name != file.set])
            said = f"there is no set {quoted(parent)} among the rule files"
            return Wrong(said, f"write {near}" if near else "load its file, too")
        if len(above) >= extends_depth_max:
            return Wrong(f"sets extend each other {extends_depth_max} times over", "write it flatter")
        return None


def _ancestors(file: _File, sets: dict[str, _File]) -> list[str]:
    """The sets that the file extends, and those that they extend; circles and unknown ones left out."""
    found: list[str] = []
    waiting = list(file.extends)
    while waiting:
        parent = waiting.pop()
        if parent in sets and parent not in found:
            found.append(parent)
            waiting.extend(sets[parent].extends)
    return found


def _capped(problems: list[Problem]) -> tuple[Problem, ...]:
    """In order, each once, at most ``problems_max`` a file; where some are cut, lints go first."""
    by_path: dict[str, list[Problem]] = {}
    for problem in in_order(problems):
        by_path.setdefault(problem.path, []).append(problem)
    return tuple(kept for of_file in by_path.values() for kept in capped(of_file))
