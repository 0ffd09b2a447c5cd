"""What a link in an alert opens: one standard, its groups, and the evidence.  Pure: values in, a page's values out.

Like the board it says nothing relative to now; ages and countdowns are the browser's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from standardsd.language.speech import Words
from standardsd.model.config import Site
from standardsd.model.decision import AlertState, CaseDecision, Episode, Final
from standardsd.model.snapshot import AlertNow, GroupNow, OpenCase, Snapshot
from standardsd.model.standard import Condition, RuleBook, Standard
from standardsd.web.board import NO_SITE, Row, build_row, site_title
from standardsd.web.clocks import When, common_zone, when, zone_of
from standardsd.web.numbers import Excursion, excursions
from standardsd.web.voice import Sayings
from standardsd.web.words import (
    CONDITION_STANDINGS,
    CONDITION_WORDS,
    REASON_WORDS,
    STANDING_RANK,
    Standing,
    seconds_text,
    standing,
)

groups_shown_max = 50
"""Groups in one page, worst first; a link to one group shows that one however many there are."""


class Asked(Struct, frozen=True):
    """What the link asks for.  ``labels``: the group's, an empty one left out; ``since``: of the firing it is about."""

    labels: dict[str, str]
    condition: Condition | None = None
    since: datetime | None = None


class Waiting(Struct, frozen=True):
    """One unfinished promise.  ``word``: open, at_risk or late (broken, and nothing has come yet)."""

    kind: str
    id: str
    start: When
    due: When | None
    word: str


class Evidence(Struct, frozen=True):
    """One broken promise.  ``since``: the instant it broke.  ``end``, ``measured``: None unless the end came.

    ``closed``: nothing more can come.  ``why``: what broke it, where that was not the clock.
    """

    kind: str
    id: str
    occurrence: int
    start: When
    due: When | None
    since: When
    why: str
    end: When | None
    measured: str
    closed: bool
    rules: str


class AlertLine(Struct, frozen=True):
    """One condition of a group.  ``standing``: what it tells of, and its colour.

    ``asked``: the link is about it; ``began``: the firing that the link names.
    ``again``: it fires, but the firing that the link names is over.
    """

    condition: str
    standing: Standing
    state: AlertState
    since: When
    count: int
    oldest: When | None
    asked: bool
    began: When | None
    again: bool


class GroupReceipt(Struct, frozen=True):
    """``labels``: without the site, which is ``place``.  ``waiting_more``: unfinished ones that are not named.

    ``excursions``: of a number, when it was out of its limits.
    """

    row: Row
    place: str
    timezone: str
    labels: dict[str, str]
    excluded: int
    indeterminate: int
    alerts: tuple[AlertLine, ...]
    waiting: tuple[Waiting, ...]
    waiting_more: int
    evidence: tuple[Evidence, ...]
    excursions: tuple[Excursion, ...] = ()


class Receipt(Struct, frozen=True):
    """``filtered``: the link asked for some groups.  ``silent``: the alert asked for stands in no group shown.

    ``timezone``: of the page's clock, that of all sites shown or UTC.
    """

    standard: Standard
    asked: Asked
    asked_text: str
    filtered: bool
    silent: str
    groups: tuple[GroupReceipt, ...]
    groups_total: int
    timezone: str


def read_asked(query: Mapping[str, str], standard: Standard) -> Asked:
    """The group's labels win over words of ours of the same name, as where the link was made.

    What is no label of this standard, no condition or no instant is not asked for.
    """
    labels = {name: query[name] for name in standard.by if query.get(name)}
    rest = {name: value for name, value in query.items() if name not in labels}
    condition = next((word for word in Condition if word.value == rest.get("condition")), None)
    return Asked(labels, condition, _instant(rest.get("since", "")))


def build_receipt(
    snapshot: Snapshot,
    book: RuleBook,
    sites: Mapping[str, Site],
    breaches: Sequence[CaseDecision],
    standard: Standard,
    asked: Asked,
    sayings: Sayings | None = None,
    episodes: Sequence[Episode] = (),
) -> Receipt:
    """The groups that have every label asked for, worst first, with what is known of each.

    The alert asked for is that of the group with exactly these labels: a label left out is empty.
    """
    sayings = sayings or Sayings()
    words = sayings.words
    found = [
        group
        for group in snapshot.groups
        if group.standard == standard.id and asked.labels.items() <= dict(group.group).items()
    ]
    found.sort(key=lambda g: (STANDING_RANK[standing(g)], -g.breached_open, -g.open, g.group))
    names = {group.group for group in found[:groups_shown_max]}
    lines: dict[object, list[CaseDecision]] = {name: [] for name in names}
    for line in breaches:
        group = standard.group(line.labels)
        if group in names:
            lines[group].append(line)
    groups = tuple(
        _group(group, standard, sites, lines[group.group], asked, snapshot.at, sayings, episodes)
        for group in found[:groups_shown_max]
    )
    silent = ""
    if asked.condition is not None and not any(alert.asked for g in groups for alert in g.alerts):
        silent = words.say(CONDITION_WORDS[asked.condition])
    place = _place(asked.labels, sites, words)
    places = [dict(name).get("site", NO_SITE) for name in names] or [asked.labels.get("site", NO_SITE)]
    zone = common_zone(sites.get(name) for name in places)
    return Receipt(standard, asked, place, bool(asked.labels), silent, groups, len(found), zone.key)


