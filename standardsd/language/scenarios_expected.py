"""Indented lines of a scenario: what is expected of the line above them.

Only what is written is compared: ``met greet V1`` expects that word at whatever instant.  What is
said and not expected, or expected and not said, is a difference; order is no part of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args, get_type_hints

from standardsd.language.problems import Problem, quoted
from standardsd.language.quantities import number
from standardsd.language.scenarios import Scenario, Word, Written
from standardsd.language.scenarios_clock import is_day
from standardsd.language.scenarios_head import Tell
from standardsd.language.scenarios_lines import Amiss, Hearing, within, wrong_at
from standardsd.language.scenarios_said import (
    FIELDS,
    INSTANTS,
    NOTHING,
    NUMBERS,
    Fact,
    Said,
    facts,
    labels_of,
    sort_of,
)
from standardsd.language.words import Wrong, duration, label, nearest, percent, whole, write_one_of
from standardsd.model.decision import AlertState, EpisodeState, Reason, Refused, Verdict
from standardsd.model.objective import Condition

TELLS: dict[str, Tell | None] = {
    # first word    told where the head tells
    "verdict": Tell.VERDICTS,
    "amended": Tell.VERDICTS,
    "final": Tell.VERDICTS,
    "episode": Tell.EPISODES,
    "alert": Tell.ALERTS,
    "source": Tell.SOURCES,
    "refused": None,  # always: what was not taken can change everything below it
}
FIRST_WORDS = (*Verdict, *(sort for sort in FIELDS if sort != "verdict"))
AS_A_LINE = "write it as met greet-within-60s V1 at 09:01:00"
REFUSALS: tuple[str, ...] = get_args(get_type_hints(Refused)["reason"])


@dataclass(frozen=True)
class Expected:
    """One indented line.  ``want``: what it names of the facts; ``labels``: those that it names."""

    number: int
    text: str
    sort: str
    want: dict[str, Fact] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def fits(self, said: Said) -> bool:
        """Whether everything that is written here is so."""
        if sort_of(said) != self.sort:
            return False
        known, carried = facts(said), labels_of(said)
        if any(carried.get(name, "") != value for name, value in self.labels.items()):
            return False
        return all(_same(known[name], value) for name, value in self.want.items())


def _same(known: Fact, wanted: Fact) -> bool:
    """Numbers to the microsecond, or to nine digits where that is finer or they are larger."""
    if isinstance(known, float) and isinstance(wanted, float):
        return math.isclose(known, wanted, rel_tol=1e-9, abs_tol=1e-6)
    return known == wanted


def differences(expected: Sequence[Expected], said: Sequence[Said]) -> tuple[list[Expected], list[Said]]:
    """What is expected and not said, and what is said and not expected.

    Each line takes one decision: as many lines as possible find theirs, whatever their order (augmenting paths).
    """
    taken: dict[int, int] = {}
    fits = [[place for place, one in enumerate(said) if line.fits(one)] for line in expected]

    def find(line: int, seen: set[int]) -> bool:
        for place in fits[line]:
            if place in seen:
                continue
            seen.add(place)
            if place not in taken or find(taken[place], seen):
                taken[place] = line
                return True
        return False

    missing = [line for number, line in enumerate(expected) if not find(number, set())]
    return missing, [one for place, one in enumerate(said) if place not in taken]


class Expecting:
    """Reads indented lines.  ``ids``: of the standards that run; None: the rules could not be loaded."""

    def __init__(
        self, scenario: Scenario, hearing: Hearing, ids: Collection[str] | None, shown: Collection[str] | None,
        problems: list[Problem],
    ) -> None:  # fmt: skip
        self._scenario = scenario
        self._hearing = hearing
        self._ids = ids
        self._shown = shown
        self._problems = problems

    def read(self, line: Written) -> Expected | None:
        """None when the line is wrong; every fact that is wrong is told, else the first word."""
        words, found, wrong = line.words, None, False
        while found is None:
            try:
                found = _ExpectedLine(self, Written(line.number, words)).read()
            except Amiss as amiss:
                left = _without(words, amiss.word)
                if not wrong or left != words:
                    place = self._scenario.place(line.number, amiss.word.column, len(amiss.word.text))
                    self._problems.append(place.problem(amiss.text, amiss.fix))
                wrong = True
                if left == words:
                    break
                words = left
        return None if wrong else found

    def instant(self, word: Word) -> datetime:
        return self._hearing.instant(word)

    def told(self, word: Word, sort: str) -> None:
        """Refuses what the head does not tell: it could never come true."""
        tell = TELLS[sort]
        if tell is not None and tell not in self._scenario.head.tell:
            now = ", ".join(sorted([*self._scenario.head.tell, tell]))
            fix = f"write tell: [{now}] into the head, or leave the line out"
            raise Amiss(word, f"this scenario does not tell {tell}", fix)

    def standard(self, word: Word) -> str:
        if self._ids is not None and word.text not in self._ids:
            raise Amiss(
                word, f"there is no standard {quoted(word.text)} here", write_one_of(word.text, self._ids)
            )
        if self._shown is not None and word.text not in self._shown:
            fix = "add it to only:, or leave the line out"
            raise Amiss(word, f"this scenario does not tell of {quoted(word.text)}", fix)
        return word.text

    def identity(self, word: Word) -> tuple[str, int]:
        """``ID`` or ``ID#2``; of an interaction that was heard of."""
        name, mark, occurrence = word.text.partition("#")
        if name not in self._hearing.ids:
            said = f"nothing was heard of {quoted(name)} up to here"
            raise Amiss(Word(name, word.column), said, write_one_of(name, self._hearing.ids))
        if not mark:
            return name, 1
        try:
            number = whole(occurrence)
        except Wrong as wrong:
            raise wrong_at(word, wrong) from None
        if not number:
            raise Amiss(
                word, f"{quoted(word.text)}: occurrences count from 1", f"write {name}#2 for the second"
            )
        return name, number

    def source(self, word: Word) -> str:
        names = [source.name for source in self._scenario.head.sources]
        if word.text not in names:
            said = f"there is no source {quoted(word.text)} in this scenario"
            raise Amiss(word, said, write_one_of(word.text, names))
        return word.text


