"""A desk that holds plain values, and scenes to put on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from standardsd.language.speech import ENGLISH, Words
from standardsd.metrics.figures import SourceFigures
from standardsd.model.config import Role, Site, Token
from standardsd.model.decision import (
    AlertState,
    CaseDecision,
    Episode,
    EpisodeState,
    Final,
    Reason,
    Verdict,
    VerdictSpoken,
)
from standardsd.model.measure import Rolling, Sampled, Since, Spread
from standardsd.model.promise import Limits
from standardsd.model.reading import Reading
from standardsd.model.snapshot import (
    AlertNow,
    GroupNow,
    Histogram,
    NumberNow,
    OpenCase,
    Snapshot,
    SourceNow,
    State,
)
from standardsd.model.source import Source
from standardsd.model.standard import (
    Because,
    Condition,
    FromTo,
    Measure,
    Objective,
    Promise,
    RuleBook,
    Severity,
    Standard,
    TimeIn,
)
from standardsd.model.vocabulary import VOCABULARY
from standardsd.web.access import hash_token
from standardsd.web.desk import Failing, IngestResult, RejectedLine, SourceFacts

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)

SITES = {
    "grand-budapest": Site("grand-budapest", "Grand Budapest", "Europe/Budapest"),
    "casa-lisboa": Site("casa-lisboa", "Casa Lisboa", "Europe/Lisbon"),
    "bosphorus-view": Site("bosphorus-view", "Bosphorus View", "Europe/Istanbul"),
    "contact-center": Site("contact-center", "Contact center", "Europe/Bucharest"),
}

TOKENS = (
    Token("kiosk", Role.INGEST, hash_token("kiosk-secret"), ("kiosk",)),
    Token("sensors", Role.INGEST, hash_token("sensors-secret")),
    Token("wall", Role.READ, hash_token("wall-secret")),
    Token("duty", Role.OPERATE, hash_token("duty-secret")),
    Token("chief", Role.ADMIN, hash_token("chief-secret")),
)


def standard(
    id_: str,
    title: str,
    of: str,
    measure: Measure,
    limit: timedelta,
    *,
    severity: Severity = Severity.WARNING,
    by: tuple[str, ...] = ("site",),
    objective: Objective | None = None,
    within: bool = True,
) -> Standard:
    return Standard(
        id=id_,
        title=title,
        of=of,
        measure=measure,
        promise=Promise(limit, within),
        rules="sha256:00",
        set="test",
        by=by,
        severity=severity,
        objective=objective,
    )


def _of(percent: float, hours: int = 24) -> Objective:
    return Objective(percent / 100, Rolling(timedelta(hours=hours)), 20)


GREET = standard(
    "greet-within-60s", "Arriving guests are greeted within 60 seconds", "visit",
    FromTo(("arrived",), ("greeted",)), timedelta(seconds=60), objective=_of(95),
)  # fmt: skip
CHECK_IN = standard(
    "check-in-within-5m", "Check-in is finished within five minutes", "visit",
    FromTo(("arrived",), ("checked_in",)), timedelta(minutes=5), objective=_of(90),
)  # fmt: skip
DESK_PHONE = standard(
    "desk-phone-within-20s", "The front desk picks up within 20 seconds", "call",
    FromTo(("queued",), ("answered",)), timedelta(seconds=20), severity=Severity.CRITICAL, objective=_of(90),
)  # fmt: skip
TOWELS = standard(
    "request-within-15m", "What guests ask for is brought within 15 minutes", "request",
    FromTo(("requested",), ("delivered",)), timedelta(minutes=15), objective=_of(92),
)  # fmt: skip
QUEUE = standard(
    "answer-within-30s", "Callers are answered within 30 seconds", "call",
    FromTo(("queued",), ("answered",)), timedelta(seconds=30),
    severity=Severity.CRITICAL, by=("site", "queue"), objective=_of(80),
)  # fmt: skip
HOLD = standard(
    "hold-under-2m", "Nobody is kept on hold for two minutes", "call",
    TimeIn("on_hold", each=True), timedelta(minutes=2), within=False,
)  # fmt: skip
REPLY = standard(
    "first-reply-within-4h", "Every ticket has its first reply within four hours", "ticket",
    FromTo(("opened",), ("replied",)), timedelta(hours=4), objective=_of(97, 24 * 30),
)  # fmt: skip
LINE = replace(GREET, id="line-at-most-5", title="No more than five wait in line", of="", measure=Sampled("queue_length"),
               promise=Limits(highest=5.0), objective=None)  # fmt: skip
ROUND = replace(LINE, id="lobby-round", title="The lobby is looked after every half hour", of="duty",
                measure=Since("done"), promise=Limits(highest=1800.0, unit="s"))  # fmt: skip
FAIR = replace(LINE, id="sites-alike", title="Guests are greeted alike everywhere",
               measure=Spread("greet-within-60s", "site"), by=(), promise=Limits(highest=0.1, unit="%"))  # fmt: skip
HOTEL = (GREET, CHECK_IN, DESK_PHONE, TOWELS)
CENTER = (QUEUE, HOLD, REPLY)


def book(*standards: Standard) -> RuleBook:
    return RuleBook(standards, VOCABULARY, (), "sha256:00")


def group(rule: Standard, *values: str, state: State = State.KEPT, **changes: object) -> GroupNow:
    """One standard in one group, well unless told otherwise; ``values`` are those of ``by``."""
    assert len(values) == len(rule.by)
    assert isinstance(rule.promise, Promise)
    well = GroupNow(
        standard=rule.id,
        group=tuple(zip(rule.by, values, strict=True)),
        state=state,
        verdicts={Verdict.MET: 196, Verdict.BREACHED: 4},
        violations=4,
        amendments=0,
        open=0,
        at_risk=0,
        overdue=0,
        breached_open=0,
        next_due=None,
        kept_ratio=0.98 if rule.objective else None,
        counted=200,
        excluded=3,
        indeterminate=0,
        budget_remaining=None,
        measured=Histogram((rule.promise.limit.total_seconds(),), (196, 4), 5200.0),
        alerts={},
        urgent=(),
        target=None if rule.objective is None else rule.objective.at_least,
    )
    return replace(well, **changes)


def number(
    rule: Standard,
    *values: str,
    stands: EpisodeState,
    since: datetime = NINE,
    value: float | None = None,
    sources: tuple[str, ...] = (),
    **changes: object,
) -> GroupNow:
    """One number in one group; nothing is counted of it."""
    states = {
        EpisodeState.IN_LIMITS: State.KEPT,
        EpisodeState.BROKEN: State.BROKEN,
        EpisodeState.UNKNOWN: State.UNKNOWN,
    }
    assert isinstance(rule.promise, Limits)
    limit = rule.promise.highest if rule.promise.lowest is None else rule.promise.lowest
    empty = group(
        GREET,
        "",
        verdicts=dict.fromkeys(Verdict, 0),
        violations=0,
        counted=0,
        excluded=0,
        measured=Histogram((), (0,), 0.0),
        kept_ratio=None,
        target=None,
    )
    now = NumberNow(stands, since, value, None if value is None else limit, sources)
    told = {"standard": rule.id, "state": states[stands], "value": value, "episode": now}
    return replace(empty, **(told | {"group": tuple(zip(rule.by, values, strict=True))} | changes))


def case(
    id_: str, due: datetime | None, *, kind: str = "visit", at_risk: bool = False, late: bool = False
) -> OpenCase:
    return OpenCase(kind, id_, 1, (due or NINE) - timedelta(seconds=60), due, at_risk, late)


def firing(since: datetime, count: int = 1) -> AlertNow:
    return AlertNow(AlertState.FIRING, since, count, since)


def hotel_group(now: datetime) -> tuple[RuleBook, Snapshot]:
    """A Saturday morning in three hotels and one contact center: some well, some not, one source dark."""

    def at(seconds: float) -> datetime:
        return now + timedelta(seconds=seconds)

    groups = (
        group(GREET, "grand-budapest", state=State.BROKEN, kept_ratio=0.931, open=4, at_risk=1, breached_open=2,
              violations=14, counted=203,
              alerts={Condition.BREACH: firing(at(-97), 2)},
              urgent=(case("kiosk/4711", at(-37), late=True), case("kiosk/4713", at(-8), late=True),
                      case("kiosk/4716", at(11), at_risk=True))),
        group(CHECK_IN, "grand-budapest", kept_ratio=0.957, open=3,
              urgent=(case("kiosk/4709", at(88)), case("kiosk/4712", at(171)), case("kiosk/4716", at(251)))),
        group(DESK_PHONE, "grand-budapest", state=State.AT_RISK, kept_ratio=0.911, open=1, at_risk=1,
              alerts={Condition.AT_RISK: firing(at(-4))},
              urgent=(case("pbx1/1763715588.42", at(14), kind="call", at_risk=True),)),
        group(TOWELS, "grand-budapest", kept_ratio=0.9666, open=2,
              urgent=(case("hk/2207", at(402), kind="request"), case("hk/2209", at(777), kind="request"))),
        group(GREET, "casa-lisboa", kept_ratio=0.988, open=1, urgent=(case("door/918", at(42)),)),
        group(CHECK_IN, "casa-lisboa", kept_ratio=0.944),
        group(DESK_PHONE, "casa-lisboa", kept_ratio=0.961),
        group(TOWELS, "casa-lisboa", kept_ratio=None, counted=7, open=1,
              urgent=(case("hk/118", at(540), kind="request"),)),
        group(GREET, "bosphorus-view", state=State.UNKNOWN, kept_ratio=0.962),
        group(CHECK_IN, "bosphorus-view", state=State.UNKNOWN, kept_ratio=0.93, open=2, overdue=1,
              urgent=(case("desk/77", at(-63)), case("desk/78", at(130)))),
        group(DESK_PHONE, "bosphorus-view", kept_ratio=0.9401),
        group(TOWELS, "bosphorus-view", kept_ratio=0.951),
        group(QUEUE, "contact-center", "reservations", state=State.BROKEN, kept_ratio=0.764, open=9, at_risk=2,
              breached_open=3, violations=118, counted=500,
              alerts={Condition.BREACH: firing(at(-212), 3), Condition.OBJECTIVE: firing(at(-2640), 118)},
              urgent=(case("pbx2/1763715501.7", at(-58), kind="call", late=True),
                      case("pbx2/1763715530.2", at(-29), kind="call", late=True),
                      case("pbx2/1763715544.1", at(-15), kind="call", late=True))),
        group(QUEUE, "contact-center", "loyalty", kept_ratio=0.872, open=2,
              urgent=(case("pbx2/1763715579.9", at(18), kind="call"),
                      case("pbx2/1763715583.4", at(22), kind="call"))),
        group(HOLD, "contact-center", open=1, urgent=(case("pbx2/1763715499.3", at(71), kind="call"),)),
        group(REPLY, "contact-center", kept_ratio=0.981, open=31,
              urgent=(case("T-20431", at(5300), kind="ticket"), case("T-20440", at(9100), kind="ticket"))),
    )  # fmt: skip
    sources = (
        SourceNow("kiosk", False, at(-1), at(-1)),
        SourceNow("pbx1", False, at(-0.5), at(-0.5)),
        SourceNow("pbx2", False, at(-0.4), at(-0.4)),
        SourceNow("pms-bosphorus", True, at(-1391), at(-1391)),
    )
    return book(*HOTEL, *CENTER), Snapshot(now, groups, sources)


def breach(
    rule: Standard,
    id_: str,
    start: datetime,
    *,
    took: float | None = None,
    reason: Reason | None = None,
    closed: bool = True,
    labels: dict[str, str],
) -> CaseDecision:
    """A broken promise; ``took``: the seconds after which it was kept all the same; ``closed``: it is over."""
    due = start + rule.promise.limit
    return (Final if closed else VerdictSpoken)(
        standard=rule.id,
        kind=rule.of,
        id=id_,
        occurrence=1,
        verdict=Verdict.BREACHED,
        reason=reason,
        at=due,
        start=start,
        due=due,
        late_from=None,
        end=None if took is None else start + timedelta(seconds=took),
        measured=took,
        limit=rule.promise.limit.total_seconds(),
        labels=labels,
        rules=rule.rules,
    )


def busy_desk(now: datetime) -> HeldDesk:
    """The hotel group with the evidence of the morning, and what the daemon knows of its sources."""
    rules, snapshot = hotel_group(now)
    told = replace(
        GREET,
        runbook="https://desk.example/runbooks/greet",
        because=Because("Arrivals, 2.1", "2026", "H01"),
        rules="sha256:4f0c1d2e3b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
    )
    standards = tuple(told if rule is GREET else rule for rule in rules.standards)
    desk = HeldDesk(replace(rules, standards=standards), snapshot)

    def at(seconds: float) -> datetime:
        return now + timedelta(seconds=seconds)

    here = {"site": "grand-budapest", "desk": "lobby"}
    desk.evidence[GREET.id] = [
        breach(told, "kiosk/4690", at(-86400), took=75.25, labels=here),
        breach(told, "kiosk/4698", at(-3000), reason=Reason.LEFT, labels=here),
        breach(told, "kiosk/4702", at(-900), took=60.000001, labels=here),
        breach(told, "kiosk/4711", at(-97), closed=False, labels=here),
        breach(told, "kiosk/4713", at(-68), closed=False, labels=here),
        breach(told, "door/901", at(-4000), took=64, labels={"site": "casa-lisboa"}),
    ]
    visits: dict[str, tuple[str, ...]] = {"visit": ("arrived", "greeted", "checked_in")}
    desk.facts = {
        "kiosk": SourceFacts(
            Source("kiosk", visits),
            "push",
            SourceFigures(
                "kiosk", readings={"event": 812, "watermark": 40}, rejected={"naive_time": 3, "half_line": 1}
            ),
        ),
        "pms-bosphorus": SourceFacts(
            Source("pms-bosphorus", visits, {"site": "bosphorus-view"}),
            "pms",
            SourceFigures("pms-bosphorus", False, 0.21, -0.034, {"event": 77}),
            Failing(
                "asking for /reservations",
                "401",
                at(-1391),
                14,
                at(20),
                "check the secret file of pms-bosphorus",
            ),
        ),
    }
    return desk


def crowd(now: datetime, standards: int = 200) -> tuple[RuleBook, Snapshot]:
    """``standards`` standards at three sites; every tenth is not well."""
    rules = tuple(
        standard(f"s{n:03}", f"Standard number {n} of this house is kept by everybody in it", "visit",
                 FromTo(("arrived",), ("greeted",)), timedelta(seconds=30 + n), objective=_of(95))
        for n in range(standards)
    )  # fmt: skip
    states = (State.BROKEN, State.AT_RISK, State.UNKNOWN)
    groups = tuple(
        group(rule, site, state=states[n // 10 % 3] if n % 10 == 0 else State.KEPT)
        for site in ("grand-budapest", "casa-lisboa", "bosphorus-view")
        for n, rule in enumerate(rules)
    )
    return book(*rules), Snapshot(now, groups, (SourceNow("kiosk", False, now, now),))


class HeldDesk:
    """A desk whose answers are what was put there."""

    def __init__(self, rules: RuleBook, snapshot: Snapshot, *, sites: Mapping[str, Site] = SITES) -> None:
        self.rules = rules
        self.held = snapshot
        self.site_map = dict(sites)
        self.version = 1
        self.moved = asyncio.Condition()
        self.clock: datetime | None = None  # None: the machine's own
        self.spoken = ENGLISH
        self.token_list: Sequence[Token] = TOKENS
        self.pushed = {name: Source(name) for name in ("kiosk", "hall")}
        self.reasons: list[str] = []
        self.taken: list[tuple[str, tuple[Reading, ...], str | None]] = []
        self.counted: dict[tuple[str, str], int] = {}
        self.not_taken_lines: dict[str, list[tuple[tuple[RejectedLine, ...], dict[str, int]]]] = {}
        self.answers: dict[str, IngestResult | Exception] = {}
        self.keys: set[tuple[str, str]] = set()
        self.facts: dict[str, SourceFacts] = {}
        self.evidence: dict[str, list[CaseDecision]] = {}
        self.excursions: dict[str, list[Episode]] = {}

    def now(self) -> datetime:
        return self.clock or datetime.now(UTC)

    def words(self) -> Words:
        return self.spoken

    def snapshot(self) -> Snapshot:
        return self.held

    async def changed(self, since: int) -> int:
        async with self.moved:
            await self.moved.wait_for(lambda: self.version != since)
            return self.version

    async def put(self, snapshot: Snapshot) -> None:
        async with self.moved:
            self.held = snapshot
            self.version += 1
            self.moved.notify_all()

    def book(self) -> RuleBook:
        return self.rules

    def sites(self) -> Mapping[str, Site]:
        return self.site_map

    def source(self, name: str) -> SourceFacts | None:
        return self.facts.get(name)

    def breaches(self, standard: str) -> Sequence[CaseDecision]:
        return self.evidence.get(standard, [])

    def episodes(self, standard: str) -> Sequence[Episode]:
        return self.excursions.get(standard, [])

    def pushed_sources(self) -> Mapping[str, Source]:
        return self.pushed

    def tokens(self) -> Sequence[Token]:
        return self.token_list

    async def ingest(self, source: str, readings: Sequence[Reading], key: str | None) -> IngestResult:
        answer = self.answers.get(source)
        if isinstance(answer, Exception):
            raise answer
        if key is not None and (source, key) in self.keys:
            return IngestResult(len(readings), duplicate=True)
        if key is not None:
            self.keys.add((source, key))
        self.taken.append((source, tuple(readings), key))
        return answer or IngestResult(len(readings))

    def rejected(self, source: str, reason: str, count: int) -> None:
        self.counted[source, reason] = self.counted.get((source, reason), 0) + count

    def not_taken(self, source: str, lines: Sequence[RejectedLine], reasons: Mapping[str, int]) -> None:
        self.not_taken_lines.setdefault(source, []).append((tuple(lines), dict(reasons)))

    def metrics(self, accept: str) -> tuple[str, bytes]:
        return "text/plain; version=0.0.4; charset=utf-8", f"# asked for {accept}\nstandardsd_up 1\n".encode()

    def ready(self) -> list[str]:
        return self.reasons


def changed_group(snapshot: Snapshot, rule: Standard, *values: str, **changes: object) -> Snapshot:
    """``snapshot`` with one group changed."""
    wanted = tuple(zip(rule.by, values, strict=True))
    groups = tuple(
        replace(g, **changes) if (g.standard, g.group) == (rule.id, wanted) else g for g in snapshot.groups
    )
    assert groups != snapshot.groups, "the group is not there, or nothing was changed"
    return replace(snapshot, groups=groups)


def broken_greeting(snapshot: Snapshot, now: datetime) -> Snapshot:
    """Casa Lisboa, where all was well, breaks its greeting."""
    return changed_group(
        replace(snapshot, at=now),
        GREET,
        "casa-lisboa",
        state=State.BROKEN,
        breached_open=1,
        violations=5,
        alerts={Condition.BREACH: firing(now)},
        urgent=(case("door/918", now, late=True),),
    )
