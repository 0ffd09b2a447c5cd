"""Quantities: what a promise can be compared with.  Durations, signed ones, open days, numbers, shares.

A duration of a standard is read by that standard's clock: on a calendar ``d`` is refused,
because people mean different things by a day there.  Nothing is ever rounded: what is
finer than a microsecond, or than a float can hold, is refused.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from standardsd.language.problems import quoted
from standardsd.language.spoken import duration_text
from standardsd.language.words import UNITS, Wrong, duration

open_days_max = 3_660
"""Ten years of every day: a calendar that does not open for ten years is never open again."""

number_digits_max = 15
"""Digits before and after the point, together at most what a double holds exactly."""

ring_max = timedelta(seconds=60)
"""The longest ring of any telephone network is six seconds; a minute is a slip."""


class Unit(StrEnum):
    """What a number is counted in."""

    PLAIN = "number"
    SHARE = "share"
    TIME = "duration"


SIGN = {Unit.PLAIN: "", Unit.SHARE: "%", Unit.TIME: "s"}
"""How people read it: ``Limits.unit``."""

EXAMPLES = {Unit.PLAIN: "5", Unit.SHARE: "95%", Unit.TIME: "10m"}


class Times(Struct, frozen=True):
    """How the durations of one standard are read.  ``calendar``: its clock stands still at times."""

    calendar: bool = False
    ring: timedelta = timedelta(seconds=float(UNITS["rings"]))

    def length(self, text: str, *, or_open_days: bool = False) -> timedelta:
        """A duration ≥ 0 on the standard's clock.  ``or_open_days``: they could stand there, too."""
        found = duration(text, Decimal(self.ring // timedelta(microseconds=1)) / 1_000_000)
        if self.calendar and _DAYS.search(text):
            raise self._days(text, found, or_open_days)
        return found

    def positive(self, text: str) -> timedelta:
        """A duration longer than 0 on the standard's clock."""
        length = self.length(text)
        if not length:
            raise Wrong(f"{quoted(text)} is no time at all", "write a duration longer than 0, such as 30s")
        return length

    def signed(self, text: str) -> timedelta:
        """A duration with or without a sign in front: ``-2m``, ``2m``, ``+2m``."""
        negative = text.startswith("-")
        length = self.length(text.lstrip("+-") if text[:1] in ("+", "-") else text)
        return -length if negative else length

    def _days(self, text: str, length: timedelta, or_open_days: bool) -> Wrong:
        whole = re.fullmatch(r"([0-9]+)d", text)
        days = f", or {whole[1]}bd if open days are meant" if whole and or_open_days else ""
        said = f"{quoted(text)}: d is 24 hours, and on a calendar people mean different things by a day"
        return Wrong(said, f"write {_in_hours(length)} if open hours are meant{days}")


_DAYS = re.compile(r"[0-9]d")
_OPEN_DAYS = re.compile(r"([0-9]{1,9})bd", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)


def _in_hours(length: timedelta) -> str:
    hours, rest = divmod(length, timedelta(hours=1))
    return f"{hours}h{duration_text(rest) if rest else ''}"


def ring(text: str) -> timedelta:
    """How long one ring is."""
    length = duration(text)
    if not timedelta(0) < length <= ring_max:
        raise Wrong(f"{quoted(text)} is not the length of a ring", "write it as 3.3s or 6s")
    return length


def open_days(text: str) -> int | None:
    """``5bd`` → 5; None: it is no count of open days."""
    if not text.endswith("bd"):
        return None
    found = _OPEN_DAYS.fullmatch(text)
    if found is None:
        raise Wrong(
            f"{quoted(text)} is not a count of open days", "write a whole number of them, such as 5bd"
        )
    days = int(found[1])
    if not 1 <= days <= open_days_max:
        raise Wrong(f"{quoted(text)} is not a count of open days", f"write 1bd to {open_days_max}bd")
    return days


def wall_time(text: str) -> time:
    """``14:00`` or ``14:00:30``: a time of day on the wall, from 00:00 to 23:59:59."""
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?", text, re.ASCII)
    if found is None:
        near = re.fullmatch(r"([0-9]):([0-5][0-9])", text, re.ASCII)
        fix = f'write "0{text}"' if near else 'write it as "14:00", in 24 hours'
        if text == "24:00":
            fix = 'write "00:00", the midnight that follows'
        raise Wrong(f"{quoted(text)} is not a time of day", fix)
    return time(int(found[1]), int(found[2]), int(found[3] or 0))


def number(text: str) -> float:
    """A plain number, with or without a sign: ``12``, ``-3.5``."""
    if not _NUMBER.fullmatch(text):
        raise Wrong(f"{quoted(text)} is not a number", "write digits, such as 12, -3 or 4.5")
    if sum(c.isdigit() for c in text) > number_digits_max:
        raise Wrong(f"{quoted(text)} has too many digits", f"write at most {number_digits_max}")
    return float(Decimal(text)) + 0.0  # no negative zero


def signed_share(text: str) -> float:
    """``-5%`` … ``95%`` as −0.05 … 0.95; at most 100 % either way; only 0 needs no sign of percent."""
    if text == "0":
        return 0.0
    body = text.removesuffix("%")
    if not _NUMBER.fullmatch(body) or body == text:
        meant = (
            f"write {body}%" if _NUMBER.fullmatch(body) else "write a number with a percent sign, such as 95%"
        )
        if _NUMBER.fullmatch(body) and "." in body and abs(Decimal(body)) <= 1:
            meant = f"write {(Decimal(body) * 100).normalize():f}%"
        what = "has no unit" if _NUMBER.fullmatch(body) else "is not a share"
        raise Wrong(f"{quoted(text)} {what}", meant)
    share = Decimal(body) / 100
    if abs(share) > 1:
        raise Wrong(f"{quoted(text)} is more than everything", "write a share up to 100%")
    return float(share) + 0.0


def unit_of(text: str) -> Unit:
    """What a text is counted in by its looks; 0 is a plain number and may be anything."""
    if text.endswith("%"):
        return Unit.SHARE
    return Unit.PLAIN if _NUMBER.fullmatch(text) else Unit.TIME


def quantity(text: str, takes: tuple[Unit, ...], times: Times) -> tuple[float, Unit | None]:
    """A number in one of the units that a measure has; its unit is None for a bare 0, which fits every one.

    Durations become seconds, shares 0 … 1.  Raises ``Wrong`` with what to write where the unit does not fit.
    """
    unit = unit_of(text)
    if text == "0":
        return 0.0, Unit.PLAIN if takes == (Unit.PLAIN,) else None
    if unit not in takes:
        if len(takes) == 1:
            unit = takes[0]  # its own words say what is wrong and what was probably meant
        elif unit is Unit.TIME:
            kinds = " or ".join(EXAMPLES[one] for one in takes)
            raise Wrong(f"{quoted(text)} is not a number for this measure", f"write it as {kinds}")
        else:
            kinds = " or ".join(EXAMPLES[one] for one in takes)
            raise Wrong(f"{quoted(text)} is not what this measure is counted in", f"write it as {kinds}")
    if unit is Unit.SHARE:
        return signed_share(text), unit
    if unit is Unit.PLAIN:
        return number(text), unit
    return times.signed(text) / timedelta(seconds=1), unit
