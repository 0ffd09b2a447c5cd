"""A unit: one key with its value, or one item of a list, which is looked at and repaired by itself."""

from __future__ import annotations

import re

import yaml
from msgspec import Struct

from standardsd.language.layout import CLOSERS
from standardsd.language.page import Page, Repair
from standardsd.language.problems import Problem


class Unit(Struct, frozen=True):
    """The lines of one key with its value, or of one item: ``first`` to before ``behind``.

    ``column``: where the key or the item's value begins; ``value``: where the value does.
    """

    first: int
    behind: int
    column: int
    value: int


Told = tuple[Problem, Repair | None]


def trouble(page: Page, unit: Unit) -> yaml.MarkedYAMLError | None:
    """Why the unit, by itself, is not YAML; None when it is."""
    lines = page.lines[unit.first - 1 : unit.behind - 1]
    lines[0] = " " * (unit.column - 1) + lines[0][unit.column - 1 :]
    try:
        for _ in yaml.parse("\n".join(lines), Loader=yaml.CSafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        return error
    return None


Spot = tuple[int, int]


def inside(page: Page, unit: Unit, at: Spot) -> Spot:
    """The spot, or the last character of the unit when it lies behind its end."""
    line = min(at[0], unit.behind - 1)
    return line, min(at[1], max(1, len(page.line(line).rstrip())))


def text_at(page: Page, unit: Unit, at: Spot) -> str:
    """The plain text at a spot: to the comment or the end of the line, between brackets to the next of , ] }."""
    rest = page.line(at[0])[at[1] - 1 :]
    flowing = page.line(unit.first)[unit.value - 1 : unit.value] in CLOSERS
    return re.split(r"\s#|[,\]}]" if flowing else r"\s#", rest, maxsplit=1)[0].rstrip()


def word_length(text: str, column: int) -> int:
    found = re.match(r"[^\s,\]}:]+", text[column - 1 :])
    return len(found[0]) if found else 1


def quote(text: str) -> str:
    """The text in double quotes, as YAML reads it back."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
