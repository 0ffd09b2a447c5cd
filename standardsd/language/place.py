"""Places: where a node stands in its file, so that a problem can show it.

Lines and columns count from 1, columns in characters.
"""

from __future__ import annotations

from msgspec import Struct

from standardsd.language.problems import Level, Problem
from standardsd.language.words import Wrong


class Source(Struct, frozen=True, eq=False):
    """The file that a node came from: its name and its lines."""

    path: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


class Place(Struct, frozen=True):
    """Where a node stands; ``length``: how many characters of that line to underline."""

    source: Source
    line: int
    column: int
    length: int

    def problem(self, text: str, fix: str = "", level: Level = Level.ERROR) -> Problem:
        source = self.source
        line = source.line(self.line)
        return Problem(source.path, self.line, self.column, self.length, text, line, fix, level)

    def wrong(self, wrong: Wrong) -> Problem:
        return self.problem(wrong.text, wrong.fix)
