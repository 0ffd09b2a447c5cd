"""`./x` sets up what it needs: once, again after an interruption, and with a word where it cannot.

It is run in a folder of its own with stand-ins for Python, apt-get and id on PATH, which write down how they
were called; that the real ones do it, too, is what every real use of `./x` and `.ci/run` shows.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PYTHON = """\
#!/bin/sh
printf 'python %s\\n' "$*" >>"$LOG"
case "$*" in
*'sys.version_info < (3, 11)'*) [ ! -e "$HERE/old" ] ;;
*'import ensurepip'*) [ ! -e "$HERE/no-venv" ] ;;
*'-venv'*) echo python3.11-venv ;;
*'print(sys.version)'*) echo '3.11.2 (a stand-in)' ;;
'-m venv '*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; printf 'command = python -m venv %s\\n' "$3" >"$3/pyvenv.cfg" ;;
*'pip --version'*) ;;
*'pip'*'install'*) [ ! -e "$HERE/offline" ] ;;
esac
"""
APT = """\
#!/bin/sh
printf 'apt-get %s\\n' "$*" >>"$LOG"
case "$*" in *install*) rm -f "$HERE/no-venv" ;; esac
"""
ID = """\
#!/bin/sh
if [ -e "$HERE/ordinary" ]; then echo 1000; else echo 0; fi
"""


class Checkout:
    """A folder with `x` and what it reads.  ``have`` and ``lose`` say how the machine is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "check out"  # with a space: people have those
        self.machine = folder / "machine"
        self.log = folder / "log"
        self.folder.mkdir()
        self.machine.mkdir()
        for name in ("x", "requirements.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, self.folder / name)
        for name, text in (("python3", PYTHON), ("apt-get", APT), ("id", ID)):
            (self.machine / name).write_text(text)
            (self.machine / name).chmod(0o755)
        # What else x uses, and no other Python.
        for tool in ("sh", "cat", "cksum", "dirname", "rm", "mv", "cp", "mkdir", "sed", "flock", "mktemp"):
            found = shutil.which(tool)
            if found is not None:
                (self.machine / tool).symlink_to(found)

    def have(self, what: str) -> None:
        (self.machine / what).touch()

    def lose(self, what: str) -> None:
        (self.machine / what).unlink()

    def x(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        self.log.write_text("")
        environment = {"PATH": str(self.machine), "LOG": str(self.log), "HERE": str(self.machine)}
        return subprocess.run(
            [str(self.machine / "sh"), str(self.folder / "x"), *arguments],
            cwd=cwd or self.folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def calls(self, word: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if word in line]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """x also looks at the system's own Python by its path; here every Python is the stand-in."""
    made = Checkout(tmp_path)
    text = (made.folder / "x").read_text()
    assert " /usr/bin/python3;" in text
    (made.folder / "x").write_text(text.replace(" /usr/bin/python3;", ";"))
    return made


def test_it_installs_once_and_then_asks_nobody(checkout: Checkout) -> None:
    first = checkout.x("setup")
    assert first.returncode == 0, first.stderr
    assert [line.split("-qq --no-deps ")[1] for line in checkout.calls(" install -")] == [
        "-r requirements.lock",
        "--no-build-isolation --editable .",
    ]
    again = checkout.x("setup", cwd=checkout.machine)  # from anywhere
    assert again.returncode == 0
    assert again.stderr == ""
    assert len(checkout.calls("python")) == 1, (
        "a second run asks the interpreter its version and nothing else"
    )


def test_a_changed_lock_is_installed_over_what_is_there(checkout: Checkout) -> None:
    checkout.x("setup")
    with (checkout.folder / "requirements.lock").open("a") as lock:
        lock.write("another==1.0\n")
    assert checkout.x("setup").returncode == 0
    assert len(checkout.calls(" install -")) == 2
    assert not checkout.calls("-m venv")


def test_an_interrupted_installation_is_begun_anew(checkout: Checkout) -> None:
    checkout.have("offline")
    failed = checkout.x("setup")
    assert failed.returncode == 3
    assert "pip could not install the pinned packages" in failed.stderr
    checkout.lose("offline")
    (checkout.folder / ".venv/half-a-package").touch()
    assert checkout.x("setup").returncode == 0
    assert len(checkout.calls("-m venv")) == 1
    assert not (checkout.folder / ".venv/half-a-package").exists()


def test_a_moved_checkout_gets_a_new_environment(checkout: Checkout, tmp_path: Path) -> None:
    checkout.x("setup")
    checkout.folder = checkout.folder.rename(tmp_path / "moved")
    assert checkout.x("setup").returncode == 0
    assert len(checkout.calls("-m venv")) == 1


def test_a_python_that_is_too_old_is_told(checkout: Checkout) -> None:
    checkout.have("old")
    done = checkout.x("setup")
    assert done.returncode == 3
    assert "needs Python 3.11 or newer" in done.stderr


@pytest.fixture
def without_venv(checkout: Checkout) -> Checkout:
    checkout.have("no-venv")
    return checkout


def test_without_venv_root_installs_it(without_venv: Checkout) -> None:
    done = without_venv.x("setup")
    assert done.returncode == 0, done.stderr
    assert without_venv.calls("apt-get") == ["apt-get install -y -qq --no-install-recommends python3.11-venv"]
    assert len(without_venv.calls(" install -")) == 3


def test_without_venv_others_are_told_the_one_command(without_venv: Checkout) -> None:
    without_venv.have("ordinary")
    done = without_venv.x("setup")
    assert done.returncode == 3
    assert "sudo apt-get install -y python3.11-venv" in done.stderr
    assert not without_venv.calls("apt-get")
    assert not (without_venv.folder / ".venv").exists()


def test_help_needs_nothing(checkout: Checkout) -> None:
    done = checkout.x("help")
    assert done.returncode == 0
    assert done.stdout.startswith("./x demo")
    assert not checkout.calls("")


def test_real_programs_that_are_missing_are_told_with_the_one_command(checkout: Checkout) -> None:
    checkout.have("ordinary")
    for tool in ("sort", "tr"):
        (checkout.machine / tool).symlink_to(str(shutil.which(tool)))
    shutil.copytree(ROOT / "deploy/real", checkout.folder / "deploy/real")
    done = checkout.x("real")
    assert done.returncode == 3
    assert (
        "run this as root:  apt-get install -y --no-install-recommends chromium nodejs npm prometheus"
        in done.stderr
    )
    assert "prometheus-alertmanager" in done.stderr
    assert not checkout.calls("apt-get")
