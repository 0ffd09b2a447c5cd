"""One member's client: what goes over the wire, and what each answer means."""

from __future__ import annotations

import asyncio
import email.utils
import gzip
from datetime import timedelta

import httpx
import pytest

from standardsd.notify import http
from standardsd.notify.alertmanager import Alertmanager, channel_name
from tests.notify.parts import NOON, SECOND, Heard, loopback, message, names, plain

MINUTE = timedelta(minutes=1)


def member(url: str, client: httpx.AsyncClient, timeout_seconds: float = 5.0) -> Alertmanager:
    return Alertmanager(url, client, resend=MINUTE, timeout_seconds=timeout_seconds)


async def test_every_message_carries_start_end_and_all_annotations() -> None:
    fired = message("fired")
    ended = message("ended", ended=NOON + 30 * SECOND)
    at_once = message("at-once", at=NOON, ended=NOON - SECOND, url=None)
    async with loopback() as server, http.client() as client:
        posted = await member(server.url + "/am/", client).post([fired, ended, at_once], NOON + MINUTE)
    assert (posted.taken, posted.refused, posted.error) == (frozenset({0, 1, 2}), (), None)
    (request,) = server.heard
    assert (request.path, request.headers["content-type"]) == ("/am/api/v2/alerts", "application/json")
    assert request.body[0] == {
        "labels": {"alertname": "fired", "source": "standardsd"},
        "annotations": {
            "summary": "Guests wait",
            "description": "3 broken",
            "since": "2026-11-21T12:00:00Z",
        },
        "startsAt": "2026-11-21T12:00:00Z",
        "endsAt": "2026-11-21T12:05:00Z",  # now + 4 × re-send
        "generatorURL": "http://127.0.0.1:8080/standards/x",
    }
    assert request.body[1]["endsAt"] == "2026-11-21T12:00:30Z"
    assert request.body[1]["annotations"] == request.body[0]["annotations"]
    # An end before the start would be refused with the whole batch.
    assert request.body[2]["endsAt"] == request.body[2]["startsAt"]
    assert "generatorURL" not in request.body[2]


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_refused_batch_is_halved_until_the_bad_ones_stand_alone(status: int) -> None:
    async def answer(heard: Heard) -> bytes:
        bad = any(one["labels"]["alertname"].startswith("bad") for one in heard.body)
        return plain(status, '{"message": "bad\n  label"}') if bad else plain(200)

    batch = [message(name) for name in ("a", "bad-1", "b", "c", "d", "e", "f", "bad-2")]
    async with loopback(answer) as server, http.client() as client:
        posted = await member(server.url, client).post(batch, NOON)
    assert posted.taken == {0, 2, 3, 4, 5, 6}
    assert posted.refused == tuple((place, f'{status}: {{"message": "bad label"}}') for place in (1, 7))
    assert posted.error is None
    clean = [batch for batch in names(server.heard) if not any(name.startswith("bad") for name in batch)]
    assert [name for batch in clean for name in batch] == ["a", "b", "c", "d", "e", "f"]  # once, in order
    assert len(server.heard) <= 2 * len(batch) - 1


async def test_when_all_are_bad_the_requests_stay_within_their_maximum() -> None:
    async def answer(_: Heard) -> bytes:
        return plain(400, "no")

    async with loopback(answer) as server, http.client() as client:
        posted = await member(server.url, client).post([message(f"a{n}") for n in range(256)], NOON)
    assert len(posted.refused) == 256
    assert len(server.heard) == 511


@pytest.mark.parametrize("status", [301, 307, 401, 403, 404, 408, 429, 500, 502, 503])
async def test_other_failures_are_the_members_and_refuse_nothing(status: int) -> None:
    async def answer(_: Heard) -> bytes:
        return plain(status, "go away", Location="http://127.0.0.1:1/elsewhere")

    async with loopback(answer) as server, http.client() as client:
        posted = await member(server.url, client).post([message("a"), message("b")], NOON)
    assert posted.error == f"{status} from POST /api/v2/alerts: go away"
    assert (posted.taken, posted.refused, posted.left(2)) == (frozenset(), (), [0, 1])
    assert len(server.heard) == 1  # no redirect followed, no bisecting


