"""`standardsd check`, as an operator runs it: what it prints and how it ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from standardsd.cli import build

RULES = Path(__file__).parents[2] / "rules"

GOOD = """\
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
CONFIG = """\
version: 1
rules: [rules]
sources:
  kiosk: {use: push, watermark: {kind: explicit}, yields: {visit: [arrived, greeted]}}
"""


def check(*arguments: object) -> Result:
    return CliRunner().invoke(build(), ["check", *map(str, arguments)])


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "house.yaml").write_text(GOOD)
    (tmp_path / "standardsd.yaml").write_text(CONFIG)
    return tmp_path


def test_sound_files_are_fine(house: Path) -> None:
    result = check(house / "rules")
    assert (result.exit_code, result.output) == (0, "1 file, 1 standard, 0 errors, 0 lints\n")


def test_the_shipped_packs_are_fine() -> None:
    result = check("shipped:hotel/front-desk", "shipped:contact-center/phones")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("2 files, ")


def test_errors_end_with_2_and_stand_there_with_place_and_fix(house: Path) -> None:
    file = house / "rules" / "house.yaml"
    file.write_text(GOOD.replace("within: 60s", "within: 10 mins").replace("of: visit", "of: visits"))
    result = check(file)
    assert result.exit_code == 2
    assert result.output == (
        f"{file}:6:9: there is no kind 'visits'\n"
        "  6 |     of: visits\n"
        "    |         ^^^^^^\n"
        "  fix: write visit\n"
        f"{file}:8:23: '10 mins' is not a duration\n"
        "  8 |     promise: {within: 10 mins}\n"
        "    |                       ^^^^^^^\n"
        "  fix: write 10m; units are us, ms, s, m, h, d, rings, without a space\n"
        "1 file, 2 errors, 0 lints\n"
    )


def test_an_example_that_does_not_hold_ends_with_1(house: Path) -> None:
    file = house / "rules" / "house.yaml"
    file.write_text(GOOD.replace("within: 60s", "within: 50s"))
    result = check(file)
    assert result.exit_code == 1
    assert "this example of 'greet' should be kept, but is judged breached at 09:00:50" in result.output
    assert result.output.endswith("1 file, 1 standard, 0 errors, 0 lints, 1 example that does not hold\n")


def test_lints_are_shown_and_end_with_0(house: Path) -> None:
    file = house / "rules" / "house.yaml"
    file.write_text(GOOD.replace("    examples", "    alert: {on: []}\n    examples"))
    result = check(file)
    assert result.exit_code == 0
    assert f"{file}:9:17: lint: nobody is told of anything" in result.output
    assert result.output.endswith("1 file, 1 standard, 0 errors, 1 lint\n")


@pytest.mark.parametrize("how", ["option", "path"])
def test_a_configuration_is_checked_with_the_rules_it_names(house: Path, how: str) -> None:
    config = house / "standardsd.yaml"
    result = check("--config", config) if how == "option" else check(config)
    assert (result.exit_code, result.output) == (0, "2 files, 1 standard, 0 errors, 0 lints\n")


def test_mistakes_of_a_configuration_and_of_its_rules_are_told_together(house: Path) -> None:
    config = house / "standardsd.yaml"
    config.write_text(CONFIG.replace("greeted]", "greted]") + "listen: 8080\n")
    (house / "rules" / "house.yaml").write_text(GOOD.replace("60s", "60"))
    result = check("--config", config)
    assert result.exit_code == 2
    assert f"{config}:5:9: '8080' is not an address to listen on" in result.output
    assert "house.yaml:8:23: '60' has no unit" in result.output
    assert result.output.endswith("2 files, 2 errors, 0 lints\n")


def test_what_a_source_yields_is_checked_against_the_vocabulary(house: Path) -> None:
    config = house / "standardsd.yaml"
    config.write_text(CONFIG.replace("greeted]", "greted]"))
    result = check("--config", config)
    assert result.exit_code == 2
    assert f"{config}:4:60: the kind 'visit' has no event 'greted'" in result.output
    assert result.output.endswith("2 files, 1 standard, 1 error, 0 lints\n")


def test_a_definition_that_is_missing_is_told_at_its_place(house: Path) -> None:
    config = house / "standardsd.yaml"
    config.write_text("version: 1\nrules: rules\nsources: {pbx: {use: astersk}}\n")
    result = check("--config", config)
    assert result.exit_code == 2
    assert f"{config}:3:22: there is no exporter definition 'astersk'" in result.output


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("no-such.yaml", "there is no such file or folder"),
        ("shipped:hotel/front-dsk", "there is no such pack"),
        ("shipped:../x", "is not the name of a shipped pack"),
    ],
)
def test_what_is_not_there_is_an_error(path: str, said: str) -> None:
    result = check(path)
    assert result.exit_code == 2
    assert said in result.output
    assert "fix: " in result.output


def test_a_configuration_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    result = check("--config", tmp_path / "no.yaml")
    assert result.exit_code == 2
    assert "No such file" in result.output


def test_nothing_to_check_is_a_mistake_of_use() -> None:
    result = check()
    assert result.exit_code == 2
    assert "name rule files" in result.output


