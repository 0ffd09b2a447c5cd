"""`docs/rules.md` says what the code does: its examples load and hold, its tables have every key."""

from __future__ import annotations

import re
from pathlib import Path

from standardsd.language.examples import run_examples
from standardsd.language.problems import render
from standardsd.language.rules import ENVELOPE_OPTIONAL, ENVELOPE_REQUIRED, load_rules
from standardsd.language.standards import KEYS, REQUIRED
from tests.language.written import limit_of

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, tuple[str, ...]]:
    """First cell of every row below a heading → the other cells."""
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", part, re.MULTILINE)
    return {key: tuple(re.split(r"(?<!\\) \| ", rest)) for key, rest in rows}


def test_the_files_of_the_page_load_together_and_their_examples_hold() -> None:
    texts = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    texts = [text for text in texts if text.startswith("version:")]
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
