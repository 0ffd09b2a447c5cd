"""What lies in a window, kept so that one more or one less changes the number at once, and exactly.

Nothing is ever estimated.  Sums are kept as whole numbers of the smallest step a float can have, so that
what was added and taken away again leaves nothing behind, and the order of reading has no say.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Protocol

from standardsd.model.measure import Count, How, Nps, Rate, Repeats, Statistic

What = float | tuple[str, ...]
"""What a contribution says: a value, or the combination of labels it belongs to."""

PROMOTERS_FROM, DETRACTORS_TO = 9.0, 6.0
SCORES = (0.0, 10.0)
"""A recommendation is asked for from 0 to 10; what lies outside is none."""


class Bag(Protocol):
    """Contributions of one window.  What is taken out has been put in before."""

    def add(self, what: What) -> None: ...

    def remove(self, what: What) -> None: ...

    def value(self) -> float | None:
        """The number now; None: nothing says what it is."""
        ...

    def __len__(self) -> int: ...


class _Counted:
    """How many there are; what they say does not matter."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def __len__(self) -> int:
        return self.count


class Tally(_Counted):
    """How many."""

    __slots__ = ()

    def add(self, what: What) -> None:
        self.count += 1

    def remove(self, what: What) -> None:
        self.count -= 1

    def value(self) -> float | None:
        return float(self.count)


EVENT, PER = 1.0, 0.0
"""What a rate is told of: the event, and the one it is counted by."""


class Ratio(_Counted):
    """How many for each ``per``; unknown without any."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        super().__init__()
        self.events = 0

    def add(self, what: What) -> None:
        self.count += 1
        self.events += what == EVENT

    def remove(self, what: What) -> None:
        self.count -= 1
        self.events -= what == EVENT

    def value(self) -> float | None:
        per = self.count - self.events
        return self.events / per if per else None


class Votes(_Counted):
    """Net promoter score, −100 … 100; unknown without an answer.  Only answers from 0 to 10 are put in."""

    __slots__ = ("net",)

    def __init__(self) -> None:
        super().__init__()
        self.net = 0

    def add(self, what: What) -> None:
        self.count += 1
        self.net += _vote(what)

    def remove(self, what: What) -> None:
        self.count -= 1
        self.net -= _vote(what)

    def value(self) -> float | None:
        return 100 * self.net / self.count if self.count else None


def _vote(what: What) -> int:
    assert isinstance(what, float), what
    return (what >= PROMOTERS_FROM) - (what <= DETRACTORS_TO)


class Combinations(_Counted):
    """How often the commonest combination came; 0 when nothing did."""

    __slots__ = ("_how_many", "_times", "worst")

    def __init__(self) -> None:
        super().__init__()
        self._times: dict[What, int] = {}
        self._how_many: dict[int, int] = {}  # times → combinations that came so often
        self.worst = 0

    def add(self, what: What) -> None:
        self.count += 1
        times = self._move(what, 1)
        self.worst = max(self.worst, times)

    def remove(self, what: What) -> None:
        self.count -= 1
        self._move(what, -1)
        if not self._how_many.get(self.worst):
            self.worst -= 1  # the last that came so often came once less now

    def _move(self, what: What, by: int) -> int:
        before = self._times.get(what, 0)
        after = before + by
        for times, change in ((before, -1), (after, 1)):
            if times:
                many = self._how_many.get(times, 0) + change
                self._how_many[times] = many
                if not many:
                    del self._how_many[times]
        if after:
            self._times[what] = after
        else:
            del self._times[what]
        return after

    def value(self) -> float | None:
        return float(self.worst)


_SCALE = 1074
"""A float is a whole number of 2⁻¹⁰⁷⁴, the smallest step there is."""


class Total(_Counted):
    """Sum or average, rounded once at the very end; an average of nothing is unknown, a sum of nothing is 0."""

    __slots__ = ("_average", "_sum")

    def __init__(self, *, average: bool) -> None:
        super().__init__()
        self._average = average
        self._sum = 0

    def add(self, what: What) -> None:
        self.count += 1
        self._sum += _whole(what)

    def remove(self, what: What) -> None:
        self.count -= 1
        self._sum -= _whole(what)

    def value(self) -> float | None:
        if self._average and not self.count:
            return None
        try:
            return self._sum / ((self.count if self._average else 1) << _SCALE)
        except OverflowError:  # greater than a float can be: nobody can be told how much
            return None


def _whole(what: What) -> int:
    assert isinstance(what, float), what
    numerator, denominator = what.as_integer_ratio()
    return numerator << (_SCALE + 1 - denominator.bit_length())


class Ranks:
    """Values in order, eight bytes each: of a hundred thousand, one more moves half a megabyte at most."""

    __slots__ = ("_percent", "_values")

    def __init__(self, percent: int) -> None:
        self._percent = percent
        self._values = array("d")

    def __len__(self) -> int:
        return len(self._values)

    def add(self, what: What) -> None:
        assert isinstance(what, float), what
        self._values.insert(bisect_left(self._values, what), what)

    def fill(self, values: list[float]) -> None:
        """All at once, in any order."""
        self._values = array("d", sorted((*self._values, *values)))

    def remove(self, what: What) -> None:
        assert isinstance(what, float), what
        place = bisect_left(self._values, what)
        assert self._values[place] == what, f"{what} was never put in"
        del self._values[place]

    def value(self) -> float | None:
        """Nearest rank: the smallest value such that at least p % of all are not greater; None of nothing."""
        if not self._values:
            return None
        return self._values[nearest_rank(self._percent, len(self._values)) - 1]


def nearest_rank(percent: int, count: int) -> int:
    """⌈p/100 · n⌉ in whole numbers, and at least the first."""
    return max(1, -(-percent * count // 100))


PERCENT = {How.MIN: 0, How.MEDIAN: 50, How.P90: 90, How.P95: 95, How.P99: 99, How.MAX: 100}
"""Smallest and greatest are ranks, too."""


def bag_of(measure: Statistic | Count | Rate | Nps | Repeats) -> Bag:
    match measure:
        case Count():
            return Tally()
        case Rate():
            return Ratio()
        case Nps():
            return Votes()
        case Repeats():
            return Combinations()
        case Statistic(how=how) if how in PERCENT:
            return Ranks(PERCENT[how])
        case Statistic(how=how):
            return Total(average=how is How.AVERAGE)
