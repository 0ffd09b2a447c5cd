"""What `check` says of the settings of sources and of the rule files that a configuration names."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from standardsd.cli import build

RULES = """\
version: 1
set: house
standards:
  - id: greet
    title: Greeted
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
"""
SIMULATED = "  k: {use: simulate, settings: {SETTING}}"
PHONES = "  k: {use: asterisk, settings: {host: 127.0.0.1, username: me, secret: x, SETTING}}"

SETTINGS = [
    (SIMULATED, "sed: 1", "there is no setting of this name", "write seed"),
    (SIMULATED, "plan: hotel", "there is no setting of this name", "write one of"),
    (SIMULATED, "seed: x", "this is not a whole number", "write digits"),
    (SIMULATED, "speed: 2000", "this is more than 1440", "write at most 1440"),
    (SIMULATED, "speed: 0", "this is less than 1", "write at least 1"),
    (SIMULATED, "starts_at: 24", "this is not less than 24", "write less than 24"),
    (SIMULATED, "profile: hotell", "this is none of hotel, contact_center", "write hotel"),
    (PHONES, "port: 70000", "this is more than 65535", "write at most 65535"),
]


def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str) -> str:
    monkeypatch.chdir(tmp_path)
    Path("house.yaml").write_text(RULES)
    Path("standardsd.yaml").write_text(config)
    result = CliRunner().invoke(build(), ["check", "--config", "standardsd.yaml"])
    assert result.exit_code == 2, result.output
    return result.output


@pytest.mark.parametrize(("source", "setting", "said", "fix"), SETTINGS)
def test_a_wrong_setting_is_told_in_our_words_with_what_to_write(
    source: str, setting: str, said: str, fix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = source.replace("SETTING", setting)
    config = f"version: 1\nlisten: 127.0.0.1:0\nrules: [house.yaml]\nsources:\n{written}\n"
    told = check(tmp_path, monkeypatch, config)
    key = setting.split(":")[0]
    assert f"k: {key}: {said}" in told, told
    assert f"fix: {fix}" in told, told
    assert "Input should" not in told
    assert "Extra inputs" not in told
    assert "exporters show simulate" not in told


@pytest.mark.parametrize(("named", "fix"), [("hous.yaml", "write house.yaml"), ("no-such.yaml", "")])
def test_a_rule_file_that_is_missing_is_offered_only_one_of_a_name_like_it(
    named: str, fix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = check(tmp_path, monkeypatch, f"version: 1\nlisten: 127.0.0.1:0\nrules: [{named}]\n")
    assert fix in told, told
    assert ("house.yaml" in told) == bool(fix), told
