"""Guesses: what was probably meant by a text that is not what it should be.

Only good for saying what to write instead; nothing that is guessed is ever used.
"""

from __future__ import annotations

import re
from decimal import Decimal

_SPOKEN = {
    "µs": "us", "usec": "us", "usecs": "us", "microsecond": "us", "microseconds": "us", "us": "us",
    "msec": "ms", "msecs": "ms", "millis": "ms", "millisecond": "ms", "milliseconds": "ms", "ms": "ms",
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d", "ring": "rings", "rings": "rings",
}  # fmt: skip
"""What people write for a unit."""

_MANY = {"week": ("7", "d"), "weeks": ("7", "d"), "w": ("7", "d"), "wk": ("7", "d"), "wks": ("7", "d"),
         "month": ("30", "d"), "months": ("30", "d"), "year": ("365", "d"), "years": ("365", "d")}  # fmt: skip
"""Units that we have no word for."""

_NUMBERS = {
    "a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "fifteen": "15",
    "twenty": "20", "thirty": "30", "forty": "40", "forty-five": "45", "fifty": "50", "sixty": "60",
    "ninety": "90", "hundred": "100", "half a": "0.5", "half an": "0.5",
}  # fmt: skip

_PART = re.compile(
    r"\s*(?:([0-9]{1,9}(?:[.,][0-9]{1,9})?)|(half an?|[a-z]+(?:-five)?)\s)\s*-?([A-Za-zµ]+)\.?(?:\s*(?:,|\band\b))?"
)


def meant_duration(text: str) -> list[tuple[str, str]]:
    """(number, unit) of each part of ``10 mins``, ``1 hour and 30 minutes``, ``one minute``; [] for no idea."""
    parts: list[tuple[str, str]] = []
    position, text = 0, text.strip()[:100]
    while position < len(text):
        part = _PART.match(text if text != text.upper() else text.lower(), position)
        number = None if part is None else part[1] or _NUMBERS.get(part[2])
        if part is None or number is None:
            return []
        word = part[3].lower()
        factor, unit = _MANY.get(word, ("1", _SPOKEN.get(word, "")))
        if not unit:
            return []
        parts.append((f"{Decimal(number.replace(',', '.')) * Decimal(factor):f}", unit))
        position = part.end()
    return parts


def meant_percent(text: str) -> str | None:
    """``95%`` for ``95 %``, ``95 percent``, ``95,5%``, ``95/100``; None for no idea."""
    found = re.fullmatch(
        r"\s*([0-9]{1,3})(?:[.,]([0-9]{1,9}))?\s*(?:%|percent|per cent|pct|p\.c\.|/\s*100)\s*", text.lower()
    )
    if found is None:
        return None
    number = Decimal(f"{found[1]}.{found[2] or 0}")
    return f"{number.normalize():f}%" if number <= 100 else None


def meant_whole(text: str) -> int | None:
    """20 for ``020``, ``20.0``, ``1_000``, ``1,000``, ``+20``; None for no idea."""
    plain = re.sub(r"(?<=[0-9])[_,' ](?=[0-9]{3})", "", text.strip().removeprefix("+"))
    found = re.fullmatch(r"([0-9]{1,18})(?:\.0+)?", plain, re.ASCII)
    return None if found is None else int(found[1])


_LOCAL = re.compile(r"(localhost|[^/]*:[0-9]{1,5}$|[^/]*:[0-9]{1,5}/|[0-9.]+$|[0-9.]+/|\[[0-9a-fA-F:]+\])")


def meant_url(text: str) -> str | None:
    """The address with its scheme; None where nothing like an address stands.

    A port, a number or this machine is spoken to by http, as Alertmanager and this daemon are; a name
    is a page, and pages are read by https.
    """
    bare = text.strip()
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)/{0,2}(.*)", bare)
    if found is not None:
        scheme, rest = found[1].lower(), found[2]
        if scheme in ("javascript", "data", "vbscript", "file", "mailto", "tel") or not rest:
            return None
        return f"{'http' if scheme == 'http' else 'https'}://{rest}"
    if not bare or not re.match(r"[A-Za-z0-9\[]", bare):
        return None
    return ("http://" if _LOCAL.match(bare) else "https://") + bare
