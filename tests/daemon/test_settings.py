"""Settings from the environment and from secret files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from standardsd.daemon.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("STANDARDSD_")]:
        monkeypatch.delenv(name)


def test_a_variable_beats_a_secret_file_and_a_file_beats_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "standardsd_listen").write_text("127.0.0.1:9001\n")
    (tmp_path / "standardsd_log_level").write_text("debug")
    (tmp_path / "ami.secret").write_text("not a setting, and nobody else's business")
    monkeypatch.setenv("STANDARDSD_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("STANDARDSD_LOG_LEVEL", "warning")
    settings = load_settings()
    assert (settings.listen, settings.log_level, settings.data) == ("127.0.0.1:9001", "warning", None)
    assert settings.secrets_dir == tmp_path


# variable, value → what is told
MISTAKES = [
    ("STANDARDSD_LISTN", "x", "STANDARDSD_LISTN: there is no such setting\n  fix: write STANDARDSD_LISTEN"),
    (
        "STANDARDSD_QZX",
        "x",
        "STANDARDSD_QZX: there is no such setting\n  fix: take it away; known are STANDARDSD_CONFIG,",
    ),
    (
        "STANDARDSD_LOG_LEVEL",
        "loud",
        "STANDARDSD_LOG_LEVEL: 'loud': Input should be 'debug', 'info', 'warning' or",
    ),
    ("STANDARDSD_FAILPOINT", "lunch:1", "STANDARDSD_FAILPOINT: 'lunch:1': 'lunch:1': write PLACE:COUNT"),
    ("STANDARDSD_SECRETS_DIR", "/no/such", "STANDARDSD_SECRETS_DIR: '/no/such' is no folder that we can see"),
]


@pytest.mark.parametrize(("name", "value", "told"), MISTAKES)
def test_a_mistake_in_the_environment_is_told_with_its_fix(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert told in str(error.value)


def test_all_mistakes_are_told_at_once_those_of_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "standardsd_lisen").write_text("x")
    monkeypatch.setenv("STANDARDSD_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("STANDARDSD_DATTA", "x")
    monkeypatch.setenv("STANDARDSD_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as error:
        load_settings()
    lines = str(error.value).splitlines()
    assert [line.split(":")[0] for line in lines if not line.startswith("  fix")] == [
        "STANDARDSD_DATTA",
        f"{tmp_path}/standardsd_lisen",
        "STANDARDSD_LOG_LEVEL",
    ]
