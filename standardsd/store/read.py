"""Reading back: history of an interaction, last words, the journal in pages.

Everything here is one short read of the caller's transaction; what may be long comes
in pages, so that memory stays bounded and a commit can come in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Row, select, tuple_

from standardsd.model.decision import (
    Alert,
    Amendment,
    CaseDecision,
    Decision,
    Episode,
    Final,
    Refused,
    SourceSpoken,
    VerdictSpoken,
)
from standardsd.model.reading import Reading
from standardsd.store import body, tables
from standardsd.store.entries import JournalRow, RulesInput, RuleVersion, SpokenRow

Case = VerdictSpoken | Amendment | Final
Spoken = Case | Episode | Alert | SourceSpoken | Refused
_spoken: msgspec.json.Decoder[Spoken] = msgspec.json.Decoder(Spoken)

pairs_max = 500
"""Interactions looked up with one query; SQLite takes 32,766 values."""


readings_page_max = 16
"""Bodies held at once, as ``Limits.journal_page_max``."""

READINGS = "readings"
"""What ``write`` calls an input of readings in the journal's column ``type``."""


class InputRow(NamedTuple):
    """An input without its body.  ``readings``: how many it has, 0 of a tick or new rules."""

    seq: int
    wall: datetime
    readings: int


class Damaged(Exception):
    """``where`` cannot be read, because of ``why``; the store makes it a StoreTrouble."""

    def __init__(self, where: str, why: object) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class TooLong(Exception):
    """An interaction has more readings than may be fetched."""


def history(connection: Connection, kind: str, id: str, *, before: int | None, limit: int) -> list[Reading]:
    """By journal order; more than ``limit`` is TooLong.  Each batch is fetched, and inflated, once."""
    places, journal = tables.interaction, tables.journal
    until = [] if before is None else [places.c.batch < before]
    query = (
        select(places.c.batch, places.c.ordinal)
        .where(places.c.kind == kind, places.c.id == id, *until)
        .order_by(places.c.batch, places.c.ordinal)
        .limit(limit + 1)
    )
    found = connection.execute(query).all()
    if len(found) > limit:
        raise TooLong
    readings: list[Reading] = []
    for batch, rows in groupby(found, key=lambda row: row.batch):
        packed = connection.execute(select(journal.c.body).where(journal.c.seq == batch)).scalar()
        try:
            if packed is None:
                raise body.BodyDamaged("it is missing")
            lines = body.lines(packed)
            readings += [body.reading_at(lines, row.ordinal) for row in rows]
        except body.BodyDamaged as error:
            raise Damaged(f"journal row {batch}", error) from error
    return readings


