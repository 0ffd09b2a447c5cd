"""Standards about standards: ``spread`` and ``gap`` against what they name.

Those are among the standards that run, have figures of their own in the right groups, and
the promise is in the unit of the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from standardsd.language.fits import fit_of
from standardsd.language.origins import Origins
from standardsd.language.problems import Problem, quoted
from standardsd.language.quantities import SIGN, Unit
from standardsd.language.words import write_one_of
from standardsd.model.measure import Count, Gap, Nps, Rate, Repeats, Spread, Statistic
from standardsd.model.promise import AnyPromise, Grid, Limits, Simple
from standardsd.model.standard import Standard


def check_links(
    standards: Iterable[Standard], origins: Mapping[str, Origins], problems: list[Problem]
) -> list[Standard]:
    """The same standards, with the unit of a promise that was written as a bare 0; what is wrong is told."""
    known = {standard.id: standard for standard in standards}
    checked = []
    for standard in known.values():
        if isinstance(standard.measure, Spread | Gap):
            checked.append(_checked(standard, known, origins[standard.id], problems))
        else:
            checked.append(standard)
    return checked


def _checked(
    standard: Standard, known: Mapping[str, Standard], origins: Origins, problems: list[Problem]
) -> Standard:
    measure = standard.measure
    assert isinstance(measure, Spread | Gap), measure
    place = origins["measure"].place
    assert place is not None, standard.id

    def tell(said: str, fix: str) -> None:
        problems.append(place.problem(said, fix))

    named = (measure.standard,) if isinstance(measure, Spread) else (measure.first, measure.second)
    others: list[Standard] = []
    for identity in named:
        other = known.get(identity)
        if other is None:
            tell(
                f"there is no standard {quoted(identity)} among those that run", write_one_of(identity, known)
            )
        elif other is standard or isinstance(other.measure, Spread | Gap):
            tell(
                f"{quoted(identity)} is itself about standards, and has no figure to compare",
                "name another one",
            )
        else:
            others.append(other)
    if len(others) != len(named):
        return standard
    for other in others:
        wrong = _grain(standard, measure, other)
        if wrong is not None:
            tell(*wrong)
    units = {figure_unit(other) for other in others}
    if len(units) > 1:
        tell("the figures of the two standards are in different units", "compare two shares, or two times")
        return standard
    return _in_unit(standard, units.pop(), origins, problems)


def _grain(standard: Standard, measure: Spread | Gap, other: Standard) -> tuple[str, str] | None:
    """What is wrong with the groups: each figure that is compared must be the only one of its group."""
    across = (measure.across,) if isinstance(measure, Spread) else ()
    wanted = {*standard.by, *across}
    missing = sorted(wanted - set(other.by))
    if missing:
        said = f"the figures of {quoted(other.id)} are not told apart by {quoted(missing[0])}"
        if missing[0] in across:
            return (
                said,
                f"write across: {' or '.join(other.by) or 'a label'}, or add it to by: of that standard",
            )
        fitting = ", ".join(name for name in standard.by if name in other.by)
        return said, f"write by: [{fitting}], or add it to by: of that standard"
    further = sorted(set(other.by) - wanted)
    if further:
        said = f"the figures of {quoted(other.id)} are also told apart by {quoted(further[0])}: which one is meant?"
        return said, f"write by: [{', '.join(name for name in other.by if name not in across)}]"
    return None


_NUMBERS = Statistic | Count | Rate | Nps | Repeats
"""Measures whose figure is the number itself; of all others it is the share kept, or of time in limits."""


def figure_unit(standard: Standard) -> Unit:
    """What the figure of a standard is counted in."""
    if not isinstance(standard.measure, _NUMBERS):
        return Unit.SHARE
    takes = fit_of(standard.measure).takes
    if len(takes) == 1:
        return takes[0]
    said = {row.unit for row in _rows(standard.promise) if isinstance(row, Limits)}
    return next((unit for unit, sign in SIGN.items() if sign in said and sign), Unit.PLAIN)


def _rows(promise: AnyPromise) -> list[Simple]:
    if not isinstance(promise, Grid):
        return [promise]
    return [*promise.rows.values(), *(() if promise.other is None else (promise.other,))]


def _in_unit(standard: Standard, unit: Unit, origins: Origins, problems: list[Problem]) -> Standard:
    """The promise in the unit of the figure; a bare 0 takes it, another unit is told."""
    promise = standard.promise
    rows = _rows(promise)
    bare = all(_bare(row) for row in rows)
    said = {row.unit for row in rows if isinstance(row, Limits) and not _bare(row)}
    if said - {SIGN[unit]}:
        place = origins["promise"].place
        assert place is not None, standard.id
        example = {Unit.SHARE: "{at_most: 10%}", Unit.TIME: "{at_most: 2m}", Unit.PLAIN: "{at_most: 2}"}[unit]
        what = {Unit.SHARE: "shares", Unit.TIME: "times", Unit.PLAIN: "plain numbers"}[unit]
        problems.append(
            place.problem(f"the figures that are compared are {what}", f"write them so, such as {example}")
        )
    if bare and isinstance(promise, Limits):
        return replace(standard, promise=replace(promise, unit=SIGN[unit]))
    return standard


def _bare(row: Simple) -> bool:
    """Written without a unit, because it is 0."""
    return isinstance(row, Limits) and not row.unit and not any((row.lowest, row.highest))
