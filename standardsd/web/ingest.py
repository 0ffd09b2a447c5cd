"""``POST /v1/readings``: NDJSON in, each line judged or refused by name.

A raw Starlette route: bytes go straight to the decoder.  The answer is given only after every taken
reading is durable and judged.  A request that was cut off gives nothing: no half line is ever read.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from standardsd.mapping.ndjson import LineError, body_lines_max, read_line
from standardsd.model.config import Token
from standardsd.model.reading import Reading
from standardsd.model.vocabulary import Vocabulary
from standardsd.web.access import check
from standardsd.web.desk import UNKNOWN_SOURCE, Busy, Desk
from standardsd.web.not_taken import NotTaken, told
from standardsd.web.refusal import Refusal, json_response, too_busy
from standardsd.web.speaking import Speaking

body_bytes_max = 8 * 1024 * 1024  # on the wire and unpacked; about 50,000 readings
thrown_away_bytes_max = 64 * 1024 * 1024  # of a body that is too large, read so that the sender hears why
body_seconds_max = 30.0  # a body that takes longer is a hung client
in_hand_bytes_max = 32 * 1024 * 1024  # of all bodies at once; with their readings some 400 MiB of memory
piece_bytes = 128 * 1024  # decoded between two looks at the loop: some 5 ms
key_chars_max = 200
batch_readings_max = 500  # one transaction, some 0.2 s of judging; between two the judge hears others
rejected_shown_max = 1000  # of each answer; all of them are counted


class _Found:
    """What the lines of one body are: readings by source, each with its line, and errors, by source."""

    def __init__(self, now: datetime, key: str | None) -> None:
        self.batches: dict[str, list[tuple[int, Reading]]] = {}
        self.errors: list[LineError] = []
        self.rejected: dict[str, NotTaken] = {}
        self._now, self._key = now, key

    def reject(self, source: str, error: LineError, line: bytes) -> None:
        """``source``: the one that it is counted under."""
        self.errors.append(error)
        self.of(source).add(error, line)

    def of(self, source: str) -> NotTaken:
        if source not in self.rejected:
            self.rejected[source] = NotTaken(self._now, self._key)
        return self.rejected[source]


class _Body:
    """The bytes of one body in hand, given back whatever happens to it."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self.bytes = 0

    def hold(self, count: int) -> None:
        self._ingest.hold(count)
        self.bytes += count


class Ingest:
    """The route and what it must remember: how many bytes of bodies are in hand."""

    def __init__(
        self,
        desk: Desk,
        *,
        body_seconds_max: float = body_seconds_max,
        in_hand_bytes_max: int = in_hand_bytes_max,
    ) -> None:
        self._desk = desk
        self._seconds_max = body_seconds_max
        self._bytes_max = in_hand_bytes_max
        self._in_hand = 0

    async def post(self, request: Request) -> Response:
        token = self._token(request)
        key = _key(request)
        packed = _encoding(request)
        body = _Body(self)
        try:
            whole = await _body(request, body, self._seconds_max)
            if packed:
                whole = _unpacked(whole, body)
            return await self._take(whole, token, key)
        finally:
            self._in_hand -= body.bytes

    def hold(self, count: int) -> None:
        """Counts bytes in; too many of all bodies together are refused."""
        if self._in_hand + count > self._bytes_max:
            raise too_busy(429, "too many readings are being sent at once", 1)
        self._in_hand += count

    def _token(self, request: Request) -> Token:
        try:
            return check(request, self._desk.tokens(), "ingest")
        except Refusal as refusal:
            self._desk.rejected(UNKNOWN_SOURCE, refusal.error, 1)
            raise

    async def _take(self, body: bytes, token: Token, key: str | None) -> Response:
        if body.count(b"\n") > body_lines_max:
            what = f"the body has more than {body_lines_max} lines"
            raise Refusal(413, "too_many_lines", what, f"send at most {body_lines_max} lines at once")
        speaking = Speaking(token, self._desk.pushed_sources())
        found = _Found(self._desk.now(), key)
        await _read(body, found, self._desk.book().vocabulary, speaking)
        for source, one in found.rejected.items():
            for reason, count in one.reasons.items():
                self._desk.rejected(source, reason, count)
        try:
            if not found.batches:
                return _nothing(found.errors)
            return await self._hand_over(found, _delivery(key, body))
        finally:
            for source, one in found.rejected.items():
                self._desk.not_taken(source, one.lines(), one.reasons)

    async def _hand_over(self, found: _Found, key: str | None) -> Response:
        """In the order of the lines, source by source.

        Busy in the middle is safe: what was taken is known when it comes again.
        """
        accepted, duplicate = 0, True
        refused: list[dict[str, Any]] = []
        for source, part, lines in _parts(found.batches):
            readings = [reading for _, reading in lines]
            try:
                result = await self._desk.ingest(source, readings, None if key is None else f"{key}:{part}")
            except Busy as busy:
                raise too_busy(
                    503, "the judge is behind; not all readings were taken", busy.retry_after
                ) from None
            accepted += result.accepted
            duplicate = duplicate and result.duplicate
            for one in result.refused:
                assert one.place is not None, one  # the judge and its slices say it of each
                refused.append(told(one, *lines[one.place]))
                found.of(source).add(refused[-1])
        answer: dict[str, Any] = {"accepted": accepted, "duplicate": duplicate, **_told(found.errors)}
        answer["refused"] = refused[:rejected_shown_max]
        answer["refused_total"] = len(refused)
        return json_response(answer)


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= key_chars_max or not key.isprintable():
        what = f"Idempotency-Key must have 1 to {key_chars_max} printable characters"
        raise Refusal(400, "bad_key", what, "send a UUID, or leave the header out")
    return key


