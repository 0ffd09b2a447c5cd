"""Out of the store comes the judge that went in, by whichever way it is brought back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs

from standardsd.core.checkpoint import FORMAT
from standardsd.core.judge import Judge, JudgeSettings
from standardsd.daemon import recovery
from standardsd.daemon.clock import SteadyClock
from standardsd.daemon.failpoints import Failpoint
from standardsd.daemon.loop import JudgeLoop, SourceGone
from standardsd.daemon.recovery import Adopted, recover
from standardsd.daemon.storing import StoreThread
from standardsd.drivers.base import Batch
from standardsd.language.rules import load_rules
from standardsd.model.decision import CaseDecision, Refused, VerdictSpoken
from standardsd.model.reading import Event, Reading, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from standardsd.notify.current import CurrentAlerts
from standardsd.store.entries import Entry, ReadingsInput, RulesInput, TickInput
from standardsd.store.limits import LIMITS, Limits
from standardsd.store.store import Store
from tests.daemon.harness import House, last_episodes, last_words
from tests.daemon.traffic import MORE, NINE, RULES, SOURCES, batches

BATCHES = 60
URL = "http://127.0.0.1:8080"


def book_of(rules: str) -> RuleBook:
    loaded = load_rules([("rules.yaml", rules.encode())], ("UTC",))
    assert loaded.book is not None, loaded.problems
    return loaded.book


BOOK = book_of(RULES)
KIOSK = Source("kiosk", {k: tuple(v) for k, v in SOURCES["kiosk"]["yields"].items()})
SETTINGS = JudgeSettings(judge_from=datetime(2025, 1, 1, tzinfo=UTC), keep=timedelta(hours=1))


@pytest.fixture
def killed(house: Callable[..., House]) -> House:
    """A house whose daemon was killed three times, the last time for good, with a checkpoint of its own between."""
    one = house(RULES, SOURCES, **MORE).start()
    for number, batch in enumerate(batches(BATCHES)):
        assert one.post(batch).status_code == 200
        if number == 20:
            one.kill()
            one.start()
        if number == 40:
            one.stop()  # writes a checkpoint; what follows is its tail
            one.start()
        if number in (10, 50):
            one.rules = (
                RULES + f"# changed {number}\n"
                if number == 10
                else RULES.replace("within: 20s", "within: 19s")
            )
            assert one.reload() == 1
    one.kill()
    return one


def brought_back(store: Store) -> tuple[recovery.Recovered, CurrentAlerts]:
    alerts = CurrentAlerts((), (), URL)
    found = recover(store, alerts, URL)
    assert found is not None
    return found, alerts


def without_checkpoint(store: Store) -> None:
    """Only the journal is left."""
    with store._transaction("BEGIN IMMEDIATE") as connection:
        connection.exec_driver_sql("DELETE FROM checkpoint")


def test_the_checkpoint_and_its_tail_give_the_judge_that_the_whole_journal_gives(killed: House) -> None:
    with killed.store() as store:
        quick, quick_alerts = brought_back(store)
        without_checkpoint(store)
        whole, whole_alerts = brought_back(store)
    assert 0 < quick.replayed < whole.replayed
    assert quick.last_seq == whole.last_seq
    assert quick.adopted == whole.adopted
    assert quick.judge.snapshot() == whole.judge.snapshot()
    assert state(quick.judge) == state(whole.judge)
    assert quick.judge.next_due("kiosk") == whole.judge.next_due("kiosk")
    assert quick.judge.next_wakeup() == whole.judge.next_wakeup()
    now = datetime.now(UTC)
    assert spoken(quick_alerts, now) == spoken(whole_alerts, now)


def spoken(alerts: CurrentAlerts, now: datetime) -> set[tuple[Any, ...]]:
    """What would be told again: who, since when, ended when."""
    return {(one.identity, one.starts_at, one.ends_at) for one in alerts.current(now)}


def state(judge: Judge) -> dict[str, Any]:
    """A checkpoint as plain values, its cases in an order that does not tell how they came into memory."""
    plain: dict[str, Any] = msgspec.msgpack.decode(judge.dump())
    for case in plain["cases"]:
        for part in ("events", "retracted", "said"):
            case[part].sort(key=repr)
    plain["cases"].sort(key=lambda case: (case["kind"], case["id"]))
    plain["figures"].sort(key=repr)
    return plain


def test_replaying_every_input_says_every_word_again(killed: House) -> None:
    """The same words, in the same order, at the same inputs: the journal alone explains every decision."""
    with killed.store() as store:
        without_checkpoint(store)
        stored = [(row.seq, row.decision) for row in store.decisions()]
        replayed = list(replay(store))
    assert len(stored) > 200
    assert replayed == stored


def replay(store: Store) -> Iterator[tuple[int, Any]]:
    """What an auditor does, with the core alone: every input in order, and what the judge says to it."""
    judge: Judge | None = None
    for row in store.journal():
        said: list[Any] = []
        match row.input:
            case RulesInput(book=book):
                adopted = Adopted.decode(book)
                if judge is None:
                    judge = Judge(adopted.book, adopted.sources, adopted.settings)
                said = list(recovery.adopt(judge, adopted, row.wall))
            case ReadingsInput(readings=readings):
                assert judge is not None
                said = list(judge.tick(row.wall)) + list(judge.receive(readings, row.wall))
            case TickInput():
                assert judge is not None
                said = list(judge.tick(row.wall))
        yield from ((row.seq, word) for word in said)


def test_a_damaged_checkpoint_costs_time_and_nothing_else(killed: House) -> None:
    with killed.store() as store:
        good, _ = brought_back(store)
        store.save_checkpoint(b"\x93no checkpoint", format=FORMAT, rules_hash=BOOK.hash, seq=good.last_seq)
        found, _ = brought_back(store)
    assert found.replayed > good.replayed
    assert found.judge.snapshot() == good.judge.snapshot()


def test_a_start_asked_to_end_reads_no_further(killed: House) -> None:
    with killed.store() as store:
        asked = iter([False, False, True])
        with pytest.raises(recovery.Stopped):
            recover(store, CurrentAlerts((), (), URL), URL, lambda: next(asked))


def test_rules_in_a_form_of_before_are_told_with_their_row_and_not_by_a_traceback(
    house: Callable[..., House],
) -> None:
    """As a program before the whole language journalled them: its promises did not say of which form they are."""
    one = house(RULES, SOURCES, **MORE).start()
    one.kill()
    with one.store() as store:
        old = RulesInput(
            files=(), hash="sha256:00", config="", book=msgspec.msgpack.encode({"book": {"old": 1}})
        )
        (row,) = store.commit([Entry(NINE, old)])
    one.launch()
    assert one.ended() == 3
    assert f"journal row {row}: its rules are in a form that this program does not read" in one.log
    assert "fix: run the standardsd that wrote them" in one.log
    assert "Traceback" not in one.log


# -- what left memory -----------------------------------------------------------------------------------


@dataclass
class HandClock(SteadyClock):
    """A clock that stands still until it is moved."""

    at: datetime = NINE + timedelta(days=1)
    stepped_back: timedelta = field(default=timedelta(0))

    def __post_init__(self) -> None:
        super().__init__(lambda: self.at, lambda: 0.0)

    def now(self) -> datetime:
        return self.at


class Mute:
    def word(self, decisions: Any) -> tuple[tuple[()], Callable[[], None]]:
        return (), lambda: None


@contextmanager
def judging(
    path: Path, keep: timedelta | None, limits: Limits = LIMITS
) -> Iterator[tuple[JudgeLoop, HandClock, StoreThread]]:
    """The daemon's loop over a real store, with a clock in hand; nothing runs but what is asked for."""
    store = StoreThread(Store.open(path, limits=limits))
    clock = HandClock()
    settings = structs.replace(SETTINGS, keep=keep)
    judge = Judge(BOOK, [KIOSK], settings)
    loop = JudgeLoop(judge, store, clock, teller=Mute(), failpoint=Failpoint(None))
    try:
        yield loop, clock, store
    finally:
        store.close()


