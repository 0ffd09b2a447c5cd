"""Laws of the judge, held over everything it says and not only over its last word."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.decision import Amendment, CaseDecision, Final, Refused, Verdict, VerdictSpoken
from standardsd.model.measure import Rolling
from standardsd.model.reading import Event, Reading, Retract
from standardsd.model.standard import AlertRule, Condition, Objective, RuleBook
from tests.judge import referee
from tests.judge.traces import (
    PLAIN_VOCABULARY,
    WALL,
    Key,
    Plain,
    as_book,
    as_readings,
    as_source,
    at,
    batches,
    half_seconds,
    judge_of,
    last_words,
    run,
    trace,
    traces,
)

few = settings(max_examples=40)
many = settings(max_examples=300)
# Shrinking costs more than a trace does: most laws take traces by their seed, and print it.
seeds = st.integers(0, 10**9)
randoms = st.builds(random.Random, seeds)
seeded_traces = randoms.map(trace)
STEPS_MAX = 200  # wake-ups in one run; a trace has a few dozen instants at which anything can change


@few
@given(traces(), randoms, randoms)
def test_the_order_and_batching_of_arrival_never_change_the_verdicts(
    plain: Plain, one: random.Random, other: random.Random
) -> None:
    first = last_words(run(judge_of(plain), batches(one, plain["readings"])))
    second = last_words(run(judge_of(plain), batches(other, plain["readings"])))
    assert first == second


class ByArrival:
    """A judge that is wrong on purpose: nothing it hears can lie before what it heard earlier of that interaction."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._latest: dict[tuple[str, str], datetime] = {}

    def _stamped(self, reading: Reading) -> Reading:
        if not isinstance(reading, Event):
            return reading
        key = (reading.kind, reading.id)
        self._latest[key] = max(reading.at, self._latest.get(key, reading.at))
        return msgspec.structs.replace(reading, at=self._latest[key], not_before=None)

    def receive(self, readings: list[Reading], now: datetime) -> list[Any]:
        return self._judge.receive([self._stamped(reading) for reading in readings], now)

    def tick(self, now: datetime) -> list[Any]:
        return self._judge.tick(now)


def test_the_law_of_order_fails_for_a_judge_that_orders_events_by_arrival() -> None:
    """The check above has teeth: it finds a judge out that takes events in the order in which they come."""
    for seed in range(50):
        plain = trace(random.Random(seed))
        said = [
            last_words(run(ByArrival(judge_of(plain)), batches(random.Random(n), plain["readings"])))
            for n in range(4)
        ]
        if any(words != said[0] for words in said):
            return
    pytest.fail("fifty traces in four orders each did not tell it from a judge that orders by `at`")


def test_the_referee_too_tells_arrival_order_from_the_order_of_instants() -> None:
    different = 0
    for seed in range(50):
        plain = trace(random.Random(seed))
        shuffled = random.Random(seed).sample(plain["readings"], len(plain["readings"]))
        latest: dict[tuple[str, str], str] = {}
        stamped = []
        for reading in shuffled:
            if reading["type"] == "event":
                key = (reading["kind"], reading["id"])
                latest[key] = max(reading["at"], latest.get(key, ""))
                reading = reading | {"at": latest[key]}
            stamped.append(reading)
        rest = {"standards": plain["standards"], "sources": plain["sources"], "vocabulary": PLAIN_VOCABULARY}
        different += referee.judge(plain["readings"], **rest) != referee.judge(stamped, **rest)
    assert different > 5


@many
@given(seeded_traces, randoms)
def test_hearing_everything_twice_says_nothing_new(plain: Plain, rng: random.Random) -> None:
    judge, arrivals = judge_of(plain), batches(rng, plain["readings"])
    run(judge, arrivals)
    assert run(judge, [plain["readings"], *arrivals], WALL + timedelta(seconds=1)) == []


def content(decision: CaseDecision) -> dict[str, object]:
    """What it says, without whether it is a first word, an amendment or a final."""
    return {name: getattr(decision, name) for name in CaseDecision.__struct_fields__}


