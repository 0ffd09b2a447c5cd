"""The driver itself, on a real loop with real seconds: watermarks, the stop file, restarts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from standardsd.drivers.base import Batch, DriverSetup, Trouble
from standardsd.drivers.simulate import SimulateDriver
from standardsd.model.reading import Event, Gap, Sample, Watermark


class Recorder:
    """A shell that keeps what it is given: the least that the contract asks for."""

    def __init__(self, cursor: bytes | None = None) -> None:
        self.batches: list[tuple[datetime, Batch]] = []
        self.due: datetime | None = None
        self.ups = 0
        self._cursor = cursor
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def accept(self, batch: Batch) -> None:
        self.batches.append((self.now(), batch))
        self._cursor = batch.cursor

    def cursor(self) -> bytes | None:
        return self._cursor

    def next_due(self) -> datetime | None:
        return self.due

    async def due_changed(self) -> None:
        await self._changed.wait()
        self._changed.clear()

    def wait_for(self, due: datetime) -> None:
        self.due = due
        self._changed.set()

    def up(self) -> None:
        self.ups += 1

    def down(self, trouble: Trouble) -> None:
        raise AssertionError(f"a simulator has no troubles: {trouble}")

    def measured(
        self, *, clock_offset_seconds: float | None = None, poll_seconds: float | None = None
    ) -> None:
        raise AssertionError("a simulator measures nothing")

    def watermarks(self) -> list[datetime]:
        return [r.at for _, batch in self.batches for r in batch.readings if isinstance(r, Watermark)]


def driver(**settings: object) -> SimulateDriver:
    whole = {"profile": "hotel", "speed": 1440, "busy": 10.0, **settings}
    return SimulateDriver(DriverSetup("sim", whole, {"site": "grand-budapest"}))


async def running(made: SimulateDriver, shell: Recorder, seconds: float) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await made.run(shell)


async def test_events_are_handed_over_when_they_happen_and_each_batch_ends_in_its_watermark() -> None:
    shell = Recorder()
    await running(driver(), shell, 1.5)
    assert shell.ups == 1
    told = [(heard, r) for heard, batch in shell.batches for r in batch.readings if isinstance(r, Event)]
    assert len(told) > 20
    delays = sorted((heard - event.at).total_seconds() for heard, event in told)
    assert delays[0] >= 0.0, "an event came from the future"
    assert delays[len(delays) // 2] < 0.25
    for _, batch in shell.batches:
        mark = batch.readings[-1]
        assert isinstance(mark, Watermark)
        assert all(r.at <= mark.at for r in batch.readings if isinstance(r, Event))
        assert batch.cursor
    marks = shell.watermarks()
    assert marks == sorted(set(marks))


async def test_a_quiet_house_says_twice_a_second_that_nothing_happened() -> None:
    shell = Recorder()
    await running(driver(busy=0.01, speed=1), shell, 2.2)
    assert 3 <= len(shell.watermarks()) <= 6
    (_, begin), *rest = shell.batches
    assert [type(reading) for reading in begin.readings] == [Sample, Watermark], "it counts once at the start"
    assert all(len(batch.readings) == 1 for _, batch in rest)


async def test_the_watermark_reaches_a_due_instant_at_once_even_one_that_is_new() -> None:
    shell = Recorder()
    task = asyncio.create_task(running(driver(busy=0.01, speed=1), shell, 0.45))
    await asyncio.sleep(0.1)
    due = shell.now() + timedelta(milliseconds=100)
    shell.wait_for(due)  # it sleeps already, until half a second from its start
    await task
    reached = [mark for mark in shell.watermarks() if mark >= due]
    assert reached, "no watermark reached the due instant"
    assert reached[0] - due < timedelta(milliseconds=250)


async def test_stopped_it_falls_silent_and_says_afterwards_what_it_did_not_see(tmp_path: Path) -> None:
    stop = tmp_path / "stop-sim"
    shell = Recorder()
    task = asyncio.create_task(running(driver(stop_file=str(stop)), shell, 3.4))
    await asyncio.sleep(0.7)
    stop.touch()
    await asyncio.sleep(0.6)  # it looks twice a second
    silent = len(shell.batches)
    last = shell.watermarks()[-1]
    await asyncio.sleep(0.7)
    assert len(shell.batches) == silent, "a stopped source spoke"
    stop.unlink()
    await task
    gaps = [r for _, batch in shell.batches for r in batch.readings if isinstance(r, Gap)]
    assert len(gaps) == 1
    assert gaps[0].since == last
    assert gaps[0].until - gaps[0].since > timedelta(seconds=0.7)
    assert len(shell.batches) > silent + 1


async def test_it_goes_on_after_a_restart_without_beginning_anything_twice() -> None:
    first = Recorder()
    await running(driver(), first, 0.8)
    second = Recorder(first.cursor())
    await running(driver(), second, 0.8)
    opening = second.batches[0][1].readings[0]
    assert isinstance(opening, Gap)
    assert opening.since == first.watermarks()[-1]
    events = [r for s in (first, second) for _, b in s.batches for r in b.readings if isinstance(r, Event)]
    began = [
        e.id
        for e in events
        if e.event in ("arrived", "queued", "requested", "opened", "done")
        and not (e.kind == "request" and e.event == "done")
    ]
    assert len(began) == len(set(began))
    assert {e.id for e in events} == set(began)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"profile": "casino"}, "profile"),
        ({"speed": 0.5}, "speed"),
        ({"busy": 51}, "busy"),
        ({"starts_at": 24}, "starts_at"),
        ({"sped": 100}, "sped"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SimulateDriver(DriverSetup("sim", settings))
