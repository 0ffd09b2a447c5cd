"""Spread and gap: best less worst, and one less the other, of figures that are exact at every instant."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.model.decision import Amendment, Verdict, VerdictSpoken
from standardsd.model.measure import FromTo, Gap, How, Nps, Rolling, Sampled, Since, Spread, Statistic
from standardsd.model.objective import Objective
from standardsd.model.promise import Limits, Promise
from standardsd.model.source import Source
from standardsd.model.standard import Standard
from tests.core.numbers_by_hand import SITE, House, answer, at, average, number, sample, visit, window

WAIT = Statistic(How.AVERAGE, FromTo(("arrived",), ("greeted",)), window(100))
SPREAD = number(Spread("wait", "site"), Limits(highest=20.0), "spread", of="", by=())
ANY = Limits(highest=1e9)


def greeting(**more) -> Standard:
    return Standard(
        id="greet", title="greet", of="visit", measure=FromTo(("arrived",), ("greeted",)),
        promise=Promise(timedelta(seconds=60), within=True), rules="sha256:1", set="s", **more,
    )  # fmt: skip


def verdict(id: str, seconds: float, word: Verdict | None, site: str, was: Verdict | None = None):
    kind = VerdictSpoken if was is None else Amendment
    more = {} if was is None else {"was": was}
    return kind(
        standard="greet", kind="visit", id=id, occurrence=1, verdict=word, reason=None, at=at(seconds),
        start=at(0), due=None, late_from=None, end=None, measured=None, limit=60.0, labels={"site": site},
        rules="sha256:1", **more,
    )  # fmt: skip


def hear(house: House, seconds: float, *lines) -> list:
    house.wall = max(house.wall, at(seconds))
    house.numbers.hear(lines)
    return house.lines(house.settle())


def met(house: House, id: str, begin: float, end: float, site: str) -> list:
    return house.lines(
        house.read(visit("arrived", begin, id, site=site), visit("greeted", end, id, site=site))
    )


def test_a_spread_is_the_best_figure_less_the_worst():
    house = House.of(number(WAIT, ANY, "wait"), SPREAD)
    assert met(house, "1", 0, 10, "a") == []
    now = house.numbers.now("spread", (), at(10))
    assert now is None or now.value is None  # one site is no spread
    assert met(house, "2", 0, 30, "b") == []  # exactly 20 apart
    assert met(house, "3", 0, 40, "b") == [("broken", 40, 25)]
    assert met(house, "4", 20, 60, "a") == [("in_limits", 60, 10)]


def test_a_spread_follows_what_is_read_late_into_the_past():
    house = House.of(number(WAIT, ANY, "wait"), SPREAD)
    met(house, "1", 0, 10, "a")
    met(house, "2", 0, 60, "b")
    assert house.folded("spread", ()) == [(60, "broken")]
    met(house, "3", 0, 20, "b")
    assert house.folded("spread", ()) == [(60, "broken")]  # 10 against 40 now
    met(house, "4", 0, 15, "b")
    met(house, "5", 0, 12, "b")
    assert house.folded("spread", ()) == [(60, "in_limits")]  # 10 against 26.75: there was no episode


def test_a_spread_leaves_out_what_is_below_min_count():
    few = Objective(0.9, Rolling(timedelta(days=1)), min_count=2)
    house = House.of(number(WAIT, ANY, "wait", objective=few), SPREAD)
    met(house, "1", 0, 10, "a")
    met(house, "2", 0, 10, "a")
    assert met(house, "3", 0, 90, "b") == []
    assert met(house, "4", 1, 91, "b") == [("broken", 91, 80)]


def test_a_spread_leaves_out_a_site_whose_source_is_dark():
    sources = (Source("a", None, {"site": "a"}), Source("b", None, {"site": "b"}))
    house = House.of(number(WAIT, ANY, "wait"), SPREAD, sources=sources)
    for id, end, site in (("1", 10, "a"), ("2", 50, "b")):
        house.read(visit("arrived", 0, id, site, site=site), visit("greeted", end, id, site, site=site))
    assert house.folded("spread", ()) == [(50, "broken")]
    house.tick(60)
    house.dark("b", dark=True)
    assert house.folded("spread", ()) == [(50, "broken"), (60, "unknown")]
    house.tick(70)
    house.dark("b", dark=False)
    house.told(70)  # nothing but time brought it back
    assert house.folded("spread", ()) == [(50, "broken"), (60, "unknown"), (70, "broken")]


def test_the_figure_of_a_standard_about_cases_is_its_share_kept():
    spread = number(Spread("greet", "site"), Limits(highest=0.5), "spread", of="", by=())
    house = House.of(greeting(objective=Objective(0.9, window(100))), spread)
    assert hear(house, 0, verdict("1", 0, Verdict.MET, "a"), verdict("2", 0, Verdict.MET, "b")) == []
    assert hear(house, 10, verdict("3", 10, Verdict.BREACHED, "b")) == []  # 100 % against 50 %
    assert hear(house, 20, verdict("4", 20, Verdict.BREACHED, "b")) == [("broken", 20, 1 - 1 / 3)]
    said = hear(house, 30, verdict("4", 20, Verdict.EXCLUDED, "b", Verdict.BREACHED))
    assert said == [("in_limits", 20, None)]
    assert hear(house, 40, verdict("3", 10, None, "b", Verdict.BREACHED)) == []
    now = house.numbers.now("spread", (), at(40))
    assert now is not None
    assert now.value == 0


def test_shares_age_and_what_time_alone_makes_worse_waits_for_the_sources():
    spread = number(Spread("greet", "site"), Limits(highest=0.4), "spread", of="", by=())
    house = House.of(greeting(objective=Objective(0.9, window(100))), spread)
    hear(house, 0, verdict("1", 0, Verdict.MET, "b"), verdict("2", 0, Verdict.MET, "b"))
    hear(house, 50, verdict("3", 50, Verdict.BREACHED, "b"), verdict("4", 50, Verdict.MET, "a"))
    assert house.lines(house.tick(100)) == []
    assert house.lines(house.told(100)) == [("broken", 100, 1)]


def test_a_gap_is_the_first_figure_less_the_second_per_common_group():
    perceived = number(Nps("nps", "answered", window(100)), ANY, "perceived", of="survey")
    gap = number(Gap("wait", "perceived"), Limits(lowest=-30.0), "gap", of="")
    house = House.of(number(WAIT, ANY, "wait"), perceived, gap)
    met(house, "1", 0, 10, "a")
    met(house, "2", 0, 10, "b")  # nobody was asked there
    assert house.lines(house.read(answer(10, 20))) == [("broken", 20, -90)]
    assert [line.group for line in house.said] == [{"site": "a"}]
    assert house.lines(house.read(answer(0, 30, "2"))) == [("in_limits", 30, 10)]
    house.tick(110)  # nobody was greeted for 100 s
    assert house.folded("gap") == [(20, "broken"), (30, "in_limits"), (110, "unknown")]


def test_the_figure_of_a_duty_is_the_share_of_time_in_limits_on_whole_minutes():
    duty = number(Since("arrived"), Limits(highest=60.0), "duty", objective=Objective(0.9, window(240)))
    spread = number(Spread("duty", "site"), Limits(highest=0.5), "spread", of="", by=())
    house = House.of(duty, spread)
    house.read(visit("arrived", 0, "1", site="a"), visit("arrived", 0, "2", site="b"))
    for minute in range(1, 6):
        house.read(visit("arrived", 60 * minute, f"a{minute}", site="a"))
        house.told(60 * minute)
    assert house.folded("spread", ()) == [(180, "broken")]  # b: 60 of 180 s; at 120 it was exactly half
    assert house.lines()[-1] == ("broken", 180, 1 - 1 / 3)


def test_samples_have_a_figure_too():
    queue = number(Sampled("queue"), Limits(highest=10.0), "queue", of="")
    spread = number(Spread("queue", "site"), Limits(highest=0.4), "spread", of="", by=())
    house = House.of(queue, spread)
    house.read(sample(3, 0), sample(12, 0, site="b"), sample(3, 30, site="b"))
    house.tick(60)
    assert house.lines() == [("broken", 0, 12), ("in_limits", 30, 3)]
    assert house.lines(house.told(60)) == [("broken", 60, 0.5)]


@pytest.mark.parametrize("limit", [10.0, 25.0])
@settings(max_examples=60)
@given(seed=st.integers(0, 10**9))
def test_a_spread_is_as_counted_by_hand_whatever_the_order(limit: float, seed: int):
    rng = random.Random(seed)
    standards = (
        number(WAIT, ANY, "wait"),
        number(Spread("wait", "site"), Limits(highest=limit), "n", of="", by=()),
    )
    house = House.of(*standards)
    visits = [
        (str(id), rng.randrange(60), rng.randrange(60), rng.choice("abc")) for id in range(rng.randint(1, 10))
    ]
    readings = [visit("arrived", begin, id, site=site) for id, begin, _, site in visits]
    readings += [visit("greeted", begin + took, id, site=site) for id, begin, took, site in visits]
    rng.shuffle(readings)
    while readings:
        house.read(readings.pop())
        if rng.random() < 0.2:
            house.restart(*standards)
    house.tick(250)
    house.told(250)

    def spread(t: int) -> float | None:
        by_site: dict[str, list[float]] = {}
        for _, begin, took, site in visits:
            if t - 100 < begin + took <= t:
                by_site.setdefault(site, []).append(float(took))
        figures = [average(values) for values in by_site.values()]
        return max(figures) - min(figures) if len(figures) > 1 else None

    expected: list[tuple[float, str]] = []
    for t in range(251):
        value = spread(t)
        state = "unknown" if value is None else "in_limits" if value <= limit else "broken"
        if not expected or expected[-1][1] != state:
            expected.append((t, state))
    known = house.states.get(("n", ()), [])
    assert (known[1:] if known[:1] and known[0][1] == "unknown" else known) == expected[1:]


def test_the_group_of_a_spread_is_what_remains_of_by():
    assert SITE == (("site", "a"),)
    spread = number(Spread("wait", "desk"), Limits(highest=20.0), "spread", of="", by=("site", "desk"))
    house = House.of(number(WAIT, ANY, "wait", by=("site", "desk")), spread)
    for id, took, desk in (("1", 5, "x"), ("2", 50, "y")):
        house.read(visit("arrived", 0, id, desk=desk), visit("greeted", took, id, desk=desk))
    assert [(line.group, line.value) for line in house.said] == [({"site": "a"}, 45)]
