"""One standard of a rule file: every key read, everything wrong in it told.

A standard is read from a ``Draft``: its own keys, and behind them those it inherits from
an extended set and from the defaults of its file.  Each value keeps the place where it
was written, so a mistake in the defaults is shown in the defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from standardsd.language import unjudged
from standardsd.language.measures import check_limit, event_of, read_measure, read_promise
from standardsd.language.objectives import read_alert, read_objective
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, any_text, one_line
from standardsd.language.tree import Broken, Entry, Map, Node
from standardsd.language.where import read_by, read_where
from standardsd.language.words import Wrong, duration, name, one_of, url, write_one_of
from standardsd.model.standard import (
    AlertRule,
    Because,
    FromTo,
    Measure,
    Policy,
    Promise,
    Severity,
    Standard,
    TimeIn,
)
from standardsd.model.vocabulary import Ending, Kind, Vocabulary

W = TypeVar("W", bound=StrEnum)

REQUIRED = ("id", "title", "measure", "promise")
OPTIONAL = (
    "of", "where", "by", "clock", "pause_while", "if_left", "if_diverted", "if_done", "ignore_if_left_within",
    "unless", "reopen", "objective", "alert", "severity", "settle", "effective", "status", "waivers",
    "dimension", "owner", "runbook", "because", "notes", "examples",
)  # fmt: skip
KEYS = (*REQUIRED, *OPTIONAL)

DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")

title_characters_max = 200
"""A title is one line on a wallboard and in an alert."""

settle_max = timedelta(days=366)
"""What may still change is kept in memory."""


@dataclass(frozen=True)
class Draft:
    """A standard as written.  ``own``: the keys it says itself; the others are inherited or defaults."""

    place: Place
    entries: Mapping[str, Entry]
    own: frozenset[str]


@dataclass(frozen=True)
class Context:
    """What a standard's words refer to."""

    set: str
    owner: str | None
    vocabulary: Vocabulary
    calendars: frozenset[str]


def read_standard(draft: Draft, context: Context, told: list[Problem]) -> Standard | None:
    """The standard without its ``rules``; None when something in it is wrong (that goes to ``told``).

    Lints alone do not make it None.
    """
    problems: list[Problem] = []
    whole = Map(draft.place, tuple(draft.entries.values()))
    reader = Reader(whole, "a standard", problems, required=REQUIRED, optional=OPTIONAL)
    kind = _kind(reader, context)
    measure_node = reader.node("measure")
    measure = None if measure_node is None else read_measure(measure_node, kind, problems)
    # A promise on a number is refused with its measure; saying so twice would help nobody.
    on_number = bool(_forms(measure_node) & set(unjudged.NUMBER_MEASURES))
    promise = None if on_number else _of(reader, "promise", lambda node: read_promise(node, problems))
    if measure is not None and promise is not None:
        check_limit(promise, measure, reader.node("promise") or whole, problems)
    _refuse(reader, context, problems)
    unless = reader.values("unless", event_of(kind)) or ()
    if measure is not None and kind is not None:
        _check_endings(reader, draft, measure, kind)
        _check_unless(reader, unless, measure, kind)
    alert: AlertRule | None = AlertRule()
    if "alert" in reader:
        alert = _of(reader, "alert", lambda node: read_alert(node, reader, promise, problems))
    # Every key is read even where another one is wrong, so that all problems are told at once.
    standard = Standard(
        id=reader.value("id", name) or "",
        title=reader.value("title", _title) or "",
        of="" if kind is None else kind.name,
        measure=measure or _NOTHING_MEASURED,
        promise=promise or _NOTHING_PROMISED,
        rules="",
        set=context.set,
        where=read_where(reader, problems),
        by=read_by(reader, problems),
        if_left=_word(reader, "if_left", Policy, Policy.EXCLUDE),
        if_diverted=_word(reader, "if_diverted", Policy, Policy.EXCLUDE),
        if_done=_word(reader, "if_done", Policy, Policy.EXCLUDE),
        ignore_if_left_within=reader.value("ignore_if_left_within", duration),
        unless=unless,
        objective=_of(reader, "objective", lambda node: read_objective(node, problems)),
        alert=alert or AlertRule(),
        severity=_word(reader, "severity", Severity, Severity.WARNING),
        settle=reader.value("settle", _settle) or timedelta(0),
        dimension=reader.value("dimension", lambda text: one_of(text, DIMENSIONS, "a dimension of service")),
        owner=reader.text("owner") or context.owner,
        runbook=reader.value("runbook", url),
        because=_because(reader),
        notes=reader.value("notes", any_text),
    )
    told.extend(problems)
    # What is None without a problem here was broken text, told when the file was read.
    sound = None not in (kind, measure, promise, alert) and standard.id and standard.title
    return standard if sound and not any(p.level is Level.ERROR for p in problems) else None


