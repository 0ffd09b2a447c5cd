"""How fast the store takes readings, beside bare SQLite in the same run.

    python bench/ingest.py [--readings 400000] [--batch 1000] [--folder DIR]

Three ways write the same readings to the same disk with the same pragmas and one fsync
a batch: one row a reading through ``sqlite3``; one row a reading with the two indexes
that the same questions would need; and ``Store.commit``.  Prints a table and, as the
last line, the numbers as JSON.  The disk must be a real one: on tmpfs an fsync is free.
"""

from __future__ import annotations

import argparse
import gc
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from standardsd.model.reading import Event
from standardsd.store.entries import Entry, ReadingsInput
from standardsd.store.sqlite import PRAGMAS
from standardsd.store.store import Store

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
STAGES = ("queued", "ringing", "answered", "ended")

Batches = list[tuple[Event, ...]]


def traffic(count: int, batch: int) -> Batches:
    """Calls of four events each, many open at once, as one busy contact center says them."""
    readings = []
    for n in range(count):
        call, stage = divmod(n, len(STAGES))
        site = call % 7
        readings.append(
            Event(
                source="pbx1",
                kind="call",
                id=f"pbx1/{1_772_442_000 + call}.{call % 1000}",
                event=STAGES[stage],
                at=BEGAN + timedelta(milliseconds=250 * call + 9_137 * stage),
                labels={"site": f"site-{site}", "queue": f"sales-{call % 5}"} if stage == 0 else {},
            )
        )
    readings.sort(key=lambda reading: reading.at)
    return [tuple(readings[first : first + batch]) for first in range(0, count, batch)]


def bare(path: Path, batches: Batches, *, indexed: bool) -> Iterator[float]:
    """One row a reading; yields the seconds of each batch."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    for name, value in PRAGMAS:
        connection.execute(f"PRAGMA {name}={value}")
    connection.execute(
        "CREATE TABLE reading (seq INTEGER PRIMARY KEY, source TEXT, kind TEXT, id TEXT, event TEXT,"
        " at INTEGER, labels TEXT)"
    )
    if indexed:
        connection.execute("CREATE INDEX reading_interaction ON reading (kind, id)")
        connection.execute("CREATE INDEX reading_source ON reading (source, at)")
    for batch in batches:
        began = time.perf_counter()
        rows = [
            (r.source, r.kind, r.id, r.event, int(r.at.timestamp() * 1e6), msgspec.json.encode(r.labels))
            for r in batch
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO reading (source, kind, id, event, at, labels) VALUES (?,?,?,?,?,?)", rows
        )
        connection.execute("COMMIT")
        yield time.perf_counter() - began
    connection.close()


def ours(path: Path, batches: Batches) -> Iterator[float]:
    with Store.open(path) as store:
        for batch in batches:
            began = time.perf_counter()
            store.commit([Entry(BEGAN, ReadingsInput(source="pbx1", readings=batch, cursor=b"here"))])
            yield time.perf_counter() - began


def measured(name: str, path: Path, seconds: Iterator[float], count: int) -> dict[str, float | str]:
    gc.collect()
    spent = sorted(seconds)
    size = sum(file.stat().st_size for file in path.parent.glob(path.name + "*"))
    return {
        "name": name,
        "readings_per_s": round(count / sum(spent)),
        "batch_ms_median": round(1e3 * spent[len(spent) // 2], 2),
        "batch_ms_p99": round(1e3 * spent[int(len(spent) * 0.99)], 2),
        "bytes_per_reading": round(size / count, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--readings", type=int, default=400_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    options = parser.parse_args()
    batches = traffic(options.readings, options.batch)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        at = Path(folder)
        paths = [at / "bare.sqlite", at / "indexed.sqlite", at / "store.sqlite"]
        figures = [
            measured("bare rows", paths[0], bare(paths[0], batches, indexed=False), options.readings),
            measured(
                "bare rows, 2 indexes", paths[1], bare(paths[1], batches, indexed=True), options.readings
            ),
            measured("Store.commit", paths[2], ours(paths[2], batches), options.readings),
        ]
    print(f"{options.readings} readings in batches of {options.batch}, one fsync a batch")
    for line in figures:
        ratio = float(line["readings_per_s"]) / float(figures[0]["readings_per_s"])
        print(
            f"{line['name']:<22}{line['readings_per_s']:>10} readings/s  ×{ratio:4.2f}  "
            f"batch {line['batch_ms_median']} ms median, {line['batch_ms_p99']} ms p99, "
            f"{line['bytes_per_reading']} B a reading"
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
