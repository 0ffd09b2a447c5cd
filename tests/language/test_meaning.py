"""The hash of what a file says: alike for what is alike, different for what is different; and files written back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from standardsd.language.meaning import book_hash
from standardsd.language.problems import render
from standardsd.language.rules import load_rules
from standardsd.model.clock import OpenHours
from standardsd.model.standard import Standard
from tests.language.written import DESK, HEAD, file, load, only, standard
from tests.language.yaml_of import CALENDAR_HEAD, SITES, standards, yaml_of

TICKET = {
    "of": "ticket",
    "measure": "{from: [opened, assigned], to: [solved, replied]}",
    "promise": "{within: 8h}",
}

ALIKE = [
    # two ways to say the same: keys of the one, of the other
    ({"promise": "{within: 90m}"}, {"promise": "{within: 1h30m}"}),
    ({"promise": "{within: 3rings}"}, {"promise": "{within: 3rings}", "ring": "3.3s"}),
    ({"promise": "{within: 3rings}", "ring": "5s"}, {"promise": "{within: 15s}"}),
    (TICKET, {**TICKET, "measure": "{to: [replied, solved], from: [assigned, opened], each: false}"}),
    ({**TICKET, "unless": "[escalated, pended]"}, {**TICKET, "unless": "[pended, escalated]"}),
    ({"by": "[site, queue]"}, {"by": "[queue, site]"}),
    ({"where": "{site: [a, b], queue: q}"}, {"where": "{queue: [q], site: [b, a]}"}),
    ({"promise": "{per: p, a: {within: 1m}, b: {within: 2m}}"},
     {"promise": "{b: {within: 2m}, a: {within: 60s}, per: p}"}),
    ({"objective": "{at_least: 95%, over: 30d}"},
     {"objective": "{over: 720h, at_least: 95.0%, min_count: 1, periods: 1}"}),
    ({"objective": "{targets: [{from: 2026-01-01, at_least: 90%}, {from: 2027-01-01, at_least: 95%}], over: 7d}"},
     {"objective": "{over: 7d, targets: [{from: 2027-01-01, at_least: 95%}, {at_least: 90%, from: 2026-01-01}]}"}),
    ({}, {"clock": "always", "status": "active", "reopen": "first_only", "settle": "0s", "severity": "warning"}),
    ({}, {"alert": "{on: [breach], for: 0s, keep_firing_for: 5m, warn_at: 75%}"}),
]  # fmt: skip


def meaning(keys: dict[str, str], head: str = HEAD) -> str:
    return only(load(file(standard(**keys), head=head))).rules


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_another_spelling_is_the_same_meaning(one: dict[str, str], other: dict[str, str]) -> None:
    assert meaning(one) == meaning(other)


CALENDAR = {"clock": "desk"}
OTHERWISE: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {"promise": "{within: 61s}"}),
    ({}, {"promise": "{under: 60s}"}),
    ({}, {"pause_while": "waiting"}),
    ({}, {"status": "shadow"}),
    ({}, {"effective": "{from: 2026-01-01}"}),
    ({}, {"waivers": "[{from: 2026-01-01, until: 2026-02-01, reason: x, approved_by: y}]"}),
    ({"objective": "{at_least: 95%, over: 30d}"}, {"objective": "{at_least: 95%, over: month}"}),
    (
        {"objective": "{at_least: 95%, over: month}"},
        {"objective": "{at_least: 95%, over: month, periods: 2}"},
    ),
    (
        {"objective": "{at_least: 95%, over: month}"},
        {"objective": "{at_least: 95%, over: month, zone: Europe/Lisbon}"},
    ),
    (
        {"objective": "{at_least: 95%, over: 30d}"},
        {"objective": "{at_least: 95%, over: 30d}", "alert": "{on: burn}"},
    ),
    ({"measure": "{time_in: waiting}"}, {"measure": "{time_in: waiting, each: true}"}),
]


@pytest.mark.parametrize(("one", "other"), OTHERWISE)
def test_what_says_something_else_has_another_meaning(one: dict[str, str], other: dict[str, str]) -> None:
    assert meaning(one) != meaning(other)


CALENDARS: list[tuple[str, Callable[[str], str], bool]] = [
    ("the same week day by day", lambda head: head.replace(
        'mon-fri: ["09:00-17:00"]',
        ", ".join(f'{day}: ["09:00-17:00"]' for day in ("fri", "mon", "tue", "wed", "thu"))), True),
    ("other times", lambda head: head.replace("17:00", "18:00"), False),
    ("another zone with the same hours at the time", lambda head: head.replace("Lisbon", "London"), False),
    ("holidays", lambda head: head.replace("weekly:", "holidays: {country: PT}, weekly:"), False),
    ("a closed day", lambda head: head.replace("weekly:", "closed: [2026-12-31], weekly:"), False),
    ("a day instead", lambda head: head.replace("weekly:", 'instead: {2026-12-24: ["09:00-12:00"]}, weekly:'), False),
    ("a calendar that nothing goes by", lambda head: head.replace(
        "calendars: {", 'calendars: {other: {timezone: UTC, weekly: {mon: ["09:00-17:00"]}}, '), True),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change", "same"), CALENDARS, ids=[row[0] for row in CALENDARS])
def test_the_calendar_that_a_standard_goes_by_is_part_of_its_meaning(
    what: str, change: Callable[[str], str], same: bool
) -> None:
    assert change(DESK) != DESK
    assert (meaning(CALENDAR, DESK) == meaning(CALENDAR, change(DESK))) is same
    assert meaning({}, DESK) == meaning({}, change(DESK)), "nothing goes by it"


def test_other_data_behind_the_same_words_are_the_same_meaning_in_another_book() -> None:
    """A new release of the time-zone data says nothing new, and yet what it makes must not change the past."""
    loaded = load(file(standard(clock="desk"), head=DESK))
    assert loaded.book is not None
    one = only(loaded)
    assert isinstance(one.clock, OpenHours)
    newer = replace(one, clock=replace(one.clock, made_from=("tzdata 2099a",)))
    assert book_hash(loaded.book.files, [newer]) == loaded.book.hash
    moved = replace(one, clock=replace(one.clock, runs=one.clock.runs[:-4]))
    assert book_hash(loaded.book.files, [moved]) != loaded.book.hash


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(standards())
def test_a_standard_written_as_yaml_is_read_back_as_it_was(one: Standard) -> None:
    text = CALENDAR_HEAD + "standards:\n" + yaml_of(one)
    loaded = load_rules([("a.yaml", text.encode())], sites=SITES)
    assert loaded.book is not None, f"{text}\n{render(loaded.problems)}"
    (read,) = loaded.book.standards
    assert replace(read, rules="") == one, text
    again = load_rules([("b.yaml", ("# again\n" + text).encode())], sites=SITES)
    assert again.book is not None
    assert again.book.hash == loaded.book.hash


def test_a_thousand_standards_of_every_sort_load() -> None:
    keys: list[dict[str, str]] = [
        {
            "where": '{site: [grand-*, "!grand-test"]}',
            "objective": "{at_least: 95%, over: 30d}",
            "alert": "{on: burn}",
        },
        {
            "clock": "desk",
            "promise": "{per: priority, P1: {within: 15m}, P2: {within: 2bd}, else: {within: 8h}}",
        },
        {"measure": "{p90: {from: arrived, to: greeted}, over: 1h}", "promise": "{at_most: 3m, for: 5m}"},
        {
            "examples": "{kept: ['09:00:00 arrived', '09:01:00 greeted'], broken: ['09:00:00 arrived']}",
            "clock": "site",
        },
    ]
    text = file(*[standard(**{"id": f"s{n}", **keys[n % 4]}) for n in range(1_000)], head=DESK)
    loaded = load_rules([("a.yaml", text.encode())], sites=SITES)
    assert loaded.book is not None, render(loaded.problems[:3])
    assert len(loaded.book.standards) == 1_000
