"""What Asterisk says of its queues → readings of kind ``call``.

The definition says which message means what; here is what needs more than one message:
whether a caller who left a queue was answered, gave up or was sent elsewhere.  What happens
after the answer is in ``ami_talking``.  Time is the PBX's and an argument.

How a stay in a queue ends, and what tells it (app_queue raises QueueCallerLeave for every
exit, and QueueCallerAbandon for all but answers and keys):

    HangupRequest of the caller, then Abandon or Leave     abandoned, at the request
    SoftHangupRequest of the caller, then Abandon          diverted, exit=pbx: we threw them out
    Abandon, no hang-up request before it                  diverted, exit=timeout, at the Abandon
    Leave and AgentConnect                                 answered, at the AgentConnect
    Leave alone                                            diverted, exit=key, at the Leave

A PBX that has never said HangupRequest (none is filtered away, but one may be too old): an
Abandon with a Hangup of the caller within ``decide_after`` is an abandon.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from standardsd.mapping.ami_talking import Talking
from standardsd.mapping.ami_visits import Stage, Visit, Visits, named
from standardsd.mapping.ami_voice import Voice
from standardsd.mapping.records import Fact
from standardsd.model.definition import Definition
from standardsd.model.reading import Labels, Reading

decide_after = timedelta(seconds=1)
"""How long a Leave waits for the AgentConnect or Hangup that explains it; they follow within milliseconds."""
owed_max = timedelta(seconds=5)
"""How long a hang-up request holds the watermark back; a dropped announcement took 0.5 s to follow it."""
exit_chars_max = 40
"""Of a QUEUESTATUS that is not known here; it becomes a label."""

STILL_WAITING = frozenset({"ringing", "ring_missed", "out", "left"})
"""Facts that are only said of a caller who stands in the queue."""

EXITS = {
    # QUEUESTATUS      label exit
    "TIMEOUT": "timeout",
    "LEAVEEMPTY": "empty",
    "LEAVEUNAVAIL": "empty",
    "WITHDRAW": "withdrawn",
    "CONTINUE": "continue",
}


class CallMapper:
    """Facts in the order of the stream → readings.  ``visits`` is its whole memory."""

    def __init__(self, definition: Definition, source: str, labels: Labels, visits: Visits) -> None:
        self.visits = visits
        self.voice = Voice(definition, source, labels, visits)
        self._talking = talking = Talking(self.voice)
        self._takes: dict[str, Callable[[Fact, datetime], None]] = {
            "queued": self._queued,
            "ringing": self._ring,
            "ring_missed": self._ring,
            "answered": self._answered,
            "out": self._out,
            "left": self._left,
            "exit": self._exit,
            "hangup_requested": self._hangup_requested,
            "hung_up_by_pbx": self._hung_up_by_pbx,
            "gone": self._gone,
            "held": talking.held,
            "resumed": talking.resumed,
            "transferred": talking.transferred,
            "parked": talking.parked,
            "unparked": talking.unparked,
            "bridged": talking.bridged,
            "replacing": talking.replacing,
            "replaced": talking.replaced,
            "ended": talking.completed,
        }

    def take(self, fact: Fact, at: datetime) -> list[Reading]:
        """``at``: the fact's instant on the PBX's clock.  Facts it does not know change nothing."""
        if (takes := self._takes.get(fact.says)) is not None:
            takes(fact, at)
        return self.voice.taken()

    def settle(self, now: datetime, *, at_end: bool = False) -> list[Reading]:
        """Decides what has waited ``decide_after`` for its explanation; with ``at_end`` nothing waits."""
        for visit in self.visits.watched():
            since = visit.done_at if visit.stage is Stage.TRANSFERRED else visit.left_at or visit.out_at
            pending = visit.leaving or visit.stage is Stage.TRANSFERRED
            if pending and since is not None and (at_end or since + decide_after <= now):
                self._decide(visit)
        return self.voice.taken()

    def next_decision(self) -> datetime | None:
        """When ``settle`` has something to decide; None: nothing waits."""
        waits = (
            since
            for visit in self.visits.watched()
            if visit.leaving or visit.stage is Stage.TRANSFERRED
            for since in (visit.done_at or visit.left_at or visit.out_at,)
            if since is not None
        )
        first = min(waits, default=None)
        return None if first is None else first + decide_after

    def lose_sight(self) -> list[Reading]:
        """The connection is lost: what waits for an explanation that may be missed is decided or unseen.

        Abandon and HangupRequest say enough.  A Leave alone does not: the answer may be what was missed.
        """
        for visit in self.visits:
            waits = visit.stage is Stage.WAITING
            explained = visit.out_at or visit.requested_at or visit.dropped_at
            if visit.stage is Stage.TRANSFERRED or (waits and explained is not None):
                self._decide(visit)
            elif visit.stage in (Stage.TALKING, Stage.PARKED) and visit.requested_at is not None:
                self.voice.end(visit, visit.requested_at)
            elif visit.leaving:
                visit.stage, visit.left_at = Stage.UNSEEN, None
        return self.voice.taken()

    def undecided_since(self, now: datetime) -> datetime | None:
        """No watermark may reach this instant yet; None: nothing is owed.  Nothing is owed for ever."""
        owed = (visit.undecided_since() for visit in self.visits.watched())
        return min((at for at in owed if at is not None and now - at <= owed_max), default=None)

    # --- joining, ringing, answering ------------------------------------------------------------

    def join(self, fact: Fact, joined: datetime, *, after: datetime | None, contact: str = "") -> Visit:
        """A new stay; ``after`` where the join was not seen."""
        system, caller = fact.text("system"), fact.text("caller")
        channel = named(system, caller)
        call = named(system, contact) if contact else channel
        visit = Visit(system, channel, channel, fact.text("queue"), call, joined, joined_after=after)
        self.visits.add(visit)
        self.voice.say(visit, "queued", joined, after=after)
        return visit

    def _queued(self, fact: Fact, at: datetime) -> None:
        system, caller = fact.text("system"), fact.text("caller")
        known = self.visits.find(system, caller, fact.text("queue"))
        if known is not None and known.joined_after is not None and known.stage is Stage.WAITING:
            if known.joined_after - decide_after <= at <= known.joined + decide_after:
                # The snapshot was quicker than the event: it is the same join, now known exactly.
                self.voice.take_back(known, "queued", known.joined, "the join itself was read")
                known.joined, known.joined_after = at, None
                self.voice.say(known, "queued", at)
                return
        elif known is not None and known.stage is Stage.WAITING and known.joined == at:
            return
        for visit in self.visits.of_channel(system, caller):
            self._over_by_join(visit, at)
        self.join(fact, at, after=None, contact=fact.text("call"))

    def _over_by_join(self, visit: Visit, at: datetime) -> None:
        """The caller stands in a queue (again): any earlier stay of this channel is over."""
        if visit.leaving or visit.stage is Stage.TRANSFERRED:
            self._decide(visit, at_hand=True)
        elif visit.stage in (Stage.TALKING, Stage.PARKED):
            self.voice.end(visit, at)
        else:
            self.visits.drop(visit)

    def _ring(self, fact: Fact, at: datetime) -> None:
        visit = self._visit(fact)
        # An agent cannot miss a caller who has hung up already.
        if visit is not None and visit.stage is Stage.WAITING and visit.requested_at is None:
            self.voice.say(visit, fact.says, at, more=fact.labels)

    def _answered(self, fact: Fact, at: datetime) -> None:
        visit = self._visit(fact)
        if visit is None:
            waited = fact.number("waited_s")
            if waited is None:
                return
            # Whole seconds of the PBX's clock were subtracted, so the second of the join is known.
            second = at.replace(microsecond=0) - timedelta(seconds=int(waited))
            visit = self.join(
                fact,
                min(second + timedelta(seconds=1), at),
                after=second - timedelta(microseconds=1),
                contact=fact.text("call"),
            )
        if visit.stage not in (Stage.WAITING, Stage.UNSEEN):
            return  # A second agent picked up at the same moment.
        visit.stage, visit.answered, visit.peer = Stage.TALKING, at, fact.text("peer")
        visit.out_at = visit.left_at = visit.dropped_at = visit.peer_requested_at = None
        self.voice.say(visit, "answered", at)

    # --- leaving the queue without an answer ----------------------------------------------------

    def _out(self, fact: Fact, at: datetime) -> None:
        visit = self._visit(fact)
        if visit is not None and visit.stage is Stage.WAITING:
            visit.out_at = visit.out_at or at
            self.visits.watch(visit)
            if visit.requested_at is not None or visit.dropped_at is not None:
                self._decide(visit)

    def _left(self, fact: Fact, at: datetime) -> None:
        visit = self._visit(fact)
        if visit is not None and visit.stage is Stage.WAITING:
            visit.left_at = visit.left_at or at
            self.visits.watch(visit)

    def _exit(self, fact: Fact, at: datetime) -> None:
        why = fact.text("why")
        for visit in self.visits.of_channel(fact.text("system"), fact.text("caller")):
            if why and visit.out_at is not None and visit.leaving:
                self._decide(visit, why=EXITS.get(why, why.lower()[:exit_chars_max]))

    def _decide(self, visit: Visit, *, why: str = "timeout", at_hand: bool = False) -> None:
        """The table at the top of this module; ``at_hand``: the caller is seen elsewhere, so did not hang up."""
        if visit.stage is Stage.TRANSFERRED:
            assert visit.done_at is not None, visit
            self.voice.end(visit, visit.done_at, {"ended_by": "transfer"})
        elif visit.requested_at is not None and not at_hand:
            self.voice.close(visit, "abandoned", visit.requested_at)
        elif visit.dropped_at is not None and not at_hand:
            self.voice.close(visit, "diverted", visit.dropped_at, {"exit": "pbx"})
        elif visit.out_at is not None:
            self.voice.close(visit, "diverted", visit.out_at, {"exit": why})
        else:
            assert visit.left_at is not None, visit
            self.voice.close(visit, "diverted", visit.left_at, {"exit": "key"})

    # --- hanging up -----------------------------------------------------------------------------

    def _hangup_requested(self, fact: Fact, at: datetime) -> None:
        self.visits.requests_seen = True
        channel = named(fact.text("system"), fact.text("channel"))
        for visit in self._talking.of_call(fact):
            if visit.channel == channel and not visit.leaving:  # after that it explains nothing
                visit.requested_at = visit.requested_at or at
                self.visits.watch(visit)
            elif visit.stage is Stage.TALKING and self._talking.is_agents(visit, channel):
                visit.peer_requested_at = visit.peer_requested_at or at
                self.visits.watch(visit)

    def _hung_up_by_pbx(self, fact: Fact, at: datetime) -> None:
        for visit in self.visits.of_channel(fact.text("system"), fact.text("channel")):
            if visit.stage is Stage.WAITING and not visit.leaving:
                visit.dropped_at = visit.dropped_at or at
                self.visits.watch(visit)

    def _gone(self, fact: Fact, at: datetime) -> None:
        system, channel = fact.text("system"), fact.text("channel")
        for visit in self.visits.of_channel(system, channel):
            if visit.stage is Stage.TRANSFERRED:
                self._decide(visit)
            elif visit.stage in (Stage.TALKING, Stage.PARKED):
                self.voice.end(visit, visit.requested_at or visit.peer_requested_at or at)
            elif visit.stage is Stage.WAITING:
                self._gone_waiting(visit, at)
            self.visits.drop(visit)
            self.visits.forget_channel(visit.first_channel)
        self.visits.forget_channel(named(system, channel))

    def _gone_waiting(self, visit: Visit, at: datetime) -> None:
        if not visit.leaving:  # Neither Abandon nor Leave came: they are filtered away, or were lost.
            if visit.dropped_at is not None and visit.requested_at is None:
                self.voice.close(visit, "diverted", visit.dropped_at, {"exit": "pbx"})
            else:
                self.voice.close(visit, "abandoned", visit.requested_at or at)
        elif visit.out_at is not None and not self.visits.requests_seen and visit.dropped_at is None:
            self.voice.close(visit, "abandoned", visit.out_at)
        else:
            self._decide(visit)

    # --- common ---------------------------------------------------------------------------------

    def _visit(self, fact: Fact) -> Visit | None:
        visit = self.visits.find(fact.text("system"), fact.text("caller"), fact.text("queue"))
        if visit is not None and fact.text("call"):
            self.visits.relink(visit, named(fact.text("system"), fact.text("call")))
        if visit is not None and visit.stage is Stage.UNSEEN and fact.says in STILL_WAITING:
            visit.stage = Stage.WAITING  # a snapshot missed it; it was there all the time
        return visit
