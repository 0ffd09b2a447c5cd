"""Every story in ``scenarios/`` is told to the judge, and every row of the decision table is walked by one.

``UPDATE=1 pytest tests/judge/test_scenarios.py`` rewrites the indented lines; read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from standardsd.model.decision import Alert, AlertState, Amendment, CaseDecision, Final, SourceSpoken
from standardsd.model.standard import Condition, Measure, TimeIn
from tests.judge.scenario import INDENT, read, tell

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_judge_says_what_the_story_expects(path: Path) -> None:
    wrong, rewritten = [], []
    for number, (line, expected, said, _) in enumerate(tell(read(path.read_text()))):
        rewritten += [line, *(INDENT + word for word in said)]
        # Decisions of one line have no order among standards; those of one occurrence are a law elsewhere.
        if sorted(expected) != sorted(said):
            wrong.append(f"heard, line {number}: {line}\n  expected {expected}\n  said     {said}")
    if os.environ.get("UPDATE") == "1":
        path.write_text("\n".join(rewritten) + "\n")
    assert not wrong, "\n".join(wrong)


def form(measure: Measure) -> str:
    return ("time_in" if isinstance(measure, TimeIn) else "from_to") + (" each" if measure.each else "")


FORMS = ("from_to", "from_to each", "time_in", "time_in each")
# The decision table: every word and reason that an occurrence of each form of measure can end with.
TABLE: set[tuple[str, str | None, str]] = set()
for _form in FORMS:
    TABLE |= {("met", None, _form), ("breached", None, _form), ("indeterminate", None, _form)}
    TABLE |= {("breached", "target_changed", _form)}
    TABLE |= {("excluded", reason, _form) for reason in ("refused", "unless", "withdrawn", "unseen")}
for _form in FORMS[:2]:
    TABLE |= {("excluded", reason, _form) for reason in ("left", "diverted", "incomplete", "short")}
    for _reason in ("left", "diverted", "incomplete"):
        TABLE |= {("met", _reason, _form), ("breached", _reason, _form)}


def test_every_row_of_the_decision_table_is_walked_by_some_scenario() -> None:
    walked = set()
    for path in FILES:
        story = read(path.read_text())
        forms = {
            standard.id: form(standard.measure) for standard in story.standards if not standard.is_number
        }
        for *_, decisions in tell(story):
            for decision in decisions:
                if isinstance(decision, CaseDecision) and decision.verdict is not None:
                    walked.add((str(decision.verdict), decision.reason, forms[decision.standard]))
    assert walked == TABLE


def test_every_kind_of_decision_alert_and_amendment_is_walked_by_some_scenario() -> None:
    alerts: set[tuple[Condition, AlertState]] = set()
    amendments: set[tuple[str | None, str | None]] = set()
    others: set[str] = set()
    for path in FILES:
        for *_, decisions in tell(read(path.read_text())):
            for decision in decisions:
                if isinstance(decision, Alert):
                    alerts.add((decision.condition, decision.state))
                if isinstance(decision, Amendment):
                    amendments.add((decision.was, decision.verdict))
                if isinstance(decision, SourceSpoken):
                    others.add(decision.state)
                if isinstance(decision, Final):
                    others.add("final")
    assert others == {"seen", "dark", "final"}
    for condition in Condition:
        assert {(condition, AlertState.FIRING), (condition, AlertState.RESOLVED)} <= alerts
    assert {(c, AlertState.PENDING) for c in (Condition.BREACH, Condition.AT_RISK)} <= alerts
    assert (Condition.BREACH, AlertState.INACTIVE) in alerts, "pending, and back before it fired"
    words = ("met", "breached", "excluded")
    assert {(was, now) for was in words for now in words if was != now} <= amendments
    assert {(was, None) for was in words} | {(None, "met"), ("breached", "indeterminate")} <= amendments
