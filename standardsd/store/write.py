"""Writing entries: the rows of one commit, table by table.

Everything here runs inside one transaction of the caller's.  Rows are gathered over
all entries first and written with one statement a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, Executable, Insert, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from standardsd.model.decision import Alert, CaseDecision, Decision, Episode, Refused, SourceSpoken
from standardsd.model.reading import Event, Retract
from standardsd.store import body, tables
from standardsd.store.entries import Entry, Input, ReadingsInput, RulesInput
from standardsd.store.trouble import KeyTaken

Row = dict[str, Any]

# The databases' own ``insert``, which knows ON CONFLICT; they say it alike.
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

OCCURRENCE = ("kind", "id", "standard", "occurrence")
ALERT = ("standard", "condition", "labels")
EPISODE = ("standard", "labels")

LAST_SEQ = select(func.max(tables.journal.c.seq))
KEY = select(tables.taken_key.c.seq).where(
    tables.taken_key.c.source == bindparam("its_source"), tables.taken_key.c.key == bindparam("its_key")
)


@dataclass
class Rows:
    """What one commit writes.  ``cursors``, ``verdicts``, ``alerts``, ``episodes``: the last word of each key."""

    journal: list[Row] = field(default_factory=list)
    interactions: list[tuple[str, str, int, int]] = field(default_factory=list)
    cursors: dict[str, Row] = field(default_factory=dict)
    keys: dict[tuple[str, str], Row] = field(default_factory=dict)
    rules: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    verdicts: dict[tuple[str, str, str, int], Row] = field(default_factory=dict)
    alerts: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    episodes: dict[tuple[str, str], Row] = field(default_factory=dict)
    outbox: list[Row] = field(default_factory=list)


def write(connection: Connection, entries: Sequence[Entry], bodies: Sequence[bytes]) -> list[int]:
    """Writes everything; the entries' seqs, in their order.  ``bodies``: ``body.pack`` of each input."""
    last = connection.execute(LAST_SEQ).scalar()
    rows = Rows()
    seqs: list[int] = []
    for seq, (entry, packed) in enumerate(zip(entries, bodies, strict=True), start=(last or 0) + 1):
        seqs.append(seq)
        _input_rows(rows, seq, entry, packed)
        for ordinal, spoken in enumerate(entry.decisions):
            _decision_rows(rows, seq, ordinal, spoken)
        rows.outbox += (
            _outbox_row(seq, entry.wall, out.channel, out.key, out.payload) for out in entry.outbox
        )
    _refuse_known_keys(connection, rows)
    _insert(connection, tables.journal, rows.journal)
    _insert_tuples(connection, tables.interaction, rows.interactions)
    _upsert(connection, tables.cursor, list(rows.cursors.values()))
    _insert(connection, tables.taken_key, list(rows.keys.values()))
    _insert(connection, tables.rule_version, rows.rules)
    _insert(connection, tables.decision, rows.decisions)
    _upsert(connection, tables.verdict_now, list(rows.verdicts.values()))
    _upsert(connection, tables.alert_now, list(rows.alerts.values()))
    _upsert(connection, tables.episode_now, list(rows.episodes.values()))
    if rows.outbox:
        new = _inserts_if_new(tables.outbox, connection.dialect.name, "channel", "key")
        connection.execute(new, rows.outbox)
    return seqs


def group_key(group: dict[str, str]) -> str:
    return msgspec.json.encode(group, order="sorted").decode()


def _input_rows(rows: Rows, seq: int, entry: Entry, packed: bytes) -> None:
    taken = entry.input
    source, count = (taken.source, len(taken.readings)) if isinstance(taken, ReadingsInput) else (None, 0)
    rows.journal.append(
        {
            "seq": seq,
            "wall": entry.wall,
            "type": type_of(taken),
            "source": source,
            "count": count,
            "body": packed,
        }
    )
    if isinstance(taken, RulesInput):
        rows.rules.append({"seq": seq, "hash": taken.hash})
    if not isinstance(taken, ReadingsInput):
        return
    refused = frozenset(taken.refused)
    rows.interactions += [
        (reading.kind, reading.id, seq, ordinal)
        for ordinal, reading in enumerate(taken.readings)
        if isinstance(reading, Event | Retract) and ordinal not in refused
    ]
    if taken.cursor is not None:
        rows.cursors[taken.source] = {"source": taken.source, "cursor": taken.cursor, "seq": seq}
    if taken.key is not None:
        known = rows.keys.get((taken.source, taken.key))
        if known is not None:
            raise KeyTaken(taken.source, taken.key, known["seq"])
        rows.keys[taken.source, taken.key] = {
            "source": taken.source,
            "key": taken.key,
            "seq": seq,
            "wall": entry.wall,
        }


