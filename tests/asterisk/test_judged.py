"""The readings of the recordings, judged: every verdict is the truth, or says that it is not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from standardsd.cli.judge import judged
from standardsd.core.judge import Judge, JudgeSettings
from standardsd.daemon.compose import read_rules
from standardsd.model.decision import CaseDecision, Reason, Verdict
from standardsd.model.reading import Event, Gap, Reading, Watermark, instants
from standardsd.model.standard import RuleBook
from tests.asterisk.recorded import (
    CLIENTS,
    RUNS,
    Visit,
    definition,
    gaps,
    match,
    moved,
    played,
    recording,
    stays,
    truth,
)
from tests.asterisk.test_recordings import TIMINGS, read

WAITS = {"answer-3": 3.0, "answer-5500ms": 5.5, "answer-8": 8.0, "answer-20": 20.0, "answer-30": 30.0}
HOLDS = {"hold-9": 9.0, "hold-30": 30.0}

START = datetime(2026, 1, 1, tzinfo=UTC)

Last = dict[tuple[str, str, int], CaseDecision]


@lru_cache
def book() -> RuleBook:
    return read_rules([str(Path(__file__).parent / "phones.yaml")], base=Path.cwd(), warn=print)


def last_words(readings: Iterable[Reading]) -> Last:
    """The last decision per standard, interaction and occurrence: the truth as the judge knows it."""
    decisions = judged(book(), tuple(readings), None, None)
    return {(d.standard, d.id, d.occurrence): d for d in decisions if isinstance(d, CaseDecision)}


def expected(visit: Visit, limit: float) -> tuple[Verdict, Reason | None]:
    if visit.wait > limit:
        return Verdict.BREACHED, None
    ending = {"abandoned": Reason.LEFT, "timeout": Reason.DIVERTED, "exit_key": Reason.DIVERTED}
    if visit.outcome == "answered":
        return Verdict.MET, None
    return Verdict.EXCLUDED, ending.get(visit.outcome, Reason.UNSEEN)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("run", RUNS)
def test_every_wait_of_a_steady_client_gets_the_true_verdict(run: str, timing: str) -> None:
    readings = read(run, "ami", timing)
    said = last_words(readings)
    for visit, events in match(truth(run), stays(readings)).items():
        for standard, limit in WAITS.items():
            decision = said[standard, events[0].id, 1]
            assert (decision.verdict, decision.reason) == expected(visit, limit), (visit.scenario, standard)
            if decision.verdict is Verdict.MET:
                assert decision.measured == pytest.approx(visit.wait, abs=0.06), visit.scenario


@pytest.mark.parametrize("run", RUNS)
def test_every_hold_of_a_steady_client_gets_the_true_verdict(run: str) -> None:
    readings = read(run, "ami", "chunks")
    said = last_words(readings)
    occurrences = 0
    for visit, events in match(truth(run), stays(readings)).items():
        for number, hold in enumerate(visit.holds, 1):
            for standard, limit in HOLDS.items():
                decision = said[standard, events[0].id, number]
                kept = hold.seconds <= limit
                assert decision.verdict is (Verdict.MET if kept else Verdict.BREACHED), visit.scenario
                occurrences += 1
    assert occurrences == sum(1 for key in said if key[0] in HOLDS), "and no other hold was judged"


def test_who_was_parked_and_came_back_was_parked_until_somebody_spoke() -> None:
    said = {
        d.id: d for d in last_words(read("faults", "ami", "chunks")).values() if d.standard == "parked-30"
    }
    assert [d.verdict for d in said.values()] == [Verdict.BREACHED]
    (again,) = [d for d in last_words(read("calls", "ami", "chunks")).values() if d.standard == "parked-30"]
    assert again.verdict is Verdict.MET and again.measured == pytest.approx(15.0, abs=0.06)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("run", RUNS)
def test_whatever_was_missed_no_verdict_is_wrong(run: str, client: str, timing: str) -> None:
    """Each is the truth, or excluded as unseen, or indeterminate; a stay that was wholly missed has none."""
    readings = read(run, client, timing)
    said = last_words(readings)
    unknown = 0
    for visit, events in match(truth(run), stays(readings)).items():
        for standard, limit in WAITS.items():
            decision = said[standard, events[0].id, 1]
            word = (decision.verdict, decision.reason)
            if word in ((Verdict.EXCLUDED, Reason.UNSEEN), (Verdict.INDETERMINATE, None)):
                assert any(_touches(gap, visit) for gap in gaps(readings)), f"{visit.scenario} was in sight"
                unknown += 1
                continue
            assert word == expected(visit, limit), (visit.scenario, standard)
    assert unknown <= 4 * len(WAITS), "doubt is for who was there when sight was lost"
    ids = {event.id for event in readings if isinstance(event, Event)}
    assert {name for _, name, _ in said} <= ids


@pytest.mark.parametrize("run", RUNS)
def test_at_no_moment_was_a_breach_spoken_that_the_truth_does_not_know(run: str) -> None:
    """Not only the last word: a caller who was answered in a gap was never told of as still waiting."""
    for client in CLIENTS:
        readings = read(run, client, "chunks")
        true = {events[0].id: visit for visit, events in match(truth(run), stays(readings)).items()}
        for decision in judged(book(), readings, None, None):
            if isinstance(decision, CaseDecision) and decision.verdict is Verdict.BREACHED:
                visit = true[decision.id]
                if decision.standard in WAITS:
                    assert visit.wait > WAITS[decision.standard], (visit.scenario, decision)


def test_a_breach_waits_for_the_ping_that_proves_it() -> None:
    """Streamed one reading after another, no breach by absence is spoken before its watermark."""
    readings = read("calls", "ami", "chunks")
    marks = [reading.at for reading in readings if isinstance(reading, Watermark)]
    assert len(marks) > 40
    breached = [
        d
        for d in judged(book(), readings, None, None)
        if isinstance(d, CaseDecision) and d.verdict is Verdict.BREACHED
    ]
    assert breached and all(any(mark >= d.at for mark in marks) for d in breached)


def _touches(gap: Gap, visit: Visit) -> bool:
    return (
        gap.since.timestamp() <= visit.joined + visit.wait + 0.1
        and visit.joined - 1.1 <= gap.until.timestamp()
    )


def words_of_configured(readings: Iterable[Reading], sources: Iterable[str]) -> Last:
    """As ``last_words``, with what the definition says of a source: its ids are its own, so it waits for no other."""
    judge = Judge(book(), [definition().source(name) for name in sources], JudgeSettings(keep=None))
    said: Last = {}
    wall = START
    for reading in readings:
        wall = max(wall, *instants(reading))
        for decision in judge.receive([reading], wall):
            if isinstance(decision, CaseDecision):
                said[decision.standard, decision.id, decision.occurrence] = decision
    return said


@pytest.mark.parametrize("client", CLIENTS)
def test_two_pbxs_under_one_judge_do_not_touch_one_another(client: str) -> None:
    """Two sources whose times overlap, one of them killed in the middle: each is judged as if it were alone."""
    shift, was = {"calls": 0, "faults": -1000}, {"calls": "pbx1", "faults": ""}
    data = {
        run: moved(recording(run, client), seconds=shift[run], system=f"{run}-pbx", was=was[run])
        for run in RUNS
    }
    alone = {run: played(data[run], None, source=run) for run in RUNS}
    together = sorted((reading for run in RUNS for reading in alone[run]), key=lambda r: max(instants(r)))
    said = words_of_configured(together, RUNS)
    for run in RUNS:
        mine = {
            key: decision.verdict for key, decision in said.items() if key[1].startswith(f"{run}/{run}-pbx-")
        }
        apart = words_of_configured(alone[run], [run])
        assert mine == {key: decision.verdict for key, decision in apart.items()}
        assert len(mine) > 50
