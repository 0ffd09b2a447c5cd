"""What is remembered of calls between two AMI messages, and nothing more.

A visit is one stay of one caller's channel in one queue; its id says which join of that
channel to that queue it is.  It is made when the caller joins, or when a
snapshot shows a caller whose join was not seen, and forgotten when the stay is over.  No
caller's number or name and no agent is kept.  ``Memory`` is the driver's cursor: after a
restart it makes the next connection look like one that follows a lost one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

visits_max = 20_000
"""Stays known at once; ten times the calls that one large PBX carries."""
joins_max = 50_000
"""Channels whose joins are counted; a channel is dropped when it hangs up, this is for lost hang-ups."""

gone_max = 100
"""Channels that hung up lately and whose joins are still counted: a message may come late."""
_epoch_max = 2**33  # the year 2242; a greater number is no second

Key = tuple[str, str]
"""(caller's channel, queue)."""


class Stage(StrEnum):
    WAITING = "waiting"
    TALKING = "talking"
    PARKED = "parked"
    TRANSFERRED = "transferred"  # the queue is done with it; over, unless it is parked within a moment
    UNSEEN = "unseen"  # waited before sight was lost, and waits no more


class Visit(Struct, omit_defaults=True):
    """One stay.  Instants are the PBX's; channels and calls are named with their PBX (see ``named``).

    ``channel``: the caller's now; ``first_channel``: the one it joined with, which stands in the id.
    ``joined_after``: where the join was not seen, it was in (``joined_after``, ``joined``].
    ``out_at``: QueueCallerAbandon; ``left_at``: QueueCallerLeave; ``requested_at``: the caller hung up;
    ``peer_requested_at``: the agent did; ``dropped_at``: the PBX did.
    ``answered_after``: set where the answer was not seen; then it was in (that, ``answered``].
    ``lost_from``, ``lost_to``: while it was open, nothing was seen there (the last such time).
    ``replaced_by``: the channel that takes the caller's place when operation ``replaced_in`` succeeds.
    ``missed_in``: snapshots in a row that did not show it although it should be waiting; ``shown_at``: the last
    one that did.
    """

    system: str
    channel: str
    first_channel: str
    queue: str
    contact: str
    joined: datetime
    nth: int = 0
    joined_after: datetime | None = None
    stage: Stage = Stage.WAITING
    out_at: datetime | None = None
    left_at: datetime | None = None
    requested_at: datetime | None = None
    peer_requested_at: datetime | None = None
    dropped_at: datetime | None = None
    answered: datetime | None = None
    answered_after: datetime | None = None
    done_at: datetime | None = None
    peer: str = ""
    holding: list[str] = []
    hold_unsure: bool = False
    transferred: bool = False
    park_timed_out: bool = False
    lost_from: datetime | None = None
    lost_to: datetime | None = None
    replaced_by: str = ""
    replaced_in: str = ""
    missed_in: int = 0
    shown_at: datetime | None = None

    @property
    def key(self) -> Key:
        return (self.channel, self.queue)

    @property
    def leaving(self) -> bool:
        """It left the queue and it is not known yet how."""
        return self.stage is Stage.WAITING and (self.out_at is not None or self.left_at is not None)

    def undecided_since(self) -> datetime | None:
        """The earliest instant at which a reading of this visit may still be said; None: nothing is owed."""
        if self.stage in (Stage.WAITING, Stage.TALKING, Stage.PARKED):
            owed = (self.out_at, self.left_at, self.requested_at, self.dropped_at, self.peer_requested_at)
        elif self.stage is Stage.TRANSFERRED:
            owed = (self.done_at, None, None, None, None)
        else:
            return None
        return min((at for at in owed if at is not None), default=None)


def interaction_id(source: str, visit: Visit) -> str:
    """``<source>/<channel>/<queue>/<n>``: the same for two clients that watched this PBX from the start."""
    return f"{source}/{visit.first_channel}/{visit.queue}/{visit.nth}"


def named(system: str, uniqueid: str) -> str:
    """A Uniqueid or Linkedid that is unique among PBXs.

    Asterisk puts its SystemName before them itself; where it did not, we do.
    """
    return uniqueid if not system or uniqueid.startswith(system + "-") else f"{system}-{uniqueid}"


def created_before(channel: str, other: str) -> bool:
    """Whether Asterisk made ``channel`` before ``other``; False where a Uniqueid is not of Asterisk's own form.

    A Uniqueid ends in ``<epoch second>.<running number>``; both rise.  A channel that is older than
    the waiting caller's stands on the caller's side: an agent's channel is made when it is called.
    """
    ours, theirs = _creation(channel), _creation(other)
    return ours is not None and theirs is not None and ours < theirs


def _creation(uniqueid: str) -> tuple[int, int] | None:
    second, dot, number = uniqueid.rpartition("-")[2].partition(".")
    digits = dot and second.isascii() and second.isdigit() and number.isascii() and number.isdigit()
    return (int(second), int(number)) if digits and len(uniqueid) < 200 else None


def creation_second(uniqueid: str) -> datetime | None:
    """The second of the PBX's clock in which a channel was made; None for a Uniqueid of another form."""
    created = _creation(uniqueid)
    if created is None or not 0 < created[0] < _epoch_max:
        return None
    return datetime.fromtimestamp(created[0], UTC)


class Memory(Struct):
    """``heard``: the last instant of the PBX's clock up to which everything was read.

    ``joins``: channel → queue → how often it joined; ``gone``: the same for channels that hung up lately.
    ``requests_seen``: this PBX says HangupRequest, so a hang-up without one is none by the caller.
    """

    visits: list[Visit] = []
    joins: dict[str, dict[str, int]] = {}
    gone: dict[str, dict[str, int]] = {}
    heard: datetime | None = None
    requests_seen: bool = False


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Memory)


