"""What of a body was not taken, as its sender is told and as the source's page shows it.

The page and the log say of a reading its kind, id, event and instant, and nothing else: labels may tell of persons.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime
from typing import Any

import msgspec

from standardsd.mapping.line_errors import LineError, echo
from standardsd.mapping.ndjson import line_bytes_max
from standardsd.model.decision import Refused
from standardsd.model.reading import Event, Gap, Reading, Retract
from standardsd.web.desk import RejectedLine, last_rejected_max

FIXES = {
    "too_early": "set the clock of the source, and send the instant at which it really happened",
    "too_late": "send it sooner after it happened, or raise `judge: accept_late`",
    "too_many_readings": "use one id for one interaction only, and a new one for the next",
    "unknown_kind": "the rules in force changed; add the kind to the `vocabulary:` of a rule file",
    "unknown_event": "the rules in force changed; add the event to the `vocabulary:` of a rule file",
}
"""What to do about a reading that the judge refused, by its reason."""

_WORDS = ("kind", "id", "event", "at")


class _Words(msgspec.Struct):
    """The words of a line that could not become a reading, whatever their types."""

    kind: Any = None
    id: Any = None
    event: Any = None
    at: Any = None


_lenient = msgspec.json.Decoder(_Words)


class NotTaken:
    """Of one source in one body: the first line, the last ``last_rejected_max``, and how many by reason."""

    def __init__(self, now: datetime, key: str | None) -> None:
        self.reasons: Counter[str] = Counter()
        self._now = now
        self._key = "" if key is None else f", Idempotency-Key {echo(key)}"
        self._first: tuple[LineError | dict[str, Any], bytes] | None = None
        self._last: deque[tuple[LineError | dict[str, Any], bytes]] = deque(maxlen=last_rejected_max)

    def add(self, one: LineError | dict[str, Any], line: bytes = b"") -> None:
        """``one``: a line that is no reading, with its text, or what ``told`` said of a refused one."""
        self.reasons[one.reason if isinstance(one, LineError) else one["reason"]] += 1
        entry = (one, line)
        self._first = self._first or entry
        self._last.append(entry)

    def lines(self) -> list[RejectedLine]:
        """At most ``last_rejected_max`` and the first, in their order."""
        first = [] if self._first is None or self._first is self._last[0] else [self._first]
        return [self._line(*one) for one in (*first, *self._last)]

    def _line(self, one: LineError | dict[str, Any], line: bytes) -> RejectedLine:
        if isinstance(one, LineError):
            return RejectedLine(self._now, one.reason, one.place + self._key, one.what, _said(line))
        words = (one[word] for word in _WORDS if word in one)
        said = " ".join(w.isoformat() if isinstance(w, datetime) else echo(w) for w in words)
        return RejectedLine(self._now, one["reason"], f"line {one['line']}{self._key}", one["what"], said)


def told(refused: Refused, line: int, reading: Reading) -> dict[str, Any]:
    """One refused reading, as the answer has it: where it stands, why, which one it is, and what to do."""
    at = reading.until if isinstance(reading, Gap) else reading.at
    which: dict[str, Any] = {}
    if isinstance(reading, Event | Retract):
        which = {"kind": reading.kind, "id": reading.id}
        if reading.event is not None:
            which["event"] = reading.event
    if at is not None:
        which["at"] = at
    return {
        "line": line,
        "source": refused.source,
        "reason": refused.reason,
        "what": refused.what,
        **which,
        "fix": FIXES[refused.reason],
    }


def _said(line: bytes) -> str:
    """What can be read of a line that is no reading; nothing of one that is no JSON object, or too long."""
    if len(line) > line_bytes_max:
        return ""
    try:
        words = _lenient.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    found = (getattr(words, word) for word in _WORDS)
    return " ".join(echo(word) for word in found if isinstance(word, str) and word)
