"""The short way from a commit to a channel: rows that are told without being read back first.

It may be taken only *in step*: when every row that is not here is delivered, given up, or told
and waiting for its mark.  Whoever is not sure of that falls out of step, and the outbox is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence

from standardsd.notify.message import AlertMessage, Identity, checked, decode
from standardsd.notify.said import LastWords
from standardsd.store.entries import OutboxRow, Outgoing

rows_max = 1_000
"""Handed over and not told yet.  With more than that, reading them back costs little beside telling them."""


class Handed:
    """Starts out of step: what the last run left is in the outbox alone."""

    def __init__(self) -> None:
        self._in_step = False
        self._rows: deque[Outgoing] = deque()
        self._told: set[str] = set()

    def offer(self, committed: Sequence[Outgoing]) -> None:
        """Rows of one commit, all of them and in order; none means "there are some, read them"."""
        if committed and self._in_step and len(self._rows) + len(committed) <= rows_max:
            self._rows += committed
        else:
            self.fall_out()

    def fall_out(self) -> None:
        """What is here is in the outbox, too; it is read there."""
        self._in_step = False
        self._rows.clear()

    def about_to_read(self) -> None:
        """From here on, what the reading does not find is handed over, or throws us out of step."""
        self._in_step = True

    def batch(self, limit: int, said: LastWords) -> list[tuple[str, AlertMessage]]:
        """Up to ``limit`` (key, message), no two of one alert; empty when nothing is left for the short way.

        What was said already is passed by.  A message that must be mended or refused is left to the reading.
        """
        found: dict[Identity, tuple[str, AlertMessage]] = {}
        while self._in_step and self._rows and len(found) < limit:
            row = self._rows[0]
            message = decode(row.payload)
            if message.identity in found:
                break  # a second word on one alert waits until the first is said
            self._rows.popleft()
            if checked(message).message != message:
                self.fall_out()
            elif not said.is_said(message):
                found[message.identity] = (row.key, message)
        return list(found.values())

    def told(self, key: str) -> None:
        """The channel took it; its row is to be marked when it is read."""
        self._told.add(key)

    def told_among(self, rows: Collection[OutboxRow]) -> list[OutboxRow]:
        """Those of the rows just read that were told the short way; after an empty reading none is waited for."""
        told = [row for row in rows if row.key in self._told]
        self._told = self._told - {row.key for row in told} if rows else set()
        return told
