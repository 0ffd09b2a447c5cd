"""One scrape: the catalogue's families in its order, then the process's own, in the format asked for."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib import metadata

from msgspec import Struct
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import generate_latest as generate_plain
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

import standardsd
from standardsd.metrics import text
from standardsd.metrics.catalog import CATALOG
from standardsd.metrics.figures import OUTCOMES, READINGS, DaemonFigures, SourceFigures
from standardsd.metrics.standards import StandardsWriter, series_max_default
from standardsd.metrics.text import EOF, Format
from standardsd.model.snapshot import Snapshot, SourceNow
from standardsd.model.standard import RuleBook

REFUSED = ("too_late", "too_early", "too_many_readings", "unknown_kind", "unknown_event")
"""What the judge refuses (``model.decision.Refused``); counted from 0 beside the drivers' own reasons."""

Values = Mapping[tuple[str, ...], float]
"""Label values, in the order of the family's labels, and the number."""


class Exposed(Struct, frozen=True):
    body: bytes
    content_type: str


class Exposition:
    """Keeps what was written between scrapes; one for a daemon.

    ``series_max``: of standards' series; see ``standards.StandardsWriter``.
    """

    def __init__(self, *, series_max: int = series_max_default) -> None:
        self.standards = StandardsWriter(series_max)
        self._runtime = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._runtime)

    def render(self, snapshot: Snapshot, book: RuleBook, figures: DaemonFigures, accept: str = "") -> Exposed:
        """The whole answer to one scrape.  ``accept``: the request's Accept header, empty when there is none."""
        format = text.negotiated(accept)
        samples = {
            **self.standards.write(snapshot.groups, book),
            **_of_sources(snapshot.sources, figures.sources),
            **_of_daemon(figures, self.standards.dropped),
        }
        parts: list[bytes] = []
        for family in CATALOG:
            if not family.later:
                parts += (text.head(family, format), samples.pop(family.name))
        assert not samples, f"not in the catalogue: {', '.join(samples)}"
        if format is Format.PLAIN:
            parts.append(generate_plain(self._runtime))
        else:
            own: bytes = generate_openmetrics(self._runtime)  # type: ignore[no-untyped-call]  # it has no types
            parts += (own.removesuffix(EOF), EOF)
        return Exposed(b"".join(parts), format.value)


def _of_sources(judged: Iterable[SourceNow], driven: Iterable[SourceFigures]) -> dict[str, bytes]:
    """Sources the judge knows and sources that have a driver, each once, by name."""
    by_judge = {source.name: source for source in judged}
    by_driver = {source.name: source for source in driven}
    pairs = [
        (by_judge.get(name), by_driver.get(name, SourceFigures(name)))
        for name in sorted({*by_judge, *by_driver})
    ]

    def gauge(name: str, value: Callable[[SourceNow | None, SourceFigures], float | None]) -> bytes:
        known = [(driver.name, value(judge, driver)) for judge, driver in pairs]
        return _samples(name, ("source",), {(source,): v for source, v in known if v is not None})

    def counter(name: str, label: str, counts: Callable[[SourceFigures], Mapping[str, int]]) -> bytes:
        values: Values = {(driver.name, word): n for _, driver in pairs for word, n in counts(driver).items()}
        return _samples(name, ("source", label), values)

    return {
        "standardsd_source_up": gauge("standardsd_source_up", _up),
        "standardsd_source_watermark_timestamp_seconds": gauge(
            "standardsd_source_watermark_timestamp_seconds",
            lambda judge, _: None if judge is None else _unix(judge.watermark),
        ),
        "standardsd_source_poll_duration_seconds": gauge(
            "standardsd_source_poll_duration_seconds", lambda _, driver: driver.poll_seconds
        ),
        "standardsd_source_clock_offset_seconds": gauge(
            "standardsd_source_clock_offset_seconds", lambda _, driver: driver.clock_offset_seconds
        ),
        "standardsd_readings_total": counter(
            "standardsd_readings_total",
            "reading",
            lambda driver: text.counted(READINGS, driver.readings) if driver.name in by_judge else {},
        ),
        "standardsd_readings_rejected_total": counter(
            "standardsd_readings_rejected_total",
            "reason",
            lambda driver: text.counted(REFUSED, driver.rejected),
        ),
        "standardsd_labels_unmapped_total": counter(
            "standardsd_labels_unmapped_total", "label", lambda driver: driver.unmapped
        ),
    }


def _up(judge: SourceNow | None, driver: SourceFigures) -> float | None:
    """Down when its driver says so or the judge calls it dark; a source never heard of is not up either.

    None for a name under which only rejections are counted: no source of ours, so neither up nor down.
    """
    if judge is None and driver.answers is None:
        return None
    if driver.answers is False or (judge is not None and judge.dark):
        return 0
    return int(driver.answers is True or (judge is not None and judge.heard is not None))


def _of_daemon(figures: DaemonFigures, dropped: int) -> dict[str, bytes]:
    told: Values = {
        (channel.name, word): n
        for channel in figures.channels
        for word, n in text.counted(OUTCOMES, channel.outcomes).items()
    }
    waiting: Values = {(channel.name,): channel.pending for channel in figures.channels}
    delay = "standardsd_detection_delay_seconds"
    delays = [
        text.histogram(delay, text.labelled((("standard", standard),)), histogram, sums=True)
        for standard, histogram in sorted(figures.detection.items())
    ]
    return {
        delay: b"".join(delays),
        **_one("standardsd_notifications_total", ("channel", "outcome"), told),
        **_one("standardsd_outbox_pending", ("channel",), waiting),
        **_one("standardsd_reload_success", (), {(): int(figures.reload_success)}),
        **_one("standardsd_reload_timestamp_seconds", (), {(): figures.reloaded_at.timestamp()}),
        **_one("standardsd_series_dropped_total", (), {(): dropped}),
        **_one("standardsd_build_info", ("version", "python", "tzdata"), {BUILD: 1}),
    }


BUILD = (standardsd.__version__, platform.python_version(), metadata.version("tzdata"))


def _one(name: str, labels: tuple[str, ...], values: Values) -> dict[str, bytes]:
    return {name: _samples(name, labels, values)}


def _samples(name: str, labels: tuple[str, ...], values: Values) -> bytes:
    return b"".join(
        text.sample(name, text.labelled(zip(labels, words, strict=True)), value)
        for words, value in values.items()
    )


def _unix(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
