"""Standards about standards, standards that contradict each other, and where each value came from."""

from __future__ import annotations

import pytest

from standardsd.language.origins import How
from standardsd.language.overlaps import may_overlap
from standardsd.language.problems import lints
from standardsd.language.standards import KEYS
from standardsd.model.measure import Gap, Spread
from standardsd.model.promise import Limits
from tests.language.written import file, load, said, standard, the_error

SHARE = standard(id="greet", by="site")
MEDIAN = standard(
    id="median",
    measure="{median: {from: arrived, to: greeted}, over: 1h}",
    promise="{at_most: 3m}",
    by="site",
)
RATE = standard(id="rate", measure="{rate: left, per: arrived, over: 1h}", promise="{at_most: 5%}", by="site")
COUNT = standard(id="count", measure="{count: left, over: 1h}", promise="{at_most: 5}", by="site")
NPS = standard(
    id="nps",
    of="survey",
    measure="{nps: r, at: answered, over: 30d}",
    promise="{at_least: 40}",
    by="[site, queue]",
)


def about(measure: str, promise: str, **keys: str) -> str:
    return standard(id="about", of="", measure=measure, promise=promise, **keys)


READ = [
    # measure, promise, further keys, grain, limits
    ("{spread: greet, across: site}", "{at_most: 10%}", {}, (), Limits(highest=0.1, unit="%")),
    ("{spread: greet, across: site}", "{at_most: 0}", {}, (), Limits(highest=0.0, unit="%")),
    ("{spread: nps, across: queue}", "{under: 20}", {}, ("site",), Limits(highest=20.0, highest_in=False)),
    (
        "{spread: nps, across: site}",
        "{under: 20}",
        {"by": "queue"},
        ("queue",),
        Limits(highest=20.0, highest_in=False),
    ),
    ("{gap: [greet, rate]}", "{between: [-5%, 5%]}", {}, ("site",), Limits(-0.05, 0.05, unit="%")),
    ("{gap: [median, median2]}", "{at_most: 30s, for: 10m}", {}, ("site",), None),
]


@pytest.mark.parametrize(("measure", "promise", "keys", "by", "limits"), READ)
def test_a_standard_about_standards_is_read(
    measure: str, promise: str, keys: dict[str, str], by: tuple[str, ...], limits: Limits | None
) -> None:
    second = MEDIAN.replace("id: median", "id: median2")
    loaded = load(file(SHARE, MEDIAN, second, RATE, COUNT, NPS, about(measure, promise, **keys)))
    assert loaded.book is not None, loaded.problems
    one = next(each for each in loaded.book.standards if each.id == "about")
    assert isinstance(one.measure, Spread | Gap)
    assert one.by == by
    assert one.of == ""
    if limits is not None:
        assert one.promise == limits


WRONG = [
    # measure, promise, further keys, what is told
    ("{spread: gret, across: site}", "{at_most: 10%}", {},
     "there is no standard 'gret' among those that run -> write greet"),
    ("{spread: about, across: site}", "{at_most: 10%}", {},
     "'about' is itself about standards, and has no figure to compare -> name another one"),
    ("{spread: greet, across: queue}", "{at_most: 10%}", {"by": "[]"},
     "the figures of 'greet' are not told apart by 'queue' -> write across: site, or add it to by: of that standard"),
    ("{spread: greet, across: site}", "{at_most: 10%}", {"by": "queue"},
     "the figures of 'greet' are not told apart by 'queue' -> write by: [], or add it to by: of that standard"),
    ("{spread: greet, across: site}", "{at_most: 10%}", {"by": "site"},
     "a spread across 'site' cannot be told apart by it as well -> take it out of one of the two"),
    ("{spread: nps, across: site}", "{at_most: 10}", {"by": "[]"},
     "the figures of 'nps' are also told apart by 'queue': which one is meant? -> write by: [queue]"),
    ("{gap: [greet, nps]}", "{at_most: 10%}", {},
     "the figures of 'nps' are also told apart by 'queue': which one is meant? -> write by: [site, queue]"),
    ("{gap: [greet, median]}", "{at_most: 10%}", {},
     "the figures of the two standards are in different units -> compare two shares, or two times"),
    ("{spread: greet, across: site}", "{at_most: 10}", {},
     "the figures that are compared are shares -> write them so, such as {at_most: 10%}"),
    ("{spread: median, across: site}", "{at_most: 10%}", {},
     "the figures that are compared are times -> write them so, such as {at_most: 2m}"),
    ("{spread: count, across: site}", "{at_most: 2m}", {},
     "the figures that are compared are plain numbers -> write them so, such as {at_most: 2}"),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "promise", "keys", "told"), WRONG)
