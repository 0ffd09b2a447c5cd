"""A checkpoint: the judge's state as bytes.

A cache, never the truth: the journal can rebuild it.  What can be derived (open
promises, due instants, states) is not in it but is worked out again.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from standardsd.core.aggregate import Aggregator
from standardsd.core.cases import Case, CaseJudge
from standardsd.core.epochs import Epoch, Epochs
from standardsd.core.figures import Figures, packed, unpacked
from standardsd.core.history import History
from standardsd.core.numbers import Numbers
from standardsd.core.numbers.saved import SavedNumbers
from standardsd.core.sight import Sources, SourceState
from standardsd.model.decision import Amendment, Final, VerdictSpoken
from standardsd.model.pooled import PooledBook, pool, unpool
from standardsd.model.reading import Event, Retract
from standardsd.model.standard import Group

FORMAT = 4
"""Raised whenever a checkpoint of before could be misread."""


class _Case(Struct):
    kind: str
    id: str
    events: list[Event]
    retracted: list[Retract]
    sources: list[str]
    said: list[VerdictSpoken | Amendment | Final]


class _Figures(Struct):
    standard: str
    group: Group
    figures: Figures


class _Epoch(Struct):
    book: PooledBook
    since: datetime | None
    until: datetime | None


class _State(Struct):
    format: int
    wall: datetime | None
    epochs: list[_Epoch]
    sources: dict[str, SourceState]
    met: list[str]
    cases: list[_Case]
    figures: list[_Figures]
    numbers: SavedNumbers


def dump(
    wall: datetime | None,
    epochs: Epochs,
    sources: Sources,
    cases: CaseJudge,
    figures: Aggregator,
    numbers: Numbers,
) -> bytes:
    state = _State(
        FORMAT,
        wall,
        [_Epoch(pool(epoch.book), epoch.since, epoch.until) for epoch in epochs.all],
        sources.states,
        sorted(sources.met),
        [_case(kind, interaction, case) for (kind, interaction), case in cases.cases.items()],
        [_Figures(standard, group, f) for (standard, group), f in figures.figures.items()],
        numbers.dump(),
    )
    return msgspec.msgpack.encode(state, enc_hook=packed)


def restore(
    blob: bytes,
    epochs: Epochs,
    sources: Sources,
    cases: CaseJudge,
    figures: Aggregator,
    numbers: Numbers,
) -> datetime | None:
    """Fills the parts and returns the wall clock's last instant.  ValueError: not a checkpoint of this format."""
    try:
        state = msgspec.msgpack.decode(blob, type=_State, dec_hook=unpacked)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a checkpoint: {error}") from error
    if state.format != FORMAT:
        raise ValueError(f"a checkpoint of format {state.format}; this version reads {FORMAT}")
    epochs.replace([Epoch(unpool(epoch.book), epoch.since, epoch.until) for epoch in state.epochs])
    for name in state.met:
        sources.meet(name)
    for name in sources.states.keys() & state.sources.keys():  # one no longer configured is not waited for
        sources.states[name] = state.sources[name]
    sources.note_gaps()
    for one in state.cases:
        case = cases.case((one.kind, one.id))
        case.history = History.empty()
        for event in one.events:
            case.history.add(event)
        case.history.retracted = one.retracted
        case.history.sources = set(one.sources)
        case.said = {(line.standard, line.occurrence): line for line in one.said}
    for entry in state.figures:
        figures.figures[(entry.standard, entry.group)] = entry.figures
    figures.live_from_figures()
    numbers.replace(epochs.current)
    numbers.load(state.numbers)
    return state.wall


def _case(kind: str, interaction: str, case: Case) -> _Case:
    history = case.history
    said = [line for line in case.said.values() if isinstance(line, VerdictSpoken | Amendment | Final)]
    return _Case(
        kind,
        interaction,
        list(history.events.values()),
        history.retracted,
        sorted(history.sources),
        said,
    )
