"""The states of a number in one group, as a function of time.

What its courses say is known whole each time; the states are worked out anew from the first
instant that changed.  So late readings need no code of their own.

An excursion is a run out of limits.  It is an episode, from the instant on at which the limit was
crossed, once it has lasted for ``for`` (of the clock).  One that began because something was read is taken
as it is.  One that began by time alone (a duty not done, an answer that left the window) waits until every
source has told all up to the instant at which it counts: what is not read yet could have kept it.  Until
then, and for ever if it was too short, it is in limits (or still unknown, if it was and nothing was read).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct, structs

from standardsd.core.instants import instant, micros
from standardsd.core.numbers.turns import Course, Run, Turn, badness
from standardsd.model.clock import Clock
from standardsd.model.decision import EpisodeState
from standardsd.model.promise import Limits

IN_LIMITS, BROKEN, UNKNOWN = EpisodeState.IN_LIMITS, EpisodeState.BROKEN, EpisodeState.UNKNOWN

STRETCHES_MAX = 10_000
"""Changes of state remembered a group; a share is of what is remembered."""

BEGINNING = micros(datetime.min.replace(tzinfo=UTC))
"""The first instant that has a name."""

Blind = list[tuple[int, int | None]]
"""Disjoint spans [since, until) in which the number is not known, ascending; None: it goes on."""


class Stretch(Struct, frozen=True, gc=False):
    """From ``at`` on (µs) the state was this.

    ``audible``: it is said; the first state of a group is not, unless it is broken.
    """

    at: int
    state: EpisodeState
    value: float | None
    limit: float | None
    audible: bool


class Held(Struct, frozen=True, gc=False):
    """What an excursion must be held against.  ``horizon``: up to which instant all sources have told all."""

    now: int
    horizon: int | None
    clock: Clock


class _Piece(Struct, frozen=True, gc=False):
    at: int
    course: str
    state: EpisodeState
    turn: Turn


class Timeline:
    """``wakes``: when an excursion will have lasted long enough; ``awaits``: up to which instant one must
    be told by the sources; ``undecided``: when the first of either began."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.wakes: int | None = None
        self.awaits: int | None = None
        self.undecided: int | None = None
        self.says_all = False

    def derive(
        self,
        since: int,
        floor: int,
        courses: dict[str, Course],
        limits: dict[str, Limits],
        blind: Blind,
        held: Held,
    ) -> int:
        """Works out the states from ``since`` on, or from the first excursion on that was not decided yet or may
        be shorter than it seemed, but nothing before ``floor``.

        Returns the instant from which on they may differ from before.
        """
        since = since if self.undecided is None else min(since, self.undecided)
        since = max(floor, min((course.out_since(since) for course in courses.values()), default=since))
        self.wakes = self.awaits = self.undecided = None
        pieces = [
            piece
            for name, course in courses.items()
            for piece in self._pieces(name, course, since, limits[name].hold_for, held)
        ]
        del self.stretches[bisect_left(self.stretches, since, key=_at) :]
        self._sweep(since, sorted(pieces, key=_place), limits, blind, held.now)
        return since

    def say_all(self) -> None:
        """From now on nothing of it is left unsaid, not even how it began."""
        self.says_all = True
        self.stretches = [structs.replace(stretch, audible=True) for stretch in self.stretches]

    def audible(self) -> list[Stretch]:
        """What is said of it."""
        return [stretch for stretch in self.stretches if stretch.audible]

    def is_undecided(self, now: int, horizon: int | None) -> bool:
        """Whether time or a watermark has decided an excursion since."""
        told = self.awaits is not None and horizon is not None and horizon >= self.awaits
        return told or (self.wakes is not None and self.wakes <= now)

    def state_at(self, at: int) -> Stretch | None:
        place = bisect_right(self.stretches, at, key=_at)
        return self.stretches[place - 1] if place else None

    def tally(self, begin: int, end: int) -> tuple[int, int]:
        """µs in limits, and µs known, in [``begin``, ``end``)."""
        kept = known = 0
        first = max(bisect_right(self.stretches, begin, key=_at) - 1, 0)
        for place in range(first, len(self.stretches)):
            stretch = self.stretches[place]
            if stretch.at >= end:
                break
            until = self.stretches[place + 1].at if place + 1 < len(self.stretches) else end
            length = max(0, min(until, end) - max(stretch.at, begin))
            known += length if stretch.state is not UNKNOWN else 0
            kept += length if stretch.state is IN_LIMITS else 0
        return kept, known

    def states(self, since: int) -> list[tuple[datetime, EpisodeState]]:
        """The states from ``since`` on, the one that holds there first; unknown before the first."""
        since = max(since, BEGINNING)
        place = bisect_left(self.stretches, since, key=_at)
        found = [(instant(stretch.at), stretch.state) for stretch in self.stretches[place:]]
        if place < len(self.stretches) and self.stretches[place].at == since:
            return found
        before = self.stretches[place - 1].state if place else UNKNOWN
        return [(instant(since), before), *found]

    def prune(self, floor: int) -> None:
        """Forgets what was over at ``floor``, and the oldest of what is too much."""
        keep = max(bisect_right(self.stretches, floor, key=_at) - 1, len(self.stretches) - STRETCHES_MAX)
        if keep > 0:
            del self.stretches[:keep]

    # -- excursions ------------------------------------------------------------------------------------

    def _pieces(self, name: str, course: Course, since: int, hold_for: timedelta, held: Held) -> list[_Piece]:
        """What the course says from ``since`` on, excursions that do not count left out."""
        pieces: list[_Piece] = []
        for run in course.runs(since):
            turns = course.turns[run.first : run.last + 1]
            state = _WORD[turns[0].kept]
            if state is BROKEN and not self._counts(turns[0], run, hold_for, held):
                seen = turns[0].read or course.kept_before(run.first)
                state = IN_LIMITS if seen else UNKNOWN
            pieces += [_Piece(max(turn.at, since), name, state, turn) for turn in turns]
        return pieces

    def _counts(self, first: Turn, run: Run, hold_for: timedelta, held: Held) -> bool:
        """Whether an excursion is an episode by what is known now."""
        full = lasted(first.at, hold_for, held.clock)
        if full is None or (run.back is not None and run.back < full):
            return False
        if full > held.now:
            self.wakes = full if self.wakes is None else min(self.wakes, full)
        elif first.read or (held.horizon is not None and held.horizon >= full):
            return True
        if not first.read:
            self.awaits = full if self.awaits is None else min(self.awaits, full)
        self.undecided = first.at if self.undecided is None else min(self.undecided, first.at)
        return False

    # -- all courses together --------------------------------------------------------------------------

    def _sweep(
        self, since: int, pieces: list[_Piece], limits: dict[str, Limits], blind: Blind, now: int
    ) -> None:
        """Broken where one course is, known where one is, unknown where nobody can see."""
        standing: dict[str, _Piece] = {}
        place = 0
        for at in _instants(since, pieces, blind):
            if at > now:
                break
            while place < len(pieces) and pieces[place].at <= at:
                standing[pieces[place].course] = pieces[place]
                place += 1
            state = UNKNOWN if is_blind(blind, at) else _together(standing.values())
            if self.stretches and self.stretches[-1].state is state:
                continue
            if not self.stretches and not standing:
                continue  # nothing is known of it yet, not even that it is unknown
            worst = _worst(standing.values(), state, limits)
            value, limit = (None, None) if worst is None else (worst.value, worst.limit)
            self.stretches.append(Stretch(at, state, value, limit, self._is_audible(state)))

    def _is_audible(self, state: EpisodeState) -> bool:
        """The first state is said only if it is broken; nor is it said that one which was unknown from the
        beginning is in limits."""
        if state is BROKEN or self.says_all:
            return True
        if not self.stretches:
            return False
        last = self.stretches[-1]
        return last.audible or not (last.state is UNKNOWN and state is IN_LIMITS)


