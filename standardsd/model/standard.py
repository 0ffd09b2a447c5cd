"""A standard: which contacts, what is measured, what is promised, how often, who is told.

These are the values ``language`` makes from a rule file once everything in it has
been found right.  They cannot be wrong afterwards.
"""

from __future__ import annotations

import fnmatch
import re
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from standardsd.model.clock import Always, Clock
from standardsd.model.vocabulary import Vocabulary


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


class Condition(StrEnum):
    """What an alert can be about; each word in ``alert.on`` is an alert of its own."""

    BREACH = "breach"
    AT_RISK = "at_risk"
    OBJECTIVE = "objective"
    SILENCE = "silence"


class FromTo(Struct, frozen=True, tag="from_to"):
    """Time from the first (or each) ``start`` event to the next ``end`` event after it."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    each: bool = False


class TimeIn(Struct, frozen=True, tag="time_in"):
    """Total time in a state, or each stay in it."""

    state: str
    each: bool = False


Measure = FromTo | TimeIn


class Promise(Struct, frozen=True):
    """``within``: at exactly due it is kept.  Otherwise ``under``: at exactly due it is broken."""

    limit: timedelta
    within: bool


class Objective(Struct, frozen=True):
    """The share that must be kept over a rolling window.

    ``at_least`` in (0, 1].  A verdict counts at t while its ``at`` is in (t − ``over``, t].
    Fewer than ``min_count`` verdicts: the share is unknown, not 100 %.
    """

    at_least: float
    over: timedelta
    min_count: int = 1


class AlertRule(Struct, frozen=True):
    """Who is told of what.  ``hold_for`` is the rule file's ``for``."""

    on: tuple[Condition, ...] = (Condition.BREACH,)
    hold_for: timedelta = timedelta(0)
    keep_firing_for: timedelta = timedelta(minutes=5)
    warn_at: float | None = 0.75
    warn_before: timedelta | None = None


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
    promise: Promise
    rules: str  # "sha256:…", the meaning of the file it stands in
    set: str
    where: dict[str, tuple[str, ...]] = {}
    by: tuple[str, ...] = ("site",)
    clock: Clock = Always()
    if_left: Policy = Policy.EXCLUDE
    if_diverted: Policy = Policy.EXCLUDE
    if_done: Policy = Policy.EXCLUDE
    ignore_if_left_within: timedelta | None = None
    unless: tuple[str, ...] = ()
    objective: Objective | None = None
    alert: AlertRule = AlertRule()
    severity: Severity = Severity.WARNING
    settle: timedelta = timedelta(0)
    dimension: str | None = None
    owner: str | None = None
    runbook: str | None = None
    because: Because = Because()
    notes: str | None = None

    def applies_to(self, labels: dict[str, str]) -> bool:
        """Whether ``where`` matches: every key must; see ``glob_match`` for one key."""
        return all(glob_match(globs, labels.get(key)) for key, globs in self.where.items())

    def group(self, labels: dict[str, str]) -> Group:
        """The values of ``by`` in ``labels``; a missing label is the empty string, as in Prometheus."""
        return tuple((name, labels.get(name, "")) for name in self.by)


Group = tuple[tuple[str, str], ...]
"""The labels of ``by`` with their values, in the order of ``by``."""


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
