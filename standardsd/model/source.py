"""What the judge must know of a source: what it yields and how far it can be trusted in time."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

MAX_SILENCE = timedelta(minutes=15)


SAMPLES = "samples"
"""Stands in ``yields`` where a kind stands: the names of the samples a source can say."""


class Source(Struct, frozen=True):
    """One configured source.

    ``yields``: kind → events it can say; None: anything (a source known only by its readings).
    ``speaks_for``: labels it alone can have; an interaction with another value is not its business.
    ``private_ids``: its ids carry ``name/`` in front and nobody else speaks of them.
    ``own_watermark``: its watermarks are made by us from the wall clock (``receipt``); they do not count as
    being heard of.  ``max_silence``: heard of longer ago than this, it is dark; exactly this long ago, it is not yet.
    """

    name: str
    yields: dict[str, tuple[str, ...]] | None = None
    speaks_for: dict[str, str] = {}
    private_ids: bool = False
    max_silence: timedelta = MAX_SILENCE
    own_watermark: bool = False

    def can_say(self, kind: str, events: frozenset[str], interaction_id: str, labels: dict[str, str]) -> bool:
        """Whether one of ``events`` of this interaction could come from here."""
        if self.private_ids and not interaction_id.startswith(self.name + "/"):
            return False
        if self.yields is not None and not events & set(self.yields.get(kind, ())):
            return False
        return all(labels.get(key, value) == value for key, value in self.speaks_for.items())
