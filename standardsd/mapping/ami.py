"""Asterisk's manager protocol (AMI): bytes in, messages out; actions in, bytes out.

No socket and no clock is here.  However the bytes are cut, the same messages come out.
Lines are split on bytes first and decoded afterwards (UTF-8, U+FFFD for what is none), so
a name in another encoding cannot lose a line.  Memory is bounded: a message that is too
long becomes one ``Refusal``, and reading goes on after the next empty line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from msgspec import Struct

line_bytes_max = 64 * 1024
"""Asterisk's longest line carries a channel variable; 64 KiB is far above any that it lets through."""
message_bytes_max = 256 * 1024
"""One message, its line ends included; real ones have 1-3 KiB."""
banner_bytes_max = 256
"""What is remembered of a line while an oversized message is passed over."""

BANNER = b"Asterisk Call Manager/"


class Banner(Struct, frozen=True):
    """The server's first line on a connection; in a recording it marks where a new one begins."""

    version: str
    offset: int


class Message(Struct, frozen=True):
    """One block.  ``fields`` in the order they came, repeated keys included; ``offset`` of its first byte."""

    fields: tuple[tuple[str, str], ...]
    offset: int

    def get(self, key: str) -> str:
        """The first value of ``key``; "" where it is absent.  Keys are compared as Asterisk writes them."""
        return next((value for name, value in self.fields if name == key), "")

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of a key that may be repeated (``ChanVariable``, ``Output``)."""
        return tuple(value for name, value in self.fields if name == key)

    def record(self) -> dict[str, str]:
        """Key → first value: what a definition's expressions are asked about."""
        return dict(reversed(self.fields))


class Refusal(Struct, frozen=True):
    """Bytes that are no message.  ``reason``: ``too_long`` or ``cut`` (the connection ended inside it)."""

    reason: str
    offset: int
    what: str


Item = Banner | Message | Refusal


class Parser:
    """Feed it whatever a read returned; it gives what is complete."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._fields: list[tuple[str, str]] = []
        self._size = 0  # bytes of the message so far
        self._start = 0  # offset of the message's first byte
        self._offset = 0  # bytes that were fed
        self._skipping = False

    def feed(self, data: bytes) -> list[Item]:
        found: list[Item] = []
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._collect(data[start : end + 1], found)
            self._offset += end + 1 - start
            self._end_line(found)
            start = end + 1
        self._collect(data[start:], found)
        self._offset += len(data) - start
        return found

    def end(self) -> list[Item]:
        """The connection is over.  What was half read is refused; the parser is ready for the next one."""
        found: list[Item] = []
        if (self._line or self._fields) and not self._skipping:
            found.append(self._cut())
        self._line.clear()
        self._begin()
        return found

    @property
    def held_bytes(self) -> int:
        """Bytes of the message that is not complete: never above ``message_bytes_max``."""
        return self._size

    def _collect(self, piece: bytes, found: list[Item]) -> None:
        if self._skipping:
            self._line += piece[: max(0, banner_bytes_max - len(self._line))]
            return
        self._size += len(piece)
        if len(self._line) + len(piece) <= line_bytes_max and self._size <= message_bytes_max:
            self._line += piece
            return
        what = f"a message of more than {message_bytes_max} bytes, or a line of more than {line_bytes_max}"
        found.append(Refusal("too_long", self._start, what))
        self._skipping = True
        self._fields.clear()
        self._size = 0
        # A line end inside this piece still ends this line, so that an empty line after it is seen.
        del self._line[banner_bytes_max:]
        self._line += piece[: max(0, banner_bytes_max - len(self._line))]

    def _end_line(self, found: list[Item]) -> None:
        line = bytes(self._line).rstrip(b"\r\n")
        self._line.clear()
        if line.startswith(BANNER):
            if self._fields:
                found.append(self._cut())
            found.append(Banner(_text(line[len(BANNER) :]), self._offset - self._size))
            self._begin()
        elif not line:
            if self._fields and not self._skipping:
                found.append(Message(tuple(self._fields), self._start))
            self._begin()
        elif not self._skipping:
            key, colon, value = line.partition(b":")
            # Output of console commands has lines without a colon; they carry nothing that we read.
            if colon:
                self._fields.append((_text(key), _text(value.removeprefix(b" "))))

    def _cut(self) -> Refusal:
        return Refusal("cut", self._start, f"the connection ended after {self._size} bytes of a message")

    def _begin(self) -> None:
        self._fields.clear()
        self._size = 0
        self._start = self._offset
        self._skipping = False


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


_ESCAPE = re.compile(r"\\([abfnrtv\\'\"?])")
_MEANS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unescape(text: str) -> str:
    r"""A caller's or connected name as it was before Asterisk C-escaped it (``\"``, ``\\``, ``\n`` …).

    A backslash before anything else stands for itself.  Queue and member names are not escaped.
    """
    return _ESCAPE.sub(lambda found: _MEANS.get(found[1], found[1]), text)


def action(name: str, action_id: str, fields: Mapping[str, str] | None = None) -> bytes:
    """The bytes of one action.  A line break in a value would begin another header: it is our mistake."""
    lines = {"Action": name, "ActionID": action_id, **(fields or {})}
    for key, value in lines.items():
        assert not {"\r", "\n"} & set(key + value), f"a line break in {key} of action {name}"
    return "".join(f"{key}: {value}\r\n" for key, value in lines.items()).encode() + b"\r\n"


def challenge_key(challenge: str, secret: str) -> str:
    """What ``AuthType: MD5`` wants for ``Key``."""
    return hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
