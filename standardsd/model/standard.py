"""A standard: which contacts, what is measured, what is promised, how often, who is told.

These are the values ``language`` makes from a rule file once everything in it has
been found right.  They cannot be wrong afterwards.
"""

from __future__ import annotations

import fnmatch
import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from standardsd.model.clock import Always, BySite, Clock, OpenHours
from standardsd.model.measure import (
    Carried,
    Count,
    FromTo,
    Gap,
    Measure,
    Nps,
    NumberMeasure,
    Rate,
    Repeats,
    Sampled,
    Score,
    Since,
    Spread,
    Statistic,
    TimeIn,
)
from standardsd.model.objective import AlertRule, Condition, Objective
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.vocabulary import Vocabulary
from standardsd.model.zone import Zone, Zones


class Policy(StrEnum):
    """What an ending in time makes of an open occurrence (``if_left``, ``if_diverted``, ``if_done``)."""

    EXCLUDE = "exclude"
    BREACH = "breach"
    KEEP = "keep"
    VOID = "void"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Reopen(StrEnum):
    """What a reopening after a verdict does: nothing, go on with the time between as a pause, begin anew."""

    FIRST_ONLY = "first_only"
    RESUME = "resume"
    NEW_CYCLE = "new_cycle"


class Dates(Struct, frozen=True):
    """Local days: ``since`` is in, ``until`` is not; None: without bound.  An instant is in by its local day."""

    since: date | None = None
    until: date | None = None

    def cover(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


class Waiver(Struct, frozen=True):
    """Takes occurrences out as excluded (``waived``): those that start on one of its days and match ``where``."""

    dates: Dates
    reason: str
    approved_by: str
    where: dict[str, tuple[str, ...]] = {}


class Because(Struct, frozen=True):
    """Why this is promised: clause and edition of the house's document, id of a published figure, source."""

    clause: str | None = None
    edition: str | None = None
    figure: str | None = None
    source: str | None = None


class Standard(Struct, frozen=True):
    id: str
    title: str
    of: str
    measure: Measure
    promise: AnyPromise
    rules: str  # "sha256:…", the meaning of the file it stands in
    set: str
    where: dict[str, tuple[str, ...]] = {}
    by: tuple[str, ...] = ("site",)
    clock: Always | OpenHours | BySite = Always()
    zones: Zones = Zones()
    pause_while: tuple[str, ...] = ()
    reopen: Reopen = Reopen.FIRST_ONLY
    if_left: Policy = Policy.EXCLUDE
    if_diverted: Policy = Policy.EXCLUDE
    if_done: Policy = Policy.EXCLUDE
    ignore_if_left_within: timedelta | None = None
    unless: tuple[str, ...] = ()
    objective: Objective | None = None
    alert: AlertRule = AlertRule()
    severity: Severity = Severity.WARNING
    settle: timedelta = timedelta(0)
    effective: Dates | None = None
    shadow: bool = False
    waivers: tuple[Waiver, ...] = ()
    dimension: str | None = None
    owner: str | None = None
    runbook: str | None = None
    because: Because = Because()
    notes: str | None = None

    def applies_to(self, labels: dict[str, str]) -> bool:
        """Whether ``where`` matches: every key must; see ``glob_match`` for one key."""
        return matches(self.where, labels)

    @property
    def is_number(self) -> bool:
        """Whether it is about a number (episodes) and not about cases (verdicts)."""
        return isinstance(self.measure, NumberMeasure)

    def promised(self, labels: dict[str, str]) -> Simple | None:
        """The promise for these labels; None: ``where`` does not match, or the grid has no row for them."""
        if not self.applies_to(labels):
            return None
        return self.promise.row(labels) if isinstance(self.promise, Grid) else self.promise

    def clock_of(self, labels: dict[str, str]) -> Clock | None:
        """The clock that counts for these labels; None: the site of ``clock: site`` has no calendar."""
        return self.clock.of(labels.get("site")) if isinstance(self.clock, BySite) else self.clock

    def zone_of_windows(self, labels: dict[str, str]) -> Zone:
        """Whose midnight a window of the calendar begins at: ``zone`` of the objective, else as for all dates."""
        if self.objective is not None and self.objective.zone is not None:
            return self.objective.zone
        return self.zones.or_utc(labels.get("site"))

    def runs_at(self, start: datetime, labels: dict[str, str]) -> bool:
        """Whether an occurrence that starts then is judged: by its local day (UTC where no zone is known)."""
        if self.effective is None:
            return True
        return self.effective.cover(self.zones.or_utc(labels.get("site")).date_of(start))

    def waiver(self, start: datetime, labels: dict[str, str]) -> Waiver | None:
        """The waiver that takes an occurrence out which started then and now has these labels."""
        day = None
        for waiver in self.waivers:
            day = day or self.zones.or_utc(labels.get("site")).date_of(start)
            if waiver.dates.cover(day) and matches(waiver.where, labels):
                return waiver
        return None

    def group(self, labels: dict[str, str]) -> Group:
        """The values of ``by`` in ``labels``; a missing label is the empty string, as in Prometheus."""
        return tuple((name, labels.get(name, "")) for name in self.by)


Group = tuple[tuple[str, str], ...]
"""The labels of ``by`` with their values, in the order of ``by``."""


def matches(where: dict[str, tuple[str, ...]], labels: dict[str, str]) -> bool:
    """Every key must match; see ``glob_match`` for one key."""
    for key, globs in where.items():  # noqa: SIM110  asked at every event: a generator takes three times as long
        if not glob_match(globs, labels.get(key)):
            return False
    return True


@lru_cache(maxsize=100_000)
def glob_match(globs: tuple[str, ...], value: str | None) -> bool:
    """Any-of, case-sensitive; ``!`` excludes; a missing label matches only a list made wholly of ``!`` globs."""
    wanted = [g for g in globs if not g.startswith("!")]
    if value is None:
        return not wanted
    if any(_pattern(g[1:]).match(value) for g in globs if g.startswith("!")):
        return False
    return not wanted or any(_pattern(g).match(value) for g in wanted)


@lru_cache(maxsize=10_000)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(glob))


class RuleFile(Struct, frozen=True):
    """One loaded rule file.  ``bytes_hash`` is of the file, ``meaning_hash`` of what it says ("sha256:…")."""

    path: str
    set: str
    title: str
    bytes_hash: str
    meaning_hash: str


class RuleBook(Struct, frozen=True):
    """Everything the rule files say, ready to judge by.  ``hash``: of all meanings together."""

    standards: tuple[Standard, ...]
    vocabulary: Vocabulary
    files: tuple[RuleFile, ...]
    hash: str


__all__ = [
    "AlertRule", "AnyPromise", "Because", "Between", "Carried", "Condition", "Count", "Dates", "FromTo", "Gap",
    "Grid", "Group", "Limits", "Measure", "Nps", "NumberMeasure", "Objective", "OpenDays", "Policy", "Promise",
    "Rate", "Reopen", "Repeats", "RuleBook", "RuleFile", "Sampled", "Score", "Severity", "Simple", "Since",
    "Spread", "Standard", "Statistic", "TimeIn", "Until", "Waiver", "glob_match", "matches",
]  # fmt: skip
