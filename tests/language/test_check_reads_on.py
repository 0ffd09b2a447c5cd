"""Nothing that is written is passed over: what stands behind a mistake is read, and told, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from standardsd.cli import build
from standardsd.language.examples import run_examples
from standardsd.language.problems import Problem, errors, render
from standardsd.language.rules import load_rules

HEAD = "version: 1\nset: house\nstandards:\n"


def standard(identity: str = "greet", **keys: str) -> str:
    """A sound standard of four keys beside its id, with other values or further keys; "" leaves one out."""
    usual = {
        "title": "Greeted",
        "of": "visit",
        "measure": "{from: arrived, to: greeted}",
        "promise": "{within: 60s}",
    }
    lines = [f"    {key}: {value}\n" for key, value in {**usual, **keys}.items() if value]
    return f"  - id: {identity}\n{''.join(lines)}"


def told(text: str) -> list[Problem]:
    return errors(load_rules([("a.yaml", text.encode())]).problems)


def lines(text: str) -> list[str]:
    """Place and beginning of every error: ``3:1 the file ends here``."""
    return [f"{one.line}:{one.column} {one.text}" for one in told(text)]


def same(found: list[str], expected: list[str], text: str) -> None:
    assert len(found) == len(expected), render(told(text))
    for one, begin in zip(found, expected, strict=True):
        assert one.startswith(begin), render(told(text))


ENDS = [
    ("...\n", []),
    ("...\n\n# the end\n", []),
    ("...\n...\n", []),
    ("... # over\n", []),
    ("...\nfoo: bar\n", ["9:1 the file ends here", "10:1 a rule file has no key 'foo'"]),
    ("...\n\n# more\nfoo: bar\n", ["9:1 the file ends here", "12:1 a rule file has no key 'foo'"]),
    ("...\n" + standard("b", of="vizit"), ["9:1 the file ends here", "12:9 there is no kind 'vizit'"]),
    ("...\n---\nfoo: bar\n", ["10:1 a second document begins here"]),
]


@pytest.mark.parametrize(("behind", "expected"), ENDS)
def test_a_file_that_goes_on_behind_its_end_is_told_so_and_read_on(behind: str, expected: list[str]) -> None:
    text = HEAD + standard() + behind
    same(lines(text), expected, text)


# -- examples beside errors ----------------------------------------------------------------------------

SHOWS = '{kept: ["09:00:00 arrived", "09:02:00 greeted"]}'
"""Does not hold: greeted a minute late."""


def findings(*files: str) -> list[str]:
    """The standards whose example does not hold, of files with errors."""
    loaded = load_rules([(f"{n}.yaml", text.encode()) for n, text in enumerate(files)])
    assert loaded.book is None and loaded.sound is not None, render(loaded.problems)
    return [found.text.split("'")[1] for found in run_examples(loaded.sound, loaded.examples)]


CALENDAR = 'calendars:\n  day: {timezone: UTC, weekly: {mon-sun: ["00:00-24:00"]}, clsed: []}\n'
BESIDE = [
    # a mistake beside a standard whose example does not hold, and whether that is told
    (HEAD + standard(examples=SHOWS) + standard("b", promise="{within: 60}"), ["greet"]),
    (HEAD + standard(examples=SHOWS) + standard("b", title="@b"), ["greet"]),
    (HEAD.replace("house\n", "house\nfoo: bar\n") + standard(examples=SHOWS), ["greet"]),
    (HEAD + standard(examples=SHOWS) + "...\n" + standard("b"), ["greet"]),
    (HEAD + standard(examples=SHOWS, unless="@x"), []),
    (HEAD + standard(examples=SHOWS, severity="wrong"), []),
    (HEAD + standard(examples=SHOWS) + standard(examples=SHOWS), ["greet"]),
    (HEAD.replace("standards", "defaults: {severty: info}\nstandards") + standard(examples=SHOWS), []),
    (HEAD.replace("standards", CALENDAR + "standards") + standard(examples=SHOWS), ["greet"]),
    (HEAD.replace("standards", CALENDAR + "standards") + standard(examples=SHOWS, clock="day"), []),
    (
        HEAD.replace("standards", "vocabulary: {visit: {evnts: [x]}}\nstandards") + standard(examples=SHOWS),
        [],
    ),
    (
        HEAD.replace("standards", "vocabulary: {thing: {evnts: [x]}}\nstandards") + standard(examples=SHOWS),
        ["greet"],
    ),
    (HEAD.replace("house", "house\nextends: gone") + standard(examples=SHOWS), []),
]


@pytest.mark.parametrize(("text", "expected"), BESIDE)
def test_examples_of_what_is_sound_are_run_beside_an_error_and_those_in_doubt_are_not(
    text: str, expected: list[str]
) -> None:
    assert findings(text) == expected


def test_an_error_in_one_file_hides_no_example_of_another() -> None:
    other = HEAD.replace("house", "other") + standard("b", promise="{within: 60}", examples=SHOWS)
    assert findings(HEAD + standard(examples=SHOWS), other) == ["greet"]
    assert findings(HEAD + standard(examples=SHOWS), "version: 1\nset: [\n") == ["greet"]


def test_one_id_in_two_files_is_no_standard_whose_examples_are_run() -> None:
    assert findings(HEAD + standard(examples=SHOWS), HEAD.replace("house", "b") + standard()) == []


@pytest.mark.parametrize("command", ["check", "test"])
def test_both_commands_tell_the_error_and_the_example_and_exit_2(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(HEAD + standard(examples=SHOWS) + standard("b", promise="{within: 60}"))
    Path("b.yaml").write_text(HEAD.replace("house", "b") + standard("c", examples=SHOWS))
    result = CliRunner().invoke(build(), [command, "."])
    assert result.exit_code == 2
    assert result.output.count("'60' has no unit") == 1
    assert "this example of 'greet' should be kept" in result.output
    assert "this example of 'c' should be kept" in result.output


# -- what a wrong word would hide ----------------------------------------------------------------------

MASKED = [
    # of is misspelled, missing, a list or unreadable: the events are checked all the same
    (
        {"of": "vist", "measure": "{from: arrived, to: greted}"},
        ["6:9 there is no kind 'vist'", "7:34 the kind 'visit' has no event 'greted'"],
    ),
    (
        {"of": "", "measure": "{from: arrived, to: [greeted, sered]}"},
        ["4:9 a standard has no of", "6:44 the kind 'visit' has no event 'sered'"],
    ),
    (
        {"of": "[visit]", "unless": "[left, gon]"},
        ["6:9 of is a list", "9:20 the kind 'visit' has no event 'gon'"],
    ),
    (
        {"of": "vist", "examples": '{kept: ["09:00:00 arived"]}'},
        ["6:9 there is no kind 'vist'", "9:23 the kind 'visit' has no event 'arived'"],
    ),
    (
        {"promise": "{within: 60}", "examples": '{kept: ["09:00:00 arived"]}'},
        ["8:23 '60' has no unit", "9:23 the kind 'visit' has no event 'arived'"],
    ),
    # nobody can tell which kind was meant: nothing is said of the events
    (
        {"of": "parcel", "measure": "{from: handed_in, to: fetched}"},
        ["6:9 there is no kind 'parcel'"],
    ),
    ({"of": "", "measure": "{from: handed_in, to: fetched}"}, ["4:9 a standard has no of"]),
]


@pytest.mark.parametrize(("keys", "expected"), MASKED)
def test_a_wrong_word_hides_no_other(keys: dict[str, str], expected: list[str]) -> None:
    text = HEAD + standard(**keys)
    same(lines(text), expected, text)


def test_the_fix_for_a_missing_kind_names_the_one_that_knows_the_events() -> None:
    (missing,) = told(HEAD + standard(of=""))
    assert missing.fix.endswith("of: visit")


VALUES = [
    (
        {"promise": "{within: 60, under: 5x}"},
        ["8:23 '60' has no unit", "8:27 a promise has either within or under", "8:34 '5x'"],
    ),
    ({"promise": "{within: [60]}"}, ["8:23 within is a list", "8:24 '60' has no unit"]),
    ({"severity": "[warn]"}, ["9:15 severity is a list", "9:16 'warn' is not a word for severity"]),
    ({"severity": "[warning]"}, ["9:15 severity is a list"]),
]


@pytest.mark.parametrize(("keys", "expected"), VALUES)
def test_a_value_in_the_wrong_shape_is_read_all_the_same(keys: dict[str, str], expected: list[str]) -> None:
    text = HEAD + standard(**keys)
    same(lines(text), expected, text)


WRONG = standard(promise="{within: 60}")
BODY = WRONG.split("\n", 1)[1]
SHAPES = [
    # the list of standards is none, or stands under another name
    (f"standards:\n  greet:\n{BODY}", ["4:3 standards is not a list", "8:23 '60' has no unit"]),
    (f"standards:\n    id: greet\n{BODY}", ["4:5 standards is not a list", "8:23 '60' has no unit"]),
    ("standards:\n" + WRONG.replace("  - ", "- - "), ["4:3 a standard is a list", "8:23 '60' has no unit"]),
    (
        "standardz:\n" + WRONG + "standards:\n" + standard("b", of="vist"),
        ["3:1 a rule file has no key 'standardz'", "8:23 '60' has no unit", "12:9 there is no kind 'vist'"],
    ),
    (
        "standardz:\n" + WRONG + "standards: []\n",
        ["3:1 a rule file has no key 'standardz'", "8:23 '60' has no unit"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_standards_that_are_no_list_of_standards_are_read_all_the_same(
    text: str, expected: list[str]
) -> None:
    text = f"version: 1\nset: house\n{text}"
    same(lines(text), expected, text)


# -- fixes that lead somewhere -------------------------------------------------------------------------

TWO_INDENTS = "version: 1\nset: house\nstandards:\n" + "".join(
    line[2:] for line in standard("b").splitlines(keepends=True)
)
FIXES = [
    (
        HEAD + standard(promise="[within: 60s]"),
        "8:14 a promise is a map, not a list",
        "write {within: 60s}",
        HEAD + standard(),
    ),
    (
        HEAD + standard(promise="{within: 1,5m}"),
        "8:23 '1,5m' has a comma for its point",
        "write 1.5m",
        HEAD + standard(promise="{within: 1.5m}"),
    ),
    (
        HEAD + standard().replace("promise: {", "promise {"),
        "8:5 a key without its ':'",
        "write promise: {within: 60s}",
        HEAD + standard(),
    ),
    (
        HEAD + standard(measure="{\n from: arrived, to: greeted}"),
        "8:2 this line is indented less than the key whose brackets it goes on with",
        "begins in column 7",
        HEAD + standard(measure="{\n      from: arrived, to: greeted}"),
    ),
    (
        TWO_INDENTS + standard(),
        "9:3 this item is not indented like its neighbours",
        "begins in column 1",
        TWO_INDENTS + "".join(line[2:] for line in standard().splitlines(keepends=True)),
    ),
    (
        HEAD.replace(
            "house\n", "house\ncalendars: {day: {timezone: utc+1, weekly: {mon: ['09:00-17:00']}}}\n"
        )
        + standard(clock="day"),
        "3:29 'utc+1' is an offset, not a time zone",
        "Etc/GMT-1",
        HEAD.replace(
            "house\n", "house\ncalendars: {day: {timezone: Etc/GMT-1, weekly: {mon: ['09:00-17:00']}}}\n"
        )
        + standard(clock="day"),
    ),
]


@pytest.mark.parametrize(("text", "said", "fix", "mended"), FIXES)
def test_one_mistake_is_one_problem_and_what_its_fix_says_is_sound(
    text: str, said: str, fix: str, mended: str
) -> None:
    same(lines(text), [said], text)
    assert fix in told(text)[0].fix
    assert told(mended) == []
