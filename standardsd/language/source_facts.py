"""What the lints must know of a source: what it can say, which labels it gives, and how sure its instants are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct

from standardsd.language.words import Wrong, duration
from standardsd.model.config import SourceConfig
from standardsd.model.definition import Definition, SettingType, TimeQuality

NOTHING = timedelta(0)


class SourceFacts(Struct, frozen=True):
    """What the lints must know of a source.

    ``yields``: kind → events; None: anything.  ``labels``: those that its readings can have, None: nobody knows.
    ``unsure``: how far before its ``at`` an event may really have happened (the poll interval of what is polled, a
    second where the system counts in seconds).  ``behind``: how long after it happened it is read at the latest
    (poll interval and documented delay).  ``speaks_for``: labels that all it says has.
    """

    name: str
    yields: Mapping[str, tuple[str, ...]] | None = None
    labels: frozenset[str] | None = None
    unsure: timedelta = NOTHING
    behind: timedelta = NOTHING
    speaks_for: Mapping[str, str] = {}


SECOND = timedelta(seconds=1)
_UNSURE = {TimeQuality.SOURCE_US: NOTHING, TimeQuality.SOURCE_S: SECOND}
"""How far before its ``at`` an event may lie, by where the instant comes from; of what is polled, one poll."""


POLL_EVERY = "poll_every"
"""The setting of a polled definition that says how often it looks."""


def facts_of(
    source: SourceConfig, definition: Definition | None, *, poll: timedelta | None = None
) -> SourceFacts:
    """What the lints must know of a configured source.

    ``definition``: None where readings are posted or simulated; then nobody knows their labels.  ``poll``: how
    often it is looked at; None: as its setting ``poll_every`` says, where the definition has one.
    """
    if definition is None:
        behind = NOTHING if source.watermark is None else source.watermark.delay
        return SourceFacts(source.name, source.yields, None, NOTHING, behind, source.labels)
    every = _poll_of(source, definition) if poll is None else poll
    said = {*definition.labels, *(name for one in definition.records for name in one.labels)}
    added = (name for label in said for labels in source.map.get(label, {}).values() for name in labels)
    unsure = _UNSURE.get(definition.time_quality, every)
    given = frozenset({*said, *source.labels, *added})
    behind = every + definition.delay
    return SourceFacts(source.name, definition.yields, given, unsure, behind, source.labels)


def _poll_of(source: SourceConfig, definition: Definition) -> timedelta:
    """Nothing where the definition does not poll, or where the setting is wrong: that is told elsewhere."""
    setting = definition.setting(POLL_EVERY)
    if setting is None or setting.type is not SettingType.DURATION:
        return NOTHING
    written = source.settings.get(POLL_EVERY, setting.default)
    try:
        return duration(written) if isinstance(written, str) else NOTHING
    except Wrong:
        return NOTHING
