"""The schemas for editors: whatever the reader accepts passes, and what is wrong by itself does not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from standardsd.cli import build
from standardsd.language.config import load_config
from standardsd.language.definitions import read_definition
from standardsd.language.problems import errors, render
from standardsd.language.schema import Kind, schema
from standardsd.language.schema_texts import CALENDAR, CONDITIONS, CONFIGURATION, FILE, STANDARD
from standardsd.model.standard import Standard
from tests.editors.editor import as_editor_reads
from tests.language.test_diff import TABLE
from tests.language.written import DESK, HEAD, file, load, standard
from tests.language.yaml_of import CALENDAR_HEAD, SITES, standards, yaml_of

ROOT = Path(__file__).parents[2]
SCHEMAS = {kind: schema(kind) for kind in Kind}
VALIDATORS = {kind: Draft7Validator(made) for kind, made in SCHEMAS.items()}


def wrong(kind: Kind, text: str) -> list[str]:
    """Where the schema finds something, each place once: ``standards/0/promise``."""
    found = VALIDATORS[kind].iter_errors(as_editor_reads(text))
    return sorted({"/".join(map(str, error.absolute_path)) for error in found})


@pytest.mark.parametrize("kind", Kind)
def test_a_schema_is_one(kind: Kind) -> None:
    Draft7Validator.check_schema(SCHEMAS[kind])
    names = set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(SCHEMAS[kind])))
    assert names == set(SCHEMAS[kind].get("definitions", {})), "every part is there and is used"


# -- what passes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(ROOT.glob("rules/**/*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_pack_passes(path: Path) -> None:
    assert wrong(Kind.RULES, path.read_text()) == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("exporters/**/*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_definition_passes(path: Path) -> None:
    assert wrong(Kind.DEFINITION, path.read_text()) == []


BLOCKS = [
    (page.name, block)
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
]


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=[page for page, _ in BLOCKS])
def test_the_files_of_the_documentation_pass(page: str, block: str) -> None:
    if re.search(r"^standards:", block, re.MULTILINE):
        mistakes = [one for one in errors(load(block).problems) if "there is no set" not in one.text]
        assert bool(wrong(Kind.RULES, block)) is bool(mistakes), "a page may show a file with a mistake"
    elif re.search(r"^sources:", block, re.MULTILINE):
        assert wrong(Kind.CONFIG, block) == []


@pytest.mark.parametrize("row", TABLE, ids=[row[3][:60] for row in TABLE])
def test_both_sides_of_every_change_pass(row: tuple[dict[str, str], dict[str, str], Any, str]) -> None:
    both, new = row[:2]
    assert wrong(Kind.RULES, file(standard(**both), standard(**{**both, **new, "id": "b"}), head=DESK)) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(standards())
def test_whatever_the_language_can_say_passes(one: Standard) -> None:
    text = CALENDAR_HEAD + "standards:\n" + yaml_of(one)
    assert wrong(Kind.RULES, text) == [], text


GOOD = [
    # what may be written in other ways than usual
    file(standard(promise="{within: 0}", measure="{from: due, to: greeted}")),
    file(standard(of="survey", measure="{value: csat, at: answered}", promise="{at_least: 4}")),
    file(standard(of="survey", measure="{value: csat, at: answered}", promise='{at_least: "4"}')),
    file(standard(title="5", owner="12")),
    file(standard(measure="{from: arrived, to: greeted, each: 'true'}")),
    file(standard(promise="{per: priority, 1: {within: 15m}, 2: {within: 1h}}")),
    file(standard(id="a", of="", measure="{reading: queue}", promise="{at_most: 10, for: 5m}")),
    file(standard(of=""), head=HEAD + "defaults: {of: visit}\n"),
    file(standard(of="", measure="", title=""), head=HEAD + "extends: base\n"),
    file(standard(measure="", title=""), head=HEAD + "defaults: {title: t, measure: {time_in: waiting}}\n"),
    file(
        standard(measure="{from: seated, to: greeted}"),
        head=HEAD + "vocabulary: {visit: {events: [seated]}}\n",
    ),
    file(
        standard(of="bath", measure="{from: run, to: cold}"),
        head=HEAD + "vocabulary: {bath: {events: [run, cold]}}\n",
    ),
    file(standard(alert="{on: breach}", by="site")),
]


@pytest.mark.parametrize("text", GOOD)
def test_what_is_written_otherwise_passes_too(text: str) -> None:
    assert wrong(Kind.RULES, text) == []


# -- what does not pass --------------------------------------------------------------------------------

BAD: list[tuple[dict[str, str], str]] = [
    # keys of a standard that no reader takes, and where the schema finds it
    ({"promis": "{within: 60s}"}, "standards/0"),
    ({"promise": "{within: 60}"}, "standards/0/promise/within"),
    ({"promise": "{within: 10 mins}"}, "standards/0/promise/within"),
    ({"promise": "{withn: 60s}"}, "standards/0/promise"),
    ({"promise": "{within: 60s, under: 70s}"}, "standards/0/promise"),
    ({"promise": "60s"}, "standards/0/promise"),
    ({"promise": "{at_most: 10}"}, "standards/0/promise"),
    ({"promise": "{within: 60s, for: 5m}"}, "standards/0/promise"),
    ({"promise": '{until: "25:00"}'}, "standards/0/promise/until"),
    ({"promise": "{between: [1m]}"}, "standards/0/promise/between"),
    ({"promise": "{per: priority, P1: {within: soon}}"}, "standards/0/promise/P1/within"),
    ({"promise": "{per: priority, P1: {at_most: 5}}"}, "standards/0/promise/P1"),
    ({"measure": "{time_in: waiting}", "promise": "{within: 5bd}"}, "standards/0/promise/within"),
    ({"measure": "{count: greeted, over: day}", "promise": "{within: 60s}"}, "standards/0/promise"),
    ({"measure": "{count: greeted, over: day}", "promise": "{at_most: 5%}"}, "standards/0/promise/at_most"),
    ({"measure": "{p90: {time_in: waiting}, over: 1h}", "promise": "{at_most: 5}"}, "standards/0/promise/at_most"),
    ({"measure": "{from: arived, to: greeted}"}, "standards/0/measure/from"),
    ({"measure": "{from: opened, to: greeted}"}, "standards/0/measure/from"),
    ({"measure": "{from: arrived}"}, "standards/0/measure"),
    ({"measure": "{from: arrived, to: greeted, over: 1h}"}, "standards/0/measure"),
    ({"measure": "{time_in: pending}"}, "standards/0/measure/time_in"),
    ({"measure": "{count: greeted, over: decade}", "promise": "{at_most: 1}"}, "standards/0/measure/over"),
    ({"measure": "{p90: {count: greeted, over: day}, over: day}", "promise": "{at_most: 1m}"},
     "standards/0/measure/p90"),
    ({"of": "vist"}, "standards/0/of"),
    ({"of": ""}, "standards/0"),
    ({"title": ""}, "standards/0"),
    ({"id": "Greet Fast"}, "standards/0/id"),
    ({"by": "[contact]"}, "standards/0/by"),
    ({"if_left": "ignore"}, "standards/0/if_left"),
    ({"unless": "[solved]"}, "standards/0/unless"),
    ({"pause_while": "[on_hold]"}, "standards/0/pause_while"),
    ({"reopen": "always"}, "standards/0/reopen"),
    ({"severity": "high"}, "standards/0/severity"),
    ({"settle": "2 days"}, "standards/0/settle"),
    ({"status": "off"}, "standards/0/status"),
    ({"effective": "{from: 1.1.2026}"}, "standards/0/effective/from"),
    ({"effective": "{since: 2026-01-01}"}, "standards/0/effective"),
    ({"waivers": "[{from: 2026-01-01, until: 2026-02-01}]"}, "standards/0/waivers/0"),
    ({"objective": "{at_least: 95, over: 30d}"}, "standards/0/objective/at_least"),
    ({"objective": "{at_least: 95%}"}, "standards/0/objective"),
    ({"objective": "{at_least: 95%, over: month, min_count: few}"}, "standards/0/objective/min_count"),
    ({"alert": "{on: [breech]}"}, "standards/0/alert/on"),
    ({"alert": "{on: [limit]}"}, "standards/0/alert/on"),
    ({"alert": "{keep-firing-for: 5m}"}, "standards/0/alert"),
    ({"dimension": "speed"}, "standards/0/dimension"),
    ({"runbook": "see wiki"}, "standards/0/runbook"),
    ({"because": "{clausula: a}"}, "standards/0/because"),
    ({"examples": "{kept: [arrived]}"}, "standards/0/examples/kept/0"),
    ({"examples": '{good: ["09:00:00 arrived"]}'}, "standards/0/examples"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "where"), BAD, ids=[str(keys)[:70] for keys, _ in BAD])
def test_a_mistake_is_found_where_it_is(keys: dict[str, str], where: str) -> None:
    text = file(standard(**keys))
    assert errors(load(text).problems), "the reader takes it, so the schema must, too"
    found = wrong(Kind.RULES, text)
    assert where in found, found
    assert all(place.startswith("standards/0") for place in found), found


HEADS = [
    ("version: 2\nset: house\n", "version"),
    ("version: 1\n", ""),
    (HEAD + "sets: house\n", ""),
    (HEAD + "defaults: {id: a}\n", "defaults"),
    (HEAD + "defaults: {severity: high}\n", "defaults/severity"),
    (HEAD + "calendars: {desk: {weekly: {mon: ['09:00-17:00']}}}\n", "calendars/desk"),
    (HEAD + "calendars: {desk: {timezone: UTC, weekly: {mon: [9-17]}}}\n", "calendars/desk/weekly/mon"),
    (HEAD + "calendars: {desk: {timezone: UTC, weekly: {monday: []}}}\n", "calendars/desk/weekly"),
    (HEAD + "calendars: {desk: {timezone: UTC, weekly: {}, closed: [Christmas]}}\n", "calendars/desk/closed"),
    (HEAD + "calendars: {desk: {timezone: UTC, holidays: {city: Cluj}}}\n", "calendars/desk/holidays"),
    (HEAD + "vocabulary: {visit: {endings: {lost: gone}}}\n", "vocabulary/visit/endings/lost"),
]


@pytest.mark.parametrize(("head", "where"), HEADS)
def test_a_mistake_in_the_head_is_found(head: str, where: str) -> None:
    text = file(head=head)
    assert errors(load(text).problems)
    assert where in wrong(Kind.RULES, text)


CONFIG = """\
version: 1
rules: shipped:hotel/front-desk
sites: {a: {timezone: Europe/Lisbon, calendar: {weekly: {mon-fri: ["09:00-17:00"]}}}}
sources:
  kiosk: {use: push, labels: {site: a}, max_silence: 5m, watermark: {kind: receipt, delay: 2s}, yields: {visit: arrived}}
