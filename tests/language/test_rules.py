"""Rule files: what each mistake is told as, and where.  One row, one idea."""

from __future__ import annotations

import time
from datetime import timedelta
from textwrap import indent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standardsd.language.problems import Level, Problem, count, errors, lints, render
from standardsd.language.rules import Loaded, load_rules
from standardsd.language.standards import KEYS
from standardsd.language.where import REFUSED_LABELS
from standardsd.model.measure import Rolling
from standardsd.model.standard import (
    AlertRule,
    Because,
    Condition,
    FromTo,
    Objective,
    Policy,
    Promise,
    Severity,
    Standard,
    TimeIn,
)
from tests.language.written import limit_of

GREET = """\
id: greet
title: Greeted within a minute
of: visit
measure: {from: arrived, to: greeted}
promise: {within: 60s}
"""


def load(*texts: str) -> Loaded:
    return load_rules([(f"{chr(97 + number)}.yaml", text.encode()) for number, text in enumerate(texts)])


def file(standard: str = GREET, head: str = "version: 1\nset: house\n") -> str:
    """A rule file with one standard: its first line is the third of the file, its first column the fifth."""
    body = indent(standard, "    ")
    return f"{head}standards:\n  - {body[4:]}"


def only(loaded: Loaded) -> Standard:
    assert loaded.book is not None, render(loaded.problems)
    assert len(loaded.book.standards) == 1
    return loaded.book.standards[0]


def greet(**keys: str) -> str:
    """The standard with keys replaced or added; a key that is given as "" is left out."""
    lines = {line.split(":")[0]: line for line in GREET.splitlines()}
    for key, value in keys.items():
        lines[key] = f"{key}: {value}" if value else ""
    return "\n".join(line for line in lines.values() if line) + "\n"


def test_every_key_of_a_standard_reaches_the_model() -> None:
    standard = only(
        load(
            file(
                """\
id: hold-30
title: Nobody is on hold for long
of: call
where: {site: [grand-*, "!grand-test"], queue: sales}
by: [site, queue]
measure: {time_in: on_hold, each: true}
promise: {under: 1m30s}
clock: always
if_left: breach
if_diverted: keep
if_done: void
ignore_if_left_within: 5s
unless: [transferred, parked]
reopen: first_only
objective: {at_least: 99.5%, over: 30d, min_count: 20, periods: 1}
alert: {on: [objective, breach, silence, at_risk], for: 10s, keep_firing_for: 1h, warn_at: 50%, warn_before: 5s}
severity: critical
settle: 2d
status: active
dimension: assurance
owner: hotline
runbook: https://example.org/hold
because: {clause: "holds 1", edition: "2026", figure: H02, source: house}
notes: |
  As agreed
  in May.
""",
                head="version: 1\nset: house\nowner: front-office\ntitle: House\n",
            )
        )
    )
    assert standard == Standard(
        id="hold-30",
        title="Nobody is on hold for long",
        of="call",
        measure=TimeIn("on_hold", each=True),
        promise=Promise(timedelta(seconds=90), within=False),
        rules=standard.rules,
        set="house",
        where={"queue": ("sales",), "site": ("grand-*", "!grand-test")},
        by=("site", "queue"),
        if_left=Policy.BREACH,
        if_diverted=Policy.KEEP,
        if_done=Policy.VOID,
        ignore_if_left_within=timedelta(seconds=5),
        unless=("transferred", "parked"),
        objective=Objective(0.995, Rolling(timedelta(days=30)), 20),
        alert=AlertRule(
            on=(Condition.BREACH, Condition.AT_RISK, Condition.OBJECTIVE, Condition.SILENCE),
            hold_for=timedelta(seconds=10),
            keep_firing_for=timedelta(hours=1),
            warn_at=0.5,
            warn_before=timedelta(seconds=5),
        ),
        severity=Severity.CRITICAL,
        settle=timedelta(days=2),
        dimension="assurance",
        owner="hotline",
        runbook="https://example.org/hold",
        because=Because("holds 1", "2026", "H02", "house"),
        notes="As agreed\nin May.\n",
    )
    assert standard.rules.startswith("sha256:")


