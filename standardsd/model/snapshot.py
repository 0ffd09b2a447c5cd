"""What the judge knows now, for those who only look: metrics, wallboard, alert texts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from standardsd.model.decision import AlertState, EpisodeState, Verdict
from standardsd.model.standard import Condition, Group


class State(StrEnum):
    """A standard's state in one group: the one word on the wallboard."""

    KEPT = "kept"
    AT_RISK = "at_risk"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    SHADOW = "shadow"  # judged and recorded, without figures and alerts


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


class Burn(Struct, frozen=True):
    """Breach share ÷ budget over the last ``window`` (as rules write it: 5m, 6h) of the clock's hours."""

    window: str
    rate: float


class NumberNow(Struct, frozen=True):
    """A number as it stands.  ``since``: instant at which it came into its state; ``value`` None: not known.

    ``limit``: the limit that is broken, or the one that is kept.  ``sources``: without them it is not known.
    """

    state: EpisodeState
    since: datetime
    value: float | None = None
    limit: float | None = None
    sources: tuple[str, ...] = ()


class GroupNow(Struct, frozen=True):
    """One standard in one group.

    ``verdicts``: first words spoken since the beginning, per verdict (never falls).
    ``violations``: breaches spoken, by a first word or by an amendment to ``breached`` (never falls).
    ``amendments``: amendments spoken (never falls).
    ``counted``, ``kept_ratio``: of the objective's window now; ratio None below ``min_count``.  A number has no
    count: its ratio is time in limits ÷ time known.  ``excluded`` includes ``waived``, those a waiver took out.
    ``provisional``: of ``counted``, those less than ``settle`` old.
    ``target``: the share asked for today; None: none.
    ``budget_remaining``: 1 − breach share ÷ budget; None when the ratio is, or when the target is 100 %.
    ``burn``: of each window of the burn alert, shortest first.
    ``value``, ``episode``: of a standard about a number, as it stands.
    ``overdue``: due, and waiting for a watermark.  ``urgent``: the most urgent open cases, at most ``urgent_max``.

    A group in ``State.SHADOW`` has no figures: all are 0 or None.
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
    target: float | None = None
    waived: int = 0
    provisional: int = 0
    burn: tuple[Burn, ...] = ()
    value: float | None = None
    episode: NumberNow | None = None


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
