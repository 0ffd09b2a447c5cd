"""Layout: what a single line of YAML is, and how far a value that begins in it goes.

Only what is needed to find the items and keys of a file whose YAML is broken: a text
between quotes and a value in brackets end where they are closed, and never go on in a
line that is indented no deeper than the key they belong to.  Lines and columns count
from 1; an indentation is a number of columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from standardsd.language.page import Page

TAB_COLUMNS = 2
"""How far a tab indents where nothing else tells."""

_INDENT = re.compile(r"[ \t\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]*")
_QUOTED_KEY = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(:)(?=\s|$)""")
_COLON = re.compile(r"\s#|:(?=[ \t]|$)")
_NO_SPACE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(:)[^ \t/\\:]")
CLOSERS = {"[": "]", "{": "}"}


def blank(text: str) -> bool:
    """Nothing but blanks or a comment."""
    rest = text.lstrip()
    return not rest or rest.startswith("#")


def margin(text: str) -> str:
    """The blanks in front, those that YAML does not take for any included."""
    found = _INDENT.match(text)
    assert found is not None
    return found[0]


def indentation(text: str) -> int:
    """Columns in front of the first character."""
    front = margin(text)
    return len(front) + front.count("\t") * (TAB_COLUMNS - 1)


def below(page: Page, line: int) -> str:
    """The next line that is not blank; "" at the end."""
    for number in range(line + 1, len(page.lines) + 1):
        if not blank(page.line(number)):
            return page.line(number)
    return ""


def is_item(body: str) -> bool:
    return body == "-" or body.startswith(("- ", "-\t"))


def colon(text: str, column: int) -> int | None:
    """The column of the colon that ends the key beginning at ``column``; None when no key begins there."""
    begins = text[column - 1 : column]
    if begins in ("", "#", "[", "{", "]", "}", ","):
        return None
    if begins in ("'", '"'):
        quoted = _QUOTED_KEY.match(text, column - 1)
        return None if quoted is None else quoted.start(1) + 1
    found = _COLON.search(text, column - 1)
    return found.start() + 1 if found is not None and found[0] == ":" else None


def unspaced_colon(text: str, column: int) -> int | None:
    """The column of the colon in ``key:value``, where a space is missing."""
    found = _NO_SPACE.match(text, column - 1)
    return None if found is None else found.start(1) + 1


def looks_structural(text: str) -> bool:
    """A line that reads like a key or an item."""
    body = text.lstrip()
    return is_item(body) or colon(body, 1) is not None


@dataclass
class Level:
    """The items of one list, or the keys of one map.

    ``raw``: the indentation that they share in the file; ``out``: the one they are given.
    ``keys``: those of the map that were read.
    """

    items: bool
    raw: int
    out: int
    keys: set[str] = field(default_factory=set)


@dataclass
class Flow:
    """How far a value in brackets or quotes goes.

    ``line``, ``column``: behind its end.  ``open``: the brackets that are never closed, each with its
    place; ``quote``: where a quote begins that is never closed.
    """

    line: int
    column: int
    open: list[tuple[int, int, str]]
    quote: tuple[int, int] | None = None

    @property
    def closed(self) -> bool:
        return not self.open and self.quote is None

    @property
    def closers(self) -> str:
        return "".join(CLOSERS[bracket] for _, _, bracket in reversed(self.open))


GoesOn = Callable[[int], bool]
"""Whether a value may go on in a line."""


def goes_on(page: Page, floor: int) -> GoesOn:
    """In lines that are indented deeper than ``floor``, and in one that begins with a closing bracket there."""

    def deeper(line: int) -> bool:
        text = page.line(line)
        indent = indentation(text)
        return indent > floor or (indent == floor and text.lstrip()[:1] in ("]", "}"))

    return deeper


