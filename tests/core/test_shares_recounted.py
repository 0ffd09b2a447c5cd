"""Shares, burn rates and alerts against a recount from the log of verdicts, hour by hour.

The recount knows no list of instants, no boundary found ahead and no wake-up: at every hour it
goes through all that was ever said, and asks of each verdict whether it lies in the window.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

import msgspec
import pytest

from standardsd.core.checkpoint import FORMAT
from standardsd.core.figures import Figures, packed, unpacked
from standardsd.language.zones import zone
from standardsd.model.clock import Always, OpenHours, open_hours
from standardsd.model.decision import AlertState, Reason, Verdict
from standardsd.model.measure import Calendar, CalendarUnit, Rolling
from standardsd.model.objective import AlertRule, BurnPair, Condition, Objective, Target
from standardsd.model.standard import Standard
from standardsd.model.zone import Zones
from tests.core.books import Desk, greeting

HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 3, 26, 0, 0, tzinfo=UTC)  # clocks go on three days later
HOURS = 24 * 6
WORDS = (Verdict.MET, Verdict.MET, Verdict.MET, Verdict.BREACHED, Verdict.EXCLUDED, Verdict.INDETERMINATE)

SHOP = open_hours(
    "shop",
    [
        (day + timedelta(hours=9), day + timedelta(hours=17))
        for day in (BEGIN + timedelta(days=n) for n in range(-12, 12))
        if day.weekday() < 6
    ],
)
PAIRS = (
    BurnPair(0.02, 3 * HOUR, HOUR, 2.0),
    BurnPair(0.1, 24 * HOUR, 6 * HOUR, 1.2),
)
OBJECTIVES = {
    "rolling": Objective(0.75, Rolling(24 * HOUR), min_count=3),
    "a short one": Objective(0.5, Rolling(3 * HOUR)),
    "day": Objective(0.7, Calendar(CalendarUnit.DAY), min_count=2),
    "week": Objective(0.75, Calendar(CalendarUnit.WEEK)),
    "days in a row": Objective(0.75, Calendar(CalendarUnit.DAY), min_count=3, periods=2),
    "dated": Objective(
        0.9,
        Rolling(24 * HOUR),
        targets=(Target(datetime(2026, 3, 29).date(), 0.6), Target(datetime(2026, 3, 31).date(), 0.8)),
    ),
}


class Recount:
    """``log``: the last word on each visit: (verdict, reason, at, site)."""

    def __init__(self, standard: Standard) -> None:
        self.log: dict[str, tuple[Verdict | None, Reason | None, datetime, str]] = {}
        self._standard = standard

    def count(self, site: str, inside: Callable[[datetime], bool], *words: Verdict) -> int:
        return sum(v in words and s == site and inside(at) for v, _, at, s in self.log.values())

    def share(self, site: str, inside: Callable[[datetime], bool]) -> tuple[int, int]:
        return (
            self.count(site, inside, Verdict.MET),
            self.count(site, inside, Verdict.MET, Verdict.BREACHED),
        )

    def window(self, now: datetime) -> Callable[[datetime], bool]:
        objective = self._standard.objective
        assert objective is not None
        if isinstance(objective.over, Rolling):
            length = objective.over.length
            return lambda at: now - length < at <= now
        name = self._name_of(now)
        return lambda at: at <= now and self._name_of(at) == name

    def target(self, day: datetime) -> Fraction | None:
        objective = self._standard.objective
        assert objective is not None
        share = objective.at_least
        for target in objective.targets:  # in order of their days
            if target.since <= day.astimezone(BERLIN).date():
                share = target.at_least
        return None if share is None else Fraction(str(share))

    def below(self, site: str, now: datetime) -> bool | None:
        objective = self._standard.objective
        assert objective is not None
        if objective.periods == 1:
            return self._fails(site, self.window(now), self.target(now))
        day, run = now, 0
        while run < objective.periods:
            name = self._name_of(day)
            while self._name_of(day) == name:
                day -= HOUR / 2
            failed = self._fails(
                site, lambda at, day=day: self._name_of(at) == self._name_of(day), self.target(day)
            )
            if not failed:
                return failed
            run += 1
        return True

    def _fails(self, site: str, inside: Callable[[datetime], bool], target: Fraction | None) -> bool | None:
        objective = self._standard.objective
        assert objective is not None
        met, counted = self.share(site, inside)
        if target is None:
            return False
        return Fraction(met, counted) < target if counted >= objective.min_count else None

    def burn(self, site: str, now: datetime, length: timedelta) -> Fraction | None:
        """Breach share ÷ budget over so many hours of the clock; no verdict burns nothing."""
        target = self.target(now)
        assert target is not None
        clock = self._standard.clock

        def inside(at: datetime) -> bool:
            if isinstance(clock, OpenHours):
                return at <= now and _opened(now) - _opened(at) < length
            return now - length < at <= now

        met, counted = self.share(site, inside)
        return Fraction(counted - met, counted or 1) / (1 - target)

    def burning(self, site: str, now: datetime) -> bool:
        return any(
            all(
                self.burn(site, now, length) > Fraction(str(pair.factor))
                for length in (pair.long, pair.short)
            )  # type: ignore[operator]
            for pair in self._standard.alert.burn
        )

    def _name_of(self, at: datetime) -> tuple[int, ...]:
        objective = self._standard.objective
        assert objective is not None and isinstance(objective.over, Calendar)
        day = at.astimezone(BERLIN).date()
        if objective.over.unit is CalendarUnit.WEEK:
            return tuple(day.isocalendar()[:2])
        return (day.year, day.month, day.day)


def _is_open(at: datetime) -> bool:
    return at.weekday() < 6 and 9 <= at.hour < 17


@cache
def _opened(at: datetime) -> timedelta:
    """Open time since long ago, hour by hour."""
    since = BEGIN - timedelta(days=12)
    return HOUR * sum(_is_open(since + n * HOUR) for n in range((at - since) // HOUR))


class Lives:
    """Alerts as the language says: inactive → pending (``for``) → firing → resolved; unknown moves nothing."""

    def __init__(self, hold_for: timedelta) -> None:
        self._hold_for = hold_for
        self._states: dict[tuple[str, Condition], tuple[AlertState, datetime]] = {}
        self.said: list[tuple[datetime, str, Condition, AlertState]] = []

    def look(self, site: str, condition: Condition, so: bool | None, now: datetime) -> None:
        state, since = self._states.get((site, condition), (AlertState.INACTIVE, now))
        after = state
        if so and state in (AlertState.INACTIVE, AlertState.RESOLVED):
            after, since = AlertState.PENDING, now
        if so is False and state is AlertState.PENDING:
            after, since = AlertState.INACTIVE, now
        if so is False and state is AlertState.FIRING:
            after, since = AlertState.RESOLVED, now
        if so and after is AlertState.PENDING and now - since >= self._hold_for:
            after, since = AlertState.FIRING, now
        if after is not state:
            self.said.append((now, site, condition, after))
        self._states[site, condition] = (after, since)


def happenings(rng: random.Random) -> Iterator[tuple[int, str, Verdict | None, Reason | None, datetime, str]]:
    """(hour at which it is heard, visit, verdict, reason, at, site): some late, some ahead, some amended."""
    visits = 0
    for hour in range(HOURS):
        for _ in range(rng.choice((0, 0, 1, 1, 2, 4))):
            heard = BEGIN + hour * HOUR
            late = rng.choice((0, 0, 0, 0, 1, 5, 30, 60, -2)) * HOUR
            word = rng.choice(WORDS)
            reason = Reason.WAIVED if word is Verdict.EXCLUDED and rng.random() < 0.5 else None
            site = rng.choice(("here", "here", "there"))
            if visits and rng.random() < 0.25:
                if rng.random() < 0.2:
                    word = reason = None  # type: ignore[assignment]
                yield hour, f"v{rng.randrange(max(0, visits - 30), visits)}", word, reason, heard - late, site
            else:
                visits += 1
                yield hour, f"v{visits - 1}", word, reason, heard - late, site


CLOCKS = [
    ("rolling", "always"), ("rolling", "shop"), ("a short one", "always"), ("day", "shop"), ("week", "always"),
    ("days in a row", "shop"), ("dated", "always"),
]  # fmt: skip


@pytest.mark.parametrize(("goal", "clock"), CLOCKS)
def test_at_every_hour_all_is_as_a_recount_of_the_log_says(goal: str, clock: str) -> None:
    rng = random.Random(f"{goal} {clock}")
    hold_for = rng.choice((0, 0, 2)) * HOUR
    standard = greeting(
        objective=OBJECTIVES[goal],
        alert=AlertRule(on=(Condition.OBJECTIVE, Condition.BURN), burn=PAIRS, hold_for=hold_for),
        zones=Zones(zone("Europe/Berlin")),
        clock=SHOP if clock == "shop" else Always(),
        settle=rng.choice((0, 5)) * HOUR,
    )
    desk, recount, lives = Desk(standard), Recount(standard), Lives(hold_for)
    by_hour: dict[int, list[tuple[str, Verdict | None, Reason | None, datetime, str]]] = {}
    for hour, *rest in happenings(rng):
        by_hour.setdefault(hour, []).append(tuple(rest))  # type: ignore[arg-type]
    sites: set[str] = set()

    def look(now: datetime) -> None:
        for site in sorted(sites):
            lives.look(site, Condition.OBJECTIVE, recount.below(site, now), now)
            lives.look(site, Condition.BURN, recount.burning(site, now), now)

    for hour in range(HOURS):
        now = BEGIN + hour * HOUR
        desk.to(now)
        look(now)
        for case, word, reason, at, site in by_hour.get(hour, ()):
            if word is None and case not in recount.log:
                continue
            desk.hear(now, case, word, at, site=site, reason=reason)
            recount.log[case] = (word, reason, at, site)
            sites.add(site)
            look(now)
        for site in sites:
            compare(desk, recount, site, now)
    told = [(a.at, a.group["site"], a.condition, a.state) for a in desk.said]
    assert sorted(told) == sorted(lives.said)
    fired = {condition for _, _, condition, state in told if state is AlertState.FIRING}
    assert fired, "no alert fired: this proves nothing"


def compare(desk: Desk, recount: Recount, site: str, now: datetime) -> None:
    group, inside = desk.now(now, site), recount.window(now)
    met, counted = recount.share(site, inside)
    assert group.counted == counted
    objective = desk.standard.objective
    assert objective is not None
    known = counted >= objective.min_count
    assert group.kept_ratio == (float(Fraction(met, counted)) if known else None)
    assert group.excluded == recount.count(site, inside, Verdict.EXCLUDED)
    waived = [at for _, reason, at, s in recount.log.values() if reason is Reason.WAIVED and s == site]
    assert group.waived == sum(map(inside, waived))
    assert group.indeterminate == recount.count(site, inside, Verdict.INDETERMINATE)
    target = recount.target(now)
    assert target is not None and group.target == float(target)
    remaining = 1 - (1 - Fraction(met, counted)) / (1 - target) if known else None
    assert group.budget_remaining == (
        None if remaining is None else pytest.approx(float(remaining), abs=1e-12)
    )
    rates = [(burn.window, burn.rate) for burn in group.burn]
    lengths = {"1h": HOUR, "3h": 3 * HOUR, "6h": 6 * HOUR, "24h": 24 * HOUR}
    assert rates == [(n, pytest.approx(float(recount.burn(site, now, w)))) for n, w in lengths.items()]  # type: ignore[arg-type]
    young = now - desk.standard.settle
    settled = recount.share(site, lambda at: inside(at) and at > young)[1]
    assert group.provisional == (settled if desk.standard.settle else 0)
    assert (group.state == "broken") == bool(recount.below(site, now) or _recent_breach(desk, site))


def _recent_breach(desk: Desk, site: str) -> bool:
    figures = desk.aggregator.figures[(desk.standard.id, (("site", site),))]
    return bool(figures.evidence)


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_the_same_after_a_checkpoint(seed: int) -> None:
    rng = random.Random(seed)
    desk = Desk(greeting(objective=OBJECTIVES["rolling"]))
    for hour, case, word, reason, at, site in happenings(rng):
        if word is not None or case in desk.last:
            desk.hear(BEGIN + hour * HOUR, case, word, at, site=site, reason=reason)
    for figures in desk.aggregator.figures.values():
        blob = msgspec.msgpack.encode(figures, enc_hook=packed)
        again = msgspec.msgpack.decode(blob, type=Figures, dec_hook=unpacked)
        assert msgspec.msgpack.encode(again, enc_hook=packed) == blob
        assert list(again.verdicts.met) == list(figures.verdicts.met)
        assert len(again.verdicts.met) > 10
    assert FORMAT > 1, "a checkpoint of before must not be read"
