"""Where the last word on each number stands.  No decision of before is about a number: there is nothing to fill in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "episode_now",
        sa.Column("standard", sa.Text, primary_key=True),
        sa.Column("labels", sa.Text, primary_key=True),
        sa.Column("seq", LONG, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["seq", "ordinal"], ["decision.seq", "decision.ordinal"]),
        sqlite_with_rowid=False,
    )
