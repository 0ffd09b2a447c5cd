"""Slips put into sound files at random: each is told where it is, and nothing else is told."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standardsd.language.config import load_config
from standardsd.language.mend import mend
from standardsd.language.page import Page
from standardsd.language.place import Source
from standardsd.language.problems import Problem, errors, render
from standardsd.language.rules import load_rules

HOUSE = Path(__file__).parents[2]
PACKS = {path.stem: path.read_text() for path in sorted((HOUSE / "rules").rglob("*.yaml"))}

Slip = Callable[[str], str | None]
"""A line with the slip in it; None where it does not fit that line."""


def _swap(pattern: str, into: str) -> Slip:
    def slip(line: str) -> str | None:
        changed = re.sub(pattern, into, line, count=1)
        return changed if changed != line else None

    return slip


CATALOGUE: dict[str, Slip] = {
    "a tag": _swap(r"^(\s+(?:- )?[a-z_]+: )(?=[A-Za-z0-9])", r"\1!"),
    "an anchor": _swap(r"^(\s+(?:- )?[a-z_]+: )(?=[A-Za-z0-9])", r"\1&"),
    "a reserved character": _swap(r"^(\s+(?:- )?[a-z_]+: )(?=[A-Za-z0-9])", r"\1@"),
    "an unclosed quote": _swap(r"^(\s+(?:- )?[a-z_]+: )(?=[A-Za-z0-9])", r'\1"'),
    "an unclosed apostrophe": _swap(r"^(\s+(?:- )?[a-z_]+: )(?=[A-Za-z0-9])", r"\1'"),
    "an unclosed map": _swap(r"^(\s+[a-z_]+: \{[^{}]*)\}\s*$", r"\1"),
    "an unclosed list": _swap(r"^(\s+[a-z_]+: \[[^\[\]]*)\]\s*$", r"\1"),
    "a bracket too many": _swap(r"^(\s+[a-z_]+: .*\})\s*$", r"\1}"),
    "a second colon": _swap(r"^(\s+(?:- )?(?:title|id): \S+) ", r"\1: "),
    "no space behind the colon": _swap(r"^(    [a-z_]+:) (?=[A-Za-z0-9])", r"\1"),
    "one space too little": _swap(r"^    (?=(?:title|of|severity|dimension|because|promise):)", "   "),
    "one space too many": _swap(r"^    (?=(?:title|of|severity|dimension|because|promise):)", "     "),
    "a tab": _swap(r"^    (?=(?:title|of|severity|dimension|because|promise):)", "\t"),
    "an item too far left": _swap(r"^  - (?=id:)", " - "),
    "an item too far right": _swap(r"^  - (?=id:)", "   - "),
    "a bad escape": _swap(r"^(\s+title: )(.*)$", r'\1"\\q\2"'),
    "no comma": _swap(r"^(\s+measure: \{from: [a-z_]+),", r"\1"),
    "a wrong unit": _swap(r"within: ([0-9]+)s", r"within: \1 seconds"),
    "a share without sign": _swap(r"at_least: ([0-9]+)%", r"at_least: \1"),
    "an unknown key": _swap(r"^    severity:", "    severty:"),
    "an unknown word": _swap(r"^    of: ([a-z]+)", r"    of: \1zzz"),
    "an empty value": _swap(r"^(    (?:title|severity|dimension):) .*", r"\1"),
}


MOVES = frozenset(
    ("one space too little", "one space too many", "a tab", "an item too far left", "an item too far right")
)


def _item_of(lines: list[str], number: int) -> range:
    """The numbers of the lines of the item that this line belongs to."""
    begins = [n for n, line in enumerate(lines) if line.lstrip().startswith("- ") and "id:" in line]
    first = max((n for n in begins if n <= number), default=0)
    return range(first, min((n for n in begins if n > number), default=len(lines)))


def _inject(text: str, seed: int, count: int) -> tuple[str, dict[int, str]]:
    """The text with up to ``count`` slips, and where they are.

    They lie in lines that are no neighbours: an empty value above a line that was moved to the right is
    simply its value, and two that were moved alike are in line with each other.  For the same reason at
    most one item is moved: in a list of two, nobody could say which of them is right.  Nor is a key of an
    item moved that is moved itself.
    """
    dice = random.Random(seed)
    lines = text.split("\n")
    begin = lines.index("standards:") + 1
    done: dict[int, str] = {}
    for _ in range(count * 10):
        number = dice.randrange(begin, len(lines))
        name = dice.choice(sorted(CATALOGUE))
        if len(done) == count or {number, number + 1, number + 2} & set(done):
            continue
        if name.startswith("an item") and any(other.startswith("an item") for other in done.values()):
            continue
        if name in MOVES and any(done.get(other + 1, "") in MOVES for other in _item_of(lines, number)):
            continue
        changed = CATALOGUE[name](lines[number])
        if changed is not None:
            lines[number] = changed
            done[number + 1] = name
    return "\n".join(lines), done


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PACKS)), st.integers(0, 1_000_000), st.integers(1, 4))
def test_each_slip_is_told_in_its_line_and_nothing_else(pack: str, seed: int, count: int) -> None:
    text, done = _inject(PACKS[pack], seed, count)
    told = errors(load_rules([("a.yaml", text.encode())]).problems)
    lines = {problem.line for problem in told}
    assert set(done) <= lines, f"{done} not all in:\n{render(told)}"
    assert lines <= set(done), f"more than {done}:\n{render(told)}"


@pytest.mark.parametrize("pack", sorted(PACKS))
def test_a_sound_file_is_never_touched_by_mending(pack: str) -> None:
    page = Page(Source("a.yaml", tuple(PACKS[pack].split("\n"))))
    assert mend(page) == []
    assert page.text == PACKS[pack]


def _mutated(text: bytes, seed: int, count: int) -> bytes:
    dice = random.Random(seed)
    changed = bytearray(text)
    for _ in range(count):
        at = dice.randrange(len(changed))
        match dice.randrange(5):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                del changed[at : at + dice.randrange(1, 30)]
            case 2:
                changed[at:at] = bytes(
                    dice.choices(b"{}[]\"'#:-!&*|>%@`,?\t\n \\\xff\xc3\x00", k=dice.randrange(1, 4))
                )
            case 3:
                changed[at:at] = changed[at : at + dice.randrange(1, 200)]
            case 4:
                del changed[at:]
        if not changed:
            return b""
    return bytes(changed)


def _inside(problems: tuple[Problem, ...], text: bytes) -> None:
    """Every problem has a place inside the file and can be shown."""
    lines = len(re.split(rb"\r\n|\r|\n", text)) if b"\0" not in text else 1_000_000
    for problem in problems:
        assert 1 <= problem.line <= max(1, lines), problem
        assert problem.column >= 1
        assert problem.length >= 1
        assert problem.render().isprintable() or "\n" in problem.render()
        assert problem.fix or problem.stands_for > 1, problem.render()


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PACKS)), st.integers(0, 10**9), st.integers(1, 8))
def test_any_mutation_of_a_shipped_file_is_loaded_or_told(pack: str, seed: int, count: int) -> None:
    text = _mutated(PACKS[pack].encode(), seed, count)
    loaded = load_rules([("a.yaml", text)])
    assert (loaded.book is None) == bool(errors(loaded.problems))
    _inside(loaded.problems, text)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9), st.integers(1, 8))
def test_any_mutation_of_a_configuration_is_loaded_or_told(seed: int, count: int) -> None:
    text = _mutated(
        (HOUSE / "docs" / "configuration.md").read_bytes().split(b"```yaml\n")[1].split(b"```")[0],
        seed,
        count,
    )
    loaded = load_config(text, "a.yaml")
    assert (loaded.config is None) == bool(errors(loaded.problems))
    _inside(loaded.problems, text)


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes_are_told_and_never_raise(text: bytes) -> None:
    loaded = load_rules([("a.yaml", text)])
    assert loaded.book is None
    assert errors(loaded.problems)
    _inside(loaded.problems, text)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nset: a\nstandards:\n" + "  - id: @x\n" * 6_000,
        "version: 1\nset: a\nstandards:\n" + '  - id: "x\n' * 6_000,
        "a: [" * 6_000,
        "".join(" " * depth + "a:\n" for depth in range(2_000)) + "@",
        "a: {" + "b: c d: e, " * 5_000 + "}",
        "\t" * 50_000 + "a: b\n: c",
        "- " * 30_000 + "@",
        "a: |\n" + "  x\n" * 50_000 + " y\n@",
        "\n".join("x" * 50 for _ in range(6_000)) + "\n@: @",
    ],
)
def test_a_file_full_of_slips_is_told_in_seconds(text: str) -> None:
    began = time.perf_counter()
    loaded = load_rules([("a.yaml", text.encode())])
    assert errors(loaded.problems)
    assert time.perf_counter() - began < 10
