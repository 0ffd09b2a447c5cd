"""When a standard is in force and what is waived: ``effective`` and ``waivers``.

Dates are local days: ``from`` is in, ``until`` is not.
"""

from __future__ import annotations

from datetime import date

from standardsd.language.problems import Level, Problem
from standardsd.language.reader import Reader
from standardsd.language.tree import Broken, Node
from standardsd.language.where import where_of
from standardsd.language.words import date_word
from standardsd.model.standard import Dates, Waiver

waivers_max = 1_000
"""Of one standard: each is looked at for each occurrence."""

WAIVER_REQUIRED = ("from", "until", "reason", "approved_by")


def read_effective(node: Node | None, today: date | None, problems: list[Problem]) -> Dates | None:
    """``{from: date, until: date}``, either or both."""
    if node is None or isinstance(node, Broken):
        return None
    reader = Reader(node, "effective", problems, optional=("from", "until"))
    if not reader.broken and not reader.entries():
        reader.tell(reader.place, "effective without a day", "write {from: 2026-01-01}, or leave the key out")
    dates = _dates(reader)
    if dates is not None and dates.until is not None and today is not None and dates.until <= today:
        said = f"this standard has not been in force since {dates.until}"
        reader.tell(reader.at("until"), said, "take it out of the file, or write a later day", Level.LINT)
    return dates


def read_waivers(reader: Reader, today: date | None, problems: list[Problem]) -> tuple[Waiver, ...]:
    """A list of ``{where, from, until, reason, approved_by}``; without ``where`` everything is waived."""
    items = reader.list_of("waivers")
    if len(items) > waivers_max:
        reader.tell(reader.at("waivers"), f"{len(items)} waivers", f"write at most {waivers_max}")
        return ()
    found = []
    for item in items:
        one = Reader(item, "a waiver", problems, required=WAIVER_REQUIRED, optional=("where",))
        dates = _dates(one)
        reason, approved_by = one.text("reason"), one.text("approved_by")
        where = where_of(one, problems)
        if dates is None or reason is None or approved_by is None:
            continue
        found.append(Waiver(dates, reason, approved_by, where))
        if dates.until is not None and today is not None and dates.until <= today:
            said = f"this waiver has expired: it covered what started before {dates.until}"
            one.tell(
                one.at("until"), said, "take it out of the file, or have it approved for longer", Level.LINT
            )
    return tuple(found)


def _dates(reader: Reader) -> Dates | None:
    since, until = reader.value("from", date_word), reader.value("until", date_word)
    if since is not None and until is not None and since >= until:
        said = f"no day lies from {since} on and before {until}: until is not in"
        reader.tell(reader.at("until"), said, "write the first day on which it no longer holds")
        return None
    return None if since is None and until is None else Dates(since, until)
