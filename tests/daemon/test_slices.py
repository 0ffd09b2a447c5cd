"""A long batch is judged in slices: others get their turn between them, and it is one transaction all the same."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from standardsd.core.judge import Judge
from standardsd.daemon import slices as module
from standardsd.daemon.loop import together_readings_max
from standardsd.daemon.recovery import recover
from standardsd.daemon.slices import slice_readings_max, slices
from standardsd.drivers.base import Batch, Rejection
from standardsd.model.reading import Event, Watermark
from standardsd.notify.current import CurrentAlerts
from standardsd.store.entries import ReadingsInput
from standardsd.store.store import Store
from tests.daemon.harness import SECRET, House
from tests.daemon.test_recovery import URL, judging, put_in_force
from tests.daemon.traffic import NINE

RULES = """\
version: 1
set: door
standards:
  - id: greet
    title: Arriving guests are greeted within an hour
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 1h}
"""
DOOR = {"use": "push", "labels": {"site": "inn"}, "watermark": {"kind": "explicit"}}


def arrivals(count: int, prefix: str = "v") -> tuple[Event, ...]:
    return tuple(
        Event("kiosk", "visit", f"{prefix}{n}", "arrived", NINE + timedelta(milliseconds=n))
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("readings", "sizes"),
    [
        (0, [0]),
        (1, [1]),
        (slice_readings_max, [slice_readings_max]),
        (slice_readings_max + 1, [slice_readings_max, 1]),
        (3 * slice_readings_max, [slice_readings_max] * 3),
    ],
)
def test_a_batch_is_cut_in_its_order_and_its_cursor_goes_with_the_last(
    readings: int, sizes: list[int]
) -> None:
    rejected = (Rejection("half_line", "line 3", "cut off"),)
    whole = Batch("kiosk", arrivals(readings), b"here", rejected, "key")
    parts = slices(whole)
    assert [len(part.readings) for part in parts] == sizes
    assert tuple(reading for part in parts for reading in part.readings) == whole.readings
    assert [(part.cursor, part.rejected, part.key) for part in parts[:-1]] == [(None, (), None)] * (
        len(parts) - 1
    )
    assert (parts[-1].cursor, parts[-1].rejected, parts[-1].key) == (b"here", rejected, "key")


async def test_slices_are_inputs_of_their_own_in_one_transaction_and_read_again_they_say_the_same(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.sqlite"
    count = 3 * slice_readings_max + 7
    with judging(path, None) as (loop, clock, store):
        await put_in_force(loop, None)
        clock.at = NINE + timedelta(hours=3)
        commits: list[int] = []
        commit = store.store.commit

        def counting(entries: list[object]) -> list[int]:
            commits.append(len(entries))
            return commit(entries)  # type: ignore[arg-type]

        store.store.commit = counting  # type: ignore[method-assign, assignment]
        # Every promise is broken by the watermark at the end: slices that were judged apart are told together.
        done = loop.accept_now(
            Batch("kiosk", (*arrivals(count), Watermark("kiosk", clock.at)), b"mine", key="k")
        )
        await loop._turn(loop._waiting_now())
        taken = await done
        assert taken.refused == ()
        assert [n for n in commits if n] == [4], "one transaction of four inputs"
        before = loop.judge.snapshot().groups
        again = loop.accept_now(Batch("kiosk", arrivals(count), key="k"))
        await loop._turn(loop._waiting_now())
        assert (await again).duplicate
    store_again = Store.open(path)
    inputs = [row.input for row in store_again.journal(0) if isinstance(row.input, ReadingsInput)]
    assert [len(one.readings) for one in inputs] == [slice_readings_max] * 3 + [8]
    assert store_again.cursor("kiosk") == b"mine"
    found = recover(store_again, CurrentAlerts((), (), URL), URL)
    assert found is not None
    assert isinstance(found.judge, Judge)
    assert found.judge.snapshot().groups == before
    assert sum(group.violations for group in before) > 0
    store_again.close()


async def test_between_two_slices_everybody_else_has_their_turn(tmp_path: Path) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    with judging(tmp_path / "store.sqlite", None) as (loop, clock, _):
        await put_in_force(loop, None)
        clock.at = NINE + timedelta(seconds=1)
        loop.accept_now(Batch("kiosk", arrivals(2)))
        await loop._turn(loop._waiting_now())  # the first has to open what the next ones need
        beside = asyncio.create_task(other())
        loop.accept_now(Batch("kiosk", arrivals(10 * slice_readings_max)))
        await loop._turn(loop._waiting_now())
        beside.cancel()
        assert turns >= 10 * module.turns_between


async def test_what_waits_together_is_bounded_by_its_readings_too(tmp_path: Path) -> None:
    with judging(tmp_path / "store.sqlite", None) as (loop, _, _):
        sizes = (together_readings_max - 1, 1, 1, 3 * together_readings_max, 1)
        for number, size in enumerate(sizes):
            loop.accept_now(Batch("kiosk", arrivals(size, f"b{number}-")))
        turns = []
        while together := loop._waiting_now():
            turns.append([len(one.batch.readings) for one in together])
        # Full at exactly the most; one that is larger than the most goes as it is, and nothing joins it after.
        assert turns == [[sizes[0], 1], [1, sizes[3]], [1]]


def test_while_a_large_body_is_judged_others_are_answered(house: Callable[..., House]) -> None:
    one = house(RULES, {"kiosk": DOOR}).start()
    now = datetime.now(UTC).isoformat()
    told = {"type": "event", "source": "kiosk", "kind": "visit", "event": "arrived", "at": now}
    body = "\n".join(json.dumps({**told, "id": f"v{n}"}) for n in range(12_000))
    small = json.dumps({**told, "id": "small"})

    async def scene() -> tuple[float, dict[str, list[float]]]:
        waited: dict[str, list[float]] = {"/healthz": [], "/": [], "/metrics": [], "small": []}
        head = {"Authorization": f"Bearer {SECRET}"}
        async with httpx.AsyncClient(base_url=one.url, timeout=60, trust_env=False) as client:
            began = time.monotonic()
            large = asyncio.create_task(client.post("/v1/readings", content=body, headers=head))
            await asyncio.sleep(0.1)
            while not large.done():
                for name, answers in waited.items():
                    asked = time.monotonic()
                    if name == "small":
                        answer = await client.post("/v1/readings", content=small, headers=head)
                    else:
                        answer = await client.get(name)
                    assert answer.status_code == 200
                    answers.append(time.monotonic() - asked)
            assert (await large).json()["accepted"] == 12_000
            return time.monotonic() - began, waited

    took, waited = asyncio.run(scene())
    # As a share of the whole, because a shared machine may be ten times slower in one minute than in the next.
    for name, answers in waited.items():
        assert len(answers) >= 3, f"{name} was answered {len(answers)} times while the body was judged"
        middle = sorted(answers)[len(answers) // 2]
        assert middle < took / 4, f"{name}: {middle:.2f} s in the middle, of {took:.2f} s"
    one.stop()