def test_what_is_not_said_has_the_default_of_the_page() -> None:
    standard = only(load(file()))
    assert standard.by == ("site",)
    assert standard.where == {}
    assert standard.if_left is standard.if_diverted is standard.if_done is Policy.EXCLUDE
    assert standard.alert == AlertRule((Condition.BREACH,), timedelta(0), timedelta(minutes=5), 0.75, None)
    assert standard.severity is Severity.WARNING
    assert standard.settle == timedelta(0)
    assert standard.ignore_if_left_within is None
    assert standard.objective is None
    assert standard.unless == ()


ERRORS = [
    # what is written instead of the greeting's key, place, what is said, what to write
    (greet(id="Greet Now"), (4, 9), "'Greet Now' is not a name", "write greet-now"),
    (greet(title='""'), (5, 12), "an empty text", "leave the key out"),
    (greet(title="x" * 201), (5, 12), "a title of 201 characters", "notes:"),
    (greet(title='"a\\nb"'), (5, 12), "more than one line", "one line"),
    (greet(of="visits"), (6, 9), "there is no kind 'visits'", "write visit"),
    (greet(of=""), (4, 9), "a standard has no of", "of: visit"),
    (greet(title=""), (4, 9), "a standard has no title", "add title:"),
    (greet(promise=""), (4, 9), "a standard has no promise", "add promise:"),
    (greet(serverity="warning"), (9, 5), "a standard has no key 'serverity'", "write severity"),
    (greet(measure="{from: arived, to: greeted}"), (7, 21), "no event 'arived'", "write arrived"),
    (greet(measure="{from: arrived, to: [greeted, servd]}"), (7, 44), "no event 'servd'", "write served"),
    (greet(measure="{from: waiting, to: greeted}"), (7, 21), "'waiting' (it is a state)", "write one of"),
    (greet(measure="{from: arrived}"), (7, 14), "has no to", "add to:"),
    (greet(measure="{to: greeted}"), (7, 14), "has no from", "add from:"),
    (greet(measure="{form: arrived, to: greeted}"), (7, 15), "no key 'form'", "write from"),
    (
        greet(measure="{from: arrived, to: greeted, each: yes}"),
        (7, 49),
        "neither true nor false",
        "write true",
    ),
    (greet(measure="{time_in: wating}"), (7, 24), "no state 'wating'", "write waiting"),
    (greet(of="survey", measure="{time_in: waiting}"), (7, 24), "no state 'waiting'", "{from: …, to: …}"),
    (greet(measure="{time_on: waiting}"), (7, 15), "a measure has no key 'time_on'", "write time_in"),
    (greet(measure="{}"), (7, 14), "nothing is measured", "{from: arrived"),
    (greet(measure="waiting"), (7, 14), "'waiting' is not a measure", "{from: arrived"),
    (greet(measure="[waiting]"), (7, 14), "a list is not a measure", "{from: arrived"),
    (greet(promise="60s"), (8, 14), "'60s' is not a promise", "write {within: 60s}"),
    (greet(promise="{within: 10 mins}"), (8, 23), "'10 mins' is not a duration", "write 10m"),
    (greet(promise="{within: 60}"), (8, 23), "'60' has no unit", "write 60s"),
    (greet(promise="{within: 1s, under: 2s}"), (8, 27), "either within or under", "keep one"),
    (greet(promise="{}"), (8, 14), "nothing is promised", "{within: 60s}"),
    (greet(promise="{witin: 60s}"), (8, 15), "no key 'witin'", "write within"),
    (greet(promise="{under: 0}"), (8, 22), "less than no time", "how long"),
    (greet(clock="desk"), (9, 12), "there is no calendar 'desk'", "always"),
    (greet(clock="[a]"), (9, 12), "clock is a list", "write a, without brackets"),
    (greet(if_left="exclud"), (9, 14), "'exclud' is not a word for if_left", "write exclude"),
    (greet(if_done="keep it"), (9, 14), "is not a word for if_done", "write keep"),
    (greet(ignore_if_left_within="5"), (9, 28), "has no unit", "write 5s"),
    (greet(unless="served!"), (9, 13), "no event 'served!'", "write served"),
    (greet(unless="greeted"), (9, 13), "'greeted' ends what is measured", "take it out"),
    (
        greet(measure="{time_in: waiting, each: true}", unless="[due, served]"),
        (9, 13),
        "'served' ends what",
        "take it",
    ),
    (greet(where="{site: 'a[b'}"), (9, 19), "'[' is not closed", "[[]"),
    (greet(where="{si-te: a}"), (9, 13), "'si-te' is not a label name", "write si_te"),
    (greet(where="{site: []}"), (9, 19), "an empty list", "leave the key out"),
    (greet(where="grand"), (9, 12), "where is not a map", "name: value"),
    (greet(by="room"), (9, 9), "'room' cannot be a grain", "site or queue"),
    (greet(by="[site, site]"), (9, 16), "'site' stands here twice", "leave one"),
    (greet(by="__x"), (9, 9), "two underscores", "otherwise"),
    (greet(by="[a, b, c, d, e, f, g, h, i]"), (9, 9), "a grain of 9 labels", "at most 8"),
    (greet(objective="{at_least: 95%}"), (9, 16), "an objective has no over", "over: 30d"),
    (greet(objective="{over: 30d}"), (9, 16), "an objective has no at_least", "at_least: 95%"),
    (greet(objective="{at_least: 0%, over: 30d}"), (9, 27), "'0%' is kept by everything", "95%"),
    (greet(objective="{at_least: 101%, over: 30d}"), (9, 27), "more than everything", "100%"),
    (greet(objective="{at_least: 0.95, over: 30d}"), (9, 27), "has no unit", "write 95%"),
    (greet(objective="{at_least: 95%, over: 0}"), (9, 38), "no time at all", "longer than 0"),
    (greet(objective="{at_least: 95%, over: 401d}"), (9, 38), "too long", "400d"),
    (greet(objective="{at_least: 95%, over: 1d, min_count: 0}"), (9, 53), "'0' is too few", "1 or more"),
    (greet(objective="95%"), (9, 16), "an objective is not a map", "at_least"),
    (greet(alert="{on: objective}"), (9, 17), "without one", "objective:"),
    (greet(alert="{on: breached}"), (9, 17), "'breached' is not something an alert", "write breach"),
    (greet(alert="{warn_at: 100%}"), (9, 22), "when it is too late", "75%"),
    (greet(alert="{warn_at: 0%}"), (9, 22), "at the start", "75%"),
    (greet(alert="{warn_before: 60s}"), (9, 26), "would come with the start", "less than"),
    (greet(alert="{warn_before: 0}"), (9, 26), "no time at all", "longer than 0"),
    (greet(alert="{keep_firing: 5m}"), (9, 13), "no key 'keep_firing'", "write keep_firing_for"),
    (greet(severity="warn"), (9, 15), "'warn' is not a word for severity", "write warning"),
    (greet(severity="page"), (9, 15), "'page' is not a word for severity", "critical, info, warning"),
    (greet(settle="-1s"), (9, 13), "is negative", "0 or more"),
    (greet(settle="367d"), (9, 13), "too long to settle", "366d"),
    (greet(dimension="speed"), (9, 16), "not a dimension", "responsiveness"),
    (greet(runbook="example.org/x"), (9, 14), "not a web address", "https://example.org/x"),
    (greet(runbook="https://me:pw@example.org/"), (9, 14), "a user name in it", "leave out"),
    (greet(because="{clauses: a}"), (9, 15), "because has no key 'clauses'", "write clause"),
    (greet(because="H01"), (9, 14), "because is not a map", "clause"),
    (greet(notes='" "'), (9, 12), "an empty text", "leave the key out"),
    (greet(status="off"), (9, 13), "'off' is not a word for status", "write one of"),
    (greet(reopen="never"), (9, 13), "'never' is not a word for reopen", "write one of"),
    (greet(examples="{kept: [], broken: ['09:00:00 arrived']}"), (9, 22), "without a line", "09:00:00"),
    (greet(examples="{kept: [a], broken: ['09:00:00 arrived']}"), (9, 23), "'a' is not a line", "09:00:00"),
    (greet(examples="{good: [a]}"), (9, 16), "examples has no key 'good'", "write one of"),
]


