"""Named places where a crash test stops the daemon dead.

``STANDARDSD_FAILPOINT=committed:3`` kills the process (SIGKILL) when it comes to the
place called ``committed`` for the third time.  Without the setting a place costs one
comparison.  See ``tests/daemon/test_crash.py``.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

PLACES = ("received", "judged", "committed", "acknowledged", "delivering", "delivered")
"""Batch in hand; decisions made; transaction durable; the answer on its way to the source; the message in hand,
channel not yet told; channel told, outbox not yet marked."""


class Failpoint:
    """One place and the count at which it strikes; None: never."""

    def __init__(self, setting: str | None) -> None:
        """Raises ValueError for anything that is not ``place:count``."""
        self._hits: Counter[str] = Counter()
        self._place: str | None = None
        self._at = 0
        if setting:
            place, _, count = setting.partition(":")
            if place not in PLACES or not count.isdigit() or int(count) < 1:
                raise ValueError(f"{setting!r}: write PLACE:COUNT, PLACE one of {', '.join(PLACES)}")
            self._place, self._at = place, int(count)

    def reach(self, place: str) -> None:
        assert place in PLACES, place
        if self._place != place:
            return
        self._hits[place] += 1
        if self._hits[place] == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
