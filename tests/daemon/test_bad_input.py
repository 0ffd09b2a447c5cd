"""Whatever comes in: a named error or a counted rejection, and the daemon stays up and goes on judging."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import socket
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from standardsd.daemon.clock import SteadyClock
from standardsd.daemon.upkeep import Upkeep
from standardsd.mapping.ndjson import write_line
from standardsd.model.reading import Event, Watermark
from tests.daemon.harness import SECRET, House, hashed, until

RULES = """\
version: 1
set: door
defaults: {by: [site]}
standards:
  - id: greet
    title: Arriving guests are greeted within a minute
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
"""
KIOSK = {
    "use": "push",
    "labels": {"site": "inn"},
    "watermark": {"kind": "explicit"},
    "yields": {"visit": ["arrived", "greeted"]},
}
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)

Houses = Callable[..., House]


@pytest.fixture
def up(house: Houses) -> House:
    tokens = {
        "kiosk": {"role": "ingest", "hash": hashed(SECRET), "sources": ["kiosk"]},
        "viewer": {"role": "read", "hash": hashed("viewer")},
    }
    return house(RULES, {"kiosk": KIOSK}, tokens=tokens).start()


def line(**changed: Any) -> bytes:
    told = {
        "type": "event", "source": "kiosk", "kind": "visit", "id": "v", "event": "arrived",
        "at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    return json.dumps({**told, **changed}).encode() + b"\n"


def still_judges(house: House) -> None:
    """The daemon is up: it takes a promise, breaks it at due, and has had no mistake of its own."""
    began = datetime.now(UTC) - 61 * SECOND
    before = house.metric("standardsd_violations_total", standard="greet") or 0.0
    house.must_take(
        Event("kiosk", "visit", "still", "arrived", began), Watermark("kiosk", began + 61 * SECOND)
    )
    assert house.metric("standardsd_violations_total", standard="greet") == before + 1
    assert house.running()
    assert "Traceback" not in house.log


BAD_LINES = {
    "half a line": (b'{"type":"event","source":"kio', "half_line"),
    "no JSON": (b"hello\n", "not_json"),
    "not UTF-8": (line(id="v").replace(b'"v"', b'"\xff\xfe"'), "not_utf8"),
    "half a surrogate": (line().replace(b'"v"', b'"\\ud800"'), None),
    "deep": (b'{"type":' * 5000 + b"1" + b"}" * 5000 + b"\n", None),
    "naive time": (line(at="2026-11-21T09:00:00"), "naive_time"),
    "no such day": (line(at="2026-02-30T09:00:00Z"), None),
    "year 1": (line(at="0001-01-01T00:00:00Z"), None),
    "unknown key": (line(colour="blue"), "unknown_field"),
    "unknown kind": (line(kind="vist"), "unknown_kind"),
    "unknown event": (line(event="arived"), "unknown_event"),
    "event it does not yield": (line(event="served"), "not_yielded"),
    "kind it does not yield": (line(kind="call", event="queued"), "not_yielded"),
    "another site's label": (line(labels={"site": "castle"}), "foreign_label"),
    "retraction without a reason": (line(type="retract"), "missing_field"),
    "UTF-16": (line().strip().decode().encode("utf-16-le"), "not_utf8"),
    "unknown source": (line(source="other"), None),
    "infinite": (line(values={"n": 1}).replace(b'"n": 1', b'"n": 1e999'), None),
    "huge id": (line(id="x" * 300), None),
    "huge line": (line(labels={"note": "x" * 70_000}), "line_too_long"),
    "seq beyond": (line(seq=2**70), None),
    "NUL": (b"\x00" * 50 + b"\n", None),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_named_and_counted_and_its_neighbours_are_taken(name: str, up: House) -> None:
    bad, reason = BAD_LINES[name]
    good = Event("kiosk", "visit", "good", "arrived", datetime.now(UTC))
    counted = up.metric("standardsd_readings_rejected_total", source="kiosk") or 0.0
    answer = up.post(write_line(good) + bad)
    told = answer.json()
    assert answer.status_code == 200, told
    assert (told["accepted"], told["rejected_total"]) == (1, 1), told
    (rejected,) = told["rejected"]
    assert rejected["line"] == 2
    assert rejected["what"]
    assert rejected["fix"]
    if reason is not None:
        assert rejected["reason"] == reason
    assert up.metric("standardsd_readings_rejected_total", source="kiosk") == counted + 1
    assert up.metric("standardsd_readings_rejected_total", reason=rejected["reason"]) == 1
    still_judges(up)


def test_bodies_that_are_too_large_in_any_way_are_refused_and_nothing_of_them_taken(up: House) -> None:
    good = line()
    assert up.post(good * 70_000).status_code == 413
    assert up.post(b"\n" * 200_000).status_code in (400, 413)
    bomb = gzip.compress(b" " * 50_000_000)
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Encoding": "gzip"}
    answer = up._http.post(f"{up.url}/v1/readings", content=bomb, headers=headers)
    assert answer.status_code == 413
    broken = gzip.compress(good)[:-4]
    assert up._http.post(f"{up.url}/v1/readings", content=broken, headers=headers).status_code == 400
    assert up.metric("standardsd_readings_total", source="kiosk") in (None, 0.0)
    still_judges(up)


@pytest.mark.parametrize(
    ("secret", "status", "error"),
    [("wrong", 401, "wrong_token"), ("", 401, "no_token"), ("viewer", 403, "wrong_role"),
     ("x" * 20_000, 401, None), ("\u00e9", 401, "wrong_token")],
    ids=["wrong", "none", "another role", "huge", "not ASCII"],
)  # fmt: skip
def test_a_wrong_token_is_refused_and_counted(secret: str, status: int, error: str | None, up: House) -> None:
    headers = [(b"Authorization", f"Bearer {secret}".encode())] if secret else []
    answer = up._http.post(f"{up.url}/v1/readings", content=line(), headers=headers)
    assert answer.status_code == status
    if error is not None:
        assert answer.json()["error"] == error
        assert up.metric("standardsd_readings_rejected_total", reason=error) == 1
    assert SECRET not in up.log
    still_judges(up)


def test_a_connection_cut_in_the_middle_of_a_body_leaves_nothing_of_it(up: House) -> None:
    host, port = up.url.removeprefix("http://").split(":")
    head = b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer kiosk-secret\r\nContent-Length: 9999\r\n\r\n"
    for garbage in (head + line(), b"\x16\x03\x01\x02\x00" * 20, b"GET / HTTP/9.9\r\n\r\n", head[:30]):
        with socket.create_connection((host, int(port))) as one:
            one.sendall(garbage)
    still_judges(up)
    assert (
        up.metric("standardsd_readings_total", source="kiosk") == 2
    )  # those of the proof that it still judges


def test_noise_from_a_seed_never_brings_it_down(up: House) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(60):
        body = bytearray(line(id=f"n{dice.random()}") * 5)
        for _ in range(dice.randrange(1, 20)):
            place = dice.randrange(len(body))
            match dice.randrange(3):
                case 0:
                    body[place] = dice.randrange(256)
                case 1:
                    del body[place : place + dice.randrange(1, 30)]
                case 2:
                    body[place:place] = dice.randbytes(dice.randrange(1, 9))
        assert up.post(bytes(body)).status_code in (200, 400, 403)
    still_judges(up)
    up.kill()
    up.start()  # what was taken can be read again
    assert up.metric("standardsd_violations_total", standard="greet") == 1


# -- clocks --------------------------------------------------------------------------------------------


def test_readings_of_a_clock_that_nobody_set_are_counted_rejections(up: House) -> None:
    """Ahead by more than five minutes, or a week behind the source's own watermark."""
    now = datetime.now(UTC)
    up.must_take(Watermark("kiosk", now))
    ahead = Event("kiosk", "visit", "ahead", "arrived", now + HOUR)
    behind = Event("kiosk", "visit", "behind", "arrived", now - timedelta(days=8))
    told = up.post([ahead, behind, Watermark("kiosk", now + 24 * HOUR)]).json()
    assert (told["accepted"], told["refused_total"]) == (0, 3)
    assert [one["reason"] for one in told["refused"]] == ["too_early", "too_late", "too_early"]
    assert [(one["line"], one.get("id")) for one in told["refused"]] == [
        (1, "ahead"),
        (2, "behind"),
        (3, None),
    ]
    assert all(one["fix"] for one in told["refused"])
    assert "kiosk: rejected: 2 too_early, 1 too_late; the first of this batch at line 1: event at " in up.log
    page = up._http.get(f"{up.url}/sources/kiosk").text
    assert page.count("<code>too_early</code>") == 2
    assert "line 2: event at" in page
    assert "visit behind arrived" in page
    assert up.metric("standardsd_readings_rejected_total", source="kiosk", reason="too_early") == 2
    assert up.metric("standardsd_readings_rejected_total", source="kiosk", reason="too_late") == 1
    assert not up.metric("standardsd_open_promises", standard="greet")
    mark = up.metric("standardsd_source_watermark_timestamp_seconds", source="kiosk")
    assert mark == pytest.approx(now.timestamp())
    still_judges(up)


