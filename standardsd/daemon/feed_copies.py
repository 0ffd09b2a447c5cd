"""Copies of holiday feeds that were fetched from the web, so that a start does not need the web.

A copy is kept once everything that names the feed was found right.  It stands in only for an address
that does not answer: what answers, and is no feed, is the operator's to correct.
"""

from __future__ import annotations

import hashlib
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from standardsd.daemon.feeds import Fetching, fetch
from standardsd.language.feeds import Unread
from standardsd.language.ics import bytes_max

log = logging.getLogger(__name__)

FOLDER = "feeds"
"""Inside the data folder."""


class FeedCopies:
    """For one load: called with an address, it fetches each once.  ``told``: which copies stood in, and why."""

    def __init__(self, folder: Path, fetching: Fetching = fetch) -> None:
        self.told: list[str] = []
        self._folder = folder
        self._fetching = fetching
        self._fetched: dict[str, bytes] = {}
        self._answers: dict[str, bytes | Unread] = {}

    def __call__(self, feed: str) -> bytes | Unread:
        if feed not in self._answers:
            self._answers[feed] = self._answer(feed)
        return self._answers[feed]

    def keep(self) -> None:
        """Writes what was fetched, each file whole or not at all; where that fails, the next start needs the web."""
        for feed, body in self._fetched.items():
            path = self._path(feed)
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                beside = path.with_suffix(".new")
                with beside.open("wb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(path)
            except OSError as error:
                log.warning("%s: no copy of %s was kept: %s", path, feed, error.strerror or error)

    def _answer(self, feed: str) -> bytes | Unread:
        got = self._fetching(feed)
        if isinstance(got, bytes):
            self._fetched[feed] = got
            return got
        path = self._path(feed)
        try:
            body = path.read_bytes()
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError:
            return got
        if len(body) > bytes_max:  # not one of ours
            return got
        self.told.append(f"{got.text}; the copy of {written:%Y-%m-%d %H:%M UTC} stands in\n  fix: {got.fix}")
        return body

    def _path(self, feed: str) -> Path:
        return self._folder / f"{hashlib.sha256(feed.encode()).hexdigest()[:32]}.ics"
