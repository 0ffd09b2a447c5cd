"""The first tables: journal and its index, cursors, keys, decisions, rules, checkpoints, outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PENDING = sa.text("state = 'pending'")
DONE = sa.text("done IS NOT NULL")
OF_A_CASE = sa.text("kind IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "house",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    _what_came_in()
    _what_was_said()
    op.create_table(
        "checkpoint",
        sa.Column("id", LONG, primary_key=True),
        sa.Column("format", sa.Integer, nullable=False),
        sa.Column("rules_hash", sa.Text, nullable=False),
        sa.Column("seq", LONG, nullable=False),
        sa.Column("blob", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    _what_goes_out()


def _what_came_in() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", LONG, primary_key=True, autoincrement=False),
        sa.Column("wall", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "interaction",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("batch", LONG, primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cursor",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("cursor", sa.LargeBinary, nullable=False),
        sa.Column("seq", LONG, sa.ForeignKey("journal.seq"), nullable=False),
    )
    op.create_table(
        "taken_key",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("seq", LONG, nullable=False),
        sa.Column("wall", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("taken_key_age", "taken_key", ["wall"])
    op.create_table(
        "rule_version",
        sa.Column("seq", LONG, sa.ForeignKey("journal.seq"), primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
    )


def _what_was_said() -> None:
    op.create_table(
        "decision",
        sa.Column("seq", LONG, sa.ForeignKey("journal.seq"), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("standard", sa.Text),
        sa.Column("kind", sa.Text),
        sa.Column("id", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "decision_interaction",
        "decision",
        ["kind", "id", "seq", "ordinal"],
        sqlite_where=OF_A_CASE,
        postgresql_where=OF_A_CASE,
    )
    op.create_table(
        "verdict_now",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("standard", sa.Text, primary_key=True),
        sa.Column("occurrence", sa.Integer, primary_key=True),
        sa.Column("seq", LONG, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["seq", "ordinal"], ["decision.seq", "decision.ordinal"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alert_now",
        sa.Column("standard", sa.Text, primary_key=True),
        sa.Column("condition", sa.Text, primary_key=True),
        sa.Column("labels", sa.Text, primary_key=True),
        sa.Column("seq", LONG, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["seq", "ordinal"], ["decision.seq", "decision.ordinal"]),
        sqlite_with_rowid=False,
    )


def _what_goes_out() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", LONG, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("seq", LONG, sa.ForeignKey("journal.seq"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("done", sa.BigInteger),
        sa.Column("error", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_key", "outbox", ["channel", "key"], unique=True)
    op.create_index(
        "outbox_pending",
        "outbox",
        ["channel", "id", "not_before"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index(
        "outbox_done",
        "outbox",
        ["state", "done"],
        sqlite_where=DONE,
        postgresql_where=DONE,
    )
