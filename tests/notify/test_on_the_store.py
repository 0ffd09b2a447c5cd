"""The worker on the real store: rows written with their input are told, marked, and told once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from standardsd.daemon.failpoints import Failpoint
from standardsd.daemon.loop import StoreThread
from standardsd.daemon.telling import StoreOutbox
from standardsd.notify import http
from standardsd.notify.alertmanager import Alertmanager
from standardsd.notify.outbox import DeliverySettings, Outcome
from standardsd.notify.worker import Worker
from standardsd.store.entries import Entry, TickInput
from standardsd.store.store import Store
from tests.notify.parts import NOON, SECOND, Heard, loopback, message, names, ok, outgoing, plain, until


async def test_what_the_transaction_kept_is_told_marked_and_never_told_again(
    tmp_path: Path,
) -> None:
    async def ill_once(_: Heard) -> bytes:
        server.answer = ok
        return plain(503, "not yet")

    store = Store.open(tmp_path / "s.sqlite")
    thread = StoreThread(store)
    async with loopback(ill_once) as server, http.client() as client:
        channel = Alertmanager(server.url, client, resend=timedelta(minutes=1))
        settings = DeliverySettings(resend=timedelta(hours=1), backoff_first=0.01)
        worker = Worker(channel, StoreOutbox(thread, Failpoint(None)), lambda _: [], settings)
        bad = message("bad", **{"no good": "x"})
        words = [message("a"), message("a", ended=NOON + SECOND), bad]
        rows = outgoing(words, [channel.name, "alertmanager/elsewhere"])
        entry = Entry(datetime.now(UTC), TickInput(), (), rows)
        task = asyncio.create_task(worker.run())
        await thread.call(store.commit, [entry, entry])  # the same again, as after a crash
        worker.wake()
        await until(lambda: len(server.heard) >= 3 and worker.counts[Outcome.DELIVERED] == 2, "delivery")
        pending, given_up = await thread.call(store.pending), await thread.call(store.given_up)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        thread.close()
    assert names(server.heard) == [["a"], ["a"], ["a"]]  # 503, fired, ended
    assert pending == {"alertmanager/elsewhere": 3}
    assert given_up == {channel.name: 1}
    assert worker.counts[Outcome.RETRIED] == 1
