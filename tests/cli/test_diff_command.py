"""`standardsd diff` as people and pipelines run it: what it prints, and with which code it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from standardsd.cli import build
from tests.language.written import HEAD, file, standard


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(build(), ["diff", *map(str, words)])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.yaml"
    path.write_text(
        file(standard(), standard(id="wait", measure="{time_in: waiting}", promise="{within: 5m}"))
    )
    return path


def changed(old: Path, was: str, becomes: str) -> Path:
    text = old.read_text()
    assert was in text
    new = old.with_name("new.yaml")
    new.write_text(text.replace(was, becomes))
    return new


def test_a_looser_promise_is_told_and_ends_with_1(old: Path) -> None:
    done = run(old, changed(old, "60s", "90s"))
    assert done.output == "looser: greet: promised within 1m30s instead of 1m\n\n1 looser\n"
    assert done.exit_code == 1


def test_a_tighter_promise_is_told_and_ends_with_0(old: Path) -> None:
    done = run(old, changed(old, "5m", "4m"))
    assert (done.output, done.exit_code) == (
        "tighter: wait: promised within 4m instead of 5m\n\n1 tighter\n",
        0,
    )


def test_what_may_loosen_must_not_pass_silently(old: Path) -> None:
    done = run(old, changed(old, "from: arrived", "from: called"))
    assert done.exit_code == 1
    assert done.output.startswith("different: greet: measured is {from: called, to: greeted} instead of")


def test_a_standard_that_is_gone_ends_with_1(old: Path) -> None:
    new = old.with_name("new.yaml")
    new.write_text(file(standard()))
    assert run(old, new).exit_code == 1
    assert run(new, old).exit_code == 0


def test_text_is_no_change_and_shown_only_when_asked_for(old: Path) -> None:
    new = changed(old, "Greeted within a minute", "Nobody waits")
    for words, shown in (
        ((old, old), "nothing changed in meaning\n"),
        ((old, new), "nothing changed in meaning (2 only in words for people: --all shows them)\n"),
        ((old, new, "--all"), "text: greet: title: Nobody waits\ntext: wait: title: Nobody waits\n"
                              "\n2 only in words for people\n"),
    ):  # fmt: skip
        done = run(*words)
        assert (done.output, done.exit_code) == (shown, 0)


def test_a_comment_and_another_order_are_no_change(old: Path) -> None:
    new = changed(
        old, "measure: {from: arrived, to: greeted}", "# why\n    measure: {to: [greeted], from: arrived}"
    )
    assert (run(old, new).output, run(old, new).exit_code) == ("nothing changed in meaning\n", 0)


def test_programs_get_everything_as_json(old: Path) -> None:
    new = changed(old, "60s", "90s")
    new.write_text(new.read_text().replace("title: Greeted", "title: Seen"))
    done = run(old, new, "--json")
    assert done.exit_code == 1
    said = json.loads(done.output)
    assert said["loosens"] is True
    assert said["old"] != said["new"] and said["old"].startswith("sha256:")
    assert said["changes"][0] == {
        "order": "looser",
        "standard": "greet",
        "key": "promise",
        "text": "promised within 1m30s instead of 1m",
    }
    assert [one["order"] for one in said["changes"]] == ["looser", "text", "text"]


def test_folders_and_shipped_packs_are_compared(tmp_path: Path) -> None:
    assert (
        run("shipped:hotel/front-desk", "shipped:hotel/front-desk").output == "nothing changed in meaning\n"
    )
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.yaml").write_text(file(standard()))
    assert run(folder, folder / "a.yaml").exit_code == 0


def test_a_house_of_its_own_is_read_together_with_what_it_extends(old: Path) -> None:
    """One line loosens a pack, and the diff sees it as it comes out."""
    mine = old.with_name("mine.yaml")
    mine.write_text(
        "version: 1\nset: mine\nextends: house\nstandards: [{id: greet, promise: {within: 2m}}]\n"
    )
    done = run(old, mine, "--with", old)
    assert done.exit_code == 1
    assert done.output.startswith("looser: greet: promised within 2m instead of 1m\n")
    alone = run(old, mine)
    assert alone.exit_code == 2
    assert "there is no set 'house'" in alone.output


CONFIG = """\
version: 1
rules: old.yaml
sites: {{a: {{timezone: Europe/Lisbon, calendar: {{weekly: {{mon-fri: ["09:00-{close}"]}}}}}}}}
"""


def test_configurations_bring_their_rules_and_the_hours_of_their_sites(old: Path) -> None:
    old.write_text(file(standard(clock="site"), head=HEAD))
    for name, close in (("before", "17:00"), ("after", "16:00")):
        old.with_name(f"{name}.yaml").write_text(CONFIG.format(close=close))
    done = run(old.with_name("before.yaml"), old.with_name("after.yaml"))
    assert done.exit_code == 1
    assert done.output == "looser: greet: the calendar site is open less\n\n1 looser\n"
    assert run(old, old).exit_code == 2, "clock: site needs sites"
    assert run(old, old, "--config", old.with_name("before.yaml")).exit_code == 0


def test_bad_input_is_told_with_its_place(old: Path) -> None:
    broken = run(old, changed(old, "within: 60s", "within: 60"))
    assert broken.exit_code == 2
    assert "new.yaml:8:23: '60' has no unit" in broken.output
    missing = run(old, old.with_name("none.yaml"))
    assert missing.exit_code == 2
    assert "there is no such file or folder" in missing.output
    assert run(old).exit_code == 2
    assert run(old, "shipped:No such").exit_code == 2
