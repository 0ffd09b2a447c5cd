"""The real daemon, run and killed as a process, and somebody who listens in Alertmanager's place.

Nothing here knows the inside of the daemon but the file that it writes, and that is read only
while no daemon has it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families

from standardsd.daemon.storing import STORE_NAME
from standardsd.mapping.ndjson import write_line
from standardsd.model.decision import CaseDecision, Episode, EpisodeState
from standardsd.model.reading import Reading
from standardsd.store.store import Store

ROOT = Path(__file__).parents[2]

start_seconds_max = 60.0
"""A start takes 0.1 s of processor time; on a machine shared by eight it may take a hundred times that."""

end_seconds_max = 30.0
SECRET = "kiosk-secret"
AT_WORK = re.compile(r"wallboard (http://\S+)/ metrics")

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]
"""(name, labels) → value"""


class Nursery:
    """The process that forks daemons; see ``nursery.py``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.daemon.nursery"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip

    def ask(self, **asked: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the nursery ended with {self._process.poll()}"
        told: dict[str, Any] = json.loads(answer)
        return told

    def close(self) -> None:
        self._process.communicate(timeout=10)


def until(true: Callable[[], Any], what: str, seconds_max: float = end_seconds_max) -> Any:
    """Asks until the answer is true and returns it; fails naming ``what`` did not happen."""
    end = time.monotonic() + seconds_max
    while not (found := true()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds_max:g} s"
        time.sleep(0.005)
    return found


def hashed(secret: str) -> str:
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()


@dataclass
class House:
    """A folder with a configuration, and the daemon that runs on it.

    ``rules``: text of its one rule file.  ``sources``: as YAML would have them.  The rest of the
    configuration stands in ``more``, top-level key by key; everything may be changed before a start.
    """

    folder: Path
    nursery: Nursery
    rules: str
    sources: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    url: str = ""
    pid: int | None = None
    starts: int = 0
    _http: httpx.Client = field(
        default_factory=lambda: httpx.Client(verify=False, trust_env=False, timeout=30)
    )

    @property
    def config(self) -> Path:
        return self.folder / "standardsd.yaml"

    @property
    def log_file(self) -> Path:
        """Of the last start; each start has its own."""
        return self.folder / f"log-{self.starts}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def write(self) -> None:
        """The configuration and the rules, as they are to be found at the next start or reload.

        JSON is YAML, and nobody has to think about quoting.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "rules.yaml").write_text(self.rules)
        whole = {
            "version": 1,
            "listen": "127.0.0.1:0",
            "rules": ["rules.yaml"],
            "sources": self.sources,
            "tokens": {"kiosk": {"role": "ingest", "hash": hashed(SECRET)}},
            **self.more,
        }
        self.config.write_text(json.dumps(whole, indent=1))

    # -- life ------------------------------------------------------------------------------------------

    def launch(self, *arguments: str, **environ: str) -> None:
        """Starts ``standardsd run`` and does not wait for it."""
        assert self.pid is None, "it runs already"
        self.starts += 1
        self.log_file.write_text("")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STANDARDSD_")}
        self.pid = self.nursery.ask(
            do="start",
            arguments=["run", "--config", str(self.config), *arguments],
            environ=clean | self.environ | environ,
            folder=str(self.folder),
            log=str(self.log_file),
        )["pid"]

    def start(self, **environ: str) -> Self:
        """Starts it and returns when it is ready to judge."""
        self.write()
        self.launch(**environ)
        assert until(self._ready, "the start", start_seconds_max) == "ready", self.log
        return self

    def _ready(self) -> str:
        """ "ready", "ended", or nothing yet."""
        found = AT_WORK.search(self.log)
        if found is None:
            return "" if self.running() else "ended"
        self.url = found[1]
        try:
            return "ready" if self._http.get(f"{self.url}/readyz").status_code == 200 else ""
        except httpx.TransportError:
            return "" if self.running() else "ended"

    def running(self) -> bool:
        return self.pid is not None and self._wait(0) is None

    def send(self, sign: signal.Signals) -> None:
        assert self.pid is not None
        os.kill(self.pid, sign)

    def reload(self) -> float:
        """SIGHUP, and waits until the daemon has said what became of it; ``standardsd_reload_success``."""
        self.write()
        said = self.log.count("reload")
        self.send(signal.SIGHUP)
        until(lambda: self.log.count("reload") > said, "a word on the reload")
        success = self.metric("standardsd_reload_success")
        assert success is not None
        return success

    def kill(self) -> None:
        """``kill -9``; returns when it is gone.  It may have been killed already."""
        if self.running():
            self.send(signal.SIGKILL)
        self.ended()

    def ended_within(self, seconds: float) -> bool:
        """Whether it ends within that time."""
        if self._wait(seconds) is None:
            return False
        self.ended()
        return True

    def ended(self, seconds_max: float = end_seconds_max) -> int:
        """Its exit code once it has ended; negative for a signal."""
        code = self._wait(seconds_max)
        assert code is not None, f"it still runs after {seconds_max:g} s\n{self.log}"
        self.pid = None
        return code

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> float:
        """Ends it as an operator does, with exit code 0; the seconds that it took."""
        began = time.monotonic()
        self.send(sign)
        code = self.ended()
        assert code == 0, f"exit code {code}\n{self.log}"
        return time.monotonic() - began

    def _wait(self, seconds: float) -> int | None:
        code: int | None = self.nursery.ask(do="wait", pid=self.pid, seconds=seconds)["code"]
        return code

    # -- looking ---------------------------------------------------------------------------------------

    def post(
        self, readings: Sequence[Reading] | bytes, *, key: str | None = None, secret: str = SECRET
    ) -> httpx.Response:
        """POSTs readings, or whatever bytes, to ``/v1/readings``; raises httpx.TransportError when it dies."""
        headers = {"Authorization": f"Bearer {secret}"} | ({} if key is None else {"Idempotency-Key": key})
        body = readings if isinstance(readings, bytes) else b"".join(map(write_line, readings))
        return self._http.post(f"{self.url}/v1/readings", content=body, headers=headers)

    def must_take(self, *readings: Reading, secret: str = SECRET) -> None:
        """POSTs readings, every one of which has to be taken."""
        answer = self.post(readings, secret=secret)
        told = answer.json()
        assert (answer.status_code, told.get("accepted")) == (200, len(readings)), told

    def metrics_text(self) -> str:
        return self._http.get(f"{self.url}/metrics").text

    def metrics(self) -> Series:
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.metrics_text())
            for sample in family.samples
        }

    def metric(self, name: str, **labels: str) -> float | None:
        """The sum of every series of that name that carries these labels; None where there is none."""
        wanted = set(labels.items())
        found = [value for (its, given), value in self.metrics().items() if its == name and wanted <= given]
        return sum(found) if found else None

    def snapshot(self) -> dict[str, Any]:
        board: dict[str, Any] = self._http.get(f"{self.url}/v1/snapshot").json()["board"]
        return board

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The file that it wrote, while no daemon has it."""
        assert self.pid is None, "the daemon has the store"
        with Store.open(self.folder / "data" / STORE_NAME, migrate=False) as store:
            yield store

    def final_verdicts(self) -> dict[tuple[str, str, str, int], dict[str, Any]]:
        """The last word on each occurrence."""
        with self.store() as store:
            return last_words(row.decision for row in store.decisions())

    def final_episodes(self) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
        """What stands of each number."""
        with self.store() as store:
            return last_episodes(row.decision for row in store.decisions())


def last_episodes(decisions: Iterable[object]) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """What stands of each number in the end: a line takes back all that was said of the time from its ``at`` on.

    To begin within limits is nothing to be said; where it is, something said before was taken back.
    """
    stand: dict[tuple[str, str], list[Episode]] = {}
    for line in decisions:
        if isinstance(line, Episode):
            known = stand.setdefault((line.standard, json.dumps(line.group, sort_keys=True)), [])
            while known and known[-1].at >= line.at:
                known.pop()
            if (known[-1].state if known else EpisodeState.IN_LIMITS) is not line.state:
                known.append(line)
    return {key: [(one.at, one.state, one.limit) for one in known] for key, known in stand.items()}


def last_words(decisions: Iterable[object]) -> dict[tuple[str, str, str, int], dict[str, Any]]:
    """What stands in the end, without the word of how it was said: a verdict and an amendment may say the same."""
    last: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    for line in decisions:
        if isinstance(line, CaseDecision):
            last[line.standard, line.kind, line.id, line.occurrence] = {
                name: getattr(line, name) for name in CaseDecision.__struct_fields__
            }
    return last


@dataclass
class Told:
    """One alert in one POST.  ``at``: by our wall clock, when the POST had come whole."""

    at: float
    labels: dict[str, str]
    starts_at: str
    ends_at: str
    annotations: Mapping[str, str]


class FakeAlertmanager:
    """Takes every alert and writes down what it was told.  ``mood``: "well", "ill" (500) or "hung"."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.mood = "well"
        self._over = threading.Event()
        outer = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.mood == "hung":
                    outer._over.wait(60)
                    return
                if outer.mood == "well":
                    now = time.time()
                    outer.told += [
                        Told(now, a["labels"], a["startsAt"], a["endsAt"], a["annotations"])
                        for a in json.loads(body)
                    ]
                self.send_response(200 if outer.mood == "well" else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def alerts(self, alertname: str) -> list[Told]:
        return [one for one in list(self.told) if one.labels["alertname"] == alertname]

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
