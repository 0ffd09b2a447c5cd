"""Slips between brackets and quotes: what was never closed, and what is not divided by commas.

Each function tells of one slip and repairs it so that what stands around it is read.
"""

from __future__ import annotations

import re

from standardsd.language.layout import CLOSERS, Flow, flow
from standardsd.language.page import HOLE, Page, Repair
from standardsd.language.unit import Spot, Told, Unit, quote, text_at, word_length


def unclosed_quote(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    """Covered from the quote to the end of its line; brackets that were open there are closed."""
    line, column = since
    text = page.line(line)
    place = page.place(line, column, len(text.rstrip()) - column + 1)
    fix = f"close it with the same quote ({text[column - 1 : column]})"
    found = _open_at(page, unit, since)
    behind = _lost(found) + found.closers if found else ""
    repair = Repair(line, column, len(text) - column + 1, HOLE + behind, (0, *_holes(behind, 1)))
    return place.problem("a quote is never closed", fix), repair


def unclosed_bracket(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    """A closing bracket, a comma, or the quotes around a text with a colon are missing."""
    line, column = at
    text = page.line(line)
    here = text[column - 1 : column] if line < unit.behind else ""
    found = _open_at(page, unit, at) or _open_at(page, unit, since)
    if not here or not text.strip() or (line > unit.first and not text[: column - 1].strip() and here == "#"):
        return unclosed(page, found or Flow(*since, [(*since, page.line(since[0])[since[1] - 1 : since[1]])]))
    if here in "]}" and found and found.open:
        return _other_bracket(page, found, at)
    if here == ":":
        return _colon_in_brackets(page, unit, at)
    odd = re.search(r"""(['"])$""", text[: column - 1])
    if odd and text.count(odd[1]) % 2:
        begun = text.rfind(odd[1], 0, column - 2)
        return unclosed_quote(page, unit, at, (line, begun + 1))
    return _comma(page, at, lone=bool(found and found.open and found.open[-1][2] == "{"))


def _other_bracket(page: Page, found: Flow, at: Spot) -> Told:
    """``[a, b}``: the inner bracket is closed in front of the other one's end."""
    line, column, bracket = found.open[-1]
    closer, here = CLOSERS[bracket], page.line(at[0])[at[1] - 1]
    fix = f"write {closer} in front of {here}"
    if len(found.open) == 1:
        fix = f"write {closer} in place of {here}"
        repair = Repair(*at, 1, closer)
    else:
        repair = Repair(*at, 0, closer)
    if line == at[0] and bracket == "[" and re.search(r":\s", page.line(line)[column : at[1] - 1]):
        # Keys of the map around it have come into the list; where it ends is not known.
        behind = HOLE + (f", {HOLE}: {HOLE}" if len(found.open) > 1 else closer)
        repair = Repair(line, column, at[1] - column, behind, _holes(behind, 0))
    return page.place(line, column, 1).problem(_NEVER[bracket], fix), repair


def _colon_in_brackets(page: Page, unit: Unit, at: Spot) -> Told:
    """``{a: b c: d}`` lacks a comma; ``{a: b: c}`` lacks quotes."""
    line, column = at
    before = re.search(
        r"(?P<gap>^\s*|[^\s:,\[{]\s+)(?P<word>[A-Za-z_][\w-]*)\s*$", page.line(line)[: column - 1]
    )
    if before:
        return _comma(page, (line, before.start("word") + 1))
    place = page.place(line, column, 1)
    text = page.line(line)
    begun = max(text.rfind(sign, 0, column - 1) for sign in (": ", ", ", "[", "{"))
    begun += len(text[begun + 1 :]) - len(text[begun + 1 :].lstrip()) + 1
    fix = f"quote the text that contains it: {quote(text_at(page, unit, (line, begun + 1)))}"
    return place.problem("a second ':' in one text", fix), Repair(line, column, 1, HOLE, (0,))


def _comma(page: Page, at: Spot, *, lone: bool = False) -> Told:
    """A comma is missing in front of ``at``; it is put there.  ``lone``: what follows is no key of a map."""
    line, column = at
    place = page.place(line, column, word_length(page.line(line), column))
    text = page.line(line)
    if text[: column - 1].strip():
        gap = len(text[: column - 1].rstrip())
        repair = Repair(line, gap + 1, 1, ",") if gap < column - 1 else Repair(line, column, 0, ",")
    else:
        repair = Repair(line, column, 0, ", ")
    if lone:
        repair = Repair(line, column, 0, f", {HOLE}: ", (2,))
    return place.problem("a comma is missing in front of this", "write ',' between two of them"), repair


def empty(page: Page, unit: Unit, at: Spot) -> Told | None:
    """Nothing stands where a value in brackets should; None when something does that is no value."""
    line, column = at
    here = page.line(line)[column - 1 : column] if line < unit.behind else ""
    if not here:
        return unclosed(
            page, _open_at(page, unit, (unit.behind, 1)) or Flow(*at, [(unit.first, unit.value, "[")])
        )
    place = page.place(line, column, 1)
    if here == ",":
        return place.problem("a comma without a value in front of it", "leave the comma out"), Repair(
            line, column, 0, HOLE, (0,)
        )
    if here == "-":
        fix = "leave out the '- '; items in brackets are divided by commas"
        return place.problem("an item ('- ') where none can stand", fix), Repair(line, column, 1, " ")
    if here in "]}" and (found := _open_at(page, unit, at)) and found.open:
        return _other_bracket(page, found, at)
    return None


_NEVER = {"[": "a list is not closed", "{": "a map is not closed"}


def unclosed(page: Page, found: Flow) -> Told:
    """The innermost bracket that stays open; closed at the end of its line, with what may be missing in a hole."""
    line, column, bracket = found.open[-1]
    text = page.line(line)
    comment = re.search(r"\s+#|\s*$", text[column:])
    assert comment is not None
    end = column + comment.start()
    fix = f"write {found.closers} behind the last one"
    behind = _lost(found) + found.closers
    if text[:end].rstrip().endswith((",", bracket)):
        behind = behind.removeprefix(",")
    repair = Repair(line, end + 1, 0, behind, _holes(behind, 0))
    return page.place(line, column, 1).problem(_NEVER[bracket], fix), repair


def _lost(found: Flow) -> str:
    """A last entry, so that nothing is called missing in what was cut off."""
    if not found.open:
        return ""
    return f", {HOLE}: {HOLE}" if found.open[-1][2] == "{" else f", {HOLE}"


def _holes(text: str, before: int) -> tuple[int, ...]:
    return tuple(before + at for at, character in enumerate(text) if character == HOLE)


def _open_at(page: Page, unit: Unit, spot: Spot) -> Flow | None:
    """The brackets of the unit's value that are open in front of ``spot``; None when it has none."""
    if page.line(unit.first)[unit.value - 1 : unit.value] not in CLOSERS:
        return None
    kept = page.lines[spot[0] - 1 :]
    if kept:
        page.lines[spot[0] - 1] = page.lines[spot[0] - 1][: spot[1] - 1]
    found = flow(page, unit.first, unit.value, lambda line: line <= min(spot[0], unit.behind - 1))
    page.lines[spot[0] - 1 :] = kept
    return found if found.open else None
