"""The report of `standardsd test` for builds: well-formed, and it says of each test where it stands."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from standardsd.cli import build
from tests.cli.test_test_command import RULES, STORY

AGAIN = """\

# Who leaves in time was not kept waiting.
09:10:00  visit.arrived  V2
09:11:00  watermark
    met greet V2
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(build(), ["test", *map(str, arguments), "--junit", "report.xml"])


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "house.yaml").write_text(RULES)
    (tmp_path / "house.scenario.txt").write_text(STORY + AGAIN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report() -> ET.Element:
    return ET.parse("report.xml").getroot()


COUNTED = {"tests", "failures", "errors", "time", "name"}


def check(root: ET.Element) -> None:
    """What the schema of Jenkins asks for, and what the numbers must add up to."""
    assert root.tag == "testsuites"
    assert set(root.attrib) == COUNTED
    for suite in root:
        assert suite.tag == "testsuite"
        assert set(suite.attrib) == COUNTED | {"skipped", "timestamp"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        assert len({(case.attrib["classname"], case.attrib["name"]) for case in suite}) == len(suite)
        for case in suite:
            assert case.tag == "testcase"
            assert set(case.attrib) == {"classname", "name", "file", "line", "time"}
            assert int(case.attrib["line"]) >= 1
            assert float(case.attrib["time"]) >= 0
            for child in case:
                assert child.tag in ("failure", "error")
                assert child.attrib["message"] and child.text
        assert int(suite.attrib["tests"]) == len(suite)
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        assert int(suite.attrib["errors"]) == len([case for case in suite if case.find("error") is not None])
    for name in ("tests", "failures", "errors"):
        assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)


def test_each_example_and_each_passage_is_a_testcase(house: Path) -> None:
    assert run("house.yaml").exit_code == 1
    root = report()
    check(root)
    rules, story = root
    assert [(case.attrib["name"], case.attrib["line"]) for case in rules] == [
        ("greet: kept example 1", "10"),
        ("greet: broken example 1", "11"),
    ]
    assert [(case.attrib["name"], case.attrib["file"], case.attrib["line"]) for case in story] == [
        ("Who leaves in time was not kept waiting.", "house.scenario.txt", "2"),
        ("Who leaves in time was not kept waiting. (2)", "house.scenario.txt", "7"),
    ]
    assert {case.attrib["classname"] for case in story} == {"house.scenario"}
    assert story[0].find("failure") is None


def test_a_failure_has_the_place_the_difference_and_the_fix(house: Path) -> None:
    run("house.yaml")
    failure = report().find("testsuite/testcase/failure")
    assert failure is not None and failure.text is not None
    assert failure.attrib["message"] == (
        "house.scenario.txt:8:1: what is said is not what this scenario expects"
    )
    assert failure.text.split("\n")[1:] == [
        "  8 | 09:11:00  watermark",
        "    | ^^^^^^^^^^^^^^^^^^^",
        "    - met greet V2",
        "    + breached greet V2 at 09:11:00 due 09:11:00",
        "  fix: change the scenario or the rules, or let --update write what is said",
    ]


def test_what_could_not_be_run_is_an_error(house: Path) -> None:
    (house / "house.yaml").write_text(RULES.replace("60s", "10 mins").replace("of: visit", "of: visits"))
    (house / "house.scenario.txt").write_text("08:00:00 tick\n07:00:00 tick\n")
    assert run("house.yaml", "nowhere.yaml").exit_code == 2
    root = report()
    check(root)
    assert [(suite.attrib["name"], len(suite.findall("testcase/error"))) for suite in root] == [
        ("house.yaml", 2),
        ("what was named", 1),
        ("house.scenario.txt", 1),
    ]
    assert root.attrib["failures"] == "0"


def test_an_outcome_that_nothing_shows_is_a_failure_when_asked(house: Path) -> None:
    (house / "house.scenario.txt").unlink()
    assert run("house.yaml").exit_code == 0
    assert len(report()) == 1
    assert run("house.yaml", "--fail-uncovered").exit_code == 1
    root = report()
    check(root)
    (failure,) = root.findall("testsuite[@name='coverage']/testcase/failure")
    assert failure.text == "house.yaml: no example or scenario shows greet excluded"


def test_characters_that_xml_cannot_say_are_shown_as_such(house: Path) -> None:
    (house / "house.scenario.txt").write_text(
        '# A <guest> & "V1" ü 家 \U0001f600\n' + STORY.partition("\n")[2]
    )
    (house / "odd.scenario.txt").write_bytes(b"rules: house.yaml\n09:00:00 visit.arrived V\x07\x1b[31m <&>\n")
    assert run("house.yaml", "odd.scenario.txt").exit_code == 2
    root = report()
    check(root)
    names = [case.attrib["name"] for case in root.iter("testcase")]
    assert 'A <guest> & "V1" ü 家 \U0001f600' in names
    assert "\x1b" not in Path("report.xml").read_text()


def test_a_report_that_cannot_be_written_ends_with_2(house: Path) -> None:
    (house / "house.scenario.txt").write_text(STORY)
    result = CliRunner().invoke(build(), ["test", "house.yaml", "--junit", "no/where.xml"])
    assert result.exit_code == 2
    assert (
        result.stderr
        == "no/where.xml: No such file or directory\n  fix: name a file in a folder that can be written\n"
    )
