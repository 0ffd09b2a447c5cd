"""Everything at once: late readings, gaps, darkness, new rules, restarts.  The lines and the states agree throughout."""

from __future__ import annotations

import random
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from standardsd.model.measure import (
    Calendar,
    CalendarUnit,
    Count,
    FromTo,
    Gap,
    How,
    Rate,
    Repeats,
    Sampled,
    Since,
    Spread,
    Statistic,
)
from standardsd.model.objective import Objective
from standardsd.model.promise import Grid, Limits
from standardsd.model.reading import Gap as LostSight
from standardsd.model.reading import Retract, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import Dates, Standard
from tests.core.numbers_by_hand import House, at, book, number, same, sample, visit, window

WAIT = FromTo(("arrived",), ("greeted",))
HOLD = timedelta(seconds=40)
STANDARDS = (
    number(Count("arrived", window(300)), Limits(lowest=1.0, highest=4.0), "count"),
    number(Count("arrived", Calendar(CalendarUnit.DAY)), Limits(highest=9.0), "day"),
    number(Rate("left", "arrived", window(300)), Limits(highest=0.5, hold_for=HOLD), "rate"),
    number(Repeats("arrived", ("room",), window(300)), Limits(highest=2.0), "repeats"),
    number(Since("greeted"), Limits(highest=200.0, hold_for=HOLD), "since"),
    number(Statistic(How.MEDIAN, WAIT, window(300)), Limits(highest=50.0), "median"),
    number(Statistic(How.SUM, WAIT, window(300)), Limits(lowest=20.0), "sum", by=()),
    number(Sampled("queue"), Grid("desk", {"1": Limits(highest=3.0)}, Limits(highest=5.0)), "queue", of=""),
    number(Sampled("queue"), Limits(highest=4.0), "dated", of="", effective=Dates(date(2026, 3, 2))),
    number(Spread("median", "site"), Limits(highest=20.0), "spread", of="", by=()),
    number(Gap("since", "median"), Limits(highest=0.0), "gap", of="", objective=Objective(0.9, window(300))),
)
SOURCES = (Source("desk"), Source("door", {"visit": ("arrived", "left")}), Source("b", None, {"site": "b"}))


def _weather(house: House, rng: random.Random, now: int) -> None:
    """One thing that happens at ``now``, or is told then."""
    then = now - rng.choice([0, 0, 0, rng.randrange(200)])
    id, site, name = str(rng.randrange(30)), rng.choice("ab"), rng.choice([s.name for s in SOURCES])
    match rng.randrange(10):
        case 0:
            house.read(LostSight(name, at(then - rng.randrange(1, 100)), at(then)))
        case 1:
            house.dark(name, dark=rng.random() < 0.5)
        case 2:
            house.read(Retract(name, "visit", id, rng.choice(["arrived", "greeted", None])))
        case 3 | 4:
            house.read(sample(rng.randrange(7), then, name, site=site, desk=rng.choice("12")))
        case 5:
            house.read(Watermark(name, at(now - rng.randrange(50))))
        case _:
            event = rng.choice(["arrived", "arrived", "greeted", "left", "updated"])
            house.read(visit(event, then, id, name, site=site, room=rng.choice("12")))


def _revised(standards: tuple[Standard, ...], rng: random.Random) -> tuple[Standard, ...]:
    place = rng.randrange(len(standards))
    old = standards[place]
    limits = Limits(highest=float(rng.randrange(1, 60)))
    more = {} if rng.random() < 0.5 else {"where": {"site": (rng.choice("ab*"),)}}
    new = structs.replace(old, promise=limits, rules=old.rules + "+", **more)
    return (*standards[:place], new, *standards[place + 1 :])


@settings(max_examples=10)
@given(seed=st.integers(0, 10**9))
def test_in_any_weather_the_lines_say_what_is_so(seed: int):
    rng = random.Random(seed)
    late = rng.choice([None, timedelta(seconds=400)])
    begin = rng.choice([None, at(50)])
    standards = STANDARDS
    house = House.of(*standards, sources=SOURCES, accept_late=late, judge_from=begin)
    house.numbers.know_sites(["a", "b"])
    now = 0
    for _ in range(40):
        now += rng.randrange(60)
        house.tick(now)
        _weather(house, rng, now)
        if rng.random() < 0.05:
            standards = _revised(standards, rng)
            house.numbers.replace(book(*standards), house.wall)
            house.numbers.know_sites(["a", "b"])
            for key, history in house.histories.items():
                house.numbers.see(key, history)
            house.settle()
        if rng.random() < 0.1:
            house.restart(*standards, accept_late=late, judge_from=begin)
            house.numbers.know_sites(["a", "b"])
            house.settle()
        for (standard, group), states in house.states.items():
            assert same(house.folded(standard, group), states), (standard, group)
            number_now = house.numbers.now(standard, group, house.wall)
            assert number_now is None or not states or number_now.state.value == states[-1][1]
        wake = house.numbers.next_wakeup()
        assert wake is None or wake > house.wall
