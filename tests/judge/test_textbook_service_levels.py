"""Five numbers that the trade all calls "service level", from one set of calls.

A answered, A_T of them within T, B abandoned, B_T of them within T, B_s of them within s.  The numbers are a
textbook's: 1000 answered, 860 of them within 20 s; 60 abandoned, 20 of them within 20 s, 10 within 5 s.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.decision import Amendment, Final, Verdict, VerdictSpoken
from standardsd.model.reading import instants
from standardsd.model.source import Source
from tests.judge.traces import BASE, Plain, as_book, as_readings

A, A_T, B, B_T, B_S = 1000, 860, 60, 20, 10
T, SHORT = 20, 5

# name: (what the standard says, met and judged by the book, share as the book prints it)
LEVELS: dict[str, tuple[Plain, int, int, str]] = {
    "strict": ({"if_left": "breach"}, A_T, A + B, "81.1"),
    "early abandons ignored": ({"if_left": "exclude"}, A_T, A + B - B_T, "82.7"),
    "answered only": ({"if_left": "void"}, A_T, A, "86.0"),
    "abandons in time are good": ({"if_left": "keep"}, A_T + B_T, A + B, "83.0"),
    "short abandons out": ({"if_left": "breach", "ignore_if_left_within": SHORT}, A_T, A + B - B_S, "81.9"),
}


def calls() -> list[tuple[str, int]]:
    """(how it ended, seconds of waiting) of each call; every edge is met at least once."""
    rng = random.Random(20)
    answered = [0, T, *(rng.randint(0, T) for _ in range(A_T - 2))]
    answered += [T + 1, *(rng.randint(T + 1, 300) for _ in range(A - A_T - 1))]
    left = [0, SHORT, *(rng.randint(0, SHORT) for _ in range(B_S - 2))]
    left += [SHORT + 1, T, *(rng.randint(SHORT + 1, T) for _ in range(B_T - B_S - 2))]
    left += [T + 1, *(rng.randint(T + 1, 300) for _ in range(B - B_T - 1))]
    told = [("answered", wait) for wait in answered] + [("abandoned", wait) for wait in left]
    rng.shuffle(told)
    return told


def day() -> list[Plain]:
    """A day of them, 30 s apart, as an exchange would tell it: in order of what happens."""
    told = []
    for number, (end, wait) in enumerate(calls()):
        queued = BASE + timedelta(seconds=30 * number)
        call = {"type": "event", "source": "pbx", "kind": "call", "id": str(number)}
        told.append((queued, {**call, "event": "queued", "at": queued.isoformat()}))
        ended = queued + timedelta(seconds=wait)
        told.append((ended, {**call, "event": end, "at": ended.isoformat()}))
    told.sort(key=lambda pair: pair[0])
    last = told[-1][0] + timedelta(seconds=T)
    return [reading for _, reading in told] + [
        {"type": "watermark", "source": "pbx", "at": last.isoformat()},
    ]


def live() -> list[list[Plain]]:
    """The same day as a switchboard sees it: one reading at a time, and the silence in between proved."""
    told = day()
    marks = [{"type": "watermark", "source": "pbx", "at": reading["at"]} for reading in told]
    return [[reading, mark] for reading, mark in zip(told, marks, strict=True)]


@pytest.fixture(scope="module", params=["read in one piece", "as it happens"])
def verdicts(request: pytest.FixtureRequest) -> dict[str, Counter[Verdict]]:
    """How many of each verdict stand at the end of the day, per service level."""
    standards = [
        {
            "id": name,
            "of": "call",
            "measure": {"from": ["queued"], "to": ["answered"]},
            "promise": {"within": T},
            **says,
        }
        for name, (says, _, _, _) in LEVELS.items()
    ]
    judge = Judge(as_book(standards), [Source("pbx")], JudgeSettings())
    last: dict[tuple[str, str], Verdict | None] = {}
    for batch in [day()] if request.param == "read in one piece" else live():
        readings = as_readings(batch)
        for decision in judge.receive(readings, max(at for reading in readings for at in instants(reading))):
            if isinstance(decision, VerdictSpoken | Amendment | Final):
                last[decision.standard, decision.id] = decision.verdict
    counted: dict[str, Counter[Verdict]] = {name: Counter() for name in LEVELS}
    for (name, _), verdict in last.items():
        assert verdict is not None
        counted[name][verdict] += 1
    return counted


@pytest.mark.parametrize("name", LEVELS)
def test_a_service_level_by_the_book_is_what_its_standard_keeps(
    name: str, verdicts: dict[str, Counter[Verdict]]
) -> None:
    _, met, judged, printed = LEVELS[name]
    counted = verdicts[name]
    assert (counted[Verdict.MET], counted[Verdict.MET] + counted[Verdict.BREACHED]) == (met, judged)
    assert sum(counted.values()) == A + B, "every call has a verdict; what is left out is excluded"
    assert counted[Verdict.EXCLUDED] == A + B - judged
    assert f"{float(Fraction(met, judged) * 100):.1f}" == printed


def test_the_calls_are_those_of_the_book() -> None:
    waits = Counter((end, wait <= T, wait <= SHORT) for end, wait in calls())
    assert sum(n for (end, _, _), n in waits.items() if end == "answered") == A
    assert sum(n for (end, soon, _), n in waits.items() if end == "answered" and soon) == A_T
    assert sum(n for (end, _, _), n in waits.items() if end == "abandoned") == B
    assert sum(n for (end, soon, _), n in waits.items() if end == "abandoned" and soon) == B_T
    assert waits["abandoned", True, True] == B_S
