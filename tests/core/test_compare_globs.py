"""Whether one list of globs lies within another: exactly as matching every text would show it."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from standardsd.core.compare import globs
from standardsd.core.compare.globs import all_within, within
from standardsd.model.standard import glob_match

TABLE = [
    # one, other, whether everything that the one lets through passes the other; why
    (("a",), ("a", "b"), True),
    (("a", "b"), ("a",), False),
    (("grand-budapest",), ("grand-*",), True),
    (("grand-*",), ("grand-budapest",), False),
    (("grand-*", "!grand-test"), ("grand-*",), True),
    (("grand-*",), ("grand-*", "!grand-test"), False),
    (("grand-b*",), ("grand-*", "!grand-test"), True),  # no text of the one is the excluded one
    (("[ab]",), ("a", "b"), True),
    (("a", "b"), ("[a-c]",), True),
    (("[!a]",), ("?", "!a"), True),
    (("?", "!a"), ("[!a]",), True),
    (("*",), (), True),
    ((), ("*",), False),  # a missing label
    ((), (), True),
    (("!a",), (), True),
    (("!a*",), ("!ab",), True),  # whoever leaves out more lets less through
    (("!ab",), ("!a*",), False),
    (("a*b",), ("*b", "!*c"), True),
    (("a*",), ("a", "a?*"), True),  # together they are the same
    (("A",), ("a",), False),
    (("[[]x]",), ("*]",), True),
]


@pytest.mark.parametrize(("one", "other", "inside"), TABLE)
def test_one_lies_within_the_other(one: tuple[str, ...], other: tuple[str, ...], inside: bool) -> None:
    assert within(one, other) is inside


def test_random_lists_agree_with_every_short_text() -> None:
    """Up to four letters of two and one that no glob names: enough for globs of three tokens."""
    texts = ["".join(t) for n in range(5) for t in itertools.product("abx", repeat=n)]
    rng = random.Random(7)
    tokens = ("a", "b", "*", "?", "[ab]", "[!a]")
    outcomes = set()
    for _ in range(3_000):
        one, other = (
            tuple(
                rng.choice(("", "", "!")) + "".join(rng.choices(tokens, k=rng.randint(1, 3)))
                for _ in range(rng.randint(0, 2))
            )
            for _ in range(2)
        )
        shown = all(glob_match(other, text) for text in (*texts, None) if glob_match(one, text))
        assert within(one, other) is shown, (one, other)
        outcomes.add(shown)
    assert outcomes == {True, False}


def test_all_labels_must_lie_within() -> None:
    assert all_within({"site": ("a",), "queue": ("q",)}, {"site": ("a", "b")})
    assert not all_within({"site": ("a",)}, {"site": ("a",), "queue": ("q",)})
    assert all_within({"site": ("a",)}, {})


def test_lists_made_to_take_long_are_given_up_in_time() -> None:
    """Nothing is claimed then, and the diff calls the change different."""
    stars = tuple("*" + "?" * n + "a*b" + "?" * n for n in range(1, 14))
    began = time.perf_counter()
    assert within(stars, ("*a*",)) in (True, False)
    assert not within(stars, tuple(f"{star}c" for star in stars))
    assert time.perf_counter() - began < 10, f"{globs.states_max} combinations took too long"
