"""A daemon that has once read a holiday feed starts without the web; what the copy may not do is hide a mistake."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from standardsd.daemon.feed_copies import FeedCopies
from standardsd.language.feeds import Unread, read_feed
from tests.daemon.harness import House
from tests.daemon.test_feeds import FEED, RULES

AWAY = Unread("'http://days.example/feed.ics' could not be fetched: no answer", "correct it")
ADDRESS = "http://days.example/feed.ics"
KIOSK = {"use": "push", "watermark": {"kind": "explicit"}}


def test_a_copy_stands_in_for_an_address_that_does_not_answer_and_is_told_with_its_age(
    tmp_path: Path,
) -> None:
    well = FeedCopies(tmp_path / "data" / "feeds", lambda feed: FEED)
    assert well(ADDRESS) == FEED
    assert not (tmp_path / "data").exists(), "nothing is kept before everything was found right"
    well.keep()
    (copy,) = (tmp_path / "data" / "feeds").iterdir()
    os.utime(copy, (1_772_445_600, 1_772_445_600))
    ill = FeedCopies(tmp_path / "data" / "feeds", lambda feed: AWAY)
    assert ill(ADDRESS) == FEED
    assert ill.told == [f"{AWAY.text}; the copy of 2026-03-02 10:00 UTC stands in\n  fix: correct it"]
    ill.keep()
    assert copy.stat().st_mtime == 1_772_445_600, "a copy of a copy would look fresh"
    assert ill("http://days.example/other.ics") == AWAY
    assert len(ill.told) == 1


def test_an_address_is_asked_once_for_a_load(tmp_path: Path) -> None:
    asked: list[str] = []

    def fetching(feed: str) -> bytes:
        asked.append(feed)
        return FEED

    copies = FeedCopies(tmp_path, fetching)
    assert [copies(ADDRESS), copies(ADDRESS), copies(ADDRESS + "?x")] == [FEED] * 3
    assert asked == [ADDRESS, ADDRESS + "?x"]


def test_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    copies = FeedCopies(tmp_path / "data" / "feeds", lambda feed: FEED)
    assert copies(ADDRESS) == FEED
    copies.keep()
    assert f"no copy of {ADDRESS} was kept" in caplog.text


class Days(BaseHTTPRequestHandler):
    body = FEED

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Door(BaseHTTPRequestHandler):
    """A portal that wants a password before it lets anybody into the web."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>Please log in</html>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler], port: int = 0) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_daemon_starts_and_reloads_while_the_feed_is_away_and_not_where_it_answers_wrongly(
    house: Callable[..., House],
) -> None:
    with serving(Days) as port:
        one = house(RULES % f"http://127.0.0.1:{port}/feed.ics", {"kiosk": KIOSK}).start()
        one.stop()
    one.start()
    assert "could not be fetched" in one.log
    assert "stands in" in one.log
    assert one.reload() == 1
    with serving(Door, port):
        assert one.reload() == 0, "what answers and is no feed is to be corrected"
    one.stop()
    for copy in (one.folder / "data" / "feeds").iterdir():
        assert read_feed(copy.read_bytes(), "feed").days
        copy.unlink()
    one.launch()
    assert one.ended() == 2, "without a copy nobody knows the opening hours"
    assert "could not be fetched" in one.log
