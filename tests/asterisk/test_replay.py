"""Recordings that are not as tidy as ours."""

from __future__ import annotations

from standardsd.mapping.ami_replay import Chunk, Replayer, why_untimed
from standardsd.mapping.ami_stream import AmiStream
from standardsd.model.reading import Event, Gap, Reading, Watermark
from tests.asterisk.messages import at, block, caller, queue
from tests.asterisk.recorded import definition

JOIN, OUT = block("QueueCallerJoin", 1, **queue()), block("QueueCallerAbandon", 43, **queue())
LEFT, GONE = block("QueueCallerLeave", 43.1, **queue()), block("Hangup", 43.2, **caller())


def by_stamps(data: bytes) -> list[Reading]:
    replayer = Replayer(AmiStream(definition(), "pbx", {}))
    return [reading for batch in replayer.by_stamps(data) for reading in batch]


def by_chunks(data: bytes, chunks: list[Chunk]) -> list[Reading]:
    replayer = Replayer(AmiStream(definition(), "pbx", {}))
    return [reading for batch in replayer.by_chunks(data, chunks) for reading in batch]


def names(readings: list[Reading]) -> list[str]:
    return [reading.event for reading in readings if isinstance(reading, Event)]


def test_an_excerpt_without_greeting_and_without_the_last_empty_line_is_played() -> None:
    whole = JOIN + OUT + LEFT + GONE
    for data in (whole, whole.removesuffix(b"\r\n"), whole.replace(b"\r\n", b"\n").removesuffix(b"\n")):
        assert names(by_stamps(data)) == ["queued", "abandoned"]


def test_what_waits_at_the_end_is_decided_as_it_stands() -> None:
    readings = by_stamps(JOIN + LEFT)
    assert names(readings) == ["queued", "diverted"]
    assert readings[-1] == Watermark("pbx", at(43.1))


def test_a_recording_without_stamps_or_without_anything_is_told_why_not() -> None:
    unstamped = block("QueueCallerJoin", None, **queue())
    assert why_untimed(definition(), JOIN) is None
    assert (
        why_untimed(definition(), JOIN + unstamped) == f"QueueCallerJoin at byte {len(JOIN)} has no Timestamp"
    )
    for nothing in (b"", b"Response: Success\r\n\r\n", b"\x00" * 100):
        assert why_untimed(definition(), nothing) == "no message in it has a Timestamp"


def test_stamps_that_only_pings_carry_do_not_time_a_recording() -> None:
    pong = b"Response: Success\r\nPing: Pong\r\nTimestamp: 1772442000.5\r\n\r\n"
    assert why_untimed(definition(), pong + block("QueueCallerJoin", None, **queue())) is not None


def test_times_of_receipt_stand_in_for_stamps_and_pings_correct_them() -> None:
    """The PBX's clock is 100 s ahead of the recorder's; the ping tells, and readings are on the PBX's."""
    start = at(0).timestamp()
    pong = f"Response: Success\r\nPing: Pong\r\nTimestamp: {start + 100:.6f}\r\n\r\n".encode()
    join = block("QueueCallerJoin", None, **queue())
    data = pong + join
    readings = by_chunks(data, [Chunk(start, 0, len(pong)), Chunk(start + 5, len(pong), len(join))])
    event = next(reading for reading in readings if isinstance(reading, Event))
    assert event.at == at(105)


def test_a_disconnect_and_a_reconnect_are_a_gap_even_without_a_greeting() -> None:
    later = block("QueueCallerJoin", 60, **{**queue(), "Uniqueid": "1.9", "Linkedid": "1.9"})
    start = at(0).timestamp()
    data = JOIN + later
    chunks = [
        Chunk(start, 0, mark="connect"),
        Chunk(start + 1, 0, len(JOIN)),
        Chunk(start + 20, len(JOIN), mark="disconnect"),
        Chunk(start + 50, len(JOIN), mark="reconnect"),
        Chunk(start + 60, len(JOIN), len(later)),
    ]
    (gap,) = [reading for reading in by_chunks(data, chunks) if isinstance(reading, Gap)]
    assert gap.since == at(1) and gap.until >= at(50)


def test_a_greeting_in_the_middle_is_a_new_connection() -> None:
    readings = by_stamps(
        JOIN + b"Asterisk Call Manager/11.0.0\r\n" + block("QueueCallerJoin", 60, **queue("other"))
    )
    (gap,) = [reading for reading in readings if isinstance(reading, Gap)]
    assert (gap.since, gap.until) == (at(1), at(60))
