"""How a number stands, for the aggregator and for those who only look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from standardsd.core.instants import instant
from standardsd.core.numbers.timeline import UNKNOWN, is_blind
from standardsd.core.numbers.tracked import Tracked
from standardsd.core.numbers.turns import limit_of
from standardsd.model.decision import EpisodeState
from standardsd.model.snapshot import NumberNow
from standardsd.model.standard import Group, Standard


class Told(Struct, frozen=True):
    """What the aggregator must know of one group.

    ``changes``: the states from the first of them on, those that are not said included; whatever was told of
    that time before holds no more.  Empty: only ``number`` is another.
    """

    standard: Standard
    group: Group
    number: NumberNow
    changes: Sequence[tuple[datetime, EpisodeState]]


def number_now(tracked: Tracked, now: int) -> NumberNow | None:
    """The state, since when, and the number as it is, also while the state does not follow it yet (``for``,
    a watermark); None before anything is known, even that it is unknown."""
    last = tracked.timeline.state_at(now)
    if last is None:
        return None
    value, limits = (None, None) if is_blind(tracked.blind, now) else tracked.worst(now)
    limit = None if limits is None else limit_of(limits, value)
    return NumberNow(last.state, instant(last.at), value, limit, tracked.sources)


def told_of(tracked: Tracked, now: int) -> Told | None:
    """None: nothing is known that could be told."""
    if not tracked.timeline.stretches and not tracked.has_told:
        return None
    changes = [] if tracked.untold is None else tracked.timeline.states(tracked.untold)
    tracked.untold, tracked.has_told = None, True
    number = number_now(tracked, now) or NumberNow(UNKNOWN, changes[0][0] if changes else instant(now))
    return Told(tracked.standard, tracked.group, number, changes)


def gone(tracked: Tracked, since: int) -> Told:
    """Of a group that is not there any more: unknown from ``since`` on."""
    at = instant(since)
    return Told(tracked.standard, tracked.group, NumberNow(UNKNOWN, at), [(at, UNKNOWN)])
