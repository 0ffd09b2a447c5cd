"""The documentation says what is so: links lead somewhere, commands exist, examples are run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from standardsd.cli import COMMANDS, GROUPS, build
from standardsd.language.config import load_config
from standardsd.language.rules import load_rules
from standardsd.model.reading import Reading

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("rules/**/*.md"), *ROOT.glob("bench/**/*.md")]
)


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(?P<indent> *)```(?P<word>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


def without_fences(page: Path) -> str:
    return FENCE.sub("", page.read_text())


def fences(page: Path, word: str) -> list[str]:
    """The fenced blocks marked with ``word``, without the indentation of the list they stand in."""
    return [
        re.sub(rf"(?m)^{match['indent']}", "", match["text"])
        for match in FENCE.finditer(page.read_text())
        if match["word"] == word
    ]


def anchors(page: Path) -> set[str]:
    """What a heading is called in an address, as forges do it."""
    headings = re.findall(r"^#+ (.*)$", without_fences(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(without_fences(page)):
        if re.match(r"https?://|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page if not path else (page.parent / path).resolve()
        assert target.exists(), f"{link}: there is no such file"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{link}: there is no such heading"


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent == ROOT / "docs"], ids=page_name)
def test_every_page_is_listed(page: Path) -> None:
    if page.name != "README.md":
        assert f"]({page.name})" in (ROOT / "docs/README.md").read_text(), "docs/README.md does not list it"


RULES = [
    (page, text)
    for page in PAGES
    for text in fences(page, "yaml")
    if re.search(r"^standards:", text, re.MULTILINE)
]
CONFIGS = [
    (page, text)
    for page in PAGES
    for text in fences(page, "yaml")
    if re.search(r"^sources:", text, re.MULTILINE)
]


def with_what_it_extends(page: Path, text: str) -> list[tuple[str, bytes]]:
    """The block and, when it extends a set, the block of the same page that has that set."""
    extended = re.search(r"^extends: *(\S+)$", text, re.MULTILINE)
    blocks = [text]
    if extended is not None:
        blocks += [
            other
            for _, other in RULES
            if re.search(rf"^set: *{re.escape(extended[1])}$", other, re.MULTILINE)
        ]
    return [(f"{page.name}:{number}", block.encode()) for number, block in enumerate(blocks)]


@pytest.mark.parametrize(("page", "text"), RULES, ids=[page.name for page, _ in RULES])
def test_rules_in_the_documentation_load_without_a_word(page: Path, text: str) -> None:
    loaded = load_rules(with_what_it_extends(page, text))
    assert not loaded.problems, "\n".join(problem.render() for problem in loaded.problems)
    assert loaded.book is not None


@pytest.mark.parametrize(("page", "text"), CONFIGS, ids=[page.name for page, _ in CONFIGS])
def test_configurations_in_the_documentation_load(page: Path, text: str) -> None:
    loaded = load_config(text.encode(), page.name)
    assert loaded.config is not None, "\n".join(problem.render() for problem in loaded.problems)


def test_the_readme_shows_rules() -> None:
    """The two tests above are not passing for want of examples."""
    assert [page.name for page, _ in RULES].count("README.md") == 1


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_readings_in_the_documentation_are_readings(page: Path) -> None:
    for block in fences(page, "json"):
        for line in block.splitlines():
            if line.startswith('{"type":') and '"source"' in line and '"state"' not in line:
                msgspec.json.decode(line.encode(), type=Reading)


# --- commands --------------------------------------------------------------------------------

NAMED = re.compile(r"\bstandardsd ((?:exporters|[a-z]+)(?: (?:list|show|try))?)\b")
X_NAMED = re.compile(r"\./x ([a-z]+)")
runner = CliRunner()


def commands() -> list[list[str]]:
    """Every command, as words: ``["judge"]``, ``["exporters", "list"]``."""
    found = [[name] for name in COMMANDS]
    for name in sorted(GROUPS):
        shown = runner.invoke(build(), [name, "--help"]).output
        listed = shown.partition("Commands:")[2]
        found += [[name, word] for word in re.findall(r"^  ([a-z-]+)", listed, re.MULTILINE)]
    return found


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_that_are_named_exist(page: Path) -> None:
    text = page.read_text()
    known = {words[0] for words in commands()}
    # Only where it is written as a command: in backquotes or in a block of shell.
    written = [*re.findall(r"`([^`\n]+)`", without_fences(page)), *"\n".join(fences(page, "sh")).splitlines()]
    for line in written:
        for match in NAMED.finditer(line):
            assert match[1].split()[0] in known, f"`{line}`: there is no command {match[1]}"
    in_x = set(re.findall(r"^([a-z]+)(?: \| [^)]*)?\)", (ROOT / "x").read_text(), re.MULTILINE))
    for word in X_NAMED.findall(text):
        assert word in in_x, f"./x {word}: there is no such command"


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_helps_with_an_example(words: list[str]) -> None:
    shown = runner.invoke(build(), [*words, "--help"], terminal_width=200)
    assert shown.exit_code == 0
    example = rf"^ +(?:Example: +)?(?:\w+=\S+ )*standardsd {' '.join(words)}\b"
    assert re.search(example, shown.output, re.MULTILINE), "its --help shows no example"


def test_the_program_runs_as_a_program() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("standardsd")), "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "judge" in done.stdout


def test_an_unknown_command_of_x_is_wrong_usage() -> None:
    done = subprocess.run([str(ROOT / "x"), "dmeo"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "there is no command 'dmeo'" in done.stderr
    assert "./x demo" in done.stderr


# --- decisions -------------------------------------------------------------------------------


def dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    return {re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0] for line in lines}


def rows(page: Path, heading: str) -> list[list[str]]:
    """The rows of every table whose first column is called ``heading``."""
    found: list[list[str]] = []
    inside = False
    for line in page.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[0] == heading:
            inside = True
        elif not cells:
            inside = False
        elif inside and set(cells[0]) != {"-"}:
            found.append(cells)
    return found


def test_every_dependency_has_its_reason_and_nothing_else_has_one() -> None:
    told = rows(ROOT / "docs/decisions.md", "dependency")
    assert {row[0] for row in told} == dependencies()
    for name, use, reason, _ in told:
        assert use and reason, f"{name}: say what it is for and why this one"


IMPORTED_AS = {
    "prometheus-client": "prometheus_client",
    "pydantic-settings": "pydantic_settings",
    "pyyaml": "yaml",
}
ONLY_DATA = {"tzdata"}


def test_every_dependency_of_the_daemon_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0] for line in project["dependencies"]} - ONLY_DATA
    code = "\n".join(path.read_text() for path in (ROOT / "standardsd").rglob("*.py"))
    for name in names:
        module = IMPORTED_AS.get(name, name)
        assert re.search(rf"^ *(?:from|import) {module}\b", code, re.MULTILINE), (
            f"nothing imports {name}: drop it"
        )


def test_the_architecture_page_tells_the_table_that_is_held() -> None:
    from tests.test_architecture import MAY_IMPORT

    told = {row[0].strip("`"): row[2] for row in rows(ROOT / "docs/architecture.md", "package")}
    assert told.keys() == MAY_IMPORT.keys()
    for package, imports in told.items():
        if imports == "all above":
            assert MAY_IMPORT[package] >= set(list(told)[: list(told).index(package)]) - {"cli"}
        elif imports == "nothing of ours":
            assert not MAY_IMPORT[package]
        else:
            assert set(imports.split()) == MAY_IMPORT[package]


def test_the_settings_of_the_simulator_are_all_described() -> None:
    from standardsd.drivers.simulate import SimulateSettings

    told = {row[0].strip("`"): row[1].strip("`") for row in rows(ROOT / "docs/architecture.md", "setting")}
    assert told.keys() == SimulateSettings.model_fields.keys()
    for name, field in SimulateSettings.model_fields.items():
        default = "none" if field.default is None else field.default
        assert told[name] == (f"{default:g}" if isinstance(default, float) else str(default))
