"""Checkpoints, and removing what nobody needs any more."""

from __future__ import annotations

import zlib
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, tuple_

from standardsd.store import body, outbox, tables
from standardsd.store.entries import Pruned
from standardsd.store.limits import Limits

checkpoint_inflated_bytes_max = 16 * 2**30
"""A damaged checkpoint must not fill memory."""


def save_checkpoint(
    connection: Connection, packed: bytes, *, format: int, rules_hash: str, seq: int, kept: int
) -> None:
    table = tables.checkpoint
    last = connection.execute(select(func.max(tables.journal.c.seq))).scalar() or 0
    assert seq <= last, f"a checkpoint of {seq} when the journal ends at {last}"
    row = {"format": format, "rules_hash": rules_hash, "seq": seq, "blob": packed}
    connection.execute(insert(table).values(row))
    newest = select(table.c.id).order_by(table.c.id.desc()).limit(kept)
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


def prune(connection: Connection, now: datetime, limits: Limits) -> Pruned:
    """Keys past their age or beyond their number; delivered and given-up messages past their age."""
    keys = tables.taken_key
    most = limits.prune_max
    aged = _delete_keys(connection, most, keys.c.wall < now - limits.key_age)
    surplus = connection.execute(select(func.count()).select_from(keys)).scalar_one() - limits.keys_max
    early = _delete_keys(connection, min(surplus, most)) if surplus > 0 else 0
    messages = _delete_messages(connection, now, limits)
    return Pruned(
        keys=aged + early,
        keys_early=early,
        messages=messages,
        more=aged == most or surplus > most or messages == most,
    )


def _delete_keys(connection: Connection, count: int, *where: ColumnElement[bool]) -> int:
    """The oldest ``count`` of those."""
    c = tables.taken_key.c
    oldest = select(c.source, c.key).where(*where).order_by(c.wall).limit(count)
    return connection.execute(delete(tables.taken_key).where(tuple_(c.source, c.key).in_(oldest))).rowcount


def _delete_messages(connection: Connection, now: datetime, limits: Limits) -> int:
    c = tables.outbox.c
    old = or_(
        and_(c.state == outbox.DELIVERED, c.done < now - limits.delivered_age),
        and_(c.state == outbox.GAVE_UP, c.done < now - limits.gave_up_age),
    )
    some = select(c.id).where(old).limit(limits.prune_max)
    return connection.execute(delete(tables.outbox).where(c.id.in_(some))).rowcount
