"""The wallboard as values: per site its standards, worst first.  Pure: a snapshot in, a board out.

Everything in it is absolute (instants, never "in 5 s"), so two boards are equal exactly when nothing
that people see has changed; counting down is the browser's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from standardsd.language.speech import ENGLISH, Words
from standardsd.model.config import Site
from standardsd.model.decision import AlertState, Verdict
from standardsd.model.snapshot import GroupNow, OpenCase, Snapshot
from standardsd.model.standard import RuleBook, Standard
from standardsd.web.clocks import clock_text, common_zone, zone_of
from standardsd.web.numbers import Number, number_now
from standardsd.web.voice import Sayings
from standardsd.web.words import (
    CONDITION_STANDINGS,
    CONDITION_WORDS,
    STANDING_RANK,
    Standing,
    standing,
    window,
)

urgent_shown_max = 3  # open promises by name in a row; the rest is a number
rows_shown_max = 12  # rows of a site before those that are kept are folded away
alerts_shown_max = 6  # firing alerts by name; the rest is a number
WELL = frozenset({Standing.KEPT, Standing.NOTHING})  # nobody has to do anything about it
NO_SITE = ""  # groups without a site label; told as "all sites"


class Promise(Struct, frozen=True):
    """One open promise.  ``word``: open, at_risk or late (breached).  ``due_text``: time of day at the site."""

    kind: str
    id: str
    start: datetime
    due: datetime | None
    due_text: str
    word: str


class Firing(Struct, frozen=True):
    """One alert that fires.  ``state``: what it tells of, and its colour.  ``oldest``: start of its oldest evidence."""

    standard: str
    title: str
    site: str
    group: dict[str, str]
    condition: str
    state: Standing
    severity: str
    since: datetime
    since_text: str
    count: int
    oldest: datetime | None


class Row(Struct, frozen=True):
    """One standard in one group.

    ``promise``: in a line; ``sentence``: everything, as ``explain`` says it.
    ``kept_ratio``: of the objective's window (``over``, in words), None while unknown; ``counted`` verdicts stand
    behind it and ``min_count`` are needed.  ``target``: of today.  ``judged`` and ``violations``: since the beginning.
    ``number``: of a standard that is about one.
    """

    key: str
    standard: str
    title: str
    promise: str
    sentence: str
    group: dict[str, str]
    severity: str
    state: Standing
    kept_ratio: float | None
    target: float | None
    over: str
    counted: int
    min_count: int
    judged: int
    violations: int
    open: int
    at_risk: int
    overdue: int
    late: int
    next_due: datetime | None
    urgent: tuple[Promise, ...]
    alerts: tuple[Firing, ...]
    number: Number | None = None


class SiteBoard(Struct, frozen=True):
    """One site.  ``state``: the worst of its rows.  ``rows`` are shown; ``folded`` are well and quiet.

    ``timezone``: of its times of day.
    """

    name: str
    title: str
    timezone: str
    state: Standing
    counts: dict[Standing, int]
    rows: tuple[Row, ...]
    folded: tuple[Row, ...]


class Dark(Struct, frozen=True):
    """A source, and whether it is dark.  ``heard``: wall instant of its last word; None: never."""

    name: str
    dark: bool
    heard: datetime | None
    heard_text: str


class Board(Struct, frozen=True):
    """``site``: the one asked for, None for all.  ``sites_known``: (name, title), to choose from.

    ``timezone``: of the page's clock, that of all its sites or UTC.
    ``trouble``: why nothing is judged just now, in words; empty when it is.
    """

    at: datetime
    timezone: str
    site: str | None
    sites: tuple[SiteBoard, ...]
    sites_known: tuple[tuple[str, str], ...]
    counts: dict[Standing, int]
    alerts: tuple[Firing, ...]
    alerts_total: int
    sources: tuple[Dark, ...]
    standards_total: int
    trouble: tuple[str, ...]


def build_board(
    snapshot: Snapshot,
    book: RuleBook,
    sites: Mapping[str, Site],
    site: str | None = None,
    *,
    trouble: tuple[str, ...] = (),
    sayings: Sayings | None = None,
) -> Board:
    """The board of one site, or of all with ``site=None``.

    A configured site without a figure yet has its place, too.  A group of a standard that the book
    no longer has is left out: its promise cannot be told any more.
    """
    sayings = sayings or Sayings()
    words = sayings.words
    standards = {standard.id: standard for standard in book.standards}
    rows: dict[str, list[Row]] = {name: [] for name in sites}
    for group in snapshot.groups:
        standard = standards.get(group.standard)
        if standard is not None:
            name = dict(group.group).get("site", NO_SITE)
            row = build_row(group, standard, sites.get(name), snapshot.at, sayings)
            rows.setdefault(name, []).append(row)
    known = tuple(
        sorted(
            ((n, site_title(n, sites, words)) for n in rows if n != NO_SITE), key=lambda s: s[1].casefold()
        )
    )
    shown = {n: r for n, r in rows.items() if site is None or n == site}
    zone = common_zone(sites.get(name) for name in shown)
    boards = sorted((_site(n, r, sites, words) for n, r in shown.items()), key=_worst_site_first)
    alerts = sorted((a for r in shown.values() for row in r for a in row.alerts), key=_worst_alert_first)
    return Board(
        at=snapshot.at,
        timezone=zone.key,
        site=site,
        sites=tuple(boards),
        sites_known=known,
        counts=_counts([row for r in shown.values() for row in r]),
        alerts=tuple(alerts[:alerts_shown_max]),
        alerts_total=len(alerts),
        sources=tuple(
            Dark(
                s.name,
                s.dark,
                s.heard,
                words.say("never") if s.heard is None else clock_text(s.heard, zone, snapshot.at),
            )
            for s in sorted(snapshot.sources, key=lambda s: (not s.dark, s.name))
        ),
        standards_total=len(book.standards),
        trouble=trouble,
    )


def build_row(group: GroupNow, standard: Standard, site: Site | None, now: datetime, sayings: Sayings) -> Row:
    objective = standard.objective
    words, said = sayings.words, sayings.of(standard)
    return Row(
        key="/".join((standard.id, *(quote(value, safe="") for _, value in group.group))),
        standard=standard.id,
        title=standard.title,
        promise=said.promise,
        sentence=said.sentence,
        group=dict(group.group),
        severity=standard.severity.value,
        state=standing(group),
        kept_ratio=group.kept_ratio,
        target=group.target,
        over="" if objective is None else window(objective.over, words),
        counted=group.counted,
        min_count=1 if objective is None else objective.min_count,
        judged=sum(group.verdicts.get(verdict, 0) for verdict in (Verdict.MET, Verdict.BREACHED)),
        violations=group.violations,
        open=group.open,
        at_risk=group.at_risk,
        overdue=group.overdue,
        late=group.breached_open,
        next_due=group.next_due,
        urgent=tuple(_promise(case, site, now) for case in group.urgent[:urgent_shown_max]),
        alerts=tuple(
            Firing(
                standard=standard.id,
                title=standard.title,
                site=dict(group.group).get("site", NO_SITE),
                group=dict(group.group),
                condition=words.say(CONDITION_WORDS[condition]),
                state=CONDITION_STANDINGS[condition],
                severity=standard.severity.value,
                since=alert.since,
                since_text=clock_text(alert.since, zone_of(site), now),
                count=alert.count,
                oldest=alert.oldest,
            )
            for condition, alert in sorted(group.alerts.items())
            if alert.state is AlertState.FIRING
        ),
        number=number_now(group, standard, zone_of(site), now, words),
    )


def _promise(case: OpenCase, site: Site | None, now: datetime) -> Promise:
    word = "late" if case.breached else "at_risk" if case.at_risk else "open"
    due_text = "" if case.due is None else clock_text(case.due, zone_of(site), now)
    return Promise(case.kind, case.id, case.start, case.due, due_text, word)


def _site(name: str, rows: list[Row], sites: Mapping[str, Site], words: Words) -> SiteBoard:
    rows.sort(key=_worst_row_first)
    quiet = [row.state in WELL and not row.alerts and not row.at_risk and not row.late for row in rows]
    shown_count = max(rows_shown_max, len(rows) - sum(quiet))
    return SiteBoard(
        name=name,
        title=site_title(name, sites, words),
        timezone=zone_of(sites.get(name)).key,
        state=min((row.state for row in rows), key=STANDING_RANK.__getitem__, default=Standing.NOTHING),
        counts=_counts(rows),
        rows=tuple(rows[:shown_count]),
        folded=tuple(rows[shown_count:]),
    )


def site_title(name: str, sites: Mapping[str, Site], words: Words = ENGLISH) -> str:
    if name in sites:
        return sites[name].title
    return name if name != NO_SITE else words.say("All sites")


def _counts(rows: list[Row]) -> dict[Standing, int]:
    counts = dict.fromkeys(Standing, 0)
    for row in rows:
        counts[row.state] += 1
    if not counts[Standing.SHADOW]:  # most houses have none, and a wall has no room for that
        del counts[Standing.SHADOW]
    return counts


def _worst_row_first(row: Row) -> tuple[object, ...]:
    """State, then alerts, then those who wait too long, then how far below the target, then the title."""
    short = 0.0 if row.kept_ratio is None or row.target is None else max(0.0, row.target - row.kept_ratio)
    loud = row.alerts or row.at_risk or row.late
    return (STANDING_RANK[row.state], not loud, -row.late, -short, row.title.casefold(), row.key)


def _worst_site_first(site: SiteBoard) -> tuple[object, ...]:
    counts = tuple(-site.counts[state] for state in (Standing.BROKEN, Standing.AT_RISK, Standing.UNKNOWN))
    # A site that has not said anything stands last: there is nothing to do about it yet.
    return (not site.rows, STANDING_RANK[site.state], *counts, site.title.casefold())


def _worst_alert_first(alert: Firing) -> tuple[object, ...]:
    rank = ("critical", "warning", "info").index(alert.severity)
    return (rank, alert.since, alert.title.casefold(), alert.site)
