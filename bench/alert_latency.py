"""How long from the breach to the webhook, beside a bare POST to Alertmanager at the same instants.

    python bench/alert_latency.py [--breaches 200] [--every 0.1] [--through judge] [--folder DIR]

A guest arrives at each of N sites and nobody greets them, so N promises break at N known
instants.  A streamed source proves its silence at each of them.  Ours goes all the way: judge,
words, one transaction on the disk, outbox, worker, a real Alertmanager, its webhook.  Beside it
another process posts a finished alert to the same Alertmanager at the same instants, over a
connection that is open already: nothing can be quicker than that.  A third process is the webhook.

Prints both medians, p99 and their ratio (aim: median at most 3 ×), and the numbers as JSON on the
last line.  Every breach has a site of its own, so no group of Alertmanager waits for another.
Ours is told only when it is on the disk, so one fsync of the disk is part of it and shown apart.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import math
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol, TypeVar

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.decision import Refused
from standardsd.model.reading import Event, Reading, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import AlertRule, Condition, FromTo, Promise, RuleBook, Standard
from standardsd.model.vocabulary import VOCABULARY
from standardsd.notify import http as notify_http
from standardsd.notify.alertmanager import Alertmanager
from standardsd.notify.current import CurrentAlerts
from standardsd.notify.outbox import DeliverySettings
from standardsd.notify.stored import OnItsThread, StoredOutbox, outgoing
from standardsd.notify.worker import Worker
from standardsd.store.entries import Entry, ReadingsInput
from standardsd.store.store import Store

T = TypeVar("T")

LIMIT = timedelta(seconds=60)
RATIO_AIM = 3.0
WARM_UP = 10
"""Breaches before the measured ones: imports, connections and caches are no part of an alert."""

FSYNCS = 30
LEAD_SECONDS = 2.0
TAIL_SECONDS_MAX = 30.0
READY_SECONDS_MAX = 20.0
OURS, BARE = "greet-within-60s", "bare-post"

GREET = Standard(
    id=OURS,
    title="Arriving guests are greeted within 60 seconds",
    of="visit",
    measure=FromTo(("arrived",), ("greeted",)),
    promise=Promise(LIMIT, within=True),
    rules="sha256:" + "0" * 64,
    set="bench",
    alert=AlertRule(on=(Condition.BREACH,)),
)
BOOK = RuleBook((GREET,), VOCABULARY, (), GREET.rules)
DOOR = Source("door")


class Through(Protocol):
    """What makes alerts of unkept promises; the daemon is to be another of them."""

    async def start(self, dues: Sequence[datetime]) -> None:
        """Let guest n arrive at site n so that the promise breaks at ``dues[n]``; ready when it returns."""

    async def silent_until(self, at: datetime) -> None:
        """The source proves that until ``at`` nothing else has happened."""

    async def stop(self) -> None: ...


class ThroughJudge:
    """The parts as the daemon puts them together, in this process, with a real store on the disk."""

    def __init__(self, member: str, folder: Path) -> None:
        self._judge = Judge(BOOK, [DOOR], JudgeSettings())
        self._standing = CurrentAlerts(BOOK.standards, [DOOR], "http://127.0.0.1:8080")
        self._thread = ThreadPoolExecutor(1)
        self._store = self._thread.submit(Store.open, folder / "bench.sqlite").result()
        self._client = notify_http.client()
        resend = timedelta(minutes=1)
        self._worker = Worker(
            Alertmanager(member, self._client, resend=resend),
            StoredOutbox(self._store, self._there),
            self._standing.current,
            DeliverySettings(resend=resend),
        )
        self._delivery: asyncio.Task[None] | None = None

    @property
    def _there(self) -> OnItsThread:
        def run(call: Callable[[], T], /) -> Awaitable[T]:
            return asyncio.get_running_loop().run_in_executor(self._thread, call)

        return run

    async def start(self, dues: Sequence[datetime]) -> None:
        self._delivery = asyncio.create_task(self._worker.run())
        arrivals = [
            Event(DOOR.name, "visit", f"door/{n}", "arrived", due - LIMIT, labels={"site": f"site-{n}"})
            for n, due in enumerate(dues)
        ]
        await self._take(arrivals)

    async def silent_until(self, at: datetime) -> None:
        await self._take([Watermark(DOOR.name, at)])

    async def _take(self, readings: Sequence[Reading]) -> None:
        """One input: judged, worded, committed, and then told."""
        wall = datetime.now(UTC)
        spoken = self._judge.receive(readings, wall)
        refused = [word for word in spoken if isinstance(word, Refused)]
        assert not refused, refused
        decisions = [word for word in spoken if not isinstance(word, Refused)]
        told = self._standing.messages(decisions)
        rows = outgoing([one.message for one in told], [self._worker.channel.name])
        entry = Entry(wall, ReadingsInput(source=DOOR.name, readings=tuple(readings)), spoken, rows)
        await self._there(lambda: self._store.commit([entry]))
        self._standing.keep(told)
        if told:
            self._worker.wake(rows)

    async def stop(self) -> None:
        if self._delivery is not None:
            self._delivery.cancel()
            await asyncio.gather(self._delivery, return_exceptions=True)
        await self._there(self._store.close)
        self._thread.shutdown()
        await self._client.aclose()


THROUGH: dict[str, Callable[[str, Path], Through]] = {"judge": ThroughJudge}


def receive(port: Connection, arrivals: Connection) -> None:
    """The webhook, in a process of its own: (alert name, site, instant) of every firing alert."""

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            at = time.time()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            for alert in json.loads(body)["alerts"]:
                if alert["status"] == "firing":
                    arrivals.send((alert["labels"]["alertname"], alert["labels"]["site"], at))

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet: a line for each request would be measured, too."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    port.send(server.server_port)
    server.serve_forever()


def post_bare(host: str, dues: Sequence[float]) -> None:
    """A finished alert at each instant, over one open connection, in a process of its own."""
    there = http.client.HTTPConnection(host, timeout=10)
    there.connect()
    assert there.sock is not None
    there.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for n, due in enumerate(dues):
        began = datetime.fromtimestamp(due, UTC)
        alert = {
            "labels": {"alertname": BARE, "site": f"site-{n}", "condition": "breach"},
            "startsAt": began.isoformat(),
            "endsAt": (began + timedelta(minutes=4)).isoformat(),
        }
        body = json.dumps([alert])
        time.sleep(max(0.0, due - time.time()))
        there.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
        answer = there.getresponse()
        answer.read()
        assert answer.status == 200, answer.status


CONFIG = """\
route: {{receiver: hook, group_by: [alertname, site, condition], group_wait: 0s, group_interval: 10s}}
receivers: [{{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{port}/", send_resolved: true}}]}}]
"""


@contextmanager
def alertmanager(folder: Path, webhook_port: int) -> Iterator[str]:
    """A real Alertmanager with the shipped route; its "host:port"."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        sys.exit("needs the real Alertmanager: run ./x real")
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG.format(port=webhook_port))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    arguments = [f"--config.file={config}", f"--storage.path={folder / 'data'}"]
    arguments += [f"--web.listen-address={host}", "--cluster.listen-address="]
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], stdout=log, stderr=log)
    try:
        end = time.monotonic() + READY_SECONDS_MAX
        while not _answers(f"http://{host}/-/ready"):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit("Alertmanager did not start:\n" + (folder / "alertmanager.log").read_text())
            time.sleep(0.05)
        yield host
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False


