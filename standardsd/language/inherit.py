"""What a rule file inherits: the standards and calendars of the sets that it extends.

Defaults belong to their file.  An inherited standard says what it said in its own file,
defaults included; the extending file's standard of the same id replaces that key by key;
the extending file's defaults fill in only what is then still unsaid.
"""

from __future__ import annotations

from collections.abc import Mapping

from standardsd.language.envelope import RuleText
from standardsd.language.problems import Problem, quoted
from standardsd.language.standards import Draft
from standardsd.language.tree import LOST, Broken, Entry, Text
from standardsd.language.words import Wrong, nearest

extends_depth_max = 20

NAMELESS = "\0"
"""Before the number of a standard without an id of its own; no id that can be written begins so."""


class Resolver:
    """Fills in what each file inherits, extended sets first; each file is resolved once.

    ``complete``: every file could be read; otherwise a set that is missing may stand in one that could not,
    and nothing is said of it.
    """

    def __init__(self, sets: dict[str, RuleText], problems: list[Problem], *, complete: bool) -> None:
        self._sets = sets
        self._problems = problems
        self._complete = complete

    def resolve(self, file: RuleText, above: tuple[str, ...] = ()) -> dict[str, Draft]:
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

    def _inherited(self, file: RuleText, above: tuple[str, ...]) -> dict[str, Draft]:
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

    def _wrong(self, file: RuleText, parent: str, above: tuple[str, ...]) -> Wrong | None:
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


def ancestors(file: RuleText, sets: Mapping[str, RuleText]) -> list[str]:
    """The sets that the file extends, and those that they extend, nearest first; circles and unknown ones left out."""
    found: list[str] = []
    waiting = list(file.extends)
    while waiting:
        parent = waiting.pop(0)
        if parent in sets and parent not in found:
            found.append(parent)
            waiting.extend(sets[parent].extends)
    return found
