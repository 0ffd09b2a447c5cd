"""How much is kept, how much was asked for, how fast the budget burns: one standard in one group.

Shares are compared as whole numbers, never as rounded ones: 19 of 20 is exactly 95 %, and a
burn rate of exactly its factor does not burn.  The rules:

- Below ``min_count`` verdicts the share is unknown.  ``min_count`` is of the objective's window; a burn
  window without a verdict burns nothing, and of a number any known time is enough.
- The target is that of today's local day; of a calendar window that has ended, of the day it began.
  Where no target has begun nothing is asked for, so no share is below it.
- ``periods``: see ``Goals.below``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from standardsd.core.instants import span_micros
from standardsd.core.tallies import Tallied, Tally, Verdicts
from standardsd.core.windows import (
    CalendarFrame,
    ClockFrame,
    Frame,
    RollingFrame,
    Span,
    clock_frame,
    frame_of,
    local_day,
    midnight,
)
from standardsd.model.measure import Calendar, Rolling
from standardsd.model.objective import BurnPair, Condition, Objective
from standardsd.model.snapshot import Burn
from standardsd.model.standard import Group, Standard

DAY = Rolling(timedelta(days=1))
"""The window whose share is shown for a standard without an objective."""

factor_parts_max = 1_000_000
"""Factors are taken as the nearest fraction with at most so many parts: 5.6, not 5.6000000000000005."""

number_pace = 60_000_000
"""µs.  A number's share moves all the time; whether it has reached its target is looked at every whole minute."""

view_steps = 100
"""A share that decides nothing is shown anew when its window has moved on by this part of itself, if nobody asks
before: whoever asks is told what is so at that instant."""


class Pair(NamedTuple):
    """Two windows that burn when the breach share of both, less the budget, is more than ``factor`` times it."""

    rule: BurnPair
    long: RollingFrame | ClockFrame
    short: RollingFrame | ClockFrame
    factor: Fraction


