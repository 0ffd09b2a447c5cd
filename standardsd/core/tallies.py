"""What a share is made of: verdicts that stand, or the time a number was in limits.

Both answer the same question, *how much of which between two instants*, so objectives,
budgets and burn rates need not know whether a standard is about cases or about a number.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from msgspec import Struct

from standardsd.core.instants import Instants, micros
from standardsd.core.windows import Span
from standardsd.model.decision import CaseDecision, EpisodeState, Reason, Verdict


class Tallied(NamedTuple):
    """Verdicts, or µs of a number's states.  ``excluded`` includes ``waived``; a number's unknown time is in none."""

    kept: int
    broken: int
    excluded: int = 0
    indeterminate: int = 0
    waived: int = 0

    @property
    def counted(self) -> int:
        """What the share is a share of."""
        return self.kept + self.broken


class Tally(Protocol):
    def shares(self, span: Span) -> tuple[int, int]:
        """``kept`` and ``broken`` of a span."""
        ...

    def between(self, span: Span) -> Tallied: ...

    def forget(self, us: int) -> None:
        """Nothing at or before this instant will be asked for again."""
        ...


class Verdicts(Struct):
    """Instants of the verdicts that stand; each counts at its ``at``."""

    met: Instants
    breached: Instants
    excluded: Instants  # for another reason than a waiver
    waived: Instants
    indeterminate: Instants

    @classmethod
    def empty(cls) -> Verdicts:
        return cls(Instants(), Instants(), Instants(), Instants(), Instants())

    def add(self, line: CaseDecision) -> None:
        """A verdict that now stands."""
        if line.verdict is not None:
            self._of(line).add(micros(line.at))

    def remove(self, line: CaseDecision) -> None:
        """A verdict that no longer stands; one forgotten long ago is not there any more."""
        if line.verdict is not None:
            self._of(line).remove(micros(line.at))

    def shares(self, span: Span) -> tuple[int, int]:
        after, to = span.after, span.to
        return (
            self.met.up_to(to) - self.met.up_to(after),
            self.breached.up_to(to) - self.breached.up_to(after),
        )

    def between(self, span: Span) -> Tallied:
        met, breached, excluded, waived, indeterminate = (
            one.up_to(span.to) - one.up_to(span.after) for one in self._all()
        )
        return Tallied(met, breached, excluded + waived, indeterminate, waived)

    def first_after(self, us: int) -> int | None:
        """The first verdict after an instant."""
        return min((at for one in self._all() if (at := one.at(one.up_to(us))) is not None), default=None)

    def forget(self, us: int) -> None:
        for one in self._all():
            one.forget(us)

    def _all(self) -> tuple[Instants, ...]:
        return (self.met, self.breached, self.excluded, self.waived, self.indeterminate)

    def _of(self, line: CaseDecision) -> Instants:
        match line.verdict:
            case Verdict.MET:
                return self.met
            case Verdict.BREACHED:
                return self.breached
            case Verdict.INDETERMINATE:
                return self.indeterminate
        return self.waived if line.reason is Reason.WAIVED else self.excluded


STATES = (EpisodeState.IN_LIMITS, EpisodeState.BROKEN, EpisodeState.UNKNOWN)


class Timeline:
    """The states of one number: from each of ``ats`` (µs, ascending) on it is in ``states``; unknown before the first."""

    __slots__ = ("_sums", "ats", "states")

    def __init__(self, ats: Sequence[int] = (), states: Sequence[EpisodeState] = ()) -> None:
        self.ats = list(ats)
        self.states = list(states)
        self._sums: list[tuple[int, int]] = []  # µs in limits and broken before each of ``ats``
        self._sum_from(0)

    def tell(self, changes: Sequence[tuple[datetime, EpisodeState]]) -> None:
        """From the first of ``changes`` (ascending) on the states are these, whatever was told of that time before."""
        if not changes:
            return
        first = bisect_left(self.ats, micros(changes[0][0]))
        del self.ats[first:], self.states[first:], self._sums[first:]
        for at, state in changes:
            us = micros(at)
            if self.ats and self.ats[-1] == us:
                self.states[-1] = state
            elif not self.states or self.states[-1] is not state:
                self.ats.append(us)
                self.states.append(state)
        self._sum_from(len(self._sums))

    def shares(self, span: Span) -> tuple[int, int]:
        (kept, broken), (kept_before, broken_before) = self._sum_to(span.end), self._sum_to(span.begin)
        return kept - kept_before, broken - broken_before

    def between(self, span: Span) -> Tallied:
        return Tallied(*self.shares(span))

    def forget(self, us: int) -> None:
        old = bisect_right(self.ats, us) - 1  # this one's state may still hold
        if old > 0:
            del self.ats[:old], self.states[:old]
            self._sums = []
            self._sum_from(0)

    def _sum_to(self, us: int) -> tuple[int, int]:
        place = bisect_right(self.ats, us) - 1
        return (0, 0) if place < 0 else self._sum_in(place, us)

    def _sum_in(self, place: int, us: int) -> tuple[int, int]:
        """The sums at an instant in the state at ``place``."""
        kept, broken = self._sums[place]
        since = us - self.ats[place]
        match self.states[place]:
            case EpisodeState.IN_LIMITS:
                return kept + since, broken
            case EpisodeState.BROKEN:
                return kept, broken + since
        return kept, broken

    def _sum_from(self, place: int) -> None:
        for index in range(place, len(self.ats)):
            self._sums.append(self._sum_in(index - 1, self.ats[index]) if index else (0, 0))