async def test_what_was_taken_before_the_member_died_stays_taken() -> None:
    async def answer(heard: Heard) -> bytes:
        match names([heard]):
            case [["a", "b"]]:
                return plain(400, "bad")
            case [["a"]]:
                return plain(200)
            case _:
                return plain(503, "dying")

    async with loopback(answer) as server, http.client() as client:
        posted = await member(server.url, client).post([message("a"), message("b")], NOON)
    assert (posted.taken, posted.left(2)) == (frozenset({0}), [1])
    assert posted.error == "503 from POST /api/v2/alerts: dying"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("86400", 60.0),  # capped
        ("9" * 400, 60.0),
        (email.utils.format_datetime(NOON + 20 * SECOND, usegmt=True), 20.0),
        (email.utils.format_datetime(NOON - 20 * SECOND, usegmt=True), 0.0),
        ("soon", None),
        ("-5", None),
        ("٣", None),  # a digit, but not one of HTTP's
    ],
)
async def test_a_request_for_patience_is_heard_and_capped(asked: str, seconds: float | None) -> None:
    async def answer(_: Heard) -> bytes:
        return plain(429, "", Retry_After=asked)

    async with loopback(answer) as server, http.client() as client:
        posted = await member(server.url, client).post([message()], NOON)
    assert posted.retry_after == seconds


async def test_the_whole_exchange_has_one_time_limit() -> None:
    """Each byte comes in time, the answer never does: only a total time sees that."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        try:
            for _ in range(400):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with http.client() as client:
        posted = await member(url, client, timeout_seconds=0.2).post([message()], NOON)
    assert posted.error == "no answer within 0.2 s"
    assert loop.time() - began < 1.5
    server.close()


async def test_a_huge_answer_is_read_only_as_far_as_needed() -> None:
    """A compressed bomb stays compressed, and a stream without end is left after 64 KiB."""
    bomb = gzip.compress(b"\0" * 50_000_000)

    async def answer(_: Heard) -> bytes:
        head = f"HTTP/1.1 500 X\r\nContent-Encoding: gzip\r\nContent-Length: {10**12}\r\n\r\n"
        return head.encode() + bomb + b"x" * 200_000

    async with loopback(answer) as server, http.client() as client:
        reply = await http.post(client, server.url, b"[]", headers={}, timeout_seconds=5)
    assert reply.status == 500
    assert len(reply.text) <= http.reply_bytes_max


async def test_nobody_there_is_said_in_words() -> None:
    async with loopback() as server:
        url = server.url
    async with http.client() as client:
        posted = await member(url, client).post([message()], NOON)
    assert posted.error is not None
    assert posted.error.startswith("ConnectError")


@pytest.mark.parametrize(
    ("clock_ahead_seconds", "ends_after_seconds"),
    [
        (0, 240),
        (1, 240),  # within the second that Date leaves open
        (600, 840),  # ten minutes ahead: it would have ended every alert on arrival
        (-600, 240),  # behind: ends later by itself, nothing is lost
        (7200, 240),  # two hours: a broken proxy's clock, not believed
    ],
)
async def test_a_member_whose_clock_is_ahead_does_not_end_what_still_fires(
    clock_ahead_seconds: int, ends_after_seconds: int
) -> None:
    async def answer(_: Heard) -> bytes:
        its_now = NOON + timedelta(seconds=clock_ahead_seconds)
        return plain(200, "", Date=email.utils.format_datetime(its_now, usegmt=True))

    async with loopback(answer) as server, http.client() as client:
        there = member(server.url, client)
        await there.post([message()], NOON)
        await there.post([message()], NOON)
    ends_at = NOON + timedelta(seconds=ends_after_seconds)
    assert server.heard[1].body[0]["endsAt"] == ends_at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:9093", "alertmanager/127.0.0.1:9093"),
        ("http://127.0.0.1:9093/", "alertmanager/127.0.0.1:9093"),
        ("https://anna:secret@am.example/prefix/", "alertmanager/am.example/prefix"),
        ("http://[::1]:9093", "alertmanager/[::1]:9093"),
    ],
)
def test_a_channels_name_shows_no_password(url: str, name: str) -> None:
    assert channel_name(url) == name


async def test_a_password_in_the_address_is_sent_and_not_shown() -> None:
    async with loopback() as server, http.client() as client:
        there = member(server.url.replace("//", "//anna:pass@"), client)
        posted = await there.post([message()], NOON)
    assert posted.error is None
    assert server.heard[0].headers["authorization"] == "Basic YW5uYTpwYXNz"
    async with http.client() as client:  # the server has gone
        posted = await there.__class__(
            f"http://anna:pass@127.0.0.1:{server.port}", client, resend=MINUTE
        ).post([message()], NOON)
    assert posted.error is not None
    assert "pass" not in posted.error
