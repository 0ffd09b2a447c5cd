"""The tables, as SQLAlchemy Core sees them.

They must say what the migrations make; a test compares the two.  Instants are whole
microseconds since 1970 in UTC: exact, sortable, and the same in every database.
In an SQLite shell: ``select datetime(at / 1000000, 'unixepoch') from decision``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# SQLite numbers rows by itself only in a column that is exactly INTEGER, which has 64 bits there.
Long = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC; a naive one is our own mistake."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        assert value.tzinfo is not None, f"a naive instant: {value}"
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData()

house = Table(
    "house",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="Facts about this file, e.g. first_start.",
)

journal = Table(
    "journal",
    metadata,
    Column("seq", Long, primary_key=True, autoincrement=False),
    Column("wall", Instant, nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text),
    Column("count", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    comment="Every input of the judge, in order.  body: see store/body.py.",
)

# Plain words and not a hash of them: ids mostly grow with time, so new rows land on the same few pages.
interaction = Table(
    "interaction",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("batch", Long, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    comment="Where an interaction's readings stand: journal.seq and place in that body, from 0.",
    sqlite_with_rowid=False,
)

cursor = Table(
    "cursor",
    metadata,
    Column("source", Text, primary_key=True),
    Column("cursor", LargeBinary, nullable=False),
    Column("seq", Long, ForeignKey("journal.seq"), nullable=False),
)

taken_key = Table(
    "taken_key",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("seq", Long, nullable=False),
    Column("wall", Instant, nullable=False),
    Index("taken_key_age", "wall"),
    comment="Idempotency keys of batches.",
    sqlite_with_rowid=False,
)

decision = Table(
    "decision",
    metadata,
    Column("seq", Long, ForeignKey("journal.seq"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("standard", Text),
    Column("kind", Text),
    Column("id", Text),
    Column("at", Instant, nullable=False),
    Column("line", Text, nullable=False),
    Index(
        "decision_interaction",
        "kind",
        "id",
        "seq",
        "ordinal",
        sqlite_where=text("kind IS NOT NULL"),
        postgresql_where=text("kind IS NOT NULL"),
    ),
    comment="Every word of the judge, in order.  line: as `standardsd judge` prints it.",
    sqlite_with_rowid=False,
)

verdict_now = Table(
    "verdict_now",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("standard", Text, primary_key=True),
    Column("occurrence", Integer, primary_key=True),
    Column("seq", Long, nullable=False),
    Column("ordinal", Integer, nullable=False),
    ForeignKeyConstraint(["seq", "ordinal"], ["decision.seq", "decision.ordinal"]),
    comment="The last word on each occurrence: its place in decision.",
    sqlite_with_rowid=False,
)

alert_now = Table(
    "alert_now",
    metadata,
    Column("standard", Text, primary_key=True),
    Column("condition", Text, primary_key=True),
    Column("labels", Text, primary_key=True),
    Column("seq", Long, nullable=False),
    Column("ordinal", Integer, nullable=False),
    ForeignKeyConstraint(["seq", "ordinal"], ["decision.seq", "decision.ordinal"]),
    comment="The last word on each alert: its place in decision.  labels: its group as sorted JSON.",
    sqlite_with_rowid=False,
)

episode_now = Table(
    "episode_now",
    metadata,
    Column("standard", Text, primary_key=True),
    Column("labels", Text, primary_key=True),
    Column("seq", Long, nullable=False),
    Column("ordinal", Integer, nullable=False),
    ForeignKeyConstraint(["seq", "ordinal"], ["decision.seq", "decision.ordinal"]),
    comment="The last word on each number: its place in decision.  labels: its group as sorted JSON.",
    sqlite_with_rowid=False,
)

rule_version = Table(
    "rule_version",
    metadata,
    Column("seq", Long, ForeignKey("journal.seq"), primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("id", Long, primary_key=True),
    Column("format", Integer, nullable=False),
    Column("rules_hash", Text, nullable=False),
    Column("seq", Long, nullable=False),
    Column("blob", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Long, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("seq", Long, ForeignKey("journal.seq"), nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("done", Instant),
    Column("error", Text),
    Index("outbox_key", "channel", "key", unique=True),
    Index(
        "outbox_pending",
        "channel",
        "id",
        "not_before",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    # Without the pending ones: marking a message must not walk over all that wait.
    Index(
        "outbox_done",
        "state",
        "done",
        sqlite_where=text("done IS NOT NULL"),
        postgresql_where=text("done IS NOT NULL"),
    ),
    comment="state: pending, delivered or gave_up.",
    sqlite_autoincrement=True,
)