@pytest.mark.parametrize(("standard", "place", "said", "fix"), ERRORS)
def test_a_mistake_is_told_where_it_stands_with_what_to_write(
    standard: str, place: tuple[int, int], said: str, fix: str
) -> None:
    loaded = load(file(standard))
    assert loaded.book is None
    found = errors(loaded.problems)
    assert len(found) == 1, render(found)
    assert (found[0].path, found[0].line, found[0].column) == ("a.yaml", *place), found[0].render()
    assert said in found[0].text
    assert fix in found[0].fix


HEADS = [
    ("version: 2\nset: house\n", (1, 10), "version '2' of the language is not known", "version: 1"),
    ("version: 1\nset: House\n", (2, 6), "'House' is not a name", "write house"),
    ("version: 1\n", (1, 1), "a rule file has no set", "add set:"),
    ("set: house\n", (1, 1), "a rule file has no version", "add version:"),
    ("version: 1\nset: house\ntitel: x\n", (3, 1), "no key 'titel'", "write title"),
    ("version: 1\nset: house\nextends: hose\n", (3, 10), "there is no set 'hose'", "load its file"),
    ("version: 1\nset: house\nextends: house\n", (3, 10), "in a circle: house → house", "leave"),
    ("version: 1\nset: house\ndefaults: {id: a}\n", (3, 12), "an id cannot be a default", "in the standard"),
    ("version: 1\nset: house\ndefaults: {sev: info}\n", (3, 12), "defaults has no key 'sev'", "write"),
    (
        "version: 1\nset: house\ndefaults: {severity: bad}\n",
        (3, 22),
        "'bad' is not a word for severity",
        "write",
    ),
    (
        "version: 1\nset: house\ncalendars: {a: {weekly: {}}}\n",
        (3, 16),
        "a calendar has no timezone",
        "timezone:",
    ),
    (
        "version: 1\nset: house\ncalendars: {site: {timezone: UTC, weekly: {mon: ['08:00-12:00']}}}\n",
        (3, 13),
        "a meaning of its own",
        "otherwise",
    ),
    ("version: 1\nset: house\ncalendars: {a: {timezone: '+02:00'}}\n", (3, 27), "not a time zone", "Europe/"),
    (
        "version: 1\nset: house\ncalendars: {a: {timezone: UTC, weekly: {mo: []}}}\n",
        (3, 41),
        "not a day",
        "write mon",
    ),
    (
        "version: 1\nset: house\ncalendars: {a: {timezone: UTC, weekly: {fri-mon: []}}}\n",
        (3, 41),
        "before",
        "two lines",
    ),
    (
        "version: 1\nset: house\ncalendars: {a: {timezone: UTC, weekly: {mon: ['8-12']}}}\n",
        (3, 47),
        "not a span",
        "08:00",
    ),
    (
        "version: 1\nset: house\ncalendars: {a: {timezone: UTC, closed: [2026-02-30]}}\n",
        (3, 41),
        "does not exist",
        "2026",
    ),
    (
        "version: 1\nset: house\ncalendars: {a: {timezone: UTC, instead: {xmas: []}}}\n",
        (3, 42),
        "not a date",
        "2026",
    ),
    (
        "version: 1\nset: house\ncalendars: {a: {timezone: UTC, holidays: {}}}\n",
        (3, 42),
        "country or an ics",
        "RO",
    ),
    (
        "version: 1\nset: house\nvocabulary: {visit: {events: [updated]}}\n",
        (3, 30),
        "a word of the kind",
        "otherwise",
    ),
    (
        "version: 1\nset: house\nvocabulary: {visit: {endings: {left: done}}}\n",
        (3, 38),
        "as left already",
        "write left",
    ),
    (
        "version: 1\nset: house\nvocabulary: {visit: {endings: {gone: away}}}\n",
        (3, 38),
        "class of ending",
        "write",
    ),
    (
        "version: 1\nset: house\nvocabulary: {visit: {endings: {greeted: done}}}\n",
        (3, 32),
        "cannot end it",
        "otherwise",
    ),
    (
        "version: 1\nset: house\nvocabulary: {ticket: {reopening: back}}\n",
        (3, 34),
        "reopened by 'reopened'",
        "leave",
    ),
    ("version: 1\nset: house\nvocabulary: {tour: {}}\n", (3, 20), "has no events", "events:"),
    (
        "version: 1\nset: house\nvocabulary: {samples: {events: [taken]}}\n",
        (3, 14),
        "is no name for a kind: under yields it names samples",
        "name the kind otherwise",
    ),
    (
        "version: 1\nset: house\nvocabulary: {visit: {states: {s: {enter: hug}}}}\n",
        (3, 42),
        "'hug' that could",
        "write",
    ),
    (
        "version: 1\nset: house\nvocabulary: {visit: {states: {waiting: {enter: due}}}}\n",
        (3, 31),
        "already",
        "otherwise",
    ),
    (
        "version: 1\nset: house\nvocabulary: {Visit Two: {events: [a]}}\n",
        (3, 14),
        "not a word of",
        "visit_two",
    ),
]