_NOTHING_MEASURED = TimeIn("")
_NOTHING_PROMISED = Promise(timedelta(0), within=True)
"""Stand in while the rest of a standard is read whose measure or promise is wrong; never returned."""

N = TypeVar("N")


def _of(reader: Reader, key: str, of: Callable[[Node], N | None]) -> N | None:
    node = reader.node(key)
    return None if node is None or isinstance(node, Broken) else of(node)


def _word(reader: Reader, key: str, words: type[W], default: W) -> W:
    """One word of a closed set; the default where it is missing or wrong."""
    return reader.value(key, lambda text: words(one_of(text, tuple(words), f"a word for {key}"))) or default


def _forms(measure: Node | None) -> set[str]:
    """The keys of a measure, which tell its form."""
    return {entry.key.text for entry in measure.entries} if isinstance(measure, Map) else set()


def _kind(reader: Reader, context: Context) -> Kind | None:
    """The kind in ``of``; a measure of cases needs one."""

    def known(text: str) -> Kind:
        if text not in context.vocabulary:
            raise Wrong(f"there is no kind {quoted(text)}", write_one_of(text, context.vocabulary))
        return context.vocabulary[text]

    if reader.lacks("of") and not _forms(reader.node("measure")) & set(unjudged.NUMBER_MEASURES):
        reader.tell(reader.place, "a standard has no of", "add of: with a kind, such as of: call")
    return reader.value("of", known)


def _because(reader: Reader) -> Because:
    node = reader.node("because")
    if node is None:
        return Because()
    inner = Reader(node, "because", reader.problems, optional=("clause", "edition", "figure", "source"))
    return Because(inner.text("clause"), inner.text("edition"), inner.text("figure"), inner.text("source"))


def _title(text: str) -> str:
    line = one_line(text)
    if len(line) > title_characters_max:
        fix = f"write at most {title_characters_max}; the rest belongs into notes:"
        raise Wrong(f"a title of {len(line)} characters", fix)
    return line


def _settle(text: str) -> timedelta:
    length = duration(text)
    if length > settle_max:
        raise Wrong(f"{quoted(text)} is too long to settle", f"write at most {settle_max.days}d")
    return length


def _refuse(reader: Reader, context: Context, problems: list[Problem]) -> None:
    """Everything a standard can say that this version does not judge."""
    clock = reader.node("clock")
    if clock is not None and reader.value("clock", str) not in (None, "always"):
        unjudged.refuse_clock(clock, context.calendars, problems)
    pauses = reader.node("pause_while")
    if pauses is not None:
        unjudged.refuse_pauses(pauses, problems)
    effective = reader.node("effective")
    if effective is not None:
        unjudged.refuse_effective(effective, problems)
    unjudged.refuse_waivers(reader, problems)
    reader.value("reopen", lambda text: _judged(text, "reopen", "first_only", unjudged.OTHER_REOPENINGS))
    reader.value("status", lambda text: _judged(text, "status", "active", ("shadow",)))


def _judged(text: str, key: str, judged: str, others: tuple[str, ...]) -> str:
    """The one word that this version judges; its siblings are refused by name."""
    if text in others:
        raise Wrong(f"{key}: {text} is not judged by this version", f"write {judged}, or leave the key out")
    return one_of(text, (judged, *others), f"a word for {key}")


def _check_endings(reader: Reader, draft: Draft, measure: Measure, kind: Kind) -> None:
    """Words about endings that cannot change any verdict are said to be idle; defaults may be."""
    classes = {"if_left": Ending.LEFT, "if_diverted": Ending.DIVERTED, "if_done": Ending.DONE}
    classes["ignore_if_left_within"] = Ending.LEFT
    for key, ending in classes.items():
        if key not in draft.own or key not in reader:
            continue
        if isinstance(measure, TimeIn):
            said = f"{key} does nothing here: time_in is judged by what is left of the time, however it ends"
        elif ending not in kind.endings.values():
            said = f"{key} does nothing here: the kind '{kind.name}' has no ending of that class"
        else:
            continue
        reader.tell(reader.at_key(key), said, "leave the key out", Level.LINT)


def _check_unless(reader: Reader, unless: tuple[str, ...], measure: Measure, kind: Kind) -> None:
    """What ends the measure cannot also take it out."""
    if isinstance(measure, FromTo):
        ends: tuple[str, ...] = measure.end
    else:
        state = kind.states[measure.state]
        ends = (*(state.leave if measure.each else ()), *kind.endings)
    both = [event for event in unless if event in ends]
    if both:
        said = f"{quoted(both[0])} ends what is measured, so it cannot be an unless"
        reader.tell(reader.at("unless"), said, "take it out of one of the two")
