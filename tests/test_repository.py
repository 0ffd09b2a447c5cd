"""The repository carries only what is ours, and nothing of the machine it was made on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FILE_BYTES_MAX = 2_000_000
"""A picture or a compact recording; what is larger does not belong into a repository."""

LOCK_LINE = re.compile(r"^[a-z0-9][a-z0-9._-]*==[^\s;]+( ; [^:]+)?$")

# What must not stand in any text file, and why.  Written in parts, so that this file passes its own test.
FORBIDDEN: dict[str, str] = {
    r"(?<![\w.])/(?:work|root|home/\w+)/": "a path of one machine",
    r"(?<![\w.{])/tm" + r"p/(?!\w*\{)": "a path of one machine; tests have tmp_path",
    r"pypi\.(?:org|python)|files\.python"
    + r"hosted": "the address of a registry: whoever installs chooses it",
    r"(?:extra-)?index-" + r"url *=|--find-" + r"links[ =]": "the address of a registry",
    r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b": "unfinished work: do it, or open an issue",
    r"-----BEGIN [A-Z ]*PRIVATE " + r"KEY-----": "a secret",
}
# Where a pattern is about the thing itself.
EXCEPTIONS = {
    (".gitignore", "a path of one machine"),
}
VENDORED = re.compile(
    r"(^|/)(vendor|third_party|node_modules|site-packages)/|\.min\.(js|css)$|\.(whl|jar|so|exe|zip)$"
)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git knows, and new ones that it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("needs the git checkout")
    names = listed.stdout.decode().split("\0")
    return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())


def text_of(path: Path) -> str | None:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return None  # a picture or a recording


@pytest.mark.parametrize(("pattern", "reason"), FORBIDDEN.items(), ids=list(dict.fromkeys(FORBIDDEN)))
def test_no_file_says_what_does_not_belong_here(pattern: str, reason: str) -> None:
    found = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        text = None if (name, reason) in EXCEPTIONS else text_of(path)
        for number, line in enumerate((text or "").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{name}:{number}: {reason}: {line.strip()[:100]}")
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("see /work" + "/main/x", True),
        ("open('/tm" + "p/a')", True),
        ("docs/work/notes", False),
        ("# TO" + "DO later", True),
        ("https://pypi." + "org/simple", True),
        ("the work at the desk", False),
    ],
)
def test_the_patterns_catch_what_they_should(line: str, caught: bool) -> None:
    assert any(re.search(pattern, line) for pattern in FORBIDDEN) is caught


def test_nothing_is_vendored_and_nothing_is_huge() -> None:
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        assert not VENDORED.search(name), f"{name}: somebody else's work; make it a dependency"
        assert path.stat().st_size <= FILE_BYTES_MAX, f"{name}: {path.stat().st_size} bytes"


def test_the_licence_is_apache_and_said_so_in_the_package() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()


# --- the lock --------------------------------------------------------------------------------


def locked() -> dict[str, list[str]]:
    """Package → the lines of comment below it, which say who asks for it."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if line.startswith("    #"):
            found[name].append(line.strip("# ").removeprefix("via").strip())
        else:
            assert LOCK_LINE.match(line), f"requirements.lock: {line!r} is not a pinned package"
            name = line.partition("==")[0]
            found[name] = []
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_pins_exactly_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {normal(re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0]) for line in asked}
    ours = {
        normal(package)
        for package, via in locked().items()
        if any(line.startswith("standardsd ") for line in via)
    }
    assert ours == names, "run ./x lock"


def test_the_lock_names_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text and "--" not in text and "/" not in text
