"""What is wrong with a setting of a source, in our words.

The value itself is never said: it may be a secret that stands behind the wrong key.
"""

from __future__ import annotations

from collections.abc import Collection

from pydantic_core import ErrorDetails

from standardsd.language.words import nearest, write_one_of

Said = tuple[str, str]
"""What it is, and what to write instead; "" where the caller knows better."""

_LIMITS: dict[str, Said] = {
    "less_than_equal": ("this is more than {le}", "write at most {le}"),
    "less_than": ("this is not less than {lt}", "write less than {lt}"),
    "greater_than_equal": ("this is less than {ge}", "write at least {ge}"),
    "greater_than": ("this is not more than {gt}", "write more than {gt}"),
}

_PLAIN: dict[str, Said] = {
    **dict.fromkeys(
        ("int_parsing", "int_type", "int_from_float"),
        ("this is not a whole number", "write digits, such as 1"),
    ),
    **dict.fromkeys(("float_parsing", "float_type"), ("this is not a number", "write digits, such as 1.5")),
    **dict.fromkeys(("string_type", "path_type"), ("this is not a text", "write one text")),
    "finite_number": ("this is not a number", "write digits, such as 1.5"),
    "string_too_short": ("this is empty", "write the text, or leave the key out"),
    "string_pattern_mismatch": ("this has more than one line, or is empty", "write it in one line"),
    "missing": ("this setting is missing", "add it under settings:"),
    "bool_parsing": ("this is neither true nor false", "write true or false"),
}


def told_of_setting(key: str, part: ErrorDetails, known: Collection[str]) -> Said:
    """``known``: the keys there are; empty: the caller says where to read of them."""
    kind, context = part["type"], part.get("ctx") or {}
    if kind == "extra_forbidden":
        return "there is no setting of this name", write_one_of(key, known) if known else ""
    if kind == "literal_error":
        return _choice(str(part["input"]), str(context.get("expected", "")))
    if kind in _LIMITS:
        numbers = {name: _number(value) for name, value in context.items()}
        said, fix = _LIMITS[kind]
        return said.format(**numbers), fix.format(**numbers)
    return _PLAIN.get(kind, (part["msg"].removeprefix("Value error, "), ""))


def _choice(written: str, expected: str) -> Said:
    """``expected``: as the library lists them, ``'hotel' or 'contact_center'``."""
    words = expected.split("'")[1::2]
    near = nearest(written, words)
    return (
        f"this is none of {', '.join(words)}",
        f"write {near}" if near else f"write one of {', '.join(words)}",
    )


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
