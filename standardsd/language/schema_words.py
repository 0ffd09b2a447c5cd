"""The small parts of a schema: texts with a pattern, and what an editor says where the pattern does not fit.

The language reads every value as the text that is written; an editor has read YAML's own types
before a schema sees them.  So a number may stand wherever a text may, and 0 wherever a duration or a
share may.  Patterns are those of ``words`` and ``quantities``, a little wider where only those
know better: what an editor lets pass, ``standardsd check`` still tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that yaml-language-server knows best; others are read by it only in parts."""

_NUMBER = r"[0-9]{1,18}(\.[0-9]{1,18})?"
_LENGTH = rf"({_NUMBER}(us|ms|rings|s|m|h|d))+"
_PLAIN = r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?"

NAME = r"^[a-z0-9][a-z0-9-]*$"
WORD = r"^[a-z][a-z0-9_]*$"
LABEL = r"^[a-zA-Z][a-zA-Z0-9_]*$"

UNITS = "units are us, ms, s, m, h, d, rings, without a space"


def when(condition: Schema, then: Schema) -> Schema:
    return {"if": condition, "then": then}


def text(pattern: str, told: str) -> Schema:
    """A text that fits a pattern; ``told``: what to write instead."""
    return {"type": "string", "pattern": pattern, "patternErrorMessage": told, "errorMessage": told}


def or_zero(pattern: str, told: str) -> Schema:
    """The same, or a bare 0, which needs no unit."""
    zero = when({"type": "number"}, {"const": 0, "errorMessage": told})
    return {**text(pattern, told), "type": ["string", "number"], **zero}


def any_text() -> Schema:
    """Any text; YAML may take it for a number or for true."""
    return {"type": ["string", "number", "boolean"]}


DURATION = or_zero(f"^({_LENGTH}|0)$", f"write a duration such as 30s, 10m or 1h30m; {UNITS}")
SIGNED = or_zero(f"^[+-]?({_LENGTH}|0)$", f"write a duration such as -2m or 30s; {UNITS}")
TIME_LIMIT = or_zero(
    f"^({_LENGTH}|[0-9]{{1,4}}bd|0)$", f"write a duration such as 60s, or 5bd for open days; {UNITS}"
)
SHARE = or_zero(rf"^({_NUMBER}%|0)$", "write a share with its sign, such as 95%")
SIGNED_SHARE = or_zero(rf"^({_PLAIN}%|0)$", "write a share with its sign, such as 95%")
PLAIN = {**text(f"^{_PLAIN}$", "write a number such as 5 or 4.5"), "type": ["string", "number"]}
WHOLE = {**text("^[0-9]+$", "write a whole number, such as 20"), "type": ["string", "integer"], "minimum": 1}
YES_NO: Schema = {"enum": [True, False, "true", "false"]}
DATE = text(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "write a day as 2026-03-02")
WALL = text(r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", 'write a time of day as "14:00"')
OPENING = text(
    r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", 'write times as "08:00-18:00"'
)
ZONE = text(r"^[A-Za-z][A-Za-z0-9_+/-]*$", "write a time zone such as Europe/Lisbon")
URL = text(r"^[hH][tT][tT][pP][sS]?://[^/?#@\s]+", "write an address that begins with http:// or https://")
WINDOW: Schema = {
    "anyOf": [
        {"enum": ["day", "week", "month", "quarter"]},
        text(f"^{_LENGTH}$", "write a window such as 30d, or day, week, month, quarter"),
    ]
}
A_NAME = text(NAME, "a name is made of lower-case letters, digits and hyphens")
A_WORD = text(WORD, "a word is made of lower-case letters, digits and underscores")
A_LABEL = text(LABEL, "a label is made of letters, digits and underscores, a letter first")


def one_of(words: Iterable[str], told: Mapping[str, str] | None = None) -> Schema:
    """One word of a closed set; ``told``: what each means."""
    known = [str(word) for word in words]
    shown: Schema = {} if told is None else {"enumDescriptions": [told.get(word, "") for word in known]}
    return {"type": "string", "enum": known, **shown}


def offered(words: Iterable[str], otherwise: Schema) -> Schema:
    """These words are offered, and others may be written."""
    return {"anyOf": [one_of(words), otherwise]}


def some(one: Schema, *, empty: bool = False) -> Schema:
    """One, or a list of such."""
    return {"anyOf": [one, {"type": "array", "items": one, **({} if empty else {"minItems": 1})}]}


def closed(
    properties: Mapping[str, Schema], texts: Mapping[str, str], required: Iterable[str] = (), **more: Any
) -> Schema:
    """A map with these keys and no other; ``texts``: what each says."""
    told = {key: described(value, texts.get(key)) for key, value in properties.items()}
    needed = {"required": list(required)} if tuple(required) else {}
    return {"type": "object", "properties": told, "additionalProperties": False, **needed, **more}


def described(schema: Schema, told: str | None) -> Schema:
    """With a description; one that only refers is wrapped, because draft 7 reads nothing beside ``$ref``."""
    if told is None:
        return schema
    return {"description": told, **({"allOf": [schema]} if "$ref" in schema else schema)}


def open_map(names: Schema, values: Schema) -> Schema:
    """A map whose keys are somebody's own."""
    return {"type": "object", "propertyNames": names, "additionalProperties": values}


def ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def has(**values: Schema) -> Schema:
    """A map that has these keys, and so."""
    return {"required": list(values), "properties": values}