class Goals:
    """``standard`` in one group, with its windows laid out in the group's zone and clock."""

    def __init__(self, standard: Standard, group: Group) -> None:
        labels = {name: value for name, value in group if value}
        objective = standard.objective
        self.standard = standard
        self.zone = standard.zone_of_windows(labels)
        self.frame = frame_of(share_window(standard), self.zone)
        self.settling = RollingFrame(standard.settle) if standard.settle else None
        self.pairs: tuple[Pair, ...] = ()
        clock = standard.clock_of(labels)
        frames: dict[int, RollingFrame | ClockFrame] = {}  # one for each length, in order of the table
        if clock is not None and objective is not None:
            for pair in standard.alert.burn:
                for length in (pair.long, pair.short):
                    frames.setdefault(span_micros(length), clock_frame(clock, length))
            self.pairs = tuple(
                Pair(
                    pair,
                    frames[span_micros(pair.long)],
                    frames[span_micros(pair.short)],
                    Fraction(pair.factor).limit_denominator(factor_parts_max),
                )
                for pair in standard.alert.burn
            )
        self.burn_frames = tuple(frames[length] for length in sorted(frames))
        self.alerts_on_share = objective is not None and Condition.OBJECTIVE in standard.alert.on
        self.alerts_on_burn = bool(self.pairs) and Condition.BURN in standard.alert.on
        self._targets: dict[float, Fraction] = {}
        self._limits: dict[Fraction, tuple[Fraction, ...]] = {}

    # -- targets ---------------------------------------------------------------------------------------

    def target(self, now: int) -> Fraction | None:
        """The share asked for today; None: none."""
        objective = self.standard.objective
        if objective is None:
            return None
        if objective.targets:
            return self._target_on(objective, local_day(self.zone, now))
        return None if objective.at_least is None else self._exact(objective.at_least)

    def target_changes_at(self, now: int) -> int | None:
        """The local midnight at which the next target begins."""
        objective = self.standard.objective
        ahead = [midnight(self.zone, target.since) for target in objective.targets] if objective else []
        return min((at for at in ahead if at > now), default=None)

    def _target_on(self, objective: Objective, day: date) -> Fraction | None:
        target = objective.target(day)
        return None if target is None else self._exact(target)

    def _exact(self, share: float) -> Fraction:
        """As it is written: 0.95 is 19/20."""
        found = self._targets.get(share)
        if found is None:
            found = self._targets[share] = Fraction(repr(share))
        return found

    # -- shares ----------------------------------------------------------------------------------------

    def is_known(self, tally: Tally, counted: int) -> bool:
        """Whether so much is enough for a share."""
        objective = self.standard.objective
        needed = objective.min_count if objective is not None and isinstance(tally, Verdicts) else 1
        return counted >= max(1, needed)

    def below(self, tally: Tally, now: int) -> bool | None:
        """Whether the share is below its target; None: unknown.

        With ``periods`` n only windows that have ended count, and it is so when each of the last n failed.  It is
        not so when one of them, before the run of failing ones, ended well; one that is unknown breaks the run
        but is no good end: nothing fires, and what fires goes on until a window ends well.
        """
        objective = self.standard.objective
        if objective is None:
            return None
        if objective.periods > 1 and isinstance(self.frame, CalendarFrame):
            for day, span in self.frame.ended(now, objective.periods):
                failed = self._fails(tally, span, self._target_on(objective, day))
                if failed is not True:
                    return failed
            return True
        return self._fails(tally, self.frame.span(now), self.target(now))

    def _fails(self, tally: Tally, span: Span, target: Fraction | None) -> bool | None:
        if target is None:
            return False
        kept, broken = tally.shares(span)
        if not self.is_known(tally, kept + broken):
            return None
        return kept * target.denominator < target.numerator * (kept + broken)

    def burning(self, tally: Tally, now: int) -> bool | None:
        """Whether some pair burns; unknown where there is no budget: without a target, or with one of 100 %."""
        target = self.target(now)
        if target is None or target >= 1 or not self.pairs:
            return None
        for pair, limit in zip(self.pairs, self._burn_limits(target), strict=True):
            if self._burns(tally, pair.long.span(now), limit) and self._burns(
                tally, pair.short.span(now), limit
            ):
                return True
        return False

    def _burn_limits(self, target: Fraction) -> tuple[Fraction, ...]:
        """The breach share above which each pair burns."""
        found = self._limits.get(target)
        if found is None:
            found = self._limits[target] = tuple(pair.factor * (1 - target) for pair in self.pairs)
        return found

    def _burns(self, tally: Tally, span: Span, limit: Fraction) -> bool:
        """Whether the breach share of a span is above ``limit``; without a verdict it is 0."""
        kept, broken = tally.shares(span)
        return broken * limit.denominator > limit.numerator * (kept + broken)

    def counted(self, tally: Tally, now: int) -> int:
        """Verdicts behind what the objective says: of the window, or of all ``periods``; a number has none."""
        if not isinstance(tally, Verdicts):
            return 0
        return sum(sum(tally.shares(span)) for span in self._judged_by(now))

    def _judged_by(self, now: int) -> list[Span]:
        """The windows by which the objective is judged."""
        objective = self.standard.objective
        if objective is not None and objective.periods > 1 and isinstance(self.frame, CalendarFrame):
            return [span for _, span in self.frame.ended(now, objective.periods)]
        return [self.frame.span(now)]

    def burnt(self, tally: Tally, now: int) -> int:
        """Breaches in the longest burn window; a number has none."""
        if not self.burn_frames or not isinstance(tally, Verdicts):
            return 0
        return tally.shares(self.burn_frames[-1].span(now))[1]

    def burns(self, tally: Tally, now: int) -> tuple[Burn, ...]:
        """The burn rate of each burn window, shortest first; nothing where there is no budget."""
        target = self.target(now)
        if target is None or target >= 1:
            return ()
        budget = 1 - target
        found = []
        for frame in self.burn_frames:
            kept, broken = tally.shares(frame.span(now))
            rate = broken * budget.denominator / ((kept + broken or 1) * budget.numerator)
            found.append(Burn(frame.name, rate))
        return tuple(found)

    def budget_remaining(self, tallied: Tallied, now: int) -> float | None:
        """1 − breach share ÷ budget; below 0 when overspent; None without a budget or without a verdict."""
        target = self.target(now)
        if target is None or target >= 1 or not tallied.counted:
            return None
        budget = 1 - target
        whole = tallied.counted * budget.numerator
        return (whole - tallied.broken * budget.denominator) / whole

    def provisional(self, tally: Tally, now: int) -> int:
        """Of the verdicts in the window's share: those less than ``settle`` old; at exactly ``settle`` it is settled."""
        if self.settling is None or not isinstance(tally, Verdicts):
            return 0
        window, young = self.frame.span(now), self.settling.span(now)
        after = max(window.after, young.after)
        return sum(tally.shares(Span(after, now, after, now)))

    # -- when to look again ----------------------------------------------------------------------------

    def horizon(self, now: int) -> int:
        """Nothing at or before this instant is in any window, nor ever will be."""
        oldest = [self.frame.span(now).after, *(frame.span(now).after for frame in self.burn_frames)]
        oldest += [span.after for span in self._judged_by(now)]
        if self.settling is not None:
            oldest.append(self.settling.span(now).after)
        return min(oldest)

    def frames(self) -> Iterator[Frame]:
        yield self.frame
        yield from self.burn_frames
        if self.settling is not None:
            yield self.settling

    def seen_until(self, tally: Tally, now: int) -> int | None:
        """Until when what is shown stays as it is if nothing happens; None: for good."""
        if not isinstance(tally, Verdicts):
            return now
        moments = [self.target_changes_at(now), tally.first_after(now)]
        for frame in self.frames():
            if isinstance(frame, CalendarFrame):
                moments.append(frame.out_at(now, now))
            elif (first := tally.first_after(frame.span(now).after)) is not None and first <= now:
                moments.append(frame.out_at(first, now))
        return min((at for at in moments if at is not None), default=None)

    def changes_at(self, tally: Tally, now: int) -> int | None:
        """When time alone can next change an alert on the share, or what is shown of it by more than a little."""
        moments: list[int | None] = [self.target_changes_at(now)]
        if isinstance(self.frame, CalendarFrame):
            moments.append(self.frame.out_at(now, now))
        if isinstance(tally, Verdicts):
            moments += self._shown_anew_at(tally, now)
            moments += self._crossings(tally, now)
        elif self.alerts_on_share or self.alerts_on_burn:
            moments.append(now - now % number_pace + number_pace)
        return min((at for at in moments if at is not None), default=None)

    def _shown_anew_at(self, tally: Verdicts, now: int) -> Iterator[int | None]:
        """Not for each verdict that leaves: a house with a thousand groups would do nothing else."""
        for counted in (tally.met, tally.breached):
            yield counted.at(counted.up_to(now))
            if isinstance(self.frame, RollingFrame):
                first = counted.at(counted.up_to(now - self.frame.length))
                if first is not None and first <= now:
                    yield (
                        max(first, now - self.frame.length + self.frame.length // view_steps)
                        + self.frame.length
                    )

    def _crossings(self, tally: Verdicts, now: int) -> Iterator[int | None]:
        """The earliest instants at which verdicts that leave can bring a share to the other side."""
        target = self.target(now)
        if target is None:
            return
        if self.alerts_on_share and isinstance(self.frame, RollingFrame):
            yield _leaves_at(
                tally, self.frame, target.denominator - target.numerator, target.denominator, now
            )
        if self.alerts_on_burn and target < 1:
            for pair, limit in zip(self.pairs, self._burn_limits(target), strict=True):
                for frame in (pair.long, pair.short):
                    yield _leaves_at(tally, frame, limit.numerator, limit.denominator, now)


def _leaves_at(tally: Verdicts, frame: Frame, parts: int, whole: int, now: int) -> int | None:
    """When enough verdicts can have left that the breach share is on the other side of ``parts`` ÷ ``whole``.

    Above it, breaches must leave; otherwise kept ones must.  Others that leave meanwhile only put it off,
    so at that instant one looks, and perhaps waits again.
    """
    span = frame.span(now)
    kept, broken = tally.shares(span)
    above = broken * whole - parts * (kept + broken)
    if above > 0:
        if parts >= whole:
            return None
        leaving, first = tally.breached, -(-above // (whole - parts))
    elif broken and parts:
        leaving, first = tally.met, -above // parts + 1
        if first > kept:
            return None
    else:
        return None
    out = leaving.at(leaving.up_to(span.after) + first - 1)
    return None if out is None else frame.out_at(out, now)


def share_window(standard: Standard) -> Rolling | Calendar:
    """The window whose share is shown."""
    return standard.objective.over if standard.objective else DAY
