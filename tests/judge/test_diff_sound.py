"""What the diff claims is so: standards that differ in one key judge random traces, and no verdict contradicts.

*Tighter*: every case that the old one breaches is breached by the new one; *looser*: the other way round;
*equal*: the same words.  A failure names its seed.  ``DIFF_TRACES=20000`` tries more.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from standardsd.core.compare.order import DIFFERENT, EQUAL, LOOSER, TIGHTER, Order, together
from standardsd.language.diff_aspects import differing
from standardsd.model.standard import Standard
from tests.judge.traces import WHERES, Key, Plain
from tests.judge.whole_scenes import scene
from tests.judge.whole_traces import HAPPENINGS, LIMITS, PAUSES, PLAIN_VOCABULARY, QUARTER, Maker
from tests.judge.whole_values import FAR, as_standard, judge_of, last_words, run

TRACES = int(os.environ.get("DIFF_TRACES", "400"))
FIRST_SEED = int(os.environ.get("DIFF_SEED", "0"))
PARTS = 4
PAIRS = 4
"""Changes that are tried on one trace."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Mutation = Callable[[Maker, Plain], Plain | None]
"""A standard with one key changed; None: there is nothing to change."""


def _promise(maker: Maker, plain: Plain) -> Plain:
    return plain | {"promise": _moved(maker, plain, plain["promise"])}


def _moved(maker: Maker, plain: Plain, promise: Plain) -> Plain:
    """A limit moved, an edge left out, a row added or taken away; or another promise altogether."""
    rng = maker.rng
    if rng.random() < 0.1:
        return maker._promise(plain)
    if "per" in promise:
        rows, other = dict(promise["rows"]), promise.get("else")
        lot = rng.random()
        if lot < 0.2:
            rows.pop(rng.choice(sorted(rows)), None)
        elif lot < 0.4:
            rows[rng.choice(("P1", "P2", "P3"))] = maker._promise(plain)
        elif lot < 0.5:
            other = None if other is not None else maker._promise(plain)
        else:
            name = rng.choice(sorted(rows))
            rows[name] = _moved(maker, plain, rows[name])
        rows = rows or {"P1": maker._promise(plain)}
        return {"per": "priority", "rows": rows, **({"else": other} if other is not None else {})}
    if "number" in promise:
        low, high = promise["number"]
        moved = [None if edge is None else edge + rng.choice((-1, 0, 0.5)) for edge in (low, high)]
        return {"number": moved, "edges": rng.random() < 0.5}
    if "between" in promise:
        low, high = promise["between"]
        low += rng.choice((-2, -1, 0, 1)) * QUARTER
        return {"between": [low, max(low, high + rng.choice((-2, 0, 2, 8)) * QUARTER)]}
    if "bd" in promise:
        return {"bd": max(1, promise["bd"] + rng.choice((-1, 0, 1))), "strict": rng.random() < 0.5}
    if "until" in promise:
        return maker._promise(plain)
    (limit,) = promise.values()
    if "time_in" not in plain["measure"] and rng.random() < 0.1:
        return {"between": [-4 * QUARTER, limit]}
    return {rng.choice(("within", "under")): rng.choice((limit, limit, rng.choice(LIMITS) * QUARTER))}


def _clock(maker: Maker, plain: Plain) -> Plain | None:
    if "clock" not in plain:
        return None
    days = any("bd" in row for row in _rows(plain["promise"]))
    return plain | {"clock": maker.rng.choice([*maker.calendars, "site", *([] if days else ["always"])])}


def _rows(promise: Plain) -> list[Plain]:
    return [*promise["rows"].values(), promise.get("else", {})] if "per" in promise else [promise]


def _of(key: str, choices: tuple[object, ...]) -> Mutation:
    def mutate(maker: Maker, plain: Plain) -> Plain:
        chosen = maker.rng.choice(choices)
        return {k: v for k, v in plain.items() if k != key} | ({} if chosen is None else {key: chosen})

    return mutate


def _pauses(maker: Maker, plain: Plain) -> Plain | None:
    states = [s for s in PAUSES.get(plain["of"], ()) if s != plain["measure"].get("time_in")]
    sums = not any({"until", "bd", "between", "number"} & set(row) for row in _rows(plain["promise"]))
    if not states or not sums or "due" in plain["measure"].get("from", ()):
        return None
    return plain | {"pause_while": [s for s in states if maker.rng.random() < 0.6]}


