"""Numbers recounted by hand: at every whole second, from all that was said, without remembering anything.

Slow and simple on purpose, and nothing of the judge's own arithmetic is used.  Every instant of a trace is
a whole second, so a state cannot change in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import msgspec

from standardsd.core.history import History
from standardsd.core.numbers import Numbers
from standardsd.core.numbers.saved import SavedNumbers
from standardsd.core.sight import Sources
from standardsd.model.decision import Episode
from standardsd.model.measure import NumberMeasure, Rolling
from standardsd.model.promise import Limits
from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark, instants
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook, Standard
from standardsd.model.vocabulary import VOCABULARY

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITE = (("site", "a"),)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def second(instant: datetime) -> float:
    return (instant - NINE).total_seconds()


LONG_AGO = at(-100_000)


def window(seconds: float) -> Rolling:
    return Rolling(timedelta(seconds=seconds))


def number(
    measure: NumberMeasure, limits: Limits, id: str = "n", of: str = "visit", **more: object
) -> Standard:
    return Standard(
        id=id, title=id, of=of, measure=measure, promise=limits, rules="sha256:1", set="s", **more
    )  # type: ignore[arg-type]


def book(*standards: Standard) -> RuleBook:
    return RuleBook(standards, VOCABULARY, (), "-".join(s.id + s.rules for s in standards))


def visit(event: str, seconds: float, id: str = "1", source: str = "desk", **labels: str) -> Event:
    return Event(source, "visit", id, event, at(seconds), labels={"site": "a"} | labels)


def answer(value: float, seconds: float, id: str = "1", source: str = "desk") -> Event:
    return Event(source, "survey", id, "answered", at(seconds), labels={"site": "a"}, values={"nps": value})


def sample(value: float, seconds: float, source: str = "desk", **labels: str) -> Sample:
    return Sample(source, "queue", at(seconds), value, {"site": "a"} | labels)


@dataclass
class House:
    """The judge's part that is about numbers, and what it said; the wall clock is the greatest instant read."""

    numbers: Numbers
    sources: Sources
    histories: dict[tuple[str, str], History] = field(default_factory=dict)
    said: list[Episode] = field(default_factory=list)
    states: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, str]]] = field(
        default_factory=dict
    )
    wall: datetime = LONG_AGO

    @classmethod
    def of(
        cls, *standards: Standard, sources: tuple[Source, ...] = (Source("desk"),), **settings: object
    ) -> House:
        seen = Sources(sources)
        seen.listening(NINE)
        numbers = Numbers(seen, **settings)  # type: ignore[arg-type]
        numbers.replace(book(*standards))
        return cls(numbers, seen)

    def read(self, *readings: Reading) -> list[Episode]:
        """One batch."""
        self.wall = max([self.wall, *(instant for reading in readings for instant in instants(reading))])
        touched: dict[tuple[str, str], None] = {}
        for reading in readings:
            match reading:
                case Event() | Retract():
                    key = (reading.kind, reading.id)
                    history = self.histories.setdefault(key, History.empty())
                    changed = history.add(reading) if isinstance(reading, Event) else history.retract(reading)
                    if changed:
                        touched[key] = None
                case Watermark():
                    self.sources.advance(reading.source, reading.at)
                case Gap():
                    self.sources.add_gap(reading)
            self.numbers.take(reading)
            if isinstance(reading, Watermark):
                self.numbers.advanced(reading.source)
        for key in touched:
            self.numbers.see(key, self.histories[key])
        return self.settle()

    def tick(self, seconds: float) -> list[Episode]:
        """The wall clock moves on, with a look at every instant it was asked to look at."""
        said: list[Episode] = []
        while (wake := self.numbers.next_wakeup()) is not None and wake <= at(seconds):
            self.wall = max(self.wall, wake)
            said += self.settle()
            assert (following := self.numbers.next_wakeup()) is None or following > wake
        self.wall = max(self.wall, at(seconds))
        return said + self.settle()

    def told(self, seconds: float) -> list[Episode]:
        """Every source has told all up to then."""
        return self.read(*(Watermark(name, at(seconds)) for name in self.sources.specs))

    def restart(self, *standards: Standard, **settings: object) -> None:
        """From a checkpoint; nothing is said because of it."""
        saved = msgspec.msgpack.encode(self.numbers.dump())
        self.numbers = Numbers(self.sources, **settings)  # type: ignore[arg-type]
        self.numbers.replace(book(*standards))
        self.numbers.load(msgspec.msgpack.decode(saved, type=SavedNumbers))
        assert self.settle() == []

    def dark(self, source: str, *, dark: bool) -> list[Episode]:
        self.sources.states[source].dark = dark
        self.numbers.touch_all()
        return self.settle()

    def settle(self) -> list[Episode]:
        said = self.numbers.settle(self.wall)
        self.said += said
        for told in self.numbers.drain():
            known = self.states.setdefault((told.standard.id, told.group), [])
            if told.changes:
                first = second(told.changes[0][0])
                known[:] = [entry for entry in known if entry[0] < first]
                for instant, state in told.changes:
                    if not known or known[-1][1] != state.value:
                        known.append((second(instant), state.value))
        return said

    def lines(self, said: list[Episode] | None = None) -> list[tuple[str, float, float | None]]:
        return [(e.state.value, second(e.at), e.value) for e in (self.said if said is None else said)]

    def folded(
        self, standard: str = "n", group: tuple[tuple[str, str], ...] = SITE
    ) -> list[tuple[float, str]]:
        """What a reader of the lines takes for true in the end."""
        known: list[tuple[float, str]] = []
        for line in self.said:
            if (line.standard, line.group) == (standard, dict(group)):
                known = [entry for entry in known if entry[0] < second(line.at)]
                if not known or known[-1][1] != line.state.value:
                    known.append((second(line.at), line.state.value))
        return known


