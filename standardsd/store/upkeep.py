"""Checkpoints, and removing what nobody needs any more."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, tuple_

from standardsd.store import body, outbox, tables
from standardsd.store.entries import Pruned

checkpoints_kept = 2
"""The last, and the one before it in case the last is damaged."""

checkpoint_bytes_max = 900_000_000
"""Compressed.  SQLite holds 10⁹ bytes in one value."""

checkpoint_inflated_bytes_max = 16 * 2**30
"""A damaged checkpoint must not fill memory."""

key_age_min = timedelta(days=7)
keys_max = 5_000_000
"""Eight batches a second for a week, about 500 MB.  Beyond it the oldest keys go early, and that is told."""

delivered_age_max = timedelta(days=7)
gave_up_age_max = timedelta(days=90)

prune_rows_max = 10_000
"""Rows removed of a table in one call: some 20 ms, so that no commit waits long."""


def save_checkpoint(connection: Connection, packed: bytes, *, format: int, rules_hash: str, seq: int) -> None:
    table = tables.checkpoint
    last = connection.execute(select(func.max(tables.journal.c.seq))).scalar() or 0
    assert seq <= last, f"a checkpoint of {seq} when the journal ends at {last}"
    row = {"format": format, "rules_hash": rules_hash, "seq": seq, "blob": packed}
    connection.execute(insert(table).values(row))
    newest = select(table.c.id).order_by(table.c.id.desc()).limit(checkpoints_kept)
    connection.execute(delete(table).where(table.c.id.not_in(newest)))


def checkpoint(connection: Connection, *, format: int, rules_hash: str) -> tuple[bytes, int] | None:
    """The newest that fits and is whole.  It is a cache: a damaged one counts as none."""
    table = tables.checkpoint
    fits = (table.c.format == format, table.c.rules_hash == rules_hash)
    ids = connection.execute(select(table.c.id).where(*fits).order_by(table.c.id.desc())).scalars().all()
    for id in ids:
        packed, seq = connection.execute(select(table.c.blob, table.c.seq).where(table.c.id == id)).one()
        inflater = zlib.decompressobj()
        try:
            blob = inflater.decompress(packed, checkpoint_inflated_bytes_max)
        except zlib.error:
            continue
        if inflater.eof:
            return blob, seq
    return None


def pack_checkpoint(blob: bytes) -> bytes:
    return zlib.compress(blob, body.level)


def prune(connection: Connection, now: datetime) -> Pruned:
    """Keys past ``key_age_min`` or beyond ``keys_max``; delivered and given-up messages past their age."""
    by_age, aged = _prune_keys_by_age(connection, now - key_age_min)
    by_count, crowded = _prune_keys_by_count(connection)
    messages = _prune_messages(connection, now)
    return Pruned(
        keys=by_age + by_count,
        keys_early=by_count,
        messages=messages,
        more=aged or crowded or messages == prune_rows_max,
    )


def _prune_keys_by_age(connection: Connection, before: datetime) -> tuple[int, bool]:
    """Exactly 7 days old is still kept."""
    count = _delete_keys(connection, prune_rows_max, tables.taken_key.c.wall < before)
    return count, count == prune_rows_max


def _prune_keys_by_count(connection: Connection) -> tuple[int, bool]:
    surplus = connection.execute(select(func.count()).select_from(tables.taken_key)).scalar_one() - keys_max
    if surplus <= 0:
        return 0, False
    return _delete_keys(connection, min(surplus, prune_rows_max)), surplus > prune_rows_max


def _delete_keys(connection: Connection, count: int, *where: ColumnElement[bool]) -> int:
    """The oldest ``count`` of those."""
    c = tables.taken_key.c
    oldest = select(c.source, c.key).where(*where).order_by(c.wall).limit(count)
    return connection.execute(delete(tables.taken_key).where(tuple_(c.source, c.key).in_(oldest))).rowcount


def _prune_messages(connection: Connection, now: datetime) -> int:
    c = tables.outbox.c
    old = or_(
        and_(c.state == outbox.DELIVERED, c.done < now - delivered_age_max),
        and_(c.state == outbox.GAVE_UP, c.done < now - gave_up_age_max),
    )
    some = select(c.id).where(old).limit(prune_rows_max)
    return connection.execute(delete(tables.outbox).where(c.id.in_(some))).rowcount
