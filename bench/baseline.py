"""What a judge costs at the very least: a dict, a heap and two promises written into the code.

Callers are answered within 20 seconds, guests are greeted within 60.  Nothing is amended, nothing is late,
nobody's source goes dark, no label matters: this is the floor that the real judge is measured against.
At most 60 lines, so that it stays one.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any

import msgspec

OPENS = {("call", "queued"): 20.0, ("visit", "arrived"): 60.0}
CLOSES = {("call", "answered"), ("visit", "greeted")}
ENDS = {("call", "abandoned"), ("call", "ended"), ("visit", "left"), ("visit", "finished")}


class Line(msgspec.Struct, gc=False):
    """One reading as it comes, instants as numbers."""

    type: str
    at: str
    kind: str = ""
    id: str = ""
    event: str = ""
    labels: dict[str, str] = {}


def judge(lines: Iterable[bytes]) -> dict[str, int]:
    """Verdicts counted: met, breached, excluded."""
    decode = msgspec.json.Decoder(Line).decode
    seconds: Any = __import__("datetime").datetime.fromisoformat
    due_of: dict[tuple[str, str], float] = {}
    heap: list[tuple[float, tuple[str, str]]] = []
    counts = {"met": 0, "breached": 0, "excluded": 0}
    for raw in lines:
        line = decode(raw)
        at = seconds(line.at).timestamp()
        if line.type != "event":
            while heap and heap[0][0] < at:
                due, key = heappop(heap)
                if due_of.get(key) == due:
                    del due_of[key]
                    counts["breached"] += 1
            continue
        what, key = (line.kind, line.event), (line.kind, line.id)
        if what in OPENS:
            due_of[key] = due = at + OPENS[what]
            heappush(heap, (due, key))
        elif what in CLOSES or what in ENDS:
            known = due_of.pop(key, None)
            if known is not None:
                counts["breached" if at > known else "met" if what in CLOSES else "excluded"] += 1
    return counts
