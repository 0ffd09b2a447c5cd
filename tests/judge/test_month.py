"""A month-long simulation from a seed ends in the verdicts of the brute-force judge.

``JUDGE_MONTH=2000`` plays so many interactions a day instead of 200, ``JUDGE_SEED=…`` another month.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from functools import lru_cache

from tests.judge import whole_referee
from tests.judge.month import CALENDARS, SITES, SOURCES, STANDARDS, Month, world
from tests.judge.traces import Key, Plain
from tests.judge.whole_values import judge_of, last_words, run

A_DAY = int(os.environ.get("JUDGE_MONTH", "200"))
SEED = int(os.environ.get("JUDGE_SEED", "20261010"))


@lru_cache(maxsize=1)
def month() -> Month:
    return Month(SEED, A_DAY)


@lru_cache(maxsize=1)
def referees_words() -> dict[Key, Plain]:
    """Interaction by interaction: what concerns one concerns no other."""
    everything = [reading for _, reading in month().told]
    marks = {r["source"]: r for r in everything if r["type"] == "watermark"}  # the last one of each
    shared = [*marks.values(), *(r for r in everything if r["type"] == "gap")]
    mine: defaultdict[tuple[str, str], list[Plain]] = defaultdict(list)
    for reading in everything:
        if "id" in reading:
            mine[reading["kind"], reading["id"]].append(reading)
    words: dict[Key, Plain] = {}
    for (kind, _), readings in mine.items():
        standards = [standard for standard in STANDARDS if standard["of"] == kind]
        words |= whole_referee.judge([*readings, *shared], standards, world())
    return words


def test_the_month_ends_in_the_verdicts_of_the_referee() -> None:
    judge, said = judge_of(STANDARDS, SOURCES, CALENDARS, SITES), []
    for wall, batch in month().batches():
        said += run(judge, [batch], wall)
    ours, theirs = last_words(said), referees_words()
    wrong = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    told = [f"{key}\n  judge:   {ours.get(key)}\n  referee: {theirs.get(key)}" for key in wrong[:5]]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(theirs)} words differ", *told])
    amended = sum(type(decision).__name__ == "Amendment" for decision in said)
    assert amended > len(theirs) / 100  # lateness changed what had been said


def test_the_month_is_one_in_which_much_happens() -> None:
    words = referees_words()
    seen = Counter((standard, word["verdict"]) for (standard, *_), word in words.items())
    for standard in (standard["id"] for standard in STANDARDS):
        assert min(seen[standard, "met"], seen[standard, "breached"]) >= A_DAY / 10, (standard, seen)
    reasons = Counter(word["reason"] for word in words.values())
    wanted = ["left", "diverted", "incomplete", "refused", "short", "unless", "unseen", "waived"]
    wanted += ["withdrawn", "target_changed"]
    assert min(reasons[reason] for reason in wanted) >= 5, reasons
    assert sum(word["verdict"] == "indeterminate" for word in words.values()) >= A_DAY / 20
    kinds = Counter(reading["type"] for _, reading in month().told)
    assert kinds["retract"] >= A_DAY / 2 and kinds["gap"] == 1
    assert any(word["late_from"] is not None for word in words.values())
