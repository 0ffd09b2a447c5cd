"""What is installed from the wheel works away from the checkout, rule packs and definitions included."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real import free_port

ROOT = Path(__file__).parent.parent
Installed = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.slow


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without isolation: what builds it is pinned in the lock, and no network is asked."""
    folder = tmp_path_factory.mktemp("dist")
    done = run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), ".", cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Runs the installed program in an empty folder."""
    venv, empty = tmp_path_factory.mktemp("venv"), tmp_path_factory.mktemp("empty")
    assert run(sys.executable, "-m", "venv", str(venv), cwd=empty).returncode == 0
    # Our dependencies are lent by a path file.  The path files in there, that of the editable
    # installation among them, are not read again, so `standardsd` can come from the wheel alone.
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = run(
        str(venv / "bin/python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
        cwd=empty,
    )
    assert pip.returncode == 0, pip.stdout + pip.stderr
    where = run(str(venv / "bin/python"), "-c", "import standardsd; print(standardsd.__file__)", cwd=empty)
    assert where.stdout.strip() == str(packages / "standardsd/__init__.py")
    return lambda *arguments: run(str(venv / "bin/standardsd"), *arguments, cwd=empty)


def test_the_wheel_carries_every_rule_pack_and_definition_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("rules", "exporters"):
        shipped = (
            path for path in (ROOT / folder).rglob("*") if path.name.endswith((".yaml", ".scenario.txt"))
        )
        files = [path.relative_to(ROOT).as_posix() for path in shipped]
        assert files
        assert {f"standardsd/_bundled/{name}" for name in files} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]
    for folder in ("web/static", "web/templates", "store/migrations/versions"):
        assert [name for name in names if name.startswith(f"standardsd/{folder}/")], f"{folder} is missing"
    catalogues = [path.name for path in (ROOT / "standardsd/locale").glob("*.po")]
    assert catalogues and {f"standardsd/locale/{name}" for name in catalogues} <= names
    assert [name for name in names if name.endswith("/licenses/LICENSE")]


def test_the_installed_program_says_its_version(installed: Installed) -> None:
    done = installed("version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("standardsd 0.")


def test_the_installed_program_checks_the_shipped_packs(installed: Installed) -> None:
    packs = [
        f"shipped:{path.relative_to(ROOT / 'rules').with_suffix('')}"
        for path in (ROOT / "rules").rglob("*.yaml")
    ]
    assert "shipped:hotel/front-desk" in packs
    done = installed("check", *packs)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_installed_program_tests_the_shipped_packs(installed: Installed) -> None:
    """Examples and scenarios, and every outcome of every standard is shown by one."""
    folders = sorted({path.parent.name for path in (ROOT / "rules").rglob("*.yaml")})
    done = installed("test", "--fail-uncovered", *(f"shipped:{name}" for name in folders))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "shipped:hotel/front-desk.scenario.txt: " in done.stdout


def test_the_installed_program_shows_the_demo(installed: Installed) -> None:
    done = installed("demo", "--for", "2s", "--port", str(free_port()))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("wallboard  http://127.0.0.1:")
