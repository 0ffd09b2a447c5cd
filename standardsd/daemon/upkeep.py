"""Work that comes again: checkpoints, pruning, counting.

APScheduler waits by the wall clock, so one that is set back by an hour would leave the
work undone for an hour.  A look every few seconds, by the monotonic clock, notices that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from standardsd.daemon.clock import STEP

log = logging.getLogger(__name__)

logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells every run of every job

look_seconds = 5.0


def _wall() -> datetime:
    return datetime.now(UTC)


class Upkeep:
    """Each work runs ``seconds`` after the start, and so on; never two of the same at once."""

    def __init__(self, wall: Callable[[], datetime] = _wall) -> None:
        self._wall = wall
        self._last = wall()
        self._seconds: dict[str, float] = {}
        self._looking: asyncio.Task[None] | None = None
        self.scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        job = self.scheduler.add_job(work, "interval", seconds=seconds)
        self._seconds[job.id] = seconds

    def start(self) -> None:
        self.scheduler.start()
        self._looking = asyncio.create_task(self._look_again(), name="upkeep")

    def stop(self) -> None:
        """Nothing begins any more; what runs is not waited for."""
        if self._looking is not None:
            self._looking.cancel()
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)

    def look(self) -> None:
        """Begins all waiting anew if the wall clock was set back by more than a second since the last look."""
        wall = self._wall()
        if wall < self._last - STEP:
            for job, seconds in self._seconds.items():
                self.scheduler.reschedule_job(job, trigger="interval", seconds=seconds)
            log.warning("the wall clock was set back; upkeep goes on from now")
        self._last = wall

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(look_seconds)
            self.look()