def test_what_cannot_be_compared_is_told(measure: str, promise: str, keys: dict[str, str], told: str) -> None:
    loaded = load(file(SHARE, MEDIAN, RATE, COUNT, NPS, about(measure, promise, **keys)))
    assert told in [said(one).split(" ", 1)[1] for one in loaded.problems]
    assert loaded.book is None


def test_nothing_is_called_missing_that_may_stand_in_a_standard_that_is_wrong() -> None:
    broken = SHARE.replace("60s", "60 secs")
    loaded = load(file(broken, about("{spread: greet, across: site}", "{at_most: 10%}")))
    assert "secs" in the_error(loaded).text


def test_a_standard_of_an_extended_set_does_not_run_and_cannot_be_compared() -> None:
    base = file(SHARE, head="version: 1\nset: base\n")
    house = file(
        about("{spread: greet, across: site}", "{at_most: 10%}"),
        head="version: 1\nset: house\nextends: base\n",
    )
    assert load(base, house).book is not None  # the house runs it
    other = house.replace("extends: base\n", "")
    assert load(base, other).book is not None  # both run


# -- two that contradict each other --------------------------------------------------------------------

QUEUE = {"of": "", "measure": "{reading: q}", "promise": "{at_most: 10}"}
SAME = [
    # keys of the one, keys of the other, whether it is said
    ({}, {"promise": "{within: 90s}"}, True),
    ({}, {}, False),  # twice the same is not differently
    ({}, {"promise": "{within: 90s}", "of": "call", "measure": "{from: queued, to: answered}"}, False),
    ({}, {"promise": "{within: 90s}", "measure": "{from: arrived, to: greeted, each: true}"}, False),
    ({}, {"promise": "{within: 90s}", "if_left": "breach"}, False),  # other things are counted
    ({}, {"promise": "{within: 90s}", "status": "shadow"}, False),
    ({}, {"promise": "{within: 90s}", "where": "{site: a}"}, False),  # a refinement
    ({"where": "{site: b}"}, {"promise": "{within: 90s}", "where": "{site: a}"}, False),
    ({"where": "{site: [a, b]}"}, {"promise": "{within: 90s}", "where": "{site: [b, c]}"}, True),
    ({"where": "{site: grand-*}"}, {"promise": "{within: 90s}", "where": "{site: grand-b*}"}, True),
    ({}, {"promise": "{within: 90s}", "severity": "critical"}, False),  # the graver one comes later: a ladder
    ({"severity": "critical"}, {"promise": "{within: 90s}", "severity": "info"}, True),
    ({"objective": "{at_least: 80%, over: 1d}"},
     {"promise": "{within: 90s}", "objective": "{at_least: 95%, over: 1d}"}, False),
    ({"objective": "{at_least: 95%, over: 1d}"},
     {"promise": "{within: 90s}", "objective": "{at_least: 80%, over: 1d}"}, True),
    ({"effective": "{until: 2026-07-01}"}, {"promise": "{within: 90s}", "effective": "{from: 2026-07-01}"}, False),
    ({"effective": "{until: 2026-07-02}"}, {"promise": "{within: 90s}", "effective": "{from: 2026-07-01}"}, True),
    (QUEUE, {**QUEUE, "promise": "{at_most: 12}"}, True),
    (QUEUE, QUEUE, False),
    (QUEUE, {**QUEUE, "promise": "{at_most: 12}", "severity": "critical"}, False),  # a ladder
    (QUEUE, {**QUEUE, "promise": "{at_most: 8}", "severity": "critical"}, True),  # upside down
    (QUEUE, {**QUEUE, "promise": "{at_most: 10, for: 10m}", "severity": "critical"}, False),  # graver when it lasts
    (QUEUE, {**QUEUE, "promise": "{at_most: 12}", "by": "[site, queue]"}, False),  # other numbers
    (QUEUE, {**QUEUE, "promise": "{at_most: 12}", "measure": "{reading: r}"}, False),
    ({**QUEUE, "promise": "{at_least: 3}"}, {**QUEUE, "promise": "{at_least: 2}", "severity": "critical"}, False),
    ({**QUEUE, "promise": "{at_least: 3}"}, {**QUEUE, "promise": "{at_least: 4}", "severity": "critical"}, True),
    ({**QUEUE, "promise": "{between: [18, 24]}"}, {**QUEUE, "promise": "{between: [17, 25]}"}, True),
    ({"measure": "{count: turned_away, over: day}", "promise": "{at_most: 3}"},
     {"measure": "{count: turned_away, over: day}", "promise": "{at_most: 4}"}, True),
    ({"measure": "{count: turned_away, over: day}", "promise": "{at_most: 3}"},
     {"measure": "{count: turned_away, over: week}", "promise": "{at_most: 4}"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "told"), SAME)
def test_two_that_promise_the_same_thing_differently_are_linted(
    one: dict[str, str], other: dict[str, str], told: bool
) -> None:
    for first, second in ((one, other), (other, one)):
        loaded = load(file(standard(**{**first, "id": "a"}), standard(**{**second, "id": "b"})))
        assert loaded.book is not None, loaded.problems
        found = lints(loaded.problems)
        assert [p.text for p in found] == (
            ["'a' promises the same thing differently, for contacts that both are about"] if told else []
        )


def test_it_is_told_at_the_promise_of_the_second() -> None:
    text = file(standard(id="a"), standard(id="b", promise="{within: 90s}"))
    assert [said(one) for one in load(text).problems] == [
        "13:5 'a' promises the same thing differently, for contacts that both are about"
        " -> keep one of them, or tell them apart by where:"
    ]


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ({}, {}, True),
        ({"site": ("a",)}, {}, False),
        ({"site": ("a", "!b")}, {"site": ("a",)}, True),
        ({"site": ("a*", "!abc")}, {"site": ("abc",)}, False),
        ({"site": ("a*",)}, {"site": ("ab*",)}, True),
        ({"site": ("a*",)}, {"site": ("b*",)}, False),
        ({"site": ("!a",)}, {"site": ("!b",)}, True),
        ({"site": ("!a",)}, {"site": ("b",)}, False),
        ({"site": ("a",), "queue": ("x",)}, {"site": ("a",), "queue": ("y",)}, False),
    ],
)
def test_two_selectors_meet_where_one_label_set_could_match_both(
    first: dict[str, tuple[str, ...]], second: dict[str, tuple[str, ...]], meet: bool
) -> None:
    assert may_overlap(first, second) is meet
    assert may_overlap(second, first) is meet


