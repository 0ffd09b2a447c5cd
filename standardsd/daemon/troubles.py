"""An outside failure in one sentence: who, doing what, since when, what it means, what to do, what happens next."""

from __future__ import annotations

from datetime import datetime

from standardsd.drivers.base import Trouble
from standardsd.language.spoken import counted


def sentence(name: str, trouble: Trouble, *, standards: int = 0) -> str:
    """``pbx: connection refused while connecting to 10.0.0.5:5038, failing since 09:12:00 UTC (4 attempts); …``

    ``standards``: how many cannot be judged without it; 0 where nobody knows.
    """
    since = _clock(trouble.since, trouble.next_try)
    parts = [
        f"{name}: {trouble.error} while {trouble.doing}, failing since {since}"
        f" ({counted(trouble.attempts, 'attempt')})"
    ]
    if standards:
        verb = "is" if standards == 1 else "are"
        parts.append(f"its {counted(standards, 'standard')} {verb} unjudged until it answers")
    if trouble.fix:
        parts.append(trouble.fix)
    if trouble.next_try is not None:
        parts.append(f"next try {_clock(trouble.next_try, trouble.since)}")
    return "; ".join(parts)


def answers_again(name: str, trouble: Trouble, now: datetime) -> str:
    """The end of it."""
    since = _clock(trouble.since, now)
    return f"{name}: answers again; it failed since {since} ({counted(trouble.attempts, 'attempt')})"


def _clock(at: datetime, other: datetime | None) -> str:
    """Time of day in UTC; with the date where the sentence has another one, or no other instant at all."""
    same_day = other is not None and at.date() == other.date()
    return at.strftime("%H:%M:%S UTC" if same_day else "%Y-%m-%d %H:%M:%S UTC")
