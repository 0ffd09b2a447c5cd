"""What the demo's houses do, judged by the real judge with the real packs, without waiting for it.

The same seeds that `standardsd demo` uses, read by a virtual clock: so the first minute of every demo is
known here, and so is the whole day.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from standardsd.cli.demo_files import HOUSES, RULES, configuration
from standardsd.core.judge import Judge
from standardsd.daemon.compose import compose_config
from standardsd.drivers.sim_watch import Watch
from standardsd.drivers.simulate import SimulateDriver
from standardsd.model.decision import Alert, AlertState, CaseDecision, Verdict
from standardsd.model.reading import Watermark
from standardsd.model.standard import Condition

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = timedelta(minutes=10)  # at the speed of the demo
STEP = timedelta(seconds=1)

Said = tuple[datetime, object]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, ...]:
    """(wall instant, decision) of a whole simulated day of all four houses."""
    folder = tmp_path_factory.mktemp("demo")
    config = folder / "standardsd.yaml"
    config.write_text(configuration(folder, port=8080))
    composed = compose_config(config)
    judge = Judge(composed.book, composed.sources, composed.judge_settings(keep=None))
    watches = {source.spec.name: Watch(SimulateDriver(source.setup).traffic) for source in composed.running}
    lines: list[Said] = []
    now = START
    for watch in watches.values():
        watch.open(now, new_day=True)
    while now < START + DAY:
        now += STEP
        for name, watch in watches.items():
            lines += ((now, line) for line in judge.receive([*watch.tell(now), Watermark(name, now)], now))
        lines += ((now, line) for line in judge.tick(now))
    return tuple(lines)


def last_words(said: tuple[Said, ...]) -> Counter[tuple[str, Verdict | None]]:
    """How often each standard ended in each verdict: the last line of an occurrence is the truth."""
    last: dict[tuple[str, str, str, int], CaseDecision] = {}
    for _, line in said:
        if isinstance(line, CaseDecision):
            last[line.standard, line.kind, line.id, line.occurrence] = line
    return Counter((line.standard, line.verdict) for line in last.values())


def test_a_minute_shows_violations_promises_at_risk_and_firing_alerts(said: tuple[Said, ...]) -> None:
    first = [line for at, line in said if at <= START + timedelta(seconds=50)]
    breached = [one for one in first if isinstance(one, CaseDecision) and one.verdict is Verdict.BREACHED]
    assert len(breached) >= 5
    assert {one.labels["site"] for one in breached} >= {"service-center", "castle-hotel"}
    firing = [one for one in first if isinstance(one, Alert) and one.state is AlertState.FIRING]
    assert {one.condition for one in firing} >= {Condition.BREACH, Condition.AT_RISK}


def test_a_well_led_house_keeps_most_of_its_promises(said: tuple[Said, ...]) -> None:
    counts = last_words(said)
    shares = {}
    for standard in {name for name, _ in counts}:
        kept, broken = counts[standard, Verdict.MET], counts[standard, Verdict.BREACHED]
        if kept + broken >= 20:
            shares[standard] = kept / (kept + broken)
    assert len(shares) >= 8
    assert all(share >= 0.70 for share in shares.values()), shares
    shown = [share for share in shares.values() if share < 0.98]
    assert len(shown) >= 5, f"too few promises are ever broken: {shares}"
    kept, broken = (
        sum(n for (_, v), n in counts.items() if v is verdict) for verdict in (Verdict.MET, Verdict.BREACHED)
    )
    assert 0.80 <= kept / (kept + broken) <= 0.95


def test_every_house_and_pack_takes_part(said: tuple[Said, ...]) -> None:
    sites = {line.labels.get("site") for _, line in said if isinstance(line, CaseDecision)}
    assert sites == {house.site for house in HOUSES}
    standards = {line.standard for _, line in said if isinstance(line, CaseDecision)}
    assert {"greet-within-60s", "answer-within-20s", "demo-first-reply-within-90s"} <= standards
    assert len(RULES) == 3
