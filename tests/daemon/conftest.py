"""What the tests of the daemon share: one nursery a worker, and a fresh house a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.harness import FakeAlertmanager, House, Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def house(nursery: Nursery, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses, each in a folder of its own; whatever still runs at the end is killed."""
    made: list[House] = []

    def make(rules: str, sources: dict[str, Any], **more: Any) -> House:
        one = House(tmp_path / f"house-{len(made) + 1}", nursery, rules, sources, more)
        made.append(one)
        return one

    yield make
    for one in made:
        if one.pid is not None:
            one.kill()


@pytest.fixture
def member() -> Iterator[FakeAlertmanager]:
    fake = FakeAlertmanager()
    yield fake
    fake.close()
