"""A busy day at three houses, told by one kiosk: late, doubled, out of order, taken back.

Everything in it comes from a seed.  Instants lie in the past and watermarks stand among the
readings, so what is decided of it does not depend on when it is sent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark

NINE = datetime(2025, 3, 3, 9, tzinfo=UTC)
SITES = ("castle", "harbour", "spa")
SLICE = timedelta(seconds=20)

RULES = """\
version: 1
set: crash
defaults: {by: [site], alert: {on: [breach, at_risk], keep_firing_for: 1s}}
standards:
  - id: greet-within-60s
    title: Arriving guests are greeted within 60 seconds
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
    if_left: breach
    ignore_if_left_within: 10s
  - id: answer-within-20s
    title: Calls are answered within 20 seconds
    of: call
    measure: {from: queued, to: answered}
    promise: {within: 20s}
    if_left: void
    alert: {on: [breach], keep_firing_for: 0s}
  - id: hold-under-30s
    title: Nobody is on hold for half a minute
    of: call
    measure: {time_in: on_hold, each: true}
    promise: {under: 30s}
  - id: queue-length
    title: No more than six wait in line
    measure: {reading: queue_length}
    promise: {at_most: 6}
    alert: {on: [limit], keep_firing_for: 0s}
  - id: arrivals
    title: The lobby is not overrun
    of: visit
    measure: {count: arrived, over: 2m}
    promise: {at_most: 4}
    alert: {on: [limit], keep_firing_for: 0s}
  - id: mean-wait
    title: On average guests wait less than a minute
    of: visit
    measure: {average: {from: arrived, to: greeted}, over: 5m}
    promise: {under: 60s, for: 30s}
    alert: {on: [limit], keep_firing_for: 0s}
"""

SOURCES: dict[str, Any] = {
    "kiosk": {
        "use": "push",
        "watermark": {"kind": "explicit"},
        "max_silence": "2h",  # `standardsd judge` has no other clock than these readings
        "yields": {
            "visit": ["arrived", "greeted", "left", "finished"],
            "call": ["queued", "answered", "held", "resumed", "ended", "abandoned"],
            "samples": ["queue_length"],
        },
    }
}
MORE = {"judge": {"judge_from": "2025-01-01T00:00:00Z", "accept_late": "7d", "keep": "1h"}}


def batches(count: int, *, seed: int = 1) -> list[list[Reading]]:
    """What is sent, batch by batch; the last one says that everything has been said."""
    dice = random.Random(seed)
    sent: list[list[Reading]] = [[] for _ in range(count)]
    for n in range(2 * count):
        began = NINE + SLICE * (count - 6) * dice.random()
        story = list(_visit(n, began, dice) if n % 2 else _call(n, began, dice))
        for reading in story:
            _put(sent, reading, dice)
        if dice.random() < 0.04:
            whole = Retract("kiosk", story[0].kind, story[0].id, reason="a test call")
            sent[dice.randrange(count // 2, count)].append(whole)
    for sample in _samples(count, random.Random(seed + 1_000)):
        _put(sent, sample, dice)
    for place in range(0, count, 40):
        lost = NINE + SLICE * place
        sent[min(place + 2, count - 1)].append(Gap("kiosk", lost, lost + timedelta(seconds=5)))
    for place, batch in enumerate(sent):
        dice.shuffle(batch)
        batch.append(Watermark("kiosk", NINE + SLICE * (place + 1)))
    sent[-1].append(Watermark("kiosk", NINE + SLICE * count + timedelta(hours=1)))
    return sent


def _samples(count: int, dice: random.Random) -> Iterator[Sample]:
    """The line at each house, counted every slice; at the end nobody waits."""
    for site in SITES:
        for place in range(count - 14):
            at = NINE + SLICE * place + timedelta(milliseconds=dice.randrange(20_000))
            yield Sample("kiosk", "queue_length", at, float(dice.choice([0, 2, 5, 6, 7, 9])), {"site": site})
        yield Sample("kiosk", "queue_length", NINE + SLICE * (count - 13), 0.0, {"site": site})


def _put(sent: list[list[Reading]], event: Event | Sample, dice: random.Random) -> None:
    """In the batch of its time; one in eight comes later than the watermark, one in ten comes twice."""
    place = int((event.at - NINE) / SLICE)
    late = dice.randrange(1, 12) if dice.random() < 0.125 else 0
    sent[min(place + late, len(sent) - 1)].append(event)
    if dice.random() < 0.1:
        sent[min(place + late + dice.randrange(4), len(sent) - 1)].append(event)


def _visit(n: int, at: datetime, dice: random.Random) -> Iterator[Event]:
    labels = {"site": dice.choice(SITES)}
    yield Event("kiosk", "visit", f"visit-{n}", "arrived", at, labels=labels)
    waits = timedelta(seconds=dice.choice([5, 9, 30, 59, 60, 61, 90, 200]))
    what = "left" if dice.random() < 0.2 else "greeted"
    yield Event("kiosk", "visit", f"visit-{n}", what, at + waits)
    if what == "greeted":
        yield Event("kiosk", "visit", f"visit-{n}", "finished", at + waits + timedelta(seconds=40))


def _call(n: int, at: datetime, dice: random.Random) -> Iterator[Event]:
    def one(event: str, **labels: str) -> Event:
        return Event("kiosk", "call", f"call-{n}", event, at, labels=labels)

    yield one("queued", site=dice.choice(SITES))
    at += timedelta(seconds=dice.choice([2, 19, 20, 21, 40]))
    if dice.random() < 0.25:
        yield one("abandoned")
        return
    yield one("answered")
    for _ in range(dice.randrange(3)):
        at += timedelta(seconds=dice.choice([3, 10]))
        yield one("held")
        at += timedelta(seconds=dice.choice([29, 30, 31]))
        yield one("resumed")
    at += timedelta(seconds=5)
    yield one("ended")
