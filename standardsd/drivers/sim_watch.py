"""What one simulated source has told so far and tells next, through restarts and silences.

Pure: no clock, no waiting; ``simulate`` brings the time.  The source is honest like a real one.  While
nobody listened (a restart, a stop) it lost sight: it says so with a ``gap``, shows what is still open
afterwards with ``updated``, tells what happened to those meanwhile as "somewhere in the gap"
(``not_before``), and never speaks of interactions that began while it was blind.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from standardsd.drivers.sim_counting import Counting
from standardsd.drivers.sim_stories import STORY_SECONDS_MAX
from standardsd.drivers.sim_traffic import Story, Traffic
from standardsd.model.reading import Event, Gap, Reading
from standardsd.model.vocabulary import UPDATED

STORY_MAX = timedelta(seconds=STORY_SECONDS_MAX)
AHEAD = timedelta(seconds=10)
"""How far arrivals are drawn in advance; above the longest sleep of the driver."""

SPANS_MAX = 64
"""Times of listening kept in a cursor; a source stopped and started more often within ``STORY_MAX`` forgets
the oldest, whose open interactions then stay unseen."""


class Span(msgspec.Struct, frozen=True, array_like=True):
    """It listened in (``since``, ``until``]; its day stood at ``starts_at`` at ``anchor``."""

    anchor: datetime
    since: datetime
    until: datetime


class Cursor(msgspec.Struct, frozen=True):
    """All that is needed to go on: the plan itself is made again from the seed.

    ``plan``: of which traffic the spans speak; told with other settings, they say only since when we are blind.
    """

    plan: str
    spans: tuple[Span, ...]


class Watch:
    """One source.  ``open`` first, then ``tell`` again and again; ``open`` anew after a silence."""

    def __init__(self, traffic: Traffic, cursor: bytes | None = None) -> None:
        self._traffic = traffic
        self._plan = repr(traffic)
        read = None if cursor is None else msgspec.json.decode(cursor, type=Cursor)
        self._spans: tuple[Span, ...] = () if read is None else read.spans
        self._same_plan = read is None or read.plan == self._plan
        self._ahead: list[tuple[datetime, str, int, Event]] = []
        self._drawn_until: datetime | None = None
        self._counting = Counting(traffic.source, traffic.profile, traffic.labels)

    @property
    def told_until(self) -> datetime | None:
        """Everything that happened until this instant, in its times of listening, has been told; None: never opened."""
        return self._spans[-1].until if self._spans else None

    def next_at(self) -> datetime | None:
        """When the next event known so far happens."""
        return self._ahead[0][0] if self._ahead else None

    def cursor(self) -> bytes:
        return msgspec.json.encode(Cursor(self._plan, self._spans))

    def open(self, now: datetime, *, new_day: bool) -> list[Reading]:
        """Listens from ``now`` on; what it says about the time it did not.

        ``new_day``: the simulated day begins again at its starting hour, as at each start of the program.
        Called at or before ``told_until`` (the clock went back) it says nothing and changes nothing.
        """
        before = self.told_until
        if before is not None and now <= before:
            return []
        self._ahead.clear()
        readings: list[Reading] = []
        if before is not None:
            readings.append(Gap(self._traffic.source, since=before, until=now))
            if self._same_plan:
                readings += self._still_open(before, now)
        kept = [span for span in self._spans if span.until > now - STORY_MAX] if self._same_plan else []
        anchor = now if new_day or not self._spans else self._spans[-1].anchor
        self._spans = (*kept[-(SPANS_MAX - 1) :], Span(anchor, now, now))
        self._same_plan = True
        readings += self._counting.begin(self._in_sight(now), now)
        self._drawn_until = now
        self._draw(now + AHEAD)
        return readings

    def tell(self, now: datetime) -> list[Reading]:
        """What has happened since ``told_until``, until and with ``now``, in order, and what was counted by it."""
        span = self._spans[-1]
        if now <= span.until:
            return []
        self._draw(now + AHEAD)
        told: list[Event] = []
        while self._ahead and self._ahead[0][0] <= now:
            told.append(heapq.heappop(self._ahead)[3])
        self._spans = (*self._spans[:-1], Span(span.anchor, span.since, now))
        return self._counting.with_samples(told)

    def _draw(self, until: datetime) -> None:
        assert self._drawn_until is not None, "open() comes before tell()"
        if until <= self._drawn_until:
            return
        span = self._spans[-1]
        for story in self._traffic.stories(after=self._drawn_until, until=until, anchor=span.anchor):
            self._expect(story.events)
        self._drawn_until = until

    def _expect(self, events: tuple[Event, ...]) -> None:
        for place, event in enumerate(events):
            heapq.heappush(self._ahead, (event.at, event.id, place, event))

    def _still_open(self, before: datetime, now: datetime) -> Iterator[Event]:
        """What a look around shows after a silence (``before``, ``now``]: one ``updated`` for each open interaction,
        after what it went through meanwhile.  Those that ended meanwhile are not in sight any more.

        Of an event that happened several times meanwhile only the last is told: nobody could count them."""
        for story in self._open(before, now):
            missed = _last_of_each(event for event in story.events if before < event.at <= now)
            for seq, event in enumerate(missed):
                yield msgspec.structs.replace(event, at=now, not_before=before, seq=seq)
            first = story.events[0]
            yield Event(first.source, first.kind, first.id, UPDATED, now, seq=len(missed))
            self._expect(tuple(event for event in story.events if event.at > now))

    def _open(self, before: datetime, now: datetime) -> Iterator[Story]:
        """The stories that it saw begin, not long before ``before``, and that are not over at ``now``."""
        oldest = before - STORY_MAX
        for span in self._spans:
            since = max(span.since, oldest)
            for story in self._traffic.stories(after=since, until=span.until, anchor=span.anchor):
                if story.ended > now:
                    yield story

    def _in_sight(self, now: datetime) -> list[Event]:
        """What has happened, until ``now``, to those that are not over."""
        seen = [event for story in self._open(now, now) for event in story.events if event.at <= now]
        return sorted(seen, key=lambda event: event.at)


def _last_of_each(events: Iterable[Event]) -> list[Event]:
    """The last event of each name, in their order."""
    last = {event.event: event for event in events}
    return sorted(last.values(), key=lambda event: event.at)