def type_of(taken: Input) -> str:
    """The word in ``journal.type``, for people who look with a shell."""
    return {"ReadingsInput": "readings", "TickInput": "tick", "RulesInput": "rules"}[type(taken).__name__]


def _decision_rows(rows: Rows, seq: int, ordinal: int, spoken: Decision | Refused) -> None:
    case = spoken if isinstance(spoken, CaseDecision) else None
    rows.decisions.append(
        {
            "seq": seq,
            "ordinal": ordinal,
            "type": spoken.__struct_config__.tag,
            "standard": None if isinstance(spoken, SourceSpoken | Refused) else spoken.standard,
            "kind": case and case.kind,
            "id": case and case.id,
            "at": spoken.at,
            "line": msgspec.json.encode(spoken).decode(),
        }
    )
    place = {"seq": seq, "ordinal": ordinal}
    if case is not None:
        occurrence = (case.kind, case.id, case.standard, case.occurrence)
        rows.verdicts[occurrence] = dict(zip(OCCURRENCE, occurrence, strict=True)) | place
    elif isinstance(spoken, Alert):
        alert = (spoken.standard, str(spoken.condition), group_key(spoken.group))
        rows.alerts[alert] = dict(zip(ALERT, alert, strict=True)) | place
    elif isinstance(spoken, Episode):
        number = (spoken.standard, group_key(spoken.group))
        rows.episodes[number] = dict(zip(EPISODE, number, strict=True)) | place


def _outbox_row(seq: int, wall: datetime, channel: str, key: str, payload: bytes) -> Row:
    return {
        "channel": channel,
        "key": key,
        "payload": payload,
        "seq": seq,
        "state": "pending",
        "attempts": 0,
        "created": wall,
        "not_before": wall,
    }


def _refuse_known_keys(connection: Connection, rows: Rows) -> None:
    """One look-up a key; a commit carries few batches."""
    for source, key in rows.keys:
        known = seen_key(connection, source, key)
        if known is not None:
            raise KeyTaken(source, key, known)


def seen_key(connection: Connection, source: str, key: str) -> int | None:
    return connection.execute(KEY, {"its_source": source, "its_key": key}).scalar()


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        connection.execute(_inserts(table), rows)


def _insert_tuples(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows in the order of the table's columns, in the driver's own types.

    The one place with a row a reading: SQLAlchemy's way from dictionaries takes longer than SQLite.
    """
    if not rows:
        return
    statement, names, positional = _compiled_insert(table, connection.dialect)
    named = [] if positional else [dict(zip(names, row, strict=True)) for row in rows]
    connection.exec_driver_sql(statement, list(rows) if positional else named)


@lru_cache(maxsize=8)
def _compiled_insert(table: Table, dialect: Dialect) -> tuple[str, tuple[str, ...], bool]:
    compiled = insert(table).compile(dialect=dialect)
    names = tuple(column.name for column in table.c)
    assert not compiled.positional or tuple(compiled.positiontup or ()) == names, compiled.positiontup
    return str(compiled), names, compiled.positional


def _upsert(connection: Connection, table: Table, rows: list[Row]) -> None:
    """The new row replaces the one with the same primary key."""
    if rows:
        connection.execute(_upserts(table, connection.dialect.name), rows)


# Statements are built once: building one takes longer than SQLite takes to run it.


@cache
def _inserts(table: Table) -> Insert:
    return insert(table)


@cache
def _upserts(table: Table, dialect: str) -> Executable:
    keys = [column.name for column in table.primary_key]
    statement = INSERTS[dialect](table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    upsert: Executable = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return upsert


@cache
def _inserts_if_new(table: Table, dialect: str, *keys: str) -> Executable:
    statement: Executable = INSERTS[dialect](table).on_conflict_do_nothing(index_elements=keys)
    return statement


def pack_all(entries: Sequence[Entry]) -> list[bytes]:
    """The bodies, before the transaction: compressing needs no lock, and a ValueError writes nothing."""
    return [body.pack(entry.input) for entry in entries]
