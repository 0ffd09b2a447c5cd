"""Readings: facts taken from outside systems (STANDARDS.md §1).

One struct a kind of fact.  They are what the wire carries (one JSON object a
line), what the journal keeps and what the judge hears, in the same shape.
Decode them with ``standardsd.mapping.ndjson``, which refuses naive times and turns every
offset to UTC; built in code, ``at`` must already be aware and UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

Instant = Annotated[datetime, Meta(tz=True)]
"""An aware instant, kept in UTC with microseconds."""

Word = Annotated[str, Meta(min_length=1, max_length=256)]
"""A name or id from outside: never empty, never longer than 256 characters."""

Labels = dict[str, str]
"""Flat strings.  Built once, never changed afterwards."""


class Event(Struct, frozen=True, gc=False, tag="event", omit_defaults=True, forbid_unknown_fields=True):
    """Something happened to one interaction at one instant.

    ``not_before``: it is only known to have happened in (``not_before``, ``at``].
    ``seq`` orders events of one instant; absent means 0.
    """

    source: Word
    kind: Word
    id: Word
    event: Word
    at: Instant
    seq: int = 0
    not_before: Instant | None = None
    labels: Labels = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)


class Retract(Struct, frozen=True, gc=False, tag="retract", omit_defaults=True, forbid_unknown_fields=True):
    """An earlier event was wrong, or the whole interaction was.

    Without ``event`` the whole interaction is taken back; with ``event`` and no
    ``at`` every event of that name; with both that one event.  It also takes back
    what has not been read yet, because the order of arrival never matters.
    """

    source: Word
    kind: Word
    id: Word
    event: Word | None = None
    at: Instant | None = None
    reason: str = ""


class Sample(Struct, frozen=True, gc=False, tag="sample", omit_defaults=True, forbid_unknown_fields=True):
    """A number was so at one instant."""

    source: Word
    name: Word
    at: Instant
    value: float
    labels: Labels = field(default_factory=dict)


class Watermark(Struct, frozen=True, gc=False, tag="watermark", forbid_unknown_fields=True):
    """Every reading of this source with ``at`` ≤ this instant has been delivered."""

    source: Word
    at: Instant


class Gap(
    Struct,
    frozen=True,
    gc=False,
    tag="gap",
    forbid_unknown_fields=True,
    rename={"since": "from", "until": "to"},
):
    """The source lost sight in [``since``, ``until``); ``from`` and ``to`` on the wire."""

    source: Word
    since: Instant
    until: Instant


Reading = Event | Retract | Sample | Watermark | Gap


def instants(reading: Reading) -> tuple[datetime, ...]:
    """Every instant a reading names; the greatest is what moves the wall clock of ``standardsd judge``."""
    match reading:
        case Gap():
            return (reading.since, reading.until)
        case Retract():
            return () if reading.at is None else (reading.at,)
        case _:
            return (reading.at,)
