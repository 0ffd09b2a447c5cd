"""The one place from which notifications leave by HTTP.

What httpx does not promise, this module does: a total time for the whole exchange,
a maximum of bytes read (undecoded, so that a compressed bomb stays small), no
redirects, and no proxy or password taken from the environment behind our back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

reply_bytes_max = 64 * 1024
"""An answer is read for its status and its words of refusal; nobody needs more of them."""

connections_max = 16
"""Each channel has one request under way at most, so this also bounds the number of channels at work."""

timeout_seconds_default = 10.0


@dataclass(frozen=True)
class Reply:
    """``text``: what was said, at most ``reply_bytes_max`` bytes of it.  Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    text: str


class NoReply(Exception):
    """Nobody answered in time, or not in HTTP.  The text names the failure, never a secret."""


def client() -> httpx.AsyncClient:
    """A client for all channels.  Connections outlive a re-send, so that the next alert finds one open."""
    return httpx.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=None,  # noqa: S113 - `post` bounds the whole exchange, which httpx cannot
        limits=httpx.Limits(
            max_connections=connections_max,
            max_keepalive_connections=connections_max,
            keepalive_expiry=300.0,
        ),
        headers={"user-agent": "standardsd", "accept-encoding": "identity"},
    )


async def post(
    http: httpx.AsyncClient,
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    timeout_seconds: float = timeout_seconds_default,
) -> Reply:
    """POST ``body`` and return the answer, whatever its status; ``NoReply`` when there is none in time."""
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            http.stream("POST", url, content=body, headers=headers) as response,
        ):
            return Reply(response.status_code, dict(response.headers), await _text(response))
    except TimeoutError:
        raise NoReply(f"no answer within {timeout_seconds:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise NoReply(
            f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
        ) from None


async def _text(response: httpx.Response) -> str:
    read = bytearray()
    async for piece in response.aiter_raw():
        read += piece
        if len(read) >= reply_bytes_max:
            del read[reply_bytes_max:]
            break
    return read.decode("utf-8", errors="replace")
