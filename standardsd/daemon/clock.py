"""The daemon's clock: wall time that never goes back.

Read from the monotonic clock and anchored to the wall clock.  When the wall clock is set
forward we follow at once; when it is set back we go on at our own pace until it has caught
up, because an instant that was already judged must not come again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

STEP = timedelta(seconds=1)
"""A difference of more than this is a step and is told; less is the ordinary slewing of NTP."""


def _wall() -> datetime:
    return datetime.now(UTC)


class SteadyClock:
    """``now()`` never goes back.  ``stepped_back``: how far the wall clock stands behind us, 0 if it does not."""

    def __init__(
        self, wall: Callable[[], datetime] = _wall, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._anchor = wall()
        self._anchor_mono = monotonic()
        self.stepped_back = timedelta(0)

    def now(self) -> datetime:
        steady = self._anchor + timedelta(seconds=self._monotonic() - self._anchor_mono)
        wall = self._wall()
        behind = steady - wall
        if behind <= timedelta(0):
            if behind < -STEP:
                log.warning("the wall clock was set forward by %.3f s; following it", -behind.total_seconds())
            self._anchor, self._anchor_mono = wall, self._monotonic()
            self.stepped_back = timedelta(0)
            return wall
        if behind > STEP and self.stepped_back <= STEP:
            log.warning(
                "the wall clock was set back by %.3f s; going on at our own pace until it has caught up",
                behind.total_seconds(),
            )
        self.stepped_back = behind
        return steady
