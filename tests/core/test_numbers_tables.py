"""Every measure of numbers at its edges: what is said, of which instant, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import structs

from standardsd.core.numbers.needs import SAMPLES
from standardsd.model.clock import open_hours
from standardsd.model.measure import (
    Calendar,
    CalendarUnit,
    Carried,
    Count,
    FromTo,
    How,
    Nps,
    Rate,
    Repeats,
    Sampled,
    Score,
    Since,
    Statistic,
    TimeIn,
)
from standardsd.model.objective import Objective
from standardsd.model.promise import Grid, Limits
from standardsd.model.reading import Event, Gap, Retract
from standardsd.model.source import Source
from standardsd.model.standard import Dates
from standardsd.model.zone import Zone, Zones
from tests.core.numbers_by_hand import SITE, House, answer, at, book, number, same, sample, visit, window

HOLD = timedelta(seconds=30)


def most(limit: float, **more) -> Limits:
    return Limits(highest=limit, **more)


def least(limit: float, **more) -> Limits:
    return Limits(lowest=limit, **more)


# -- counts --------------------------------------------------------------------------------------------


def test_one_too_many_is_said_at_once_and_one_that_leaves_the_window_brings_it_back():
    house = House.of(number(Count("arrived", window(60)), most(2)))
    assert house.lines(house.read(visit("arrived", 0, "1"), visit("arrived", 10, "2"))) == []
    assert house.lines(house.read(visit("arrived", 20, "3"))) == [("broken", 20, 3)]
    assert house.lines(house.tick(59.999)) == []
    assert house.lines(house.tick(60)) == [("in_limits", 60, 2)]  # (t − 60, t]: exactly 60 s old is out


def test_a_count_at_its_limit_is_kept_by_at_most_and_broken_by_under():
    kept, broken = most(1), most(1, highest_in=False)
    for limits, said in ((kept, []), (broken, [("broken", 0, 1)])):
        house = House.of(number(Count("arrived", window(60)), limits))
        assert house.lines(house.read(visit("arrived", 0))) == said


def test_too_few_are_said_when_the_window_was_seen_whole_and_all_sources_have_told_all():
    house = House.of(number(Count("arrived", window(60)), least(2)))
    house.numbers.know("n", SITE)
    house.told(0)
    assert house.lines(house.read(visit("arrived", 10))) == []
    assert house.lines(house.tick(300)) == []  # nobody said that nothing happened
    assert house.lines(house.told(59.999)) == []
    assert house.lines(house.told(60)) == [("broken", 60, 1)]  # from 0 on everything was seen


def test_a_group_that_is_new_has_a_whole_window_to_do_enough():
    house = House.of(number(Count("arrived", window(60)), least(2), by=("site", "room")))
    house.told(0)
    house.read(visit("arrived", 500, room="7"))
    house.told(559)
    assert house.lines() == []
    house.told(560)
    assert house.lines() == [("broken", 560, 0)]  # the first has left the window, too


def test_a_retracted_event_and_a_new_label_take_an_episode_back():
    house = House.of(number(Count("arrived", window(60)), most(1), where={"site": ("a",)}))
    house.read(visit("arrived", 0, "1"), visit("arrived", 10, "2"))
    assert house.lines() == [("broken", 10, 2)]
    said = house.read(Retract("desk", "visit", "1", "arrived", at(0)))
    assert house.lines(said) == [("in_limits", 10, None)]
    house.read(visit("arrived", 20, "3"))
    said = house.read(visit("updated", 20, "3", site="b"))  # it is the label of that instant that counts
    assert house.lines(said) == [("in_limits", 20, None)]


def test_the_same_event_again_counts_once():
    house = House.of(number(Count("arrived", window(60)), most(1)))
    house.read(visit("arrived", 0), visit("arrived", 0), visit("arrived", 0, source="kiosk"))
    assert house.lines() == []


def test_a_late_event_moves_the_crossing():
    house = House.of(number(Count("arrived", window(60)), most(1)))
    house.read(visit("arrived", 0, "1"), visit("arrived", 30, "2"))
    said = house.read(visit("arrived", 5, "3"))
    assert house.lines(said) == [("broken", 5, 2)]
    assert house.folded() == [(5, "broken")]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_calendar_window_begins_at_midnight_there_and_midnight_is_in_it(seconds: int):
    midnight = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)  # 00:00 in Bucharest
    zones = Zones(Zone("Europe/Bucharest", 7200))
    house = House.of(number(Count("arrived", Calendar(CalendarUnit.DAY)), most(1), zones=zones))
    first = (midnight - at(0)).total_seconds()
    house.read(visit("arrived", first + seconds, "1"), visit("arrived", first + 5, "2"))
    assert [line.state.value for line in house.said] == ([] if seconds < 0 else ["broken"])


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_zone_of_the_objective_goes_before_that_of_the_calendar(seconds: int):
    midnight = datetime(
        2026, 3, 2, 18, 15, tzinfo=UTC
    )  # 00:00 in Kathmandu, where it is an evening in Bucharest
    zones = Zones(Zone("Europe/Bucharest", 7200))
    day = Calendar(CalendarUnit.DAY)
    goal = Objective(0.9, day, zone=Zone("Asia/Kathmandu", 20_700))
    house = House.of(number(Count("arrived", day), most(1), zones=zones, objective=goal))
    first = (midnight - at(0)).total_seconds()
    house.read(visit("arrived", first + seconds, "1"), visit("arrived", first + 5, "2"))
    assert [line.state.value for line in house.said] == ([] if seconds < 0 else ["broken"])


# -- for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (29.999999, []),
        (30, [("broken", 0, 12), ("in_limits", 30, 9)]),  # out of limits for exactly so long
        (31, [("broken", 0, 12), ("in_limits", 31, 9)]),
    ],
)
def test_out_of_limits_for_so_long_without_a_break(back: float, said: list):
    house = House.of(number(Sampled("queue"), most(10, hold_for=HOLD), of=""))
    house.read(sample(12, 0))
    house.read(sample(9, back))
    assert house.lines() == said


def test_for_goes_by_the_wall_clock_and_the_episode_by_the_crossing():
    house = House.of(number(Sampled("queue"), most(10, hold_for=HOLD), of=""))
    house.read(sample(12, 0))
    assert house.numbers.next_wakeup() == at(30)
    assert house.lines(house.tick(29.999999)) == []
    assert house.lines(house.tick(30)) == [("broken", 0, 12)]


def test_two_label_sets_that_take_turns_are_not_one_long_excursion():
    house = House.of(number(Sampled("queue"), most(10, hold_for=HOLD), of=""))
    house.read(sample(12, 0, desk="1"), sample(9, 0, desk="2"))
    house.read(sample(12, 20, desk="2"))
    house.read(sample(9, 25, desk="1"))
    house.read(sample(9, 45, desk="2"))
    assert house.lines() == []


# -- samples -------------------------------------------------------------------------------------------


def test_a_group_is_broken_while_one_label_set_is_and_shows_the_worst():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(4, 0, desk="1"), sample(11, 1, desk="2"), sample(15, 2, desk="1"))
    house.read(sample(3, 3, desk="2"))
    assert house.lines() == [("broken", 1, 11)]
    now = house.numbers.now("n", SITE, at(3))
    assert now is not None
    assert (now.value, now.limit, now.since) == (15, 10, at(1))
    assert house.lines(house.read(sample(10, 4, desk="1"))) == [("in_limits", 4, 10)]


def test_samples_of_one_instant_that_differ_count_once_and_the_lowest_stands():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(12, 0))
    assert house.lines(house.read(sample(9, 0, source="other"))) == [("in_limits", 0, None)]
    assert house.lines(house.read(sample(12, 0))) == []


def test_a_sample_older_than_the_latest_changes_the_past_only():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(4, 0), sample(5, 60))
    said = house.read(sample(12, 30))
    assert house.lines(said) == [("broken", 30, 12), ("in_limits", 60, 5)]


def test_a_sample_of_the_future_counts_when_its_time_has_come():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(4, 0))
    house.numbers.take(sample(12, 50))
    house.settle()
    assert house.lines() == []
    assert house.lines(house.tick(50)) == [("broken", 50, 12)]


def test_where_by_and_a_grid_go_by_the_labels_of_the_sample():
    grid = Grid("desk", {"vip": most(2)}, most(10))
    house = House.of(number(Sampled("queue"), grid, of="", where={"site": ("a", "b")}, by=("site",)))
    house.read(sample(3, 0, desk="vip"), sample(3, 0, desk="1"), sample(99, 0, site="c", desk="1"))
    assert [(line.group, line.limit) for line in house.said] == [({"site": "a"}, 2)]


def test_a_grid_without_a_row_for_a_sample_does_not_judge_it():
    house = House.of(number(Sampled("queue"), Grid("desk", {"vip": most(2)}), of=""))
    house.read(sample(99, 0, desk="1"))
    assert house.lines() == []
    assert house.numbers.now("n", SITE, at(0)) is None


# -- duties --------------------------------------------------------------------------------------------


def test_a_duty_is_broken_at_due_once_the_source_has_told_all_up_to_it():
    house = House.of(number(Since("arrived"), most(100)))
    house.read(visit("arrived", 0))
    assert house.numbers.next_due("desk") == at(100)
    assert house.lines(house.tick(200)) == []
    assert house.lines(house.told(99.999999)) == []
    assert house.lines(house.told(100)) == [("broken", 100, 100)]
    assert house.lines(house.read(visit("arrived", 150))) == [("in_limits", 150, 0)]


@pytest.mark.parametrize(("done", "kept"), [(99.999999, True), (100, True), (100.000001, False)])
def test_a_duty_done_exactly_at_due_is_done_in_time(done: float, kept: bool):
    house = House.of(number(Since("arrived"), most(100)))
    house.read(visit("arrived", 0), visit("arrived", done, "2"))
    house.told(150)
    assert [state for state, _, _ in house.lines()] == ([] if kept else ["broken", "in_limits"])


def test_a_duty_read_late_takes_the_episode_back():
    house = House.of(number(Since("arrived"), most(100)))
    house.read(visit("arrived", 0))
    house.told(120)
    assert house.lines(house.read(visit("arrived", 90, "2"))) == [("in_limits", 100, None)]


def test_a_duty_that_was_never_done_counts_from_the_beginning_of_judging():
    house = House.of(number(Since("arrived"), most(100)), judge_from=at(50))
    house.numbers.know("n", SITE)
    house.told(149.999999)
    assert house.lines() == []
    house.told(150)
    assert house.lines() == [("broken", 150, 100)]


def test_without_a_beginning_of_judging_it_counts_from_the_first_instant_read_of():
    house = House.of(number(Since("arrived"), most(100)))
    house.numbers.know("n", SITE)
    house.told(130)
    house.told(10)  # read later, and earlier
    house.told(131)
    assert house.folded() == [(110, "broken")]


def test_what_could_have_been_done_out_of_sight_is_not_held_against_anyone():
    house = House.of(number(Since("arrived"), most(100)))
    house.read(visit("arrived", 0))
    house.read(Gap("desk", at(60), at(80)))
    house.told(179.999999)
    assert house.states[("n", SITE)] == [
        (0, "in_limits"),
        (60, "unknown"),
        (80, "in_limits"),
        (100, "unknown"),
    ]
    house.told(180)
    assert house.lines()[-1] == ("broken", 180, 180)


def test_a_duty_of_a_calendar_stands_still_while_it_is_closed():
    hours = open_hours("desk", [(at(0), at(60)), (at(1000), at(2000))])
    house = House.of(number(Since("arrived"), most(100), clock=hours))
    house.read(visit("arrived", 0))
    house.told(1039.999999)
    assert house.lines() == []
    house.told(1040)
    assert house.lines() == [("broken", 1040, 100)]


def test_a_duty_that_is_used_up_at_closing_time_is_broken_then_and_not_at_the_next_opening():
    hours = open_hours("desk", [(at(0), at(60)), (at(1000), at(2000))])
    house = House.of(number(Since("arrived"), most(60), clock=hours))
    house.read(visit("arrived", 0))
    house.told(60)
    assert house.lines() == [("broken", 60, 60)]


def test_for_counts_hours_of_the_clock():
    hours = open_hours("desk", [(at(0), at(20)), (at(1000), at(2000))])
    house = House.of(number(Sampled("queue"), most(10, hold_for=HOLD), of="", clock=hours))
    house.read(sample(12, 0))
    assert house.lines(house.tick(1009.999999)) == []
    assert house.lines(house.tick(1010)) == [("broken", 0, 12)]


# -- statistics, rates, scores, repeats ----------------------------------------------------------------

WAIT = FromTo(("arrived",), ("greeted",))


def test_a_value_counts_at_its_end_event_and_only_the_end_event_gives_one():
    house = House.of(number(Statistic(How.MAX, WAIT, window(60)), most(30)))
    house.read(visit("arrived", 0, "1"), visit("left", 45, "1"), visit("arrived", 0, "2"))
    assert house.lines() == []
    assert house.lines(house.read(visit("greeted", 50, "2"))) == [("broken", 50, 50)]


def test_a_statistic_of_nothing_is_unknown_and_says_so_once_it_was_known():
    house = House.of(number(Statistic(How.MEDIAN, WAIT, window(60)), most(30)))
    house.read(visit("arrived", 0), visit("greeted", 10))
    assert house.lines(house.tick(69.999999)) == []
    assert house.lines(house.tick(70)) == [("unknown", 70, None)]
    house.read(visit("arrived", 80, "2"), visit("greeted", 90, "2"))
    assert house.lines()[-1] == ("in_limits", 90, 10)


def test_an_average_that_time_alone_makes_worse_waits_for_what_is_not_read_yet():
    house = House.of(number(Statistic(How.AVERAGE, WAIT, window(60)), most(30)))
    for id, begin, end in (("1", 0, 10), ("2", 0, 40)):
        house.read(visit("arrived", begin, id), visit("greeted", end, id))
    assert house.lines(house.tick(80)) == []  # the quick one left at 70
    assert house.lines(house.told(69)) == []
    assert house.lines(house.told(70)) == [("broken", 70, 40)]


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (TimeIn("waiting"), 50.0),
        (WAIT, 20.0),
        (Carried("weight", "greeted"), 3.5),
    ],
)
def test_every_measure_of_cases_can_be_summed(measure, value: float):
    house = House.of(number(Statistic(How.SUM, measure, window(1000)), most(0)))
    weighed = structs.replace(visit("greeted", 20), values={"weight": 3.5})
    again = structs.replace(visit("arrived", 60), values={})
    house.read(visit("arrived", 0), weighed, again, visit("finished", 90))
    now = house.numbers.now("n", SITE, at(90))
    assert now is not None
    assert now.value == value


def test_a_statistic_of_times_counts_the_clock_and_leaves_pauses_out():
    hours = open_hours("desk", [(at(0), at(60)), (at(100), at(200))])
    wait = Statistic(How.MAX, FromTo(("opened",), ("solved",)), window(1000))
    house = House.of(number(wait, most(70), of="ticket", clock=hours, pause_while=("pending",)))

    def ticket(event: str, seconds: float, id: str) -> Event:
        return Event("desk", "ticket", id, event, at(seconds), labels={"site": "a"})

    house.read(ticket("opened", 0, "1"), ticket("solved", 110, "1"))  # 60 + 10 of the clock
    assert house.lines() == []
    house.read(ticket("opened", 0, "2"), ticket("pended", 20, "2"), ticket("unpended", 105, "2"))
    house.read(ticket("solved", 150, "2"))  # 20 + 45
    assert house.lines() == []
    house.read(ticket("opened", 0, "3"), ticket("solved", 111, "3"))
    assert house.lines() == [("broken", 111, 71)]


def test_a_score_is_a_value_of_an_inspection():
    def item(name: str, result: str, seconds: float) -> Event:
        labels = {"site": "a", "item": name, "result": result}
        return Event("desk", "inspection", "1", "item", at(seconds), labels=labels)

    standard = number(Statistic(How.AVERAGE, Score(), window(1000)), least(0.9), of="inspection")
    house = House.of(standard)
    house.read(Event("desk", "inspection", "1", "started", at(0), labels={"site": "a"}))
    house.read(item("bed", "pass", 1), item("bath", "fail", 2), item("bar", "na", 3))
    house.read(Event("desk", "inspection", "1", "finished", at(9)))
    assert house.lines() == [("broken", 9, 0.5)]


def test_a_rate_needs_what_it_is_counted_by():
    house = House.of(number(Rate("left", "arrived", window(60)), most(0.5)))
    house.read(visit("left", 0, "1"))
    assert house.states.get(("n", SITE), []) in ([], [(0, "unknown")])
    house.read(visit("arrived", 5, "2"))
    assert house.lines() == [("broken", 5, 1)]


def test_a_rate_of_two_sources_waits_for_the_other_one():
    door = Source("door", {"visit": ("arrived",)})
    desk = Source("desk", {"visit": ("left",)})
    house = House.of(number(Rate("left", "arrived", window(60)), most(0.5)), sources=(door, desk))
    house.read(visit("arrived", 0, "1", "door"), visit("left", 10, "1"))
    assert house.lines() == []
    house.told(9)
    assert house.lines() == []
    house.told(10)
    assert house.lines() == [("broken", 10, 1)]


def test_recommendations_outside_0_to_10_are_counted_as_none():
    house = House.of(number(Nps("nps", "answered", window(60)), least(10), of="survey"))
    house.read(answer(11, 0, "1"), answer(-1, 1, "2"), answer(10, 2, "3"), answer(0, 3, "4"))
    assert house.lines() == [("broken", 3, 0)]
    assert house.numbers.ignored("n") == 2


def test_an_event_without_any_of_the_labels_repeats_nothing():
    house = House.of(number(Repeats("arrived", ("room", "floor"), window(60)), most(1)))
    for place, labels in enumerate(({}, {}, {"room": "7"}, {"floor": "7"}, {"room": "7", "floor": "1"})):
        house.read(visit("arrived", place, str(place), **labels))
    assert house.lines() == []
    assert house.lines(house.read(visit("arrived", 9, "9", floor="7"))) == [("broken", 9, 2)]


# -- who can see ---------------------------------------------------------------------------------------


def test_a_dark_source_makes_the_number_unknown_and_never_fine():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(12, 0))
    house.tick(100)
    assert house.lines(house.dark("desk", dark=True)) == [("unknown", 100, None)]
    house.tick(200)
    assert house.lines(house.dark("desk", dark=False)) == [("broken", 200, 12)]


def test_only_the_sources_a_number_needs_make_it_unknown():
    sources = (Source("desk"), Source("door", {"visit": ("arrived",)}), Source("pit", {SAMPLES: ("queue",)}))
    house = House.of(number(Sampled("queue"), most(10), of=""), sources=sources)
    house.read(sample(4, 0))
    house.tick(5)
    house.dark("door", dark=True)
    assert house.lines() == []
    house.dark("pit", dark=True)  # it declares that it says this sample
    assert house.lines() == [("unknown", 5, None)]


def test_a_source_of_another_site_does_not_matter():
    here, there = Source("here", None, {"site": "a"}), Source("there", None, {"site": "b"})
    house = House.of(number(Since("arrived"), most(100)), sources=(here, there))
    house.read(visit("arrived", 0, source="here"))
    house.dark("there", dark=True)
    assert house.lines() == []
    house.wall = at(150)
    house.sources.advance("here", at(150))
    house.numbers.advanced("here")
    assert house.lines(house.settle()) == [("broken", 100, 100)]


def test_darkness_does_not_break_an_excursion():
    house = House.of(number(Sampled("queue"), most(10, hold_for=HOLD), of=""))
    house.read(sample(12, 0))
    house.tick(10)
    house.dark("desk", dark=True)
    house.tick(20)
    house.dark("desk", dark=False)
    house.tick(30)
    assert house.folded() == [(0, "broken"), (10, "unknown"), (20, "broken")]


def test_a_gap_that_is_told_of_late_makes_what_was_known_unknown():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(4, 0), sample(12, 50), sample(5, 70), sample(4, 100))
    assert house.states[("n", SITE)] == [(0, "in_limits"), (50, "broken"), (70, "in_limits")]
    house.read(Gap("desk", at(60), at(80)))
    assert house.states[("n", SITE)] == [(0, "in_limits"), (50, "broken"), (60, "unknown"), (80, "in_limits")]
    assert same(house.folded(), [(50, "broken"), (60, "unknown"), (80, "in_limits")])
    assert house.lines()[-1] == ("in_limits", 80, 5)


def test_a_source_that_becomes_dark_at_the_instant_of_its_last_sample_leaves_the_number_unknown():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(4, 0))
    house.read(sample(12, 50))
    house.dark("desk", dark=True)
    assert house.folded() == [(50, "unknown")]
    house.dark("desk", dark=False)
    assert house.folded() == [(50, "broken")]


def test_what_a_gap_may_hide_keeps_a_count_from_being_too_low():
    house = House.of(number(Count("arrived", window(60)), least(1)))
    house.numbers.know("n", SITE)
    house.told(0)
    house.read(visit("arrived", 50))
    house.read(Gap("desk", at(100), at(120)))
    house.told(179.999999)
    assert house.lines()[-1:] != [("broken", 120, 0)]
    house.told(180)  # from 120 on everything was seen
    assert house.lines()[-1] == ("broken", 180, 0)


@pytest.mark.parametrize(("told", "said"), [(129.999999, []), (130, [("broken", 100, 100)])])
def test_what_time_alone_broke_must_have_lasted_in_what_the_sources_have_told(told: float, said: list):
    house = House.of(number(Since("arrived"), most(100, hold_for=HOLD)))
    house.read(visit("arrived", 0))
    assert house.numbers.next_due("desk") == at(130)
    house.tick(500)
    assert house.lines(house.told(told)) == said


# -- dates, rules, groups ------------------------------------------------------------------------------


def test_outside_its_dates_a_number_is_unknown():
    dates = Dates(date(2026, 3, 3), date(2026, 3, 4))
    house = House.of(number(Sampled("queue"), most(10), of="", effective=dates))
    house.read(sample(12, 0))
    assert house.lines() == []
    house.tick(2 * 86_400)
    midnight = 15 * 3600.0
    assert house.lines() == [("broken", midnight, 12), ("unknown", midnight + 86_400, None)]


def test_new_limits_judge_from_the_change_on_and_not_what_was_before():
    standard = number(Sampled("queue"), most(10), of="")
    house = House.of(standard)
    house.read(sample(12, 0))
    house.tick(50)
    house.numbers.replace(book(structs.replace(standard, promise=most(20), rules="sha256:2")), at(50))
    assert house.lines(house.settle()) == [("in_limits", 50, 12)]
    house.read(sample(15, 10))  # late, and before the change
    assert house.folded() == [(0, "broken"), (50, "in_limits")]
    house.read(sample(21, 60))
    assert house.said[-1].rules == "sha256:2"


def test_a_standard_that_is_gone_leaves_no_episode_open():
    house = House.of(number(Sampled("queue"), most(10), of=""))
    house.read(sample(12, 0))
    house.tick(50)
    house.numbers.replace(book(), at(50))
    assert house.lines(house.settle()) == [("unknown", 50, None)]
    assert house.states[("n", SITE)][-1] == (50, "unknown")


def test_a_new_measure_knows_nothing_of_what_was_before():
    standard = number(Count("arrived", window(60)), least(2))
    house = House.of(standard)
    house.read(visit("arrived", 0), visit("arrived", 1, "2"))
    other = structs.replace(standard, measure=Count("greeted", window(60)), rules="sha256:2")
    house.tick(50)
    house.numbers.replace(book(other), at(50))
    house.numbers.know("n", SITE)
    house.told(109)
    assert house.lines() == []
    house.told(110)
    assert house.lines() == [("broken", 110, 0)]


def test_a_group_of_which_everything_was_taken_back_is_gone():
    house = House.of(number(Count("arrived", window(60)), most(0)))
    house.read(visit("arrived", 0, "1", site="b"))
    assert house.lines() == [("broken", 0, 1)]
    said = house.read(visit("updated", 0, "1", site="a"))
    assert sorted((e.group["site"], e.state.value) for e in said) == [("a", "broken"), ("b", "unknown")]
    assert house.numbers.now("n", (("site", "b"),), at(0)) is None


def test_one_group_for_all_is_there_from_the_beginning():
    house = House.of(number(Since("arrived"), most(100), by=()))
    house.told(0)
    house.told(100)
    assert house.lines() == [("broken", 100, 100)]


def test_a_round_has_to_be_done_in_each_site_of_the_configuration_that_a_source_speaks_for():
    standard = number(Since("done"), most(100), of="duty", where={"round": ("kitchen",), "site": ("!c",)})
    house = House.of(standard, sources=(Source("a", None, {"site": "a"}), Source("c", None, {"site": "c"})))
    house.numbers.know_sites(["a", "b", "c"])
    house.told(0)
    house.told(100)
    assert [(line.group, line.state.value) for line in house.said] == [({"site": "a"}, "broken")]