@pytest.mark.parametrize(("head", "place", "said", "fix"), HEADS)
def test_a_mistake_in_the_envelope_is_told_where_it_stands(
    head: str, place: tuple[int, int], said: str, fix: str
) -> None:
    loaded = load(file(head=head))
    assert loaded.book is None
    found = errors(loaded.problems)
    assert len(found) == 1, render(found)
    assert (found[0].line, found[0].column) == place, found[0].render()
    assert said in found[0].text
    assert fix in found[0].fix


LINTS = [
    (greet(promise="{within: 0s}"), "a limit of 0 is kept only by an end at the very instant"),
    (greet(measure="{from: arrived, to: [arrived, greeted]}"), "'arrived' is both begin and end"),
    (greet(measure="{from: left, to: arrived}"), "'left' ends the interaction"),
    (greet(measure="{time_in: waiting}", if_left="breach"), "if_left does nothing here: time_in"),
    (
        greet(measure="{time_in: waiting}", ignore_if_left_within="1s"),
        "ignore_if_left_within does nothing here",
    ),
    (
        greet(of="order", measure="{from: placed, to: ready}", if_diverted="keep"),
        "has no ending of that class",
    ),
    (greet(where='{site: [a, "!a"]}'), "'a' is both wanted and excluded"),
    (greet(alert="{on: []}"), "nobody is told of anything"),
    (
        greet(examples="{kept: ['09:00:00 arrived', '09:00:01 greeted']}"),
        "there is no example that is broken",
    ),
    (
        greet(examples="{kept: ['23:59:59 arrived', '00:00:01 greeted'], broken: ['09:00:00 arrived']}"),
        "this line is earlier than the one before it",
    ),
]


