"""What a simulated house counts as well: how many wait in front of the desk or in the telephone queue.

A sensor as real ones are: it says the number whenever it changes, and once when it begins to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from standardsd.model.reading import Event, Reading, Sample


@dataclass(frozen=True)
class Counted:
    """The sample ``name``: interactions of ``kind`` that have entered and not left."""

    name: str
    kind: str
    enters: frozenset[str]
    leaves: frozenset[str]


COUNTS: dict[str, tuple[Counted, ...]] = {
    "hotel": (Counted("lobby_queue", "visit", frozenset({"arrived"}), frozenset({"greeted", "left"})),),
    "contact_center": (
        Counted(
            "calls_waiting", "call", frozenset({"queued"}), frozenset({"answered", "abandoned", "diverted"})
        ),
    ),
}


class Counting:
    """Counts as events are told.  ``labels``: of every sample, those of the house."""

    def __init__(self, source: str, profile: str, labels: tuple[tuple[str, str], ...]) -> None:
        self._source = source
        self._labels = dict(labels)
        self._counts = COUNTS[profile]
        self._inside: dict[str, set[str]] = {}

    def begin(self, happened: Iterable[Event], now: datetime) -> list[Sample]:
        """Counts anew: ``happened`` is, in order, all that has been seen of what is not over at ``now``."""
        self._inside = {counted.name: set() for counted in self._counts}
        for event in happened:
            for counted in self._counts:
                self._take(counted, event)
        return [self._sample(counted, now) for counted in self._counts]

    def with_samples(self, told: Sequence[Event]) -> list[Reading]:
        """The events, each followed by the numbers that it changed; of events of one instant only the last is."""
        readings: list[Reading] = []
        changed: dict[str, Counted] = {}
        for place, event in enumerate(told):
            readings.append(event)
            changed |= {one.name: one for one in self._counts if self._take(one, event)}
            if place + 1 == len(told) or told[place + 1].at > event.at:
                readings += (self._sample(counted, event.at) for counted in changed.values())
                changed = {}
        return readings

    def _take(self, counted: Counted, event: Event) -> bool:
        """Whether the number is another one now."""
        if event.kind != counted.kind:
            return False
        inside = self._inside[counted.name]
        before = len(inside)
        if event.event in counted.enters:
            inside.add(event.id)
        elif event.event in counted.leaves:
            inside.discard(event.id)
        return len(inside) != before

    def _sample(self, counted: Counted, at: datetime) -> Sample:
        return Sample(self._source, counted.name, at, float(len(self._inside[counted.name])), self._labels)
