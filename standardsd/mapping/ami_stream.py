"""One PBX's stream of AMI messages, over all its connections → readings, gaps and watermarks.

Whoever owns the socket (or plays a recording) says when a connection began, hands over
messages with the time of receipt, and says from which instant on nothing is missed.  All
instants in readings are on the PBX's clock: the message's own stamp, else the time of
receipt brought over by ``offset``.

Sight is lost from the last instant that the PBX proved (a stamp or an answered ping) until
``sighted``.  Then the snapshot is compared: who still waits is said to (``updated`` at the
gap's end), who was not known yet is ``queued`` with the uncertainty of whole seconds, and
who is not shown any more is unseen, until later messages tell what became of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from standardsd.mapping.ami import Message
from standardsd.mapping.ami_calls import CallMapper
from standardsd.mapping.ami_snapshot import Snapshot
from standardsd.mapping.ami_visits import Visits, visits_max
from standardsd.mapping.records import Fact, Reader, RecordRejected, instant
from standardsd.model.definition import Conversion, Definition
from standardsd.model.reading import Gap, Labels, Reading, Watermark

snapshot_wait_max = timedelta(seconds=10)
"""Without a snapshot for this long after ``sighted`` (a PBX without app_queue), watermarks go on without it."""
rejections_kept_max = 1000
"""Rejections not yet taken by ``rejected``; beyond that they are only counted."""
_MICROSECOND = timedelta(microseconds=1)


class AmiStream:
    """``offset``: the PBX's clock minus ours, as last measured; None: not measured yet."""

    def __init__(
        self, definition: Definition, source: str, labels: Labels, memory: bytes | None = None
    ) -> None:
        """``memory``: what an earlier ``memory()`` gave; its last instant is where sight was lost."""
        self.offset: timedelta | None = None
        self.dropped_rejections = 0
        self._source = source
        self._delay = definition.delay
        self._reader = Reader(definition)
        self._visits = Visits(memory)
        self._calls = CallMapper(definition, source, labels, self._visits)
        self._snapshot = Snapshot(self._calls)
        self._rejected: list[tuple[int, RecordRejected]] = []
        self._lost_from = self._visits.heard
        self._sighted: datetime | None = None
        self._listed = False
        self._watermark: datetime | None = None

    @property
    def heard(self) -> datetime | None:
        """The last instant the PBX proved, on its clock."""
        return self._visits.heard

    @property
    def open_visits(self) -> int:
        return len(self._visits)

    def memory(self) -> bytes:
        """For the cursor: with it, a new process goes on as after a lost connection."""
        seen_until = self._visits.heard if self._sighted is not None else self._lost_from
        return self._visits.memory(seen_until)

    def undecided_until(self) -> datetime | None:
        """When the PBX's clock has passed this, something that waits can be decided; None: nothing waits."""
        return self._calls.next_decision()

    def connected(self) -> list[Reading]:
        """A connection begins; from the last proven instant on, messages may have been missed."""
        if self._sighted is not None:  # else the gap of before goes on
            self._lost_from = self._visits.heard
        self._sighted = None
        self._listed = False
        self._snapshot.clear()
        return self._calls.lose_sight()

    def sighted(self, until: datetime, *, asked: datetime | None = None) -> list[Reading]:
        """Events flow: nothing at or after ``until`` (the PBX's clock) is missed.  Tells the gap, if there is one.

        ``asked``: the snapshot is not older than this; if not given, than ``until``.
        """
        if self._sighted is not None:
            return []
        self._sighted = until
        self._heard(until)
        gap = None if self._lost_from is None or self._lost_from >= until else (self._lost_from, until)
        self._snapshot.expect(gap, until if asked is None else asked)
        if gap is None:
            return []
        return [Gap(self._source, gap[0], gap[1]), *self._calls.voice.taken()]

    def asked(self, at: datetime) -> None:
        """Another snapshot is being asked for at this instant of the PBX's clock, while in sight."""
        self._snapshot.expect(None, at)

    def no_snapshot(self) -> None:
        """The PBX refuses snapshots (it has no queues): nothing more to wait for."""
        self._listed = True

    def take(self, message: Message, received: datetime | None) -> list[Reading]:
        """Everything that this message makes known.  ``received``: our clock; None only if it is stamped."""
        stamp = _stamp(message)
        if stamp is not None:
            self._heard(stamp)
        if stamp is not None and message.get("Ping") == "Pong":
            return self.proven(stamp)
        fact = self._reader.read(message.record())
        if isinstance(fact, RecordRejected):
            self._reject(message.offset, fact)
            fact = None
        at = stamp if stamp is not None else self._brought_over(received)
        if fact is None or at is None:
            return self._passed(stamp)
        said = self._passed(at, but_for=fact)
        said += self._snapshot.take(fact, at) if fact.says in Snapshot.words else self._calls.take(fact, at)
        if fact.says == "waiting_listed":
            self._listed = True
        if lost := self._snapshot.lost:
            self._snapshot.lost = None
            said.insert(0, Gap(self._source, *lost))
        return said

    def proven(self, at: datetime) -> list[Reading]:
        """An answered ping: everything of before has been delivered.  Says what is due, and the watermark.

        No watermark is said out of sight, before the snapshot after a gap, nor past what is undecided.
        """
        self._heard(at)
        said = self._calls.settle(at)
        if self._sighted is None or not (self._listed or at - self._sighted >= snapshot_wait_max):
            return said
        return said + self._up_to(at, at - self._delay)

    def finish(self) -> list[Reading]:
        """The recording ends: what waits is decided as it stands, and everything heard is proven."""
        if (last := self._visits.heard) is None:
            return []
        return [*self._calls.settle(last, at_end=True), *self._up_to(last, last)]

    def rejected(self) -> list[tuple[int, RecordRejected]]:
        """Records refused since the last call with their byte offsets, and what had to be left out (offset 0)."""
        rejected, self._rejected = self._rejected, []
        left_out = (
            (self._visits.forgotten, "too_many_calls", f"stays forgotten: more than {visits_max} at once"),
            (self._calls.voice.unsaid, "id_too_long", "readings not said: their id is too long"),
            (self.dropped_rejections, "too_many_rejections", "rejected records are not shown"),
        )
        rejected += [(0, RecordRejected(reason, f"{many} {what}")) for many, reason, what in left_out if many]
        self._visits.forgotten = self._calls.voice.unsaid = self.dropped_rejections = 0
        return rejected

    def to_pbx(self, ours: datetime) -> datetime | None:
        """An instant of our clock on the PBX's; None before the offset was measured."""
        return None if self.offset is None else ours + self.offset

    def _passed(self, at: datetime | None, *, but_for: Fact | None = None) -> list[Reading]:
        """The PBX's clock has reached ``at``.  What this very fact may explain is not decided before it."""
        if at is None:
            return []
        return self._calls.settle(at if but_for is None else at - _MICROSECOND)

    def _up_to(self, now: datetime, upto: datetime) -> list[Reading]:
        undecided = self._calls.undecided_since(now)
        if undecided is not None:
            upto = min(upto, undecided - _MICROSECOND)
        if self._watermark is not None and upto <= self._watermark:
            return []
        self._watermark = upto
        return [Watermark(self._source, upto)]

    def _brought_over(self, received: datetime | None) -> datetime | None:
        if received is None:
            return self._visits.heard
        return received + (self.offset or timedelta(0))

    def _heard(self, at: datetime) -> None:
        if self._visits.heard is None or at > self._visits.heard:
            self._visits.heard = at

    def _reject(self, offset: int, rejected: RecordRejected) -> None:
        if len(self._rejected) < rejections_kept_max:
            self._rejected.append((offset, rejected))
        else:
            self.dropped_rejections += 1


def _stamp(message: Message) -> datetime | None:
    """The message's own instant; None where it has none, or one that is no instant."""
    if not (text := message.get("Timestamp")):
        return None
    try:
        return instant(text, Conversion.EPOCH_S)
    except ValueError:
        return None
