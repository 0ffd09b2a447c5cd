"""Feeds of public holidays: read beside the file that names them, or fetched from a real server on loopback."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from standardsd.daemon import feeds
from standardsd.daemon.compose import ComposeError, compose_config, read_rules
from standardsd.daemon.feeds import fetch, read_feeds
from standardsd.language.feeds import Unread, read_feed
from standardsd.language.ics import bytes_max
from standardsd.model.clock import BySite, OpenHours

FEED = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260302\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
MONDAY, TUESDAY = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)

RULES = """\
version: 1
set: house
calendars:
  desk: {timezone: UTC, weekly: {mon-fri: ["08:00-16:00"]}, holidays: {ics: %s}}
standards:
  - id: greet
    title: Guests are greeted within a minute
    of: visit
    clock: desk
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
"""


class Answers(BaseHTTPRequestHandler):
    """/feed.ics is the feed; /gone, /moved, /away, /round, /huge and /slow are what their names say."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        leads = {"/moved": "/feed.ics", "/away": "http://localhost.invalid/feed.ics", "/round": "/round"}
        if self.path in leads:
            self.send_response(302)
            self.send_header("Location", leads[self.path])
            self.end_headers()
        elif self.path == "/gone":
            self.send_error(404)
        else:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):  # it hangs up on us, which is what the test wants
                self._body()

    def _body(self) -> None:
        if self.path == "/huge":
            for _ in range(bytes_max // 65_536 + 2):
                self.wfile.write(b" " * 65_536)
        elif self.path == "/slow":
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.wfile.write(FEED)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Answers.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def holidays(got: bytes | Unread) -> tuple[date, ...]:
    assert isinstance(got, bytes), got
    return read_feed(got, "feed").days


def test_a_feed_is_fetched_also_where_it_has_moved_on_its_host(server: str) -> None:
    assert holidays(fetch(f"{server}/feed.ics")) == (date(2026, 3, 2),)
    assert holidays(fetch(f"{server}/moved")) == (date(2026, 3, 2),)


REFUSED = [
    # path, part of what is told
    ("/gone", "could not be fetched: 404"),
    ("/away", "leads to localhost.invalid"),
    ("/round", "leads on more than 3 times"),
    ("/huge", f"is larger than {bytes_max} bytes"),
]


@pytest.mark.parametrize(("path", "told"), REFUSED)
def test_what_is_no_feed_is_told(server: str, path: str, told: str) -> None:
    got = fetch(server + path)
    assert isinstance(got, Unread)
    assert told in got.text
    assert got.fix


def test_a_feed_that_trickles_in_does_not_hold_up_the_start(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "seconds_max", 0.3)
    began = time.monotonic()
    got = fetch(f"{server}/slow")
    assert isinstance(got, Unread)
    assert "took more than 0 s" in got.text
    assert time.monotonic() - began < 3


def test_nobody_at_the_address_is_told() -> None:
    got = fetch("http://127.0.0.1:9/feed.ics")
    assert isinstance(got, Unread)
    assert "could not be fetched" in got.text


def test_an_address_that_is_none_is_told() -> None:
    for feed in ("ftp://example.org/a.ics", "http://user:hunter2@example.org/a.ics", "http://"):
        got = fetch(feed)
        assert isinstance(got, Unread), feed
        assert "hunter2" not in got.text + got.fix


def test_each_address_is_fetched_once_however_many_files_name_it(server: str, tmp_path: Path) -> None:
    text = (RULES % f"{server}/feed.ics").encode()
    found = read_feeds([("a.yaml", text), ("b.yaml", text)], tmp_path)
    assert {path: list(of) for path, of in found.items()} == {
        "a.yaml": [f"{server}/feed.ics"],
        "b.yaml": [f"{server}/feed.ics"],
    }
    assert Answers.asked == ["/feed.ics"]


def test_a_file_is_found_beside_the_rules_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "days.ics").write_bytes(FEED)
    (tmp_path / "rules" / "house.yaml").write_text(RULES % "days.ics")
    book = read_rules(["rules"], base=tmp_path, warn=print)
    clock = book.standards[0].clock
    assert isinstance(clock, OpenHours)
    assert clock.elapsed(MONDAY, TUESDAY) == timedelta(0)
    assert clock.elapsed(TUESDAY, TUESDAY + timedelta(days=1)) == timedelta(hours=8)
    assert clock.made_from[1].startswith("feed sha256:")


def test_a_file_that_is_missing_is_told_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(RULES % "nowhere.ics")
    with pytest.raises(ComposeError) as error:
        read_rules(["house.yaml"], base=tmp_path, warn=print)
    assert "house.yaml:4:77: 'nowhere.ics': No such file or directory" in str(error.value)
    assert "^^^^^^^^^^^" in str(error.value)


CONFIG = """\
version: 1
rules: house.yaml
sources: {kiosk: {use: push, labels: {site: inn}, watermark: {kind: explicit}}}
sites:
  inn:
    timezone: Europe/Lisbon
    calendar: {weekly: {mon-fri: ["08:00-16:00"]}, holidays: {ics: days.ics}}
  barn: {}
"""


def test_the_sites_of_a_configuration_are_the_clocks_of_its_rules(tmp_path: Path) -> None:
    (tmp_path / "days.ics").write_bytes(FEED)
    (tmp_path / "house.yaml").write_text((RULES % "days.ics").replace("clock: desk", "clock: site"))
    (tmp_path / "config.yaml").write_text(CONFIG)
    composed = compose_config(tmp_path / "config.yaml")
    clock = composed.book.standards[0].clock
    assert isinstance(clock, BySite)
    inn = clock.of("inn")
    assert isinstance(inn, OpenHours)
    assert inn.zone.name == "Europe/Lisbon"
    assert inn.elapsed(MONDAY, TUESDAY) == timedelta(0)
    assert inn.elapsed(TUESDAY, TUESDAY + timedelta(days=1)) == timedelta(hours=8)
    assert clock.of("barn") is None


def test_a_feed_that_is_missing_in_the_configuration_is_told(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text((RULES % "days.ics").replace("ics: days.ics", "country: PT"))
    (tmp_path / "config.yaml").write_text(CONFIG)
    with pytest.raises(ComposeError) as error:
        compose_config(tmp_path / "config.yaml")
    assert "config.yaml:7:68: 'days.ics': No such file or directory" in str(error.value)
