"""``GET /events``: server-sent events.  Whoever watches hears of a change when it happens.

Each ``board`` message holds the frame of the board and the rows that changed since the last one this
watcher was sent; each ``alive`` message only the server's clock.  A stream ends when the server stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from standardsd.web.desk import Desk
from standardsd.web.pages import Pages, Parts, milliseconds
from standardsd.web.refusal import too_busy

watchers_max = 200  # screens at once; each costs a task and the rows last sent
alive_seconds = 10.0  # the browser takes 25 s of silence for a lost connection
pause_seconds = 0.2  # between two messages: a busy second is told five times, not a thousand


class Watchers:
    """Who watches, and the event that ends them all."""

    def __init__(
        self,
        desk: Desk,
        pages: Pages,
        stopping: asyncio.Event,
        *,
        alive_seconds: float = alive_seconds,
        watchers_max: int = watchers_max,
    ) -> None:
        self._desk = desk
        self._alive_seconds = alive_seconds
        self._watchers_max = watchers_max
        self._pages = pages
        self._stopping = stopping
        self.count = 0

    def stream(self, site: str | None) -> AsyncIterator[bytes]:
        """The stream for one watcher; raises 503 when there are too many or the server stops."""
        if self._stopping.is_set():
            raise too_busy(503, "the server is stopping", 5)
        if self.count >= self._watchers_max:
            raise too_busy(503, f"{self._watchers_max} screens are watching already", 30)
        return self._stream(site)

    async def _stream(self, site: str | None) -> AsyncIterator[bytes]:
        self.count += 1
        stop = asyncio.create_task(self._stopping.wait())
        change: asyncio.Task[int] | None = None
        last: Parts | None = None
        version = -1
        try:
            # Browsers that lose the stream and do not run our script wait this long.
            yield b"retry: 3000\n\n"
            while not stop.done():
                change = change or asyncio.create_task(self._desk.changed(version))
                await asyncio.wait(
                    {stop, change}, timeout=self._alive_seconds, return_when=asyncio.FIRST_COMPLETED
                )
                if stop.done():
                    break
                if change.done():
                    version, change = change.result(), None
                parts = self._pages.parts(site)
                if parts is last:
                    yield _message("alive", {"now": milliseconds(self._desk.now())})
                    continue
                sent = {} if last is None else last.rows
                rows = {key: html for key, html in parts.rows.items() if sent.get(key) != html}
                last = parts
                board = {**parts.frame, "now": milliseconds(self._desk.now()), "rows": rows}
                yield _message("board", board)
                await asyncio.wait({stop}, timeout=pause_seconds)
        finally:
            self.count -= 1
            stop.cancel()
            if change is not None:
                change.cancel()


def _message(name: str, value: dict[str, Any]) -> bytes:
    """JSON has no raw line ends, so one ``data:`` line holds it all."""
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(value) + b"\n\n"