# -- by hand -------------------------------------------------------------------------------------------


def nearest_rank(values: list[float], percent: int) -> float:
    """The smallest value that at least p % of all do not exceed."""
    for value in sorted(values):
        if Fraction(sum(v <= value for v in values), len(values)) >= Fraction(percent, 100):
            return value
    raise AssertionError(values)


def average(values: list[float]) -> float:
    return float(sum(map(Fraction, values)) / len(values))


def total(values: list[float]) -> float:
    return float(sum(map(Fraction, values)))


def commonest(values: list[object]) -> float:
    return float(max(Counter(values).values(), default=0))


def promoters(values: list[float]) -> float:
    return 100 * (sum(v >= 9 for v in values) - sum(v <= 6 for v in values)) / len(values)


def states_by_hand(
    value_at: Callable[[int], tuple[float | None, bool | None]],
    first: int,
    until: int,
    hold: int,
    read: Collection[float] = (),
) -> list[tuple[float, str]]:
    """``value_at``: the number in a second and whether it is kept; changes of state from ``first`` to ``until``.

    ``read``: when something was read that is part of the number.
    """
    kept = {t: value_at(t)[1] for t in range(first, until + 1)}
    word = {True: "in_limits", False: "broken", None: "unknown"}
    states: list[tuple[float, str]] = []
    for t in range(first, until + 1):
        state = word[kept[t]]
        if kept[t] is False:
            begin, end = t, t
            while begin - 1 in kept and kept[begin - 1] is False:
                begin -= 1
            while end in kept and kept[end] is False:
                end += 1
            # a run that goes on counts once ``until`` is so far away, one that is over if it lasted so long
            lasted = (until if end > until else end) - begin
            if lasted < hold:
                state = "in_limits" if begin in read or kept.get(begin - 1) else "unknown"
        if not states or states[-1][1] != state:
            states.append((float(t), state))
    return states


def audible(states: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Without the beginning that is not said."""
    words = [state for _, state in states]
    if words[:1] == ["broken"]:
        return states
    return states[2:] if words[:2] == ["unknown", "in_limits"] else states[1:]


def same(one: list[tuple[float, str]], other: list[tuple[float, str]]) -> bool:
    """Whether both say the same at every instant; nothing said is as the silent beginning."""

    def word(states: list[tuple[float, str]], t: float) -> str:
        return next((state for since, state in reversed(states) if since <= t), "")

    begun = False
    for t in sorted({since for since, _ in (*one, *other)}):
        a, b = word(one, t), word(other, t)
        begun = begun or bool(a and b)
        if a != b and (begun or "broken" in (a, b)):
            return False
    return True


def ranked(percent: int) -> Callable[[list[float]], float]:
    return lambda values: nearest_rank(values, percent)
