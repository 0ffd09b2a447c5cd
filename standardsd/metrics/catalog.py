"""Every metric there is: its name, type, labels, unit, meaning, and when it moves.

The one table from which the exposition takes its HELP, TYPE and UNIT lines and
``docs/metrics.md`` is generated.  A family that is not here cannot be exposed.

``BY`` stands for the labels of the standard's ``by`` (``site`` unless the rule says otherwise);
never a person, never an interaction.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

BY = "…"


class Type(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"  # a gauge that is always 1 in the plain text format


class Family(Struct, frozen=True):
    """``name``: as in the samples, ``_total`` and ``_info`` included.  ``unit``: its last word, where it has one.

    ``later``: reserved by the contract and not exposed yet, with the reason; empty for all that is exposed.
    """

    name: str
    type: Type
    labels: tuple[str, ...]
    meaning: str
    moves: str
    unit: str = ""
    later: str = ""

    @property
    def base(self) -> str:
        """The family's name in OpenMetrics, which keeps ``_total`` and ``_info`` for samples."""
        return self.name.removesuffix("_total").removesuffix("_info")


def _family(
    name: str, type: Type, labels: str, meaning: str, moves: str, *, unit: str = "", later: str = ""
) -> Family:
    """``labels``: words; "by" among them is the standard's own grain."""
    words = tuple(BY if word == "by" else word for word in labels.split())
    return Family("standardsd_" + name, type, words, meaning, moves, unit, later)


_C, _G, _H, _I = Type.COUNTER, Type.GAUGE, Type.HISTOGRAM, Type.INFO

STANDARDS: tuple[Family, ...] = (
    _family(
        "verdicts_total",
        _C,
        "standard by verdict",
        "First verdicts spoken on occurrences.",
        "Up by one with each first verdict (met, breached, indeterminate, excluded); an amendment does not move it.",
    ),
    _family(
        "violations_total",
        _C,
        "standard by severity",
        "Breaches spoken, by a first verdict or by an amendment to breached.",
        "Up by one at each; never down, also when a breach is amended away.",
    ),
    _family(
        "amendments_total",
        _C,
        "standard by",
        "Verdicts that were changed by something read late.",
        "Up by one with each amendment.",
    ),
    _family(
        "open_promises",
        _G,
        "standard by",
        "Occurrences that have begun and await their end.",
        "Up when one begins, down when a verdict on it is spoken.",
    ),
    _family(
        "overdue_promises",
        _G,
        "standard by",
        "Open promises past due whose breach awaits the watermark of a source.",
        "Up at due, down when the verdict is spoken.",
    ),
    _family(
        "next_due_timestamp_seconds",
        _G,
        "standard by",
        "The earliest due instant of an open promise, in Unix time.",
        "With each promise that begins or ends; absent while no open promise has a due instant.",
        unit="seconds",
    ),
    _family(
        "measure_seconds",
        _H,
        "standard by",
        "Measured times of occurrences that their end event closed, on the standard's clock.",
        "Up with each end event. One bucket's edge lies exactly on the limit, and on each limit of a grid; other "
        "limits in the rules start it anew. A measure that can be negative (from `due`) has no `_sum` and "
        "`_count`; its count is the bucket `+Inf`. Absent where no time is measured.",
        unit="seconds",
    ),
    _family(
        "kept_ratio",
        _G,
        "standard by window",
        "Share kept, met ÷ (met + breached), in the objective's window (24h without an objective); "
        "of a number, time in limits ÷ time known.",
        "With each verdict that enters or leaves the window, and at the boundary of a calendar window (day, week, "
        "month, quarter); absent while fewer than min_count are in it.",
        unit="ratio",
    ),
    _family(
        "target_ratio",
        _G,
        "standard by",
        "The share that the objective asks for today.",
        "When the rules change, and at the local midnight at which a dated target begins; absent without one.",
        unit="ratio",
    ),
    _family(
        "error_budget_remaining_ratio",
        _G,
        "standard by",
        "1 − breach share ÷ budget, over the objective's window; negative when more than the budget is spent.",
        "With the share kept; absent while that is unknown, and for a target of 100 %, which has no budget.",
        unit="ratio",
    ),
    _family(
        "burn_rate",
        _G,
        "standard by window",
        "Breach share of the window ÷ error budget; 1 spends exactly the budget.",
        "With the share kept: for the objective's own window, absent as the budget is, and for each window of the "
        "burn alert (5m, 1h, …) in hours of the standard's clock, where one without a verdict burns 0.",
    ),
    _family(
        "standard_state",
        _G,
        "standard by state",
        "1 for the state the standard is in (kept, at_risk, broken, unknown, shadow), 0 for the others.",
        "With each change of state; unknown while a source it depends on is dark. Of a shadow standard this is the "
        "only series.",
    ),
    _family(
        "standard_info",
        _I,
        "standard title severity dimension rules_hash",
        "What the rule file says of the standard.",
        "When the rules change.",
    ),
    _family(
        "alerts",
        _G,
        "alertname condition severity by state",
        "1 while the alert of this standard (alertname) is pending or firing.",
        "When the judge says so: at due, not at the next scrape.",
    ),
    _family(
        "reading",
        _G,
        "standard by name",
        "The number that a standard is about, as it stands; name says which: the reading's name, the event that is "
        "counted, or the statistic.",
        "With each change of the number; absent while it is not known. Times are seconds, shares 0 … 1.",
    ),
)

