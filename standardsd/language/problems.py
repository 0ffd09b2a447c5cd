"""Problems: what is wrong in a file, where, and what to write instead.

A problem is a value.  Whoever reads a file collects them all and goes on; only the
command or the daemon decides what happens then (an error stops the load of the whole
set, a lint never does).  Lines and columns count from 1, columns in characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

problems_max = 100
"""Problems kept per file: whoever has a hundred to mend does not read the hundred and first."""

_shown_columns_max = 200
"""A longer source line is shown around the place only, so that a terminal stays readable."""


class Level(StrEnum):
    """An error stops the load of the whole set; a lint is only said."""

    ERROR = "error"
    LINT = "lint"


@dataclass(frozen=True)
class Problem:
    """One thing wrong at one place.

    ``length``: characters underlined, at least 1.  ``source``: the text of the line, "" when there is none.
    ``fix``: what to write instead; "" only where nothing better than the message can be said.
    ``stands_for``: how many problems this one tells of, more than 1 only where others are not shown.
    """

    path: str
    line: int
    column: int
    length: int
    text: str
    source: str = ""
    fix: str = ""
    level: Level = Level.ERROR
    stands_for: int = 1

    def render(self) -> str:
        """The message, the numbered line, carets under the place, and the fix; no line break at the end."""
        word = "lint: " if self.level is Level.LINT else ""
        said = [f"{printable(self.path)}:{self.line}:{self.column}: {word}{printable(self.text)}"]
        if self.source.strip():
            shown, column = _cut(self.source, self.column)
            number = str(self.line)
            length = max(1, min(self.length, len(shown) - column + 1))
            said.append(f"  {number} | {printable(shown)}")
            before, marked = shown[: column - 1], shown[column - 1 : column - 1 + length]
            carets = "^" * max(1, _columns(marked))
            said.append(f"  {' ' * len(number)} | {' ' * _columns(before)}{carets}")
        if self.fix:
            said.append(f"  fix: {printable(self.fix)}")
        return "\n".join(said)


def render(problems: Iterable[Problem]) -> str:
    """All problems by file and place, errors and lints together, one after the other."""
    return "\n".join(problem.render() for problem in in_order(problems))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By path, line and column; what is said twice about one place is said once."""
    seen = dict.fromkeys(problems)
    return sorted(seen, key=lambda p: (p.path, p.line, p.column, p.level, p.text))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level is Level.ERROR]


def lints(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level is Level.LINT]


def capped(problems: Sequence[Problem]) -> list[Problem]:
    """At most ``problems_max`` of one file's problems and then one that says how many more there are.

    Lints are cut before errors; what stays keeps its order.  Capped a second time, with others, the
    sum is still the true one.
    """
    shown = [problem for problem in problems if problem.stands_for == 1]
    notes = [problem for problem in problems if problem.stands_for > 1]
    if len(shown) <= problems_max and not notes:
        return list(problems)
    wanted = [*errors(shown), *lints(shown)]
    cut = [*wanted[problems_max:], *notes]
    kept = set(wanted[:problems_max])
    shown = [problem for problem in shown if problem in kept]
    last = (shown or notes)[-1]
    for level in Level:
        more = sum(problem.stands_for for problem in cut if problem.level is level)
        if more == 1:
            shown += [problem for problem in cut if problem.level is level]
        elif more:
            note = f"{more} more problems in this file are not shown"
            shown.append(Problem(last.path, last.line, last.column, 1, note, level=level, stands_for=more))
    return shown


def count(problems: Iterable[Problem]) -> int:
    """How many there are, those that are not shown included."""
    return sum(problem.stands_for for problem in problems)


def quoted(text: str) -> str:
    """A text from outside as it may stand in a message: in quotes, cut at 60 characters."""
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}…'"


def printable(text: str) -> str:
    """Without line breaks, terminal controls and direction overrides: a file cannot paint on the terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if c == "\t" else c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _columns(text: str) -> int:
    """Columns that ``text`` fills in a terminal once it is made printable."""
    wide = {"W": 2, "F": 2}
    return sum(
        0 if unicodedata.combining(c) else wide.get(unicodedata.east_asian_width(c), 1)
        for c in printable(text)
    )


def _cut(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around ``column``, and the column in that part."""
    if len(line) <= _shown_columns_max:
        return line, column
    start = max(0, min(column - 1 - _shown_columns_max // 2, len(line) - _shown_columns_max))
    return line[start : start + _shown_columns_max], column - start
