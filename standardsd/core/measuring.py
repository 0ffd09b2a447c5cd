"""The measures of cases as plain numbers: what was completed, when, and how much it was.

A statistic takes them as they are.  No limit, ``where`` or policy has a say in it, and only
the end event completes a measure: what a guest gave up, or ``unless`` took out, is no value.
"""

from __future__ import annotations

from datetime import datetime

from standardsd.core.history import History
from standardsd.core.occurrences import Closing, Occurrence, Stay, occurrences
from standardsd.core.scoring import number
from standardsd.core.spent import Span, used, without
from standardsd.model.measure import Carried, Score
from standardsd.model.standard import Standard
from standardsd.model.vocabulary import Kind


def completed(standard: Standard, kind: Kind, history: History) -> list[tuple[Occurrence, datetime, float]]:
    """Every completed occurrence of a measure of cases, the instant of its end event, and its value.

    Times are seconds of the clock at that instant, pauses left out; negative where an appointed thing came
    early.  Without a clock (``clock: site`` where the site has none), and without an applicable item in an
    inspection, there is no value.
    """
    events = history.ordered(kind)
    found: list[tuple[Occurrence, datetime, float]] = []
    for one in occurrences(standard, kind, events):
        if one.closer is None or one.how is not Closing.END:
            continue
        at = one.closer.at
        if isinstance(standard.measure, Carried | Score):
            value = number(standard, one, events)
        else:
            value = _seconds(standard, kind, history, one, at)
        if value is not None:
            found.append((one, at, value))
    return found


def _seconds(
    standard: Standard, kind: Kind, history: History, one: Occurrence, end: datetime
) -> float | None:
    clock = standard.clock_of(history.labels_at(end, kind))
    if clock is None:
        return None
    counted = [_span(stay) for stay in one.stays] or [(one.start.at, None)]
    spans = without(counted, [_span(pause) for pause in one.pauses]) if one.pauses else counted
    return used(spans, one.start.at, end, clock=clock).total_seconds()


def _span(stay: Stay) -> Span:
    return (stay.entered.at, None if stay.left is None else stay.left.at)
