"""The real YAML language server, which editors use, goes by our schemas: it completes, explains and complains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from standardsd.cli import build
from tests.editors.lsp import Editor, editor

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.real


def named(kind: str) -> str:
    """The line that names the schema, as the documentation has it."""
    return f"# yaml-language-server: $schema=standardsd-{kind}.schema.json\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor in a folder with the three schemas, written by the command."""
    folder = tmp_path_factory.mktemp("editor")
    for kind in ("rules", "config", "definition"):
        target = folder / f"standardsd-{kind}.schema.json"
        done = CliRunner().invoke(build(), ["generate", "schema", "--kind", kind, "-o", str(target)])
        assert done.exit_code == 0, done.output
    with editor(folder) as found:
        yield found


@pytest.mark.parametrize("path", sorted(ROOT.glob("rules/**/*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_pack_is_underlined_nowhere(desk: Editor, path: Path) -> None:
    assert desk.problems(f"{path.stem}.yaml", named("rules") + path.read_text()) == []


def test_a_shipped_definition_is_underlined_nowhere(desk: Editor) -> None:
    text = (ROOT / "exporters/phone/asterisk.yaml").read_text()
    assert desk.problems("asterisk.yaml", named("definition") + text) == []


RULES = """\
version: 1
set: house
standards:
  - id: greet
    title: Greeted within a minute
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
    objective: {at_least: 95%, over: 30d}
    severity: warning
"""
MISTAKES = [
    # what is replaced, by what; line and what must be said there
    ("severity: warning", "severty: warning", 11, "severty"),
    ("60s", "60", 9, "write a duration such as 60s, or 5bd for open days"),
    ("60s", "10 mins", 9, "write a duration such as 60s, or 5bd for open days"),
    ("95%", "95", 10, "write a share with its sign, such as 95%"),
    ("warning", "high", 11, '"critical"'),
    ("arrived", "arived", 8, '"arrived"'),
    ("of: visit", "of: vist", 7, '"visit"'),
    ("promise", "promises", 9, "promises"),
    ("promise: {within: 60s}", "runbook: wiki", 5, "promise"),
    ("within: 60s", "at_most: 60", 9, "at_most"),
]


def test_a_good_file_is_underlined_nowhere(desk: Editor) -> None:
    assert desk.problems("good.yaml", named("rules") + RULES) == []


@pytest.mark.parametrize(("was", "becomes", "line", "said"), MISTAKES, ids=[row[1] for row in MISTAKES])
def test_a_mistake_is_underlined_in_its_line(
    desk: Editor, was: str, becomes: str, line: int, said: str
) -> None:
    found = desk.problems("bad.yaml", named("rules") + RULES.replace(was, becomes, 1))
    assert any(at == line and said in message for at, message in found), found


OFFERED = [
    # the text with | where somebody types; what must be among the offers, and what must not
    (RULES + "    |\n", {"where", "alert", "waivers", "examples"}, {"calendars", "within"}),
    (
        "version: 1\nset: house\nstandards:\n  - id: greet\n    |\n",
        {"promise", "measure", "of", "title"},
        {"set"},
    ),
    (
        RULES.replace("{from: arrived, to: greeted}", "\n      |"),
        {"from", "time_in", "reading", "p90"},
        {"within"},
    ),
    (RULES.replace("arrived", "|"), {"arrived", "called"}, {"opened"}),
    (RULES.replace("{within: 60s}", "\n      |"), {"within", "under", "until"}, {"at_most"}),
    (RULES.replace("severity: warning", "severity: |"), {"critical", "info", "warning"}, {"high"}),
    (RULES.replace("severity: warning", "alert: {on: [|]}"), {"breach", "at_risk", "objective"}, {"limit"}),
    (RULES.replace("severity: warning", "if_left: |"), {"breach", "exclude", "keep", "void"}, set()),
    ("version: 1\n|\n", {"set", "standards", "calendars", "extends"}, {"promise"}),
]


@pytest.mark.parametrize(("text", "among", "absent"), OFFERED, ids=range(len(OFFERED)))
def test_keys_and_words_are_offered(desk: Editor, text: str, among: set[str], absent: set[str]) -> None:
    offers = set(desk.completions("typing.yaml", named("rules") + text))
    assert among <= offers, sorted(offers)
    assert not absent & offers, sorted(offers)


def test_a_key_is_explained_where_the_pointer_rests(desk: Editor) -> None:
    shown = desk.hover("hover.yaml", named("rules") + RULES.replace("promise:", "pro|mise:"))
    assert "what is promised of it" in shown
    shown = desk.hover("hover.yaml", named("rules") + RULES.replace("at_least", "at|_least"))
    assert "the share that must be kept" in shown


def test_a_configuration_is_completed_and_checked(desk: Editor) -> None:
    good = "version: 1\nrules: shipped:hotel/front-desk\nsources: {kiosk: {use: push}}\n"
    assert desk.problems("config.yaml", named("config") + good) == []
    found = desk.problems("config.yaml", named("config") + good.replace("use:", "uses:"))
    assert any(line == 4 and "uses" in message for line, message in found), found
    offers = set(desk.completions("config2.yaml", named("config") + good + "|\n"))
    assert {"sites", "outputs", "tokens", "judge"} <= offers