@pytest.mark.parametrize(("standard", "said"), LINTS)
def test_a_lint_warns_and_never_stops_a_load(standard: str, said: str) -> None:
    loaded = load(file(standard))
    assert loaded.book is not None
    assert [said in problem.text for problem in lints(loaded.problems)] == [True], render(loaded.problems)
    assert ": lint: " in render(loaded.problems)


def test_an_appointment_may_be_promised_to_the_instant() -> None:
    """From ``due``, a limit of 0 says "not late", which people do mean."""
    loaded = load(file(greet(measure="{from: due, to: arrived}", promise="{within: 0s}")))
    assert loaded.problems == ()
    assert only(loaded).promise == Promise(timedelta(0), within=True)


def test_an_event_may_close_one_occurrence_and_open_the_next() -> None:
    loaded = load(file(greet(measure="{from: served, to: served, each: true}")))
    assert loaded.problems == ()
    assert only(loaded).measure == FromTo(("served",), ("served",), each=True)


def test_a_warning_before_due_stands_in_the_place_of_the_usual_one() -> None:
    alert = only(load(file(greet(alert="{warn_before: 10s}")))).alert
    assert (alert.warn_at, alert.warn_before) == (None, timedelta(seconds=10))


def test_all_problems_of_all_files_are_told_at_once_in_the_order_of_the_files() -> None:
    bad = greet(
        of="visits", promise="{within: x}", severity="y", measure="{from: arrived, to: greeted, eahc: true}"
    )
    loaded = load(file(bad), file(greet(by="room"), head="version: 1\nset: Two\n"))
    places = [(p.path, p.line) for p in loaded.problems]
    assert places == [
        ("a.yaml", 6),
        ("a.yaml", 7),
        ("a.yaml", 8),
        ("a.yaml", 9),
        ("b.yaml", 2),
        ("b.yaml", 9),
    ]


def test_every_key_may_be_a_default_and_a_standard_overrides_it_key_by_key() -> None:
    head = (
        "version: 1\nset: house\nowner: house\ndefaults:\n"
        "  severity: critical\n  by: [desk]\n  alert: {on: at_risk, for: 1m}\n  of: visit\n  owner: desk\n"
    )
    standard = only(load(file(greet(of="", alert="{on: silence}", by="[site]"), head=head)))
    assert (standard.severity, standard.by, standard.of, standard.owner) == (
        Severity.CRITICAL,
        ("site",),
        "visit",
        "desk",
    )
    assert standard.alert == AlertRule(on=(Condition.SILENCE,))


@pytest.mark.parametrize("key", KEYS)
def test_a_key_whose_text_is_broken_is_told_once_and_not_called_missing_or_wrong(key: str) -> None:
    loaded = load(file(greet(**{key: "*x"})))
    said = [p.text for p in loaded.problems]
    assert said == ["an alias (*) refers to a value elsewhere"]
    assert loaded.book is None


