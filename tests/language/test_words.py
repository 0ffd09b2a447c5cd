"""Durations, shares, instants and names: one row, one idea, its comment the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standardsd.language import words
from standardsd.language.where import glob
from standardsd.language.words import Wrong


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0", timedelta(0)),  # only zero needs no unit
        ("0s", timedelta(0)),
        ("60s", timedelta(seconds=60)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("1.5h", timedelta(hours=1, minutes=30)),
        ("0.1s", timedelta(milliseconds=100)),  # exact, not the nearest float
        ("20ms", timedelta(milliseconds=20)),
        ("1us", timedelta(microseconds=1)),
        ("0.001ms", timedelta(microseconds=1)),
        ("1d", timedelta(hours=24)),  # always 24 hours
        ("6rings", timedelta(seconds=19.8)),  # 3.3 s each
        ("36500d", timedelta(days=36_500)),  # exactly the longest
    ],
)
def test_a_duration_is_read_exactly(text: str, length: timedelta) -> None:
    assert words.duration(text) == length


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("10 mins", "'10 mins' is not a duration", "write 10m;"),
        ("1 hour and 30 minutes", "is not a duration", "write 1h30m;"),
        ("1,5h", "is not a duration", "write 1.5h;"),
        ("5 min", "is not a duration", "write 5m;"),
        ("90 seconds", "is not a duration", "write 90s;"),
        ("30sec", "is not a duration", "write 30s;"),
        ("1.5 hrs", "is not a duration", "write 1.5h;"),
        ("one minute", "is not a duration", "write 1m;"),
        ("half an hour", "is not a duration", "write 0.5h;"),
        ("2 weeks", "is not a duration", "write 14d;"),
        ("10 MINS", "is not a duration", "write 10m;"),
        ("ten moons", "is not a duration", "write 30s, 10m"),
        ("90", "'90' has no unit", "write 90s if seconds are meant"),
        ("1:30", "is a time of day", "write 1m30s;"),
        ("-5m", "is negative", "0 or more"),
        ("30m1h", "out of order", "write 1h30m"),
        ("1h1h", "twice", "write 2h"),
        ("0.5us", "finer than a microsecond", "whole microseconds"),
        ("36501d", "longer than a hundred years", "shorter"),
        ("5bd", "open days of a calendar, which only within: and under:", "write a time on the clock"),
        ("", "'' is not a duration", "30s"),
        ("s", "is not a duration", "30s"),
        ("1e3s", "is not a duration", "30s"),
        ("٣s", "is not a duration", "30s"),  # digits of another script would be read by int()
        ("1" * 40 + "s", "is not a duration", "30s"),
    ],
)
def test_a_wrong_duration_says_what_to_write(text: str, said: str, fix: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.duration(text)
    assert said in wrong.value.text
    assert fix in wrong.value.fix


@given(st.text(max_size=40))
def test_any_text_is_a_duration_or_wrong_with_a_fix(text: str) -> None:
    try:
        assert words.duration(text) >= timedelta(0)
    except Wrong as wrong:
        assert wrong.text and wrong.fix


@pytest.mark.parametrize(
    ("text", "share"), [("95%", 0.95), ("99.9%", 0.999), ("0", 0.0), ("0%", 0.0), ("100%", 1.0)]
)
def test_a_share_is_read(text: str, share: float) -> None:
    assert words.percent(text) == share


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("95", "write 95%"),
        ("0.95", "write 95%"),  # a share written as a ratio
        ("101%", "from 0% to 100%"),
        ("95 %", "write 95%"),
        ("95 percent", "write 95%"),
        ("99,5 %", "write 99.5%"),
        ("101", "from 0% to 100%"),  # 101% would be refused, too
        ("-1%", "from 0% to 100%"),
    ],
)
def test_a_wrong_share_says_what_to_write(text: str, fix: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.percent(text)
    assert fix in wrong.value.fix


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-01T00:00:00Z", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T02:00:00+02:00", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01 00:00:00.000001Z", datetime(2026, 11, 1, 0, 0, 0, 1, tzinfo=UTC)),
        ("2026-11-01T00:00Z", datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_kept_in_utc(text: str, at: datetime) -> None:
    assert words.instant(text) == at
    assert words.instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-01T00:00:00", "has no offset"),
        ("2026-02-30T00:00:00Z", "does not exist"),
        ("2026-11-01T25:00:00Z", "does not exist"),
        ("0001-01-01T00:00:00+01:00", "does not exist"),  # before the first instant there is
        ("2026-11-01", "is not an instant"),
        ("yesterday", "is not an instant"),
    ],
)
def test_a_wrong_instant_is_named(text: str, said: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.instant(text)
    assert said in wrong.value.text


@pytest.mark.parametrize("text", ["*", "grand-*", "!grand-test", "a[bc]d", "[!x]y", "[]x]", "[[]", "", "ü?"])
def test_a_pattern_is_taken_as_written(text: str) -> None:
    assert glob(text) == text


@pytest.mark.parametrize("text", ["!", "a[b", "[]", "x" * 257])
def test_a_pattern_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        glob(text)


@pytest.mark.parametrize(
    ("text", "known", "near"),
    [
        ("serverity", ["severity", "settle", "set"], "severity"),
        ("Keep-Firing-For", ["keep_firing_for", "for"], "keep_firing_for"),
        ("xyz", ["severity"], None),
        ("", ["severity"], None),
    ],
)
def test_the_nearest_known_word_is_offered(text: str, known: list[str], near: str | None) -> None:
    assert words.nearest(text, known) == near


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("020", "write 20"),
        ("2.0", "write 2"),
        ("2.5", "digits only"),
        ("-1", "0 or more"),
        ("1_000", "write 1000"),
        ("1,000", "write 1000"),
    ],
)
def test_a_whole_number_is_written_in_one_way(text: str, fix: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.whole(text)
    assert fix in wrong.value.fix


@pytest.mark.parametrize(
    ("text", "fix"), [("Yes", "write true"), ("off", "write false"), ("maybe", "true or false")]
)
def test_yes_and_no_are_written_in_one_way(text: str, fix: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.yes_no(text)
    assert fix in wrong.value.fix


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("Greet Within 60s", "write greet-within-60s"),
        ("ab_c", "write ab-c"),
        ("-a", "write a"),
        ("é", "lower-case"),
    ],
)
def test_a_name_that_is_none_is_offered_as_one(text: str, fix: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.name(text)
    assert fix in wrong.value.fix


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("127.0.0.1:9093", "write http://127.0.0.1:9093"),  # Alertmanager and we speak http
        ("localhost:8080", "write http://localhost:8080"),
        ("[::1]:9093", "write http://[::1]:9093"),
        ("example.org/hold", "write https://example.org/hold"),  # a page is read by https
        ("htps://example.org", "write https://example.org"),
        ("http:/example.org", "write http://example.org"),
        ("javascript:alert(1)", "begins with http:// or https://"),
        ("javascript://x/%0aalert(1)", "begins with http:// or https://"),
        ("mailto:me@example.org", "begins with http:// or https://"),
        ("", "begins with http:// or https://"),
    ],
)
def test_an_address_without_its_scheme_is_offered_with_the_right_one(text: str, fix: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.url(text)
    assert fix in wrong.value.fix


_spoken = st.sampled_from(
    ["10 mins", "1.5 hrs", "one minute", "2 weeks and 1 day", "90 Seconds", "1h, 30 min"]
)


@given(_spoken)
def test_what_is_offered_for_a_duration_is_one(text: str) -> None:
    with pytest.raises(Wrong) as wrong:
        words.duration(text)
    offered = wrong.value.fix.removeprefix("write ").split(";")[0]
    assert words.duration(offered) > timedelta(0)
