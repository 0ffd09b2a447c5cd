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
from standardsd.model.measure import Gap, Spread, Statistic
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
    if isinstance(measure, Spread) and measure.across not in others[0].by:
        said = f"the figures of {quoted(others[0].id)} are not told apart by {quoted(measure.across)}"
        tell(said, f"write across: {_either(others[0].by)}, or add it to by: of that standard")
    for other in others:
        missing = [name for name in standard.by if name not in other.by]
        if missing:
            said = (
                f"the figures of {quoted(other.id)} are not told apart by {quoted(missing[0])}, as these are"
            )
            tell(said, f"write by: [{', '.join(n for n in standard.by if n in other.by)}], or add it there")
    units = {unit for other in others if (unit := figure_unit(other)) is not None}
    if len(units) > 1:
        tell("the figures of the two standards are in different units", "compare two shares, or two times")
        return standard
    return _in_unit(standard, units.pop(), origins, problems) if units else standard


def _either(labels: tuple[str, ...]) -> str:
    return " or ".join(labels) or "a label"


def figure_unit(standard: Standard) -> Unit | None:
    """What the figure of a standard is counted in: a share kept, or its statistic; None: any number."""
    if not isinstance(standard.measure, Statistic):
        return Unit.SHARE
    takes = fit_of(standard.measure).takes
    return takes[0] if len(takes) == 1 else None


def _in_unit(standard: Standard, unit: Unit, origins: Origins, problems: list[Problem]) -> Standard:
    """The promise in the unit of the figure; a bare 0 takes it, another unit is told."""
    promise: AnyPromise = standard.promise
    rows: list[Simple] = [promise] if not isinstance(promise, Grid) else [*promise.rows.values()]
    if isinstance(promise, Grid) and promise.other is not None:
        rows.append(promise.other)
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
