"""`standardsd explain`: sentences on standard output, everything wrong on standard error."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from standardsd import locale
from standardsd.cli import build
from standardsd.language.explain import sentence
from standardsd.language.rules import load_rules

CHAIN = """\
version: 1
set: chain
owner: quality
defaults: {severity: warning, by: [site], settle: 1d}
standards:
  - id: greet
    title: Arriving guests are greeted within a minute
    of: visit
    measure: {from: arrived, to: greeted}   # at any door
    promise: {within: 60s}
    objective:
      at_least: 95%   # of all
      over: 30d
  - id: seat
    title: Guests are seated
    of: visit
    measure: {from: greeted, to: served}
    promise: {within: 10m}
"""
HOUSE = """\
version: 1
set: house
extends: chain
defaults: {severity: critical}
standards:
  - {id: greet, promise: {within: 45s}}
"""
CONFIG = """\
version: 1
rules: [rules]
language: hu
sites: {inn: {timezone: Europe/Budapest, calendar: {weekly: {mon-fri: ["08:00-12:00"]}}}}
sources: {}
"""
AT_SITE = """\
version: 1
set: replies
standards:
  - id: reply
    title: Tickets are answered
    of: ticket
    clock: site
    measure: {from: opened, to: replied}
    promise: {within: 30h}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/chain.yaml").write_text(CHAIN)
    (tmp_path / "rules/house.yaml").write_text(HOUSE)
    return tmp_path


def explain(folder: Path, *words: str, columns: int = 100) -> Result:
    """The command as it is called, without the second that a program takes to begin."""
    with contextlib.chdir(folder):
        return CliRunner().invoke(build(), ["explain", *words], env={"COLUMNS": str(columns)})


def test_each_standard_is_said_with_its_id_and_title_and_nothing_else(folder: Path) -> None:
    done = explain(folder, "rules")
    assert (done.exit_code, done.stderr) == (0, "")
    first, second = done.stdout.split("\n\n")
    assert first.startswith("greet  Arriving guests are greeted within a minute\n    In each visit, ")
    assert "within 45 seconds" in " ".join(first.split())
    assert second.startswith("seat  Guests are seated\n    In each visit, ")


def test_it_is_the_same_sentence_as_everywhere(folder: Path) -> None:
    done = explain(folder, "rules", "greet", "--json")
    (said,) = json.loads(done.stdout)
    files = [(name, text.encode()) for name, text in (("a", CHAIN), ("b", HOUSE))]
    book = load_rules(files).book
    assert book is not None
    standard = next(one for one in book.standards if one.id == "greet")
    assert said == {
        "id": "greet",
        "title": standard.title,
        "set": "house",
        "language": "en",
        "sentence": sentence(standard, locale.words("en", book.vocabulary)),
    }


@pytest.mark.parametrize("columns", [20, 60, 100, 300])
def test_lines_are_wrapped_for_the_terminal(folder: Path, columns: int) -> None:
    lines = explain(folder, "rules", "greet", columns=columns).stdout.splitlines()[1:]
    assert all(line.startswith("    ") for line in lines)
    assert max(map(len, lines)) <= max(40, min(100, columns))


def origins(folder: Path, *words: str) -> dict[str, dict[str, Any]]:
    (said,) = json.loads(explain(folder, *words, "--origins", "--json").stdout)
    return {line["key"]: line for line in said["origins"]}


def test_each_value_is_told_with_the_place_it_comes_from(folder: Path) -> None:
    """An override, an inherited value, one of the defaults of either file, and the default of the language."""
    found = origins(folder, "rules", "greet")
    told = {
        key: (line["value"], line["source"], line["path"], line["line"], line["set"], line["inherited"])
        for key, line in found.items()
    }
    assert told["promise"] == ("{within: 45s}", "written", "rules/house.yaml", 6, "house", False)
    assert told["measure"] == (
        "{from: arrived, to: greeted}", "written", "rules/chain.yaml", 9, "chain", True,
    )  # fmt: skip
    assert told["objective"] == ("at_least: 95% over: 30d", "written", "rules/chain.yaml", 11, "chain", True)
    # An inherited standard says what it said in its own file, the defaults there included.
    assert told["severity"] == ("warning", "defaults", "rules/chain.yaml", 4, "chain", True)
    assert told["settle"] == ("1d", "defaults", "rules/chain.yaml", 4, "chain", True)
    assert told["clock"] == ("always", "language", None, None, None, False)
    assert told["alert"][:2] == ("{on: [breach], for: 0s, keep_firing_for: 5m, warn_at: 75%}", "language")
    assert "runbook" not in told  # nobody says it, and nothing holds instead


