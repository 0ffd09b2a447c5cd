"""What a checkpoint keeps of numbers.  A cache: contributions can be worked out again from the store."""

from __future__ import annotations

from msgspec import Struct

from standardsd.core.numbers.bags import What
from standardsd.core.numbers.contributing import Mark
from standardsd.core.numbers.duties import SinceMeter
from standardsd.core.numbers.feeds import Feed, Source
from standardsd.core.numbers.figures import Figure, FigureMeter, Log
from standardsd.core.numbers.meters import SampleMeter
from standardsd.core.numbers.registry import Registry
from standardsd.core.numbers.timeline import Stretch
from standardsd.core.numbers.tracked import ALONE, Tracked
from standardsd.core.numbers.turns import Course, Turn
from standardsd.core.numbers.windowed import WindowMeter
from standardsd.model.reading import Labels
from standardsd.model.standard import Group

Span = tuple[int, int | None]


class SavedCourse(Struct):
    """``ats``, ``values``: of the samples of a label set."""

    name: str
    labels: Labels
    before: int
    turns: list[Turn]
    ats: list[int] = []
    values: list[float] = []


class SavedGroup(Struct):
    group: Group
    courses: list[SavedCourse]
    stretches: list[Stretch]
    fixed: bool
    began: int | None
    first: int | None
    floor: int
    changed: int | None
    told: list[str]
    dark: list[Span]
    gaps: list[tuple[int, int]]
    lost: list[Span]
    figures: list[Figure] | None
    shared: int | None
    undecided: int | None
    says_all: bool
    pruned_at: int


class SavedMarks(Struct, array_like=True):
    kind: str
    id: str
    occurrence: int  # 0: of the interaction
    marks: tuple[Mark, ...]


class SavedFeed(Struct):
    standard: str
    began: int | None
    dropped: int
    spoken_of: list[Group]
    marks: list[SavedMarks]
    groups: list[SavedGroup]


class SavedNumbers(Struct):
    """All of it.  ``first``: the earliest instant that was read of."""

    first: int | None
    now: int
    feeds: list[SavedFeed]


def save_feed(feed: Feed) -> SavedFeed:
    marks = [
        SavedMarks(key[0], key[1], key[2] if len(key) == 3 else 0, marks)
        for key, marks in feed.by_key.items()
    ]
    groups = [_save_group(tracked) for tracked in feed.groups.values()]
    return SavedFeed(feed.standard.id, feed.began, feed.dropped, sorted(feed.spoken_of), marks, groups)


def _save_group(tracked: Tracked) -> SavedGroup:
    courses = []
    for name, meter in tracked.meters.items():
        saved = SavedCourse(name, tracked.labels[name], meter.before, tracked.courses[name].turns)
        if isinstance(meter, SampleMeter):
            saved.ats, saved.values = meter.ats, meter.values
        courses.append(saved)
    return SavedGroup(
        tracked.group,
        courses,
        tracked.timeline.stretches,
        tracked.fixed,
        tracked.began,
        tracked.first,
        tracked.floor,
        tracked.changed,
        sorted(tracked.told),
        tracked.dark,
        tracked.gaps,
        tracked.lost,
        None if tracked.log is None else tracked.log.figures,
        tracked.shared,
        tracked.timeline.undecided,
        tracked.timeline.says_all,
        tracked.pruned_at,
    )


def restore_feed(feed: Feed, saved: SavedFeed, judge_from: int | None) -> None:
    """``feed`` is as new, under the rules it was saved under."""
    feed.began, feed.dropped, feed.spoken_of = saved.began, saved.dropped, set(saved.spoken_of)
    entries: dict[Group, list[tuple[int, What]]] = {}
    for one in saved.marks:
        key: Source = (one.kind, one.id, one.occurrence) if one.occurrence else (one.kind, one.id)
        feed.by_key[key] = one.marks
        for mark in one.marks:
            if mark.what is not None:
                entries.setdefault(mark.group, []).append((mark.at, mark.what))
    for group in saved.groups:
        tracked = feed.group(group.group, judge_from)
        if tracked is not None:
            _restore_group(feed, tracked, group, sorted(entries.get(group.group, ())))


def _restore_group(feed: Feed, tracked: Tracked, saved: SavedGroup, entries: list[tuple[int, What]]) -> None:
    tracked.fixed, tracked.began, tracked.first = saved.fixed, saved.began, saved.first
    tracked.floor, tracked.changed = saved.floor, saved.changed
    tracked.pruned_at = saved.pruned_at
    tracked.told, tracked.gaps = set(saved.told), saved.gaps
    tracked.dark, tracked.lost = saved.dark, saved.lost
    for course in saved.courses:
        limits = feed.limits(course.labels)
        if limits is None:
            continue
        if course.name != ALONE:
            tracked.measure_by(course.name, SampleMeter(limits), limits, course.labels)
        tracked.courses[course.name] = Course(course.turns)
    tracked.see_again()
    for course in saved.courses:
        match tracked.meters.get(course.name):
            case WindowMeter() as window:
                window.restore(entries, course.before)
                window.prune(saved.floor)
            case SinceMeter() as since:
                since.entries, since.before = entries, course.before
                since.began = saved.began if saved.fixed else None
                since.prune(saved.floor)
            case SampleMeter() as samples:
                samples.ats, samples.values, samples.before = course.ats, course.values, course.before
            case FigureMeter() as figure:
                figure.before = course.before
    tracked.timeline.stretches, tracked.timeline.says_all = saved.stretches, saved.says_all
    tracked.said = tracked.timeline.audible()
    tracked.has_told = bool(saved.stretches)
    if tracked.log is not None and saved.figures is not None:
        tracked.log, tracked.shared = Log(saved.figures), saved.shared
    tracked.decide_again(saved.undecided)


def restore_members(feeds: Registry, judge_from: int | None) -> None:
    """What spreads and gaps are made of, once all else is there."""
    for feed in feeds.of_figures:
        for group, members in feeds.members(feed).items():
            tracked = feed.group(group, judge_from)
            meter = None if tracked is None else tracked.meters[ALONE]
            if isinstance(meter, FigureMeter):
                meter.members = members
