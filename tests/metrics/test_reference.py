"""The metrics reference is what the catalogue says; the shipped configuration scrapes us."""

from __future__ import annotations

from pathlib import Path

import pytest

from standardsd.metrics.catalog import CATALOG
from standardsd.metrics.reference import reference
from tests import real

ROOT = Path(__file__).parents[2]


def test_the_reference_in_docs_is_what_is_generated() -> None:
    written = (ROOT / "docs" / "metrics.md").read_text()
    assert written == reference(), "run: python -m standardsd.metrics.reference > docs/metrics.md"


def test_every_metric_has_its_row_or_its_reason() -> None:
    text = reference()
    for family in CATALOG:
        row = f"- `{family.name}`: {family.later}." if family.later else f"| `{family.name}` | {family.type}"
        assert text.count(row) == 1, family.name
        assert family.meaning.endswith(".") and family.moves.endswith("."), family.name


@pytest.mark.real
def test_the_shipped_prometheus_configuration_is_sound() -> None:
    said = real.promtool("check", "config", str(ROOT / "deploy" / "prometheus" / "prometheus.yml"))
    assert said.returncode == 0, said.stdout + said.stderr
    assert "SUCCESS" in said.stdout
