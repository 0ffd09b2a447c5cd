"""Every measure of the language: what it reads as, and what each mistake is told as."""

from __future__ import annotations

from datetime import timedelta

import pytest

from standardsd.language.measures import FORMS
from standardsd.model.measure import (
    Calendar,
    CalendarUnit,
    Carried,
    Count,
    FromTo,
    How,
    Measure,
    Nps,
    Rate,
    Repeats,
    Rolling,
    Sampled,
    Score,
    Since,
    Statistic,
    TimeIn,
)
from tests.language.written import file, load, only, said, standard, the_error

HOUR = Rolling(timedelta(hours=1))
WAIT = FromTo(("arrived",), ("greeted",))

READ: list[tuple[str, str, str, Measure]] = [
    # kind, measure, a promise that fits, what it is
    ("visit", "{from: arrived, to: greeted}", "{within: 1m}", WAIT),
    ("visit", "{from: [arrived, due], to: [greeted, left]}", "{within: 1m}",
     FromTo(("arrived", "due"), ("greeted", "left"))),
    ("visit", "{from: arrived, to: greeted, each: true}", "{within: 1m}", FromTo(("arrived",), ("greeted",), each=True)),
    ("call", "{time_in: on_hold}", "{within: 1m}", TimeIn("on_hold")),
    ("call", "{time_in: on_hold, each: true}", "{under: 1m}", TimeIn("on_hold", each=True)),
    ("survey", "{value: csat-score, at: answered}", "{at_least: 4}", Carried("csat-score", "answered")),
    ("inspection", "{score: inspection}", "{at_least: 90%}", Score()),
    ("", "{reading: lobby.queue/length}", "{at_most: 10}", Sampled("lobby.queue/length")),
    ("duty", "{since: done}", "{at_most: 2h}", Since("done")),
    ("visit", "{count: turned_away, over: 1h}", "{at_most: 3}", Count("turned_away", HOUR)),
    ("visit", "{count: left, over: month}", "{under: 3}", Count("left", Calendar(CalendarUnit.MONTH))),
    ("call", "{rate: abandoned, per: queued, over: 1h}", "{at_most: 5%}", Rate("abandoned", "queued", HOUR)),
    ("survey", "{nps: recommend, at: answered, over: quarter}", "{at_least: -10}",
     Nps("recommend", "answered", Calendar(CalendarUnit.QUARTER))),
    ("request", "{repeats: requested, same: [room, category], over: 7d}", "{at_most: 2}",
     Repeats("requested", ("room", "category"), Rolling(timedelta(days=7)))),
    *[
        ("visit", f"{{{how}: {{from: arrived, to: greeted}}, over: 1h}}", "{at_most: 3m}", Statistic(how, WAIT, HOUR))
        for how in How
    ],
    ("survey", "{average: {value: csat, at: answered}, over: week}", "{at_least: 4.2}",
     Statistic(How.AVERAGE, Carried("csat", "answered"), Calendar(CalendarUnit.WEEK))),
    ("inspection", "{median: {score: inspection}, over: day}", "{at_least: 85%}",
     Statistic(How.MEDIAN, Score(), Calendar(CalendarUnit.DAY))),
    ("call", "{p90: {time_in: on_hold}, over: 1h}", "{at_most: 3m}", Statistic(How.P90, TimeIn("on_hold"), HOUR)),
]  # fmt: skip


@pytest.mark.parametrize(("of", "measure", "promise", "meant"), READ)
def test_a_measure_of_the_language_is_read(of: str, measure: str, promise: str, meant: Measure) -> None:
    loaded = load(file(standard(of=of, measure=measure, promise=promise)))
    assert only(loaded).measure == meant
    assert only(loaded).of == of
    assert loaded.problems == ()


def test_every_form_has_a_row_above_or_in_the_tests_of_links() -> None:
    written = {measure.removeprefix("{").split(":")[0] for _, measure, _, _ in READ}
    assert {*FORMS} - written == {"spread", "gap"}


