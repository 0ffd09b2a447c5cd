"""Whatever is read, in whatever order and batches: in the end the episodes are those counted by hand."""

from __future__ import annotations

import os
import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from standardsd.model.measure import (
    Count,
    FromTo,
    How,
    Nps,
    Rate,
    Repeats,
    Sampled,
    Since,
    Statistic,
)
from standardsd.model.promise import Limits
from standardsd.model.reading import Event, Reading, Retract, Sample
from standardsd.model.standard import Standard
from tests.core.numbers_by_hand import (
    SITE,
    House,
    answer,
    at,
    audible,
    average,
    commonest,
    number,
    promoters,
    ranked,
    same,
    sample,
    second,
    states_by_hand,
    total,
    visit,
    window,
)

END = 120
W = 40
EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
"""More of them are a matter of minutes: EXAMPLES=20000."""


def _visits(rng: random.Random) -> list[Reading]:
    """Guests who arrive and are greeted, at two sites, some of whom move; some of it is taken back."""
    readings: list[Reading] = []
    for guest in range(rng.randint(1, 14)):
        id, begin = str(guest), rng.randrange(END)
        site = rng.choice(["a", "a", "b"])
        room = rng.choice(["1", "2", ""])
        labels = {"site": site} | ({"room": room} if room else {})
        readings.append(visit("arrived", begin, id, **labels))
        if rng.random() < 0.7:
            readings.append(visit("greeted", min(END, begin + rng.randrange(25)), id, **labels))
        if rng.random() < 0.2:
            readings.append(visit("updated", min(END, begin + rng.randrange(25)), id, site="b"))
        if rng.random() < 0.15:
            readings.append(Retract("desk", "visit", id, "arrived", at(begin)))
        if rng.random() < 0.05:
            readings.append(Retract("desk", "visit", id))
    return readings + rng.sample(readings, len(readings) // 4)


def _answers(rng: random.Random) -> list[Reading]:
    found: list[Reading] = []
    for guest in range(rng.randint(1, 14)):
        value = rng.choice([-1, 0, 3, 6, 6.5, 7, 8, 8.5, 9, 10, 11])
        found.append(answer(value, rng.randrange(END), str(guest)))
    return found + rng.sample(found, len(found) // 4)


def _samples(rng: random.Random) -> list[Reading]:
    found: list[Reading] = []
    for _ in range(rng.randint(1, 25)):
        found.append(sample(rng.randrange(6), rng.randrange(END), desk=rng.choice(["1", "2"])))
    return found + rng.sample(found, len(found) // 4)


def _standing(readings: list[Reading]) -> list[Event]:
    """Every event once, if nothing takes it back, in order."""
    gone = [r for r in readings if isinstance(r, Retract)]
    events = {(r.id, r.event, r.at): r for r in readings if isinstance(r, Event)}
    return sorted(
        (
            e
            for e in events.values()
            if not any(r.id == e.id and (r.event, r.at) in ((None, None), (e.event, e.at)) for r in gone)
        ),
        key=lambda e: e.at,
    )


def _labels(event: Event, events: list[Event]) -> dict[str, str]:
    rank = {"arrived": 0, "greeted": 1, "updated": 2}
    mine = sorted((e for e in events if e.id == event.id), key=lambda e: (e.at, rank.get(e.event, 9)))
    labels: dict[str, str] = {}
    for other in mine:
        if other.at <= event.at:
            labels |= other.labels
    return labels


def _read(standard: Standard, readings: list[Reading], rng: random.Random) -> House:
    """In any order, in batches, with a restart now and then, until all is told."""
    house = House.of(standard)
    readings = list(readings)
    rng.shuffle(readings)
    while readings:
        size = rng.randint(1, 4)
        house.read(*readings[:size])
        readings = readings[size:]
        if rng.random() < 0.2:
            house.restart(standard)
    house.tick(END)
    house.told(END)
    return house


def _check(
    standard: Standard, readings: list[Reading], rng: random.Random, expected: list[tuple[float, str]]
) -> None:
    house = _read(standard, readings, rng)
    assert _from_the_first(house.states.get((standard.id, SITE), [])) == _from_the_first(expected)
    assert same(house.folded(standard.id), audible(expected))


def _from_the_first(states: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """What is unknown at the beginning may be told or not."""
    return states[1:] if states and states[0][1] == "unknown" else states


CASES = [
    (measure, limits, hold)
    for measure in ("count", "rate", "repeats", "p90", "median", "max", "min", "average", "sum", "since")
    for limits in (Limits(highest=2.0), Limits(lowest=2.0), Limits(lowest=1.0, highest=3.0, highest_in=False))
    for hold in (0, 7)
]


@settings(max_examples=EXAMPLES)
@given(case=st.sampled_from(CASES), seed=st.integers(0, 10**9))
def test_visits_in_any_order_give_the_episodes_counted_by_hand(case: tuple[str, Limits, int], seed: int):
    what, limits, hold = case
    rng = random.Random(seed)
    readings = _visits(rng)
    limits = structs.replace(limits, hold_for=timedelta(seconds=hold))
    events = _standing(readings)
    here = [e for e in events if _labels(e, events).get("site") == "a"]
    arrived = [(second(e.at), e) for e in here if e.event == "arrived"]
    greeted = [(second(e.at), e) for e in here if e.event == "greeted"]
    begin = {e.id: second(e.at) for e in reversed(events) if e.event == "arrived"}
    waits = [(s, s - begin[e.id]) for s, e in greeted if e.id in begin and begin[e.id] <= s]
    over = window(W)
    inner = FromTo(("arrived",), ("greeted",))

    def inside(pairs: list, t: int) -> list:
        return [what for s, what in pairs if t - W < s <= t]

    def measured(t: int) -> float | None:
        match what:
            case "count":
                return float(len(inside(arrived, t)))
            case "rate":
                per = len(inside(greeted, t))
                return len(inside(arrived, t)) / per if per else None
            case "repeats":
                rooms = [_labels(e, events).get("room", "") for e in inside(arrived, t)]
                return commonest([r for r in rooms if r])
        values = inside(waits, t)
        if what == "sum":
            return total(values)
        how = {"p90": ranked(90), "median": ranked(50), "max": max, "min": min, "average": average}[what]
        return float(how(values)) if values else None

    starts = {
        "count": arrived,
        "rate": sorted(arrived + greeted, key=lambda pair: pair[0]),
        "repeats": [(s, e) for s, e in arrived if _labels(e, events).get("room")],
        "since": arrived,
    }.get(what, waits)
    first = int(min((s for s, _ in starts), default=-1))
    read = {s for s, _ in starts}
    whole = {"count": "low", "repeats": "low", "sum": "low", "max": "low", "min": "high"}.get(what)

    def value_at(t: int) -> tuple[float | None, bool | None]:
        if what == "since":
            last = max(s for s, _ in arrived if s <= t)
            value = t - last
            if limits.highest is not None and value >= limits.highest:
                return value, False
            return value, limits.lowest is None or value >= limits.lowest
        value = measured(t)
        if value is None:
            return None, None
        kept = limits.kept(value)
        if not kept and t - W < first:
            low = limits.lowest is not None and value < limits.lowest
            if (whole == "low" and low) or (whole == "high" and not low):
                return value, None
        return value, kept

    measure = {
        "count": Count("arrived", over),
        "rate": Rate("arrived", "greeted", over),
        "repeats": Repeats("arrived", ("room",), over),
        "since": Since("arrived"),
    }.get(what) or Statistic(How(what), inner, over)
    standard = number(measure, limits)
    _check(standard, readings, rng, [] if first < 0 else states_by_hand(value_at, first, END, hold, read))


@settings(max_examples=EXAMPLES // 8)
@given(hold=st.sampled_from([0, 7]), seed=st.integers(0, 10**9))
def test_answers_in_any_order_give_the_score_counted_by_hand(hold: int, seed: int):
    rng = random.Random(seed)
    readings = _answers(rng)
    limits = Limits(lowest=10.0, hold_for=timedelta(seconds=hold))
    answers = [(second(e.at), e.values["nps"]) for e in _standing(readings) if 0 <= e.values["nps"] <= 10]
    read = {s for s, _ in answers}
    first = int(min(read, default=-1))

    def value_at(t: int) -> tuple[float | None, bool | None]:
        values = [v for s, v in answers if t - W < s <= t]
        return (promoters(values), limits.kept(promoters(values))) if values else (None, None)

    standard = number(Nps("nps", "answered", window(W)), limits, of="survey")
    _check(standard, readings, rng, [] if first < 0 else states_by_hand(value_at, first, END, hold, read))


@settings(max_examples=EXAMPLES // 8)
@given(hold=st.sampled_from([0, 7]), seed=st.integers(0, 10**9))
def test_samples_in_any_order_give_the_episodes_counted_by_hand(hold: int, seed: int):
    rng = random.Random(seed)
    readings = _samples(rng)
    limits = Limits(highest=3.0, hold_for=timedelta(seconds=hold))
    by_desk: dict[str, dict[int, float]] = {}
    for r in readings:
        assert isinstance(r, Sample)
        known = by_desk.setdefault(r.labels["desk"], {})
        known[int(second(r.at))] = min(r.value, known.get(int(second(r.at)), 99))

    def desk(samples: dict[int, float]) -> list[tuple[float, str]]:
        def value_at(t: int) -> tuple[float | None, bool | None]:
            value = samples[max(s for s in samples if s <= t)]
            return value, limits.kept(value)

        return states_by_hand(value_at, min(samples), END, hold, samples)

    desks = [desk(samples) for samples in by_desk.values()]

    def together(t: int) -> tuple[float | None, bool | None]:
        words = [next((w for s, w in reversed(states) if s <= t), "") for states in desks]
        return None, "broken" not in words

    first = min(min(samples) for samples in by_desk.values())
    standard = number(Sampled("queue"), limits, of="")
    house = _read(standard, readings, rng)
    expected = states_by_hand(together, first, END, 0)
    assert house.states[("n", SITE)] == expected
    assert same(house.folded(), audible(expected))
