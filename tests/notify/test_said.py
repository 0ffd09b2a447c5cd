"""What a worker remembers of what it said, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from standardsd.notify.said import LastWords, Quarantine, ended_kept_for
from tests.notify.parts import NOON, SECOND, message

MICROSECOND = timedelta(microseconds=1)


def test_an_older_word_is_known_as_older_and_the_same_as_said() -> None:
    words = LastWords()
    fired, ended = message("a"), message("a", ended=NOON + SECOND)
    assert not words.is_said(fired)
    words.say(ended, NOON)
    assert words.is_older(fired) and words.is_said(fired)
    assert words.is_said(ended) and not words.is_older(ended)
    again = message("a", at=NOON + 2 * SECOND)
    assert not words.is_said(again)
    assert not words.is_said(message("b"))


@pytest.mark.parametrize(
    ("after", "stands", "known"),
    [
        (ended_kept_for - MICROSECOND, False, True),
        (ended_kept_for, False, False),  # a quarter of an hour on, no snapshot is that late
        (ended_kept_for, True, True),  # as long as it stands
    ],
)
def test_an_ended_alert_is_forgotten_when_it_stands_nowhere_for_long(
    after: timedelta, stands: bool, known: bool
) -> None:
    words = LastWords()
    fired, ended = message("a"), message("a", ended=NOON + SECOND)
    words.say(ended, NOON)
    words.say(message("firing"), NOON)
    words.forget_ended({ended.identity} if stands else set(), NOON + after)
    assert words.is_older(fired) is known
    assert words.is_said(message("firing"))  # a firing one is never forgotten for its age


def test_the_memory_has_an_end_and_the_oldest_word_goes_first() -> None:
    words = LastWords(words_max=3)
    for name in ("a", "b", "c", "a", "d"):
        words.say(message(name), NOON)
    assert len(words) == 3
    assert [words.is_said(message(name)) for name in "abcd"] == [True, False, True, True]


def test_a_refused_alert_is_held_until_its_time_and_only_in_that_word() -> None:
    held = Quarantine(timedelta(minutes=10))
    held.hold(message("a"), NOON)
    just_before = NOON + timedelta(minutes=10) - MICROSECOND
    assert held.holds(message("a"), just_before)
    assert not held.holds(message("b"), just_before)
    assert not held.holds(message("a", ended=NOON + SECOND), just_before)
    held.hold(message("a"), NOON)
    assert not held.holds(message("a"), NOON + timedelta(minutes=10))