@many
@given(seeded_traces, randoms)
def test_what_is_said_of_one_occurrence_is_one_story(plain: Plain, rng: random.Random) -> None:
    """A first word, then amendments and finals; each amendment names the word before it and changes something."""
    story: defaultdict[Key, list[CaseDecision]] = defaultdict(list)
    for decision in run(judge_of(plain), batches(rng, plain["readings"])):
        story[decision.standard, decision.kind, decision.id, decision.occurrence].append(decision)
    for said in story.values():
        assert isinstance(said[0], VerdictSpoken), said
        assert said[0].verdict is not None
        word: Verdict | None = said[0].verdict
        for before, decision in pairwise(said):
            assert not isinstance(decision, VerdictSpoken), said
            if isinstance(decision, Amendment):
                assert decision.was == word, said
                # Of a breach that is open again, because what closed it was taken back, only that is new.
                assert content(decision) != content(before) or isinstance(before, Final), said
            if isinstance(decision, Final):
                assert decision.verdict == word == Verdict.BREACHED, said
            word = decision.verdict


@many
@given(seeded_traces, randoms)
def test_a_breach_is_never_spoken_before_every_watermark_has_reached_it(
    plain: Plain, rng: random.Random
) -> None:
    judge = judge_of(plain)
    standards = {standard["id"]: standard for standard in plain["standards"]}
    heard: dict[str, int] = {}
    for number, batch in enumerate(batches(rng, plain["readings"])):
        for reading in batch:
            if reading["type"] == "watermark":
                heard[reading["source"]] = max(referee.steps(reading["at"]), heard.get(reading["source"], 0))
        for decision in run(judge, [batch], WALL + timedelta(milliseconds=number)):
            if decision.verdict != Verdict.BREACHED:
                continue
            standard, words = standards[decision.standard], PLAIN_VOCABULARY[decision.kind]
            _, ends, interrupts = referee.roles(standard, words)
            for source in plain["sources"]:
                if "speaks_for" in source:
                    continue  # whether it has a say is a matter of labels, and those may be told later
                if referee.can_say(source, decision.kind, ends | interrupts, decision.id, decision.labels):
                    assert heard.get(source["name"], 0) >= (half_seconds(decision.at) or 0), decision


@many
@given(seeded_traces, randoms, st.integers(0, 30))
def test_a_checkpoint_taken_anywhere_changes_nothing_of_what_follows(
    plain: Plain, rng: random.Random, when: int
) -> None:
    arrivals = batches(rng, plain["readings"])
    book, sources = alerting(plain), [as_source(source) for source in plain["sources"]]
    straight, restarted = (Judge(book, sources, JudgeSettings()) for _ in range(2))
    for number, batch in enumerate(arrivals):
        now = WALL + timedelta(seconds=number)
        if number == 1 + when % len(arrivals):  # one that has heard nothing has nothing to keep
            restarted = Judge.load(restarted.dump(), book, sources, JudgeSettings())
        assert straight.receive(as_readings(batch), now) == restarted.receive(as_readings(batch), now)
        assert straight.tick(now) == restarted.tick(now)
        assert straight.next_wakeup() == restarted.next_wakeup()
        assert [straight.next_due(s.name) for s in sources] == [restarted.next_due(s.name) for s in sources]
    assert straight.snapshot() == restarted.snapshot()


def alerting(plain: Plain) -> RuleBook:
    """The trace's standards with every kind of alert, and with spans short enough to pass within it."""
    rule = AlertRule(
        on=(Condition.BREACH, Condition.AT_RISK, Condition.OBJECTIVE, Condition.SILENCE),
        hold_for=timedelta(seconds=2),
        keep_firing_for=timedelta(seconds=3),
        warn_at=0.5,
        warn_before=timedelta(seconds=1),
    )
    objective = Objective(at_least=0.9, over=Rolling(timedelta(seconds=20)), min_count=1)
    book = as_book(plain["standards"])
    standards = tuple(msgspec.structs.replace(s, alert=rule, objective=objective) for s in book.standards)
    return msgspec.structs.replace(book, standards=standards)