def _unless(maker: Maker, plain: Plain) -> Plain:
    measure, words = plain["measure"], PLAIN_VOCABULARY[plain["of"]]
    taken = {*measure.get("from", ()), *measure.get("to", ()), "due", "reopened", *words["endings"]}
    taken |= {e for state in words["states"].values() for e in state[1]}
    free = sorted({*HAPPENINGS[plain["of"]].split()} - taken)
    return plain | {"unless": [e for e in free if maker.rng.random() < 0.4]}


def _reopen(maker: Maker, plain: Plain) -> Plain | None:
    once = "from" in plain["measure"] and not plain["measure"].get("each") and "unless" not in plain
    if not once or not PLAIN_VOCABULARY[plain["of"]]["reopening"] or "due" in plain["measure"]["from"]:
        return None
    sums = not any({"until", "bd", "between"} & set(row) for row in _rows(plain["promise"]))
    return plain | {"reopen": maker.rng.choice(["first_only", "new_cycle", *(["resume"] * sums)])}


def _effective(maker: Maker, plain: Plain) -> Plain:
    return plain | {"effective": maker._dates()}


def _waivers(maker: Maker, plain: Plain) -> Plain:
    rng, had = maker.rng, plain.get("waivers", [])
    kept = [one for one in had if rng.random() < 0.6]
    more = [maker._dates() | ({"where": rng.choice(WHERES)} if rng.random() < 0.5 else {})]
    return plain | {"waivers": kept + (more if rng.random() < 0.7 else [])}


POLICIES = ("exclude", "breach", "keep", "void")
MUTATIONS: dict[str, Mutation] = {
    "promise": _promise,
    "clock": _clock,
    "where": _of("where", (None, *WHERES)),
    "pause_while": _pauses,
    "if_left": _of("if_left", POLICIES),
    "if_diverted": _of("if_diverted", POLICIES),
    "if_done": _of("if_done", POLICIES),
    "ignore_if_left_within": _of("ignore_if_left_within", (None, *(n * QUARTER for n in LIMITS[:8]))),
    "unless": _unless,
    "reopen": _reopen,
    "effective": _effective,
    "waivers": _waivers,
}
BY_LABELS = ("where", "waivers")
"""Keys that are compared for labels that stay; so are rows of a grid that come or go."""


def claimed(old: Plain, new: Plain, calendars: Plain, sites: Plain) -> Order | None:
    """What the diff says of the two; None: nothing changed."""
    told = list(differing(as_standard(old, calendars, sites), as_standard(new, calendars, sites), NOW))
    return together(*(order for order, _, _ in told if order is not None)) if told else None


def mutated(maker: Maker, plain: Plain, keys: list[str]) -> Plain:
    for key in keys:
        plain = MUTATIONS[key](maker, plain) or plain
    return plain


def alike(plain: Plain, calendars: Plain, sites: Plain) -> Standard:
    """With waivers in one order, each once: that says nothing."""
    standard = as_standard(plain, calendars, sites)
    waivers = {str(one): one for one in standard.waivers}
    return replace(standard, waivers=tuple(waivers[key] for key in sorted(waivers)))


def words_of(trace: Plain, standard: Plain, calendars: Plain, sites: Plain) -> dict[Key, Plain]:
    judge = judge_of([standard], trace["sources"], calendars, sites)
    return last_words(run(judge, [trace["readings"]], FAR))


def settled(trace: Plain) -> Plain:
    """The same trace, each interaction with the labels of its first event throughout."""
    first: dict[tuple[str, str], Plain] = {}
    readings = []
    for one in trace["readings"]:
        if one["type"] == "event":
            own = {k: v for k, v in one.get("labels", {}).items() if k in ("item", "result", "critical")}
            fixed = first.setdefault((one["kind"], one["id"]), one.get("labels", {}))
            one = one | {
                "labels": {k: v for k, v in fixed.items() if k in ("site", "queue", "priority")} | own
            }
        readings.append(one)
    return trace | {"readings": readings}


def broken(said: dict[Key, Plain], verdict: str = "breached") -> set[Key]:
    return {key for key, word in said.items() if word["verdict"] == verdict}