def test_a_reading_a_little_ahead_is_taken(up: House) -> None:
    """Clocks differ by seconds; exactly at the limit is not tried, because time does not stand still here."""
    ahead = Event("kiosk", "visit", "ahead", "arrived", datetime.now(UTC) + timedelta(minutes=4))
    up.must_take(ahead)


@dataclass
class Clocks:
    """A wall clock and a monotonic one, moved by hand."""

    wall: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 9, tzinfo=UTC))
    mono: float = 100.0

    def steady(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.mono)

    def passes(self, seconds: float, *, wall: float | None = None) -> None:
        """``wall``: what the wall clock makes of these seconds, if it is something else."""
        self.mono += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)


# Each row: (seconds that pass, what the wall clock makes of them), what `now` has moved on by since the
# start after each step, and by how much the wall clock stands behind at the end.
STEPS: dict[str, tuple[list[tuple[float, float]], list[float], float]] = {
    "both go together": ([(1, 1), (2, 2)], [1, 3], 0),
    "set forward: followed at once": ([(1, 3601), (1, 1)], [3601, 3602], 0),
    "set back: on at our own pace": ([(1, -3599), (10, 10)], [1, 11], 3600),
    "set back, and caught up": ([(1, -9), (10, 10), (5, 20)], [1, 11, 21], 0),
    "back, then forward again": ([(1, -3599), (1, 3601)], [1, 3602 - 3600], 0),
    "forward by mistake, then back": ([(1, 3601), (1, -3599)], [3601, 3602], 3600),
    "stands still": ([(1, 0), (1, 0)], [1, 2], 2),
    "asleep: monotonic stood, wall went on": ([(0, 600), (1, 1)], [600, 601], 0),
    "slewed by a little": ([(1, 0.9999), (1, 1.0001)], [1, 2], 0),
}


