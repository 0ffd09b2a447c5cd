"""`standardsd version`: which program, and on what it stands."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import version as installed

from standardsd import __version__


def version() -> None:
    """Prints the version, and those of what verdicts depend on: Python, time zones, SQLite.

    Example:

      standardsd version
    """
    print(f"standardsd {__version__}")
    # A verdict on open hours depends on the time-zone data, which is recorded with the rules.
    print(
        f"  Python {platform.python_version()}, tzdata {installed('tzdata')}, SQLite {sqlite3.sqlite_version}"
    )
