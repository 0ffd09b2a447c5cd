"""From plain traces into the project's values, and its decisions back into plain words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.opening import materialise
from standardsd.language.zones import zone
from standardsd.model.calendar import DAYS, Calendar
from standardsd.model.clock import Always, BySite, OpenHours
from standardsd.model.decision import Amendment, CaseDecision, Final, Refused, VerdictSpoken
from standardsd.model.measure import Carried, CaseMeasure, FromTo, Score, TimeIn
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.reading import Reading
from standardsd.model.standard import Dates, Policy, Reopen, RuleBook, Standard, Waiver
from standardsd.model.vocabulary import VOCABULARY
from standardsd.model.zone import Zones
from tests.judge.traces import Key, Plain, as_source, half_seconds


def _times(texts: list[str]) -> tuple[tuple[int, int], ...]:
    found = []
    for text in texts:
        (opens, closes) = (int(t[:2]) * 60 + int(t[3:]) for t in text.split("-"))
        found.append((opens, closes + 1440 * (closes < opens)))
    return tuple(sorted(found))


@lru_cache(maxsize=1_000)
def _hours(written: str) -> OpenHours:
    plain = json.loads(written)
    days = {date.fromisoformat(day): _times(texts) for day, texts in plain.get("instead", {}).items()}
    calendar = Calendar(
        name="c",
        zone=zone(plain["timezone"]),
        weekly=tuple(_times(plain["weekly"][day]) for day in DAYS),
        holidays=tuple(map(date.fromisoformat, plain.get("holidays", ()))),
        closed=tuple(map(date.fromisoformat, plain.get("closed", ()))),
        instead=tuple(sorted(days.items())),
    )
    return materialise(calendar)


def _clock(standard: Plain, calendars: Plain, sites: Plain) -> tuple[Always | OpenHours | BySite, Zones]:
    by_site = {name: zone(site["timezone"]) for name, site in sites.items()}
    name = standard.get("clock", "always")
    if name == "always":
        return Always(), Zones(None, by_site)
    if name == "site":
        clocks: dict[str, Always | OpenHours] = {
            site: _hours(json.dumps(calendars[said["calendar"]]))
            for site, said in sites.items()
            if "calendar" in said
        }
        return BySite(clocks), Zones(None, by_site)
    hours = _hours(json.dumps(calendars[name]))
    return hours, Zones(hours.zone)


def _measure(plain: Plain) -> CaseMeasure:
    each = bool(plain.get("each"))
    if "time_in" in plain:
        return TimeIn(plain["time_in"], each)
    if "value" in plain:
        return Carried(plain["value"], plain["at"])
    return Score() if "score" in plain else FromTo(tuple(plain["from"]), tuple(plain["to"]), each)


def _simple(plain: Plain) -> Simple:
    if "until" in plain:
        return Until(time.fromisoformat(plain["until"]))
    if "bd" in plain:
        return OpenDays(plain["bd"], within=not plain["strict"])
    if "between" in plain:
        lowest, highest = (timedelta(seconds=edge) for edge in plain["between"])
        return Between(lowest, highest)
    if "number" in plain:
        lowest, highest = plain["number"]
        edges = plain.get("edges", True)
        return Limits(lowest, highest, edges, edges)
    ((word, limit),) = plain.items()
    return Promise(timedelta(seconds=limit), within=word == "within")


def _promise(plain: Plain) -> AnyPromise:
    if "per" not in plain:
        return _simple(plain)
    other = _simple(plain["else"]) if "else" in plain else None
    return Grid(plain["per"], {value: _simple(row) for value, row in plain["rows"].items()}, other)


def _dates(plain: Plain) -> Dates:
    return Dates(*(date.fromisoformat(plain[key]) if key in plain else None for key in ("from", "until")))


def _where(plain: Plain) -> dict[str, tuple[str, ...]]:
    return {key: tuple(globs) for key, globs in plain.get("where", {}).items()}


def as_standard(plain: Plain, calendars: Plain, sites: Plain) -> Standard:
    clock, zones = _clock(plain, calendars, sites)
    ignore = plain.get("ignore_if_left_within")
    return Standard(
        id=plain["id"],
        title=plain["id"],
        of=plain["of"],
        measure=_measure(plain["measure"]),
        promise=_promise(plain["promise"]),
        rules="sha256:0",
        set="test",
        where=_where(plain),
        clock=clock,
        zones=zones,
        pause_while=tuple(plain.get("pause_while", ())),
        reopen=Reopen(plain.get("reopen", "first_only")),
        if_left=Policy(plain.get("if_left", "exclude")),
        if_diverted=Policy(plain.get("if_diverted", "exclude")),
        if_done=Policy(plain.get("if_done", "exclude")),
        ignore_if_left_within=None if ignore is None else timedelta(seconds=ignore),
        unless=tuple(plain.get("unless", ())),
        effective=_dates(plain["effective"]) if "effective" in plain else None,
        waivers=tuple(Waiver(_dates(w), "r", "b", _where(w)) for w in plain.get("waivers", ())),
    )


def judge_of(standards: list[Plain], sources: list[Plain], calendars: Plain, sites: Plain) -> Judge:
    """A judge of ours that has heard nothing yet, forgets nothing and refuses nothing."""
    made = tuple(as_standard(standard, calendars, sites) for standard in standards)
    settings = JudgeSettings(accept_late=None)
    return Judge(RuleBook(made, VOCABULARY, (), "sha256:0"), list(map(as_source, sources)), settings)


def run(judge: Judge, arrivals: list[list[Plain]], wall: datetime) -> list[Any]:
    """Every decision on a case, batch by batch."""
    said: list[Any] = []
    for number, batch in enumerate(arrivals):
        now = wall + timedelta(milliseconds=number)
        said += judge.receive([msgspec.convert(reading, Reading) for reading in batch], now)
        said += judge.tick(now)
    refused = [d for d in said if isinstance(d, Refused)]
    assert not refused, refused
    return [d for d in said if isinstance(d, CaseDecision)]


def last_words(decisions: list[Any]) -> dict[Key, Plain]:
    """What stands after everything was said, in the referee's form, every field of it."""
    truth: dict[Key, CaseDecision] = {}
    for decision in decisions:
        if isinstance(decision, VerdictSpoken | Amendment | Final):
            truth[decision.standard, decision.kind, decision.id, decision.occurrence] = decision
    return {key: _plain(decision) for key, decision in truth.items() if decision.verdict is not None}


def _plain(decision: CaseDecision) -> Plain:
    return {
        "verdict": decision.verdict,
        "reason": decision.reason,
        "at": half_seconds(decision.at),
        "start": half_seconds(decision.start),
        "due": half_seconds(decision.due),
        "late_from": half_seconds(decision.late_from),
        "end": half_seconds(decision.end),
        "measured": decision.measured,
        "limit": decision.limit,
        "labels": decision.labels,
        "finished": isinstance(decision, Final) or decision.verdict != "breached",
    }


FAR = datetime(2027, 12, 1, tzinfo=UTC)  # the wall clock of a run: after all that is told
