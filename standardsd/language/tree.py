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

import yaml

from standardsd.language.builder import Builder, Swallowed, TooMuch, depth_max, nodes_max
from standardsd.language.characters import characters, line_characters_max
from standardsd.language.layout import below
from standardsd.language.mend import mend
from standardsd.language.nodes import LOST, Broken, Entry, Items, Map, Node, Text, texts
from standardsd.language.page import Page
from standardsd.language.place import Place, Source
from standardsd.language.problems import Problem, capped, errors
from standardsd.language.slips import unknown

__all__ = [
    "LOST", "Broken", "Entry", "Items", "Map", "Node", "Text", "bytes_max", "depth_max", "line_characters_max",
    "nodes_max", "parse", "texts",
]  # fmt: skip

bytes_max = 8 * 1024 * 1024
"""Room for long notes and examples; a file that is larger is no rule file."""
attempts_max = 20
"""Readings of one file: as written, as mended, and then with one line less each time."""


def parse(text: bytes, path: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one file, and everything wrong with its YAML.

    None when there is no tree to look at: not text at all, too large, or a syntax that
    cannot be followed.  Any bytes give an answer; none raise.  A file without content
    is one problem.  What YAML refuses is mended, and read on behind (``mend``).
    """
    if len(text) > bytes_max:
        source = Source(path, ())
        fix = f"split it; a file may have {bytes_max} bytes"
        return None, [Place(source, 1, 1, 1).problem(f"the file has {len(text)} bytes", fix)]
    source, clean, problems = characters(text, path)
    if clean is None:
        return None, capped(problems)
    page = Page(source)
    page.lines = clean.split("\n")
    for problem in problems:
        page.stray(problem.line, problem.column)
    problems += _ends(page)
    for attempt in range(attempts_max):
        builder = Builder(page, sure=attempt < 2)
        try:
            root = builder.build()
            if builder.cut and attempt < 2:
                builder = Builder(page, sure=False)
                root = builder.build()
        except TooMuch as much:
            return None, capped([*problems, *builder.problems, much.problem])
        except (yaml.MarkedYAMLError, Swallowed) as error:
            if attempt == 0:
                problems += mend(page)
                continue
            if not errors(problems):
                problems.append(unknown(error, source))
            mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
            if not page.drop(mark.line + 1 if mark else 1):
                break
        else:
            return root, capped([*problems, *builder.problems])
    return None, capped(problems)


_END = re.compile(r"\.\.\.(?=\s|$)")
_BEGIN = re.compile(r"---(?=\s|$)")


def _ends(page: Page) -> list[Problem]:
    """Tells of an end (``...``) behind which the file goes on, and reads on as if it were not there.

    Where another document begins behind it (``---``), that is told, and the end is none of its own.
    """
    told = []
    for line in range(1, len(page.lines) + 1):
        following = below(page, line) if _END.match(page.line(line)) else ""
        if following and not _END.match(following) and not _BEGIN.match(following):
            fix = "leave this line out; what belongs to another file goes there"
            told.append(page.place(line, 1, 3).problem("the file ends here (...), but goes on", fix))
            page.blank(line, line + 1)
    return told
