"""Running sources: one task each, with the shell that its driver sees."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from standardsd.core.judge import Judge
from standardsd.core.known import sources_needed
from standardsd.core.sight import Sources as Sight
from standardsd.daemon.clock import SteadyClock
from standardsd.daemon.compose import ComposedSource
from standardsd.daemon.labelling import Labeller
from standardsd.daemon.loop import Ending, JudgeLoop
from standardsd.daemon.troubles import answers_again, sentence
from standardsd.drivers.base import Batch, Driver, Shell, Trouble
from standardsd.model.decision import Refused
from standardsd.model.reading import Watermark
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from standardsd.web.desk import RejectedLine

log = logging.getLogger(__name__)

restart_pause = 5.0
"""Seconds before a driver that failed by our own mistake is started again."""

look_most = 0.5
"""Seconds after which ``due_changed`` returns at the latest; a new due instant is never missed for longer."""


mark_every = timedelta(seconds=5)
"""Between two watermarks that nobody waits for: they show how far a source is seen, and what comes too late."""


@dataclass
class Health:
    """What is shown of a source besides its watermark.  ``up`` None: not tried yet."""

    up: bool | None = None
    trouble: Trouble | None = None
    clock_offset_seconds: float | None = None
    poll_seconds: float | None = None


class SourceShell:
    """The ``drivers.base.Shell`` of one source."""

    def __init__(
        self,
        name: str,
        loop: JudgeLoop,
        clock: SteadyClock,
        cursor: bytes | None,
        labeller: Labeller,
        standards: Callable[[], int],
    ) -> None:
        """``standards``: how many cannot be judged without it, by the rules in force."""
        self.name = name
        self.health = Health()
        self._loop = loop
        self._clock = clock
        self._cursor = cursor
        self._labeller = labeller
        self._standards = standards

    def now(self) -> datetime:
        return self._clock.now()

    async def accept(self, batch: Batch) -> None:
        assert batch.source == self.name, f"{self.name} spoke for {batch.source}"
        taken = await self._loop.accept(replace(batch, readings=self._labeller(batch.readings)))
        if batch.rejected or taken.refused:
            self._remember(batch, taken.refused)
        if batch.cursor is not None:
            self._cursor = batch.cursor

    def _remember(self, batch: Batch, refused: Sequence[Refused]) -> None:
        """For the source's page and the log; a reading that was refused is found by its instant."""
        now = self.now()
        lines = [RejectedLine(now, one.reason, one.place, one.what) for one in batch.rejected]
        lines += [RejectedLine(now, one.reason, f"reading {one.place}", one.what) for one in refused]
        self._loop.counts.last_rejected.take(self.name, lines, Counter(line.reason for line in lines))

    def cursor(self) -> bytes | None:
        return self._cursor

    def next_due(self) -> datetime | None:
        return self._loop.judge.next_due(self.name)

    async def due_changed(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(look_most):
                await self._loop.changed(self._loop.version)

    def up(self) -> None:
        if self.health.trouble is not None:
            log.warning("%s", answers_again(self.name, self.health.trouble, self.now()))
        self.health.up, self.health.trouble = True, None

    def down(self, trouble: Trouble) -> None:
        self.health.up, self.health.trouble = False, trouble
        log.warning("%s", sentence(self.name, trouble, standards=self._standards()))

    def measured(
        self, *, clock_offset_seconds: float | None = None, poll_seconds: float | None = None
    ) -> None:
        if clock_offset_seconds is not None:
            self.health.clock_offset_seconds = clock_offset_seconds
        if poll_seconds is not None:
            self.health.poll_seconds = poll_seconds


def _depending(source: Source, book: RuleBook) -> int:
    """Standards that are unknown without it, as the judge decides that."""
    alone = Sight([source])
    return sum(bool(sources_needed(standard, (), alone, book)) for standard in book.standards)


class ReceiptWatermarks:
    """A driver for a source whose watermark is ours to make: the wall clock less a declared delay.

    Said when one is waited for (a due instant plus the delay), when the source is first heard of, and
    every ``mark_every``, as long as anything was heard of it within ``max_silence``; a source that went
    silent proves nothing.
    """

    def __init__(
        self, name: str, *, delay: timedelta, max_silence: timedelta, judge: Callable[[], Judge]
    ) -> None:
        self._name = name
        self._delay = delay
        self._max_silence = max_silence
        self._judge = judge
        self._said: datetime | None = None

    async def run(self, shell: Shell) -> None:
        while True:
            due = shell.next_due()
            now = shell.now()
            waited_for = due is not None and now >= due + self._delay
            if (waited_for or self._is_time(now)) and self._alive(now):
                await shell.accept(Batch(self._name, (Watermark(self._name, now - self._delay),)))
                self._said = now
                continue
            seconds = look_most if due is None else (due + self._delay - now).total_seconds()
            if seconds > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(seconds, look_most)):
                        await shell.due_changed()
            else:
                await asyncio.sleep(look_most)

    def _is_time(self, now: datetime) -> bool:
        return self._said is None or now - self._said >= mark_every

    def _alive(self, now: datetime) -> bool:
        heard = self._judge().heard(self._name)
        return heard is not None and now - heard <= self._max_silence


@dataclass
class Running:
    shell: SourceShell
    task: asyncio.Task[None]
    made_from: object


class Sources:
    """Starts and stops the drivers; a reload touches only those whose configuration changed."""

    def __init__(self) -> None:
        self.running: dict[str, Running] = {}
        self.labellers: dict[str, Labeller] = {}
        self.standards: dict[str, int] = {}

    def adopt(self, sources: Sequence[ComposedSource], book: RuleBook) -> None:
        """The labels of these sources from now on, and how many standards of the book hang on each.

        One whose labels stay goes on counting.
        """
        self.standards = {source.spec.name: _depending(source.spec, book) for source in sources}
        wanted = {s.spec.name: Labeller(s.spec.name, s.config.labels, s.config.map) for s in sources}
        for name, labeller in wanted.items():
            known = self.labellers.get(name)
            if known is not None and known.same(labeller):
                wanted[name] = known
        self.labellers = wanted

    def start(self, name: str, driver: Driver, shell: SourceShell, made_from: object) -> None:
        task = asyncio.create_task(self._run(name, driver, shell), name=f"source {name}")
        self.running[name] = Running(shell, task, made_from)

    async def stop(self, name: str) -> None:
        running = self.running.pop(name)
        running.task.cancel()
        await asyncio.gather(running.task, return_exceptions=True)

    async def stop_all(self) -> None:
        for running in self.running.values():
            running.task.cancel()
        await asyncio.gather(*(r.task for r in self.running.values()), return_exceptions=True)
        self.running.clear()

    async def _run(self, name: str, driver: Driver, shell: SourceShell) -> None:
        """A driver that ends or raises is our own mistake: told with its traceback, and started again."""
        while True:
            try:
                await driver.run(shell)
                log.error("%s: the driver ended; starting it again in %s s", name, restart_pause)
            except Ending:  # not taken and not acknowledged: it comes again after the next start
                return
            except Exception:  # whatever it is, the other sources go on
                log.exception("%s: the driver failed; starting it again in %s s", name, restart_pause)
            await asyncio.sleep(restart_pause)
