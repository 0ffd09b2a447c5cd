"""Yearly rules of a calendar feed (``RRULE``) → the days they name.

Holidays repeat yearly.  A rule may have INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY and BYDAY;
days within a year come from the months it names (else from the first day's month, or from the
whole year where it says which weekday), as RFC 5545 has it.  A rule finer than days, or one that
repeats otherwise than yearly, is refused.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from standardsd.language.problems import quoted
from standardsd.language.words import Wrong, write_one_of
from standardsd.model.weeks import LAST_DAY

_PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FINER = ("SECONDLY", "MINUTELY", "HOURLY")
_FINER_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND")

numbers_max = 31
"""Numbers in one list of a rule: there are no more days in a month."""

_BYDAY = re.compile(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True)
class Yearly:
    """``weekdays``: (which one in its month or year, 0 for every one; negative from the end; weekday)."""

    interval: int = 1
    count: int | None = None
    until: date | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()

    def days(self, first: date) -> Iterator[date]:
        """From ``first`` on, which counts even where the rule does not name it; up to the end of the table's years."""
        last = LAST_DAY if self.until is None else min(self.until, LAST_DAY)
        left = self.count
        for year in range(first.year, last.year + 1, self.interval):
            for day in sorted(self._of_year(year, first)):
                if day < first or day > last:
                    continue
                if left is not None:
                    if left == 0:
                        return
                    left -= 1
                yield day

    def _of_year(self, year: int, first: date) -> set[date]:
        if self.weekdays:
            found = self._by_weekday(year)
            if self.month_days:
                found &= self._by_month_day(year, range(1, 13))
            return found
        if self.month_days:
            return self._by_month_day(year, self.months or range(1, 13))
        months = self.months or (first.month,)
        return {date(year, month, first.day) for month in months if first.day <= _length(year, month)}

    def _by_month_day(self, year: int, months: tuple[int, ...] | range) -> set[date]:
        found = set()
        for month in months:
            length = _length(year, month)
            for number in self.month_days:
                day = number if number > 0 else length + 1 + number
                if 1 <= day <= length:
                    found.add(date(year, month, day))
        return found

    def _by_weekday(self, year: int) -> set[date]:
        if self.months:
            spans = [(date(year, month, 1), _length(year, month)) for month in self.months]
        else:
            spans = [(date(year, 1, 1), 366 if calendar.isleap(year) else 365)]
        found: set[date] = set()
        for begin, length in spans:
            days = [begin + timedelta(days=number) for number in range(length)]
            for which, weekday in self.weekdays:
                same = [day for day in days if day.weekday() == weekday]
                if which == 0:
                    found.update(same)
                elif abs(which) <= len(same):
                    found.add(same[which - 1 if which > 0 else which])
        return found


def read_rule(text: str) -> Yearly:
    """An RRULE's value; ``Wrong`` where it is not one that holidays can have."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().split(";"):
        key, equals, value = part.partition("=")
        if not equals or key in parts:
            raise Wrong(f"{quoted(part)} is no part of a rule", "write it as FREQ=YEARLY;BYMONTH=12")
        parts[key] = value
    frequency = parts.get("FREQ", "")
    finer = [key for key in _FINER_PARTS if key in parts]
    if frequency in _FINER or finer:
        raise Wrong("this rule is finer than days", "keep whole days in a feed of public holidays")
    if frequency != "YEARLY":
        said = f"this repeats {frequency.lower()}" if frequency else "this rule has no FREQ"
        raise Wrong(f"{said}, and holidays repeat yearly", "write FREQ=YEARLY, or closed: in the calendar")
    for key in parts:
        if key not in _PARTS:
            raise Wrong(f"the part {quoted(key)} of a rule is not read", write_one_of(key, _PARTS))
    if "COUNT" in parts and "UNTIL" in parts:
        raise Wrong("a rule has COUNT and UNTIL", "keep one of the two")
    return Yearly(
        interval=_positive(parts.get("INTERVAL", "1")),
        count=_positive(parts["COUNT"]) if "COUNT" in parts else None,
        until=compact_date(parts["UNTIL"][:8]) if "UNTIL" in parts else None,
        months=_numbers(parts.get("BYMONTH"), 1, 12),
        month_days=_numbers(parts.get("BYMONTHDAY"), -31, 31),
        weekdays=_weekdays(parts.get("BYDAY"), in_month="BYMONTH" in parts),
    )


def compact_date(text: str) -> date:
    """``20261225``."""
    if re.fullmatch(r"[0-9]{8}", text):
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise Wrong(f"{quoted(text)} is not a day", "write it as 20261225")


def _positive(text: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,4}", text):
        return int(text)
    raise Wrong(f"{quoted(text)} is not a number of times", "write a whole number from 1 to 99999")


def _numbers(text: str | None, least: int, most: int) -> tuple[int, ...]:
    if text is None:
        return ()
    words = text.split(",")
    if len(words) <= numbers_max and all(re.fullmatch(r"[+-]?[0-9]{1,2}", word) for word in words):
        numbers = tuple(int(word) for word in words)
        if all(least <= number <= most and number for number in numbers):
            return numbers
    raise Wrong(f"{quoted(text)} are not numbers from {least} to {most} without 0", "write them as 1,2,3")


def _weekdays(text: str | None, *, in_month: bool) -> tuple[tuple[int, int], ...]:
    if text is None:
        return ()
    found = [_BYDAY.fullmatch(word) for word in text.split(",")[: numbers_max + 1]]
    weekdays = [(int(one[1] or 0), _WEEKDAYS.index(one[2])) for one in found if one is not None]
    most = 5 if in_month else 53
    if len(weekdays) != len(found) or len(found) > numbers_max or any(abs(n) > most for n, _ in weekdays):
        raise Wrong(f"{quoted(text)} are not weekdays", "write them as 4TH, or -1MO for the last Monday")
    return tuple(weekdays)


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
