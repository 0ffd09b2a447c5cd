"""The driver against a PBX on loopback that speaks the recordings: by their own cuts, byte by byte, in one block."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from standardsd.model.reading import Event, Reading
from tests.asterisk.fake_pbx import Cut, FakePbx, script
from tests.asterisk.recorded import CLIENTS, RUNS, chunks, gaps, match, played, recording, spans, stays, truth
from tests.asterisk.shell import KeepingShell, driver
from tests.asterisk.test_recordings import ENDINGS, HOLD_SECONDS, WAIT_SECONDS, tell, waited

SEEN: dict[tuple[str, str, Cut], list[Reading]] = {}
"""What was watched already: several tests look at the same readings."""


async def watched(run: str, client: str, cut: Cut) -> list[Reading]:
    """Everything the driver says of one recording, up to the last instant of it."""
    if (run, client, cut) not in SEEN:
        SEEN[run, client, cut] = await watch(run, client, cut)
    return SEEN[run, client, cut]


async def watch(run: str, client: str, cut: Cut) -> list[Reading]:
    pbx = FakePbx(script(recording(run, client), chunks(run, client)), cut=cut)
    shell = KeepingShell()
    async with pbx.run() as port:
        running = asyncio.create_task(driver(port, ping_every="50ms", ping_deadline="20s").run(shell))
        async with asyncio.timeout(90):
            await pbx.played.wait()
        last = datetime.fromtimestamp(pbx.connections[-1].pieces[-1][1], UTC) - timedelta(seconds=1)
        await shell.until(lambda seen: seen.proven() is not None and seen.proven() >= last, seconds=60)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert [batch.rejected for batch in shell.batches if batch.rejected] == []
    assert shell.ups == len(pbx.connections)
    return shell.readings


@pytest.mark.parametrize("cut", ["chunks", "block"])
@pytest.mark.parametrize("run", RUNS)
async def test_a_watched_pbx_gives_every_stay_as_it_was(run: str, cut: Cut) -> None:
    readings = await watched(run, "ami", cut)
    pairs = match(truth(run), stays(readings))
    assert set(pairs) == set(truth(run))
    for visit, events in pairs.items():
        assert tell(events) == visit.outcome, visit.scenario
        if visit.outcome != "lost":
            assert waited(events) == pytest.approx(visit.wait, abs=WAIT_SECONDS), visit.scenario
        held = spans(events, "held", "resumed", *ENDINGS)
        assert held == pytest.approx([hold.seconds for hold in visit.holds], abs=HOLD_SECONDS), visit.scenario
        assert all(event.labels["site"] == "grand" for event in events)


@pytest.mark.parametrize("cut", ["chunks", "block"])
@pytest.mark.parametrize("run", RUNS)
async def test_a_pbx_lost_sight_of_gives_no_wrong_outcome(run: str, cut: Cut) -> None:
    readings = await watched(run, "ami_flaky", cut)
    assert len(gaps(readings)) == 2
    for visit, events in match(truth(run), stays(readings)).items():
        assert tell(events) in (visit.outcome, "lost"), visit.scenario


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("run", RUNS)
async def test_byte_by_byte_over_the_wire_is_the_same(run: str, client: str) -> None:
    """Events that were seen; those that a snapshot told carry the uncertainty of another moment."""
    assert _seen(await watched(run, client, "bytes")) == _seen(await watched(run, client, "chunks"))


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("run", RUNS)
async def test_the_wire_and_the_recording_say_the_same(run: str, client: str) -> None:
    readings = await watched(run, client, "chunks")
    expected = played(recording(run, client), chunks(run, client), labels={"site": "grand"})
    assert _seen(readings) == _seen(expected)


def _seen(readings: list[Reading]) -> list[Event]:
    return [r for r in readings if isinstance(r, Event) and r.not_before is None and r.event != "updated"]
