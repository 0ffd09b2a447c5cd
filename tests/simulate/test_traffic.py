"""The simulated traffic: a pure function of seed and time, shaped like a day, in the vocabulary's words."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.drivers.sim_stories import PROFILES, STORY_SECONDS_MAX
from standardsd.drivers.sim_traffic import Story, Traffic
from standardsd.drivers.simulate import yields_of
from standardsd.model.vocabulary import VOCABULARY

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
profiles = st.sampled_from(sorted(PROFILES))
seeds = st.integers(0, 10_000)
seconds = st.integers(0, 900).map(lambda s: timedelta(seconds=s))


def traffic(profile: str = "hotel", seed: int = 1, speed: float = 144.0, busy: float = 1.0) -> Traffic:
    return Traffic("sim", profile, seed, speed, busy, starts_at=9.0, labels=(("site", "grand-budapest"),))


def stories(made: Traffic, since: timedelta, until: timedelta) -> list[Story]:
    found = made.stories(after=NOON + since, until=NOON + until, anchor=NOON)
    return sorted(found, key=lambda story: (story.began, story.events[0].id))


@settings(max_examples=40)
@given(profiles, seeds)
def test_every_interaction_speaks_the_vocabulary_and_ends(profile: str, seed: int) -> None:
    for story in stories(traffic(profile, seed), timedelta(0), timedelta(minutes=1)):
        kind = VOCABULARY[story.events[0].kind]
        assert all(kind.knows(event.event) for event in story.events)
        assert [event.event in kind.endings for event in story.events] == [False] * (
            len(story.events) - 1
        ) + [bool(kind.endings)]  # a round is done, and that is all
        assert {event.event for event in story.events} <= set(yields_of(profile)[kind.name])
        assert len({event.id for event in story.events}) == 1


@settings(max_examples=40)
@given(profiles, seeds)
def test_events_of_an_interaction_ascend_and_are_over_in_time(profile: str, seed: int) -> None:
    for story in stories(traffic(profile, seed), timedelta(0), timedelta(minutes=1)):
        instants = [event.at for event in story.events]
        assert instants == sorted(set(instants))
        assert story.ended - story.began <= timedelta(seconds=STORY_SECONDS_MAX)


@settings(max_examples=40)
@given(profiles, seeds, seconds, seconds, seconds)
def test_what_happens_does_not_depend_on_how_often_one_looks(
    profile: str, seed: int, a: timedelta, b: timedelta, c: timedelta
) -> None:
    first, middle, last = sorted((a, b, c))
    made = traffic(profile, seed, busy=0.3)
    assert stories(made, first, middle) + stories(made, middle, last) == stories(made, first, last)


@settings(max_examples=40)
@given(profiles, seeds)
def test_the_same_seed_gives_the_same_traffic_and_another_gives_another(profile: str, seed: int) -> None:
    window = (timedelta(0), timedelta(minutes=1))
    assert stories(traffic(profile, seed), *window) == stories(traffic(profile, seed), *window)
    assert stories(traffic(profile, seed), *window) != stories(traffic(profile, seed + 1), *window)


@settings(max_examples=40)
@given(profiles, seeds)
def test_the_place_is_on_the_first_event_and_no_label_names_a_person(profile: str, seed: int) -> None:
    for story in stories(traffic(profile, seed), timedelta(0), timedelta(minutes=1)):
        first, *others = story.events
        assert first.labels["site"] == "grand-budapest"
        assert all("site" not in event.labels for event in others)
        names = {name for event in story.events for name in event.labels}
        assert names <= {"site", "desk", "round", "queue", "channel", "priority", "category", "department"}


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_arrivals_follow_the_shape_of_the_day(profile: str) -> None:
    """Over ten simulated days, each flow brings what it should, hour by hour, within what chance allows."""
    made = traffic(profile, busy=4.0)
    days = 10
    found = Counter[tuple[str, int]]()
    for story in stories(made, timedelta(0), days * timedelta(minutes=10)):
        found[story.events[0].kind, int(made.hour(story.began, NOON))] += 1
    for flow in PROFILES[profile]:
        for hour in range(24):
            # Straight lines between the hours: the middle of the hour is its mean.
            expected = flow.per_day * 4.0 * days / 24.0 * flow.weight(hour + 0.5)
            # Poisson: five deviations, which one of 120 counts exceeds once in ten thousand seeds.
            assert abs(found[flow.kind, hour] - expected) <= 5 * expected**0.5 + 1, (flow.name, hour)


@pytest.mark.parametrize(("speed", "minutes"), [(144.0, 10), (288.0, 5)])
def test_a_day_is_compressed_and_waits_are_not(speed: float, minutes: int) -> None:
    made = traffic("contact_center", speed=speed)
    day = [s for s in stories(made, timedelta(0), timedelta(minutes=minutes)) if s.events[0].kind == "call"]
    per_day = next(flow.per_day for flow in PROFILES["contact_center"] if flow.kind == "call")
    assert abs(len(day) - per_day) <= 5 * per_day**0.5
    waits = [
        (event.at - story.began).total_seconds()
        for story in day
        for event in story.events
        if event.event == "answered"
    ]
    assert 5 < sorted(waits)[len(waits) // 2] < 20  # seconds, whatever the speed


def test_a_mistyped_factor_is_bounded() -> None:
    made = traffic("contact_center", speed=1440.0, busy=1e9)
    assert len(stories(made, timedelta(0), timedelta(seconds=10))) <= 3 * 2 * 1_000
