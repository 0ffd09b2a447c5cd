"""One member of an Alertmanager cluster, spoken to by its API v2 (verified on 0.25).

- Every member is told everything by its own worker; there is no load balancer between.
- ``startsAt``, ``endsAt`` and all annotations go with every message.  A firing alert's
  ``endsAt`` lies four re-sends ahead, so three lost re-sends do not end it; only
  ``endsAt`` ≤ the member's own now ends an alert.
- One bad link or value that is no text costs the whole batch (400 or 422), and a bad label
  name answers 400 yet stores the rest: after such an answer the batch is halved until the
  bad ones stand alone.  What is posted twice that way is the same alert to the member.
"""

from __future__ import annotations

import email.utils
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from standardsd.notify import http
from standardsd.notify.message import AlertMessage
from standardsd.notify.outbox import Posted

batch_max = 256
"""Messages in one POST, as verified; the body then stays small enough for every proxy met."""

ends_after_resends = 4
skew_max = timedelta(hours=1)
"""A ``Date`` further off than this is taken for a broken proxy, not for the member's clock."""

retry_after_max = 60.0
"""Seconds: a member may ask for patience, but not for an hour of silence."""

reason_chars_max = 300

CONTENT_REFUSED = frozenset({400, 413, 422})
"""Statuses that speak of what was sent.  Every other failure speaks of the member or the way to it."""


class Alertmanager:
    """The client of one member.  It decides nothing about time: ``now`` is given with each call."""

    batch_max = batch_max

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient,
        *,
        resend: timedelta,
        timeout_seconds: float = http.timeout_seconds_default,
    ) -> None:
        assert resend > timedelta(0), resend
        self.name = channel_name(url)
        self._url = url.rstrip("/") + "/api/v2/alerts"
        self._client = client
        self._resend = resend
        self._timeout = timeout_seconds
        self.clock_ahead = timedelta(0)
        """The member's clock minus ours, to the second, as its last answer told; 0 until then."""

    async def post(self, messages: Sequence[AlertMessage], now: datetime) -> Posted:
        """Tell the member; at most ``2 n − 1`` requests for n messages, and one when none is bad.

        No two messages may have one identity: the order inside a POST is not the member's to keep.
        """
        assert 0 < len(messages) <= batch_max, len(messages)
        taken: set[int] = set()
        refused: list[tuple[int, str]] = []
        parts = [range(len(messages))]
        while parts:
            part = parts.pop()
            body = msgspec.json.encode([self._wire(messages[at], now) for at in part])
            try:
                reply = await http.post(
                    self._client,
                    self._url,
                    body,
                    headers={"content-type": "application/json"},
                    timeout_seconds=self._timeout,
                )
            except http.NoReply as failure:
                return Posted(frozenset(taken), tuple(refused), str(failure))
            self._hear_clock(reply, now)
            if 200 <= reply.status < 300:
                taken.update(part)
            elif reply.status not in CONTENT_REFUSED:
                error = f"{reply.status} from POST /api/v2/alerts: {_reason(reply.text)}"
                return Posted(frozenset(taken), tuple(refused), error, _retry_after(reply, now))
            elif len(part) == 1:
                refused.append((part[0], f"{reply.status}: {_reason(reply.text)}"))
            else:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
        return Posted(frozenset(taken), tuple(refused))

    def _wire(self, message: AlertMessage, now: datetime) -> dict[str, object]:
        """The JSON of API v2.  An alert resolved in the instant it began ends there, never before."""
        if message.ends_at is None:
            ahead = max(self.clock_ahead, timedelta(0))
            ends_at = now + ahead + ends_after_resends * self._resend
        else:
            ends_at = max(message.ends_at, message.starts_at)
        wire: dict[str, object] = {
            "labels": message.labels,
            "annotations": message.annotations,
            "startsAt": message.starts_at,
            "endsAt": ends_at,
        }
        if message.generator_url is not None:
            wire["generatorURL"] = message.generator_url
        return wire

    def _hear_clock(self, reply: http.Reply, now: datetime) -> None:
        """A member whose clock is four re-sends ahead would end every alert on arrival: allow for it.

        ``Date`` has whole seconds and ``now`` is of before the request: less than 2 s are no skew.
        """
        said = _http_date(reply.headers.get("date"))
        if said is None:
            return
        ahead = said - now
        near = abs(ahead) < timedelta(seconds=2) or abs(ahead) > skew_max
        self.clock_ahead = timedelta(0) if near else timedelta(seconds=int(ahead.total_seconds()))


def channel_name(url: str) -> str:
    """The member's name in metrics, logs and the outbox: host, port and path, never user or password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return "alertmanager/" + urlunsplit(("", "", host + parts.path.rstrip("/"), "", "")).lstrip("/")


def _reason(text: str) -> str:
    """The member's words on one line, shortened."""
    words = " ".join(text.split())
    return words if len(words) <= reason_chars_max else words[: reason_chars_max - 1] + "…"


def _retry_after(reply: http.Reply, now: datetime) -> float | None:
    """Seconds or an HTTP date, as the standard has it; anything else is as if it were not there."""
    asked = reply.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), retry_after_max)
    until = _http_date(asked or None)
    if until is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), retry_after_max)


def _http_date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        said = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return said.astimezone(UTC) if said.tzinfo is not None else None