Arrived = dict[tuple[str, str], float]


async def measure(through: Through, dues: Sequence[datetime], arrivals: Connection, host: str) -> Arrived:
    """Instants of arrival at the webhook, ours and the bare ones, until all are there or time is up."""
    loop = asyncio.get_running_loop()
    arrived: Arrived = {}

    def hear() -> None:
        while arrivals.poll():
            name, site, at = arrivals.recv()
            arrived.setdefault((name, site), at)

    loop.add_reader(arrivals.fileno(), hear)
    await through.start(dues)
    bare = multiprocessing.get_context("spawn").Process(
        target=post_bare, args=(host, [due.timestamp() for due in dues]), daemon=True
    )
    bare.start()
    for due in dues:
        await asyncio.sleep(max(0.0, due.timestamp() - time.time()))
        await through.silent_until(due)
    end = loop.time() + TAIL_SECONDS_MAX
    while len(arrived) < 2 * len(dues) and loop.time() < end:
        await asyncio.sleep(0.05)
    loop.remove_reader(arrivals.fileno())
    bare.join(10)
    return arrived


def delays(arrived: Arrived, name: str, dues: Sequence[datetime]) -> list[float]:
    """Milliseconds from due to the webhook, ascending; one that never came is infinitely late."""
    late = [arrived.get((name, f"site-{n}"), math.inf) - due.timestamp() for n, due in enumerate(dues)]
    return sorted(1000 * seconds for seconds in late[WARM_UP:])


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]


