"""How long from the breach to the webhook, beside a bare POST to Alertmanager at the same instants.

    python bench/alert_latency.py [--breaches 200] [--every 0.1] [--bare httpx] [--folder DIR]

A guest arrives at each of N sites and nobody greets them, so N promises break at N known
instants.  A door that streams into a daemon (`standardsd run`) proves its silence at each of
them.  Ours goes all the way: HTTP in, judge, words, one transaction on the disk, worker, a real
Alertmanager, its webhook.  Beside it another process posts a finished alert to the same
Alertmanager at the same instants, over a connection that is open already: with the same client
as ours (`httpx`), so that what we add is seen, or with the quickest one there is (`socket`).
A third process is the webhook.

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
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import msgspec

from standardsd.model.reading import Event, Reading, Watermark

LIMIT = timedelta(seconds=60)
RATIO_AIM = 3.0
WARM_UP = 10
"""Breaches before the measured ones: imports, connections and caches are no part of an alert."""

FSYNCS = 30
LEAD_SECONDS = 2.0
TAIL_SECONDS_MAX = 30.0
READY_SECONDS_MAX = 20.0
OURS, BARE = "greet-within-60s", "bare-post"

CONFIGURATION = """\
version: 1
data: data
listen: 127.0.0.1:{port}
url: http://127.0.0.1:{port}
rules: [rules.yaml]
sources:
  door:
    use: push
    watermark: {{kind: explicit}}
    yields: {{visit: [arrived, greeted]}}
outputs:
  alertmanager: {{members: ["http://{member}"], resend: 1m}}
tokens:
  door: {{role: ingest, hash: "sha256:{hash}", sources: [door]}}
"""
RULES = f"""\
version: 1
set: bench
standards:
  - id: {OURS}
    title: Arriving guests are greeted within 60 seconds
    of: visit
    measure: {{from: arrived, to: greeted}}
    promise: {{within: 60s}}
    alert: {{on: [breach]}}
"""
MAIN = "from standardsd.cli import main; main()"
TOKEN = "a-token-of-the-measurement"


class House:
    """A daemon of its own, as anybody runs it, and the door that streams into it over one connection."""

    def __init__(self, member: str, folder: Path) -> None:
        port = free_port()
        said = CONFIGURATION.format(port=port, member=member, hash=sha256(TOKEN.encode()).hexdigest())
        (folder / "standardsd.yaml").write_text(said)
        (folder / "rules.yaml").write_text(RULES)
        self._log = folder / "standardsd.log"
        command = [sys.executable, "-c", MAIN, "run", "--config", str(folder / "standardsd.yaml")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            await_answer(f"http://127.0.0.1:{port}/readyz", self._process, self._log)
        except BaseException:
            self.stop()
            raise
        self._door = open_connection(f"127.0.0.1:{port}")

    def start(self, dues: Sequence[datetime]) -> None:
        """Guest n has arrived at site n, so that the promise breaks at ``dues[n]``."""
        self._say(
            [
                Event("door", "visit", f"door-{n}", "arrived", due - LIMIT, labels={"site": f"site-{n}"})
                for n, due in enumerate(dues)
            ]
        )

    def silent_until(self, at: datetime) -> None:
        """The door proves that until ``at`` nothing else has happened."""
        self._say([Watermark("door", at)])

    def _say(self, readings: Sequence[Reading]) -> None:
        body = msgspec.json.Encoder().encode_lines(readings)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"}
        self._door.request("POST", "/v1/readings", body, headers)
        answer = self._door.getresponse()
        said = answer.read()
        assert answer.status == 200, f"{answer.status} {said.decode(errors='replace')}"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


def open_connection(host: str) -> http.client.HTTPConnection:
    """One that stays open and sends at once."""
    there = http.client.HTTPConnection(host, timeout=10)
    there.connect()
    assert there.sock is not None
    there.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return there


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def post_bare(host: str, dues: Sequence[float], client: str) -> None:
    """A finished alert at each instant, over one open connection, in a process of its own."""
    asyncio.run(post_by_httpx(host, dues)) if client == "httpx" else post_by_socket(host, dues)


async def post_by_httpx(host: str, dues: Sequence[float]) -> None:
    async with httpx.AsyncClient(timeout=10) as there:
        for n, due in enumerate(dues):
            await asyncio.sleep(max(0.0, due - time.time()))
            answer = await there.post(f"http://{host}/api/v2/alerts", json=[bare_alert(n, due)])
            assert answer.status_code == 200, answer.status_code


def post_by_socket(host: str, dues: Sequence[float]) -> None:
    there = open_connection(host)
    for n, due in enumerate(dues):
        body = json.dumps([bare_alert(n, due)])
        time.sleep(max(0.0, due - time.time()))
        there.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
        answer = there.getresponse()
        answer.read()
        assert answer.status == 200, answer.status


def bare_alert(n: int, due: float) -> dict[str, object]:
    began = datetime.fromtimestamp(due, UTC)
    return {
        "labels": {"alertname": BARE, "site": f"site-{n}", "condition": "breach"},
        "startsAt": began.isoformat(),
        "endsAt": (began + timedelta(minutes=4)).isoformat(),
    }


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
    host = f"127.0.0.1:{free_port()}"
    arguments = [f"--config.file={config}", f"--storage.path={folder / 'data'}"]
    arguments += [f"--web.listen-address={host}", "--cluster.listen-address="]
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], stdout=log, stderr=log)
    try:
        await_answer(f"http://{host}/-/ready", process, folder / "alertmanager.log")
        yield host
    finally:
        process.terminate()
        process.wait(10)


def await_answer(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers 200; a process that ends first, or is silent too long, ends the measurement."""
    end = time.monotonic() + READY_SECONDS_MAX
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{url} did not answer:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)


