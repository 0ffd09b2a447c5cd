"""Windows: ``over`` of an objective or of a statistic.  Rolling (``30d``) or of the calendar (``month``)."""

from __future__ import annotations

from datetime import timedelta

from standardsd.language.problems import Problem, quoted
from standardsd.language.reader import Reader, read
from standardsd.language.words import Wrong, nearest, positive_duration
from standardsd.model.measure import Calendar, CalendarUnit, Rolling, Window

window_max = timedelta(days=400)
"""A year and a month: everything in the window is kept."""

CALENDAR_LENGTHS = {
    # for burn rates, which need a length (the decided, usual ones)
    CalendarUnit.DAY: timedelta(days=1),
    CalendarUnit.WEEK: timedelta(days=7),
    CalendarUnit.MONTH: timedelta(days=30),
    CalendarUnit.QUARTER: timedelta(days=91),
}


def read_window(reader: Reader, problems: list[Problem], key: str = "over") -> Window | None:
    """The window under ``key``; None when it is missing or wrong."""
    node = reader.node(key)
    return None if node is None else read(node, window, problems, key)


def window(text: str) -> Window:
    """``30m``, ``24h``, ``30d``, or ``day``, ``week``, ``month``, ``quarter``."""
    if text in tuple(CalendarUnit):
        return Calendar(CalendarUnit(text))
    near = nearest(text, tuple(CalendarUnit)) if text.isalpha() else None
    if near is not None:
        raise Wrong(f"{quoted(text)} is not a window", f"write {near}, or a length such as 30d")
    length = positive_duration(text)
    if length > window_max:
        raise Wrong(f"a window of {quoted(text)} is too long", f"write at most {window_max.days}d")
    return Rolling(length)


def length_of(over: Window) -> timedelta:
    """How long a window is; of the calendar, as long as its usual one."""
    return over.length if isinstance(over, Rolling) else CALENDAR_LENGTHS[over.unit]
