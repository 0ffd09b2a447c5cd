"""What is known without anything happening: who is needed for a standard, and numbers that time alone changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.core.known import sources_needed
from standardsd.core.numbers.tracked import QUIET
from standardsd.core.sight import Sources
from standardsd.language.rules import load_rules
from standardsd.model.reading import Event, Reading, Sample, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

RULES = b"""\
version: 1
set: house
standards:
  - {id: greet, title: Guests are greeted, of: visit, measure: {from: arrived, to: greeted}, promise: {within: 60s}}
  - {id: line, title: The line is short, measure: {reading: queue_length}, promise: {at_most: 5}}
  - {id: round, title: The lobby is looked after, of: duty, measure: {since: done}, promise: {at_most: 30m}}
  - id: complaints
    title: No more than three complaints an hour
    of: ticket
    measure: {count: opened, over: 1h}
    promise: {at_most: 3}
  - {id: fair, title: Sites are alike, measure: {spread: greet, across: site}, by: [], promise: {at_most: 10%}}
  - {id: reply, title: Mail is answered, of: ticket, measure: {from: opened, to: replied}, promise: {within: 1h}}
  - {id: gap, title: Mail is no stepchild, measure: {gap: [greet, reply]}, promise: {at_most: 10%}}
"""


def loaded() -> RuleBook:
    found = load_rules([("house.yaml", RULES)])
    assert found.book is not None, [problem.render() for problem in found.problems]
    return found.book


BOOK = loaded()
SOURCES = (
    Source("door", {"visit": ("arrived", "greeted"), "samples": ("queue_length",)}),
    Source("staff", {"duty": ("done",)}, {"site": "spa"}),
    Source("mail", {"ticket": ("opened", "closed")}),
)


@pytest.mark.parametrize(
    ("standard", "site", "needed"),
    [
        ("greet", "spa", ("door",)),
        ("line", "spa", ("door",)),  # as it is declared under `samples`
        ("round", "spa", ("staff",)),
        ("round", "castle", ()),  # it speaks for the spa alone
        ("complaints", "castle", ("mail",)),
        ("fair", "", ("door",)),  # of the standard that it spreads
        ("gap", "spa", ("door", "mail")),
    ],
)
def test_who_is_needed(standard: str, site: str, needed: tuple[str, ...]) -> None:
    (one,) = [found for found in BOOK.standards if found.id == standard]
    group = (("site", site),) if site else ()
    assert sources_needed(one, group, Sources(SOURCES), BOOK) == needed


def judging(*readings: Reading, now: datetime) -> Judge:
    heard = tuple(structs.replace(source, max_silence=timedelta(hours=3)) for source in SOURCES)
    judge = Judge(BOOK, heard, JudgeSettings(judge_from=NINE - timedelta(hours=2)))
    judge.receive(readings, now)
    return judge


def value(judge: Judge, standard: str) -> float | None:
    """As the snapshot has it, and as it is asked for alone."""
    (now,) = [group for group in judge.snapshot().groups if group.standard == standard]
    assert judge.group(standard, now.group) == now
    assert (now.episode is None) == (now.value is None)
    return now.value


def test_the_time_since_a_duty_is_that_of_now_though_nothing_happens() -> None:
    done = Event("staff", "duty", "lobby", "done", NINE, labels={"site": "spa"})
    judge = judging(done, now=NINE)
    assert value(judge, "round") == 0
    judge.tick(NINE + timedelta(seconds=754))
    assert value(judge, "round") == 754


def test_what_leaves_a_window_without_changing_a_state_is_soon_not_counted_any_more() -> None:
    """Nobody is woken for it at once, but no count stands for longer than ``QUIET`` after it was true."""
    opened = [
        Event("mail", "ticket", str(n), "opened", NINE + n * timedelta(seconds=1), labels={"site": "spa"})
        for n in range(3)
    ]
    judge = judging(*opened, Watermark("mail", NINE), now=NINE + timedelta(seconds=2))
    hour = NINE + timedelta(hours=1)
    judge.tick(hour - timedelta(microseconds=1))
    assert value(judge, "complaints") == 3
    judge.tick(hour + timedelta(microseconds=QUIET) + timedelta(seconds=2))
    assert value(judge, "complaints") == 0


def test_a_number_tells_which_sources_it_hangs_on_declared_or_heard_of() -> None:
    stranger = Sample("scale", "queue_length", NINE, 3.0, {"site": "spa"})
    judge = judging(stranger, Sample("door", "queue_length", NINE, 4.0, {"site": "spa"}), now=NINE)
    (line,) = [group for group in judge.snapshot().groups if group.standard == "line"]
    assert line.episode is not None
    assert line.episode.sources == ("door", "scale")
