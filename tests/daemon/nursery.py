"""Starts daemons by fork, so that forty-five restarts do not cost forty-five imports.

    python -m tests.daemon.nursery

Imports the program once.  Each line of JSON on standard input is answered by one on standard
output:

    {"do": "start", "arguments": [...], "environ": {...}, "folder": "...", "log": "..."}  →  {"pid": 4711}
    {"do": "wait", "pid": 4711, "seconds": 2.0}                                         →  {"code": 0}

``code`` is None while it runs, and negative for a signal, as in ``subprocess``.  What runs in the
child is the program as the console script runs it, in a process group of its own.  The nursery ends
at the end of its input, and with it everything it started.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from typing import Any

from standardsd.cli import main as program
from standardsd.cli import run as _imported_now_instead_of_in_each_child  # noqa: F401

children_max = 1_000
"""Children of one nursery; a test that needs more has a loop without an end."""


def start(arguments: list[str], environ: dict[str, str], folder: str, log: str) -> int:
    """The process id of a new child that runs the program; its output is added to ``log``."""
    child = os.fork()
    if child:
        return child
    code = 70  # what sysexits.h calls an internal mistake; the program itself never ends with it
    try:
        _become(arguments, environ, folder, log)
        program()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1  # as Python ends when nobody catches
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become(arguments: list[str], environ: dict[str, str], folder: str, log: str) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(nothing, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.closerange(3, 64)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["standardsd", *arguments]


class Nursery:
    """Who runs, and how those ended who do not."""

    def __init__(self) -> None:
        self._running: set[int] = set()
        self._ended: dict[int, int] = {}

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        match asked.pop("do"):
            case "start":
                assert len(self._running) + len(self._ended) < children_max
                pid = start(**asked)
                self._running.add(pid)
                return {"pid": pid}
            case "wait":
                return {"code": self._wait(asked["pid"], asked["seconds"])}
            case other:
                raise AssertionError(other)

    def _wait(self, pid: int, seconds: float) -> int | None:
        """Its exit code; None when it still runs after ``seconds``."""
        end = time.monotonic() + seconds
        while pid not in self._ended:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._running.discard(pid)
                self._ended[pid] = os.waitstatus_to_exitcode(status)
            elif time.monotonic() >= end:
                return None
            else:
                time.sleep(0.002)
        return self._ended[pid]

    def end(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main() -> None:
    nursery = Nursery()
    try:
        for line in sys.stdin:
            print(json.dumps(nursery.answer(json.loads(line))), flush=True)
    finally:
        nursery.end()


if __name__ == "__main__":
    main()
