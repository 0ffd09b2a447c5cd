"""The examples of a pack stand at the edge: with any other limit one of them would come out otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from standardsd.language.examples import run_examples
from standardsd.model.measure import Count, Repeats
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.standard import Standard
from tests.packs.shelf import together

FEW = "a share of a few lines cannot stand at the edge"

UNPINNED = {
    "few-callers-give-up": "its limit only bounds what is kept open; what counts there is who gives up",
    "satisfied-customers": "answers are whole numbers",
    "felt-understood": "answers are whole numbers",
    "felt-safe": "answers are whole numbers",
    "customers-find-us-excellent": FEW,
    "we-find-us-excellent": FEW,
    "complete-and-whole": FEW,
    "enough-answers": FEW,
    "few-complaints-reopened": FEW,
    "few-tickets-handed-on": FEW,
    "few-tickets-reopened": FEW,
    "guests-who-return": FEW,
    "promoters-outnumber-detractors": FEW,
    "repairs-that-last": FEW,
    "no-pests": "there is no fewer than none",
    "settled-at-the-first-contact": "yes or no",
    "repair-taken-on-same-day": "a day has no later minute",
}
"""Standards whose examples cannot stand at the edge, and why."""

SECOND = timedelta(seconds=1)


COUNTED = {
    "channels-open",
    "demo-calls-waiting-at-most-6",
    "demo-lobby-at-most-4",
    "facilities-open-when-promised",
    "one-ahead-at-the-till",
}
"""Samples that are whole numbers."""


def simple(promise: Simple, *, tighter: bool, whole: bool) -> Simple:
    """The promise a tenth tighter or looser; a limit of 0 by a second, open days and ``whole`` numbers by one."""
    less, more = (0.9, 1.1)
    match promise:
        case Promise(limit=limit) if not limit:
            return replace(promise, limit=-SECOND if tighter else SECOND)
        case Promise(limit=limit):
            return replace(promise, limit=limit * (less if tighter else more))
        case OpenDays(days=days):
            return replace(promise, days=days - 1 if tighter else days + 1)
        case Until(wall=wall):
            return replace(
                promise, wall=wall.replace(hour=wall.hour - 1 if tighter else min(wall.hour + 1, 23))
            )
        case Between(lowest=low, highest=high):
            slack = -SECOND if tighter else SECOND
            return replace(promise, lowest=low - slack, highest=high + slack)
        case Limits(lowest=low, highest=high):
            width = 1.0 if whole else max(abs(low or 0), abs(high or 0)) * 0.1 or 1.0
            step = -width if tighter else width
            return replace(
                promise,
                lowest=None if low is None else low - step,
                highest=None if high is None else high + step,
            )
    raise AssertionError(promise)


def moved(standard: Standard, row: str | None, *, tighter: bool) -> AnyPromise:
    """The promise with one row of its grid, or all of it, tighter or looser."""
    promise = standard.promise
    whole = isinstance(standard.measure, Count | Repeats) or standard.id in COUNTED
    if not isinstance(promise, Grid):
        return simple(promise, tighter=tighter, whole=whole)
    if row is None:
        assert promise.other is not None
        return replace(promise, other=simple(promise.other, tighter=tighter, whole=whole))
    return replace(
        promise, rows={**promise.rows, row: simple(promise.rows[row], tighter=tighter, whole=whole)}
    )


def rows(promise: AnyPromise) -> list[str | None]:
    if not isinstance(promise, Grid):
        return [None]
    return [*promise.rows, *([] if promise.other is None else [None])]


def still_hold(standard: Standard, row: str | None, *, tighter: bool) -> bool:
    """Whether all examples come out as the file says though the limit is another."""
    loaded = together()
    assert loaded.book is not None
    other = replace(standard, promise=moved(standard, row, tighter=tighter))
    others = tuple(other if one.id == other.id else one for one in loaded.book.standards)
    examples = {standard.id: loaded.examples[standard.id]}
    return run_examples(replace(loaded.book, standards=others), examples) == []


@pytest.mark.parametrize("tighter", [True, False], ids=["tighter", "looser"])
def test_the_examples_hold_for_no_other_limit(tighter: bool) -> None:
    """A tenth tighter, a kept example is broken; a tenth looser, a broken one is kept; in each row of a grid."""
    loaded = together()
    assert loaded.book is not None
    loose = [
        f"{standard.id} {row or ''}"
        for standard in loaded.book.standards
        for row in rows(standard.promise)
        if standard.id not in UNPINNED and still_hold(standard, row, tighter=tighter)
    ]
    assert loose == []
