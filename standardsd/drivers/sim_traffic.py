"""When the interactions of a simulated house happen: arrivals with the shape of a day, made from a seed.

Pure: time comes only as an argument, and the same arguments always give the same readings.  Arrivals
are drawn in slices of ten seconds, counted from the anchor (the instant at which the simulated day stood
at its starting hour), so what happens does not depend on how often or from when on one looks: that lets a
restarted simulator go on with the calls it had open, and every demo begins with the same first minute.

A day is compressed by ``speed``: at 144 its 24 hours pass in ten minutes, so arrivals come 144 times
as fast (times ``per_day`` small enough for that).  What happens inside an interaction keeps real seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from standardsd.drivers.sim_stories import PROFILES, Flow
from standardsd.model.reading import Event

SLICE_SECONDS = 10
SLICE_ARRIVALS_MAX = 1_000
"""Of one flow in one slice; what a mistyped ``busy`` asks beyond this does not come."""

DAY_SECONDS = 86_400.0
SLICE = timedelta(seconds=SLICE_SECONDS)


@dataclass(frozen=True)
class Story:
    """One interaction from beginning to end; its events ascend, and the last is its ending."""

    events: tuple[Event, ...]

    @property
    def began(self) -> datetime:
        return self.events[0].at

    @property
    def ended(self) -> datetime:
        return self.events[-1].at


@dataclass(frozen=True)
class Traffic:
    """The traffic of one house.

    ``speed``: simulated seconds of the day that pass in a real one.  ``busy``: factor on all arrivals.
    ``starts_at``: hour of the simulated day, in [0, 24), at which a day's anchor stands.
    ``labels``: put on the first event of each interaction, under its own.
    """

    source: str
    profile: str
    seed: int
    speed: float
    busy: float
    starts_at: float
    labels: tuple[tuple[str, str], ...] = ()

    def hour(self, at: datetime, anchor: datetime) -> float:
        """Hour of the simulated day, in [0, 24)."""
        passed = (at - anchor).total_seconds() * self.speed / 3600.0
        return (self.starts_at + passed) % 24.0

    def stories(self, *, after: datetime, until: datetime, anchor: datetime) -> Iterator[Story]:
        """Every interaction that begins in (``after``, ``until``], in order of flow and slice, not of time."""
        for number in range((after - anchor) // SLICE, (until - anchor) // SLICE + 1):
            for flow in PROFILES[self.profile]:
                for story in self._in_slice(flow, number, anchor):
                    if after < story.began <= until:
                        yield story

    def _in_slice(self, flow: Flow, number: int, anchor: datetime) -> Iterator[Story]:
        """Arrivals by thinning: drawn at the day's peak rate, each kept with the chance of its own hour.

        Which candidates there are depends on the seed and the slice alone; which are kept, also on the hour.
        """
        rng = Random(f"{self.seed}/{self.source}/{flow.name}/{number}")  # noqa: S311  (no secret)
        peak = flow.peak
        at_peak = flow.per_day / DAY_SECONDS * self.speed * self.busy * peak
        offset = 0.0
        for candidate in range(SLICE_ARRIVALS_MAX):
            offset += rng.expovariate(at_peak)
            if offset >= SLICE_SECONDS:
                return
            at = anchor + number * SLICE + timedelta(microseconds=int(offset * 1_000_000))
            weight = flow.weight(self.hour(at, anchor))
            # Drawn for every candidate, kept or not, so that one hour's choice does not shift the next arrival.
            keep, own = rng.random(), rng.getrandbits(64)
            if keep * peak < weight:
                # With the anchor in it, an id is never used again on another day.
                name = f"{anchor.isoformat()}/{number}/{candidate}"
                yield self._story(flow, name, at, weight / peak, Random(own))  # noqa: S311

    def _story(self, flow: Flow, name: str, began: datetime, busyness: float, rng: Random) -> Story:
        key = f"{self.seed}/{self.source}/{flow.name}/{name}".encode()
        interaction = f"{self.source}/{hashlib.blake2b(key, digest_size=6).hexdigest()}"
        events: list[Event] = []
        for step in flow.tell(rng, busyness):
            labels = dict(self.labels) | step.labels if not events else step.labels
            # Milliseconds are as fine as telephone systems tell, and no two steps share one.
            at = began + timedelta(milliseconds=round(step.offset * 1_000))
            if events:
                at = max(at, events[-1].at + timedelta(milliseconds=1))
            events.append(Event(self.source, flow.kind, interaction, step.event, at, labels=labels))
        return Story(tuple(events))
