"""A request that is refused: one shape for every wrong thing, told with its fix.

The body is ``{"error", "what", "fix"}``; nothing in it repeats a token, a body or a traceback.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response


class Refusal(Exception):
    """Carries status and words from the place that knows them to the one handler that answers."""

    def __init__(
        self, status: int, error: str, what: str, fix: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.what = what
        self.fix = fix
        self.headers = dict(headers or {})


def too_busy(status: int, what: str, retry_after: float) -> Refusal:
    """429 or 503 with ``Retry-After`` in whole seconds, at least 1, rounded up."""
    seconds = max(1, math.ceil(retry_after))
    return Refusal(
        status, "busy", what, f"send the same request again after {seconds} s", {"Retry-After": str(seconds)}
    )


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value) + b"\n", status, headers, media_type="application/json")


def answer(refusal: Refusal) -> Response:
    body = {"error": refusal.error, "what": refusal.what, "fix": refusal.fix}
    return json_response(body, refusal.status, refusal.headers)


async def answer_refusal(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return answer(refusal)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """The framework's own errors (no such route, wrong method), in the same shape."""
    status = getattr(error, "status_code", 500)
    headers = getattr(error, "headers", None) or {}
    if status == 404:
        fix = "routes: /, /standards/ID, /sources/NAME, /events, /metrics, /healthz, /readyz, /v1/readings, /v1/snapshot"
        return answer(Refusal(404, "not_found", "there is nothing at this path", fix, headers))
    if status == 405:
        fix = f"use {headers.get('Allow', 'another method')}"
        return answer(Refusal(405, "wrong_method", f"{request.method} means nothing here", fix, headers))
    return answer(Refusal(status, "bad_request", "the request is not right", "see docs/http-api.md", headers))


async def answer_bad_query(_request: Request, _error: Exception) -> Response:
    return answer(Refusal(400, "bad_query", "a query parameter is not right", "see docs/http-api.md"))


async def answer_own_mistake(_request: Request, _error: Exception) -> Response:
    """500 without a word of what went wrong; the traceback goes to the log, because the error goes on."""
    fix = "look at the daemon's log at this instant and report it"
    return answer(Refusal(500, "internal", "this is our own mistake, not yours", fix))
