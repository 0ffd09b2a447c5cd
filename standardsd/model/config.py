"""The configuration: what one daemon reads, judges by, and tells whom.

Made by ``language.config`` from the YAML file once everything in it has been found
right.  Paths are as written: whoever opens them takes them relative to the file.
Secrets never stand here, only the names of the files that hold them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from standardsd.model.calendar import Calendar
from standardsd.model.source import MAX_SILENCE

PUSH = "push"
"""A source whose readings are posted to us."""

SIMULATE = "simulate"
"""A source that plays a day at a hotel or contact center."""


class Role(StrEnum):
    """What a token may do; each role can do nothing of the others but ``admin``, which can do all."""

    READ = "read"
    INGEST = "ingest"
    OPERATE = "operate"
    ADMIN = "admin"


class WatermarkKind(StrEnum):
    """How a pushed source's watermark comes: in its readings, or from the wall clock while it is heard."""

    EXPLICIT = "explicit"
    RECEIPT = "receipt"


class WatermarkRule(Struct, frozen=True):
    """``delay``: how much later than it happened a reading may be posted (``receipt`` only)."""

    kind: WatermarkKind = WatermarkKind.EXPLICIT
    delay: timedelta = timedelta(0)


class RulesFrom(Struct, frozen=True):
    """Where rule files are: a file, a folder (every ``*.yaml`` inside), or a shipped pack ("hotel/front-desk")."""

    path: str
    shipped: bool = False


class Site(Struct, frozen=True):
    """A property or office: the value of the label ``site``.

    ``calendar``: what ``clock: site`` goes by for it; None: such standards are not judged there.
    """

    name: str
    title: str
    timezone: str | None = None
    calendar: Calendar | None = None


class SourceConfig(Struct, frozen=True):
    """One outside system.  ``settings``: texts as written, for the definition and its driver to check.

    ``map``: label → value it has → labels to add ("queue" → "sales" → {"site": "vienna"}).
    """

    name: str
    use: str
    labels: dict[str, str] = {}
    max_silence: timedelta = MAX_SILENCE
    watermark: WatermarkRule | None = None
    yields: dict[str, tuple[str, ...]] | None = None
    settings: dict[str, object] = {}
    map: dict[str, dict[str, dict[str, str]]] = {}


class AlertmanagerOutput(Struct, frozen=True):
    """Every member is told of everything.  ``resend``: how often a firing alert is told again."""

    members: tuple[str, ...]
    resend: timedelta = timedelta(minutes=1)


class Token(Struct, frozen=True):
    """A bearer token.  ``hash``: "sha256:" and the hash of it, in hexadecimal digits.

    ``sources``: the pushed sources it may speak for; empty: all of them.
    """

    name: str
    role: Role
    hash: str
    sources: tuple[str, ...] = ()


class JudgeConfig(Struct, frozen=True):
    """``judge_from``: interactions that ended before it are not judged; None: the first start.

    ``accept_late``: older readings are refused.  ``keep``: how long closed interactions stay in memory.
    """

    judge_from: datetime | None = None
    accept_late: timedelta = timedelta(days=7)
    keep: timedelta = timedelta(hours=1)


class Config(Struct, frozen=True):
    """``listen``: host and port.  ``url``: how people reach us, without a slash at the end.

    ``language``: in which alerts and the wallboard speak, one of ``language.speech.LANGUAGES``.
    """

    rules: tuple[RulesFrom, ...]
    data: str = "data"
    listen: tuple[str, int] = ("127.0.0.1", 8080)
    url: str = "http://127.0.0.1:8080"
    language: str = "en"
    sites: tuple[Site, ...] = ()
    sources: tuple[SourceConfig, ...] = ()
    alertmanager: AlertmanagerOutput | None = None
    tokens: tuple[Token, ...] = ()
    judge: JudgeConfig = JudgeConfig()
