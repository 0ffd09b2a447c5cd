"""Random traces in which two or three events of one interaction are uncertain at once.

What happened first, and how long it took, is then a matter of several instants together.  Everything lies
within a few units of time, and so do the limits, so that most verdicts hang on it.  A unit is two seconds:
the referee, whose step is half a second, finds room in it for three events in any order, on an exact
instant or between two.
"""

from __future__ import annotations

import random

from tests.judge.traces import (
    HAPPENINGS,
    PLAIN_VOCABULARY,
    WHERES,
    Plain,
    at,
    copy_of,
    retraction_of,
    source_for,
    standard_over,
)

UNIT_SECONDS = 2
UNITS_MAX = 7  # events lie in 0 .. 7 units
EVENTS_MAX = 7
# How long the ranges of the uncertain events are, in units.  The referee tries the product of them; and for
# three of them, 5 units together are what the judge, too, tries in full (it says what it does beyond).
RANGES = ((1, 1), (1, 2), (2, 2), (1, 3), (3, 3), *2 * ((1, 1, 1), (1, 1, 2), (1, 2, 2), (1, 1, 3)))
LIMITS = (0, 1, 1, 2, 2, 3, 4, 6)  # units


def foggy(rng: random.Random) -> Plain:
    """One interaction, one or two sources, and two standards over it; seldom a gap, a copy or a retraction."""
    kind = rng.choice(sorted(HAPPENINGS))
    sources = [source_for(rng, name, [kind]) for name in ("alpha", "beta")[: rng.choice((1, 1, 2))]]
    standards = [_short(rng, standard_over(rng, f"s{n}", kind)) for n in range(2)]
    readings = _interaction(rng, kind, standards[0], sources)
    if rng.random() < 0.1:
        since = rng.randrange(UNITS_MAX)
        until = since + rng.randint(1, 4)
        readings.append(
            {"type": "gap", "source": sources[0]["name"], "from": _unit(since), "to": _unit(until)}
        )
    for source in sources:
        upto = 50 if rng.random() < 0.9 else rng.randint(0, 2 * UNITS_MAX)
        readings.append({"type": "watermark", "source": source["name"], "at": _unit(upto)})
    return {"readings": readings, "standards": standards, "sources": sources}


def _unit(units: int) -> str:
    return at(units * UNIT_SECONDS)


def _short(rng: random.Random, standard: Plain) -> Plain:
    """The same standard with limits of a few units, and more often about a label."""
    (word,) = standard["promise"]
    standard["promise"] = {word: rng.choice(LIMITS) * UNIT_SECONDS}
    if "ignore_if_left_within" in standard:
        standard["ignore_if_left_within"] = rng.choice(LIMITS) * UNIT_SECONDS
    if "where" in standard or rng.random() < 0.2:
        standard["where"] = rng.choice(WHERES[:3])
    return standard


def _telling(kind: str, standard: Plain) -> list[str]:
    """The events that a standard is about; what opens an occurrence is named twice."""
    words, measure = PLAIN_VOCABULARY[kind], standard["measure"]
    enter, leave = (
        words["states"][measure["time_in"]] if "time_in" in measure else (measure["from"], measure["to"])
    )
    return [*enter, *enter, *leave, *words["endings"], *standard.get("unless", ()), "updated"]


def _interaction(rng: random.Random, kind: str, standard: Plain, sources: list[Plain]) -> list[Plain]:
    said: list[Plain] = []
    count = rng.randint(3, EVENTS_MAX)
    ranges = rng.choice(RANGES)
    uncertain = dict(zip(rng.sample(range(count), len(ranges)), ranges, strict=True))
    looks: list[int] = []  # the instants at which a poll saw something
    names = _telling(kind, standard)
    for number in range(count):
        instant = rng.randint(0, UNITS_MAX)
        if number in uncertain:
            looks.append(rng.choice(looks) if looks and rng.random() < 0.6 else instant)
            instant = looks[-1]
        opens = number == 0 and rng.random() < 0.7
        name = names[0] if opens else rng.choice(names if rng.random() < 0.8 else HAPPENINGS[kind].split())
        event = {
            "type": "event",
            "source": rng.choice(sources)["name"],
            "kind": kind,
            "id": "1",
            "event": name,
            "at": _unit(instant),
        }
        if rng.random() < 0.1:
            event["seq"] = rng.randint(-1, 2)
        if rng.random() < 0.5:
            event["labels"] = {"queue": rng.choice(("a", "ab", "b"))}
        if number in uncertain:
            event["not_before"] = _unit(instant - uncertain[number])
        said.append(event)
    said += [copy_of(rng, event) for event in said if rng.random() < 0.04]
    if rng.random() < 0.05:
        said.append(retraction_of(rng, rng.choice(said)))
    return said
