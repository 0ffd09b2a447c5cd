"""The time of one occurrence: what of it counts, and how the promise in force uses it up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from standardsd.core import limits
from standardsd.core.history import History
from standardsd.core.occurrences import Occurrence, Stay
from standardsd.core.spent import NEVER, Span, Spent, earliest, spend, used, without
from standardsd.model.clock import Always, Clock
from standardsd.model.reading import Event, Labels
from standardsd.model.standard import Limits, Promise, Simple, Standard, Until
from standardsd.model.vocabulary import Kind

NOTHING = timedelta(0)


class Timing:
    """``promise``: the one in force; None until one was taken up.  ``spent``: how it is used up.

    ``spans``: the time that counts, every event taken at its ``at``.  ``clock`` None: the site has no calendar.
    """

    def __init__(self, standard: Standard, kind: Kind, history: History, case: Occurrence) -> None:
        self.standard, self.case = standard, case
        self.start = case.start.at
        self.summed = bool(case.stays or case.pauses)
        self.spans = self._spans(begun=_at, over=_at)
        self.clock: Clock | None = Always()
        self.site: str | None = None
        if not isinstance(standard.clock, Always) or standard.zones.by_site:
            # The clock, and the site for its zone: by the labels at the end, as far as that is known.
            last = history.ordered(kind)[-1].at if case.closer is None else case.closer.at
            labels = history.labels_at(max(last, self.start), kind)
            self.site = labels.get("site")
            self.clock = standard.clock_of(labels)
        self.promise: Simple | None = None
        self.spent = NEVER

    def runs(self) -> bool:
        """Whether the standard is in effect on the day it started, and has a clock to count by."""
        if self.clock is None:
            return False
        return self.standard.effective is None or self.standard.runs_at(
            self.start, {} if self.site is None else {"site": self.site}
        )

    def promised(self, labels: Labels) -> Simple | None:
        """What is promised for these labels; None: nothing, or a wall time of which nobody knows the zone."""
        promise = self.standard.promised(labels)
        if isinstance(promise, Until) and self.standard.zones.of(self.site) is None:
            return None
        return promise

    def take(self, promise: Simple) -> None:
        """From now on this promise is in force, for all of the time."""
        self.promise = promise
        self.spent = self._spend(promise, begun=_at, over=_at)

    def surely(self) -> Spent:
        """How it is used up at the least: less by what may have ended earlier than was told."""
        if not self.summed or not isinstance(self.promise, Promise):
            return self.spent
        return self._spend(self.promise, begun=_at, over=earliest)

    def elapsed(self, end: datetime) -> timedelta:
        assert self.clock is not None
        return used(self.spans, self.start, end, clock=self.clock)

    def due_at(self, at: datetime) -> datetime | None:
        """The due instant as it was known at ``at``: None while a pause or no stay ran.

        What ends exactly then ran until then, and what begins exactly then runs: a stay, but not a pause.
        """
        promise, clock = self.promise, self.clock
        if not self.summed or clock is None or not isinstance(promise, Promise) or promise.limit <= NOTHING:
            return self.spent.due
        stays = self._stays(begun=_at, over=_at)
        known = [(a, None if b is None or b >= at else b) for a, b in stays if a <= at]
        pauses = [_span(pause, _at, _at) for pause in self.case.pauses]
        paused = [(a, None if b is None or b > at else b) for a, b in pauses if a < at]
        return spend(without(known, paused), promise.limit, within=False, clock=clock).due

    def limit(self, due: datetime | None) -> float | None:
        """In seconds of the clock, or a number; see ``limits.limit_of``."""
        if self.promise is None or self.clock is None:
            return None
        return limits.limit_of(self.promise, self.start, due, self.clock)

    def late_from(self, due: datetime | None) -> datetime | None:
        """Where due is the clock's closing time, its next opening."""
        if due is None or self.clock is None:
            return None
        return self.clock.late_from(due)

    def risk_at(self) -> datetime | None:
        """From when on it is at risk while it is open."""
        if self.promise is None or self.clock is None:
            return None
        alert, due = self.standard.alert, self.spent.due
        return limits.risk_at(self.promise, self.start, self.spans, due, alert, self.clock)

    def _stays(self, *, begun: Callable[[Event], datetime], over: Callable[[Event], datetime]) -> list[Span]:
        """The stays, or the one stretch from the start on, which its closing event does not bound."""
        return [_span(stay, begun, over) for stay in self.case.stays] or [(begun(self.case.start), None)]

    def _spans(self, *, begun: Callable[[Event], datetime], over: Callable[[Event], datetime]) -> list[Span]:
        """The same without the pauses."""
        spans = self._stays(begun=begun, over=over)
        if not self.case.pauses:
            return spans
        return without(spans, [_span(pause, over, begun) for pause in self.case.pauses])

    def _spend(
        self,
        promise: Simple,
        *,
        begun: Callable[[Event], datetime],
        over: Callable[[Event], datetime],
    ) -> Spent:
        assert self.clock is not None
        stays = self._stays(begun=begun, over=over)
        unpaused = not self.case.pauses or (isinstance(promise, Promise) and promise.limit <= NOTHING)
        spans = stays if unpaused else self._spans(begun=begun, over=over)
        zone = None if isinstance(promise, Promise | Limits) else self.standard.zones.of(self.site)
        if not self.case.stays:
            stays = []
        return limits.used_up(promise, self.start, spans, stays=stays, clock=self.clock, zone=zone)


def _at(event: Event) -> datetime:
    return event.at


def _span(stay: Stay, begun: Callable[[Event], datetime], over: Callable[[Event], datetime]) -> Span:
    begin = begun(stay.entered)
    return begin, None if stay.left is None else max(over(stay.left), begin)