def contradiction(
    order: Order, old: dict[Key, Plain], new: dict[Key, Plain], *, same_breaches: bool
) -> str | None:
    """What shows that a claim is wrong."""
    if order is EQUAL:
        one, other = ({k: w["verdict"] for k, w in said.items()} for said in (old, new))
        return None if one == other else "they differ"
    loose, tight = (old, new) if order is TIGHTER else (new, old)
    if broken(loose) - broken(tight):
        return f"only the looser one breaches {sorted(broken(loose) - broken(tight))}"
    if same_breaches and broken(tight, "met") - broken(loose, "met"):
        return f"only the tighter one is met by {sorted(broken(tight, 'met') - broken(loose, 'met'))}"
    return None


def touches_no_breach(key: str, old: Plain, new: Plain) -> bool:
    """Whether the change is one of those that only change what counts as met."""
    if key.startswith("if_"):
        return {old.get(key, "exclude"), new.get(key, "exclude")} == {"exclude", "keep"}
    return key == "ignore_if_left_within" and old.get("if_left") == "keep"


@pytest.mark.parametrize("part", range(PARTS))
def test_no_verdict_contradicts_what_the_diff_claims(part: int) -> None:
    bites = 0
    for seed in range(FIRST_SEED + part, FIRST_SEED + TRACES, PARTS):
        rng = random.Random(seed)
        maker = Maker(rng)
        trace = maker.trace()
        told = [happened["kind"] for happened in trace["readings"] if happened["type"] == "event"]
        about = [one for one in trace["standards"] if one["of"] in told]
        for old in rng.choices(about, k=PAIRS) if about else ():
            bites += looked_at(maker, trace, old, seed)
    assert bites >= TRACES // PARTS // 5, f"verdicts differed {bites} times only, which proves little"


def looked_at(maker: Maker, trace: Plain, old: Plain, seed: int) -> bool:
    """Changes one or two keys of a standard; whether any verdict is another then."""
    _, calendars, sites = scene(trace["scene"])
    keys = maker.rng.sample(sorted(MUTATIONS), k=maker.rng.choice((1, 1, 1, 2)))
    new = mutated(maker, old, keys)
    key = " and ".join(keys)
    order = claimed(old, new, calendars, sites)
    if alike(old, calendars, sites) == alike(new, calendars, sites):
        assert order is None, f"seed {seed}: nothing changed\n{old}\n{new}"
        return False
    assert order is not None, f"seed {seed}: nothing is said of {key}\n{old}\n{new}"
    if order not in (EQUAL, TIGHTER, LOOSER):
        return False
    if set(keys) & set(BY_LABELS) or any("per" in one["promise"] for one in (old, new)):
        trace = settled(trace)
    before, after = (words_of(trace, one, calendars, sites) for one in (old, new))
    wrong = contradiction(order, before, after, same_breaches=touches_no_breach(key, old, new))
    assert wrong is None, f"seed {seed}: {key} {order}, and {wrong}\n{old}\n{new}\n{before}\n{after}"
    return before != after


REACHED: dict[str, set[Order]] = {
    "promise": {TIGHTER, LOOSER, DIFFERENT},
    "clock": {TIGHTER, LOOSER, DIFFERENT},
    "where": {TIGHTER, LOOSER, DIFFERENT},
    "pause_while": {TIGHTER, LOOSER, DIFFERENT},
    "if_left": {TIGHTER, LOOSER, DIFFERENT, EQUAL},
    "if_diverted": {TIGHTER, LOOSER, DIFFERENT, EQUAL},
    "if_done": {TIGHTER, LOOSER, DIFFERENT, EQUAL},
    "ignore_if_left_within": {TIGHTER, LOOSER, EQUAL},
    "unless": {TIGHTER, LOOSER, DIFFERENT},
    "reopen": {TIGHTER, LOOSER, DIFFERENT},
    "effective": {TIGHTER, LOOSER, DIFFERENT},
    "waivers": {TIGHTER, LOOSER, DIFFERENT},
}


def test_the_standards_of_the_traces_reach_every_claim() -> None:
    """Claims that no trace ever looks at would be proved by nothing."""
    seen: dict[str, set[Order | None]] = {key: set() for key in MUTATIONS}
    for seed in range(200):
        rng = random.Random(seed)
        maker = Maker(rng)
        old = maker.standard("s", rng.choice(sorted(HAPPENINGS)))
        _, calendars, sites = scene(maker.scene)
        for key in MUTATIONS:
            seen[key].add(claimed(old, mutated(maker, old, [key]), calendars, sites))
    missing = {key: orders - seen[key] for key, orders in REACHED.items() if orders - seen[key]}
    assert not missing
