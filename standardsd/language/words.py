"""Words: the small texts that stand in rule, exporter and configuration files.

Each function takes the text as written and returns the value, or raises ``Wrong`` with
a message and what to write instead.  Nothing here knows of files or places; ``tree``
adds those.  Digits are ASCII digits only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches

from standardsd.language.guesses import meant_duration, meant_percent, meant_url, meant_whole
from standardsd.language.problems import quoted

duration_days_max = 36_500
"""A hundred years: longer is a slip of the keyboard, and calendars end at year 9999."""

digits_max = 18
"""Digits of one number: more than any unit needs, few enough to compute exactly."""


class Wrong(ValueError):
    """A text is not what it should be; ``fix`` says what to write instead."""

    def __init__(self, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.fix = fix


UNITS: dict[str, Decimal] = {
    # unit    seconds
    "us": Decimal("0.000001"),
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86_400),  # always 24 hours: with a calendar people mean different things by it
    "rings": Decimal("3.3"),  # STANDARDS.md §2: one ring of a phone
}

_NUMBER = rf"[0-9]{{1,{digits_max}}}(?:\.[0-9]{{1,{digits_max}}})?"
_PART = re.compile(rf"({_NUMBER})(us|ms|rings|bd|s|m|h|d)")
_UNITS_HELP = "units are us, ms, s, m, h, d, rings, without a space"


def duration(text: str, ring: Decimal = UNITS["rings"]) -> timedelta:
    """A length of time ≥ 0: ``60s``, ``1h30m``, ``1.5h``, ``6rings``; only 0 needs no unit.

    ``d`` is 24 hours.  Parts stand from the longest unit to the shortest, each once.
    Finer than a microsecond is refused, never rounded.  ``ring``: seconds of one ring.
    """
    if text == "0":
        return timedelta(0)
    parts = _parts(text)
    if parts is None:
        raise _not_a_duration(text)
    if any(unit == "bd" for _, unit in parts):
        raise Wrong(
            f"{quoted(text)} counts open days of a calendar, which only within: and under: of a case can",
            "write a time on the clock, such as 8h",
        )
    sizes = [UNITS[unit] for _, unit in parts]
    if sizes != sorted(set(sizes), reverse=True):
        raise Wrong(f"{quoted(text)} names its units out of order or twice", f"write {_joined(parts)}")
    lengths = {**UNITS, "rings": ring}
    return _microseconds(text, sum((Decimal(number) * lengths[unit] for number, unit in parts), Decimal(0)))


def positive_duration(text: str) -> timedelta:
    """A duration longer than 0."""
    length = duration(text)
    if not length:
        raise Wrong(f"{quoted(text)} is no time at all", "write a duration longer than 0, such as 30s")
    return length


def _parts(text: str) -> list[tuple[str, str]] | None:
    found, position = [], 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            return None
        found.append((part[1], part[2]))
        position = part.end()
    return found or None


def _joined(parts: Iterable[tuple[str, str]]) -> str:
    """The parts in order, each unit once; numbers of one unit added up."""
    sums: dict[str, Decimal] = {}
    for number, unit in parts:
        sums[unit] = sums.get(unit, Decimal(0)) + Decimal(number)
    return "".join(f"{sums[u].normalize():f}{u}" for u in sorted(sums, key=lambda u: -UNITS[u]))


def _microseconds(text: str, seconds: Decimal) -> timedelta:
    if seconds > duration_days_max * 86_400:
        raise Wrong(f"{quoted(text)} is longer than a hundred years", "write a shorter duration")
    micros = seconds * 1_000_000
    if micros != micros.to_integral_value():
        raise Wrong(f"{quoted(text)} is finer than a microsecond", "write whole microseconds (us)")
    return timedelta(microseconds=int(micros))


def _not_a_duration(text: str) -> Wrong:
    """Says what was probably meant: ``10 mins`` → ``10m``, ``90`` → ``90s``."""
    if re.fullmatch(_NUMBER, text):
        return Wrong(f"{quoted(text)} has no unit", f"write {text}s if seconds are meant; {_UNITS_HELP}")
    if text.startswith("-"):
        return Wrong(f"{quoted(text)} is negative", "write a duration of 0 or more, such as 30s")
    if clock := re.fullmatch(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?", text):
        first, second, third = clock.groups()
        meant = f"{int(first)}h{int(second)}m{int(third)}s" if third else f"{int(first)}m{int(second)}s"
        return Wrong(f"{quoted(text)} is a time of day, not a duration", f"write {meant}; {_UNITS_HELP}")
    parts = meant_duration(text)
    guess = _joined(parts) if parts else "30s, 10m or 1h30m"
    return Wrong(f"{quoted(text)} is not a duration", f"write {guess}; {_UNITS_HELP}")


def percent(text: str) -> float:
    """A share in [0, 1] from ``95%``; only 0 needs no sign."""
    if text == "0":
        return 0.0
    if not re.fullmatch(_NUMBER + "%", text):
        if re.fullmatch(_NUMBER, text):
            number = Decimal(text)
            meant = number * 100 if "." in text and number <= 1 else number
            fix = f"write {meant.normalize():f}%" if meant <= 100 else "write a share from 0% to 100%"
            raise Wrong(f"{quoted(text)} has no unit", fix)
        meant_share = meant_percent(text)
        fix = f"write {meant_share}" if meant_share else "write a share from 0% to 100%, such as 95% or 99.5%"
        raise Wrong(f"{quoted(text)} is not a share", fix)
    number = Decimal(text[:-1])
    if number > 100:
        raise Wrong(f"{quoted(text)} is more than everything", "write a share from 0% to 100%")
    return float(number / 100)


def whole(text: str, *, least: int = 0) -> int:
    """A whole number of at least ``least``, in decimal digits without a leading zero."""
    if re.fullmatch(rf"-[0-9]{{1,{digits_max}}}", text):
        raise Wrong(f"{quoted(text)} is negative", f"write a whole number of {least} or more")
    if not re.fullmatch(rf"0|[1-9][0-9]{{0,{digits_max - 1}}}", text):
        meant_number = meant_whole(text)
        fix = f"write {meant_number}" if meant_number is not None else "write digits only, such as 20"
        raise Wrong(f"{quoted(text)} is not a whole number", fix)
    return int(text)


def yes_no(text: str) -> bool:
    """``true`` or ``false``; other spellings are refused, so that there is one way to say it."""
    if text not in ("true", "false"):
        meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
        raise Wrong(
            f"{quoted(text)} is neither true nor false", f"write {meant.get(text.lower(), 'true or false')}"
        )
    return text == "true"


_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:\d\d)?", re.ASCII
)  # fmt: skip


def instant(text: str) -> datetime:
    """An instant with its offset, in UTC: ``2026-11-01T00:00:00Z``; a naive time is refused."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise Wrong(f"{quoted(text)} is not an instant", "write it as 2026-11-01T00:00:00Z")
    if found[3] is None:
        raise Wrong(
            f"{quoted(text)} has no offset",
            f"write {found[1]}T{found[2]}Z if UTC is meant, else +02:00 or so",
        )
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3]}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(
            f"{quoted(text)} does not exist in the calendar", "write it as 2026-11-01T00:00:00Z"
        ) from None


