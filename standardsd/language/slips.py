"""Slips: what stops the YAML scanner, said in our words, with what to write instead.

A slip of one character (a text that begins with @, a second colon, a tab) can be
stepped over: the reader puts another character there and reads on, so that the
problems behind it are found in the same run.  What was stepped over is never used.
"""

from __future__ import annotations

import yaml

from standardsd.language.place import Place, Source
from standardsd.language.problems import Problem

Repair = tuple[int, int, str]
"""Line and column (from 1) of one character, and what to read there instead."""


def slip(error: yaml.MarkedYAMLError, source: Source) -> tuple[Problem, Repair | None]:
    """What the YAML scanner or parser stumbled over, in our words; how to read on behind it, if we know."""
    line, column = _where(error, source)
    text = source.line(line)
    place = Place(source, line, column, 1)
    said = error.problem or "not YAML"
    character = text[column - 1 : column]
    indent = text[: len(text) - len(text.lstrip())]
    if "\t" in indent:
        place = Place(source, line, indent.index("\t") + 1, indent.count("\t"))
        return place.problem("a tab in the indentation", "indent with spaces"), (line, place.column, " ")
    if "cannot start any token" in said and character in tuple("@`%"):
        rest = Place(source, line, column, len(text.rstrip()) - column + 1)
        fix = f"quote the text: {_quote(text[column - 1 :].strip())}"
        return rest.problem(f"a text begins with {character}", fix), (line, column, "_")
    if "mapping values are not allowed" in said:
        colon = text.find(":", column - 1) + 1
        fix = "quote a text that contains ': ', or indent the key like its neighbours"
        here = Place(source, line, colon or column, 1)
        return here.problem("a second ':' in one line, or a key indented too deep", fix), (
            line,
            colon,
            "_",
        ) if colon else None
    for words, (meaning, fix) in _MEANINGS.items():
        if words in f"{error.context or ''}; {said}":
            return place.problem(meaning, fix), None
    return place.problem(
        f"this is not YAML: {said}", "look at the line above, too: quotes, brackets, indentation"
    ), None


_MEANINGS: dict[str, tuple[str, str]] = {
    # part of libyaml's "context; problem"      our words, what to do
    "quoted scalar; found unexpected end": ("a quote is never closed", "close it with the same quote"),
    "unknown escape character": (
        "an unknown escape in double quotes",
        "write \\\\ for a backslash, or use single quotes",
    ),
    "quoted scalar": ("a quoted text is broken", "close the quote in the same line"),
    "did not find expected ',' or ']'": (
        "a list is not closed",
        "write , between the items and ] behind the last one",
    ),
    "did not find expected ',' or '}'": (
        "a map is not closed",
        "write , between the entries and } behind the last one",
    ),
    "flow node; did not find expected node content": ("a bracket is not closed", "close it with ] or }"),
    "did not find expected '-' indicator": (
        "this is indented like a list but is no item of it",
        "begin it with '- '",
    ),
    "did not find expected key": (
        "a key was expected here",
        "look at the indentation and brackets here and above",
    ),
    "could not find expected ':'": ("a key without its ':'", "write a colon and a space behind the key"),
    "while scanning an anchor": ("an anchor (&)", "quote a text that begins with &"),
    "while scanning an alias": ("an alias (*)", "quote a text that begins with *"),
    "tag": ("a tag (!)", "quote a text that begins with !"),
    "block scalar": ("a block text (| or >) is broken", "quote a text that begins with | or >"),
    "found duplicate": ("a directive stands here twice", "leave out lines that begin with %"),
    "directive": ("a directive begins here", "leave out lines that begin with %"),
    "cannot start any token": ("no text begins with this character", "quote the text"),
    "found unexpected ':'": (
        "a ':' inside a text between brackets",
        "quote the text, or put a space behind the colon",
    ),
    "block sequence entries are not allowed": (
        "an item ('- ') where none can stand",
        "begin the list in a new line",
    ),
    "did not find expected node content": (
        "a value was expected here",
        "write it, or delete the bracket or comma",
    ),
    "expected <document start>": (
        "the file goes on behind its end",
        "keep one map, all keys at the same indentation",
    ),
}


def _where(error: yaml.MarkedYAMLError, source: Source) -> tuple[int, int]:
    """Line and column of the slip.

    What is never closed is shown where it was opened; any other file that just ends is
    shown at its last character.
    """
    begun, mark = error.context_mark, error.problem_mark or error.context_mark
    if begun is not None and "quoted scalar" in (error.context or "") and "end" in (error.problem or ""):
        mark = begun
    if mark is None:
        return 1, 1
    line = mark.line + 1
    if line <= len(source.lines) and source.line(line).strip(" "):
        return line, mark.column + 1
    if begun is not None and "while parsing a flow" in (error.context or "") and begun.line < mark.line:
        return begun.line + 1, begun.column + 1
    while line > 1 and not source.line(line).strip():
        line -= 1
    return line, max(1, len(source.line(line).rstrip()))


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def replaced(text: str, repair: Repair) -> str:
    line, column, character = repair
    lines = text.split("\n")
    changed = lines[line - 1]
    lines[line - 1] = changed[: column - 1] + character + changed[column:]
    return "\n".join(lines)
