"""Delivery: at once, in order, at least once, never held up by another member, given up loudly."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from standardsd.notify import http
from standardsd.notify.alertmanager import Alertmanager
from standardsd.notify.handed import rows_max
from standardsd.notify.message import AlertMessage
from standardsd.notify.outbox import DeliverySettings, Outcome, Posted
from standardsd.notify.worker import Worker
from standardsd.store.entries import OutboxRow
from tests.notify.parts import (
    NOON,
    SECOND,
    Heard,
    Loopback,
    MemoryOutbox,
    loopback,
    message,
    names,
    ok,
    plain,
    until,
)

QUIET = DeliverySettings(resend=timedelta(hours=1), backoff_first=0.02, backoff_most=0.1)


def nothing(_: datetime) -> list[AlertMessage]:
    return []


@asynccontextmanager
async def delivering(*workers: Worker) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
        assert not any(task.done() for task in tasks), "a worker ended"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def channel(server: Loopback, client: httpx.AsyncClient, timeout_seconds: float = 5.0) -> Alertmanager:
    return Alertmanager(server.url, client, resend=timedelta(minutes=1), timeout_seconds=timeout_seconds)


async def test_a_new_row_is_told_at_once() -> None:
    outbox = MemoryOutbox()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, nothing, QUIET)
        async with delivering(worker):
            await asyncio.sleep(0.05)  # it waits now
            added = datetime.now(UTC)
            outbox.add(there.name, message("a"))
            worker.wake()
            await until(lambda: not outbox.rows, "delivery")
    assert names(server.heard) == [["a"]]
    assert server.heard[0].at - added < timedelta(seconds=0.5)
    assert outbox.told == [("delivered", 1, "")]
    assert worker.counts == {**dict.fromkeys(Outcome, 0), Outcome.DELIVERED: 1}


async def test_rows_left_by_the_last_run_are_told_without_a_wake() -> None:
    outbox = MemoryOutbox()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        outbox.add(there.name, *(message(f"a{n}") for n in range(600)))
        async with delivering(Worker(there, outbox, nothing, QUIET)):
            await until(lambda: not outbox.rows, "delivery")
    assert [len(batch) for batch in names(server.heard)] == [256, 256, 88]
    assert [name for batch in names(server.heard) for name in batch] == [f"a{n}" for n in range(600)]


async def test_two_words_on_one_alert_are_two_requests_in_order() -> None:
    outbox = MemoryOutbox()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        outbox.add(there.name, message("a"), message("b"), message("a", ended=NOON + SECOND), message("c"))
        async with delivering(Worker(there, outbox, nothing, QUIET)):
            await until(lambda: not outbox.rows, "delivery")
    assert names(server.heard) == [["a", "b"], ["a", "c"]]
    assert server.heard[1].body[0]["endsAt"] == "2026-11-21T12:00:01Z"


async def test_a_dead_member_is_outlived_by_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """One refuses the connection, one hangs, one answers 500: the fourth hears at once."""

    async def hang(_: Heard) -> bytes:
        await asyncio.sleep(3600)
        return b""

    async def ill(_: Heard) -> bytes:
        return plain(500, "ill")

    caplog.set_level(logging.WARNING, "standardsd.notify")
    outbox = MemoryOutbox()
    async with loopback() as refusing:
        pass  # its port is closed now
    async with loopback(hang) as hanging, loopback(ill) as sick, loopback() as well, http.client() as client:
        members = [channel(server, client, 0.3) for server in (refusing, hanging, sick, well)]
        workers = [Worker(one, outbox, nothing, QUIET) for one in members]
        async with delivering(*workers):
            await asyncio.sleep(0.05)
            for one in members:
                outbox.add(one.name, message("a"))
            woken = datetime.now(UTC)
            for worker in workers:
                worker.wake()
            await until(lambda: bool(well.heard), "the healthy member's alert")
            assert well.heard[0].at - woken < timedelta(seconds=0.25)  # sooner than any time-out
            await until(lambda: all(worker.failing for worker in workers[:3]), "the failures")
            await until(lambda: len(sick.heard) >= 3, "further tries")
            assert [row.channel for row in outbox.rows] == [one.name for one in members[:3]]
            assert workers[3].failing is None
            # They recover, each by itself, and hear what they missed.
            hanging.answer = sick.answer = ok
            async with loopback(port=refusing.port) as revived:
                await until(lambda: not outbox.rows, "delivery to the revived")
    assert names(revived.heard) == [["a"]]
    assert workers[0].failing is None
    assert all(worker.counts[Outcome.DELIVERED] == 1 for worker in workers)
    assert workers[2].counts[Outcome.RETRIED] == len([1 for told in outbox.told if told[:2] == ("retry", 3)])
    (first,) = [line for line in caplog.messages if line.startswith(f"{members[2].name}: 500")]
    assert "500 from POST /api/v2/alerts: ill, failing since" in first
    assert " UTC (1 try); 1 alert waits; next try" in first
    assert sum("answers again after" in line for line in caplog.messages) == 3


async def test_back_off_doubles_to_its_maximum_with_jitter_and_heeds_the_member() -> None:
    waits: list[float] = []

    class Timed(Worker):
        def _failed(self, posted: Posted, at: datetime, *, waiting: int) -> float:
            waits.append(super()._failed(posted, at, waiting=waiting))
            return 0.0  # what it would have waited is kept, so that the test need not wait

    answers = iter([plain(503), *[plain(500)] * 8, plain(429, "", Retry_After="42"), plain(200)])

    async def answer(_: Heard) -> bytes:
        return next(answers)

    outbox = MemoryOutbox()
    async with loopback(answer) as server, http.client() as client:
        there = channel(server, client)
        settings = DeliverySettings(backoff_first=0.1, backoff_most=5.0, resend=timedelta(hours=1))
        worker = Timed(there, outbox, nothing, settings, chance=random.Random(7))
        outbox.add(there.name, message("a"))
        async with delivering(worker):
            await until(lambda: not outbox.rows, "delivery")
    mosts = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert len(waits) == 10
    assert all(most / 2 <= wait <= most for most, wait in zip(mosts, waits, strict=False))
    assert len({wait / most for most, wait in zip(mosts, waits, strict=False)}) > 5  # jitter
    assert waits[9] == 42.0


async def test_a_refused_row_is_given_up_loudly_and_the_rest_goes(caplog: pytest.LogCaptureFixture) -> None:
    async def answer(heard: Heard) -> bytes:
        bad = any(one["labels"]["alertname"] == "bad" for one in heard.body)
        return plain(400, "invalid label set") if bad else plain(200)

    outbox = MemoryOutbox()
    async with loopback(answer) as server, http.client() as client:
        there = channel(server, client)
        outbox.add(there.name, message("a"), message("bad"), message("b"))
        outbox.add(
            there.name, msgspec.structs.replace(message("c"), labels={"alertname": "c", "no good": "x"})
        )
        outbox.add_bytes(there.name, b"{}", key="damaged")
        outbox.add(there.name, message("d", url="not a link"))
        worker = Worker(there, outbox, nothing, QUIET)
        async with delivering(worker):
            await until(lambda: not outbox.rows, "the end of the outbox")
    gave_up = {row: why for what, row, why in outbox.told if what == "gave_up"}
    assert gave_up == {
        2: "400: invalid label set",
        4: "label name 'no good' is not a name (letters, digits and _ only, no digit first)",
        5: "the row cannot be read: Object missing required field `labels`",
    }
    assert {row for what, row, _ in outbox.told if what == "delivered"} == {1, 3, 6}
    assert worker.counts[Outcome.REFUSED] == 3
    assert worker.counts[Outcome.MENDED] == 1
    assert worker.counts[Outcome.DELIVERED] == 3
    assert f"{there.name}: refused row 2: 400: invalid label set" in caplog.messages


@pytest.mark.parametrize(
    ("age", "given_up"),
    [
        (timedelta(hours=24) - SECOND, False),
        (timedelta(hours=24), True),  # exactly a day old, and failed once more
        (timedelta(hours=24) + SECOND, True),
    ],
)
async def test_a_row_is_given_up_only_after_its_time_and_one_more_try(age: timedelta, given_up: bool) -> None:
    async def ill(_: Heard) -> bytes:
        return plain(500, "ill")

    outbox = MemoryOutbox()
    async with loopback(ill) as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, nothing, QUIET, now=lambda: NOON)
        outbox.add(there.name, message("a"), created=NOON - age)
        async with delivering(worker):
            await until(lambda: bool(outbox.told), "a try")
    what, _, why = outbox.told[0]
    assert (what == "gave_up") is given_up
    assert worker.counts[Outcome.GAVE_UP] == int(given_up)
    assert why.endswith("500 from POST /api/v2/alerts: ill")
    assert len(server.heard) >= 1


async def test_what_stands_is_told_again_every_resend_until_it_stands_no_more() -> None:
    standing = [message("a"), message("b", ended=NOON + SECOND)]
    outbox = MemoryOutbox()
    async with loopback() as server, http.client() as client:
        settings = DeliverySettings(resend=timedelta(seconds=0.05))
        worker = Worker(channel(server, client), outbox, lambda _: standing, settings)
        async with delivering(worker):
            await until(lambda: len(server.heard) >= 4, "re-sends")
            standing.clear()
            count = len(server.heard)
            await asyncio.sleep(0.15)
            assert len(server.heard) <= count + 1
    assert names(server.heard)[:4] == [["a", "b"]] * 4
    assert server.heard[3].at - server.heard[0].at >= timedelta(seconds=0.12)
    assert worker.counts[Outcome.RESENT] == 2 * len(server.heard)
    assert server.connections == 1  # the connection stays warm


async def test_a_resend_never_takes_a_resolve_back() -> None:
    """The snapshot is late: it still says firing though the resolve was delivered."""
    outbox = MemoryOutbox()
    late = [message("a"), message("b")]
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        outbox.add(there.name, message("a"), message("a", ended=NOON + SECOND))
        settings = DeliverySettings(resend=timedelta(seconds=0.05))
        worker = Worker(there, outbox, lambda _: late, settings)
        async with delivering(worker):
            await until(lambda: len(server.heard) >= 4, "re-sends")
            assert names(server.heard)[2:4] == [["b"], ["b"]]
            # Fired anew, it is told again: that is a later word.
            late[0] = message("a", at=NOON + 2 * SECOND)
            await until(lambda: ["a", "b"] in names(server.heard), "the new firing")


async def test_a_transition_goes_between_two_batches_of_a_resend() -> None:
    standing = [message(f"s{n}") for n in range(1000)]
    outbox = MemoryOutbox()
    workers: list[Worker] = []

    async def answer(heard: Heard) -> bytes:
        if len(server.heard) == 1:
            outbox.add(there.name, message("urgent"))
            workers[0].wake()
        return plain(200)

    async with loopback(answer) as server, http.client() as client:
        there = channel(server, client)
        workers.append(Worker(there, outbox, lambda _: standing, QUIET))
        async with delivering(*workers):
            await until(lambda: len(server.heard) >= 5, "the whole round")
    assert [len(batch) for batch in names(server.heard)] == [256, 1, 256, 256, 232]
    assert names(server.heard)[1] == ["urgent"]


async def test_a_refused_standing_alert_does_not_split_every_round(caplog: pytest.LogCaptureFixture) -> None:
    standing = [message("a"), message("bad"), msgspec.structs.replace(message("c"), labels={"no good": "x"})]

    async def answer(heard: Heard) -> bytes:
        return plain(422 if "bad" in names([heard])[0] else 200, "bad")

    async with loopback(answer) as server, http.client() as client:
        settings = DeliverySettings(resend=timedelta(seconds=0.02))
        worker = Worker(channel(server, client), MemoryOutbox(), lambda _: standing, settings)
        async with delivering(worker):
            await until(lambda: len(server.heard) >= 8, "rounds")
    assert names(server.heard)[:3] == [["a", "bad"], ["a"], ["bad"]]
    assert all(batch == ["a"] for batch in names(server.heard)[3:])
    assert worker.counts[Outcome.REFUSED] == 2


async def test_a_refused_alert_is_tried_again_after_its_quarantine() -> None:
    clock = [NOON]

    async def answer(_: Heard) -> bytes:
        return plain(400 if clock[0] == NOON else 200, "a proxy's word")

    async with loopback(answer) as server, http.client() as client:
        settings = DeliverySettings(resend=timedelta(seconds=0.02))
        worker = Worker(
            channel(server, client), MemoryOutbox(), lambda _: [message("a")], settings, now=lambda: clock[0]
        )
        async with delivering(worker):
            await until(lambda: worker.counts[Outcome.REFUSED] == 1, "the refusal")
            clock[0] = NOON + settings.quarantine - timedelta(microseconds=1)
            await asyncio.sleep(0.06)
            assert len(server.heard) == 1
            clock[0] = NOON + settings.quarantine
            await until(lambda: worker.counts[Outcome.RESENT] >= 1, "the new try")


async def test_a_failed_round_is_made_up_for_after_the_back_off() -> None:
    answers = iter([plain(500, "ill")])

    async def answer(_: Heard) -> bytes:
        return next(answers, plain(200))

    async with loopback(answer) as server, http.client() as client:
        worker = Worker(channel(server, client), MemoryOutbox(), lambda _: [message("a")], QUIET)
        async with delivering(worker):
            await until(lambda: worker.counts[Outcome.RESENT] == 1, "the round")
    assert worker.counts[Outcome.RETRIED] == 1
    assert names(server.heard) == [["a"], ["a"]]


async def test_cancelled_in_the_middle_of_a_request_the_row_stays() -> None:
    async def hang(_: Heard) -> bytes:
        await asyncio.sleep(3600)
        return b""

    outbox = MemoryOutbox()
    async with loopback(hang) as server, http.client() as client:
        there = channel(server, client)
        outbox.add(there.name, message("a"))
        async with delivering(Worker(there, outbox, nothing, QUIET)):
            await until(lambda: bool(server.heard), "the request")
    assert [row.id for row in outbox.rows] == [1]
    assert outbox.told == []


class SlowToRead(MemoryOutbox):
    """Reading back takes its time; ``reads`` counts how often somebody began to."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.may_read = asyncio.Event()
        self.may_read.set()

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        self.reads += 1
        await self.may_read.wait()
        return await super().pending(channel, limit)


