"""Public holidays of a country, from the package ``holidays``.

A date is a holiday when the package says so for the categories asked for; without any that is
``public``, substitute days for those that fall on a weekend included.  What a careful operator
should know: a half day is closed only when its category is asked for, and then wholly; a
Saturday that is worked in exchange for a holiday does not open by itself.  Both are what
``instead`` is for.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from importlib import metadata
from typing import Any

import holidays
from holidays.registry import COUNTRIES

from standardsd.language.problems import quoted
from standardsd.language.words import Wrong, nearest, write_one_of
from standardsd.model.weeks import FIRST_DAY, LAST_DAY


@lru_cache(maxsize=1)
def holidays_version() -> str:
    """The version of the package, such as ``0.109``."""
    return metadata.version("holidays")


@lru_cache(maxsize=1_000)
def public_holidays(
    country: str, *, subdivision: str | None = None, categories: tuple[str, ...] = ()
) -> tuple[date, ...]:
    """The holidays from 2000 to 2099, as far as the package knows them, in order.

    All three must have been checked by the functions below.  Names of holidays play no part, so neither
    does their language.
    """
    entity = _entity(country)
    years = range(max(FIRST_DAY.year, entity.start_year), min(LAST_DAY.year, entity.end_year) + 1)
    with warnings.catch_warnings():
        # It warns of years in which one of several calendars, such as a lunar one, is not known to it.
        warnings.simplefilter("ignore")
        found = entity(years=years, subdiv=subdivision, categories=categories or None)
    return tuple(sorted(day for day in found if FIRST_DAY <= day <= LAST_DAY))


def country(text: str) -> str:
    """A country by its code, such as ``RO``; a name is answered with its code."""
    if text in _codes():
        return text
    if text.upper() in _codes():
        raise Wrong(f"{quoted(text)} is not the code of a country", f"write {text.upper()}")
    near = nearest(text, COUNTRIES)
    if near is not None and len(text) > 3:
        raise Wrong(f"{quoted(text)} is not the code of a country", f"write {COUNTRIES[near][1]}")
    raise Wrong(f"no holidays are known for {quoted(text)}", "write the country's code, such as RO or GB")


def subdivision(text: str, of: str) -> str:
    """A part of a country by its code or name, such as ``BY`` or ``Bayern`` of DE."""
    entity = _entity(of)
    known: Collection[str] = (*entity.subdivisions, *entity.subdivisions_aliases)
    if text in known:
        return text
    if not known:
        raise Wrong(f"{of} has no parts with holidays of their own", "leave the key out")
    raise Wrong(f"{quoted(text)} is no part of {of}", write_one_of(text, known))


def category(text: str, of: str) -> str:
    """A category of holidays that the package has for a country, such as ``public`` or ``half_day``."""
    known = _entity(of).supported_categories
    if text in known:
        return text
    raise Wrong(f"{of} has no holidays of the category {quoted(text)}", write_one_of(text, known))


def language(text: str, of: str) -> str:
    """A language in which the package can name a country's holidays, such as ``ro``."""
    known: Collection[str] = _entity(of).supported_languages
    if text in known:
        return text
    fix = write_one_of(text, known) if known else "leave the key out"
    raise Wrong(f"the holidays of {of} are not named in {quoted(text)}", fix)


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """Two and three letters each; the registry also lists class names, which nobody would write."""
    return frozenset(code for names in COUNTRIES.values() for code in names[1:] if len(code) <= 3)


def _entity(country: str) -> Any:
    """The package's class for a country, loaded when it is first asked for."""
    return getattr(holidays, country)
