"""Decisions as lines of a scenario: what is said, written and compared.

    met STANDARD ID[#OCCURRENCE] at TIME due TIME measured 1m
    breached (REASON) STANDARD ID at TIME …
    amended WAS to WORD (REASON) STANDARD ID …
    final breached STANDARD ID …
    episode STANDARD broken site=vienna at TIME value 12 limit 10
    alert STANDARD breach firing site=vienna at TIME count 1 oldest TIME
    source NAME dark at TIME
    refused REASON from NAME at TIME

``facts`` are what such a line can name; ``WORDS`` says which of them are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from standardsd.language.scenarios_clock import told
from standardsd.language.spoken import duration_text
from standardsd.model.decision import (
    Alert,
    Amendment,
    CaseDecision,
    Decision,
    Episode,
    Final,
    Refused,
    SourceSpoken,
)
from standardsd.model.measure import FromTo, TimeIn
from standardsd.model.promise import Grid, Limits
from standardsd.model.standard import Standard
from standardsd.model.zone import Zone

Said = Decision | Refused
Fact = str | int | float | datetime | None

INSTANTS = ("at", "start", "due", "late_from", "end", "oldest")
NUMBERS = ("measured", "limit", "value")

CASE = ("at", "start", "due", "late_from", "end", "measured", "limit")
FIELDS: dict[str, tuple[str, ...]] = {
    # first word    what may stand behind the names
    "verdict": CASE,
    "amended": CASE,
    "final": CASE,
    "episode": ("at", "value", "limit"),
    "alert": ("at", "count", "oldest"),
    "source": ("at",),
    "refused": ("at",),
}
WORDS: dict[str, tuple[str, ...]] = {
    # first word    what we write ourselves
    "verdict": ("at", "due", "end", "measured"),
    "amended": ("at", "due", "end", "measured"),
    "final": ("at", "due", "end", "measured"),
    "episode": ("at", "value", "limit"),
    "alert": ("at", "count", "oldest"),
    "source": ("at",),
    "refused": ("at",),
}
NOTHING = "nothing"
"""The word for no verdict, in an amendment."""


def sort_of(said: Said) -> str:
    """The first word of its line; "verdict" stands for any verdict."""
    match said:
        case Amendment():
            return "amended"
        case Final():
            return "final"
        case Episode():
            return "episode"
        case Alert():
            return "alert"
        case SourceSpoken():
            return "source"
        case Refused():
            return "refused"
        case CaseDecision():
            return "verdict"
    raise AssertionError(said)


def facts(said: Said) -> dict[str, Fact]:
    """Everything that a line can name, but labels (``labels_of``)."""
    match said:
        case CaseDecision():
            found: dict[str, Fact] = {
                "word": str(said.verdict or NOTHING), "reason": said.reason and str(said.reason),
                "standard": said.standard, "id": said.id, "occurrence": said.occurrence,
                "at": said.at, "start": said.start, "due": said.due, "late_from": said.late_from,
                "end": said.end, "measured": said.measured, "limit": said.limit,
            }  # fmt: skip
            return found | {"was": str(said.was or NOTHING)} if isinstance(said, Amendment) else found
        case Episode():
            return {
                "standard": said.standard, "word": str(said.state), "at": said.at, "value": said.value,
                "limit": said.limit,
            }  # fmt: skip
        case Alert():
            return {
                "standard": said.standard, "condition": str(said.condition), "word": str(said.state),
                "at": said.at, "count": said.count, "oldest": said.oldest,
            }  # fmt: skip
        case SourceSpoken():
            return {"source": said.source, "word": said.state, "at": said.at}
        case Refused():
            return {"source": said.source, "reason": said.reason, "at": said.at}
    raise AssertionError(said)


def labels_of(said: Said) -> Mapping[str, str]:
    """The labels of a case, or those that make the group of a number or an alert."""
    if isinstance(said, CaseDecision):
        return said.labels
    return said.group if isinstance(said, Episode | Alert) else {}


def line_of(said: Said, day: date, zone: Zone, standards: Mapping[str, Standard]) -> str:
    """The line that we write below a line of ``day``; ``read_expected`` reads it back as the same facts."""
    known = facts(said)
    sort = sort_of(said)
    written = [*_begin(said, known)]
    if isinstance(said, Episode | Alert):
        written += [f"{name}={value}" for name, value in said.group.items() if value and " " not in value]
    for name in WORDS[sort]:
        value = known[name]
        if value is None or (name == "end" and value == known["at"]):
            continue
        if isinstance(value, datetime):
            written += [name, told(value, day, zone)]
        elif name in NUMBERS:
            assert isinstance(value, int | float), (name, value)
            standard = standards.get(str(known["standard"]))
            written += [name, number_text(float(value), unit_of(standard))]
        else:
            written += [name, str(value)]
    return " ".join(written)


def _begin(said: Said, known: dict[str, Fact]) -> list[str]:
    match said:
        case CaseDecision():
            word = [str(known["word"])]
            if isinstance(said, Amendment):
                word = ["amended", str(known["was"]), "to", *word]
            elif isinstance(said, Final):
                word = ["final", *word]
            number = "" if said.occurrence == 1 else f"#{said.occurrence}"
            reason = [f"({said.reason})"] if said.reason else []
            return [*word, *reason, said.standard, said.id + number]
        case Episode():
            return ["episode", said.standard, said.state]
        case Alert():
            return ["alert", said.standard, said.condition, said.state]
        case SourceSpoken():
            return ["source", said.source, said.state]
        case Refused():
            return ["refused", said.reason, "from", said.source]
    raise AssertionError(said)


def unit_of(standard: Standard | None) -> str:
    """How people read what a standard measures: "%", "s" or ""."""
    if standard is None or isinstance(standard.measure, FromTo | TimeIn):
        return "s"
    promise = standard.promise
    if isinstance(promise, Grid):
        promise = next(iter(promise.rows.values()))
    return promise.unit if isinstance(promise, Limits) else "s"


def number_text(value: float, unit: str) -> str:
    """``1h30m``, ``95%``, ``4.5``; times to the microsecond, other numbers to ten digits."""
    if unit == "s":
        length = timedelta(seconds=abs(value))
        return ("-" if value < 0 and length else "") + duration_text(length)
    return f"{value * 100:.10g}%" if unit == "%" else f"{value:.10g}"