async def test_what_a_commit_hands_over_is_told_without_reading_it_back() -> None:
    outbox = SlowToRead()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, nothing, QUIET)
        async with delivering(worker):
            await until(lambda: outbox.reads == 1, "the first reading")
            await asyncio.sleep(0.02)
            outbox.may_read.clear()
            worker.wake(outbox.add(there.name, message("a"), message("b"), message("a", ended=NOON + SECOND)))
            await until(lambda: len(server.heard) == 2, "both words")
            assert outbox.told == []  # not marked yet: it has not been read
            outbox.may_read.set()
            await until(lambda: not outbox.rows, "the marks")
            await asyncio.sleep(0.02)
    assert names(server.heard) == [["a", "b"], ["a"]]  # each once
    assert outbox.told == [("delivered", 1, ""), ("delivered", 2, ""), ("delivered", 3, "")]
    assert worker.counts[Outcome.DELIVERED] == 3


async def test_what_is_handed_over_waits_for_what_the_last_run_left() -> None:
    outbox = SlowToRead()
    outbox.may_read.clear()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        outbox.add(there.name, message("a"))
        worker = Worker(there, outbox, nothing, QUIET)
        async with delivering(worker):
            await until(lambda: outbox.reads == 1, "the first reading")
            worker.wake(outbox.add(there.name, message("a", ended=NOON + SECOND)))
            await asyncio.sleep(0.02)
            assert server.heard == []
            outbox.may_read.set()
            await until(lambda: not outbox.rows, "delivery")
    assert [request.body[0]["endsAt"] < "2026-11-21T12:01" for request in server.heard] == [False, True]


