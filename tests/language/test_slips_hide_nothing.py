"""Slips put into sound files at random: each is told where it is, and nothing else is told."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standardsd.language.problems import errors, render
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


def _inject(text: str, seed: int, count: int) -> tuple[str, dict[int, str]]:
    """The text with up to ``count`` slips in lines that are not neighbours, and where they are."""
    dice = random.Random(seed)
    lines = text.split("\n")
    begin = lines.index("standards:") + 1
    done: dict[int, str] = {}
    for _ in range(count * 10):
        number = dice.randrange(begin, len(lines))
        name = dice.choice(sorted(CATALOGUE))
        if len(done) == count or {number, number + 1, number + 2} & set(done):
            continue
        changed = CATALOGUE[name](lines[number])
        if changed is not None:
            lines[number] = changed
            done[number + 1] = name
    return "\n".join(lines), done


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PACKS)), st.integers(0, 1_000_000), st.integers(1, 4))
def test_each_slip_is_told_in_its_line_and_nothing_else(pack: str, seed: int, count: int) -> None:
    text, done = _inject(PACKS[pack], seed, count)
    told = errors(load_rules([("a.yaml", text.encode())]).problems)
    lines = {problem.line for problem in told}
    assert set(done) <= lines, f"{done} not all in:\n{render(told)}"
    assert lines <= set(done), f"more than {done}:\n{render(told)}"
