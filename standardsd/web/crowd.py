"""How many requests are answered at one time; the next one is told when to come again.

The server cuts off at ``server.connections_max``, idle connections included, and says no more than 503; this
stands before that, and says it as everywhere.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from standardsd.web.refusal import answer, too_busy

requests_max = 900
"""At once, with the streams of 200 screens; each holds a task and its body."""

retry_after_seconds = 2.0


class Crowd:
    """503 with ``Retry-After`` while ``requests_max`` others are being answered."""

    def __init__(self, app: ASGIApp, requests_max: int = requests_max) -> None:
        self._app = app
        self._most = requests_max
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._now >= self._most:
            busy = too_busy(503, f"{self._most} requests are being answered already", retry_after_seconds)
            await answer(busy)(scope, receive, send)
            return
        self._now += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._now -= 1
