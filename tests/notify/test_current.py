"""Which alerts stand, and how they are worded: the same after a restart, whole on resolve."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest
from msgspec import structs

from standardsd.language.explain import sentence
from standardsd.language.speech import ENGLISH
from standardsd.model.decision import AlertState, SourceSpoken, Verdict
from standardsd.model.measure import Calendar, CalendarUnit, Measure, Rolling, Sampled
from standardsd.model.objective import Objective, Target
from standardsd.model.promise import AnyPromise, Limits, OpenDays
from standardsd.model.snapshot import AlertNow, Backlog, Burn, GroupNow, Histogram, State
from standardsd.model.source import Source
from standardsd.model.standard import Condition, Severity
from standardsd.notify.current import CurrentAlerts, resolved_kept_for
from standardsd.notify.message import checked
from standardsd.notify.texts import annotations_of
from tests.notify.parts import GREET, KIOSK, NOON, SECOND, URL, alert

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
GROUP = (("site", "grand-budapest"),)


def alerts() -> CurrentAlerts:
    return CurrentAlerts([GREET], [KIOSK], URL)


def figures(count: int, oldest: datetime | None) -> GroupNow:
    return GroupNow(
        standard=GREET.id,
        group=GROUP,
        state=State.BROKEN,
        verdicts=dict.fromkeys(Verdict, 0),
        violations=3,
        amendments=0,
        open=5,
        at_risk=1,
        overdue=1,
        breached_open=2,
        next_due=None,
        kept_ratio=0.93125,
        counted=160,
        excluded=0,
        indeterminate=0,
        budget_remaining=-0.375,
        measured=Histogram((60.0,), (0, 0), 0.0),
        alerts={Condition.BREACH: AlertNow(AlertState.FIRING, NOON, count, oldest)},
        urgent=(),
        target=0.95,
    )


def test_a_firing_alert_carries_the_contracts_labels_annotations_and_link() -> None:
    fired = alert("firing", NOON + 60 * SECOND, count=3, oldest=NOON)
    (told,) = alerts().messages([fired], {(GREET.id, GROUP): figures(3, NOON)})
    message = told.message
    assert message.labels == {
        "alertname": "greet-within-60s",
        "condition": "breach",
        "severity": "warning",
        "site": "grand-budapest",
        "source": "standardsd",
    }
    assert message.annotations == {
        "summary": "Arriving guests are greeted within 60 seconds: broken at site grand-budapest",
        "description": (
            "3 broken, the oldest began at 2026-11-21T12:00:00Z; promised: within 1m, in at least 95 % of cases "
            "over 30d; share kept 93.1 % of 160 counted; open now: 5, past due: 3."
        ),
        "promise": sentence(GREET, ENGLISH),
        "runbook_url": "https://wiki.example/greeting",
        "dashboard_url": "http://127.0.0.1:8080/?standard=greet-within-60s&site=grand-budapest",
        "since": "2026-11-21T12:01:00Z",
        "count": "3",
        "oldest": "2026-11-21T12:00:00Z",
    }
    assert (message.starts_at, message.ends_at) == (NOON + MINUTE, None)
    assert message.generator_url == (
        "http://127.0.0.1:8080/standards/greet-within-60s"
        "?condition=breach&since=2026-11-21T12%3A01%3A00Z&site=grand-budapest"
    )
    assert checked(message).message == message  # nothing in it that Alertmanager would refuse


@pytest.mark.parametrize(
    ("condition", "means", "describes"),
    [
        (Condition.BREACH, "broken", "2 broken; promised"),
        (Condition.AT_RISK, "about to be broken", "2 about to be broken; promised"),
        (Condition.OBJECTIVE, "kept too seldom", "The share kept is below its target; promised"),
        (Condition.BURN, "its error budget burns too fast", "The error budget burns too fast; promised"),
        (Condition.LIMIT, "out of its limits", "It is out of its limits; promised"),
        (Condition.SILENCE, "cannot be judged", "Its source is silent; promised"),
    ],
)
def test_each_condition_has_its_words(condition: Condition, means: str, describes: str) -> None:
    (told,) = alerts().messages([alert("firing", NOON, condition=condition, count=2)])
    assert told.message.annotations["summary"].endswith(f": {means} at site grand-budapest")
    assert told.message.annotations["description"].startswith(describes)
    assert "oldest" not in told.message.annotations


# objective, promise, measure and figures of now → what the description says after the state
SAID = [
    (
        Objective(None, Calendar(CalendarUnit.MONTH), targets=(Target(date(2026, 1, 1), 0.9),)),
        GREET.promise, GREET.measure, {"target": 0.9},
        "promised: within 1m, in at least 90 % of cases each month; share kept 93.1 % of 160 counted; "
        "open now: 5, past due: 3.",
    ),
    (
        Objective(None, Rolling(DAY), targets=(Target(date(2027, 1, 1), 0.9),)),
        GREET.promise, GREET.measure, {"target": None},  # nothing is asked for yet
        "promised: within 1m; share kept 93.1 % of 160 counted; open now: 5, past due: 3.",
    ),
    (
        GREET.objective, OpenDays(5, within=True), GREET.measure,
        {"burn": (Burn("5m", 0.0), Burn("1h", 14.44))},
        "promised: within 5 open days, in at least 95 % of cases over 30d; share kept 93.1 % of 160 counted; "
        "open now: 5, past due: 3; times the budget spent: 0 in 5m, 14.4 in 1h.",
    ),
    (
        Objective(0.95, Rolling(DAY)), Limits(highest=10), Sampled("queue_length"), {"value": 12.0},
        "promised: at most 10, in at least 95 % of time over 1d; now 12; share kept 93.1 %.",
    ),
    (
        None, Limits(lowest=0.9, lowest_in=False, unit="%"), Sampled("stock"), {"value": None},
        "promised: over 90%; now unknown; share kept 93.1 %.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("objective", "promise", "measure", "now", "said"), SAID)
def test_what_was_promised_is_told_in_the_rules_words_with_the_figures_of_now(
    objective: Objective | None, promise: AnyPromise, measure: Measure, now: dict[str, object], said: str
) -> None:
    standard = structs.replace(GREET, objective=objective, promise=promise, measure=measure)
    found = annotations_of(
        alert("firing", NOON, count=2), standard, structs.replace(figures(2, None), **now), URL, NOON
    )
    assert found["description"] == f"2 broken; {said}"


def test_a_resolved_alert_keeps_labels_start_and_all_annotations() -> None:
    standing = alerts()
    (fired,) = standing.messages([alert("firing", NOON, count=2, oldest=NOON)])
    standing.keep([fired])
    (ended,) = standing.messages([alert("resolved", NOON + 90 * SECOND, count=0)])
    assert ended.message.labels == fired.message.labels
    assert ended.message.starts_at == NOON
    assert ended.message.ends_at == NOON + 90 * SECOND
    assert ended.message.annotations["summary"] == fired.message.annotations["summary"]
    assert ended.message.annotations["description"].startswith("Resolved at 2026-11-21T12:01:30Z; promised")
    assert ended.message.annotations["since"] == "2026-11-21T12:00:00Z"
    assert ended.message.generator_url == fired.message.generator_url
    assert set(ended.message.annotations) >= {
        "summary",
        "description",
        "runbook_url",
        "dashboard_url",
        "count",
    }


def test_nothing_stands_until_it_is_kept() -> None:
    standing = alerts()
    told = standing.messages([alert("firing", NOON)])
    assert standing.current(NOON) == []
    standing.keep(told)
    assert standing.current(NOON) == [told[0].message]


def test_fired_and_resolved_in_one_batch_are_two_messages_of_one_identity() -> None:
    standing = alerts()
    fired, ended, again = standing.messages(
        [alert("firing", NOON), alert("resolved", NOON + SECOND), alert("firing", NOON + 2 * SECOND)]
    )
    assert fired.message.identity == ended.message.identity == again.message.identity
    assert (ended.message.starts_at, ended.message.ends_at) == (NOON, NOON + SECOND)
    assert (again.message.starts_at, again.message.ends_at) == (NOON + 2 * SECOND, None)
    standing.keep([fired, ended, again])
    # Only the last word stands: the ended one, told again, would end the new one.
    assert standing.current(NOON + 3 * SECOND) == [again.message]


def test_ended_and_begun_in_one_instant_are_still_two_alerts_in_order() -> None:
    standing = alerts()
    first = standing.messages([alert("firing", NOON), alert("resolved", NOON), alert("firing", NOON)])
    starts = [one.message.starts_at for one in first]
    assert starts == [NOON, NOON, NOON + timedelta(microseconds=1)]
    ranks = [one.message.rank for one in first]
    assert ranks == sorted(set(ranks))
    assert len({one.message.key("am") for one in first}) == 3


def test_what_is_known_already_is_not_told_again() -> None:
    standing = alerts()
    standing.keep(standing.messages([alert("firing", NOON)]))
    assert standing.messages([alert("firing", NOON + SECOND)]) == []
    standing.keep(standing.messages([alert("resolved", NOON + SECOND)]))
    assert standing.messages([alert("resolved", NOON + 2 * SECOND)]) == []


@pytest.mark.parametrize("state", ["pending", "inactive"])
def test_pending_and_inactive_tell_nobody(state: str) -> None:
    assert alerts().messages([alert(state, NOON)]) == []


def test_a_resolve_whose_firing_was_forgotten_is_told_all_the_same() -> None:
    (told,) = alerts().messages([alert("resolved", NOON)])
    assert (told.message.starts_at, told.message.ends_at) == (NOON, NOON)


@pytest.mark.parametrize(
    ("after", "stands"),
    [
        (resolved_kept_for - timedelta(microseconds=1), True),
        (resolved_kept_for, False),  # exactly fifteen minutes ago is told no more
        (resolved_kept_for + timedelta(microseconds=1), False),
    ],
)
def test_an_ended_alert_stands_for_fifteen_minutes(after: timedelta, stands: bool) -> None:
    standing = alerts()
    standing.keep(standing.messages([alert("firing", NOON), alert("resolved", NOON + SECOND)]))
    assert bool(standing.current(NOON + SECOND + after)) is stands
    assert standing.firing() == 0


def test_after_a_restart_the_same_alerts_stand_with_the_same_start() -> None:
    before, after = alerts(), alerts()
    before.keep(
        before.messages([alert("firing", NOON, count=2, oldest=NOON), SourceSpoken("kiosk", "dark", NOON)])
    )
    after.load(before.dump())
    later = NOON + timedelta(days=1)
    assert after.current(later) == before.current(later)
    (ended,) = after.messages([alert("resolved", later)])
    assert (ended.message.starts_at, ended.message.ends_at) == (NOON, later)


def test_told_again_it_carries_the_figures_of_now_and_the_same_summary() -> None:
    standing = alerts()
    (fired,) = standing.messages([alert("firing", NOON, count=1, oldest=NOON)])
    standing.keep([fired])
    (again,) = standing.current(NOON + MINUTE, {(GREET.id, GROUP): figures(40, NOON - MINUTE)})
    assert again.annotations["count"] == "40"
    assert again.annotations["oldest"] == "2026-11-21T11:59:00Z"
    assert again.annotations["description"].startswith("40 broken, the oldest began at 2026-11-21T11:59:00Z")
    for unchanged in ("summary", "since", "dashboard_url"):
        assert again.annotations[unchanged] == fired.message.annotations[unchanged]
    assert (again.labels, again.starts_at, again.generator_url) == (
        fired.message.labels,
        fired.message.starts_at,
        fired.message.generator_url,
    )


def test_a_changed_severity_does_not_leave_the_old_alert_firing_for_ever() -> None:
    """Another label would be another alert; the resolve must reach the one that was told."""
    standing = alerts()
    (fired,) = standing.messages([alert("firing", NOON)])
    standing.keep([fired])
    standing.adopt([msgspec.structs.replace(GREET, severity=Severity.CRITICAL)], [KIOSK], URL)
    (ended,) = standing.messages([alert("resolved", NOON + SECOND)])
    assert ended.message.labels == fired.message.labels
    standing.keep([ended])
    (again,) = standing.messages([alert("firing", NOON + 2 * SECOND)])
    assert again.message.labels["severity"] == "critical"


def test_a_standard_that_is_gone_can_still_be_resolved() -> None:
    standing = alerts()
    (fired,) = standing.messages([alert("firing", NOON)])
    standing.keep([fired])
    standing.adopt([], [], URL)
    assert standing.current(NOON, {(GREET.id, GROUP): figures(4, None)}) == [fired.message]
    (ended,) = standing.messages([alert("resolved", NOON + SECOND)])
    assert ended.message.labels == fired.message.labels
    assert ended.message.annotations == fired.message.annotations
    assert ended.message.ends_at == NOON + SECOND
    assert standing.messages([alert("firing", NOON, site="elsewhere")]) == []


def test_a_dark_source_is_an_alert_of_its_own_at_its_site() -> None:
    standing = alerts()
    (dark,) = standing.messages([SourceSpoken("kiosk", "dark", NOON)])
    assert dark.message.labels == {
        "alertname": "SourceDark",
        "condition": "silence",
        "severity": "warning",
        "site": "grand-budapest",
        "source": "standardsd",
        "source_name": "kiosk",
    }
    assert dark.message.annotations["summary"] == "Source kiosk is silent"
    assert "more than 15m" in dark.message.annotations["description"]
    assert checked(dark.message).message == dark.message
    standing.keep([dark])
    assert standing.messages([SourceSpoken("kiosk", "dark", NOON + SECOND)]) == []
    (seen,) = standing.messages([SourceSpoken("kiosk", "seen", NOON + MINUTE)])
    assert seen.message.labels == dark.message.labels
    assert (seen.message.starts_at, seen.message.ends_at) == (NOON, NOON + MINUTE)
    assert set(seen.message.annotations) == set(dark.message.annotations)


def test_a_source_seen_for_the_first_time_tells_nobody() -> None:
    assert alerts().messages([SourceSpoken("kiosk", "seen", NOON)]) == []


def test_groups_with_strange_values_make_sound_links_and_labels() -> None:
    nasty = 'Bük & Fürdő/"100%" \n<x>'
    (told,) = alerts().messages([alert("firing", NOON, site=nasty)])
    result = checked(told.message)
    assert result.left_out == ()
    assert result.message is not None
    assert result.message.labels["site"] == nasty
    assert told.message.generator_url is not None
    assert "site=B%C3%BCk+%26+F%C3%BCrd%C5%91%2F%22100%25%22+%0A%3Cx%3E" in told.message.generator_url


def test_an_unlabelled_group_has_no_empty_label() -> None:
    (told,) = alerts().messages([alert("firing", NOON, site="")])
    assert "site" not in told.message.labels
    assert told.message.annotations["summary"].endswith(": broken")


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.95, "95 %"), (0.931, "93.1 %"), (0.9996, "99.9 %"), (1.0, "100 %"), (0.0, "0 %")],
)
def test_a_share_is_never_rounded_up_to_all(share: float, shown: str) -> None:
    assert ENGLISH.rounded(share) == shown


def test_a_source_unknown_to_the_configuration_is_still_named() -> None:
    (told,) = CurrentAlerts([], [Source("other")], URL).messages([SourceSpoken("ghost", "dark", NOON)])
    assert told.message.labels["source_name"] == "ghost"


# --- the digest of what was broken before judging began

BACKLOG = Backlog(3, NOON - 60 * MINUTE, NOON)


def test_the_digest_is_told_at_its_beginning_and_at_its_end_and_not_between() -> None:
    current = alerts()
    assert current.digest(None, NOON) == []
    (begun,) = current.digest(BACKLOG, NOON + SECOND)
    assert (begun.message.labels["alertname"], begun.message.starts_at, begun.message.ends_at) == (
        "AlreadyBroken",
        NOON,
        None,
    )
    assert current.digest(BACKLOG, NOON + SECOND) == [begun], "until it is kept nothing has changed"
    current.keep([begun])
    assert current.digest_stands
    assert current.digest(msgspec.structs.replace(BACKLOG, count=1), NOON + 2 * SECOND) == []
    (ended,) = current.digest(None, NOON + 3 * SECOND)
    assert (ended.message.labels, ended.message.starts_at) == (begun.message.labels, NOON)
    assert ended.message.ends_at == NOON + 3 * SECOND
    current.keep([ended])
    assert not current.digest_stands
    assert current.digest(None, NOON + 4 * SECOND) == []


def test_a_digest_that_comes_again_is_a_later_word_than_its_end() -> None:
    current = alerts()
    current.keep(current.digest(BACKLOG, NOON))
    current.keep(current.digest(None, NOON + MINUTE))
    (ended,) = current.current(NOON + MINUTE)
    (again,) = current.digest(BACKLOG, NOON + 2 * MINUTE)
    assert again.message.rank > ended.rank
    assert again.message.identity == ended.identity


def test_a_re_send_tells_the_digest_with_the_figures_of_now_and_ends_one_that_nobody_ended() -> None:
    current = alerts()
    (first,) = current.current(NOON, backlog=BACKLOG)  # nobody said it before: after a restart
    assert first.annotations["count"] == "3"
    fewer = Backlog(1, NOON - MINUTE, NOON)
    (second,) = current.current(NOON + MINUTE, backlog=fewer)
    assert (second.annotations["count"], second.starts_at, second.ends_at) == ("1", NOON, None)
    (last,) = current.current(NOON + 2 * MINUTE)
    assert last.ends_at == NOON + 2 * MINUTE
    # It goes on being told as ended, with the same end, for as long as any other alert.
    (still,) = current.current(NOON + 2 * MINUTE + resolved_kept_for - SECOND)
    assert still == last
    assert current.current(NOON + 2 * MINUTE + resolved_kept_for) == []


def test_the_digest_outlives_a_restart() -> None:
    before, after = alerts(), alerts()
    before.keep(before.digest(BACKLOG, NOON))
    after.load(before.dump())
    assert after.digest_stands
    assert after.digest(BACKLOG, NOON + MINUTE) == []
    assert checked(after.current(NOON, backlog=BACKLOG)[0]).message is not None
