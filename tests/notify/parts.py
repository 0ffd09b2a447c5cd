"""What the notify tests share: a standard, its alerts, an outbox in memory, and servers on loopback.

``Loopback`` is a real HTTP server that answers as its script says; ``Webhook`` is the receiver that a
real Alertmanager posts to.  Both keep what came, with the instant at which it came.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from standardsd.model.decision import Alert, AlertState
from standardsd.model.measure import Rolling
from standardsd.model.source import Source
from standardsd.model.standard import AlertRule, Condition, FromTo, Objective, Promise, Severity, Standard
from standardsd.notify.message import AlertMessage, encode
from standardsd.store.entries import OutboxRow, Outgoing

URL = "http://127.0.0.1:8080"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

GREET = Standard(
    id="greet-within-60s",
    title="Arriving guests are greeted within 60 seconds",
    of="visit",
    measure=FromTo(("arrived",), ("greeted",)),
    promise=Promise(timedelta(seconds=60), within=True),
    rules="sha256:" + "0" * 64,
    set="hotel-front-desk",
    objective=Objective(0.95, Rolling(timedelta(days=30)), 20),
    alert=AlertRule(on=(Condition.BREACH, Condition.AT_RISK)),
    severity=Severity.WARNING,
    runbook="https://wiki.example/greeting",
)
KIOSK = Source("kiosk", speaks_for={"site": "grand-budapest"})


def alert(
    state: str,
    at: datetime,
    *,
    site: str = "grand-budapest",
    condition: Condition = Condition.BREACH,
    count: int = 1,
    oldest: datetime | None = None,
) -> Alert:
    return Alert(GREET.id, condition, {"site": site}, AlertState(state), at, count, oldest)


def message(
    alertname: str = "greet-within-60s",
    *,
    at: datetime = NOON,
    ended: datetime | None = None,
    url: str | None = f"{URL}/standards/x",
    **labels: str,
) -> AlertMessage:
    return AlertMessage(
        {"alertname": alertname, "source": "standardsd", **labels},
        {"summary": "Guests wait", "description": "3 broken", "since": "2026-11-21T12:00:00Z"},
        at,
        ended,
        url,
    )


def outgoing(messages: Sequence[AlertMessage], channels: Sequence[str]) -> tuple[Outgoing, ...]:
    """Every message for every channel, in their order, as a transaction would hold them."""
    return tuple(Outgoing(name, one.key(name), encode(one)) for one in messages for name in channels)


class MemoryOutbox:
    """An outbox as the protocol says, in memory; ``told`` keeps every mark in order."""

    def __init__(self) -> None:
        self.rows: list[OutboxRow] = []
        self.told: list[tuple[str, int, str]] = []
        self._last = 0

    def add(
        self, channel: str, *messages: AlertMessage, created: datetime | None = None
    ) -> tuple[Outgoing, ...]:
        """Commits them; what a worker may be handed."""
        rows = outgoing(messages, [channel])
        for row in rows:
            self.add_bytes(channel, row.payload, key=row.key, created=created)
        return rows

    def add_bytes(self, channel: str, payload: bytes, *, key: str, created: datetime | None = None) -> None:
        self._last += 1
        written = created or datetime.now(UTC)
        self.rows.append(OutboxRow(self._last, channel, key, payload, 0, written, written))

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        await asyncio.sleep(0)
        return [row for row in self.rows if row.channel == channel][:limit]

    async def delivered(self, rows: Sequence[OutboxRow], at: datetime) -> None:
        self._done("delivered", rows, "")

    async def retry(self, rows: Sequence[OutboxRow], at: datetime, not_before: datetime, why: str) -> None:
        assert not_before >= at
        self.told += [("retry", row.id, why) for row in rows]

    async def gave_up(self, rows: Sequence[OutboxRow], at: datetime, why: str) -> None:
        self._done("gave_up", rows, why)

    def _done(self, what: str, rows: Sequence[OutboxRow], why: str) -> None:
        self.told += [(what, row.id, why) for row in rows]
        gone = {row.id for row in rows}
        assert gone <= {row.id for row in self.rows}, "marked twice"
        self.rows = [row for row in self.rows if row.id not in gone]


@dataclass
class Heard:
    """One request that came.  ``at``: when its last byte had come."""

    at: datetime
    path: str
    headers: dict[str, str]
    body: Any


Answer = Callable[[Heard], Awaitable[bytes]]


def plain(status: int, text: str = "", **headers: str) -> bytes:
    """A whole HTTP answer; an underscore in a header's name stands for a hyphen."""
    body = text.encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def ok(_: Heard) -> bytes:
    return plain(200)


@dataclass
class Loopback:
    """``answer`` may be changed while it runs."""

    answer: Answer = ok
    heard: list[Heard] = field(default_factory=list)
    port: int = 0
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines if line)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                heard = Heard(datetime.now(UTC), first.split()[1], headers, json.loads(body or b"null"))
                self.heard.append(heard)
                writer.write(await self.answer(heard))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.close()


@asynccontextmanager
async def loopback(answer: Answer = ok, *, port: int = 0) -> AsyncIterator[Loopback]:
    """A server for as long as the block runs; open connections end with it."""
    server = Loopback(answer)
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await server.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            serving.discard(task)

    listening = await asyncio.start_server(serve, "127.0.0.1", port, limit=1 << 24)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def until(true: Callable[[], bool], what: str, seconds_max: float = 15.0) -> None:
    """Waits for ``true`` without holding the loop; fails naming ``what``."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds_max
    while not true():
        assert loop.time() < end, f"{what} did not happen within {seconds_max:g} s"
        await asyncio.sleep(0.005)


def names(heard: Sequence[Heard]) -> list[list[str]]:
    """The alert names of each request, in order."""
    return [[one["labels"]["alertname"] for one in request.body] for request in heard]
