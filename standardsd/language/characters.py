"""Bytes of a file → its characters: UTF-8, and what else it may have been saved as.

A file in another encoding is an error that names it; so is a byte or a character that no
text has.  The rest is read all the same where that makes sense, so that this one error
does not hide the others.
"""

from __future__ import annotations

import codecs
import re

from standardsd.language.page import HOLE
from standardsd.language.place import Place, Source
from standardsd.language.problems import Level, Problem

line_characters_max = 100_000
"""Long enough for any real line; an event's place is looked up by line."""

strays_max = 100
"""Characters that do not belong into a text, after which a file is no text and is not read on."""

_MARKS = (
    # how the file begins     its encoding   as we call it
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 (little-endian)"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 (big-endian)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 (little-endian)"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 (big-endian)"),
)

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
"""Controls, other line separators (they would shift every line number) and half characters."""


def characters(text: bytes, path: str) -> tuple[Source, str | None, list[Problem]]:
    """The file as written, as it is to be read, and what is wrong with its bytes.

    Line ends are ``\\n``.  What cannot be read is a hole of the same length, so places stay as
    they are.  None when there is no text to read: too many bytes that are none.
    """
    problems: list[Problem] = []
    decoded, told = _decoded(text)
    decoded = decoded.replace("\r\n", "\n").replace("\r", "\n")
    source = Source(
        path,
        tuple(
            FORBIDDEN.sub("\ufffd", line) if max(line, default="") >= "\udc80" else line
            for line in decoded.split("\n")
        ),
    )
    if told:
        said, fix, level = told
        problems.append(Place(source, 1, 1, 1).problem(said, fix, level))
    strays = _strays(decoded, source)
    problems += strays
    for number, line in enumerate(source.lines, 1):
        if len(line) > line_characters_max:
            said, fix = f"the line has {len(line)} characters", f"a line may have {line_characters_max}"
            problems.append(Place(source, number, 1, 1).problem(said, fix))
            return source, None, problems
    if len(strays) >= strays_max or (strays and "\0" in decoded[:1_000] and decoded.count("\0") > 1):
        return source, None, problems
    return source, FORBIDDEN.sub(HOLE, decoded), problems


def _decoded(text: bytes) -> tuple[str, tuple[str, str, Level] | None]:
    """Bytes that are not UTF-8 become half characters (U+DC80 to U+DCFF), one each."""
    for mark, encoding, called in _MARKS:
        if text.startswith(mark):
            return _other(text.removeprefix(mark), encoding, called)
    for skip, encoding, called in (
        (1, "utf-16-le", "UTF-16 (little-endian)"),
        (0, "utf-16-be", "UTF-16 (big-endian)"),
    ):
        begin = text[:200]
        if len(begin) >= 4 and len(begin) % 2 == 0 and not any(begin[skip::2]) and all(begin[1 - skip :: 2]):
            return _other(text, encoding, called)
    if text.startswith(codecs.BOM_UTF8):
        said = "the file begins with a byte-order mark (it is UTF-8 with BOM)"
        fix = "save it as UTF-8 without BOM; it is read all the same"
        return text.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape"), (said, fix, Level.LINT)
    return text.decode("utf-8", "surrogateescape"), None


def _other(text: bytes, encoding: str, called: str) -> tuple[str, tuple[str, str, Level]]:
    said, fix = f"the file is saved as {called}, not as UTF-8", "save the file as UTF-8"
    return text.decode(encoding, "replace"), (said, fix, Level.ERROR)


def _strays(text: str, source: Source) -> list[Problem]:
    problems = []
    line, begins = 1, 0
    for found in FORBIDDEN.finditer(text):
        line += text.count("\n", begins, found.start())
        begins = found.start()
        column = found.start() - text.rfind("\n", 0, found.start())
        code = ord(found[0])
        if 0xDC80 <= code <= 0xDCFF:
            said, fix = f"byte 0x{code - 0xDC00:02x} is not UTF-8", "save the file as UTF-8"
        else:
            said = f"the character U+{code:04X} does not belong into a text file"
            fix = "delete it; it may be invisible"
        problems.append(Place(source, line, column, 1).problem(said, fix))
        if len(problems) >= strays_max:
            break
    return problems