Arrived = dict[tuple[str, str], float]


def measure(house: House, dues: Sequence[datetime], arrivals: Connection, host: str, client: str) -> Arrived:
    """Instants of arrival at the webhook, ours and the bare ones, until all are there or time is up.

    They are taken over while the breaches go on: a pipe that is full would stop the webhook.
    """
    arrived: Arrived = {}

    def take() -> None:
        while len(arrived) < 2 * len(dues) and not over.is_set():
            if arrivals.poll(0.1):
                name, site, at = arrivals.recv()
                arrived.setdefault((name, site), at)

    over = threading.Event()
    taking = threading.Thread(target=take, daemon=True)
    taking.start()
    house.start(dues)
    bare = multiprocessing.get_context("spawn").Process(
        target=post_bare, args=(host, [due.timestamp() for due in dues], client), daemon=True
    )
    bare.start()
    for due in dues:
        time.sleep(max(0.0, due.timestamp() - time.time()))
        house.silent_until(due)
    taking.join(TAIL_SECONDS_MAX)
    over.set()
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


def run(breaches: int, every: float, client: str, folder: Path) -> dict[str, object]:
    """One run; ``every``: seconds between two breaches on average, never in step with anything."""
    spawn = multiprocessing.get_context("spawn")
    port_here, port_there = spawn.Pipe()
    arrivals_here, arrivals_there = spawn.Pipe()
    webhook = spawn.Process(target=receive, args=(port_there, arrivals_there), daemon=True)
    webhook.start()
    try:
        with alertmanager(folder, port_here.recv()) as host:
            chance = random.Random(1)
            house = House(host, folder)
            try:
                at = time.time() + LEAD_SECONDS
                dues = []
                for _ in range(breaches + WARM_UP):
                    dues.append(datetime.fromtimestamp(at, UTC))
                    at += every * chance.uniform(0.5, 1.5)
                arrived = measure(house, dues, arrivals_here, host, client)
            finally:
                house.stop()
    finally:
        webhook.terminate()
        webhook.join(5)
    ours, bare = (
        figures("ours", delays(arrived, OURS, dues)),
        figures("bare POST", delays(arrived, BARE, dues)),
    )
    ratio = float(str(ours["median_ms"])) / float(str(bare["median_ms"]))
    return {
        "bare_by": client,
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
    parser.add_argument("--bare", choices=("httpx", "socket"), default="httpx", help="who posts beside us")
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    options = parser.parse_args()
    if options.breaches < 100:
        parser.error("fewer than 100 breaches have no p99")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        result = run(options.breaches, options.every, options.bare, Path(folder))
    print(f"{options.breaches} breaches, due → webhook, in milliseconds; bare by {options.bare}")
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
