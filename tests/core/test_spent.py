"""How a limit is used up.  Every limit has three rows: just before, exactly, just after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standardsd.core.history import History
from standardsd.core.occurrences import occurrences
from standardsd.core.spent import spend
from standardsd.core.timing import Timing
from standardsd.model.clock import Always, open_hours
from standardsd.model.measure import TimeIn
from standardsd.model.promise import Promise
from standardsd.model.reading import Event
from standardsd.model.standard import Standard
from standardsd.model.vocabulary import VOCABULARY

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def seconds(instant: datetime | None) -> float | None:
    return None if instant is None else (instant - NINE).total_seconds()


LIMIT = timedelta(seconds=30)

# stays (entered, left), within → (due, broke)
STAYS = [
    ([(0, None)], True, (30, 30)),  # goes on past the limit: broken exactly there
    ([(0, 29)], True, (None, None)),
    ([(0, 30)], True, (30, None)),  # ended exactly there: in time
    ([(0, 31)], True, (30, 30)),
    ([(0, 30)], False, (30, 30)),  # `under` is broken by using it up
    ([(0, 29)], False, (None, None)),
    ([(0, 30), (50, None)], True, (30, 50)),  # used up by the first stay, broken by the start of the second
    ([(0, 30), (50, 50)], True, (30, 50)),  # however short
    ([(0, 20), (50, 59)], True, (None, None)),
    ([(0, 20), (50, 60)], True, (60, None)),
    ([(0, 20), (50, 61)], True, (60, 60)),
    ([(0, 20), (50, None)], True, (60, 60)),
    ([(0, 20)], True, (None, None)),  # between stays nothing is due
]


@pytest.mark.parametrize(("stays", "within", "expected"), STAYS)
def test_a_limit_is_used_up_by_stays_added_together(stays, within, expected):
    spans = [(at(a), None if b is None else at(b)) for a, b in stays]
    spent = spend(spans, LIMIT, within=within, clock=Always())
    assert (seconds(spent.due), seconds(spent.broke)) == expected


@pytest.mark.parametrize(
    ("within", "seconds_after", "in_time"),
    [
        (True, 29, True),
        (True, 30, True),
        (True, 31, False),
        (False, 29, True),
        (False, 30, False),
        (False, 31, False),
    ],
)
def test_at_exactly_due_within_is_in_time_and_under_is_not(within, seconds_after, in_time):
    spent = spend([(NINE, None)], LIMIT, within=within, clock=Always())
    assert spent.in_time(at(seconds_after)) is in_time


# stays, asked at → due as it was known then
KNOWN = [
    ([(0, None)], 0, 30),
    ([(0, 20)], 10, 30),
    ([(0, 20)], 20, 30),  # left at that very instant: until then it ran
    ([(0, 20)], 21, None),  # no stay runs
    ([(0, 20), (50, None)], 49, None),
    ([(0, 20), (50, None)], 50, 60),
    ([(0, 30), (50, None)], 45, 30),  # used up: it stays due
]


@pytest.mark.parametrize(("stays", "asked", "expected"), KNOWN)
def test_due_is_as_known_at_the_instant_asked(stays, asked, expected):
    told = []
    for entered, left in stays:
        told += [("held", entered)] + ([] if left is None else [("resumed", left)])
    history = History.empty()
    for name, second in told:
        history.add(Event("pbx", "call", "1", name, at(second)))
    promise = Promise(LIMIT, within=True)
    one = Standard("s", "S", "call", TimeIn("on_hold"), promise, "sha256:r", "set")
    kind = VOCABULARY["call"]
    time = Timing(one, kind, history, occurrences(one, kind, history.ordered(kind))[0])
    time.take(promise)
    assert seconds(time.due_at(at(asked))) == expected


DESK = open_hours("desk", ((at(0), at(100)), (at(200), at(300)), (at(400), at(500))))

# start, limit → due
OPEN = [
    (0, 0, 0),  # nothing to use up
    (150, 0, 150),
    (0, 99, 99),
    (0, 100, 100),  # used up exactly at closing time: due at closing time
    (0, 101, 201),
    (100, 10, 210),  # the closing instant is out
    (150, 10, 210),
    (0, 300, 500),
    (0, 301, None),  # never open for long enough
]


@pytest.mark.parametrize(("start", "limit", "due"), OPEN)
def test_only_open_time_counts(start, limit, due):
    assert seconds(DESK.due(at(start), timedelta(seconds=limit))) == due


@given(st.integers(-50, 600), st.integers(0, 400))
def test_elapsed_until_due_is_the_limit(start, limit):
    due = DESK.due(at(start), timedelta(seconds=limit))
    if due is not None:
        assert DESK.elapsed(at(start), due) == timedelta(seconds=limit)


@given(st.integers(-50, 600), st.integers(0, 300), st.integers(0, 300))
def test_elapsed_time_adds_up(start, first, second):
    a, b, c = at(start), at(start + first), at(start + first + second)
    assert DESK.elapsed(a, b) + DESK.elapsed(b, c) == DESK.elapsed(a, c)
    assert DESK.elapsed(b, a) == -DESK.elapsed(a, b)
