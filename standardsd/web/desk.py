"""What the web needs of the daemon: a protocol and its plain values.

The daemon gives a ``Desk`` to ``build_app``; tests give one that holds values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from standardsd.language.speech import Words
from standardsd.metrics.figures import SourceFigures
from standardsd.model.config import Site, Token
from standardsd.model.decision import CaseDecision, Episode, Refused
from standardsd.model.reading import Reading
from standardsd.model.snapshot import Snapshot
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook

UNKNOWN_SOURCE = "push"
"""The source under which a rejected line is counted when it did not say one we know."""


last_rejected_max = 50
"""Rejected lines that are remembered, a source: the last ones."""


@dataclass(frozen=True)
class RejectedLine:
    """One record or reading that was not taken.  ``received``: by our clock.

    ``place``: the line of the body it stood in with the body's ``Idempotency-Key`` if it has one, or where in
    the source's output.  ``said``: its kind, id, event and instant as far as they can be read, each cut to
    ``echo_chars_max`` characters; nothing else of it, because labels may tell of persons.
    """

    received: datetime
    reason: str
    place: str
    what: str
    said: str = ""


@dataclass(frozen=True)
class Failing:
    """An outside failure that stands: who is in the place it is shown at, this is the rest.

    ``attempts``: tries so far, all in vain; ``fix``: what the operator can do, "" when nothing is known.
    """

    doing: str
    error: str
    since: datetime
    attempts: int
    next_try: datetime | None
    fix: str


@dataclass(frozen=True)
class SourceFacts:
    """What the daemon knows of one source besides the snapshot.

    ``use``: the exporter definition, ``push`` or ``simulate``.  ``failing``: None while nothing fails.
    ``rejected``: the last ``last_rejected_max`` lines that were not taken, the newest first.
    """

    spec: Source
    use: str
    figures: SourceFigures
    failing: Failing | None = None
    rejected: tuple[RejectedLine, ...] = ()


@dataclass(frozen=True)
class IngestResult:
    """One source's readings after they became durable.

    ``accepted``: readings taken, those known already included.  ``duplicate``: the batch's key was seen
    before and nothing was done.  ``refused``: readings that the judge did not take (too old, too new), each
    with its ``place`` among those handed over.
    """

    accepted: int
    duplicate: bool = False
    refused: tuple[Refused, ...] = ()


class Busy(Exception):
    """The judge is behind: nothing was taken; try again after ``retry_after`` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"busy; try again after {retry_after} s")
        self.retry_after = retry_after


class Desk(Protocol):
    def now(self) -> datetime:
        """The wall clock, aware, UTC."""

    def snapshot(self) -> Snapshot:
        """What the judge knows now.  Cheap when nothing changed."""

    async def changed(self, since: int) -> int:
        """The number of the snapshot now; returns at once if it is not ``since``, else when it changes.

        Numbers only grow within one process and are never negative: ``changed(-1)`` returns at once.
        """

    def book(self) -> RuleBook:
        """The rules in force."""

    def words(self) -> Words:
        """In which pages speak: the language of the configuration, with the vocabulary of the rules in force."""

    def sites(self) -> Mapping[str, Site]:
        """The configured sites by name."""

    def source(self, name: str) -> SourceFacts | None:
        """One configured source; None when none has this name."""

    def breaches(self, standard: str) -> Sequence[CaseDecision]:
        """The last line on each of a standard's latest breaches; one that was taken back is not among them."""

    def episodes(self, standard: str) -> Sequence[Episode]:
        """What stands of a number's latest episodes, by instant in each group; one that was taken back does not."""

    def pushed_sources(self) -> Mapping[str, Source]:
        """The sources whose readings may come by POST, by name, with what each can say."""

    def tokens(self) -> Sequence[Token]:
        """The configured tokens; looked at anew for each request, so a reload counts at once."""

    async def ingest(self, source: str, readings: Sequence[Reading], key: str | None) -> IngestResult:
        """Returns when the readings are durable and judged; raises ``Busy`` if they cannot be taken now.

        All ``readings`` are of ``source``.  A ``key`` seen before means that exactly this was taken before.
        """

    def rejected(self, source: str, reason: str, count: int) -> None:
        """Lines that could not be taken, for ``standardsd_readings_rejected_total``."""

    def not_taken(self, source: str, lines: Sequence[RejectedLine], reasons: Mapping[str, int]) -> None:
        """What one body had that was rejected or refused, for the source's page and the log; counts nothing.

        ``lines``: the first of them and the last ``last_rejected_max``, in their order; ``reasons``: all of them.
        """

    def metrics(self, accept: str) -> tuple[str, bytes]:
        """The exposition for this ``Accept`` header: content type and body."""

    def ready(self) -> list[str]:
        """Why the daemon is not ready to judge, in words; empty when it is."""
