"""Where the value of each key of a standard comes from, with the value as it is written there."""

from __future__ import annotations

from msgspec import Struct

from standardsd.language.origins import How, Origin, Origins
from standardsd.language.place import Place
from standardsd.language.standards import KEYS
from standardsd.model.standard import Standard

value_characters_max = 200
"""A value longer than that is cut: a grid of a thousand rows is read in its file."""

value_lines_max = 40
"""Lines of a block that are looked at for one value."""

DEFAULTS = {
    # key: what holds where nobody says it; keys that are only told (owner, notes, …) have no default
    "where": "everything",
    "by": "[site]",
    "clock": "always",
    "pause_while": "none",
    "if_left": "exclude",
    "if_diverted": "exclude",
    "if_done": "exclude",
    "ignore_if_left_within": "none",
    "unless": "none",
    "reopen": "first_only",
    "ring": "3.3s",
    "objective": "none",
    "alert": "{on: [breach], for: 0s, keep_firing_for: 5m, warn_at: 75%}",
    "severity": "warning",
    "settle": "0s",
    "effective": "always",
    "status": "active",
    "waivers": "none",
}
_LIMIT_ALERT = "{on: [limit], for: 0s}"


class Line(Struct, frozen=True):
    """One key.  ``source``: "written", "defaults" or "language"; ``path`` and ``line``: where it stands, if anywhere.

    ``set``: of the file it stands in; ``inherited``: that is another set than the standard's own.
    """

    key: str
    value: str
    source: str
    path: str | None
    line: int | None
    set: str | None
    inherited: bool


def origin_lines(standard: Standard, origins: Origins) -> list[Line]:
    """Every key that is written or has a default, in the order of the language."""
    lines = []
    for key in KEYS:
        origin = origins[key]
        value = _value(key, origin, standard)
        if value is not None:
            lines.append(
                Line(key, value, origin.how.value, origin.path, origin.line, origin.set, origin.inherited)
            )
    return lines


def said_of(line: Line) -> str:
    """Where a value comes from, in a few words."""
    if line.path is None:
        return "default of the language"
    place = f"{line.path}:{line.line}"
    if line.source == How.DEFAULTS:
        return f"{place}, defaults of the set {line.set}"
    return f"{place}, inherited from the set {line.set}" if line.inherited else place


def _value(key: str, origin: Origin, standard: Standard) -> str | None:
    """As it is written; None where nobody says it and nothing holds instead."""
    if origin.place is not None:
        return written(origin.place)
    if key == "alert" and standard.is_number:
        return _LIMIT_ALERT
    if key == "of":
        return None
    return DEFAULTS.get(key)


def written(place: Place) -> str:
    """The value behind the key at ``place``, on one line; a block is joined, what is too long is cut."""
    first = place.source.line(place.line)
    rest = first[place.column - 1 :]
    flow = first[: place.column - 1].strip(" -") != ""
    value = rest.partition(":")[2]
    if flow:
        value = _until_its_end(value)
    else:
        value = " ".join([_bare(value), *_block(place)]).strip()
    return value if len(value) <= value_characters_max else value[: value_characters_max - 1] + "…"


def _block(place: Place) -> list[str]:
    """The lines below that are indented deeper than the key."""
    found = []
    for number in range(place.line + 1, place.line + 1 + value_lines_max):
        text = place.source.line(number)
        if text.strip() and len(text) - len(text.lstrip()) < place.column:
            break
        if _bare(text):
            found.append(_bare(text))
    return found


def _bare(text: str) -> str:
    """Without a comment and the blanks around; a ``#`` between quotes begins none."""
    quote = ""
    for at, char in enumerate(text):
        if char == quote:
            quote = ""
        elif not quote and char in "\"'":
            quote = char
        elif not quote and char == "#" and (not at or text[at - 1] == " "):
            return text[:at].strip()
    return text.strip()


def _until_its_end(text: str) -> str:
    """In a line of ``{key: value, key: value}``: up to the comma or bracket that ends the value."""
    depth, quote = 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "[{":
            depth += 1
        elif char in "]}" or (char == "," and not depth):
            if not depth:
                return text[:at].strip()
            depth -= 1
    return text.strip()
