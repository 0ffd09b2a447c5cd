"""What the diff says of two rule files: key by key, in both directions, and never of text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from standardsd.core.compare.order import OPPOSITE, Order
from standardsd.language.diff import Change, diff, loosens
from standardsd.language.meaning import meaning_hash
from standardsd.language.problems import render
from standardsd.model.standard import RuleBook, RuleFile, Standard
from standardsd.model.vocabulary import VOCABULARY
from tests.language.written import DESK, HEAD, file, load, standard
from tests.language.yaml_of import SITES, standards

NOW = datetime(2026, 11, 21, tzinfo=UTC)
L, T, D, E = Order.LOOSER, Order.TIGHTER, Order.DIFFERENT, Order.EQUAL

TICKET = {"of": "ticket", "measure": "{from: opened, to: solved}", "promise": "{within: 8h}"}
CALL = {"of": "call", "measure": "{from: queued, to: answered}", "promise": "{within: 20s}"}
COUNT = {"measure": "{count: turned_away, over: day}", "promise": "{at_most: 3}"}
SURVEY = {"of": "survey", "measure": "{value: csat, at: answered}", "promise": "{at_least: 4}"}
GRID = "{per: priority, P1: {within: 15m}, P2: {within: 1h}, else: {within: 4h}}"
MONTH = "{at_least: 90%, over: month}"
SHARE = "{at_least: 95%, over: 30d}"
DAY = "from: 2026-03-01, until: 2026-03-08, reason: lift, approved_by: GM"

Keys = dict[str, str]

TABLE: list[tuple[Keys, Keys, Order, str]] = [
    # what both have, what is new in the second, what that is, the line that says so
    ({}, {"promise": "{within: 90s}"}, L, "promised within 1m30s instead of 1m"),
    ({}, {"promise": "{under: 60s}"}, T, "promised under 1m instead of within 1m"),
    ({}, {"promise": "{under: 61s}"}, L, "promised under 1m1s instead of within 1m"),
    ({}, {"promise": "{between: [30s, 60s]}"}, T, "promised between 30s and 1m instead of within 1m"),
    ({}, {"promise": "{between: [30s, 90s]}"}, D, "promised between 30s and 1m30s instead of within 1m"),
    ({"clock": "desk", "promise": "{within: 2bd}"}, {"promise": "{within: 3bd}"}, L,
     "promised within 3 open days instead of 2 open days"),
    ({"clock": "desk", "promise": "{within: 2bd}"}, {"promise": "{under: 2bd}"}, T,
     "promised under 2 open days instead of within 2 open days"),
    ({"clock": "desk"}, {"promise": '{until: "14:00"}'}, D, "promised until 14:00 instead of within 1m"),
    ({"clock": "desk", "promise": '{until: "14:00"}'}, {"promise": '{until: "15:00"}'}, D,
     "promised until 15:00 instead of 14:00"),  # who comes at 14:30 waits for the next day's
    (SURVEY, {"promise": "{over: 4}"}, T, "promised over 4 instead of at least 4"),
    (SURVEY, {"promise": "{between: [4, 9]}"}, T, "promised between 4 and 9 instead of at least 4"),
    (SURVEY, {"promise": "{at_most: 9}"}, D, "promised at most 9 instead of at least 4"),
    (COUNT, {"promise": "{at_most: 4}"}, L, "promised at most 4 instead of 3"),
    (COUNT, {"promise": "{at_most: 3, for: 5m}"}, L, "promised at most 3, not for 5m instead of at most 3"),
    (COUNT, {"promise": "{at_most: 2, for: 5m}"}, D, "promised at most 2, not for 5m instead of at most 3"),
    ({"promise": GRID}, {"promise": GRID.replace("1h", "2h")}, L, "for priority P2: promised within 2h instead of 1h"),
    ({"promise": GRID}, {"promise": GRID.replace("P1: {within: 15m}, ", "")}, L,
     "for priority P1: promised within 4h instead of 15m"),
    ({"promise": GRID}, {"promise": GRID.replace(", else: {within: 4h}", "")}, L,
     "for any other priority: no longer judged; promised was within 4h"),
    ({"promise": GRID}, {"promise": GRID.replace("priority", "queue")}, D,
     "promised by queue: P1 within 15m, P2 within 1h, else within 4h instead of "
     "by priority: P1 within 15m, P2 within 1h, else within 4h"),
    ({}, {"promise": "{per: priority, P1: {within: 60s}, else: {within: 60s}}"}, E,
     "promised by priority: P1 within 1m, else within 1m instead of within 1m"),
    ({}, {"where": "{site: grand-*}"}, L, "about site grand-* instead of all"),
    ({"where": "{site: grand-*}"}, {"where": "{site: [grand-budapest, grand-lima]}"}, L,
     "about site grand-budapest or grand-lima instead of site grand-*"),
    ({"where": "{site: grand-*}"}, {"where": '{site: [grand-*, "!grand-test"]}'}, L,
     "about site grand-*, not grand-test instead of site grand-*"),
    ({"where": "{site: a}"}, {"where": "{site: b}"}, D, "about site b instead of site a"),
    ({"where": "{site: '[ab]'}"}, {"where": "{site: [a, b]}"}, E, "about site a or b instead of site [ab]"),
    ({**COUNT}, {"where": "{site: a}"}, D, "about site a instead of all"),
    ({}, {"by": "[site, queue]"}, D, "figures and alerts by queue and site instead of site"),
    ({}, {"measure": "{from: arrived, to: served}"}, D,
     "measured is {from: arrived, to: served} instead of {from: arrived, to: greeted}"),
    ({}, {"clock": "desk"}, L, "clock desk instead of always"),
    ({}, {"pause_while": "waiting"}, L, "the clock stands still in waiting instead of nothing"),
    (CALL, {"if_left": "breach"}, T, "if_left: breach instead of exclude"),
    (CALL, {"if_left": "keep"}, L, "if_left: keep instead of exclude"),
    (CALL, {"if_left": "void"}, L, "if_left: void instead of exclude"),
    ({**CALL, "if_left": "void"}, {"if_left": "keep"}, D, "if_left: keep instead of void"),
    ({**CALL, "if_left": "breach"}, {"ignore_if_left_within": "5s"}, L,
     "who leaves is left out up to 5s instead of never"),
    ({**CALL, "if_left": "keep"}, {"ignore_if_left_within": "5s"}, T,
     "who leaves is left out up to 5s instead of never"),
    (CALL, {"ignore_if_left_within": "5s"}, E, "who leaves is left out up to 5s instead of never"),
    ({}, {"unless": "served"}, L, "taken out by served instead of nothing"),
    ({"measure": "{from: arrived, to: greeted, each: true}"}, {"unless": "served"}, D,
     "taken out by served instead of nothing"),
    (TICKET, {"reopen": "resume"}, T, "reopen: resume instead of first_only"),
    (TICKET, {"reopen": "new_cycle"}, T, "reopen: new_cycle instead of first_only"),
    ({**TICKET, "reopen": "resume"}, {"reopen": "new_cycle"}, D, "reopen: new_cycle instead of resume"),
    ({}, {"objective": SHARE}, T, "an objective: 95% over 30d"),
    ({"objective": SHARE}, {"objective": SHARE.replace("95", "90")}, L, "90% must be kept instead of 95%"),
    ({"objective": SHARE}, {"objective": SHARE.replace("30d", "7d")}, D, "the share is over 7d instead of 30d"),
    ({"objective": SHARE}, {"objective": "{at_least: 95%, over: 30d, min_count: 20}"}, L,
     "the share is known from 20 verdicts on instead of 1"),
    ({"objective": MONTH}, {"objective": "{at_least: 90%, over: month, periods: 3}"}, D,
     "it fails after 3 failing windows in a row instead of 1"),
    ({"objective": "{at_least: 90%, over: month, periods: 2}"}, {"objective": "{at_least: 90%, over: month, periods: 3}"},
     L, "it fails after 3 failing windows in a row instead of 2"),
    ({"objective": MONTH}, {"objective": "{at_least: 90%, over: month, zone: Asia/Tokyo}"}, D,
     "its windows begin at midnight in Asia/Tokyo instead of the zone of the standard"),
    ({"objective": SHARE}, {"objective": "{targets: [{from: 2026-01-01, at_least: 95%}], over: 30d}"}, L,
     "95% from 2026-01-01 on must be kept instead of 95%"),
    ({"objective": SHARE},
     {"objective": "{targets: [{from: 2000-01-01, at_least: 90%}, {from: 2026-01-01, at_least: 99%}], over: 30d}"}, D,
     "90% from 2000-01-01 on and 99% from 2026-01-01 on must be kept instead of 95%"),
    ({}, {"alert": "{on: [breach, at_risk]}"}, T, "an alert on at_risk"),
    ({}, {"alert": "{on: []}"}, L, "no alert on breach any more"),
    ({}, {"alert": "{for: 1m}"}, L, "an alert waits 1m before it fires instead of 0s"),
    ({}, {"alert": "{keep_firing_for: 10m}"}, T, "a breach keeps the alert firing for 10m instead of 5m"),
    ({}, {"alert": "{warn_at: 50%}"}, T, "at risk at 50% of the time instead of at 75% of the time"),
    ({}, {"alert": "{warn_before: 10s}"}, D, "at risk 10s before due instead of at 75% of the time"),
    ({}, {"severity": "critical"}, T, "severity critical instead of warning"),
    ({}, {"severity": "info"}, L, "severity info instead of warning"),
    ({}, {"settle": "2d"}, D, "verdicts settle after 2d instead of 0s"),
    ({}, {"effective": "{from: 2026-01-01}"}, L, "in force from 2026-01-01 instead of always"),
    ({"effective": "{from: 2026-01-01}"}, {"effective": "{from: 2026-02-01, until: 2027-01-01}"}, L,
     "in force from 2026-02-01, until 2027-01-01 instead of from 2026-01-01"),
    ({"effective": "{from: 2026-01-01}"}, {"effective": "{until: 2027-01-01}"}, D,
     "in force until 2027-01-01 instead of from 2026-01-01"),
    ({}, {"status": "shadow"}, L, "in shadow: nothing counts any more, and nobody is told"),
    ({}, {"waivers": f"[{{{DAY}}}]"}, L, "waived from 2026-03-01, until 2026-03-08 (lift; approved by GM)"),
    ({"waivers": f"[{{{DAY}, where: {{site: a}}}}]"}, {"waivers": f"[{{{DAY}}}]"}, L,
     "waived from 2026-03-01, until 2026-03-08 (lift; approved by GM); "
     "no longer waived from 2026-03-01, until 2026-03-08 for site a (lift; approved by GM)"),
    ({"waivers": f"[{{{DAY}}}]"}, {"waivers": f"[{{{DAY.replace('03-08', '03-15')}}}]"}, L,
     "waived from 2026-03-01, until 2026-03-15 (lift; approved by GM); "
     "no longer waived from 2026-03-01, until 2026-03-08 (lift; approved by GM)"),
    ({"waivers": f"[{{{DAY}}}]"}, {"waivers": f"[{{{DAY.replace('GM', 'CEO')}}}]"}, E,
     "waived from 2026-03-01, until 2026-03-08 (lift; approved by CEO); "
     "no longer waived from 2026-03-01, until 2026-03-08 (lift; approved by GM)"),
]  # fmt: skip


def book(*items: Keys, head: str = DESK) -> RuleBook:
    loaded = load(file(*[standard(**item) for item in items], head=head), sites=SITES)
    assert loaded.book is not None, render(loaded.problems)
    return loaded.book


def changes(old: RuleBook, new: RuleBook) -> list[Change]:
    return list(diff(old, new, NOW))


def lines(old: RuleBook, new: RuleBook) -> list[str]:
    return [change.render() for change in changes(old, new)]


@pytest.mark.parametrize(("both", "new", "order", "said"), TABLE, ids=[row[3][:70] for row in TABLE])
def test_every_key_is_compared_in_both_directions(both: Keys, new: Keys, order: Order, said: str) -> None:
    before, after = book(both), book({**both, **new})
    assert lines(before, after) == [f"{order}: greet: {said}"]
    (back,) = changes(after, before)
    assert back.order is OPPOSITE[order]
    assert loosens(changes(before, after)) is (order in (L, D))
    assert loosens(changes(after, before)) is (order in (T, D))


def test_a_standard_that_comes_is_tighter_and_one_that_goes_is_looser() -> None:
    one, both = book({}), book({}, {"id": "wait", "measure": "{time_in: waiting}", "promise": "{within: 5m}"})
    assert lines(one, both) == ["tighter: wait: added: within 5m"]
    assert lines(both, one) == ["looser: wait: removed; promised was within 5m"]
    shadow = book({}, {"id": "wait", "status": "shadow"})
    assert lines(one, shadow) == ["equal: wait: added in shadow, so nothing counts and nobody is told"]
    assert lines(shadow, one) == ["equal: wait: removed; it was in shadow, so nothing counted"]


def test_another_name_is_told_once_and_has_to_be_looked_at() -> None:
    told = changes(book({}), book({"id": "greeting", "title": "Other words"}))
    assert [one.render() for one in told] == [
        "different: greet: called greeting now; figures, alerts and what routes them go by the name"
    ]
    assert loosens(told)


TEXTS = [
    ({"title": "Other words"}, "title: Other words"),
    ({"owner": "desk"}, "owner: desk"),
    ({"notes": "As agreed."}, "another notes"),
    ({"because": "{clause: a}"}, "another because"),
    ({"dimension": "empathy"}, "dimension: empathy"),
    ({"runbook": "https://example.org/x"}, "runbook: https://example.org/x"),
]


@pytest.mark.parametrize(("keys", "said"), TEXTS)
def test_words_for_people_are_text_and_loosen_nothing(keys: Keys, said: str) -> None:
    told = changes(book({}), book(keys))
    assert [one.render() for one in told] == [f"text: greet: {said}"]
    assert not loosens(told)


SPELLINGS = [
    ({"promise": "{within: 60s}"}, {"promise": "{within: 1m}"}),
    ({}, {"examples": "{kept: ['09:00:00 arrived', '09:01:00 greeted'], broken: ['09:00:00 arrived']}"}),
    ({"where": "{site: [a, b]}"}, {"where": "{site: [b, a]}"}),
    (TICKET, {**TICKET, "measure": "{to: [solved], from: [opened]}"}),
    ({"unless": "[served, called]"}, {"unless": "[called, served]"}),
    ({}, {"severity": "warning", "clock": "always", "reopen": "first_only"}),
]


@pytest.mark.parametrize(("old", "new"), SPELLINGS)
def test_another_spelling_is_no_change(old: Keys, new: Keys) -> None:
    assert lines(book(old), book(new)) == []


CALENDARS = [
    # what is replaced in the calendar, by what, and the line
    ("17:00", "18:00", T, "the calendar desk is open longer, for the first time on 2026-11-23"),
    ("mon-fri", "mon-thu", L, "the calendar desk is open less, for the first time on 2026-11-27"),
    ("09:00-17:00", "10:00-18:00", D, "the calendar desk is open at other hours, for the first time on 2026-11-23"),
    ("weekly:", "closed: [2026-12-31], weekly:", L, "the calendar desk is open less, for the first time on 2026-12-31"),
    ("weekly:", "closed: [2020-01-02], weekly:", L, "the calendar desk is open less; only in the past"),
    ("weekly:", "holidays: {country: PT}, weekly:", L,
     "the calendar desk is open less, for the first time on 2026-12-01"),
    ("weekly:", "closed: [2026-11-22], weekly:", E, ""),  # a Sunday, on which it never opens
]  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "order", "said"), CALENDARS)
def test_calendars_are_compared_by_their_hours(was: str, becomes: str, order: Order, said: str) -> None:
    before, after = book({"clock": "desk"}), book({"clock": "desk"}, head=DESK.replace(was, becomes))
    expected = (
        f"{order}: greet: {said}" if said else "equal: written otherwise, and what runs comes to the same"
    )
    assert lines(before, after) == [expected]
    (back,) = changes(after, before)
    assert back.order is OPPOSITE[order]


def test_longer_hours_do_not_make_open_days_tighter() -> None:
    """They close later, and so is due later what is counted in days."""
    keys = {"clock": "desk", "promise": "{within: 2bd}"}
    told = changes(book(keys), book(keys, head=DESK.replace("17:00", "18:00")))
    assert [one.order for one in told] == [D]


def test_another_zone_matters_where_days_or_wall_times_are_meant() -> None:
    other = DESK.replace("Lisbon", "London")  # the same hours, at the time
    said = "days and wall times are those of Europe/London instead of Europe/Lisbon"
    until = {"clock": "desk", "promise": '{until: "14:00"}'}
    assert f"different: greet: {said}" in lines(book(until), book(until, head=other))
    assert not any(
        said in line for line in lines(book({"clock": "desk"}), book({"clock": "desk"}, head=other))
    )


def test_burn_rates_go_by_the_clock() -> None:
    keys = {"objective": SHARE, "alert": "{on: burn}"}
    told = lines(book(keys), book({**keys, "clock": "desk"}))
    assert "different: greet: burn rates are counted in hours of the clock, which are others now" in told


ADDED = "vocabulary: {{visit: {{{}}}}}\n"
KINDS = [
    ("events: [seated]", E, "the kind visit: events seated added"),
    ("endings: {lost: left}", D, "the kind visit: endings lost added"),
    ("states: {talking: {enter: greeted, leave: served}}", D, "the kind visit: states talking added"),
    ("reopening: returned", D, "the kind visit: reopened by returned instead of nothing"),
]


@pytest.mark.parametrize(("block", "order", "said"), KINDS)
def test_the_kinds_that_standards_speak_of_are_compared(block: str, order: Order, said: str) -> None:
    after = book({}, head=HEAD + ADDED.format(block))
    assert lines(book({}, head=HEAD), after) == [f"{order}: {said}"]
    other = {**TICKET, "id": "t"}
    assert lines(book(other, head=HEAD), book(other, head=HEAD + ADDED.format(block))) == [], "another kind"


def test_a_standard_about_standards_changes_with_them() -> None:
    spread = {
        "id": "even",
        "of": "",
        "by": "[]",
        "measure": "{spread: greet, across: site}",
        "promise": "{at_most: 10%}",
    }
    told = lines(book({}, spread), book({"promise": "{within: 30s}"}, spread))
    assert told == [
        "tighter: greet: promised within 30s instead of 1m",
        "different: even: it is about greet, which changed",
    ]


def test_what_is_inherited_is_compared_as_it_comes_out() -> None:
    """A house that takes a pack and says the same itself has changed nothing; its own set is another name."""
    base = file(standard(severity="critical"), head=HEAD)
    taken = "version: 1\nset: mine\nextends: house\nstandards: []\n"
    mild = "version: 1\nset: mine\nextends: house\nstandards: [{id: greet, severity: info}]\n"
    alone, together, loose = (load(*texts).book for texts in ((base,), (base, taken), (base, mild)))
    assert alone is not None and together is not None and loose is not None
    assert lines(alone, together) == ["text: greet: set: mine"]
    assert lines(together, loose) == ["looser: greet: severity info instead of critical"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(standards(), standards())
def test_something_is_said_exactly_when_the_meaning_is_another(one: Standard, other: Standard) -> None:
    """Also of standards that differ in one field alone, each in its turn."""

    def written(standard: Standard) -> RuleBook:
        said = meaning_hash("house", [standard], VOCABULARY, {})
        return RuleBook((standard,), VOCABULARY, (RuleFile("a.yaml", "house", "", "", said),), said)

    def hold(after: Standard) -> None:
        before, now = written(one), written(after)
        told, back = changes(before, now), changes(now, before)
        assert bool(told) is (before.hash != now.hash), [change.render() for change in told]
        assert [c.order for c in back] == [None if c.order is None else OPPOSITE[c.order] for c in told], (
            told,
            back,
        )

    hold(one)
    if other.id == one.id:
        hold(other)
    for field in Standard.__struct_fields__:
        if field not in ("id", "rules", "zones"):
            hold(replace(one, **{field: getattr(other, field)}))
