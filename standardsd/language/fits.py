"""Which promise fits which measure: one closed table.

A case that takes time is promised a time; everything else is promised a number, in the
unit that the measure is counted in.  Every misfit says what to write instead.
"""

from __future__ import annotations

from msgspec import Struct

from standardsd.language.quantities import Unit
from standardsd.model.measure import (
    Carried,
    Count,
    FromTo,
    Gap,
    How,
    Measure,
    Nps,
    Rate,
    Repeats,
    Sampled,
    Score,
    Since,
    Spread,
    Statistic,
    TimeIn,
)

TIMES = ("within", "under", "until", "between")
NUMBERS = ("at_most", "at_least", "under", "over", "between")
HOLD = "for"

ALL_UNITS = (Unit.PLAIN, Unit.SHARE, Unit.TIME)


class Fit(Struct, frozen=True):
    """What may be promised of a measure.  ``keys``: the words; ``takes``: the units of a number.

    ``lasting``: the limit may have to be broken for a while (``for``), which only a number that goes on can.
    ``lowest`` and ``highest``: what the number can be at all, in its own unit; None: no bound.
    ``example``: a promise that fits, for a message.
    """

    what: str
    keys: tuple[str, ...]
    example: str
    takes: tuple[Unit, ...] = ()
    lasting: bool = False
    lowest: float | None = None
    highest: float | None = None

    @property
    def timed(self) -> bool:
        """Whether a time is promised."""
        return not self.takes


_TIME = Fit("the time of a case", TIMES, "{within: 60s}")
_TOTAL = Fit("the total of several stays", ("within", "under"), "{within: 60s}")
_CARRIED = Fit("a number of a case", NUMBERS, "{at_least: 4}", ALL_UNITS)
_SCORE = Fit("a score", NUMBERS, "{at_least: 95%}", (Unit.SHARE,), lowest=0, highest=1)
_READING = Fit("a reading", NUMBERS, "{at_most: 10, for: 5m}", ALL_UNITS, lasting=True)
_LENGTH = Fit("a length of time", NUMBERS, "{at_most: 2m}", (Unit.TIME,), lasting=True)
_SINCE = Fit("the time since an event", NUMBERS, "{at_most: 2h}", (Unit.TIME,), lasting=True, lowest=0)
_COUNT = Fit("a count", NUMBERS, "{at_most: 5}", (Unit.PLAIN,), lasting=True, lowest=0)
_RATE = Fit("a rate", NUMBERS, "{at_most: 5%}", (Unit.PLAIN, Unit.SHARE), lasting=True, lowest=0)
_NPS = Fit(
    "a net promoter score", NUMBERS, "{at_least: 40}", (Unit.PLAIN,), lasting=True, lowest=-100, highest=100
)
_FIGURE = Fit("a difference of figures", NUMBERS, "{at_most: 10%}", ALL_UNITS, lasting=True)

FITS: dict[type, Fit] = {
    # measure   what may be promised of it
    Carried:    _CARRIED,
    Score:      _SCORE,
    Sampled:    _READING,
    Since:      _SINCE,
    Count:      _COUNT,
    Repeats:    _COUNT,
    Rate:       _RATE,
    Nps:        _NPS,
    Spread:     _FIGURE,  # its unit is that of the standard it is about, which ``links`` checks
    Gap:        _FIGURE,
    FromTo:     _TIME,
}  # fmt: skip


_SCORES = Fit(
    "a statistic of scores", NUMBERS, "{at_least: 95%}", (Unit.SHARE,), lasting=True, lowest=0, highest=1
)
_SUM = Fit("a sum of scores", NUMBERS, "{at_least: 300%}", (Unit.SHARE,), lasting=True, lowest=0)
_VALUES = Fit("a statistic of numbers", NUMBERS, "{at_least: 4.2}", ALL_UNITS, lasting=True)


def fit_of(measure: Measure) -> Fit:
    """What may be promised of ``measure``."""
    if isinstance(measure, TimeIn):
        return _TIME if measure.each else _TOTAL
    if not isinstance(measure, Statistic):
        return FITS[type(measure)]
    if isinstance(measure.of, FromTo | TimeIn):
        return _LENGTH
    if isinstance(measure.of, Carried):
        return _VALUES
    return _SUM if measure.how is How.SUM else _SCORES


INSTEAD = {
    # word       where a time is promised               where a number is
    "within":   ("",                                    "write at_most:"),
    "until":    ("write within:, or each: true in the measure", "write at_most:, or measure a time: {from: …, to: …}"),
    "at_most":  ("write within:",                       ""),
    "at_least": ("write between: [5m, 1h] for a time that must not be shorter, else within:", ""),
    "over":     ("write within:, or under:",            ""),
    HOLD:       ("leave it out; a time needs no for:",  "leave it out; a case is judged at one instant"),
    "between":  ("write within:, or each: true in the measure", ""),
}  # fmt: skip
"""What to write in the place of a word that does not fit."""
