"""What one worker remembers of what it said, so that it never takes a word back by saying an older one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from standardsd.notify.message import AlertMessage, Identity

words_max_default = 100_000
"""Alerts whose last word is remembered; beyond it the oldest word is forgotten first."""

refused_max = 10_000
"""Refused alerts remembered, so that a bad one does not split every re-send; the oldest goes first."""


ended_kept_for = timedelta(minutes=15)
"""As long as an ended alert keeps being told."""


class Word(NamedTuple):
    """``rank``: the message's.  ``at``: when it was said."""

    rank: tuple[datetime, bool]
    at: datetime


class LastWords:
    """The newest word said on each alert.

    A snapshot of what stands may be older than a transition delivered meanwhile; without this
    memory its "firing" would follow the "resolved" and bring the alert back for four re-sends.
    """

    def __init__(self, words_max: int = words_max_default) -> None:
        self._words_max = words_max
        self._words: dict[Identity, Word] = {}

    def say(self, message: AlertMessage, now: datetime) -> None:
        self._words.pop(message.identity, None)  # the newest word stands last
        self._words[message.identity] = Word(message.rank, now)
        if len(self._words) > self._words_max:
            del self._words[next(iter(self._words))]

    def is_older(self, message: AlertMessage) -> bool:
        """Whether a later word on this alert was said already; the same word again is not older."""
        said = self._words.get(message.identity)
        return said is not None and message.rank < said.rank

    def is_said(self, message: AlertMessage) -> bool:
        """Whether this word or a later one was said already."""
        said = self._words.get(message.identity)
        return said is not None and message.rank <= said.rank

    def forget_ended(self, standing: set[Identity], now: datetime) -> None:
        """An ended alert that stands nowhere, and was said ``ended_kept_for`` ago or longer, needs no memory.

        Not sooner: a snapshot may be so late that it does not know the alert yet.
        """
        gone = [
            which
            for which, ((_, ended), at) in self._words.items()
            if ended and which not in standing and now - at >= ended_kept_for
        ]
        for which in gone:
            del self._words[which]

    def __len__(self) -> int:
        return len(self._words)


class Quarantine:
    """Alerts refused for what they say.  Tried again later: the fault may have been on the way there."""

    def __init__(self, held_for: timedelta) -> None:
        self._held_for = held_for
        self._held: dict[Identity, tuple[tuple[datetime, bool], datetime]] = {}

    def hold(self, message: AlertMessage, now: datetime) -> None:
        if len(self._held) >= refused_max:
            del self._held[next(iter(self._held))]
        self._held[message.identity] = (message.rank, now + self._held_for)

    def holds(self, message: AlertMessage, now: datetime) -> bool:
        """True until ``held_for`` has passed, and only for the transition that was refused."""
        held = self._held.get(message.identity)
        if held is None:
            return False
        rank, until = held
        if now < until and rank == message.rank:
            return True
        del self._held[message.identity]
        return False
