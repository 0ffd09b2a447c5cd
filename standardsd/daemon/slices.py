"""A batch on its way to the judge: in slices, between which others are heard, and without what cannot be judged.

A slice is an input of its own in the journal, so that reading it again says the same; all slices of a batch are
one transaction, so that whoever sent it is told of all of it or of nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec import structs

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
    refused: list[Refused] = []
    for place, reading in enumerate(batch.readings):
        what = too_long.get((reading.kind, reading.id)) if isinstance(reading, Event | Retract) else None
        if what is not None:
            rejected.append(Rejection("too_many_readings", f"reading {place}", what))
            refused.append(Refused(batch.source, "too_many_readings", what, now, place))
        else:
            kept.append(reading)
    return replace(batch, readings=tuple(kept), rejected=(*batch.rejected, *rejected)), refused


def in_the_slice(refused: Sequence[Refused], left_out: Sequence[Refused], readings: int) -> list[Refused]:
    """All that was refused of a slice of so many readings, by its place there.

    ``refused`` has places among those that ``without`` kept, ``left_out`` those that it did not keep.
    """
    gone = {one.place for one in left_out}
    kept = [place for place in range(readings) if place not in gone] if gone else range(readings)
    there = [one if one.place is None else structs.replace(one, place=kept[one.place]) for one in refused]
    return sorted([*there, *left_out], key=lambda one: one.place or 0)


def in_the_batch(refused: Sequence[Refused], began: int) -> list[Refused]:
    """The same by the place in the batch, of whose readings the slice began with this one."""
    return [one if one.place is None else structs.replace(one, place=began + one.place) for one in refused]
