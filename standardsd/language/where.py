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
    {"account", "address", "agent", "agent_id", "agent_name", "ani", "caller", "caller_id", "caller_name"}
    | {
        "caller_number",
        "callerid",
        "contact_id",
        "customer",
        "customer_id",
        "customer_name",
        "email",
        "employee",
    }
    | {"employee_id", "extension", "firstname", "first_name", "full_name", "guest", "guest_id", "guest_name"}
    | {
        "handle",
        "lastname",
        "last_name",
        "login",
        "loyalty_id",
        "mail",
        "mobile",
        "msisdn",
        "number",
        "passport",
    }
    | {
        "patient",
        "patient_id",
        "person",
        "phone",
        "phone_number",
        "requester",
        "reservation",
        "staff",
        "surname",
    }
    | {"telephone", "user", "user_id", "username", "visitor"}
)
"""What is usually a person or a person's number.  A lint, because a house may mean something else by it."""

AVOIDED_LABELS = frozenset({"type", "service", "region", "zone", "cluster", "env", "owner", "stage"})
"""Labels that other people's Prometheus rules and routes commonly give a meaning of their own."""

by_max = 8
"""Labels of one grain: every further one multiplies the series."""


def where_of(reader: Reader, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """``where`` of a standard or of a waiver: label → patterns, in the order of the label names."""
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
    node = reader.node("by")
    if node is None:
        return ("site",)
    if isinstance(node, Items) and not node.items:
        return ()
    found = read_each(node, group_label, problems, "by") or ()
    for text in sorted(PERSONAL_LABELS.intersection(found)):
        said = f"{quoted(text)} may tell persons apart, and it would stand in metrics and alerts"
        problems.append(node.place.problem(said, "group by site, queue or department", Level.LINT))
    for text in sorted(AVOIDED_LABELS.intersection(found)):
        said = f"{quoted(text)} is a label that Prometheus set-ups commonly give a meaning of their own"
        problems.append(node.place.problem(said, "map it to another name, such as department", Level.LINT))
    if len(found) > by_max:
        problems.append(node.place.problem(f"a grain of {len(found)} labels", f"write at most {by_max}"))
    return found


def group_label(text: str) -> str:
    """A label that figures and alerts may be told apart by."""
    if text in REFUSED_LABELS:
        fix = "write a label such as site or queue"
        raise Wrong(f"{quoted(text)} cannot be a grain of figures and alerts", fix)
    return label(text)


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
