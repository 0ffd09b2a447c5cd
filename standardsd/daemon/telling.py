"""From decisions to the outbox, and from the outbox to the channels."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import httpx

from standardsd.core.judge import Judge
from standardsd.daemon.failpoints import Failpoint
from standardsd.daemon.storing import StoreThread
from standardsd.language.speech import Words as Language
from standardsd.language.spoken import counted
from standardsd.metrics.figures import ChannelFigures
from standardsd.model.decision import Alert, Amendment, CaseDecision, Decision, Final, SourceSpoken
from standardsd.model.snapshot import GroupNow
from standardsd.model.source import Source
from standardsd.model.standard import Group, RuleBook
from standardsd.notify.alertmanager import Alertmanager, channel_name
from standardsd.notify.current import CurrentAlerts
from standardsd.notify.http import client
from standardsd.notify.message import AlertMessage, encode
from standardsd.notify.outbox import DeliverySettings, Posted
from standardsd.notify.worker import Worker
from standardsd.store.entries import OutboxRow, Outgoing

log = logging.getLogger(__name__)

logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells every request, and we re-send every minute


class Words:
    """The loop's ``Teller``: messages for every channel, made of the alerts that stand."""

    def __init__(self, alerts: CurrentAlerts, judge: Judge) -> None:
        self.alerts = alerts
        self.channels: tuple[str, ...] = ()
        self._judge = judge
        self._judge_from: datetime | None = None

    def adopt(
        self,
        book: RuleBook,
        sources: Iterable[Source],
        judge_from: datetime | None,
        url: str,
        language: Language | None = None,
    ) -> None:
        """In force from now on.  ``language``: of the texts; None: that of before."""
        self.alerts.adopt(book.standards, sources, url, language)
        self._judge_from = judge_from

    def word(self, decisions: Sequence[Decision]) -> tuple[Sequence[Outgoing], Callable[[], None]]:
        """See ``loop.Teller``; figures are those of the moment the alert was decided."""
        alerts = [line for line in decisions if isinstance(line, Alert | SourceSpoken)]
        told = self.alerts.messages(alerts, self._figures_of(alerts)) if alerts else []
        if self._may_change_the_digest(decisions):
            snapshot = self._judge.snapshot()
            told += self.alerts.digest(snapshot.backlog, snapshot.at)
        outgoing = [
            Outgoing(channel, entry.message.key(channel), encode(entry.message))
            for entry in told
            for channel in self.channels
        ]
        return outgoing, lambda: self.alerts.keep(told)

    def current(self, now: datetime) -> list[AlertMessage]:
        """Everything that stands, with the figures of now."""
        snapshot = self._judge.snapshot()
        groups = {(group.standard, group.group): group for group in snapshot.groups}
        return self.alerts.current(now, groups, snapshot.backlog)

    def _may_change_the_digest(self, decisions: Sequence[Decision]) -> bool:
        """Only a word on a case of before ``judge_from``, or one that takes back or closes what was said, can.

        The digest is asked for no oftener than that: it costs a look at every group.
        """
        if self._judge_from is None:
            return False
        closing = (Amendment, Final) if self.alerts.digest_stands else ()
        return any(
            isinstance(line, CaseDecision) and (line.at < self._judge_from or isinstance(line, closing))
            for line in decisions
        )

    def _figures_of(self, alerts: Iterable[Alert | SourceSpoken]) -> Mapping[tuple[str, Group], GroupNow]:
        """Only of the groups that are spoken of: there may be thousands, and an alert must not wait for them."""
        keys = {(a.standard, tuple(a.group.items())) for a in alerts if isinstance(a, Alert)}
        found = {key: self._judge.group(*key) for key in keys}
        return {key: group for key, group in found.items() if group is not None}


orphans_together_max = 1_000


class _Watched:
    """A channel with a failpoint before each telling, whichever way the rows came."""

    def __init__(self, channel: Alertmanager, failpoint: Failpoint) -> None:
        self._channel = channel
        self._failpoint = failpoint
        self.name = channel.name
        self.batch_max = channel.batch_max

    async def post(self, messages: Sequence[AlertMessage], now: datetime) -> Posted:
        self._failpoint.reach("delivering")
        return await self._channel.post(messages, now)


