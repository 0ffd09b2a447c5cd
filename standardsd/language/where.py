"""Which contacts a standard is about, and the grain of its figures: ``where`` and ``by``."""

from __future__ import annotations

from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, read, read_each
from standardsd.language.tree import Items
from standardsd.language.words import Wrong, label

glob_characters_max = 256
"""As long as a label value may be."""

REFUSED_LABELS = frozenset(
    {"contact", "room"}  # they tell persons apart
    | {"alertname", "severity", "source", "standard", "verdict", "window", "state", "condition", "le", "name"}
)
"""No grain of figures: what tells persons apart, and what figures and alerts use themselves."""

PERSONAL_LABELS = frozenset(
    {"agent", "caller", "caller_id", "caller_number", "customer", "email", "employee", "extension", "guest"}
    | {"guest_name", "mail", "mobile", "number", "person", "phone", "staff", "user", "username"}
)
"""What is usually a person or a person's number.  A lint, because a house may mean something else by it."""

by_max = 8
"""Labels of one grain: every further one multiplies the series."""


def read_where(reader: Reader, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Label → patterns, in the order of the label names."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in reader.map_of("where"):
        key = read(entry.key, label, problems)
        globs = read_each(entry.value, glob, problems, "where")
        if key is not None and globs:
            found[key] = globs
            for wanted in globs:
                if f"!{wanted}" in globs:
                    said = f"{quoted(wanted)} is both wanted and excluded, so it is excluded"
                    problems.append(entry.value.place.problem(said, "leave one of them out", Level.LINT))
    return dict(sorted(found.items()))


def read_by(reader: Reader, problems: list[Problem]) -> tuple[str, ...]:
    """The grain; an empty list is one group for everything."""

    def allowed(text: str) -> str:
        if text in REFUSED_LABELS:
            raise Wrong(
                f"{quoted(text)} cannot be a grain of figures and alerts",
                "write a label such as site or queue",
            )
        return label(text)

    node = reader.node("by")
    if node is None:
        return ("site",)
    if isinstance(node, Items) and not node.items:
        return ()
    found = read_each(node, allowed, problems, "by") or ()
    for text in sorted(PERSONAL_LABELS.intersection(found)):
        said = f"{quoted(text)} may tell persons apart, and it would stand in metrics and alerts"
        problems.append(node.place.problem(said, "group by site, queue or department", Level.LINT))
    if len(found) > by_max:
        problems.append(node.place.problem(f"a grain of {len(found)} labels", f"write at most {by_max}"))
    return found


def glob(text: str) -> str:
    """A pattern for label values: ``* ? [ ]``, case-sensitive, ``!`` in front excludes."""
    pattern = text.removeprefix("!")
    if len(text) > glob_characters_max:
        raise Wrong(f"a pattern of {len(text)} characters", f"write at most {glob_characters_max}")
    if text and not pattern:
        raise Wrong("'!' excludes nothing", 'write the pattern behind it, such as "!grand-test"')
    position = 0
    while (opened := pattern.find("[", position)) >= 0:
        # As in shells, a "]" that stands first in the brackets belongs to them.
        first = opened + 2 if pattern[opened + 1 : opened + 2] == "!" else opened + 1
        closed = pattern.find("]", first + 1)
        if closed < 0:
            raise Wrong(
                f"'[' is not closed in {quoted(text)}", "write [[] for a bracket itself, or close it with ]"
            )
        position = closed + 1
    return text
