"""Where a long run is, for whoever waits for it at a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from standardsd.language.problems import printable

first_seconds, every_seconds = 1.0, 0.2


class Progress:
    """One line on a terminal's standard error, after its first second; elsewhere nothing.

    ``doing``: the verb in front of what it is told.
    """

    def __init__(self, doing: str = "running") -> None:
        self._doing = doing
        self._begun = self._last = time.monotonic()
        self._shown = False
        self._on = sys.stderr.isatty()

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        if not self._on or now - self._begun < first_seconds or now - self._last < every_seconds:
            return
        self._last, self._shown = now, True
        sys.stderr.write(f"\r\033[K{self._doing} {printable(what)[:100]}")
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
