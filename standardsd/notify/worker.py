"""Delivery: what the store keeps in its outbox is told until it is taken or given up loudly.

One worker a channel, so a dead member delays nobody else.  A worker has one request under
way at most, and that is what keeps the order: first the outbox, oldest row first, then,
every ``resend``, everything that stands now.

At least once: a row is marked only after the channel answered.  Told twice after a crash,
it carries the same labels and the same ``startsAt``, and is the same alert.

The short way: a worker that has emptied its outbox tells what a commit hands it without reading
it back first, a millisecond sooner, and marks the rows afterwards.  Whenever it is not sure to
have been handed everything, it reads.
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
from typing import NamedTuple

import msgspec

from standardsd.language.spoken import counted
from standardsd.notify.handed import Handed
from standardsd.notify.message import AlertMessage, Identity, checked, decode
from standardsd.notify.outbox import Channel, DeliverySettings, Failing, Outbox, Outcome, Posted
from standardsd.notify.said import LastWords, Quarantine
from standardsd.store.entries import OutboxRow, Outgoing

log = logging.getLogger("standardsd.notify")

standing_max = 20_000
"""Alerts told again in one round.  More than that is a flood nobody reads; the log says so."""

catch_ups_max = 100
"""Readings of the outbox in a row, while new rows keep coming, before what stands gets its turn."""


class Ready(NamedTuple):
    """A row that can be told.  ``left_out``: what Alertmanager would have refused of it."""

    row: OutboxRow
    message: AlertMessage
    left_out: tuple[str, ...]


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
        self._handed = Handed()

    def wake(self, committed: Sequence[Outgoing] = ()) -> None:
        """There are new rows.  Without back-off they are told in the loop's next turn.

        ``committed``: all rows of this channel that the commit wrote, in order; so told after each commit,
        the worker need not read them back.  Without them it reads.
        """
        assert all(row.channel == self.channel.name for row in committed), committed
        self._handed.offer(committed)
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled.  A request under way is dropped then; its rows stay pending."""
        loop = asyncio.get_running_loop()
        self._handed.fall_out()  # a run that broke off may have taken rows from there and not told them
        while True:
            patience = await self._catch_up()
            if patience is None and loop.time() >= self._resend_at:
                patience = await self._resend()
            if patience is not None:
                await asyncio.sleep(patience)  # a new row does not hurry a member that is down
                continue
            with contextlib.suppress(TimeoutError):  # then it is time for the next round
                async with asyncio.timeout_at(self._resend_at):
                    await self._woken.wait()

    async def _catch_up(self) -> float | None:
        """Tell everything committed so far.  None when nothing is left, else seconds to be patient."""
        for _ in range(catch_ups_max):
            self._woken.clear()
            patience = await self._hand_on()
            if patience is None:
                patience = await self._drain()
            if patience is not None or not self._woken.is_set():
                return patience
        return None

    async def _hand_on(self) -> float | None:
        """The short way.  Anything but plain success is left to ``_drain``, which has the rows."""
        while batch := self._handed.batch(self.channel.batch_max, self._said):
            posted = await self.channel.post([message for _, message in batch], self.now())
            after = self.now()
            for place in posted.taken:
                key, message = batch[place]
                self._said.say(message, after)
                self._handed.told(key)
            self.counts[Outcome.DELIVERED] += len(posted.taken)
            if len(posted.taken) < len(batch):
                self._handed.fall_out()
            if posted.error is not None:
                left = len(posted.left(len(batch)))
                self.counts[Outcome.RETRIED] += left
                return self._failed(posted, after, waiting=left)
            self._recovered(after)
        return None

    async def _drain(self) -> float | None:
        """Deliver all that is pending.  None when nothing is left, else seconds to be patient."""
        while rows := await self._pending():
            good: list[Ready] = []
            met: set[Identity] = set()
            for row in rows:
                ready = await self._readable(row)
                if ready is None:
                    continue
                identity = ready.message.identity
                if identity in met:
                    break  # a second word on one alert waits until the first is said
                met.add(identity)
                if self._said.is_said(ready.message):  # the short way was quicker than the reading
                    await self.outbox.delivered([row], self.now())
                else:
                    good.append(ready)
            patience = await self._deliver(good) if good else None
            if patience is not None:
                return patience
        return None

    async def _pending(self) -> list[OutboxRow]:
        """The oldest rows still to be told; those told the short way are marked on the way."""
        while True:
            self._handed.about_to_read()
            rows = await self.outbox.pending(self.channel.name, self.channel.batch_max)
            told = self._handed.told_among(rows)
            if not told:
                return list(rows)
            await self.outbox.delivered(told, self.now())

    async def _readable(self, row: OutboxRow) -> Ready | None:
        """The row's message, fit to be sent; a row that cannot be is given up here."""
        try:
            result = checked(decode(row.payload))
        except msgspec.DecodeError as damage:  # a row of another version, or no row of ours
            await self._refuse(row, f"the row cannot be read: {damage}")
            return None
        if result.message is None:
            await self._refuse(row, result.refused or "")
            return None
        return Ready(row, result.message, result.left_out)

    async def _deliver(self, good: list[Ready]) -> float | None:
        posted = await self.channel.post([one.message for one in good], self.now())
        after = self.now()
        taken = [good[place] for place in sorted(posted.taken)]
        if taken:
            await self.outbox.delivered([one.row for one in taken], after)
        for one in taken:
            self._said.say(one.message, after)
            self.counts[Outcome.DELIVERED] += 1
            self.counts[Outcome.MENDED] += bool(one.left_out)
            for missing in one.left_out:
                log.warning("%s: told without this: %s", self.channel.name, missing)
        for place, why in posted.refused:
            self._quarantine.hold(good[place].message, after)
            await self._refuse(good[place].row, why)
        left = [good[place].row for place in posted.left(len(good))]
        if posted.error is None:
            assert not left, f"{self.channel.name} left {len(left)} messages unanswered"
            self._recovered(after)
            return None
        self._handed.fall_out()
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
            log.error("%s: gave up %s, %s", self.channel.name, counted(len(old), "alert"), why)
        if young:
            await self.outbox.retry(young, at, not_before, error)
            self.counts[Outcome.RETRIED] += len(young)

    async def _resend(self) -> float | None:
        """One round of everything that stands; a new transition goes between two batches, not after them all.

        What stands is asked for anew before each batch, so that no batch is older than what was delivered.
        """
        self._resend_at = asyncio.get_running_loop().time() + self.settings.resend.total_seconds()
        sent: set[Identity] = set()
        while True:
            # A resolve in the snapshot must not go before its firing, which may have just been committed.
            patience = await self._catch_up() if self._woken.is_set() else None
            if patience is None:
                batch = self._standing(self.now(), sent)
                if not batch:
                    break
                sent |= {message.identity for message in batch}
                patience = await self._resend_batch(batch)
            if patience is not None:
                self._resend_at = 0.0  # the round is not done: again after the back-off
                return patience
            if len(sent) >= standing_max:
                log.error(
                    "%s: %d alerts stand or more; the rest is not told again", self.channel.name, len(sent)
                )
                return None
        now = self.now()
        self._said.forget_ended({message.identity for message in self.current(now)}, now)
        return None

    async def _resend_batch(self, batch: list[AlertMessage]) -> float | None:
        posted = await self.channel.post(batch, self.now())
        after = self.now()
        self.counts[Outcome.RESENT] += len(posted.taken)
        for place in posted.taken:
            self._said.say(batch[place], after)
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
                "%s: %s, failing since %s (%s); %s; next try %s",
                self.channel.name,
                posted.error,
                f"{since:%H:%M:%S} UTC",
                "1 try" if tries == 1 else f"{tries} tries",
                "1 alert waits" if waiting == 1 else f"{waiting} alerts wait",
                f"{self.failing.next_try:%H:%M:%S} UTC",
            )
        return wait

    def _recovered(self, at: datetime) -> None:
        if self.failing is not None:
            down = at - self.failing.since
            tries = "1 try" if self.failing.tries == 1 else f"{self.failing.tries} tries"
            log.warning("%s: answers again after %s (%s)", self.channel.name, down, tries)
        self.failing = None
        self._told_at = None
