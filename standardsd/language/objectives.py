"""How often a promise must be kept: ``objective``, a share over a window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader
from standardsd.language.tree import Items, Node
from standardsd.language.windows import read_window
from standardsd.language.words import Wrong, date_word, percent, whole
from standardsd.model.measure import Calendar, CalendarUnit
from standardsd.model.objective import Objective, Target
from standardsd.model.zone import Zone

min_count_max = 1_000_000
"""More verdicts than this in one window are never reached, and the share would stay unknown."""

targets_max = 1_000

PERIODS_MAX = {CalendarUnit.DAY: 366, CalendarUnit.WEEK: 53, CalendarUnit.MONTH: 13, CalendarUnit.QUARTER: 4}
"""Windows in a row, a year of them: every verdict of all of them is kept."""

OBJECTIVE_KEYS = ("at_least", "over", "min_count", "periods", "zone", "targets")
_EXAMPLES = {"at_least": "95%", "over": "30d"}


def read_objective(node: Node, zone_of: Callable[[str], Zone], problems: list[Problem]) -> Objective | None:
    """None when it is wrong; that has been told.  ``zone_of``: raises ``Wrong`` for a name that is no zone."""
    reader = Reader(node, "an objective", problems, optional=OBJECTIVE_KEYS)
    if reader.broken:
        return None
    if "at_least" in reader and "targets" in reader:
        said = "an objective has either at_least or targets"
        reader.tell(reader.at_key("targets"), said, "write at_least as a first target, from the day it began")
    for key in ("at_least", "over"):
        if reader.lacks(key) and not (key == "at_least" and "targets" in reader):
            reader.tell(reader.place, f"an objective has no {key}", f"add {key}: {_EXAMPLES[key]}")
    at_least = reader.value("at_least", share_target)
    targets = _targets(reader, problems)
    over = read_window(reader, problems)
    min_count = reader.value("min_count", _min_count)
    periods = reader.value("periods", positive)
    zone = reader.value("zone", zone_of)
    if over is None or (at_least is None and not targets):
        return None
    rolling = not isinstance(over, Calendar)
    if rolling and periods is not None and periods > 1:
        said = "periods are counted in windows of the calendar, and this one is rolling"
        reader.tell(
            reader.at("periods"), said, "write over: day, week, month or quarter, or leave periods out"
        )
    elif isinstance(over, Calendar) and periods is not None and periods > PERIODS_MAX[over.unit]:
        most = PERIODS_MAX[over.unit]
        reader.tell(reader.at("periods"), f"{periods} windows in a row are too many", f"write at most {most}")
    if rolling and zone is not None:
        said = "zone does nothing here: a rolling window has no midnight"
        reader.tell(reader.at_key("zone"), said, "leave it out, or write over: day", Level.LINT)
    return Objective(
        at_least if not targets else None,
        over,
        1 if min_count is None else min_count,
        1 if periods is None else periods,
        targets,
        None if rolling else zone,
    )


def _targets(reader: Reader, problems: list[Problem]) -> tuple[Target, ...]:
    """``[{from: date, at_least: %}]``, each from another day; in the order of the days."""
    found: dict[date, Target] = {}
    node = reader.node("targets")
    items = reader.list_of("targets")
    if isinstance(node, Items) and not 1 <= len(node.items) <= targets_max:
        said = f"{len(node.items)} targets"
        reader.tell(
            node.place, said, f"write 1 to {targets_max}, such as [{{from: 2026-01-01, at_least: 95%}}]"
        )
        return ()
    for item in items:
        one = Reader(item, "a target", problems, required=("from", "at_least"))
        since, share = one.value("from", date_word), one.value("at_least", share_target)
        if since is None or share is None:
            continue
        if since in found:
            one.tell(one.at("from"), f"two targets from {since} on", "leave one of them out")
        found[since] = Target(since, share)
    return tuple(found[since] for since in sorted(found))


def share_target(text: str) -> float:
    """A share that must be kept: more than nothing, at most everything."""
    share = percent(text)
    if share == 0:
        raise Wrong(f"{quoted(text)} is kept by everything", "write the share that must be kept, such as 95%")
    return share


def positive(text: str) -> int:
    number = whole(text, least=1)
    if number < 1:
        raise Wrong(f"{quoted(text)} is too few", "write 1 or more")
    return number


def _min_count(text: str) -> int:
    number = positive(text)
    if number > min_count_max:
        raise Wrong(f"{quoted(text)} verdicts are never reached", f"write at most {min_count_max}")
    return number
