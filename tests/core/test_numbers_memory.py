"""What is remembered, for how long, and what happens when it is too much; checkpoints."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from standardsd.core.instants import micros
from standardsd.core.numbers.bags import Tally
from standardsd.core.numbers.feeds import SETS_MAX, Feed
from standardsd.core.numbers.meters import SAMPLES_MAX, SampleMeter
from standardsd.core.numbers.tracked import ALONE, Tracked
from standardsd.core.numbers.windowed import WindowMeter
from standardsd.core.windows import RollingFrame
from standardsd.model.clock import Always
from standardsd.model.measure import Count, FromTo, How, Rolling, Sampled, Since, Spread, Statistic
from standardsd.model.objective import Objective
from standardsd.model.promise import Limits
from tests.core.numbers_by_hand import SITE, House, at, book, number, same, sample, visit, window

LATE = timedelta(hours=2)
GUESTS = 40
WAIT = Statistic(How.MEDIAN, FromTo(("arrived",), ("greeted",)), window(600))


@settings(max_examples=12)
@given(seed=st.integers(0, 10**9))
def test_what_is_late_by_no_more_than_is_accepted_changes_what_it_must(seed: int):
    rng = random.Random(seed)
    standards = (
        number(Count("arrived", window(600)), Limits(lowest=1.0, highest=3.0), "count"),
        number(WAIT, Limits(highest=100.0), "wait"),
        number(Since("arrived"), Limits(highest=900.0), "since"),
    )
    readings = []
    for guest in range(GUESTS):
        begin = guest * 600 + rng.randrange(600)
        readings += [
            visit("arrived", begin, str(guest)),
            visit("greeted", begin + rng.randrange(200), str(guest)),
        ]
    late = {id(r): r.at + rng.choice([timedelta(0), timedelta(0), LATE * rng.random()]) for r in readings}
    house, again = House.of(*standards, accept_late=LATE), House.of(*standards)
    for reading in sorted(readings, key=lambda r: late[id(r)]):
        seconds = (late[id(reading)] - at(0)).total_seconds()
        house.tick(seconds)
        house.read(reading)
        house.told(seconds - LATE.total_seconds())
    again.read(*readings)
    for one in (house, again):
        one.tick(GUESTS * 600 + 9000)
        one.told(GUESTS * 600 + 9000)
    for standard in standards:
        assert house.states[(standard.id, SITE)] == again.states[(standard.id, SITE)], standard.id
        assert same(house.folded(standard.id), again.folded(standard.id))


def test_what_no_reading_can_reach_any_more_is_forgotten():
    house = House.of(
        number(Count("arrived", window(600)), Limits(highest=3.0), "count"),
        number(Sampled("queue"), Limits(highest=3.0), "queue", of="", objective=Objective(0.9, window(600))),
        number(Since("arrived"), Limits(highest=60.0), "since", objective=Objective(0.9, window(600))),
        accept_late=timedelta(minutes=30),
    )
    for minute in range(1_500):
        house.read(visit("arrived", minute * 60, str(minute)), sample(minute % 7, minute * 60))
        house.told(minute * 60)
        house.histories.clear()
    saved = house.numbers.dump()
    for feed in saved.feeds:
        for group in feed.groups:
            assert len(group.stretches) < 60
            for course in group.courses:
                assert max(len(course.turns), len(course.ats)) < 60
        assert len(feed.marks) < 1_100
    now = house.numbers.now("count", SITE, house.wall)
    assert now is not None
    assert now.value == 10


def test_a_group_that_was_heard_of_once_stays():
    house = House.of(number(Since("arrived"), Limits(highest=60.0)), accept_late=timedelta(minutes=30))
    house.read(visit("arrived", 0))
    house.told(60)
    house.tick(10 * 3600)
    house.told(10 * 3600)
    assert house.lines() == [("broken", 60, 60)]
    house.restart(number(Since("arrived"), Limits(highest=60.0)), accept_late=timedelta(minutes=30))
    now = house.numbers.now("n", SITE, house.wall)
    assert now is not None
    assert now.value == 36_000


def test_of_too_many_contributions_the_oldest_go_and_the_number_is_unknown_while_they_would_count():
    standard = number(Count("arrived", window(100)), Limits(highest=100.0))
    tracked = Tracked(standard, SITE, Always())
    meter = WindowMeter(
        Tally(), RollingFrame(timedelta(seconds=100)), Limits(highest=100.0), "low", entries_max=3
    )
    tracked.measure_by(ALONE, meter, Limits(highest=100.0), {"site": "a"})
    for second in (0, 10, 20):
        tracked.insert(micros(at(second)), 1.0)
    tracked.advance(micros(at(20)))
    assert tracked.settle(micros(at(20)), None) == []
    tracked.insert(micros(at(30)), 1.0)
    tracked.advance(micros(at(100)))
    said = tracked.settle(micros(at(100)), None)
    assert [(line.state.value, line.at) for line in said] == [
        ("unknown", at(20.000001)),
        ("in_limits", at(100)),
    ]


def test_of_too_many_samples_the_oldest_go_and_a_late_one_before_them_changes_nothing():
    meter = SampleMeter(Limits())
    for second in range(SAMPLES_MAX + 1):
        assert meter.put(second, 1.0)
    assert (len(meter.ats), meter.ats[0]) == (SAMPLES_MAX, 1)
    assert not meter.put(0, 5.0)


def test_samples_of_too_many_label_sets_are_counted_and_not_taken():
    feed = Feed(number(Sampled("queue"), Limits(), of=""), None)
    for desk in range(SETS_MAX):
        assert feed.put({"site": "a", "desk": str(desk)}, "desk", 0, 1.0, None) is not None
    assert feed.put({"site": "a", "desk": "one more"}, "desk", 0, 1.0, None) is None
    assert feed.put({"site": "a", "desk": "7"}, "desk", 1, 2.0, None) is not None
    assert feed.dropped == 1


def test_a_restart_forgets_nothing_and_says_nothing():
    standards = (
        number(Sampled("queue"), Limits(highest=10.0, hold_for=timedelta(seconds=30)), "queue", of=""),
        number(Count("arrived", window(600)), Limits(lowest=1.0), "count", by=()),
        number(WAIT, Limits(highest=100.0), "wait"),
        number(Spread("wait", "site"), Limits(highest=10.0), "spread", of="", by=()),
        number(Sampled("queue"), Limits(highest=5.0), "calm", of="", objective=Objective(0.9, Rolling(LATE))),
        number(Spread("calm", "site"), Limits(highest=0.5), "even", of="", by=()),
    )
    house, steady = House.of(*standards), House.of(*standards)
    for one in (house, steady):
        one.read(
            sample(12, 0),
            sample(2, 0, site="b"),
            visit("arrived", 0, "1"),
            visit("arrived", 0, "2", site="b"),
        )
        one.read(visit("greeted", 5, "1"))
    house.restart(*standards)
    for one in (house, steady):
        one.read(visit("greeted", 29, "2", site="b"))
        one.told(29)
    house.restart(*standards)
    for one in (house, steady):
        one.tick(30)
        one.told(700)
        one.tick(700)
    assert house.said == steady.said
    assert {line.standard for line in house.said} >= {"queue", "count", "spread", "even"}


def test_other_words_for_the_same_standard_judge_nothing_anew():
    standard = number(Count("arrived", window(600)), Limits(highest=1.0))
    house = House.of(standard)
    house.read(visit("arrived", 0, "1"))
    house.tick(50)
    house.numbers.replace(book(structs.replace(standard, rules="sha256:2")), at(50))
    assert house.settle() == []
    said = house.read(visit("arrived", 10, "2"))  # before the change, and the same limit held
    assert house.lines(said) == [("broken", 10, 2)]
    assert said[0].rules == "sha256:2"
