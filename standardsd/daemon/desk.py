"""What the web sees of the daemon: ``web.desk.Desk`` over the loop, and the figures for a scrape."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from standardsd.daemon.clock import SteadyClock
from standardsd.daemon.compose import Composed
from standardsd.daemon.loop import Ending, JudgeLoop, SourceGone
from standardsd.daemon.recent import RecentBreaches
from standardsd.daemon.sources import Sources
from standardsd.daemon.telling import Channels
from standardsd.drivers.base import Batch
from standardsd.language.speech import Words
from standardsd.metrics.exposition import Exposition
from standardsd.metrics.figures import DaemonFigures, SourceFigures
from standardsd.model.config import PUSH, Site, Token
from standardsd.model.decision import CaseDecision, Episode
from standardsd.model.reading import Reading
from standardsd.model.snapshot import Snapshot
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from standardsd.web.desk import Busy, Failing, IngestResult, RejectedLine, SourceFacts

retry_after_seconds = 1.0
"""What a sender is told when the judge is behind: it catches up within about this."""


@dataclass
class Reloads:
    """What became of the last reload; ``at``: when what is in force was loaded."""

    success: bool
    at: datetime

    def done(self, at: datetime) -> None:
        self.success, self.at = True, at

    def refused(self) -> None:
        self.success = False


class DaemonDesk:
    """See ``web.desk.Desk`` for what each method promises."""

    def __init__(
        self,
        loop: JudgeLoop,
        clock: SteadyClock,
        sources: Sources,
        channels: Channels,
        reloads: Reloads,
        composed: Composed,
        recent: RecentBreaches,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._sources = sources
        self._channels = channels
        self._reloads = reloads
        self._recent = recent
        self._exposition = Exposition()
        self.adopt(composed)

    def adopt(self, composed: Composed) -> None:
        """A reload counts at the next request."""
        self._composed = composed
        self._words = composed.words
        self._sites = {site.name: site for site in composed.config.sites}
        self._configured = {source.spec.name: source for source in composed.running}
        self._pushed = {s.spec.name: s.spec for s in composed.running if s.config.use == PUSH}

    # -- looking ---------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self._clock.now()

    def snapshot(self) -> Snapshot:
        return self._loop.snapshot()

    async def changed(self, since: int) -> int:
        return await self._loop.changed(since)

    def book(self) -> RuleBook:
        return self._composed.book

    def words(self) -> Words:
        return self._words

    def sites(self) -> Mapping[str, Site]:
        return self._sites

    def tokens(self) -> Sequence[Token]:
        return self._composed.config.tokens

    def pushed_sources(self) -> Mapping[str, Source]:
        return self._pushed

    def source(self, name: str) -> SourceFacts | None:
        configured = self._configured.get(name)
        last = self._loop.counts.last_rejected.last(name)
        if configured is None:  # yet lines that name no source we know are counted under a name of their own
            return SourceFacts(Source(name), "", self._source(name), rejected=last) if last else None
        running = self._sources.running.get(name)
        trouble = None if running is None else running.shell.health.trouble
        failing = None
        if trouble is not None:
            failing = Failing(
                trouble.doing, trouble.error, trouble.since, trouble.attempts, trouble.next_try, trouble.fix
            )
        return SourceFacts(configured.spec, configured.config.use, self._source(name), failing, last)

    def breaches(self, standard: str) -> Sequence[CaseDecision]:
        return self._recent.of(standard)

    def episodes(self, standard: str) -> Sequence[Episode]:
        return self._recent.episodes.of(standard)

    def ready(self) -> list[str]:
        trouble = self._loop.trouble
        return [] if trouble is None else [f"the store is in trouble: {trouble.what}"]

    def metrics(self, accept: str) -> tuple[str, bytes]:
        exposed = self._exposition.render(self.snapshot(), self._composed.book, self.figures(), accept)
        return exposed.content_type, exposed.body

    # -- taking in -------------------------------------------------------------------------------------

    async def ingest(self, source: str, readings: Sequence[Reading], key: str | None) -> IngestResult:
        if self._loop.trouble is not None:
            raise Busy(retry_after_seconds)
        labeller = self._sources.labellers.get(source)
        if labeller is None or source not in self._pushed:  # a reload took it away meanwhile: ask again
            raise Busy(retry_after_seconds)
        batch = Batch(source, labeller(readings), key=key)
        try:
            taken = await self._loop.accept_now(batch)
        except (asyncio.QueueFull, SourceGone, Ending):
            raise Busy(retry_after_seconds) from None
        return IngestResult(len(readings) - len(taken.refused), taken.duplicate, taken.refused)

    def rejected(self, source: str, reason: str, count: int) -> None:
        self._loop.counts.reject(source, reason, count)

    def not_taken(self, source: str, lines: Sequence[RejectedLine], reasons: Mapping[str, int]) -> None:
        self._loop.counts.last_rejected.take(source, lines, reasons)

    # -- figures ---------------------------------------------------------------------------------------

    def figures(self) -> DaemonFigures:
        """What the daemon knows of itself now."""
        counts = self._loop.counts
        return DaemonFigures(
            reload_success=self._reloads.success,
            reloaded_at=self._reloads.at,
            sources=tuple(self._source(name) for name in sorted({*self._configured, *counts.rejected})),
            channels=tuple(self._channels.figures()),
            detection={standard: tally.now() for standard, tally in counts.detection.items()},
        )

    def _source(self, name: str) -> SourceFigures:
        counts = self._loop.counts
        running = self._sources.running.get(name)
        health = None if running is None or name in self._pushed else running.shell.health
        labeller = self._sources.labellers.get(name)
        return SourceFigures(
            name,
            answers=None if health is None else health.up,
            poll_seconds=None if health is None else health.poll_seconds,
            clock_offset_seconds=None if health is None else health.clock_offset_seconds,
            readings=counts.readings.get(name, {}),
            rejected=counts.rejected.get(name, {}),
            unmapped=labeller.unmapped if labeller is not None else {},
        )
