"""The list of instants against a plain sorted list, and what it does with those it has let go of."""

from __future__ import annotations

import random
from bisect import bisect_right, insort
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standardsd.core import instants
from standardsd.core.instants import Instants, instant, micros, span_micros


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instants, "chunk_max", 4)  # so that a few dozen instants are many chunks


steps = st.lists(st.tuples(st.sampled_from(("add", "add", "add", "remove", "forget")), st.integers(-3, 40)))


@given(steps, st.randoms(use_true_random=False))
def test_it_counts_like_a_sorted_list(steps: list[tuple[str, int]], rng: random.Random) -> None:
    """Positions are those of a list that nothing is ever cut from in front."""
    mine, plain, gone = Instants(), list[int](), 0
    for word, us in steps:
        if word == "add":
            mine.add(us)
            insort(plain, us)
        elif word == "remove":
            there = us in plain
            if mine.remove(us):
                assert there
                plain.remove(us)
            else:
                assert not there
        else:
            mine.forget(us)
            left = len(plain) - len(mine)
            assert all(old <= us for old in plain[:left]), "only what is old may go"
            assert bisect_right(plain, us) - left <= 4, "at most the rest of a chunk stays"
            del plain[:left]
            gone += left
        assert list(mine) == plain
        assert len(mine) == len(plain)
        for asked in (us - 1, us, us + 1, -10, 50):
            assert mine.up_to(asked) == gone + bisect_right(plain, asked)
        place = rng.randint(-1, len(plain))
        assert mine.at(gone + place) == (plain[place] if 0 <= place < len(plain) else None)
    assert list(Instants.unpack(mine.pack())) == plain
    assert len(mine.pack()) == 8 * len(plain)


def test_one_of_several_at_the_same_instant_is_taken_out_at_a_time() -> None:
    mine = Instants([7] * 9)
    assert [mine.remove(7) for _ in range(10)] == [True] * 9 + [False]
    assert (len(mine), mine.up_to(100)) == (0, 0)


@pytest.mark.parametrize("packed", [b"1234567", Instants([1]).pack() + b"x"])
def test_bytes_that_are_no_instants_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="no list of instants"):
        Instants.unpack(packed)


def test_instants_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="out of order"):
        Instants.unpack(Instants([5]).pack() + Instants([4]).pack())


@pytest.mark.parametrize(
    "at", [datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), datetime(2026, 3, 2, 9, 0, 0, 1, UTC)]
)
def test_an_instant_is_the_same_to_the_microsecond_in_both_forms(at: datetime) -> None:
    assert instant(micros(at)) == at
    assert micros(at + timedelta(microseconds=1)) == micros(at) + 1
    assert micros(at + timedelta(days=90)) - micros(at) == span_micros(timedelta(days=90))
