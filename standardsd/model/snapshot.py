"""What the judge knows now, for those who only look: metrics, wallboard, alert texts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from standardsd.model.decision import AlertState, Verdict
from standardsd.model.standard import Condition, Group


class State(StrEnum):
    """A standard's state in one group: the one word on the wallboard."""

    KEPT = "kept"
    AT_RISK = "at_risk"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class OpenCase(Struct, frozen=True):
    """An open promise, or a breached one that is not finished.  ``id`` is opaque: never a person."""

    kind: str
    id: str
    occurrence: int
    start: datetime
    due: datetime | None
    at_risk: bool
    breached: bool


class AlertNow(Struct, frozen=True):
    """``since``: instant of the last change of state."""

    state: AlertState
    since: datetime
    count: int
    oldest: datetime | None


class Histogram(Struct, frozen=True):
    """Measured seconds.  ``counts[i]``: measures ≤ ``edges[i]`` and > the edge before; one more count for the rest."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    sum: float


class GroupNow(Struct, frozen=True):
    """One standard in one group.

    ``verdicts``: first words spoken since the beginning, per verdict (never falls).
    ``violations``: breaches spoken, by a first word or by an amendment to ``breached`` (never falls).
    ``amendments``: amendments spoken (never falls).
    ``counted``, ``kept_ratio``: of the objective's window now; ratio None below ``min_count``.
    ``budget_remaining``: 1 − breach share ÷ budget; None when the ratio is, or when the target is 100 %.
    ``overdue``: due, and waiting for a watermark.  ``urgent``: the most urgent open cases, at most ``urgent_max``.
    """

    standard: str
    group: Group
    state: State
    verdicts: dict[Verdict, int]
    violations: int
    amendments: int
    open: int
    at_risk: int
    overdue: int
    breached_open: int
    next_due: datetime | None
    kept_ratio: float | None
    counted: int
    excluded: int
    indeterminate: int
    budget_remaining: float | None
    measured: Histogram
    alerts: dict[Condition, AlertNow]
    urgent: tuple[OpenCase, ...]


class SourceNow(Struct, frozen=True):
    """``heard``: wall instant of the last reading or watermark; None: never."""

    name: str
    dark: bool
    watermark: datetime | None
    heard: datetime | None


class Backlog(Struct, frozen=True):
    """Promises that were broken before judging began (``since``) and are not finished.

    Judged like others, but told together: one digest, not a page for each standard and group.
    """

    count: int
    oldest: datetime
    since: datetime


class Snapshot(Struct, frozen=True):
    """Everything at one wall instant."""

    at: datetime
    groups: tuple[GroupNow, ...]
    sources: tuple[SourceNow, ...]
    backlog: Backlog | None = None