class StoreOutbox:
    """``notify.outbox.Outbox`` over the store's thread."""

    def __init__(self, store: StoreThread, failpoint: Failpoint) -> None:
        self._store = store
        self._failpoint = failpoint

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        return await self._store.call(self._store.store.outbox, channel, limit)

    async def give_up_without(self, channels: Iterable[str]) -> dict[str, int]:
        """Rows of a member that is no longer configured will never be told; how many there were, by channel."""
        known = set(channels)
        orphans = {
            c: n for c, n in (await self._store.call(self._store.store.pending)).items() if c not in known
        }
        for channel in orphans:
            while rows := await self.pending(channel, orphans_together_max):
                why = "the member is no longer in the configuration"
                await self.gave_up(rows, datetime.now(UTC), why)
        return orphans

    async def delivered(self, rows: Sequence[OutboxRow], at: datetime) -> None:
        self._failpoint.reach("delivered")
        await self._store.call(self._store.store.delivered, [row.id for row in rows], at)

    async def retry(self, rows: Sequence[OutboxRow], at: datetime, not_before: datetime, why: str) -> None:
        await self._store.call(self._store.store.retry, [row.id for row in rows], at, not_before, why)

    async def gave_up(self, rows: Sequence[OutboxRow], at: datetime, why: str) -> None:
        await self._store.call(self._store.store.gave_up, [row.id for row in rows], at, why)


class Channels:
    """One worker a member; started, replaced at a reload, stopped."""

    def __init__(
        self, words: Words, outbox: StoreOutbox, now: Callable[[], datetime], failpoint: Failpoint
    ) -> None:
        self._words = words
        self._outbox = outbox
        self._failpoint = failpoint
        self._now = now
        self._client: httpx.AsyncClient | None = None
        self._settings = DeliverySettings()
        self.workers: dict[str, Worker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.pending: dict[str, int] = {}

    async def adopt(self, members: Iterable[str], settings: DeliverySettings) -> None:
        """These members from now on; those that stay are not interrupted."""
        wanted = {channel_name(url): url for url in members}
        changed = settings != self._settings
        for name in [name for name in self.workers if changed or name not in wanted]:
            await self._end(name)
        self._settings = settings
        self._client = self._client or client()
        for name, url in wanted.items():
            if name not in self.workers:
                member = Alertmanager(url, self._client, resend=settings.resend)
                channel = _Watched(member, self._failpoint)
                worker = Worker(channel, self._outbox, self._words.current, settings, self._now)
                self.workers[name] = worker
                self._tasks[name] = asyncio.create_task(self._run(name, worker), name=f"channel {name}")
        self._words.channels = tuple(wanted)
        for name, count in (await self._outbox.give_up_without(wanted)).items():
            told = counted(count, "message")
            log.error("%s: %s given up: it is no longer in the configuration", name, told)

    def figures(self) -> list[ChannelFigures]:
        """Outcomes by word, and what is pending as of the last look at the store."""
        return [
            ChannelFigures(
                name, {word.value: n for word, n in worker.counts.items()}, self.pending.get(name, 0)
            )
            for name, worker in sorted(self.workers.items())
        ]

    def wake(self, committed: Sequence[Outgoing]) -> None:
        """These rows were just committed; each worker is handed its own, so that it need not read them back."""
        for name, worker in self.workers.items():
            worker.wake([row for row in committed if row.channel == name])

    async def stop(self) -> None:
        for name in list(self.workers):
            await self._end(name)
        if self._client is not None:
            await self._client.aclose()

    async def _end(self, name: str) -> None:
        del self.workers[name]
        task = self._tasks.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _run(self, name: str, worker: Worker) -> None:
        """A worker that raises met the store's trouble or our own mistake: told, and started again."""
        while True:
            try:
                await worker.run()
            except Exception:  # an alert channel is never given up silently
                log.exception("%s: delivery failed; starting it again", name)
            await asyncio.sleep(1.0)
