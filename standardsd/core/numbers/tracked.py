"""One standard about a number in one group: its meters, its courses, its states and what was said of them."""

from __future__ import annotations

from bisect import bisect_left

from standardsd.core.instants import micros
from standardsd.core.numbers.bags import What
from standardsd.core.numbers.duties import SinceMeter
from standardsd.core.numbers.figures import MINUTE, Log, min_count
from standardsd.core.numbers.meters import Meter, SampleMeter, Unseen, earliest
from standardsd.core.numbers.saying import say
from standardsd.core.numbers.timeline import Blind, Held, Stretch, Timeline, lasted, merged
from standardsd.core.numbers.turns import Course, badness
from standardsd.core.numbers.windowed import WindowMeter
from standardsd.core.windows import EVER, CalendarFrame, RollingFrame
from standardsd.model.clock import Clock
from standardsd.model.decision import Episode
from standardsd.model.promise import Limits
from standardsd.model.reading import Labels
from standardsd.model.standard import Group, Standard

QUIET = 10_000_000
"""µs.  What leaves a window without changing a state is looked at no oftener: the number is shown anew then."""

ALONE = ""
"""The name of the only course there is; samples have one for each label set."""


class Tracked:
    """``floor``: what was before it is not judged any more.  ``changed``: when its rules last did.

    ``fixed``: it is there from the beginning, whether or not anything happens; otherwise from what was
    heard ``first`` (None while that is still remembered).  ``told``: who said its samples; ``stale``: its
    sources must be asked about again.  ``off``: not in effect; ``lost``: too much happened to be remembered.
    ``log``: its figure, if another standard asks for it.  ``untold``: from when on its states may differ from
    those that the aggregator was told.  ``labels``: of each label set.
    """

    def __init__(self, standard: Standard, group: Group, clock: Clock) -> None:
        self.standard, self.group, self.clock = standard, group, clock
        self.meters: dict[str, Meter] = {}
        self.courses: dict[str, Course] = {}
        self.limits: dict[str, Limits] = {}
        self.timeline = Timeline()
        self.said: list[Stretch] = []
        self.log: Log | None = None
        self.share_frame: RollingFrame | CalendarFrame | None = None
        self.sources: tuple[str, ...] = ()
        self.told: set[str] = set()
        self.dark: list[tuple[int, int | None]] = []
        self.gaps: list[tuple[int, int]] = []
        self.off: Blind = []
        self.blind: Blind = []
        self.began: int | None = None
        self.first: int | None = None
        self.floor = EVER
        self.changed: int | None = None
        self.lost: Blind = []
        self.fixed = False
        self.stale = True
        self.pruned_at = EVER
        self.untold: int | None = None
        self.has_told = False
        self.labels: dict[str, Labels] = {}
        self._redo: int | None = None
        self.shared: int | None = None  # the last whole minute whose share was noted
        self._points: list[int] = []

    # -- what is known ---------------------------------------------------------------------------------

    def measure_by(self, name: str, meter: Meter, limits: Limits, labels: Labels) -> None:
        """From now on ``meter`` is walked, and held against ``limits``."""
        self.labels[name] = labels
        self.meters[name] = meter
        self.limits[name] = limits
        self.courses.setdefault(name, Course())
        meter.points = self._points

    @property
    def meter(self) -> Meter:
        return self.meters[ALONE]

    def insert(self, at: int, what: What) -> None:
        assert isinstance(self.meter, WindowMeter | SinceMeter), self.meter
        self.rewind(at)
        self.meter.insert((at, what))
        lost = self.meter.overflow()
        if lost is not None:
            self.lost = merged([*self.lost, (self.meter.before, lost)])
            self.see_blind()

    def discard(self, at: int, what: What) -> None:
        assert isinstance(self.meter, WindowMeter | SinceMeter), self.meter
        self.rewind(at)
        self.meter.discard((at, what))

    def put(self, name: str, at: int, value: float) -> bool:
        meter = self.meters[name]
        assert isinstance(meter, SampleMeter), meter
        if not meter.put(at, value):
            return False
        self._back(name, meter, max(at, self.floor))
        return True

    def is_known(self) -> bool:
        """Whether there is anything to know it by."""
        if self.fixed or self.first is not None:
            return True
        meter = self.meters.get(ALONE)
        return not isinstance(meter, WindowMeter | SinceMeter) or bool(meter.entries)

    def begin(self, began: int | None) -> None:
        """When the number began to be watched: at ``began`` if the group is fixed, else when it was first heard of."""
        meter = self.meters.get(ALONE)
        if not isinstance(meter, WindowMeter | SinceMeter):
            return
        if not self.fixed:
            heard = meter.entries[0][0] if meter.entries else None
            began = min((at for at in (heard, self.first) if at is not None), default=None)
        if began == self.began:
            return
        since = min(at for at in (began, self.began) if at is not None)
        self.began = began
        if isinstance(meter, SinceMeter):
            meter.began = began if self.fixed else None
        self._see_unseen()
        self.rewind(since)

    def change(self, standard: Standard, limits: dict[str, Limits], off: Blind, at: int | None) -> None:
        """Other words, limits and dates from ``at`` on; None: from the beginning."""
        self.standard, self.off = standard, off
        for name, row in limits.items():
            self.meters[name].limits = self.limits[name] = row
        if at is not None:
            self.floor, self.changed = max(self.floor, at), at
        self.see_blind()
        self._set_points()
        self.rewind(EVER)

    # -- who can see -----------------------------------------------------------------------------------

    def see_dark(self, now: int, *, dark: bool) -> None:
        """Its sources are dark from ``now`` on, or are not any more."""
        was = bool(self.dark) and self.dark[-1][1] is None
        if dark and not was:
            self.dark.append((now, None))
        elif was and not dark:
            self.dark[-1] = (self.dark[-1][0], now)
        else:
            return
        self.see_blind()

    def see_gaps(self, gaps: list[tuple[int, int]]) -> None:
        if gaps != self.gaps:
            self.gaps = gaps
            self.see_blind()
            self._see_unseen()

    def see_blind(self) -> None:
        """When the number is not known; what changed is looked at again."""
        before, self.blind = self.blind, merged([*self.off, *self.dark, *self.gaps, *self.lost])
        if before != self.blind:
            self._set_points()
            self.rewind(_first_difference(before, self.blind))

    def see_again(self) -> None:
        """After it was restored: when nobody could see is worked out anew, and nothing is looked at again."""
        self.blind = merged([*self.off, *self.dark, *self.gaps, *self.lost])
        self._see_unseen()

    def decide_again(self, undecided: int | None) -> None:
        """After it was restored: what was undecided since then is looked into when it is settled next."""
        self.timeline.undecided = undecided
        if undecided is not None:
            self._again(undecided)

    def _see_unseen(self) -> None:
        meter = self.meters.get(ALONE)
        if isinstance(meter, SinceMeter):
            meter.unseen = Unseen(self.gaps)
        elif isinstance(meter, WindowMeter):
            began = [] if self.began is None else [(EVER, self.began)]
            meter.unseen = Unseen([*began, *self.gaps])
        self._set_points()

    def _set_points(self) -> None:
        points = {edge for span in self.blind for edge in span if edge is not None and edge != EVER}
        if self.changed is not None:
            points.add(self.changed)
        meter = self.meters.get(ALONE)
        if isinstance(meter, WindowMeter):
            points |= {meter.whole_from(until) for _, until in meter.unseen.spans}
        if self.began is not None:
            points.add(self.began)
        self._points[:] = sorted(points)

    # -- in time ---------------------------------------------------------------------------------------

    def rewind(self, at: int) -> None:
        """Everything from ``at`` on is looked at again, but nothing before ``floor``."""
        at = max(at, self.floor)
        for name, meter in self.meters.items():
            self._back(name, meter, at)

    def _back(self, name: str, meter: Meter, at: int) -> None:
        if at >= meter.before:
            return
        meter.rewind(at)
        self.courses[name].cut(at)
        self._again(at)
        if self.log is not None and self.share_frame is None:
            self.log.cut(at)

    def _again(self, at: int) -> None:
        self._redo = at if self._redo is None else min(self._redo, at)

    def advance(self, now: int) -> int | None:
        """Looks at all up to ``now``; the first instant from which its figure may be another, None if none is."""
        begun = min((meter.before for meter in self.meters.values()), default=None)
        needed = min_count(self.standard)
        for name, meter in self.meters.items():
            course = self.courses[name]
            while (at := meter.next_point()) is not None and at <= now:
                turn = meter.look(at)
                if course.add(turn, noted=self._is_point(at)):
                    self._again(at)
                if self.log is not None and self.share_frame is None:
                    few = isinstance(meter, WindowMeter) and meter.count() < needed
                    self.log.note(at, None if few else turn.value, read=turn.read)
        return begun

    def _is_point(self, at: int) -> bool:
        place = bisect_left(self._points, at)
        return place < len(self._points) and self._points[place] == at

    def settle(self, now: int, horizon: int | None) -> list[Episode]:
        """What is to be said now."""
        if self._redo is None and not self.timeline.is_undecided(now, horizon):
            return []
        redo = now if self._redo is None else self._redo
        held = Held(now, horizon, self.clock)
        since = self.timeline.derive(redo, self.floor, self.courses, self.limits, self.blind, held)
        self._redo = None
        self.tell_from(since)
        if self.log is not None and self.share_frame is not None:
            self.log.cut(since)
            self.shared = None if self.shared is None else min(self.shared, since - 1)
        return say(self.standard, self.group, self.said, self.timeline)

    def tell_from(self, since: int) -> None:
        """The aggregator must be told the states from then on."""
        self.untold = since if self.untold is None else min(self.untold, since)

    def log_share(self, now: int) -> int | None:
        """The share of time in limits on every whole minute up to ``now``; the first that was noted."""
        if self.log is None or self.share_frame is None or not self.timeline.stretches:
            return None
        last = self.timeline.stretches[0].at if self.shared is None else self.shared
        first = minute = last // MINUTE * MINUTE + MINUTE
        while minute <= now:
            kept, known = self.timeline.tally(self.share_frame.span(minute).begin, minute)
            self.log.note(minute, kept / known if known else None, read=False)
            self.shared = minute
            minute += MINUTE
        return first

    def wakes(self, now: int) -> int | None:
        """When time may change its state next."""
        ahead = [self.timeline.wakes]
        for meter in self.meters.values():
            at = meter.next_point()
            if isinstance(meter, WindowMeter) and self.log is None and at is not None:
                matters = meter.next_that_matters()
                at = at if at == matters else earliest(matters, max(at, now + QUIET))
            ahead.append(at)
        if self.share_frame is not None:
            ahead.append(now // MINUTE * MINUTE + MINUTE)
        return min((at for at in ahead if at is not None), default=None)

    def awaits(self) -> int | None:
        """Up to which instant its sources must tell all, for an episode that time alone opens."""
        if self.timeline.awaits is not None:
            return self.timeline.awaits
        found = [
            lasted(at, self.limits[name].hold_for, self.clock)
            for name, meter in self.meters.items()
            if (at := meter.crosses_at()) is not None
        ]
        return min((at for at in found if at is not None), default=None)

    def worst(self, now: int) -> tuple[float | None, Limits | None]:
        """The number as it is shown: of several label sets the worst; None: there is none."""
        found = [
            (value, self.limits[n]) for n, m in self.meters.items() if (value := m.value(now)) is not None
        ]
        return max(found, key=lambda pair: badness(pair[1], pair[0]), default=(None, None))

    def prune(self, floor: int, stretches_from: int) -> None:
        """Forgets what no reading that is still taken can reach."""
        meter = self.meters.get(ALONE)
        if isinstance(meter, WindowMeter | SinceMeter) and meter.entries and meter.entries[0][0] < floor:
            self.first = meter.entries[0][0] if self.first is None else min(self.first, meter.entries[0][0])
        self.floor = max(self.floor, floor)
        for meter in self.meters.values():
            meter.prune(floor)
        for course in self.courses.values():
            course.prune(floor)
        self.timeline.prune(stretches_from)
        self.said[:] = self.timeline.audible()
        if self.log is not None:
            self.log.prune(floor)
        self.dark = [span for span in self.dark if span[1] is None or span[1] > stretches_from]


def _first_difference(one: Blind, other: Blind) -> int:
    """The first instant at which one is blind and the other is not."""
    for (since, until), (begins, ends) in zip(one, other, strict=False):
        if since != begins:
            return min(since, begins)
        if until != ends:
            return min(at for at in (until, ends) if at is not None)
    same = min(len(one), len(other))
    return (one[same:] or other[same:])[0][0]


def instants_off(standard: Standard, group: Group, judge_from: int | None) -> Blind:
    """When the standard is not in effect: before judging began, and outside its dates."""
    off: list[tuple[int, int | None]] = []
    if judge_from is not None:
        off.append((EVER, judge_from))
    if standard.effective is not None:
        zone = standard.zones.or_utc(dict(group).get("site"))
        if standard.effective.since is not None:
            off.append((EVER, micros(zone.midnight(standard.effective.since))))
        if standard.effective.until is not None:
            off.append((micros(zone.midnight(standard.effective.until)), None))
    return merged(off)
