"""What the judge takes and what it refuses, and the settings that say so."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from standardsd.model.decision import Refused
from standardsd.model.reading import Event, Gap, Reading, Retract, Watermark
from standardsd.model.vocabulary import Vocabulary

ACCEPT_LATE = timedelta(days=7)


class JudgeSettings(Struct, frozen=True):
    """How the judge is set up.

    ``judge_from``: interactions that ended before it are recorded, not judged; None: all are judged.
    ``accept_late``: a reading older than this before its source's watermark is refused; None: never.
    ``accept_early``: a reading further than this ahead of the wall clock is refused; None: never.
    ``keep``: how long a closed interaction stays in memory after it was last heard of, at least
    the longest ``settle``; None: for ever.
    ``urgent_max``: open cases shown per group.
    ``sites``: values of the label ``site`` whose figures exist from the start.
    """

    judge_from: datetime | None = None
    accept_late: timedelta | None = ACCEPT_LATE
    accept_early: timedelta | None = None
    keep: timedelta | None = None
    urgent_max: int = 50
    sites: tuple[str, ...] = ()


def refusal(
    reading: Reading,
    *,
    vocabulary: Vocabulary,
    settings: JudgeSettings,
    mark: datetime | None,
    wall: datetime,
) -> Refused | None:
    """Why a reading is not taken: outside the vocabulary, too late, too early; None: it is taken.

    ``mark``: the watermark of its source on arrival.  Exactly ``accept_late`` before it, or exactly
    ``accept_early`` ahead of ``wall``, is still taken.  A watermark is never too late, and what is
    due lies ahead by its nature.
    """
    if isinstance(reading, Event | Retract):
        kind = vocabulary.get(reading.kind)
        if kind is None:
            return Refused(reading.source, "unknown_kind", f"kind {reading.kind}", wall)
        if reading.event is not None and not kind.knows(reading.event):
            what = f"event {reading.event} of {reading.kind}"
            return Refused(reading.source, "unknown_event", what, wall)
    at = reading.until if isinstance(reading, Gap) else reading.at
    if at is None:
        return None
    what = f"{type(reading).__name__.lower()} at {at.isoformat()}"
    late, early = settings.accept_late, settings.accept_early
    if late is not None and mark is not None and not isinstance(reading, Watermark) and at < mark - late:
        return Refused(reading.source, "too_late", what, wall)
    if (
        early is not None
        and at > wall + early
        and not (isinstance(reading, Event) and reading.event == "due")
    ):
        return Refused(reading.source, "too_early", what, wall)
    return None