def _delivery(key: str | None, body: bytes) -> str | None:
    """The key of one delivery: the client's key and a digest of the body.

    With the digest a key that is used again for other readings, say for the mended lines of a
    partly accepted body, loses none of them.
    """
    return None if key is None else f"{key}:{hashlib.sha256(body).hexdigest()[:32]}"


def _encoding(request: Request) -> bool:
    """Whether the body is packed with gzip."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return False
    if encoding in ("gzip", "x-gzip"):
        return True
    what = "this Content-Encoding is not understood"
    raise Refusal(
        415, "unknown_encoding", what, "send it plain or with gzip", {"Accept-Encoding": "gzip, identity"}
    )


async def _body(request: Request, held: _Body, seconds_max: float) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > body_bytes_max:
        await _throw_away(request, seconds_max)
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(seconds_max):
            async for chunk in request.stream():
                if len(body) + len(chunk) > body_bytes_max:
                    await _throw_away(request, seconds_max)
                    raise _too_large()
                held.hold(len(chunk))
                body += chunk
    except TimeoutError:
        what = f"the body did not come whole within {seconds_max:g} s; nothing was taken"
        raise Refusal(
            408, "too_slow", what, "send it again, in smaller bodies", {"Connection": "close"}
        ) from None
    except ClientDisconnect:
        # Nobody hears this answer; it stands in for the access log.
        raise Refusal(400, "cut_off", "the connection ended before the body did", "send it again") from None
    return bytes(body)


async def _throw_away(request: Request, seconds_max: float) -> None:
    """Reads the rest: closed on unread bytes, a connection is reset and takes our answer with it."""
    left = thrown_away_bytes_max
    with contextlib.suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(seconds_max):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return


def _unpacked(packed: bytes, held: _Body) -> bytes:
    """The body out of its gzip (one member or several), never more than ``body_bytes_max``."""
    body = bytearray()
    while packed:
        gunzip = zlib.decompressobj(wbits=31)
        try:
            body += gunzip.decompress(packed, body_bytes_max + 1 - len(body))
        except zlib.error:
            raise Refusal(
                400, "bad_gzip", "the body is not gzip", "pack it again, or send it plain"
            ) from None
        if len(body) > body_bytes_max:
            raise _too_large()
        if not gunzip.eof:
            raise Refusal(400, "bad_gzip", "the gzip ends in its middle", "pack it again, or send it plain")
        packed = gunzip.unused_data
    held.hold(len(body))
    return bytes(body)


def _too_large() -> Refusal:
    what = f"the body is larger than {body_bytes_max} bytes; nothing was taken"
    return Refusal(413, "too_large", what, "send it in several requests", {"Connection": "close"})


async def _read(body: bytes, found: _Found, vocabulary: Vocabulary, speaking: Speaking) -> None:
    """Every line, sorted into ``found``; the loop gets its turn between pieces."""
    for first_line, piece in _pieces(body):
        for number, line in enumerate(piece.split(b"\n"), first_line):
            if not line.strip():
                continue
            read = read_line(line, number=number, vocabulary=vocabulary)
            if isinstance(read, LineError):
                found.reject(speaking.own_source, read, line)
            elif (wrong := speaking.wrong_source(number, read.source)) is not None:
                found.reject(speaking.own_source, wrong, line)
            elif (wrong := speaking.trespass(number, read)) is not None:
                found.reject(read.source, wrong, line)
            else:
                found.batches.setdefault(read.source, []).append((number, read))
        await asyncio.sleep(0)


def _pieces(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Whole lines, about ``piece_bytes`` at a time, each piece with the number of its first line."""
    began, line = 0, 1
    while began < len(body):
        end = body.find(b"\n", min(began + piece_bytes, len(body)))
        end = len(body) if end < 0 else end
        piece = body[began:end]
        yield line, piece
        line += piece.count(b"\n") + 1
        began = end + 1


def _parts(
    batches: dict[str, list[tuple[int, Reading]]],
) -> Iterator[tuple[str, int, list[tuple[int, Reading]]]]:
    """(source, number of the part, readings with their lines): never more than ``batch_readings_max`` at once."""
    for source, readings in batches.items():
        for began in range(0, len(readings), batch_readings_max):
            yield source, began // batch_readings_max, readings[began : began + batch_readings_max]


def _nothing(errors: list[LineError]) -> Response:
    """Nothing was taken: 403 when only the source was wrong, else 400."""
    if not errors:
        raise Refusal(400, "empty_body", "the body holds no reading", "send one reading a line, as NDJSON")
    status = 403 if all(error.reason == "forbidden_source" for error in errors) else 400
    body = {
        "error": errors[0].reason,
        "what": f"no line could be taken; the first: {errors[0].place}: {errors[0].what}",
        "fix": errors[0].fix,
        "accepted": 0,
        **_told(errors),
    }
    return json_response(body, status)


def _told(errors: list[LineError]) -> dict[str, Any]:
    shown = [
        {"line": e.line, "reason": e.reason, "what": e.what, "fix": e.fix}
        for e in errors[:rejected_shown_max]
    ]
    return {"rejected": shown, "rejected_total": len(errors)}
