"""What is measured: of cases, which give verdicts, and of numbers, which give episodes (STANDARDS.md §2)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct


class FromTo(Struct, frozen=True, tag="from_to"):
    """Time from the first (or each) ``start`` event to the next ``end`` event after it."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    each: bool = False


class TimeIn(Struct, frozen=True, tag="time_in"):
    """Total time in a state, or each stay in it."""

    state: str
    each: bool = False


class Carried(Struct, frozen=True, tag="value"):
    """A number carried by an event, judged per event; an event of that name without it is no occurrence."""

    name: str
    event: str


class Score(Struct, frozen=True, tag="score"):
    """Passed weight ÷ applicable weight of the items of an inspection, 0 … 1, judged when it is finished."""


CaseMeasure = FromTo | TimeIn | Carried | Score


class CalendarUnit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Rolling(Struct, frozen=True, tag="rolling"):
    """At t: everything with an instant in (t − ``length``, t]."""

    length: timedelta


class Calendar(Struct, frozen=True, tag="calendar"):
    """At t: everything since the last local boundary; a week begins on Monday.  The boundary itself is in."""

    unit: CalendarUnit


Window = Rolling | Calendar


class How(StrEnum):
    """Statistics over values; percentiles and the median are exact nearest rank."""

    AVERAGE = "average"
    MEDIAN = "median"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"
    MIN = "min"
    SUM = "sum"


class Sampled(Struct, frozen=True, tag="reading"):
    """The latest sample of this name per label set."""

    name: str


class Since(Struct, frozen=True, tag="since"):
    """Seconds of the clock since the last such event in the group: a recurring duty."""

    event: str


class Statistic(Struct, frozen=True, tag="statistic"):
    """A statistic over the values of ``of`` that were completed in the window."""

    how: How
    of: FromTo | TimeIn | Carried | Score
    over: Rolling | Calendar


class Count(Struct, frozen=True, tag="count"):
    """How many such events in the window."""

    event: str
    over: Rolling | Calendar


class Rate(Struct, frozen=True, tag="rate"):
    """How many ``event`` for each ``per``, both counted in the window; unknown without any ``per``."""

    event: str
    per: str
    over: Rolling | Calendar


class Nps(Struct, frozen=True, tag="nps"):
    """Net promoter score, −100 … 100: share of 9 and 10 less share of 0 … 6, of the values in the window."""

    name: str
    event: str
    over: Rolling | Calendar


class Repeats(Struct, frozen=True, tag="repeats"):
    """How often an event came with the same values of these labels in the window: the worst of all combinations."""

    event: str
    same: tuple[str, ...]
    over: Rolling | Calendar


class Spread(Struct, frozen=True, tag="spread"):
    """Best less worst figure of a standard among the values of the label ``across``."""

    standard: str
    across: str


class Gap(Struct, frozen=True, tag="gap"):
    """Figure of ``first`` less figure of ``second``: share kept, or the statistic."""

    first: str
    second: str


NumberMeasure = Sampled | Since | Statistic | Count | Rate | Nps | Repeats | Spread | Gap
Measure = CaseMeasure | NumberMeasure
