"""What is promised, in a few words."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from standardsd.language.promised import promised
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Until

MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)

WORDS: list[tuple[AnyPromise, str]] = [
    (Promise(60 * MINUTES, within=True), "within 1h"),
    (Promise(timedelta(seconds=9.9), within=False), "under 9.9s"),
    (Promise(timedelta(0), within=True), "within 0s"),
    (OpenDays(1, within=True), "within 1 open day"),
    (OpenDays(5, within=False), "under 5 open days"),
    (Until(time(14)), "until 14:00"),
    (Until(time(9, 30, 15)), "until 09:30:15"),
    (Between(-2 * MINUTES, 2 * MINUTES), "between -2m and 2m"),
    (Limits(highest=10), "at most 10"),
    (Limits(highest=10, highest_in=False), "under 10"),
    (Limits(lowest=4.5), "at least 4.5"),
    (Limits(lowest=4.5, lowest_in=False), "over 4.5"),
    (Limits(lowest=0.85, unit="%"), "at least 85%"),
    (Limits(lowest=0.999, unit="%"), "at least 99.9%"),
    (Limits(highest=90, unit="s", hold_for=5 * MINUTES), "at most 1m30s, not for 5m"),
    (Limits(lowest=2, highest=8), "between 2 and 8"),
    (
        Grid(
            "priority", {"P1": Promise(15 * MINUTES, True), "P2": OpenDays(1, True)}, Promise(4 * HOURS, True)
        ),
        "by priority: P1 within 15m, P2 within 1 open day, else within 4h",
    ),
    (Grid("channel", {"mail": Until(time(17))}), "by channel: mail until 17:00"),
]


@pytest.mark.parametrize(("promise", "text"), WORDS, ids=[text for _, text in WORDS])
def test_a_promise_is_told_as_its_rule_writes_it(promise: AnyPromise, text: str) -> None:
    assert promised(promise) == text
