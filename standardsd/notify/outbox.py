"""What a delivery worker needs of the store and of a channel, and the words for what became of it.

The daemon makes an ``Outbox`` of the store; ``alertmanager.Alertmanager`` is a ``Channel``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from standardsd.notify.message import AlertMessage
from standardsd.store.entries import OutboxRow


class Outbox(Protocol):
    """The store's outbox.  A failure to read or write it is the daemon's, and ends the worker."""

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        """The oldest rows, in order of ``id``, neither delivered nor given up."""

    async def delivered(self, rows: Sequence[OutboxRow], at: datetime) -> None:
        """The channel took them."""

    async def retry(self, rows: Sequence[OutboxRow], at: datetime, not_before: datetime, why: str) -> None:
        """Tried in vain; they stay pending.  The worker itself keeps to ``not_before``; it is for people."""

    async def gave_up(self, rows: Sequence[OutboxRow], at: datetime, why: str) -> None:
        """They will not be tried again: refused for what they say, or too old."""


@dataclass(frozen=True)
class Posted:
    """What became of the messages, by their place in the batch; a place in neither is to be tried again.

    ``error``: the channel's own failure, None when every message was answered for.
    ``retry_after``: seconds the channel asked for, capped; None when it did not ask.
    """

    taken: frozenset[int] = frozenset()
    refused: tuple[tuple[int, str], ...] = ()
    error: str | None = None
    retry_after: float | None = None

    def left(self, posted: int) -> list[int]:
        """The places, of the ``posted`` ones, that are to be tried again."""
        answered = self.taken | {place for place, _ in self.refused}
        return [place for place in range(posted) if place not in answered]


class Channel(Protocol):
    """Somewhere an alert can be told: one Alertmanager member."""

    @property
    def name(self) -> str:
        """As in the outbox and in metrics."""

    @property
    def batch_max(self) -> int:
        """Messages in one ``post``, at most."""

    async def post(self, messages: Sequence[AlertMessage], now: datetime) -> Posted:
        """Tell them, no two of one identity; never raises for what the outside world does."""


class Outcome(StrEnum):
    """What became of one telling of one alert."""

    DELIVERED = "delivered"  # a transition was taken
    RESENT = "resent"  # a standing alert was taken again
    RETRIED = "retried"  # the channel failed; it will be told again
    REFUSED = "refused"  # for what it says; it will not be told again as it is
    GAVE_UP = "gave_up"  # tried in vain for ``give_up_after``
    MENDED = "mended"  # told without a bad link or annotation; counted beside its delivery


@dataclass(frozen=True)
class DeliverySettings:
    """``resend``: between two rounds of everything that stands.  The rest are stated maxima.

    Back-off doubles from ``backoff_first`` to ``backoff_most`` seconds, each shortened by up to half
    at random, so that many workers do not come back at one instant; a channel that is up again is told
    within ``backoff_most`` seconds.  ``give_up_after``: age at which a row that fails once more is given up.
    ``quarantine``: a refused alert is not re-sent for so long.  ``told_every``: a failing channel is
    written to the log no more often than this.
    """

    resend: timedelta = timedelta(minutes=1)
    backoff_first: float = 0.1
    backoff_most: float = 15.0
    give_up_after: timedelta = timedelta(hours=24)
    quarantine: timedelta = timedelta(minutes=10)
    told_every: timedelta = timedelta(minutes=1)


@dataclass(frozen=True)
class Failing:
    """A channel's trouble, for the wallboard and the log.  ``tries``: in a row, without one success."""

    since: datetime
    tries: int
    error: str
    next_try: datetime
