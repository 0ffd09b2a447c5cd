"""The store's outbox, as a delivery worker wants it.

The store is called from one thread and may wait for the disk, so every call goes through
``on_its_thread``, which the daemon gives: it runs a function there and awaits its result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from standardsd.notify.message import AlertMessage, encode
from standardsd.store.entries import OutboxRow, Outgoing
from standardsd.store.store import Store

T = TypeVar("T")


class OnItsThread(Protocol):
    def __call__(self, call: Callable[[], T], /) -> Awaitable[T]:
        """Run ``call`` where the store lives; its result or its exception."""


class StoredOutbox:
    """An ``Outbox`` (``notify.outbox``).  Marks are in the file when a call returns."""

    def __init__(self, store: Store, on_its_thread: OnItsThread) -> None:
        self._store = store
        self._there = on_its_thread

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        return await self._there(lambda: self._store.outbox(channel, limit))

    async def delivered(self, rows: Sequence[OutboxRow], at: datetime) -> None:
        await self._there(lambda: self._store.delivered(_ids(rows), at))

    async def retry(self, rows: Sequence[OutboxRow], at: datetime, not_before: datetime, why: str) -> None:
        await self._there(lambda: self._store.retry(_ids(rows), at, not_before, why))

    async def gave_up(self, rows: Sequence[OutboxRow], at: datetime, why: str) -> None:
        await self._there(lambda: self._store.gave_up(_ids(rows), at, why))


def outgoing(messages: Sequence[AlertMessage], channels: Sequence[str]) -> tuple[Outgoing, ...]:
    """The rows that go into the transaction: every message for every channel, in their order."""
    return tuple(Outgoing(name, one.key(name), encode(one)) for one in messages for name in channels)


def _ids(rows: Sequence[OutboxRow]) -> list[int]:
    return [row.id for row in rows]
