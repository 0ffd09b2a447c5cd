"""The outbox: what is still to be told to others.

A message is pending until it is delivered or given up; both are final, and another
word on it changes nothing.  It is tried at least once, so its ``key`` must let the
receiver tell a repetition.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, update

from standardsd.store.entries import OutboxRow
from standardsd.store.tables import outbox as table

PENDING, DELIVERED, GAVE_UP = "pending", "delivered", "gave_up"

# The word itself, not a parameter: only so does a database know that the index of pending ones will do.
IS_PENDING = table.c.state == literal_column(f"'{PENDING}'")

error_chars_max = 2_000
"""Kept of an error text: a proxy's whole page helps nobody."""

ids_max = 500
"""Marked with one statement."""


def pending_rows(connection: Connection, channel: str, limit: int, due: datetime | None) -> list[OutboxRow]:
    """The oldest first; with ``due`` only those that may be tried then."""
    c = table.c
    columns = (c.id, c.channel, c.key, c.payload, c.attempts, c.created, c.not_before)
    query = select(*columns).where(c.channel == channel, IS_PENDING).order_by(c.id).limit(limit)
    if due is not None:
        query = query.where(c.not_before <= due)
    return [OutboxRow(*row) for row in connection.execute(query)]


def next_try(connection: Connection, channel: str) -> datetime | None:
    query = select(func.min(table.c.not_before)).where(table.c.channel == channel, IS_PENDING)
    return connection.execute(query).scalar()


def pending(connection: Connection) -> dict[str, int]:
    return _counts(connection, IS_PENDING)


def given_up(connection: Connection) -> dict[str, int]:
    return _counts(connection, (table.c.state == GAVE_UP) & table.c.done.is_not(None))


def finish(connection: Connection, ids: Sequence[int], state: str, at: datetime, error: str | None) -> None:
    attempts = table.c.attempts + 1
    _mark(connection, ids, {"state": state, "done": at, "attempts": attempts, "error": _short(error)})


def put_off(connection: Connection, ids: Sequence[int], not_before: datetime, error: str) -> None:
    _mark(
        connection, ids, {"attempts": table.c.attempts + 1, "not_before": not_before, "error": _short(error)}
    )


def _counts(connection: Connection, which: ColumnElement[bool]) -> dict[str, int]:
    query = select(table.c.channel, func.count()).where(which).group_by(table.c.channel)
    return {row[0]: row[1] for row in connection.execute(query)}


def _mark(connection: Connection, ids: Sequence[int], values: dict[str, object]) -> None:
    for first in range(0, len(ids), ids_max):
        some = ids[first : first + ids_max]
        connection.execute(update(table).where(table.c.id.in_(some), IS_PENDING).values(values))


def _short(error: str | None) -> str | None:
    return None if error is None else error[:error_chars_max]
