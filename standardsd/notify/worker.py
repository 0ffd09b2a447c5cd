"""Delivery: what the store keeps in its outbox is told until it is taken or given up loudly.

One worker a channel, so a dead member delays nobody else.  A worker has one request under
way at most, and that is what keeps the order: first the outbox, oldest row first, then,
every ``resend``, everything that stands now.

At least once: a row is marked only after the channel answered.  Told twice after a crash,
it carries the same labels and the same ``startsAt``, and is the same alert.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from standardsd.notify.message import AlertMessage, Identity, checked, decode
from standardsd.notify.outbox import Channel, DeliverySettings, Failing, Outbox, Outcome, Posted
from standardsd.notify.said import LastWords, Quarantine
from standardsd.store.entries import OutboxRow

log = logging.getLogger("standardsd.notify")

standing_max = 20_000
"""Alerts told again in one round.  More than that is a flood nobody reads; the log says so."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Worker:
    """Delivers one channel's rows and re-sends what stands.  ``wake`` it after each commit with a row.

    ``current``: everything that stands, firing and lately resolved; called on the loop, must not block.
    ``counts``: tellings by outcome since the start.  ``failing``: the trouble, None while it answers.
    """

    channel: Channel
    outbox: Outbox
    current: Callable[[datetime], Sequence[AlertMessage]]
    settings: DeliverySettings = field(default_factory=DeliverySettings)
    now: Callable[[], datetime] = utc_now
    chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.counts: Counter[Outcome] = Counter(dict.fromkeys(Outcome, 0))
        self.failing: Failing | None = None
        self._woken = asyncio.Event()
        # By the loop's clock; the first round is at the start, before a member can forget.
        self._resend_at = 0.0
        self._said = LastWords()
        self._quarantine = Quarantine(self.settings.quarantine)
        self._told_at: datetime | None = None

    def wake(self) -> None:
        """There is a new row.  Without back-off it is read in the loop's next turn."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled.  A request under way is dropped then; its rows stay pending."""
        loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            patience = await self._drain()
            if patience is None and loop.time() >= self._resend_at:
                patience = await self._resend()
            if patience is not None:
                await asyncio.sleep(patience)  # a new row does not hurry a member that is down
                continue
            with contextlib.suppress(TimeoutError):  # then it is time for the next round
                async with asyncio.timeout_at(self._resend_at):
                    await self._woken.wait()

    async def _drain(self) -> float | None:
        """Deliver all that is pending.  None when nothing is left, else seconds to be patient."""
        while rows := await self.outbox.pending(self.channel.name, self.channel.batch_max):
            good: list[tuple[OutboxRow, AlertMessage]] = []
            met: set[Identity] = set()
            for row in rows:
                message = await self._readable(row)
                if message is None:
                    continue
                if message.identity in met:
                    break  # a second word on one alert waits until the first is said
                met.add(message.identity)
                good.append((row, message))
            patience = await self._deliver(good) if good else None
            if patience is not None:
                return patience
        return None

    async def _readable(self, row: OutboxRow) -> AlertMessage | None:
        """The row's message, fit to be sent; a row that cannot be is given up here."""
        try:
            result = checked(decode(row.payload))
        except msgspec.DecodeError as damage:  # a row of another version, or no row of ours
            await self._refuse(row, f"the row cannot be read: {damage}")
            return None
        if result.message is None:
            await self._refuse(row, result.refused or "")
            return None
        for missing in result.left_out:
            log.warning("%s: told without this: %s", self.channel.name, missing)
        self.counts[Outcome.MENDED] += bool(result.left_out)
        return result.message

    async def _deliver(self, good: list[tuple[OutboxRow, AlertMessage]]) -> float | None:
        posted = await self.channel.post([message for _, message in good], self.now())
        after = self.now()
        taken = [good[place] for place in sorted(posted.taken)]
        if taken:
            await self.outbox.delivered([row for row, _ in taken], after)
            self.counts[Outcome.DELIVERED] += len(taken)
            for _, message in taken:
                self._said.say(message)
        for place, why in posted.refused:
            row, message = good[place]
            self._quarantine.hold(message, after)
            await self._refuse(row, why)
        left = [good[place][0] for place in posted.left(len(good))]
        if posted.error is None:
            assert not left, f"{self.channel.name} left {len(left)} messages unanswered"
            self._recovered(after)
            return None
        patience = self._failed(posted, after, waiting=len(left))
        await self._put_off(left, after, after + timedelta(seconds=patience), posted.error)
        return patience

    async def _put_off(self, rows: list[OutboxRow], at: datetime, not_before: datetime, error: str) -> None:
        """Tried in vain: young rows wait, a row exactly ``give_up_after`` old or older is given up."""
        old = [row for row in rows if at - row.created >= self.settings.give_up_after]
        young = [row for row in rows if at - row.created < self.settings.give_up_after]
        if old:
            why = f"not taken within {self.settings.give_up_after}: {error}"
            await self.outbox.gave_up(old, at, why)
            self.counts[Outcome.GAVE_UP] += len(old)
            log.error("%s: gave up %d alerts, %s", self.channel.name, len(old), why)
        if young:
            await self.outbox.retry(young, at, not_before, error)
            self.counts[Outcome.RETRIED] += len(young)

    async def _resend(self) -> float | None:
        """One round of everything that stands; a new transition goes between two batches, not after them all.

        What stands is asked for anew before each batch, so that no batch is older than what was delivered.
        """
        self._resend_at = asyncio.get_running_loop().time() + self.settings.resend.total_seconds()
        sent: set[Identity] = set()
        while batch := self._standing(self.now(), sent):
            sent |= {message.identity for message in batch}
            patience = await self._resend_batch(batch)
            if patience is None and self._woken.is_set():
                self._woken.clear()
                patience = await self._drain()
            if patience is not None:
                self._resend_at = 0.0  # the round is not done: again after the back-off
                return patience
            if len(sent) >= standing_max:
                log.error(
                    "%s: %d alerts stand or more; the rest is not told again", self.channel.name, len(sent)
                )
                return None
        self._said.forget_ended({message.identity for message in self.current(self.now())})
        return None

    async def _resend_batch(self, batch: list[AlertMessage]) -> float | None:
        posted = await self.channel.post(batch, self.now())
        after = self.now()
        self.counts[Outcome.RESENT] += len(posted.taken)
        for place in posted.taken:
            self._said.say(batch[place])
        for place, why in posted.refused:
            self._quarantine.hold(batch[place], after)
            self._tell_refused(batch[place].labels["alertname"], why)
        if posted.error is None:
            self._recovered(after)
            return None
        left = len(posted.left(len(batch)))
        self.counts[Outcome.RETRIED] += left
        return self._failed(posted, after, waiting=left)

    def _standing(self, now: datetime, sent: set[Identity]) -> list[AlertMessage]:
        """The next batch of the round: not sent yet, not refused lately, no older word than was said."""
        batch: list[AlertMessage] = []
        for message in self.current(now):
            if message.identity in sent or self._quarantine.holds(message, now):
                continue
            result = checked(message)
            if result.message is None:
                self._quarantine.hold(message, now)
                self._tell_refused(
                    message.labels.get("alertname", "an alert without a name"), result.refused or ""
                )
                continue
            if result.message.identity in sent or self._said.is_older(result.message):
                continue
            batch.append(result.message)
            if len(batch) == self.channel.batch_max:
                break
        return batch

    async def _refuse(self, row: OutboxRow, why: str) -> None:
        await self.outbox.gave_up([row], self.now(), why)
        self._tell_refused(f"row {row.id}", why)

    def _tell_refused(self, which: str, why: str) -> None:
        self.counts[Outcome.REFUSED] += 1
        log.error("%s: refused %s: %s", self.channel.name, which, why)

    def _failed(self, posted: Posted, at: datetime, *, waiting: int) -> float:
        """Seconds until the next try: back-off with jitter, or longer if the channel asked for that."""
        tries = 1 if self.failing is None else self.failing.tries + 1
        since = at if self.failing is None else self.failing.since
        most = min(self.settings.backoff_first * 2.0 ** min(tries - 1, 30), self.settings.backoff_most)
        wait = max(most * self.chance.uniform(0.5, 1.0), posted.retry_after or 0.0)
        self.failing = Failing(since, tries, posted.error or "", at + timedelta(seconds=wait))
        if self._told_at is None or at - self._told_at >= self.settings.told_every:
            self._told_at = at
            log.warning(
                "%s: %s, failing since %s (%d tries); %d alerts wait; next try %s",
                self.channel.name,
                posted.error,
                f"{since:%H:%M:%S}",
                tries,
                waiting,
                f"{self.failing.next_try:%H:%M:%S}",
            )
        return wait

    def _recovered(self, at: datetime) -> None:
        if self.failing is not None:
            down = at - self.failing.since
            log.warning("%s: answers again after %s (%d tries)", self.channel.name, down, self.failing.tries)
        self.failing = None
        self._told_at = None