# -- where values came from ----------------------------------------------------------------------------

BASE = """\
version: 1
set: base
owner: group
defaults: {severity: critical, by: [desk]}
standards:
  - id: greet
    title: Greeted
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
    settle: 1h
"""
HOUSE = """\
version: 1
set: house
extends: base
owner: front-office
defaults: {dimension: tangibles, by: [site]}
standards:
  - id: greet
    promise: {within: 45s}
  - id: wait
    title: Waits
    of: visit
    measure: {time_in: waiting}
    promise: {within: 5m}
"""


def test_every_value_knows_where_it_came_from() -> None:
    loaded = load(BASE, HOUSE)
    assert loaded.book is not None
    greet = loaded.origins["greet"]
    assert set(greet) == set(KEYS)
    shown = {key: (one.how, one.path, one.line, one.set, one.inherited) for key, one in greet.items()}
    assert shown["promise"] == (How.WRITTEN, "b.yaml", 8, "house", False)
    assert shown["title"] == (How.WRITTEN, "a.yaml", 7, "base", True)
    assert shown["settle"] == (How.WRITTEN, "a.yaml", 11, "base", True)
    assert shown["severity"] == (How.DEFAULTS, "a.yaml", 4, "base", True)
    assert shown["by"] == (How.DEFAULTS, "a.yaml", 4, "base", True)
    assert shown["dimension"] == (How.DEFAULTS, "b.yaml", 5, "house", False)
    assert shown["owner"] == (How.DEFAULTS, "b.yaml", 4, "house", False)
    assert shown["clock"] == (How.LANGUAGE, None, None, None, False)
    wait = loaded.origins["wait"]
    assert (wait["by"].how, wait["by"].set) == (How.DEFAULTS, "house")
    assert wait["severity"].how is How.LANGUAGE


def test_only_what_runs_has_origins() -> None:
    assert set(load(BASE).origins) == {"greet"}
    assert set(load(BASE, HOUSE).origins) == {"greet", "wait"}
    assert load(BASE.replace("60s", "60")).origins == {}