def test_a_file_that_is_no_text_is_an_error_and_no_crash(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    for content in (b"\xff\xfe\x00", b"[" * 100_000, b"a: \x00", b""):
        file.write_bytes(content)
        result = check(file)
        assert result.exit_code == 2, content[:10]
        assert str(file) in result.output


def test_the_help_tells_the_exit_codes_and_examples() -> None:
    result = check("--help")
    assert result.exit_code == 0
    for words in (
        "Exit codes:",
        "1  an example does not come out as its file says",
        "standardsd check rules/",
    ):
        assert words in result.output


def test_rules_that_are_not_there_are_told_where_they_are_named_with_the_nearest_name(house: Path) -> None:
    config = house / "standardsd.yaml"
    config.write_text(
        CONFIG.replace("[rules]", "[rules/hose.yaml, ruls, 'shipped:hotel/front-dsk', far/off.yaml]")
    )
    result = check("--config", config)
    assert result.exit_code == 2
    for column, said, fix in (
        (9, "rules/hose.yaml: there is no such file or folder", "write rules/house.yaml"),
        (26, "ruls: there is no such file or folder", "write rules"),
        (32, "shipped:hotel/front-dsk: there is no such pack", "write shipped:hotel/front-desk"),
        (59, "far/off.yaml: there is no such file or folder", "correct the path"),
    ):
        found = re.findall(
            rf"^{re.escape(str(config))}:2:{column}: (.*)\n.*\n.*\n  fix: (.*)$", result.output, re.M
        )
        assert found == [(said, fix)], result.output
    assert result.output.endswith("1 file, 0 standards, 4 errors, 0 lints\n")


@pytest.mark.parametrize(
    ("content", "said", "fix"),
    [
        (None, "there is no such file", "put the file there"),
        (b"", "is empty", "write the secret into its first line"),
        (b"\nhunter2\n", "is empty", "write the secret into its first line"),
        (b"\xff\xfe", "is not UTF-8", "save the file as UTF-8"),
    ],
)
def test_a_secret_file_that_cannot_be_used_is_told_where_it_is_named(
    house: Path, content: bytes | None, said: str, fix: str
) -> None:
    config = house / "standardsd.yaml"
    config.write_text(
        "version: 1\nrules: rules\nsources:\n"
        "  pbx: {use: asterisk, settings: {host: a, username: b, secret_file: ami.secret}}\n"
    )
    if content is not None:
        (house / "ami.secret").write_bytes(content)
    result = check("--config", config)
    assert result.exit_code == 2
    assert f"{config}:4:70: pbx: secret_file: " in result.output
    assert said in result.output
    assert fix in result.output
    assert "hunter2" not in result.output
    (house / "ami.secret").write_text("hunter2\n")
    assert check("--config", config).exit_code == 0


def test_a_folder_as_a_secret_file_is_told(house: Path) -> None:
    config = house / "standardsd.yaml"
    config.write_text(
        "version: 1\nrules: rules\nsources:\n"
        "  pbx: {use: asterisk, settings: {host: a, username: b, secret_file: rules}}\n"
    )
    assert "is not a plain file" in check("--config", config).output


def test_no_secret_at_all_is_told_as_such(house: Path) -> None:
    config = house / "standardsd.yaml"
    config.write_text(
        "version: 1\nrules: rules\nsources:\n  pbx: {use: asterisk, settings: {host: a, username: b}}\n"
    )
    assert "pbx: no secret is given: add secret_file (or secret)" in check("--config", config).output


def test_the_summary_counts_what_is_not_shown(house: Path) -> None:
    file = house / "rules" / "house.yaml"
    one = "  - {id: g, title: t, of: visit, measure: {from: arrived, to: greeted}, promise: {within: 6}}\n"
    file.write_text("version: 1\nset: house\nstandards:\n" + one * 3_000)
    result = check(file)
    assert "5899 more problems in this file are not shown" in result.output
    assert result.output.endswith("1 file, 5999 errors, 0 lints\n")


def test_a_file_in_another_encoding_is_told_by_name_with_all_that_is_wrong_in_it(house: Path) -> None:
    file = house / "rules" / "house.yaml"
    for encoding, called in (("utf-16", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32")):
        file.write_bytes(GOOD.replace("60s", "60 s").encode(encoding))
        output = check(file).output
        assert f"{file}:1:1: the file is saved as {called}" in output, encoding
        assert f"{file}:8:23: '60 s' is not a duration" in output, encoding
        assert output.endswith("1 file, 2 errors, 0 lints\n")
    file.write_bytes(GOOD.encode("utf-8-sig"))
    result = check(file)
    assert result.exit_code == 0
    assert "lint: the file begins with a byte-order mark (it is UTF-8 with BOM)" in result.output
    file.write_bytes(GOOD.replace("Greeted", "Begrüßt").replace("60s", "60 s").encode("latin-1"))
    output = check(file).output
    assert f"{file}:5:16: byte 0xfc is not UTF-8" in output
    assert f"{file}:8:23: '60 s' is not a duration" in output
