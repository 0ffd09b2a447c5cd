"""From a streamed source through the whole daemon to the webhook, by ``bench/``: none lost, none too soon."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import real

BENCH = Path(__file__).parents[2] / "bench" / "alert_latency.py"


@pytest.mark.real
@pytest.mark.slow
def test_a_hundred_breaches_all_reach_the_webhook_after_their_due_instant(tmp_path: Path) -> None:
    """No limit on the time: on a machine shared by others that would test the others."""
    real.need("prometheus-alertmanager")
    arguments = ["--breaches", "100", "--every", "0.05", "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(BENCH), *arguments], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    for side in ("ours", "bare"):
        assert (result[side]["count"], result[side]["lost"]) == (100, 0)
        assert 0 < result[side]["median_ms"] <= result[side]["p99_ms"] <= result[side]["max_ms"]
    assert result["median_ratio"] > 0
