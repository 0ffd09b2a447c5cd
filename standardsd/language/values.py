"""Values: what stands behind a key or an item, followed to its end and repaired by itself."""

from __future__ import annotations

import re

from msgspec import Struct

from standardsd.language import layout
from standardsd.language.brackets import unclosed
from standardsd.language.layout import blank, indentation, is_item, margin
from standardsd.language.page import HOLE, Page, Repair
from standardsd.language.problems import Problem
from standardsd.language.slips import slip
from standardsd.language.unit import Unit, trouble

unit_slips_max = 10
"""Slips of one key or item; each costs one more reading of these few lines."""

_PLAIN = re.compile(r"[A-Za-z0-9][^:#\"'\[\]{},&*!|>%@`\\\t]*")
"""A value of which nothing can be wrong."""


class Opening(Struct, frozen=True):
    """A key or item without a value in its line: lines deeper than ``floor`` are its value.

    ``out``: the indentation it was given; ``key``: items of a list may be indented like it.
    """

    floor: int
    out: int
    key: bool


class Values:
    """``of_map``: whether the unit now read is a key of a map, which is lost where it cannot be read."""

    def __init__(self, page: Page, problems: list[Problem]) -> None:
        self._page = page
        self._problems = problems
        self.opening: Opening | None = Opening(-1, -1, key=False)
        self.of_map = False

    def read(self, line: int, column: int, value: int, floor: int) -> int:
        """The value that begins in this line; ``column``: of its key or of itself.  The line behind it."""
        text = self._page.line(line)
        head = text[value - 1 :]
        if blank(head) or (re.fullmatch(r"[!&]\S*\s*(#.*)?", head) and self._deeper(line, floor)):
            self.opening = Opening(floor, column - 1, key=True)
            return line + 1
        if head[0] in "|>":
            return self._block(Unit(line, self.behind(line, floor), column, value))
        if head[0] in "'\"[{":
            return self._closed(line, column, value, floor)
        behind = line + 1
        for number in range(line + 1, len(self._page.lines) + 1):
            following = self._page.line(number)
            if not following.strip():
                continue
            if indentation(following) <= floor or layout.looks_structural(following) or blank(following):
                break
            behind = number + 1
        if behind == line + 1 and _PLAIN.fullmatch(head):
            return behind
        return self._leaf(Unit(line, behind, column, value))

    def _deeper(self, line: int, floor: int) -> bool:
        """Whether a block begins below: one column more is taken for a slip, two are meant."""
        following = layout.below(self._page, line)
        indent = indentation(following)
        return indent > floor + 1 or (is_item(following.lstrip()) and indent == floor)

    def _by_chance(self, line: int, end: tuple[int, int]) -> bool:
        """Whether something was closed only by what opens something else in a line further down."""
        rest = self._page.line(end[0])[end[1] - 1 :]
        return not blank(rest) and layout.swallows(self._page, line + 1, end[0], len(self._page.line(line)))

    def behind(self, line: int, floor: int, *, text: bool = False) -> int:
        """The line behind all that are indented deeper than ``floor``; ``text``: and are no keys or items."""
        behind = line + 1
        for number in range(line + 1, len(self._page.lines) + 1):
            following = self._page.line(number)
            if following.strip() and indentation(following) <= floor:
                break
            if text and layout.looks_structural(following):
                break
            behind = number + 1 if following.strip() else behind
        return behind

    def _closed(self, line: int, column: int, value: int, floor: int) -> int:
        """A value in quotes or brackets, which ends where these are closed."""
        on = layout.goes_on(self._page, floor)
        if self._page.line(line)[value - 1] in "'\"":
            end = layout.quote_end(self._page, line, value, on)
            if end is None or self._by_chance(line, end):
                return self._leaf(Unit(line, self.behind(line, floor, text=True), column, value))
            return self._leaf(Unit(line, end[0] + 1, column, value))
        found = layout.flow(self._page, line, value, on)
        if not found.closed and self._pulled_in(line, value, floor):
            found = layout.flow(self._page, line, value, on)
        if found.closed and not self._by_chance(line, (found.line, found.column)):
            return self._leaf(Unit(line, found.line + 1, column, value))
        whole = self._page.line(line).rstrip().endswith((",", "[", "{"))
        unit = Unit(line, self.behind(line, floor, text=not whole), column, value)
        if found.quote is not None or unit.behind == line + 1:
            return self._leaf(unit)
        if (error := trouble(self._page, unit)) is not None and error.problem_mark is not None:
            problem, repair = slip(error, self._page, unit)
            if error.problem_mark.line + line < unit.behind and repair is not None:
                return self._leaf(unit)
            self._problems.append(problem if repair is None else unclosed(self._page, found)[0])
        return self.cover(unit)

    def _pulled_in(self, line: int, value: int, floor: int) -> bool:
        """Moves the lines of brackets that go on further to the left than their key, where nothing else stands."""
        used = {indentation(text) for text in self._page.lines[:line] if not blank(text)}

        def on(number: int) -> bool:
            indent = indentation(self._page.line(number))
            return indent > floor or indent not in used

        found = layout.flow(self._page, line, value, on)
        if not found.closed or not blank(self._page.line(found.line)[found.column - 1 :]):
            return False
        shallow = [n for n in range(line + 1, found.line + 1) if indentation(self._page.line(n)) <= floor]
        shallow = [number for number in shallow if not blank(self._page.line(number))]
        for number in shallow:
            text = self._page.line(number)
            raw = indentation(text)
            if number == shallow[0]:
                said = "this line is indented less than the key whose brackets it goes on with"
                fix = f"indent it deeper than that key, so that it begins in column {floor + 3}"
                place = self._page.place(number, raw + 1, len(text.strip()))
                self._problems.append(place.problem(said, fix))
            self._page.indent(number, by=floor + 2 - raw)
        return bool(shallow)

    def _block(self, unit: Unit) -> int:
        """A block text: its first line sets the indentation of the others."""
        least: int | None = None
        for line in range(unit.first + 1, unit.behind):
            text = self._page.line(line)
            if not text.strip():
                continue
            front = margin(text)
            if "\t" in front[:least]:
                place = self._page.place(line, front.index("\t") + 1, front.count("\t"))
                self._problems.append(place.problem("a tab in the indentation", "indent with spaces"))
                width = max(indentation(text), least or 0)
                self._page.mend(Repair(line, 1, len(front), " " * width))
            else:
                self._shallow(line, len(text) - len(text.lstrip(" ")), least)
            text = self._page.line(line)
            least = len(text) - len(text.lstrip(" ")) if least is None else least
        return self._leaf(unit)

    def _shallow(self, line: int, raw: int, least: int | None) -> None:
        """A line of a block text that is indented less than its first one."""
        if least is None or raw >= least:
            return
        length = len(self._page.line(line).strip())
        said = "this line is indented less than the block text it is in"
        fix = f"indent it with at least {least} spaces"
        self._problems.append(self._page.place(line, raw + 1, length).problem(said, fix))
        self._page.indent(line, by=least - raw)

    def _leaf(self, unit: Unit) -> int:
        """Repairs the unit until YAML takes it by itself; the line behind it."""
        seen: set[tuple[int, int]] = set()
        for _ in range(unit_slips_max):
            error = trouble(self._page, unit)
            if error is None:
                return unit.behind
            problem, repair = slip(error, self._page, unit)
            if (problem.line, problem.column) in seen:
                break
            seen.add((problem.line, problem.column))
            self._problems.append(problem)
            if repair is None:
                break
            if (
                repair.text.startswith(HOLE)
                and repair.line < unit.behind - 1
                and "quote is never" in problem.text
            ):
                self._page.blank(repair.line + 1, unit.behind)
            self._page.mend(repair)
        return self.cover(unit)

    def cover(self, unit: Unit) -> int:
        """The unit is not read: a hole stands for its value, or for all of it where it has no key."""
        key = unit.value == unit.column and self.of_map
        self._page.hole(unit.first, unit.value, key=key)
        self._page.blank(unit.first + 1, unit.behind)
        return unit.behind
