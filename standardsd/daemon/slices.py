"""A batch on its way to the judge: in slices, between which others are heard, and without what cannot be judged.

A slice is an input of its own in the journal, so that reading it again says the same; all slices of a batch are
one transaction, so that whoever sent it is told of all of it or of nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from standardsd.drivers.base import Batch, Rejection
from standardsd.model.decision import Refused
from standardsd.model.reading import Event, Reading, Retract

slice_readings_max = 200
"""Judged without a look at the loop: some 0.1 s where each opens a promise."""

turns_between = 8
"""Of the loop, between two slices: a request takes about so many from its first byte to its answer."""


def slices(batch: Batch) -> list[Batch]:
    """The batch in its order; cursor, key and what was rejected go with the last one."""
    readings = batch.readings
    if len(readings) <= slice_readings_max:
        return [batch]
    parts = [
        readings[began : began + slice_readings_max] for began in range(0, len(readings), slice_readings_max)
    ]
    return [*(Batch(batch.source, part) for part in parts[:-1]), replace(batch, readings=parts[-1])]


async def let_others_in() -> None:
    """Everybody else on the loop gets their turn."""
    for _ in range(turns_between):
        await asyncio.sleep(0)


def without(
    batch: Batch, too_long: Mapping[tuple[str, str], str], now: datetime
) -> tuple[Batch, list[Refused]]:
    """The batch without the readings of these interactions, which become rejected records of it."""
    kept: list[Reading] = []
    rejected: list[Rejection] = []
    for place, reading in enumerate(batch.readings):
        what = too_long.get((reading.kind, reading.id)) if isinstance(reading, Event | Retract) else None
        if what is not None:
            rejected.append(Rejection("too_many_readings", f"reading {place}", what))
        else:
            kept.append(reading)
    refused = [Refused(batch.source, "too_many_readings", one.what, now) for one in rejected]
    return replace(batch, readings=tuple(kept), rejected=(*batch.rejected, *rejected)), refused
