"""What has been said of one interaction, in order.

Arrival order never matters: copies of an event are merged by rules that do not ask
which came first, and a retraction also takes back what has not been read yet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct, structs

from standardsd.model.reading import Event, Labels, Retract
from standardsd.model.vocabulary import Kind

EventKey = tuple[str, datetime, str]
"""(event, at, label ``item``): two events alike in these are one."""

NO_LABELS: Labels = {}

_V = TypeVar("_V", str, float)


class History(Struct, gc=False):
    """Events and retractions of one interaction.

    ``ordered`` and ``labels_at`` are views that are made when asked for and dropped when
    something new is said; nothing in here is counted up or remembered besides what was said.
    ``revision`` grows when the past changes: by a retraction, or by an event that is not
    later than all before it.  ``first``, ``latest``: of everything said, retracted or not.
    ``uncertain``: perhaps one of the events has a ``not_before``;
    False is sure, and spares all that never has one every further question.
    """

    events: dict[EventKey, Event]
    retracted: list[Retract]
    sources: set[str]
    revision: int = 0
    uncertain: bool = False
    first: datetime | None = None
    latest: datetime | None = None
    _ordered: tuple[Event, ...] | None = None
    _instants: tuple[tuple[datetime, ...], tuple[Labels, ...]] | None = None

    @classmethod
    def empty(cls) -> History:
        return cls({}, [], set())

    @classmethod
    def of(cls, ordered: tuple[Event, ...]) -> History:
        """A view of these events, which are in order and stand, to be looked at and not added to."""
        return cls({}, [], set(), _ordered=ordered)

    def add(self, event: Event) -> bool:
        """Whether this changed anything."""
        key = _key(event)
        known = self.events.get(key)
        merged = event if known is None else _merge(known, event)
        self.sources.add(event.source)
        if merged == known:
            return False
        self.events[key] = merged
        self.uncertain = self.uncertain or event.not_before is not None
        if self.first is None or event.at < self.first:
            self.first = event.at
        if self.latest is None or event.at > self.latest:
            self.latest = event.at
        else:
            self.revision += 1
        self._forget_views()
        return True

    def retract(self, retract: Retract) -> bool:
        """Whether this changed anything."""
        if any((r.event, r.at) == (retract.event, retract.at) for r in self.retracted):
            return False
        self.retracted.append(retract)
        self.revision += 1
        self._forget_views()
        return True

    def ordered(self, kind: Kind) -> tuple[Event, ...]:
        """Events that stand, by ``at``, ``seq``, the vocabulary's order, then name."""
        if self._ordered is None:
            standing = [event for event in self.events.values() if not self._taken_back(event)]
            self._ordered = in_order(standing, kind)
        return self._ordered

    def labels_at(self, at: datetime, kind: Kind) -> Labels:
        """Per key the value carried by the latest event with ``at`` ≤ this instant (all events of it included)."""
        instants, labels = self.label_changes(kind)
        place = bisect_right(instants, at)
        return labels[place - 1] if place else NO_LABELS

    def label_changes(self, kind: Kind) -> tuple[tuple[datetime, ...], tuple[Labels, ...]]:
        """Every instant at which something happened, and the labels from then on."""
        if self._instants is None:
            instants: list[datetime] = []
            after: list[Labels] = []
            now: Labels = NO_LABELS
            for event in self.ordered(kind):
                if event.labels:
                    now = now | event.labels
                if instants and instants[-1] == event.at:
                    after[-1] = now
                else:
                    instants.append(event.at)
                    after.append(now)
            self._instants = (tuple(instants), tuple(after))
        return self._instants

    def _taken_back(self, event: Event) -> bool:
        return any(_covers(retract, event) for retract in self.retracted)

    def _forget_views(self) -> None:
        self._ordered = None
        self._instants = None


def in_order(events: Iterable[Event], kind: Kind) -> tuple[Event, ...]:
    """By ``at``, then by ``rank_within``; what is alike in all of that stays as it was."""
    return tuple(sorted(events, key=lambda event: (event.at, *rank_within(event, kind))))


def rank_within(event: Event, kind: Kind) -> tuple[int, int, str, str]:
    """The order within an instant: ``seq``, the vocabulary's order, then name."""
    return (event.seq, kind.rank(event.event), event.event, event.labels.get("item", ""))


def _covers(retract: Retract, event: Event) -> bool:
    if retract.event is None:
        return True
    return retract.event == event.event and retract.at in (None, event.at)


def _key(event: Event) -> EventKey:
    return (event.event, event.at, event.labels.get("item", "") if event.event == "item" else "")


def _merge(one: Event, other: Event) -> Event:
    """Two copies as one: the lowest ``seq`` stands, labels and values unite key by key, the lowest value wins.

    An exact instant beats an uncertain one, and of two uncertain ones the narrower stands.
    """
    exact = one.not_before is None or other.not_before is None
    return structs.replace(
        one,
        source=min(one.source, other.source),
        seq=min(one.seq, other.seq),
        not_before=None if exact else max(_narrow(one), _narrow(other)),
        labels=_unite(one.labels, other.labels),
        values=_unite(one.values, other.values),
    )


def _narrow(event: Event) -> datetime:
    assert event.not_before is not None
    return event.not_before


def _unite(one: dict[str, _V], other: dict[str, _V]) -> dict[str, _V]:
    united = dict(one)
    for key, value in other.items():
        united[key] = min(united[key], value) if key in united else value
    return united
