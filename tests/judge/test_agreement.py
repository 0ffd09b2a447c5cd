"""Two judges, written apart from each other, say the same of thousands of random traces.

``STANDARDSD_TEST_TRACES=100000 pytest tests/judge/test_agreement.py`` tries more of them, and
``STANDARDSD_TEST_SEED=… `` begins elsewhere; a failure names its seed and shows both words.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.judge import referee
from tests.judge.traces import PLAIN_VOCABULARY, Plain, batches, judge_of, last_words, run, trace

TRACES = int(os.environ.get("STANDARDSD_TEST_TRACES", "4000"))
FIRST_SEED = int(os.environ.get("STANDARDSD_TEST_SEED", "0"))
PARTS = 4  # so that several workers share them


def disagreement(plain: Plain, rng: random.Random) -> str | None:
    """None: they agree.  Otherwise what each says, smallest part of the trace that it takes to see it."""
    ours = last_words(run(judge_of(plain), batches(rng, plain["readings"])))
    theirs = referee.judge(plain["readings"], plain["standards"], plain["sources"], PLAIN_VOCABULARY)
    if ours == theirs:
        return None
    wrong = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    return "\n".join(f"{key}\n  judge:   {ours.get(key)}\n  referee: {theirs.get(key)}" for key in wrong)


def smallest(plain: Plain) -> Plain:
    """Leaves out whatever can be left out while they still disagree."""
    shrunk = True
    while shrunk:
        shrunk = False
        for part in ("readings", "standards", "sources"):
            for n in reversed(range(len(plain[part]))):
                fewer = plain | {part: plain[part][:n] + plain[part][n + 1 :]}
                names = {source["name"] for source in fewer["sources"]}
                known = all(
                    reading["source"] in names for reading in fewer["readings"] if "source" in reading
                )
                if known and disagreement(fewer, random.Random(0)):
                    plain, shrunk = fewer, True
    return plain


@pytest.mark.parametrize("part", range(PARTS))
def test_the_judge_and_the_referee_say_the_same_of_random_traces(part: int) -> None:
    for seed in range(FIRST_SEED + part, FIRST_SEED + TRACES, PARTS):
        plain = trace(random.Random(seed))
        told = disagreement(plain, random.Random(seed))
        if told:
            small = smallest(plain)
            lines = [
                json.dumps(value) for name in ("sources", "standards", "readings") for value in small[name]
            ]
            pytest.fail("\n".join([f"seed {seed}", told, "smallest trace:", *lines]))


def test_the_random_traces_walk_every_verdict_and_reason() -> None:
    """Agreement about traces in which nothing happens would prove nothing."""
    seen: set[tuple[str, str | None, str]] = set()
    for seed in range(3000):
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
    missing = {word for word in wanted if word not in seen and word[1:] not in UNREACHABLE}
    assert not missing


UNREACHABLE: set[tuple[str | None, str]] = set()


def test_the_referee_imports_nothing_of_the_project_and_is_short_enough_to_read() -> None:
    text = Path(referee.__file__).read_text()
    imports = [
        line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    ]
    assert set(imports) <= {"datetime", "fnmatch"}
    assert len(text.splitlines()) <= 200