outputs: {alertmanager: {members: "http://127.0.0.1:9093", resend: 1m}}
judge: {judge_from: 2026-11-01T00:00:00Z, accept_late: 7d}
"""
CONFIGS = [
    ("version: 1", "version: 3", "version"),
    ("rules:", "rule:", ""),
    ("push", "{a: b}", "sources/kiosk/use"),
    ("5m", "5 minutes", "sources/kiosk/max_silence"),
    ("kind: receipt", "kind: poll", "sources/kiosk/watermark/kind"),
    ("max_silence", "maxsilence", "sources/kiosk"),
    ("judge_from: 2026-11-01T00:00:00Z", "judge_from: 2026-11-01", "judge/judge_from"),
    ("resend", "every", "outputs/alertmanager"),
    ("calendar: {weekly", "calendar: {timezone: UTC, weekly", "sites/a/calendar"),
]


def test_a_configuration_passes() -> None:
    assert load_config(CONFIG.encode(), "c.yaml").config is not None
    assert wrong(Kind.CONFIG, CONFIG) == []


@pytest.mark.parametrize(("was", "becomes", "where"), CONFIGS)
def test_a_mistake_in_a_configuration_is_found(was: str, becomes: str, where: str) -> None:
    text = CONFIG.replace(was, becomes, 1)
    assert load_config(text.encode(), "c.yaml").config is None
    assert where in wrong(Kind.CONFIG, text)


ASTERISK = (ROOT / "exporters/phone/asterisk.yaml").read_text()
DEFINITIONS = [
    ("driver: ami", "driver: amy", "driver"),
    ("quality: source_us", "quality: fine", "time/quality"),
    ("kind: ping", "kind: pong", "watermark/kind"),
    ("name: asterisk", "called: asterisk", ""),
    ("reading: queued", "readin: queued", "records/0"),
    ("call: [queued,", "call: [joined,", "yields/call"),
]


@pytest.mark.parametrize(("was", "becomes", "where"), DEFINITIONS)
def test_a_mistake_in_a_definition_is_found(was: str, becomes: str, where: str) -> None:
    text = ASTERISK.replace(was, becomes, 1)
    assert read_definition(text.encode(), "a.yaml")[0] is None
    assert where in wrong(Kind.DEFINITION, text)


# -- texts, and the command ----------------------------------------------------------------------------


def plain(cell: str) -> str:
    """A cell of a table without its links."""
    cell = re.sub(r" \(\[[^\]]*\]\([^)]*\)\)", "", cell)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).replace("\\|", "|").strip()


def told(page: str, heading: str | None, column: int) -> dict[str, str]:
    text = (ROOT / "docs" / page).read_text()
    if heading is not None:
        text = re.split(r"\n#{2,3} ", text.split(f" {heading}\n")[1])[0]
    lines = [
        re.split(r"(?<!\\) \| ", line.strip("| ")) for line in text.splitlines() if line.startswith("| `")
    ]
    return {cells[0].strip().strip("`"): plain(cells[column]) for cells in lines if len(cells) > column}


def test_an_editor_says_of_every_key_what_the_documentation_says() -> None:
    """One description of a key: change it in the page and in ``language/schema_texts.py``."""
    assert told("rules.md", "The file", 1) == FILE
    assert told("rules.md", "A standard", 1) == STANDARD
    assert told("rules.md", "Calendars", 1) == CALENDAR
    fires = told("rules.md", "Alerts", 2)
    assert {word: f"fires while {when}" for word, when in fires.items()} == CONDITIONS
    assert told("configuration.md", None, 3).items() >= CONFIGURATION.items()


def test_every_key_has_a_description() -> None:
    top = SCHEMAS[Kind.RULES]["properties"]
    one = SCHEMAS[Kind.RULES]["definitions"]["standard"]["properties"]
    config = SCHEMAS[Kind.CONFIG]["properties"]
    for properties in (top, one, config, SCHEMAS[Kind.DEFINITION]["properties"]):
        assert [key for key, made in properties.items() if not made.get("description")] == []


def run(*words: str) -> Any:
    return CliRunner().invoke(build(), ["generate", "schema", *words])


def test_the_command_writes_what_the_schemas_are(tmp_path: Path) -> None:
    for kind in Kind:
        shown = run("--kind", str(kind))
        assert shown.exit_code == 0
        assert json.loads(shown.output) == SCHEMAS[kind]
    target = tmp_path / "rules.schema.json"
    assert run("-o", str(target)).exit_code == 0
    assert json.loads(target.read_text()) == SCHEMAS[Kind.RULES]
    nowhere = run("-o", str(tmp_path / "missing" / "x.json"))
    assert nowhere.exit_code == 3
    assert "fix: name a file in a folder" in nowhere.output


def test_the_command_knows_the_words_and_calendars_of_the_house(tmp_path: Path) -> None:
    """Other files of the house then may use them without a complaint."""
    rules = tmp_path / "house.yaml"
    rules.write_text(file(standard(clock="desk"), head=DESK + "vocabulary: {visit: {events: [seated]}}\n"))
    whole = json.loads(run("--rules", str(rules)).output)
    made = Draft7Validator(whole)
    other = file(standard(measure="{from: seated, to: greeted}"))
    assert list(made.iter_errors(as_editor_reads(other))) == []
    assert wrong(Kind.RULES, other) != []
    assert "desk" in str(whole["definitions"]["standard"]["properties"]["clock"])
    rules.write_text("version: 1\n")
    assert run("--rules", str(rules)).exit_code == 2


def test_the_tables_of_this_file_are_read_without_a_complaint() -> None:
    for text in GOOD[:7]:
        assert not errors(load(text, sites=SITES).problems), render(load(text).problems)
