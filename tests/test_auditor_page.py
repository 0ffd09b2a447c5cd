"""The walk through a review in docs/auditor.md: its commands are run, and print what the page says.

A block that begins with ``# file: NAME`` is a file; in a ``console`` block each line after ``$`` is run in the
folder of those files, and what follows it is what it prints, with its exit code if that is not 0.
``UPDATE=1 pytest`` writes the page anew; you read the difference.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "auditor.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```\n", re.DOTALL)
RUN = "from standardsd.cli import main; main()"


def answer(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "standardsd", command
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONPATH": str(PAGE.parents[1])},
        check=False,
    )
    said = done.stdout + done.stderr
    return said + (f"(exit code {done.returncode})\n" if done.returncode else "")


def run_again(text: str, folder: Path) -> str:
    """The page with what its commands print now."""

    def block(found: re.Match[str]) -> str:
        kind, body = found.groups()
        if body.startswith("# file: "):
            first, rest = body.split("\n", 1)
            (folder / first.removeprefix("# file: ")).write_text(rest)
        if kind != "console":
            return found.group(0)
        commands = [line.removeprefix("$ ") for line in body.splitlines() if line.startswith("$ ")]
        answers = (f"$ {command}\n{answer(command, folder)}" for command in commands)
        return "```console\n" + "\n".join(part.rstrip("\n") + "\n" for part in answers) + "```\n"

    return BLOCK.sub(block, text)


def test_every_command_of_the_auditors_walk_prints_what_the_page_says(tmp_path: Path) -> None:
    text = PAGE.read_text()
    now = run_again(text, tmp_path)
    if os.environ.get("UPDATE"):
        PAGE.write_text(now)
    assert text.count("\n$ standardsd ") >= 7
    assert now == text
