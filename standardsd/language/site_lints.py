"""Rules against the sites of the configuration: a time of day where nobody says in which zone it is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from standardsd.language.origins import Origins
from standardsd.language.problems import Level, Problem, quoted
from standardsd.model.clock import BySite
from standardsd.model.config import Site
from standardsd.model.promise import Grid, Until
from standardsd.model.standard import Standard, glob_match

shown_max = 3
"""Sites that one message names; it counts the others."""


def lint_zones(
    standards: Iterable[Standard],
    origins: Mapping[str, Origins],
    sites: Sequence[Site],
    problems: list[Problem],
) -> None:
    """``until`` at sites without a time zone, which is not judged there; told once a standard, at its promise.

    Not where the standard's calendar has a zone, nor of sites that ``where`` leaves out.  By the clock of the
    site a site without a calendar is not judged either; that has been told of the clock.
    """
    zoneless = [site.name for site in sites if site.timezone is None]
    if not zoneless:
        return
    for standard in standards:
        if standard.zones.everywhere is not None or isinstance(standard.clock, BySite) or not _wall(standard):
            continue
        wanted = standard.where.get("site")
        there = [name for name in zoneless if wanted is None or glob_match(wanted, name)]
        if there:
            place = origins[standard.id]["promise"].place
            assert place is not None, standard.id
            has = "has" if len(there) == 1 else "have"
            said = f"{_listed(there)} {has} no time zone, so the time of day is not judged there"
            problems.append(place.problem(said, "add timezone: under sites:", Level.LINT))


def _wall(standard: Standard) -> bool:
    """Whether a time of day is promised."""
    promise = standard.promise
    rows = (*promise.rows.values(), promise.other) if isinstance(promise, Grid) else (promise,)
    return any(isinstance(row, Until) for row in rows)


def _listed(names: Sequence[str]) -> str:
    shown = [quoted(name) for name in names[:shown_max]]
    if more := len(names) - len(shown):
        shown.append(f"{more} more sites" if more > 1 else "1 more site")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