async def put_in_force(loop: JudgeLoop, keep: timedelta | None) -> None:
    adopted = Adopted(BOOK, (KIOSK,), structs.replace(SETTINGS, keep=keep))
    rules = RulesInput(files=(), hash=BOOK.hash, config="", book=adopted.encode())
    await loop.adopt(lambda now: (recovery.adopt(loop.judge, adopted, now), rules), ["kiosk"])


async def take(loop: JudgeLoop, *readings: Reading) -> None:
    answer = loop.accept_now(Batch("kiosk", readings))
    await loop._turn(loop._waiting_now())
    taken = await answer
    assert taken.refused == ()


async def test_a_reading_that_comes_just_when_its_interaction_leaves_memory_finds_its_past(
    tmp_path: Path,
) -> None:
    """The interaction is let go of at the very input that speaks of it; nothing was ticked between."""
    keep = timedelta(minutes=1)
    with judging(tmp_path / "store.sqlite", keep) as (loop, clock, store):
        await put_in_force(loop, keep)
        arrived = Event("kiosk", "visit", "v", "arrived", NINE, labels={"site": "spa"})
        greeted = Event("kiosk", "visit", "v", "greeted", NINE + timedelta(seconds=30))
        await take(loop, arrived, greeted)
        clock.at += keep + timedelta(seconds=1)
        assert loop.judge.missing([greeted]) == set(), "it is to leave by the next input, not before"
        earlier = Event(
            "kiosk", "visit", "v", "arrived", NINE - timedelta(seconds=60), labels={"site": "spa"}
        )
        await take(loop, earlier, Watermark("kiosk", NINE + timedelta(hours=1)))
        words = [row.decision for row in store.store.decisions() if isinstance(row.decision, CaseDecision)]
    tags = [type(word).__name__ for word in words]
    assert tags == ["VerdictSpoken", "Amendment", "Final"], "the first word on it was said twice"
    assert [str(word.verdict) for word in words] == ["met", "breached", "breached"]


