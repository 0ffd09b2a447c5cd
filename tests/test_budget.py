"""A suite that grows too slow is told so (``tests/conftest.py``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SECONDS_MAX, SECONDS_MAX_OTHERS, over_budget, suite_of

CORE = SECONDS_MAX["core"]


@pytest.mark.parametrize(
    ("seconds", "suites_told"),
    [
        ({"core": CORE - 0.1}, []),  # just before
        ({"core": CORE}, []),  # exactly its budget is still fine
        ({"core": CORE + 0.1}, ["core"]),  # just after
        ({"new-suite": SECONDS_MAX_OTHERS + 1}, ["new-suite"]),  # nobody is without a budget
        ({"core": CORE + 1, "cli": 0.0, "web": 9999.0}, ["core", "web"]),  # all at once
    ],
)
def test_a_suite_over_its_budget_is_named(seconds: dict[str, float], suites_told: list[str]) -> None:
    assert [sentence.split()[0] for sentence in over_budget(seconds)] == suites_told


def test_a_test_belongs_to_the_folder_it_lies_in() -> None:
    assert suite_of("tests/core/deep/test_a.py::test_b[x/y]") == "core"
    assert suite_of("tests/test_budget.py::test_b") == "whole"


def test_all_budgets_together_fit_into_twenty_minutes_on_two_processors() -> None:
    """Two workers get through 2 × 20 minutes of test time at most."""
    assert sum(SECONDS_MAX.values()) <= 2 * 20 * 60


def test_every_suite_has_its_budget() -> None:
    there = {
        path.parent.relative_to(Path(__file__).parent).parts[0]
        for path in Path(__file__).parent.glob("*/**/test_*.py")
    }
    assert there <= SECONDS_MAX.keys(), "add the new suite to SECONDS_MAX in tests/conftest.py"