def test_a_mistake_in_the_defaults_is_told_once() -> None:
    two = (
        file(head="version: 1\nset: house\ndefaults: {if_left: gone}\n") + "  - {id: b, title: b, of: visit, "
    )
    two += "measure: {time_in: waiting}, promise: {within: 1s}}\n"
    assert len(load(two).problems) == 1


BASE = file(GREET + "severity: critical\n", head="version: 1\nset: base\ndefaults: {by: [desk]}\n")


def test_an_extended_set_does_not_run_by_itself() -> None:
    house = "version: 1\nset: house\nextends: base\ndefaults: {by: [site], settle: 1h}\nstandards:\n"
    house += "  - {id: greet, promise: {within: 30s}}\n  - {id: other, title: t, of: visit, "
    house += "measure: {time_in: waiting}, promise: {within: 1m}}\n"
    for order in ((BASE, house), (house, BASE)):
        loaded = load(*order)
        assert loaded.book is not None, render(loaded.problems)
        first, other = loaded.book.standards
        assert (first.id, first.set, limit_of(first)) == ("greet", "house", timedelta(seconds=30))
        assert first.title == "Greeted within a minute"  # inherited
        assert first.severity is Severity.CRITICAL  # inherited
        assert first.by == ("desk",)  # a default of its own file goes with it
        assert first.settle == timedelta(hours=1)  # what nobody said is filled in by the extending file
        assert (other.id, other.by) == ("other", ("site",))
        assert len(loaded.book.files) == 2
        assert (
            first.rules == other.rules == next(f.meaning_hash for f in loaded.book.files if f.set == "house")
        )


def test_a_set_is_inherited_through_another() -> None:
    middle = "version: 1\nset: middle\nextends: base\nstandards: [{id: greet, severity: info}]\n"
    top = "version: 1\nset: top\nextends: [middle]\nstandards: []\n"
    loaded = load(top, middle, BASE)
    standard = only(loaded)
    assert (standard.set, standard.severity, limit_of(standard)) == (
        "top",
        Severity.INFO,
        timedelta(minutes=1),
    )


def test_two_extended_sets_may_not_differ_about_a_standard() -> None:
    other = BASE.replace("set: base", "set: other").replace("60s", "50s")
    loaded = load(BASE, other, "version: 1\nset: house\nextends: [base, other]\nstandards: []\n")
    assert [p.text for p in errors(loaded.problems)] == [
        "two of the extended sets have a standard 'greet', and they differ"
    ]


def test_sets_that_extend_each_other_are_told_and_end() -> None:
    loaded = load(
        file(head="version: 1\nset: one\nextends: two\n"),
        file(head="version: 1\nset: two\nextends: one\n").replace("greet\n", "greet2\n"),
    )
    assert loaded.book is None
    assert any("in a circle" in p.text for p in loaded.problems)


def test_a_set_that_may_stand_in_a_file_that_cannot_be_read_is_not_called_missing() -> None:
    loaded = load("a: [", file(head="version: 1\nset: house\nextends: base\n"))
    assert {p.path for p in errors(loaded.problems)} == {"a.yaml"}


def test_ids_are_unique_among_the_standards_that_run() -> None:
    loaded = load(file(), file(head="version: 1\nset: two\n"))
    assert [(p.path, p.line, p.text) for p in loaded.problems] == [
        ("b.yaml", 4, "the id 'greet' is also in a.yaml, line 4")
    ]


def test_ids_are_unique_in_a_file() -> None:
    twice = (
        file() + "  - {id: greet, title: t, of: visit, measure: {time_in: waiting}, promise: {within: 1s}}\n"
    )
    assert [p.text for p in load(twice).problems] == ["the id 'greet' is also in line 4"]


def test_a_set_is_in_one_file_only() -> None:
    loaded = load(file(), file().replace("id: greet", "id: other"))
    assert [p.text for p in loaded.problems] == ["the set 'house' is also in a.yaml"]


