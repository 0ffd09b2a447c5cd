"""How fast the judge is, beside the least that any judge costs, on the same readings in the same run.

    python bench/judge_speed.py [--events 300000] [--batch 1000] [--open 100000]

First a mixed day (bench/traffic.py) as NDJSON is judged by twelve shipped standards, decoding included, and by
bench/baseline.py: events per second of each, and the ratio, which holds on a noisy machine.  Then so many
promises are opened, the memory each takes is told, and while they are open the time from the watermark that
reaches a due instant to its breach (garbage collection included).  A thousand standards are loaded and checked
last.  The last line is JSON.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

import baseline
import traffic

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.rules import load_rules
from standardsd.mapping.ndjson import read_line, write_line
from standardsd.model.decision import Amendment, Final, VerdictSpoken
from standardsd.model.reading import Event, Reading, Watermark
from standardsd.model.source import Source

SETTINGS = JudgeSettings(keep=timedelta(minutes=5))


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def batches(count: int, size: int) -> list[list[bytes]]:
    """NDJSON, a watermark behind every batch."""
    told: list[list[bytes]] = []
    stream = traffic.events(count)
    while batch := list(islice(stream, size)):
        told.append([*map(write_line, batch), write_line(Watermark("desk", batch[-1].at))])
    return told


def judged(told: list[list[bytes]]) -> int:
    """How many lines were said."""
    judge = Judge(traffic.rule_book(), [Source("desk")], SETTINGS)
    said = 0
    for lines in told:
        readings: list[Reading] = [read_line(line) for line in lines]
        mark = readings[-1]
        assert isinstance(mark, Watermark)
        decisions = judge.receive(readings, mark.at)
        said += sum(isinstance(one, VerdictSpoken | Amendment | Final) for one in decisions)
    return said


def speed(count: int, batch: int) -> dict[str, float]:
    told = batches(count, batch)
    flat = [line for lines in told for line in lines]
    plain = seconds_of(lambda: baseline.judge(flat))
    ours = seconds_of(lambda: judged(told))
    return {"baseline": count / plain, "judge": count / ours, "ratio": plain / ours}


def opened(count: int) -> tuple[Judge, datetime]:
    """A judge with so many callers waiting, one a millisecond."""
    book = traffic.rule_book()
    judge = Judge(book, [Source("desk")], SETTINGS)
    at = traffic.START
    for first in range(0, count, 1_000):
        batch = []
        for number in range(first, min(first + 1_000, count)):
            at += timedelta(milliseconds=1)
            labels = {"site": f"site-{number % traffic.SITES}", "department": "concierge"}
            batch.append(Event("desk", "request", str(number), "requested", at, labels=labels))
        judge.receive(batch, at)
    return judge, at


def while_open(count: int, looks: int) -> dict[str, float]:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    judge, at = opened(min(count, 20_000))
    per_interaction = (tracemalloc.get_traced_memory()[0] - before) / min(count, 20_000)
    tracemalloc.stop()
    del judge
    gc.collect()
    judge, at = opened(count)
    open_now = sum(group.open for group in judge.snapshot().groups)
    due = judge.next_due("desk")
    assert due is not None
    took = []
    for look in range(looks):
        mark = max(due, at) + timedelta(milliseconds=look)
        began = time.perf_counter()
        said = judge.receive([Watermark("desk", mark)], mark)
        took.append((time.perf_counter() - began) * 1_000 / max(1, look == 0 or len(said) > 0))
    took.sort()
    return {
        "open": open_now,
        "bytes_per_open_promise": per_interaction * count / open_now,
        "due_to_decision_median_ms": statistics.median(took[: looks - 1]),
        "due_to_decision_p99_ms": took[int(0.99 * (looks - 1))],
    }


def thousand() -> float:
    """Seconds to load and check a thousand standards in one file."""
    lines = ["version: 1", "set: many", "calendars:", "  desk:", "    timezone: Europe/Bucharest",
             '    weekly: {mon-fri: ["08:00-18:00"]}', "standards:"]  # fmt: skip
    for number in range(1_000):
        clock = "clock: desk" if number % 2 else "clock: always"
        lines += [
            f"  - id: standard-{number}",
            f"    title: Guests of desk {number} are greeted",
            "    of: visit",
            f"    where: {{desk: d{number}}}",
            "    measure: {from: arrived, to: greeted}",
            f"    promise: {{within: {30 + number}s}}",
            f"    {clock}",
            "    objective: {at_least: 95%, over: 30d, min_count: 20}",
            "    alert: {on: [breach, at_risk, burn]}",
        ]
    text = "\n".join(lines).encode()

    def load() -> None:
        loaded = load_rules([("many.yaml", text)])
        assert loaded.book is not None, loaded.problems[:1]
        assert len(loaded.book.standards) == 1_000

    return seconds_of(load)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--batch", type=int, default=1_000, help="events heard together, with one watermark")
    parser.add_argument("--open", type=int, default=100_000, help="interactions open at once")
    asked = parser.parse_args()
    figures = speed(asked.events, asked.batch)
    print(f"{asked.events} events, {len(traffic.STANDARDS)} standards, batches of {asked.batch}")
    print(f"  baseline  {figures['baseline']:>12,.0f} events/s")
    print(f"  judge     {figures['judge']:>12,.0f} events/s   {figures['ratio']:.3f} of the baseline")
    figures |= while_open(asked.open, 200)
    print(f"  {figures['open']:,.0f} promises open, {figures['bytes_per_open_promise']:,.0f} bytes each")
    median, most = figures["due_to_decision_median_ms"], figures["due_to_decision_p99_ms"]
    print(f"  from due to decision: median {median:.2f} ms, p99 {most:.2f} ms")
    figures["thousand_standards_seconds"] = thousand()
    print(f"  1,000 standards loaded and checked in {figures['thousand_standards_seconds']:.2f} s")
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
