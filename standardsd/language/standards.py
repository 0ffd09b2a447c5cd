"""One standard of a rule file: every key read, everything wrong in it told.

A standard is read from a ``Draft``: its own keys, and behind them those it inherits from
an extended set and from the defaults of its file.  Each value keeps the place where it
was written, so a mistake in the defaults is shown in the defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from msgspec.structs import replace

from standardsd.language.alerts import AlertTerms, read_alert, usual
from standardsd.language.checks import Facts, check_grid, check_keys, check_site_clock, not_reopened
from standardsd.language.clocks import Opening, ReadClock, SiteClocks, read_clock
from standardsd.language.dating import read_effective, read_waivers
from standardsd.language.details import DIMENSIONS, read_because, settle, title
from standardsd.language.fits import TIMES
from standardsd.language.kinds import meant_kind
from standardsd.language.measures import INSPECTION, Form, event_of, form_of, read_measure, state_of
from standardsd.language.objectives import read_objective
from standardsd.language.place import Place
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.promises import DUE, Terms, read_promise
from standardsd.language.quantities import Times, ring
from standardsd.language.reader import Reader, any_text
from standardsd.language.tree import Broken, Entry, Map, Node
from standardsd.language.where import read_by, where_of
from standardsd.language.windows import length_of
from standardsd.language.words import Wrong, name, one_of, url, write_one_of
from standardsd.language.zones import timezone
from standardsd.model.measure import (
    Calendar,
    CalendarUnit,
    Carried,
    Count,
    FromTo,
    Gap,
    How,
    Measure,
    Nps,
    NumberMeasure,
    Rate,
    Repeats,
    Sampled,
    Score,
    Since,
    Spread,
    Statistic,
    TimeIn,
)
from standardsd.model.standard import (
    AlertRule,
    AnyPromise,
    Limits,
    Objective,
    Policy,
    Reopen,
    Severity,
    Standard,
)
from standardsd.model.vocabulary import Kind, Vocabulary
from standardsd.model.zone import Zone

W = TypeVar("W", bound=StrEnum)
N = TypeVar("N")

REQUIRED = ("id", "title", "measure", "promise")
OPTIONAL = (
    "of", "where", "by", "clock", "pause_while", "if_left", "if_diverted", "if_done", "ignore_if_left_within",
    "unless", "reopen", "ring", "objective", "alert", "severity", "settle", "effective", "status", "waivers",
    "dimension", "owner", "runbook", "because", "notes", "examples",
)  # fmt: skip
KEYS = (*REQUIRED, *OPTIONAL)


@dataclass(frozen=True)
class Draft:
    """A standard as written.  ``own``: the keys that a standard says, here or in an extended set; others are defaults."""

    place: Place
    entries: Mapping[str, Entry]
    own: frozenset[str]


@dataclass(frozen=True)
class Context:
    """What a standard's words refer to.

    ``calendars``: by name; each is made ready when it is first asked for, and is None where it is wrong.
    ``sites``: None where there is no configuration.  ``today``: to tell what has expired; None: nothing is.
    """

    set: str
    owner: str | None
    vocabulary: Vocabulary
    calendars: Mapping[str, Callable[[], Opening | None]]
    sites: SiteClocks | None = None
    timezones: Collection[str] | None = None
    today: date | None = None


class Status(StrEnum):
    ACTIVE = "active"
    SHADOW = "shadow"


def read_standard(draft: Draft, context: Context, told: list[Problem]) -> Standard | None:
    """The standard without its ``rules``; None when something in it is wrong (that goes to ``told``).

    Lints alone do not make it None.
    """
    problems: list[Problem] = []
    standard = _One(draft, context, problems).read()
    told.extend(problems)
    return None if any(p.level is Level.ERROR for p in problems) else standard


class _One:
    """One standard while it is being read.  Every key is read even where another one is wrong."""

    def __init__(self, draft: Draft, context: Context, problems: list[Problem]) -> None:
        self.draft, self.context, self.problems = draft, context, problems
        self.whole = Map(draft.place, tuple(draft.entries.values()))
        self.reader = Reader(self.whole, "a standard", problems, required=REQUIRED, optional=OPTIONAL)

    def read(self) -> Standard | None:
        """None when a key that it cannot do without is wrong: told here, or when the file was read."""
        reader, problems = self.reader, self.problems
        node = reader.node("measure")
        form = form_of(node)
        sure = self._kind(form)
        kind = sure or meant_kind(self.draft.entries, self.context.vocabulary)
        measure = None if node is None else read_measure(node, kind, problems)
        clock = read_clock(reader.node("clock"), self.context.calendars, self.context.sites, problems)
        times = Times(clock is not None and clock.calendar, reader.value("ring", ring) or Times().ring)
        states = state_of(kind, "leave pause_while out")
        pauses = reader.values("pause_while", states) or ()
        reopen = self._reopen(measure, kind)
        meant = measure or self._meant(form)
        promise = None if meant is None else self._promise(meant, clock, times, pauses, reopen)
        unless = reader.values("unless", event_of(kind)) or ()
        if measure is not None:
            check_keys(reader, Facts(measure, kind, self.draft.own, unless, pauses, reopen))
        objective, alert = self._objective_and_alert(meant, promise, clock or ReadClock(), times)
        by = self._by(measure)
        if measure is not None and promise is not None:
            check_grid(reader, measure, promise, by)
        if measure is not None and clock is not None and alert is not None:
            check_site_clock(reader, clock.clock, measure, alert, by)
        if objective is not None:
            self._check_day(objective, by, clock)
        rest = self._rest(times)
        if None in (measure, promise, clock, alert) or (sure is None and not (form and form.kindless)):
            return None
        if rest.id == "" or rest.title == "":
            return None
        assert measure is not None and promise is not None and clock is not None and alert is not None
        return replace(
            rest,
            of="" if kind is None else kind.name,
            measure=measure,
            promise=promise,
            by=by,
            clock=clock.clock,
            zones=clock.zones,
            pause_while=pauses,
            reopen=reopen,
            unless=unless,
            objective=objective,
            alert=alert,
        )

    def _rest(self, times: Times) -> Standard:
        """Everything that depends on no other key."""
        reader, problems, today = self.reader, self.problems, self.context.today
        dimension = reader.value("dimension", lambda text: one_of(text, DIMENSIONS, "a dimension of service"))
        return Standard(
            id=reader.value("id", name) or "",
            title=reader.value("title", title) or "",
            of="",
            measure=Score(),
            promise=Limits(),
            rules="",
            set=self.context.set,
            where=where_of(reader, problems),
            if_left=self._word("if_left", Policy, Policy.EXCLUDE),
            if_diverted=self._word("if_diverted", Policy, Policy.EXCLUDE),
            if_done=self._word("if_done", Policy, Policy.EXCLUDE),
            ignore_if_left_within=reader.value("ignore_if_left_within", times.length),
            severity=self._word("severity", Severity, Severity.WARNING),
            settle=reader.value("settle", settle) or timedelta(0),
            effective=read_effective(reader.node("effective"), today, problems),
            shadow=self._word("status", Status, Status.ACTIVE) is Status.SHADOW,
            waivers=read_waivers(reader, today, problems),
            dimension=dimension,
            owner=reader.text("owner") or self.context.owner,
            runbook=reader.value("runbook", url),
            because=read_because(reader),
            notes=reader.value("notes", any_text),
        )

    def _of(self, key: str, of: Callable[[Node], N | None]) -> N | None:
        node = self.reader.node(key)
        return None if node is None or isinstance(node, Broken) else of(node)

    def _word(self, key: str, words: type[W], default: W) -> W:
        """One word of a closed set; the default where it is missing or wrong."""
        found = self.reader.value(key, lambda text: words(one_of(text, tuple(words), f"a word for {key}")))
        return found or default

    def _reopen(self, measure: Measure | None, kind: Kind | None) -> Reopen:
        """As written.  A default of the file is none for a standard that cannot be reopened."""
        reopen = self._word("reopen", Reopen, Reopen.FIRST_ONLY)
        stray = measure is not None and "reopen" not in self.draft.own and not_reopened(measure, kind)
        return Reopen.FIRST_ONLY if stray else reopen

    def _kind(self, form: Form | None) -> Kind | None:
        """The kind in ``of``; samples and standards about standards have none, and a default of it is not theirs."""
        reader, vocabulary = self.reader, self.context.vocabulary

        def known(text: str) -> Kind:
            if text not in vocabulary:
                raise Wrong(f"there is no kind {quoted(text)}", write_one_of(text, vocabulary))
            return vocabulary[text]

        if form is not None and form.kindless:
            if "of" in reader and "of" in self.draft.own:
                what = "samples are" if form.first == "reading" else "a standard about standards is"
                reader.tell(reader.at_key("of"), f"{what} of no kind", "leave of out")
            return None
        if reader.lacks("of"):
            guess = meant_kind(self.draft.entries, vocabulary)
            kind = (
                INSPECTION if form is not None and form.first == "score" else guess.name if guess else "call"
            )
            reader.tell(reader.place, "a standard has no of", f"add of: with a kind, such as of: {kind}")
        return reader.value("of", known)

    def _meant(self, form: Form | None) -> Measure | None:
        """What was probably measured where the measure is wrong, so that the promise is checked all the same."""
        if form is not None:
            return _LIKELY[form.first]
        promise = self.reader.node("promise")
        keys = {entry.key.text for entry in promise.entries} if isinstance(promise, Map) else set()
        return _LIKELY["from"] if keys & set(TIMES) or not isinstance(promise, Map) else None

    def _promise(
        self, measure: Measure, clock: ReadClock | None, times: Times, pauses: tuple[str, ...], reopen: Reopen
    ) -> AnyPromise | None:
        still = "pause_while" if pauses else "reopen: resume" if reopen is Reopen.RESUME else ""
        # Where the clock is wrong it may be a calendar; what needs one is then not called wrong, too.
        terms = Terms(
            measure,
            times if clock is not None else replace(times, calendar=True),
            still,
            clock is None or clock.zoned,
        )
        node = self.reader.node("promise")
        if node is None or isinstance(node, Broken):
            return None
        return read_promise(node, terms, self.problems)

    def _objective_and_alert(
        self, measure: Measure | None, promise: AnyPromise | None, clock: ReadClock, times: Times
    ) -> tuple[Objective | None, AlertRule | None]:
        def zone(text: str) -> Zone:
            return timezone(text, self.context.timezones)

        objective = self._of("objective", lambda node: read_objective(node, zone, self.problems))
        number = isinstance(measure, NumberMeasure)
        if "alert" not in self.reader:
            return objective, usual(number)
        written = self.reader.node("id")
        terms = AlertTerms(
            id=getattr(written, "text", ""),
            place=self.draft.place,
            number=number,
            timed=measure is None or isinstance(measure, FromTo | TimeIn),
            promise=promise,
            objective=objective,
            objective_said=not self.reader.lacks("objective"),
            open_window=None if objective is None else clock.open_part(length_of(objective.over)),
            times=times,
            inherited="alert" not in self.draft.own,
        )
        return objective, self._of("alert", lambda node: read_alert(node, terms, self.problems))

    def _by(self, measure: Measure | None) -> tuple[str, ...]:
        """The grain.  A spread is across a label, so that label is no part of its own grain."""
        by = read_by(self.reader, self.problems)
        if not isinstance(measure, Spread) or measure.across not in by:
            return by
        if "by" in self.draft.own:
            said = f"a spread across {quoted(measure.across)} cannot be told apart by it as well"
            self.reader.tell(self.reader.at("by"), said, "take it out of one of the two")
        return tuple(one for one in by if one != measure.across)

    def _check_day(self, objective: Objective, by: tuple[str, ...], clock: ReadClock | None) -> None:
        """A window of the calendar has a midnight, and somebody should say whose."""
        window = objective.over
        if not isinstance(window, Calendar) or objective.zone is not None or clock is None:
            return
        if clock.zones.everywhere is None and "site" not in by:
            said = f"the {window.unit} of this window begins at midnight UTC: its groups are of no one site"
            at = self.reader.at("objective")
            self.reader.tell(at, said, "add zone: with a time zone, such as zone: Europe/Lisbon", Level.LINT)


_DAY = Calendar(CalendarUnit.DAY)
_LIKELY: dict[str, Measure] = {
    "from": FromTo((DUE,), ("",)),
    "time_in": TimeIn("", each=True),
    "value": Carried("", ""),
    "score": Score(),
    "reading": Sampled(""),
    "since": Since(""),
    **{how.value: Statistic(how, Carried("", ""), _DAY) for how in How},
    "count": Count("", _DAY),
    "rate": Rate("", "", _DAY),
    "nps": Nps("", "", _DAY),
    "repeats": Repeats("", (), _DAY),
    "spread": Spread("", ""),
    "gap": Gap("", ""),
}
"""Stand in for a measure that is wrong while its promise is checked; never returned."""
