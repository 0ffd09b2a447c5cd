"""A recording of what a PBX sent → readings, timed as they were then.

The recording is the server's bytes as received, of one connection or of several behind one
another.  Its time is that of the stamps inside (``timestampevents=yes``), or that of a
list of chunks, written down as they were received.  A recording without either cannot be
timed and is refused: see ``why_untimed``.

Without chunks a message that has no stamp (a snapshot's item) was there, at the latest, by
the next stamp; that is its instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import Struct

from standardsd.mapping.ami import Banner, Message, Parser, Refusal
from standardsd.mapping.ami_snapshot import Snapshot
from standardsd.mapping.ami_stream import AmiStream
from standardsd.mapping.records import Reader, RecordRejected, instant
from standardsd.model.definition import Conversion, Definition
from standardsd.model.reading import Reading

unstamped_max = 100_000
"""Messages that may stand between two stamps: a snapshot of a very large PBX."""
feed_bytes = 64 * 1024
"""How much is parsed at once where no chunks say it."""


class Chunk(Struct, frozen=True):
    """One line of a list of chunks: bytes read at ``t`` (epoch seconds), or something that befell the connection.

    Bytes ``off`` … ``off + len``.  ``mark``: ``connect``, ``reconnect``, ``eof`` or ``disconnect``.
    """

    t: float
    off: int
    len: int = 0
    mark: Literal["connect", "reconnect", "eof", "disconnect"] | None = None


class BadChunks(ValueError):
    """A list of chunks that does not fit its recording; the text names the line."""


_chunk_decoder = msgspec.json.Decoder(Chunk)


def read_chunks(lines: Iterable[bytes], size: int) -> list[Chunk]:
    """The chunks of a recording of ``size`` bytes; raises ``BadChunks`` with the line and what is wrong.

    They follow one another without a hole and in the order of time, as a socket gives them.
    """
    chunks: list[Chunk] = []
    at = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            chunk = _chunk_decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise BadChunks(f"line {number}: {error}") from None
        if chunk.off != at or chunk.len < 0 or chunk.off + chunk.len > size:
            raise BadChunks(
                f"line {number}: off {chunk.off}, len {chunk.len} does not follow byte {at} of {size}"
            )
        if not 0 < chunk.t < 1e11:
            raise BadChunks(f"line {number}: t is not a time in seconds since 1970")
        if chunks and chunk.t < chunks[-1].t:
            raise BadChunks(f"line {number}: t goes back")
        at += chunk.len
        chunks.append(chunk)
    if at != size:
        raise BadChunks(f"the chunks end at byte {at}, the recording has {size}")
    return chunks


def why_untimed(definition: Definition, recording: bytes) -> str | None:
    """Why this recording cannot be timed by the stamps inside; None when it can."""
    reader = Reader(definition)
    stamped = False
    for item in _items(recording):
        if not isinstance(item, Message):
            continue
        fact = reader.read(item.record())
        stamped = stamped or _stamp(item) is not None
        if isinstance(fact, RecordRejected | None) or fact.says in Snapshot.words:
            continue
        if _stamp(item) is None:
            return f"{item.get('Event')} at byte {item.offset} has no Timestamp"
    return None if stamped else "no message in it has a Timestamp"


class Replayer:
    """Plays one recording into one stream.  ``refused``: bytes that were no message."""

    def __init__(self, stream: AmiStream) -> None:
        self._stream = stream
        self._fresh = True  # the next message is the first of its connection
        self.refused: list[Refusal] = []

    def by_chunks(self, recording: bytes, chunks: Iterable[Chunk]) -> Iterator[list[Reading]]:
        """Readings in the order they become known; a list for each chunk that makes some known."""
        parser = Parser()
        for chunk in chunks:
            received = datetime.fromtimestamp(chunk.t, UTC)
            said: list[Reading] = []
            if chunk.mark is not None:
                self._refuse(parser.end())
                said += self._begin()
            for item in parser.feed(recording[chunk.off : chunk.off + chunk.len]):
                said += self._take(item, received)
            yield said
        self._refuse(parser.end())
        yield self._stream.finish()

    def by_stamps(self, recording: bytes) -> Iterator[list[Reading]]:
        """As ``by_chunks``, timed by the stamps inside; ``why_untimed`` must have found nothing."""
        waiting: list[Banner | Message] = []
        last: datetime | None = None
        for item in _items(recording):
            if isinstance(item, Refusal):
                self._refuse([item])
                continue
            waiting.append(item)
            at = _stamp(item) if isinstance(item, Message) else None
            if at is None and len(waiting) < unstamped_max:
                continue
            for one in waiting:
                yield self._take(one, at or last, asked=last)
            waiting.clear()
            last = at or last
        for one in waiting:
            yield self._take(one, last, asked=last)
        yield self._stream.finish()

    def _begin(self) -> list[Reading]:
        self._fresh = True
        return self._stream.connected()

    def _take(
        self, item: Banner | Message | Refusal, received: datetime | None, *, asked: datetime | None = None
    ) -> list[Reading]:
        if isinstance(item, Refusal):
            self._refuse([item])
            return []
        if isinstance(item, Banner):
            return self._begin()
        said: list[Reading] = []
        if received is not None and item.get("Ping") == "Pong" and (stamp := _stamp(item)) is not None:
            self._stream.offset = stamp - received
        if self._fresh and received is not None:
            self._fresh = False
            said += self._stream.sighted(self._stream.to_pbx(received) or received, asked=asked)
        return said + self._stream.take(item, received)

    def _refuse(self, items: Iterable[object]) -> None:
        self.refused += [item for item in items if isinstance(item, Refusal)]


def _items(recording: bytes) -> Iterator[Banner | Message | Refusal]:
    """The items of a file.  Its last line, if whole, also ends its last message: editors cut empty lines off."""
    parser = Parser()
    for start in range(0, len(recording), feed_bytes):
        yield from parser.feed(recording[start : start + feed_bytes])
    if recording.endswith(b"\n"):
        yield from parser.feed(b"\n")
    yield from parser.end()


def _stamp(message: Message) -> datetime | None:
    try:
        return instant(message.get("Timestamp"), Conversion.EPOCH_S)
    except ValueError:
        return None
