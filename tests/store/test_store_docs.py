"""What docs/store.md tells people to type works, and its measurement measures."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from standardsd.store import tables
from standardsd.store.limits import LIMITS
from standardsd.store.store import Store
from tests.store.values import NINE, batch, breached, event

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a store in ``data/`` that has one input and one verdict."""
    with Store.open(tmp_path / "data" / "standardsd.sqlite") as store:
        store.commit([batch(event("kiosk/4711", "arrived", site="Ő"), decisions=(breached(),))])
    return tmp_path


def test_the_query_of_the_page_prints_the_last_verdicts(house: Path) -> None:
    (query,) = re.findall(r'^sqlite3 -readonly data/standardsd\.sqlite "(.*)"$', PAGE, re.M)
    (row,) = sqlite3.connect(house / "data" / "standardsd.sqlite").execute(query)
    assert row == ("2026-03-02 09:01:00", msgspec.json.encode(breached()).decode())


def test_the_program_of_the_page_prints_a_batch(house: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    ran = subprocess.run([sys.executable, "-c", program], cwd=house, capture_output=True, check=True)
    head, line = ran.stdout.decode().splitlines()
    assert json.loads(head) == {"type": "readings", "source": "kiosk", "count": 1}
    assert json.loads(line)["labels"] == {"site": "Ő"}
    assert json.loads(line)["at"] == NINE.isoformat().replace("+00:00", "Z")


def test_the_page_names_every_table_and_the_true_maxima() -> None:
    for table in tables.metadata.sorted_tables:
        assert f"`{table.name}`" in PAGE, table.name
    assert f"{LIMITS.key_age.days} days, at most {LIMITS.keys_max:,}:" in PAGE
    assert f"| delivered messages | {LIMITS.delivered_age.days} days;" in PAGE
    assert f"| messages given up | {LIMITS.gave_up_age.days} days |" in PAGE
    assert f"| checkpoints | {LIMITS.checkpoints_kept} |" in PAGE
    assert f"at most {LIMITS.prune_max:,} rows" in PAGE
    assert f"longer than {LIMITS.busy_wait.seconds} s" in PAGE


def test_the_measurement_writes_the_same_readings_three_ways_and_says_how_fast(tmp_path: Path) -> None:
    program = [sys.executable, str(ROOT / "bench" / "ingest.py")]
    options = ["--readings", "2000", "--batch", "100", "--folder", str(tmp_path)]
    ran = subprocess.run(program + options, capture_output=True, text=True, check=True)
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert [line["name"] for line in figures] == ["bare rows", "bare rows, 2 indexes", "Store.commit"]
    assert all(line["readings_per_s"] > 0 and line["bytes_per_reading"] > 0 for line in figures)
    assert list(tmp_path.iterdir()) == []
