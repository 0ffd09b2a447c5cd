"""What no test notices: the judge is broken in one place at a time, and the tests of the language are run.

    python bench/sweep.py standardsd/core/spent.py standardsd/core/verdicts.py [--minutes 30]

In a copy of the repository every comparison loses or gains its edge (``<`` for ``<=``) or turns round
(``==`` for ``!=``), ``and`` becomes ``or``, ``min`` becomes ``max``, and back.  After each change the
tests that ``docs/proof.md`` rests on are run until the first of them fails.  A change that no test
notices is told with its place: either nothing holds that edge, or both ways mean the same.

A change takes about five seconds; what is left when the time is over is counted.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TESTS = [
    "tests/proof", "tests/judge/test_scenarios.py", "tests/core/test_cases_whole.py", "tests/core/test_goals.py",
    "tests/core/test_judge.py", "tests/core/test_spent.py", "tests/core/test_tables.py", "tests/core/test_windows.py",
    "tests/core/test_numbers_tables.py", "tests/core/test_numbers_bags.py",
]  # fmt: skip
COPIED = ("standardsd", "tests", "rules", "docs", "pyproject.toml")

SECONDS_MAX = 90.0
"""A change that makes the judge run for ever is noticed, too."""

TURNED: dict[type[ast.cmpop], tuple[bytes, bytes]] = {
    ast.Lt: (b"<", b"<="),
    ast.LtE: (b"<=", b"<"),
    ast.Gt: (b">", b">="),
    ast.GtE: (b">=", b">"),
    ast.Eq: (b"==", b"!="),
    ast.NotEq: (b"!=", b"=="),
}
EITHER: dict[type[ast.boolop], tuple[bytes, bytes]] = {ast.And: (b"and", b"or"), ast.Or: (b"or", b"and")}
EXTREMES = {"min": b"max", "max": b"min"}


class Change(NamedTuple):
    """``begin`` to ``end``, in bytes of the file, is replaced."""

    line: int
    begin: int
    end: int
    old: bytes
    new: bytes


def changes(source: bytes) -> Iterator[Change]:
    """Every place of a module that can be broken, outside of assertions."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    asserted = {id(node) for one in ast.walk(tree) if isinstance(one, ast.Assert) for node in ast.walk(one)}

    def between(left: ast.expr, right: ast.expr, old: bytes, new: bytes) -> Iterator[Change]:
        assert left.end_lineno is not None and left.end_col_offset is not None
        begin = starts[left.end_lineno - 1] + left.end_col_offset
        end = starts[right.lineno - 1] + right.col_offset
        found = source.find(old, begin, end)
        if found >= 0:
            yield Change(right.lineno, found, found + len(old), old, new)

    for node in ast.walk(tree):
        if id(node) in asserted:
            continue
        if isinstance(node, ast.Compare):
            for left, op, right in zip(
                [node.left, *node.comparators], node.ops, node.comparators, strict=False
            ):
                if type(op) in TURNED:
                    yield from between(left, right, *TURNED[type(op)])
        elif isinstance(node, ast.BoolOp):
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from between(left, right, *EITHER[type(node.op)])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EXTREMES:
            begin = starts[node.func.lineno - 1] + node.func.col_offset
            old = node.func.id.encode()
            yield Change(node.func.lineno, begin, begin + len(old), old, EXTREMES[node.func.id])


def is_noticed(folder: Path) -> bool:
    """Whether a test fails; what hangs or cannot even be read is noticed as well."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider", *TESTS]
    environ = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, timeout=SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Break the judge in one place at a time; say what no test notices."
    )
    parser.add_argument("files", nargs="+", help="modules, such as standardsd/core/spent.py")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long at most (default: 30)")
    wanted = parser.parse_args()
    ends = time.monotonic() + 60 * wanted.minutes
    noticed = unnoticed = left = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in COPIED:
            source = ROOT / one
            if source.is_dir():
                shutil.copytree(source, folder / one, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / one)
        if is_noticed(folder):
            raise SystemExit("the tests fail before anything is broken")
        for file in wanted.files:
            path = folder / file
            whole = path.read_bytes()
            for change in changes(whole):
                if time.monotonic() > ends:
                    left += 1
                    continue
                path.write_bytes(whole[: change.begin] + change.new + whole[change.end :])
                if is_noticed(folder):
                    noticed += 1
                else:
                    unnoticed += 1
                    line = whole.splitlines()[change.line - 1].decode().strip()
                    print(
                        f"{file}:{change.line}: {change.old.decode()} → {change.new.decode()}   {line}",
                        flush=True,
                    )
            path.write_bytes(whole)
    print(f"{noticed + unnoticed} changes, {noticed} noticed, {unnoticed} not, {left} not tried")


if __name__ == "__main__":
    main()
