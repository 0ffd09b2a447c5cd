"""Nothing that is written is passed over: what stands behind a mistake is read, and told, too."""

from __future__ import annotations

import pytest

from standardsd.language.problems import Problem, errors, render
from standardsd.language.rules import load_rules

HEAD = "version: 1\nset: house\nstandards:\n"


def standard(identity: str = "greet", **keys: str) -> str:
    """A sound standard of four keys beside its id, with other values or further keys; "" leaves one out."""
    usual = {
        "title": "Greeted",
        "of": "visit",
        "measure": "{from: arrived, to: greeted}",
        "promise": "{within: 60s}",
    }
    lines = [f"    {key}: {value}\n" for key, value in {**usual, **keys}.items() if value]
    return f"  - id: {identity}\n{''.join(lines)}"


def told(text: str) -> list[Problem]:
    return errors(load_rules([("a.yaml", text.encode())]).problems)


def lines(text: str) -> list[str]:
    """Place and beginning of every error: ``3:1 the file ends here``."""
    return [f"{one.line}:{one.column} {one.text}" for one in told(text)]


def same(found: list[str], expected: list[str], text: str) -> None:
    assert len(found) == len(expected), render(told(text))
    for one, begin in zip(found, expected, strict=True):
        assert one.startswith(begin), render(told(text))


ENDS = [
    ("...\n", []),
    ("...\n\n# the end\n", []),
    ("...\n...\n", []),
    ("... # over\n", []),
    ("...\nfoo: bar\n", ["9:1 the file ends here", "10:1 a rule file has no key 'foo'"]),
    ("...\n\n# more\nfoo: bar\n", ["9:1 the file ends here", "12:1 a rule file has no key 'foo'"]),
    ("...\n" + standard("b", of="vizit"), ["9:1 the file ends here", "12:9 there is no kind 'vizit'"]),
    ("...\n---\nfoo: bar\n", ["10:1 a second document begins here"]),
]


@pytest.mark.parametrize(("behind", "expected"), ENDS)
def test_a_file_that_goes_on_behind_its_end_is_told_so_and_read_on(behind: str, expected: list[str]) -> None:
    text = HEAD + standard() + behind
    same(lines(text), expected, text)
