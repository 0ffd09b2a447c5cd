"""What Asterisk says of its queues → readings of kind ``call``.

The definition says which message means what; here is what needs more than one message:
whether a caller who left a queue was answered, gave up or was sent elsewhere, when a stay
is over, whose hold a hold is.  Time is the PBX's and an argument.

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

from standardsd.mapping.ami_visits import Stage, Visit, Visits, created_before, interaction_id, named
from standardsd.mapping.records import Fact
from standardsd.model.definition import Definition
from standardsd.model.reading import Event, Labels, Reading, Retract

decide_after = timedelta(seconds=1)
"""How long a Leave waits for the AgentConnect or Hangup that explains it; they follow within milliseconds."""
owed_max = timedelta(seconds=5)
"""How long a hang-up request holds the watermark back; a dropped announcement took 0.5 s to follow it."""
request_max = timedelta(seconds=30)
"""An agent's hang-up request older than this did not cause the AgentComplete that follows."""
word_chars_max = 256

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
        self._kind = definition.kind
        self._source = source
        self._fixed = labels
        self._label_fields = definition.labels
        self._said: list[Reading] = []
        self._takes: dict[str, Callable[[Fact, datetime], None]] = {
            "queued": self._queued,
            "ringing": self._ring,
            "ring_missed": self._ring,
            "out": self._out,
            "left": self._left,
            "exit": self._exit,
            "answered": self._answered,
            "ended": self._completed,
            "held": self._held,
            "resumed": self._resumed,
            "transferred": self._transferred,
            "parked": self._parked,
            "unparked": self._unparked,
            "bridged": self._bridged,
            "hangup_requested": self._hangup_requested,
            "hung_up_by_pbx": self._hung_up_by_pbx,
            "gone": self._gone,
        }

    def take(self, fact: Fact, at: datetime) -> list[Reading]:
        """``at``: the fact's instant on the PBX's clock.  Facts it does not know change nothing."""
        if (takes := self._takes.get(fact.says)) is not None:
            takes(fact, at)
        return self._spoken()

    def settle(self, now: datetime, *, at_end: bool = False) -> list[Reading]:
        """Decides what has waited ``decide_after`` for its explanation; with ``at_end`` nothing waits."""
        for visit in self.visits:
            since = visit.done_at if visit.stage is Stage.TRANSFERRED else visit.left_at or visit.out_at
            pending = visit.leaving or visit.stage is Stage.TRANSFERRED
            if pending and since is not None and (at_end or since + decide_after <= now):
                self._decide(visit)
        return self._spoken()

    def next_decision(self) -> datetime | None:
        """When ``settle`` has something to decide; None: nothing waits."""
        waits = (
            since
            for visit in self.visits
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
                self._end(visit, visit.requested_at)
            elif visit.leaving:
                visit.stage, visit.left_at = Stage.UNSEEN, None
        return self._spoken()

    def undecided_since(self, now: datetime) -> datetime | None:
        """No watermark may reach this instant yet; None: nothing is owed.  Nothing is owed for ever."""
        owed = (visit.undecided_since() for visit in self.visits)
        return min((at for at in owed if at is not None and now - at <= owed_max), default=None)

    def say(
        self,
        visit: Visit,
        event: str,
        at: datetime,
        *,
        after: datetime | None = None,
        more: Labels | None = None,
    ) -> None:
        """``after``: it is only known to have been in (``after``, ``at``].  Ids that are too long are not said."""
        found = {"queue": visit.queue, "call": visit.contact, "system": visit.system}
        labels = {**self._fixed}
        labels.update({name: found[of] for name, of in self._label_fields.items() if found.get(of)})
        labels.update(more or {})
        name = interaction_id(self._source, visit)
        if len(name) <= word_chars_max:
            not_before = after if after is not None and after < at else None
            self._said.append(
                Event(self._source, self._kind, name, event, at, not_before=not_before, labels=labels)
            )

    def take_back(self, visit: Visit, event: str, at: datetime, reason: str) -> None:
        name = interaction_id(self._source, visit)
        self._said.append(Retract(self._source, self._kind, name, event, at, reason))

    def spoken(self) -> list[Reading]:
        """What ``say`` and ``take_back`` were called with since, in that order."""
        return self._spoken()

    def _spoken(self) -> list[Reading]:
        said, self._said = self._said, []
        return said

    # --- joining, ringing, answering ------------------------------------------------------------

    def join(self, fact: Fact, joined: datetime, *, after: datetime | None, contact: str = "") -> Visit:
        """A new stay; ``after`` where the join was not seen."""
        system, caller = fact.text("system"), fact.text("caller")
        channel = named(system, caller)
        call = named(system, contact) if contact else channel
        visit = Visit(system, channel, channel, fact.text("queue"), call, joined, joined_after=after)
        self.visits.add(visit)
        self.say(visit, "queued", joined, after=after)
        return visit

    def _queued(self, fact: Fact, at: datetime) -> None:
        system, caller = fact.text("system"), fact.text("caller")
        known = self.visits.find(system, caller, fact.text("queue"))
        if known is not None and known.joined_after is not None and known.stage is Stage.WAITING:
            if known.joined_after - decide_after <= at <= known.joined + decide_after:
                # The snapshot was quicker than the event: it is the same join, now known exactly.
                self.take_back(known, "queued", known.joined, "the join itself was read")
                known.joined, known.joined_after = at, None
                self.say(known, "queued", at)
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
            self._end(visit, at)
        else:
            self.visits.drop(visit)

    def _ring(self, fact: Fact, at: datetime) -> None:
        visit = self._visit(fact)
        # An agent cannot miss a caller who has hung up already.
        if visit is not None and visit.stage is Stage.WAITING and visit.requested_at is None:
            self.say(visit, fact.says, at, more=fact.labels)

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
        self.say(visit, "answered", at)

    # --- leaving the queue without an answer ----------------------------------------------------

    def _out(self, fact: Fact, at: datetime) -> None:
        visit = self._visit(fact)
        if visit is not None and visit.stage is Stage.WAITING:
            visit.out_at = visit.out_at or at
            if visit.requested_at is not None or visit.dropped_at is not None:
                self._decide(visit)

    def _left(self, fact: Fact, at: datetime) -> None:
        visit = self._visit(fact)
        if visit is not None and visit.stage is Stage.WAITING:
            visit.left_at = visit.left_at or at

    def _exit(self, fact: Fact, at: datetime) -> None:
        why = fact.text("why")
        for visit in self.visits.of_channel(fact.text("system"), fact.text("caller")):
            if why and visit.out_at is not None and visit.leaving:
                self._decide(visit, why=EXITS.get(why, why.lower()[:word_chars_max]))

    def _decide(self, visit: Visit, *, why: str = "timeout", at_hand: bool = False) -> None:
        """The table at the top of this module; ``at_hand``: the caller is seen elsewhere, so did not hang up."""
        if visit.stage is Stage.TRANSFERRED:
            assert visit.done_at is not None, visit
            self._end(visit, visit.done_at, ended_by="transfer")
        elif visit.requested_at is not None and not at_hand:
            self._close(visit, "abandoned", visit.requested_at)
        elif visit.dropped_at is not None and not at_hand:
            self._close(visit, "diverted", visit.dropped_at, exit="pbx")
        elif visit.out_at is not None:
            self._close(visit, "diverted", visit.out_at, exit=why)
        else:
            assert visit.left_at is not None, visit
            self._close(visit, "diverted", visit.left_at, exit="key")

    # --- hanging up -----------------------------------------------------------------------------

    def _hangup_requested(self, fact: Fact, at: datetime) -> None:
        self.visits.requests_seen = True
        channel = named(fact.text("system"), fact.text("channel"))
        for visit in self._of_call(fact):
            if visit.channel == channel and not visit.leaving:  # after that it explains nothing
                visit.requested_at = visit.requested_at or at
            elif visit.stage is Stage.TALKING and self._is_agents(visit, channel):
                visit.peer_requested_at = visit.peer_requested_at or at

    def _hung_up_by_pbx(self, fact: Fact, at: datetime) -> None:
        for visit in self.visits.of_channel(fact.text("system"), fact.text("channel")):
            if visit.stage is Stage.WAITING and not visit.leaving:
                visit.dropped_at = visit.dropped_at or at

    def _gone(self, fact: Fact, at: datetime) -> None:
        system, channel = fact.text("system"), fact.text("channel")
        for visit in self.visits.of_channel(system, channel):
            if visit.stage is Stage.TRANSFERRED:
                self._decide(visit)
            elif visit.stage in (Stage.TALKING, Stage.PARKED):
                self._end(visit, visit.requested_at or visit.peer_requested_at or at)
            elif visit.stage is Stage.WAITING:
                self._gone_waiting(visit, at)
            self.visits.drop(visit)
        self.visits.forget_channel(named(system, channel))

    def _gone_waiting(self, visit: Visit, at: datetime) -> None:
        if not visit.leaving:  # Neither Abandon nor Leave came: they are filtered away, or were lost.
            if visit.dropped_at is not None and visit.requested_at is None:
                self._close(visit, "diverted", visit.dropped_at, exit="pbx")
            else:
                self._close(visit, "abandoned", visit.requested_at or at)
        elif visit.out_at is not None and not self.visits.requests_seen and visit.dropped_at is None:
            self._close(visit, "abandoned", visit.out_at)
        else:
            self._decide(visit)

    # --- talking --------------------------------------------------------------------------------

    def _completed(self, fact: Fact, at: datetime) -> None:
        visit = self._talking(fact)
        if visit is None:
            return
        self._answer_unseen(visit, at, fact.number("waited_s"))
        if fact.text("reason") == "transfer":
            if not visit.transferred:
                visit.transferred = True
                self.say(visit, "transferred", at, more={"transfer": "unknown"})
            if visit.stage is Stage.TALKING:
                visit.stage, visit.done_at = Stage.TRANSFERRED, at
            return
        requests = [visit.requested_at, visit.peer_requested_at]
        recent = [one for one in requests if one is not None and at - one <= request_max]
        by = {"ended_by": fact.text("reason")} if fact.text("reason") else {}
        self._end(visit, min(recent, default=at), **by)

    def _held(self, fact: Fact, at: datetime) -> None:
        for visit, channel in self._agents_holds(fact, at):
            if visit.hold_unsure and channel in visit.holding:
                # It was let go and pressed again while nobody looked; the first hold ended somewhere there.
                visit.holding.clear()
                self.say(visit, "resumed", visit.lost_to or at, after=visit.lost_from)
            visit.hold_unsure = False
            if not visit.holding:
                self.say(visit, "held", at)
            if channel not in visit.holding:
                visit.holding.append(channel)

    def _resumed(self, fact: Fact, at: datetime) -> None:
        for visit, channel in self._agents_holds(fact, at):
            visit.hold_unsure = False
            if channel in visit.holding:
                visit.holding.remove(channel)
                if not visit.holding:
                    self.say(visit, "resumed", at)

    def _agents_holds(self, fact: Fact, at: datetime) -> list[tuple[Visit, str]]:
        channel = named(fact.text("system"), fact.text("channel"))
        found = []
        for visit in self._of_call(fact):
            if visit.stage in (Stage.TALKING, Stage.UNSEEN) and self._is_agents(visit, channel):
                self._answer_unseen(visit, at, None)
                found.append((visit, channel))
        return found

    def _transferred(self, fact: Fact, at: datetime) -> None:
        if not (caller := fact.text("caller")):
            return
        for visit in self.visits.of_channel(fact.text("system"), caller):
            if visit.stage in (Stage.TALKING, Stage.UNSEEN):
                self._answer_unseen(visit, at, None)
                visit.transferred = True
                self.say(visit, "transferred", at, more=fact.labels)

    def _parked(self, fact: Fact, at: datetime) -> None:
        for visit in self.visits.of_channel(fact.text("system"), fact.text("caller")):
            if visit.stage in (Stage.TALKING, Stage.TRANSFERRED):
                if visit.holding:
                    visit.holding.clear()
                    self.say(visit, "resumed", at)
                visit.stage, visit.done_at, visit.park_timed_out = Stage.PARKED, None, False
                visit.peer_requested_at = None
                self.say(visit, "parked", at)

    def _unparked(self, fact: Fact, at: datetime) -> None:
        for visit in self.visits.of_channel(fact.text("system"), fact.text("caller")):
            if visit.stage is Stage.PARKED:
                if fact.labels.get("unparked") == "timed_out":
                    visit.park_timed_out = True
                else:
                    self._unpark(visit, at, "fetched")

    def _bridged(self, fact: Fact, at: datetime) -> None:
        for visit in self.visits.of_channel(fact.text("system"), fact.text("channel")):
            if visit.stage is Stage.PARKED and visit.park_timed_out:
                self._unpark(visit, at, "timed_out")

    def _unpark(self, visit: Visit, at: datetime, how: str) -> None:
        visit.stage, visit.park_timed_out = Stage.TALKING, False
        self.say(visit, "unparked", at, more={"unparked": how})

    # --- common ---------------------------------------------------------------------------------

    def _visit(self, fact: Fact) -> Visit | None:
        visit = self.visits.find(fact.text("system"), fact.text("caller"), fact.text("queue"))
        if visit is not None and fact.text("call"):
            self.visits.relink(visit, named(fact.text("system"), fact.text("call")))
        return visit

    def _talking(self, fact: Fact) -> Visit | None:
        """The stay an AgentComplete is of: by channel, else (the channel may be missing or another) by
        call and queue, else by the agent's channel; the last two only where exactly one fits."""
        if fact.text("caller") and (visit := self._visit(fact)) is not None:
            return visit if visit.stage is not Stage.WAITING else None
        queue, peer = fact.text("queue"), fact.text("peer")
        done = (Stage.TALKING, Stage.UNSEEN, Stage.PARKED)
        same = [v for v in self._of_call(fact) if v.queue == queue and v.stage in done]
        if not same and peer:
            same = [v for v in self.visits if v.queue == queue and v.peer == peer and v.stage in done]
        return same[0] if len(same) == 1 else None

    def _of_call(self, fact: Fact) -> tuple[Visit, ...]:
        """Every open stay of the call a channel belongs to."""
        found = self.visits.of_contact(fact.text("system"), call) if (call := fact.text("call")) else ()
        if found or not (channel := fact.fields.get("channel")):
            return found
        return self.visits.of_channel(fact.text("system"), str(channel))

    @staticmethod
    def _is_agents(visit: Visit, channel: str) -> bool:
        return channel != visit.channel and not created_before(channel, visit.first_channel)

    def _answer_unseen(self, visit: Visit, now: datetime, waited_s: float | None) -> None:
        """It talks, so it was answered while nobody looked; or that is now known better.

        With HoldTime the second of the answer is known, because Asterisk subtracts whole seconds.
        """
        lost_from, lost_to = visit.lost_from, visit.lost_to
        vague = visit.stage is Stage.UNSEEN or visit.answered_after is not None
        if not vague or lost_from is None or lost_to is None:
            return
        after, by = lost_from, min(lost_to, now)
        if waited_s is not None and visit.joined_after is None:
            second = visit.joined.replace(microsecond=0) + timedelta(seconds=int(waited_s))
            finer = (second - timedelta(microseconds=1), second + timedelta(seconds=1))
            if after < finer[1] and finer[0] < by:  # else the clock was changed, and the gap is all we know
                after, by = max(after, finer[0]), min(by, finer[1])
        elif visit.stage is not Stage.UNSEEN:
            return
        if visit.answered is not None and visit.stage is not Stage.UNSEEN:
            self.take_back(visit, "answered", visit.answered, "the second of the answer was read")
        if visit.stage is Stage.UNSEEN:
            visit.stage = Stage.TALKING
        visit.answered, visit.answered_after = by, None if waited_s is not None else after
        self.say(visit, "answered", by, after=after)

    def _end(self, visit: Visit, at: datetime, **more: str) -> None:
        """A stay that was answered is over; never before it was answered."""
        self._close(visit, "ended", max(at, visit.answered or at), **more)

    def _close(self, visit: Visit, event: str, at: datetime, **more: str) -> None:
        self.say(visit, event, at, more=more)
        self.visits.drop(visit)
