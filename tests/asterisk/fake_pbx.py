"""A manager port on loopback that speaks recorded bytes.

It answers what it is asked (Login, Challenge, Ping, Events, QueueStatus, CoreShowChannels)
with the client's own ActionIDs, as Asterisk does, and plays the events of a recording cut as
they were when recorded.  Its clock is that of the recording.  Time is compressed: it plays
as quickly as it is read, and answers a ping only between two messages, as Asterisk does.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from standardsd.mapping.ami_replay import Chunk

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
Cut = Literal["chunks", "bytes", "block"]


@dataclass
class Connection:
    """What is said on one connection.  ``pieces``: event bytes with the PBX's clock at that moment.

    ``ends``: the server closes when it has played them all.
    """

    began: float
    pieces: list[tuple[bytes, float]] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)  # QueueEntry and so on, without ActionID
    channels: list[bytes] | None = None  # None: permission denied
    ends: bool = False


def script(data: bytes, chunks: Sequence[Chunk]) -> list[Connection]:
    """The connections of a recording: its events in its own cuts, its lists for when they are asked for."""
    answers = _answers(data)
    connections: list[Connection] = []
    for chunk in chunks:
        if chunk.mark in ("connect", "reconnect"):
            connections.append(Connection(chunk.t))
        elif chunk.mark in ("eof", "disconnect"):
            connections[-1].ends = True
        else:
            events = _without(data, chunk.off, chunk.off + chunk.len, answers)
            connections[-1].pieces.append((events, chunk.t))
            for start, end in answers:
                if chunk.off <= start < chunk.off + chunk.len:
                    _keep(connections[-1], data[start:end])
    connections[-1].ends = False
    return connections


def _answers(data: bytes) -> list[tuple[int, int]]:
    """Where banners, responses and items of lists stand: what the recorder had asked for."""
    found = [(m.start(), m.end()) for m in re.finditer(rb"Asterisk Call Manager/[0-9.]+\r\n", data)]
    start = 0
    while (end := data.find(b"\r\n\r\n", start)) >= 0:
        end += 4
        block = data[start:end]
        if block.startswith(b"Asterisk Call Manager/"):
            start += block.index(b"\r\n") + 2
            continue
        if block.startswith(b"Response: ") or b"\r\nActionID: " in block:
            found.append((start, end))
        start = end
    return sorted(found)


def _without(data: bytes, start: int, end: int, holes: Iterable[tuple[int, int]]) -> bytes:
    kept = bytearray()
    for hole_start, hole_end in holes:
        if hole_end <= start or hole_start >= end:
            continue
        kept += data[start : max(start, hole_start)]
        start = max(start, min(end, hole_end))
    return bytes(kept + data[start:end])


def _keep(connection: Connection, block: bytes) -> None:
    block = re.sub(rb"ActionID: [^\r]*\r\n", b"", block)
    if re.match(rb"Event: Queue(Params|Member|Entry)\r\n", block):
        connection.waiting.append(block)
    elif block.startswith(b"Event: CoreShowChannel\r\n"):
        connection.channels = [*(connection.channels or []), block]
    elif block.startswith(b"Event: CoreShowChannelsComplete\r\n"):
        connection.channels = connection.channels or []


class FakePbx:
    """``run`` serves the connections one after another; a further client gets the last one's silence."""

    def __init__(
        self,
        connections: Sequence[Connection],
        *,
        secret: str = "quiet",
        cut: Cut = "chunks",
        mute: bool = False,
        ahead: float | None = None,
    ) -> None:
        self.connections = list(connections)
        self.asked: list[dict[str, str]] = []
        self.logins = 0
        self.served = 0
        self.played = asyncio.Event()
        self._secret = secret
        self._cut = cut
        self._mute = mute  # never answers a ping
        self._ahead = ahead  # its clock is ours and so many seconds, not that of a recording
        self._clock = 0.0

    @property
    def clock(self) -> float:
        return self._clock if self._ahead is None else time.time() + self._ahead

    @contextlib.asynccontextmanager
    async def run(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = min(self.served, len(self.connections) - 1)
        first_time = self.served < len(self.connections)
        self.served += 1
        connection = self.connections[number] if first_time else Connection(self._clock)
        self._clock = max(self._clock, connection.began)
        session = _Serving(self, connection, writer, self._cut)
        try:
            writer.write(BANNER)
            await session.talk(reader)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            session.stop()
            writer.close()


class _Serving:
    def __init__(self, pbx: FakePbx, connection: Connection, writer: asyncio.StreamWriter, cut: Cut) -> None:
        self._pbx = pbx
        self._connection = connection
        self._writer = writer
        self._cut = cut
        self._player: asyncio.Task[None] | None = None
        self._whole = asyncio.Event()  # no message is half sent
        self._whole.set()
        self._challenge = ""

    def stop(self) -> None:
        if self._player is not None:
            self._player.cancel()

    async def talk(self, reader: asyncio.StreamReader) -> None:
        while True:
            block = await reader.readuntil(b"\r\n\r\n")
            asked = dict(line.split(": ", 1) for line in block.decode().split("\r\n") if line)
            self._pbx.asked.append(asked)
            await self._whole.wait()
            if not self._answer(asked):
                await self._writer.drain()
                return
            await self._writer.drain()

    def _say(self, asked: dict[str, str], *lines: str) -> None:
        text = "\r\n".join([lines[0], f"ActionID: {asked['ActionID']}", *lines[1:], "", ""])
        self._writer.write(text.encode())

    def _answer(self, asked: dict[str, str]) -> bool:
        match asked["Action"]:
            case "Challenge":
                self._challenge = "840415273"
                self._say(asked, "Response: Success", f"Challenge: {self._challenge}")
            case "Login":
                return self._login(asked)
            case "Ping":
                if not self._pbx._mute:
                    self._say(asked, "Response: Success", "Ping: Pong", f"Timestamp: {self._pbx.clock:.6f}")
            case "Events":
                self._say(asked, "Response: Success", "Events: On")
                self._player = asyncio.create_task(self._play())
            case "QueueStatus":
                self._list(asked, self._connection.waiting, "QueueStatusComplete")
                self._connection.waiting = []
            case "CoreShowChannels" if self._connection.channels is None:
                self._say(asked, "Response: Error", "Message: Permission denied")
            case "CoreShowChannels":
                self._list(asked, self._connection.channels or [], "CoreShowChannelsComplete")
            case unknown:
                raise AssertionError(f"asked for {unknown}")
        return True

    def _login(self, asked: dict[str, str]) -> bool:
        self._pbx.logins += 1
        secret = self._pbx._secret
        if asked.get("AuthType") == "MD5":
            good = asked["Key"] == hashlib.md5((self._challenge + secret).encode()).hexdigest()
        else:
            good = asked["Secret"] == secret
        if not good:
            self._say(asked, "Response: Error", "Message: Authentication failed")
            return False
        assert asked["Events"] == "off", "events are switched on behind the first ping"
        self._say(asked, "Response: Success", "Message: Authentication accepted")
        return True

    def _list(self, asked: dict[str, str], blocks: Sequence[bytes], complete: str) -> None:
        self._say(asked, "Response: Success", "EventList: start")
        for block in blocks:
            self._writer.write(block[:-2] + f"ActionID: {asked['ActionID']}\r\n\r\n".encode())
        self._say(asked, f"Event: {complete}", "EventList: Complete", f"ListItems: {len(blocks)}")

    async def _play(self) -> None:
        # A moment for the lists that are asked for behind Events, as on a real PBX in a quiet moment.
        await asyncio.sleep(0.02)
        sent = b""
        for piece, at in self._pieces():
            self._writer.write(piece)
            sent = (sent + piece)[-4:]
            if sent == b"\r\n\r\n":
                self._pbx._clock = max(self._pbx._clock, at)
                self._whole.set()
                await self._writer.drain()
                await asyncio.sleep(0)
            else:
                self._whole.clear()
        for _, at in self._connection.pieces[-1:]:
            self._pbx._clock = max(self._pbx._clock, at)
        if self._connection.ends:
            self._writer.close()
        else:
            self._pbx.played.set()

    def _pieces(self) -> Iterable[tuple[bytes, float]]:
        pieces = [(data, at) for data, at in self._connection.pieces if data]
        if self._cut == "block" and pieces:
            return [(b"".join(data for data, _ in pieces), pieces[-1][1])]
        if self._cut == "bytes":
            return [(data[at : at + 1], t) for data, t in pieces for at in range(len(data))]
        return pieces
