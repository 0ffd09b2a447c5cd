"""What a link to a source opens: whether it is heard, how far it has been seen, what hangs on it.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from standardsd.core.known import sources_needed
from standardsd.core.sight import Sources
from standardsd.metrics.figures import READINGS, SourceFigures
from standardsd.model.config import Site
from standardsd.model.snapshot import GroupNow, Snapshot, SourceNow
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook, Standard
from standardsd.web.board import NO_SITE, site_title
from standardsd.web.clocks import When, common_zone, when
from standardsd.web.desk import Failing, SourceFacts
from standardsd.web.words import STANDING_RANK, Standing, standing

standards_shown_max = 200
"""Standards in one page, worst first; the rest is a number."""


class Dependent(Struct, frozen=True):
    """A standard that cannot be judged without the source.  ``groups``: how many of its groups depend on it.

    ``state``: the worst of those.
    """

    standard: str
    title: str
    state: Standing
    groups: int


class LastRejected(Struct, frozen=True):
    """One line that was not taken; see ``desk.RejectedLine``."""

    received: When
    reason: str
    place: str
    what: str
    said: str


class SourcePage(Struct, frozen=True):
    """``timezone``: of the page's instants, that of its site, else of all sites, else UTC.

    ``use``: "" for a source known by its readings only.
    ``heard``: its last word; ``watermark``: all up to then has been delivered.  ``speaks_for``: label → value
    in words.  ``readings``, ``rejected``: (word, count) since the daemon started.  ``last_rejected``: newest first.
    """

    name: str
    timezone: str
    use: str
    dark: bool
    heard: When | None
    watermark: When | None
    max_silence_seconds: float
    speaks_for: dict[str, str]
    answers: bool | None
    failing: Failing | None
    failing_since: When | None
    next_try: When | None
    clock_offset_seconds: float | None
    poll_seconds: float | None
    readings: tuple[tuple[str, int], ...]
    rejected: tuple[tuple[str, int], ...]
    last_rejected: tuple[LastRejected, ...]
    standards: tuple[Dependent, ...]
    standards_total: int


def build_source(
    name: str, snapshot: Snapshot, book: RuleBook, sites: Mapping[str, Site], facts: SourceFacts | None
) -> SourcePage | None:
    """None: neither the configuration nor the judge has a source of this name."""
    seen = next((source for source in snapshot.sources if source.name == name), None)
    if seen is None and facts is None:
        return None
    seen = seen or SourceNow(name, False, None, None)
    facts = facts or SourceFacts(Source(name), "", SourceFigures(name))
    failing, figures = facts.failing, facts.figures

    own = sites.get(facts.spec.speaks_for.get("site", NO_SITE))
    zone = common_zone(sites.values() if own is None else (own,))

    def told(at: datetime | None) -> When | None:
        return None if at is None else when(at, zone, snapshot.at)

    dependents = _dependents(facts.spec, snapshot, book)
    return SourcePage(
        name=name,
        timezone=zone.key,
        use=facts.use,
        dark=seen.dark,
        heard=told(seen.heard),
        watermark=told(seen.watermark),
        max_silence_seconds=facts.spec.max_silence.total_seconds(),
        speaks_for={
            label: site_title(value, sites) if label == "site" else value
            for label, value in facts.spec.speaks_for.items()
        },
        answers=figures.answers,
        failing=failing,
        failing_since=None if failing is None else told(failing.since),
        next_try=None if failing is None else told(failing.next_try),
        clock_offset_seconds=figures.clock_offset_seconds,
        poll_seconds=figures.poll_seconds,
        readings=tuple((word, figures.readings.get(word, 0)) for word in READINGS),
        rejected=tuple(sorted(figures.rejected.items(), key=lambda item: (-item[1], item[0]))),
        last_rejected=tuple(
            LastRejected(when(one.received, zone, snapshot.at), one.reason, one.place, one.what, one.said)
            for one in facts.rejected
        ),
        standards=tuple(dependents[:standards_shown_max]),
        standards_total=len(dependents),
    )


def _dependents(spec: Source, snapshot: Snapshot, book: RuleBook) -> list[Dependent]:
    """As the judge itself decides it: what is unknown while this source is dark."""
    alone = Sources([spec])
    groups: dict[str, list[GroupNow]] = {}
    for group in snapshot.groups:
        groups.setdefault(group.standard, []).append(group)

    def depends(standard: Standard, group: GroupNow) -> bool:
        if group.episode is not None:
            return spec.name in group.episode.sources
        return bool(sources_needed(standard, group.group, alone, book))

    found: list[Dependent] = []
    for standard in book.standards:
        known = groups.get(standard.id, [])
        hanging = [group for group in known if depends(standard, group)]
        if not hanging and (known or not sources_needed(standard, (), alone, book)):
            continue
        states = map(standing, hanging)
        state = min(states, key=STANDING_RANK.__getitem__, default=Standing.NOTHING)
        found.append(Dependent(standard.id, standard.title, state, len(hanging)))
    found.sort(key=lambda d: (STANDING_RANK[d.state], d.title.casefold()))
    return found