@pytest.mark.parametrize("seed", range(3))
async def test_what_left_memory_and_came_back_is_judged_as_if_it_had_stayed(
    seed: int, tmp_path: Path
) -> None:
    """The clock runs far ahead between batches, so that nearly everything is forgotten and recalled."""
    dice = random.Random(seed)
    pauses = [timedelta(minutes=dice.choice([0, 1, 30])) for _ in range(BATCHES)]
    stories = batches(BATCHES, seed=seed)

    async def told(keep: timedelta | None, name: str) -> tuple[Any, list[Any], int]:
        recalled = 0
        with judging(tmp_path / name, keep) as (loop, clock, store):
            await put_in_force(loop, keep)
            for batch, pause in zip(stories, pauses, strict=True):
                clock.at += pause
                known = store.store.known({(r.kind, r.id) for r in batch if isinstance(r, Event)})
                recalled += len(loop.judge.missing(batch) & known)
                await take(loop, *batch)
            rows = [row.decision for row in store.store.decisions()]
            again = list(replay(store.store)) if keep is None else replayed_with_recall(store.store)
            assert [word for _, word in again] == rows
        stands = last_words(rows), last_episodes(rows)
        return stands, [word for word in rows if isinstance(word, CaseDecision)], recalled

    final, words, _ = await told(None, "stayed.sqlite")
    final_of_short, words_of_short, recalled = await told(timedelta(seconds=1), "left.sqlite")
    assert recalled > 10, "nothing left memory"
    assert any(len(story) > 2 for _, story in final[1].items()), "no number ever moved"
    assert final_of_short == final
    assert words_of_short == words, "a word was doubled, lost or changed by forgetting"
    firsts = [(w.standard, w.id, w.occurrence) for w in words_of_short if isinstance(w, VerdictSpoken)]
    assert len(set(firsts)) == len(firsts)


def replayed_with_recall(store: Store) -> list[tuple[int, Any]]:
    """As ``recover`` replays, with what every input is answered by."""
    heard: list[tuple[int, Any]] = []

    class Listening(CurrentAlerts):
        def messages(self, decisions: Any, groups: Any = None) -> list[Any]:
            heard.extend((0, word) for word in decisions)
            return super().messages(decisions, groups)

    recover(store, Listening((), (), URL), URL)
    return heard


