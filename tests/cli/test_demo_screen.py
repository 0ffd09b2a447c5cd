"""The demo's screen says in words what the snapshot knows."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace
from rich.console import Console

from standardsd.cli.demo_screen import STYLES, one_line, screen
from standardsd.model.decision import AlertState, Verdict
from standardsd.model.snapshot import AlertNow, GroupNow, Histogram, Snapshot, SourceNow, State
from standardsd.model.standard import Condition, Group
from standardsd.web.words import Standing

NOW = datetime(2026, 11, 21, 9, 1, tzinfo=UTC)
TITLES = {"greet": "Guests are greeted within 60 seconds", "answer": "Calls are answered"}


def group(standard: str, where: Group, state: State, *, violations: int = 0, firing: int = 0) -> GroupNow:
    alerts = {Condition.BREACH: AlertNow(AlertState.FIRING, NOW, firing, NOW)} if firing else {}
    return GroupNow(
        standard=standard,
        group=where,
        state=state,
        verdicts={Verdict.BREACHED: violations},
        violations=violations,
        amendments=0,
        open=4,
        at_risk=1,
        overdue=0,
        breached_open=firing,
        next_due=NOW,
        kept_ratio=None if state is State.UNKNOWN else 0.875,
        counted=8,
        excluded=0,
        indeterminate=0,
        budget_remaining=None,
        measured=Histogram((), (0,), 0.0),
        alerts=alerts,
        urgent=(),
    )


SNAPSHOT = Snapshot(
    NOW,
    (
        group("greet", (("site", "castle"),), State.KEPT),
        group("answer", (("site", "castle"), ("queue", "sales")), State.BROKEN, violations=3, firing=2),
        group("greet", (("site", "spa"),), State.UNKNOWN),
    ),
    (
        SourceNow("castle", dark=False, watermark=NOW, heard=NOW),
        SourceNow("spa", dark=True, watermark=None, heard=None),
    ),
)


def drawn(rows_max: int, *, width: int = 110) -> list[str]:
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        console.print(screen(SNAPSHOT, titles=TITLES, rows_max=rows_max))
    return [" ".join(line.split()) for line in captured.get().splitlines()]


def test_every_site_shows_its_worst_state_in_a_word_and_its_sums() -> None:
    lines = drawn(rows_max=2)
    assert "castle broken 1 of 2 standards kept 8 2 2 3" in lines
    assert "spa unknown 0 of 1 standards kept 4 0 1 0" in lines
    assert not any("Calls are answered 87.5 %" in line for line in lines), "no room for standards was given"


def test_with_room_each_standard_has_its_row_worst_first() -> None:
    lines = drawn(rows_max=5)
    broken = lines.index("broken sales · Calls are answered 87.5 % 4 2 1 3")
    kept = lines.index("kept Guests are greeted within 60 seconds 87.5 % 4 0 1 0")
    assert broken < kept
    assert "unknown Guests are greeted within 60 seconds – 4 0 1 0" in lines


def test_firing_alerts_and_silent_sources_are_named() -> None:
    lines = drawn(rows_max=2)
    assert "firing: promise broken castle sales: Calls are answered (2)" in lines
    assert (
        "promises: 12 open, 2 late, 3 at risk; 3 violations since the start, 1 alert firing; "
        "silent, so unknown: spa" in lines
    )


def test_without_a_screen_one_line_says_it_all() -> None:
    assert one_line(SNAPSHOT) == (
        "09:01:00 UTC  standards: 1 broken, 0 at risk, 1 unknown, 1 kept; promises: 12 open, 2 late, 3 at risk; "
        "3 violations since the start, 1 alert firing; silent: spa"
    )


def test_each_number_that_is_at_risk_says_whether_it_counts_standards_or_promises() -> None:
    """One standard is broken with a promise at risk in it: that is no standard at risk."""
    line = one_line(SNAPSHOT)
    standards, promises = line.split("standards: ")[1].split("; promises: ")
    assert "0 at risk" in standards
    assert "3 at risk" in promises
    assert sum(int(part.split()[0]) for part in standards.split(", ")) == len(SNAPSHOT.groups)


def test_a_standard_without_a_verdict_is_nothing_yet() -> None:
    begun = replace(SNAPSHOT, groups=(*SNAPSHOT.groups, replace(SNAPSHOT.groups[0], counted=0)))
    assert "1 kept, 1 nothing yet; promises" in one_line(begun)
    assert set(STYLES) == set(Standing)


def test_what_is_at_risk_is_not_drawn_like_what_is_broken() -> None:
    alerts = {Condition.AT_RISK: AlertNow(AlertState.FIRING, NOW, 1, NOW)}
    row = replace(SNAPSHOT.groups[0], state=State.AT_RISK, alerts=alerts)
    console = Console(width=110, force_terminal=True, color_system="standard")
    with console.capture() as captured:
        console.print(screen(replace(SNAPSHOT, groups=(row,)), titles=TITLES, rows_max=5))
    assert "\x1b[33mfiring: promise at risk" in captured.get()
    assert "\x1b[1;31m" not in captured.get()


def test_in_a_narrow_window_titles_give_way_and_figures_do_not() -> None:
    lines = drawn(rows_max=5, width=72)
    assert lines[0] == "site state standard kept open late at risk violations"
    shortened = next(line for line in lines if line.startswith("broken sales · "))
    assert "…" in shortened
    assert shortened.endswith("87.5 % 4 2 1 3")
