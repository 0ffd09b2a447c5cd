"""The shipped packs as the tests read them: once, from where they lie."""

from __future__ import annotations

import zoneinfo
from functools import cache
from pathlib import Path

from standardsd.language.catalogue import Expectation, Figure, Pack, read_expectations, read_figures
from standardsd.language.rules import Loaded, load_rules

RULES = Path(__file__).parents[2] / "rules"
NAMES = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob("*.yaml"))

HOUSE = [name for name in NAMES if not name.startswith("demo/")]
"""What a house takes; the demo's pack is only there to be looked at."""


@cache
def zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@cache
def alone(name: str) -> Loaded:
    """One pack loaded by itself."""
    return load_rules([(name, (RULES / name).read_bytes())], zones())


@cache
def together() -> Loaded:
    """All packs in one house."""
    return load_rules([(name, (RULES / name).read_bytes()) for name in NAMES], zones())


@cache
def packs() -> tuple[Pack, ...]:
    found = []
    for name in HOUSE:
        book = alone(name).book
        assert book is not None, name
        (file,) = book.files
        found.append(Pack(name, file.title, book.standards))
    return tuple(found)


def expectations() -> tuple[Expectation, ...]:
    return read_expectations((RULES / "expectations.csv").read_text(encoding="utf-8"))


def figures() -> tuple[Figure, ...]:
    return read_figures((RULES / "figures.csv").read_text(encoding="utf-8"))
