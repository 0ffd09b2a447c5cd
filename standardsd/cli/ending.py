"""The end of a daemon's process."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import NoReturn


def end(code: int) -> NoReturn:
    """Ends the process now; everything durable is on the disk, and every task and file of ours is closed.

    Left to itself the interpreter gives back a judge's memory object by object: at a million open
    promises that takes seconds, in which whoever stopped us waits.  The system takes it back at once.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)