class Visits:
    """The open visits, by channel and by call."""

    def __init__(self, memory: bytes | None = None) -> None:
        """``memory`` that cannot be read (another version's) is as none: everything is seen anew."""
        kept = Memory()
        if memory is not None:
            try:
                kept = _decoder.decode(memory)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                kept = Memory()
        self.heard = kept.heard
        self.requests_seen = kept.requests_seen
        self.forgotten = 0
        self._joins = kept.joins
        self._gone = kept.gone
        self._open: dict[Key, Visit] = {}
        self._by_channel: dict[str, list[Visit]] = {}
        self._by_contact: dict[str, list[Visit]] = {}
        self._watched: dict[int, Visit] = {}
        for visit in kept.visits:
            self._index(visit)
            if visit.undecided_since() is not None:
                self.watch(visit)

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Visit]:
        return iter(tuple(self._open.values()))

    def memory(self, heard: datetime | None) -> bytes:
        """``heard``: the instant from which on a new process must take sight as lost."""
        visits = list(self._open.values())
        return _encoder.encode(Memory(visits, self._joins, self._gone, heard, self.requests_seen))

    def add(self, visit: Visit) -> Visit:
        """A new stay: it gets the next number of its channel and queue.  An open one of the same key goes."""
        if (old := self._open.get(visit.key)) is not None:
            self.drop(old)
        joins = self._joins.pop(visit.first_channel, None) or self._gone.pop(visit.first_channel, {})
        visit.nth = joins[visit.queue] = joins.get(visit.queue, 0) + 1
        self._joins[visit.first_channel] = joins
        while len(self._joins) > joins_max:
            del self._joins[next(iter(self._joins))]
        while len(self._open) >= visits_max:
            self.drop(next(iter(self._open.values())))
            self.forgotten += 1
        self._index(visit)
        return visit

    def drop(self, visit: Visit) -> None:
        """Forgets a visit; one that is not known is no error."""
        self._watched.pop(id(visit), None)
        self._take_out(visit)

    def watch(self, visit: Visit) -> None:
        """Something about it waits for its explanation; it is looked at with every message until it is dropped."""
        self._watched[id(visit)] = visit

    def watched(self) -> tuple[Visit, ...]:
        """Visits that something was owed of; the others need not be looked at as time goes by."""
        return tuple(self._watched.values())

    def find(self, system: str, uniqueid: str, queue: str) -> Visit | None:
        return next((v for v in self.of_channel(system, uniqueid) if v.queue == queue), None)

    def of_channel(self, system: str, uniqueid: str) -> tuple[Visit, ...]:
        """Every open stay of this caller's channel, oldest first.

        Items of a list carry no SystemName.  Where the PBX does not put it into its Uniqueids either,
        such a record finds the visit of whichever PBX has that channel, and a visit that was made
        from such a record is found by, and given, the full name.
        """
        if found := self._by_channel.get(named(system, uniqueid)):
            return tuple(found)
        if system:
            for visit in tuple(self._by_channel.get(uniqueid, ())):
                visit.system = visit.system or system
                self.move(visit, named(system, uniqueid))
            return tuple(self._by_channel.get(named(system, uniqueid), ()))
        ends = "-" + uniqueid
        return tuple(v for v in self._open.values() if v.channel.endswith(ends))

    def of_contact(self, system: str, linkedid: str) -> tuple[Visit, ...]:
        return tuple(self._by_contact.get(named(system, linkedid), ()))

    def move(self, visit: Visit, channel: str) -> None:
        """Asterisk put another channel in the caller's place; the interaction keeps its id."""
        self._take_out(visit)
        visit.channel = channel
        self._index(visit)

    def relink(self, visit: Visit, contact: str) -> None:
        """Two calls were joined, and Asterisk gave this one the older one's Linkedid."""
        if contact and contact != visit.contact and visit.key in self._open:
            self._take_out(visit)
            visit.contact = contact
            self._index(visit)

    def forget_channel(self, channel: str) -> None:
        """The channel is gone, and its Uniqueid never comes back; its joins are counted for a while yet."""
        if (joins := self._joins.pop(channel, None)) is not None:
            self._gone[channel] = joins
            while len(self._gone) > gone_max:
                del self._gone[next(iter(self._gone))]

    def forget_all(self) -> None:
        """The PBX was started anew: no channel of before is left."""
        for visit in self:
            self.drop(visit)
        for channel in tuple(self._joins):
            self.forget_channel(channel)

    def _take_out(self, visit: Visit) -> None:
        if self._open.get(visit.key) is not visit:
            return
        del self._open[visit.key]
        for index, key in ((self._by_channel, visit.channel), (self._by_contact, visit.contact)):
            left = [one for one in index.get(key, ()) if one is not visit]
            if left:
                index[key] = left
            else:
                index.pop(key, None)

    def _index(self, visit: Visit) -> None:
        self._open[visit.key] = visit
        self._by_channel.setdefault(visit.channel, []).append(visit)
        self._by_contact.setdefault(visit.contact, []).append(visit)