SOURCES: tuple[Family, ...] = (
    _family(
        "source_up",
        _G,
        "source",
        "1 while the source answers and is heard of, 0 while it does not, or is dark.",
        "When its driver says so, or when it is heard of again or not for max_silence.",
    ),
    _family(
        "source_watermark_timestamp_seconds",
        _G,
        "source",
        "Everything up to this instant has been delivered, in Unix time.",
        "With each watermark; absent before the first.",
        unit="seconds",
    ),
    _family(
        "source_poll_duration_seconds",
        _G,
        "source",
        "How long the last poll or ping took.",
        "With each poll; absent before the first, and for sources that only push.",
        unit="seconds",
    ),
    _family(
        "source_clock_offset_seconds",
        _G,
        "source",
        "The source's clock minus ours.",
        "With each answer that tells the source's time; absent where none does.",
        unit="seconds",
    ),
    _family(
        "readings_total",
        _C,
        "source reading",
        "Readings taken, by what they say (event, retract, sample, watermark, gap).",
        "When their batch is durable and judged.",
    ),
    _family(
        "readings_rejected_total",
        _C,
        "source reason",
        "Records that could not become readings, and readings the judge refused.",
        "With each; the reason and the place are in the log and on the source's page.",
    ),
    _family(
        "labels_unmapped_total",
        _C,
        "source label",
        "Values that the source's configuration maps to no label.",
        "With each such value; label is the label that stayed as it came.",
    ),
)

DAEMON: tuple[Family, ...] = (
    _family(
        "detection_delay_seconds",
        _H,
        "standard",
        "Time from due to the instant at which the breach was decided.",
        "With each first verdict breached.",
        unit="seconds",
    ),
    _family(
        "notifications_total",
        _C,
        "channel outcome",
        "Tellings of alerts: delivered, resent, retried, refused, gave_up, mended (told without a bad link).",
        "With each answer of the channel, or none in time.",
    ),
    _family(
        "outbox_pending",
        _G,
        "channel",
        "Transitions written and not yet taken by the channel.",
        "Up with the verdict's transaction, down when the channel takes it or it is given up.",
    ),
    _family(
        "reload_success",
        _G,
        "",
        "1 when the last reload of rules and configuration was taken, 0 when it was refused.",
        "At each reload; the start is one.",
    ),
    _family(
        "reload_timestamp_seconds",
        _G,
        "",
        "When rules and configuration in force were loaded, in Unix time.",
        "At each reload that was taken; a refused one leaves it.",
        unit="seconds",
    ),
    _family(
        "series_dropped_total",
        _C,
        "",
        "Series of standards left out because there would be more than the maximum.",
        "Up by the number of its series when a group is first left out; the log names it.",
    ),
    _family(
        "build_info",
        _I,
        "version python tzdata",
        "What is running.",
        "Never while it runs.",
    ),
)

CATALOG: tuple[Family, ...] = (*STANDARDS, *SOURCES, *DAEMON)

BY_NAME: dict[str, Family] = {family.name: family for family in CATALOG}

RUNTIME = ("process_", "python_")
"""Beside the catalogue, prometheus-client tells of the process itself under these names."""
