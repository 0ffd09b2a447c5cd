"""Decisions: what the judge says (STANDARDS.md §3).

The wire form is the struct's own: ``msgspec.json.encode`` gives one line of NDJSON.
The last line per (standard, kind, id, occurrence) is the truth.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from standardsd.model.standard import Condition


class Verdict(StrEnum):
    MET = "met"
    BREACHED = "breached"
    INDETERMINATE = "indeterminate"
    EXCLUDED = "excluded"


class Reason(StrEnum):
    LEFT = "left"
    DIVERTED = "diverted"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    SHORT = "short"
    UNLESS = "unless"
    WITHDRAWN = "withdrawn"
    UNSEEN = "unseen"
    WAIVED = "waived"
    TARGET_CHANGED = "target_changed"


class CaseDecision(Struct, frozen=True, tag_field="type", tag="case"):
    """One occurrence of one standard in one interaction.

    ``at``, ``start``, ``due``, ``end``: instants; ``measured`` and ``limit``: seconds of the clock.
    ``due`` is as known at ``at``.  ``end`` and ``measured`` are None unless the end event closed it.
    ``verdict`` is None only in an amendment that takes a verdict back without a new one.
    """

    standard: str
    kind: str
    id: str
    occurrence: int
    verdict: Verdict | None
    reason: Reason | None
    at: datetime
    start: datetime
    due: datetime | None
    late_from: datetime | None
    end: datetime | None
    measured: float | None
    limit: float | None
    labels: dict[str, str]
    rules: str


class VerdictSpoken(CaseDecision, frozen=True, tag="verdict"):
    """The first word on an occurrence."""


class Amendment(CaseDecision, frozen=True, tag="amendment"):
    """Another word on an occurrence; ``was`` is the old one."""

    was: Verdict | None


class Final(CaseDecision, frozen=True, tag="final"):
    """A breached occurrence has been closed."""


class AlertState(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Alert(Struct, frozen=True, tag_field="type", tag="alert"):
    """An alert changed its state.  ``at``: instant of the change; ``oldest``: start of the oldest evidence."""

    standard: str
    condition: Condition
    group: dict[str, str]
    state: AlertState
    at: datetime
    count: int
    oldest: datetime | None


class EpisodeState(StrEnum):
    IN_LIMITS = "in_limits"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Episode(Struct, frozen=True, tag_field="type", tag="episode"):
    """A number of one standard in one group changed its state.

    ``at``: the instant the limit was crossed (not when ``for`` was over); ``value``: the number that did it,
    None where it is unknown; ``limit``: the limit that was crossed, or the one that is kept.
    """

    standard: str
    group: dict[str, str]
    state: EpisodeState
    at: datetime
    value: float | None
    limit: float | None
    rules: str


class SourceSpoken(Struct, frozen=True, tag_field="type", tag="source"):
    """A source went dark or was seen again."""

    source: str
    state: Literal["seen", "dark"]
    at: datetime


class Refused(Struct, frozen=True, tag_field="type", tag="refused"):
    """A reading was not taken.  Not part of the contract's output: the shell counts and shows it.

    ``place``: of the reading in its batch, from 0.
    ``too_many_readings``: said by the shell, of an interaction too long to be brought back from the store.
    """

    source: str
    reason: Literal["too_late", "too_early", "unknown_kind", "unknown_event", "too_many_readings"]
    what: str
    at: datetime
    place: int | None = None


Decision = VerdictSpoken | Amendment | Final | Episode | Alert | SourceSpoken
