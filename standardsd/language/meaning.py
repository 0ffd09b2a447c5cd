"""The two hashes of a rule file: of its bytes, and of what it says.

The meaning is the canonical form of the loaded standards: defaults filled in, durations
and shares as numbers, keys sorted, inherited ones included, and the kinds and calendars
they speak of.  A comment, the order of keys, another way to write a minute, or an example
changes the bytes and not the meaning, nor does the order of a list that is a choice.  Verdicts name the meaning.

What a calendar comes to (instants) depends on time-zone and holiday data and is no part
of a file's meaning; it is part of the hash of the whole book, so that new data is a new
version of the rules and changes no word about the past.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from standardsd.model.clock import Always, BySite, OpenHours
from standardsd.model.objective import Objective
from standardsd.model.standard import RuleFile, Standard
from standardsd.model.vocabulary import Vocabulary
from standardsd.model.zone import Zone, Zones

Made = Always | OpenHours | BySite | Zones | Zone

FORM = 2
"""Number of the canonical form; a change of the form changes every hash and is noted in the changelog."""


def meaning_hash(
    set_name: str,
    standards: Iterable[Standard],
    kinds: Vocabulary,
    calendars: Mapping[str, object],
) -> str:
    """``sha256:`` of what one file says.  ``Standard.rules`` is no part of it, being this hash.

    ``calendars``: those that the standards go by, as they are written.
    """
    said = sorted((_standard(standard) for standard in standards), key=lambda one: str(one["id"]))
    spoken = sorted({str(one["of"]) for one in said if one["of"]})
    whole = {
        "form": FORM,
        "set": set_name,
        "standards": said,
        "kinds": [msgspec.to_builtins(kinds[kind]) for kind in spoken],
        "calendars": {name: msgspec.to_builtins(calendars[name]) for name in sorted(calendars)},
    }
    return _sha256(whole)


def book_hash(files: Iterable[RuleFile], standards: Iterable[Standard]) -> str:
    """``sha256:`` of all meanings together, whatever the files are called and in whatever order.

    Part of it is also what clocks and zones were made into, each distinct one once.
    """
    distinct = {id(value): value for standard in standards for value in _materialised(standard)}
    made = sorted({_sha256(msgspec.to_builtins(_timeless(value))) for value in distinct.values()})
    return _sha256({"form": FORM, "files": sorted(file.meaning_hash for file in files), "made": made})


def _standard(standard: Standard) -> dict[str, Any]:
    """Maps, lists, texts and numbers; durations as ISO 8601, which writes each in one way only."""
    objective = standard.objective
    plain: dict[str, Any] = msgspec.to_builtins(
        replace(standard, clock=Always(), zones=Zones(), objective=_zoneless(objective), rules="")
    )
    del plain["rules"], plain["zones"]
    plain["clock"] = _clock(standard)
    if objective is not None and objective.zone is not None:
        plain["objective"]["zone"] = objective.zone.name
    _sort(plain, ("by", "pause_while", "unless", "where", "waivers"))
    for measure in (plain["measure"], plain["measure"].get("of", {})):
        _sort(measure, ("start", "end", "same"))
    return plain


def _sort(plain: dict[str, Any], keys: Iterable[str]) -> None:
    """Lists whose order says nothing."""
    for key in keys:
        value = plain.get(key)
        if isinstance(value, list | tuple):
            plain[key] = sorted(value, key=lambda one: msgspec.json.encode(one, order="deterministic"))
        elif isinstance(value, dict):
            _sort(value, tuple(value))


def _zoneless(objective: Objective | None) -> Objective | None:
    return None if objective is None else replace(objective, zone=None)


def _clock(standard: Standard) -> str:
    match standard.clock:
        case OpenHours(name=name):
            return name
        case BySite():
            return "site"
        case Always():
            return "always"


def _materialised(standard: Standard) -> tuple[Made, ...]:
    """What was made of names by the data of the day."""
    objective = standard.objective
    zone = () if objective is None or objective.zone is None else (objective.zone,)
    return standard.clock, standard.zones, *zone


def _timeless(value: Made) -> Made:
    """Without the versions of the data it was made from: other data that come to the same are no change."""
    if isinstance(value, OpenHours):
        return replace(value, made_from=())
    if isinstance(value, BySite):
        return BySite({site: _plain_hours(clock) for site, clock in sorted(value.clocks.items())})
    return value


def _plain_hours(clock: Always | OpenHours) -> Always | OpenHours:
    return replace(clock, made_from=()) if isinstance(clock, OpenHours) else clock


def _sha256(value: object) -> str:
    return "sha256:" + hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
