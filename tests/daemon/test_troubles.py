"""An outside failure reads as one sentence: who, doing what, since when, what it means, what happens next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from standardsd.daemon.troubles import answers_again, sentence
from standardsd.drivers.base import Trouble

SINCE = datetime(2026, 11, 21, 9, 12, tzinfo=UTC)
REFUSED = Trouble(
    doing="connecting to 10.0.0.5:5038",
    error="connection refused",
    since=SINCE,
    attempts=1,
    next_try=SINCE + timedelta(seconds=1),
    fix="check host and port",
)


@pytest.mark.parametrize(
    ("trouble", "standards", "told"),
    [
        (REFUSED, 0,
         "pbx: connection refused while connecting to 10.0.0.5:5038, failing since 09:12:00 UTC (1 attempt); "
         "check host and port; next try 09:12:01 UTC"),
        (Trouble("logging in", "Authentication failed", SINCE, 6, SINCE + timedelta(minutes=9)), 3,
         "pbx: Authentication failed while logging in, failing since 09:12:00 UTC (6 attempts); "
         "its 3 standards are unjudged until it answers; next try 09:21:00 UTC"),
        (Trouble("pinging it", "no answer within 10 s", SINCE, 2, SINCE), 1,
         "pbx: no answer within 10 s while pinging it, failing since 09:12:00 UTC (2 attempts); "
         "its 1 standard is unjudged until it answers; next try 09:12:00 UTC"),
        # Since yesterday: a time of day alone would be taken for today's.
        (Trouble("reading events", "timed out", SINCE, 900, SINCE + timedelta(hours=15)), 0,
         "pbx: timed out while reading events, failing since 2026-11-21 09:12:00 UTC (900 attempts); "
         "next try 2026-11-22 00:12:00 UTC"),
        (Trouble("reading events", "timed out", SINCE, 1, None), 0,
         "pbx: timed out while reading events, failing since 2026-11-21 09:12:00 UTC (1 attempt)"),
    ],
)  # fmt: skip
def test_a_failure_says_who_what_since_when_and_what_happens_next(
    trouble: Trouble, standards: int, told: str
) -> None:
    assert sentence("pbx", trouble, standards=standards) == told


def test_the_end_of_a_failure_says_how_long_it_was() -> None:
    now = SINCE + timedelta(seconds=1)
    assert (
        answers_again("pbx", REFUSED, now) == "pbx: answers again; it failed since 09:12:00 UTC (1 attempt)"
    )
