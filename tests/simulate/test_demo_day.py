"""What the demo's houses do, judged by the real judge with the real packs, without waiting for it.

The same seeds that `standardsd demo` uses, read by a virtual clock: so the first minute of every demo is
known here, and so is the whole day.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from standardsd.cli.demo_files import HOUSES, RULES, configuration
from standardsd.core.judge import Judge
from standardsd.daemon.compose import compose_config
from standardsd.drivers.sim_watch import Watch
from standardsd.drivers.simulate import SimulateDriver
from standardsd.model.decision import Alert, AlertState, CaseDecision, Episode, EpisodeState, Reason, Verdict
from standardsd.model.reading import Watermark
from standardsd.model.standard import Condition

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = timedelta(minutes=10)  # at the speed of the demo
STEP = timedelta(seconds=1)

Said = tuple[datetime, object]


def live(
    folder: Path, *, lasting: timedelta, silent: tuple[timedelta, timedelta] | None = None
) -> tuple[Said, ...]:
    """(wall instant, decision) of all four houses; in ``silent`` [from, to) nobody listens to them."""
    config = folder / "standardsd.yaml"
    config.write_text(configuration(folder, port=8080))
    composed = compose_config(config)
    judge = Judge(composed.book, composed.sources, composed.judge_settings(keep=None))
    watches = {source.spec.name: Watch(SimulateDriver(source.setup).traffic) for source in composed.running}
    lines: list[Said] = []
    now, listening = START, False
    while now <= START + lasting:
        hears = silent is None or not silent[0] <= now - START < silent[1]
        for name, watch in watches.items() if hears else ():
            readings = watch.tell(now) if listening else watch.open(now, new_day=False)
            lines += ((now, line) for line in judge.receive([*readings, Watermark(name, now)], now))
        lines += ((now, line) for line in judge.tick(now))
        listening = hears
        now += STEP
    return tuple(lines)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, ...]:
    """A whole simulated day."""
    return live(tmp_path_factory.mktemp("demo"), lasting=DAY)


Occurrence = tuple[str, str, str, int]


def truth(said: tuple[Said, ...]) -> dict[Occurrence, CaseDecision]:
    """The last line of an occurrence is the truth."""
    return {
        (line.standard, line.kind, line.id, line.occurrence): line
        for _, line in said
        if isinstance(line, CaseDecision)
    }


def last_words(said: tuple[Said, ...]) -> Counter[tuple[str, Verdict | None]]:
    """How often each standard ended in each verdict."""
    return Counter((line.standard, line.verdict) for line in truth(said).values())


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
    assert len(RULES) == 4


def test_a_day_shows_numbers_out_of_limits_and_back_and_promises_on_a_calendar(
    said: tuple[Said, ...],
) -> None:
    stories = Counter((line.standard, line.state) for _, line in said if isinstance(line, Episode))
    for standard in ("demo-lobby-at-most-4", "demo-calls-waiting-at-most-6", "demo-lobby-round-each-minute"):
        assert stories[standard, EpisodeState.BROKEN] >= 2, stories
        assert stories[standard, EpisodeState.IN_LIMITS] >= 2, stories
    firing = {
        line.standard for _, line in said if isinstance(line, Alert) and line.condition is Condition.LIMIT
    }
    assert len(firing) >= 3
    counts = last_words(said)
    assert counts["demo-post-settled-within-4m-of-the-office", Verdict.MET] >= 10


REPEATS = {
    "desk-hold-within-30s",
    "hold-within-30s",
    "rings-at-most-6",
    "demo-every-reply-within-60s",
    "message-answered-within-12m",
}
"""Judged once for each stay or pair: some of these nobody saw, so later ones have other numbers."""


def test_after_a_silence_each_verdict_is_the_truth_or_says_that_nobody_saw(
    tmp_path: Path, said: tuple[Said, ...]
) -> None:
    silence = (timedelta(seconds=100), timedelta(seconds=140))
    seen, whole = truth(live(tmp_path, lasting=timedelta(minutes=5), silent=silence)), truth(said)
    judged = {key: line for key, line in seen.items() if key[0] not in REPEATS}
    honest = Counter[str]()
    for key, line in judged.items():
        assert key in whole, f"{key}: invented"
        if (line.verdict, line.reason) == (whole[key].verdict, whole[key].reason):
            honest["the truth"] += 1
        else:
            honest[f"{line.verdict} {line.reason}"] += 1
            assert line.verdict is Verdict.INDETERMINATE or line.reason is Reason.UNSEEN, (line, whole[key])
            assert line.start <= START + silence[1], "what began after the silence was seen whole"
    assert honest["the truth"] > 200
    assert honest["indeterminate None"] > 3
    assert honest["excluded unseen"] > 3
