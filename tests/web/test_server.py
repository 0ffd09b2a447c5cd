"""A real uvicorn on a free port of loopback: it starts, streams, and stops within a second."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from standardsd.model.snapshot import State
from standardsd.web.app import build_app
from standardsd.web.events import Watchers
from standardsd.web.pages import Pages
from standardsd.web.refusal import Refusal
from standardsd.web.server import Server
from tests.web.desks import GREET, NINE, HeldDesk, broken_greeting, changed_group, crowd, hotel_group

STOP_SECONDS_MAX = 1.0


@pytest.fixture
def desk() -> HeldDesk:
    return HeldDesk(*hotel_group(NINE))


@asynccontextmanager
async def serving(desk: HeldDesk) -> AsyncIterator[tuple[Server, str, int]]:
    server = Server(build_app(desk), port=0)
    host, port = await server.start()
    try:
        yield server, host, port
    finally:
        await server.stop()


async def messages(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """(event, data) of each message of a stream."""
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def test_it_serves_on_loopback_and_stops(desk: HeldDesk) -> None:
    async with serving(desk) as (server, host, port), httpx.AsyncClient() as client:
        assert host == "127.0.0.1"
        answer = await client.get(f"http://{host}:{port}/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert "server" not in answer.headers  # what it is made with is nobody's business
        await server.stop()
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://{host}:{port}/healthz")
        await server.stop()  # a second time is nothing


async def test_an_address_that_is_taken_is_an_error_of_the_system_not_the_end_of_the_process(
    desk: HeldDesk,
) -> None:
    async with serving(desk) as (_, _, port):
        with pytest.raises(OSError, match="in use"):
            await Server(build_app(desk), port=port).start()


async def test_signals_stay_the_daemons(desk: HeldDesk) -> None:
    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    async with serving(desk):
        assert {s: signal.getsignal(s) for s in before} == before
    assert {s: signal.getsignal(s) for s in before} == before


async def test_a_change_is_pushed_and_only_the_changed_row_with_it(desk: HeldDesk) -> None:
    async with (
        serving(desk) as (_, host, port),
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"http://{host}:{port}/events") as stream,
    ):
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        said = messages(stream.aiter_lines())
        name, board = await anext(said)
        assert name == "board"
        assert len(board["rows"]) == len(desk.held.groups)
        assert board["title"].startswith("2 broken")
        assert abs(board["now"] / 1000 - time.time()) < 60
        await desk.put(broken_greeting(desk.held, desk.held.at))
        name, board = await anext(said)
        assert name == "board"
        assert list(board["rows"]) == ["greet-within-60s/casa-lisboa"]
        assert 'data-state="broken"' in board["rows"]["greet-within-60s/casa-lisboa"]
        assert board["title"].startswith("3 broken")


async def test_a_stream_of_one_site_says_nothing_of_the_others(desk: HeldDesk) -> None:
    async with (
        serving(desk) as (_, host, port),
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"http://{host}:{port}/events?site=contact-center") as stream,
    ):
        _, board = await anext(messages(stream.aiter_lines()))
        assert [site["name"] for site in board["sites"]] == ["contact-center"]
        assert len(board["rows"]) == 4


async def test_it_stops_within_a_second_while_screens_watch(desk: HeldDesk) -> None:
    async with serving(desk) as (server, host, port), httpx.AsyncClient(timeout=10) as client:

        async def watch() -> int:
            count = 0
            async with client.stream("GET", f"http://{host}:{port}/events") as stream:
                async for _ in messages(stream.aiter_lines()):
                    count += 1
            return count  # the stream ended by itself, whole

        screens = [asyncio.create_task(watch()) for _ in range(5)]
        await asyncio.sleep(0.3)
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < STOP_SECONDS_MAX
        assert await asyncio.gather(*screens) == [1] * 5


async def test_it_stops_within_a_second_although_a_screen_does_not_read(desk: HeldDesk) -> None:
    desk.rules, desk.held = crowd(NINE)  # more than a socket holds
    async with serving(desk) as (server, host, port):
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.setblocking(False)
            await asyncio.get_running_loop().sock_connect(lazy, (host, port))
            request = f"GET /events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
            await asyncio.get_running_loop().sock_sendall(lazy, request.encode())
            await asyncio.sleep(0.4)
            began = time.monotonic()
            await server.stop()
            assert time.monotonic() - began < STOP_SECONDS_MAX


async def test_a_body_that_is_cut_off_gives_nothing_not_even_its_whole_lines(desk: HeldDesk) -> None:
    line = b'{"type":"event","source":"kiosk","kind":"visit","id":"1","event":"arrived","at":"2026-11-21T09:00:00Z"}\n'
    async with serving(desk) as (_, host, port):
        reader, writer = await asyncio.open_connection(host, port)
        head = (
            f"POST /v1/readings HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer kiosk-secret\r\n"
            f"Content-Length: {2 * len(line)}\r\n\r\n"
        )
        writer.write(head.encode() + line + line[:-9])
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        await writer.wait_closed()
        assert await reader.read() == b""
        await asyncio.sleep(0.1)
        async with httpx.AsyncClient() as client:  # and the server is up
            assert (await client.get(f"http://{host}:{port}/healthz")).status_code == 200
    assert desk.taken == []


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x00\xa5", b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000, b"\xff" * 99]
)
async def test_noise_on_the_port_leaves_it_serving(desk: HeldDesk, noise: bytes) -> None:
    async with serving(desk) as (_, host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(noise + b"\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
        writer.close()
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://{host}:{port}/healthz")).status_code == 200


# --- the stream itself, without a socket


def watchers(desk: HeldDesk, stopping: asyncio.Event, **limits: float) -> Watchers:
    return Watchers(desk, Pages(desk), stopping, **limits)  # type: ignore[arg-type]


async def test_without_a_change_a_watcher_hears_that_the_server_is_alive(desk: HeldDesk) -> None:
    desk.clock = datetime(2026, 11, 21, 9, tzinfo=UTC)
    stream = watchers(desk, asyncio.Event(), alive_seconds=0.01).stream(None)
    assert await anext(stream) == b"retry: 3000\n\n"
    assert (await anext(stream)).startswith(b"event: board\n")
    assert await anext(stream) == b'event: alive\ndata: {"now":1795251600000}\n\n'
    await stream.aclose()  # type: ignore[attr-defined]


async def test_trouble_is_told_to_who_watches_although_no_figure_changes(desk: HeldDesk) -> None:
    stream = watchers(desk, asyncio.Event(), alive_seconds=0.01).stream(None)
    assert [(await anext(stream))[:12] for _ in range(3)] == [
        b"retry: 3000\n",
        b"event: board",
        b"event: alive",
    ]
    desk.reasons = ["the store is in trouble: no space left"]
    told = await anext(stream)
    assert told.startswith(b"event: board")
    assert b"no space left" in told
    assert json.loads(told.partition(b"data: ")[2])["rows"] == {}
    desk.reasons = []
    assert b"no space left" not in await anext(stream)
    assert (await anext(stream)).startswith(b"event: alive")
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_busy_second_is_told_in_few_messages_and_the_last_word_is_the_last(desk: HeldDesk) -> None:
    stopping = asyncio.Event()
    heard: list[bytes] = []

    async def watch() -> None:
        async for message in watchers(desk, stopping).stream("casa-lisboa"):
            heard.append(message)

    screen = asyncio.create_task(watch())
    for n in range(100):
        state = (State.AT_RISK, State.BROKEN)[n % 2]
        await desk.put(changed_group(desk.held, GREET, "casa-lisboa", state=state, open=n + 2))
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.5)
    stopping.set()
    await asyncio.wait_for(screen, 1)
    boards = [message for message in heard if message.startswith(b"event: board")]
    assert 2 <= len(boards) <= 8
    assert b"101</span>" in boards[-1]


async def test_a_screen_too_many_is_told_to_come_later_and_one_that_leaves_makes_room(desk: HeldDesk) -> None:
    stopping = asyncio.Event()
    watch = watchers(desk, stopping, watchers_max=1)
    first = watch.stream(None)
    await anext(first)
    with pytest.raises(Refusal) as refused:
        watch.stream(None)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "30")
    await first.aclose()  # type: ignore[attr-defined]
    assert watch.count == 0
    second = watch.stream(None)
    await anext(second)
    stopping.set()
    assert [message async for message in second] == []
    with pytest.raises(Refusal):
        watch.stream(None)  # stopping


async def test_the_board_of_a_reloaded_book_is_rendered_anew(desk: HeldDesk) -> None:
    pages = Pages(desk)
    before = pages.parts(None)
    desk.rules = replace(desk.rules, standards=desk.rules.standards[:1], hash="sha256:01")
    after = pages.parts(None)
    assert set(after.rows) < set(before.rows)
    assert {key.split("/")[0] for key in after.rows} == {desk.rules.standards[0].id}
