"""A simulated source through restarts and silences: honest about what it did not see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.drivers.sim_traffic import Traffic
from standardsd.drivers.sim_watch import Watch
from standardsd.model.reading import Event, Gap, Reading, Sample

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRAFFIC = Traffic("sim", "contact_center", 7, 144.0, 1.0, starts_at=10.0, labels=(("site", "vienna"),))
moments = st.lists(st.integers(1, 60_000), min_size=1, max_size=12)  # milliseconds between looks


def instants(steps: list[int]) -> list[datetime]:
    at, found = NOON, []
    for step in steps:
        at += timedelta(milliseconds=step)
        found.append(at)
    return found


@settings(max_examples=40)
@given(moments)
def test_events_come_in_order_never_from_the_future_and_each_once(steps: list[int]) -> None:
    watch = Watch(TRAFFIC)
    assert watch.open(NOON, new_day=True) == [counted(0, NOON)]
    told: list[Event] = []
    for before, now in pairwise([NOON, *instants(steps)]):
        said = watch.tell(now)
        assert [reading.at for reading in said] == sorted(reading.at for reading in said)
        events = [reading for reading in said if isinstance(reading, Event)]
        assert all(before < event.at <= now for event in events)
        assert watch.told_until == now
        told += events
    assert [event.at for event in told] == sorted(event.at for event in told)
    assert len({(event.id, event.event, event.at) for event in told}) == len(told)


@settings(max_examples=40)
@given(moments)
def test_whoever_waits_is_counted_at_each_change_and_anew_after_each_silence(steps: list[int]) -> None:
    """By hand, from the events alone: of those that were seen to come, how many have not been answered."""
    watch = Watch(TRAFFIC)
    said = watch.open(NOON, new_day=True)
    for place, now in enumerate(instants(steps)):
        said += watch.open(now, new_day=False) if place % 3 == 2 else watch.tell(now)
    waiting: set[str] = set()
    seen = 0
    for reading in said:
        if isinstance(reading, Event) and reading.event == "queued":
            waiting.add(reading.id)
        elif isinstance(reading, Event) and reading.event in ("answered", "abandoned", "diverted"):
            waiting.discard(reading.id)
        elif isinstance(reading, Gap):
            shown = {
                r.id for r in said if isinstance(r, Event) and r.event == "updated" and r.at == reading.until
            }
            waiting &= shown  # the others ended meanwhile, out of sight
        elif isinstance(reading, Sample):
            assert reading == counted(len(waiting), reading.at)
            seen += 1
    assert seen >= 1


def counted(waiting: int, at: datetime) -> Sample:
    return Sample("sim", "calls_waiting", at, float(waiting), dict(TRAFFIC.labels))


@settings(max_examples=40)
@given(moments)
def test_how_often_it_is_asked_changes_nothing(steps: list[int]) -> None:
    often, once = Watch(TRAFFIC), Watch(TRAFFIC)
    often.open(NOON, new_day=True)
    once.open(NOON, new_day=True)
    looks = instants(steps)
    assert [event for now in looks for event in often.tell(now)] == once.tell(looks[-1])


def test_the_next_event_is_known_before_it_happens() -> None:
    watch = Watch(TRAFFIC)
    watch.open(NOON, new_day=True)
    for _ in range(200):
        next_at = watch.next_at()
        assert next_at is not None
        assert watch.tell(next_at - timedelta(microseconds=1)) == []
        assert watch.tell(next_at)[0].at == next_at


def run(spans: list[tuple[int, int]]) -> tuple[list[Reading], list[tuple[datetime, datetime]]]:
    """Listens for (seconds), is away for (seconds), again and again, restarted from its cursor each time."""
    cursor, now = None, NOON
    readings: list[Reading] = []
    away: list[tuple[datetime, datetime]] = []
    for listening, silent in spans:
        watch = Watch(TRAFFIC, cursor)
        readings += watch.open(now, new_day=True)
        for _ in range(listening):
            now += timedelta(seconds=1)
            readings += watch.tell(now)
        cursor = watch.cursor()
        away.append((now, now + timedelta(seconds=silent)))
        now += timedelta(seconds=silent)
    return readings, away[:-1]


absences = st.lists(st.tuples(st.integers(1, 120), st.integers(1, 300)), min_size=2, max_size=5)


@settings(max_examples=20)
@given(absences)
def test_a_restart_says_what_it_lost_sight_of_and_doubles_nothing(spans: list[tuple[int, int]]) -> None:
    readings, away = run(spans)
    gaps = [reading for reading in readings if isinstance(reading, Gap)]
    assert [(gap.since, gap.until) for gap in gaps] == away
    events = [reading for reading in readings if isinstance(reading, Event)]
    began = [event.id for event in events if event.event in ("queued", "opened")]
    assert len(began) == len(set(began)), "an interaction began twice"
    assert {event.id for event in events} == set(began), "an interaction nobody saw begin was spoken of"
    for event in events:
        inside = [(since, until) for since, until in away if since < event.at < until]
        assert not inside, "an event inside a gap was told with its instant, though nobody could see it"


@settings(max_examples=20)
@given(absences)
def test_what_is_open_after_a_gap_is_shown_and_told_as_somewhere_inside(spans: list[tuple[int, int]]) -> None:
    readings, away = run(spans)
    events = [reading for reading in readings if isinstance(reading, Event)]
    ending = {"ended", "abandoned", "diverted", "closed"}
    for since, until in away:
        shown = {e.id for e in events if e.event == "updated" and e.at == until}
        later = {e.id for e in events if e.at > until and e.id in {o.id for o in events if o.at <= since}}
        assert later <= shown, "something went on after the gap without having been shown at its end"
        assert not {e.id for e in events if e.event in ending and e.at <= until} & shown
        meanwhile = [e for e in events if e.not_before is not None and e.at == until]
        assert all(e.not_before == since and e.id in shown for e in meanwhile)
        for one in shown:  # what happened meanwhile comes before the look around, in its old order
            orders = [e.seq for e in events if e.id == one and e.at == until]
            assert orders == sorted(orders)


def test_a_source_told_with_other_settings_is_only_blind() -> None:
    watch = Watch(TRAFFIC)
    watch.open(NOON, new_day=True)
    assert watch.tell(NOON + timedelta(minutes=1))
    other = Traffic("sim", "contact_center", 8, 144.0, 1.0, starts_at=10.0)
    again = Watch(other, watch.cursor())
    later = NOON + timedelta(minutes=2)
    gap = Gap("sim", since=NOON + timedelta(minutes=1), until=later)
    assert again.open(later, new_day=True) == [gap, Sample("sim", "calls_waiting", later, 0.0)]


def test_a_clock_that_goes_back_makes_it_wait() -> None:
    watch = Watch(TRAFFIC)
    watch.open(NOON, new_day=True)
    watch.tell(NOON + timedelta(minutes=1))
    cursor = watch.cursor()
    assert watch.tell(NOON) == []
    assert watch.open(NOON + timedelta(seconds=30), new_day=False) == []
    assert watch.cursor() == cursor


def test_a_new_start_begins_a_new_day_and_a_pause_does_not() -> None:
    """Read from what it says: at 03:00 a contact center gets a sixteenth of its calls of 10:00."""
    busy = Traffic("sim", "contact_center", 7, 144.0, 20.0, starts_at=10.0)
    night = NOON + timedelta(minutes=7)  # 17 simulated hours after 10:00

    def calls_after(*, new_day: bool) -> int:
        watch = Watch(busy)
        watch.open(NOON, new_day=True)
        watch.open(night, new_day=new_day)
        told = watch.tell(night + timedelta(seconds=20))
        return len({event.id for event in told if isinstance(event, Event) and event.event == "queued"})

    assert 150 < calls_after(new_day=True) < 270  # 207 expected
    assert 2 < calls_after(new_day=False) < 30  # 13 expected
