"""What a case is worth as a number: a value that an event carries, or the score of an inspection."""

from __future__ import annotations

from standardsd.core.occurrences import ITEM, Occurrence
from standardsd.model.measure import Carried
from standardsd.model.reading import Event
from standardsd.model.standard import Standard

WEIGHT = "weight"
FAIL, PASS = "fail", "pass"
CRITICAL = "yes"


def number(standard: Standard, case: Occurrence, events: tuple[Event, ...]) -> float | None:
    """The number to be judged, once the case is closed; None: there is none (nothing was applicable)."""
    if isinstance(standard.measure, Carried):
        return case.start.values[standard.measure.name]
    return score(_items(case, events))


def _items(case: Occurrence, events: tuple[Event, ...]) -> list[Event]:
    """The items up to the closing event; of several for one question the last."""
    last: dict[str, Event] = {}
    for event in events:
        if event is case.closer:
            break
        if event.event == ITEM:
            last[event.labels.get(ITEM, "")] = event
    return list(last.values())


def score(items: list[Event]) -> float | None:
    """Passed weight ÷ applicable weight, 0 … 1; 0 when a critical item failed; None when nothing was applicable.

    Only ``pass`` and ``fail`` are applicable; the weight is 1 unless the item carries another, and none is negative.
    """
    passed = applicable = 0.0
    for item in items:
        result = item.labels.get("result")
        if result not in (PASS, FAIL):
            continue
        if result == FAIL and item.labels.get("critical") == CRITICAL:
            return 0.0
        weight = max(item.values.get(WEIGHT, 1.0), 0.0)
        applicable += weight
        passed += weight if result == PASS else 0.0
    return passed / applicable if applicable else None
