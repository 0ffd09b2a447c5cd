"""Two standards that promise the same thing differently: a lint, because one of them is probably a left-over.

The same thing is: the same kind and measure, the same way to count what ends otherwise, both of them active,
and contacts that both can be about; of a number also the same groups.  A ladder is meant, and nothing is said of
it: a looser promise to be kept more often, or one that is more severe when broken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from standardsd.language.origins import Origins
from standardsd.language.problems import Level, Problem, quoted
from standardsd.model.measure import Gap, Spread
from standardsd.model.promise import Limits, Promise
from standardsd.model.standard import Dates, Severity, Standard, glob_match

group_max = 200
"""Standards with the same measure that are compared with each other; a house with more of them generates them."""

Where = Mapping[str, tuple[str, ...]]


def lint_overlaps(
    standards: Iterable[Standard], origins: Mapping[str, Origins], problems: list[Problem]
) -> None:
    """Every such pair once, told at the promise of the one whose id sorts last."""
    alike: dict[bytes, list[Standard]] = defaultdict(list)
    for standard in standards:
        if not standard.shadow and not isinstance(standard.measure, Spread | Gap):
            grain = sorted(standard.by) if standard.is_number else ()
            counted = (standard.if_left, standard.if_diverted, standard.if_done, standard.unless, grain)
            key = msgspec.json.encode([standard.of, standard.measure, counted], order="deterministic")
            alike[key].append(standard)
    for group in alike.values():
        ordered = sorted(group, key=lambda one: one.id)[:group_max]
        for number, second in enumerate(ordered):
            for first in ordered[:number]:
                if _differ(first, second):
                    place = origins[second.id]["promise"].place
                    assert place is not None, second.id
                    said = f"{quoted(first.id)} promises the same thing differently, for contacts that both are about"
                    fix = "keep one of them, or tell them apart by where:"
                    problems.append(place.problem(said, fix, Level.LINT))


def _differ(first: Standard, second: Standard) -> bool:
    if first.promise == second.promise and first.clock == second.clock:
        return False
    return (
        may_overlap(first.where, second.where)
        and _days_overlap(first.effective, second.effective)
        and not _ladder(first, second)
    )


def _ladder(first: Standard, second: Standard) -> bool:
    """Whether the looser of two promises is to be kept more often, or is the graver one."""
    one, other = _limit(first.promise), _limit(second.promise)
    if one is None or other is None or one == other:
        return False
    tight, loose = (first, second) if one < other else (second, first)
    if _RANK[loose.severity] > _RANK[tight.severity]:
        return True
    return _asked(tight) < _asked(loose)


def _asked(standard: Standard) -> float:
    """The share that is asked for; every one where there is no objective."""
    objective = standard.objective
    return 1.0 if objective is None or objective.at_least is None else objective.at_least


_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


def _limit(promise: object) -> tuple[float, float] | None:
    """How loose a promise is, where it has one limit: the longer, the further out, and then the later it is told."""
    if isinstance(promise, Promise):
        return promise.limit.total_seconds(), 0.0
    if isinstance(promise, Limits):
        hold = promise.hold_for.total_seconds()
        if promise.lowest is None and promise.highest is not None:
            return promise.highest, hold
        if promise.highest is None and promise.lowest is not None:
            return -promise.lowest, hold
    return None


def _days_overlap(first: Dates | None, second: Dates | None) -> bool:
    if first is None or second is None:
        return True
    before = first.until is not None and second.since is not None and first.until <= second.since
    after = second.until is not None and first.since is not None and second.until <= first.since
    return not (before or after)


def may_overlap(first: Where, second: Where) -> bool:
    """Whether both ask for the same labels, and some values match both.

    One that asks for further labels is a refinement, which people mean; of other labels nobody can tell.
    """
    return first.keys() == second.keys() and all(_values_meet(first[key], second[key]) for key in first)


def _values_meet(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether one value may match both lists; a list of mere exclusions is the rest, and a list of values refines it."""
    wanted = [glob for glob in first if not glob.startswith("!")]
    others = [glob for glob in second if not glob.startswith("!")]
    if not wanted or not others:
        return not wanted and not others
    for mine, own, theirs in ((wanted, first, second), (others, second, first)):
        if not any(_SPECIAL.search(glob) for glob in mine):  # plain values can simply be tried
            return any(glob_match(theirs, value) and glob_match(own, value) for value in mine)
    return any(_begins_alike(a, b) for a in wanted for b in others)


_SPECIAL = re.compile(r"[*?\[]")


def _begins_alike(first: str, second: str) -> bool:
    one, other = _SPECIAL.split(first)[0], _SPECIAL.split(second)[0]
    return one.startswith(other) or other.startswith(one)
