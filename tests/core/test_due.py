"""The one structure of due instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from standardsd.core.due import SWEEP_ABOVE, Dues, Lane

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def test_a_key_stands_at_one_instant_only():
    lane: Lane[str] = Lane()
    lane.set("call", at(10))
    lane.set("call", at(20))
    assert lane.first() == at(20)
    assert list(lane.reached(at(19))) == []
    assert list(lane.reached(at(20))) == ["call"]
    assert lane.first() is None


def test_a_key_taken_out_is_not_reached():
    lane: Lane[str] = Lane()
    lane.set("call", at(10))
    lane.set("call", None)
    assert list(lane.reached(at(99))) == []
    assert len(lane) == 0


def test_a_key_set_back_to_an_instant_it_had_before_comes_once():
    lane: Lane[str] = Lane()
    for instant in (10, 20, 10):
        lane.set("call", at(instant))
    assert list(lane.reached(at(99))) == ["call"]


def test_what_was_replaced_is_swept_out():
    lane: Lane[str] = Lane()
    for second in range(100 * SWEEP_ABOVE):
        lane.set("call", at(second))
    assert len(lane._heap) <= SWEEP_ABOVE + 3  # the bound its docstring states


@given(
    st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 100)), max_size=60), st.integers(0, 100)
)
def test_a_lane_yields_what_a_plain_table_would(changes, until):
    lane: Lane[int] = Lane()
    table: dict[int, datetime] = {}
    for key, second in changes:
        lane.set(key, None if second is None else at(second))
        table.pop(key, None)
        if second is not None:
            table[key] = at(second)
    expected = {key: instant for key, instant in table.items() if instant <= at(until)}
    came = list(lane.reached(at(until)))
    assert sorted(came) == sorted(expected)
    assert [table[key] for key in came] == sorted(expected.values())


def test_each_source_is_waited_for_by_itself():
    dues: Dues[str, str] = Dues()
    dues.of("pbx").set("call", at(30))
    dues.wall.set("risk", at(20))
    assert dues.next_due("pbx") == at(30)
    assert dues.next_due("desk") is None
    assert dues.next_wakeup() == at(20)
