"""How fast the judge is: calls of a busy contact center, judged by the shipped pack, in one process.

    python bench/judge_speed.py [--calls 4000] [--batch 50]

Beside it, in the same run, the same readings are only decoded from NDJSON and only put in order, so that
the ratio holds on a noisy machine.  Prints events per second of each and the ratios, and as JSON on the
last line.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from standardsd import shipped
from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.rules import load_rules
from standardsd.mapping.ndjson import read_line, write_line
from standardsd.model.reading import Event, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook

PACK = "contact-center/phones"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STORY = (
    ("queued", 0.0),
    ("ringing", 1.0),
    ("answered", 0.0),
    ("held", 40.0),
    ("resumed", 55.0),
    ("ended", 90.0),
)


def calls(count: int, seed: int = 1) -> list[Event]:
    """Six events a call, a call every half second; a quarter of them wait for too long."""
    rng = random.Random(seed)
    events = []
    for number in range(count):
        began = START + timedelta(seconds=number / 2)
        labels = {"site": f"site-{number % 5}", "queue": f"queue-{number % 3}"}
        for name, after in STORY:
            seconds = 1 + rng.random() * 25 if name == "answered" else after
            at = began + timedelta(seconds=seconds)
            events.append(
                Event("pbx", "call", str(number), name, at, labels=labels if name == "queued" else {})
            )
    return sorted(events, key=lambda event: event.at)


def rule_book() -> RuleBook:
    path = shipped.find("rules", PACK)
    assert path is not None, PACK
    book = load_rules([(PACK, path.read_bytes())]).book
    assert book is not None, PACK
    return book


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=4_000)
    parser.add_argument("--batch", type=int, default=50, help="events heard together, with one watermark")
    asked = parser.parse_args()
    events, book = calls(asked.calls), rule_book()
    lines = [write_line(event) for event in events]

    def judge() -> None:
        judging = Judge(book, [Source("pbx")], JudgeSettings(keep=timedelta(hours=1)))
        for place in range(0, len(events), asked.batch):
            batch = events[place : place + asked.batch]
            now = batch[-1].at
            judging.receive([*batch, Watermark("pbx", now)], now)

    took = {
        "decode": seconds_of(lambda: [read_line(line) for line in lines]),
        "order": seconds_of(lambda: sorted(events, key=lambda e: (e.id, e.at))),
        "judge": seconds_of(judge),
    }
    rates = {name: len(events) / seconds for name, seconds in took.items()}
    print(
        f"{len(events)} events of {asked.calls} calls, {len(book.standards)} standards, batches of {asked.batch}"
    )
    for name, rate in rates.items():
        print(f"  {name:<8}{rate:>12,.0f} events/s   {took['judge'] / took[name]:>8.1f} × as long to judge")
    ratios = {name: round(took["judge"] / seconds, 2) for name, seconds in took.items()}
    print(
        json.dumps(
            {
                "events": len(events),
                "events_per_second": {k: round(v) for k, v in rates.items()},
                "ratios": ratios,
            }
        )
    )


if __name__ == "__main__":
    main()
