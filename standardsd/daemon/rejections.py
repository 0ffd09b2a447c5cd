"""What was rejected last, for the page of its source, and a line of the log for each batch that rejects."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from standardsd.web.desk import RejectedLine, last_rejected_max

log = logging.getLogger(__name__)

told_every = timedelta(seconds=10)
"""Between two lines of the log about one source; what is rejected meanwhile is counted in the next one."""


class Rejections:
    """Of each source: the last ``last_rejected_max`` lines, and what the log has not yet been told."""

    def __init__(self) -> None:
        self._last: dict[str, deque[RejectedLine]] = {}
        self._told: dict[str, datetime] = {}
        self._untold: dict[str, Counter[str]] = {}

    def take(self, source: str, lines: Sequence[RejectedLine], reasons: Mapping[str, int]) -> None:
        """One batch: ``lines`` in their order, at least the first of it; ``reasons``: how many there are of each."""
        if not lines:
            return
        self._last.setdefault(source, deque(maxlen=last_rejected_max)).extend(lines)
        untold = self._untold.setdefault(source, Counter())
        untold.update(reasons)
        now, told = lines[-1].received, self._told.get(source)
        if told is not None and told <= now < told + told_every:
            return
        self._told[source] = now
        counts = ", ".join(f"{count} {reason}" for reason, count in untold.most_common())
        log.warning(
            "%s: rejected: %s; the first of this batch at %s: %s",
            source,
            counts,
            lines[0].place,
            lines[0].what,
        )
        untold.clear()

    def last(self, source: str) -> tuple[RejectedLine, ...]:
        """The newest first."""
        return tuple(reversed(self._last.get(source, ())))
