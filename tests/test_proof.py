"""The page that says which test holds which statement of the language (``docs/proof.md``) is right about it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs/proof.md"

ROW = re.compile(r"^\| (\d+)\.(\d+) \| (.+) \| ([^|]*) \|$")
NAMED = re.compile(r"`([^`]+)`")

Row = tuple[tuple[int, int], str, list[str]]
"""Number, statement, the tests that hold it."""


def rows(page: str) -> list[Row]:
    """Every row of every table; a line that looks like one and is none is a mistake of its own."""
    found: list[Row] = []
    for line in page.splitlines():
        row = ROW.match(line)
        if row is not None:
            found.append(((int(row[1]), int(row[2])), row[3], NAMED.findall(row[4])))
        else:
            assert not re.match(r"\|\s*\d", line), f"not a row: {line}"
    return found


ROWS = rows(PAGE.read_text())


@cache
def written_in(path: str) -> frozenset[str]:
    """The tests of a file as they are written in it, without importing it."""
    tree = ast.parse((TESTS / path).read_text())
    defined = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in defined if node.name.startswith("test_"))


def exists(named: str) -> bool:
    """``path::test`` under ``tests/``, or a story that the judge is told."""
    path, _, test = named.partition("::")
    if not (TESTS / path).is_file():
        return False
    if not test:
        return path.startswith("judge/scenarios/") and path.endswith(".txt")
    return test in written_in(path)


def test_the_page_has_the_whole_language() -> None:
    """A page whose tables cannot be read would hold nothing."""
    assert len(ROWS) > 250
    assert len({statement for _, statement, _ in ROWS}) == len(ROWS), "no statement stands there twice"


def test_statements_are_numbered_by_section_without_a_hole() -> None:
    expected, headings = [], 0
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            headings += 1
            count = 0
        elif ROW.match(line):
            count += 1
            expected.append((headings, count))
    assert [number for number, _, _ in ROWS] == expected


def test_no_statement_is_without_a_test() -> None:
    assert [statement for _, statement, held_by in ROWS if not held_by] == []


@pytest.mark.parametrize("named", sorted({named for _, _, held_by in ROWS for named in held_by}))
def test_every_test_that_is_named_exists(named: str) -> None:
    assert exists(named)


def test_every_test_of_the_proof_is_named() -> None:
    """What was written to hold a statement says which."""
    named = {name for _, _, held_by in ROWS for name in held_by}
    ours = {
        f"proof/{path.name}::{test}"
        for path in sorted((TESTS / "proof").glob("test_*.py"))
        for test in written_in(f"proof/{path.name}")
    }
    assert sorted(ours - named) == []


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("test_proof.py::test_every_test_of_the_proof_is_named", True),
        ("test_proof.py::test_every_test_of_the_proof", False),
        ("test_proof.py::exists", False),  # no test
        ("test_nowhere.py::test_every_test_of_the_proof_is_named", False),
        ("judge/scenarios/order.txt", True),
        ("judge/scenarios/chaos.txt", False),
        ("test_proof.py", False),  # which of them?
    ],
)
def test_a_test_is_known_by_its_file_and_its_whole_name(named: str, found: bool) -> None:
    assert exists(named) is found
