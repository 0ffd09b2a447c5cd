"""`standardsd check` and `standardsd judge` with calendars, holiday feeds and the sites of a configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from standardsd.cli import build

FEED = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260309\nEND:VEVENT\nEND:VCALENDAR\n"
STANDARD = """\
standards:
  - id: reply
    title: A request is answered within four open hours
    of: request
    clock: %s
    measure: {from: requested, to: acknowledged}
    promise: {within: 4h}
"""
DESK = """\
version: 1
set: house
calendars:
  desk: {timezone: Europe/Budapest, weekly: {mon-fri: ["08:00-18:00"]}, holidays: {ics: days.ics}}
""" + STANDARD.replace("%s", "desk")
SITE = "version: 1\nset: house\n" + STANDARD.replace("%s", "site")
CONFIG = """\
version: 1
rules: [rules]
sources: {desk: {use: push, watermark: {kind: explicit}}}
sites:
  inn:
    timezone: Europe/Budapest
    calendar: {weekly: {mon-fri: ["08:00-18:00"]}, holidays: {ics: days.ics}}
  barn: {}
"""
READINGS = [
    # half an hour is left on Friday; Monday is a holiday of the feed
    {"id": "1", "event": "requested", "at": "2026-03-06T17:30:00+01:00", "labels": {"site": "inn"}},
    {"id": "2", "event": "requested", "at": "2026-03-06T17:30:00+01:00", "labels": {"site": "barn"}},
    {"id": "1", "event": "acknowledged", "at": "2026-03-10T11:30:00.000001+01:00"},
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(build(), list(map(str, arguments)))


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "house.yaml").write_text(DESK)
    (tmp_path / "rules" / "days.ics").write_text(FEED)
    (tmp_path / "days.ics").write_text(FEED)
    (tmp_path / "standardsd.yaml").write_text(CONFIG)
    head = {"type": "event", "source": "desk", "kind": "request"}
    lines = [json.dumps(head | reading) for reading in READINGS]
    (tmp_path / "readings.ndjson").write_text("\n".join(lines))
    return tmp_path


def judged(house: Path, *more: object) -> list[tuple[str, str, str, str]]:
    given = ("--rules", house / "rules", "--readings", house / "readings.ndjson")
    done = run("judge", *given, "--until", "2026-03-11T00:00:00Z", *more)
    assert done.exit_code == 0, done.output
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        (line["id"], line["verdict"], line["at"], line["due"]) for line in said if line["type"] == "verdict"
    ]


DUE = "2026-03-10T10:30:00Z"


def test_a_feed_beside_the_rules_counts_in_what_is_judged(house: Path) -> None:
    assert judged(house) == [("1", "breached", DUE, DUE), ("2", "breached", DUE, DUE)]


def test_the_sites_of_the_configuration_are_the_clocks(house: Path) -> None:
    """The same promise by the site's calendar; the barn has none and is not judged."""
    (house / "rules" / "house.yaml").write_text(SITE)
    assert judged(house, "--config", house / "standardsd.yaml") == [("1", "breached", DUE, DUE)]


def test_without_a_configuration_the_site_has_no_clock(house: Path) -> None:
    (house / "rules" / "house.yaml").write_text(SITE)
    done = run("judge", "--rules", house / "rules", "--readings", house / "readings.ndjson")
    assert done.exit_code == 2
    assert "clock: site" in done.output
    assert done.stdout == ""


@pytest.mark.parametrize("rules", [DESK, SITE], ids=["desk", "site"])
def test_check_reads_the_feeds_that_rules_and_sites_name(house: Path, rules: str) -> None:
    (house / "rules" / "house.yaml").write_text(rules)
    done = run("check", "--config", house / "standardsd.yaml")
    assert done.exit_code == 0, done.output


def test_check_tells_a_feed_that_is_missing_once_and_at_both_places(house: Path) -> None:
    (house / "rules" / "days.ics").unlink()
    (house / "days.ics").write_text(FEED.replace("20260309", "20260309T080000Z"))
    done = run("check", "--config", house / "standardsd.yaml")
    assert done.exit_code == 2
    assert done.output.count("'days.ics': No such file or directory") == 1
    assert done.output.count("days.ics:3:1: DTSTART has a time of day") == 1
    assert "2 errors" in done.output
