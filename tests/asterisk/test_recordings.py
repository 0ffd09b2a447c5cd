"""Both recordings, both clients, against what really happened."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest
from msgspec.structs import replace

from standardsd.model.reading import Event, Reading
from tests.asterisk.recorded import (
    CLIENTS,
    RUNS,
    Visit,
    chunks,
    gaps,
    match,
    moved,
    one,
    played,
    recording,
    spans,
    stays,
    truth,
    watermarks,
)

WAIT_SECONDS = 0.06
HOLD_SECONDS = 0.02
ENDINGS = ("abandoned", "diverted", "ended")
TIMINGS = ("chunks", "block")


@lru_cache
def read(run: str, client: str, timing: str) -> list[Reading]:
    return played(recording(run, client), chunks(run, client) if timing == "chunks" else None)


def tell(events: list[Event]) -> str:
    """How the stay in the queue ended, in the words of the truth."""
    if one(events, "answered") is not None:
        return "answered"
    ending = one(events, *ENDINGS)
    if ending is None:
        return "lost"
    if ending.event == "abandoned":
        return "abandoned"
    assert ending.event == "diverted"
    return {"timeout": "timeout", "key": "exit_key"}[ending.labels["exit"]]


def waited(events: list[Event]) -> float:
    end = one(events, "answered", "abandoned", "diverted")
    assert end is not None
    return (end.at - events[0].at).total_seconds()


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("run", RUNS)
def test_a_steady_client_reads_every_stay_with_its_outcome_and_wait(run: str, timing: str) -> None:
    pairs = match(truth(run), stays(read(run, "ami", timing)))
    assert set(pairs) == set(truth(run)), "every stay was read"
    for visit, events in pairs.items():
        assert tell(events) == visit.outcome, visit.scenario
        if visit.outcome != "lost":
            assert waited(events) == pytest.approx(visit.wait, abs=WAIT_SECONDS), visit.scenario


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("run", RUNS)
def test_a_steady_client_reads_the_agents_holds_and_no_others(run: str, timing: str) -> None:
    """The caller's own hold, queue music and announcements are in the recordings, and are no holds."""
    for visit, events in match(truth(run), stays(read(run, "ami", timing))).items():
        held = spans(events, "held", "resumed", *ENDINGS)
        assert held == pytest.approx([hold.seconds for hold in visit.holds], abs=HOLD_SECONDS), visit.scenario
        starts = [event.at.timestamp() for event in events if event.event == "held"]
        assert starts == pytest.approx([hold.start for hold in visit.holds], abs=HOLD_SECONDS), visit.scenario


@pytest.mark.parametrize("run", RUNS)
def test_transfers_and_parking_are_read_as_they_were(run: str) -> None:
    for visit, events in match(truth(run), stays(read(run, "ami", "chunks"))).items():
        kinds = [event.labels["transfer"] for event in events if event.event == "transferred"]
        # Parking is a blind transfer to the parking lot.
        assert kinds == [*visit.transfers, *["blind" for _ in visit.parked]], visit.scenario
        parked = spans(events, "parked", "unparked", *ENDINGS)
        assert parked == pytest.approx([park.seconds for park in visit.parked], abs=WAIT_SECONDS), (
            visit.scenario
        )
        if visit.parked:
            assert events[-1].event == "ended", "a parked stay lasts until the caller hangs up"
            assert events[-1].at.timestamp() == pytest.approx(visit.ended, abs=0.02)


@pytest.mark.parametrize("run", RUNS)
def test_rings_that_nobody_answered_are_missed(run: str) -> None:
    """A round that another agent won is not missed, nor is one that ended because the caller hung up."""
    for visit, events in match(truth(run), stays(read(run, "ami", "chunks"))).items():
        missed = [event for event in events if event.labels.get("missed") == "no_answer"]
        missed = [event for event in missed if event.event == "ring_missed"]
        assert len(missed) == visit.missed_rings, visit.scenario