async def test_what_came_back_for_nothing_new_leaves_again(tmp_path: Path) -> None:
    """A sender that repeats old days must not fill the memory with them."""
    keep = timedelta(minutes=1)
    with judging(tmp_path / "store.sqlite", keep) as (loop, clock, _):
        await put_in_force(loop, keep)
        story = [
            Event("kiosk", "visit", f"v{n}", event, NINE + timedelta(seconds=n))
            for n in range(50)
            for event in ("arrived", "greeted")
        ]
        await take(loop, *story)
        clock.at += 2 * keep
        await take(loop, *story)
        assert loop.judge.missing(story) == set()
        clock.at += 2 * keep
        await take(loop, Watermark("kiosk", NINE + timedelta(hours=1)))
        assert len(loop.judge.missing(story)) == 50


async def test_an_interaction_too_long_to_come_back_is_refused_and_everybody_else_is_judged(
    tmp_path: Path,
) -> None:
    """A kiosk that gives every guest the same number: its readings are counted out, the daemon goes on."""
    keep = timedelta(minutes=1)
    limits = Limits(history_readings_max=5)
    with judging(tmp_path / "store.sqlite", keep, limits) as (loop, clock, store):
        await put_in_force(loop, keep)
        again = [Event("kiosk", "visit", "1", "arrived", NINE + n * timedelta(seconds=1)) for n in range(6)]
        await take(loop, *again, Event("kiosk", "visit", "1", "greeted", NINE + timedelta(seconds=9)))
        clock.at += keep + timedelta(seconds=1)
        late = Event("kiosk", "visit", "1", "left", NINE + timedelta(seconds=20))
        other = Event("kiosk", "visit", "2", "arrived", NINE, labels={"site": "spa"})
        answer = loop.accept_now(Batch("kiosk", (late, other, Watermark("kiosk", NINE + timedelta(hours=1)))))
        await loop._turn(loop._waiting_now())
        assert [line.reason for line in (await answer).refused] == ["too_many_readings"]
        assert loop.trouble is None
        assert loop.counts.rejected["kiosk"] == {"too_many_readings": 1}
        final = last_words(row.decision for row in store.store.decisions())
        assert {key[2]: str(line["verdict"]) for key, line in final.items()} == {"1": "met", "2": "breached"}
        (*_, last) = store.store.journal()
        assert isinstance(last.input, ReadingsInput)
        assert [reading for reading in last.input.readings if isinstance(reading, Event)] == [other]
        assert [record.reason for record in last.input.rejected] == ["too_many_readings"]
        found, _ = brought_back(store.store)
        assert found.judge.snapshot().groups == loop.judge.snapshot().groups


async def test_a_batch_that_waited_while_its_source_was_taken_away_is_not_judged(tmp_path: Path) -> None:
    """Judged, it would bring the source back, and its watermark would be waited for for ever."""
    with judging(tmp_path / "store.sqlite", None) as (loop, _, store):
        await put_in_force(loop, None)
        waiting = loop.accept_now(Batch("kiosk", (Watermark("kiosk", NINE),)))
        adopted = Adopted(BOOK, (), SETTINGS)
        rules = RulesInput(files=(), hash=BOOK.hash, config="", book=adopted.encode())
        await loop.adopt(lambda now: (recovery.adopt(loop.judge, adopted, now), rules), [])
        await loop._turn(loop._waiting_now())
        with pytest.raises(SourceGone):
            await waiting
        assert loop.judge.snapshot().sources == ()
        assert [type(row.input).__name__ for row in store.store.journal()] == ["RulesInput", "RulesInput"]


def test_a_refused_reading_is_refused_again_by_a_replay(house: Callable[..., House]) -> None:
    one = house(RULES, SOURCES, **MORE).start()
    ahead = Event("kiosk", "visit", "v", "arrived", datetime.now(UTC) + timedelta(hours=2))
    answer = one.post([ahead]).json()
    assert [line["reason"] for line in answer["refused"]] == ["too_early"]
    one.kill()
    with one.store() as store:
        stored = [(row.seq, row.decision) for row in store.decisions()]
        assert list(replay(store)) == stored
        assert [type(word) for _, word in stored] == [Refused]
        assert store.history("visit", "v") == []