def test_origins_are_shown_in_words(folder: Path) -> None:
    lines = explain(folder, "rules", "greet", "--origins").stdout.splitlines()
    told = {line.split()[0]: " ".join(line.split()) for line in lines if "←" in line}
    assert told["promise"] == "promise {within: 45s} ← rules/house.yaml:6"
    assert told["measure"].endswith("← rules/chain.yaml:9, inherited from the set chain")
    assert told["severity"] == "severity warning ← rules/chain.yaml:4, defaults of the set chain"
    assert told["clock"] == "clock always ← default of the language"


@pytest.mark.parametrize("lang", ["tr", "ro", "hu"])
def test_a_translation_says_that_it_awaits_a_native_reader(folder: Path, lang: str) -> None:
    done = explain(folder, "rules", "greet", "--lang", lang)
    assert done.exit_code == 0
    assert done.stderr == f"{lang}: this translation is awaiting a native reader\n"
    assert "In each" not in done.stdout


def test_a_configuration_gives_rules_sites_and_language(folder: Path) -> None:
    (folder / "rules/replies.yaml").write_text(AT_SITE)
    (folder / "site.yaml").write_text(CONFIG)
    done = explain(folder, "--config", "site.yaml", "reply")
    assert done.exit_code == 0, done.stderr
    assert "legfeljebb 30 óra alatt" in " ".join(done.stdout.split())
    # Among the paths it is known by its keys, and --lang is stronger than what it says.
    done = explain(folder, "site.yaml", "reply", "--lang", "en")
    assert "time counts while its site is open" in " ".join(done.stdout.split())
    # Without it nobody knows the calendars of the sites.
    done = explain(folder, "rules", "reply")
    assert done.exit_code == 2
    assert "rules/replies.yaml:7:12: clock: site needs the calendars of the sites" in done.stderr


def test_what_is_wrong_is_told_as_check_tells_it_and_nothing_is_explained(folder: Path) -> None:
    (folder / "rules/house.yaml").write_text(HOUSE.replace("45s", "45 secs").replace("extends", "extents"))
    done = explain(folder, "rules")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "rules/house.yaml:6:35: '45 secs' is not a duration" in done.stderr
    assert "rules/house.yaml:3:1: " in done.stderr and "fix: write extends" in done.stderr


WRONG = [
    # arguments, what is said on standard error
    ((), "explain: name rule files, a folder, shipped:PACK, or --config FILE"),
    (("greet",), "explain: no rule files are named"),
    (
        ("rules", "great"),
        "great: no standard that runs has this id, and there is no such file\n  fix: write greet",
    ),
    (("rules", "--lang", "de"), "--lang: 'de' is not a language that standards can be said in"),
    (("shipped:hotel/front-dsk",), "shipped:hotel/front-dsk: there is no such pack"),
    (("shipped:../x",), "'shipped:../x' is not the name of a shipped pack"),
    (("no/such.yaml",), "no/such.yaml: there is no such file or folder"),
    (("--config", "none.yaml"), "none.yaml: No such file or directory"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_usage_is_told_with_what_to_write(folder: Path, words: tuple[str, ...], said: str) -> None:
    done = explain(folder, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_shipped_pack_needs_no_file(folder: Path) -> None:
    done = explain(folder, "shipped:hotel/front-desk", "greet-within-60s", "check-in-within-5m")
    assert done.exit_code == 0
    heads = [line.split()[0] for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads == ["greet-within-60s", "check-in-within-5m"]
