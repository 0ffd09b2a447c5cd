"""`standardsd check` with sources, a store or readings: what only those can tell, and what it says of them."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from standardsd.cli import build, check_seen, progress
from standardsd.cli.progress import Progress
from standardsd.daemon.compose import compose_config
from standardsd.model.reading import Event
from standardsd.store import look
from standardsd.store.entries import Entry, ReadingsInput
from standardsd.store.store import Store

RULES = """\
version: 1
set: house
standards:
  - id: greet
    title: Greeted within a minute
    of: visit
    where: {site: grand-budapst}
    by: [site, dest]
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
    examples:
      kept: ["09:00:00 arrived site=grand-budapst", "09:01:00 greeted"]
      broken: ["09:00:00 arrived site=grand-budapst", "09:01:01 greeted"]
"""
CONFIG = """\
version: 1
rules: [rules.yaml]
sources:
  kiosk: {use: push, watermark: {kind: explicit}, yields: {visit: [arrived, greeted]}}
"""
WHERE = "rules.yaml:7:5: lint: where of 'greet' matched none of the stored interactions of the kind 'visit'\n"
BY = "rules.yaml:8:5: lint: none of the stored interactions of the kind 'visit' has the label 'dest' (by of 'greet')\n"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "standardsd.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STANDARDSD_DATA", raising=False)
    return tmp_path


def check(*arguments: object, given: str | None = None) -> Result:
    result = CliRunner().invoke(build(), ["check", *map(str, arguments)], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def visit(id: str, **labels: str) -> Event:
    return Event("kiosk", "visit", id, "arrived", datetime.now(UTC), labels=labels)


@contextmanager
def store(folder: Path, *entries: tuple[timedelta, Event]) -> Iterator[Store]:
    """A store with readings that came so long ago; held as the daemon holds it, until this is left."""
    now = datetime.now(UTC)
    with Store.open(folder / "standardsd.sqlite") as opened:
        opened.commit(
            [Entry(now - ago, ReadingsInput(source="kiosk", readings=(one,))) for ago, one in entries]
        )
        yield opened


NOW, MONTH, MINUTE = timedelta(0), timedelta(days=30), timedelta(minutes=1)


# -- the store -----------------------------------------------------------------------------------------


def test_without_a_store_nothing_is_said_of_one(house: Path) -> None:
    result = check("standardsd.yaml")
    assert (result.exit_code, result.output) == (0, "2 files, 1 standard, 0 errors, 0 lints\n")
    assert not (house / "data").exists()


@pytest.mark.parametrize("running", [True, False])
def test_the_labels_of_the_stored_readings_are_compared_and_it_is_said_how_far_back(
    house: Path, running: bool
) -> None:
    with store(house / "data", (MINUTE, visit("1", site="grand-budapest", desk="lobby"))):
        result = check("standardsd.yaml") if running else None
    result = result or check("standardsd.yaml")
    assert result.exit_code == 0
    assert WHERE in result.output
    assert "  fix: write grand-budapest\n" in result.output
    assert BY in result.output
    assert (
        "data/standardsd.sqlite: labels compared with 1 reading of the last 30 days, since " in result.output
    )
    assert result.output.endswith("2 files, 1 standard, 0 errors, 2 lints\n")


def test_what_matched_is_not_linted(house: Path) -> None:
    with store(house / "data", (MINUTE, visit("1", site="grand-budapst")), (NOW, visit("2", dest="x"))):
        result = check("standardsd.yaml")
    assert "lint:" not in result.output
    assert "labels compared with 2 readings of the last 30 days" in result.output


@pytest.mark.parametrize(("ago", "looked_at"), [(MONTH - MINUTE, True), (MONTH + MINUTE, False)])
def test_readings_of_the_last_thirty_days_count(house: Path, ago: timedelta, looked_at: bool) -> None:
    with store(house / "data", (ago, visit("1", site="elsewhere"))):
        result = check("standardsd.yaml")
    assert (WHERE in result.output) is looked_at
    none = "data/standardsd.sqlite: no readings in the last 30 days, so nothing was compared with them\n"
    assert (none in result.output) is not looked_at


def test_of_too_many_readings_the_latest_are_looked_at_and_it_is_said(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look.Look.stretch, "__kwdefaults__", {"readings_max": 1, "inputs_max": 9})
    monkeypatch.setattr(look, "readings_max", 1)
    with store(
        house / "data", (2 * MINUTE, visit("1", site="grand-budapst")), (MINUTE, visit("2", site="x"))
    ):
        result = check("standardsd.yaml")
    assert WHERE in result.output  # what matched is further back
    assert "labels compared with the latest 1 reading, since " in result.output
    assert "(not the last 30 days: at most 1 readings are looked at)" in result.output


def test_no_store_leaves_it_out(house: Path) -> None:
    with store(house / "data", (MINUTE, visit("1", site="x"))):
        result = check("standardsd.yaml", "--no-store")
    assert result.output == "2 files, 1 standard, 0 errors, 0 lints\n"


def test_the_store_is_where_the_daemon_has_it(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (house / "standardsd.yaml").write_text(f"{CONFIG}data: elsewhere\n")
    with store(house / "elsewhere", (MINUTE, visit("1", site="x"))):
        assert WHERE in check("standardsd.yaml").output
    with store(house / "moved", (MINUTE, visit("1", site="grand-budapst", dest="a"))):
        monkeypatch.setenv("STANDARDSD_DATA", str(house / "moved"))
        result = check("standardsd.yaml")
    assert "lint:" not in result.output
    assert f"{house / 'moved' / 'standardsd.sqlite'}: labels compared with 1 reading" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"SQLite format 3\0 and no more", "note: "),
        (b"no database at all", "this is no SQLite file, not a store of standardsd"),
        (b"", "its schema is empty"),
    ],
)
def test_a_store_that_cannot_be_read_is_a_note_and_no_failure(house: Path, text: bytes, said: str) -> None:
    (house / "data").mkdir()
    (house / "data" / "standardsd.sqlite").write_bytes(text)
    result = check("standardsd.yaml", "--strict")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("note: ")
    assert said in result.output
    assert "so nothing was compared with stored readings\n  fix: " in result.output
    assert "; --no-store leaves it out\n" in result.output
    assert result.output.endswith("2 files, 1 standard, 0 errors, 0 lints\n")
    assert (house / "data" / "standardsd.sqlite").read_bytes() == text


# -- a file of readings --------------------------------------------------------------------------------

LINE = (
    '{"type":"event","source":"kiosk","kind":"visit","id":"1","event":"arrived","at":"2026-03-02T09:00:00Z",'
    '"labels":{"desk":"lobby"}}\n'
)


def test_an_auditor_without_a_daemon_compares_with_a_file(house: Path) -> None:
    (house / "march.ndjson").write_text(LINE)
    result = check("rules.yaml", "--readings", "march.ndjson")
    assert result.exit_code == 0
    assert f"{WHERE}  7 |     where: {{site: grand-budapst}}\n" in result.output
    assert "  fix: none of them has the label site; write another one\n" in result.output
    assert BY in result.output
    assert "  fix: write desk\n" in result.output
    assert result.output.endswith(
        "march.ndjson: labels compared with 1 reading\n1 file, 1 standard, 0 errors, 3 lints\n"
    )


def test_readings_are_labelled_as_the_configuration_says_and_the_store_is_left_alone(house: Path) -> None:
    mapped = CONFIG.replace("}}\n", "}, labels: {dest: all}, map: {desk: {lobby: {site: grand-budapst}}}}\n")
    (house / "standardsd.yaml").write_text(mapped)
    (house / "march.ndjson").write_text(LINE)
    with store(house / "data", (MINUTE, visit("1", site="x"))):
        result = check("standardsd.yaml", "--readings", "march.ndjson")
    assert "lint:" not in result.output
    assert "standardsd.sqlite" not in result.output


def test_readings_come_from_standard_input_too(house: Path) -> None:
    result = check("rules.yaml", "--readings", "-", given=LINE)
    assert "-: labels compared with 1 reading\n" in result.output
    assert WHERE in result.output


def test_lines_that_are_no_readings_are_counted_and_the_first_is_shown(house: Path) -> None:
    long = "x" * 200_000
    (house / "march.ndjson").write_text(f"\n{long}\n{LINE}nonsense\n\n")
    result = check("rules.yaml", "--readings", "march.ndjson")
    assert "march.ndjson: labels compared with 1 reading\n" in result.output
    assert (
        "note: march.ndjson: 2 lines are no readings and were passed over; line 2: the line has "
        in result.output
    )
    assert result.exit_code == 0


def test_a_file_of_readings_that_is_not_there_is_an_error(house: Path) -> None:
    result = check("rules.yaml", "--readings", "april.ndjson")
    assert result.exit_code == 2
    assert "april.ndjson: No such file or directory\n  fix: name a file of readings" in result.output


def test_of_a_file_that_is_too_long_the_first_readings_are_looked_at(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_seen, "file_readings_max", 2)
    (house / "march.ndjson").write_text(LINE * 2)
    assert "at most" not in check("rules.yaml", "--readings", "march.ndjson").output
    (house / "march.ndjson").write_text(LINE * 3)
    result = check("rules.yaml", "--readings", "march.ndjson")
    assert (
        "march.ndjson: labels compared with 2 readings (at most 2 readings are looked at)\n" in result.output
    )


# -- sources -------------------------------------------------------------------------------------------

DEFINITION = Path(__file__).parents[2] / "exporters" / "phone" / "asterisk.yaml"
PHONES = """\
version: 1
set: phones
standards:
  - id: answer
    title: Calls are answered within a minute
    of: call
    by: [queue, brand]
    measure: {from: queued, to: answered}
    promise: {within: 60s}
    unless: refused
    examples:
      kept: ["09:00:00 queued queue=a brand=b", "09:01:00 answered"]
      broken: ["09:00:00 queued queue=a brand=b", "09:01:01 answered"]