_WORD: dict[bool | None, EpisodeState] = {True: IN_LIMITS, False: BROKEN, None: UNKNOWN}


def _together(standing: Iterable[_Piece]) -> EpisodeState:
    states = {piece.state for piece in standing}
    return next((state for state in (BROKEN, IN_LIMITS) if state in states), UNKNOWN)


def _worst(standing: Iterable[_Piece], state: EpisodeState, limits: dict[str, Limits]) -> Turn | None:
    """The worst number of those that make the state; None where it is unknown."""
    if state is UNKNOWN:
        return None
    alike = [piece for piece in standing if piece.state is state and piece.turn.value is not None]
    if not alike:
        return None
    return max(
        alike, key=lambda piece: (badness(limits[piece.course], piece.turn.value or 0.0), piece.course)
    ).turn


def _instants(since: int, pieces: list[_Piece], blind: Blind) -> list[int]:
    edges = (edge for span in blind for edge in span if edge is not None and edge >= since)
    return sorted({since, *(piece.at for piece in pieces), *edges})


def is_blind(blind: Blind, at: int) -> bool:
    place = bisect_right(blind, at, key=lambda span: span[0])
    if not place:
        return False
    until = blind[place - 1][1]
    return until is None or at < until


def merged(spans: Iterable[tuple[int, int | None]]) -> Blind:
    """Spans that may overlap or touch, as disjoint ones; empty ones are dropped."""
    found: Blind = []
    for since, until in sorted(spans, key=lambda span: span[0]):
        if until is not None and until <= since:
            continue
        if found and (last := found[-1][1]) is None:
            break
        if found and last is not None and since <= last:
            found[-1] = (found[-1][0], None if until is None else max(last, until))
        else:
            found.append((since, until))
    return found


def lasted(crossed: int, hold_for: timedelta, clock: Clock) -> int | None:
    """When an excursion has lasted for ``for``; None: the clock never runs so long again."""
    if not hold_for:
        return crossed
    due = clock.due(instant(crossed), hold_for)
    return None if due is None else micros(due)


def _at(stretch: Stretch) -> int:
    return stretch.at


def _place(piece: _Piece) -> int:
    return piece.at
