"""Which label values match: whether everything that one list of globs lets through passes another one.

Exact, by walking both lists at once over every text that could tell them apart: a glob is
a small automaton, and of all characters only those that a glob names, and one from
between each two of them, can make a difference.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from standardsd.model.standard import glob_match

states_max = 2_000
"""Combinations that are tried; real lists need some dozen.  Beyond that nothing is claimed: half a second."""

Where = Mapping[str, tuple[str, ...]]
Globs = tuple[str, ...]

_LAST = 0x10FFFF
_STAR = None
Tokens = tuple[re.Pattern[str] | None, ...]
"""One pattern for each character of the text; None: ``*``."""


def all_within(one: Where, other: Where) -> bool:
    """Whether all labels that match ``one`` match ``other``; False also where that cannot be shown."""
    return all(within(one.get(key, ()), globs) for key, globs in other.items())


@lru_cache(maxsize=10_000)
def within(one: Globs, other: Globs) -> bool:
    """Whether every value that ``one`` lets through passes ``other``, a missing label included.

    An empty list lets everything through.  False also where there are more than ``states_max`` combinations.
    """
    if one == other or not other:
        return True
    if glob_match(one, None) and not glob_match(other, None):
        return False
    bodies = tuple(dict.fromkeys(glob.removeprefix("!") for glob in (*one, *other)))
    tokens = [_tokens(body) for body in bodies]
    alphabet = _alphabet(bodies)
    start = tuple(_resting(part, (0,)) for part in tokens)
    step = cache(lambda n, at, character: _step(tokens[n], at, character))
    seen, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        ended = {
            body: bool(at >> len(part) & 1) for body, part, at in zip(bodies, tokens, state, strict=True)
        }
        if _passes(one, ended) and not _passes(other, ended):
            return False
        for character in alphabet:
            following = tuple(step(n, at, character) for n, at in enumerate(state))
            if following not in seen:
                if len(seen) >= states_max:
                    return False
                seen.add(following)
                waiting.append(following)
    return True


def _passes(globs: Globs, ended: Mapping[str, bool]) -> bool:
    """As ``glob_match`` decides of a value, by which globs match it."""
    if any(ended[glob[1:]] for glob in globs if glob.startswith("!")):
        return False
    wanted = [ended[glob] for glob in globs if not glob.startswith("!")]
    return not wanted or any(wanted)


@lru_cache(maxsize=10_000)
def _tokens(glob: str) -> Tokens:
    """As ``fnmatch`` reads it: brackets that are never closed stand for themselves."""
    found: list[re.Pattern[str] | None] = []
    at = 0
    while at < len(glob):
        length = _bracket(glob, at) if glob[at] == "[" else 1
        part = glob[at : at + length]
        found.append(_STAR if part == "*" else re.compile(fnmatch.translate(part)))
        at += length
    return tuple(found)


def _bracket(glob: str, at: int) -> int:
    """Characters of the bracket that begins here; 1 when it is not closed."""
    first = at + 2 if glob[at + 1 : at + 2] == "!" else at + 1
    closed = glob.find("]", first + 1)
    return 1 if closed < 0 else closed + 1 - at


def _alphabet(globs: Iterable[str]) -> tuple[str, ...]:
    """Every character that a glob names, and one from before, between and behind them."""
    named = sorted({ord(character) for glob in globs for character in glob})
    chosen = {*named, 0, _LAST}
    for code in named:
        chosen |= {max(code - 1, 0), min(code + 1, _LAST)}
    return tuple(map(chr, sorted(chosen)))


def _resting(tokens: Tokens, places: Iterable[int]) -> int:
    """Where a glob may stand without a further character, as bits: a star may also be left behind."""
    found = 0
    for place in places:
        found |= 1 << place
        while place < len(tokens) and tokens[place] is _STAR:
            place += 1
            found |= 1 << place
    return found


def _step(tokens: Tokens, at: int, character: str) -> int:
    """Where it may stand after one more character."""
    following = []
    for place, token in enumerate(tokens):
        if not at >> place & 1:
            continue
        if token is _STAR:
            following.append(place)
        elif token.match(character):
            following.append(place + 1)
    return _resting(tokens, following)
