"""Numbers for people: how one stands on the wallboard, and when it was out of its limits.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from standardsd.language.short import amount, promised
from standardsd.language.speech import Words, mark
from standardsd.model.decision import Episode, EpisodeState
from standardsd.model.promise import AnyPromise, Grid, Limits
from standardsd.model.snapshot import GroupNow
from standardsd.model.standard import Standard
from standardsd.web.clocks import When, clock_text, when

SINCE = {
    EpisodeState.IN_LIMITS: mark("in limits since {time}"),
    EpisodeState.BROKEN: mark("out of limits since {time}"),
    EpisodeState.UNKNOWN: mark("unknown since {time}"),
}


class Number(Struct, frozen=True):
    """One number in one group.  ``value``: with its unit, empty while it is not known; ``limit``: what is promised.

    ``since``: in words, how long it has stood so.
    """

    value: str
    limit: str
    since: str


class Excursion(Struct, frozen=True):
    """Once that it was out of its limits.  ``until`` None: it still is, or nobody can see: then ``unseen``.

    ``value`` and ``limit``: the number that crossed it, and the limit that it crossed.
    """

    since: When
    until: When | None
    unseen: bool
    value: str
    limit: str


def number_now(
    group: GroupNow, standard: Standard, zone: ZoneInfo, now: datetime, words: Words
) -> Number | None:
    """None for a standard about cases, and while nothing is known of the number."""
    number = group.episode
    if number is None:
        return None
    value = "" if group.value is None else readable(group.value, standard.promise, words)
    time = clock_text(number.since, zone, now)
    return Number(value, promised(standard, words), words.say(SINCE[number.state], time=time))


def excursions(
    lines: Sequence[Episode], standard: Standard, zone: ZoneInfo, now: datetime, words: Words
) -> tuple[Excursion, ...]:
    """The latest first; ``lines``: what stands of one group, by instant."""
    found: list[Excursion] = []
    for place, line in enumerate(lines):
        if line.state is not EpisodeState.BROKEN:
            continue
        after = lines[place + 1] if place + 1 < len(lines) else None
        back = after is not None and after.state is EpisodeState.IN_LIMITS
        found.append(
            Excursion(
                since=when(line.at, zone, now),
                until=when(after.at, zone, now) if after is not None and back else None,
                unseen=after is not None and not back,
                value="" if line.value is None else readable(line.value, standard.promise, words),
                limit="" if line.limit is None else readable(line.limit, standard.promise, words),
            )
        )
    return tuple(reversed(found))


def readable(value: float, promise: AnyPromise, words: Words) -> str:
    """A number in its unit.  Time is cut to what people read at a glance: minutes from an hour on, else seconds."""
    unit = _unit(promise)
    if unit == "s":
        step = 60 if abs(value) >= 3600 else 1 if abs(value) >= 10 else 0.1
        value = round(int(value / step + (1e-9 if value > 0 else -1e-9)) * step, 1)
    return amount(value, unit, words)


def _unit(promise: AnyPromise) -> str:
    """That of the limits; all rows of a grid have one."""
    rows = [*promise.rows.values(), promise.other] if isinstance(promise, Grid) else [promise]
    return next((row.unit for row in rows if isinstance(row, Limits)), "")
