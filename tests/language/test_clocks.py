"""Which clock a standard goes by, what pauses and reopens it, and from when to when it is in force."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from standardsd.language.config import load_config
from standardsd.language.problems import Level, errors, lints
from standardsd.model.clock import Always, BySite, OpenHours
from standardsd.model.config import Site
from standardsd.model.standard import Dates, Reopen, Waiver
from tests.language.written import DESK, HEAD, file, load, only, said, standard, the_error

TICKET = {"of": "ticket", "measure": "{from: opened, to: solved}", "promise": "{within: 8h}"}
VALUE = {"of": "survey", "measure": "{value: csat, at: answered}", "promise": "{at_least: 4}"}
NUMBER = {"of": "ticket", "measure": "{count: opened, over: 1h}", "promise": "{at_most: 4}"}


def sites(text: str) -> tuple[Site, ...]:
    """The sites of a configuration."""
    loaded = load_config(f"version: 1\nrules: [rules]\nsites:\n{text}".encode(), "standardsd.yaml")
    assert not errors(loaded.problems), loaded.problems
    assert loaded.config is not None
    return loaded.config.sites


SITES = """\
  lisbon: {timezone: Europe/Lisbon, calendar: {weekly: {mon-fri: ["09:00-17:00"]}}}
  goa: {timezone: Asia/Kolkata, calendar: {weekly: {mon-sun: ["08:00-20:00"]}}}
  depot: {timezone: Europe/Berlin}
