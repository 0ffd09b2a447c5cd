"""What is wrong with a line of NDJSON, told to whoever wrote it.

The decoder's words name Python types and JSON paths; a table here turns each of them into a
reason that can be counted, a sentence, and what to write instead.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from difflib import get_close_matches

from msgspec import Struct

echo_chars_max = 40  # how much of a wrong word is shown back

TYPES = ("event", "gap", "retract", "sample", "watermark")
KEYS = (
    *("type", "source", "kind", "id", "event", "at", "seq", "not_before", "labels", "values"),
    *("name", "value", "reason", "from", "to"),
)


class LineError(Struct, frozen=True):
    """A line that could not become a reading.

    ``line`` counts from 1; ``place`` is how people find it ("line 3", "calls.ndjson:3").
    ``reason`` is one of ``REASONS``: counted.  ``what`` and ``fix`` are for people; they repeat at most
    ``echo_chars_max`` characters of a wrong word, and never an id or the value of a label.
    """

    line: int
    place: str
    reason: str
    what: str
    fix: str

    def text(self) -> str:
        """In the voice for operators' mistakes: place, what is wrong, what to write instead."""
        return f"{self.place}: {self.what}\n  fix: {self.fix}"


class Wrong(Exception):
    """Carries reason, what and fix from the place that knows them to the place that knows the line."""

    def __init__(self, reason: str, what: str, fix: str) -> None:
        assert reason in REASONS, reason
        super().__init__(reason, what, fix)
        self.reason, self.what, self.fix = reason, what, fix


_INSTANT = "write it as 2026-11-21T09:00:00Z or 2026-11-21T10:00:00+01:00"
_OF_TYPES = "write one of " + ", ".join(TYPES)
_JSON = (
    "write one JSON object a line, in UTF-8; a byte order mark may stand only before the first; "
    "NaN and Infinity are no JSON numbers"
)

# Two lines a row: (what the decoder says, reason), (what, fix); {0} {1} {2} are the pattern's groups.
_ROWS = (
    (r"Invalid value '(.*)' - at `\$\.type`", "unknown_type"),
    ("'{0}' is not a type of reading", _OF_TYPES),
    (r"Expected `str` - at `\$\.type`", "wrong_type"),
    ("'type' must be text", _OF_TYPES),
    (r"Expected `datetime` with a timezone component - at `\$\.(\w+)`", "naive_time"),
    (
        "'{0}' has no offset, so nobody knows which instant it means",
        "add Z for UTC or an offset such as +02:00",
    ),
    (r"Invalid RFC3339 encoded datetime - at `\$\.(\w+)`", "bad_instant"),
    ("'{0}' is not an instant", _INSTANT),
    (r"Expected `datetime(?: \| null)?`, got `(\w+)` - at `\$\.(\w+)`", "bad_instant"),
    ("'{1}' must be an instant but is {0}", _INSTANT),
    (r"Object missing required field `(\w+)`", "missing_field"),
    ("the field '{0}' is missing", "add '{0}'"),
    (r"Object contains unknown field `(.*)`", "unknown_field"),
    ("the field '{0}' is unknown", "{near}"),
    (r"Expected `str` of length >= 1 - at `\$\.(\w+)`", "empty_field"),
    ("'{0}' is empty", "write a name of 1 to 256 characters"),
    (r"Expected `str` of length <= 256 - at `\$\.(\w+)`", "too_long"),
    ("'{0}' is longer than 256 characters", "shorten it"),
    (r"Expected `str`, got `(\w+)` - at `\$\.labels\[", "wrong_type"),
    ("a label must be text but is {0}", 'put the value in quotes, as in {{"floor": "3"}}'),
    (r"Expected `float`, got `(\w+)` - at `\$\.values?", "wrong_type"),
    ("a value must be a number but is {0}", "write a bare number such as 4.2; texts belong in labels"),
    (r"Expected `(\w+)(?: \| null)?`, got `(\w+)` - at `\$\.(\w+)`", "wrong_type"),
    ("'{2}' must be {0} but is {1}", "write '{2}' as {0}"),
    (r"Expected `object`, got `(\w+)`$", "not_an_object"),
    ("a line must be one object but is {0}", 'write {{"type": …}} on one line'),
    (r"[Nn]umber out of range|[Ii]nteger.*out of range", "number_out_of_range"),
    ("a number is too large to be kept", "write a finite number below 1e308"),
    (r"truncated", "half_line"),
    ("the line ends in the middle of its JSON", "write each reading whole, on one line"),
    (r"JSON is malformed: (.*)", "not_json"),
    ("not JSON: {0}", _JSON),
)
_SAID = tuple(
    (re.compile(pattern), reason, what, fix)
    for (pattern, reason), (what, fix) in zip(_ROWS[::2], _ROWS[1::2], strict=True)
)

# The decoder's names of types, in words.
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a decimal number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
}

REASONS = frozenset(reason for _, reason, _, _ in _SAID) | {
    "control_character",
    "duplicate_key",
    "empty_line",
    "instant_out_of_range",
    "line_too_long",
    "not_utf8",
    "order",
    "too_deep",
    "too_many_labels",
    "too_many_lines",
    "unknown_event",
    "unknown_kind",
}
"""Every reason a line can be refused for: a closed list, because it is a label of /metrics."""


def explain(said: str) -> Wrong:
    """What the decoder said, in our words.  What the table does not know is ``not_json``, shown as it is."""
    for pattern, reason, what, fix in _SAID:
        found = pattern.search(said)
        if found is not None:
            words = [echo(_WORDS.get(word, word)) for word in found.groups()]
            near = _near(words[0]) if words else ""
            return Wrong(reason, what.format(*words), fix.format(*words, near=near))
    return Wrong("not_json", f"not a reading: {echo(said)}", _JSON)


def stands_twice(line: bytes) -> Wrong | None:
    """That a key stands twice in one object of the line, where it does; only asked of a line that is wrong.

    The decoder says of such a line what is wrong with one of the two values, which the writer may not mean.
    """
    twice: dict[str, None] = {}

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        twice.update((key, None) for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return dict(pairs)

    try:
        json.loads(line, object_pairs_hook=look)
    except (ValueError, RecursionError):
        return None
    if not twice:
        return None
    key = echo(next(iter(twice)))
    return Wrong("duplicate_key", f"the key '{key}' stands twice in one object", f"write '{key}' once")


def echo(text: str) -> str:
    """A word from outside, short enough for a line of text and harmless to a terminal."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= echo_chars_max else clean[: echo_chars_max - 1] + "…"


def _near(key: str) -> str:
    near = get_close_matches(key, KEYS, n=1)
    if near and near[0] != key:
        return f"write '{near[0]}'"
    return "leave it out; free names go into 'labels' (text) or 'values' (numbers)"
