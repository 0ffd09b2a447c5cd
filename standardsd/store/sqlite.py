"""Everything that is so only in SQLite: pragmas, how a transaction begins, whose file it is.

A commit is on the disk when it returns (write-ahead log, ``synchronous=FULL``: one
fsync a commit).  WAL needs a local disk; where it cannot be had, opening is refused.
"""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from standardsd.store.trouble import RESTORE, StoreTrouble, damaged

APPLICATION_ID = 0x73746473
"""``stds``, in the file's header: how we know our own."""

MAGIC = b"SQLite format 3\0"
header_bytes = 100
application_id_at = 68

PRAGMAS = (
    (
        "synchronous",
        "FULL",
    ),  # WAL's default syncs only at checkpoints: a power cut would lose acknowledged readings
    ("foreign_keys", "ON"),
    ("trusted_schema", "OFF"),
    ("cache_size", "-65536"),  # 64 MiB: the inner pages of the interaction index stay in memory
    ("journal_size_limit", str(64 * 2**20)),  # the log shrinks back to this after a large batch
)

READ = "BEGIN"
WRITE = "BEGIN IMMEDIATE"  # takes the writer's place at once: a refusal comes before anything was read
OUTSIDE = ""


def path_of(where: str | os.PathLike[str]) -> Path:
    """The file meant by a path or an ``sqlite:///`` address."""
    told = os.fspath(where)
    if "://" not in told:
        return Path(told).absolute()
    try:
        url = make_url(told)
    except ArgumentError as error:
        raise StoreTrouble(f"{told!r} is no address of a database", "write a path") from error
    # The address may carry a password; only its scheme is told.
    if url.get_backend_name() != "sqlite":
        raise StoreTrouble(
            f"a store in {url.get_backend_name()} is not served", "write a path: it is kept in SQLite"
        )
    if url.database in (None, "", ":memory:"):
        raise StoreTrouble("a store in memory would lose what it acknowledged", "write a path")
    assert url.database is not None
    return Path(url.database).absolute()


def prepare(path: Path) -> None:
    """Makes folder and empty file, readable by our user alone; refuses a file that is somebody else's."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreTrouble(
            f"{path}: it cannot be opened ({error.strerror})",
            "let the daemon's user read and write the file and its folder",
        ) from error
    must_be_ours(path)


def must_be_ours(path: Path) -> None:
    """Refuses a file that is somebody else's, by its header alone; one that is not there, too."""
    try:
        with path.open("rb") as file:
            header = file.read(header_bytes)
    except OSError as error:
        raise StoreTrouble(
            f"{path}: it cannot be opened ({error.strerror})", "let our user read the file and its folder"
        ) from error
    if header and not header.startswith(MAGIC):
        raise _not_ours(path, "no SQLite file")
    identity = int.from_bytes(header[application_id_at : application_id_at + 4], "big")
    if identity not in (0, APPLICATION_ID):
        raise _not_ours(path, "an SQLite file of another program")


def open_engine(path: Path, busy_wait: timedelta) -> Engine:
    """One connection, usable from any thread, one at a time.

    A transaction begins as the connection's option ``begin`` says, one of the three below.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": busy_wait.total_seconds()},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for name, value in PRAGMAS:
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        begin = connection.get_execution_options().get("begin", READ)
        if begin != OUTSIDE:
            connection.exec_driver_sql(begin)

    return engine


def in_use(path: Path) -> bool:
    """Whether there is a write-ahead log beside it: somebody has it open, or ended without closing it."""
    return path.with_name(path.name + "-wal").exists()


def open_reader(path: Path, busy_wait: timedelta, *, alone: bool) -> Engine:
    """For reading alone.  ``alone``: nobody has it open, so it is read without a lock and without files beside it."""
    address = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if alone else ''}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=busy_wait.total_seconds(), isolation_level=None
        )
        for name, value in (("query_only", "ON"), ("trusted_schema", "OFF")):
            connection.execute(f"PRAGMA {name}={value}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(READ)

    return engine


def claim(connection: Connection, path: Path) -> None:
    """In the transaction that makes tables: marks an empty file as ours, refuses one with other tables."""
    identity = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if identity == APPLICATION_ID:
        if not tables:
            raise damaged(str(path), "its list of tables", "it is empty")
        return
    if identity != 0 or tables:
        raise _not_ours(path, "an SQLite file of another program")
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def use_wal(connection: Connection, path: Path) -> None:
    """Outside a transaction; the file remembers it."""
    mode = connection.exec_driver_sql("PRAGMA journal_mode=WAL").scalar_one()
    if mode != "wal":
        raise StoreTrouble(
            f"{path}: this disk cannot keep a write-ahead log (journal_mode={mode})",
            "put the data folder on a local disk",
        )


def _not_ours(path: Path, what: str) -> StoreTrouble:
    return StoreTrouble(
        f"{path}: this is {what}, not a store of standardsd", f"name another file, or {RESTORE}"
    )