_NAME = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*", re.ASCII)
name_characters_max = 128


def name(text: str) -> str:
    """A name of ours (standard, set, source): ``[a-z0-9][a-z0-9-]*``, at most 128 characters."""
    return _shaped(text, _NAME, "-", "a name", "lower-case letters, digits and hyphens")


def word(text: str) -> str:
    """A word of the vocabulary (kind, event, state): ``[a-z][a-z0-9_]*``, at most 128 characters."""
    return _shaped(text, _WORD, "_", "a word of the vocabulary", "lower-case letters, digits and underscores")


def label(text: str) -> str:
    """A label's name, as Prometheus takes it: ``[a-zA-Z][a-zA-Z0-9_]*``, at most 128 characters."""
    if text.startswith("__"):
        raise Wrong(
            f"{quoted(text)} begins with two underscores, which Prometheus keeps for itself",
            "name it otherwise",
        )
    return _shaped(text, _LABEL, "_", "a label name", "letters, digits and underscores, a letter first")


def _shaped(text: str, shape: re.Pattern[str], filler: str, what: str, of: str) -> str:
    if len(text) > name_characters_max:
        raise Wrong(
            f"{quoted(text)} is too long for {what}", f"write at most {name_characters_max} characters"
        )
    if shape.fullmatch(text):
        return text
    meant = re.sub(r"[^a-z0-9]+", filler, text.lower()).strip(filler)
    write = f"write {meant}; " if shape.fullmatch(meant) else ""
    raise Wrong(f"{quoted(text)} is not {what}", f"{write}{what} is made of {of}")