def _group(
    group: GroupNow,
    standard: Standard,
    sites: Mapping[str, Site],
    breaches: list[CaseDecision],
    asked: Asked,
    now: datetime,
    sayings: Sayings,
    episodes: Sequence[Episode],
) -> GroupReceipt:
    labels = dict(group.group)
    name = labels.pop("site", NO_SITE)
    site = sites.get(name)
    zone = zone_of(site)
    breaches.sort(key=lambda line: (line.at, line.start), reverse=True)
    exactly = {name: value for name, value in group.group if value} == asked.labels
    return GroupReceipt(
        row=build_row(group, standard, site, now, sayings),
        place=site_title(name, sites, sayings.words),
        timezone=zone.key,
        labels={name: value for name, value in labels.items() if value},
        excluded=group.excluded,
        indeterminate=group.indeterminate,
        alerts=_alerts(group, asked if exactly else None, zone, now, sayings.words),
        waiting=tuple(_waiting(case, zone, now) for case in group.urgent),
        waiting_more=max(0, group.open + group.breached_open - len(group.urgent)),
        evidence=tuple(_evidence(line, zone, now, sayings.words) for line in breaches),
        excursions=excursions(
            [line for line in episodes if standard.group(line.group) == group.group],
            standard,
            zone,
            now,
            sayings.words,
        ),
    )


def _alerts(
    group: GroupNow, asked: Asked | None, zone: ZoneInfo, now: datetime, words: Words
) -> tuple[AlertLine, ...]:
    """The one asked for first, then those that fire; one that never did is told only where it is asked for."""
    lines = [_alert(condition, alert, asked, zone, now, words) for condition, alert in group.alerts.items()]
    told = [line for line in lines if line.asked or line.state is not AlertState.INACTIVE]
    told.sort(key=lambda a: (not a.asked, a.state is not AlertState.FIRING, a.since.at, a.condition))
    return tuple(told)


def _alert(
    condition: Condition, alert: AlertNow, asked: Asked | None, zone: ZoneInfo, now: datetime, words: Words
) -> AlertLine:
    is_asked = asked is not None and asked.condition is condition
    began = asked.since if asked is not None and is_asked else None
    return AlertLine(
        condition=words.say(CONDITION_WORDS[condition]),
        standing=CONDITION_STANDINGS[condition],
        state=alert.state,
        since=when(alert.since, zone, now),
        count=0 if condition is Condition.LIMIT else alert.count,  # of a number there are no cases
        oldest=None if alert.oldest is None else when(alert.oldest, zone, now),
        asked=is_asked,
        began=None if began is None else when(began, zone, now),
        again=began is not None and alert.state is AlertState.FIRING and alert.since > began,
    )


def _waiting(case: OpenCase, zone: ZoneInfo, now: datetime) -> Waiting:
    word = "late" if case.breached else "at_risk" if case.at_risk else "open"
    due = None if case.due is None else when(case.due, zone, now)
    return Waiting(case.kind, case.id, when(case.start, zone, now), due, word)


def _evidence(line: CaseDecision, zone: ZoneInfo, now: datetime, words: Words) -> Evidence:
    return Evidence(
        kind=line.kind,
        id=line.id,
        occurrence=line.occurrence,
        start=when(line.start, zone, now),
        due=None if line.due is None else when(line.due, zone, now),
        since=when(line.at, zone, now),
        why="" if line.reason is None else words.say(REASON_WORDS[line.reason]),
        end=None if line.end is None else when(line.end, zone, now),
        measured="" if line.measured is None else seconds_text(line.measured, words),
        closed=isinstance(line, Final) or line.end is not None,
        rules=line.rules,
    )


def _place(labels: Mapping[str, str], sites: Mapping[str, Site], words: Words) -> str:
    return ", ".join(
        site_title(value, sites, words) if name == "site" else f"{name} {value}"
        for name, value in labels.items()
    )


def _instant(text: str) -> datetime | None:
    """An aware instant, or None: a link that was cut off in a message still opens the page."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
