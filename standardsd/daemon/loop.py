"""The one place where time passes: inputs to the judge in one order, decisions to the store.

Every input waits in one queue.  What has queued up is judged in turn and made durable in one
transaction; only then are the sources told.  While the store is in trouble nothing more is
judged, nothing is acknowledged, and the same transaction is tried until it succeeds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import structs

from standardsd.core.judge import Judge
from standardsd.daemon.clock import SteadyClock
from standardsd.daemon.counts import Counts
from standardsd.daemon.failpoints import Failpoint
from standardsd.daemon.slices import in_the_batch, in_the_slice, let_others_in, slices, without
from standardsd.daemon.storing import StoreThread
from standardsd.drivers.base import Batch
from standardsd.model.decision import Decision, Refused
from standardsd.model.snapshot import Snapshot
from standardsd.store.entries import (
    Entry,
    Input,
    Outgoing,
    ReadingsInput,
    RejectedRecord,
    TickInput,
)
from standardsd.store.trouble import StoreTrouble, TooMany

log = logging.getLogger(__name__)

inputs_max = 1_000
"""Batches waiting for the judge; a source that brings one more waits, a POST is answered 503."""

together_max = 100
"""Batches made durable in one transaction: enough to share an fsync, few enough to stay prompt."""

together_readings_max = 500
"""Readings after which no further batch joins the transaction: who comes next waits for no more than this."""

tick_least = timedelta(milliseconds=1)
"""The loop never wakes more often than this for the wall clock."""

look_most = timedelta(seconds=1)
"""The wall clock is looked at this often at least: it may be set forward, and a reload may bring something near."""


@dataclass
class _Waiting:
    batch: Batch
    done: asyncio.Future[Taken]


@dataclass(frozen=True)
class Taken:
    """What became of a batch.  ``duplicate``: its key was known, nothing was done.

    ``refused``: each with its place among the readings of the batch.
    """

    seq: int | None
    refused: tuple[Refused, ...] = ()
    duplicate: bool = False


finish_seconds_max = 0.8
"""At the end: for the turn under way.  One that is not finished by then was never acknowledged."""


class SourceGone(Exception):
    """A reload took the source away while its batch was waiting; nothing was done with it."""


class Ending(Exception):
    """The daemon ends and the store is in trouble: the batch was not made durable, and must be sent again."""


class Teller(Protocol):
    """Who makes messages of decisions."""

    def word(self, decisions: Sequence[Decision]) -> tuple[Sequence[Outgoing], Callable[[], None]]:
        """What must be delivered, and what to call once that is durable.  Changes nothing by itself."""


class JudgeLoop:
    """Runs the judge.  ``version`` grows whenever what can be seen may have changed."""

    def __init__(
        self,
        judge: Judge,
        store: StoreThread,
        clock: SteadyClock,
        *,
        teller: Teller,
        failpoint: Failpoint,
    ) -> None:
        self.judge = judge
        self.counts = Counts()
        self.version = 0
        self.last_seq = 0
        self.sources: frozenset[str] = frozenset()
        self.on_durable: Callable[[Sequence[Outgoing]], None] = lambda _: None
        self._store = store
        self._clock = clock
        self._teller = teller
        self._failpoint = failpoint
        self._inputs: asyncio.Queue[_Waiting] = asyncio.Queue(inputs_max)
        self._changed = asyncio.Condition()
        self._busy = asyncio.Lock()
        self._turning: asyncio.Task[None] | None = None
        self._in_turn: list[_Waiting] = []

    # -- for sources and the web -----------------------------------------------------------------------

    async def accept(self, batch: Batch) -> Taken:
        """Returns when the batch is durable and judged; waits its turn.  Raises SourceGone, Ending."""
        waiting = _Waiting(batch, asyncio.get_running_loop().create_future())
        await self._inputs.put(waiting)
        return await waiting.done

    def accept_now(self, batch: Batch) -> asyncio.Future[Taken]:
        """The same, without waiting for a place.  Raises asyncio.QueueFull."""
        waiting = _Waiting(batch, asyncio.get_running_loop().create_future())
        self._inputs.put_nowait(waiting)
        return waiting.done

    @property
    def trouble(self) -> StoreTrouble | None:
        """Of the store, while nothing can be acknowledged."""
        return self._store.trouble

    def snapshot(self) -> Snapshot:
        return self.judge.snapshot()

    async def changed(self, since: int) -> int:
        """The version now if it is not ``since``, else the next one."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.version != since)
            return self.version

    # -- the loop --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled; a transaction under way is finished first."""
        while True:
            together = await self._next()
            self._turning = asyncio.create_task(self._turn(together))
            await asyncio.shield(self._turning)

    async def finish(self) -> bool:
        """After ``run`` was cancelled: the turn under way, then what is still waiting, judged and durable.

        False when that does not come to its end within ``finish_seconds_max``.
        """
        if self._turning is not None:
            await asyncio.wait({self._turning}, timeout=finish_seconds_max)
            if not self._turning.done():
                self._turning.cancel()
                await asyncio.wait({self._turning}, timeout=finish_seconds_max)
                why = "while the store was in trouble" if self.trouble else "in the middle of a transaction"
                log.error("ended %s; what was not acknowledged is to be sent again", why)
                return False
            self._turning.result()
        while together := self._waiting_now():
            await self._turn(together)
        return True

    def give_up(self) -> None:
        """Tells everybody who waits that nothing was taken; what is judged meanwhile is no promise to them."""
        gone = [self._inputs.get_nowait() for _ in range(self._inputs.qsize())]
        for waiting in (*self._in_turn, *gone):
            if not waiting.done.done():
                waiting.done.set_exception(Ending)

    async def adopt(
        self, change: Callable[[datetime], tuple[list[Decision], Input]], sources: Iterable[str]
    ) -> None:
        """Takes new rules between two turns: ``change(now)`` changes the judge and says what to journal.

        From then on only ``sources`` are heard: one that went must not come back by a batch that was waiting.
        """
        async with self._busy:
            now = self._clock.now()
            decisions, journalled = change(now)
            self.sources = frozenset(sources)
            await self._make_durable([Entry(now, journalled, decisions)])
        await self._say_changed()

    async def between_turns(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs ``work`` while the judge stands still and all it has heard is durable."""
        async with self._busy:
            await work()

    async def _next(self) -> list[_Waiting]:
        """What is waiting, or nothing when the wall clock has something to decide."""
        while True:
            wakeup = self.judge.next_wakeup()
            now = self._clock.now()
            until = look_most if wakeup is None else min(max(wakeup - now, tick_least), look_most)
            try:
                async with asyncio.timeout(until.total_seconds()):
                    first = await self._inputs.get()
                return [first, *self._waiting_now(together_max - 1, beside=len(first.batch.readings))]
            except TimeoutError:
                wakeup = self.judge.next_wakeup()
                if wakeup is not None and wakeup <= self._clock.now():
                    return []

    def _waiting_now(self, most: int = together_max, *, beside: int = 0) -> list[_Waiting]:
        """Up to ``most`` of what waits, as long as all together, and ``beside``, have not too many readings."""
        found: list[_Waiting] = []
        while len(found) < most and beside < together_readings_max and not self._inputs.empty():
            found.append(self._inputs.get_nowait())
            beside += len(found[-1].batch.readings)
        return found

    async def _turn(self, together: list[_Waiting]) -> None:
        async with self._busy:
            self._in_turn = together
            await self._judge_and_keep(together)
            self._in_turn = []
        await self._say_changed()

    async def _judge_and_keep(self, together: list[_Waiting]) -> None:
        entries: list[Entry] = []
        answers: list[tuple[_Waiting, int | None, Taken]] = []
        keys: set[tuple[str, str]] = set()
        for waiting in together:
            self._failpoint.reach("received")
            batch = waiting.batch
            if batch.source not in self.sources:
                if not waiting.done.done():
                    waiting.done.set_exception(SourceGone(batch.source))
                continue
            if await self._known_key(batch, keys):
                answers.append((waiting, None, Taken(None, duplicate=True)))
                continue
            refused: list[Refused] = []
            began = 0
            for part in slices(batch):
                entry, not_taken = await self._judged(part)
                entries.append(entry)
                refused += in_the_batch(not_taken, began)
                began += len(part.readings)
                await let_others_in()
            answers.append((waiting, len(entries) - 1, Taken(None, tuple(refused))))
        now = self._clock.now()
        decisions: list[Decision] = list(self.judge.tick(now))
        if decisions:
            entries.append(Entry(now, TickInput(), decisions))
        self._failpoint.reach("judged")
        seqs = await self._make_durable(entries)
        self._failpoint.reach("committed")
        for waiting, place, taken in answers:
            if not waiting.done.done():
                seq = None if place is None else seqs[place]
                waiting.done.set_result(Taken(seq, taken.refused, taken.duplicate))
        if together:
            self._failpoint.reach("acknowledged")

    async def _known_key(self, batch: Batch, keys: set[tuple[str, str]]) -> bool:
        if batch.key is None:
            return False
        if (batch.source, batch.key) in keys:
            return True
        keys.add((batch.source, batch.key))
        return await self._store.in_the_end(self._store.store.seen_key, batch.source, batch.key) is not None

    async def _judged(self, batch: Batch) -> tuple[Entry, list[Refused]]:
        count = len(batch.readings)
        # First the clock, then what left memory by it: an interaction that `receive` let go of must be brought back.
        now = self._clock.now()
        said: list[Decision | Refused] = [*self.judge.tick(now)]
        batch, too_many = await self._bring_back(batch, now)
        said += self.judge.receive(batch.readings, now)
        refused = tuple(line for line in said if isinstance(line, Refused))
        decisions = [line for line in said if not isinstance(line, Refused)]
        self.counts.take(batch, refused)
        journalled = ReadingsInput(
            source=batch.source,
            readings=batch.readings,
            cursor=batch.cursor,
            key=batch.key,
            rejected=tuple(RejectedRecord(r.reason, r.place, r.what) for r in batch.rejected),
            refused=tuple(line.place for line in refused if line.place is not None),
        )
        return Entry(now, journalled, [*decisions, *refused]), in_the_slice(refused, too_many, count)

    async def _bring_back(self, batch: Batch, now: datetime) -> tuple[Batch, list[Refused]]:
        """Interactions that left memory come back from the store before they are spoken of again.

        Of one too long to come back nothing more is judged: without its past it would be judged wrongly.  The
        batch without its readings, and these as refused.
        """
        missing = self.judge.missing(batch.readings)
        too_long: dict[tuple[str, str], str] = {}
        for kind, interaction in sorted(await self._known(missing)):
            try:
                history = await self._store.in_the_end(self._store.store.history, kind, interaction)
                said = await self._store.in_the_end(self._store.store.said, kind, interaction)
            except TooMany as trouble:
                log.error("%s: its readings are not judged: %s", batch.source, trouble)
                too_long[kind, interaction] = trouble.what
                continue
            self.judge.recall(kind, interaction, history, said)
        return without(batch, too_long, now) if too_long else (batch, [])

    async def _known(self, missing: set[tuple[str, str]]) -> set[tuple[str, str]]:
        return await self._store.in_the_end(self._store.store.known, missing) if missing else set()

    async def _make_durable(self, entries: list[Entry]) -> list[int]:
        """What the judge has heard must not be forgotten by the disk."""
        if not entries:
            return []
        decisions = [line for e in entries for line in e.decisions if not isinstance(line, Refused)]
        self.counts.decide(decisions, self._clock.now())
        outgoing, keep = self._teller.word(decisions)
        entries[-1] = structs.replace(entries[-1], outbox=outgoing)
        seqs = await self._store.in_the_end(self._store.store.commit, entries)
        self.last_seq = seqs[-1]
        keep()
        if outgoing:
            self.on_durable(outgoing)
        return seqs

    async def _say_changed(self) -> None:
        async with self._changed:
            self.version += 1
            self._changed.notify_all()
