"""What an uncertain instant leaves open: other histories that the readings allow, and their verdicts.

An event with ``not_before`` happened somewhere in (``not_before``, ``at``].  It may lie before or after
another event, bring its labels earlier, or begin a promise sooner, so it is not enough to ask how far it
is itself from due.  Such events are put at every instant of their ranges at which something can change,
and just beside it, each alone and all that can touch each other in every combination; what all histories
agree on is said, anything else is ``indeterminate``.

Why some instants are enough: a word changes only where two events change places or where their distance
on the clock passes a limit.  Between such instants it stays, so each combination of orders and distances
that is possible at all is met where every event stands at the edge of a range, at an exact instant, or a
chain of limits and single microseconds away from one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, product
from math import prod

from msgspec import structs

from standardsd.core import verdicts
from standardsd.core.history import History, in_order, rank_within
from standardsd.core.occurrences import DUE, Occurrence, occurrences, pauses, telling_events, telling_labels
from standardsd.core.seen import Sight
from standardsd.core.spent import RESOLUTION, earliest
from standardsd.core.timing import Timing
from standardsd.core.turning import EVER, Places, length, midnights, order, reaches
from standardsd.core.verdicts import Outcome
from standardsd.model.decision import Verdict
from standardsd.model.reading import Event
from standardsd.model.standard import Standard
from standardsd.model.vocabulary import Ending, Kind

VARIATIONS_MAX = 2_000
"""Histories judged for one occurrence, about 100 ms of work; an event polled once needs a few dozen.
What would need more is not proved, and so it is indeterminate."""

COMBINATIONS_MAX = 30_000
"""Combinations of places compared for one occurrence, most of them alike in all that matters; about 200 ms.
Three events of one poll, with a limit as short as the poll, need up to that many."""


def outcome(standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight) -> Outcome:
    """What is known of ``case`` now, the uncertainty of instants included.

    While nothing has closed it and nothing can be said of it as it was told, doubt is not said either.
    """
    told = verdicts.outcome(standard, kind, history, case, sight)
    if not history.uncertain:
        return told
    case = verdicts.standing(standard, kind, history, case, sight)
    if case.closer is None and told.word is None:
        return told
    at = _Doubt(standard, kind, history, case, sight).at(told)
    return told if at is None else verdicts.in_doubt(standard, kind, history, case, sight, at)


class _Doubt:
    """The doubt about one occurrence; lives for one call of ``outcome``."""

    def __init__(
        self, standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight
    ) -> None:
        self.standard, self.kind, self.case = standard, kind, case
        self.events = history.ordered(kind)
        self.exact = [e if e.not_before is None else structs.replace(e, not_before=None) for e in self.events]
        found = occurrences(standard, kind, self.events)
        self.number = next(n for n, one in enumerate(found) if one.start is case.start)
        self.telling = telling_events(standard, kind)
        self.labels = telling_labels(standard)
        self.numbers = {id(event): n for n, event in enumerate(self.events)}
        self.matters = [n for n, event in enumerate(self.events) if self._matters(event)]
        self.uncertain = [n for n in self.matters if self.events[n].not_before is not None]
        self.floors = self._floors(found)
        self.sight = self._all_seen(sight)
        time = Timing(standard, kind, history, case)
        leaves = any(kind.endings.get(event.event) is Ending.LEFT for event in self.events)
        self.reaches = list(reaches(standard, time, short=leaves))
        self.summed = bool(case.stays or case.pauses)
        due = verdicts.used_up(standard, kind, history, case, sight).due
        edges = chain.from_iterable((gap.since, gap.until) for gap in self.sight.gaps)
        self.fixed = {*edges, *midnights(standard, time), *(() if due is None else (due,))}

    def at(self, said: Outcome) -> datetime | None:
        """None: no doubt.  Else the closing event's ``at``, or the latest of those that leave it open."""
        if not self.uncertain:
            return None
        # A breach that waits for its watermark has no word yet; every watermark come, it has.
        told = self._word({}) if said.promised and said.word is None else said
        doubtful = self._alone(told)
        if not doubtful and self._is_doubted_together(told):
            doubtful = self.uncertain
        if not doubtful:
            return None
        if self.case.closer is not None:
            return self.case.closer.at
        return max(self.case.start.at, *(self.events[n].at for n in doubtful))

    def _alone(self, told: Outcome | None) -> list[int]:
        """The events that make a difference each by itself: for a closed occurrence one is enough."""
        alone = {n: self._instants(n) for n in self.uncertain}
        if sum(map(len, alone.values())) > VARIATIONS_MAX:
            return self.uncertain
        doubtful: list[int] = []
        for n, instants in alone.items():
            if any(self._differs(told, {n: at}) for at in instants):
                doubtful.append(n)
                if self.case.closer is not None:
                    break
        return doubtful

    def _is_doubted_together(self, told: Outcome | None) -> bool:
        together = self._together()
        if together is None:
            return True
        return any(
            tried >= VARIATIONS_MAX or self._differs(told, places) for tried, places in enumerate(together)
        )

    # -- what the readings allow -----------------------------------------------------------------------

    def _matters(self, event: Event) -> bool:
        """Whether it can begin, end or close something, or carries a label that ``where`` asks for."""
        return event.event in self.telling or not self.labels.isdisjoint(event.labels)

    def _floors(self, found: list[Occurrence]) -> dict[int, set[int]]:
        """What an end is never put before: the start of what it was told to end, unless that is appointed."""
        ended: list[tuple[Event, Event | None]] = []
        for one in found:
            if one.start.event != DUE:
                ended += [(one.start, closed.closer) for closed in (*one.before, one)]
            ended += [(stay.entered, stay.left) for stay in one.stays]
        ended += [(stay.entered, stay.left) for stay in pauses(self.standard, self.kind, self.events)]
        floors: dict[int, set[int]] = {}
        for begun, end in ended:
            if end is not None:
                floors.setdefault(self.numbers[id(end)], set()).add(self.numbers[id(begun)])
        return floors

    def _first(self, n: int, places: Places) -> datetime:
        """The first instant at which it can have happened, the events before it being where they are put."""
        event = self.events[n]
        first = min(earliest(event), event.at)
        for begun in self.floors.get(n, ()):
            floor = places.get(begun, self.events[begun].at)
            before = rank_within(event, self.kind) < rank_within(self.events[begun], self.kind)
            first = max(first, floor + RESOLUTION if before else floor)
        return first

    def _instants(self, n: int) -> list[datetime]:
        """Where event ``n`` is put alone: its earliest, and at and beside whatever a verdict can turn on."""
        first, last = self._first(n, {}), self.events[n].at
        if first >= last or self._is_after(n):
            return []
        others = {*self.fixed, *(self.events[m].at for m in self.matters)}
        turns = {first, last, *others}
        for other in others:
            turns.update(self._shifted(other, first, last))
        near = (turn for turn in turns if first - RESOLUTION <= turn <= last + RESOLUTION)
        beside = {turn + step for turn in near for step in (-RESOLUTION, timedelta(0), RESOLUTION)}
        return sorted(instant for instant in beside if first <= instant < last)

    def _shifted(self, at: datetime, first: datetime, last: datetime) -> Iterator[datetime]:
        """Where each limit that begins at ``at`` ends; and where in the range one begins to end after ``at``."""
        for reach in self.reaches:
            yield reach(at)
            if reach(last) > at >= reach(first - RESOLUTION):
                steps = range((last - first) // RESOLUTION)
                yield first + RESOLUTION * bisect_left(
                    steps, True, key=lambda step: reach(first + RESOLUTION * step) > at
                )

    # -- several at once -------------------------------------------------------------------------------

    def _together(self) -> Iterator[Places] | None:
        """Every combination that can make a difference; None: there are too many of them."""
        ranges = {n: (earliest(self.events[n]), self.events[n].at) for n in self.uncertain}
        ranges = {n: span for n, span in ranges.items() if span[0] < span[1] and not self._is_after(n)}
        turning = self._turning(ranges)
        beside = min(len(turning) - 1, 3)
        steps = [RESOLUTION * step for step in range(-beside, beside + 1)]
        choices = {
            n: sorted(
                {at + step for at in found for step in steps if ranges[n][0] <= at + step <= ranges[n][1]}
            )
            for n, found in turning.items()
        }
        extremes = self._extremes()
        if prod(map(len, choices.values())) * len(extremes) > COMBINATIONS_MAX:
            return None
        return self._combinations(choices, extremes)

    def _combinations(
        self, choices: dict[int, list[datetime]], extremes: list[list[int]]
    ) -> Iterator[Places]:
        """Each choice with each other, what touches nothing at each extreme; no end before what it ends.

        Of those in which everything comes in the same order one is enough; of sums the shortest and the longest.
        """
        reaching = {at: self._reaching(at) for found in choices.values() for at in found}
        still = [self.events[n].at for n in self.matters if n not in choices]
        still = [*self.fixed, *chain.from_iterable(map(self._reaching, still))]
        alike: dict[tuple[int, ...], list[Places]] = {}
        for chosen in product(*choices.values()):
            place = order([*still, *chain.from_iterable(reaching[at] for at in chosen)])
            same = alike.setdefault(place, [])
            if not same or self.summed:
                places = dict(zip(choices, chosen, strict=True))
                if all(at >= self._first(n, places) for n, at in places.items()):
                    same.append(places)
        for same in filter(None, alike.values()):
            for places in self._shortest_and_longest(same) if self.summed else same:
                for early in extremes:
                    far: Places = {}
                    for n in early:
                        far[n] = places[n] if n in places else self._first(n, far | places)
                    yield places | far

    def _shortest_and_longest(self, alike: list[Places]) -> list[Places]:
        """Of histories in one order: those in which the first stays, the first two, … last shortest and longest."""
        moved = self._moved(alike[0])
        numbers = {id(event): n for n, event in enumerate(moved)}
        found = occurrences(self.standard, self.kind, in_order(moved, self.kind))
        if self.number >= len(found) or len(alike) < 2:
            return alike[:1]
        chosen: list[Places] = []
        begun: list[int] = []
        over: list[int] = []
        for begin, end in found[self.number].runs():
            begun.append(numbers[id(begin)])
            over += [] if end is None else [numbers[id(end)]]
            # Beside the sum itself: how far the instant at which it reaches the limit is from each other event.
            for beside in (None, *alike[0]):
                until = over if beside is None else [*over, beside]
                long = partial(length, begun=tuple(begun), over=tuple(until))
                chosen += [min(alike, key=long), max(alike, key=long)]
        return list({tuple(one.values()): one for one in chosen}.values()) or alike[:1]

    def _reaching(self, at: datetime) -> tuple[datetime, ...]:
        """The instant itself, and where each limit ends that begins there; a sum's limit is no distance of two."""
        return (at,) if self.summed else (at, *(reach(at) for reach in self.reaches))

    def _turning(self, ranges: dict[int, tuple[datetime, datetime]]) -> dict[int, set[datetime]]:
        """Instants within each range at which something else can happen or a limit reaches; a range without is left out.

        A chain is as long as there are events to put: the next one may stand a limit from where this one is put.
        """
        found: dict[int, set[datetime]] = {n: set() for n in ranges}
        exact = self.fixed.union(self.events[n].at for n in self.matters if n not in ranges)
        closer = None if self.case.start.event == DUE else self.case.closer
        over = EVER if closer is None else closer.at + RESOLUTION  # behind what closed it all is one
        for _ in ranges:
            for n, (first, last) in ranges.items():
                others = exact.union(*(found[m] | set(ranges[m]) for m in ranges if m != n))
                for at in others:
                    near = {at} if self.summed else {at, *self._shifted(at, first, last)}
                    found[n] |= {one for one in near if first <= one <= min(last, over)}
        return {n: {*instants, *ranges[n]} for n, instants in found.items() if instants}

    def _extremes(self) -> list[list[int]]:
        """What is put as early as can be: nothing; for a sum of stays what ends them, and what begins them."""
        if not self.summed:
            return [[]]
        runs = self.case.runs()
        opening = {id(begin) for begin, _ in runs}
        closing = {id(end) for _, end in runs if end is not None}
        numbers = range(len(self.events))
        shortest = [n for n in numbers if id(self.events[n]) in closing - opening]
        longest = [n for n in numbers if id(self.events[n]) in opening - closing]
        return [[], shortest, longest]

    def _is_after(self, n: int) -> bool:
        """Whether it surely came after what closed this; an appointment counts however late it lies."""
        event, closer = self.events[n], self.case.closer
        return closer is not None and event is not self.case.start and earliest(event) > closer.at

    # -- their verdicts --------------------------------------------------------------------------------

    def _all_seen(self, sight: Sight) -> Sight:
        """With every watermark; gaps hide what they hide of what was told, wherever its events are put."""
        seen = max((event.at for event in self.events if event.event != DUE), default=None)
        gaps = tuple(
            gap if self.case.closer is None else structs.replace(gap, over=True)
            for gap in sight.gaps
            if seen is None or seen < gap.until
        )
        return Sight(sight.sources, EVER, gaps)

    def _word(self, places: Places) -> Outcome | None:
        """What would be known of this occurrence; None: it would not be there."""
        ordered = in_order(self._moved(places), self.kind)
        found = occurrences(self.standard, self.kind, ordered)
        if self.number >= len(found):
            return None
        case = found[self.number]
        return verdicts.outcome(self.standard, self.kind, History.of(ordered), case, self.sight)

    def _moved(self, places: Places) -> list[Event]:
        return [
            structs.replace(event, at=places[n]) if n in places else event
            for n, event in enumerate(self.exact)
        ]

    def _differs(self, told: Outcome | None, places: Places) -> bool:
        """Whether another word would be said, or none because it is in time; in a gap nothing is known yet."""
        other = self._word(places)
        if other is not None and other.word is None and other.waits:
            return False
        return _verdict(other) is not _verdict(told)


def _verdict(known: Outcome | None) -> Verdict | None:
    return None if known is None else known.word
