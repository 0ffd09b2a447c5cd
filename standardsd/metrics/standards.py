"""The series of standards' groups, written once and kept until the group changes.

A house with a thousand groups changes a few of them between two scrapes; writing all of
them anew would hold the loop for a second.  Per group and family there is one piece of
bytes, and a scrape joins pieces.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from msgspec import Struct

from standardsd.core.goals import share_window
from standardsd.core.windows import window_name
from standardsd.metrics import text
from standardsd.metrics.catalog import STANDARDS, Family
from standardsd.model.decision import AlertState, Verdict
from standardsd.model.snapshot import GroupNow, State
from standardsd.model.standard import (
    Count,
    FromTo,
    Gap,
    Group,
    Nps,
    Rate,
    Repeats,
    RuleBook,
    Sampled,
    Since,
    Spread,
    Standard,
    Statistic,
)

log = logging.getLogger("standardsd.metrics")

series_max_default = 100_000
"""Some 3,000 groups.  More series than this from one target is what Prometheus' owners complain about."""

STATES = tuple(state.value for state in State)
ALERT_STATES = (AlertState.PENDING, AlertState.FIRING)

FAMILIES = tuple(family for family in STANDARDS if not family.later)

Key = tuple[str, Group]


class Written(Struct, frozen=True):
    """``pieces``: one for each of ``FAMILIES``, empty where the group has nothing to say."""

    group: GroupNow
    pieces: tuple[bytes, ...]
    series: int


class StandardsWriter:
    """``dropped``: series left out since the start; a group is counted once, however often it is left out.

    A group that was in stays in as long as it lives: a flood of new ones pushes nobody out.
    """

    def __init__(self, series_max: int = series_max_default) -> None:
        self._series_max = series_max
        self._book: RuleBook | None = None
        self._written: dict[Key, Written] = {}
        self._left_out: set[Key] = set()
        self._joined: list[bytes] = [b""] * len(FAMILIES)
        self.dropped = 0
        self.rewritten = 0
        """Groups whose bytes were made anew since the start; what the cache saved is all the others."""

    def write(self, groups: Sequence[GroupNow], book: RuleBook) -> dict[str, bytes]:
        """The samples of every family by its name.  A group of a standard that the book lacks is not shown."""
        if book is not self._book:
            self._book, self._written, self._joined = book, {}, [b""] * len(FAMILIES)
        standards = {standard.id: standard for standard in book.standards}
        before, now = self._written, self._admitted(groups, standards)
        changed = list(before) != list(now)
        for index in range(len(FAMILIES)):
            old = None if changed else [written.pieces[index] for written in before.values()]
            new = [written.pieces[index] for written in now.values()]
            if old != new:
                self._joined[index] = b"".join(new)
        self._written = now
        samples = {family.name: self._joined[index] for index, family in enumerate(FAMILIES)}
        samples["standardsd_standard_info"] = b"".join(_info(standard) for standard in book.standards)
        return samples

    def _admitted(self, groups: Sequence[GroupNow], standards: dict[str, Standard]) -> dict[Key, Written]:
        """Those written before first of all, then new ones while there is room; in the order of ``groups``."""
        known = [group for group in groups if group.standard in standards]
        room = self._series_max
        for group in known:
            before = self._written.get((group.standard, group.group))
            room -= 0 if before is None else before.series
        admitted: dict[Key, Written] = {}
        newly_out: list[GroupNow] = []
        for group in known:
            key = (group.standard, group.group)
            before = self._written.get(key)
            standard = standards[group.standard]
            if before is None:
                series = series_of(standard, group)
                if series > room:
                    if key not in self._left_out:
                        self._left_out.add(key)
                        self.dropped += series
                        newly_out.append(group)
                    continue
                room -= series
            admitted[key] = self._fresh(group, standard, before)
        self._left_out -= admitted.keys()
        if newly_out:
            first = newly_out[0]
            log.error(
                "/metrics: %d groups left out, the first is %s %s; at most %d series of standards are shown",
                len(newly_out),
                first.standard,
                dict(first.group),
                self._series_max,
            )
        return admitted

    def _fresh(self, group: GroupNow, standard: Standard, before: Written | None) -> Written:
        if before is not None and (before.group is group or before.group == group):
            return before
        self.rewritten += 1
        pieces = tuple(_piece(family, group, standard) for family in FAMILIES)
        return Written(group, pieces, series_of(standard, group))