def test_an_agent_who_hangs_up_in_the_announcement_misses_the_ring_and_the_caller_waits_on() -> None:
    pairs = {
        visit.scenario: events
        for visit, events in match(truth("faults"), stays(read("faults", "ami", "block"))).items()
    }
    dumped = pairs["agent_hangs_during_announcement"]
    assert [event.event for event in dumped].count("ring_missed") == 1
    assert next(event for event in dumped if event.event == "ring_missed").labels["missed"] == "dumped"
    assert tell(dumped) == "answered"
    # Here the caller hung up first: that is an abandon at the caller's instant, and no agent missed anything.
    gone = pairs["hangup_during_agent_announcement"]
    assert tell(gone) == "abandoned"
    assert [event.event for event in gone if event.event == "ring_missed"] == []


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("run", RUNS)
def test_no_reading_tells_of_a_person(run: str, timing: str) -> None:
    for reading in read(run, "ami", timing):
        said = repr(reading)
        assert "2025550" not in said and "Alice" not in said and "Bob" not in said and "PJSIP" not in said
        if isinstance(reading, Event):
            assert set(reading.labels) <= {
                "queue", "contact", "pbx", "exit", "missed", "transfer", "unparked", "ended_by",
            }  # fmt: skip


@pytest.mark.parametrize("timing", TIMINGS)
def test_a_killed_pbx_is_a_gap_and_never_an_abandon(timing: str) -> None:
    for client in CLIENTS:
        readings = read("faults", client, timing)
        pairs = {visit.scenario: events for visit, events in match(truth("faults"), stays(readings)).items()}
        killed, stopped = gaps(readings)
        waiting = pairs["crash_while_waiting"]
        assert {event.event for event in waiting} <= {"queued", "ringing", "ring_missed"}
        assert waiting[-1].at <= killed.since
        talking = pairs["crash_while_talking"]
        assert talking[-1].event == "ended"
        assert talking[-1].not_before == killed.since and talking[-1].at == killed.until
        held = pairs["restart_while_held"]
        assert spans(held, "held", "ended") == pytest.approx([5.049], abs=HOLD_SECONDS)
        assert held[-1].at < stopped.since, "a clean stop was seen to its end"


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("run", RUNS)
def test_a_flaky_client_invents_nothing_doubles_nothing_and_never_tells_another_outcome(
    run: str, timing: str
) -> None:
    readings = read(run, "ami_flaky", timing)
    lost = gaps(readings)
    assert len(lost) == 2
    pairs = match(truth(run), stays(readings))
    for visit in truth(run):
        if visit not in pairs:
            inside = [
                g
                for g in lost
                if g.since.timestamp() <= visit.joined and visit.joined + visit.wait <= g.until.timestamp()
            ]
            assert inside, f"{visit.scenario} was missed although somebody looked"
            continue
        events = pairs[visit]
        told = tell(events)
        assert told in (visit.outcome, "lost"), visit.scenario
        if told == "lost":
            continue
        end = one(events, "answered", "abandoned", "diverted")
        assert end is not None
        earliest = (end.not_before or end.at) - events[0].at
        latest = end.at - (events[0].not_before or events[0].at)
        assert earliest.total_seconds() - WAIT_SECONDS <= visit.wait <= latest.total_seconds() + WAIT_SECONDS


@pytest.mark.parametrize("timing", TIMINGS)
def test_after_a_gap_who_still_waits_is_said_to(timing: str) -> None:
    readings = read("calls", "ami_flaky", timing)
    gap = gaps(readings)[1]
    pairs = {visit.scenario: events for visit, events in match(truth("calls"), stays(readings)).items()}
    events = pairs["joined_while_flaky_away"]
    joined = events[0]
    assert joined.not_before is not None, "its join was not seen"
    assert joined.at - joined.not_before <= timedelta(seconds=1, microseconds=1), "Wait is in whole seconds"
    visit = next(visit for visit in truth("calls") if visit.scenario == "joined_while_flaky_away")
    assert joined.not_before.timestamp() < visit.joined <= joined.at.timestamp()
    assert [event.at for event in events if event.event == "updated"] == [gap.until]


def test_an_answer_in_a_gap_is_known_to_the_second_once_the_talk_is_over() -> None:
    readings = read("calls", "ami_flaky", "chunks")
    pairs = {visit.scenario: events for visit, events in match(truth("calls"), stays(readings)).items()}
    answered = one(pairs["missed_by_flaky_hold_12"], "answered")
    assert answered is not None and answered.not_before is not None
    visit = next(visit for visit in truth("calls") if visit.scenario == "missed_by_flaky_hold_12")
    assert answered.not_before.timestamp() < visit.joined + visit.wait <= answered.at.timestamp()
    assert answered.at - answered.not_before <= timedelta(seconds=1, microseconds=1)


