"""From the store back to a judge: the last checkpoint and what came after it, or the whole journal.

Nothing is said in here: every decision was committed with the input that led to it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import Struct

from standardsd.core.checkpoint import FORMAT
from standardsd.core.judge import Judge, JudgeSettings
from standardsd.daemon.collecting import not_collecting
from standardsd.model.decision import Decision, Refused
from standardsd.model.pooled import PooledBook, pool, unpool
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from standardsd.notify.current import CurrentAlerts
from standardsd.store.entries import JournalRow, ReadingsInput, RulesInput, RuleVersion, TickInput
from standardsd.store.store import Store
from standardsd.store.trouble import StoreTrouble

log = logging.getLogger(__name__)


class Adopted(Struct, frozen=True):
    """Everything the judge was given with a version of the rules; journalled whole.

    ``resumed``: at a start of the daemon, before which nobody listened.
    """

    book: RuleBook
    sources: tuple[Source, ...]
    settings: JudgeSettings
    resumed: bool = False

    def encode(self) -> bytes:
        kept = _Kept(pool(self.book), self.sources, self.settings, self.resumed)
        return msgspec.msgpack.encode(kept)

    @classmethod
    def decode(cls, blob: bytes) -> Adopted:
        kept = msgspec.msgpack.decode(blob, type=_Kept)
        return cls(unpool(kept.book), kept.sources, kept.settings, kept.resumed)


class _Kept(Struct, frozen=True):
    book: PooledBook
    sources: tuple[Source, ...]
    settings: JudgeSettings
    resumed: bool


class _Checkpoint(Struct):
    judge: bytes
    alerts: bytes


class Stopped(Exception):
    """We were asked to end before the journal was read; nothing was changed."""


@dataclass(frozen=True)
class Recovered:
    """``replayed``: inputs read from the journal; ``adopted``: what was in force at the end of it."""

    judge: Judge
    last_seq: int
    adopted: Adopted
    replayed: int


def checkpoint(judge: Judge, alerts: CurrentAlerts) -> bytes:
    """The state now, as bytes."""
    return msgspec.msgpack.encode(_Checkpoint(judge.dump(), alerts.dump()))


def save(store: Store, blob: bytes, rules_hash: str, seq: int) -> None:
    """Keeps a checkpoint of the state after input ``seq``."""
    store.save_checkpoint(blob, format=FORMAT, rules_hash=rules_hash, seq=seq)


def recover(
    store: Store, alerts: CurrentAlerts, url: str, stopped: Callable[[], bool] = lambda: False
) -> Recovered | None:
    """The judge as it was after the last committed input; None: nothing was ever committed.

    ``alerts`` is brought to what stood then.  ``stopped`` is asked before each input: a long journal must
    not keep us from ending; raises Stopped.
    """
    versions = store.rule_versions()
    if not versions:
        return None
    start = _from_checkpoint(store, alerts, versions, url)
    rows: Iterator[JournalRow]
    if start is None:
        first = _adopted(store, versions[0].seq)
        alerts.adopt(first.book.standards, first.sources, url)
        start = Recovered(Judge(first.book, first.sources, first.settings), 0, first, 0)
    rows = store.journal(start.last_seq)
    judge, adopted, last, replayed = start.judge, start.adopted, start.last_seq, 0
    for row in rows:
        if stopped():
            raise Stopped
        said: Sequence[Decision | Refused]
        match row.input:
            case ReadingsInput(readings=readings):
                ticked = judge.tick(row.wall)
                _bring_back(store, judge, readings, row.seq)
                said = [*ticked, *judge.receive(readings, row.wall)]
            case TickInput():
                said = judge.tick(row.wall)
            case RulesInput(book=book):
                adopted = _decoded(book, row.seq)
                alerts.adopt(adopted.book.standards, adopted.sources, url)
                said = adopt(judge, adopted, row.wall)
        alerts.keep(alerts.messages([line for line in said if not isinstance(line, Refused)]))
        last, replayed = row.seq, replayed + 1
    log.info("recovered: %d inputs read again from the journal", replayed)
    return Recovered(judge, last, adopted, replayed)


def adopt(judge: Judge, adopted: Adopted, now: datetime) -> list[Decision]:
    """Gives the judge what was, or is to be, in force from ``now`` on."""
    return judge.adopt(adopted.book, adopted.sources, now, adopted.settings, resumed=adopted.resumed)


def _from_checkpoint(
    store: Store, alerts: CurrentAlerts, versions: Sequence[RuleVersion], url: str
) -> Recovered | None:
    """The newest checkpoint of any rules that were ever in force; what changed after it is in the journal."""
    hashes = {version.hash for version in versions}
    found = [
        c for c in (store.checkpoint(format=FORMAT, rules_hash=h) for h in sorted(hashes)) if c is not None
    ]
    if not found:
        return None
    blob, seq = max(found, key=lambda checkpoint: checkpoint[1])
    adopted = _adopted(store, max(version.seq for version in versions if version.seq <= seq))
    try:
        checkpoint = msgspec.msgpack.decode(blob, type=_Checkpoint)
        with not_collecting():
            judge = Judge.load(checkpoint.judge, adopted.book, adopted.sources, adopted.settings)
        alerts.adopt(adopted.book.standards, adopted.sources, url)
        alerts.load(checkpoint.alerts)
    except (ValueError, msgspec.MsgspecError) as error:
        log.warning("the checkpoint cannot be used (%s); reading the whole journal instead", error)
        return None
    return Recovered(judge, seq, adopted, 0)


def _adopted(store: Store, seq: int) -> Adopted:
    rules = store.rules(seq)
    assert rules is not None, f"journal row {seq} is no version of the rules"
    return _decoded(rules.book, seq)


def _decoded(book: bytes, seq: int) -> Adopted:
    """StoreTrouble for what an older program journalled in a form that is not read any more."""
    try:
        return Adopted.decode(book)
    except msgspec.MsgspecError as error:
        raise StoreTrouble(
            f"journal row {seq}: its rules are in a form that this program does not read ({error})",
            "run the standardsd that wrote them, or name another data folder and keep this one",
        ) from error


def _bring_back(store: Store, judge: Judge, readings: Sequence[object], seq: int) -> None:
    """As the loop did it then: with what the store knew before this input."""
    missing = judge.missing(readings)  # type: ignore[arg-type]
    for kind, interaction in sorted(store.known(missing)):
        history = store.history(kind, interaction, before=seq)
        if history:
            judge.recall(kind, interaction, history, store.said(kind, interaction, before=seq))
