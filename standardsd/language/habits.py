"""Habits: what people write who know other formats, or what their tools leave behind in a file.

Each is told by what it is, with the line as it should be, and read as it was meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from standardsd.language.layout import Level, below, blank, colon, indentation, is_item, opens
from standardsd.language.page import Page, Repair

Habit = tuple[str, str, int, Repair | None]
"""What it is, what to write, how many characters to underline, and how it is read; None: not at all."""

_MERGE = re.compile(r"(<{7}|={7}|>{7}|\|{7})( |$)")
_TIGHT_DASH = re.compile(r"-[A-Za-z_][A-Za-z0-9_-]*:( |$)")
_BULLET = re.compile(r"[*+•·–—] ")
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def habit(page: Page, line: int, raw: int, levels: Sequence[Level], *, opening: bool) -> Habit | None:
    """The habit in this line, if there is one; ``opening``: it is the first line of a block."""
    text = page.line(line)
    body = text[raw:].rstrip()
    beside = opening or any(level.items and level.raw == raw for level in levels)
    if _MERGE.match(text):
        return "a mark of a merge conflict", "settle the conflict, and leave out this line", len(body), None
    if body.startswith("//"):
        return "a comment begins with #", f"write # {body[2:].strip()}", len(body), None
    if beside and _TIGHT_DASH.match(body):
        fix = f"write - {body[1:]}"
        return "a space is missing behind the dash", fix, 1, Repair(line, raw + 2, 0, " ")
    if beside and _BULLET.match(body) and colon(body, 3) is not None:
        return "an item begins with '- '", f"write - {body[2:]}", 1, Repair(line, raw + 1, 1, "-")
    key = None if is_item(body) else colon(body, 1)
    if key is not None and _lacks_dash(page, line, raw, body[: key - 1], levels, opening=opening):
        return "an item without its '- '", f"write - {body}", key - 1, Repair(line, raw + 1, 0, "- ")
    last = levels[-1] if levels else None
    stray = not opening and not beside and last is not None and not last.items and last.raw == raw
    inner = colon(body, 3) if body.startswith("- ") else None
    if last is not None and inner is not None and body[2 : inner - 1].strip() in last.keys:
        stray = False  # it has that key already: an item of the list around, indented otherwise
    if stray and inner is not None:
        said = "an item ('- ') where a key should stand"
        return said, f"write {body[2:]} in its place", 1, Repair(line, raw + 1, 2, "")
    return None


def _lacks_dash(page: Page, line: int, raw: int, key: str, levels: Sequence[Level], *, opening: bool) -> bool:
    """Whether a key begins an item: the one before has that key already, or items stand beside it."""
    if not opening:
        return any(
            outer.items and outer.raw == raw and not inner.items and key in inner.keys
            for outer, inner in pairwise(levels)
        )
    if opens(page, line):
        return False
    for number in range(line + 1, len(page.lines) + 1):
        text = page.line(number)
        found = indentation(text)
        if not blank(text) and found <= raw + 1:
            other = text.lstrip()
            near = abs(found - raw) <= 1 and (is_item(other) or other.startswith(f"{key}:"))
            return near or other.startswith(f"- {key}:")
    return False


def bare_key(page: Page, line: int, column: int) -> tuple[str, str, int, Repair] | None:
    """A key without its colon, when the lines below it belong to it."""
    text = page.line(line)
    key = _BARE_KEY.fullmatch(text.rstrip(), column - 1)
    following = below(page, line)
    deeper = indentation(following) - column + 1
    if key is None or deeper < 0 or (deeper == 0 and not is_item(following.lstrip())):
        return None
    repair = Repair(line, len(text.rstrip()) + 1, 0, ":")
    return "a key without its ':'", f"write {key[0]}:", len(key[0]), repair
