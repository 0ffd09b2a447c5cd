"""What is known of one occurrence, and the verdict that follows from it.

A function of what was read and of how far the sources have been seen; it does not
ask what was said before (``speaking`` does).  Every event is taken to have happened
at its ``at``; what else is possible is asked by ``doubt``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct, structs

from standardsd.core.closing import Word, closing_word
from standardsd.core.history import History
from standardsd.core.occurrences import DUE, Closing, Occurrence
from standardsd.core.seen import Sight, SightGap
from standardsd.core.spent import Span, Spent, due_known, earliest, spend
from standardsd.model.decision import Reason, Verdict
from standardsd.model.reading import Event, Labels
from standardsd.model.standard import Standard, TimeIn
from standardsd.model.vocabulary import Kind


class Wait(Struct, frozen=True, gc=False):
    """Look again when the watermark reaches ``at``: of this source, or of all that yield the end event (None)."""

    source: str | None
    at: datetime


class Outcome(Struct, frozen=True, gc=False):
    """``word`` None: nothing can be said yet (``promised``) or at all (not ``promised``).

    ``closed``: nothing more is awaited.  ``unseen``: no event closed it, so that a late gap may change it.
    ``risk_at``: from when on an open promise is at risk.
    """

    start: datetime
    due: datetime | None
    word: Verdict | None = None
    reason: Reason | None = None
    at: datetime | None = None
    end: datetime | None = None
    measured: timedelta | None = None
    closed: bool = False
    promised: bool = True
    labels: Labels = {}
    risk_at: datetime | None = None
    waits: tuple[Wait, ...] = ()
    unseen: bool = False


def outcome(standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight) -> Outcome:
    """What is known of ``case`` now."""
    return _Look(standard, kind, history, case, sight).outcome()


def used_up(standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight) -> Spent:
    """When the limit is used up, every event taken at its ``at``."""
    return _Look(standard, kind, history, case, sight).spent


def in_doubt(
    standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight, at: datetime
) -> Outcome:
    """``case`` as indeterminate, said at ``at``: no watermark is waited for, because no breach is said."""
    return _Look(standard, kind, history, case, sight).in_doubt(at)


class _Look:
    """One look at one occurrence; lives for one call of ``outcome``."""

    def __init__(
        self, standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight
    ) -> None:
        self.standard, self.kind, self.history, self.case, self.sight = standard, kind, history, case, sight
        self.start = case.start.at
        self.closer = case.closer
        self.spans = self._spans(entered=_at, left=_at)
        self.spent = self._spend(self.spans)

    # -- time used -------------------------------------------------------------------------------------

    def _spans(
        self, *, entered: Callable[[Event], datetime], left: Callable[[Event], datetime]
    ) -> list[Span]:
        """The stays, or the one stretch from the start on; the closing event of a stretch does not bound it."""
        if not self.case.stays:
            return [(entered(self.case.start), None)]
        return [
            (entered(s.entered), None if s.left is None else max(left(s.left), entered(s.entered)))
            for s in self.case.stays
        ]

    def _spend(self, spans: list[Span]) -> Spent:
        promise = self.standard.promise
        return spend(spans, promise.limit, within=promise.within, clock=self.standard.clock)

    def _elapsed(self, spans: list[Span], end: datetime) -> timedelta:
        clock = self.standard.clock
        if not self.case.stays:
            return clock.elapsed(spans[0][0], end)
        return sum((clock.elapsed(a, end if b is None else b) for a, b in spans), timedelta(0))

    # -- the verdict -----------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        hidden = () if self.closer is not None else self._hiding()
        unseen = hidden[0].until if hidden and hidden[0].over else None
        matched, withdrawn = self._matching(unseen)
        if matched is None:
            return Outcome(self.start, self.spent.due, promised=False, closed=self.closer is not None)
        if withdrawn is not None:
            return self._closed(Word(Verdict.EXCLUDED, Reason.WITHDRAWN, own=True), withdrawn)
        changed = matched if matched > self.start and not self.spent.in_time(matched) else None
        if self.closer is not None:
            return self._by_closer(self.closer, changed)
        if hidden:
            return self._by_gap(hidden, changed)
        return self._open(changed)

    def in_doubt(self, at: datetime) -> Outcome:
        doubt = self._closed(Word(Verdict.INDETERMINATE, None, own=True), at)
        return structs.replace(doubt, unseen=self.closer is None)

    def _matching(self, unseen: datetime | None) -> tuple[datetime | None, datetime | None]:
        """When ``where`` first matched before it was closed, and when it then stopped matching in time."""
        if not self.standard.where:
            return self.start, None
        closed = unseen if self.closer is None else self.closer.at
        begin = self.start if closed is None else min(self.start, closed)
        matched: datetime | None = None
        before: Labels | None = None
        for at, labels in self._label_changes(begin, closed):
            if labels is before:
                continue
            before = labels
            applies = self.standard.applies_to(labels)
            if matched is None and applies:
                matched = self.start if at == begin else at
            elif matched is not None and not applies and self.spent.in_time(at):
                return matched, at
        return matched, None

    def _label_changes(self, begin: datetime, closed: datetime | None) -> Iterator[tuple[datetime, Labels]]:
        """The labels at ``begin`` and at every later instant of the interaction, ``closed`` included."""
        yield begin, self.history.labels_at(begin, self.kind)
        instants, labels = self.history.label_changes(self.kind)
        for place in range(bisect_right(instants, begin), len(instants)):
            if closed is not None and instants[place] > closed:
                return
            yield instants[place], labels[place]

    def _by_closer(self, closer: Event, changed: datetime | None) -> Outcome:
        assert self.case.how is not None
        in_time = self.spent.broke is None if self.case.stays else self.spent.in_time(closer.at)
        elapsed = self._elapsed(self.spans, closer.at)
        word = closing_word(self.standard, self.kind, closer, self.case.how, in_time=in_time, elapsed=elapsed)
        if word.own:
            return self._closed(word, closer.at)
        return self._broken(changed, closed=True)

    def _hiding(self) -> tuple[SightGap, ...]:
        """The gaps after which nothing proves that the interaction was still there, by their end."""
        ordered = self.history.ordered(self.kind)
        seen = max((e.at for e in ordered if e.event != DUE), default=self.start)
        return tuple(gap for gap in self.sight.gaps if self.start < gap.until and seen < gap.until)

    def _by_gap(self, hidden: tuple[SightGap, ...], changed: datetime | None) -> Outcome:
        """Unseen from the end of the first gap on, unless the promise was surely broken before any began."""
        first = hidden[0]
        blind_from = min(gap.since for gap in hidden)
        broke = self._surely().broke
        within = self.standard.promise.within
        if broke is not None and (broke < blind_from or (broke == blind_from and not within)):
            broken = self._open(changed, closed=first.over)
            if first.over:
                return structs.replace(broken, unseen=True)
            return structs.replace(broken, waits=(*broken.waits, Wait(first.source, first.until)))
        if first.over:
            excluded = self._closed(Word(Verdict.EXCLUDED, Reason.UNSEEN, own=True), first.until)
            return structs.replace(excluded, unseen=True)
        return self._unspoken(Wait(first.source, first.until))

    def _surely(self) -> Spent:
        """What was used at the least: of a polled total less than what was said."""
        return self._spend(self._spans(entered=_at, left=earliest)) if self.case.stays else self.spent

    def _open(self, changed: datetime | None, *, closed: bool = False) -> Outcome:
        """Breached by absence, once the watermark has come so far and no doubt is left."""
        surely = self._surely()
        if surely.broke is None:
            return self._unspoken()
        if not self.sight.reaches(surely.broke):
            return self._unspoken(Wait(None, surely.broke), closed=closed)
        return self._broken(changed, closed=closed)

    # -- how it is said --------------------------------------------------------------------------------

    def _broken(self, changed: datetime | None, *, closed: bool) -> Outcome:
        """Breached at due, or at the change that brought it under the standard too late."""
        at = changed or self.spent.broke
        assert at is not None, f"nothing broke in {self.case}"
        if not self.sight.reaches(at):
            return self._unspoken(Wait(None, at), closed=closed)
        end, measured = self._end() if closed else (None, None)
        return self._said(
            at,
            word=Verdict.BREACHED,
            reason=None if changed is None else Reason.TARGET_CHANGED,
            end=end,
            measured=measured,
            closed=closed,
        )

    def _closed(self, word: Word, at: datetime) -> Outcome:
        if word.verdict is Verdict.BREACHED and not self.sight.reaches(at):
            return self._unspoken(Wait(None, at), closed=True)
        kept = word.verdict in (Verdict.MET, Verdict.INDETERMINATE)
        end, measured = self._end() if kept else (None, None)
        return self._said(
            at,
            word=word.verdict,
            reason=word.reason,
            end=end,
            measured=None if word.verdict is Verdict.INDETERMINATE else measured,
            closed=True,
        )

    def _end(self) -> tuple[datetime | None, timedelta | None]:
        """Null unless the end event closed it; a stay ends by a refusal, too, when it comes too late."""
        refused = self.case.how is Closing.ENDING and isinstance(self.standard.measure, TimeIn)
        if self.closer is None or not (self.case.how is Closing.END or refused):
            return None, None
        return self.closer.at, self._elapsed(self.spans, self.closer.at)

    def _said(
        self,
        at: datetime,
        *,
        word: Verdict,
        reason: Reason | None,
        end: datetime | None,
        measured: timedelta | None,
        closed: bool,
    ) -> Outcome:
        return Outcome(
            self.start,
            self._due_at(at),
            word,
            reason,
            at,
            end,
            measured,
            closed,
            labels=self.history.labels_at(at, self.kind),
        )

    def _unspoken(self, *waits: Wait, closed: bool = False) -> Outcome:
        latest = max(self.start, self.history.ordered(self.kind)[-1].at)
        return Outcome(
            self.start,
            self.spent.due,
            closed=closed,
            labels=self.history.labels_at(latest, self.kind),
            risk_at=self._risk_at(),
            waits=waits or self._breach_by_absence(),
        )

    def _breach_by_absence(self) -> tuple[Wait, ...]:
        return () if self.spent.broke is None else (Wait(None, self.spent.broke),)

    def _due_at(self, at: datetime) -> datetime | None:
        if not self.case.stays:
            return self.spent.due
        return due_known(self.spans, self.standard.promise.limit, at, clock=self.standard.clock)

    def _risk_at(self) -> datetime | None:
        """When ``warn_at`` of the limit is used up, or ``warn_before`` of it is left, whichever is first."""
        alert, limit = self.standard.alert, self.standard.promise.limit
        used = [] if alert.warn_at is None else [limit * alert.warn_at]
        if alert.warn_before is not None:
            used.append(max(limit - alert.warn_before, timedelta(0)))
        if not used:
            return None
        return spend(self.spans, min(used), within=False, clock=self.standard.clock).broke


def _at(event: Event) -> datetime:
    return event.at