@pytest.mark.parametrize("run", RUNS)
def test_two_clients_of_one_pbx_call_every_stay_by_the_same_id(run: str) -> None:
    steady, flaky = stays(read(run, "ami", "chunks")), stays(read(run, "ami_flaky", "chunks"))
    assert set(flaky) <= set(steady)


@pytest.mark.parametrize("run", RUNS)
def test_a_block_without_cuts_says_what_the_chunks_say(run: str) -> None:
    """Of a client that never lost sight the readings are the same to the microsecond, in the same order."""
    if run == "calls":
        assert read(run, "ami", "block") == read(run, "ami", "chunks")
    else:
        events = [
            [r for r in read(run, "ami", timing) if isinstance(r, Event) and r.not_before is None]
            for timing in TIMINGS
        ]
        assert events[0] == events[1]


@pytest.mark.parametrize("run", RUNS)
def test_no_event_comes_behind_its_watermark(run: str) -> None:
    proven: datetime | None = None
    for reading in read(run, "ami", "chunks"):
        if isinstance(reading, Event) and proven is not None:
            assert reading.at > proven or reading.not_before is not None, reading
        elif watermarks([reading]):
            proven = watermarks([reading])[0]
    assert proven is not None


def interleaved(first: bytes, second: bytes) -> bytes:
    """Two streams as one, message by message in the order of their stamps; unstamped ones stay where they are."""
    streams = []
    for data in (first, second):
        at, blocks = 0.0, []
        for block in data.split(b"\r\n\r\n"):
            stamp = block.partition(b"\r\nTimestamp: ")[2].partition(b"\r\n")[0]
            at = float(stamp) if stamp else at
            blocks.append((at, block))
        streams.append(blocks)
    merged = sorted(
        (at, which, number, block)
        for which, blocks in enumerate(streams)
        for number, (at, block) in enumerate(blocks)
    )
    return b"\r\n\r\n".join(block for *_, block in merged)


@pytest.mark.parametrize("seconds", [-1103, -900, 3600])
def test_two_pbxs_in_one_stream_are_told_apart_by_their_names(seconds: int) -> None:
    """One stream, two SystemNames, ids and times moved: each PBX's stays are read as if it were alone.

    Three distances between the two: side by side, half over one another, and one after the other.
    """
    shift = {"calls": 500_000, "faults": 500_000 + seconds}
    names = {"calls": "north", "faults": "south"}
    was = {"calls": "pbx1", "faults": ""}
    data = {
        run: moved(recording(run, "ami"), seconds=shift[run], system=names[run], was=was[run]) for run in RUNS
    }
    # One connection carries both, so the south's return after its crash is no beginning of a connection.
    body = re.sub(rb"Asterisk Call Manager/[0-9.]+\r\n", b"", data["faults"])
    together = played(interleaved(data["calls"], body), None)
    assert gaps(together) == []
    for run in RUNS:
        found = {
            name: events for name, events in stays(together).items() if events[0].labels["pbx"] == names[run]
        }
        there = {name: [_earlier(event, shift[run]) for event in events] for name, events in found.items()}
        pairs = match(truth(run), there)
        assert set(pairs) == set(truth(run))
        for visit, events in pairs.items():
            if visit.outcome != "lost":
                _same_as_truth(visit, events)
            assert tell(events) == visit.outcome
            assert all(event.labels["contact"].startswith(names[run] + "-") for event in events)


def _earlier(event: Event, seconds: int) -> Event:
    return replace(event, at=event.at - timedelta(seconds=seconds))


def _same_as_truth(visit: Visit, events: list[Event]) -> None:
    assert tell(events) == visit.outcome, visit.scenario
    assert waited(events) == pytest.approx(visit.wait, abs=WAIT_SECONDS), visit.scenario
    held = spans(events, "held", "resumed", *ENDINGS)
    assert held == pytest.approx([hold.seconds for hold in visit.holds], abs=HOLD_SECONDS), visit.scenario


def test_the_end_of_a_recording_is_its_last_watermark() -> None:
    for run in RUNS:
        readings = read(run, "ami", "chunks")
        last = chunks(run, "ami")[-1].t
        assert watermarks(readings)[-1] == max(watermarks(readings))
        assert abs(watermarks(readings)[-1] - datetime.fromtimestamp(last, UTC)) < timedelta(seconds=15)
