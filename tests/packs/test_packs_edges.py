"""The examples of a pack stand at the edge: with any other limit one of them would come out otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from standardsd.language.examples import run_examples
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.standard import Standard
from tests.packs.shelf import together

UNPINNED = {
    "few-callers-give-up": "its limit only bounds what is kept open; what counts there is who gives up",
    "satisfied-customers": "answers are whole numbers",
    "felt-understood": "answers are whole numbers",
    "felt-safe": "answers are whole numbers",
    "customers-find-us-excellent": "answers are whole numbers",
    "we-find-us-excellent": "answers are whole numbers",
    "settled-at-the-first-contact": "yes or no",
    "repair-taken-on-same-day": "a day has no later minute",
}
"""Standards whose examples cannot stand at the edge, and why."""

SECOND = timedelta(seconds=1)


def simple(promise: Simple, *, tighter: bool) -> Simple:
    """The promise a tenth tighter or looser; a limit of 0 by a second, open days by one."""
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
            width = max(abs(low or 0), abs(high or 0)) * 0.1 or 1.0
            step = -width if tighter else width
            return replace(
                promise,
                lowest=None if low is None else low - step,
                highest=None if high is None else high + step,
            )
    raise AssertionError(promise)


def moved(promise: AnyPromise, row: str | None, *, tighter: bool) -> AnyPromise:
    """One row of a grid, or the promise itself."""
    if not isinstance(promise, Grid):
        return simple(promise, tighter=tighter)
    if row is None:
        assert promise.other is not None
        return replace(promise, other=simple(promise.other, tighter=tighter))
    return replace(promise, rows={**promise.rows, row: simple(promise.rows[row], tighter=tighter)})


def rows(promise: AnyPromise) -> list[str | None]:
    if not isinstance(promise, Grid):
        return [None]
    return [*promise.rows, *([] if promise.other is None else [None])]


def still_hold(standard: Standard, row: str | None, *, tighter: bool) -> bool:
    """Whether all examples come out as the file says though the limit is another."""
    loaded = together()
    assert loaded.book is not None
    other = replace(standard, promise=moved(standard.promise, row, tighter=tighter))
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
