"""The first few of many, against a sorted list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from standardsd.core.soonest import Soonest

steps = st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 5)), max_size=300)


@given(steps, st.integers(0, 12))
def test_the_first_few_are_those_of_the_lowest_rank(steps: list[tuple[int, int | None]], count: int) -> None:
    mine: Soonest[int] = Soonest()
    plain: dict[int, int] = {}
    for key, rank in steps:
        if rank is None:
            mine.drop(key)
            plain.pop(key, None)
        else:
            mine.set(key, (rank, key))
            plain[key] = rank
        wanted = sorted(plain, key=lambda k: (plain[k], k))
        assert mine.firsts(count) == wanted[:count]
        assert mine.first() == ((plain[wanted[0]], wanted[0]) if wanted else None)
        assert mine.first_key() == (wanted[0] if wanted else None)
        assert (len(mine), 3 in mine) == (len(plain), 3 in plain)