WRONG = [
    # kind, measure, promise, everything that is told
    ("survey", "{value: csat}", "{at_least: 4}", "7:14 a measure of a value has no at -> add at: with its value"),
    ("survey", "{value: csat, at: anwsered}", "{at_least: 4}",
     "7:32 the kind 'survey' has no event 'anwsered' -> write answered"),
    ("survey", "{value: 'c s', at: answered}", "{at_least: 4}",
     "7:22 'c s' is not the name of a number -> write 1 to 128 characters without a space and without ="),
    ("inspection", "{score: inspektion}", "{at_least: 90%}",
     "7:22 'inspektion' is not something that is scored -> write inspection"),
    ("visit", "{score: inspection}", "{at_least: 90%}",
     "7:22 a score is that of an inspection, and this standard is of 'visit' -> write of: inspection"),
    ("", "{score: inspection}", "{at_least: 90%}",
     "4:9 a standard has no of -> add of: with a kind, such as of: inspection"),
    ("", "{count: left, over: 1h}", "{at_most: 1}", "4:9 a standard has no of -> add of: with a kind, such as of: visit"),
    ("visit", "{reading: q}", "{at_most: 1}", "6:5 samples are of no kind -> leave of out"),
    ("visit", "{reading: q, over: 1h}", "{at_most: 1}",
     "6:5 samples are of no kind -> leave of out|7:27 a measure of a reading has no key 'over' -> write one of reading"),
    ("duty", "{since: don}", "{at_most: 1h}", "7:22 the kind 'duty' has no event 'don' -> write done"),
    ("visit", "{count: left}", "{at_most: 1}", "7:14 a count has no over -> add over: with its value"),
    ("visit", "{count: left, over: monthly}", "{at_most: 1}",
     "7:34 'monthly' is not a window -> write month, or a length such as 30d"),
    ("visit", "{count: left, over: 401d}", "{at_most: 1}",
     "7:34 a window of '401d' is too long -> write at most 400d"),
    ("visit", "{count: left, over: 0}", "{at_most: 1}",
     "7:34 '0' is no time at all -> write a duration longer than 0, such as 30s"),
    ("visit", "{rate: left, per: left, over: 1h}", "{at_most: 1}",
     "7:32 'left' for each 'left' is always 1 -> write another event"),
    ("visit", "{rate: left, over: 1h}", "{at_most: 1}", "7:14 a rate has no per -> add per: with its value"),
    ("survey", "{nps: r, over: 1h}", "{at_least: 1}", "7:14 a net promoter score has no at -> add at: with its value"),
    ("visit", "{repeats: left, over: 1h}", "{at_most: 1}",
     "7:14 a measure of repeats has no same -> add same: with its value"),
    ("visit", "{repeats: left, same: [a, b, c, d, e, f, g, h, i], over: 1h}", "{at_most: 1}",
     "7:36 9 labels -> write at most 8"),
    ("visit", "{average: {count: left, over: 1h}, over: 1h}", "{at_most: 1}",
     "7:24 average is taken of a measure of cases, and count is one of numbers"
     " -> write average: {from: …, to: …}, {time_in: …}, {value: …, at: …} or {score: inspection}"),
    ("visit", "{average: 5, over: 1h}", "{at_most: 1}",
     "7:24 '5' is not a measure -> write {from: arrived, to: greeted} or {time_in: on_hold}"),
    ("visit", "{p99: {from: arrived, to: greated}, over: 1h}", "{at_most: 1m}",
     "7:40 the kind 'visit' has no event 'greated' -> write greeted"),
    ("visit", "{p90: {from: arrived, to: greeted}}", "{at_most: 1m}",
     "7:14 the measure p90 has no over -> add over: with its value"),
    ("", "{gap: one}", "{at_most: 1%}", "6:20 a gap is between two standards -> write gap: [expected, perceived]"),
    ("", "{gap: [a, b, c]}", "{at_most: 1%}",
     "6:20 a gap is between two standards -> write gap: [expected, perceived]"),
    ("", "{spread: greet}", "{at_most: 1%}", "6:14 a spread has no across -> add across: with its value"),
    ("", "{spread: greet, across: room}", "{at_most: 1%}",
     "6:38 'room' cannot be a grain of figures and alerts -> write a label such as site or queue"),
    ("visit", "{averge: {time_in: waiting}, over: 1h}", "{at_most: 1m}",
     "7:15 a measure has no key 'averge' -> write average"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "measure", "promise", "told"), WRONG)
def test_a_wrong_measure_is_told_where_it_is_wrong(of: str, measure: str, promise: str, told: str) -> None:
    loaded = load(file(standard(of=of, measure=measure, promise=promise)))
    assert loaded.book is None
    assert "|".join(map(said, loaded.problems)) == told


def test_a_kind_from_the_defaults_is_no_mistake_of_a_standard_about_samples() -> None:
    head = "version: 1\nset: house\ndefaults: {of: visit}\n"
    loaded = load(file(standard(of="", measure="{reading: queue}", promise="{at_most: 5}"), head=head))
    assert only(loaded).of == ""


def test_the_promise_is_checked_also_where_the_measure_is_wrong() -> None:
    loaded = load(file(standard(measure="{from: arived, to: greeted}", promise="{within: 10 mins}")))
    assert [one.line for one in loaded.problems] == [7, 8]
    loaded = load(
        file(standard(of="survey", measure="{nps: r, at: ansered, over: 7d}", promise="{at_least: 200}"))
    )
    assert [one.line for one in loaded.problems] == [7, 8]


def test_an_event_of_a_kind_of_the_files_own_can_be_measured() -> None:
    head = "version: 1\nset: house\nvocabulary: {tour: {events: [begun, shown], endings: {over: done}}}\n"
    loaded = load(
        file(standard(of="tour", measure="{count: shown, over: 1h}", promise="{at_most: 3}"), head=head)
    )
    assert only(loaded).measure == Count("shown", HOUR)


def test_a_wrong_word_has_one_error() -> None:
    assert "has no event" in the_error(load(file(standard(measure="{from: x, to: greeted}")))).text