"""
PBX = """\
version: 1
rules: [rules.yaml]
sources:
  pbx: {use: polled.yaml, settings: {host: h, username: u, secret: s}}
"""


@pytest.mark.parametrize(("promise", "proved"), [("60s", False), ("60.000001s", True)])
def test_a_sixty_second_promise_cannot_be_proved_by_a_thirty_second_poll(
    house: Path, promise: str, proved: bool
) -> None:
    text = DEFINITION.read_text().replace("quality: source_us", "quality: polled")
    every = "settings:\n  poll_every: {type: duration, default: 30s, doc: How often it is looked at.}\n"
    (house / "polled.yaml").write_text(text.replace("settings:\n", every))
    examples = PHONES[PHONES.index("    examples:") :]
    (house / "rules.yaml").write_text(PHONES.replace("60s", promise).replace(examples, ""))
    (house / "standardsd.yaml").write_text(PBX)
    result = check("standardsd.yaml")
    said = "rules.yaml:9:5: lint: 1m cannot be proved: by what pbx can tell, it began and ended within 1m\n"
    assert (said in result.output) is not proved, result.output
    assert (
        "rules.yaml:7:5: lint: no source gives contacts of the kind 'call' the label 'brand' (by of 'answer')"
        in (result.output)
    )
    assert (
        "rules.yaml:10:5: lint: no source yields 'refused' of the kind 'call', so it takes nothing out\n"
        in (result.output)
    )
    assert "  fix: add a source that does, or leave it out\n" in result.output


def test_a_simulated_source_yields_what_its_profile_plays(house: Path) -> None:
    simulated = (
        "version: 1\nrules: [rules.yaml]\nsources: {pbx: {use: simulate, settings: {profile: PROFILE}}}\n"
    )
    told = {}
    for profile in ("hotel", "contact_center"):
        (house / "standardsd.yaml").write_text(simulated.replace("PROFILE", profile))
        told[profile] = check("standardsd.yaml").output
    assert told["hotel"] == "2 files, 1 standard, 0 errors, 0 lints\n"
    assert (
        "rules.yaml:6:5: lint: no source yields anything of the kind 'visit', so this is never judged\n"
        in (told["contact_center"])
    )


def test_what_is_mistyped_in_yields_is_told_there_and_not_of_every_standard(house: Path) -> None:
    (house / "standardsd.yaml").write_text(CONFIG.replace("greeted]", "greted]"))
    result = check("standardsd.yaml")
    assert result.exit_code == 2
    assert "no source yields" not in result.output


# -- what has expired, and exit codes ------------------------------------------------------------------

EXPIRED = RULES + "    waivers: [{from: 2020-01-01, until: 2020-02-01, reason: Lift, approved_by: GM}]\n"


def test_check_and_daemon_tell_of_a_waiver_that_has_expired(house: Path) -> None:
    (house / "rules.yaml").write_text(EXPIRED)
    said = "rules.yaml:14:41: lint: this waiver has expired: it covered what started before 2020-02-01\n"
    assert said in check("rules.yaml").output
    assert [one for one in compose_config(house / "standardsd.yaml").warnings if one.startswith(said)]
    (house / "rules.yaml").write_text(EXPIRED.replace("2020-02-01", "2999-02-01"))
    assert "lint:" not in check("rules.yaml").output
    assert compose_config(house / "standardsd.yaml").warnings == ()


@pytest.mark.parametrize(
    ("rules", "plain", "strict"),
    [
        (RULES, 0, 0),
        (EXPIRED, 0, 1),
        (EXPIRED.replace("09:01:01", "09:00:01"), 1, 1),
        (EXPIRED.replace("60s", "60"), 2, 2),
    ],
)
def test_lints_alone_end_with_1_where_it_is_strict(house: Path, rules: str, plain: int, strict: int) -> None:
    (house / "rules.yaml").write_text(rules)
    assert check("rules.yaml").exit_code == plain
    assert check("rules.yaml", "--strict").exit_code == strict


def test_of_one_file_not_more_is_shown_than_anybody_reads(house: Path) -> None:
    one = RULES[RULES.index("  - id") : RULES.index("    examples")]
    head = RULES[: RULES.index("  - id")]
    many = "".join(
        one.replace("greet\n", f"greet-{n}\n").replace(
            "from: arr", f"each: {'true' if n % 2 else 'false'}, from: arr"
        )
        for n in range(120)
    )
    (house / "rules.yaml").write_text(head + many)
    (house / "march.ndjson").write_text(LINE)
    result = check("rules.yaml", "--readings", "march.ndjson")
    assert "lint: 260 more problems in this file are not shown\n" in result.output
    assert result.output.endswith("1 file, 120 standards, 0 errors, 360 lints\n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_long_work_is_told_at_a_terminal_and_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds, terminal, told in (
        (0.0, Terminal(), True),
        (3600.0, Terminal(), False),
        (0.0, io.StringIO(), False),
    ):
        monkeypatch.setattr(progress, "first_seconds", seconds)
        monkeypatch.setattr(progress, "every_seconds", 0.0)
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress("reading") as where:
            where("data\x1b[2J: 10 of 20 readings")
        shown = "\r\x1b[Kreading data\\x1b[2J: 10 of 20 readings\r\x1b[K"
        assert terminal.getvalue() == (shown if told else "")
