"""``docs/metrics.md`` from the catalogue: ``python -m standardsd.metrics.reference > docs/metrics.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from standardsd.metrics.catalog import BY, CATALOG, DAEMON, SOURCES, STANDARDS, Family

HEAD = """\
# Metrics

<!-- Generated from standardsd/metrics/catalog.py by `python -m standardsd.metrics.reference`; a test compares. -->

`GET /metrics` answers in the Prometheus text format 0.0.4, or in OpenMetrics 1.0.0 where the scraper asks for
it. `…` among the labels stands for the labels of the standard's `by` (`site` unless the rule says otherwise);
a label without a value is left out. No label names a person or an interaction.

Totals start at 0 for every group that is known, so `increase()` sees the first violation. A gauge whose value
is not known is absent, never 0. At most 100,000 series of standards are shown; groups that came first stay,
and `standardsd_series_dropped_total` counts what was left out.

| metric | when | write |
|---|---|---|
| violations of the last hour, by site | a graph | `sum by (site) (increase(standardsd_violations_total[1h]))` |
| standards that are broken now | a table | `standardsd_standard_state{state="broken"} == 1` |
| seconds until the next promise is due | a countdown | `standardsd_next_due_timestamp_seconds - time()` |
| sources that are silent | an alert | `standardsd_source_up == 0` |
| rules that were not taken | an alert | `standardsd_reload_success == 0` |
"""

TAIL = """
## The process itself

`process_*`, `python_gc_*` and `python_info` come from prometheus-client and mean what they mean everywhere.
"""

SECTIONS = (
    ("Standards", STANDARDS),
    ("Sources", SOURCES),
    ("Alerts and the daemon", DAEMON),
)


def reference() -> str:
    """The whole file."""
    assert sum(len(families) for _, families in SECTIONS) == len(CATALOG)
    sections = [f"\n## {title}\n\n{_table(families)}" for title, families in SECTIONS]
    return HEAD + "".join(sections) + _later() + TAIL


def _table(families: Iterable[Family]) -> str:
    rows = ["| name | type | labels | meaning | moves |", "|---|---|---|---|---|"]
    rows += [_row(family) for family in families if not family.later]
    return "\n".join(rows) + "\n"


def _row(family: Family) -> str:
    labels = " ".join(BY if label == BY else f"`{label}`" for label in family.labels) or "none"
    unit = f", {family.unit}" if family.unit else ""
    cells = (f"`{family.name}`", f"{family.type}{unit}", labels, family.meaning, family.moves)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _later() -> str:
    lines = [f"- `{family.name}`: {family.later}." for family in CATALOG if family.later]
    return "\n## Reserved, not exposed yet\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
