"""`standardsd test`, as somebody runs it who wrote the rules: what it prints, writes, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from standardsd.cli import build
from standardsd.cli.test import rewrite
from standardsd.cli.testing_files import Story
from standardsd.cli.testing_run import Rewrite

ROOT = Path(__file__).parents[2]
RULES = """\
version: 1
set: house
standards:
  - id: greet
    title: Greeted within a minute
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
    examples:
      kept: ["09:00:00 arrived", "09:01:00 greeted"]
      broken: ["09:00:00 arrived", "09:01:01 greeted"]
"""
STORY = """\
# Who leaves in time was not kept waiting.
09:00:00  visit.arrived  V1
09:00:30  visit.left     V1
    excluded (left) greet V1 at 09:00:30 due 09:01:00
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(build(), ["test", *map(str, arguments)])


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Paths are told as they are named, so the tests stand in the folder."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "house.yaml").write_text(RULES)
    (tmp_path / "rules" / "house.scenario.txt").write_text(STORY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


FINE = """\
rules/house.yaml: 2 examples hold
rules/house.scenario.txt: 1 passage holds

standard        met   breached   excluded  in limits     broken  not shown
rules/house.yaml
greet             1          1          1

2 files, 3 tests, 0 do not hold, 1 of 1 standard shown in every outcome
"""


@pytest.mark.parametrize("paths", [["rules/house.yaml"], ["rules"], ["rules/", "./rules/house.yaml"]])
def test_examples_and_the_scenario_beside_are_run(house: Path, paths: list[str]) -> None:
    """Whichever way a file is named, also twice, it is run once."""
    result = run(*paths)
    assert (result.exit_code, result.output) == (0, FINE)


def test_a_scenario_alone_is_run_by_the_rules_beside_it(house: Path) -> None:
    result = run("rules/house.scenario.txt")
    assert result.exit_code == 0
    assert "greet             -          -          1                        met, breached\n" in result.output


def test_what_does_not_come_out_is_shown_as_a_difference_and_ends_with_1(house: Path) -> None:
    (house / "rules" / "house.yaml").write_text(RULES.replace("within: 60s", "within: 20s"))
    result = run("rules/house.yaml")
    assert result.exit_code == 1
    assert result.output.startswith(
        """\
rules/house.yaml: 1 of 2 examples does not hold
rules/house.yaml:10:14: this example of 'greet' should be kept, but is judged breached at 09:00:20, due 09:00:20
  10 |       kept: ["09:00:00 arrived", "09:01:00 greeted"]
     |              ^^^^^^^^^^^^^^^^^^
  fix: change the example, or the promise
rules/house.scenario.txt: 1 of 1 passage does not hold
rules/house.scenario.txt:3:1: what is said is not what this scenario expects
  3 | 09:00:30  visit.left     V1
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    - excluded (left) greet V1 at 09:00:30 due 09:01:00
"""
    )
    assert "2 files, 3 tests, 2 do not hold" in result.output


def test_update_rewrites_scenarios_says_so_and_leaves_examples_alone(house: Path) -> None:
    story = house / "rules" / "house.scenario.txt"
    story.write_text(STORY.replace("09:01:00\n", "09:02:00\n").replace("\n", "\r\n"), newline="")
    result = run("rules", "--update")
    assert result.exit_code == 0
    assert "rules/house.scenario.txt: rewritten; read the difference before you keep it\n" in result.output
    assert story.read_bytes().decode() == STORY.replace("\n", "\r\n"), "line ends stay"
    assert run("rules").output == FINE
    again = run("rules", "--update")
    assert (again.exit_code, again.output) == (0, FINE + "no scenario to rewrite\n")
    rules = RULES.replace("within: 60s", "within: 20s")
    (house / "rules" / "house.yaml").write_text(rules)
    result = run("rules", "--update")
    assert result.exit_code == 1, "an example still does not hold"
    assert (house / "rules" / "house.yaml").read_text() == rules
    assert "excluded" not in story.read_text()


def test_update_never_writes_into_a_file_with_errors(house: Path) -> None:
    story = house / "rules" / "house.scenario.txt"
    wrong = STORY.replace("09:01:00\n", "09:02:00\n") + "08:00:00 tick\n"
    story.write_text(wrong)
    result = run("rules", "--update")
    assert result.exit_code == 2
    assert (
        "rules/house.scenario.txt:5:1: time goes back: the line above is of 2026-03-02 09:00:30"
        in result.output
    )
    assert story.read_text() == wrong


def test_a_scenario_that_cannot_be_written_is_told_and_no_traceback(tmp_path: Path) -> None:
    gone = Story("gone.scenario.txt", tmp_path / "gone" / "gone.scenario.txt")
    assert rewrite(Rewrite(gone, STORY)) == (
        "gone.scenario.txt: No such file or directory\n  fix: let us write it, or leave --update out"
    )


def test_an_outcome_that_nothing_shows_fails_only_when_asked(house: Path) -> None:
    (house / "rules" / "house.scenario.txt").unlink()
    result = run("rules")
    assert result.exit_code == 0
    assert "greet             1          1          -                        excluded\n" in result.output
    assert result.output.endswith("0 of 1 standard shown in every outcome\n")
    assert run("rules", "--fail-uncovered").exit_code == 1


def test_numbers_are_shown_in_limits_and_broken(house: Path) -> None:
    (house / "queue.yaml").write_text(
        "version: 1\nset: queue\nstandards:\n"
        "  - {id: queue, title: At most ten wait, measure: {reading: queue}, promise: {at_most: 10}}\n"
    )
    (house / "queue.scenario.txt").write_text(
        "09:00:00 sample queue=4\n\n09:01:00 sample queue=11\n    episode queue broken value 11 limit 10\n"
        "09:02:00 sample queue=10\n    episode queue in_limits\n"
    )
    result = run("queue.yaml", "--fail-uncovered")
    assert result.exit_code == 0, result.output
    assert "queue.yaml: no examples\nqueue.scenario.txt: 2 passages hold\n" in result.output
    assert "\nqueue                                              1          1\n" in result.output


CONFIG = """\
version: 1
rules: [rules]
sites: {grand: {timezone: Europe/Vienna, calendar: {weekly: {mon-sun: ["08:00-20:00"]}}}}
sources: {kiosk: {use: push, watermark: {kind: explicit}}}
"""


def test_a_configuration_brings_its_rules_their_scenarios_and_its_sites(house: Path) -> None:
    (house / "rules" / "house.yaml").write_text(
        RULES.replace("promise: {within: 60s}", "promise: {within: 60s}\n    clock: site").replace(
            '["09:00:00 arrived"', '["09:00:00 arrived site=grand"'
        )
    )
    (house / "rules" / "house.scenario.txt").write_text(
        "zone: Europe/Vienna\n07:00:00 visit.arrived V1 site=grand\n08:01:00 watermark\n"
        "    breached greet V1 at 08:01:00\n"
    )
    (house / "standardsd.yaml").write_text(CONFIG)
    for arguments in (["--config", "standardsd.yaml"], ["standardsd.yaml"]):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        assert result.output.startswith(
            "rules/house.yaml: 2 examples hold\nrules/house.scenario.txt: 1 passage holds\n"
        )
    assert run("rules").exit_code == 2, "without it nobody knows the sites"


def test_a_configuration_of_another_folder_is_told_by_its_path(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house / "standardsd.yaml").write_text(CONFIG)
    (house / "elsewhere").mkdir()
    monkeypatch.chdir(house / "elsewhere")
    result = run("--config", "../standardsd.yaml")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(
        "../rules/house.yaml: 2 examples hold\n../rules/house.scenario.txt: 1 passage holds\n"
    )


def test_a_scenario_names_its_rules_itself(house: Path) -> None:
    (house / "stories").mkdir()
    (house / "stories" / "a.scenario.txt").write_text("rules: ../rules/house.yaml\n" + STORY)
    (house / "stories" / "b.scenario.txt").write_text(
        "rules: [../rules/house.yaml, shipped:hotel/arrival]\nonly: greet\n" + STORY
    )
    (house / "stories" / "c.scenario.txt").write_text(
        "rules: ../rules\nextends: house\nset: mine\nstandards:\n  - {id: greet, promise: {within: 10s}}\n"
        + STORY.replace("due 09:01:00", "due 09:00:10").replace("excluded (left)", "breached")
    )
    result = run("stories", "--fail-uncovered")
    assert result.exit_code == 1
    assert (
        "stories/a.scenario.txt: 1 passage holds\nstories/b.scenario.txt: 1 passage holds\n" in result.output
    )
    assert "stories/c.scenario.txt: 1 of 1 passage does not hold\n" in result.output
    assert "\nrules/house.yaml\ngreet             -          -          2 " in result.output


# --- what goes wrong -------------------------------------------------------------------------


def test_everything_that_is_wrong_in_any_file_is_told_and_what_is_right_is_run(house: Path) -> None:
    (house / "rules" / "house.scenario.txt").write_text(
        "09:00:00 visit.arived V1\n    met gret V1\n08:00:00 tick\n"
    )
    (house / "rules" / "fine.scenario.txt").write_text("rules: house.yaml\n" + STORY)
    (house / "rules" / "lost.scenario.txt").write_text(
        "rules: [hose.yaml, shipped:hotl, 'shipped:../x']\n" + STORY
    )
    (house / "rules" / "alone.scenario.txt").write_text(STORY)
    result = run("rules", "nowhere.yaml", "nowhere.scenario.txt", "shipped:hotel/arival")
    assert result.exit_code == 2
    for said in (
        "rules/house.scenario.txt:1:16: the kind 'visit' has no event 'arived'\n",
        "rules/house.scenario.txt:2:9: there is no standard 'gret' here\n",
        "rules/house.scenario.txt:3:1: time goes back: the line above is of 2026-03-02 09:00:00\n",
        "rules/lost.scenario.txt:1:9: hose.yaml: there is no such file or folder\n",
        "rules/lost.scenario.txt:1:20: shipped:hotl: there is no such pack\n",
        "rules/lost.scenario.txt:1:34: 'shipped:../x' is not the name of a shipped pack\n",
        "rules/alone.scenario.txt:1:1: by which rules? There is no alone.yaml beside this scenario\n",
        "nowhere.yaml: there is no such file or folder\n",
        "nowhere.scenario.txt: there is no such file\n",
        "shipped:hotel/arival: there is no such pack\n  fix: write shipped:hotel/arrival\n",
        "rules/fine.scenario.txt: 1 passage holds\n",
        "rules/house.yaml: 2 examples hold\n",
    ):
        assert said in result.output
    assert "5 files" not in result.output
    assert "10 errors" in result.output


def test_a_rule_file_with_an_error_is_told_once_for_all_its_scenarios(house: Path) -> None:
    (house / "rules" / "house.yaml").write_text(RULES.replace("60s", "10 mins"))
    (house / "rules" / "more.scenario.txt").write_text("rules: house.yaml\n" + STORY + "08:00:00 tick\n")
    result = run("rules")
    assert result.exit_code == 2
    assert result.output.count("rules/house.yaml:8:23: '10 mins' is not a duration") == 1
    assert "rules/house.scenario.txt: its rules are wrong, as told above\n" in result.output
    assert "rules/more.scenario.txt:6:1: time goes back" in result.output, "what needs no rules is told, too"


def test_without_a_path_it_is_wrong_usage(house: Path) -> None:
    result = run()
    assert result.exit_code == 2
    assert result.stderr == "test: name rule files, a folder, or --config FILE (see standardsd test --help)\n"
    assert run("--upate", "rules").exit_code == 2


def test_shipped_scenarios_are_never_rewritten(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = house / "shelf" / "door"
    shelf.mkdir(parents=True)
    (shelf / "house.yaml").write_text(RULES)
    wrong = STORY.replace("09:01:00\n", "09:02:00\n")
    (shelf / "house.scenario.txt").write_text(wrong)
    monkeypatch.setattr("standardsd.shipped.folder", lambda what: house / "shelf")
    result = run("shipped:door/house", "--update")
    assert result.exit_code == 2
    assert (
        "shipped:door/house.scenario.txt: not written, it came with standardsd\n  fix: copy the pack"
        in result.stderr
    )
    assert (shelf / "house.scenario.txt").read_text() == wrong
    assert run("shipped:door").output.startswith(
        "shipped:door/house: 2 examples hold\nshipped:door/house.scenario.txt:"
    )


def test_the_program_itself_ends_so_and_is_quiet_on_standard_error(house: Path) -> None:
    """No terminal, no progress."""
    program = [sys.executable, "-c", "from standardsd.cli import main; main()"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STANDARDSD_")}
    done = subprocess.run(
        [*program, "test", "rules"], cwd=house, env={**clean, "PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, FINE, "")


def test_a_thousand_standards_with_examples_take_seconds(house: Path) -> None:
    """The whole run, of two thousand examples: half a minute would be too long to wait for before each commit."""
    one = RULES.partition("standards:\n")[2]
    text = "version: 1\nset: house\nstandards:\n" + "".join(
        one.replace("id: greet", f"id: greet-{n}")
        .replace("of: visit\n", f"of: visit\n    where: {{desk: d{n}}}\n")
        .replace('arrived"', f'arrived desk=d{n}"')
        for n in range(1_000)
    )
    (house / "rules" / "house.yaml").write_text(text)
    (house / "rules" / "house.scenario.txt").unlink()
    result = run("rules")
    assert result.exit_code == 0, result.output[:2_000]
    assert "rules/house.yaml: 2000 examples hold\n" in result.output
