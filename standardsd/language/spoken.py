"""The way back: values as people are shown them, alike on every page, in every message and log.

What is said here reads back as the same value where the language has a word for it (``words``).
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal


def duration_text(length: timedelta) -> str:
    """How people are shown a duration ≥ 0: ``1h30m``, ``9.9s``, ``50ms``; ``duration`` reads it back exactly.

    From a second on, parts of a second are decimals of it; ``ms`` and ``us`` are for what is shorter.
    """
    left = length // timedelta(microseconds=1)
    said = ""
    for unit, micros in (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000)):
        count, left = divmod(left, micros)
        said += f"{count}{unit}" if count else ""
    if not left:
        return said or "0s"
    small = [("s", 1_000_000), ("ms", 1_000), ("us", 1)]
    unit, micros = small[0] if said else next(step for step in small if left >= step[1])
    return f"{said}{Decimal(left) / micros:f}{unit}"


def counted(number: int, thing: str) -> str:
    """``1 attempt``, ``2 attempts``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
