"""One connection of driver `ami`: a socket that is always read, and the conversation on it.

What was read waits in a bounded buffer; when that is full the connection is given up: a gap
that is told is better than a delay that is not.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import ssl
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from standardsd.drivers.base import Batch, Rejection, Shell
from standardsd.mapping.ami import BANNER, Message, Parser, Refusal
from standardsd.mapping.ami_session import Credentials, Phase, Refused, Session
from standardsd.mapping.ami_stream import AmiStream
from standardsd.model.reading import Reading, Watermark

buffer_bytes_max = 8 * 1024 * 1024
"""Read and not yet judged: about half a minute of the busiest PBX; then the judge is not behind, it is stuck."""
read_bytes = 64 * 1024
readings_max = 1000
"""Readings of one batch; the snapshot of a large PBX is split."""
cursor_bytes_max = 64 * 1024
"""A larger memory goes into the journal with watermarks only; after a crash the gap begins at the last one."""
greet_seconds = 15.0
"""From the connection to the end of the login; a refused one is answered after 1 s, 30 s close it there."""
ping_gap = timedelta(milliseconds=20)
"""Least time between two pings, however many promises are due."""
ping_again = timedelta(milliseconds=250)
"""After a ping that was to prove an instant and has not yet: its answer is under way, or something is undecided."""
_after = timedelta(milliseconds=1)

SETTING_UP: dict[Phase, str] = {
    # where the conversation stands: what we are doing there, in words
    Phase.GREETING: "waiting for its greeting",
    Phase.CHALLENGE: "logging in",
    Phase.LOGIN: "logging in",
    Phase.SETTING_UP: "asking for its queues",
    Phase.LIVE: "watching",
}
NO_MANAGER = "this is not the manager port; 5038 is usual"


class Timing(Protocol):
    """The part of the driver's settings that a connection needs."""

    ping_every: timedelta
    ping_deadline: timedelta
    reconcile_every: timedelta
    channels: bool


class Lost(Exception):
    """The connection is of no use any more.  ``doing``, ``error``, ``fix`` as in ``Trouble``."""

    def __init__(self, doing: str, error: str, fix: str = "", *, refused: bool = False) -> None:
        super().__init__(error)
        self.doing = doing
        self.error = error
        self.fix = fix
        self.refused = refused


