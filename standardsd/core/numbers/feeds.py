"""A feed: everything one standard about a number is told, by interaction and by group.

What an interaction contributes replaces what it contributed before, so nothing is ever counted up.
"""

from __future__ import annotations

from standardsd.core.numbers.bags import Total, bag_of
from standardsd.core.numbers.contributing import Mark, OfCases, events_needed, of_cases
from standardsd.core.numbers.duties import SinceMeter
from standardsd.core.numbers.figures import FigureMeter, Log, figure_window, min_count
from standardsd.core.numbers.meters import Meter, SampleMeter
from standardsd.core.numbers.timeline import UNKNOWN, Stretch
from standardsd.core.numbers.tracked import ALONE, Tracked, instants_off
from standardsd.core.numbers.windowed import WindowMeter
from standardsd.core.occurrences import DUE, end_events
from standardsd.core.windows import frame_of
from standardsd.model.clock import Always
from standardsd.model.measure import (
    Count,
    FromTo,
    Gap,
    How,
    Nps,
    Rate,
    Repeats,
    Sampled,
    Since,
    Spread,
    Statistic,
)
from standardsd.model.promise import Grid, Limits
from standardsd.model.reading import Labels
from standardsd.model.standard import Group, Standard
from standardsd.model.vocabulary import Kind
from standardsd.model.zone import Zone

SETS_MAX = 10_000
"""Label sets remembered a standard; samples of further ones are counted and not taken."""

KEYS_MIN = 1_024
"""Fewer interactions than that are never swept: sweeping costs more than it saves."""

Source = tuple[str, str] | tuple[str, str, int]
"""Who contributes: an interaction or, of the share kept of a standard about cases, an occurrence."""

_WHOLE = {How.MAX: "low", How.SUM: "low", How.MIN: "high"}


