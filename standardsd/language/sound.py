"""Which standards are sound although something else in the rule files is wrong: their examples are run all the same.

A standard is in doubt, and its examples are not run, where what it says may not be what was meant:

- something in it, or in what it inherits, could not be read, or its id is another's, too;
- the defaults of its file, or of one that it extends, have an error; so have its calendars, and it goes by one;
- a vocabulary has an error, and names its kind;
- it is about standards, and one of these is in doubt or wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from standardsd.language.envelope import RuleText
from standardsd.language.inherit import ancestors
from standardsd.language.links import check_links
from standardsd.language.origins import Origins
from standardsd.language.problems import Level, Problem
from standardsd.language.tree import LOST, Broken, Items, Map, Node
from standardsd.model.clock import Always
from standardsd.model.measure import Gap, Spread
from standardsd.model.standard import Standard

BLOCKS = ("defaults", "calendars", "vocabulary")


def unread(node: Node) -> bool:
    """Whether anything in it could not be read."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Broken():
                return True
            case Items(items=items):
                waiting += items
            case Map(entries=entries):
                waiting += (entry.value for entry in entries)
            case _:
                pass
    return False


def doubts(files: Sequence[RuleText], problems: Iterable[Problem]) -> dict[str, set[str]]:
    """Path → the blocks of that file (``BLOCKS``) that have an error, those that could not be read included."""
    wrong = {(one.path, one.line) for one in problems if one.level is Level.ERROR}
    found: dict[str, set[str]] = {}
    for file in files:
        entries = sorted(file.reader.entries(), key=lambda entry: entry.key.place.line)
        starts = [entry.key.place.line for entry in entries]
        lines = {line for path, line in wrong if path == file.path}
        found[file.path] = set(BLOCKS) if LOST in file.reader else set()
        for entry, first, behind in zip(entries, starts, [*starts[1:], None], strict=True):
            names = [name for name in BLOCKS if file.reader.at_key(name) == entry.key.place]
            if any(line >= first and (behind is None or line < behind) for line in lines):
                found[file.path].update(names)
    return found


def sound(
    files: Mapping[str, RuleText],
    standards: Sequence[Standard],
    origins: Mapping[str, Origins],
    doubtful: Collection[str],
    problems: Sequence[Problem],
) -> list[Standard]:
    """Those of ``standards``, which have no error of their own, that are in no doubt.

    ``files``: by their set.  ``doubtful``: ids of standards that hold what could not be read.
    """
    wrong = doubts(list(files.values()), problems)
    kinds = _kinds(files.values()) if any("vocabulary" in blocks for blocks in wrong.values()) else set()

    def certain(standard: Standard) -> bool:
        if standard.id in doubtful or standard.of in kinds or standard.set not in files:
            return False
        file = files[standard.set]
        above = [file, *(files[name] for name in ancestors(file, files))]
        blocks = {block for one in above for block in wrong[one.path]}
        timed = not isinstance(standard.clock, Always)
        return "defaults" not in blocks and not (timed and "calendars" in blocks)

    found = [standard for standard in standards if certain(standard)]
    told: list[Problem] = []
    linked = check_links(found, origins, told)
    if told:
        return [standard for standard in found if not isinstance(standard.measure, Spread | Gap)]
    return linked


def _kinds(files: Iterable[RuleText]) -> set[str]:
    """Every kind that a vocabulary names."""
    nodes = (file.reader.node("vocabulary") for file in files)
    return {entry.key.text for node in nodes if isinstance(node, Map) for entry in node.entries}
