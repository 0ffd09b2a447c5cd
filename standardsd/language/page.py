"""A page: the lines of one file as they are read, and where each character really stands.

A file with slips in its YAML is mended line by line in order to read on behind them: an
item is moved under its neighbours, a bracket is closed, a text that cannot be read is
covered by a hole.  Only this copy is changed.  Places are always those of the file as
written, and whatever lies in a hole is ``Broken``: it is told once and never used.

Lines and columns count from 1, as everywhere.
"""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct

from standardsd.language.place import Place, Source

HOLE = "_"
"""What stands where something cannot be read: a text that YAML takes anywhere."""


class Repair(Struct, frozen=True):
    """One change to a line: ``removed`` characters from ``column`` on are read as ``text``.

    ``holes``: the characters of ``text``, from 0, that stand for something unreadable;
    -1 is the one in front of it.
    """

    line: int
    column: int
    removed: int
    text: str
    holes: tuple[int, ...] = ()


class Page:
    """The lines of ``source``, as they are read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = list(source.lines)
        self._grown: dict[int, list[tuple[int, int]]] = {}
        self._holes: dict[int, list[int]] = {}

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def mended(self) -> bool:
        return bool(self._holes or self._grown)

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def mend(self, repair: Repair) -> None:
        """Changes a line; places behind the change still lead to the file as written."""
        line, column, grown = repair.line, repair.column, len(repair.text) - repair.removed
        old = self.lines[line - 1]
        self.lines[line - 1] = old[: column - 1] + repair.text + old[column - 1 + repair.removed :]
        behind = column + repair.removed
        if grown:
            moved = [(at + grown if at >= behind else at, by) for at, by in self._grown.get(line, ())]
            self._grown[line] = [*moved, (behind + grown, grown)]
        kept = [at for at in self._holes.get(line, ()) if not column <= at < behind]
        holes = [at + grown if at >= behind else at for at in kept]
        holes += [column + at for at in repair.holes]
        if holes:
            self._holes[line] = sorted(holes)

    def indent(self, line: int, *, by: int) -> None:
        """Moves a line ``by`` columns to the right; a negative number to the left, where blanks stand."""
        if by:
            self.mend(Repair(line, 1, max(0, -by), " " * max(0, by)))

    def hole(self, line: int, column: int, *, key: bool = False) -> None:
        """Covers a line from ``column`` to its end; as a ``key``, the map does not know what stood there."""
        text = f"{HOLE}: {HOLE}" if key else HOLE
        behind = len(self.line(line)) - column + 1
        self.mend(Repair(line, column, max(0, behind), text, (0, 3) if key else (0,)))

    def stray(self, line: int, column: int) -> None:
        """A character that cannot be read and was replaced by another one."""
        self._holes[line] = sorted({*self._holes.get(line, ()), column})

    def drop(self, line: int) -> bool:
        """Leaves out a line, or the next one above it that is read; False when there is none."""
        for number in range(min(line, len(self.lines)), 0, -1):
            if self.lines[number - 1].strip():
                self.blank(number, number + 1)
                return True
        return False

    def blank(self, first: int, behind: int) -> None:
        """Lines from ``first`` to before ``behind`` are not read."""
        for number in range(first, behind):
            self.lines[number - 1] = ""
            self._holes.pop(number, None)

    def column(self, line: int, column: int) -> int:
        """Where a column of the mended line stands in the file."""
        found = column - sum(by for at, by in self._grown.get(line, ()) if column >= at)
        return max(1, min(found, column if line not in self._grown else len(self.source.line(line)) + 1))

    def place(self, line: int, column: int, length: int) -> Place:
        """The place in the file of ``length`` characters of the mended line."""
        first, behind = self.column(line, column), self.column(line, column + length)
        return Place(self.source, line, first, max(1, behind - first))

    def holed(self, start: tuple[int, int], end: tuple[int, int]) -> bool:
        """Whether a hole lies from ``start`` to before ``end``, each a line and a column."""
        for line in range(start[0], end[0] + 1) if self._holes else ():
            holes = self._holes.get(line)
            if not holes:
                continue
            at = bisect_left(holes, start[1] if line == start[0] else 0)
            if at < len(holes) and (line < end[0] or holes[at] < end[1]):
                return True
        return False