def known(connection: Connection, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of at most ``pairs_max`` interactions that have history; one query a kind.

    Not ``(kind, id) in (…)`` over all kinds: SQLite would walk the whole index for that.
    """
    places = tables.interaction
    found: set[tuple[str, str]] = set()
    for kind in {kind for kind, _ in pairs}:
        ids = [id for its_kind, id in pairs if its_kind == kind]
        query = select(places.c.id).distinct().where(places.c.kind == kind, places.c.id.in_(ids))
        found |= {(kind, id) for id in connection.execute(query).scalars()}
    return found


def said(connection: Connection, kind: str, id: str) -> list[CaseDecision]:
    now, decision = tables.verdict_now, tables.decision
    query = (
        select(decision.c.seq, decision.c.ordinal, decision.c.line)
        .join_from(now, decision, (now.c.seq == decision.c.seq) & (now.c.ordinal == decision.c.ordinal))
        .where(now.c.kind == kind, now.c.id == id)
        .order_by(now.c.standard, now.c.occurrence)
    )
    return [_case(row) for row in connection.execute(query)]


def said_before(connection: Connection, kind: str, id: str, *, before: int, limit: int) -> list[CaseDecision]:
    """What ``said`` was when input ``before`` came in: made of all words up to then."""
    last: dict[tuple[str, int], CaseDecision] = {}
    for row in trail(connection, kind, id, before=before, limit=limit):
        assert isinstance(row.decision, CaseDecision)
        last[row.decision.standard, row.decision.occurrence] = row.decision
    return [last[occurrence] for occurrence in sorted(last)]


def trail(connection: Connection, kind: str, id: str, *, before: int | None, limit: int) -> list[SpokenRow]:
    """Every word on an interaction, in the order it was spoken; more than ``limit`` is TooLong."""
    c = tables.decision.c
    until = [] if before is None else [c.seq < before]
    query = (
        select(c.seq, c.ordinal, c.line)
        .where(c.kind == kind, c.id == id, *until)
        .order_by(c.seq, c.ordinal)
        .limit(limit + 1)
    )
    rows = connection.execute(query).all()
    if len(rows) > limit:
        raise TooLong
    return [SpokenRow(row.seq, _case(row)) for row in rows]


def alerts(connection: Connection) -> list[Alert]:
    now, decision = tables.alert_now, tables.decision
    query = (
        select(decision.c.seq, decision.c.ordinal, decision.c.line)
        .join_from(now, decision, (now.c.seq == decision.c.seq) & (now.c.ordinal == decision.c.ordinal))
        .order_by(now.c.standard, now.c.condition, now.c.labels)
    )
    spoken = [_decoded(row) for row in connection.execute(query)]
    assert all(isinstance(word, Alert) for word in spoken), spoken
    return [word for word in spoken if isinstance(word, Alert)]


def episodes(connection: Connection) -> list[Episode]:
    now, decision = tables.episode_now, tables.decision
    query = (
        select(decision.c.seq, decision.c.ordinal, decision.c.line)
        .join_from(now, decision, (now.c.seq == decision.c.seq) & (now.c.ordinal == decision.c.ordinal))
        .order_by(now.c.standard, now.c.labels)
    )
    spoken = [_decoded(row) for row in connection.execute(query)]
    assert all(isinstance(word, Episode) for word in spoken), spoken
    return [word for word in spoken if isinstance(word, Episode)]


def journal_page(connection: Connection, after_seq: int, limit: int) -> list[JournalRow]:
    journal = tables.journal
    query = (
        select(journal.c.seq, journal.c.wall, journal.c.body)
        .where(journal.c.seq > after_seq)
        .order_by(journal.c.seq)
        .limit(limit)
    )
    return _rows(connection.execute(query))


def _rows(found: Iterable[Row[int, datetime, bytes]]) -> list[JournalRow]:
    page: list[JournalRow] = []
    for seq, wall, packed in found:
        try:
            page.append(JournalRow(seq, wall, body.unpack(packed)))
        except body.BodyDamaged as error:
            raise Damaged(f"journal row {seq}", error) from error
    return page


def inputs_before(connection: Connection, seq: int | None, limit: int) -> list[InputRow]:
    """The narrow columns of the latest inputs before ``seq``, the latest first; None: of all."""
    journal = tables.journal
    until = [] if seq is None else [journal.c.seq < seq]
    query = (
        select(journal.c.seq, journal.c.wall, journal.c.type, journal.c.count)
        .where(*until)
        .order_by(journal.c.seq.desc())
        .limit(limit)
    )
    return [
        InputRow(row.seq, row.wall, row[3] if row.type == READINGS else 0)
        for row in connection.execute(query)
    ]


def readings_page(connection: Connection, after: int, last: int) -> list[JournalRow]:
    """The next inputs with readings after ``after`` and up to ``last``; a few, because each may be large."""
    journal = tables.journal
    query = (
        select(journal.c.seq, journal.c.wall, journal.c.body)
        .where(journal.c.seq > after, journal.c.seq <= last, journal.c.type == READINGS)
        .order_by(journal.c.seq)
        .limit(readings_page_max)
    )
    return _rows(connection.execute(query))


def decision_page(
    connection: Connection, after: tuple[int, int], limit: int
) -> list[tuple[tuple[int, int], SpokenRow]]:
    """Decisions after the place (seq, ordinal), each with its own place."""
    c = tables.decision.c
    query = (
        select(c.seq, c.ordinal, c.line)
        .where(tuple_(c.seq, c.ordinal) > tuple_(*after))
        .order_by(c.seq, c.ordinal)
        .limit(limit)
    )
    return [((row.seq, row.ordinal), SpokenRow(row.seq, _decoded(row))) for row in connection.execute(query)]


def rule_versions(connection: Connection) -> list[RuleVersion]:
    versions, journal = tables.rule_version, tables.journal
    query = (
        select(versions.c.seq, journal.c.wall, versions.c.hash)
        .join_from(versions, journal)
        .order_by(versions.c.seq)
    )
    return [RuleVersion(seq, wall, hash) for seq, wall, hash in connection.execute(query)]


def rules(connection: Connection, seq: int) -> RulesInput | None:
    versions, journal = tables.rule_version, tables.journal
    query = select(journal.c.body).join_from(versions, journal).where(versions.c.seq == seq)
    packed = connection.execute(query).scalar()
    if packed is None:
        return None
    try:
        taken = body.unpack(packed)
    except body.BodyDamaged as error:
        raise Damaged(f"journal row {seq}", error) from error
    assert isinstance(taken, RulesInput), f"journal row {seq} holds {type(taken)}"
    return taken


def _case(row: Row[int, int, str]) -> Case:
    word = _decoded(row)
    assert isinstance(word, Case), f"decision {row[0]}.{row[1]} speaks of no case: {word}"
    return word


def _decoded(row: Row[int, int, str]) -> Decision | Refused:
    seq, ordinal, line = row
    try:
        return _spoken.decode(line)
    except msgspec.MsgspecError as error:
        raise Damaged(f"decision {seq}.{ordinal}", error) from error