def quote_end(page: Page, line: int, column: int, on: GoesOn) -> tuple[int, int] | None:
    """The place behind the quote that closes the one at ``column``; None when there is none."""
    quote = page.line(line)[column - 1]
    at = column
    while True:
        text = page.line(line)
        while at < len(text):
            if text[at] == "\\" and quote == '"':
                at += 1
            elif text[at] == quote:
                if quote == "'" and text[at + 1 : at + 2] == "'":
                    at += 1
                else:
                    return line, at + 2
            at += 1
        following = _next(page, line, on, comments=True)
        if following is None:
            return None
        line, at = following, 0


def flow(page: Page, line: int, column: int, on: GoesOn) -> Flow:
    """Follows the brackets from the one at ``column``."""
    found = Flow(line, column, [])
    fresh = True  # whether a value may begin here: only there is a quote one
    while True:
        text = page.line(found.line)
        while found.column <= len(text):
            character = text[found.column - 1]
            if character == "#" and (found.column == 1 or text[found.column - 2].isspace()):
                break
            if character in "'\"" and fresh:
                end = quote_end(page, found.line, found.column, on)
                if end is None:
                    found.quote = found.line, found.column
                    return found
                found.line, found.column = end
                text, fresh = page.line(found.line), False
                continue
            if character in CLOSERS:
                found.open.append((found.line, found.column, character))
            elif character in "]}" and found.open and CLOSERS[found.open[-1][2]] == character:
                found.open.pop()
            if not character.isspace():
                fresh = character in "[{,:"
            found.column += 1
            if not found.open:
                return found
        following = _next(page, found.line, on, comments=False)
        if following is None:
            return found
        found.line, found.column = following, 1


def _next(page: Page, line: int, on: GoesOn, *, comments: bool) -> int | None:
    """The next line that is not blank, where the value goes on; ``comments``: they are text here."""
    for following in range(line + 1, len(page.lines) + 1):
        text = page.line(following)
        if not text.strip() or (not comments and blank(text)):
            continue
        return following if on(following) else None
    return None


def usual(page: Page, line: int, first: int, floor: int, *, item: bool, least: int = 0) -> int:
    """The indentation that most lines of a block share; of the first one where it is undecided."""
    votes = Counter({first: 1})
    if item:
        votes[_meant(page, line)] += 1
    children = opens(page, line)
    before = first
    for number in range(line + 1, len(page.lines) + 1):
        text = page.line(number)
        if blank(text) or margin(text).strip(" "):
            continue
        raw, body = indentation(text), text.lstrip()
        if raw < floor or (raw == floor and not (item and is_item(body))):
            break
        if not item and is_item(body) and raw < first - 1:
            break  # the next item of the list around
        if raw > before and children:
            continue
        if item != is_item(body) or (not item and colon(body, 1) is None):
            continue
        if raw >= least and abs(raw - first) <= 2:
            votes[raw] += 1
            if item:
                votes[_meant(page, number)] += 1
        before, children = raw, item or opens(page, number)
    most = max(votes.values())
    return first if votes[first] == most else min(raw for raw, count in votes.items() if count == most)


def _meant(page: Page, line: int) -> int:
    """The indentation of an item to which most of the keys below it would fit."""
    text = page.line(line)
    raw = indentation(text)
    inner = len(text) - len(text[raw + 1 :].lstrip())
    if colon(text, inner + 1) is None:
        return raw
    step = usual(page, line, inner, raw - 1, item=False) - inner
    return raw + step if abs(step) == 1 else raw


def opens(page: Page, line: int) -> bool:
    """Whether deeper lines belong to this one."""
    text = page.line(line)
    column = indentation(text) + 1
    while is_item(text[column - 1 :]):
        column += 1 + len(text[column:]) - len(text[column:].lstrip())
    found = colon(text, column)
    value = text[found:].strip() if found is not None else ""
    return not value or value[0] in "#|>!&" or (value[0] in "[{'\"" and value[-1] not in "]}'\"")


def swallows(page: Page, first: int, last: int, column: int) -> bool:
    """Whether a line of ``first`` to ``last`` reads like a key or an item beside one that begins at ``column``."""
    return any(
        indentation(page.line(line)) <= column and looks_structural(page.line(line))
        for line in range(first, last + 1)
    )
