"""Two judges, written apart from each other, say the same of thousands of random traces.

``JUDGE_TRACES=100000 pytest tests/judge/test_agreement.py`` tries more of them, and
``JUDGE_SEED=…`` begins elsewhere; a failure names its seed and shows both words.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.judge import referee
from tests.judge.foggy import foggy
from tests.judge.traces import (
    PLAIN_VOCABULARY,
    WALL,
    Key,
    Plain,
    at,
    batches,
    judge_of,
    last_words,
    run,
    trace,
)

TRACES = int(os.environ.get("JUDGE_TRACES", "2500"))
FIRST_SEED = int(os.environ.get("JUDGE_SEED", "0"))
FOGGY_TRACES = TRACES // 2  # each takes twice as long
LEFT_OUT = {"not_before", "labels", "seq", "where", "unless", "ignore_if_left_within", "yields", "speaks_for"}
LEFT_OUT |= {"if_left", "if_diverted", "if_done"}
PARTS = 4  # so that several workers share them


def disagreement(plain: Plain, rng: random.Random) -> str | None:
    """None: they agree.  Otherwise what each says, smallest part of the trace that it takes to see it."""
    ours = last_words(run(judge_of(plain), batches(rng, plain["readings"])))
    theirs = referee.judge(**plain, vocabulary=PLAIN_VOCABULARY)
    if ours == theirs:
        return None
    wrong = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    return "\n".join(f"{key}\n  judge:   {ours.get(key)}\n  referee: {theirs.get(key)}" for key in wrong)


def smaller(plain: Plain) -> Iterator[Plain]:
    """The trace without one of its parts, or without one key of one of them."""
    for part in ("readings", "standards", "sources"):
        for n in reversed(range(len(plain[part]))):
            before, it, after = plain[part][:n], plain[part][n], plain[part][n + 1 :]
            for rest in ([], *([{k: v for k, v in it.items() if k != key}] for key in LEFT_OUT & it.keys())):
                yield plain | {part: [*before, *rest, *after]}


def smallest(plain: Plain) -> Plain:
    """Leaves out whatever can be left out while they still disagree."""
    for fewer in smaller(plain):
        names = {source["name"] for source in fewer["sources"]}
        known = all(reading["source"] in names for reading in fewer["readings"])
        if known and disagreement(fewer, random.Random(0)):
            return smallest(fewer)
    return plain


def must_agree(plain: Plain, seed: int) -> None:
    told = disagreement(plain, random.Random(seed))
    if told:
        small = smallest(plain)
        lines = [json.dumps(value) for name in ("sources", "standards", "readings") for value in small[name]]
        pytest.fail("\n".join([f"seed {seed}", told, "smallest trace:", *lines]))


@pytest.mark.parametrize("part", range(PARTS))
def test_the_judge_and_the_referee_say_the_same_of_random_traces(part: int) -> None:
    for seed in range(FIRST_SEED + part, FIRST_SEED + TRACES, PARTS):
        must_agree(trace(random.Random(seed)), seed)


@pytest.mark.parametrize("part", range(PARTS))
def test_they_agree_where_several_instants_of_one_interaction_are_uncertain(part: int) -> None:
    for seed in range(FIRST_SEED + part, FIRST_SEED + FOGGY_TRACES, PARTS):
        must_agree(foggy(random.Random(seed)), seed)


def test_they_agree_after_every_batch_and_not_only_at_the_end() -> None:
    """What may be said is said at once, and nothing before: the referee is asked what it knows by then."""
    seeds = range(FIRST_SEED, FIRST_SEED + TRACES // 8)
    for seed, plain in [(n, make(random.Random(n))) for make in (trace, foggy) for n in seeds]:
        judge, said, heard = judge_of(plain), [], []
        for number, batch in enumerate(batches(random.Random(seed), plain["readings"])):
            said += run(judge, [batch], WALL + timedelta(milliseconds=number))
            heard += batch
            by_then = referee.judge(heard, plain["standards"], plain["sources"], PLAIN_VOCABULARY)
            assert last_words(said) == by_then, f"seed {seed}, after batch {number}: {heard}"


def in_doubt(plain: Plain) -> set[Key]:
    said = referee.judge(**plain, vocabulary=PLAIN_VOCABULARY)
    return {key for key, word in said.items() if word["verdict"] == "indeterminate"}


def test_many_a_doubt_takes_several_uncertain_instants_at_once() -> None:
    """It is gone when all but one event are exact, whichever that one is: trying them one by one finds none."""
    together = 0
    for seed in range(200):
        plain = foggy(random.Random(seed))
        exact = [{k: v for k, v in reading.items() if k != "not_before"} for reading in plain["readings"]]
        doubts = in_doubt(plain)
        for number, reading in enumerate(plain["readings"] if doubts else ()):
            doubts -= in_doubt(plain | {"readings": [*exact[:number], reading, *exact[number + 1 :]]})
        together += len(doubts)
    assert together >= 5


def test_the_random_traces_walk_every_verdict_and_reason() -> None:
    """Agreement about traces in which nothing happens would prove nothing."""
    seen: set[tuple[str, str | None, str]] = set()
    for seed in range(4000):
        plain = trace(random.Random(seed))
        measures = {s["id"]: s["measure"] for s in plain["standards"]}
        for key, word in referee.judge(**plain, vocabulary=PLAIN_VOCABULARY).items():
            measure = measures[key[0]]
            form = ("time_in" if "time_in" in measure else "from_to") + (
                " each" if measure.get("each") else ""
            )
            seen.add((word["verdict"], word["reason"], form))
    wanted: set[tuple[str, str | None, str]] = set()
    for form in ("from_to", "from_to each", "time_in", "time_in each"):
        wanted |= {("met", None, form), ("breached", None, form), ("indeterminate", None, form)}
        wanted |= {("breached", "target_changed", form)}
        wanted |= {("excluded", reason, form) for reason in ("refused", "unless", "withdrawn", "unseen")}
    for form in ("from_to", "from_to each"):
        wanted |= {("excluded", reason, form) for reason in ("left", "diverted", "incomplete", "short")}
        for reason in ("left", "diverted", "incomplete"):
            wanted |= {("met", reason, form), ("breached", reason, form)}
    assert not wanted - seen


def said_by_both(
    standard: Plain, events: list[Plain], gaps: list[tuple[int, int]], *, watermark: int
) -> tuple[Plain | None, Plain | None]:
    """What the judge and the referee say of one visit that one source tells, in this order, one a batch."""
    readings = [{"type": "event", "source": "desk", "kind": "visit", "id": "1", **e} for e in events]
    readings += [{"type": "gap", "source": "desk", "from": at(since), "to": at(to)} for since, to in gaps]
    readings.append({"type": "watermark", "source": "desk", "at": at(watermark)})
    standards = [{"id": "s", "of": "visit", "promise": {"within": 6}, **standard}]
    plain = {"readings": readings, "standards": standards, "sources": [{"name": "desk"}]}
    key = ("s", "visit", "1", 1)
    ours = last_words(run(judge_of(plain), [[reading] for reading in readings])).get(key)
    return ours, referee.judge(**plain, vocabulary=PLAIN_VOCABULARY).get(key)


GREETED = {"from": ["arrived"], "to": ["greeted"]}
A = {"queue": "a"}

# name: (standard, events, gaps, watermark).  The two judges once differed here; a sentence of the language
# decides each, and it is quoted.
HARD: dict[str, tuple[Plain, list[Plain], list[tuple[int, int]], int]] = {
    # A stay that begins with the limit used up breaks it there; what changes at that instant comes too late.
    "a label that comes with one stay too many withdraws nothing": (
        {"measure": {"time_in": "waiting"}, "promise": {"within": 2}, "where": {"queue": ["a*"]}},
        [
            {"event": "arrived", "at": at(4), "labels": A},
            {"event": "called", "at": at(6), "labels": {"queue": "b"}},
            {"event": "arrived", "at": at(6), "seq": 1},
        ],
        [],
        50,
    ),
    # "A verdict that would differ within that uncertainty is indeterminate": the poll that saw the
    # greeting also brought the label; had it looked at 8 s, the greeting would have been in time.
    "a label that came with an uncertain end makes no breach": (
        {"measure": GREETED, "where": {"queue": ["a"]}},
        [
            {"event": "arrived", "at": at(0)},
            {"event": "greeted", "at": at(12), "not_before": at(2), "labels": A},
        ],
        [],
        50,
    ),
    # "First B at or after A": the time measured is never negative, so `under: 0` is broken for certain.
    "an end is never before its start, however long the poll": (
        {"measure": GREETED, "promise": {"under": 0}},
        [{"event": "arrived", "at": at(5)}, {"event": "greeted", "at": at(7), "not_before": at(1)}],
        [],
        50,
    ),
    # "While a gap overlaps an open occurrence, nothing is spoken": the outer gap hides due.
    "a gap inside a gap proves no breach that the outer one hides": (
        {"measure": GREETED},
        [{"event": "arrived", "at": at(12)}],
        [(18, 29), (22, 25)],
        50,
    ),
    # A wait of 0 to 5 s, seen by a poll, and then out of sight: no breach of 3 s is proved.
    "a total in doubt is no breach because the visit went out of sight": (
        {"measure": {"time_in": "waiting"}, "promise": {"within": 3}},
        [{"event": "arrived", "at": at(2)}, {"event": "greeted", "at": at(7), "not_before": at(-3)}],
        [(16, 22)],
        50,
    ),
    # Closed (unseen, at 25) before it ever matched: no verdict.  The label lies in the future, on `due`.
    "what was closed unseen before it matched has no verdict": (
        {"measure": GREETED, "promise": {"within": 15}, "where": {"queue": ["a"]}},
        [{"event": "arrived", "at": at(13)}, {"event": "due", "at": at(28), "labels": A}],
        [(19, 25)],
        50,
    ),
    # It matched at 10 s, when 6 s had passed; had the poll looked at 4 s, it would have been closed before,
    # and no verdict at all.  A verdict that would differ so is not proved.
    "what may have been over before it matched is no breach": (
        {"measure": GREETED, "where": {"queue": ["a"]}},
        [
            {"event": "arrived", "at": at(0)},
            {"event": "updated", "at": at(10), "labels": A},
            {"event": "left", "at": at(12), "not_before": at(3)},
        ],
        [],
        50,
    ),
    # "The same readings in any order end in the same verdicts", their measured time included.
    "a late reading corrects the measured time of a verdict that stays met": (
        {"measure": {"time_in": "waiting"}},
        [
            {"event": "arrived", "at": at(7)},
            {"event": "called", "at": at(12)},
            {"event": "finished", "at": at(25)},
            {"event": "greeted", "at": at(8)},
        ],
        [],
        50,
    ),
}


MINUTE = {"measure": GREETED, "promise": {"within": 60}}
AT_X = {**MINUTE, "where": {"site": ["x"]}}


def told(event: str, second: int, not_before: int | None = None, **labels: str) -> Plain:
    said: Plain = {"event": event, "at": at(second), "labels": labels}
    return said if not_before is None else said | {"not_before": at(not_before)}


# Order between events is what is uncertain: each could be `met`, `breached`, excluded or nothing at all if
# one event lay elsewhere in its range.  name: (standard, events, second at which it is said to be in doubt).
IN_DOUBT: dict[str, tuple[Plain, list[Plain], int]] = {
    "the greeting was there before the look that saw the arrival": (
        MINUTE,
        [told("arrived", 20, 0), told("greeted", 10)],
        20,
    ),
    "the guest had left before the look that saw the greeting": (
        MINUTE,
        [told("arrived", 0), told("greeted", 70, 50), told("left", 65)],
        65,
    ),
    "greeted or gone: which was first, where leaving is a breach": (
        {**MINUTE, "if_left": "breach"},
        [told("arrived", 0), told("greeted", 30, 10), told("left", 20)],
        20,
    ),
    "greeted or gone: which was first, where leaving is excluded": (
        MINUTE,
        [told("arrived", 0), told("greeted", 30, 10), told("left", 20)],
        20,
    ),
    "gone before the greeting, perhaps": (
        {**MINUTE, "if_left": "breach"},
        [told("arrived", 0), told("left", 30, 10), told("greeted", 20)],
        20,
    ),
    "called, and so excluded, before or after the greeting": (
        {**MINUTE, "unless": ["called"]},
        [told("arrived", 0), told("called", 25, 5), told("greeted", 20)],
        20,
    ),
    "a label that went in time or too late": (
        AT_X,
        [told("arrived", 0, site="x"), told("updated", 80, 40, site="y"), told("greeted", 90)],
        90,
    ),
    "a label that went too late, and nobody greeted": (
        AT_X,
        [told("arrived", 0, site="x"), told("updated", 80, 40, site="y")],
        80,
    ),
    "a label that came before the greeting, or after it": (
        AT_X,
        [told("arrived", 0, site="y"), told("updated", 50, 10, site="x"), told("greeted", 30)],
        30,
    ),
    "gone in time, or still there and greeted too late": (
        {**MINUTE, "measure": {**GREETED, "each": True}},
        [told("arrived", 0), told("left", 100, 50), told("greeted", 90)],
        90,
    ),
    "arrived and greeted between two looks, and gone before or after them": (
        MINUTE,
        [told("arrived", 20, 0), told("greeted", 20, 0), told("left", 15)],
        20,
    ),
    # From here on it takes two events or three at once, inside their ranges: none alone makes a difference.
    "arrived, greeted and gone between two looks": (
        MINUTE,
        [told("arrived", 10, 8), told("greeted", 10, 8), told("left", 10, 8)],
        10,
    ),
    "a label that came before the greeting or after it, all of it between two looks": (
        AT_X,
        [told("arrived", 10, 8), told("updated", 10, 8, site="x"), told("greeted", 10, 8)],
        10,
    ),
    "greeted once before the arrival and once too late, or at once": (
        MINUTE,
        [told("greeted", 10, 8), told("arrived", 10, 8) | {"seq": 1}, told("greeted", 70, 68)],
        70,
    ),
    "called too early to count, and then too late": (
        {**MINUTE, "measure": {"from": ["due"], "to": ["greeted"]}, "unless": ["called"]},
        [told("due", 4, 2), told("called", 6, 2), told("called", 64)],
        6,
    ),
}


@pytest.mark.parametrize("name", IN_DOUBT)
def test_what_depends_on_the_order_of_uncertain_events_is_indeterminate(name: str) -> None:
    standard, events, second = IN_DOUBT[name]
    ours, theirs = said_by_both(standard, events, [], watermark=200)
    assert ours == theirs
    assert ours is not None
    assert (ours["verdict"], ours["at"]) == ("indeterminate", referee.steps(at(second)))
    assert ours["finished"] and ours["measured"] is None


@pytest.mark.parametrize("name", HARD)
def test_they_agree_where_reading_is_hard(name: str) -> None:
    standard, events, gaps, watermark = HARD[name]
    ours, theirs = said_by_both(standard, events, gaps, watermark=watermark)
    assert ours == theirs


def test_the_referee_imports_nothing_of_the_project_and_is_short_enough_to_read() -> None:
    text = Path(referee.__file__).read_text()
    imports = [
        line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    ]
    assert set(imports) <= {"datetime", "fnmatch", "itertools"}
    assert len(text.splitlines()) <= 200
