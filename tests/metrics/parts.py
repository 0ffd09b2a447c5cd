"""What the metrics tests share: a rule book, groups with figures, and a snapshot of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from standardsd.metrics.figures import ChannelFigures, DaemonFigures, SourceFigures
from standardsd.model.decision import AlertState, Verdict
from standardsd.model.measure import Rolling
from standardsd.model.snapshot import AlertNow, GroupNow, Histogram, Snapshot, SourceNow, State
from standardsd.model.standard import (
    AlertRule,
    Condition,
    FromTo,
    Limits,
    Objective,
    Promise,
    RuleBook,
    Sampled,
    Severity,
    Standard,
)
from standardsd.model.vocabulary import VOCABULARY

NOON = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)
HASH = "sha256:" + "a" * 64

GREET = Standard(
    id="greet-within-60s",
    title='Guests are greeted within "60 s", always\\',
    of="visit",
    measure=FromTo(("arrived",), ("greeted",)),
    promise=Promise(timedelta(seconds=60), within=True),
    rules=HASH,
    set="hotel",
    objective=Objective(0.95, Rolling(timedelta(days=30)), 20),
    alert=AlertRule(on=(Condition.BREACH, Condition.AT_RISK)),
    severity=Severity.CRITICAL,
    dimension="responsiveness",
)
ANSWER = Standard(
    id="answer-within-20s",
    title="Calls are answered within 20 seconds",
    of="call",
    measure=FromTo(("queued",), ("answered",)),
    promise=Promise(timedelta(seconds=20), within=True),
    rules=HASH,
    set="phones",
    by=("site", "queue"),
)
WAKE_UP = Standard(
    id="wake-up-call",
    title="Wake-up calls come on time",
    of="request",
    measure=FromTo(("due",), ("delivered",)),
    promise=Promise(timedelta(minutes=2), within=True),
    rules=HASH,
    set="hotel",
)
QUEUE = Standard(
    id="queue-length",
    title="Few people wait at the desk",
    of="",
    measure=Sampled("queue_length"),
    promise=Limits(highest=10),
    rules=HASH,
    set="hotel",
    alert=AlertRule(on=(Condition.LIMIT,)),
)
TRIED = msgspec.structs.replace(GREET, id="greet-within-30s", shadow=True)
BOOK = RuleBook((GREET, ANSWER, WAKE_UP, QUEUE, TRIED), VOCABULARY, (), HASH)


def group(standard: Standard = GREET, *values: str, **changes: object) -> GroupNow:
    """A group as it is before anything happened in it; ``values`` of ``by`` in order."""
    names = standard.by if values else ()
    edges: tuple[float, ...] = ()
    if isinstance(standard.promise, Promise):
        limit = standard.promise.limit.total_seconds()
        edges = (limit / 2, limit, limit * 2)
    fresh = GroupNow(
        standard=standard.id,
        group=tuple(zip(names, values, strict=True)),
        state=State.KEPT,
        verdicts={},
        violations=0,
        amendments=0,
        open=0,
        at_risk=0,
        overdue=0,
        breached_open=0,
        next_due=None,
        kept_ratio=None,
        counted=0,
        excluded=0,
        indeterminate=0,
        budget_remaining=None,
        measured=Histogram(edges, (0,) * (len(edges) + 1), 0.0),
        alerts={},
        urgent=(),
        target=None if standard.objective is None else standard.objective.at_least,
    )
    return msgspec.structs.replace(fresh, **changes)


BUSY = group(
    GREET,
    'Grand "Budapest"\nBük\\',
    state=State.BROKEN,
    verdicts={Verdict.MET: 937, Verdict.BREACHED: 62, Verdict.EXCLUDED: 4},
    violations=63,
    amendments=1,
    open=7,
    overdue=2,
    next_due=NOON + timedelta(seconds=3, microseconds=1),
    kept_ratio=937 / 999,
    counted=999,
    budget_remaining=1 - (62 / 999) / 0.05,
    measured=Histogram((30.0, 60.0, 120.0), (400, 537, 60, 2), 40123.456789),
    alerts={
        Condition.BREACH: AlertNow(AlertState.FIRING, NOON, 2, NOON),
        Condition.AT_RISK: AlertNow(AlertState.PENDING, NOON, 1, None),
    },
)

FIGURES = DaemonFigures(
    reload_success=True,
    reloaded_at=NOON,
    sources=(
        SourceFigures(
            "pbx1",
            answers=True,
            poll_seconds=0.0123,
            clock_offset_seconds=-0.25,
            readings={"event": 12, "watermark": 400},
            rejected={"unknown_kind": 1, "bad_time": 3},
            unmapped={"queue": 2},
        ),
        SourceFigures("kiosk"),
    ),
    channels=(ChannelFigures("alertmanager/127.0.0.1:9093", {"delivered": 5, "resent": 100}, 1),),
    detection={GREET.id: Histogram((0.001, 0.1, 1.0), (3, 50, 9, 0), 3.75)},
)
SOURCES = (
    SourceNow("kiosk", dark=False, watermark=NOON, heard=NOON),
    SourceNow("pbx1", dark=True, watermark=None, heard=NOON - timedelta(hours=1)),
)


def snapshot(*groups: GroupNow) -> Snapshot:
    return Snapshot(NOON, groups, SOURCES)


WHOLE = snapshot(
    BUSY,
    group(ANSWER, "grand", "reception"),
    group(ANSWER, "grand", ""),
    group(WAKE_UP, "grand"),
    group(QUEUE, "grand", state=State.BROKEN, value=12.0, kept_ratio=0.75),
    group(TRIED, "grand", state=State.SHADOW),
)
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
