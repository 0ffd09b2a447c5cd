"""The judge and a referee written apart from it say the same of random traces of everything about cases.

Compared is every field of the last word on every occurrence.  ``JUDGE_TRACES=100000`` tries more traces,
``JUDGE_SEED=…`` begins elsewhere; a failure names its seed and shows the smallest trace that fails so.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.judge import calendars_referee, pieces_referee, stories_referee, whole_referee
from tests.judge.test_agreement import smaller as smaller_by_parts
from tests.judge.traces import Key, Plain, batches
from tests.judge.whole_scenes import NIGHTS, scene
from tests.judge.whole_traces import whole_trace, world_of
from tests.judge.whole_values import FAR, judge_of, last_words, run

TRACES = int(os.environ.get("JUDGE_TRACES", "1500"))
FIRST_SEED = int(os.environ.get("JUDGE_SEED", "0"))
PARTS = 4  # so that several workers share them
LEFT_OUT = ("values", "pause_while", "reopen", "effective", "waivers", "private_ids")


def ours(plain: Plain, rng: random.Random) -> dict[Key, Plain]:
    _, calendars, sites = scene(plain["scene"])
    judge = judge_of(plain["standards"], plain["sources"], calendars, sites)
    return last_words(run(judge, batches(rng, plain["readings"]), FAR))


def theirs(plain: Plain) -> dict[Key, Plain]:
    return whole_referee.judge(plain["readings"], plain["standards"], world_of(plain))


def disagreement(plain: Plain, rng: random.Random) -> str | None:
    """None: they agree.  Otherwise what each says."""
    one, other = ours(plain, rng), theirs(plain)
    wrong = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    return (
        "\n".join(f"{key}\n  judge:   {one.get(key)}\n  referee: {other.get(key)}" for key in wrong) or None
    )


def smaller(plain: Plain) -> Iterator[Plain]:
    """The trace without one of its parts, or with something simpler in it."""
    yield from smaller_by_parts(plain)
    for part in ("readings", "standards"):
        for n, it in enumerate(plain[part]):
            others = [{k: v for k, v in it.items() if k != key} for key in LEFT_OUT if key in it]
            if part == "standards":
                promise = it["promise"]
                rows = [*promise.get("rows", {}).values(), *([promise["else"]] if "else" in promise else [])]
                others += [it | {"promise": row} for row in rows]
                others += [it | {"waivers": [one]} for one in it.get("waivers", ()) if len(it["waivers"]) > 1]
            for other in others:
                yield plain | {part: [*plain[part][:n], other, *plain[part][n + 1 :]]}


def smallest(plain: Plain) -> Plain:
    """Leaves out whatever can be left out while they still disagree."""
    for fewer in smaller(plain):
        names = {source["name"] for source in fewer["sources"]}
        known = all(reading["source"] in names for reading in fewer["readings"])
        if known and disagreement(fewer, random.Random(0)):
            return smallest(fewer)
    return plain


@pytest.mark.parametrize("part", range(PARTS))
def test_they_say_the_same_of_random_traces_over_changing_clocks(part: int) -> None:
    for seed in range(FIRST_SEED + part, FIRST_SEED + TRACES, PARTS):
        plain = whole_trace(random.Random(seed))
        told = disagreement(plain, random.Random(seed))
        if told:
            small = smallest(plain)
            where = " ".join(map(str, NIGHTS[plain["scene"]]))
            lines = [
                json.dumps(value) for name in ("sources", "standards", "readings") for value in small[name]
            ]
            pytest.fail("\n".join([f"seed {seed}, {where}", told, "smallest trace:", *lines]))


def test_they_agree_after_every_batch_and_not_only_at_the_end() -> None:
    """What may be said is said at once, and nothing before; what was said too early is taken back."""
    for seed in range(FIRST_SEED, FIRST_SEED + TRACES // 10):
        plain = whole_trace(random.Random(seed))
        _, calendars, sites = scene(plain["scene"])
        judge = judge_of(plain["standards"], plain["sources"], calendars, sites)
        said, heard = [], []
        for number, batch in enumerate(batches(random.Random(seed), plain["readings"])):
            said += run(judge, [batch], FAR + timedelta(seconds=number))
            heard += batch
            by_then = theirs(plain | {"readings": heard})
            assert last_words(said) == by_then, f"seed {seed}, after batch {number}: {heard}"


def forms(standard: Plain) -> set[str]:
    """What a standard is an example of."""
    measure, promise = standard["measure"], standard["promise"]
    form = next(key for key in ("from", "time_in", "value", "score") if key in measure)
    simple = [*promise["rows"].values(), promise.get("else", {})] if "per" in promise else [promise]
    found = {form + " each" if measure.get("each") else form, *(key for row in simple for key in row)}
    found |= {"per"} & promise.keys() | {"pause_while", "effective", "waivers"} & standard.keys()
    clock = standard.get("clock", "always")
    found.add(clock if clock in ("always", "site") else "calendar")
    if "due" in measure.get("from", ()):
        found.add("due")
    if "reopen" in standard:
        found.add(standard["reopen"])
    return found


EITHER = [("met", None), ("breached", None)]
WITHDRAWN, UNSEEN, UNLESS = (("excluded", reason) for reason in ("withdrawn", "unseen", "unless"))
CHANGED, UNSURE = ("breached", "target_changed"), ("indeterminate", None)

# Which words the traces must lead to for standards of which form.
WALKED: dict[str, list[tuple[str, str | None]]] = {
    "from": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "from each": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "time_in": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "time_in each": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "due": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "value": [*EITHER, UNSURE],
    "score": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, UNSURE, ("excluded", "incomplete")],
    "within": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "under": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "until": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "bd": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "between": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "per": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "always": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "site": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "calendar": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "pause_while": [*EITHER, WITHDRAWN, UNSEEN, UNLESS, CHANGED, UNSURE],
    "resume": [*EITHER, WITHDRAWN, UNSEEN, UNLESS],
    "new_cycle": [*EITHER, WITHDRAWN, UNSEEN, UNLESS],
    "effective": [*EITHER],
    "waivers": [*EITHER, ("excluded", "waived")],
}


def test_the_random_traces_walk_every_verdict_of_every_construct() -> None:
    """Agreement about traces in which nothing happens would prove nothing."""
    seen: set[tuple[str, str, str | None]] = set()
    late_from, early, resumed = 0, 0, 0
    for seed in range(FIRST_SEED, FIRST_SEED + max(TRACES, 1500)):
        plain = whole_trace(random.Random(seed))
        standards = {s["id"]: s for s in plain["standards"]}
        for (name, *_), word in theirs(plain).items():
            seen |= {(form, word["verdict"], word["reason"]) for form in forms(standards[name])}
            late_from += word["late_from"] is not None
            early += word["verdict"] == "breached" and word["due"] is not None and word["at"] < word["due"]
            resumed += standards[name].get("reopen") == "resume" and word["measured"] is not None
    missing = {(form, *word) for form, words in WALKED.items() for word in words} - seen
    assert not missing
    assert min(late_from, early, resumed) >= 20, (late_from, early, resumed)


def test_the_referee_imports_nothing_of_the_project() -> None:
    own = {"calendars_referee", "pieces_referee", "referee", "stories_referee", "whole_referee"}
    for module in (whole_referee, pieces_referee, stories_referee, calendars_referee):
        for line in Path(module.__file__).read_text().splitlines():
            if line.startswith(("import ", "from ")):
                top, *rest = line.split()[1].split(".")
                assert top != "standardsd"
                assert top != "tests" or rest[-1] in own, line
