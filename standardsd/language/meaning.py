"""The two hashes of a rule file: of its bytes, and of what it says.

The meaning is the canonical form of the loaded standards: defaults filled in, durations
and shares as numbers, keys sorted, inherited ones included, and the kinds they speak of.
A comment, the order of keys, another way to write a minute, or an example changes the
bytes and not the meaning.  Verdicts name the meaning.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from standardsd.model.standard import RuleFile, Standard
from standardsd.model.vocabulary import Vocabulary

FORM = 1
"""Number of the canonical form; a change of the form changes every hash and is noted in the changelog."""


def meaning_hash(set_name: str, standards: Iterable[Standard], kinds: Vocabulary) -> str:
    """``sha256:`` of what one file says.  ``Standard.rules`` is no part of it, being this hash."""
    said = sorted((_plain(standard) for standard in standards), key=lambda one: str(one["id"]))
    for one in said:
        del one["rules"]
    spoken = sorted({str(one["of"]) for one in said})
    whole = {
        "form": FORM,
        "set": set_name,
        "standards": said,
        "kinds": [_plain(kinds[kind]) for kind in spoken],
    }
    return _sha256(whole)


def book_hash(files: Iterable[RuleFile]) -> str:
    """``sha256:`` of all meanings together, whatever the files are called and in whatever order."""
    return _sha256({"form": FORM, "files": sorted(file.meaning_hash for file in files)})


def _plain(value: object) -> dict[str, Any]:
    """Maps, lists, texts and numbers; durations as ISO 8601, which writes each in one way only."""
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain


def _sha256(value: object) -> str:
    return "sha256:" + hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