def _without(words: tuple[Word, ...], wrong: Word) -> tuple[Word, ...]:
    """The line without the fact that is wrong; the whole line where it is no fact that is."""
    place = next(place for place, word in enumerate(words) if within(wrong, word))
    if place and "=" in words[place].text:
        return words[:place] + words[place + 1 :]
    named = place > 0 and words[place - 1].text in (*INSTANTS, *NUMBERS, "count")
    return words[: place - 1] + words[place + 1 :] if named else words


class _ExpectedLine:
    """One line, word by word."""

    def __init__(self, expecting: Expecting, line: Written) -> None:
        self._all = expecting
        self._line = line
        self._left = list(line.words)
        self._last = line.words[0]
        self._want: dict[str, Fact] = {}
        self._labels: dict[str, str] = {}

    def read(self) -> Expected:
        first = self._left[0]
        sort = self._sort()
        self._all.told(first, sort)
        match sort:
            case "verdict" | "amended" | "final":
                self._case(sort)
            case "episode":
                self._want["standard"] = self._all.standard(self._next("a standard"))
                self._want["word"] = self._one_of(tuple(EpisodeState), "a state of a number")
            case "alert":
                self._want["standard"] = self._all.standard(self._next("a standard"))
                self._want["condition"] = self._one_of(tuple(Condition), "a condition")
                self._want["word"] = self._one_of(tuple(AlertState), "a state of an alert")
            case "source":
                self._want["source"] = self._all.source(self._next("a source"))
                self._want["word"] = self._one_of(("dark", "seen"), "a state of a source")
            case "refused":
                self._want["reason"] = self._one_of(REFUSALS, "a reason to refuse")
                self._one_of(("from",), "from")
                self._want["source"] = self._all.source(self._next("a source"))
        while self._left:
            self._fact(FIELDS[sort])
        text = " ".join(word.text for word in self._line.words)
        return Expected(self._line.number, text, sort, self._want, self._labels)

    def _sort(self) -> str:
        first = self._left[0]
        if first.text in tuple(Verdict):
            return "verdict"
        if first.text not in FIRST_WORDS:
            said = f"{quoted(first.text)} is nothing that can be said"
            near = nearest(first.text, FIRST_WORDS)
            raise Amiss(first, said, f"write {near}" if near else AS_A_LINE)
        self._next("a word")
        return first.text

    def _case(self, sort: str) -> None:
        words = (*Verdict, NOTHING) if sort == "amended" else tuple(Verdict)
        if sort == "amended":
            self._want["was"] = self._one_of(words, "a verdict")
            self._one_of(("to",), "to")
        self._want["word"] = self._one_of(words, "a verdict")
        if self._left and self._left[0].text.startswith("("):
            word = self._next("a reason")
            reason = word.text.strip("()")
            if reason not in tuple(Reason) or word.text != f"({reason})":
                fix = write_one_of(reason, tuple(Reason))
                raise Amiss(word, f"{quoted(word.text)} is not a reason in brackets", fix)
            self._want["reason"] = reason
        self._want["standard"] = self._all.standard(self._next("a standard"))
        self._want["id"], self._want["occurrence"] = self._all.identity(
            self._next("the id of an interaction")
        )

    def _fact(self, known: tuple[str, ...]) -> None:
        word = self._next("a fact")
        name, equals, value = word.text.partition("=")
        if equals:
            try:
                self._labels[label(name)] = value
            except Wrong as wrong:
                raise wrong_at(word, wrong) from None
            return
        if name not in known:
            raise Amiss(word, f"{quoted(name)} cannot be said of it", write_one_of(name, known))
        if name in self._want:
            raise Amiss(word, f"{quoted(name)} stands twice in one line", "keep one of the two")
        given = self._next("a value")
        if given.text == "none":
            self._want[name] = None
        elif name in INSTANTS:
            if is_day(given.text) and self._left:
                given = Word(f"{given.text} {self._next('a time').text}", given.column)
            self._want[name] = self._all.instant(given)
        elif name in NUMBERS:
            self._want[name] = _number(given)
        else:
            try:
                self._want[name] = whole(given.text)
            except Wrong as wrong:
                raise wrong_at(given, wrong) from None

    def _next(self, what: str) -> Word:
        if not self._left:
            raise Amiss(self._last, f"{what} should follow {quoted(self._last.text)}", AS_A_LINE)
        self._last = self._left.pop(0)
        return self._last

    def _one_of(self, known: Sequence[str], what: str) -> str:
        word = self._next(what)
        if word.text not in known:
            raise Amiss(word, f"{quoted(word.text)} is not {what}", write_one_of(word.text, known))
        return str(word.text)


def _number(word: Word) -> float:
    """``60s``, ``-2m``, ``1h30m``, ``95%``, ``4.5``; times in seconds, shares 0 … 1."""
    text = word.text
    try:
        if text.endswith("%"):
            return -percent(text[1:]) if text.startswith("-") else percent(text)
        if re.search("[a-z]", text):
            length = duration(text.removeprefix("-")).total_seconds()
            return -length if text.startswith("-") else length
        return number(text)
    except Wrong as wrong:
        raise wrong_at(word, wrong) from None
