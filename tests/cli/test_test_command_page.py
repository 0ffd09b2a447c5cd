"""docs/testing-rules.md: its files are run, its commands print what it shows, and its tables are those of the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from standardsd.cli import build
from standardsd.language.scenarios_expected import FIRST_WORDS
from standardsd.language.scenarios_head import HEAD_KEYS, SETTING_KEYS, SOURCE_KEYS, Tell
from standardsd.language.scenarios_lines import OPTIONS, VERBS
from standardsd.language.scenarios_said import CASE
from tests.language.test_scenario_files import story

PAGE = (Path(__file__).parents[2] / "docs" / "testing-rules.md").read_text()
FILES = dict(re.findall(r"```(?:yaml|text)\n# file: (\S+)\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = re.findall(r"```console\n\$ standardsd (.*?)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)


def test_there_is_something_to_be_run() -> None:
    assert len(FILES) == 5
    assert len(COMMANDS) == 2


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("late.scenario.txt", "house.yaml")])
def test_its_scenarios_hold(name: str) -> None:
    result = CliRunner().invoke(build(), ["test", name])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(("command", "shown"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_its_commands_print_what_it_shows(command: str, shown: str) -> None:
    assert CliRunner().invoke(build(), shlex.split(command)).output == shown


def rows(heading: str) -> list[list[str]]:
    """The first cells of the table below a row that begins so, and the others."""
    table = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0].split("\n")[2:]
    return [[cell.strip() for cell in re.split(r" \| ?", row.strip("| "))] for row in table]


def test_it_names_every_key_of_the_head() -> None:
    told = rows("key")
    assert [row[0].strip("`") for row in told] == list(HEAD_KEYS)
    said = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in told}
    assert tuple(said["sources"]) == SOURCE_KEYS
    assert tuple(said["settings"]) == SETTING_KEYS
    assert said["tell"] == list(Tell)


def test_it_names_every_option_of_the_command() -> None:
    told = {row[0].strip("`").split()[0] for row in rows("option")}
    shown = CliRunner().invoke(build(), ["test", "--help"], terminal_width=200).output
    assert told == set(re.findall(r"^  (--[a-z-]+)", shown, re.MULTILINE)) - {"--config", "--help"}


def test_every_line_that_can_be_heard_is_shown_and_is_one() -> None:
    heard = [row[0].strip("`") for row in rows("line")]
    assert {line.split()[1] for line in heard} == {"visit.arrived", *VERBS}
    for line in heard:
        assert len(story(line).lines) == 1
    for name in OPTIONS:
        assert f"`{name}` (" in PAGE


def test_every_word_that_can_be_expected_is_shown() -> None:
    table = PAGE.partition("### What is expected")[2].partition("\n## ")[0]
    for word in (*FIRST_WORDS, *CASE):
        assert re.search(rf"`{word}\b", table), f"{word} is not described"
