"""The two text formats: Prometheus 0.0.4 and OpenMetrics 1.0.0.

Sample lines are the same bytes in both; only what stands around them differs, so a line
is written once and kept.  ``le`` and values are written as Go and prometheus-client do, with
every digit that matters: what a scrape returns equals what was exposed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import StrEnum

from prometheus_client.exposition import choose_encoder
from prometheus_client.utils import floatToGoString

from standardsd.metrics.catalog import Family, Type
from standardsd.model.snapshot import Histogram


class Format(StrEnum):
    """Its value is the Content-Type."""

    PLAIN = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


EOF = b"# EOF\n"

accept_chars_max = 2000
"""Prometheus sends some 150; a longer Accept is nobody's scrape and is answered in plain text."""


def negotiated(accept: str) -> Format:
    """OpenMetrics where it is asked for by a name and version we know, plain text for everyone else.

    The choice itself is prometheus-client's, so that a scraper gets from us what it gets from others.
    """
    if len(accept) > accept_chars_max:
        return Format.PLAIN
    try:
        _, content_type = choose_encoder(accept)
    except (TypeError, ValueError):  # a version that is no number
        return Format.PLAIN
    return Format.OPENMETRICS if content_type.startswith("application/openmetrics-text") else Format.PLAIN


def head(family: Family, format: Format) -> bytes:
    """HELP, TYPE and, in OpenMetrics, UNIT."""
    plain = format is Format.PLAIN
    name = family.name if plain else family.base
    type = Type.GAUGE if plain and family.type is Type.INFO else family.type
    meaning = family.meaning.replace("\\", r"\\").replace("\n", r"\n")
    if not plain:
        meaning = meaning.replace('"', r"\"")
    lines = f"# HELP {name} {meaning}\n# TYPE {name} {type}\n"
    if family.unit and not plain:
        lines += f"# UNIT {name} {family.unit}\n"
    return lines.encode()


def labelled(pairs: Iterable[tuple[str, str]]) -> str:
    """``a="x",b="y"``; a label without a value is no label, as for Prometheus."""
    return ",".join(f'{name}="{escaped(value)}"' for name, value in pairs if value != "")


def escaped(value: str) -> str:
    """A label value between quotes.  Invalid Unicode becomes �: one bad name must not end every scrape."""
    text = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def sample(name: str, labels: str, value: float) -> bytes:
    """One line; ``labels`` as ``labelled`` gives them."""
    braces = f"{{{labels}}}" if labels else ""
    return f"{name}{braces} {number(value)}\n".encode()


def number(value: float) -> str:
    """Whole numbers without a fraction, others with every digit that tells them from their neighbours."""
    if isinstance(value, int):
        return str(value)
    if math.isfinite(value):
        return repr(value)
    return go_float(value)


def go_float(value: float) -> str:
    """As Go writes it: ``60.0``, ``1e+06``, ``+Inf``.  One edge must be one series in both formats."""
    written: str = floatToGoString(value)  # type: ignore[no-untyped-call]  # prometheus-client has no type here
    return written


def histogram(name: str, labels: str, figures: Histogram, *, sums: bool) -> bytes:
    """Cumulative buckets up to ``+Inf``; edges that are equal are one bucket.

    ``sums``: whether ``_sum`` and ``_count`` follow.  OpenMetrics forbids them where a measure may be
    negative, because a sum that falls looks like a restart.
    """
    assert len(figures.counts) == len(figures.edges) + 1, figures
    cumulative: dict[float, int] = {}
    total = 0
    for edge, count in zip((*figures.edges, math.inf), figures.counts, strict=True):
        total += count
        cumulative[edge] = total
    comma = "," if labels else ""
    lines = [
        sample(f"{name}_bucket", f'{labels}{comma}le="{go_float(edge)}"', count)
        for edge, count in cumulative.items()
    ]
    if sums:
        lines += [sample(f"{name}_sum", labels, figures.sum), sample(f"{name}_count", labels, total)]
    return b"".join(lines)


def counted(known: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    """Every known word from 0, then those that came up besides."""
    return {**dict.fromkeys(known, 0), **counts}
