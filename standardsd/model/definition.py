"""Exporter definitions: how one outside system's records become readings.

``language.definitions`` makes these from YAML.  They say where a field is found
(JMESPath), what its text means (a closed set of words) and what the record says.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from standardsd.model.source import MAX_SILENCE, Source


class Conversion(StrEnum):
    """What a located text means."""

    TEXT = "text"
    NUMBER = "number"
    EPOCH_S = "epoch_s"  # seconds since 1970 with up to 6 decimals, UTC; 0 means never
    EPOCH_MS = "epoch_ms"
    EPOCH_US = "epoch_us"
    ISO = "iso"  # RFC 3339 with an offset


class Evidence(StrEnum):
    """How we know that a definition is right."""

    LIVE = "live"
    RECORDED = "recorded"
    DOCUMENTED = "documented"


class TimeQuality(StrEnum):
    """Where ``at`` comes from."""

    SOURCE_US = "source_us"  # the system's own stamp, microseconds
    SOURCE_S = "source_s"  # the system's own stamp, whole seconds
    POLLED = "polled"  # the time of our look


class WatermarkKind(StrEnum):
    EXPLICIT = "explicit"
    POLL = "poll"
    PING = "ping"
    RECEIPT = "receipt"


class SettingType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"
    FLAG = "flag"
    FILE = "file"


class Setting(Struct, frozen=True):
    """One key under ``settings`` of a source.  ``default`` as written in YAML; None: required, or none.

    ``secret``: the file holds a secret, or the text is one: never logged or shown.
    """

    name: str
    type: SettingType
    doc: str
    default: str | None = None
    required: bool = False
    secret: bool = False
    one_of: tuple[str, ...] = ()


class FieldAt(Struct, frozen=True):
    """Where a field is found.  Not ``optional`` and absent (or empty): the record is rejected, counted."""

    name: str
    at: str  # JMESPath
    conversion: Conversion = Conversion.TEXT
    optional: bool = False


class Record(Struct, frozen=True):
    """One sort of record.  ``when``: keys and the exact values they must have.

    ``reading``: the event it becomes; ``evidence``: it becomes none, and only helps to decide others.
    ``labels``: fixed labels of the reading.  Exactly one of ``reading`` and ``evidence`` is set.
    """

    when: tuple[tuple[str, str], ...]
    fields: tuple[FieldAt, ...]
    reading: str | None = None
    evidence: str | None = None
    labels: dict[str, str] = {}
    note: str = ""

    @property
    def says(self) -> str:
        word = self.reading if self.reading is not None else self.evidence
        assert word is not None, f"a record that says nothing: {self.when}"
        return word


class Definition(Struct, frozen=True):
    """One outside system.  ``yields``: kind → events.  ``labels``: label → field of the record.

    ``delay``: a watermark is the proven instant less this.  ``limits``: name → number, as documented there.
    """

    name: str
    title: str
    driver: str
    decode: str
    evidence: Evidence
    time_quality: TimeQuality
    time: FieldAt
    watermark: WatermarkKind
    delay: timedelta
    kind: str
    yields: dict[str, tuple[str, ...]]
    labels: dict[str, str]
    records: tuple[Record, ...]
    settings: tuple[Setting, ...]
    limits: dict[str, float] = {}
    private_ids: bool = True
    description: str = ""
    least_privilege: str = ""

    def setting(self, name: str) -> Setting | None:
        return next((setting for setting in self.settings if setting.name == name), None)

    def source(
        self, name: str, *, speaks_for: dict[str, str] | None = None, max_silence: timedelta = MAX_SILENCE
    ) -> Source:
        """What the judge must know of a source of this definition that is called ``name``."""
        return Source(name, dict(self.yields), speaks_for or {}, self.private_ids, max_silence)