def series_of(standard: Standard, group: GroupNow) -> int:
    """How many series a group can have, those that are absent now included: so room once given suffices."""
    if standard.shadow:
        return len(STATES)
    histogram = len(set(group.measured.edges)) + 3
    single = 10 if standard.is_number else 9  # violations … burn_rate, reading: one series each
    burning = len({length for pair in standard.alert.burn for length in (pair.long, pair.short)})
    return (
        len(Verdict) + single + burning + histogram + len(STATES) + len(ALERT_STATES) * len(standard.alert.on)
    )


def may_be_negative(standard: Standard) -> bool:
    """A measure from ``due`` is below zero where the end came early."""
    return isinstance(standard.measure, FromTo) and "due" in standard.measure.start


def number_name(standard: Standard) -> str:
    """The label ``name`` of a number: the reading's name, the event that is counted, or the statistic."""
    match standard.measure:
        case Sampled(name=name) | Nps(name=name):
            return name
        case Since(event=event) | Count(event=event) | Rate(event=event) | Repeats(event=event):
            return event
        case Statistic(how=how):
            return how.value
        case Spread():
            return "spread"
        case Gap():
            return "gap"
    return ""  # of cases, which have verdicts


def _piece(family: Family, group: GroupNow, standard: Standard) -> bytes:
    """The group's lines of one family.  The table below is complete: a test walks it."""
    grain = (("standard", standard.id), *group.group)
    if group.state is State.SHADOW and family.name != "standardsd_standard_state":
        return b""  # it has no figures, not even zeros
    match family.name:
        case "standardsd_measure_seconds":
            if not group.measured.edges:
                return b""  # a number or a share is no time
            sums = not may_be_negative(standard) and group.measured.sum >= 0
            return text.histogram(family.name, text.labelled(grain), group.measured, sums=sums)
        case "standardsd_alerts":
            return _alerts(family.name, group, standard)
        case "standardsd_standard_info":
            return b""  # once a standard, not once a group
    lines = _lines(family.name, group, standard)
    return b"".join(text.sample(family.name, text.labelled((*grain, *own)), value) for own, value in lines)


Line = tuple[tuple[tuple[str, str], ...], float]


def _lines(name: str, group: GroupNow, standard: Standard) -> list[Line]:
    """(the family's own labels, value) of each line; none where the value is not known."""
    window = ("window", window_name(share_window(standard)))
    remaining = group.budget_remaining
    one: dict[str, tuple[tuple[tuple[str, str], ...], float | None]] = {
        "standardsd_violations_total": ((("severity", standard.severity.value),), group.violations),
        "standardsd_amendments_total": ((), group.amendments),
        "standardsd_open_promises": ((), group.open),
        "standardsd_overdue_promises": ((), group.overdue),
        "standardsd_next_due_timestamp_seconds": (
            (),
            None if group.next_due is None else group.next_due.timestamp(),
        ),
        "standardsd_kept_ratio": ((window,), group.kept_ratio),
        "standardsd_target_ratio": ((), group.target),
        "standardsd_error_budget_remaining_ratio": ((), remaining),
    }
    if name == "standardsd_verdicts_total":
        return [((("verdict", word.value),), group.verdicts.get(word, 0)) for word in Verdict]
    if name == "standardsd_standard_state":
        return [((("state", word),), int(group.state == word)) for word in STATES]
    if name == "standardsd_reading":
        return [] if group.value is None else [((("name", number_name(standard)),), group.value)]
    if name == "standardsd_burn_rate":
        return _burn_rates(group, window)
    own, value = one[name]
    return [] if value is None else [(own, value)]


def _burn_rates(group: GroupNow, window: tuple[str, str]) -> list[Line]:
    """Over the objective's own window the rate is what of the budget is spent.

    A window of the burn alert that has the same name is the one shown: it is what the alert goes by.
    """
    spent = {} if group.budget_remaining is None else {window[1]: 1 - group.budget_remaining}
    rates = spent | {burn.window: burn.rate for burn in group.burn}
    return [((("window", name),), rate) for name, rate in rates.items()]


def _alerts(name: str, group: GroupNow, standard: Standard) -> bytes:
    lines: list[bytes] = []
    for condition in standard.alert.on:
        now = group.alerts.get(condition)
        for state in ALERT_STATES:
            labels = text.labelled(
                (
                    ("alertname", standard.id),
                    ("condition", condition.value),
                    ("severity", standard.severity.value),
                    *group.group,
                    ("state", state.value),
                )
            )
            lines.append(text.sample(name, labels, int(now is not None and now.state is state)))
    return b"".join(lines)


def _info(standard: Standard) -> bytes:
    labels = text.labelled(
        (
            ("standard", standard.id),
            ("title", standard.title),
            ("severity", standard.severity.value),
            ("dimension", standard.dimension or ""),
            ("rules_hash", standard.rules),
        )
    )
    return text.sample("standardsd_standard_info", labels, 1)
