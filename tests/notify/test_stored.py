"""The worker on the real store: rows written with their input are told, marked, and told once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from standardsd.notify import http
from standardsd.notify.alertmanager import Alertmanager
from standardsd.notify.outbox import DeliverySettings, Outcome
from standardsd.notify.stored import OnItsThread, StoredOutbox, outgoing
from standardsd.notify.worker import Worker
from standardsd.store.entries import Entry, TickInput
from standardsd.store.store import Store
from tests.notify.parts import NOON, SECOND, Heard, loopback, message, names, ok, plain, until

T = TypeVar("T")


@pytest.fixture
def its_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


def runner(thread: ThreadPoolExecutor) -> OnItsThread:
    def run(call: Callable[[], T], /) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(thread, call)

    return run


async def test_what_the_transaction_kept_is_told_marked_and_never_told_again(
    tmp_path: Path, its_thread: ThreadPoolExecutor
) -> None:
    async def ill_once(_: Heard) -> bytes:
        server.answer = ok
        return plain(503, "not yet")

    there = runner(its_thread)
    store = await there(lambda: Store.open(tmp_path / "s.sqlite"))
    async with loopback(ill_once) as server, http.client() as client:
        channel = Alertmanager(server.url, client, resend=timedelta(minutes=1))
        settings = DeliverySettings(resend=timedelta(hours=1), backoff_first=0.01)
        worker = Worker(channel, StoredOutbox(store, there), lambda _: [], settings)
        bad = message("bad", **{"no good": "x"})
        words = [message("a"), message("a", ended=NOON + SECOND), bad]
        rows = outgoing(words, [channel.name, "alertmanager/elsewhere"])
        entry = Entry(datetime.now(UTC), TickInput(), (), rows)
        task = asyncio.create_task(worker.run())
        await there(lambda: store.commit([entry, entry]))  # the same again, as after a crash
        worker.wake()
        await until(lambda: len(server.heard) >= 3 and worker.counts[Outcome.DELIVERED] == 2, "delivery")
        pending, given_up = await there(store.pending), await there(store.given_up)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await there(store.close)
    assert names(server.heard) == [["a"], ["a"], ["a"]]  # 503, fired, ended
    assert pending == {"alertmanager/elsewhere": 3}
    assert given_up == {channel.name: 1}
    assert worker.counts[Outcome.RETRIED] == 1