class Socket:
    """Reads all the time into a bounded buffer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shell: Shell) -> None:
        self._reader = reader
        self._writer = writer
        self._shell = shell
        self._chunks: deque[tuple[bytes, datetime]] = deque()
        self._size = 0
        self._failure: Lost | None = None
        self.news = asyncio.Event()

    async def drain(self) -> None:
        """Until the connection ends; what it ended by is raised by ``taken`` after the last bytes."""
        try:
            while data := await self._reader.read(read_bytes):
                self._chunks.append((data, self._shell.now()))
                self._size += len(data)
                self.news.set()
                if self._size > buffer_bytes_max:
                    self._failure = Lost("reading events", "more came than could be judged")
                    return
            self._failure = Lost("reading events", "the PBX closed the connection")
        except (OSError, ssl.SSLError) as error:
            self._failure = Lost("reading events", words(error))
        finally:
            self.news.set()

    def taken(self) -> list[tuple[bytes, datetime]]:
        """Everything that was read since; at the end of the connection raises why it ended."""
        self.news.clear()
        chunks, self._size = list(self._chunks), 0
        self._chunks.clear()
        if not chunks and self._failure is not None:
            raise self._failure
        if self._failure is not None:
            self.news.set()
        return chunks

    async def send(self, data: bytes, deadline: timedelta) -> None:
        """A server that does not read what it is sent for ``deadline`` is as good as gone."""
        if data:
            self._writer.write(data)
            try:
                async with asyncio.timeout(deadline.total_seconds()):
                    await self._writer.drain()
            except (TimeoutError, OSError) as error:
                raise Lost("sending it an action", words(error)) from None


class Watch:
    """One connection's conversation, from the greeting until it is lost."""

    def __init__(
        self,
        settings: Timing,
        shell: Shell,
        stream: AmiStream,
        socket: Socket,
        credentials: Credentials,
        delay: timedelta,
        name: str,
    ) -> None:
        self._settings = settings
        self._shell = shell
        self._stream = stream
        self._socket = socket
        self._delay = delay
        self._name = name
        prefix = f"standardsd-{secrets.token_hex(4)}"
        self._session = Session(credentials, prefix=prefix, channels=settings.channels)
        self._parser = Parser()
        self._greeting = b""
        self._pinged: datetime | None = None
        self._asked: datetime | None = None

    async def run(self, is_up: Callable[[Shell], None]) -> None:
        await self._hand_over(self._stream.connected(), [])
        loop = asyncio.get_running_loop()
        live_by = loop.time() + greet_seconds
        due = asyncio.create_task(self._shell.due_changed())
        try:
            while True:
                live = self._session.phase is Phase.LIVE
                if due.done():
                    due.result()
                    due = asyncio.create_task(self._shell.due_changed())
                pause = self._pause() if live else self._set_up_pause(live_by - loop.time())
                news = asyncio.create_task(self._socket.news.wait())
                await asyncio.wait({news, due}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                await self._read()
                if not live and self._session.phase is Phase.LIVE:
                    is_up(self._shell)
                self._check_pings()
                if live:
                    await self._keep_up()
                elif loop.time() >= live_by and self._session.phase is not Phase.LIVE:
                    what = f"no answer within {greet_seconds:g} s"
                    raise Lost(SETTING_UP[self._session.phase], what, "check that this is the manager port")
        finally:
            due.cancel()

    async def _read(self) -> None:
        """Takes in everything that was read; hands over what it means as one batch."""
        said: list[Reading] = []
        rejected: list[Rejection] = []
        try:
            for data, received in self._socket.taken():
                self._check_greeting(data)
                for item in self._parser.feed(data):
                    if isinstance(item, Refusal):
                        rejected.append(_refusal(item))
                        continue
                    heard = self._session.hear(item, received)
                    said += self._note(heard.offset, heard.sighted)
                    if heard.no_snapshot:
                        self._stream.no_snapshot()
                    if isinstance(item, Message):
                        said += self._stream.take(item, received)
                    await self._socket.send(heard.send, self._settings.ping_deadline)
        except Refused as refused:
            raise self._refused(refused) from None
        except Lost:
            rejected += [_refusal(item) for item in self._parser.end() if isinstance(item, Refusal)]
            await self._hand_over(said, rejected)
            raise
        await self._hand_over(said, rejected)

    def _note(self, offset: timedelta | None, sighted: datetime | None) -> list[Reading]:
        if offset is not None:
            self._stream.offset = offset
            self._shell.measured(clock_offset_seconds=offset.total_seconds())
        if sighted is None:
            return []
        self._asked = self._shell.now()
        return self._stream.sighted(sighted)

    async def _hand_over(self, said: list[Reading], rejected: list[Rejection]) -> None:
        for offset, one in self._stream.rejected():
            rejected.append(Rejection(one.reason, f"message at byte {offset}", one.what))
        if not said and not rejected:
            return
        memory = self._stream.memory()
        for start in range(0, max(1, len(said)), readings_max):
            part = tuple(said[start : start + readings_max])
            last = start + readings_max >= len(said)
            # The memory is that of the end, so it may only go with the last part.
            keep = last and (
                len(memory) <= cursor_bytes_max or isinstance(part[-1] if part else None, Watermark)
            )
            batch = Batch(self._name, part, memory if keep else None, tuple(rejected) if last else ())
            await self._shell.accept(batch)

    # --- pings ----------------------------------------------------------------------------------

    def _pause(self) -> float:
        """Seconds until the next ping is wanted, or an unanswered one is overdue."""
        now = self._shell.now()
        return max(0.0, (self._next_ping(now) - now).total_seconds())

    def _set_up_pause(self, left: float) -> float:
        """Before sight is gained nothing is due, but the pings of the set-up may be overdue."""
        return max(0.0, min(left, self._settings.ping_deadline.total_seconds()))

    def _next_ping(self, now: datetime) -> datetime:
        """At the next due instant (that is when the PBX's silence must be proven), at the next instant at
        which something that waits can be decided, and every ``ping_every`` anyhow."""
        if self._pinged is None:
            return now
        offset = self._stream.offset or timedelta(0)
        wanted = [self._pinged + self._settings.ping_every]
        if (due := self._shell.next_due()) is not None:
            wanted.append(due - offset + self._delay + _after)
        if (decided := self._stream.undecided_until()) is not None:
            wanted.append(decided - offset + _after)
        soonest = min(wanted)
        gap = ping_gap if self._pinged < soonest else ping_again
        # The wall clock may be set back: never later than ``ping_every`` from now.
        return min(max(soonest, self._pinged + gap), now + self._settings.ping_every)

    def _check_pings(self) -> None:
        deadline = self._settings.ping_deadline
        if self._session.overdue(self._shell.now(), deadline):
            said = f"no answer within {deadline.total_seconds():g} s"
            raise Lost("pinging it", said, "the PBX hangs, or the network swallows packets")

    async def _keep_up(self) -> None:
        now = self._shell.now()
        deadline = self._settings.ping_deadline
        if self._asked is not None and now - self._asked >= self._settings.reconcile_every:
            self._asked = now
            self._stream.asked(self._stream.to_pbx(now) or now)
            await self._socket.send(self._session.snapshot(now), deadline)
        elif self._next_ping(now) <= now:
            self._pinged = now
            await self._socket.send(self._session.ping(now), deadline)

    def _check_greeting(self, data: bytes) -> None:
        """The very first bytes tell whether this is a manager port."""
        if len(self._greeting) < len(BANNER):
            self._greeting += data[: len(BANNER) - len(self._greeting)]
            if not BANNER.startswith(self._greeting):
                shown = ascii(self._greeting.decode("utf-8", "replace"))
                raise Lost(SETTING_UP[Phase.GREETING], f"{shown} instead of Asterisk's", NO_MANAGER)

    def _refused(self, refused: Refused) -> Lost:
        login = refused.phase is not Phase.GREETING
        fix = "check username and secret against manager.conf, and permit for our address"
        return Lost(SETTING_UP[refused.phase], refused.error, fix if login else NO_MANAGER, refused=login)


def _refusal(item: Refusal) -> Rejection:
    return Rejection(item.reason, f"byte {item.offset} of the connection", item.what)


def words(error: BaseException) -> str:
    """What the system says, without addresses or paths."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'no handshake'}"
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()  # asyncio's own text repeats the address
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
