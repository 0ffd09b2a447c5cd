"""What is kept of one standard in one group."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from standardsd.core.alerts import AlertLife
from standardsd.core.instants import Instants
from standardsd.core.measured import Measured
from standardsd.core.tallies import STATES, Tally, Timeline, Verdicts
from standardsd.model.decision import EpisodeState, Verdict
from standardsd.model.snapshot import NumberNow
from standardsd.model.standard import Condition

CaseKey = tuple[str, str, str, int]
"""(standard, kind, id, occurrence)"""


class Evidence(Struct, frozen=True, gc=False):
    """A breach that keeps an alert firing.  ``spoken``: wall instant."""

    spoken: datetime
    start: datetime
    finished: bool


class OpenPromise(Struct, frozen=True, gc=False):
    """An occurrence that is still awaited.  ``breached``: spoken so, and not finished."""

    kind: str
    id: str
    occurrence: int
    start: datetime
    due: datetime | None
    risk_at: datetime | None
    breached: bool
    old: bool = False  # breached before judging began


class Figures(Struct):
    """Everything in it can be computed again from the decisions.

    ``number``, ``states``: of a standard about a number; ``opened``: where its last episode began.
    """

    verdicts: Verdicts
    spoken: dict[Verdict, int]
    violations: int
    amendments: int
    measured: Measured
    evidence: dict[CaseKey, Evidence]
    alerts: dict[Condition, AlertLife]
    number: NumberNow | None = None
    opened: datetime | None = None
    states: Timeline | None = None

    @classmethod
    def empty(cls, edges: tuple[float, ...]) -> Figures:
        return cls(Verdicts.empty(), dict.fromkeys(Verdict, 0), 0, 0, Measured.empty(edges), {}, {})

    @property
    def tally(self) -> Tally:
        """What its share is made of."""
        return self.verdicts if self.states is None else self.states


def packed(value: object) -> object:
    """For a checkpoint: as msgspec's ``enc_hook``."""
    if isinstance(value, Instants):
        return value.pack()
    if isinstance(value, Timeline):
        return [Instants(value.ats).pack(), bytes(STATES.index(state) for state in value.states)]
    raise NotImplementedError(f"{type(value).__name__} is not kept in a checkpoint")


def unpacked(wanted: type, value: object) -> object:
    """The inverse of ``packed``, as msgspec's ``dec_hook``.  ValueError: not what ``packed`` made."""
    if wanted is Instants and isinstance(value, bytes):
        return Instants.unpack(value)
    if wanted is Timeline and isinstance(value, list) and len(value) == 2:
        ats, states = list(Instants.unpack(value[0])), [_state(code) for code in value[1]]
        if len(ats) == len(states):
            return Timeline(ats, states)
    raise ValueError(f"{type(value).__name__} for {wanted.__name__}")


def _state(code: int) -> EpisodeState:
    if code >= len(STATES):
        raise ValueError(f"there is no state {code} of a number")
    return STATES[code]