"""


def test_a_clock_is_always_a_calendar_of_the_file_or_that_of_the_site() -> None:
    assert only(load(file())).clock == Always()
    assert only(load(file(standard(clock="always")))).clock == Always()
    desk = only(load(file(standard(clock="desk"), head=DESK)))
    assert isinstance(desk.clock, OpenHours)
    assert desk.clock.name == "desk"
    assert desk.zones.everywhere is not None
    assert desk.zones.everywhere.name == "Europe/Lisbon"
    one = only(load(file(standard(clock="site")), sites=sites(SITES)))
    assert isinstance(one.clock, BySite)
    assert sorted(one.clock.clocks) == ["goa", "lisbon"]
    assert one.zones.everywhere is None
    assert {name: zone.name for name, zone in one.zones.by_site.items()} == {
        "goa": "Asia/Kolkata",
        "lisbon": "Europe/Lisbon",
    }


def test_a_site_without_a_calendar_is_linted_because_nothing_is_judged_there() -> None:
    loaded = load(file(standard(clock="site")), sites=sites(SITES))
    assert [one.text for one in loaded.problems] == [
        "the site 'depot' has no calendar, so this is not judged there"
    ]


CLOCKS = [
    ("clock: office", "10:12 there is no calendar 'office' -> write always, site, or a calendar of this file"),
    ("clock: deks", "10:12 there is no calendar 'deks' -> write desk"),
    ("clock: alway", "10:12 there is no calendar 'alway' -> write always"),
    ("clock: [desk]", "10:12 clock is a list -> write desk, without brackets"),
    ("clock: site", "10:12 clock: site needs the calendars of the sites, and no configuration gives any"
     " -> name the configuration (--config FILE) and give each site under sites: a calendar:"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "told"), CLOCKS)
def test_a_clock_that_is_none_is_told(line: str, told: str) -> None:
    loaded = load(file(standard(clock=line.removeprefix("clock: ")), head=DESK))
    assert [said(one) for one in errors(loaded.problems)] == [told]


def test_sites_of_which_none_has_a_calendar_are_none_for_clock_site() -> None:
    loaded = load(file(standard(clock="site")), sites=sites("  depot: {timezone: Europe/Berlin}\n"))
    assert "needs the calendars of the sites" in the_error(loaded).text


def test_a_wrong_calendar_is_told_once_however_many_go_by_it() -> None:
    head = "version: 1\nset: house\ncalendars: {desk: {timezone: Nowhere/At_All, weekly: {mon: ['08:00-12:00']}}}\n"
    loaded = load(
        file(standard(clock="desk"), standard(id="two", clock="desk", promise="{within: 2bd}"), head=head)
    )
    assert [one.text for one in loaded.problems] == ["'Nowhere/At_All' is not a time zone"]


def test_a_calendar_of_an_extended_set_is_known_and_one_of_the_house_beats_it() -> None:
    base = file(standard(clock="desk"), head=DESK.replace("set: house", "set: base"))
    house = "version: 1\nset: house\nextends: base\nstandards: []\n"
    inherited = only(load(base, house))
    assert isinstance(inherited.clock, OpenHours)
    assert inherited.zones.everywhere is not None
    assert inherited.zones.everywhere.name == "Europe/Lisbon"
    own = 'calendars: {desk: {timezone: Europe/Berlin, weekly: {sat: ["10:00-12:00"]}}}\n'
    overridden = only(load(base, house + own))
    assert isinstance(overridden.clock, OpenHours)
    assert overridden.zones.everywhere is not None
    assert overridden.zones.everywhere.name == "Europe/Berlin"
    assert overridden.clock.weeks != inherited.clock.weeks


def test_a_calendar_that_no_standard_goes_by_is_linted() -> None:
    loaded = load(file(head=DESK))
    assert [one.text for one in lints(loaded.problems)] == ["no standard goes by the calendar 'desk'"]


BURN = {"objective": "{at_least: 99%, over: 30d}", "alert": "{on: burn}", "clock": "site"}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({**BURN, "by": "[desk]"}, "12:9 burn counts open hours of the site, and the groups of this standard are of no"
         " one site -> add site to by:"),
        ({**BURN, "by": "[desk, site]"}, None),
        (BURN, None),  # by is [site] where nobody says
        ({**BURN, "alert": "{on: breach}", "by": "[desk]"}, None),
        ({**BURN, "clock": "always", "by": "[desk]"}, None),
        ({**NUMBER, "clock": "site", "by": "[desk]"},
         "9:12 by the clock of the site a number is judged for each site, and its groups are of no one site"
         " -> add site to by:, or write clock: always"),
        ({**NUMBER, "clock": "site"}, None),
    ],
)  # fmt: skip
def test_what_counts_the_hours_of_a_site_is_told_apart_by_site(
    keys: dict[str, str], told: str | None
) -> None:
    everywhere = sites(SITES.replace("  depot: {timezone: Europe/Berlin}\n", ""))
    found = errors(load(file(standard(**keys)), sites=everywhere).problems)
    assert [said(one) for one in found] == ([] if told is None else [told])


UNTIL = [
    # keys, of which sites without a time zone it is said
    ({"promise": '{until: "14:00"}'}, "8:5 'depot' and 'yard' have"),
    ({"promise": '{until: "14:00"}', "where": "{site: [depot, lisbon]}"}, "8:5 'depot' has"),
    ({"promise": '{until: "14:00"}', "where": "{site: '!depot'}"}, "8:5 'yard' has"),
    ({"promise": '{until: "14:00"}', "where": "{site: lisbon}"}, None),
    ({"promise": '{per: p, a: {within: 1h}, else: {until: "14:00"}}'}, "8:5 'depot' and 'yard' have"),
    ({"promise": '{until: "14:00"}', "clock": "desk"}, None),  # the calendar's zone holds everywhere
    ({"promise": "{within: 1h}"}, None),
]


@pytest.mark.parametrize(("keys", "told"), UNTIL)
def test_a_time_of_day_at_a_site_whose_zone_nobody_gives_is_linted(
    keys: dict[str, str], told: str | None
) -> None:
    some = (Site("lisbon", "Lisbon", "Europe/Lisbon"), Site("depot", "Depot"), Site("yard", "Yard"))
    head = DESK if keys.get("clock") else HEAD
    loaded = load(file(standard(**keys), head=head), sites=some)
    assert loaded.book is not None, loaded.problems
    found = [one for one in loaded.problems if "timezone" in one.fix]
    assert [(f"{one.line}:{one.column}", one.text) for one in found] == (
        []
        if told is None
        else [("8:5", f"{told.split(' ', 1)[1]} no time zone, so the time of day is not judged there")]
    )
    assert all(one.level is Level.LINT and one.fix == "add timezone: under sites:" for one in found)
    assert not lints(load(file(standard(**{**keys, "promise": "{within: 1h}"}), head=head)).problems)


# -- pauses and reopenings -----------------------------------------------------------------------------


def test_pauses_and_reopenings_are_read() -> None:
    one = only(load(file(standard(**TICKET, pause_while="[pending]", reopen="resume"))))
    assert (one.pause_while, one.reopen) == (("pending",), Reopen.RESUME)
    assert only(load(file(standard(**TICKET, reopen="new_cycle")))).reopen is Reopen.NEW_CYCLE
    assert only(load(file(standard(**TICKET)))).reopen is Reopen.FIRST_ONLY


STATES = [
    ({**TICKET, "pause_while": "pendin"}, "9:18 the kind 'ticket' has no state 'pendin' -> write pending"),
    ({**TICKET, "pause_while": "[]"},
     "9:18 pause_while is an empty list -> write 1 to 10000 items, or leave the key out"),
    ({"of": "survey", "measure": "{from: invited, to: answered}", "pause_while": "waiting"},
     "9:18 the kind 'survey' has no state 'waiting' -> leave pause_while out"),
    ({"of": "call", "measure": "{time_in: on_hold}", "pause_while": "[parked, on_hold]"},
     "9:18 the time in 'on_hold' is measured, and the clock would stand still in it -> take it out of pause_while"),
    ({**TICKET, "reopen": "resum"}, "9:13 'resum' is not a word for reopen -> write resume"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "told"), STATES)
def test_a_wrong_pause_or_reopening_is_told(keys: dict[str, str], told: str) -> None:
    loaded = load(file(standard(**keys)))
    assert loaded.book is None
    assert [said(one) for one in loaded.problems] == [told]


IDLE = [
    ({**TICKET, "measure": "{time_in: pending}", "reopen": "first_only"},
     "reopen does nothing here: a state is entered again whenever it is"),
    ({**VALUE, "if_left": "breach"}, "if_left does nothing here: a number of an event is judged at once, so nothing can"
     " come in between"),
    ({**VALUE, "unless": "closed"}, "unless does nothing here: a number of an event is judged at once, so nothing can"
     " come in between"),
    ({**VALUE, "of": "ticket", "measure": "{value: csat, at: solved}", "pause_while": "pending"},
     "pause_while does nothing here: it stops a clock, and no time is measured"),
    ({**NUMBER, "settle": "1d"}, "settle does nothing here: it is about verdicts, and a number has episodes"),
    ({**NUMBER, "if_done": "keep"}, "if_done does nothing here: it is about cases, and this standard is about a number"),
    ({**NUMBER, "pause_while": "pending"}, "pause_while does nothing here: it stops a clock, and no time is measured"),
    ({**NUMBER, "reopen": "first_only"},
     "reopen does nothing here: it is about cases, and this standard is about a number"),
    ({**NUMBER, "waivers": "[{from: 2026-01-01, until: 2026-02-01, reason: x, approved_by: y}]"},
     "waivers does nothing here: they take occurrences out, and a number has none"),
    ({"of": "ticket", "measure": "{median: {from: opened, to: solved}, over: 7d}", "promise": "{at_most: 8h}",
      "waivers": "[{from: 2026-01-01, until: 2026-02-01, reason: x, approved_by: y}]"},
     "waivers does nothing here: they take occurrences out, and a number has none"),
    ({"of": "inspection", "measure": "{score: inspection}", "promise": "{at_least: 90%}", "if_done": "keep"},
     "if_done does nothing here: an inspection is judged when it is finished"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "told"), IDLE)
def test_a_key_that_can_change_nothing_is_linted_and_in_the_defaults_it_is_not(
    keys: dict[str, str], told: str
) -> None:
    loaded = load(file(standard(**keys)))
    assert loaded.book is not None, loaded.problems
    assert [one.text for one in loaded.problems] == [told]
    key = told.split()[0]
    head = f"{HEAD}defaults: {{{key}: {keys[key]}}}\n"
    assert load(file(standard(**{k: v for k, v in keys.items() if k != key}), head=head)).problems == ()


REOPENINGS = [
    # keys, why it cannot be reopened
    ({"reopen": "resume"}, "the kind 'visit' has no reopening event"),
    ({**TICKET, "measure": "{from: opened, to: solved, each: true}", "reopen": "new_cycle"},
     "with each: true whatever begins again is judged anyway"),
    ({"of": "request", "measure": "{from: due, to: delivered}", "reopen": "new_cycle"},
     "an appointment is not made again by a reopening"),
    ({**TICKET, "measure": "{time_in: pending}", "reopen": "resume"}, "a state is entered again whenever it is"),
    ({**NUMBER, "reopen": "resume"}, "it is about cases, and this standard is about a number"),
    ({**VALUE, "reopen": "resume"}, "a number of an event is judged at once, so nothing can come in between"),
    ({"of": "", "measure": "{reading: q}", "promise": "{at_most: 3}", "reopen": "new_cycle"},
     "it is about cases, and this standard is about a number"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "why"), REOPENINGS)
def test_what_cannot_be_reopened_is_refused_and_a_default_is_none_for_it(
    keys: dict[str, str], why: str
) -> None:
    one = the_error(load(file(standard(**keys))))
    line = 8 if keys.get("of") == "" else 9
    assert said(one) == (
        f"{line}:13 reopen: {keys['reopen']} cannot be so here: {why} -> leave the key out, or write first_only"
    )
    head = f"{HEAD}defaults: {{reopen: {keys['reopen']}}}\n"
    loaded = load(file(standard(**{k: v for k, v in keys.items() if k != "reopen"}), head=head))
    assert loaded.problems == ()
    assert only(loaded).reopen is Reopen.FIRST_ONLY


def test_a_default_of_reopening_reaches_what_can_be_reopened_and_no_other_promise_fails_for_it() -> None:
    head = f"{HEAD}defaults: {{reopen: resume}}\n"
    assert only(load(file(standard(**TICKET), head=head))).reopen is Reopen.RESUME
    until = load(
        file(standard(promise='{until: "14:00"}', clock="desk"), head=f"{DESK}defaults: {{reopen: resume}}\n")
    )
    assert until.problems == ()  # a visit is not reopened, so nothing would have to stand still


@pytest.mark.parametrize("defaults", [False, True])
@pytest.mark.parametrize("reopen", ["resume", "new_cycle"])
def test_what_reopens_cannot_also_take_out(reopen: str, defaults: bool) -> None:
    own, head = ({}, f"{HEAD}defaults: {{reopen: {reopen}}}\n") if defaults else ({"reopen": reopen}, HEAD)
    keys = {**TICKET, "unless": "[escalated, reopened]", **own}
    assert said(the_error(load(file(standard(**keys), head=head)))) == (
        f"{9 + defaults}:13 'reopened' takes it out by unless, and by reopen: {reopen} it goes on"
        " -> take it out of unless, or write reopen: first_only"
    )
    assert load(file(standard(**{**keys, "unless": "escalated"}), head=head)).problems == ()
    assert load(file(standard(**{**keys, "reopen": "first_only"}), head=head)).problems == ()


def test_a_statistic_of_a_time_may_pause_and_reopen() -> None:
    measure = "{median: {from: opened, to: solved}, over: 7d}"
    keys = {
        "of": "ticket",
        "measure": measure,
        "promise": "{at_most: 8h}",
        "pause_while": "pending",
        "reopen": "resume",
    }
    loaded = load(file(standard(**keys, unless="escalated")))
    assert loaded.problems == ()
    assert only(loaded).pause_while == ("pending",)


# -- days ----------------------------------------------------------------------------------------------


def test_a_standard_is_in_force_from_a_day_on_and_until_before_another() -> None:
    assert only(load(file(standard(effective="{from: 2026-01-01, until: 2027-01-01}")))).effective == Dates(
        date(2026, 1, 1), date(2027, 1, 1)
    )
    assert only(load(file(standard(effective="{until: 2027-01-01}")))).effective == Dates(
        None, date(2027, 1, 1)
    )
    assert only(load(file())).effective is None


def test_a_shadow_is_one() -> None:
    assert only(load(file(standard(status="shadow")))).shadow is True
    assert only(load(file(standard(status="active")))).shadow is False


WAIVED = "{where: {site: a}, from: 2026-01-01, until: 2026-02-01, reason: Lift is broken, approved_by: GM}"


def test_a_waiver_says_what_when_why_and_who() -> None:
    assert only(load(file(standard(waivers=f"[{WAIVED}]")))).waivers == (
        Waiver(Dates(date(2026, 1, 1), date(2026, 2, 1)), "Lift is broken", "GM", {"site": ("a",)}),
    )


DAYS = [
    ("effective", "{}", "9:16 effective without a day -> write {from: 2026-01-01}, or leave the key out"),
    ("effective", "{form: 2026-01-01}", "9:17 effective has no key 'form' -> write from"),
    ("effective", "{from: 1.1.2026}", "9:23 '1.1.2026' is not a date -> write it as 2026-03-02"),
    ("effective", "{from: 2026-02-30}", "9:23 '2026-02-30' does not exist in the calendar -> write it as 2026-03-02"),
    ("effective", "{from: 2026-02-01, until: 2026-02-01}",
     "9:42 no day lies from 2026-02-01 on and before 2026-02-01: until is not in"
     " -> write the first day on which it no longer holds"),
    ("waivers", WAIVED, "9:14 waivers is not a list -> write each item behind '- ', or as [one, two]"),
    ("waivers", "[{from: 2026-01-01, until: 2026-02-01, reason: x}]",
     "9:15 a waiver has no approved_by -> add approved_by: with its value"),
    ("waivers", "[{from: 2026-01-01, reason: x, approved_by: y}]",
     "9:15 a waiver has no until -> add until: with its value"),
    ("waivers", "[{from: 2026-01-01, until: 2025-01-01, reason: x, approved_by: y}]",
     "9:41 no day lies from 2026-01-01 on and before 2025-01-01: until is not in"
     " -> write the first day on which it no longer holds"),
    ("waivers", "[{where: {site: 'a['}, from: 2026-01-01, until: 2026-02-01, reason: x, approved_by: y}]",
     "9:30 '[' is not closed in 'a[' -> write [[] for a bracket itself, or close it with ]"),
    ("status", "shadows", "9:13 'shadows' is not a word for status -> write shadow"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "told"), DAYS)
def test_wrong_days_and_waivers_are_told(key: str, value: str, told: str) -> None:
    loaded = load(file(standard(**{key: value})))
    assert loaded.book is None
    assert [said(one) for one in loaded.problems] == [told]


@pytest.mark.parametrize(
    ("today", "expired"),
    [(date(2026, 1, 31), False), (date(2026, 2, 1), True), (date(2026, 2, 2), True), (None, False)],
)
def test_what_has_expired_is_linted_from_its_last_day_on(today: date | None, expired: bool) -> None:
    for keys in ({"waivers": f"[{WAIVED}]"}, {"effective": "{until: 2026-02-01}"}):
        loaded = load(file(standard(**keys)), today=today)
        assert loaded.book is not None
        assert bool(lints(loaded.problems)) is expired
        for one in loaded.problems:
            assert "expired" in one.text or "not been in force" in one.text


def test_a_reading_goes_by_the_clock_of_the_standard_for_how_long_it_is_out() -> None:
    keys = {"of": "", "measure": "{reading: q}", "promise": "{at_most: 3, for: 5m}"}
    one = only(load(file(standard(**keys, clock="desk"), head=DESK)))
    assert isinstance(one.clock, OpenHours)
    assert one.clock.elapsed(*one.clock.spans()[0]) == timedelta(hours=8)