async def test_a_worker_that_broke_off_and_runs_again_reads_everything() -> None:
    """The rows it had taken in hand are in the outbox; a later word handed over must not go before them."""

    class Breaks(MemoryOutbox):
        broken = False

        async def delivered(self, rows: Sequence[OutboxRow], at: datetime) -> None:
            if self.broken:
                raise OSError("disk full")
            await super().delivered(rows, at)

    outbox = Breaks()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, nothing, QUIET)
        first = asyncio.create_task(worker.run())
        await asyncio.sleep(0.02)
        outbox.broken = True
        worker.wake(outbox.add(there.name, message("a")))
        with pytest.raises(OSError, match="disk full"):
            await first
        outbox.broken = False
        worker.wake(outbox.add(there.name, message("b"), message("a", ended=NOON + SECOND)))
        async with delivering(worker):
            await until(lambda: not outbox.rows, "delivery")
    words = [(one["labels"]["alertname"], one["endsAt"][:19]) for heard in server.heard for one in heard.body]
    assert [name for name, _ in words] == ["a", "b", "a"]
    assert words[-1] == ("a", "2026-11-21T12:00:01")


async def test_too_much_handed_over_is_read_from_the_outbox_instead() -> None:
    outbox = MemoryOutbox()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, nothing, QUIET)
        async with delivering(worker):
            await asyncio.sleep(0.02)
            worker.wake(outbox.add(there.name, *(message(f"a{n}") for n in range(rows_max + 1))))
            await until(lambda: not outbox.rows, "delivery")
    told = [name for batch in names(server.heard) for name in batch]
    assert told == [f"a{n}" for n in range(rows_max + 1)]
    assert max(len(batch) for batch in names(server.heard)) <= 256