def test_a_site_adds_kinds_events_and_states_to_the_vocabulary() -> None:
    head = (
        "version: 1\nset: house\nvocabulary:\n"
        "  visit: {events: [seated], states: {standing: {enter: arrived, leave: [seated]}}, endings: {fled: left}}\n"
        "  tour: {events: [begun, shown], endings: {over: done}, reopening: resumed_tour}\n"
    )
    loaded = load(file(greet(measure="{time_in: standing}", unless="[due, seated]"), head=head))
    assert loaded.book is not None, render(loaded.problems)
    visit, tour = loaded.book.vocabulary["visit"], loaded.book.vocabulary["tour"]
    assert visit.events[-1] == "seated"
    assert visit.rank("seated") == 7
    assert visit.endings["fled"] == "left"
    assert (tour.events, tour.reopening) == (("begun", "shown"), "resumed_tour")


def test_two_files_may_add_to_one_kind_whatever_their_order() -> None:
    one = file(head="version: 1\nset: one\nvocabulary: {visit: {events: [seated]}}\n")
    two = file(
        greet(id="g2"), head="version: 1\nset: two\nvocabulary: {visit: {events: [seated, thanked]}}\n"
    )
    first, second = load(one, two), load(two, one)
    assert first.book is not None
    assert second.book is not None
    assert first.book.vocabulary == second.book.vocabulary
    assert first.book.vocabulary["visit"].events[-2:] == ("seated", "thanked")


SAME = [
    file(GREET + "# a comment\n"),
    file(
        "of: visit\npromise: {within: 1m}\nmeasure: {to: [greeted], from: arrived}\n"
        "title: Greeted within a minute\nid: greet\n"
    ),
    file(GREET + "severity: warning\nby: site\nclock: always\nreopen: first_only\nstatus: active\n"),
    file(greet(of=""), head="set: house\nversion: 1\ndefaults: {of: visit}\n"),
    file(
        GREET + "examples: {kept: ['09:00:00 arrived', '09:00:01 greeted'], broken: ['09:00:00 arrived']}\n"
    ),
]
OTHER = [
    file(greet(promise="{under: 60s}")),
    file(greet(promise="{within: 61s}")),
    file(greet(id="greet-2")),
    file(greet(if_left="keep")),
    file(head="version: 1\nset: other\n"),
    file(head="version: 1\nset: house\nvocabulary: {visit: {events: [seated]}}\n"),
]


def _meaning(text: str) -> tuple[str, str, str]:
    loaded = load(text)
    assert loaded.book is not None, render(loaded.problems)
    found = loaded.book.files[0]
    return found.bytes_hash, found.meaning_hash, loaded.book.hash


@pytest.mark.parametrize("text", SAME)
def test_a_comment_or_another_way_to_write_it_changes_the_bytes_and_not_the_meaning(text: str) -> None:
    plain, other = _meaning(file()), _meaning(text)
    assert other[0] != plain[0]
    assert other[1:] == plain[1:]


@pytest.mark.parametrize("text", OTHER)
def test_another_promise_has_another_meaning(text: str) -> None:
    assert _meaning(text)[1] != _meaning(file())[1]


def test_an_extending_file_means_something_else_when_what_it_extends_changes() -> None:
    house = "version: 1\nset: house\nextends: base\nstandards: []\n"
    hashes = set()
    for base in (BASE, BASE.replace("60s", "61s")):
        loaded = load(base, house)
        assert loaded.book is not None
        hashes.add(only(loaded).rules)
    assert len(hashes) == 2


def test_a_thousand_standards_load_in_seconds() -> None:
    one = (
        GREET
        + 'where: {site: [grand-*, "!grand-test"]}\nobjective: {at_least: 95%, over: 30d}\nseverity: info\n'
    )
    text = file(one) + "".join(
        file(one.replace("greet\n", f"greet-{n}\n", 1), head="")[11:] for n in range(999)
    )
    began = time.perf_counter()
    loaded = load(text)
    took = time.perf_counter() - began
    assert loaded.book is not None, render(loaded.problems[:3])
    assert len(loaded.book.standards) == 1_000
    assert took < 5


def test_the_labels_that_figures_use_are_refused_as_grain() -> None:
    for label in REFUSED_LABELS:
        assert load(file(greet(by=f"[{label}]"))).book is None, label


def test_no_rule_file_is_an_empty_book() -> None:
    loaded = load_rules([])
    assert loaded.book is not None
    assert loaded.book.standards == ()


