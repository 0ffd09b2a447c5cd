"""A checkpoint is a cache: written when it is worth it, and never what an end waits for."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from standardsd.core.checkpoint import FORMAT
from standardsd.core.judge import Judge, JudgeSettings
from standardsd.daemon import checkpoints
from standardsd.daemon.checkpoints import Checkpoints
from standardsd.daemon.clock import SteadyClock
from standardsd.daemon.collecting import not_collecting
from standardsd.daemon.failpoints import Failpoint
from standardsd.daemon.loop import JudgeLoop
from standardsd.daemon.slices import slice_readings_max
from standardsd.daemon.storing import StoreThread, open_store
from standardsd.daemon.telling import Words
from standardsd.drivers.base import Batch
from standardsd.language.rules import load_rules
from standardsd.model.reading import Event
from standardsd.model.source import Source
from standardsd.notify.current import CurrentAlerts

RULES = b"""\
version: 1
set: door
standards:
  - id: greet
    title: Arriving guests are greeted within an hour
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 1h}
"""
LOADED = load_rules([("rules.yaml", RULES)], ("UTC",)).book
assert LOADED is not None
HASH = LOADED.hash


class Desk:
    """A loop over a real store, its checkpoints, and what one can do to them."""

    def __init__(self, data: Path) -> None:
        assert LOADED is not None
        self.store = StoreThread(open_store(data))
        judge = Judge(LOADED, [Source("kiosk")], JudgeSettings())
        words = Words(CurrentAlerts(LOADED.standards, (), "http://127.0.0.1"), judge)
        self.loop = JudgeLoop(judge, self.store, SteadyClock(), teller=words, failpoint=Failpoint(None))
        self.loop.sources = frozenset({"kiosk"})
        self.checkpoints = Checkpoints(self.loop, self.store, words, written=0)
        self.checkpoints.rules_hash = HASH
        self._arrived = 0

    async def arrive(self, count: int) -> None:
        """So many guests arrive and wait, in one batch that is judged and durable."""
        now = datetime.now(UTC)
        numbers = range(self._arrived, self._arrived + count)
        self._arrived += count
        self.loop.accept_now(
            Batch("kiosk", tuple(Event("kiosk", "visit", f"v{n}", "arrived", now) for n in numbers))
        )
        assert await self.loop.finish()

    def kept(self) -> int | None:
        """The input up to which the newest checkpoint goes; None without one."""
        found = self.store.store.checkpoint(format=FORMAT, rules_hash=HASH)
        return None if found is None else found[1]


@asynccontextmanager
async def desk(data: Path) -> AsyncIterator[Desk]:
    one = Desk(data)
    try:
        yield one
    finally:
        one.store.close()


async def test_at_the_end_one_is_written_when_there_is_something_new(tmp_path: Path) -> None:
    async with desk(tmp_path) as one:
        await one.arrive(10)
        await one.checkpoints.write_at_the_end()
        assert one.kept() == one.loop.last_seq > 0


async def test_at_the_end_none_is_written_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with desk(tmp_path) as one:
        await one.arrive(10)
        await one.checkpoints.write()
        before = rows(one)
        await one.checkpoints.write_at_the_end()
        assert rows(one) == before
        # Other rules are something new, though no reading came.
        one.checkpoints.rules_hash = "sha256:11"
        await one.checkpoints.write_at_the_end()
        assert rows(one) == before + 1


def rows(one: Desk) -> int:
    """Checkpoints in the file, of any rules."""
    hashes = (HASH, "sha256:11")
    return sum(one.store.store.checkpoint(format=FORMAT, rules_hash=h) is not None for h in hashes)


async def test_at_the_end_one_that_would_take_long_is_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    async with desk(tmp_path) as one:
        await one.arrive(5 * slice_readings_max)
        # A thousand promises that cost as much as half a million, and a bit.
        monkeypatch.setattr(checkpoints, "open_seconds", 0.001)
        await one.checkpoints.write_at_the_end()
        assert one.kept() is None
        assert "no checkpoint at the end, it would take 1.0 s: the next start reads 5 inputs" in caplog.text
        # What the last one really took counts more than what it might.
        await one.checkpoints.write()
        first = one.kept()
        await one.arrive(1)
        await one.checkpoints.write_at_the_end()
        assert (one.kept(), first) == (one.loop.last_seq, one.loop.last_seq - 1)


async def test_while_one_is_made_nobody_looks_for_garbage(tmp_path: Path) -> None:
    """Among 200,000 new objects the collector multiplied the time tenfold, and nobody was answered meanwhile."""
    collected: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            collected.append(info["generation"])

    async with desk(tmp_path) as one:
        await one.arrive(2_000)
        before = gc.get_threshold()
        gc.set_threshold(100)
        gc.callbacks.append(note)
        try:
            with not_collecting():
                assert not gc.isenabled()
                collected.clear()  # the way in makes objects, too
                one.loop.judge.dump()
            assert collected == []
            one.loop.judge.dump()
            assert collected, "left to itself it would have looked"
        finally:
            gc.callbacks.remove(note)
            gc.set_threshold(*before)
        assert gc.isenabled()
        await one.checkpoints.write()
        assert one.kept() == one.loop.last_seq
