"""How far the sources of one promise have been seen: what a verdict may rest on."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class SightGap(Struct, frozen=True, gc=False):
    """A source that yields the end event lost sight in [``since``, ``until``).

    ``over``: its watermark has reached ``until``, so what its snapshot still shows has been read.
    """

    source: str
    since: datetime
    until: datetime
    over: bool


class Sight(Struct, frozen=True, gc=False):
    """How far the sources that yield the end event have been seen.

    ``horizon``: the least of their watermarks; None where one has none, or where there is no such source.
    ``gaps``: by ``until``, ascending.
    """

    sources: tuple[str, ...]
    horizon: datetime | None
    gaps: tuple[SightGap, ...] = ()

    def reaches(self, at: datetime) -> bool:
        return self.horizon is not None and at <= self.horizon
