"""Slips: what stops the YAML scanner in one value, in our words, with what to write instead.

Each slip comes with a repair where one is known: another character, a bracket that is
closed, a comma.  The reader goes on behind it, so that whatever else is wrong in the
same line is told in the same run.
"""

from __future__ import annotations

import re

import yaml

from standardsd.language.brackets import empty, unclosed_bracket, unclosed_quote
from standardsd.language.layout import CLOSERS
from standardsd.language.page import HOLE, Page, Repair
from standardsd.language.place import Place, Source
from standardsd.language.problems import Problem
from standardsd.language.unit import Spot, Told, Unit, inside, quote, text_at


def slip(error: yaml.MarkedYAMLError, page: Page, unit: Unit) -> Told:
    """What stopped the scanner, and how to read on behind it, if we know."""
    said = f"{error.context or ''}; {error.problem or ''}"
    begun, mark = error.context_mark, error.problem_mark or error.context_mark
    at = (unit.first + mark.line, mark.column + 1) if mark else (unit.first, unit.column)
    since = (unit.first + begun.line, begun.column + 1) if begun else at
    for words, tell in _SLIPS:
        if words in said:
            return tell(page, unit, at, since)
    place = page.place(*inside(page, unit, at), 1)
    return place.problem(f"this is not YAML: {error.problem}", "quote the text"), None


def _character(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    """A text that begins with a character that no text begins with."""
    line, column = at
    text = text_at(page, unit, at)
    place = page.place(line, column, len(text))
    fix = f"quote the text: {quote(text)}"
    return place.problem(f"a text begins with {text[:1] or 'nothing'}", fix), Repair(
        line, column, 1, HOLE, (0,)
    )


def _sigil(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    """A tag, an anchor or an alias that is not even one."""
    line, column = since
    text = text_at(page, unit, since)
    said, fix = SIGILS.get(text[:1], ("a text begins with a sign of YAML", ""))
    fix = f"{fix}; a text that begins with {text[:1]} is quoted: {quote(text)}"
    return page.place(line, column, len(text)).problem(said, fix), Repair(line, column, 1, HOLE, (0,))


SIGILS = {
    "!": ("a tag (!)", "leave it out"),
    "&": ("an anchor (&)", "leave it out"),
    "*": ("an alias (*) refers to a value elsewhere", "write the value itself"),
}


def _second_colon(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = at
    place, repair = page.place(line, column, 1), Repair(line, column, 1, HOLE, (0,))
    fix = "quote the text that contains it"
    if line == unit.first and column > unit.value:
        text = text_at(page, unit, (line, unit.value))
        fix = f"{fix}: {quote(text)}"
        if re.match(r"\(?\w+: ", text):
            fix += f"; a map is written in braces: {{{text.strip('()')}}}"
        repair = Repair(line, unit.value, len(page.line(line)) - unit.value + 1, HOLE, (0,))
    return place.problem("a second ':' in one line", fix), repair


def _escape(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = at
    column = page.line(line).rfind("\\", 0, column) + 1 or column
    place = page.place(line, column, 2)
    fix = "write \\\\ for a backslash, or put the text into single quotes"
    return place.problem("an unknown escape in double quotes", fix), Repair(line, column, 1, HOLE, (0,))


def _no_value(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    return empty(page, unit, at) or _value_expected(page, unit, at, since)


def _value_expected(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = at
    if (page.line(line)[column - 1 : column] or " ") in "!&*":
        return _sigil(page, unit, at, at)
    fix = "write the value, or delete the bracket, comma or colon"
    return page.place(line, column, 1).problem("a value was expected here", fix), Repair(
        line, column, 1, HOLE, (0,)
    )


def _tight_colon(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = at
    behind = page.line(line)[column : column + 1]
    fix = "put a space behind the colon, or quote the text"
    bare = behind in ("", "]", "}", ",")
    repair = Repair(line, column + 1, 0, f" {HOLE}" if bare else " ", (1,) if bare else ())
    return page.place(line, column, 1).problem("a ':' without a space behind it", fix), repair


def _item(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = at
    rest = text_at(page, unit, at)[2:].strip() or "one, two"
    fix = f"begin the list in a new line, or write [{rest}]"
    return page.place(line, column, 1).problem("an item ('- ') where none can stand", fix), Repair(
        line, column, 1, HOLE, (0,)
    )


def _behind_the_end(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    """Something stands behind a closing quote or bracket, or behind an alias."""
    line, column = at
    text = page.line(line)
    head = page.line(unit.first)[unit.value - 1 : unit.value]
    if head in SIGILS:
        return _sigil(page, unit, at, (unit.first, unit.value))
    rest = text[column - 1 :].rstrip()
    if head in CLOSERS:
        place = page.place(line, column, len(rest))
        repair = Repair(line, column, len(text) - column + 1, "")
        return place.problem("nothing can stand behind the last bracket", f"leave out {rest}"), repair
    if line == unit.first:
        whole = text[unit.value - 1 :].rstrip()
        inner = whole[1:-1] if len(whole) > 1 and whole[-1] == whole[0] else whole
        fix = f"put the whole text into quotes: {quote(inner)}"
    else:
        fix = "put the whole text between the quotes"
    place = page.place(line, column, len(rest))
    return place.problem("nothing can stand behind the closing quote", fix), None


def _block_text(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = since
    text = page.line(line)[column - 1 :].rstrip()
    fix = f"write | alone, or quote a text that begins with it: {quote(text)}"
    return page.place(line, column, len(text)).problem("a block text (| or >) is broken", fix), None


def _directive(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = since
    fix = "leave out lines that begin with %"
    return page.place(line, column, 1).problem("a directive begins here", fix), None


def _question(page: Page, unit: Unit, at: Spot, since: Spot) -> Told:
    line, column = at
    text = text_at(page, unit, at)
    fix = f"quote the text: {quote(text)}"
    return page.place(line, column, len(text)).problem("a text begins with ?", fix), Repair(
        line, column, 1, HOLE, (0,)
    )


_SLIPS = (
    # part of libyaml's "context; problem"       how we tell it; the first that fits
    ("quoted scalar; found unexpected end", unclosed_quote),
    ("quoted scalar;", _escape),
    ("scanning a tag", _sigil),
    ("parsing a tag", _sigil),
    ("undefined tag handle", _sigil),
    ("scanning an anchor", _sigil),
    ("scanning an alias", _sigil),
    ("scanning a block scalar", _block_text),
    ("directive", _directive),
    ("cannot start any token", _character),
    ("mapping values are not allowed", _second_colon),
    ("mapping keys are not allowed", _question),
    ("block sequence entries are not allowed", _item),
    ("did not find expected ',' or", unclosed_bracket),
    ("parsing a flow node; did not find expected node content", _no_value),
    ("did not find expected node content", _value_expected),
    ("found unexpected ':'", _tight_colon),
    ("did not find expected key", _behind_the_end),
    ("did not find expected '-' indicator", _behind_the_end),
    ("did not find expected <document start>", _behind_the_end),
)


def unknown(error: Exception, source: Source) -> Problem:
    """What cannot be told any better."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    line = min(mark.line + 1, len(source.lines)) if mark else 1
    column = min(mark.column + 1, max(1, len(source.line(line)))) if mark else 1
    said = error.problem if isinstance(error, yaml.MarkedYAMLError) else "a text runs over the next keys"
    fix = "look at the line above, too: quotes, brackets, indentation"
    return Place(source, line, column, 1).problem(f"this is not YAML: {said}", fix)