_values = st.one_of(
    st.sampled_from(
        ["60s", "visit", "arrived", "greeted", "breach", "[breach]", "95%", "30d", "*x", "&a b", "!t x", "''"]
    ),
    st.text(st.sampled_from("ab:{}[]'\"-# \t%@é1"), max_size=12),
    st.sampled_from(
        [
            "{from: arrived, to: greeted}",
            "{time_in: waiting}",
            "{within: 60s}",
            "{count: a, over: 1h}",
            "{count: left, over: 1h}",
            "{p90: {time_in: waiting}, over: day}",
            "{reading: q}",
            "{score: inspection}",
            "{spread: a, across: site}",
            "{gap: [a, b]}",
            "{value: v, at: served}",
            "{median: 5, over: x}",
            "{at_most: 5}",
            "{at_least: 95%}",
            "{between: [-2m, 2m]}",
            "{within: 5bd}",
            "{until: '14:00'}",
            "{for: 5m}",
            "{per: site, a: {within: 5m}, else: {at_most: 3}}",
            "{per: site}",
            "{between: []}",
            "{between: [x, {}]}",
            "{on: [burn, limit]}",
            "{on: burn}",
            "{at_least: 99%, over: month, periods: 3}",
            "{targets: [{}], over: 7d}",
            "site",
            "shadow",
            "resume",
            "[{from: 2026-01-01, until: 2026-02-01, reason: x, approved_by: y}]",
            "[[]]",
        ]
    ),
)
_lines = st.dictionaries(st.sampled_from([*KEYS, "idd", "", "?"]), _values, max_size=8)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(_lines, st.binary(max_size=20))
def test_any_file_is_loaded_or_told_with_places_and_fixes(keys: dict[str, str], tail: bytes) -> None:
    text = file("".join(f"{key}: {value}\n" for key, value in keys.items()) or "x: y\n").encode() + tail
    loaded = load_rules([("a.yaml", text)])
    assert (loaded.book is None) == bool(errors(loaded.problems))
    for problem in loaded.problems:
        assert isinstance(problem, Problem)
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.render()
        assert problem.fix or "more problems" in problem.text
        assert problem.level in Level


def test_a_standard_with_a_taken_id_is_checked_all_the_same() -> None:
    one = "  - {id: a, title: A, of: visit, measure: {from: arrived, to: greeted}, promise: {within: 60s}}\n"
    other = one.replace("60s", "60 secs").replace("greeted", "greted")
    text = f"version: 1\nset: door\nstandards:\n{one}{other}"
    told = [problem.text for problem in load_rules([("door.yaml", text.encode())]).problems]
    assert sum("the id 'a' is also in line 4" in one for one in told) == 1
    assert any("greted" in one for one in told), told
    assert any("60 secs" in one for one in told), told


def extending(name: str, standards: str = "[]", base: str = "base") -> str:
    return f"version: 1\nset: {name}\nextends: {base}\nstandards: {standards}\n"


def test_two_sets_that_run_the_same_base_are_told_with_both_files_and_the_way_out() -> None:
    loaded = load(BASE, extending("east"), extending("west"))
    told = errors(loaded.problems)
    assert [(p.path, p.line, p.column) for p in told] == [("c.yaml", 3, 10)]
    assert told[0].text == (
        "the id 'greet' is also run by b.yaml, which inherits it from a.yaml, line 5; c.yaml inherits it, too"
    )
    assert "extend a set in one file only" in told[0].fix
    one = extending("east", "[{id: greet, promise: {within: 30s}}]")
    assert [p.text for p in errors(load(BASE, one, extending("west")).problems)] == [
        "the id 'greet' is also in b.yaml, line 4; c.yaml inherits it, too"
    ]


def test_a_missing_base_is_told_and_nothing_that_only_it_would_say() -> None:
    standards = "[{id: greet, promise: {within: 30 s}, alert: {on: objective}}, {id: x, of: tour, "
    standards += "measure: {from: begun, to: shown}, clock: desk}, {id: y, of: vist}]"
    told = errors(load(extending("house", standards, base="nowhere")).problems)
    assert [p.text for p in told] == [
        "there is no set 'nowhere' among the rule files",
        "'30 s' is not a duration",
        "there is no kind 'vist'",
    ]


def test_the_number_of_mistakes_is_the_true_one_however_many_are_shown() -> None:
    one = "  - {id: a, title: t, of: visit, measure: {from: arrived, to: greeted}, promise: {within: 6}}\n"
    for many in (50, 51, 3_000):
        loaded = load("version: 1\nset: house\nstandards:\n" + one * many)
        assert count(errors(loaded.problems)) == 2 * many - 1  # each limit, and each id but the first
        assert len(loaded.problems) <= 101
