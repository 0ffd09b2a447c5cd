"""Values as people are shown them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standardsd.language.spoken import counted, duration_text
from standardsd.language.words import duration


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=60), "1m"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(days=30), "30d"),
        (timedelta(hours=36), "1d12h"),
        (timedelta(milliseconds=1500), "1.5s"),
        (timedelta(seconds=59, microseconds=999_999), "59.999999s"),  # not rounded to a minute that it is not
        (timedelta(minutes=1, milliseconds=500), "1m0.5s"),
        (timedelta(seconds=1), "1s"),
        (timedelta(milliseconds=50), "50ms"),
        (timedelta(microseconds=1500), "1.5ms"),
        (timedelta(microseconds=7), "7us"),
    ],
)
def test_a_duration_is_shown_as_people_write_it(length: timedelta, shown: str) -> None:
    assert duration_text(length) == shown
    assert duration(shown) == length


def test_one_thing_is_not_told_in_the_plural() -> None:
    assert [counted(n, "attempt") for n in (0, 1, 2)] == ["0 attempts", "1 attempt", "2 attempts"]


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500)))
def test_a_duration_written_is_read_back(length: timedelta) -> None:
    assert duration(duration_text(length)) == length
