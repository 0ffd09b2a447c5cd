"""Rule files for tests: one standard, key by key, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from textwrap import indent

from standardsd.language.problems import Problem, errors, render
from standardsd.language.rules import Loaded, load_rules
from standardsd.model.config import Site
from standardsd.model.promise import Promise
from standardsd.model.standard import Standard

HEAD = "version: 1\nset: house\n"

DESK = 'version: 1\nset: house\ncalendars: {desk: {timezone: Europe/Lisbon, weekly: {mon-fri: ["09:00-17:00"]}}}\n'
"""A calendar of 40 hours a week; the first standard stands one line lower than with ``HEAD``."""

PLAIN = {
    "id": "greet",
    "title": "Greeted within a minute",
    "of": "visit",
    "measure": "{from: arrived, to: greeted}",
    "promise": "{within: 60s}",
}


def standard(**keys: str) -> str:
    """A greeting with keys replaced or added, in the order of ``PLAIN`` and then as given; "" leaves a key out."""
    return "".join(f"{key}: {value}\n" for key, value in {**PLAIN, **keys}.items() if value)


def file(*standards: str, head: str = HEAD) -> str:
    """A rule file.  With ``HEAD`` the first line of the first standard is the fourth of the file, column 5."""
    listed = "".join(f"  - {indent(one, '    ')[4:]}" for one in standards or (standard(),))
    return f"{head}standards:\n{listed}"


def load(*texts: str, sites: Sequence[Site] | None = None, today: date | None = None) -> Loaded:
    """All texts together, called a.yaml, b.yaml, …"""
    files = [(f"{chr(97 + number)}.yaml", text.encode()) for number, text in enumerate(texts)]
    return load_rules(files, sites=sites, today=today)


def only(loaded: Loaded) -> Standard:
    """The one standard of a file in which nothing is wrong."""
    assert loaded.book is not None, render(loaded.problems)
    assert len(loaded.book.standards) == 1
    return loaded.book.standards[0]


def the_error(loaded: Loaded) -> Problem:
    """The one error of a file."""
    found = errors(loaded.problems)
    assert len(found) == 1, render(loaded.problems)
    assert loaded.book is None
    return found[0]


def said(problem: Problem) -> str:
    """Place, message and fix in one line, as tables have them."""
    return f"{problem.line}:{problem.column} {problem.text} -> {problem.fix}"


def limit_of(standard: Standard) -> timedelta:
    """The time that a standard promises."""
    assert isinstance(standard.promise, Promise), standard.promise
    return standard.promise.limit
