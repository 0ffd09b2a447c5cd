"""Rule files: what the text means, what a key is without being written, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from standardsd.language.problems import errors
from standardsd.model.clock import Always
from standardsd.model.objective import AlertRule, Condition, Objective
from standardsd.model.standard import Because, Policy, Reopen, Severity
from standardsd.model.zone import Zones
from tests.language.written import HEAD, file, load, only, standard

# -- text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["on", "no", "yes", "off", "012", "14:00", "2026-03-02", "1e3", "null", "~", "0x1f"]
)
def test_a_plain_scalar_is_its_text_wherever_a_text_is_wanted(text: str) -> None:
    one = only(load(file(standard(title=text, where=f"{{site: {text}}}", owner=text))))
    assert (one.title, one.where, one.owner) == (text, {"site": (text,)}, text)


def test_the_type_of_the_key_decides_and_not_the_look_of_the_text() -> None:
    """A site called 60s, and a duration that YAML would call a number of base 60."""
    one = only(load(file(standard(where="{site: 60s, floor: [012, 95%]}"))))
    assert one.where == {"site": ("60s",), "floor": ("012", "95%")}
    (wrong,) = errors(load(file(standard(promise="{within: 1:30}"))).problems)
    assert "1m30s" in wrong.fix


@pytest.mark.parametrize("text", ["*x", "?", "!x", "[x", "{x", "&x", "@x", "%x", "#x", "|x", "a: b", "a #b"])
def test_text_that_yaml_would_take_for_something_else_is_quoted(text: str) -> None:
    assert only(load(file(standard(notes=f'"{text}"')))).notes == text
    plain = load(file(standard(notes=text)))
    assert plain.book is None or only(plain).notes != text or text == "?"


SHORTHAND = [
    "notes: &x a",
    "notes: *x",
    "<<: {notes: a}",
    "notes: !x a",
    "notes: a\nnotes: a",
    "notes:",
]


@pytest.mark.parametrize("line", SHORTHAND)
def test_anchors_aliases_merge_keys_tags_duplicates_and_empty_values_stop_the_load(line: str) -> None:
    assert load(file(standard() + line + "\n")).book is None


def test_a_second_document_stops_the_load() -> None:
    assert load(file()).book is not None
    assert load(file() + "---\nversion: 1\n").book is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("0s", 0), ("1h30m", 5400), ("1.5h", 5400), ("1m0.5s", 60.5), ("250ms", 0.25), ("7us", 7e-6),
     ("1d", 86400)],
)  # fmt: skip
def test_a_duration_is_parts_with_units_joined_or_with_decimals(text: str, seconds: float) -> None:
    assert only(load(file(standard(settle=text)))).settle == timedelta(seconds=seconds)


@pytest.mark.parametrize("key", ["settle", "ignore_if_left_within"])
@pytest.mark.parametrize("text", ["5", "0.5", "12", "00", "1 s", "1S"])
def test_a_duration_without_its_unit_is_an_error_but_for_0(key: str, text: str) -> None:
    assert load(file(standard(**{key: text}))).book is None
    assert load(file(standard(**{key: "0"}))).book is not None


@pytest.mark.parametrize("text", ["95", "0.95", "95 %", "95pc"])
def test_a_share_without_its_sign_is_an_error(text: str) -> None:
    assert load(file(standard(objective=f"{{at_least: {text}, over: 30d}}"))).book is None


# -- keys ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["version", "set", "standards"])
def test_a_file_cannot_do_without_its_version_its_set_and_its_standards(key: str) -> None:
    lines = {"version": "version: 1\n", "set": "set: house\n", "standards": f"standards:\n  - {{{INLINE}}}\n"}
    assert load("".join(lines.values())).book is not None
    told = [
        one.text
        for one in errors(load("".join(text for name, text in lines.items() if name != key)).problems)
    ]
    assert told == [f"a rule file has no {key}"]


INLINE = "id: a, title: A, of: visit, measure: {from: arrived, to: greeted}, promise: {within: 1m}"


@pytest.mark.parametrize("key", ["id", "title", "of", "measure", "promise"])
def test_a_standard_cannot_do_without_these(key: str) -> None:
    (wrong,) = errors(load(file(standard(**{key: ""}))).problems)
    assert wrong.text.endswith(f"has no {key}") or wrong.text == f"a standard has no {key}"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("a", True), ("9", True), ("a-9", True), ("a--b", True), ("-a", False), ("A", False), ("a_b", False),
     ("a.b", False)],
)  # fmt: skip
def test_an_id_is_lower_case_letters_digits_and_hyphens_a_hyphen_not_first(name: str, is_one: bool) -> None:
    assert (load(file(standard(id=name))).book is not None) is is_one


def test_every_key_has_the_default_of_the_table() -> None:
    one = only(load(file(standard())))
    assert one.where == {}
    assert one.by == ("site",)
    assert (one.clock, one.pause_while, one.zones) == (Always(), (), Zones())
    assert (one.if_left, one.if_diverted, one.if_done) == (Policy.EXCLUDE,) * 3
    assert (one.ignore_if_left_within, one.unless) == (None, ())
    assert one.reopen is Reopen.FIRST_ONLY
    assert one.objective is None
    assert one.alert == AlertRule(
        on=(Condition.BREACH,),
        hold_for=timedelta(0),
        keep_firing_for=timedelta(minutes=5),
        warn_at=0.75,
        warn_before=None,
    )
    assert one.severity is Severity.WARNING
    assert one.settle == timedelta(0)
    assert (one.effective, one.shadow, one.waivers) == (None, False, ())
    assert (one.dimension, one.owner, one.runbook, one.because, one.notes) == (
        None,
        None,
        None,
        Because(),
        None,
    )


def test_an_objective_asks_for_one_verdict_and_one_window_where_it_does_not_say() -> None:
    found = only(load(file(standard(objective="{at_least: 95%, over: 30d}")))).objective
    assert isinstance(found, Objective)
    assert (found.min_count, found.periods, found.zone, found.targets) == (1, 1, None, ())


def test_a_number_tells_of_its_limit_where_it_does_not_say() -> None:
    keys = {"of": "", "measure": "{reading: queue}", "promise": "{at_most: 5}"}
    assert only(load(file(standard(**keys)))).alert.on == (Condition.LIMIT,)


REFUSED = [
    "contact",
    "room",
    "alertname",
    "severity",
    "source",
    "standard",
    "verdict",
    "window",
    "state",
    "condition",
    "le",
    "name",
]


@pytest.mark.parametrize("label", REFUSED)
def test_a_label_that_tells_persons_apart_or_means_something_to_prometheus_is_no_grain(label: str) -> None:
    assert load(file(standard(by=f"[site, {label}]"))).book is None
    assert load(file(standard(where=f"{{{label}: x}}"))).book is not None  # to select by it is no harm


@pytest.mark.parametrize(
    "label", ["site", "department", "queue", "channel", "desk", "priority", "team", "wing"]
)
def test_other_labels_are_a_grain_whatever_they_are_called(label: str) -> None:
    assert only(load(file(standard(by=label)))).by == (label,)


POLICIES = ["exclude", "breach", "keep", "void"]


@pytest.mark.parametrize("key", ["if_left", "if_diverted", "if_done"])
@pytest.mark.parametrize("word", [*POLICIES, "ignore", "met"])
def test_an_ending_is_dealt_with_by_one_of_four_words(key: str, word: str) -> None:
    assert (load(file(standard(**{key: word}))).book is not None) is (word in POLICIES)


CLOSED_SETS = {
    "severity": (["info", "warning", "critical"], ["page", "error"]),
    "status": (["active", "shadow"], ["draft", "off"]),
    "dimension": (["tangibles", "reliability", "responsiveness", "assurance", "empathy"], ["speed"]),
    "reopen": (["first_only"], ["restart"]),  # resume and new_cycle are of kinds that can be reopened
}


@pytest.mark.parametrize("key", CLOSED_SETS)
def test_what_is_a_choice_of_words_takes_these_and_no_other(key: str) -> None:
    words, others = CLOSED_SETS[key]
    assert [word for word in words if load(file(standard(**{key: word}))).book is None] == []
    assert [word for word in others if load(file(standard(**{key: word}))).book is not None] == []


@pytest.mark.parametrize("word", ["first_only", "resume", "new_cycle", "restart"])
def test_a_ticket_that_is_reopened_has_three_ways(word: str) -> None:
    text = standard(of="ticket", measure="{from: opened, to: solved}", reopen=word)
    assert (load(file(text)).book is not None) is (word != "restart")


# -- sets ----------------------------------------------------------------------------------------------

BASE = "version: 1\nset: base\ndefaults: {severity: info, by: [queue]}\n"
HOUSE = "version: 1\nset: house\nextends: base\ndefaults: {severity: critical, settle: 1d}\n"


def test_a_standard_with_an_inherited_id_replaces_it_key_by_key() -> None:
    base = file(
        standard(where="{site: [a, b], queue: c}", objective="{at_least: 90%, over: 7d, min_count: 9}"),
        head=BASE,
    )
    one = only(load(base, file("id: greet\npromise: {under: 45s}\nwhere: {site: z}\n", head=HOUSE)))
    assert (one.title, one.where) == ("Greeted within a minute", {"site": ("z",)})  # a key's value as a whole
    assert (one.promise.limit, one.promise.within) == (timedelta(seconds=45), False)  # type: ignore[union-attr]
    assert one.objective is not None and one.objective.min_count == 9
    assert (one.severity, one.by, one.settle) == (Severity.INFO, ("queue",), timedelta(days=1))
    assert one.set == "house"


def test_an_extended_set_alone_does_not_run_and_two_may_be_extended() -> None:
    other = file(standard(id="other"), head="version: 1\nset: other\n")
    loaded = load(
        file(head=BASE),
        other,
        file(standard(id="mine"), head="version: 1\nset: house\nextends: [base, other]\n"),
    )
    assert loaded.book is not None
    assert sorted(one.id for one in loaded.book.standards) == ["greet", "mine", "other"]
    assert {one.set for one in loaded.book.standards} == {"house"}


VOCABULARY = """\
vocabulary:
  tour:
    events: [begun, paused, shown]
    states: {resting: {enter: [paused], leave: [shown]}}
    endings: {over: done, fled: left, sent_on: diverted, barred: refused}
    reopening: again
  visit: {events: [hugged], states: {cuddled: {enter: hugged, leave: greeted}}, endings: {fainted: left}}
"""


def test_a_file_may_add_kinds_and_to_a_kind() -> None:
    loaded = load(file(head=HEAD + VOCABULARY))
    assert loaded.book is not None
    tour, visit = loaded.book.vocabulary["tour"], loaded.book.vocabulary["visit"]
    assert tour.all_events() == (
        "begun",
        "paused",
        "shown",
        "updated",
        "over",
        "fled",
        "sent_on",
        "barred",
        "again",
    )
    assert tour.states["resting"].enter == ("paused",) and tour.states["resting"].leave == ("shown",)
    assert {*map(str, tour.endings.values())} == {"done", "left", "diverted", "refused"}
    assert visit.knows("hugged") and visit.knows("arrived")
    assert visit.rank("hugged") == visit.rank("checked_in") + 1  # behind what is shipped
    assert visit.endings["fainted"] == "left" and visit.states["cuddled"].leave == ("greeted",)
