"""The values that go into the store and come out of it.

An ``Entry`` is one input of the judge with everything it led to.  Instants are aware;
they come back in UTC, to the microsecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from standardsd.model.decision import Decision, Refused
from standardsd.model.reading import Reading

readings_max = 100_000
"""Readings in one batch: a poll page or a POST is far below; one body must fit in memory many times over."""


class RejectedRecord(Struct, frozen=True):
    """A record that never became a reading: counted by ``reason``, found again by ``place``."""

    reason: str
    place: str
    what: str


class ReadingsInput(Struct, frozen=True, kw_only=True):
    """Readings of one source, taken together.

    ``cursor``: where the source goes on after a restart; None leaves the old one.
    ``key``: idempotency key, remembered per source (see ``Store.seen_key``).
    ``refused``: places in ``readings``, from 0, of those the judge refused.  They are journalled, so
    that a replay refuses them again, and are no part of their interaction's history.
    """

    source: str
    readings: tuple[Reading, ...]
    cursor: bytes | None = None
    key: str | None = None
    rejected: tuple[RejectedRecord, ...] = ()
    refused: tuple[int, ...] = ()


class TickInput(Struct, frozen=True, tag="tick"):
    """The wall clock moved to the entry's ``wall``."""


class RulesText(Struct, frozen=True):
    """One rule file as it was read, with the two hashes of ``model.standard.RuleFile``."""

    path: str
    text: bytes
    bytes_hash: str
    meaning_hash: str


class RulesInput(Struct, frozen=True, tag="rules", kw_only=True):
    """New rules, from this entry on.

    ``hash``: of the whole book.  ``config``: text of the configuration file.  ``book``: the rule book as the
    judge heard it, opening hours materialised, so that newer time-zone data never changes an old verdict.
    ``judge``: version of the judge.
    """

    files: tuple[RulesText, ...]
    hash: str
    config: str
    book: bytes = b""
    judge: str = ""


Input = ReadingsInput | TickInput | RulesInput


class Outgoing(Struct, frozen=True):
    """Something to deliver.  The same ``key`` in the same ``channel`` is stored once."""

    channel: str
    key: str
    payload: bytes


class Entry(Struct, frozen=True):
    """One input, taken at ``wall`` (the judge's ``now``), what the judge said to it and who is to be told."""

    wall: datetime
    input: Input
    decisions: Sequence[Decision | Refused] = ()
    outbox: Sequence[Outgoing] = ()


class JournalRow(Struct, frozen=True):
    seq: int
    wall: datetime
    input: Input


class SpokenRow(Struct, frozen=True):
    """One decision; ``seq`` is that of the input which led to it."""

    seq: int
    decision: Decision | Refused


class OutboxRow(Struct, frozen=True):
    """An undelivered message.  ``attempts``: tries so far, all in vain."""

    id: int
    channel: str
    key: str
    payload: bytes
    attempts: int
    created: datetime
    not_before: datetime


class RuleVersion(Struct, frozen=True):
    """Rules in force from ``seq`` on; their text is in ``Store.rules(seq)``."""

    seq: int
    wall: datetime
    hash: str


class Pruned(Struct, frozen=True):
    """What one ``Store.prune`` removed.

    ``keys_early``: those of ``keys`` that were younger than promised, because there were too many.
    ``more``: there is more to remove; call again.
    """

    keys: int
    keys_early: int
    messages: int
    more: bool
