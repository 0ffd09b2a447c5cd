"""How long to wait before the next try: longer each time, never in step with others.

Wrong credentials are another matter than a server that is away: three of them in a row, and
there is at most one try a minute, because the server counts and may lock us out.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

first = timedelta(seconds=1)
"""After the first failure; a PBX that was restarted is back within a few of these."""
most = timedelta(minutes=1)
growth = 2.0
jitter = 0.5
"""Up to this share is added at random, so that clients that were thrown out together do not return together."""
refusals_max = 3
refused_pause = timedelta(minutes=1)
"""The least time between two tries once ``refusals_max`` logins in a row were refused."""


class Backoff:
    """``uniform`` gives a number in [a, b]; ``random.uniform`` unless a test says otherwise."""

    def __init__(self, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._uniform = uniform
        self.attempts = 0
        self._refusals = 0

    def worked(self) -> None:
        """The connection held; the next failure is a first one."""
        self.attempts = 0
        self._refusals = 0

    def let_in(self) -> None:
        """The server took the credentials."""
        self._refusals = 0

    def failed(self, *, refused: bool) -> timedelta:
        """How long to wait now.  ``refused``: the server said no to the credentials."""
        self.attempts += 1
        self._refusals += refused
        steps = min(self.attempts - 1, 16)  # 2**16 s is beyond ``most`` already
        pause = min(first * growth**steps, most)
        if self._refusals >= refusals_max:
            pause = max(pause, refused_pause)
        return pause * (1 + self._uniform(0.0, jitter))