async def test_a_bad_row_handed_over_is_refused_as_if_it_had_been_read() -> None:
    outbox = MemoryOutbox()
    bad = msgspec.structs.replace(message("bad"), labels={"alertname": "bad", "no good": "x"})

    async def answer(heard: Heard) -> bytes:
        return plain(400 if "worse" in names([heard])[0] else 200, "no")

    async with loopback(answer) as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, nothing, QUIET)
        async with delivering(worker):
            await asyncio.sleep(0.02)
            worker.wake(outbox.add(there.name, message("a"), bad, message("b")))
            await until(lambda: not outbox.rows, "the end of the outbox")
            worker.wake(outbox.add(there.name, message("c"), message("worse"), message("d")))
            await until(lambda: not outbox.rows, "the end of the outbox")
    taken = [batch for batch in names(server.heard) if "worse" not in batch]
    assert [name for batch in taken for name in batch] == ["a", "b", "c", "d"]
    assert [(row, why) for what, row, why in outbox.told if what == "gave_up"] == [
        (2, "label name 'no good' is not a name (letters, digits and _ only, no digit first)"),
        (5, "400: no"),
    ]
    assert worker.counts[Outcome.REFUSED] == 2
    assert worker.counts[Outcome.DELIVERED] == 4


async def test_a_row_whose_word_was_said_already_is_marked_and_not_said_again() -> None:
    """The snapshot was quicker than the hand-over: told as standing, it need not be told as new."""
    outbox = MemoryOutbox()
    standing = [message("a")]
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, lambda _: standing, QUIET)
        async with delivering(worker):
            await until(lambda: worker.counts[Outcome.RESENT] == 1, "the round")
            worker.wake(outbox.add(there.name, message("a"), message("a", ended=NOON + SECOND)))
            await until(lambda: not outbox.rows, "the marks")
    assert [request.body[0]["endsAt"] == "2026-11-21T12:00:01Z" for request in server.heard] == [False, True]
    assert [what for what, _, _ in outbox.told] == ["delivered", "delivered"]


