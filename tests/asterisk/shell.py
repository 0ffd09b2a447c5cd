"""A daemon for one driver: what is handed over is kept, and the judge is a list."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from standardsd.drivers.ami import AmiDriver
from standardsd.drivers.base import Batch, DriverSetup, Trouble
from standardsd.model.reading import Reading, Watermark
from tests.asterisk.recorded import definition


class KeepingShell:
    """``slow``: seconds that each batch takes to be judged."""

    def __init__(self, cursor: bytes | None = None, *, slow: float = 0.0) -> None:
        self.batches: list[Batch] = []
        self.troubles: list[Trouble] = []
        self.ups = 0
        self.offsets: list[float] = []
        self.due: datetime | None = None
        self.changed = asyncio.Event()
        self._cursor = cursor
        self._slow = slow
        self._news = asyncio.Event()

    @property
    def readings(self) -> list[Reading]:
        return [reading for batch in self.batches for reading in batch.readings]

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def accept(self, batch: Batch) -> None:
        if self._slow:
            await asyncio.sleep(self._slow)
        self.batches.append(batch)
        if batch.cursor is not None:
            self._cursor = batch.cursor
        self._news.set()

    def cursor(self) -> bytes | None:
        return self._cursor

    def next_due(self) -> datetime | None:
        return self.due

    async def due_changed(self) -> None:
        await self.changed.wait()
        self.changed.clear()

    def up(self) -> None:
        self.ups += 1
        self._news.set()

    def down(self, trouble: Trouble) -> None:
        self.troubles.append(trouble)
        self._news.set()

    def measured(
        self, *, clock_offset_seconds: float | None = None, poll_seconds: float | None = None
    ) -> None:
        if clock_offset_seconds is not None:
            self.offsets.append(clock_offset_seconds)

    async def until(self, met: Any, seconds: float = 20.0) -> None:
        """Until ``met(self)`` holds; fails after ``seconds``."""
        async with asyncio.timeout(seconds):
            while not met(self):
                self._news.clear()
                await self._news.wait()

    def proven(self) -> datetime | None:
        return max((r.at for r in self.readings if isinstance(r, Watermark)), default=None)


class Sleeps:
    """Instead of waiting: writes down for how long the driver would have, and lets others go first."""

    def __init__(self, give_up_after: int = 1000) -> None:
        self.seconds: list[float] = []
        self._give_up_after = give_up_after

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) >= self._give_up_after:
            await asyncio.Event().wait()
        await asyncio.sleep(0.01)


def driver(on: int, sleeps: Sleeps | None = None, source: str = "pbx", **settings: object) -> AmiDriver:
    given = {"host": "127.0.0.1", "port": str(on), "username": "standardsd", "secret": "quiet", **settings}
    setup = DriverSetup(source, given, {"site": "grand"})
    return AmiDriver(definition(), setup, sleep=sleeps or Sleeps(), uniform=lambda low, high: low)
