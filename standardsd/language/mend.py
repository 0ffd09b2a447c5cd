"""Mending: a file that is not YAML is read line by line, so that one slip hides no other.

A block of YAML is told by its indentation alone, so each key and each item is a unit of
its own: it is looked at by itself, told and repaired by itself.  Rules of this module:

- Only a file that YAML refuses is mended; what is well formed is never touched.
- A line that is indented unlike its neighbours is told once, and read as one of them.
- A unit that cannot be repaired is covered by a hole; what follows from that is not told.
- At most ``slips_max`` slips are told; behind them the file is not read.
"""

from __future__ import annotations

import re

from standardsd.language import layout
from standardsd.language.habits import bare_key, habit
from standardsd.language.layout import Level, blank, colon, indentation, is_item, margin
from standardsd.language.page import Page, Repair
from standardsd.language.problems import Problem
from standardsd.language.slips import slip
from standardsd.language.unit import Unit, trouble
from standardsd.language.values import Opening, Values

slips_max = 2_000
"""Slips of one file: more is no file that somebody wrote."""


def mend(page: Page) -> list[Problem]:
    """Repairs the page so that YAML takes it; what was wrong with it."""
    return _Mender(page).run()


class _Mender:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._problems: list[Problem] = []
        self._levels: list[Level] = []
        self._values = Values(page, self._problems)
        self._tabbed = ""

    def run(self) -> list[Problem]:
        line, last = self._directives(), len(self._page.lines)
        while line <= last:
            text = self._page.line(line)
            if len(self._problems) >= slips_max:
                said, fix = (
                    f"more than {slips_max} slips; nothing is read from here on",
                    "mend those above first",
                )
                self._problems.append(self._page.place(line, 1, 1).problem(said, fix))
                self._page.blank(line, last + 1)
                break
            if re.match(r"(---|\.\.\.)(\s|$)", text) and self._levels:
                self._page.blank(line + 1, last + 1)  # what stands there is a second document
                break
            if not blank(text):
                line = self._line(line)
                continue
            line += 1
        return self._problems

    def _directives(self) -> int:
        """The first line of the document; directives in front of it are told and not read."""
        for line, text in enumerate(self._page.lines, 1):
            if text.startswith("%"):
                self._tell(line, 1, 1, "a directive begins here", "leave out lines that begin with %")
                self._page.blank(line, line + 1)
            elif re.match(r"---\s*(#|$)", text):
                return line + 1
            elif not blank(text):
                return line
        return len(self._page.lines) + 1

    def _tell(self, line: int, column: int, length: int, said: str, fix: str) -> None:
        self._problems.append(self._page.place(line, column, length).problem(said, fix))

    # -- one line ----------------------------------------------------------------------------------------

    def _line(self, line: int) -> int:
        """Reads the unit that begins in this line; the line behind it."""
        tabbed = self._odd_blanks(line)
        text = self._page.line(line)
        raw = indentation(text)
        if not self._habit(line, raw):
            return line + 1
        body = self._page.line(line)[raw:]
        opening, self._values.opening = self._values.opening, None
        item, key = is_item(body), colon(body, 1) is not None
        if opening is not None and (
            raw > opening.floor or tabbed or (item and opening.key and raw == opening.floor)
        ):
            root = opening.floor < 0 and any(
                colon(one, raw + 1) is not None for one in self._page.lines[line:] if indentation(one) == raw
            )
            if not item and not key and not root:
                return self._read(line, raw + 1, raw + 1, opening.floor)
            level = self._open(line, raw, opening, item=item)
        else:
            found = self._nearest(line, raw, item=item)
            if found is None or (not item and not key and raw != found.raw):
                return self._astray(line, raw)
            level = found
        if raw != level.raw and not tabbed:
            self._misplaced(line, raw, level, item=item)
        floor = min(raw, level.raw) if item else level.raw
        self._page.indent(line, by=level.out - raw)
        if item:
            return self._item(line, level.out + 1, floor, moved=level.out - raw)
        return self._entry(line, level.out + 1, floor)

    def _odd_blanks(self, line: int) -> bool:
        """Tells of tabs and other blanks in the indentation, which YAML does not take for any."""
        text = self._page.line(line)
        front = margin(text)
        if not front.strip(" "):
            self._tabbed = ""
            return False
        first = len(front) - len(front.lstrip(" ")) + 1
        what = "a tab" if "\t" in front else f"a blank that is no space (U+{ord(front.strip(' ')[0]):04X})"
        odd = len(front[first - 1 :].rstrip(" "))
        self._tell(line, first, odd, f"{what} in the indentation", "indent with spaces")
        same, self._tabbed = front == self._tabbed, front
        width = indentation(text)
        if self._values.opening is None and self._levels:
            columns = [len(front) + front.count("\t") * (tab - 1) for tab in (2, 4, 8)]
            near = [(abs(c - lv.raw), lv.raw) for lv in self._levels for c in columns]
            width = self._levels[-1].raw if same else min(near)[1]
        elif self._values.opening is not None:
            width = max(width, self._values.opening.floor + layout.TAB_COLUMNS)
        self._page.mend(Repair(line, 1, len(front), " " * width))
        return True

    def _open(self, line: int, raw: int, opening: Opening, *, item: bool) -> Level:
        """The first line of a block: the indentation of most of its lines is the right one."""
        usual = layout.usual(self._page, line, raw, opening.floor, item=item)
        if opening.floor < 0:  # nothing of a file stands to the left of its outermost keys
            usual = min(indentation(text) for text in self._page.lines if not blank(text))
        moved = opening.out - opening.floor
        least = opening.out + (0 if item and opening.key else 1)
        level = Level(item, usual, max(usual + moved, least))
        self._levels.append(level)
        return level

    def _nearest(self, line: int, raw: int, *, item: bool) -> Level | None:
        """The open list or map whose indentation is nearest; of two the inner one.  It becomes the last.

        A key among those of an inner map stays there, however far it is to the left.
        """
        best: tuple[int, int] | None = None
        for number, level in enumerate(self._levels):
            if level.items == item:
                distance = abs(raw - level.raw)
                best = min(best or (distance, -number), (distance, -number))
        if best is None:
            return None
        below = indentation(layout.below(self._page, line))
        if not item and below > self._levels[-best[1]].raw and not layout.opens(self._page, line):
            inner = [n for n, level in enumerate(self._levels) if not level.items and level.raw == below]
            best = (0, -inner[-1]) if inner else best
        del self._levels[1 - best[1] :]
        return self._levels[-1]

    def _misplaced(self, line: int, raw: int, level: Level, *, item: bool) -> None:
        text = self._page.line(line)
        end = raw + 1 if item else colon(text, raw + 1) or raw + 1
        what = "item" if item else "key"
        said = f"this {what} is not indented like its neighbours"
        fix = f"indent it like them, so that it begins in column {level.raw + 1}"
        self._tell(line, raw + 1, max(1, end - raw - 1), said, fix)

    def _habit(self, line: int, raw: int) -> bool:
        """Tells of a habit of other formats; whether the line is read all the same."""
        found = habit(self._page, line, raw, self._levels, opening=self._values.opening is not None)
        if found is None:
            return True
        said, fix, length, repair = found
        self._tell(line, raw + 1, length, said, fix)
        if repair is None:
            self._page.blank(line, line + 1)
            return False
        self._page.mend(repair)
        return True

    def _astray(self, line: int, raw: int) -> int:
        """A line that is neither key nor item where only these can stand; it is not read."""
        text = self._page.line(line)
        body = text[raw:].rstrip()
        if is_item(body):
            said, fix = (
                "an item ('- ') where none can stand",
                "leave it out, or put a key without a value above it",
            )
        elif self._levels and self._levels[-1].items:
            said, fix = "this is indented like a list but is no item of it", "begin it with '- '"
        elif body.strip("]} ") == "":
            said, fix = "a bracket that closes nothing", f"leave out {body}"
        else:
            said = "a line that belongs to nothing"
            fix = "indent a text that goes on deeper than its key, or leave the line out"
        self._tell(line, raw + 1, len(body), said, fix)
        self._page.blank(line, line + 1)
        return line + 1

    # -- what stands in a line ---------------------------------------------------------------------------

    def _item(self, line: int, column: int, floor: int, *, moved: int) -> int:
        """``- `` and what stands behind it; ``moved``: by how much the line was."""
        while True:
            text = self._page.line(line)
            rest = text[column:]
            inner = column + 1 + len(rest) - len(rest.lstrip())
            if blank(rest):
                self._values.opening = Opening(floor, column - 1, key=False)
                return line + 1
            if not is_item(text[inner - 1 :]):
                break
            self._levels.append(Level(True, inner - 1 - moved, inner - 1))
            floor, column = inner - 1 - moved, inner
        if colon(text, inner) is None:
            return self._read(line, inner, inner, floor)
        usual = layout.usual(self._page, line, inner - 1, floor, item=False, least=column + 1 - max(0, moved))
        # Keys that stand where the item's own would, or that were moved together with it, are right.
        out = inner - 1 if moved and usual + moved == inner - 1 else max(usual, column + 1)
        self._levels.append(Level(False, usual, out))
        if out != inner - 1:
            if not moved:
                self._misplaced_first(line, inner, usual)
            wider = out - inner + 1
            self._page.mend(Repair(line, inner + min(0, wider), max(0, -wider), " " * max(0, wider)))
        return self._entry(line, out + 1, usual)

    def _misplaced_first(self, line: int, column: int, usual: int) -> None:
        end = colon(self._page.line(line), column) or column + 1
        said = "this key is not indented like its neighbours"
        self._tell(line, column, end - column, said, f"let it begin in column {usual + 1}")

    def _entry(self, line: int, column: int, floor: int) -> int:
        text = self._page.line(line)
        found = colon(text, column)
        if found is None:
            found = self._without_colon(line, column)
            if found is None:
                self._values.of_map = True
                return self._values.cover(Unit(line, self._values.behind(line, floor), column, column))
        text = self._page.line(line)
        if self._levels and not self._levels[-1].items:
            self._levels[-1].keys.add(text[column - 1 : found - 1])
        rest = text[found:]
        value = found + 1 + len(rest) - len(rest.lstrip())
        return self._read(line, column, value, floor)

    def _without_colon(self, line: int, column: int) -> int | None:
        """Tells of a key without its colon or without the space behind it; the colon's column if it has one."""
        text = self._page.line(line)
        tight = layout.unspaced_colon(text, column)
        shown = text[column - 1 :].rstrip()
        if tight is not None:
            fix = f"write {text[column - 1 : tight]} {text[tight:].strip()}"
            self._tell(line, tight, 1, "a space is missing behind the colon", fix)
            odd = text[tight : tight + 1].isspace()
            self._page.mend(Repair(line, tight + 1, 1 if odd else 0, " "))
            return tight
        bare = bare_key(self._page, line, column)
        if bare is not None:
            said, fix, length, repair = bare
            self._tell(line, column, length, said, fix)
            self._page.mend(repair)
            return repair.column
        unit = Unit(line, line + 1, column, column)
        if not shown.strip("]} "):
            said, fix = "a bracket that closes nothing", f"leave out {shown}"
        elif (error := trouble(self._page, unit)) is not None:
            self._problems.append(slip(error, self._page, unit)[0])
            return None
        else:
            meant = re.match(r"([A-Za-z_][A-Za-z0-9_-]*)\s*[;=]?\s*(.*)", shown)
            said, fix = "a key without its ':'", "write a colon and a space behind the key"
            if meant is not None and meant[2]:
                fix = f"write {meant[1]}: {meant[2]}, or indent a text that goes on deeper than its key"
        self._tell(line, column, len(shown), said, fix)
        return None

    def _read(self, line: int, column: int, value: int, floor: int) -> int:
        self._values.of_map = bool(self._levels) and not self._levels[-1].items
        return self._values.read(line, column, value, floor)
