"""The decision tables of the core stand whole: every pair has its row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from standardsd.core.alerts import NEXT, AlertLife, step, wakes_at
from standardsd.core.closing import ENDED_IN_TIME, ENDED_LATE, REASONS
from standardsd.core.speaking import SPEAK, UNSAID
from standardsd.model.decision import AlertState, Verdict
from standardsd.model.standard import Policy
from standardsd.model.vocabulary import Ending

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
S = AlertState


def test_every_pair_of_said_and_known_has_a_row():
    assert set(SPEAK) == set(product((UNSAID, None, *Verdict), (None, *Verdict)))


def test_every_policy_and_ending_has_a_word():
    assert set(ENDED_IN_TIME) == set(ENDED_LATE) == set(Policy)
    assert set(REASONS) == set(Ending)


def test_every_alert_state_knows_what_comes_next():
    steps = {S.INACTIVE, S.PENDING, S.FIRING, S.RESOLVED}
    assert set(NEXT) == set(product(steps, (True, False, None)))


# state, holds, seconds since the last change, for → state, told?
LIVES = [
    (S.INACTIVE, True, 0, 0, S.FIRING, True),  # without `for` it is never pending
    (S.INACTIVE, True, 0, 10, S.PENDING, True),
    (S.PENDING, True, 9, 10, S.PENDING, False),
    (S.PENDING, True, 10, 10, S.FIRING, True),  # exactly `for`: it fires
    (S.PENDING, True, 11, 10, S.FIRING, True),
    (S.PENDING, False, 5, 10, S.INACTIVE, True),
    (S.PENDING, None, 99, 10, S.PENDING, False),  # unknown fires nothing
    (S.FIRING, True, 99, 10, S.FIRING, False),
    (S.FIRING, False, 0, 10, S.RESOLVED, True),
    (S.FIRING, None, 99, 0, S.FIRING, False),  # unknown resolves nothing
    (S.RESOLVED, True, 5, 0, S.FIRING, True),
    (S.RESOLVED, True, 5, 10, S.PENDING, True),
    (S.RESOLVED, False, 5, 0, S.RESOLVED, False),
    (S.INACTIVE, None, 5, 0, S.INACTIVE, False),
]


@pytest.mark.parametrize(("state", "holds", "passed", "hold_for", "after", "told"), LIVES)
def test_an_alert_moves_from_state_to_state(state, holds, passed, hold_for, after, told):
    life = AlertLife(state, NINE)
    now = NINE + timedelta(seconds=passed)
    changed = step(life, holds=holds, hold_for=timedelta(seconds=hold_for), now=now)
    assert (life.state, changed) == (after, told)
    assert life.since == (now if told else NINE)


def test_a_pending_alert_wakes_when_it_will_fire():
    life = AlertLife(S.PENDING, NINE)
    assert wakes_at(life, timedelta(seconds=10)) == NINE + timedelta(seconds=10)
    assert wakes_at(AlertLife(S.FIRING, NINE), timedelta(seconds=10)) is None
