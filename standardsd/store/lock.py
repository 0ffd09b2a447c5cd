"""One daemon a file: an operating-system lock on ``<file>.lock``.

The lock goes with the process, however it dies; the name inside the file is only for
people.  The lock file itself stays: removing it would let two processes lock two files.
"""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from typing import Self

from standardsd.store.trouble import StoreTrouble

holder_bytes_max = 1_000


class FileLock:
    """Held from ``take`` until ``release`` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Raises StoreTrouble naming the holder's process id and host; never waits."""
        beside = path.with_name(path.name + ".lock")
        try:
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreTrouble(
                f"{beside}: it cannot be opened ({error.strerror})",
                "let the daemon's user read and write the file and its folder",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, holder_bytes_max, 0).decode(errors="replace").strip()
            os.close(descriptor)
            if not isinstance(error, BlockingIOError):
                raise StoreTrouble(
                    f"{beside}: it cannot be locked ({error.strerror})",
                    "put the data folder on a local disk",
                ) from error
            raise StoreTrouble(
                f"{path}: it is in use by {holder or 'another process'}",
                "stop that one first, or give this one a data folder of its own",
            ) from error
        lock = cls(descriptor)
        lock._sign()
        return lock

    def release(self) -> None:
        """May be called again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _sign(self) -> None:
        """Says who we are.  A full disk must not keep the daemon from starting: then nobody is named."""
        assert self._descriptor is not None
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"process {os.getpid()} on host {socket.gethostname()}\n".encode(), 0)
        except OSError:
            return
