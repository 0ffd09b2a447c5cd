"""The keys of a standard that stand for themselves: why it is promised, what it is called, how long it settles."""

from __future__ import annotations

from datetime import timedelta

from standardsd.language.problems import quoted
from standardsd.language.reader import Reader, one_line
from standardsd.language.words import Wrong, duration
from standardsd.model.standard import Because

DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")

title_characters_max = 200
"""A title is one line on a wallboard and in an alert."""

settle_max = timedelta(days=366)
"""What may still change is kept in memory."""


def read_because(reader: Reader) -> Because:
    """Why this is promised."""
    node = reader.node("because")
    if node is None:
        return Because()
    inner = Reader(node, "because", reader.problems, optional=("clause", "edition", "figure", "source"))
    return Because(inner.text("clause"), inner.text("edition"), inner.text("figure"), inner.text("source"))


def title(text: str) -> str:
    """One line that is not too long."""
    line = one_line(text)
    if len(line) > title_characters_max:
        fix = f"write at most {title_characters_max}; the rest belongs into notes:"
        raise Wrong(f"a title of {len(line)} characters", fix)
    return line


def settle(text: str) -> timedelta:
    """How long a verdict is provisional."""
    length = duration(text)
    if length > settle_max:
        raise Wrong(f"{quoted(text)} is too long to settle", f"write at most {settle_max.days}d")
    return length
