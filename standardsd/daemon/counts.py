"""What the loop counts for /metrics: readings, rejections, and how late a breach was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from standardsd.daemon.rejections import Rejections
from standardsd.drivers.base import Batch
from standardsd.metrics.figures import Tally
from standardsd.model.decision import Decision, Refused, Verdict, VerdictSpoken


@dataclass
class Counts:
    """What the loop has counted since the start, for /metrics: by source, then by word."""

    readings: dict[str, Counter[str]] = field(default_factory=dict)
    rejected: dict[str, Counter[str]] = field(default_factory=dict)
    last_rejected: Rejections = field(default_factory=Rejections)
    detection: dict[str, Tally] = field(default_factory=dict)

    def take(self, batch: Batch, refused: Sequence[Refused]) -> None:
        words = (type(reading).__name__.lower() for reading in batch.readings)
        self.readings.setdefault(batch.source, Counter()).update(words)
        for record in batch.rejected:
            self.reject(batch.source, record.reason)
        for line in refused:
            self.reject(batch.source, line.reason)

    def reject(self, source: str, reason: str, count: int = 1) -> None:
        self.rejected.setdefault(source, Counter())[reason] += count

    def decide(self, decisions: Iterable[Decision], now: datetime) -> None:
        """Detection delay: from the instant a promise was broken to the decision."""
        for line in decisions:
            if isinstance(line, VerdictSpoken) and line.verdict is Verdict.BREACHED:
                delay = max((now - line.at).total_seconds(), 0.0)
                self.detection.setdefault(line.standard, Tally()).observe(delay)
