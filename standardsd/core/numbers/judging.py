"""All standards about numbers: what they are told, and what is said of them.

Time moves only by the ``now`` of ``settle``.  Nothing here asks what was said before but ``saying``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from standardsd.core.due import Dues
from standardsd.core.history import History
from standardsd.core.instants import instant, micros, span_micros
from standardsd.core.numbers import needs
from standardsd.core.numbers.contributing import Mark, contributions
from standardsd.core.numbers.feeds import Feed, Source
from standardsd.core.numbers.figures import FigureMeter, figure_window
from standardsd.core.numbers.now import Told, gone, number_now, told_of
from standardsd.core.numbers.registry import Registry
from standardsd.core.numbers.saved import SavedNumbers, restore_feed, restore_members, save_feed
from standardsd.core.numbers.saying import say
from standardsd.core.numbers.tracked import ALONE, Tracked
from standardsd.core.numbers.windowed import WindowMeter
from standardsd.core.sight import Sources
from standardsd.core.windows import EVER, frame_of
from standardsd.model.decision import CaseDecision, Episode, Verdict
from standardsd.model.measure import Rate
from standardsd.model.reading import Gap as SightGap
from standardsd.model.reading import Reading, Retract, Sample
from standardsd.model.snapshot import NumberNow
from standardsd.model.standard import Group, RuleBook, matches

GroupKey = tuple[str, Group]
"""(standard, group)"""

PRUNE_EVERY = span_micros(timedelta(minutes=10))
"""How often a group forgets what no reading that is still taken can reach."""

COUNTED = {Verdict.MET: 1.0, Verdict.BREACHED: 0.0}
"""What a verdict is worth in a share kept."""


class Numbers:
    """``judge_from``: nothing is judged before it; None: from the first instant that was read of on.

    ``accept_late``: how long before the watermarks of its sources (of one without any: before now) what has
    left every window is still remembered; None: for ever.
    """

    def __init__(
        self, sources: Sources, *, judge_from: datetime | None = None, accept_late: timedelta | None = None
    ) -> None:
        self._sources = sources
        self._judge_from = None if judge_from is None else micros(judge_from)
        self._feeds = Registry(self._judge_from)
        self._late = None if accept_late is None else span_micros(accept_late)
        self._dues: Dues[GroupKey, GroupKey] = Dues()
        self._dirty: set[GroupKey] = set()
        self._retired: list[Episode] = []
        self._changed: dict[GroupKey, Tracked] = {}  # since ``drain``
        self._gone: dict[GroupKey, Told] = {}
        self.first: int | None = None  # the earliest instant that was read of
        self.now_us = EVER

    # -- what it is told -------------------------------------------------------------------------------

    def replace(self, book: RuleBook, now: datetime | None = None) -> None:
        """The rules from ``now`` on; what was before is not judged again.  None: from the beginning.

        Afterwards ``know`` the groups and ``see`` every interaction in memory again: a standard that is new
        knows nothing yet.
        """
        said, left = self._feeds.replace(book, None if now is None else micros(now))
        self._retired += said
        for tracked in left:
            self._let_go(tracked, self.now_us)
        self.touch_all()

    def know(self, standard: str, group: Group) -> None:
        """This group is there from the beginning, whether or not anything ever happens in it."""
        feed = self._feeds.by_id.get(standard)
        if feed is not None and feed.fix(group, self._judge_from):
            self._dirty.add((standard, group))

    def know_sites(self, sites: Iterable[str]) -> None:
        """The sites of the configuration are there from the beginning, where some source can speak for them.

        Only a ``where`` about the site itself can leave one out: a kitchen round has to be done where none ever was.
        """
        for name, feed in self._feeds.by_id.items():
            where = {key: globs for key, globs in feed.standard.where.items() if key == "site"}
            for site in sites if feed.standard.by == ("site",) else ():
                group = (("site", site),)
                if matches(where, dict(group)) and needs.needed(
                    self._sources, feed.standard, feed.events, group
                ):
                    self.know(name, group)

    def take(self, reading: Reading) -> None:
        """Every reading that is not refused."""
        if self._judge_from is None:
            self._notice(reading)
        if isinstance(reading, SightGap):
            self.touch_all()
        if isinstance(reading, Sample):
            for feed in self._feeds.of_sample.get(reading.name, ()):
                tracked = feed.put(
                    reading.labels, reading.source, micros(reading.at), reading.value, self._judge_from
                )
                if tracked is not None:
                    self._dirty.add((feed.standard.id, tracked.group))

    def see(self, key: tuple[str, str], history: History, fresh: Collection[str] | None = None) -> None:
        """What is known of this interaction has changed: its contributions are worked out anew.

        ``fresh``: the events that were read since it was seen last, all of them later than what was known
        (``history.revision`` is the same), so that a standard to which none of them means anything can be left
        out; None: its past may have changed.
        """
        feeds = self._feeds.of_kind.get(key[0], ())
        if not feeds:
            return
        names = {event.event for event in history.events.values()}
        for feed in feeds:
            if fresh is not None and feed.adds.isdisjoint(fresh):
                continue
            if feed.events.isdisjoint(names) and key not in feed.by_key:
                continue
            assert feed.kind is not None
            marks = contributions(feed.standard, feed.cases, feed.kind, history)
            self._replace(feed, key, marks)

    def hear(self, lines: Iterable[CaseDecision]) -> None:
        """What was said of cases: of those whose share kept another standard is about."""
        for said in lines:
            feed = self._feeds.by_id.get(said.standard)
            if feed is None or not feed.is_share:
                continue
            worth = None if said.verdict is None else COUNTED.get(said.verdict)
            group = feed.standard.group(said.labels)
            marks = () if worth is None else (Mark(micros(said.at), group, worth),)
            self._replace(feed, (said.kind, said.id, said.occurrence), marks)

    def touch_all(self) -> None:
        """A source became dark or was seen again, was met for the first time, or lost sight for a while."""
        for feed in self._feeds.by_id.values():
            for tracked in feed.groups.values():
                tracked.stale = True
                self._dirty.add((feed.standard.id, tracked.group))

    def advanced(self, source: str) -> None:
        """This source's watermark has risen."""
        mark = self._sources.states[source].watermark
        if mark is not None:
            self._dirty.update(self._dues.of(source).reached(mark))

    # -- what it says ----------------------------------------------------------------------------------

    def settle(self, now: datetime) -> list[Episode]:
        """What is to be said at ``now``, by instant; looks only at groups that something happened to."""
        self.now_us = max(self.now_us, micros(now))
        self._dirty.update(self._dues.wall.reached(now))
        said, self._retired = self._retired, []
        dirty, self._dirty = self._dirty, set()
        users: dict[str, int] = {}
        for name, group in sorted(dirty):
            feed = self._feeds.by_id.get(name)
            tracked = None if feed is None else feed.groups.get(group)
            if feed is not None and tracked is not None and not feed.is_of_figures:
                said += self._settle(feed, tracked, users)
        for feed in self._feeds.of_figures:
            if feed.standard.id in users:
                self._gather(feed, users[feed.standard.id])
            for group in [*feed.groups]:
                tracked = feed.groups[group]
                if feed.standard.id in users or (feed.standard.id, group) in dirty:
                    said += self._settle(feed, tracked, {})
        said.sort(key=lambda episode: (episode.at, episode.standard, sorted(episode.group.items())))
        return said

    def next_wakeup(self) -> datetime | None:
        """The wall instant by which ``settle`` must be called next."""
        return self._dues.next_wakeup()

    def next_due(self, source: str) -> datetime | None:
        """The earliest instant up to which this source's watermark is waited for."""
        return self._dues.next_due(source)

    def drain(self) -> list[Told]:
        """What the aggregator must be told of since it was asked last, by standard and group."""
        changed = {key: told_of(tracked, self.now_us) for key, tracked in self._changed.items()}
        found = {**changed, **self._gone}
        self._changed, self._gone = {}, {}
        return [told for _, told in sorted(found.items()) if told is not None]

    def now(self, standard: str, group: Group, now: datetime) -> NumberNow | None:
        """How a number stands at ``now``, which is not before the last ``settle``; None: nothing is known of it."""
        feed = self._feeds.by_id.get(standard)
        tracked = None if feed is None or feed.is_share else feed.groups.get(group)
        return None if tracked is None else number_now(tracked, max(micros(now), self.now_us))

    def ignored(self, standard: str) -> int:
        """Values in memory that count as none (a recommendation of 11), and samples of too many label sets."""
        feed = self._feeds.by_id.get(standard)
        return 0 if feed is None else feed.ignored() + feed.dropped

    # -- memory ----------------------------------------------------------------------------------------

    def dump(self) -> SavedNumbers:
        """The state, for a checkpoint."""
        feeds = [save_feed(feed) for _, feed in sorted(self._feeds.by_id.items())]
        return SavedNumbers(self.first, self.now_us, feeds)

    def load(self, saved: SavedNumbers) -> None:
        """The state as ``dump`` gave it, right after the first ``replace`` by the rules it was saved under."""
        self.first, self.now_us = saved.first, saved.now
        for one in saved.feeds:
            feed = self._feeds.by_id.get(one.standard)
            if feed is not None:
                restore_feed(feed, one, self._judge_from)
        restore_members(self._feeds, self._judge_from)
        self.touch_all()

    # -- one group -------------------------------------------------------------------------------------

    def _settle(self, feed: Feed, tracked: Tracked, users: dict[str, int]) -> list[Episode]:
        now, key = self.now_us, (feed.standard.id, tracked.group)
        if not tracked.is_known():
            return self._forget(feed, tracked)
        if tracked.stale or feed.is_of_figures:
            self._look_at_sources(feed, tracked)
        tracked.begin(self._began(feed))
        changed = tracked.advance(now)
        if feed.is_share:
            said = []
        else:
            said = tracked.settle(now, needs.horizon(self._sources, tracked.sources))
            self._changed[key] = tracked
            if (before := self._gone.pop(key, None)) is not None:  # it is there again
                tracked.tell_from(micros(before.changes[0][0]))
            shared = tracked.log_share(now)
            changed = shared if tracked.share_frame is not None else changed
        if changed is not None and tracked.log is not None:
            for user in feed.users:
                users[user] = min(users.get(user, changed), changed)
        self._prune(feed, tracked)
        self._wait(key, tracked)
        return said

    def _began(self, feed: Feed) -> int | None:
        """Since when nobody can have missed anything."""
        began = self._judge_from if self._judge_from is not None else self.first
        if feed.began is None or began is None:
            return feed.began if began is None else began
        return max(began, feed.began)

    def _look_at_sources(self, feed: Feed, tracked: Tracked) -> None:
        tracked.stale = False
        names = self._needed(feed, tracked)
        for name in tracked.sources:
            self._dues.of(name).set((feed.standard.id, tracked.group), None)
        tracked.sources = names
        if feed.is_of_figures:
            return  # each figure is unknown while its own sources are dark
        tracked.see_dark(self.now_us, dark=needs.is_dark(self._sources, names))
        if not feed.is_share:
            tracked.see_gaps(needs.gaps(self._sources, names))
        meter = tracked.meters.get(ALONE)
        if isinstance(feed.standard.measure, Rate) and isinstance(meter, WindowMeter):
            meter.always_waits = needs.are_apart(self._sources, feed.standard, tracked.group)

    def _needed(self, feed: Feed, tracked: Tracked) -> tuple[str, ...]:
        meter = tracked.meters.get(ALONE)
        if isinstance(meter, FigureMeter):
            members = (member for member in meter.members if isinstance(member, Tracked))
            return tuple(sorted({name for member in members for name in member.sources}))
        if feed.is_share:
            assert feed.kind is not None, feed.standard.of
            return self._sources.depends(feed.standard, feed.kind, tracked.group)
        return needs.needed(self._sources, feed.standard, feed.events, tracked.group, tracked.told)

    def _wait(self, key: GroupKey, tracked: Tracked) -> None:
        wakes, awaits = tracked.wakes(self.now_us), tracked.awaits()
        self._dues.wall.set(key, None if wakes is None else instant(max(wakes, self.now_us + 1)))
        for name in tracked.sources:
            mark = self._sources.states[name].seen_to
            waits = awaits is not None and (mark is None or micros(mark) < awaits)
            self._dues.of(name).set(key, instant(awaits) if waits and awaits is not None else None)

    def _prune(self, feed: Feed, tracked: Tracked) -> None:
        if self._late is None or self.now_us - tracked.pruned_at < PRUNE_EVERY:
            return
        tracked.pruned_at = self.now_us
        told = needs.horizon(self._sources, tracked.sources)
        floor = min(self.now_us, self.now_us if told is None else told) - self._late
        zone = feed.standard.zone_of_windows(dict(tracked.group))
        tracked.prune(floor, frame_of(figure_window(feed.standard), zone).span(floor).begin)
        feed.sweep(floor)

    def _forget(self, feed: Feed, tracked: Tracked) -> list[Episode]:
        """A group of which everything was taken back."""
        known = tracked.timeline.stretches
        since = known[0].at if known else self.now_us
        known.clear()
        del feed.groups[tracked.group]
        said = say(feed.standard, tracked.group, tracked.said, tracked.timeline)
        self._let_go(tracked, since)
        return said

    def _let_go(self, tracked: Tracked, since: int) -> None:
        key = (tracked.standard.id, tracked.group)
        self._dues.wall.set(key, None)
        for name in tracked.sources:
            self._dues.of(name).set(key, None)
        self._changed.pop(key, None)
        if tracked.has_told:
            self._gone[key] = gone(tracked, since)

    def _gather(self, feed: Feed, since: int) -> None:
        """The groups that a spread or a gap is made of; their figures may be others from ``since`` on."""
        for group, members in self._feeds.members(feed).items():
            tracked = feed.group(group, self._judge_from)
            meter = None if tracked is None else tracked.meters[ALONE]
            if tracked is None or not isinstance(meter, FigureMeter):
                continue
            if meter.members != members:
                meter.members = members
                tracked.rewind(EVER)
            tracked.rewind(since)

    # -- small things ----------------------------------------------------------------------------------

    def _notice(self, reading: Reading) -> None:
        """The earliest instant that was read of is where all begins; a retraction says nothing of its own."""
        if isinstance(reading, Retract):
            return
        at = micros(reading.since if isinstance(reading, SightGap) else reading.at)
        if self.first is not None and at >= self.first:
            return
        self.first = at
        for feed in self._feeds.by_id.values():
            self._dirty.update(
                (feed.standard.id, tracked.group) for tracked in feed.groups.values() if tracked.fixed
            )

    def _replace(self, feed: Feed, key: Source, marks: Sequence[Mark]) -> None:
        for tracked in feed.replace(key, tuple(marks), self._judge_from):
            self._dirty.add((feed.standard.id, tracked.group))
