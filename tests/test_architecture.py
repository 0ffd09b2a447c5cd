"""The house stands: imports run downward only, and what decides never touches the world.

Every import of every module is read from its source, also those inside functions and under
``TYPE_CHECKING``, and those spelt as text for ``import_module``.  The checker is a function of
text, so the second half of this file feeds it bad texts and sees that it catches each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "standardsd"

MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "core": {"model"},
    "mapping": {"model"},
    "language": {"model", "core", "mapping"},
    "drivers": {"model", "mapping"},
    "store": {"model", "core"},
    "notify": {"model", "core", "language", "store"},
    "metrics": {"model", "core"},
    "web": {"model", "core", "mapping", "language", "store", "metrics"},
    "shipped": set(),
    "locale": {"model", "language"},
    "daemon": {
        "model",
        "core",
        "mapping",
        "language",
        "drivers",
        "store",
        "notify",
        "metrics",
        "web",
        "shipped",
        "locale",
    },
}
MAY_IMPORT["cli"] = {*MAY_IMPORT["daemon"], "daemon"}  # it composes as the daemon does
PURE = {"model", "core", "mapping", "language"}

# What a pure package may not import, and what to do instead.
TAKE_TIME = "take the instant as an argument; the loop in daemon/ is the one place time passes"
TAKE_BYTES = "take the text or bytes as an argument; daemon/, cli/ or a driver reads the file or the socket"
TAKE_VALUE = "take the value as an argument; the shell in daemon/ or cli/ finds it"
RETURN_IT = "return a value that says what to do; the shell in daemon/ or cli/ does it"
WORLD: dict[str, str] = {
    **dict.fromkeys(("time", "sched"), TAKE_TIME),
    **dict.fromkeys(("random", "secrets", "uuid", "os", "sys", "platform", "getpass"), TAKE_VALUE),
    **dict.fromkeys(("io", "pathlib", "glob", "tempfile", "shutil", "fileinput", "mmap", "gzip"), TAKE_BYTES),
    **dict.fromkeys(("socket", "ssl", "select", "selectors", "urllib.request", "http", "httpx"), TAKE_BYTES),
    **dict.fromkeys(("sqlite3", "sqlalchemy", "alembic", "importlib.resources", "pkgutil"), TAKE_BYTES),
    **dict.fromkeys(("asyncio", "anyio", "threading", "multiprocessing", "subprocess", "signal"), RETURN_IT),
    **dict.fromkeys(("logging", "apscheduler", "fastapi", "starlette", "uvicorn"), RETURN_IT),
    **dict.fromkeys(("prometheus_client", "typer", "rich", "concurrent"), RETURN_IT),
}
# A path that is only looked at is a value.
HARMLESS = {("pathlib", "PurePath"), ("pathlib", "PurePosixPath")}
# The core meets no time zone: calendars arrive as UTC intervals (model/clock.py).
ZONES = "language/ turns local times into UTC instants; take those"
CLOCK_CALLS = {"now", "utcnow", "today"}
WORLD_CALLS = {"open": TAKE_BYTES, "input": TAKE_BYTES, "print": RETURN_IT, "breakpoint": RETURN_IT}

MODULE_LINES_MAX = 350  # a file that needs more is two ideas
FUNCTION_LINES_MAX = 70


def broken_rules(package: str, place: str, source: str) -> list[str]:
    """Every rule the module breaks, as "place:line: what; instead: how"."""
    tree = ast.parse(source)
    found = [*_imports_upward(package, tree), *_size(source, tree)]
    if package in PURE:
        found += _touches_the_world(package, tree)
    return [f"{place}:{line}: {what}" for line, what in sorted(found)]


def _imports(tree: ast.Module) -> Iterator[tuple[int, str, str | None]]:
    """(line, module, name or None) of every import but relative ones, which are refused."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name, None) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=0):
                yield from ((node.lineno, module or "", alias.name) for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield node.lineno, name, None
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
                yield node.lineno, name, None


def _imports_upward(package: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "a relative import hides what is imported; instead: write standardsd.… in full"
    for line, module, name in _imports(tree):
        whole = module if name is None else f"{module}.{name}"
        parts = whole.split(".")
        if parts[0] != "standardsd" or len(parts) == 1:
            continue
        other = parts[1]
        # `from standardsd import __version__` names no package of ours.
        if other == package or other.startswith("__") or other in MAY_IMPORT.get(package, set()):
            continue
        if package not in MAY_IMPORT:
            yield (
                line,
                f"package {package} is not in MAY_IMPORT; instead: add it, and tell docs/decisions.md",
            )
            continue
        below = ", ".join(sorted(MAY_IMPORT[package])) or "nothing of ours"
        yield (
            line,
            f"{package} may not import {whole}: {package} imports {below}; instead: take the value as an "
            "argument, or move what both need down into model/, or let daemon/ bring the two together",
        )


def _touches_the_world(package: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    for line, module, name in _imports(tree):
        if (module, name) in HARMLESS:
            continue
        whole = module if name is None else f"{module}.{name}"
        for world, instead in WORLD.items():
            if any(text == world or text.startswith(world + ".") for text in (module, whole)):
                yield line, f"{package} decides and may not import {whole}; instead: {instead}"
                break
        if package in {"core", "model"} and "zoneinfo" in (module, whole.split(".")[0]):
            yield line, f"{package} knows no time zones and may not import {whole}; instead: {ZONES}"
    for node in ast.walk(tree):
        match node:
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield node.lineno, f"{package} decides and may not wait (async, await); instead: {RETURN_IT}"
            case ast.Call(func=ast.Name(id=name)) if name in WORLD_CALLS:
                yield (
                    node.lineno,
                    f"{package} decides and may not call {name}(); instead: {WORLD_CALLS[name]}",
                )
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in CLOCK_CALLS and ast.unparse(
                value
            ).split(".")[-1] in {"datetime", "date"}:
                called = ast.unparse(node.func)
                yield node.lineno, f"{package} has no clock and may not call {called}(); instead: {TAKE_TIME}"


def _size(source: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    lines = source.count("\n")
    if lines > MODULE_LINES_MAX:
        yield 1, f"{lines} lines, more than {MODULE_LINES_MAX}; instead: it is two ideas, give each a module"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                what = f"{node.name} has {length} lines, more than {FUNCTION_LINES_MAX}"
                yield node.lineno, f"{what}; instead: name its parts"


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "_bundled" not in path.parts]


def package_of(path: Path) -> str:
    """``core`` for core/judge.py; a module at the top is a package of its own."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_keeps_the_rules_of_the_house(path: Path) -> None:
    place = path.relative_to(PACKAGE.parent).as_posix()
    broken = broken_rules(package_of(path), place, path.read_text())
    assert not broken, "\n" + "\n".join(broken)


def test_every_package_has_its_row_and_no_row_is_left_over() -> None:
    there = {package_of(path) for path in modules()} - {"__init__"}
    assert there == set(MAY_IMPORT), "docs/architecture.md and MAY_IMPORT must name the same packages"


def test_the_table_runs_downward() -> None:
    """No two packages may import each other, not even through others."""

    def reach(package: str, seen: frozenset[str] = frozenset()) -> set[str]:
        assert package not in seen, f"{package} reaches itself"
        return {package}.union(*(reach(other, seen | {package}) for other in MAY_IMPORT[package]))

    assert reach("cli") == set(MAY_IMPORT)


# --- the checker itself ----------------------------------------------------------------------

BAD = [
    # package, source, part of what must be said
    ("core", "from standardsd.store.journal import Journal", "core may not import standardsd.store.journal"),
    ("core", "import standardsd.daemon", "core may not import standardsd.daemon"),
    ("core", "from standardsd import language", "core may not import standardsd.language"),
    ("drivers", "def f():\n    from standardsd.core.judge import Judge", "bad.py:2: drivers may not import"),
    (
        "metrics",
        "if TYPE_CHECKING:\n    from standardsd.web import app",
        "metrics may not import standardsd.web",
    ),
    ("web", "import importlib\nimportlib.import_module('standardsd.daemon.app')", "web may not import"),
    ("mapping", "from ..drivers import base", "relative import"),
    ("reports", "from standardsd.model import reading", "package reports is not in MAY_IMPORT"),
    ("core", "import time", "core decides and may not import time; instead: take the instant"),
    ("core", "from time import monotonic", "may not import time.monotonic"),
    ("language", "from pathlib import Path", "may not import pathlib.Path; instead: take the text"),
    ("language", "def f(p):\n    return open(p).read()", "may not call open()"),
    ("mapping", "import socket", "may not import socket"),
    ("mapping", "from urllib.request import urlopen", "may not import urllib.request.urlopen"),
    ("mapping", "async def read(): ...", "may not wait"),
    ("core", "import datetime\nx = datetime.datetime.now()", "has no clock"),
    ("core", "from datetime import datetime\nx = datetime.now(UTC)", "has no clock"),
    ("core", "from datetime import date\nx = date.today()", "has no clock"),
    ("core", "from zoneinfo import ZoneInfo", "knows no time zones"),
    ("model", "import zoneinfo", "knows no time zones"),
    ("core", "import os.path", "may not import os.path"),
    ("core", "import random", "may not import random"),
    ("core", "print('x')", "may not call print()"),
    ("web", "x = 1\n" * 351, "351 lines, more than 350"),
    ("web", "def long():\n" + "    x = 1\n" * 70, "long has 71 lines"),
]


@pytest.mark.parametrize(("package", "source", "said"), BAD, ids=[said for _, _, said in BAD])
def test_the_checker_catches_it_and_says_how_to_do_it(package: str, source: str, said: str) -> None:
    broken = broken_rules(package, "bad.py", source)
    assert len(broken) == 1, broken
    assert said in broken[0]
    assert "; instead: " in broken[0]


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("core", "from standardsd.model.reading import Event"),
        ("language", "from zoneinfo import ZoneInfo"),  # only language materialises calendars
        ("language", "from pathlib import PurePosixPath"),  # looks at a path, opens nothing
        ("metrics", "from standardsd import __version__"),
        ("daemon", "import time, asyncio\nfrom standardsd.web.app import build"),
        ("core", "def now(self): ...\nx = self.clock.now"),  # a name is no clock
        ("core", "import timeit_of_ours"),  # begins like a forbidden module, is another
    ],
)
def test_what_is_allowed_passes(package: str, source: str) -> None:
    assert broken_rules(package, "good.py", source) == []
