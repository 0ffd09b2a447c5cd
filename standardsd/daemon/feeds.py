"""Feeds of public holidays, read where rule files and sites name them, and handed to ``language``.

A feed is a file beside the file that names it, or a web address.  It is read when the rules are
loaded, at a start and at a reload, and not in between: opening hours change with the rules and
never by themselves.  What cannot be read is told at its place, and then the rules stay as they were.
Of what it once fetched the daemon keeps copies, which stand in while the web is down (``feed_copies``);
every other command says what is so now.
"""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import httpx

from standardsd.language.config import LoadedConfig, load_config
from standardsd.language.feeds import FileFeeds, Unread, named_feeds
from standardsd.language.ics import bytes_max
from standardsd.language.problems import quoted
from standardsd.language.rules import Loaded, load_rules
from standardsd.language.words import Wrong, url
from standardsd.model.config import Site

feeds_max = 100
"""Feeds of all files together that are fetched from the web: more would hold up a start for minutes."""

seconds_max = 15.0
"""For the whole of one answer; a reload waits for it."""

Fetching = Callable[[str], bytes | Unread]
"""An address → the feed, or why there is none."""

redirects_max = 3
KEEP_A_COPY = "correct it, or keep a copy of the feed as a file and name that"


def load_rules_with_feeds(
    files: Sequence[tuple[str, bytes]],
    base: Path,
    sites: Sequence[Site] | None = None,
    fetching: Fetching | None = None,
    today: date | None = None,
) -> Loaded:
    """Rule files with the feeds that they name; ``base``: the folder from which their paths are shown."""
    feeds = read_feeds(files, base, fetching)
    return load_rules(files, zoneinfo.available_timezones(), sites=sites, feeds=feeds, today=today)


def load_config_with_feeds(text: bytes, path: Path, fetching: Fetching | None = None) -> LoadedConfig:
    """A configuration with the feeds that its sites name; those are relative to its folder."""
    feeds = read_feeds([(path.name, text)], path.resolve().parent, fetching)
    return load_config(text, str(path), zoneinfo.available_timezones(), feeds.get(path.name))


def read_feeds(
    files: Iterable[tuple[str, bytes]], base: Path, fetching: Fetching | None = None
) -> dict[str, FileFeeds]:
    """Every feed that the files name, by the file's path as it is shown; each address is fetched once.

    ``fetching``: how; None: from the web and from nowhere else.
    """
    get = fetching or fetch
    fetched: dict[str, bytes | Unread] = {}
    found: dict[str, FileFeeds] = {}
    for shown, text in files:
        here: dict[str, bytes | Unread] = {}
        for feed in named_feeds(shown, text):
            if "://" not in feed:
                here[feed] = _read(feed, (base / shown).parent)
                continue
            if feed not in fetched:
                full = len(fetched) >= feeds_max
                fetched[feed] = Unread(f"more than {feeds_max} feeds", KEEP_A_COPY) if full else get(feed)
            here[feed] = fetched[feed]
        if here:
            found[shown] = here
    return found


def _read(feed: str, folder: Path) -> bytes | Unread:
    path = folder / feed
    try:
        with path.open("rb") as file:
            return file.read(bytes_max + 1)  # one too many is told by who reads it
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no name of a file"
        return Unread(f"{quoted(feed)}: {why}", "name a file, relative to this one, or an http address")


def fetch(feed: str) -> bytes | Unread:
    """One feed from the web: capped while it is read, within ``seconds_max``, redirected on the same host only."""
    try:
        address = httpx.URL(url(feed))
    except Wrong as wrong:
        return Unread(wrong.text, wrong.fix)
    until = time.monotonic() + seconds_max
    headers = {"user-agent": "standardsd", "accept": "text/calendar", "accept-encoding": "identity"}
    try:
        with httpx.Client(timeout=seconds_max, headers=headers, trust_env=False) as client:
            for _ in range(redirects_max + 1):
                got = _get(client, address, until)
                if not isinstance(got, httpx.URL):
                    return got
                if got.host != address.host:
                    return Unread(f"{quoted(feed)} leads to {got.host}", f"name that address: {got}")
                address = got
    except httpx.HTTPError as error:
        why = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error) or "no answer"
        return Unread(f"{quoted(feed)} could not be fetched: {why}", KEEP_A_COPY)
    return Unread(f"{quoted(feed)} leads on more than {redirects_max} times", KEEP_A_COPY)


def _get(client: httpx.Client, address: httpx.URL, until: float) -> bytes | Unread | httpx.URL:
    """The body; or where it leads on to; or why there is none."""
    with client.stream("GET", address) as answer:
        if answer.has_redirect_location:
            return address.join(answer.headers["location"])
        if answer.status_code != httpx.codes.OK:
            return Unread(f"{quoted(str(address))} could not be fetched: {answer.status_code}", KEEP_A_COPY)
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > bytes_max:
                return Unread(f"{quoted(str(address))} is larger than {bytes_max} bytes", KEEP_A_COPY)
            if time.monotonic() > until:
                return Unread(f"{quoted(str(address))} took more than {seconds_max:.0f} s", KEEP_A_COPY)
        return bytes(body)
