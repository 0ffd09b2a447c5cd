"""`standardsd demo` as a person runs it: a process, its output, its addresses, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from standardsd.cli.demo_files import HOUSES, stop_file
from tests.real import free_port

PROGRAM = str(Path(sys.executable).with_name("standardsd"))
ENDS_WITHIN_SECONDS = 2.0
SERIES = re.compile(r"^(?P<name>\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)$", re.MULTILINE)


class Demo:
    """A running demo and what it says of itself."""

    def __init__(self, process: subprocess.Popen[str], port: int, data: Path) -> None:
        self.process = process
        self.port = port
        self.data = data

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def series(self, name: str, **labels: str) -> list[float]:
        """The values of every series of ``name`` that has these labels."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        return [
            float(match["value"])
            for match in SERIES.finditer(self.get("/metrics"))
            if match["name"] == name and wanted <= set(match["labels"].split(","))
        ]

    def total(self, name: str, **labels: str) -> float:
        return sum(self.series(name, **labels))

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def until(self, true: object, *, seconds_max: float, what: str) -> float:
        """Seconds until ``true()``; fails with ``what`` and the output so far after ``seconds_max``."""
        assert callable(true)
        began = time.monotonic()
        while not true():
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.output()}"
            took = time.monotonic() - began
            assert took < seconds_max, f"{what}: not within {seconds_max:g} s"
            time.sleep(0.2)
        return time.monotonic() - began

    def end(self, sign: signal.Signals) -> float:
        """Seconds it takes to end after ``sign``."""
        began = time.monotonic()
        self.process.send_signal(sign)
        self.process.wait(20)
        return time.monotonic() - began

    def output(self) -> str:
        return (self.data.parent / "output").read_text()


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[Demo]:
    port, data = free_port(), folder / "demo"
    command = [PROGRAM, "demo", "--data", str(data), "--port", str(port), *options]
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, text=True, cwd=folder
        )
    running = Demo(process, port, data)
    try:
        running.until(running.listens, seconds_max=30, what="listening")
        yield running
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_within_a_minute_promises_break_are_at_risk_and_alerts_fire_and_a_silent_site_is_unknown(
    tmp_path: Path,
) -> None:
    """The whole story of a demo, as the README tells it."""
    with demo(tmp_path) as running:
        began = time.monotonic()
        sites = {house.site for house in HOUSES}

        # Violations, at-risk cases and firing alerts within a minute.
        running.until(
            lambda: running.total("standardsd_violations_total") >= 1, seconds_max=60, what="a violation"
        )
        for condition in ("breach", "at_risk"):
            running.until(
                lambda condition=condition: (
                    running.total("standardsd_alerts", condition=condition, state="firing") >= 1
                ),
                seconds_max=60 - (time.monotonic() - began),
                what=f"a firing alert: {condition}",
            )

        # One site's simulator is stopped: its standards become unknown, and none of it is a violation.
        castle = stop_file(running.data, "castle")
        castle.touch()
        time.sleep(1.5)  # it looks twice a second; what it said before still counts
        violations = running.total("standardsd_violations_total", site="castle-hotel")
        running.until(
            lambda: running.series("standardsd_source_up", source="castle") == [0.0],
            seconds_max=20,
            what="dark",
        )
        states = running.series("standardsd_standard_state", site="castle-hotel", state="unknown")
        assert states and set(states) == {1.0}
        others = running.series("standardsd_standard_state", site="spa-hotel", state="unknown")
        assert others and set(others) == {0.0}
        time.sleep(3)
        assert running.total("standardsd_violations_total", site="castle-hotel") == violations

        # It goes on where it was, and says so.
        castle.unlink()
        running.until(
            lambda: running.series("standardsd_source_up", source="castle") == [1.0],
            seconds_max=10,
            what="back",
        )
        known = running.series("standardsd_standard_state", site="castle-hotel", state="unknown")
        assert known and set(known) == {0.0}

        # The wallboard is there, and names every site.
        page = running.get("/")
        assert all(site in page for site in sites)

        assert running.end(signal.SIGINT) < ENDS_WITHIN_SECONDS
        assert running.process.returncode == 0
        lines = running.output().splitlines()
        assert lines[0] == f"wallboard  http://127.0.0.1:{running.port}/"
        assert lines[1] == f"metrics    http://127.0.0.1:{running.port}/metrics"
        assert "Traceback" not in running.output()
        assert "ERROR" not in (running.data / "demo.log").read_text()


def test_it_ends_by_itself_and_goes_on_with_its_data_and_ends_on_a_polite_request(tmp_path: Path) -> None:
    with demo(tmp_path, "--for", "2s") as running:
        began = time.monotonic()
        assert running.process.wait(20) == 0
        assert time.monotonic() - began < 2 + ENDS_WITHIN_SECONDS
    with demo(tmp_path) as running:
        running.until(lambda: "promises: " in running.output(), seconds_max=10, what="a line")
        assert running.end(signal.SIGTERM) < ENDS_WITHIN_SECONDS
        assert running.process.returncode == 0
        assert "Traceback" not in running.output()
        assert "ERROR" not in (running.data / "demo.log").read_text()


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "demo", *arguments],
        cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_taken_port_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("--port", str(port), cwd=tmp_path)
    assert done.returncode == 3
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in done.stderr
    assert "fix: add --port " in done.stderr
    assert not list(tmp_path.iterdir()), "it wrote something although it could not start"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--for", "60"), "fix: write 60s"),
        (("--for", "1 minute"), "--for: "),
        (("--for", "0"), "fix: write a duration longer than 0"),
        (("--port", "0"), "--port"),
    ],
)
def test_a_wrong_option_is_told_with_what_to_write(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_mistyped_variable_is_an_error(tmp_path: Path) -> None:
    done = run("--for", "1s", cwd=tmp_path, STANDARDSD_LOGLEVEL="debug")
    assert done.returncode == 2
    assert "STANDARDSD_LOGLEVEL" in done.stderr
    assert "STANDARDSD_LOG_LEVEL" in done.stderr


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("--data", "file/below", "--port", str(free_port()), cwd=tmp_path)
    assert done.returncode == 3
    assert "fix: name another folder with --data" in done.stderr
