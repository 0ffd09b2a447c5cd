"""How far each source has been seen: watermarks, gaps, silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from standardsd.core.occurrences import end_events, start_events
from standardsd.core.seen import Sight, SightGap
from standardsd.model.reading import Gap, Labels
from standardsd.model.source import Source
from standardsd.model.standard import Group, Standard
from standardsd.model.vocabulary import Kind

GAPS_MAX = 1_000
"""Gaps remembered a source; the oldest, which touch only long-closed interactions, are forgotten first."""

_TICK = timedelta(microseconds=1)


class SourceState(Struct):
    """``heard``: wall instant of the last reading; ``since``: wall instant at which we began to listen,
    and ``met`` whether anything was heard since then.  ``added``: when it was added to a running judge;
    for what happened before that it is not waited for, so that no verdict is unspoken because of it.
    """

    watermark: datetime | None = None
    heard: datetime | None = None
    since: datetime | None = None
    met: bool = False
    added: datetime | None = None
    dark: bool = False
    gaps: list[tuple[datetime, datetime]] = []

    @property
    def seen_to(self) -> datetime | None:
        """The instant up to which nothing more is waited for."""
        return max((at for at in (self.watermark, self.added) if at is not None), default=None)


class Sources:
    """Every source the judge knows.  One that is only named in readings is taken to yield anything."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.specs: dict[str, Source] = {}
        self.states: dict[str, SourceState] = {}
        self.met: set[str] = set()  # known by their readings only
        self._yielding: dict[tuple[object, ...], tuple[str, ...]] = {}
        self._depends: dict[tuple[str, str, Group], tuple[str, ...]] = {}
        self._told_apart_by: tuple[str, ...] = ()
        self.replace(sources)

    def replace(self, sources: Iterable[Source], added: datetime | None = None) -> None:
        """New configuration: a source that stays keeps its state, one that went is no longer waited for.

        ``added``: when the new ones begin to be waited for; None: from ever.
        """
        self.met.clear()
        self.specs = {source.name: source for source in sources}
        self.states = {
            name: self.states.get(name) or SourceState(gaps=[], added=added) for name in self.specs
        }
        self.told_apart_by = frozenset(key for s in self.specs.values() for key in s.speaks_for)
        self._told_apart_by = tuple(sorted(self.told_apart_by))
        self.note_gaps()
        self._forget_answers()

    def meet(self, name: str) -> SourceState:
        """The state of a source, known from now on if it was not."""
        state = self.states.get(name)
        if state is None:
            self.specs[name] = Source(name)
            self.met.add(name)
            state = self.states[name] = SourceState(gaps=[])
            self._forget_answers()
        return state

    def advance(self, name: str, at: datetime) -> bool:
        """A watermark only rises; whether it did."""
        state = self.meet(name)
        if state.watermark is not None and at <= state.watermark:
            return False
        state.watermark = at
        return True

    def add_gap(self, gap: Gap) -> bool:
        """Whether the gap was new."""
        gaps = self.meet(gap.source).gaps
        span = (gap.since, gap.until)
        if span in gaps or gap.since >= gap.until:
            return False
        gaps.append(span)
        gaps.sort(key=lambda g: (g[1], g[0]))
        del gaps[:-GAPS_MAX]
        self.note_gaps()
        return True

    def note_gaps(self) -> None:
        """``blind_until``: the end of the last gap of any source; what began later no gap can touch."""
        ends = (until for state in self.states.values() for _, until in state.gaps)
        self.blind_until = max(ends, default=None)

    # -- silence ---------------------------------------------------------------------------------------

    def listening(self, now: datetime) -> None:
        """From now on silence counts for sources that were never heard."""
        for state in self.states.values():
            if state.since is None:
                state.since = now

    def dark_at(self, name: str) -> datetime | None:
        """The first instant at which it has been silent for longer than ``max_silence``; None when dark already."""
        state = self.states[name]
        last = max((at for at in (state.heard, state.since) if at is not None), default=None)
        if state.dark or last is None:
            return None
        return last + self.specs[name].max_silence + _TICK

    # -- who yields what -------------------------------------------------------------------------------

    def yielding(self, standard: Standard, kind: Kind, interaction: str, labels: Labels) -> tuple[str, ...]:
        """The sources that can say the end event for this interaction's labels."""
        prefix, slash, _ = interaction.partition("/")
        owner = prefix if slash and prefix in self.specs else ""
        key = (standard.id, standard.rules, owner, *(labels.get(name) for name in self._told_apart_by))
        found = self._yielding.get(key)
        if found is None:
            ends = end_events(standard, kind)
            found = tuple(
                name
                for name, spec in self.specs.items()
                if spec.can_say(kind.name, ends, interaction, labels)
            )
            if len(self._yielding) > _CACHE_MAX:
                self._yielding.clear()
            self._yielding[key] = found
        return found

    def depends(self, standard: Standard, kind: Kind, group: Group) -> tuple[str, ...]:
        """The sources without which this standard cannot be judged in this group."""
        key = (standard.id, standard.rules, group)
        found = self._depends.get(key)
        if found is None:
            events = end_events(standard, kind) | start_events(standard, kind)
            labels = {name: value for name, value in group if value}
            found = tuple(
                name
                for name, spec in self.specs.items()
                if (spec.yields is None or events & set(spec.yields.get(kind.name, ())))
                and all(labels.get(key, value) == value for key, value in spec.speaks_for.items())
            )
            if len(self._depends) > _CACHE_MAX:
                self._depends.clear()
            self._depends[key] = found
        return found

    def _forget_answers(self) -> None:
        self._yielding.clear()
        self._depends.clear()

    def sight(self, names: Sequence[str], interaction: str, spoke: set[str]) -> Sight:
        """How far these sources have been seen.

        A gap of a source that never spoke of an interaction does not touch it where the id is
        another source's own (``kiosk/4711``).
        """
        marks = [self.states[name].seen_to for name in names]
        known = [mark for mark in marks if mark is not None]
        horizon = min(known) if known and len(known) == len(marks) else None
        owner, slash, _ = interaction.partition("/")
        gaps = [
            SightGap(name, since, until, over=_reached(self.states[name].watermark, until))
            for name in names
            if self.states[name].gaps
            and (name in spoke or not slash or owner == name or owner not in self.specs)
            for since, until in self.states[name].gaps
        ]
        gaps.sort(key=lambda gap: (gap.until, gap.since, gap.source))
        return Sight(tuple(names), horizon, tuple(gaps))


_CACHE_MAX = 10_000
"""Answers remembered of ``yielding`` and of ``depends``."""


def _reached(watermark: datetime | None, at: datetime) -> bool:
    return watermark is not None and watermark >= at