def one_of(text: str, known: Collection[str], what: str) -> str:
    """``text`` if it is among ``known``; else ``Wrong`` with the nearest one and all of them."""
    if text in known:
        return text
    raise Wrong(f"{quoted(text)} is not {what}", write_one_of(text, known))


def write_one_of(text: str, known: Collection[str]) -> str:
    """``write severity`` for ``serverity``; every known word where none is near (at most 30 of them)."""
    near = nearest(text, known)
    if near is not None:
        return f"write {near}"
    shown = sorted(known)[:30]
    return (
        f"write one of {', '.join(shown)}{', …' if len(known) > len(shown) else ''}"
        if shown
        else "leave it out"
    )


def nearest(text: str, known: Collection[str]) -> str | None:
    """The known word most like ``text``, None when none is like it; of equals the one that sorts first.

    Compared without case and with ``-`` and spaces as ``_``, so that ``Keep-Firing-For`` is found.
    """
    plain: dict[str, str] = {}
    for candidate in sorted(known):
        plain.setdefault(_plain(candidate), candidate)
    found = get_close_matches(_plain(text[:name_characters_max]), list(plain), n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def _plain(text: str) -> str:
    return text.lower().replace("-", "_").replace(" ", "_")


def date_word(text: str) -> date:
    """A day of the calendar: ``2026-03-02``."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Wrong(f"{quoted(text)} does not exist in the calendar", "write it as 2026-03-02") from None
    raise Wrong(f"{quoted(text)} is not a date", "write it as 2026-03-02")


_URL = re.compile(r"(https?)://([^/?#@\s]+)(/[^\s]*)?(\?[^\s]*)?(#[^\s]*)?", re.IGNORECASE)
_HOST_PORT = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?", re.ASCII)
url_characters_max = 2_000


def url(text: str) -> str:
    """An http or https address without user name and password."""
    found = _URL.fullmatch(text)
    if found is None or len(text) > url_characters_max:
        if re.match(r"https?://[^/]*@", text, re.IGNORECASE):
            raise Wrong(
                "an address with a user name in it",
                "leave out everything up to @; secrets go into secret files",
            )
        meant_address = meant_url(text)
        fix = (
            f"write {meant_address}"
            if meant_address and _URL.fullmatch(meant_address)
            else ("write an address that begins with http:// or https://, such as https://example.org/page")
        )
        raise Wrong(f"{quoted(text)} is not a web address", fix)
    host = _HOST_PORT.fullmatch(found[2])
    if host is None or int(host[2] or 1) not in range(1, 65_536):
        raise Wrong(f"{quoted(found[2])} is not a host and port", "write it as example.org or 127.0.0.1:9093")
    return text


def listen_address(text: str) -> tuple[str, int]:
    """Host and port to listen on: ``127.0.0.1:8080``, ``[::1]:8080``; port 0 takes any free one."""
    found = _HOST_PORT.fullmatch(text)
    if found is None or found[2] is None or int(found[2]) > 65_535:
        fix = (
            f"write 127.0.0.1:{text.lstrip(':')}"
            if text.lstrip(":").isdigit()
            else "write it as 127.0.0.1:8080"
        )
        raise Wrong(f"{quoted(text)} is not an address to listen on", fix)
    return found[1].strip("[]"), int(found[2])
