"""Every promise of the language, and which promise fits which measure: what it reads as and what misfits are told."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from standardsd.language.fits import INSTEAD
from standardsd.language.promises import FORMS
from standardsd.language.quantities import signed_share
from standardsd.language.words import Wrong
from standardsd.model.config import Site
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Until
from tests.language.written import DESK, file, load, only, said, standard, the_error

M, H = timedelta(minutes=1), timedelta(hours=1)
WAIT, DUE = "{from: arrived, to: greeted}", "{from: due, to: greeted}"
CSAT, SCORE = "{value: csat, at: answered}", "{score: inspection}"
QUEUE, LEFT = "{reading: queue}", "{count: left, over: 1h}"
MEDIAN = "{median: {from: arrived, to: greeted}, over: 1h}"

READ: list[tuple[str, str, str, AnyPromise]] = [
    # kind, measure, promise, what it is
    ("visit", WAIT, "{within: 1h30m}", Promise(90 * M, within=True)),
    ("visit", WAIT, "{under: 3rings}", Promise(timedelta(seconds=9.9), within=False)),
    ("visit", WAIT, "{within: 0.000001s}", Promise(timedelta(microseconds=1), within=True)),
    ("visit", WAIT, "{within: 5bd}", OpenDays(5, within=True)),
    ("visit", WAIT, "{under: 1bd}", OpenDays(1, within=False)),
    ("visit", WAIT, '{until: "14:00"}', Until(time(14))),
    ("visit", WAIT, "{until: 09:30:15}", Until(time(9, 30, 15))),
    ("visit", DUE, "{between: [-2m, 2m]}", Between(-2 * M, 2 * M)),
    ("visit", DUE, "{between: [-1h, -5m]}", Between(-H, -5 * M)),
    ("visit", DUE, "{between: [0, +2m]}", Between(0 * M, 2 * M)),
    ("visit", WAIT, "{between: [5m, 20m]}", Between(5 * M, 20 * M)),
    ("call", "{time_in: on_hold, each: true}", "{between: [5s, 1m]}", Between(timedelta(seconds=5), M)),
    ("survey", CSAT, "{at_least: 4}", Limits(lowest=4)),
    ("survey", CSAT, "{over: -1.5}", Limits(lowest=-1.5, lowest_in=False)),
    ("survey", CSAT, "{under: 3m}", Limits(highest=180, highest_in=False, unit="s")),
    ("survey", CSAT, "{at_most: 12.5%}", Limits(highest=0.125, unit="%")),
    ("inspection", SCORE, "{at_least: 95%}", Limits(lowest=0.95, unit="%")),
    ("inspection", SCORE, "{between: [80%, 100%]}", Limits(lowest=0.8, highest=1, unit="%")),
    ("inspection", SCORE, "{over: 0}", Limits(lowest=0, lowest_in=False, unit="%")),
    ("", QUEUE, "{between: [18, 24], for: 5m}", Limits(lowest=18, highest=24, hold_for=5 * M)),
    ("", QUEUE, "{under: 10, for: 0}", Limits(highest=10, highest_in=False)),
    ("visit", LEFT, "{at_most: 0}", Limits(highest=0)),
    ("visit", MEDIAN, "{at_most: 2m, for: 10m}", Limits(highest=120, hold_for=10 * M, unit="s")),
    ("visit", MEDIAN, "{between: [-2m, 0]}", Limits(lowest=-120, highest=0, unit="s")),
    ("visit", WAIT, "{per: priority, P1: {within: 15m}, P2: {under: 1h}, else: {within: 4h}}",
     Grid("priority", {"P1": Promise(15 * M, within=True), "P2": Promise(H, within=False)}, Promise(4 * H, within=True))),
    ("visit", WAIT, "{per: site, 'grand ''b''': {within: 5bd}, b: {until: \"14:00\"}}",
     Grid("site", {"b": Until(time(14)), "grand 'b'": OpenDays(5, within=True)})),
    ("", QUEUE, "{per: desk, lobby: {at_most: 3, for: 1m}}", Grid("desk", {"lobby": Limits(highest=3, hold_for=M)})),
    ("visit", LEFT, "{per: site, a: {at_most: 3}, else: {at_most: 5}}",
     Grid("site", {"a": Limits(highest=3)}, Limits(highest=5))),
]  # fmt: skip

CALENDAR = ("bd}", "until:")


@pytest.mark.parametrize(("of", "measure", "promise", "meant"), READ)
def test_a_promise_of_the_language_is_read(of: str, measure: str, promise: str, meant: AnyPromise) -> None:
    on_calendar = any(word in promise for word in CALENDAR)
    text = standard(of=of, measure=measure, promise=promise, clock="desk" if on_calendar else "")
    loaded = load(file(text, head=DESK if on_calendar else "version: 1\nset: house\n"))
    assert only(loaded).promise == meant
    assert loaded.problems == ()


WRONG = [
    # kind, measure, promise, everything that is told
    ("visit", WAIT, "{within: 5bd}", "8:23 '5bd' counts open days, and the clock is always"
     " -> write clock: with a calendar, or 5d if 120 hours are meant"),
    ("visit", WAIT, "{within: 0.5bd}",
     "8:23 '0.5bd' is not a count of open days -> write a whole number of them, such as 5bd"),
    ("visit", WAIT, "{within: 0bd}", "8:23 '0bd' is not a count of open days -> write 1bd to 3660bd"),
    ("visit", WAIT, '{until: "14:00"}', "8:22 nobody says in which time zone '14:00' is meant"
     " -> write clock: with a calendar, or give the sites a timezone: in the configuration"),
    ("visit", WAIT, "{until: 9:00}", "8:22 '9:00' is not a time of day -> write \"09:00\""),
    ("visit", WAIT, '{until: "24:00"}',
     "8:22 '24:00' is not a time of day -> write \"00:00\", the midnight that follows"),
    ("visit", WAIT, "{until: 2h}", "8:22 '2h' is not a time of day -> write it as \"14:00\", in 24 hours"),
    ("visit", WAIT, "{between: 2m}", "8:24 between has a lowest and a highest edge -> write [-2m, 2m]"),
    ("visit", WAIT, "{between: [2m]}", "8:24 between has a lowest and a highest edge -> write [-2m, 2m]"),
    ("visit", WAIT, "{between: [3m, 2m]}", "8:24 nothing lies between 3m and 2m -> write [2m, 3m]"),
    ("visit", WAIT, "{between: [-3m, -2m]}", "8:24 no time is negative here, so nothing could be kept"
     " -> write {from: due, to: …} in the measure, or edges above 0"),
    ("visit", WAIT, "{between: [2, 3m]}", "8:25 '2' has no unit -> write 2s if seconds are meant;"
     " units are us, ms, s, m, h, d, rings, without a space"),
    ("call", "{time_in: on_hold}", "{until: \"14:00\"}", "8:15 the total of several stays cannot be promised by until"
     " -> write within:, or each: true in the measure"),
    ("call", "{time_in: on_hold}", "{between: [1m, 2m]}", "8:15 the total of several stays cannot be promised by between"
     " -> write within:, or each: true in the measure"),
    ("visit", WAIT, "{at_most: 5m}", "8:15 the time of a case cannot be promised by at_most -> write within:"),
    ("visit", WAIT, "{at_least: 5m}", "8:15 the time of a case cannot be promised by at_least"
     " -> write between: [5m, 1h] for a time that must not be shorter, else within:"),
    ("visit", WAIT, "{over: 5m}", "8:15 the time of a case cannot be promised by over -> write within:, or under:"),
    ("visit", WAIT, "{within: 5m, for: 1m}",
     "8:27 the time of a case cannot be promised by for -> leave it out; a time needs no for:"),
    ("survey", CSAT, "{within: 5m}", "8:15 a number of a case cannot be promised by within -> write at_most:"),
    ("survey", CSAT, "{at_most: 5, for: 5m}",
     "8:27 a number of a case cannot be promised by for -> leave it out; a case is judged at one instant"),
    ("", QUEUE, '{until: "14:00"}', "8:15 a reading cannot be promised by until"
     " -> write at_most:, or measure a time: {from: …, to: …}"),
    ("", QUEUE, "{at_most: 5, at_least: 2}",
     "8:27 a promise has either at_most or at_least -> write between: [lowest, highest]"),
    ("", QUEUE, "{between: [2m, 5%]}", "8:24 the two edges are in different units -> write both in one"),
    ("", QUEUE, "{for: 5m}", "8:14 nothing is promised -> write {at_most: 10, for: 5m}"),
    ("", QUEUE, "{at_most: many}", "8:24 'many' is not a duration -> write 30s, 10m or 1h30m;"
     " units are us, ms, s, m, h, d, rings, without a space"),
    ("inspection", SCORE, "{at_least: 95}", "8:25 '95' has no unit -> write 95%"),
    ("inspection", SCORE, "{at_least: 0.95}", "8:25 '0.95' has no unit -> write 95%"),
    ("inspection", SCORE, "{at_least: 101%}", "8:25 '101%' is more than everything -> write a share up to 100%"),
    ("inspection", SCORE, "{at_least: -1%}",
     "8:25 '-1%': a score is from 0% to 100% -> write a limit such as {at_least: 95%}"),
    ("inspection", SCORE, "{over: 100%}", "8:21 a score is never over 100% -> write a limit such as {at_least: 95%}"),
    ("visit", LEFT, "{at_most: 5m}", "8:24 '5m' is not a number -> write digits, such as 12, -3 or 4.5"),
    ("visit", LEFT, "{under: 0}", "8:22 a count is never under 0 -> write a limit such as {at_most: 5}"),
    ("visit", MEDIAN, "{at_most: 120}", "8:24 '120' has no unit -> write 120s if seconds are meant;"
     " units are us, ms, s, m, h, d, rings, without a space"),
    ("duty", "{since: done}", "{at_most: -1h}",
     "8:24 '-1h': the time since an event is from 0 -> write a limit such as {at_most: 2h}"),
    ("survey", "{nps: r, at: answered, over: 7d}", "{at_least: 120}",
     "8:25 '120': a net promoter score is from -100 to 100 -> write a limit such as {at_least: 40}"),
    ("call", "{rate: abandoned, per: queued, over: 1h}", "{at_most: 5m}",
     "8:24 '5m' is not a number for this measure -> write it as 5 or 95%"),
    ("visit", LEFT, "5", "8:14 '5' is not a promise -> write {at_most: 5}"),
    ("visit", WAIT, "5bd", "8:14 '5bd' is not a promise -> write {within: 5bd}"),
    ("inspection", SCORE, "soon", "8:14 'soon' is not a promise -> write {at_least: 95%}"),
    ("visit", WAIT, "{per: priority}", "8:14 a grid without a row"
     " -> add a row for each value, such as P1: {within: 15m}, or promise what is under else directly"),
    ("visit", WAIT, "{per: priority, else: {within: 5m}}", "8:14 a grid without a row"
     " -> add a row for each value, such as P1: {within: 15m}, or promise what is under else directly"),
    ("visit", WAIT, "{per: pri-ority, P1: {within: 5m}}", "8:20 'pri-ority' is not a label name"
     " -> write pri_ority; a label name is made of letters, digits and underscores, a letter first"),
    ("visit", WAIT, "{per: p, P1: 15m}", "8:27 '15m' is not a promise -> write P1: {within: 15m}"),
    ("visit", WAIT, "{per: p, P1: {at_most: 15m}}",
     "8:28 the time of a case cannot be promised by at_most -> write within:"),
    ("visit", WAIT, "{per: p, P1: {witin: 15m}}", "8:28 the row 'P1' has no key 'witin' -> write within"),
    ("visit", WAIT, "{per: p, P1: {per: q, Q: {within: 5m}}}",
     "8:27 a grid in a grid -> write two standards, told apart by where:"),
    ("visit", LEFT, "{per: desk, a: {at_most: 1}}",
     "8:14 the number of a group has no label 'desk': its groups are told apart by site"
     " -> add desk to by:, or write a standard for each"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "measure", "promise", "told"), WRONG)
def test_a_promise_that_misfits_is_told_with_what_to_write(
    of: str, measure: str, promise: str, told: str
) -> None:
    line = 8 if of else 7
    loaded = load(file(standard(of=of, measure=measure, promise=promise)))
    assert loaded.book is None
    assert "|".join(map(said, loaded.problems)) == told.replace("8:", f"{line}:", 1)


def test_every_word_has_a_row_that_says_what_to_write_instead() -> None:
    assert {*FORMS} - {"under"} == {*INSTEAD}  # under fits everything
    for word, both in INSTEAD.items():
        assert any(both), word


ON_A_CALENDAR = [
    # keys, everything that is told: the clock is a calendar
    ({"promise": "{within: 2d}"}, "9:23 '2d': d is 24 hours, and on a calendar people mean different things by a day"
     " -> write 48h if open hours are meant, or 2bd if open days are meant"),
    ({"promise": "{within: 1d12h30m}"}, "9:23 '1d12h30m': d is 24 hours, and on a calendar people mean different"
     " things by a day -> write 36h30m if open hours are meant"),
    ({"promise": "{per: p, P1: {within: 8h}, P2: {under: 3d}}"}, "9:53 '3d': d is 24 hours, and on a calendar people mean"
     " different things by a day -> write 72h if open hours are meant, or 3bd if open days are meant"),
    ({"ignore_if_left_within": "1d"}, "11:28 '1d': d is 24 hours, and on a calendar people mean different things by a day"
     " -> write 24h if open hours are meant"),
    ({"alert": "{warn_before: 1d}", "promise": "{within: 48h}"},
     "11:26 '1d': d is 24 hours, and on a calendar people mean"
     " different things by a day -> write 24h if open hours are meant"),
    ({"measure": "{since: arrived}", "promise": "{at_most: 1d}"},
     "9:24 '1d': d is 24 hours, and on a calendar people mean"
     " different things by a day -> write 24h if open hours are meant"),
    ({"promise": "{within: 2bd}", "of": "ticket", "measure": "{from: opened, to: solved}", "pause_while": "[pending]"},
     "9:23 the promise within: 2bd and pause_while: there is no sum of time that could stand still"
     " -> leave pause_while out, or promise a duration, such as within: 8h"),
    ({"promise": '{until: "14:00"}', "of": "ticket", "measure": "{from: opened, to: solved}", "reopen": "resume"},
     "9:22 until: 14:00 and reopen: resume: there is no sum of time that could stand still"
     " -> leave reopen: resume out, or promise a duration, such as within: 8h"),
    ({"promise": "{between: [1m, 2m]}", "of": "ticket", "measure": "{from: opened, to: solved}",
     "pause_while": "pending"},
     "9:24 between: and pause_while: there is no sum of time that could stand still"
     " -> leave pause_while out, or promise a duration, such as within: 8h"),
    ({"of": "call", "measure": "{time_in: on_hold}", "promise": "{within: 2bd}"},
     "9:23 the total of several stays has no open days -> write hours of the clock, or each: true"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "told"), ON_A_CALENDAR)
def test_what_a_calendar_makes_ambiguous_is_refused(keys: dict[str, str], told: str) -> None:
    loaded = load(file(standard(clock="desk", **keys), head=DESK))
    assert loaded.book is None
    assert "|".join(map(said, loaded.problems)) == told


def test_days_are_24_hours_where_the_clock_never_stops() -> None:
    assert only(load(file(standard(promise="{within: 2d}")))).promise == Promise(48 * H, within=True)


def test_windows_and_settling_go_by_days_on_any_clock() -> None:
    text = standard(clock="desk", objective="{at_least: 95%, over: 30d}", settle="1d")
    assert load(file(text, head=DESK)).problems == ()


def test_a_ring_is_as_long_as_the_standard_or_the_defaults_say() -> None:
    assert only(load(file(standard(promise="{within: 3rings}", ring="6s")))).promise == Promise(
        timedelta(seconds=18), within=True
    )
    head = "version: 1\nset: house\ndefaults: {ring: 5s}\n"
    text = standard(
        promise="{within: 3rings}", alert="{warn_before: 1rings}", ignore_if_left_within="0.5rings"
    )
    one = only(load(file(text, head=head)))
    assert one.promise == Promise(timedelta(seconds=15), within=True)
    assert one.alert.warn_before == timedelta(seconds=5)
    assert one.ignore_if_left_within == timedelta(seconds=2.5)
    told = said(the_error(load(file(standard(promise="{within: 3rings}", ring="2m")))))
    assert told == "9:11 '2m' is not the length of a ring -> write it as 3.3s or 6s"


def test_until_is_meant_in_the_zone_of_the_site_where_no_calendar_says_it() -> None:
    sites = [Site("a", "A", "Europe/Lisbon"), Site("b", "B", "Asia/Kathmandu")]
    one = only(load(file(standard(promise='{until: "14:00"}')), sites=sites))
    assert one.promise == Until(time(14))
    assert {site: zone.name for site, zone in one.zones.by_site.items()} == {
        "a": "Europe/Lisbon",
        "b": "Asia/Kathmandu",
    }
    assert (
        "nobody says"
        in the_error(load(file(standard(promise='{until: "14:00"}')), sites=[Site("a", "A")])).text
    )


LINTS = [
    ({"promise": "{between: [-1m, 2m]}"}, "the lower edge is never missed: only what is measured from due can be early"),
    ({"promise": "{between: [0, 2m]}"}, "the lower edge is never missed: only what is measured from due can be early"),
    ({"promise": "{per: p, 'P*': {within: 2m}}"},
     "'P*' is taken as it stands: the rows of a grid are values, not patterns"),
    ({"promise": "{per: p, a: {within: 2m}, b: {within: 2h}}", "alert": "{warn_before: 5m}"},
     "for 2m of the grid the warning would come with the start"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "told"), LINTS)
def test_a_promise_that_is_odd_is_linted(keys: dict[str, str], told: str) -> None:
    loaded = load(file(standard(**keys)))
    assert loaded.book is not None
    assert [one.text for one in loaded.problems] == [told]


@pytest.mark.parametrize(
    ("text", "share"),
    [("0", 0.0), ("5%", 0.05), ("-5%", -0.05), ("+2.5%", 0.025), ("100%", 1.0), ("-100%", -1.0)],
)
def test_a_signed_share_is_a_part_of_everything(text: str, share: float) -> None:
    assert signed_share(text) == share


@pytest.mark.parametrize("text", ["", "%", "5", "5 %", "100.1%", "-100.1%", "5%%", "five%", "٥%"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        signed_share(text)
