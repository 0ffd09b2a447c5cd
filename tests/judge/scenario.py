"""Runs a story a duty manager could check: what is heard stands at the margin, what is said is indented.

    # A greeting at the due instant is in time.
    source   kiosk yields visit.arrived,visit.greeted max_silence 15m
    standard greet visit.arrived -> visit.greeted within 60s [where site=grand-*] [if_left breach]

    09:00:00  visit.arrived V1 site=grand-budapest
    09:01:00  visit.greeted V1
        met greet V1 at 09:01:00 due 09:01:00 measured 60s

The margin is the wall clock at which a line is heard, on Monday 2026-03-02 unless a date stands before it;
what happened earlier than it was heard says so with ``at=``.  Lines are

    TIME  KIND.EVENT ID [at=TIME] [not_before=TIME] [seq=N] [from=SOURCE] [label=value …]
    TIME  retract KIND[.EVENT] ID [at=TIME] [from=SOURCE]
    TIME  watermark [SOURCE …]     of the named sources, or of all; at that instant unless at= says otherwise
    TIME  gap FROM TO [SOURCE]
    TIME  sample NAME=NUMBER [at=TIME] [from=SOURCE] [label=value …]
    TIME  tick

A standard is ``NAME KIND.A[,KIND.B] -> KIND.C [each] within|under SPAN`` or ``NAME KIND in STATE [each] …``,
its other keys stand in brackets; one about a number is ``NAME reading SAMPLE at_most NUMBER``.
Nobody is alerted unless ``[alert breach,…]`` says so.  An objective is
``[objective 90% over 1h min 2]``, over a span or over day, week, month or quarter of ``[zone Europe/Berlin]``,
with ``periods 3`` after it if so many must fail; a pair of the burn alert is ``[burn 1h 5m 14.4]``.
``settings [judge_from TIME] [accept_late SPAN] [accept_early SPAN]`` is optional.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.zones import zone
from standardsd.model.decision import Alert, Amendment, CaseDecision, Episode, Final, Refused, SourceSpoken
from standardsd.model.measure import Calendar, CalendarUnit, Rolling, Sampled
from standardsd.model.objective import BurnPair
from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import (
    AlertRule,
    Condition,
    FromTo,
    Limits,
    Objective,
    Policy,
    Promise,
    RuleBook,
    Standard,
    TimeIn,
)
from standardsd.model.vocabulary import VOCABULARY
from standardsd.model.zone import Zones

MONDAY = "2026-03-02"
SPANS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
INDENT = "    "


def span(text: str) -> timedelta:
    parts = re.findall(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)", text)
    assert parts and "".join(map("".join, parts)) == text, f"{text!r} is no span"
    return timedelta(microseconds=sum(float(number) * SPANS[unit] for number, unit in parts))


def instant(text: str, date: str = MONDAY) -> datetime:
    return datetime.fromisoformat(text if "T" in text else f"{date}T{text}").replace(tzinfo=UTC)


def clock(at: datetime) -> str:
    text = at.strftime("%H:%M:%S") + (f".{at.microsecond:06d}".rstrip("0") if at.microsecond else "")
    return text if at.strftime("%Y-%m-%d") == MONDAY else f"{at:%Y-%m-%d}T{text}"


@dataclass
class Story:
    """One scenario file: its settings, and line by line what is heard and what shall be said."""

    standards: list[Standard] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    settings: JudgeSettings = field(default_factory=JudgeSettings)
    lines: list[tuple[str, list[str]]] = field(default_factory=list)


def read(text: str) -> Story:
    story = Story()
    for line in text.splitlines():
        if line.startswith(INDENT) and line.strip():
            assert story.lines, f"nothing was heard before {line!r}"
            story.lines[-1][1].append(line.strip())
            continue
        story.lines.append((line, []))
        word, _, rest = line.split("#")[0].strip().partition(" ")
        if word == "standard":
            story.standards.append(_standard(rest))
        elif word == "source":
            story.sources.append(_source(rest.split()))
        elif word == "settings":
            story.settings = _settings(rest.split())
    story.sources = story.sources or [Source("desk")]
    return story


def _names(text: str) -> tuple[str, tuple[str, ...]]:
    """``visit.arrived,visit.called`` → the kind and the events."""
    pairs = [name.split(".") for name in text.split(",")]
    (kind,) = {kind for kind, _ in pairs}
    return kind, tuple(event for _, event in pairs)


def _standard(text: str) -> Standard:
    options = dict(option.split(maxsplit=1) for option in re.findall(r"\[([^\]]+)\]", text))
    words = re.sub(r"\[[^\]]*\]", "", text).split()
    name, each = words[0], "each" in words[1:]
    words = [name, *(word for word in words[1:] if word != "each")]
    if words[1] == "reading":
        limits = Limits(highest=float(words[4]), hold_for=span(options.pop("lasting", "0s")))
        assert words[3] == "at_most" and len(words) == 5, text
        number = Standard(
            id=name,
            title=name,
            of="",
            measure=Sampled(words[2]),
            promise=limits,
            rules="sha256:0",
            set="scenario",
            alert=_alert(options),
        )
        assert not options, f"unknown keys {sorted(options)} of {name}"
        return number
    measure: FromTo | TimeIn
    if words[2] == "in":
        kind, measure = words[1], TimeIn(words[3], each)
    else:
        assert words[2] == "->", text
        kind, start = _names(words[1])
        measure = FromTo(start, _names(words[3])[1], each)
    assert words[4] in ("within", "under") and len(words) == 6, text
    standard = Standard(
        id=name,
        title=name,
        of=kind,
        measure=measure,
        promise=Promise(span(words[5]), within=words[4] == "within"),
        rules="sha256:0",
        set="scenario",
        where=_where(options.pop("where", "")),
        by=tuple(options.pop("by", "site").split(",")),
        if_left=Policy(options.pop("if_left", "exclude")),
        if_diverted=Policy(options.pop("if_diverted", "exclude")),
        if_done=Policy(options.pop("if_done", "exclude")),
        ignore_if_left_within=_optional_span(options.pop("ignore_if_left_within", None)),
        unless=tuple(options.pop("unless", "").split()),
        objective=_objective(options.pop("objective", None)),
        alert=_alert(options),
        zones=Zones(zone(options.pop("zone"))) if "zone" in options else Zones(),
        shadow=options.pop("status", "active") == "shadow",
    )
    assert not options, f"unknown keys {sorted(options)} of {name}"
    return standard


def _where(text: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(globs.split(",")) for key, _, globs in (part.partition("=") for part in text.split())}


def _optional_span(text: str | None) -> timedelta | None:
    return None if text is None else span(text)


def _objective(text: str | None) -> Objective | None:
    """``90% over 1h min 2``, ``90% over day min 2 periods 3``"""
    if text is None:
        return None
    share, _, over, *more = text.split()
    counts = dict(zip(more[::2], map(int, more[1::2]), strict=True))
    return Objective(
        at_least=float(share.rstrip("%")) / 100,
        over=Calendar(CalendarUnit(over)) if over in tuple(CalendarUnit) else Rolling(span(over)),
        min_count=counts.pop("min", 1),
        periods=counts.pop("periods", 1),
    )


def _alert(options: dict[str, str]) -> AlertRule:
    warn_at = options.pop("warn_at", None)
    pairs = [pair.split() for pair in options.pop("burn", "").split(",") if pair]
    return AlertRule(
        on=tuple(Condition(word) for word in options.pop("alert", "").split(",") if word),
        hold_for=span(options.pop("for", "0s")),
        keep_firing_for=span(options.pop("keep_firing_for", "5m")),
        warn_at=None if warn_at is None else float(warn_at.rstrip("%")) / 100,
        warn_before=_optional_span(options.pop("warn_before", None)),
        burn=tuple(BurnPair(0.0, span(long), span(short), float(factor)) for long, short, factor in pairs),
    )


def _source(words: list[str]) -> Source:
    """``NAME [yields KIND.EVENT,…] [max_silence SPAN] [site VALUE] [private yes]``"""
    options = dict(zip(words[1::2], words[2::2], strict=True))
    yields = None
    if "yields" in options:
        kind, events = _names(options["yields"])
        yields = {kind: events}
    return Source(
        name=words[0],
        yields=yields,
        speaks_for={"site": options["site"]} if "site" in options else {},
        private_ids=options.get("private") == "yes",
        max_silence=span(options.get("max_silence", "15m")),
    )


def _settings(words: list[str]) -> JudgeSettings:
    """``[judge_from TIME] [accept_late SPAN] [accept_early SPAN]``"""
    options = dict(zip(words[::2], words[1::2], strict=True))
    begin = options.pop("judge_from", None)
    spans: dict[str, Any] = {name: span(text) for name, text in options.items()}
    return JudgeSettings(judge_from=None if begin is None else instant(begin), **spans)


def readings(words: list[str], now: datetime, sources: list[Source]) -> list[Reading]:
    """What a line says was heard; a tick is nothing heard."""
    options = dict(word.split("=", 1) for word in words if "=" in word)
    words = [word for word in words if "=" not in word]
    date = now.strftime("%Y-%m-%d")
    at = instant(options.pop("at"), date) if "at" in options else None
    source = options.pop("from", sources[0].name)
    if words[0] == "tick":
        return []
    if words[0] == "watermark":
        return [Watermark(name, at or now) for name in words[1:] or [s.name for s in sources]]
    if words[0] == "gap":
        return [Gap((words[3:] or [source])[0], instant(words[1], date), instant(words[2], date))]
    if words[0] == "retract":
        kind, _, event = words[1].partition(".")
        return [Retract(source, kind, words[2], event or None, at)]
    if words[0] == "sample":
        (name, value), *labels = options.items()
        return [Sample(source, name, at or now, float(value), labels=dict(labels))]
    kind, event = words[0].split(".")
    before = options.pop("not_before", None)
    return [
        Event(
            source=source,
            kind=kind,
            id=words[1],
            event=event,
            at=at or now,
            seq=int(options.pop("seq", "0")),
            not_before=None if before is None else instant(before, date),
            labels=options,
        )
    ]


def said(decision: Any) -> str:
    """One decision as one line; an occurrence after the first is ``ID#2``."""
    if isinstance(decision, SourceSpoken):
        return f"source {decision.source} {decision.state} at {clock(decision.at)}"
    if isinstance(decision, Alert):
        group = " ".join(f"{name}={value}" for name, value in decision.group.items() if value)
        oldest = "" if decision.oldest is None else f" oldest {clock(decision.oldest)}"
        words = ["alert", decision.standard, decision.condition, decision.state, group]
        return " ".join(filter(None, words)) + f" at {clock(decision.at)} count {decision.count}{oldest}"
    if isinstance(decision, Episode):
        group = " ".join(f"{name}={value}" for name, value in decision.group.items() if value)
        figures = "" if decision.value is None else f" value {decision.value:g}"
        figures += "" if decision.limit is None else f" limit {decision.limit:g}"
        words = ["episode", decision.standard, decision.state, group]
        return " ".join(filter(None, words)) + f" at {clock(decision.at)}{figures}"
    if isinstance(decision, Refused):
        return f"refused {decision.reason} from {decision.source} at {clock(decision.at)}"
    assert isinstance(decision, CaseDecision)
    word = str(decision.verdict or "nothing")
    if isinstance(decision, Amendment):
        word = f"amended {decision.was or 'nothing'} to {word}"
    if isinstance(decision, Final):
        word = f"final {word}"
    number = "" if decision.occurrence == 1 else f"#{decision.occurrence}"
    words = [word, f"({decision.reason})" if decision.reason else "", decision.standard, decision.id + number]
    line = " ".join(filter(None, words))
    for name in ("at", "due", "end"):
        value = getattr(decision, name)
        line += (
            f" {name} {clock(value)}" if value is not None and (name != "end" or value != decision.at) else ""
        )
    return line + ("" if decision.measured is None else f" measured {decision.measured:g}s")


def tell(story: Story) -> Iterable[tuple[str, list[str], list[str], list[Any]]]:
    """Line by line: what was heard, what should be said, what was said, and the decisions themselves."""
    book = RuleBook(tuple(story.standards), VOCABULARY, (), "sha256:0")
    judge = Judge(book, story.sources, story.settings)
    for line, expected in story.lines:
        words = line.split("#")[0].split()
        if words and re.fullmatch(r"\d{4}-\d\d-\d\d", words[0]):
            words[:2] = [f"{words[0]}T{words[1]}"]
        if not words or words[0] in ("standard", "source", "settings"):
            yield line, expected, [], []
            continue
        now = instant(words[0])
        heard = readings(words[1:], now, story.sources)
        decisions = [*judge.receive(heard, now), *judge.tick(now)]
        yield line, expected, [said(decision) for decision in decisions], decisions
