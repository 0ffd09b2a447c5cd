"""Which sources are heard of and which are dark: told on the wall clock, apart from what they say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from standardsd.core.aggregate import WallKey
from standardsd.core.due import Lane
from standardsd.core.sight import Sources
from standardsd.model.decision import SourceSpoken
from standardsd.model.reading import Reading, Watermark


class Silence:
    """Keeps the instant at which each source will have been silent for too long.

    ``touch_all``: told when that changes what is known of any group.
    """

    def __init__(self, sources: Sources, touch_all: Callable[[], None], wall: Lane[WallKey]) -> None:
        self._sources, self._touch_all, self._wall = sources, touch_all, wall

    def heard(self, reading: Reading, wall: datetime) -> list[SourceSpoken]:
        """A source was heard of; a watermark that we made ourselves from the wall clock says nothing of it."""
        name = reading.source
        state = self._sources.meet(name)
        if isinstance(reading, Watermark) and self._sources.specs[name].own_watermark:
            return []
        again = state.met and not state.dark
        if again and state.heard == wall:
            return []
        state.heard = wall
        said = [SourceSpoken(name, "seen", wall)] if state.dark else []
        state.met, state.dark = True, False
        if not again:
            self._touch_all()
        self._wall.set(("source", name), self._sources.dark_at(name))
        return said

    def fell(self, name: str, at: datetime) -> SourceSpoken:
        """It has been silent for longer than its ``max_silence``."""
        self._sources.states[name].dark = True
        self._touch_all()
        return SourceSpoken(name, "dark", at)

    def listen(self) -> None:
        """Waits for the silence of every source that is not dark."""
        for name in self._sources.states:
            self._wall.set(("source", name), self._sources.dark_at(name))

    def listen_anew(self, now: datetime) -> None:
        """A source is not dark because we were down; one that was dark before stays so until it is heard."""
        for name, state in self._sources.states.items():
            state.met = False
            if not state.dark:
                state.since = now
                self._wall.set(("source", name), self._sources.dark_at(name))
