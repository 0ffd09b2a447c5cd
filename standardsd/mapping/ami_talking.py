"""From the answer to the end: holds, transfers, parking, and whose Hold a Hold is.

Hold is said of the channel that pressed it.  The agent's channels (with a Local member there
are several) share the caller's Linkedid and were made after the caller's; the channels on
the caller's own side are older, and what they hold is no hold of ours.  Phones say Unhold
before a transfer without a Hold, and Asterisk may repeat either: a hold is a state here,
not an edge.

A stay is over when the agent hands the caller on, but for parking: then it lasts until the
caller hangs up, and the parked time until somebody speaks with the caller again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from standardsd.mapping.ami_visits import Stage, Visit, created_before, named
from standardsd.mapping.ami_voice import Voice
from standardsd.mapping.records import Fact

request_max = timedelta(seconds=30)
"""A hang-up request older than this did not cause the AgentComplete that follows."""
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


class Talking:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._visits = voice.visits

    def completed(self, fact: Fact, at: datetime) -> None:
        """AgentComplete: at the request that caused it; it may come late, and without the caller's channel."""
        visit = self._of_complete(fact)
        if visit is None:
            return
        self._answer_unseen(visit, at, fact.number("waited_s"))
        if fact.text("reason") == "transfer":
            if not visit.transferred:
                visit.transferred = True
                self._voice.say(visit, "transferred", at, more={"transfer": "unknown"})
            if visit.stage is Stage.TALKING:
                visit.stage, visit.done_at = Stage.TRANSFERRED, at
                self._visits.watch(visit)
            return
        if visit.stage is Stage.PARKED:
            return
        requests = [visit.requested_at, visit.peer_requested_at]
        recent = [one for one in requests if one is not None and at - one <= request_max]
        by = {"ended_by": fact.text("reason")} if fact.text("reason") else None
        self._voice.end(visit, min(recent, default=at), by)

    def held(self, fact: Fact, at: datetime) -> None:
        for visit, channel in self._agents(fact, at):
            if visit.hold_unsure and channel in visit.holding:
                # It was let go and pressed again while nobody looked; the first hold ended somewhere there.
                visit.holding.clear()
                self._voice.say(visit, "resumed", visit.lost_to or at, after=visit.lost_from)
            visit.hold_unsure = False
            if not visit.holding:
                self._voice.say(visit, "held", at)
            if channel not in visit.holding:
                visit.holding.append(channel)

    def resumed(self, fact: Fact, at: datetime) -> None:
        for visit, channel in self._agents(fact, at):
            visit.hold_unsure = False
            if channel in visit.holding:
                visit.holding.remove(channel)
                if not visit.holding:
                    self._voice.say(visit, "resumed", at)

    def transferred(self, fact: Fact, at: datetime) -> None:
        if not (caller := fact.text("caller")):
            return
        for visit in self._visits.of_channel(fact.text("system"), caller):
            if visit.stage in (Stage.TALKING, Stage.UNSEEN):
                self._answer_unseen(visit, at, None)
                visit.transferred = True
                self._voice.say(visit, "transferred", at, more=fact.labels)

    def parked(self, fact: Fact, at: datetime) -> None:
        for visit in self._visits.of_channel(fact.text("system"), fact.text("caller")):
            if visit.stage in (Stage.TALKING, Stage.TRANSFERRED):
                if visit.holding:
                    visit.holding.clear()
                    self._voice.say(visit, "resumed", at)
                visit.stage, visit.done_at, visit.park_timed_out = Stage.PARKED, None, False
                visit.peer_requested_at = None
                self._voice.say(visit, "parked", at)

    def unparked(self, fact: Fact, at: datetime) -> None:
        for visit in self._visits.of_channel(fact.text("system"), fact.text("caller")):
            if visit.stage is Stage.PARKED and fact.labels.get("unparked") == "timed_out":
                visit.park_timed_out = True  # the parker's phone rings; the caller still hears music
            elif visit.stage is Stage.PARKED:
                self._unpark(visit, at, "fetched")

    def bridged(self, fact: Fact, at: datetime) -> None:
        for visit in self._visits.of_channel(fact.text("system"), fact.text("channel")):
            if visit.stage is Stage.PARKED and visit.park_timed_out:
                self._unpark(visit, at, "timed_out")

    def replacing(self, fact: Fact, at: datetime) -> None:
        """A Local channel that stands in the caller's place begins to be optimised away."""
        for half in ("one", "two"):
            for visit in self._visits.of_channel(fact.text("system"), fact.text(half)):
                if fact.text("by") != fact.text(half):
                    visit.replaced_by = named(fact.text("system"), fact.text("by"))
                    visit.replaced_in = fact.text("operation")

    def replaced(self, fact: Fact, at: datetime) -> None:
        for half in ("one", "two"):
            for visit in self._visits.of_channel(fact.text("system"), fact.text(half)):
                if visit.replaced_by and visit.replaced_in == fact.text("operation"):
                    if fact.text("success") == "Yes":
                        self._visits.move(visit, visit.replaced_by)
                    visit.replaced_by = visit.replaced_in = ""

    def of_call(self, fact: Fact) -> tuple[Visit, ...]:
        """Every open stay of the call that a record's channel belongs to."""
        found = self._visits.of_contact(fact.text("system"), call) if (call := fact.text("call")) else ()
        if found or not (channel := fact.text("channel")):
            return found
        return self._visits.of_channel(fact.text("system"), channel)

    @staticmethod
    def is_agents(visit: Visit, channel: str) -> bool:
        """Whether a channel of this call stands on the agent's side."""
        return channel != visit.channel and not created_before(channel, visit.first_channel)

    def _agents(self, fact: Fact, at: datetime) -> list[tuple[Visit, str]]:
        channel = named(fact.text("system"), fact.text("channel"))
        found = []
        for visit in self.of_call(fact):
            if visit.stage in (Stage.TALKING, Stage.UNSEEN) and self.is_agents(visit, channel):
                self._answer_unseen(visit, at, None)
                found.append((visit, channel))
        return found

    def _unpark(self, visit: Visit, at: datetime, how: str) -> None:
        visit.stage, visit.park_timed_out = Stage.TALKING, False
        self._voice.say(visit, "unparked", at, more={"unparked": how})

    def _of_complete(self, fact: Fact) -> Visit | None:
        """The stay an AgentComplete is of: by the caller's channel and queue, else (the channel may be
        missing or another one) by call and queue, else by the agent's; the last two only if just one fits."""
        system, queue, peer = fact.text("system"), fact.text("queue"), fact.text("peer")
        done = (Stage.TALKING, Stage.UNSEEN, Stage.PARKED)
        if caller := fact.text("caller"):
            visit = self._visits.find(system, caller, queue)
            if visit is not None:
                return visit if visit.stage in done else None
        same = [v for v in self.of_call(fact) if v.queue == queue and v.stage in done]
        if not same and peer:
            same = [v for v in self._visits if v.queue == queue and v.peer == peer and v.stage in done]
        return same[0] if len(same) == 1 else None

    def _answer_unseen(self, visit: Visit, now: datetime, waited_s: float | None) -> None:
        """It talks, so it was answered while nobody looked; or that is now known better.

        With HoldTime the second of the answer is known, because Asterisk subtracts whole seconds.
        """
        lost_from, lost_to = visit.lost_from, visit.lost_to
        unseen = visit.stage is Stage.UNSEEN
        if lost_from is None or lost_to is None or not (unseen or visit.answered_after is not None):
            return
        after, by, finer = lost_from, min(lost_to, now), False
        if waited_s is not None and visit.joined_after is None:
            second = visit.joined.replace(microsecond=0) + timedelta(seconds=int(waited_s))
            # Else the clock was changed meanwhile, and the gap is all that is known.
            if finer := after < second + _SECOND and second - _MICROSECOND < by:
                after, by = max(after, second - _MICROSECOND), min(by, second + _SECOND)
        if not unseen and not finer:
            return
        if not unseen and visit.answered is not None:
            self._voice.take_back(visit, "answered", visit.answered, "the second of the answer was read")
        if unseen:
            visit.stage = Stage.TALKING
        visit.answered, visit.answered_after = by, None if finer else after
        self._voice.say(visit, "answered", by, after=after)
