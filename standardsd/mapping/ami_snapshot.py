"""What QueueStatus and CoreShowChannels show → what the mapper did not see happen.

Waiting is told in whole seconds: Asterisk subtracts the second of the join from the second
of the snapshot.  So the second of the join is known, and nothing finer.  A list says who is
there; who is not there has gone, and how is not known.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from standardsd.mapping.ami_calls import CallMapper, decide_after
from standardsd.mapping.ami_visits import Stage, Visit, creation_second, visits_max
from standardsd.mapping.records import Fact
from standardsd.model.reading import Reading

misses_max = 2
"""Snapshots in a row without a caller who should be waiting, after which events must have been lost.

One is not enough: a caller may leave while the list is being made."""
forget_after = timedelta(hours=24)
"""A stay that nothing was heard of for so long is forgotten."""
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)

Span = tuple[datetime, datetime]


class Snapshot:
    words = frozenset({"waiting", "waiting_listed", "channel", "channels_listed", "booted"})

    def __init__(self, calls: CallMapper) -> None:
        self.lost: Span | None = None
        """Set when two snapshots prove that events were missed: the span to tell as a gap."""
        self._calls = calls
        self._gap: Span | None = None
        self._compared = False
        self._announced = False
        self._booted: Fact | None = None
        self._asked: datetime | None = None
        self._waiting: list[tuple[Fact, datetime]] = []
        self._channels: list[Fact] = []

    def clear(self) -> None:
        """The connection broke: lists that were half sent are not used."""
        self._waiting.clear()
        self._channels.clear()
        self._gap = self._asked = self._booted = None
        self._compared = False

    def expect(self, gap: Span | None, asked: datetime) -> None:
        """A snapshot is asked for, not earlier than ``asked``; ``gap``: sight was lost there, just before."""
        self._asked, self._gap = asked, gap
        self._compared, self._announced = False, True
        if gap is not None:
            self._mark(gap)
            self._restarted(gap)

    def take(self, fact: Fact, at: datetime) -> list[Reading]:
        if self._compared and fact.says in ("waiting", "waiting_listed"):
            # Another snapshot than the one after the gap, which nobody announced.
            self._gap = self._asked = None
            self._compared = False
        match fact.says:
            case "waiting":
                if len(self._waiting) < visits_max:
                    self._waiting.append((fact, at))
            case "channel":
                if len(self._channels) < 4 * visits_max:  # caller, agent and two Local halves
                    self._channels.append(fact)
            case "booted":
                self._booted = fact
                if self._gap is not None:
                    self._restarted(self._gap)
            case "waiting_listed":
                self._compare_waiting(at)
                self._waiting.clear()
                self._compared, self._announced = True, False
            case "channels_listed":
                self._compare_channels(at)
                self._channels.clear()
        return self._calls.voice.taken()

    def _mark(self, gap: Span) -> None:
        for visit in self._calls.visits:
            if visit.joined <= gap[0]:
                visit.lost_from, visit.lost_to = gap
                visit.hold_unsure = bool(visit.holding)

    def _restarted(self, gap: Span) -> None:
        """A PBX that runs for less time than we looked away was started anew: all its calls are gone.

        A stay that was talked in ended somewhere in the gap.  What became of who waited, nobody knows.
        """
        uptime = None if self._booted is None else self._booted.number("uptime_s")
        if uptime is None or gap[1] - timedelta(seconds=uptime + 1) <= gap[0]:
            return
        for visit in self._calls.visits:
            if visit.stage in (Stage.TALKING, Stage.PARKED, Stage.TRANSFERRED):
                self._calls.voice.say(visit, "ended", gap[1], after=gap[0], more={"ended_by": "pbx"})
        self._calls.visits.forget_all()

    # --- who waits ------------------------------------------------------------------------------

    def _compare_waiting(self, at: datetime) -> None:
        visits = self._calls.visits
        shown = {self._shown(fact, seen).key for fact, seen in self._waiting}
        asked = self._asked or at
        missing = [
            visit
            for visit in visits
            if visit.stage is Stage.WAITING
            and not visit.leaving
            and visit.key not in shown
            and (visit.joined < asked or (self._gap is not None and visit.joined <= self._gap[0]))
        ]
        for visit in visits:
            if visit.key in shown:
                visit.missed_in, visit.shown_at = 0, asked
        for visit in missing:
            visit.missed_in += self._announced  # a list that nobody here asked for may be of another PBX
            if self._gap is not None and visit.joined <= self._gap[0]:
                visit.stage = Stage.UNSEEN
            elif visit.missed_in >= misses_max and self.lost is None:
                since = max(visit.joined, visit.shown_at or visit.joined)
                self.lost = (since, asked) if since < asked else None
        if self.lost is not None:
            self._mark(self.lost)
            for visit in missing:
                if visit.joined <= self.lost[0]:
                    visit.stage = Stage.UNSEEN
            for visit in visits:
                if visit.key in shown and visit.joined < self.lost[1]:
                    self._calls.voice.say(visit, "updated", self.lost[1])
        for visit in visits:
            if visit.stage is Stage.UNSEEN and at - visit.joined > forget_after:
                visits.drop(visit)

    def _shown(self, fact: Fact, seen: datetime) -> Visit:
        """The visit of one caller in the list; a new one where the join was not seen."""
        window = self._window(fact, seen)
        visit = self._calls.visits.find("", fact.text("caller"), fact.text("queue"))
        if visit is not None and not self._same(visit, window):
            self._over(visit, window)
            visit = None
        if visit is None:
            joined, after = min(window[1], seen), window[0]
            visit = self._calls.join(fact, joined, after=after if after < joined else None)
        elif visit.stage is Stage.UNSEEN or visit.left_at is not None:
            visit.stage, visit.left_at, visit.out_at = Stage.WAITING, None, None
        if self._gap is not None and visit.joined < self._gap[1]:
            self._calls.voice.say(visit, "updated", self._gap[1])
        return visit

    def _window(self, fact: Fact, seen: datetime) -> Span:
        """The caller joined in (from, to]: the second that Wait names, no earlier than the channel was made."""
        waited = timedelta(seconds=int(fact.number("waited_s") or 0))
        earliest = (self._asked or seen).replace(microsecond=0) - waited
        latest = seen.replace(microsecond=0) - waited + _SECOND
        created = creation_second(fact.text("caller"))
        if created is not None and earliest < created < latest:
            earliest = created
        return earliest - _MICROSECOND, latest

    def _same(self, visit: Visit, window: Span) -> bool:
        """Whether the caller in the list joined when this visit did, give or take the clocks' seconds."""
        if visit.stage not in (Stage.WAITING, Stage.UNSEEN):
            return False
        began = visit.joined if visit.joined_after is None else visit.joined_after
        return began <= window[1] + decide_after and window[0] - decide_after <= visit.joined

    def _over(self, visit: Visit, window: Span) -> None:
        """The caller waits in this queue again, so the stay we knew of is over, some time before that."""
        by = min(window[1], self._gap[1]) if self._gap is not None else window[1]
        if visit.stage in (Stage.TALKING, Stage.PARKED, Stage.TRANSFERRED) and visit.answered is not None:
            self._calls.voice.say(
                visit, "ended", max(by, visit.answered), after=visit.lost_from or visit.answered
            )
        self._calls.visits.drop(visit)

    # --- who talks ------------------------------------------------------------------------------

    def _compare_channels(self, at: datetime) -> None:
        """Only after a gap: who is still connected, who was answered meanwhile, who is gone."""
        if self._gap is None:
            return
        there = {fact.text("channel"): fact for fact in self._channels}
        since, until = self._gap
        for visit in self._calls.visits:
            if visit.lost_to != until or visit.stage is Stage.WAITING:
                continue
            fact = there.get(visit.channel) or there.get(visit.channel.removeprefix(visit.system + "-"))
            if fact is None:
                if visit.stage is not Stage.UNSEEN:
                    self._calls.voice.say(visit, "ended", until, after=since)
                self._calls.visits.drop(visit)
            elif self._in_queue(fact, visit) and fact.text("bridge"):
                if visit.stage is Stage.UNSEEN:
                    visit.stage, visit.answered, visit.answered_after = Stage.TALKING, until, since
                    self._calls.voice.say(visit, "answered", until, after=since)
                self._calls.voice.say(visit, "updated", until)
            elif visit.stage is Stage.PARKED:
                self._calls.voice.say(visit, "updated", until)

    @staticmethod
    def _in_queue(fact: Fact, visit: Visit) -> bool:
        """Whether Queue() for this queue still runs on the channel (as it does while an agent talks)."""
        return fact.text("application") == "Queue" and fact.text("data").split(",")[0] == visit.queue
