"""The conversation with one AMI server, without a socket: what to send, and what answers mean.

The order closes every hole: logged in without events, the clocks are compared; then events
are switched on; the ping behind that proves from which instant on nothing is missed; only
then the queues' snapshot is asked for, and it is compared with what events told meanwhile.
All of it is sent at once, because the server works through it in order.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from standardsd.mapping.ami import Banner, Item, Message, action, challenge_key
from standardsd.mapping.records import instant
from standardsd.model.definition import Conversion

pings_outstanding_max = 64
"""Pings without an answer; far fewer make the connection late by ``overdue``."""
round_trips_kept = 8
"""The clock offset is that of the quickest of the last pings: it lay the least in somebody's queue."""


class Phase(StrEnum):
    GREETING = "greeting"
    CHALLENGE = "challenge"
    LOGIN = "login"
    SETTING_UP = "setting up"
    LIVE = "live"


class Refused(Exception):
    """The server does not let us in (``LOGIN``), or is no AMI server (``GREETING``).  No secret is in the text."""

    def __init__(self, phase: Phase, error: str) -> None:
        super().__init__(f"{phase}: {error}")
        self.phase = phase
        self.error = error


class Credentials(Struct, frozen=True):
    username: str
    secret: str
    md5: bool

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, …)"


class Heard(Struct, frozen=True):
    """What one item of the conversation means.

    ``sighted``: from this instant of the PBX's clock on nothing is missed.  ``offset``: the PBX's clock minus
    ours, newly measured.  ``no_snapshot``: the PBX knows no QueueStatus.
    """

    send: bytes = b""
    sighted: datetime | None = None
    offset: timedelta | None = None
    no_snapshot: bool = False


class Session:
    """One connection.  ``prefix`` of its ActionIDs: nobody else's answers are taken for ours."""

    def __init__(self, credentials: Credentials, *, prefix: str, channels: bool) -> None:
        self.phase = Phase.GREETING
        self.channels_refused = False
        self._credentials = credentials
        self._prefix = prefix
        self._channels = channels
        self._number = 0
        self._asked: dict[str, str] = {}  # ActionID → what it asks
        self._pings: dict[str, datetime] = {}  # ActionID → when it was sent, our clock
        self._sight_ping = ""
        self._trips: list[tuple[timedelta, timedelta]] = []

    def hear(self, item: Item, now: datetime) -> Heard:
        """``now``: our clock when it was received.  Raises ``Refused``."""
        if isinstance(item, Banner):
            return self._greeted()
        if not isinstance(item, Message) or not (response := item.get("Response")):
            return Heard()
        if self.phase is Phase.GREETING:
            raise Refused(Phase.GREETING, "an answer to nothing that was asked")
        if self.phase in (Phase.CHALLENGE, Phase.LOGIN):
            return self._answered(item, response, now)
        if item.get("Ping") == "Pong":
            return self._ponged(item, now)
        asked = self._asked.pop(item.get("ActionID"), "")
        if response == "Error" and asked == "QueueStatus":
            return Heard(no_snapshot=True)
        if response == "Error" and asked == "CoreShowChannels":
            self.channels_refused = True
        return Heard()

    def ping(self, now: datetime) -> bytes:
        """One more ping; b"" when so many are unanswered that another would tell nothing."""
        if len(self._pings) >= pings_outstanding_max:
            return b""
        return self._ping(now)[1]

    def snapshot(self, now: datetime) -> bytes:
        """Asks for the queues again, and for a ping behind it."""
        return self._ask("QueueStatus") + self._ping(now)[1]

    def overdue(self, now: datetime, deadline: timedelta) -> bool:
        """Whether a ping has been unanswered for ``deadline`` or longer."""
        return any(now - sent >= deadline for sent in self._pings.values())

    def _greeted(self) -> Heard:
        if self.phase is not Phase.GREETING:
            return Heard()
        if self._credentials.md5:
            self.phase = Phase.CHALLENGE
            return Heard(send=action("Challenge", self._id(), {"AuthType": "MD5"}))
        self.phase = Phase.LOGIN
        login = {"Username": self._credentials.username, "Secret": self._credentials.secret, "Events": "off"}
        return Heard(send=action("Login", self._id(), login))

    def _answered(self, message: Message, response: str, now: datetime) -> Heard:
        """The answer to Challenge or Login; nothing else can be asked before it."""
        if response != "Success":
            raise Refused(Phase.LOGIN, message.get("Message") or f"Response: {response}")
        if self.phase is Phase.LOGIN:
            self.phase = Phase.SETTING_UP
            return Heard(send=self._set_up(now))
        challenge = message.get("Challenge")
        if not challenge:
            raise Refused(Phase.LOGIN, "no challenge; set auth: plain if its manager has no MD5")
        self.phase = Phase.LOGIN
        key = challenge_key(challenge, self._credentials.secret)
        login = {"AuthType": "MD5", "Username": self._credentials.username, "Key": key, "Events": "off"}
        return Heard(send=action("Login", self._id(), login))

    def _set_up(self, now: datetime) -> bytes:
        first = self._ping(now)[1]
        events = self._ask("Events", {"EventMask": "on"})  # some servers do not answer this one
        self._sight_ping, second = self._ping(now)
        lists = self._ask("QueueStatus") + (self._ask("CoreShowChannels") if self._channels else b"")
        return first + events + second + lists + self._ping(now)[1]

    def _ponged(self, message: Message, now: datetime) -> Heard:
        """A Pong.  Answers come in order, so it also answers every ping before its own."""
        number = message.get("ActionID")
        try:
            at = instant(message.get("Timestamp"), Conversion.EPOCH_S)
        except ValueError:
            at = None
        sent = self._pings.get(number)
        for earlier in list(self._pings):
            if sent is not None and self._pings[earlier] > sent:
                break
            del self._pings[earlier]
            if earlier == number:
                break
        if at is None:
            return Heard()
        sighted = None
        if self.phase is Phase.SETTING_UP and (sent is None or number == self._sight_ping):
            self.phase = Phase.LIVE
            sighted = at
        if sent is None:  # no answer to us (a recording is played): it proves the stream, and no offset
            return Heard(sighted=sighted)
        self._trips = [*self._trips, (now - sent, at - sent - (now - sent) / 2)][-round_trips_kept:]
        return Heard(sighted=sighted, offset=min(self._trips)[1])

    def _ping(self, now: datetime) -> tuple[str, bytes]:
        number = self._id()
        self._pings[number] = now
        return number, action("Ping", number)

    def _ask(self, name: str, fields: dict[str, str] | None = None) -> bytes:
        number = self._id()
        self._asked[number] = name
        return action(name, number, fields)

    def _id(self) -> str:
        self._number += 1
        return f"{self._prefix}-{self._number}"
