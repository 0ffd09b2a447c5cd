"""Runs the stories that lie beside the packs: `rules/hotel/arrival.scenario.txt` is told to `rules/hotel/arrival.yaml`.

Events stand at the margin, on Monday 2026-03-02 (UTC) unless a date stands before them; what is said of the cases is
indented below.  `watermark` says that everything up to then has been heard, `retract KIND ID` that it never happened:

    # Who drives on in time was not kept waiting.
    09:00:00  visit.arrived  V1 desk=kerb
    09:00:01  visit.left     V1
        excluded (left) kerb-greeting-within-30s V1 at 09:00:01 due 09:00:30

Numbers are values, all else are labels, as in examples.  Alerts are left out: these are stories of promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.example_lines import MONDAY, read_line
from standardsd.model.decision import CaseDecision
from standardsd.model.reading import Event, Reading, Retract, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import AlertRule, RuleBook
from tests.judge.scenario import said
from tests.packs.shelf import RULES, alone

STORIES = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob("*.scenario.txt"))
INDENT = "    "
SOURCE = "story"


def pack_of(story: str) -> str:
    return story.removesuffix(".scenario.txt") + ".yaml"


def book_of(story: str) -> RuleBook:
    """The pack's standards, without alerts."""
    book = alone(pack_of(story)).book
    assert book is not None, story
    return replace(book, standards=tuple(replace(one, alert=AlertRule(on=())) for one in book.standards))


def heard(words: list[str], at: datetime, book: RuleBook) -> Reading:
    """What a line at the margin says."""
    if words == ["watermark"]:
        return Watermark(SOURCE, at)
    if words[0] == "retract":
        return Retract(SOURCE, words[1], words[2])
    kind, _, event = words[0].partition(".")
    line = read_line(" ".join([f"{at:%Y-%m-%d %H:%M:%S.%f}", event, *words[2:]]), book.vocabulary[kind])
    return Event(SOURCE, kind, words[1], event, at, labels=line.labels, values=line.values)


def told(path: Path, book: RuleBook) -> Iterator[tuple[str, list[CaseDecision]]]:
    """Each line at the margin, and what is said of it; what stood indented is left out."""
    judge = Judge(book, [Source(SOURCE)], JudgeSettings(accept_late=None))
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(INDENT):
            continue
        words = line.split("#")[0].split()
        if not words:
            yield line, []
            continue
        day = words.pop(0) if words[0].count("-") == 2 else MONDAY
        at = datetime.fromisoformat(f"{day}T{words.pop(0)}").replace(tzinfo=UTC)
        decisions = [*judge.receive([heard(words, at, book)], at), *judge.tick(at)]
        yield line, [one for one in decisions if isinstance(one, CaseDecision)]


def as_told(path: Path, book: RuleBook) -> str:
    """The story as it should stand in its file."""
    lines = []
    for line, decisions in told(path, book):
        lines += [line, *(INDENT + said(decision) for decision in decisions)]
    return "\n".join(lines) + "\n"