@pytest.mark.parametrize("name", STEPS)
def test_the_clock_never_goes_back_and_follows_forward(name: str) -> None:
    steps, moved, behind = STEPS[name]
    clocks = Clocks()
    steady, start = clocks.steady(), clocks.wall
    for (seconds, wall), expected in zip(steps, moved, strict=True):
        clocks.passes(seconds, wall=wall)
        assert (steady.now() - start).total_seconds() == pytest.approx(expected, abs=1e-5)
        assert (steady.now() - start).total_seconds() == pytest.approx(
            expected, abs=1e-5
        )  # asking moves nothing
    assert steady.stepped_back.total_seconds() == pytest.approx(behind, abs=1e-3)


def test_any_walk_of_the_wall_clock_gives_instants_that_never_fall() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    clocks = Clocks()
    steady = clocks.steady()
    last = steady.now()
    for _ in range(5_000):
        jump = dice.choice([0, 0, 0, 0, dice.uniform(-7200, 7200)])
        seconds = dice.expovariate(1)
        clocks.passes(seconds, wall=seconds + jump)
        now = steady.now()
        assert now >= last
        assert now >= clocks.wall, "behind the wall clock, everything would be judged late"
        last = now


async def test_a_wall_clock_that_is_set_back_does_not_stop_the_upkeep() -> None:
    """The next run lies an hour ahead on the scheduler's clock; a look brings it back to its own pace."""
    clocks = Clocks()
    ran: list[datetime] = []

    async def work() -> None:
        ran.append(datetime.now(UTC))

    upkeep = Upkeep(lambda: clocks.wall)
    upkeep.every(0.05, work)
    upkeep.start()
    (job,) = upkeep.scheduler.get_jobs()
    job.modify(next_run_time=datetime.now(UTC) + HOUR)
    clocks.passes(5, wall=5 - 3600)
    upkeep.look()
    end = datetime.now(UTC) + 10 * SECOND
    while not ran and datetime.now(UTC) < end:
        await asyncio.sleep(0.01)
    upkeep.stop()
    assert ran


def test_while_the_store_is_in_trouble_nothing_is_acknowledged_and_everybody_is_told(up: House) -> None:
    """Another program holds the file: 503 for senders, not ready, and what waited is taken when it lets go."""
    began = datetime.now(UTC) - 61 * SECOND
    up.must_take(Event("kiosk", "visit", "v", "arrived", began))
    other = sqlite3.connect(up.folder / "data" / "standardsd.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with socket.create_connection(("127.0.0.1", int(up.url.rsplit(":", 1)[1]))) as waiting:
        body = write_line(Watermark("kiosk", began + 61 * SECOND))
        waiting.sendall(
            b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer kiosk-secret\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        until(lambda: up._http.get(f"{up.url}/readyz").status_code == 503, "not ready")
        refused = up.post([Event("kiosk", "visit", "w", "arrived", datetime.now(UTC))])
        assert refused.status_code == 503
        assert float(refused.headers["retry-after"]) >= 1
        other.execute("ROLLBACK")
        other.close()
        waiting.settimeout(30)
        assert waiting.recv(100).startswith(b"HTTP/1.1 200")
    assert up._http.get(f"{up.url}/readyz").status_code == 200
    assert "nothing is acknowledged" in up.log
    assert "the store works again" in up.log
    assert up.metric("standardsd_violations_total", standard="greet") == 1
    still_judges(up)
