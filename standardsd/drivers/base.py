"""What a driver is: it brings readings in and decides nothing.

A driver runs until it is cancelled.  Whatever it reads it hands over with
``await shell.accept(batch)``; when that returns, the batch is durable and judged, and
only then may the driver tell its source so (acknowledge, answer 200, move its cursor).
A driver never sleeps past ``shell.next_due``: a stream proves its silence there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from standardsd.model.reading import Reading


@dataclass(frozen=True)
class Rejection:
    """A record that could not become a reading: counted by ``reason``, shown with its place.

    ``place`` says where in the source's output ("line 3", "message 512 at byte 90211").
    ``what`` is for people; it carries no names, numbers of persons, or secrets.
    """

    reason: str
    place: str
    what: str


@dataclass(frozen=True)
class Batch:
    """Readings handed over together, judged together, journalled as one blob.

    ``cursor``: where to go on after a restart; stored in the same transaction.
    ``key``: idempotency key; a batch whose key was seen before is acknowledged and not taken again.
    """

    source: str
    readings: tuple[Reading, ...]
    cursor: bytes | None = None
    rejected: tuple[Rejection, ...] = ()
    key: str | None = None


@dataclass(frozen=True)
class Trouble:
    """The outside world's failure: what went wrong, doing what, since when, what next.

    ``error`` and ``doing`` make one sentence with the source's name in front, so ``doing`` tells an act:
    "pbx: connection refused while connecting to 10.0.0.5:5038".  ``attempts``: all in vain, at least 1.
    ``fix`` is what the operator can do.  No secrets.
    """

    doing: str
    error: str
    since: datetime
    attempts: int
    next_try: datetime | None
    fix: str = ""


class Shell(Protocol):
    """What the daemon (or ``exporters try``, or a test) offers a driver."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""

    async def accept(self, batch: Batch) -> None:
        """Returns when the batch is durable and judged.  Waits while the judge is behind (back-pressure)."""

    def cursor(self) -> bytes | None:
        """The last durable cursor of this source; None at the first start."""

    def next_due(self) -> datetime | None:
        """The earliest instant at which this source's watermark is waited for; None when nothing is open."""

    async def due_changed(self) -> None:
        """Returns when ``next_due`` may have become earlier."""

    def up(self) -> None:
        """The source answers."""

    def down(self, trouble: Trouble) -> None:
        """The source does not; said once per failed attempt."""

    def measured(
        self, *, clock_offset_seconds: float | None = None, poll_seconds: float | None = None
    ) -> None:
        """Figures for /metrics: clock offset (source minus ours), duration of one poll."""


@dataclass(frozen=True)
class DriverSetup:
    """One configured source, as its driver sees it.

    ``settings``: the source's own keys from the configuration, already validated by the driver's model.
    ``labels``: labels put on everything it says (site=…), under those the mapping finds.
    ``secret``: reads a secret by the name of the setting that names it; never logged.
    """

    name: str
    settings: dict[str, object]
    labels: dict[str, str] = field(default_factory=dict)
    secret: Callable[[str], str] | None = None


class Driver(Protocol):
    async def run(self, shell: Shell) -> None:
        """Runs until cancelled.  Outside failures are told by ``shell.down`` and tried again, with back-off."""
