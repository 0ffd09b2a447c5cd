"""Real outside programs for tests: found by name, started on free ports, ended afterwards.

A test that needs one calls ``need("prometheus")``.  Where the program is missing the test is
skipped by its name; under ``REQUIRE_REAL=1``, which ``.ci/run`` sets after ``./x real``, it fails.
Every server gets a data folder and ports of its own, so tests may run side by side; the port is
chosen by the system, and should somebody else take it before our server does, another is tried.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

READY_SECONDS_MAX = 30.0  # a cold start takes 1 s; a machine shared by eight takes ten times that
END_SECONDS_MAX = 5.0
PORT_TRIES_MAX = 3
LOG_LINES_SHOWN_MAX = 20

INSTALL = "run ./x real"
OTHER_NAMES = {"alertmanager": "prometheus-alertmanager"}  # Debian's name for it


def need(program: str) -> Path:
    """The path of ``program``; without it the test is skipped by name, or fails under REQUIRE_REAL=1."""
    for name in (program, OTHER_NAMES.get(program, program)):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    if os.environ.get("REQUIRE_REAL") == "1":
        pytest.fail(f"needs the real {program}, and REQUIRE_REAL=1 forbids to skip: {INSTALL}", pytrace=False)
    pytest.skip(f"needs the real {program}: {INSTALL}")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class DidNotStart(AssertionError):
    """The program ended or stayed silent; the message carries the end of its log."""


@dataclass
class Server:
    """A running program.  ``log`` is everything it printed."""

    name: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN_MAX:]
        return "\n".join((f"the end of the log of {self.name}:", *lines))

    def get(self, path: str) -> Any:
        """The JSON that a GET of ``path`` (from the first slash on) answers with."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def answers(self, path: str = "/-/ready") -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """``kill -9``, as a crash would; nothing is said to it first."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when it has not ended within 5 s."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        # Its whole process group: nothing it started outlives the test.
        for sign in (how, signal.SIGKILL):
            if self.process.poll() is not None:
                return
            os.killpg(self.process.pid, sign)
            try:
                self.process.wait(END_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                continue


def wait_until(true: Callable[[], bool], *, seconds_max: float = READY_SECONDS_MAX, what: str = "it") -> None:
    """Asks ten times a second; after ``seconds_max`` the test fails, naming ``what`` did not happen."""
    end = time.monotonic() + seconds_max
    while not true():
        assert time.monotonic() < end, f"{what} did not happen within {seconds_max:g} s"
        time.sleep(0.1)


def launch(name: str, command: Sequence[str], *, port: int, folder: Path) -> Server:
    """Starts ``command`` in ``folder`` and returns once ``/-/ready`` answers; otherwise ``DidNotStart``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    server = Server(name, port, folder, process)
    end = time.monotonic() + READY_SECONDS_MAX
    while not server.answers():
        if process.poll() is not None:
            raise DidNotStart(f"{name} ended with {process.returncode}\n{server.log_tail()}")
        if time.monotonic() > end:
            server.kill()
            raise DidNotStart(f"{name} was not ready within {READY_SECONDS_MAX:g} s\n{server.log_tail()}")
        time.sleep(0.05)
    return server


@contextmanager
def _running(name: str, folder: Path, command: Callable[[int], list[str]]) -> Iterator[Server]:
    """A server on a free port for as long as the block runs; a failing block gets the end of its log."""
    server = None
    for attempt in range(1, PORT_TRIES_MAX + 1):
        port = free_port()
        try:
            server = launch(name, command(port), port=port, folder=folder)
            break
        except DidNotStart as error:
            if "address already in use" not in str(error) or attempt == PORT_TRIES_MAX:
                raise
    assert server is not None
    try:
        yield server
    except BaseException as error:
        error.add_note(server.log_tail())
        raise
    finally:
        server.stop()


PROMETHEUS = """\
global: {{scrape_interval: {every}, evaluation_interval: {every}}}
scrape_configs:
  - job_name: standardsd
    static_configs: [{{targets: {targets}}}]
rule_files: {rules}
alerting: {{alertmanagers: [{{static_configs: [{{targets: {members}}}]}}]}}
"""


@contextmanager
def prometheus(
    folder: Path,
    *,
    scrapes: Sequence[str],
    rules: Sequence[Path] = (),
    alertmanagers: Sequence[str] = (),
    every: str = "1s",
) -> Iterator[Server]:
    """A real Prometheus that scrapes ``/metrics`` of ``scrapes`` ("127.0.0.1:8080"), ready to be asked.

    ``rules``: rule files it evaluates; ``alertmanagers``: "host:port" it tells.  Its data is in ``folder``.
    """
    program = need("prometheus")
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "prometheus.yml"
    config.write_text(
        PROMETHEUS.format(
            every=every,
            targets=json.dumps(list(scrapes)),
            rules=json.dumps([str(path) for path in rules]),
            members=json.dumps(list(alertmanagers)),
        )
    )
    with _running(
        "prometheus",
        folder,
        lambda port: [
            str(program),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
    ) as server:
        yield server


ALERTMANAGER = """\
route: {{receiver: hook, group_by: [alertname, condition, site], group_wait: {wait},
  group_interval: {interval}, repeat_interval: 1h}}
receivers: [{{name: hook, webhook_configs: {hooks}}}]
"""


@contextmanager
def alertmanager(
    folder: Path,
    *,
    webhook: str | None = None,
    group_wait: str = "0s",
    group_interval: str = "1s",
    config: str | None = None,
) -> Iterator[Server]:
    """A real Alertmanager, ready to be posted to; what it sends, resolved ones too, goes to ``webhook``.

    ``config``: the text of a whole configuration instead of ours.  Its cluster port is closed.
    """
    program = need("prometheus-alertmanager")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "alertmanager.yml"
    hooks = [] if webhook is None else [{"url": webhook, "send_resolved": True}]
    text = ALERTMANAGER.format(wait=group_wait, interval=group_interval, hooks=json.dumps(hooks))
    file.write_text(text if config is None else config)
    with _running(
        "alertmanager",
        folder,
        lambda port: [
            str(program),
            f"--config.file={file}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
    ) as server:
        yield server


def promtool(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the real promtool; never raises for its exit code."""
    program = need("promtool")
    return subprocess.run(
        [str(program), *arguments], input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the real amtool; never raises for its exit code."""
    program = need("amtool")
    return subprocess.run(
        [str(program), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
