"""The store's failures, said so that an operator can act.

Whatever the disk, the file or another process does to us becomes one exception,
``StoreTrouble``.  When it is raised the transaction has been rolled back: nothing is
half-written, and the same call may be made again once the cause is gone.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError


class StoreTrouble(Exception):
    """``what`` went wrong, with the file's name; ``fix``: what the operator can do."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}\n  fix: {fix}")
        self.what = what
        self.fix = fix


class TooMany(StoreTrouble):
    """One interaction has more readings or words than are ever fetched: trying again will not help."""


class KeyTaken(Exception):
    """A batch with this idempotency key is already in the journal, as ``seq``.  Nothing was written."""

    def __init__(self, source: str, key: str, seq: int) -> None:
        super().__init__(f"{source}: a batch with key {key!r} was taken before, as {seq}")
        self.source = source
        self.key = key
        self.seq = seq


RESTORE = "stop the daemon, keep a copy of the data folder, and bring the file back from a backup"

# SQLite's primary result code → what it means here, and the fix.
TROUBLES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("the disk is full", "make room on this disk; writing goes on by itself"),
    sqlite3.SQLITE_BUSY: (
        "it is locked by another program",
        "end the program that holds it (a backup, an sqlite3 shell)",
    ),
    sqlite3.SQLITE_LOCKED: (
        "it is locked by another program",
        "end the program that holds it (a backup, an sqlite3 shell)",
    ),
    sqlite3.SQLITE_READONLY: (
        "it cannot be written",
        "let the daemon's user write the file and its folder; is the disk mounted read-only?",
    ),
    sqlite3.SQLITE_PERM: ("access is denied", "let the daemon's user read and write the file and its folder"),
    sqlite3.SQLITE_AUTH: ("access is denied", "let the daemon's user read and write the file and its folder"),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "let the daemon's user read and write the file and its folder",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk failed to read or write",
        "look at the disk and the system's log; writing goes on by itself",
    ),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", RESTORE),
    sqlite3.SQLITE_NOTADB: ("it is no database, or its first page is damaged", RESTORE),
    sqlite3.SQLITE_NOMEM: ("memory ran out", "give the daemon more memory"),
    sqlite3.SQLITE_TOOBIG: ("a row is larger than SQLite allows", "hand readings over in smaller batches"),
}

# Python's sqlite3 raises these without a code of SQLite's: text that cannot be decoded is damage.
UNDECODABLE = "Could not decode to UTF-8"


def trouble_of(error: DBAPIError, name: str) -> StoreTrouble | None:
    """What ``error`` means for the file ``name``; None: a mistake of ours, not the disk's."""
    cause = error.orig
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return (
            StoreTrouble(f"{name}: it is damaged ({cause})", RESTORE) if UNDECODABLE in str(cause) else None
        )
    told = TROUBLES.get(code & 0xFF)
    if told is None:
        return None
    what, fix = told
    return StoreTrouble(f"{name}: {what} ({getattr(cause, 'sqlite_errorname', code)}: {cause})", fix)


def damaged(name: str, where: str, why: object) -> StoreTrouble:
    """Something that we wrote cannot be read any more."""
    return StoreTrouble(f"{name}: {where} is damaged ({why})", RESTORE)
