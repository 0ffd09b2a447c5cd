"""Rules as they are written, and a story told to the judge: what is said, line by line.

The rules go through the reader of rule files, so a test of what a key means holds both that it is
read and that it is judged so.  A story has the lines of ``tests/judge/scenario.py``; beside labels
(``site=north``) an event may carry numbers (``stars:=4``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec import structs

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.problems import render
from standardsd.model.config import Site
from standardsd.model.decision import CaseDecision, Decision, Refused
from standardsd.model.reading import Event, Reading
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from tests.judge.scenario import clock, instant, readings, said
from tests.language.written import HEAD, file, load, standard

PATIENT = timedelta(days=4000)
"""A source that may be silent for so long is never dark in a story."""

DESK = (Source("desk", max_silence=PATIENT),)


def rules(head: str = HEAD, *, sites: Sequence[Site] | None = None, **keys: str) -> RuleBook:
    """A greeting within a minute with keys replaced or added; nobody is alerted unless ``alert`` is one of them."""
    return rulebook(standard_text(**keys), head=head, sites=sites)


def rulebook(*standards: str, head: str = HEAD, sites: Sequence[Site] | None = None) -> RuleBook:
    loaded = load(file(*standards, head=head), sites=sites)
    assert loaded.book is not None, render(loaded.problems)
    return loaded.book


def decisions(
    book: RuleBook,
    story: str,
    *,
    sources: Sequence[Source] = DESK,
    settings: JudgeSettings | None = None,
) -> list[Decision | Refused]:
    """Everything that is decided; each line is one batch, and its instant the wall clock's."""
    judge = Judge(book, sources, settings or JudgeSettings())
    found: list[Decision | Refused] = []
    for line in filter(None, map(str.strip, story.splitlines())):
        words = line.split("#")[0].split()
        if "-" in words[0]:
            words[:2] = [f"{words[0]}T{words[1]}"]
        now = instant(words[0])
        values = dict(word.split(":=") for word in words if ":=" in word)
        heard = readings([word for word in words[1:] if ":=" not in word], now, list(sources))
        found += judge.receive([_with(one, values) for one in heard], now)
        found += judge.tick(now)
    return found


def tell(
    book: RuleBook,
    story: str,
    *,
    sources: Sequence[Source] = DESK,
    settings: JudgeSettings | None = None,
) -> list[str]:
    """``decisions`` as scenarios write them."""
    return [said(one) for one in decisions(book, story, sources=sources, settings=settings)]


def _with(reading: Reading, values: dict[str, str]) -> Reading:
    if not values or not isinstance(reading, Event):
        return reading
    return structs.replace(reading, values={name: float(value) for name, value in values.items()})


def last_words(
    book: RuleBook,
    story: str,
    *,
    sources: Sequence[Source] = DESK,
    settings: JudgeSettings | None = None,
) -> dict[str, str]:
    """The word that stands at the end on each occurrence, as ``GREET V#2``; what was taken back is left out.

    Of a standard called ``greet`` the name is left out: most stories have one.
    """
    last: dict[str, str] = {}
    for one in decisions(book, story, sources=sources, settings=settings):
        if not isinstance(one, CaseDecision):
            continue
        number = "" if one.occurrence == 1 else f"#{one.occurrence}"
        case = f"{one.id}{number}" if one.standard == "greet" else f"{one.standard} {one.id}{number}"
        reason = f" ({one.reason})" if one.reason else ""
        due = "" if one.due is None else f" due {clock(one.due)}"
        last[case] = f"{one.verdict}{reason} at {clock(one.at)}{due}"
        if one.verdict is None:
            del last[case]
    return last


def standard_text(**keys: str) -> str:
    """A greeting within a minute with keys replaced or added, of which nobody is told unless ``alert`` says so."""
    return standard(**{"alert": "{on: []}", **keys})
