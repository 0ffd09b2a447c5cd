"""The alerts of a number go by the sources that it needs, as those of cases do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.rules import load_rules
from standardsd.model.decision import Alert
from standardsd.model.reading import Event, Watermark
from standardsd.model.source import Source

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

RULES = b"""\
version: 1
set: surveys
standards:
  - id: satisfaction
    title: On average customers give 4.2 of 5
    of: survey
    measure: {average: {value: score, at: answered}, over: 30d}
    promise: {at_least: 4.2}
    alert: {on: [limit, silence], keep_firing_for: 0s}
"""


def told(said: list[object]) -> list[tuple[str, str]]:
    return [(str(line.condition), str(line.state)) for line in said if isinstance(line, Alert)]


def answered(judge: Judge, score: float, at: datetime) -> list[tuple[str, str]]:
    event = Event("panel", "survey", f"{at}", "answered", at, labels={"site": "a"}, values={"score": score})
    return told(list(judge.receive([event, Watermark("panel", at)], at)))


def test_a_silent_source_resolves_no_alert_of_a_number_and_raises_its_own() -> None:
    """Exactly `max_silence` is not yet too long."""
    book = load_rules([("surveys.yaml", RULES)]).book
    assert book is not None
    judge = Judge(book, [Source("panel"), Source("till", yields={"order": ("paid",)})], JudgeSettings())
    assert answered(judge, 4.0, NINE) == [("limit", "firing")]
    silent = NINE + timedelta(minutes=15)
    assert told(list(judge.tick(silent))) == []
    assert told(list(judge.tick(silent + timedelta(microseconds=1)))) == [("silence", "firing")]
    back = answered(judge, 5.0, NINE + timedelta(hours=1))
    assert sorted(back) == [("limit", "resolved"), ("silence", "resolved")]
