"""What the daemon knows of itself, as it stands at one scrape."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from standardsd.model.snapshot import Histogram

READINGS = ("event", "retract", "sample", "watermark", "gap")
"""Each source counts each of them, from 0."""

OUTCOMES = ("delivered", "resent", "retried", "refused", "gave_up", "mended")
"""Each channel counts each of them, from 0."""

DETECTION_EDGES = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)
"""Seconds: a pushed source is judged within milliseconds, a polled one within its interval."""


class SourceFigures(Struct, frozen=True):
    """``answers``: the driver's own word; None for a source that only pushes.  Counts by word, since the start."""

    name: str
    answers: bool | None = None
    poll_seconds: float | None = None
    clock_offset_seconds: float | None = None
    readings: Mapping[str, int] = {}
    rejected: Mapping[str, int] = {}
    unmapped: Mapping[str, int] = {}


class ChannelFigures(Struct, frozen=True):
    name: str
    outcomes: Mapping[str, int] = {}
    pending: int = 0


class DaemonFigures(Struct, frozen=True):
    """``detection``: decided − due, by standard.  ``reloaded_at``: when what is in force was loaded."""

    reload_success: bool
    reloaded_at: datetime
    sources: tuple[SourceFigures, ...] = ()
    channels: tuple[ChannelFigures, ...] = ()
    detection: Mapping[str, Histogram] = {}


class Tally:
    """A histogram being filled.  ``edges`` ascend; a measure exactly on an edge belongs below it."""

    def __init__(self, edges: tuple[float, ...] = DETECTION_EDGES) -> None:
        assert list(edges) == sorted(set(edges)), edges
        self._edges = edges
        self._counts = [0] * (len(edges) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        """A breach cannot be decided before it is due: a negative delay is our own mistake."""
        assert seconds >= 0, seconds
        self._counts[bisect_left(self._edges, seconds)] += 1
        self._sum += seconds

    def now(self) -> Histogram:
        return Histogram(self._edges, tuple(self._counts), self._sum)
