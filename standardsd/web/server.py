"""uvicorn inside a loop that already runs.

Signals belong to the daemon: this server installs no handler and never ends the process.  It listens on
loopback unless told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

stop_seconds_max = 0.7  # for answers that are being sent; then their connections are cut
connections_max = 1000  # at once; the next ones are answered 503
head_bytes_max = 32 * 1024  # request line and headers


class _Quiet(uvicorn.Server):
    """uvicorn's server without its hold on SIGINT and SIGTERM."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves one application from ``start()`` to ``stop()``; used once."""

    def __init__(self, app: FastAPI, *, host: str = "127.0.0.1", port: int = 8080) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._task: asyncio.Task[None] | None = None
        config = uvicorn.Config(
            app,
            access_log=False,
            date_header=True,
            h11_max_incomplete_event_size=head_bytes_max,
            http="h11",
            lifespan="off",
            limit_concurrency=connections_max,
            log_config=None,
            proxy_headers=False,  # who asks is who connects; `access` looks at proxies itself
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=15,
            ws="none",
        )
        self._server = _Quiet(config)

    async def start(self) -> tuple[str, int]:
        """Listens; returns the address, with the real port where 0 was asked for.

        Raises ``OSError`` when the address cannot be had (in use, not of this machine, not allowed).
        """
        assert self._task is None, "a server is started once"
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family, backlog=256)
        listener.setblocking(False)
        host, port = listener.getsockname()[:2]
        self._task = asyncio.create_task(self._server.serve([listener]), name="web server")
        while not self._server.started:
            if self._task.done():
                await self._task  # raises what went wrong
                raise OSError(f"the web server did not start on {host}:{port}")
            await asyncio.sleep(0.005)
        return str(host), int(port)

    async def stop(self) -> None:
        """Ends every stream, lets running answers finish for a moment, closes; within 1 s."""
        self._app.state.stopping.set()
        if self._task is None:
            return
        self._server.should_exit = True
        done, _ = await asyncio.wait({self._task}, timeout=stop_seconds_max)
        if not done:
            self._cut()
            await asyncio.wait({self._task}, timeout=0.1)
            for task in list(self._server.server_state.tasks):
                task.cancel()
            await asyncio.wait({self._task}, timeout=0.1)
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def failed(self) -> None:
        """Returns when the server ended by itself; raises what ended it."""
        assert self._task is not None, "the server was not started"
        await asyncio.shield(self._task)

    def _cut(self) -> None:
        """Drops connections whose peers do not read or do not finish their request; their answers end by that."""
        self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
