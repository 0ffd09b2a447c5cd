"""The operator's page says what the definition says."""

from __future__ import annotations

from pathlib import Path

import yaml

from standardsd.drivers.ami import AmiSettings
from standardsd.mapping.ami_calls import EXITS
from tests.asterisk.recorded import definition

PAGE = (Path(__file__).parents[2] / "docs/sources/asterisk.md").read_text()


def test_the_page_has_every_setting_as_the_definition_describes_it() -> None:
    for setting in definition().settings:
        assert f"| `{setting.name}` |" in PAGE and setting.doc in PAGE


def test_the_page_has_the_very_rights_that_the_definition_asks_for() -> None:
    assert f"```\n{definition().least_privilege.rstrip()}\n```" in PAGE


def test_the_page_explains_every_reading_and_every_exit() -> None:
    for event in definition().yields["call"]:
        assert f"`{event}`" in PAGE, event
    for exit_ in ("timeout", "key", "pbx"):
        assert f"`exit={exit_}`" in PAGE
    assert {"empty", "withdrawn"} <= set(EXITS.values())
    assert f"less {definition().delay.total_seconds() * 1000:.0f} ms" in PAGE


def test_the_example_on_the_page_is_taken() -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    source = yaml.safe_load(example)["sources"]["pbx1"]
    assert source["use"] == definition().name
    assert AmiSettings.model_validate(source["settings"]).auth == "md5"
