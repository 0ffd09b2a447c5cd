"""When the judge's state is written down, and when that is not worth the wait.

A checkpoint is a cache: a start without one reads more of the journal and comes to the same.  While one
is made the judge stands still and nobody is answered; at the end, moreover, everybody waits for us.
"""

from __future__ import annotations

import logging
import time

from standardsd.daemon import recovery
from standardsd.daemon.collecting import not_collecting
from standardsd.daemon.loop import JudgeLoop
from standardsd.daemon.storing import StoreThread
from standardsd.daemon.telling import Words
from standardsd.language.spoken import counted
from standardsd.store.trouble import StoreTrouble

log = logging.getLogger(__name__)

end_seconds_max = 0.5
"""One that would stop us for longer is not made at the end: we are to be gone within two seconds, all in all."""

open_seconds = 2e-6
"""What an open promise adds to one, about, where none was made yet to measure: 0.35 s at 200,000."""


class Checkpoints:
    """Writes checkpoints of one loop.  ``rules_hash``: of the rules in force."""

    def __init__(self, loop: JudgeLoop, store: StoreThread, words: Words, *, written: int) -> None:
        """``written``: the last input that is in the checkpoint we started from; 0 without one."""
        self.rules_hash = ""
        self._loop = loop
        self._store = store
        self._words = words
        self._written = (written, "")
        self._seconds: float | None = None

    async def write(self) -> None:
        """Failing to write one loses nothing."""
        try:
            await self._loop.between_turns(self._write)
        except StoreTrouble as trouble:
            log.warning("no checkpoint was written: %s", trouble)

    async def write_at_the_end(self) -> None:
        """Unless nothing is new since the last one, or it would make the end long."""
        if self._written == (self._loop.last_seq, self.rules_hash):
            return
        seconds = self._expected()
        if seconds > end_seconds_max:
            read_again = counted(self._loop.last_seq - self._written[0], "input")
            log.info(
                "no checkpoint at the end, it would take %.1f s: the next start reads %s", seconds, read_again
            )
            return
        await self.write()

    def _expected(self) -> float:
        if self._seconds is not None:
            return self._seconds
        groups = self._loop.snapshot().groups
        return open_seconds * sum(group.open + group.breached_open for group in groups)

    async def _write(self) -> None:
        began, seq = time.monotonic(), self._loop.last_seq
        with not_collecting():
            blob = recovery.checkpoint(self._loop.judge, self._words.alerts)
        self._seconds = time.monotonic() - began
        await self._store.call(recovery.save, self._store.store, blob, self.rules_hash, seq)
        self._written = (seq, self.rules_hash)
