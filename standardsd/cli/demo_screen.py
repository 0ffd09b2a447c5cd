"""What the demo shows in the terminal: one screen made from a snapshot, or one line where there is no screen.

Words, states and colours are the wallboard's.  A standard has a state, a promise is open, late or at risk;
each number says which of the two it counts.
Functions of a snapshot; they wait for nothing and know no clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Group as Stacked
from rich.table import Table
from rich.text import Text

from standardsd.language.spoken import counted
from standardsd.model.decision import AlertState
from standardsd.model.snapshot import GroupNow, Snapshot
from standardsd.model.standard import Condition
from standardsd.web.words import (
    CONDITION_STANDINGS,
    CONDITION_WORDS,
    STANDING_RANK,
    STANDING_WORDS,
    Standing,
    share,
    standing,
)

STYLES: Mapping[Standing, str] = {
    Standing.BROKEN: "bold red",
    Standing.AT_RISK: "yellow",
    Standing.UNKNOWN: "magenta",
    Standing.KEPT: "green",
    Standing.NOTHING: "dim",
    Standing.SHADOW: "dim",
}
"""The word always stands beside the colour: not everybody sees colours, not every terminal shows them."""

ALERTS_SHOWN_MAX = 6


@dataclass(frozen=True)
class Totals:
    """``states``: of standards, each group counted; ``open``, ``late``, ``at_risk``: promises.

    ``violations`` never falls; the others are of this instant.
    """

    states: Mapping[Standing, int]
    violations: int
    open: int
    late: int
    at_risk: int
    firing: int
    dark: tuple[str, ...]


def totals(snapshot: Snapshot) -> Totals:
    return Totals(
        states=Counter(map(standing, snapshot.groups)),
        violations=sum(group.violations for group in snapshot.groups),
        open=sum(group.open for group in snapshot.groups),
        late=sum(group.breached_open for group in snapshot.groups),
        at_risk=sum(group.at_risk for group in snapshot.groups),
        firing=sum(1 for _ in firing(snapshot)),
        dark=tuple(sorted(source.name for source in snapshot.sources if source.dark)),
    )


def firing(snapshot: Snapshot) -> Iterable[tuple[GroupNow, Condition, int]]:
    """(group, condition, count of evidence) of each firing alert, in the order of the snapshot."""
    for group in snapshot.groups:
        for condition, alert in group.alerts.items():
            if alert.state is AlertState.FIRING:
                yield group, condition, alert.count


def one_line(snapshot: Snapshot) -> str:
    """For logs and pipes: the whole state in one line of plain text."""
    now = totals(snapshot)
    states = ", ".join(
        f"{now.states[state]} {STANDING_WORDS[state]}"
        for state in Standing
        if state not in (Standing.NOTHING, Standing.SHADOW) or now.states[state]
    )
    dark = f"; silent: {' '.join(now.dark)}" if now.dark else ""
    return f"{snapshot.at:%H:%M:%S} UTC  standards: {states}; {_promises(now)}{dark}"


def screen(snapshot: Snapshot, *, titles: Mapping[str, str], rows_max: int) -> Stacked:
    """The one-screen summary: a row for each site and, where ``rows_max`` leaves room, for each of its standards.

    ``titles``: of standards, by id.  What does not fit is on the wallboard.
    """
    sites = _by_site(snapshot)
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    # Whatever the window's width, words and figures stay whole and the titles give way.
    table.add_column("site", no_wrap=True, min_width=max(map(len, sites), default=4))
    table.add_column("state", no_wrap=True, min_width=max(map(len, STANDING_WORDS.values())))
    table.add_column("standard", overflow="ellipsis", no_wrap=True, ratio=1)
    for heading in ("kept", "open", "late", "at risk", "violations"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    detailed = len(sites) + len(snapshot.groups) <= rows_max
    for site, groups in sites.items():
        table.add_row(site, *_site_cells(groups), style="bold" if detailed else "")
        for group in groups if detailed else ():
            table.add_row("", *_group_cells(group, titles.get(group.standard, group.standard)))
    return Stacked(table, Text(), _alerts(snapshot, titles), _foot(snapshot))


def _promises(now: Totals) -> str:
    return (
        f"promises: {now.open} open, {now.late} late, {now.at_risk} at risk; "
        f"{counted(now.violations, 'violation')} since the start, {counted(now.firing, 'alert')} firing"
    )


def _by_site(snapshot: Snapshot) -> dict[str, list[GroupNow]]:
    """Site → its groups, worst first; sites by name, what belongs to none last, as "everywhere"."""
    sites: defaultdict[str, list[GroupNow]] = defaultdict(list)
    for group in snapshot.groups:
        sites[dict(group.group).get("site", "")].append(group)
    return {
        site or "everywhere": sorted(
            sites[site], key=lambda g: (STANDING_RANK[standing(g)], g.standard, g.group)
        )
        for site in sorted(sites, key=lambda name: (not name, name))
    }


def _site_cells(groups: list[GroupNow]) -> tuple[Text | str, ...]:
    """The worst word of the site, and sums."""
    kept = sum(standing(group) is Standing.KEPT for group in groups)
    return (
        _coloured(standing(groups[0])),
        f"{kept} of {len(groups)} standards kept",
        "",
        str(sum(group.open for group in groups)),
        str(sum(group.breached_open for group in groups)),
        str(sum(group.at_risk for group in groups)),
        str(sum(group.violations for group in groups)),
    )


def _group_cells(group: GroupNow, title: str) -> tuple[Text | str, ...]:
    return (
        _coloured(standing(group)),
        " · ".join((*(value for name, value in group.group if name != "site" and value), title)),
        "–" if group.kept_ratio is None else share(group.kept_ratio),
        str(group.open),
        str(group.breached_open),
        str(group.at_risk),
        str(group.violations),
    )


def _coloured(state: Standing) -> Text:
    return Text(STANDING_WORDS[state], style=STYLES[state])


def place(group: GroupNow) -> str:
    """Where it is: the group's labels in one word or a few, the site first."""
    labels = dict(group.group)
    site = labels.pop("site", "")
    return " ".join(value for value in (site, *labels.values()) if value) or "everywhere"


def _alerts(snapshot: Snapshot, titles: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    alerts = sorted(firing(snapshot), key=lambda alert: (-alert[2], alert[0].standard, place(alert[0])))
    for group, condition, count in alerts[:ALERTS_SHOWN_MAX]:
        title = titles.get(group.standard, group.standard)
        what = Text(f"firing: {CONDITION_WORDS[condition]}", style=STYLES[CONDITION_STANDINGS[condition]])
        table.add_row(what, f"{place(group)}: {title} ({count})")
    if len(alerts) > ALERTS_SHOWN_MAX:
        table.add_row("", f"and {len(alerts) - ALERTS_SHOWN_MAX} more alerts")
    return table


def _foot(snapshot: Snapshot) -> Text:
    now = totals(snapshot)
    text = Text(_promises(now))
    if now.dark:
        text.append(f"; silent, so unknown: {', '.join(now.dark)}", style=STYLES[Standing.UNKNOWN])
    return text
