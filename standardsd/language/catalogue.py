"""``rules/README.md``: which pack holds what, and which standard watches what customers expect.

A pure function of texts: the loaded packs and the rows of ``rules/expectations.csv`` and
``rules/figures.csv``.  What does not fit together is said by ``mistakes`` and never
written over: every expectation is watched by a standard that exists, or says why not.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from standardsd.model.standard import Standard

HEAD = """\
# Rule packs

<!-- Generated from the packs, expectations.csv and figures.csv; `UPDATE=1 ./x test tests/packs` writes it anew. -->

Promises in our own words, ready to be taken: `rules: [shipped:hotel/front-desk]` in the configuration names one
pack, `shipped:hotel` a whole folder. A house makes a pack its own with a file that says `extends:` and its set, and
then only what is different ([how](../docs/rules.md)). All packs can run side by side.

- Each standard carries examples that are run: one kept, one broken, as near to the limit as it gets.
- Calendars are in UTC, with hours that fit nobody in particular: a house puts its own in their place.
- `department`, `queue`, `channel` and the like are labels that a source's configuration gives its readings.
- A published figure stands behind a promise where there is one; *house rule* says that the number is ours.
"""


@dataclass(frozen=True)
class Expectation:
    """One thing customers expect.  Either ``standards`` (ids) watch it, or ``why_not`` says what speaks against it."""

    id: str
    text: str
    standards: tuple[str, ...]
    why_not: str


@dataclass(frozen=True)
class Figure:
    """A published figure, as published: ``value`` and ``unit`` may hold several, ``share`` is how often."""

    id: str
    text: str
    op: str
    value: str
    unit: str
    share: str
    source: str


@dataclass(frozen=True)
class Pack:
    """One rule file that is shipped.  ``path`` as a link from ``rules/``."""

    path: str
    title: str
    standards: tuple[Standard, ...]


def read_expectations(text: str) -> tuple[Expectation, ...]:
    """The rows of ``expectations.csv``; KeyError where a column is missing."""
    return tuple(
        Expectation(row["id"], row["expectation"], tuple(row["standards"].split()), row["why_not"])
        for row in csv.DictReader(text.splitlines())
    )


def read_figures(text: str) -> tuple[Figure, ...]:
    """The rows of ``figures.csv``; KeyError where a column is missing."""
    names = ("id", "figure", "op", "value", "unit", "share", "kind_of_source")
    return tuple(Figure(*(row[name] for name in names)) for row in csv.DictReader(text.splitlines()))


def mistakes(
    packs: Sequence[Pack], expectations: Iterable[Expectation], figures: Sequence[Figure]
) -> list[str]:
    """What does not fit together, one sentence each: ids that do not exist, rows that say nothing or too much."""
    ids = {standard.id for pack in packs for standard in pack.standards}
    found = []
    for row in expectations:
        if bool(row.standards) == bool(row.why_not):
            found.append(f"{row.id}: needs either standards or why_not")
        found += [f"{row.id}: there is no standard {name}" for name in row.standards if name not in ids]
    known = {figure.id for figure in figures}
    cited = {standard.because.figure for pack in packs for standard in pack.standards} - {None}
    found += [f"{pack.path}: {one.id} cites {one.because.figure}, which figures.csv does not have"
              for pack in packs for one in pack.standards
              if one.because.figure is not None and one.because.figure not in known]  # fmt: skip
    found += [f"figures.csv: nothing cites {figure.id}" for figure in figures if figure.id not in cited]
    return found


def catalogue(packs: Sequence[Pack], expectations: Sequence[Expectation], figures: Sequence[Figure]) -> str:
    """The whole page; ``mistakes`` must have found nothing."""
    where = {standard.id: pack.path for pack in packs for standard in pack.standards}
    parts = [
        HEAD,
        _packs(packs),
        _watched(expectations, where),
        _unwatched(expectations),
        _figures(packs, figures),
    ]
    return "\n".join(parts)


def _packs(packs: Iterable[Pack]) -> str:
    rows = [
        (f"[{pack.path.removesuffix('.yaml')}]({pack.path})", pack.title, str(len(pack.standards)))
        for pack in packs
    ]
    return "## The packs\n\n" + _table(("pack", "what it is about", "standards"), rows)


def _watched(expectations: Iterable[Expectation], where: Mapping[str, str]) -> str:
    rows = [
        (row.id, row.text, ", ".join(f"[{name}]({where[name]})" for name in row.standards))
        for row in expectations
        if row.standards
    ]
    return "## What customers expect, and what watches it\n\n" + _table(
        ("", "expectation", "watched by"), rows
    )


def _unwatched(expectations: Iterable[Expectation]) -> str:
    rows = [(row.id, row.text, row.why_not) for row in expectations if not row.standards]
    return "## What no standard watches\n\n" + _table(("", "expectation", "why not"), rows)


def _figures(packs: Iterable[Pack], figures: Iterable[Figure]) -> str:
    """Each figure with the standards that cite it."""
    cited: dict[str, list[str]] = {}
    for pack in packs:
        for standard in pack.standards:
            cited.setdefault(standard.because.figure or "", []).append(f"[{standard.id}]({pack.path})")
    rows = [(one.id, one.text, _published(one), one.source, ", ".join(cited[one.id])) for one in figures]
    head = ("", "figure", "as published", "kind of source", "cited by")
    return "## Published figures\n\n" + _table(head, rows)


def _published(figure: Figure) -> str:
    """``<= 20 s in 80 %``; a share of everything, or none, is not said."""
    shares = figure.share.split(" / ") if figure.share not in ("", "1.0") else []
    often = " / ".join(f"{float(share) * 100:.0f}" for share in shares)
    words = [figure.op, figure.value, figure.unit, f"in {often} %" if often else ""]
    return " ".join(word for word in words if word)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
