"""Where the rule packs and exporter definitions that come with standardsd are.

In an installed wheel they stand in ``standardsd/_bundled``; in a checkout at the top level.
Touches files: for ``daemon`` and ``cli`` only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

What = Literal["rules", "exporters"]


def folder(what: What) -> Path:
    """The folder of what is shipped."""
    package = Path(__file__).resolve().parent
    bundled = package / "_bundled" / what
    return bundled if bundled.is_dir() else package.parent / what


def files(what: What) -> dict[str, Path]:
    """Name ("hotel/front-desk", "phone/asterisk") → file, by name."""
    root = folder(what)
    found = sorted(root.rglob("*.yaml"))
    return {path.relative_to(root).with_suffix("").as_posix(): path for path in found}


def find(what: What, name: str) -> Path | None:
    """The shipped file of this name, with its folder or without it where that names just one."""
    known = files(what)
    if name in known:
        return known[name]
    same = [path for full, path in known.items() if full.rsplit("/", 1)[-1] == name]
    return same[0] if len(same) == 1 else None