@many
@given(seeded_traces, randoms, st.integers(0, 40))
def test_every_wake_up_decides_something_or_is_followed_by_a_later_one(
    plain: Plain, rng: random.Random, quiet_seconds: int
) -> None:
    """No busy loop: whoever sleeps until ``next_wakeup`` and ticks then comes to an end."""
    sources = [
        msgspec.structs.replace(as_source(source), max_silence=timedelta(seconds=10))
        for source in plain["sources"]
    ]
    judge = Judge(alerting(plain), sources, JudgeSettings())
    now = WALL - timedelta(seconds=220)  # among the events, so that some are open and some not begun
    for batch in batches(rng, plain["readings"]):
        judge.receive(as_readings(batch), now)
        until = now + timedelta(seconds=rng.randint(0, quiet_seconds))
        now = wake_until(judge, now, until)
        judge.tick(until)
        now = until
    wake_until(judge, now, now + timedelta(hours=1))


def wake_until(judge: Judge, now: datetime, until: datetime) -> datetime:
    for _ in range(STEPS_MAX):
        wake = judge.next_wakeup()
        if wake is None or wake > until:
            return now
        now = max(now, wake)
        said = judge.tick(now)
        after = judge.next_wakeup()
        assert said or after is None or after > wake, f"woken at {wake} for nothing, and again at {after}"
    pytest.fail(f"still being woken at {wake} after {STEPS_MAX} times")


class Shell:
    """A judge with no memory for what is closed, beside a store that gives back what was heard and said of it."""

    def __init__(self, plain: Plain) -> None:
        sources = [as_source(source) for source in plain["sources"]]
        self.judge = Judge(as_book(plain["standards"]), sources, JudgeSettings(keep=timedelta(0)))
        self.recalls = 0
        self._heard: defaultdict[tuple[str, str], list[Reading]] = defaultdict(list)
        self._said: defaultdict[tuple[str, str], list[CaseDecision]] = defaultdict(list)

    def receive(self, batch: list[Plain], now: datetime) -> list[CaseDecision]:
        readings = as_readings(batch)
        for kind, id_ in self.judge.missing(readings):
            self.recalls += bool(self._heard[kind, id_])
            self.judge.recall(kind, id_, self._heard[kind, id_], self._said[kind, id_])
        for reading in readings:
            if isinstance(reading, Event | Retract):
                self._heard[reading.kind, reading.id].append(reading)
        return self._kept(self.judge.receive(readings, now))

    def tick(self, now: datetime) -> list[CaseDecision]:
        return self._kept(self.judge.tick(now))

    def _kept(self, decisions: list[Any]) -> list[CaseDecision]:
        assert not any(isinstance(decision, Refused) for decision in decisions)
        said = [decision for decision in decisions if isinstance(decision, CaseDecision)]
        for decision in said:
            self._said[decision.kind, decision.id].append(decision)
        return said


def test_an_interaction_forgotten_and_recalled_is_judged_as_if_never_forgotten() -> None:
    recalls = 0
    for seed in range(400):
        plain = trace(random.Random(seed))
        arrivals = batches(random.Random(seed), plain["readings"])
        shell, said = Shell(plain), []
        for number, batch in enumerate(arrivals):
            now = WALL + timedelta(hours=number)
            said += shell.tick(now)
            said += shell.receive(batch, now)
        assert last_words(said) == last_words(run(judge_of(plain), arrivals)), f"seed {seed}"
        recalls += shell.recalls
    assert recalls > 400, "hardly anything was forgotten: this proves nothing"


def test_a_batch_at_a_later_instant_finds_what_was_in_memory_a_moment_ago() -> None:
    """Nobody ticked for an hour: ``missing`` still knows the visit, so ``receive`` must not forget it first."""
    event = {"type": "event", "source": "desk", "kind": "request", "id": "1"}
    shell = Shell(
        {
            "standards": [
                {
                    "id": "s",
                    "of": "request",
                    "measure": {"from": ["due"], "to": ["delivered"]},
                    "promise": {"within": 6},
                }
            ],
            "sources": [{"name": "desk"}],
        }
    )
    shell.receive([{**event, "event": "delivered", "at": at(3)}], WALL)
    said = shell.receive([{**event, "event": "due", "at": at(29)}], WALL + timedelta(hours=1))
    assert [decision.verdict for decision in said] == [Verdict.MET]
