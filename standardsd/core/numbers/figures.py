"""Figures of standards, instant by instant, and what is made of several: spread and gap.

The figure of a standard about cases is its share kept over its objective's window (24 h without one); of a
statistic, count, rate, score or repeats it is the number itself; of a sample or a duty it is the share of
time in limits over that window, looked at on every whole minute.  Below ``min_count`` of the objective, and
while a source is dark, there is none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from typing import NamedTuple, Protocol

from standardsd.core.numbers.meters import Stepping, earliest
from standardsd.core.numbers.timeline import Blind, is_blind
from standardsd.core.numbers.turns import Turn
from standardsd.core.windows import EVER
from standardsd.model.measure import Rolling, Window
from standardsd.model.promise import Limits
from standardsd.model.standard import Standard

MINUTE = 60_000_000
"""µs between two looks at a share of time, which changes all the time."""


class Figure(NamedTuple):
    """``at``: µs; ``read``: something that was read made it so; otherwise only time did."""

    at: int
    value: float | None
    read: bool


class Log:
    """A figure as a function of time: each holds until the next."""

    __slots__ = ("figures",)

    def __init__(self, figures: list[Figure] | None = None) -> None:
        self.figures: list[Figure] = [] if figures is None else figures

    def note(self, at: int, value: float | None, *, read: bool) -> None:
        """``at`` is not before any noted so far; what says nothing new is left out."""
        if not self.figures or self.figures[-1].value != value:
            self.figures.append(Figure(at, value, read))

    def cut(self, at: int) -> None:
        del self.figures[bisect_left(self.figures, at, key=_at) :]

    def prune(self, floor: int) -> None:
        keep = bisect_right(self.figures, floor, key=_at) - 1
        if keep > 0:
            del self.figures[:keep]

    def at(self, at: int) -> Figure | None:
        place = bisect_right(self.figures, at, key=_at)
        return self.figures[place - 1] if place else None

    def next_from(self, at: int) -> int | None:
        """The first change at or after ``at``."""
        place = bisect_left(self.figures, at, key=_at)
        return self.figures[place].at if place < len(self.figures) else None


class Member(Protocol):
    """A group of another standard."""

    log: Log | None
    blind: Blind


class FigureMeter(Stepping):
    """``members``: of a spread, every group that is compared; of a gap, the one whose figure the other's is
    taken from, then the other.  A spread needs two figures that are known; those that are not stay out of it."""

    def __init__(self, limits: Limits, *, is_gap: bool) -> None:
        super().__init__(limits)
        self.members: tuple[Member, ...] = ()
        self._is_gap = is_gap

    def next_point(self) -> int | None:
        ahead = [self._point()]
        for member in self.members:
            assert member.log is not None
            ahead.append(member.log.next_from(self.before))
            edges = (edge for span in member.blind for edge in span if edge not in (None, EVER))
            ahead.append(min((edge for edge in edges if edge >= self.before), default=None))
        return earliest(*ahead)

    def look(self, at: int) -> Turn:
        self.before = at + 1
        figures = [member.log.at(at) for member in self.members if member.log is not None]
        read = any(figure is not None and figure.at == at and figure.read for figure in figures)
        return self._turn(at, self.value(at), read=read)

    def value(self, now: int) -> float | None:
        known = [figure for member in self.members if (figure := _figure(member, now)) is not None]
        if self._is_gap:
            return known[0] - known[1] if len(known) == 2 == len(self.members) else None
        return max(known) - min(known) if len(known) > 1 else None

    def prune(self, floor: int) -> None:
        """Nothing is kept here."""


def _figure(member: Member, at: int) -> float | None:
    if member.log is None or is_blind(member.blind, at):
        return None
    figure = member.log.at(at)
    return None if figure is None else figure.value


def figure_window(standard: Standard) -> Window:
    """Over which a share kept is taken."""
    return standard.objective.over if standard.objective else Rolling(timedelta(hours=24))


def min_count(standard: Standard) -> int:
    return max(1, standard.objective.min_count) if standard.objective else 1


def _at(figure: Figure) -> int:
    return figure.at
