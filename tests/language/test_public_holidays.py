"""Public holidays of countries: the days that operators know, and what the package leaves to them."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import metadata

import pytest

from standardsd.language.opening import materialise
from standardsd.language.public_holidays import holidays_version, public_holidays
from standardsd.language.zones import zone
from standardsd.model.calendar import Calendar
from standardsd.model.weeks import FIRST_DAY, LAST_DAY

KNOWN = [
    # country, subdivision, categories, date, whether it is a holiday, why
    ("RO", None, (), "2026-12-01", True, "the national day"),
    ("RO", None, (), "2026-04-13", True, "Orthodox Easter Monday"),
    ("RO", None, (), "2026-04-06", False, "Western Easter Monday"),
    ("DE", None, (), "2026-01-06", False, "Epiphany is none in all of Germany"),
    ("DE", "BY", (), "2026-01-06", True, "but in Bavaria"),
    ("DE", "Bayern", (), "2026-01-06", True, "by name"),
    ("DE", "BY", (), "2026-08-15", False, "Assumption is one of the catholic parts only"),
    ("DE", "BY", ("public", "catholic"), "2026-08-15", True, "where that is asked for"),
    ("US", None, (), "2026-07-03", True, "the 4th is a Saturday: the day off is Friday"),
    ("GB", "SCT", (), "2026-11-30", True, "St Andrew's Day"),
    ("GB", "ENG", (), "2026-11-30", False, "not in England"),
    ("TR", None, (), "2026-10-28", False, "a half day is open as usual"),
    ("TR", None, ("public", "half_day"), "2026-10-28", True, "unless it is asked for"),
    ("HU", None, (), "2026-08-21", True, "the bridge before a weekend"),
    ("HU", None, (), "2026-08-08", False, "the Saturday that is worked for it does not open by itself"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("country", "part", "categories", "day", "is_one", "why"), KNOWN, ids=[k[-1] for k in KNOWN]
)
def test_a_day_is_a_holiday_or_not(
    country: str, part: str | None, categories: tuple[str, ...], day: str, is_one: bool, why: str
) -> None:
    found = public_holidays(country, subdivision=part, categories=categories)
    assert (date.fromisoformat(day) in found) == is_one, why


@pytest.mark.parametrize("country", ["RO", "JP", "IN", "AE", "IR", "HK", "CN"])
def test_holidays_are_in_order_and_within_the_years_of_calendars(country: str) -> None:
    """Also of countries whose holidays the package does not know that far; it warns, and we do not."""
    found = public_holidays(country)
    assert list(found) == sorted(set(found))
    assert FIRST_DAY <= found[0] <= date(2002, 1, 1)
    assert date(2034, 1, 1) <= found[-1] <= LAST_DAY


def test_a_holiday_drops_what_starts_on_it_and_no_more() -> None:
    """2026-01-01 in Bucharest: the night of New Year's Eve runs on into it, its own hours are dropped."""
    nights = ((0, 120), (1_320, 1_800))
    calendar = Calendar("night", zone("Europe/Bucharest"), (nights,) * 7, public_holidays("RO"))
    hours, bucharest = materialise(calendar), zone("Europe/Bucharest")
    new_year, third = bucharest.midnight(date(2026, 1, 1)), bucharest.midnight(date(2026, 1, 3))
    assert hours.elapsed(new_year, third) == timedelta(hours=6)  # until 06:00 on the 1st; the 2nd is one, too
    assert hours.is_open(new_year)


def test_the_version_is_the_packages() -> None:
    assert holidays_version() == metadata.version("holidays")
