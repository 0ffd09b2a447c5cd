"""The two recordings of a real Asterisk and what really happened, by the callers' own clocks.

`recordings/` holds every byte that two clients received (see its README); nothing is thinned.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from standardsd import shipped
from standardsd.language.definitions import read_definition
from standardsd.mapping.ami_replay import Chunk, Replayer, read_chunks, why_untimed
from standardsd.mapping.ami_stream import AmiStream
from standardsd.model.definition import Definition
from standardsd.model.reading import Event, Gap, Reading, Retract, Watermark

FOLDER = Path(__file__).parent / "recordings"
RUNS = ("calls", "faults")
CLIENTS = ("ami", "ami_flaky")

KEY_PRESS_SECONDS = 0.17  # a key press counts when its tone has ended (README of the recordings)


@lru_cache
def definition() -> Definition:
    path = shipped.find("exporters", "asterisk")
    assert path is not None
    found, problems = read_definition(path.read_bytes(), str(path))
    assert found is not None, problems
    return found


@lru_cache
def recording(run: str, client: str) -> bytes:
    return lzma.decompress((FOLDER / f"{run}.{client}.log.xz").read_bytes())


@lru_cache
def chunks(run: str, client: str) -> tuple[Chunk, ...]:
    lines = lzma.decompress((FOLDER / f"{run}.{client}.chunks.jsonl.xz").read_bytes()).splitlines()
    return tuple(read_chunks(lines, len(recording(run, client))))


@dataclass(frozen=True)
class Hold:
    start: float
    seconds: float


@dataclass(frozen=True)
class Visit:
    """One stay as the driver of the test bed saw it.  ``wait``: what AMI should say, documented offsets added."""

    call: int
    scenario: str
    queue: str
    joined: float
    outcome: str
    wait: float
    holds: tuple[Hold, ...]
    parked: tuple[Hold, ...]
    transfers: tuple[str, ...]
    missed_rings: int
    ended: float


@lru_cache
def truth(run: str) -> tuple[Visit, ...]:
    told = json.loads((FOLDER / f"{run}.truth.json").read_text())
    visits = []
    for call in told["calls"]:
        for number, visit in enumerate(call["queue_visits"]):
            first = number == 0  # holds, parking and transfers happened in the first stay of a call
            offset = visit.get("agent_announcement_s", 0.0)
            offset += KEY_PRESS_SECONDS if visit["outcome"] == "exit_key" else 0.0
            agents = [hold for hold in call["holds"] if hold["by"] == "agent"]
            visits.append(
                Visit(
                    call["call"], call["scenario"], visit["queue"], visit["t_join"], visit["outcome"],
                    visit["wait_s"] + offset,
                    tuple(Hold(h["t_start"], h["seconds"]) for h in agents) if first else (),
                    tuple(Hold(p["t_start"], p["seconds"]) for p in call["parks"]) if first else (),
                    tuple(transfer["kind"] for transfer in call["transfers"]) if first else (),
                    _missed(call["rings"], visit),
                    call["t_end"],
                )
            )  # fmt: skip
    return tuple(visits)


def _missed(rings: list[dict[str, Any]], visit: dict[str, Any]) -> int:
    """Rings that ended because nobody picked up (or was busy): not because the caller was gone, or another won."""
    won = [ring["t_answer"] for ring in rings if ring["outcome"] == "answered"]
    over = visit["t_leave"] + (0.1 if visit["outcome"] == "timeout" else -0.05)
    return sum(
        ring["outcome"] in ("noanswer", "busy")
        and visit["t_join"] - 1 <= ring["t_ring"]
        and ring["t_end"] < over
        and all(abs(ring["t_end"] - at) > 0.05 for at in won)
        for ring in rings
    )


def played(
    data: bytes, timing: Sequence[Chunk] | None, *, source: str = "pbx", labels: dict[str, str] | None = None
) -> list[Reading]:
    """All readings of a recording; ``timing`` None: timed by the stamps inside."""
    stream = AmiStream(definition(), source, labels or {})
    replayer = Replayer(stream)
    if timing is None:
        assert why_untimed(definition(), data) is None
    batches = replayer.by_stamps(data) if timing is None else replayer.by_chunks(data, timing)
    readings = [reading for batch in batches for reading in batch]
    assert replayer.refused == [], "no byte of a real recording is refused"
    assert stream.rejected() == [], "no record of a real recording lacks a field"
    return readings


def stays(readings: Iterable[Reading]) -> dict[str, list[Event]]:
    """Interaction → its events as they stand in the end: retracted ones are taken out, in order of time."""
    readings = list(readings)
    back = {(r.id, r.event, r.at) for r in readings if isinstance(r, Retract)}
    found: dict[str, list[Event]] = {}
    for reading in readings:
        if isinstance(reading, Event) and (reading.id, reading.event, reading.at) not in back:
            found.setdefault(reading.id, []).append(reading)
    for events in found.values():
        events.sort(key=lambda event: event.at)
    return found


def one(events: Iterable[Event], *names: str) -> Event | None:
    """The only event of these names; None where there is none; two are an error."""
    found = [event for event in events if event.event in names]
    assert len(found) <= 1, f"doubled: {found}"
    return found[0] if found else None


def spans(events: Iterable[Event], enter: str, *leave: str) -> list[float]:
    """Lengths of the stays in a state, in seconds."""
    lengths, began = [], None
    for event in events:
        if event.event == enter and began is None:
            began = event.at
        elif event.event in leave and began is not None:
            lengths.append((event.at - began).total_seconds())
            began = None
    return lengths


def match(visits: Iterable[Visit], found: dict[str, list[Event]]) -> dict[Visit, list[Event]]:
    """Each true visit with the stay that was read for it, at most one; fails for a stay nobody made."""
    left = dict(found)
    pairs: dict[Visit, list[Event]] = {}
    for visit in visits:
        same = [name for name, events in left.items() if _fits(visit, events)]
        assert len(same) <= 1, f"{visit.scenario} was read {len(same)} times: {same}"
        if same:
            pairs[visit] = left.pop(same[0])
    assert left == {}, f"invented: {left}"
    return pairs


def _fits(visit: Visit, events: Sequence[Event]) -> bool:
    joined = events[0]
    assert joined.event == "queued", f"a stay begins with {joined.event}"
    if joined.labels["queue"] != visit.queue:
        return False
    latest = joined.at.timestamp() + (0.02 if visit.outcome != "timeout" else 0.05)
    earliest = (joined.not_before or joined.at).timestamp() - 1.05  # after a time-out up to 1 s early
    return earliest <= visit.joined <= latest + 0.05


def gaps(readings: Iterable[Reading]) -> list[Gap]:
    return [reading for reading in readings if isinstance(reading, Gap)]


def watermarks(readings: Iterable[Reading]) -> list[datetime]:
    return [reading.at for reading in readings if isinstance(reading, Watermark)]


# --- the same recordings at another PBX, another time ------------------------------------------

_STAMP = re.compile(rb"\b(1[0-9]{9})(?=[.]|\b)")


def moved(data: bytes, *, seconds: int, system: str, was: str = "") -> bytes:
    """The recording as a PBX called ``system`` would have sent it ``seconds`` later.

    Every number of ten digits that begins with 1 is a time or the time in an id; all of them are moved.
    A PBX that had a name loses it; the new one stands in every event that carries a stamp.
    """
    data = _STAMP.sub(lambda found: str(int(found[1]) + seconds).encode(), data)
    if was:
        data = data.replace(b"SystemName: " + was.encode() + b"\r\n", b"")
        data = data.replace(was.encode() + b"-", system.encode() + b"-")
    return re.sub(
        rb"(\r\nTimestamp: [0-9.]+\r\n)(?!\r\n)", rb"\1SystemName: " + system.encode() + rb"\r\n", data
    )
