"""What the demo shows in the terminal: one screen made from a snapshot, or one line where there is no screen.

Functions of a snapshot; they wait for nothing and know no clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Group as Stacked
from rich.table import Table
from rich.text import Text

from standardsd.model.decision import AlertState
from standardsd.model.snapshot import GroupNow, Snapshot, State

STYLES: Mapping[State, str] = {
    State.KEPT: "green",
    State.AT_RISK: "yellow",
    State.BROKEN: "bold red",
    State.UNKNOWN: "magenta",
    State.SHADOW: "dim",
}
"""The word always stands beside the colour: not everybody sees colours, not every terminal shows them."""

WORST_FIRST = (State.BROKEN, State.AT_RISK, State.UNKNOWN, State.KEPT, State.SHADOW)

ALERTS_SHOWN_MAX = 6


@dataclass(frozen=True)
class Totals:
    """``violations`` never falls; the others are of this instant."""

    states: Mapping[State, int]
    violations: int
    open: int
    at_risk: int
    firing: int
    dark: tuple[str, ...]


def totals(snapshot: Snapshot) -> Totals:
    return Totals(
        states=Counter(group.state for group in snapshot.groups),
        violations=sum(group.violations for group in snapshot.groups),
        open=sum(group.open for group in snapshot.groups),
        at_risk=sum(group.at_risk for group in snapshot.groups),
        firing=sum(1 for _ in firing(snapshot)),
        dark=tuple(sorted(source.name for source in snapshot.sources if source.dark)),
    )


def firing(snapshot: Snapshot) -> Iterable[tuple[GroupNow, str, int]]:
    """(group, condition, count of evidence) of each firing alert, in the order of the snapshot."""
    for group in snapshot.groups:
        for condition, alert in group.alerts.items():
            if alert.state is AlertState.FIRING:
                yield group, condition.value, alert.count


def one_line(snapshot: Snapshot) -> str:
    """For logs and pipes: the whole state in one line of plain text."""
    now = totals(snapshot)
    told = [state for state in WORST_FIRST if state is not State.SHADOW or now.states.get(state)]
    states = ", ".join(f"{now.states.get(state, 0)} {word(state)}" for state in told)
    dark = f", silent: {' '.join(now.dark)}" if now.dark else ""
    return (
        f"{snapshot.at:%H:%M:%S}  {states}; {counted(now.violations, 'violation')}, "
        f"{counted(now.open, 'open promise')}, {now.at_risk} at risk, {counted(now.firing, 'alert')} firing{dark}"
    )


def screen(snapshot: Snapshot, *, titles: Mapping[str, str], rows_max: int) -> Stacked:
    """The one-screen summary: a row for each site and, where ``rows_max`` leaves room, for each of its standards.

    ``titles``: of standards, by id.  What does not fit is on the wallboard.
    """
    sites = _by_site(snapshot)
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    # Whatever the window's width, words and figures stay whole and the titles give way.
    table.add_column("site", no_wrap=True, min_width=max(map(len, sites), default=4))
    table.add_column("state", no_wrap=True, min_width=max(len(word(state)) for state in State))
    table.add_column("standard", overflow="ellipsis", no_wrap=True, ratio=1)
    for heading in ("kept", "open", "at risk", "broken", "violations"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    detailed = len(sites) + len(snapshot.groups) <= rows_max
    for site, groups in sites.items():
        table.add_row(site, *_site_cells(groups), style="bold" if detailed else "")
        for group in groups if detailed else ():
            table.add_row("", *_group_cells(group, titles.get(group.standard, group.standard)))
    return Stacked(table, Text(), _alerts(snapshot, titles), _foot(snapshot))


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def word(state: State) -> str:
    return state.value.replace("_", " ")


def _by_site(snapshot: Snapshot) -> dict[str, list[GroupNow]]:
    """Site → its groups, worst first; sites by name, what belongs to none last, as "everywhere"."""
    sites: defaultdict[str, list[GroupNow]] = defaultdict(list)
    for group in snapshot.groups:
        sites[dict(group.group).get("site", "")].append(group)
    return {
        site or "everywhere": sorted(
            sites[site], key=lambda g: (WORST_FIRST.index(g.state), g.standard, g.group)
        )
        for site in sorted(sites, key=lambda name: (not name, name))
    }


def _site_cells(groups: list[GroupNow]) -> tuple[Text | str, ...]:
    """The worst word of the site, and sums."""
    kept = sum(group.state is State.KEPT for group in groups)
    return (
        _coloured(groups[0].state),
        f"{kept} of {len(groups)} standards kept",
        "",
        str(sum(group.open for group in groups)),
        str(sum(group.at_risk for group in groups)),
        str(sum(group.breached_open for group in groups)),
        str(sum(group.violations for group in groups)),
    )


def _group_cells(group: GroupNow, title: str) -> tuple[Text | str, ...]:
    return (
        _coloured(group.state),
        " · ".join((*(value for name, value in group.group if name != "site" and value), title)),
        "–" if group.kept_ratio is None else f"{group.kept_ratio:.0%}",
        str(group.open),
        str(group.at_risk),
        str(group.breached_open),
        str(group.violations),
    )


def _coloured(state: State) -> Text:
    return Text(word(state), style=STYLES[state])


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
        what = Text(f"firing: {condition.replace('_', ' ')}", style="bold red")
        table.add_row(what, f"{place(group)}: {title} ({count})")
    if len(alerts) > ALERTS_SHOWN_MAX:
        table.add_row("", f"and {len(alerts) - ALERTS_SHOWN_MAX} more alerts")
    return table


def _foot(snapshot: Snapshot) -> Text:
    now = totals(snapshot)
    text = Text(
        f"{counted(now.violations, 'violation')} since the start, {counted(now.open, 'promise')} open, "
        f"{now.at_risk} at risk, {counted(now.firing, 'alert')} firing"
    )
    if now.dark:
        text.append(f"; silent, so unknown: {', '.join(now.dark)}", style=STYLES[State.UNKNOWN])
    return text
