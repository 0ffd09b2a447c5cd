"""The judge as a whole: versions of rules, sources, memory, figures.  Verdicts themselves: tests/judge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.decision import Alert, AlertState, CaseDecision, Refused, SourceSpoken, Verdict
from standardsd.model.measure import Rolling
from standardsd.model.reading import Event, Gap, Retract, Watermark
from standardsd.model.snapshot import Backlog, State
from standardsd.model.source import Source
from standardsd.model.standard import AlertRule, Condition, FromTo, Objective, Promise, RuleBook, Standard
from standardsd.model.vocabulary import VOCABULARY

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def greeting(seconds: float, rules: str = "sha256:first", **more) -> Standard:
    return Standard(
        id="greet",
        title="Guests are greeted",
        of="visit",
        measure=FromTo(("arrived",), ("greeted",)),
        promise=Promise(timedelta(seconds=seconds), within=True),
        rules=rules,
        set="desk",
        **more,
    )


def book(*standards: Standard) -> RuleBook:
    return RuleBook(standards, VOCABULARY, (), "-".join(s.rules + s.id for s in standards))


def visit(event: str, seconds: float, id: str = "1", source: str = "desk", **labels: str) -> Event:
    return Event(source, "visit", id, event, at(seconds), labels=labels)


def words(said: list) -> list[tuple[str, Verdict | None, float]]:
    return [
        (type(d).__name__, d.verdict, (d.at - NINE).total_seconds())
        for d in said
        if isinstance(d, CaseDecision)
    ]


def alerts(said: list) -> list[tuple[Condition, AlertState]]:
    return [(d.condition, d.state) for d in said if isinstance(d, Alert)]


# -- versions of the rules -----------------------------------------------------------------------------


def test_an_open_promise_keeps_the_rules_it_began_under():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings())
    judge.receive([visit("arrived", 0)], at(0))
    judge.adopt(book(greeting(10, "sha256:second")), [Source("desk")], at(5))
    judge.receive([visit("arrived", 6, id="2")], at(6))
    said = judge.receive([Watermark("desk", at(60))], at(61))
    breached = {(d.id, d.rules, d.limit, d.at) for d in said if isinstance(d, CaseDecision)}
    assert breached == {("1", "sha256:first", 60.0, at(60)), ("2", "sha256:second", 10.0, at(16))}


def test_a_clock_that_starts_exactly_at_the_change_is_under_the_new_rules():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings())
    judge.receive([visit("arrived", 0)], at(0))
    judge.adopt(book(greeting(10, "sha256:second")), [Source("desk")], at(5))
    judge.receive([visit("arrived", 5, id="2")], at(6))
    said = judge.receive([visit("greeted", 10, id="2")], at(10))
    assert [d.rules for d in said if isinstance(d, CaseDecision)] == ["sha256:second"]


def test_the_same_meaning_again_is_no_new_version():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings())
    judge.receive([visit("arrived", 0)], at(0))
    before = judge.next_due("desk")
    assert judge.adopt(book(greeting(60)), [Source("desk")], at(5)) == []
    assert judge.next_due("desk") == before == at(60)


def test_a_standard_that_is_gone_is_judged_to_its_end_and_then_not_shown():
    other = structs.replace(greeting(60), id="other")
    judge = Judge(book(greeting(60), other), [Source("desk")], JudgeSettings())
    judge.receive([visit("arrived", 0)], at(0))
    judge.adopt(book(other), [Source("desk")], at(5))
    said = judge.receive([visit("greeted", 20)], at(20))
    assert sorted(d.standard for d in said if isinstance(d, CaseDecision)) == ["greet", "other"]
    judge.receive([visit("arrived", 30, id="2")], at(30))
    said = judge.receive([visit("greeted", 31, id="2")], at(31))
    assert [d.standard for d in said if isinstance(d, CaseDecision)] == ["other"]


# -- sources -------------------------------------------------------------------------------------------


def test_only_the_sources_that_can_say_the_end_are_waited_for():
    door = Source("door", {"visit": ("arrived",)})
    desk = Source("desk", {"visit": ("greeted",)})
    judge = Judge(book(greeting(60)), [door, desk], JudgeSettings())
    judge.receive([visit("arrived", 0, source="door")], at(0))
    assert judge.next_due("door") is None
    assert words(judge.receive([Watermark("desk", at(60))], at(60))) == [
        ("VerdictSpoken", Verdict.BREACHED, 60)
    ]


def test_a_source_speaks_for_its_own_site_only():
    here = Source("here", {"visit": ("arrived", "greeted")}, {"site": "here"})
    there = Source("there", {"visit": ("arrived", "greeted")}, {"site": "there"})
    judge = Judge(book(greeting(60)), [here, there], JudgeSettings())
    judge.receive([visit("arrived", 0, source="here", site="here")], at(0))
    assert (judge.next_due("here"), judge.next_due("there")) == (at(60), None)


def test_without_any_source_that_could_end_it_nothing_is_a_breach():
    door = Source("door", {"visit": ("arrived",)})
    judge = Judge(book(greeting(60)), [door], JudgeSettings())
    judge.receive([visit("arrived", 0, source="door")], at(0))
    assert words(judge.receive([Watermark("door", at(600))], at(600))) == []
    (group,) = judge.snapshot().groups
    assert (group.open, group.overdue) == (1, 1)


def test_a_source_is_dark_when_silent_for_longer_than_it_may_and_not_at_exactly_that():
    judge = Judge(book(greeting(60)), [Source("desk", max_silence=timedelta(seconds=10))], JudgeSettings())
    judge.receive([Watermark("desk", at(0))], at(0))
    assert judge.tick(at(10)) == []
    assert judge.tick(at(10.000001)) == [SourceSpoken("desk", "dark", at(10.000001))]
    assert SourceSpoken("desk", "seen", at(20)) in judge.receive([Watermark("desk", at(20))], at(20))


def test_a_watermark_of_our_own_making_is_no_sign_of_life():
    source = Source("desk", max_silence=timedelta(seconds=10), own_watermark=True)
    judge = Judge(book(greeting(60)), [source], JudgeSettings())
    judge.receive([visit("arrived", 0)], at(0))
    judge.receive([Watermark("desk", at(8))], at(8))
    assert judge.heard("desk") == at(0)
    assert SourceSpoken("desk", "dark", at(10.000001)) in judge.tick(at(11))


def test_our_own_pause_is_nobodys_silence():
    judge = Judge(book(greeting(60)), [Source("desk", max_silence=timedelta(seconds=10))], JudgeSettings())
    judge.receive([Watermark("desk", at(0))], at(0))
    assert judge.adopt(book(greeting(60)), [Source("desk")], at(3600), resumed=True) == []
    assert not judge.snapshot().sources[0].dark


def test_a_dark_source_makes_its_standards_unknown_and_holds_their_alerts():
    rule = AlertRule(on=(Condition.BREACH, Condition.SILENCE), keep_firing_for=timedelta(seconds=5))
    source = Source("desk", max_silence=timedelta(seconds=10))
    judge = Judge(book(greeting(3, alert=rule)), [source], JudgeSettings())
    judge.receive([visit("arrived", 0, site="here")], at(0))
    assert alerts(judge.receive([Watermark("desk", at(3))], at(3))) == [(Condition.BREACH, AlertState.FIRING)]
    judge.receive([visit("greeted", 7)], at(7))
    assert alerts(judge.tick(at(8))) == [(Condition.BREACH, AlertState.RESOLVED)]
    judge.receive([visit("arrived", 9, id="2", site="here"), Watermark("desk", at(12))], at(12))
    assert alerts(judge.tick(at(30))) == [(Condition.SILENCE, AlertState.FIRING)]
    (group,) = judge.snapshot().groups
    assert group.state is State.UNKNOWN
    assert group.alerts[Condition.BREACH].state is AlertState.FIRING, "unknown resolves nothing"


def test_a_source_that_is_added_does_not_unspeak_what_was_spoken():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings())
    judge.receive([visit("arrived", 0), Watermark("desk", at(60))], at(60))
    assert judge.adopt(book(greeting(60)), [Source("desk"), Source("camera")], at(100)) == []
    (group,) = judge.snapshot().groups
    assert (group.state, group.breached_open) == (State.BROKEN, 1)
    judge.receive([visit("arrived", 70, id="2"), Watermark("desk", at(200))], at(200))
    assert judge.next_due("camera") == at(130), "what falls due later waits for it, too"
    assert words(judge.receive([Watermark("camera", at(130))], at(200))) == [
        ("VerdictSpoken", Verdict.BREACHED, 130)
    ]


def test_nothing_is_paged_as_at_risk_before_its_source_was_heard_after_a_restart():
    rule = AlertRule(on=(Condition.AT_RISK,), warn_at=0.5)
    judge = Judge(book(greeting(60, alert=rule)), [Source("desk")], JudgeSettings())
    judge.receive([visit("arrived", 0)], at(0))
    judge = Judge.load(judge.dump(), book(greeting(60, alert=rule)), [Source("desk")], JudgeSettings())
    assert judge.adopt(book(greeting(60, alert=rule)), [Source("desk")], at(50), resumed=True) == []
    assert judge.heard("desk") == at(0), "that it was heard is not forgotten"
    assert alerts(judge.receive([Watermark("desk", at(51))], at(51))) == [
        (Condition.AT_RISK, AlertState.FIRING)
    ]


def test_what_was_over_long_ago_is_not_paged_after_a_restart():
    rule = AlertRule(on=(Condition.AT_RISK,), warn_at=0.5)
    judge = Judge(book(greeting(60, alert=rule)), [Source("desk")], JudgeSettings())
    judge.receive([visit("arrived", 0)], at(0))
    judge.adopt(book(greeting(60, alert=rule)), [Source("desk")], at(50), resumed=True)
    assert alerts(judge.receive([visit("greeted", 20), Watermark("desk", at(51))], at(51))) == []


# -- what is taken -------------------------------------------------------------------------------------

LATE = JudgeSettings(accept_late=timedelta(seconds=100), accept_early=timedelta(seconds=50))
# instant of the reading, with the watermark at 1000 and the wall clock at 1000 → refused as
TIMES = [
    (899, "too_late"),
    (900, None),  # exactly as late as is accepted
    (901, None),
    (1050, None),
    (1051, "too_early"),
]


@pytest.mark.parametrize(("seconds", "reason"), TIMES)
def test_readings_too_late_or_too_early_are_refused_with_their_place(seconds, reason):
    judge = Judge(book(greeting(60)), [Source("desk")], LATE)
    judge.receive([Watermark("desk", at(1000))], at(1000))
    said = judge.receive([Watermark("desk", at(1000)), visit("arrived", seconds)], at(1000))
    refused = [(d.reason, d.place) for d in said if isinstance(d, Refused)]
    assert refused == ([] if reason is None else [(reason, 1)])


def test_what_the_vocabulary_does_not_know_is_refused():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings())
    strange = [
        visit("teleported", 0),
        Event("desk", "seance", "1", "arrived", at(0)),
        Retract("desk", "seance", "1"),
    ]
    reasons = [d.reason for d in judge.receive(strange, at(0)) if isinstance(d, Refused)]
    assert reasons == ["unknown_event", "unknown_kind", "unknown_kind"]


def test_what_ended_before_judge_from_is_recorded_and_not_judged():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings(judge_from=at(100)))
    old = [visit("arrived", 0), visit("greeted", 90), visit("finished", 99.9)]
    running = [visit("arrived", 0, id="2"), visit("greeted", 90, id="2"), visit("finished", 100, id="2")]
    said = judge.receive([*old, *running, Watermark("desk", at(101))], at(101))
    assert {d.id for d in said if isinstance(d, CaseDecision)} == {"2"}


def test_what_was_broken_before_judging_began_is_told_together_and_not_a_page_each():
    rule = AlertRule(on=(Condition.BREACH,))
    settings = JudgeSettings(judge_from=at(100))
    judge = Judge(book(greeting(60, alert=rule, by=("desk",))), [Source("desk")], settings)
    old = [visit("arrived", n, id=str(n), desk=str(n)) for n in range(5)]
    edge = visit("arrived", 40, id="40", desk="40")  # due exactly when judging began: not old
    said = judge.receive([*old, edge, Watermark("desk", at(101))], at(101))
    assert sum(d.verdict is Verdict.BREACHED for d in said if isinstance(d, CaseDecision)) == 6
    assert [d.group for d in said if isinstance(d, Alert)] == [{"desk": "40"}]
    assert judge.snapshot().backlog == Backlog(5, at(0), at(100))
    judge = Judge.load(judge.dump(), book(greeting(60, alert=rule, by=("desk",))), [Source("desk")], settings)
    assert judge.snapshot().backlog == Backlog(5, at(0), at(100)), "a restart does not forget it"
    judge.receive([visit("greeted", 102, id="0")], at(102))
    assert judge.snapshot().backlog == Backlog(4, at(1), at(100))
    judge.receive([visit("left", 103, id=str(n)) for n in range(1, 5)], at(103))
    assert judge.snapshot().backlog is None


# -- memory --------------------------------------------------------------------------------------------


def test_a_closed_interaction_leaves_memory_and_an_open_one_never_does():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings(keep=timedelta(seconds=10)))
    judge.receive([visit("arrived", 0), visit("greeted", 1), visit("arrived", 0, id="2")], at(1))
    asked = [visit("finished", 5), visit("greeted", 5, id="2")]
    assert judge.missing(asked) == set()
    judge.tick(at(11))
    assert judge.missing(asked) == {("visit", "1")}
    judge.tick(at(100_000))
    assert judge.missing(asked) == {("visit", "1")}


def test_what_a_late_gap_could_change_stays_as_long_as_a_gap_is_taken():
    settings = JudgeSettings(keep=timedelta(seconds=10), accept_late=timedelta(seconds=1000))
    judge = Judge(book(greeting(60)), [Source("desk")], settings)
    judge.receive([visit("arrived", 0)], at(0))
    said = judge.receive([Gap("desk", at(10), at(20)), Watermark("desk", at(20))], at(20))
    assert [(d.verdict, d.reason) for d in said if isinstance(d, CaseDecision)] == [("excluded", "unseen")]
    judge.tick(at(1019))
    assert judge.missing([visit("greeted", 5)]) == set()
    judge.tick(at(1020))
    assert judge.missing([visit("greeted", 5)]) == {("visit", "1")}


def test_the_wall_clock_never_goes_back():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings())
    judge.tick(at(100))
    judge.receive([visit("arrived", 0)], at(50))
    assert judge.wall == at(100)


# -- figures -------------------------------------------------------------------------------------------


def test_figures_are_there_from_the_start_for_sites_that_somebody_speaks_for():
    here = Source("here", {"visit": ("arrived", "greeted")}, {"site": "here"})
    calls = Source("calls", {"call": ("queued",)}, {"site": "call-center"})
    settings = JudgeSettings(sites=("here", "call-center"))
    judge = Judge(book(greeting(60)), [here, calls], settings)
    judge.tick(at(0))
    (group,) = judge.snapshot().groups
    assert group.group == (("site", "here"),)
    assert group.verdicts == dict.fromkeys(Verdict, 0)
    assert (group.state, group.kept_ratio) == (State.KEPT, None)


def test_a_share_counts_what_stands_and_ages_by_the_instant():
    objective = Objective(at_least=0.5, over=Rolling(timedelta(seconds=100)), min_count=2)
    rule = AlertRule(on=(Condition.OBJECTIVE,))
    judge = Judge(book(greeting(10, objective=objective, alert=rule)), [Source("desk")], JudgeSettings())

    def share() -> tuple[int, float | None]:
        (group,) = judge.snapshot().groups
        return group.counted, group.kept_ratio

    judge.receive([visit("arrived", 0), visit("greeted", 5)], at(5))
    assert share() == (1, None), "below min_count the share is unknown, not 100 %"
    judge.receive([visit("arrived", 10, id="2"), Watermark("desk", at(20))], at(20))
    assert share() == (2, 0.5)
    said = judge.receive([visit("arrived", 30, id="3"), Watermark("desk", at(40))], at(40))
    assert share() == (3, pytest.approx(1 / 3))
    assert alerts(said) == [(Condition.OBJECTIVE, AlertState.FIRING)]
    judge.receive([visit("greeted", 35, id="3")], at(50))  # read late: the breach becomes a kept promise
    assert share() == (3, pytest.approx(2 / 3))
    (group,) = judge.snapshot().groups
    assert (group.violations, group.amendments) == (2, 1), "counters only rise"
    judge.tick(at(104.999999))
    assert share() == (3, pytest.approx(2 / 3))
    judge.tick(at(105))  # (t − 100, t]: what was 100 seconds ago is out
    assert share() == (2, 0.5)


def test_measured_times_fall_into_buckets_with_an_edge_exactly_at_the_limit():
    judge = Judge(book(greeting(60)), [Source("desk")], JudgeSettings())
    for number, seconds in enumerate((59, 60, 60.000001)):
        judge.receive(
            [visit("arrived", 0, id=str(number)), visit("greeted", seconds, id=str(number))], at(61)
        )
    judge.receive([Watermark("desk", at(61))], at(61))
    (group,) = judge.snapshot().groups
    counts = dict(zip((*group.measured.edges, None), group.measured.counts, strict=True))
    assert (counts[60.0], counts[75.0], sum(group.measured.counts)) == (2, 1, 3)
    assert group.measured.sum == pytest.approx(179.000001)
