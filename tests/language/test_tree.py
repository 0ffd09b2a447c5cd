"""YAML with places: what is refused, where, and that any bytes give an answer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.language import tree
from standardsd.language.problems import Level, Problem, problems_max, render
from standardsd.language.tree import Broken, Items, Map, Text, parse, texts


def read(text: str | bytes) -> tuple[tree.Node | None, list[Problem]]:
    return parse(text if isinstance(text, bytes) else text.encode(), "rules/a.yaml")


def test_a_problem_is_told_with_its_line_carets_and_fix() -> None:
    _, problems = read("version: 1\nwhere: {site: *x}\n")
    assert render(problems) == (
        "rules/a.yaml:2:15: an alias (*) refers to a value elsewhere\n"
        "  2 | where: {site: *x}\n"
        "    |               ^^\n"
        '  fix: write the value itself; a text that begins with * is quoted: "*x"'
    )


@pytest.mark.parametrize(
    "text",
    ["on", "no", "012", "14:00", "2026-03-02", "~", "null", "1e3", "0x1f", ".5", "True", "1_000", "=", "a:b"],
)
def test_a_plain_scalar_is_the_text_as_written(text: str) -> None:
    root, problems = read(f"key: {text}\n{text}: value\n")
    assert problems == []
    assert isinstance(root, Map)
    assert [found.text for found in texts(root)] == ["key", text, text, "value"]


@pytest.mark.parametrize(
    ("text", "place", "said", "fix"),
    [
        ("a: &x 1", (1, 4), "an anchor (&)", "quoted"),
        ("a: &x [1]", (1, 4), "an anchor (&)", "quoted"),
        ("a: *x", (1, 4), "an alias (*)", '"*x"'),
        ("*x : 1", (1, 1), "an alias (*)", '"*x"'),
        ("<<: {a: b}", (1, 1), "a merge key", "write the keys out"),
        ("a: !b c", (1, 4), "a tag (!)", '"!b c"'),
        ("a: !!int 3", (1, 4), "a tag (!)", "!!int"),
        ("a: !x [1]", (1, 4), "a tag (!)", "leave it out"),
        (
            "a: 1\nb: 2\na: 3",
            (3, 1),
            "'a' stands here a second time; it was first written in line 1",
            "keep one",
        ),
        ("a:\nb: 1", (1, 1), "'a' has no value", "leave the line out"),
        ("a: #b", (1, 1), "'a' has no value", "quoted"),
        ("- 1\n-\n", (2, 2), "an empty value", "leave the line out"),
        ("a: {b}", (1, 5), "'b' has no value", "write the value"),
        ('"": 1', (1, 1), "an empty key", "in front of the colon"),
        ("? [a]\n: 1", (1, 3), "a key is not a text", "in front of the colon"),
        ("a: 1\n---\nb: 1", (2, 1), "a second document", "file of its own"),
        ("%YAML 1.1\n---\na: 1", (1, 1), "a directive", "leave out"),
        ("%TAG ! !x\n---\na: 1", (1, 1), "a directive", "leave out"),
        ("a:\n\tb: 1", (2, 1), "a tab in the indentation", "spaces"),
        ("a: @b", (1, 4), "a text begins with @", '"@b"'),
        ("a: %b", (1, 4), "a text begins with %", '"%b"'),
        ("a: `b", (1, 4), "a text begins with `", '"`b"'),
        ("a: b: c", (1, 5), "a second ':'", "quote"),
        ("a: 'b", (1, 4), "a quote is never closed", "close it"),
        ('a: "b\\q"', (1, 6), "an unknown escape", "backslash"),
        ("a: [1, 2", (1, 4), "a list is not closed", "]"),
        ("a: {b: 1", (1, 4), "a map is not closed", "}"),
        ("a: }", (1, 4), "a value was expected", "bracket"),
        ("a: - b", (1, 4), "an item ('- ') where none can stand", "new line"),
        ("- a\nb: c", (2, 1), "indented like a list", "- "),
        ("", (1, 1), "the file is empty", "version: 1"),
        ("# only a comment\n", (1, 1), "the file is empty", "version: 1"),
        ("a: \x00", (1, 4), "U+0000", "delete"),
        ("ab: \x1b[31m", (1, 5), "U+001B", "delete"),
        ("a: 1\nb: \u2028", (2, 4), "U+2028", "delete"),
        (b"a: 1\nb: \xff", (2, 4), "byte 0xff is not UTF-8", "UTF-8"),
        (b"\xff\xfea\x00", (1, 1), "saved as UTF-16 (little-endian), not as UTF-8", "UTF-8"),
        ("a: " + "[" * 40, (1, 4 + tree.depth_max - 1), "nested deeper than 32 levels", "flatter"),
        ("a: " + "x" * 100_000, (1, 1), "the line has 100003 characters", "100000"),
    ],
)
def test_what_makes_yaml_surprising_is_refused_by_name(
    text: str | bytes, place: tuple[int, int], said: str, fix: str
) -> None:
    _, problems = read(text)
    assert len(problems) == 1, render(problems)
    assert (problems[0].line, problems[0].column) == place
    assert said in problems[0].text
    assert fix in problems[0].fix


def test_problems_behind_a_slip_of_punctuation_are_found_too() -> None:
    _, problems = read("a: @b\nc: d: e\nf:\n\tg: 1\nh: *x\na: 2\n")
    assert [(p.line, p.column) for p in sorted(problems, key=lambda p: p.line)] == [
        (1, 4), (2, 5), (4, 1), (5, 4), (6, 1),
    ]  # fmt: skip


def test_a_refused_value_is_broken_and_the_rest_is_read() -> None:
    root, problems = read("a: &x 1\nb: [1, !t 2]\nc: 3\n")
    assert len(problems) == 2
    assert isinstance(root, Map)
    assert isinstance(root.get("a"), Broken)
    items = root.get("b")
    assert isinstance(items, Items)
    assert [type(item) for item in items.items] == [Text, Broken]
    assert [found.text for found in texts(root)] == ["a", "b", "1", "c", "3"]


def test_places_count_characters_from_one() -> None:
    root, _ = read("größe: {é: [ü]}\r\nzwei: |\r\n  drei\r\n")
    assert root is not None
    assert [(t.text, t.place.line, t.place.column) for t in texts(root)] == [
        ("größe", 1, 1), ("é", 1, 9), ("ü", 1, 13), ("zwei", 2, 1), ("drei\n", 2, 7),
    ]  # fmt: skip


def test_a_byte_order_mark_is_named_and_skipped() -> None:
    root, problems = read(b"\xef\xbb\xbfa: 1")
    assert [(p.level, p.text) for p in problems] == [
        (Level.LINT, "the file begins with a byte-order mark (it is UTF-8 with BOM)")
    ]
    assert isinstance(root, Map)


def test_nesting_as_deep_as_allowed_is_read() -> None:
    root, problems = read("[" * tree.depth_max + "]" * tree.depth_max)
    assert problems == []
    assert isinstance(root, Items)


@pytest.mark.parametrize(
    "deep", ["[" * 1_000_000, "- " * 500_000, "{a: " * 200_000, "\n".join("[" * 90_000 for _ in range(9))]
)
def test_deep_nesting_is_an_error_and_no_crash(deep: str) -> None:
    root, problems = read(deep)
    assert root is None
    assert len(problems) >= 1


def test_a_file_that_is_too_large_is_not_read() -> None:
    began = time.perf_counter()
    root, problems = read(b"a" * (tree.bytes_max + 1))
    assert root is None
    assert "the file has 8388609 bytes" in problems[0].text
    assert time.perf_counter() - began < 1


def test_a_file_of_too_many_values_is_stopped() -> None:
    line = "[" + "[]," * 30_000 + "]\n"
    root, problems = read("".join("- " + line for _ in range(4)))
    assert root is None
    assert "more than 100000 values" in problems[-1].text


def test_no_more_than_a_hundred_problems_are_told() -> None:
    _, problems = read("".join(f"k{n}:\n" for n in range(1_000)))
    assert len(problems) == problems_max + 1
    assert problems[-1].text == "900 more problems in this file are not shown"


def test_a_file_cannot_paint_on_the_terminal() -> None:
    _, problems = read("a: *\u202ex\n")
    assert "\u202e" not in render(problems)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_tree_or_a_problem(text: bytes) -> None:
    root, problems = parse(text, "f")
    assert root is not None or problems
    assert render(problems) or not problems


_pieces = [
    *"ab[]{},'\"&*!|>#?@`%\t\n\r\\é1\x85\ufeff:",
    ": ",
    "- ",
    " #",
    "? ",
    "\n  ",
    "\n    ",
    "---",
    "...",
    "<<",
]
_piece = st.sampled_from(_pieces)


@settings(max_examples=500)
@given(st.lists(_piece, max_size=40).map("".join))
def test_any_yaml_like_text_gives_a_tree_or_problems_inside_the_file(text: str) -> None:
    root, problems = parse(text.encode(), "f")
    assert root is not None or problems
    last = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for problem in problems:
        assert 1 <= problem.line <= last
        assert problem.column >= 1
        assert problem.length >= 1
        assert problem.render()