def figures(name: str, ordered: Sequence[float]) -> dict[str, object]:
    return {
        "name": name,
        "count": len(ordered),
        "lost": sum(value == math.inf for value in ordered),
        "median_ms": round(statistics.median(ordered), 3),
        "p90_ms": round(nearest_rank(ordered, 0.90), 3),
        "p99_ms": round(nearest_rank(ordered, 0.99), 3),
        "max_ms": round(ordered[-1], 3),
    }


def fsync_ms(folder: Path) -> float:
    """The disk's own part: what one append and fsync takes, the median of a few on an idle program."""
    took: list[float] = []
    with (folder / "fsync").open("ab", buffering=0) as file:
        for _ in range(FSYNCS):
            time.sleep(0.02)
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(took), 3)


def run(breaches: int, every: float, through: str, folder: Path) -> dict[str, object]:
    """One run; ``every``: seconds between two breaches on average, never in step with anything."""
    spawn = multiprocessing.get_context("spawn")
    port_here, port_there = spawn.Pipe()
    arrivals_here, arrivals_there = spawn.Pipe()
    webhook = spawn.Process(target=receive, args=(port_there, arrivals_there), daemon=True)
    webhook.start()
    try:
        with alertmanager(folder, port_here.recv()) as host:
            chance = random.Random(1)
            at = time.time() + LEAD_SECONDS
            dues: list[datetime] = []
            for _ in range(breaches + WARM_UP):
                dues.append(datetime.fromtimestamp(at, UTC))
                at += every * chance.uniform(0.5, 1.5)

            async def whole() -> Arrived:
                one = THROUGH[through](f"http://{host}", folder)
                try:
                    return await measure(one, dues, arrivals_here, host)
                finally:
                    await one.stop()

            arrived = asyncio.run(whole())
    finally:
        webhook.terminate()
        webhook.join(5)
    ours, bare = (
        figures("ours", delays(arrived, OURS, dues)),
        figures("bare POST", delays(arrived, BARE, dues)),
    )
    ratio = float(str(ours["median_ms"])) / float(str(bare["median_ms"]))
    return {
        "through": through,
        "ours": ours,
        "bare": bare,
        "median_ratio": round(ratio, 2),
        "aim": RATIO_AIM,
        "fsync_ms": fsync_ms(folder),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--breaches", type=int, default=200, help="at least 100")
    parser.add_argument("--every", type=float, default=0.1, help="seconds between two breaches")
    parser.add_argument("--through", choices=sorted(THROUGH), default="judge")
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    options = parser.parse_args()
    if options.breaches < 100:
        parser.error("fewer than 100 breaches have no p99")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        result = run(options.breaches, options.every, options.through, Path(folder))
    print(f"{options.breaches} breaches, due → webhook, through {options.through}, in milliseconds")
    for line in (result["ours"], result["bare"]):
        assert isinstance(line, dict)
        print(
            f"{line['name']:<12}median {line['median_ms']:>8}  p90 {line['p90_ms']:>8}  p99 {line['p99_ms']:>8}  "
            f"max {line['max_ms']:>8}  lost {line['lost']}"
        )
    print(f"ratio of medians {result['median_ratio']} (aim: at most {RATIO_AIM:g})")
    print(f"of ours, one fsync of this disk: {result['fsync_ms']} ms; a bare POST keeps nothing")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
