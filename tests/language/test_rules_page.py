"""`docs/rules.md` says what the code does: its examples load and hold, its tables have every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from standardsd.language.alerts import FITTING
from standardsd.language.examples import run_examples
from standardsd.language.measures import FORMS
from standardsd.language.problems import render
from standardsd.language.rules import ENVELOPE_OPTIONAL, ENVELOPE_REQUIRED, Loaded, load_rules
from standardsd.language.standards import KEYS, REQUIRED
from standardsd.model.objective import Condition
from tests.language.written import DESK, file, limit_of, load, standard
from tests.language.yaml_of import SITES

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


TICKET = {"of": "ticket", "measure": "{from: opened, to: solved}", "promise": "{within: 8h}"}
"""What the examples of single keys are tried on."""


def rows(heading: str) -> list[tuple[str, ...]]:
    """The cells of every row of the tables below a heading, without their heads."""
    part = re.split(r"\n#{2,3} ", PAGE.split(f" {heading}\n")[1])[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip() for cell in line.strip("| \n").split(" | ")) for line in lines]


def code(cell: str) -> str:
    """The one piece of code in a cell."""
    (found,) = re.findall(r"`([^`]+)`", cell)
    return str(found)


def table(heading: str) -> dict[str, tuple[str, ...]]:
    """First cell of every row below a heading → the other cells."""
    part = re.split(r"\n#{2,3} ", PAGE.split(f"\n## {heading}\n")[1])[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", part, re.MULTILINE)
    return {key: tuple(re.split(r"(?<!\\) \| ", rest)) for key, rest in rows}


def test_the_files_of_the_page_load_together_and_their_examples_hold() -> None:
    texts = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    texts = [text for text in texts if "desk\ntitle: Front desk" in text or "extends:" in text]
    assert len(texts) == 2
    base = load_rules([("base.yaml", texts[0].encode())])
    both = load_rules([(f"{n}.yaml", text.encode()) for n, text in enumerate(texts)])
    for loaded, seconds, owner in ((base, 60, "my-front-desk"), (both, 45, "grand-budapest-desk")):
        assert loaded.problems == (), render(loaded.problems)
        assert loaded.book is not None
        (standard,) = loaded.book.standards
        assert (limit_of(standard).total_seconds(), standard.set) == (seconds, owner)
        assert run_examples(loaded.book, loaded.examples) == []


def test_the_page_has_every_key_of_a_file_and_no_other() -> None:
    rows = table("The file")
    assert set(rows) == {*ENVELOPE_REQUIRED, *ENVELOPE_OPTIONAL}
    assert {key for key, (said,) in rows.items() if "required" in said} == set(ENVELOPE_REQUIRED)


def test_the_page_has_every_key_of_a_standard_and_no_other() -> None:
    rows = table("A standard")
    assert set(rows) == set(KEYS)
    required = {key for key, cells in rows.items() if cells[-1] == "required"}
    assert required == {*REQUIRED, "of"}  # a standard of cases, which all are that are judged, needs a kind


def loads(*standards: str) -> Loaded:
    loaded = load(file(*standards, head=DESK), sites=SITES)
    assert loaded.book is not None, render(loaded.problems)
    return loaded


@pytest.mark.parametrize("row", rows("A standard"), ids=lambda row: row[0])
def test_the_example_of_every_key_can_be_written(row: tuple[str, ...]) -> None:
    key, value = code(row[2]).split(": ", 1)
    assert key == code(row[0])
    loaded = loads(standard(**{**TICKET, key: value}))
    assert [
        p for p in loaded.problems if "no standard goes by the calendar" not in p.text and key not in p.text
    ] == []


GREET_AND_WAIT = (standard(), standard(id="wait", measure="{time_in: waiting}", promise="{within: 5m}"))


@pytest.mark.parametrize("row", rows("Measures"), ids=lambda row: row[0])
def test_every_measure_of_the_page_can_be_written_with_its_promise(row: tuple[str, ...]) -> None:
    of = code(row[1]) if row[1] else ""
    one = standard(id="one", of=of, measure=code(row[0]), promise=code(row[2]))
    loaded = loads(*GREET_AND_WAIT, one)
    assert [p for p in loaded.problems if "no standard goes by the calendar" not in p.text] == []


def test_the_page_has_every_form_of_a_measure() -> None:
    written = {code(row[0]).removeprefix("{").split(":")[0] for row in rows("Measures")}
    named = set(re.findall(r"`([a-z0-9]+)`", " ".join(" ".join(row) for row in rows("Measures"))))
    assert set(FORMS) <= written | named


@pytest.mark.parametrize("row", rows("Promises"), ids=lambda row: row[0])
def test_every_promise_of_the_page_can_be_written(row: tuple[str, ...]) -> None:
    numbers = {"of": "", "measure": "{reading: queue}"}
    for keys in {"times": (TICKET,), "numbers": (numbers,), "both": (TICKET,)}[row[1]]:
        loads(standard(**{**keys, "promise": code(row[0]), "clock": "desk"}))


@pytest.mark.parametrize("row", rows("Objectives"), ids=lambda row: row[0])
def test_every_objective_of_the_page_can_be_written(row: tuple[str, ...]) -> None:
    loads(standard(**TICKET, objective=code(row[0])))


def test_the_page_says_of_every_condition_what_it_is_for() -> None:
    said = {Condition(code(row[0])): row[1] for row in rows("Alerts")}
    fits = {"cases": (True, True, False), "times": (True, False, False), "numbers": (False, False, True)}
    assert {condition: fits.get(of, (True, True, True)) for condition, of in said.items()} == FITTING
