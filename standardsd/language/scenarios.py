"""Scenario files as they are written: a head in YAML, then a story that a duty manager could check.

    zone: Europe/Lisbon
    # A greeting at the due instant is in time.
    09:00:00  visit.arrived V1 site=grand-budapest
    09:01:00  visit.greeted V1
        met greet-within-60s V1 at 09:01:00 due 09:01:00 measured 1m

Rules of this module:

- Everything before the first line that begins with a time is the head (``scenarios_head``).
- What is heard stands at the margin, what is expected of it is indented below it.
- A blank line ends a passage; a passage is what a report calls one test, named by its first comment.
- ``#`` at the margin, or behind a blank, begins a comment.

Nothing is opened here and nothing is judged: which rules a scenario goes by is known to the shell.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from standardsd.language.characters import characters
from standardsd.language.feeds import FileFeeds
from standardsd.language.place import Place, Source
from standardsd.language.problems import Problem
from standardsd.language.scenarios_head import Head, inline_rules, read_head

SUFFIX = ".scenario.txt"

bytes_max = 1024 * 1024
"""Room for some ten thousand lines; a longer story is a recording, for ``standardsd judge``."""

title_characters_max = 200


@dataclass(frozen=True)
class Word:
    """One word of a line; ``column`` counts from 1."""

    text: str
    column: int


@dataclass(frozen=True)
class Written:
    """One line as it is written, without its comment; ``number`` counts from 1."""

    number: int
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Row:
    """A line at the margin, and the indented lines below it.  ``passage``: which one, from 0."""

    heard: Written
    below: tuple[Written, ...]
    passage: int


@dataclass(frozen=True)
class Passage:
    """``line``: its first line at the margin that is heard."""

    title: str
    line: int


@dataclass(frozen=True)
class Scenario:
    """One file, read as far as it can be without its rules.

    ``inline``: the rule file that stands in its head, line by line at the same place; None: there is none.
    ``problems``: of the head, of the bytes, and of lines that belong nowhere.
    """

    source: Source
    head: Head
    inline: bytes | None
    rows: tuple[Row, ...]
    passages: tuple[Passage, ...]
    problems: tuple[Problem, ...]

    @property
    def path(self) -> str:
        return self.source.path

    def place(self, number: int, column: int = 1, length: int | None = None) -> Place:
        """A place in the file; without ``length`` from there to the end of the line."""
        rest = len(self.source.line(number).rstrip()) - column + 1
        return Place(self.source, number, column, max(1, rest if length is None else length))


def beside(path: str) -> str:
    """The rule file of a scenario without ``rules``: ``hotel/arrival.yaml`` for ``hotel/arrival.scenario.txt``."""
    return path.removesuffix(SUFFIX) + ".yaml"


def read_scenario(
    text: bytes, path: str, timezones: Collection[str] | None = None, feeds: FileFeeds | None = None
) -> Scenario:
    """Any bytes give an answer; none raise.

    ``timezones``: the names there are, for messages.  ``feeds``: holiday feeds that its sites name.
    """
    if len(text) > bytes_max:
        source = Source(path, ())
        fix = f"split it; a scenario may have {bytes_max} bytes"
        problem = Place(source, 1, 1, 1).problem(f"the file has {len(text)} bytes", fix)
        return Scenario(source, Head(), None, (), (), (problem,))
    source, clean, problems = characters(text, path)
    if clean is None:
        return Scenario(source, Head(), None, (), (), tuple(problems))
    lines = clean.split("\n")
    first = next((n for n, line in enumerate(lines) if line[:1].isdecimal()), len(lines))
    upper = _head_lines(source, lines[:first], problems)
    head, told = read_head(upper, source, timezones, feeds)
    problems += told
    reader = _StoryReader(source, problems)
    for number, line in enumerate(lines, 1):
        if number > first:
            reader.line(number, line)
        else:
            reader.head(line)
    rows, passages = reader.done()
    return Scenario(source, head, inline_rules(upper), rows, passages, tuple(problems))


_KEY = re.compile(r"[A-Za-z_]+:(?: |$)")
NOT_A_LINE = "this line is neither of the head (key: value) nor of the story (it begins with a time)"
AS_A_LINE = "write it as 09:00:00 visit.arrived V1 site=grand-budapest"


def _head_lines(source: Source, lines: list[str], problems: list[Problem]) -> list[str]:
    """The head's lines; what can be no line of YAML is told and left blank, so that the others are still read."""
    kept = []
    for number, line in enumerate(lines, 1):
        fine = not line.strip() or line[0] in " \t#-]}" or _KEY.match(line)
        if not fine:
            where = Place(source, number, 1, len(line.rstrip()))
            problems.append(where.problem(NOT_A_LINE, AS_A_LINE))
        kept.append(line if fine else "")
    return kept


def words_of(line: str) -> tuple[Word, ...]:
    """The words of a line, without its comment."""
    found = []
    for match in re.finditer(r"\S+", line):
        if match[0].startswith("#"):
            break
        found.append(Word(match[0], match.start() + 1))
    return tuple(found)


class _StoryReader:
    """Line by line; knows which passage it is in and what was heard last."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self._source = source
        self._problems = problems
        self._rows: list[tuple[Written, list[Written], int]] = []
        self._passages: list[Passage] = []
        self._title: list[str] = []
        self._paused = False
        self._open = False

    def head(self, line: str) -> None:
        """A line above the story: only the comments right before the story name its first passage."""
        if not line.strip() or line.startswith("#"):
            self.comment(line)
        else:
            self._title = []

    def comment(self, line: str) -> None:
        """A blank line ends a passage; comments after it, up to the next blank line, name the one that follows."""
        if not line.strip():
            self._open, self._paused = False, True
        elif not self._open:
            said = line.lstrip("#").strip()
            self._title = [said] if self._paused else [*self._title, said]
            self._paused = False

    def line(self, number: int, line: str) -> None:
        words = words_of(line)
        if not words:
            if not line.strip() or line.startswith("#"):
                self.comment(line)
            return
        written = Written(number, words)
        if line[0].isspace():
            if not self._rows:
                self._tell(
                    written, "nothing was heard before this", "put what is heard above it, at the margin"
                )
            else:
                self._rows[-1][1].append(written)
            return
        if not line[0].isdecimal():
            behind = _KEY.match(line)
            said = "a line of the head stands behind the first line of the story" if behind else NOT_A_LINE
            self._tell(written, said, "move it above the story" if behind else AS_A_LINE)
            return
        if not self._open:
            said = " ".join(self._title or (word.text for word in words)).strip()
            self._passages.append(Passage(said[:title_characters_max], number))
            self._title, self._open = [], True
        self._rows.append((written, [], len(self._passages) - 1))

    def _tell(self, written: Written, text: str, fix: str) -> None:
        begin, last = written.words[0], written.words[-1]
        length = last.column + len(last.text) - begin.column
        self._problems.append(Place(self._source, written.number, begin.column, length).problem(text, fix))

    def done(self) -> tuple[tuple[Row, ...], tuple[Passage, ...]]:
        rows = tuple(Row(heard, tuple(below), passage) for heard, below, passage in self._rows)
        return rows, tuple(self._passages)
