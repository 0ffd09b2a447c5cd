"""The store: the one door to everything durable.

    store = Store.open("data/standardsd.sqlite")
    seqs = store.commit([Entry(now, ReadingsInput(source="pbx1", readings=batch), decisions, outgoing)])

One writer: a second process on the same file is refused, and so is a second thread at
the same instant (the daemon gives the store a thread of its own).  Whatever fails
outside is a ``StoreTrouble``; after it nothing is half-written and the store works on as
soon as the cause is gone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import DBAPIError

from standardsd.model.decision import Alert, CaseDecision, Episode
from standardsd.model.reading import Reading
from standardsd.store import outbox, read, schema, sqlite, tables, upkeep, write
from standardsd.store.entries import (
    Entry,
    JournalRow,
    OutboxRow,
    Pruned,
    RulesInput,
    RuleVersion,
    SpokenRow,
)
from standardsd.store.limits import LIMITS, Limits
from standardsd.store.lock import FileLock
from standardsd.store.trouble import StoreTrouble, TooMany, damaged, trouble_of


class Store:
    """An open store.  Made by ``open``; it must be closed, or used in a ``with``."""

    def __init__(self, path: Path, engine: Engine, lock: FileLock, limits: Limits) -> None:
        self.path = path
        self._limits = limits
        self._engine = engine
        self._lock = lock
        self._busy = threading.Lock()
        self._file = _identity(path)

    @classmethod
    def open(
        cls,
        where: str | os.PathLike[str],
        *,
        migrate: bool = True,
        now: datetime | None = None,
        limits: Limits = LIMITS,
    ) -> Self:
        """A path or ``sqlite:///`` address; a file that is not there, or empty, is made.

        Raises StoreTrouble for a file that another process holds, that is not ours, that a newer version
        wrote, or, without ``migrate``, that an older one did.  ``now`` becomes ``first_start`` in a new file.
        """
        path = sqlite.path_of(where)
        sqlite.prepare(path)
        lock = FileLock.take(path)
        store = None
        try:
            store = cls(path, sqlite.open_engine(path, limits.busy_wait), lock, limits)
            with store._transaction(sqlite.WRITE) as connection:
                sqlite.claim(connection, path)
                schema.bring_up_to_date(connection, str(path), migrate=migrate)
                _remember_first_start(connection, now or datetime.now(UTC))
            with store._transaction(sqlite.OUTSIDE) as connection:
                sqlite.use_wal(connection, path)
        except BaseException:
            if store is not None:
                store._engine.dispose()
            lock.release()
            raise
        return store

    def close(self) -> None:
        """Lets others in.  May be called again; anything else afterwards is a mistake."""
        self._engine.dispose()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Inputs and what was said to them.

    def commit(self, entries: Sequence[Entry]) -> list[int]:
        """All entries in one transaction, on the disk when this returns; their seqs, from 1 and without gaps.

        Raises KeyTaken for an idempotency key that is known, ValueError for readings that JSON cannot carry,
        and StoreTrouble; then nothing of any entry is written.
        """
        bodies = write.pack_all(entries)
        if not entries:
            return []
        with self._transaction(sqlite.WRITE) as connection:
            return write.write(connection, entries, bodies)

    def seen_key(self, source: str, key: str) -> int | None:
        """The seq of the batch that had this key; kept for 7 days, at most ``Limits.keys_max`` of them."""
        with self._transaction(sqlite.READ) as connection:
            return write.seen_key(connection, source, key)

    def history(self, kind: str, id: str, *, before: int | None = None) -> list[Reading]:
        """Every event and retraction of an interaction that the judge took, in the order they came.

        ``before``: only those of inputs with a lower seq, for a replay that has come to that input.
        """
        most = self._limits.history_readings_max
        with self._of_one_interaction(kind, id) as connection:
            return read.history(connection, kind, id, before=before, limit=most)

    def said(self, kind: str, id: str, *, before: int | None = None) -> list[CaseDecision]:
        """The last line per standard and occurrence, in that order; ``before`` as in ``history``."""
        most = self._limits.history_readings_max
        with self._of_one_interaction(kind, id) as connection:
            if before is None:
                return read.said(connection, kind, id)
            return read.said_before(connection, kind, id, before=before, limit=most)

    def trail(self, kind: str, id: str) -> list[SpokenRow]:
        """Every word on an interaction in the order it was spoken, amendments and all."""
        with self._of_one_interaction(kind, id) as connection:
            return read.trail(connection, kind, id, before=None, limit=self._limits.history_readings_max)

    def known(self, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these interactions, (kind, id), have history; one query for every 500."""
        rest = iter(pairs)
        found: set[tuple[str, str]] = set()
        while some := list(islice(rest, read.pairs_max)):
            with self._transaction(sqlite.READ) as connection:
                found |= read.known(connection, some)
        return found

    def cursor(self, source: str) -> bytes | None:
        """The last cursor committed for this source."""
        query = select(tables.cursor.c.cursor).where(tables.cursor.c.source == source)
        with self._transaction(sqlite.READ) as connection:
            return connection.execute(query).scalar()

    def last_seq(self) -> int:
        """Of the journal; 0 while it is empty."""
        with self._transaction(sqlite.READ) as connection:
            return connection.execute(write.LAST_SEQ).scalar() or 0

    def journal(self, after_seq: int = 0) -> Iterator[JournalRow]:
        """Every input with a seq above ``after_seq``, in order; a few rows in memory at a time.

        What is committed while this is being read comes too.
        """
        while True:
            with self._transaction(sqlite.READ) as connection:
                page = read.journal_page(connection, after_seq, self._limits.journal_page_max)
            if not page:
                return
            yield from page
            after_seq = page[-1].seq

    def decisions(self, after_seq: int = 0) -> Iterator[SpokenRow]:
        """Every word of the judge on inputs above ``after_seq``, in its order; in pages, like ``journal``."""
        place = (after_seq + 1, -1)
        while True:
            with self._transaction(sqlite.READ) as connection:
                page = read.decision_page(connection, place, self._limits.decision_page_max)
            if not page:
                return
            yield from (row for _, row in page)
            place = page[-1][0]

    def alerts(self) -> list[Alert]:
        """The last word on every alert ever spoken of."""
        with self._transaction(sqlite.READ) as connection:
            return read.alerts(connection)

    def episodes(self) -> list[Episode]:
        """The last word on every number ever spoken of; those before it are in ``decisions``."""
        with self._transaction(sqlite.READ) as connection:
            return read.episodes(connection)

    def rule_versions(self) -> list[RuleVersion]:
        """The oldest first."""
        with self._transaction(sqlite.READ) as connection:
            return read.rule_versions(connection)

    def rules(self, seq: int) -> RulesInput | None:
        """The rules of the version ``seq``; None: that input was something else."""
        with self._transaction(sqlite.READ) as connection:
            return read.rules(connection, seq)

    def first_start(self) -> datetime:
        """When this file was made: the default of ``judge_from``."""
        query = select(tables.house.c.value).where(tables.house.c.name == FIRST_START)
        with self._transaction(sqlite.READ) as connection:
            return datetime.fromisoformat(connection.execute(query).scalar_one())

    # Checkpoints of the judge's state: a cache.

    def save_checkpoint(self, blob: bytes, *, format: int, rules_hash: str, seq: int) -> None:
        """State after input ``seq``.  The last two are kept; one too large for the file is a StoreTrouble."""
        packed = upkeep.pack_checkpoint(blob)
        most = self._limits.checkpoint_bytes_max
        if len(packed) > most:
            raise StoreTrouble(
                f"{self.path}: a checkpoint of {len(packed)} bytes; at most {most}",
                "nothing is lost, a restart reads the journal instead; are interactions never ended?",
            )
        with self._transaction(sqlite.WRITE) as connection:
            upkeep.save_checkpoint(
                connection,
                packed,
                format=format,
                rules_hash=rules_hash,
                seq=seq,
                kept=self._limits.checkpoints_kept,
            )

    def checkpoint(self, *, format: int, rules_hash: str) -> tuple[bytes, int] | None:
        """The newest whole one of this format and these rules, with its seq; the tail is ``journal(seq)``."""
        with self._transaction(sqlite.READ) as connection:
            return upkeep.checkpoint(connection, format=format, rules_hash=rules_hash)

    # The outbox.

    def outbox(self, channel: str, limit: int, *, due: datetime | None = None) -> list[OutboxRow]:
        """Up to ``limit`` undelivered messages, oldest first; with ``due`` only those to be tried by then."""
        with self._transaction(sqlite.READ) as connection:
            return outbox.pending_rows(connection, channel, limit, due)

    def next_try(self, channel: str) -> datetime | None:
        """The earliest ``not_before`` of an undelivered message."""
        with self._transaction(sqlite.READ) as connection:
            return outbox.next_try(connection, channel)

    def delivered(self, id: int | Sequence[int], at: datetime) -> None:
        """One message or several, in one transaction."""
        with self._transaction(sqlite.WRITE) as connection:
            outbox.finish(connection, _several(id), outbox.DELIVERED, at, None)

    def retry(self, id: int | Sequence[int], at: datetime, not_before: datetime, error: str) -> None:
        """Tried at ``at`` in vain; not again before ``not_before``."""
        assert not_before >= at, f"to be tried again at {not_before}, before it failed at {at}"
        with self._transaction(sqlite.WRITE) as connection:
            outbox.put_off(connection, _several(id), not_before, error)

    def gave_up(self, id: int | Sequence[int], at: datetime, error: str) -> None:
        """Never tried again; kept for 90 days, for people to see."""
        with self._transaction(sqlite.WRITE) as connection:
            outbox.finish(connection, _several(id), outbox.GAVE_UP, at, error)

    def pending(self) -> dict[str, int]:
        """Undelivered messages per channel; a channel without any is not named."""
        with self._transaction(sqlite.READ) as connection:
            return outbox.pending(connection)

    def given_up(self) -> dict[str, int]:
        """Messages given up per channel, as far as they are still kept."""
        with self._transaction(sqlite.READ) as connection:
            return outbox.given_up(connection)

    # Upkeep.

    def prune(self, now: datetime) -> Pruned:
        """Removes old idempotency keys and finished messages, never the journal; a bounded part a call."""
        with self._transaction(sqlite.WRITE) as connection:
            return upkeep.prune(connection, now, self._limits)

    @contextmanager
    def _of_one_interaction(self, kind: str, id: str) -> Iterator[Connection]:
        try:
            with self._transaction(sqlite.READ) as connection:
                yield connection
        except read.TooLong:
            raise TooMany(
                f"{self.path}: {kind} {id} has more than {self._limits.history_readings_max} readings or verdicts",
                "its source uses one id for many interactions: make the id unique in its exporter",
            ) from None

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        assert self._busy.acquire(blocking=False), "the store was called while another call was running"
        try:
            self._must_be_the_same_file()
            with self._engine.connect().execution_options(begin=begin) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            trouble = trouble_of(error, str(self.path))
            if trouble is None:
                raise
            raise trouble from error
        except read.Damaged as error:
            raise damaged(str(self.path), error.where, error.why) from error
        finally:
            self._busy.release()

    def _must_be_the_same_file(self) -> None:
        """A file moved or removed under us would go on taking writes that nobody finds again."""
        if _identity(self.path) != self._file:
            raise StoreTrouble(
                f"{self.path}: the file was moved, removed or replaced while it was open",
                "put it back, or start the daemon anew",
            )


FIRST_START = "first_start"


def _remember_first_start(connection: Connection, now: datetime) -> None:
    table = tables.house
    if connection.execute(select(table.c.value).where(table.c.name == FIRST_START)).scalar() is None:
        connection.execute(insert(table).values(name=FIRST_START, value=now.astimezone(UTC).isoformat()))


def _several(id: int | Sequence[int]) -> Sequence[int]:
    return [id] if isinstance(id, int) else id


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
