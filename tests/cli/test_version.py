"""Which program is it: asked as a command and as an option, answered alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from standardsd import __version__

PROGRAM = Path(sys.executable).parent / "standardsd"


def said(*arguments: str) -> tuple[int, str, str]:
    run = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30, check=False)
    return run.returncode, run.stdout, run.stderr


def test_the_option_says_what_the_command_says() -> None:
    code, text, complaints = said("--version")
    assert (code, complaints) == (0, "")
    assert text.startswith(f"standardsd {__version__}\n")
    assert said("version") == (0, text, "")


@pytest.mark.parametrize("arguments", [("--version", "run"), ("--version", "nonsense")])
def test_nothing_else_is_done_where_the_version_is_asked_for(arguments: tuple[str, ...]) -> None:
    assert said(*arguments) == said("version")


def test_help_names_the_option() -> None:
    code, text, _ = said("--help")
    assert code == 0
    assert "--version" in text
