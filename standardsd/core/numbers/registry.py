"""Which standards are about numbers, under the rules of now: feeds, found by what they are told."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from standardsd.core.numbers.contributing import OfCases
from standardsd.core.numbers.feeds import Feed
from standardsd.core.numbers.saying import line
from standardsd.core.numbers.timeline import UNKNOWN, Stretch
from standardsd.core.numbers.tracked import Tracked, instants_off
from standardsd.model.decision import Episode
from standardsd.model.measure import Gap, Sampled, Spread
from standardsd.model.standard import Group, RuleBook, Standard


class Registry:
    """``by_id``: also standards about cases, where the share kept of one is asked for by another.

    ``of_kind``, ``of_sample``: who is told of an interaction, of a sample; ``of_figures``: spreads and gaps.
    """

    def __init__(self, judge_from: int | None) -> None:
        self.by_id: dict[str, Feed] = {}
        self.of_kind: dict[str, list[Feed]] = {}
        self.of_sample: dict[str, list[Feed]] = {}
        self.of_figures: list[Feed] = []
        self._judge_from = judge_from

    def replace(self, book: RuleBook, at: int | None) -> tuple[list[Episode], list[Tracked]]:
        """The rules from ``at`` on (None: from the beginning): what is to be said, and which groups are gone."""
        wanted = {standard.id: standard for standard in book.standards}
        numbers = {name: standard for name, standard in wanted.items() if standard.is_number}
        asked = _asked(numbers.values())
        keep = {**numbers, **{name: wanted[name] for name in asked if name in wanted}}
        gone: list[Tracked] = []
        for name in [name for name in self.by_id if name not in keep]:
            gone += self.by_id.pop(name).groups.values()
        for standard in keep.values():
            gone += self._adopt(standard, book, at)
        for name, feed in self.by_id.items():
            feed.users = asked.get(name, set())
            for tracked in feed.groups.values() if feed.users else ():
                feed.ask_figure(tracked)
            if not feed.standard.by:
                feed.fix((), self._judge_from)
        self._index()
        return [episode for tracked in gone for episode in _ended(tracked, at)], gone

    def members(self, feed: Feed) -> dict[Group, tuple[Tracked, ...]]:
        """The groups that each group of a spread or a gap is made of, as far as they are known now.

        Of a gap, the one group of either standard that has the values of ``by``; where one has none, or several,
        there is no gap.
        """
        measure, found = feed.standard.measure, dict[Group, list[Tracked]]()
        if isinstance(measure, Spread):
            for other in self._figures_of(measure.standard, feed):
                group = feed.standard.group(dict(other.group))
                alone = tuple((name, value) for name, value in group if name != measure.across)
                found.setdefault(alone, []).append(other)
            return {group: tuple(members) for group, members in found.items()}
        assert isinstance(measure, Gap), measure
        for name in (measure.first, measure.second):
            for other in self._figures_of(name, feed):
                found.setdefault(feed.standard.group(dict(other.group)), []).append(other)
        both = [measure.first, measure.second]
        return {g: tuple(m) for g, m in found.items() if [tracked.standard.id for tracked in m] == both}

    def _figures_of(self, name: str, feed: Feed) -> list[Tracked]:
        other = self.by_id.get(name)
        if other is None or other.is_of_figures:
            return []
        return [tracked for g, tracked in sorted(other.groups.items()) if feed.standard.applies_to(dict(g))]

    def _adopt(self, standard: Standard, book: RuleBook, at: int | None) -> list[Tracked]:
        """The groups that are gone because of it."""
        kind = book.vocabulary.get(standard.of)
        feed = self.by_id.get(standard.id)
        if feed is None or not feed.alike(standard):
            self.by_id[standard.id] = fresh = Feed(standard, kind)
            fresh.began = at
            if feed is not None:
                fresh.spoken_of = feed.spoken_of | {group for group, old in feed.groups.items() if old.said}
            if feed is not None and feed.is_share and fresh.is_share:
                for key, marks in feed.by_key.items():  # verdicts are not said again for another window
                    fresh.replace(key, marks, self._judge_from)
            return [] if feed is None else list(feed.groups.values())
        same = structs.replace(feed.standard, rules=standard.rules) == standard
        feed.take_over(standard, kind)
        if not same and not feed.is_share:
            return self._change(feed, at)
        for tracked in feed.groups.values():
            tracked.standard = standard
        return []

    def _change(self, feed: Feed, at: int | None) -> list[Tracked]:
        """Other limits or dates from ``at`` on; what was before stays as it was judged."""
        gone = []
        for group, tracked in list(feed.groups.items()):
            rows = {name: feed.limits(labels) for name, labels in tracked.labels.items()}
            limits = {name: row for name, row in rows.items() if row is not None}
            if len(limits) < len(rows):
                gone.append(feed.groups.pop(group))
                continue
            tracked.change(feed.standard, limits, instants_off(feed.standard, group, self._judge_from), at)
        return gone

    def _index(self) -> None:
        self.of_kind, self.of_sample = {}, {}
        for _, feed in sorted(self.by_id.items()):
            measure = feed.standard.measure
            if isinstance(measure, OfCases):
                self.of_kind.setdefault(feed.standard.of, []).append(feed)
            elif isinstance(measure, Sampled):
                self.of_sample.setdefault(measure.name, []).append(feed)
        self.of_figures = [feed for _, feed in sorted(self.by_id.items()) if feed.is_of_figures]


def _asked(standards: Iterable[Standard]) -> dict[str, set[str]]:
    """Of whose figures which standards are."""
    asked: dict[str, set[str]] = {}
    for standard in standards:
        match standard.measure:
            case Spread(standard=name):
                asked.setdefault(name, set()).add(standard.id)
            case Gap(first=first, second=second):
                for name in (first, second):
                    asked.setdefault(name, set()).add(standard.id)
    return asked


def _ended(tracked: Tracked, at: int | None) -> list[Episode]:
    """A standard is gone: what was said of it last holds no more."""
    if at is None or not tracked.said or tracked.said[-1].state is UNKNOWN:
        return []
    return [line(tracked.standard, tracked.group, Stretch(at, UNKNOWN, None, None, audible=True))]
