"""`rules/README.md` is what is generated, and the promises are those of the figures they cite."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest

from standardsd.language.catalogue import Expectation, Figure, catalogue, mistakes
from standardsd.model.promise import Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.standard import Standard
from tests.packs.shelf import RULES, expectations, figures, packs

PAGE = RULES / "README.md"


def test_the_page_is_what_is_generated() -> None:
    generated = catalogue(packs(), expectations(), figures())
    if os.environ.get("UPDATE"):
        PAGE.write_text(generated, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == generated, "run: UPDATE=1 ./x test tests/packs"


def test_expectations_figures_and_standards_fit_together() -> None:
    assert mistakes(packs(), expectations(), figures()) == []


def test_every_expectation_has_its_row() -> None:
    assert [row.id for row in expectations()] == [f"F{number:02}" for number in range(1, 94)]
    text = PAGE.read_text(encoding="utf-8")
    for row in expectations():
        (line,) = [one for one in text.splitlines() if one.startswith(f"| {row.id} |")]
        assert row.text in line
        assert all(f"[{name}]" in line for name in row.standards) and row.why_not in line


GOOD = Expectation("F01", "a greeting", ("greet-within-60s",), "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (GOOD, None),
        (replace(GOOD, standards=("greet-within-6s",)), "F01: there is no standard greet-within-6s"),
        (replace(GOOD, standards=()), "F01: needs either standards or why_not"),
        (replace(GOOD, why_not="nobody can"), "F01: needs either standards or why_not"),
        (replace(GOOD, standards=(), why_not="nobody can"), None),
    ],
)
def test_a_row_that_says_nothing_or_too_much_is_found(row: Expectation, said: str | None) -> None:
    assert mistakes(packs(), [row], figures()) == ([] if said is None else [said])


def test_a_figure_that_is_missing_or_idle_is_found() -> None:
    kept = [figure for figure in figures() if figure.id != "H01"]
    idle = Figure("H99", "", "", "", "", "", "")
    found = mistakes(packs(), [], [*kept, idle])
    assert found == [
        "hotel/front-desk.yaml: greet-within-60s cites H01, which figures.csv does not have",
        "figures.csv: nothing cites H99",
    ]


# --- the promise is that of the figure -------------------------------------------------------

SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600, "bh": 3600, "d": 86_400, "day": 86_400, "days": 86_400,
           "wk": 604_800, "weeks": 604_800, "rings": 3.3}  # fmt: skip
OPEN_DAYS = {"wd", "bd"}

OTHERWISE = {
    "holds-together-within-60s": "two holds of the published length",
    "few-callers-give-up": "the hour only bounds what is kept open; the figure is the objective",
    "repair-taken-on-same-day": "the same day ends at midnight",
    "same-repair-not-twice-a-week": "the figure is the window, in which there is no second one",
    "washrooms-looked-after-every-2h": "published as every few hours",
    "settled-at-the-first-contact": "the figure is the objective",
    "satisfied-customers": "the figure is the objective",
    "desk-phone-within-3-rings": "ten seconds or three rings, and this says rings",
    "rings-at-most-6": "twenty seconds or six rings, and this says rings",
    "office-call-within-20s": "twenty seconds or six rings, and this says rings",
    "fault-repaired-within-1bd": "the next working day",
}
"""Standards whose limit is not a number of their figure, and why."""

SHARE_OF_CUSTOMERS = {"C16", "C17", "C18", "C19", "C20", "C21", "C22"}
"""Here the share is of those who expect it, not of the promises kept."""


def published(figure: Figure) -> set[tuple[float, str]]:
    """Every number of the figure: (number, "" | "bd" | "clock"), times in seconds."""
    found: set[tuple[float, str]] = set()
    units = [part.strip() for part in figure.unit.split("/")]
    for number, unit in re.findall(r"(\d+(?:\.\d+)?)\s*([a-z]+|%)?", figure.value.replace(":", ".")):
        unit = unit or units[0]
        if unit in SECONDS:
            found.add((round(float(number) * SECONDS[unit], 6), ""))
        elif unit in OPEN_DAYS:
            found.add((float(number), "bd"))
        elif unit == "local":
            found.add((float(number), "clock"))
        elif unit == "%":
            found |= {(float(number) / 100, ""), (float(number), "")}
        else:
            found.add((float(number), ""))
    return found


def promised(promise: Simple | Grid) -> set[tuple[float, str]]:
    """Every number of a promise, zero left out."""
    match promise:
        case Grid(rows=rows, other=other):
            return set().union(*map(promised, [*rows.values(), *([] if other is None else [other])]))
        case Promise(limit=limit):
            numbers = {(limit.total_seconds(), "")}
        case OpenDays(days=days):
            numbers = {(float(days), "bd")}
        case Until(wall=wall):
            numbers = {(wall.hour + wall.minute / 100, "clock")}
        case Between(lowest=low, highest=high):
            numbers = {(abs(low.total_seconds()), ""), (abs(high.total_seconds()), "")}
        case Limits(lowest=low, highest=high):
            numbers = {(abs(n), "") for n in (low, high) if n is not None}
    return {number for number in numbers if number[0]}


def of_figures() -> list[tuple[Standard, Figure]]:
    known = {figure.id: figure for figure in figures()}
    return [
        (one, known[one.because.figure]) for pack in packs() for one in pack.standards if one.because.figure
    ]


def test_every_number_promised_is_one_of_its_figure() -> None:
    for standard, figure in of_figures():
        if standard.id in OTHERWISE:
            continue
        numbers = promised(standard.promise)
        assert numbers and numbers <= published(figure), f"{standard.id}: {numbers} is not {figure.value}"


def test_every_exception_is_one() -> None:
    ids = {
        standard.id
        for standard, figure in of_figures()
        if not promised(standard.promise) <= published(figure)
    }
    assert ids == OTHERWISE.keys()


def test_a_published_share_is_the_objective() -> None:
    """Of several shares it is one; a figure that says always leaves the objective to the house."""
    for standard, figure in of_figures():
        shares = {float(share) for share in re.findall(r"\d+\.\d+", figure.share)} - {1.0}
        if not shares or figure.id in SHARE_OF_CUSTOMERS or standard.is_number:
            continue
        assert standard.objective is not None
        assert standard.objective.at_least in shares | ({0.95} if "1.0" in figure.share else set()), (
            standard.id
        )


def test_a_published_less_than_is_under() -> None:
    for standard, figure in of_figures():
        if figure.op == "<" and isinstance(standard.promise, Limits):
            assert not standard.promise.highest_in, standard.id
