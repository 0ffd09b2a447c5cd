"""What is known of one occurrence, and the verdict that follows from it.

A function of what was read and of how far the sources have been seen; it does not
ask what was said before (``speaking`` does).  Every event is taken to have happened
at its ``at``; what else is possible is asked by ``doubt``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct, structs

from standardsd.core.closing import Word, closing_word
from standardsd.core.history import History
from standardsd.core.occurrences import DUE, Closing, Occurrence
from standardsd.core.scoring import number
from standardsd.core.seen import Sight, SightGap
from standardsd.core.spent import Spent
from standardsd.core.timing import Timing
from standardsd.model.decision import Reason, Verdict
from standardsd.model.reading import Event, Labels
from standardsd.model.standard import Between, Grid, Limits, Standard, TimeIn, Until
from standardsd.model.vocabulary import Kind


class Wait(Struct, frozen=True, gc=False):
    """Look again when the watermark reaches ``at``: of this source, or of all that yield the end event (None)."""

    source: str | None
    at: datetime


class Outcome(Struct, frozen=True, gc=False):
    """``word`` None: nothing can be said yet (``promised``) or at all (not ``promised``).

    ``closed``: nothing more is awaited.  ``unseen``: no event closed it, so that a late gap may change it.
    ``risk_at``: from when on an open promise is at risk.  ``measured``, ``limit``: seconds of the clock, or a number.
    """

    start: datetime
    due: datetime | None
    word: Verdict | None = None
    reason: Reason | None = None
    at: datetime | None = None
    end: datetime | None = None
    measured: float | None = None
    closed: bool = False
    promised: bool = True
    labels: Labels = {}
    risk_at: datetime | None = None
    waits: tuple[Wait, ...] = ()
    unseen: bool = False
    limit: float | None = None
    late_from: datetime | None = None


def outcome(standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight) -> Outcome:
    """What is known of ``case`` now; of one that was reopened, unless a breach was said of it before."""
    for closed in case.before:
        known = _Look(standard, kind, history, closed, sight).outcome()
        if not _is_taken_back(known):
            return known
    return _Look(standard, kind, history, case, sight).outcome()


def standing(standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight) -> Occurrence:
    """``case`` as it stands: as it was closed when a breach was said of it, whatever came later."""
    for closed in case.before:
        if not _is_taken_back(_Look(standard, kind, history, closed, sight).outcome()):
            return closed
    return case


def _is_taken_back(known: Outcome) -> bool:
    """Whether a reopening undoes what closed it: a verdict other than a breach."""
    return (
        known.word is not None and known.word is not Verdict.BREACHED and known.reason is not Reason.WITHDRAWN
    )


def used_up(standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight) -> Spent:
    """When the limit is used up, every event taken at its ``at``."""
    look = _Look(standard, kind, history, case, sight)
    look.outcome()
    return look.time.spent


def in_doubt(
    standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight, at: datetime
) -> Outcome:
    """``case`` as indeterminate, said at ``at``: no watermark is waited for, because no breach is said."""
    return _Look(standard, kind, history, case, sight).in_doubt(at)


class _Force(Struct, frozen=True, gc=False):
    """Whether and since when the standard applies.

    ``matched``: from when on; None: never.  ``withdrawn``: when it stopped in time.  ``changed``: the change
    of labels that brought it under a limit which was used up by then.
    """

    matched: datetime | None
    withdrawn: datetime | None = None
    changed: datetime | None = None


class _Look:
    """One look at one occurrence; lives for one call of ``outcome``."""

    def __init__(
        self, standard: Standard, kind: Kind, history: History, case: Occurrence, sight: Sight
    ) -> None:
        self.standard, self.kind, self.history, self.case, self.sight = standard, kind, history, case, sight
        self.start = case.start.at
        self.closer = case.closer
        self.time = Timing(standard, kind, history, case)

    # -- the verdict -----------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        known = self._outcome()
        if self.standard.waivers and known.promised:
            return self._unless_waived(known)
        return known

    def _outcome(self) -> Outcome:
        hidden = () if self.closer is not None else self._hiding()
        unseen = hidden[0].until if hidden and hidden[0].over else None
        force = self._in_force(unseen)
        if force.matched is None:
            return Outcome(self.start, self.time.spent.due, promised=False, closed=self.closer is not None)
        if force.withdrawn is not None:
            return self._closed(Word(Verdict.EXCLUDED, Reason.WITHDRAWN, own=True), force.withdrawn)
        if self.closer is not None:
            return self._by_closer(self.closer, force.changed)
        if hidden:
            return self._by_gap(hidden, force.changed)
        return self._open(force.changed)

    def in_doubt(self, at: datetime) -> Outcome:
        self._in_force(None)
        labels = self.history.labels_at(at, self.kind)
        promise = self.standard.promise.row(labels) if isinstance(self.standard.promise, Grid) else None
        if self.time.promise is None and not isinstance(self.standard.promise, Grid):
            promise = (
                self.standard.promise
            )  # it may apply and was told not to: due is that which it would have
        if promise is not None and self.time.clock is not None:
            self.time.take(promise)
        doubt = self._closed(Word(Verdict.INDETERMINATE, None, own=True), at)
        doubt = structs.replace(doubt, unseen=self.closer is None)
        return self._unless_waived(doubt) if self.standard.waivers else doubt

    def _unless_waived(self, known: Outcome) -> Outcome:
        """A waiver takes the verdict out at its own instant, whatever it is; what is open is not at risk."""
        if known.word is Verdict.EXCLUDED or self.standard.waiver(self.start, known.labels) is None:
            return known
        if known.word is None:
            return structs.replace(known, risk_at=None)
        return structs.replace(
            known, word=Verdict.EXCLUDED, reason=Reason.WAIVED, end=None, measured=None, closed=True
        )

    def _in_force(self, unseen: datetime | None) -> _Force:
        """Takes up the promise that holds, by ``where`` and grid, at each change of labels until it was closed."""
        standard = self.standard
        if not self.time.runs():
            return _Force(None)
        if not standard.where and not isinstance(standard.promise, Grid | Until):
            self.time.take(standard.promise)
            return _Force(self.start)
        closed = unseen if self.closer is None else self.closer.at
        begin = self.start if closed is None else min(self.start, closed)
        matched: datetime | None = None
        before: Labels | None = None
        for at, labels in self._label_changes(begin, closed):
            if labels is before:
                continue
            before = labels
            promise = self.time.promised(labels)
            if promise is None and matched is None:
                continue
            if promise is None:
                # Out of its reach: withdrawn if it was in time until then, else the breach stands.
                return _Force(matched, at if self.time.spent.in_time(at) else None)
            if promise == self.time.promise:
                continue
            if matched is None:
                matched = self.start if at == begin else at
            elif not self.time.spent.in_time(at):
                break
            self.time.take(promise)
            if at > begin and at > self.start and not self.time.spent.in_time(at):
                return _Force(matched, None, at)
        return _Force(matched)

    def _label_changes(self, begin: datetime, closed: datetime | None) -> Iterator[tuple[datetime, Labels]]:
        """The labels at ``begin`` and at every later instant of the interaction, ``closed`` included."""
        yield begin, self.history.labels_at(begin, self.kind)
        instants, labels = self.history.label_changes(self.kind)
        for place in range(bisect_right(instants, begin), len(instants)):
            if closed is not None and instants[place] > closed:
                return
            yield instants[place], labels[place]

    def _by_closer(self, closer: Event, changed: datetime | None) -> Outcome:
        assert self.case.how is not None and self.time.promise is not None
        in_time = self.time.spent.broke is None if self.case.stays else self.time.spent.in_time(closer.at)
        if self.case.how is Closing.END and in_time:
            word = self._at_end(closer)
        else:
            elapsed = self.time.elapsed(closer.at)
            word = closing_word(
                self.standard, self.kind, closer, self.case.how, in_time=in_time, elapsed=elapsed
            )
        if word.own:
            return self._closed(word, closer.at)
        return self._broken(changed, closed=True)

    def _at_end(self, closer: Event) -> Word:
        """The word on what came in time: too early for an appointment, or a number out of its limits, is a breach."""
        kept = True
        if isinstance(self.time.promise, Limits):
            worth = number(self.standard, self.case, self.history.ordered(self.kind))
            if worth is None:
                return Word(Verdict.EXCLUDED, Reason.INCOMPLETE, own=True)
            kept = self.time.promise.kept(worth)
        elif isinstance(self.time.promise, Between):
            kept = self.time.elapsed(closer.at) >= self.time.promise.lowest
        return Word(Verdict.MET if kept else Verdict.BREACHED, None, own=True)

    def _hiding(self) -> tuple[SightGap, ...]:
        """The gaps after which nothing proves that the interaction was still there, by their end."""
        ordered = self.history.ordered(self.kind)
        seen = max((e.at for e in ordered if e.event != DUE), default=self.start)
        return tuple(gap for gap in self.sight.gaps if self.start < gap.until and seen < gap.until)

    def _by_gap(self, hidden: tuple[SightGap, ...], changed: datetime | None) -> Outcome:
        """Unseen from the end of the first gap on, unless the promise was surely broken before any began."""
        first = hidden[0]
        blind_from = min(gap.since for gap in hidden)
        broke = self.time.surely().broke
        within = self.time.spent.within
        if broke is not None and (broke < blind_from or (broke == blind_from and not within)):
            broken = self._open(changed, closed=first.over)
            if first.over:
                return structs.replace(broken, unseen=True)
            return structs.replace(broken, waits=(*broken.waits, Wait(first.source, first.until)))
        if first.over:
            excluded = self._closed(Word(Verdict.EXCLUDED, Reason.UNSEEN, own=True), first.until)
            return structs.replace(excluded, unseen=True)
        return self._unspoken(Wait(first.source, first.until))

    def _open(self, changed: datetime | None, *, closed: bool = False) -> Outcome:
        """Breached by absence, once the watermark has come so far and no doubt is left."""
        surely = self.time.surely()
        if surely.broke is None:
            return self._unspoken()
        if not self.sight.reaches(surely.broke):
            return self._unspoken(Wait(None, surely.broke), closed=closed)
        return self._broken(changed, closed=closed)

    # -- how it is said --------------------------------------------------------------------------------

    def _broken(self, changed: datetime | None, *, closed: bool) -> Outcome:
        """Breached at due, or at the change that brought it under the standard too late."""
        at = changed or self.time.spent.broke
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
        end, measured = (None, None) if word.verdict is Verdict.EXCLUDED else self._end()
        return self._said(
            at,
            word=word.verdict,
            reason=word.reason,
            end=end,
            measured=None if word.verdict is Verdict.INDETERMINATE else measured,
            closed=True,
        )

    def _end(self) -> tuple[datetime | None, float | None]:
        """Null unless the end event closed it; a stay ends by a refusal, too, when it comes too late."""
        refused = self.case.how is Closing.ENDING and isinstance(self.standard.measure, TimeIn)
        if self.closer is None or not (self.case.how is Closing.END or refused):
            return None, None
        if isinstance(self.time.promise, Limits):
            return self.closer.at, number(self.standard, self.case, self.history.ordered(self.kind))
        return self.closer.at, self.time.elapsed(self.closer.at).total_seconds()

    def _said(
        self,
        at: datetime,
        *,
        word: Verdict,
        reason: Reason | None,
        end: datetime | None,
        measured: float | None,
        closed: bool,
    ) -> Outcome:
        due = self.time.due_at(at)
        return Outcome(
            self.start,
            due,
            word,
            reason,
            at,
            end,
            measured,
            closed,
            labels=self.history.labels_at(at, self.kind),
            limit=self.time.limit(due),
            late_from=self.time.late_from(due),
        )

    def _unspoken(self, *waits: Wait, closed: bool = False) -> Outcome:
        latest = max(self.start, self.history.ordered(self.kind)[-1].at)
        due = self.time.spent.due
        return Outcome(
            self.start,
            due,
            closed=closed,
            labels=self.history.labels_at(latest, self.kind),
            risk_at=self.time.risk_at(),
            waits=waits or self._breach_by_absence(),
            limit=self.time.limit(due),
            late_from=self.time.late_from(due),
        )

    def _breach_by_absence(self) -> tuple[Wait, ...]:
        return () if self.time.spent.broke is None else (Wait(None, self.time.spent.broke),)