class Feed:
    """``users``: ids of the standards that are about this one's figure.  ``dropped``: samples of too many label sets."""

    def __init__(self, standard: Standard, kind: Kind | None) -> None:
        self.standard = standard
        self.kind = kind
        self.groups: dict[Group, Tracked] = {}
        self.by_key: dict[Source, tuple[Mark, ...]] = {}
        self.users: set[str] = set()
        self.began: int | None = None  # of rules that came later than everything else
        self.spoken_of: set[Group] = set()  # under rules of before: what was said last is that it is unknown
        self.dropped = 0
        self._swept = KEYS_MIN
        self.events: frozenset[str] = frozenset()  # that it is about
        self.adds: frozenset[str] = frozenset()  # that can add a contribution when they come last
        self.cases = standard
        self.take_over(standard, kind)

    def take_over(self, standard: Standard, kind: Kind | None) -> None:
        """The same standard with other words around it."""
        self.standard, self.kind = standard, kind
        self.events = frozenset() if kind is None else events_needed(standard, kind)
        self.adds = self.events
        self.cases = standard
        if isinstance(standard.measure, Statistic):
            self.cases = of_cases(standard)
            measure = self.cases.measure
            if kind is not None and not (isinstance(measure, FromTo) and DUE in measure.start):
                self.adds = end_events(self.cases, kind) | frozenset(kind.endings)

    @property
    def is_share(self) -> bool:
        """Whether it is about cases, and only its share kept is asked for."""
        return not self.standard.is_number

    @property
    def is_of_figures(self) -> bool:
        return isinstance(self.standard.measure, Spread | Gap)

    def ignored(self) -> int:
        """Contributions that are no number, and recommendations outside 0 … 10."""
        return sum(mark.what is None for marks in self.by_key.values() for mark in marks)

    # -- groups ----------------------------------------------------------------------------------------

    def group(self, group: Group, judge_from: int | None) -> Tracked | None:
        """What is known of this group, from now on if it was not; None: it is not judged."""
        tracked = self.groups.get(group)
        if tracked is not None:
            return tracked
        labels = dict(group)
        by_set = isinstance(self.standard.measure, Sampled)
        clock = Always() if self.is_share else self.standard.clock_of(labels)
        limits = Limits() if by_set else self.limits(labels)
        if clock is None or limits is None:
            return None
        tracked = self.groups[group] = Tracked(self.standard, group, clock)
        if self.began is not None:
            tracked.floor = tracked.changed = self.began
            if group in self.spoken_of:
                tracked.timeline.stretches = [Stretch(self.began, UNKNOWN, None, None, audible=True)]
                tracked.said = tracked.timeline.audible()
        if not by_set:
            tracked.measure_by(ALONE, self._meter(tracked, limits), limits, labels)
        if self.users:
            self.ask_figure(tracked)
        if not self.is_share:
            tracked.off = instants_off(self.standard, group, judge_from)
        tracked.see_blind()
        return tracked

    def fix(self, group: Group, judge_from: int | None) -> bool:
        """The group is there from the beginning; whether that is new.  Of samples and figures none is."""
        if self.is_share or isinstance(self.standard.measure, Sampled | Spread | Gap):
            return False
        tracked = self.group(group, judge_from)
        if tracked is None or tracked.fixed:
            return False
        tracked.fixed = True
        return True

    def ask_figure(self, tracked: Tracked) -> None:
        """From now on its figure is noted."""
        if tracked.log is not None:
            return
        tracked.log = Log()
        if isinstance(self.standard.measure, Sampled | Since):
            tracked.share_frame = frame_of(figure_window(self.standard), self._zone(tracked.group))
        elif (meter := tracked.meters.get(ALONE)) is not None:
            tracked.rewind(tracked.floor)
            assert meter.before <= tracked.floor, meter.before

    def put(
        self, labels: Labels, source: str, at: int, value: float, judge_from: int | None
    ) -> Tracked | None:
        """A sample; the group it changes, None if it changes nothing."""
        if not self.standard.applies_to(labels):
            return None
        limits = self.limits(labels)
        tracked = self.group(self.standard.group(labels), judge_from) if limits is not None else None
        if tracked is None or limits is None:
            return None
        name = repr(sorted(labels.items()))
        if name not in tracked.meters:
            if sum(len(group.meters) for group in self.groups.values()) >= SETS_MAX:
                self.dropped += 1
                return None
            meter = SampleMeter(limits)
            meter.before = tracked.floor
            tracked.measure_by(name, meter, limits, labels)
        if source not in tracked.told:
            tracked.told.add(source)
            tracked.stale = True
        return tracked if tracked.put(name, at, value) else None

    # -- contributions ---------------------------------------------------------------------------------

    def replace(self, key: Source, marks: tuple[Mark, ...], judge_from: int | None) -> list[Tracked]:
        """What this one contributes now, instead of what it did; the groups that changed."""
        before = self.by_key.get(key, ())
        if marks == before:
            return []
        if marks:
            self.by_key[key] = marks
        else:
            del self.by_key[key]
        gone, new = list(before), []
        for mark in marks:
            if mark in gone:
                gone.remove(mark)
            else:
                new.append(mark)
        touched: dict[Group, Tracked] = {}
        for mark in gone:
            tracked = self.groups.get(mark.group)
            if tracked is not None and mark.what is not None:
                tracked.discard(mark.at, mark.what)
                touched[mark.group] = tracked
        for mark in new:
            tracked = self.group(mark.group, judge_from)
            if tracked is not None and mark.what is not None:
                tracked.insert(mark.at, mark.what)
                touched[mark.group] = tracked
        return list(touched.values())

    def sweep(self, floor: int) -> None:
        """Forgets who contributed what no group remembers any more."""
        if len(self.by_key) <= self._swept:
            return
        for key, marks in list(self.by_key.items()):
            if all(mark.at < self._kept_from(mark.group, floor) for mark in marks):
                del self.by_key[key]
        self._swept = max(KEYS_MIN, 2 * len(self.by_key))

    def _kept_from(self, group: Group, floor: int) -> int:
        """The oldest that the group remembers."""
        tracked = self.groups.get(group)
        meter = None if tracked is None else tracked.meters.get(ALONE)
        entries = meter.entries if isinstance(meter, WindowMeter | SinceMeter) else []
        return min(entries[0][0], floor) if entries else floor

    # -- how it is measured ----------------------------------------------------------------------------

    def limits(self, labels: Labels) -> Limits | None:
        """None: the grid has no row for it."""
        if self.is_share:
            return Limits()
        promise = self.standard.promise
        row = promise.row(labels) if isinstance(promise, Grid) else promise
        assert row is None or isinstance(row, Limits), f"no limits of a number: {row}"
        return row

    def _zone(self, group: Group) -> Zone:
        return self.standard.zone_of_windows(dict(group))

    def _meter(self, tracked: Tracked, limits: Limits) -> Meter:
        measure, zone = self.standard.measure, self._zone(tracked.group)
        match measure:
            case Since():
                return SinceMeter(tracked.clock, limits)
            case Count() | Repeats():
                return WindowMeter(bag_of(measure), frame_of(measure.over, zone), limits, "low")
            case Statistic():
                whole = _WHOLE.get(measure.how, "")
                return WindowMeter(bag_of(measure), frame_of(measure.over, zone), limits, whole)
            case Rate() | Nps():
                return WindowMeter(bag_of(measure), frame_of(measure.over, zone), limits)
            case Spread() | Gap():
                return FigureMeter(limits, is_gap=isinstance(measure, Gap))
        assert self.is_share, measure
        return WindowMeter(Total(average=True), frame_of(figure_window(self.standard), zone), limits)

    def alike(self, other: Standard) -> bool:
        """Whether ``other`` is told the same, so that what is remembered goes on to count."""
        return _told(self.standard) == _told(other)


def _told(standard: Standard) -> tuple[object, ...]:
    """Everything that decides what a number is made of."""
    share = None if standard.is_number else (figure_window(standard), min_count(standard))
    return (
        standard.measure,
        standard.objective.zone if standard.objective else None,
        standard.of,
        standard.where,
        standard.by,
        standard.clock,
        standard.zones,
        standard.pause_while,
        standard.unless,
        standard.reopen,
        share,
    )


__all__ = ["Feed", "OfCases", "Source"]