async def test_a_resolve_that_stands_never_goes_before_its_firing() -> None:
    """Fired and resolved while the worker reads: the round that follows knows the end already."""
    outbox = SlowToRead()
    standing: list[AlertMessage] = []
    outbox.may_read.clear()
    async with loopback() as server, http.client() as client:
        there = channel(server, client)
        worker = Worker(there, outbox, lambda _: list(standing), QUIET)
        async with delivering(worker):
            await until(lambda: outbox.reads == 1, "the first reading")
            reading = outbox.rows  # nothing, and that is what it will say
            outbox.rows = []
            outbox.may_read.set()
            await asyncio.sleep(0)
            outbox.rows = reading
            rows = outbox.add(there.name, message("a"), message("a", ended=NOON + SECOND))
            standing.append(message("a", ended=NOON + SECOND))
            worker.wake(rows)
            await until(lambda: not outbox.rows, "delivery")
            await until(lambda: worker.counts[Outcome.RESENT] >= 1, "the round")
    ends = [request.body[0]["endsAt"] == "2026-11-21T12:00:01Z" for request in server.heard]
    assert ends[:2] == [False, True]


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_fails_the_last_word_heard_is_the_last_word_said(seed: int) -> None:
    """Random transitions, failures, late snapshots, rows handed over or left to be read: every word is heard,
    each member ends with every alert's last one, and no alert is heard to fire after its own end."""
    chance = random.Random(seed)
    outbox = MemoryOutbox()
    last: dict[str, AlertMessage] = {}
    every: list[AlertMessage] = []

    async def answer(heard: Heard) -> bytes:
        await asyncio.sleep(chance.random() * 0.002)
        return plain(chance.choice([200, 200, 200, 500, 503]))

    def current(_: datetime) -> Sequence[AlertMessage]:
        return [late for late in last.values() if chance.random() < 0.8]

    async with loopback(answer) as server, http.client() as client:
        there = channel(server, client)
        settings = DeliverySettings(resend=timedelta(seconds=0.01), backoff_first=0.001, backoff_most=0.004)
        an_hour_on = NOON + timedelta(hours=1)
        worker = Worker(there, outbox, current, settings, now=lambda: an_hour_on, chance=chance)
        async with delivering(worker):
            for step in range(80):
                name = f"a{chance.randrange(5)}"
                at = NOON + step * SECOND
                before = last.get(name)
                fires = before is not None and before.ends_at is None
                word = message(
                    name, at=before.starts_at if fires and before else at, ended=at if fires else None
                )
                every.append(word)
                rows = outbox.add(there.name, word)
                late = chance.random() < 0.3
                if not late:
                    last[name] = word
                if chance.random() < 0.7:
                    worker.wake(rows)
                else:
                    worker.wake()
                if late:  # the snapshot follows a moment after the commit
                    await asyncio.sleep(chance.random() * 0.01)
                    last[name] = word
                if chance.random() < 0.5:
                    await asyncio.sleep(chance.random() * 0.008)
            server.answer = ok
            await until(lambda: not outbox.rows, "the end of the outbox")
            count = len(server.heard)
            await until(lambda: len(server.heard) >= count + 3, "rounds after it")
    heard: dict[str, list[tuple[str, bool]]] = {}
    for request in server.heard:
        for one in request.body:
            ended = one["endsAt"] < "2026-11-21T13:00"  # firing ones end after the worker's now
            heard.setdefault(one["labels"]["alertname"], []).append((one["startsAt"], ended))
    said: dict[str, list[tuple[str, bool]]] = {}
    for word in every:
        starts_at = word.starts_at.isoformat().replace("+00:00", "Z")
        said.setdefault(word.labels["alertname"], []).append((starts_at, word.ends_at is not None))
    for name, words in said.items():
        assert heard[name] == sorted(heard[name]), f"{name} went back to an older word"
        assert sorted(set(heard[name])) == words, f"of {name} not every word was heard"
