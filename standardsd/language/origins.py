"""Where every value of a standard came from, so that ``explain`` can say it.

A value is written in the standard itself, or in a standard of an extended set, or in the
defaults of one of those files; what nobody says is the default of the language.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from standardsd.language.place import Place
from standardsd.language.standards import KEYS, Draft


class How(StrEnum):
    """Who says it."""

    WRITTEN = "written"  # the standard, in this file or in an extended set
    DEFAULTS = "defaults"  # the defaults (for ``owner``: or the head) of this file or of an extended set
    LANGUAGE = "language"  # nobody: the default of the language


class Origin(Struct, frozen=True):
    """Where one key's value comes from.

    ``place``: of the key, None where the language says it.  ``set``: of the file it stands in.
    ``inherited``: that set is another one than the standard's own.
    """

    how: How
    place: Place | None = None
    set: str | None = None
    inherited: bool = False

    @property
    def path(self) -> str | None:
        return None if self.place is None else self.place.source.path

    @property
    def line(self) -> int | None:
        return None if self.place is None else self.place.line


Origins = Mapping[str, Origin]
"""Key of a standard → its origin; every key of the language is there."""

_NOBODY = Origin(How.LANGUAGE)


def origins_of(draft: Draft, own_set: str, set_of: Mapping[str, str], owner: Place | None) -> Origins:
    """``set_of``: path → set; ``owner``: where the head of the file names one."""
    found: dict[str, Origin] = {}
    for key in KEYS:
        entry = draft.entries.get(key)
        place = None if entry is None else entry.key.place
        how = How.WRITTEN if key in draft.own else How.DEFAULTS
        if place is None and key == "owner" and owner is not None:
            place, how = owner, How.DEFAULTS
        if place is None:
            found[key] = _NOBODY
            continue
        named = set_of.get(place.source.path)
        found[key] = Origin(how, place, named, named != own_set)
    return found


def place_of(origins: Origins, key: str) -> Place:
    """Where a key is written; where the language says it, where the standard is."""
    place = origins[key].place or origins["id"].place
    assert place is not None, key
    return place
