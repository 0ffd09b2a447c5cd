"""The application: every route, in one place.

What can be had by GET answers HEAD with the same status and headers, and no body: load balancers and
uptime checks ask so.  Reading is open on the machine itself and needs a token from elsewhere (``access``); the two health
routes are open to all and say nothing that is not theirs.  docs/http-api.md tells each route.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from standardsd.language.speech import mark
from standardsd.web import refusal
from standardsd.web.access import check_read
from standardsd.web.crowd import Crowd, requests_max
from standardsd.web.desk import Desk
from standardsd.web.events import Watchers
from standardsd.web.headers import SecurityHeaders
from standardsd.web.ingest import Ingest
from standardsd.web.pages import STATIC_TYPES, Pages
from standardsd.web.refusal import Refusal, json_response

SiteName = Annotated[str | None, Query(max_length=1024, description="only this site")]
"""As long as a label's value may be, so that every link in an alert opens."""

LOOKING = ["GET", "HEAD"]

NO_STANDARD = mark(
    "No rule in force has this id; it may have been renamed or taken out since the link was made."
)
NO_SOURCE = mark(
    "The configuration in force has no such source; it may have been taken out since the link was made."
)


def build_app(
    desk: Desk, *, stopping: asyncio.Event | None = None, requests_max: int = requests_max
) -> FastAPI:
    """The application around a desk.  When ``stopping`` is set every open stream ends at once."""
    stopping = stopping or asyncio.Event()
    app = FastAPI(title="standardsd", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.stopping = stopping
    pages = Pages(desk)
    _add_pages(app, desk, pages, Watchers(desk, pages, stopping))
    _add_machines(app, desk, pages)
    app.add_route("/v1/readings", Ingest(desk).post, methods=["POST"])
    app.add_exception_handler(Refusal, refusal.answer_refusal)
    app.add_exception_handler(HTTPException, refusal.answer_http_error)
    app.add_exception_handler(RequestValidationError, refusal.answer_bad_query)
    app.add_exception_handler(Exception, refusal.answer_own_mistake)
    app.add_middleware(Crowd, requests_max=requests_max)
    app.add_middleware(SecurityHeaders)  # the outermost, so that every answer has them
    return app


def _add_pages(app: FastAPI, desk: Desk, pages: Pages, watchers: Watchers) -> None:
    """What people look at."""

    @app.api_route("/", methods=LOOKING, response_class=HTMLResponse)
    async def wallboard(request: Request, site: SiteName = None) -> HTMLResponse:
        check_read(request, desk.tokens())
        return HTMLResponse(pages.wallboard(site or None))

    @app.api_route("/standards/{name:path}", methods=LOOKING, response_class=HTMLResponse)
    async def standard(request: Request, name: str) -> HTMLResponse:
        """What ``generatorURL`` of an alert opens."""
        check_read(request, desk.tokens())
        page = pages.standard(name, request.query_params)
        if page is None:
            return HTMLResponse(pages.missing(mark("standard"), name, NO_STANDARD), 404)
        return HTMLResponse(page)

    @app.api_route("/sources/{name:path}", methods=LOOKING, response_class=HTMLResponse)
    async def source(request: Request, name: str) -> HTMLResponse:
        """What ``generatorURL`` of a dark source's alert opens."""
        check_read(request, desk.tokens())
        page = pages.source(name)
        if page is None:
            return HTMLResponse(pages.missing(mark("source"), name, NO_SOURCE), 404)
        return HTMLResponse(page)

    @app.api_route("/events", methods=LOOKING, response_class=StreamingResponse)
    async def events(request: Request, site: SiteName = None) -> Response:
        check_read(request, desk.tokens())
        # A proxy that gathers the stream would make it no stream at all.
        headers = {"X-Accel-Buffering": "no"}
        kind = "text/event-stream; charset=utf-8"
        if request.method == "HEAD":  # a stream without a body is one nobody would ever end
            return Response(headers={**headers, "Content-Type": kind})
        return StreamingResponse(watchers.stream(site or None), headers=headers, media_type=kind)

    @app.api_route("/static/{name}", methods=LOOKING)
    async def static(name: str, v: str = "") -> Response:
        """Style, script and picture of the page: named files only, kept by browsers as long as ``v`` is theirs."""
        if name not in STATIC_TYPES:
            raise HTTPException(404)
        cache = "public, max-age=31536000, immutable" if v == pages.build else "no-cache"
        return Response(pages.static[name], media_type=STATIC_TYPES[name], headers={"Cache-Control": cache})


def _add_machines(app: FastAPI, desk: Desk, pages: Pages) -> None:
    """What programs look at."""

    @app.api_route("/v1/snapshot", methods=LOOKING)
    async def snapshot(request: Request, site: SiteName = None) -> Response:
        check_read(request, desk.tokens())
        board = pages.board(site or None)
        return json_response({"now": desk.now(), "board": board})

    @app.api_route("/healthz", methods=LOOKING)
    async def healthz() -> Response:
        """The process answers; nothing more is said."""
        return json_response({"status": "ok"})

    @app.api_route("/readyz", methods=LOOKING)
    async def readyz() -> Response:
        """200 when readings are judged, else 503 with the reasons."""
        reasons = desk.ready()
        status = "ready" if not reasons else "not ready"
        told = {"status": status, "reasons": reasons}
        return json_response(told, 503, {"Retry-After": "1"}) if reasons else json_response(told)

    async def metrics(request: Request) -> Response:
        check_read(request, desk.tokens())
        content_type, body = desk.metrics(request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": content_type})

    app.add_route("/metrics", metrics, methods=LOOKING)
