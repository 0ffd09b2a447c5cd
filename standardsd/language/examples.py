"""The examples of rule files, run by the judge itself.

An example shows the promise as it is when it holds: ``effective``, ``waivers`` and ``status``
are left out of it, and a verdict settles at once.  Wall times are those of the clock's zone:
of the calendar, of the site that the lines name, or UTC for ``always``.

About cases, each interaction is judged by itself, until nothing in it is awaited any more.
About numbers, the interactions of an example happen together, and it ends with the last line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.language.example_lines import (
    Example,
    Interaction,
    Line,
    Outcome,
    read_examples,
    read_line,
)
from standardsd.language.place import Place
from standardsd.language.problems import Problem
from standardsd.model.clock import Always
from standardsd.model.decision import CaseDecision, Decision, Episode, EpisodeState, Final, Refused, Verdict
from standardsd.model.measure import Count, Gap, Repeats, Spread
from standardsd.model.reading import Event, Reading, Sample, Watermark
from standardsd.model.source import Source
from standardsd.model.standard import Grid, RuleBook, Standard
from standardsd.model.vocabulary import Vocabulary
from standardsd.model.zone import UTC_ZONE, Zone

SOURCE = Source("example", max_silence=timedelta(days=36_500))
"""Says everything, and is never dark: nothing happens in an example but what its lines say."""

waits_max = 10_000
"""Instants waited for in one run: ten for each line of the longest example."""


@dataclass(frozen=True)
class Shown:
    """One example that was run.  ``number``: which of its outcome, from 1.  ``finding`` None: it came out as said.

    ``words``: every verdict or state of its standard that was said, "met" or "in_limits", in order.
    """

    standard: Standard
    outcome: Outcome
    number: int
    place: Place
    finding: Problem | None
    words: tuple[str, ...]


def run_examples(book: RuleBook, examples: Mapping[str, tuple[Example, ...]]) -> list[Problem]:
    """Every example that does not come out as its file says, shown at its first line (``show_examples``)."""
    return [one.finding for one in show_examples(book, examples) if one.finding is not None]


def show_examples(book: RuleBook, examples: Mapping[str, tuple[Example, ...]]) -> Iterator[Shown]:
    """Runs every example.  Of a case each interaction is an example of its own, of a number all together.

    Kept: at least one occurrence is met and none breached or undecided, by the last word
    on each.  Broken: at least one is breached.  Of a number: no episode opens, or one does.
    """
    for standard in book.standards:
        shown = examples.get(standard.id, ())
        if not shown:
            continue
        play = _Play(standard, book)
        yield from play.numbers(shown) if standard.is_number else play.cases(shown)


class _Play:
    """One standard's examples before the judge."""

    def __init__(self, standard: Standard, book: RuleBook) -> None:
        self.standard = standard
        self.kinds: Vocabulary = book.vocabulary
        named = _named(standard)
        others = [other for other in book.standards if other.id in named]
        self.others = others
        self.book = RuleBook(
            tuple(_bare(one) for one in (standard, *others)), book.vocabulary, (), "examples"
        )

    # -- cases -----------------------------------------------------------------------------------------

    def cases(self, examples: Sequence[Example]) -> Iterator[Shown]:
        """All interactions at once: each is judged by itself anyway."""
        shown = [
            (example.outcome, number, one)
            for example in examples
            for number, one in enumerate(example.interactions, 1)
            if one.lines
        ]
        readings = [reading for _, _, one in shown for reading in self._readings(one)]
        if not readings:
            return
        last: dict[str, dict[int, CaseDecision]] = {}
        words: dict[str, list[str]] = {}
        for line in self._judged(readings):
            if isinstance(line, CaseDecision) and line.standard == self.standard.id:
                last.setdefault(line.id, {})[line.occurrence] = line
                if line.verdict is not None and not isinstance(line, Final):
                    words.setdefault(line.id, []).append(line.verdict)
        for outcome, number, one in shown:
            finding = self._finding(outcome, list(last.get(one.id, {}).values()), one)
            yield Shown(self.standard, outcome, number, one.place, finding, tuple(words.get(one.id, ())))

    def _finding(self, outcome: Outcome, lines: list[CaseDecision], one: Interaction) -> Problem | None:
        """None when the last words are what the file says."""
        words = [line.verdict for line in lines if line.verdict is not None]
        if outcome is Outcome.BROKEN and Verdict.BREACHED in words:
            return None
        if outcome is Outcome.KEPT and Verdict.MET in words and set(words) <= {Verdict.MET, Verdict.EXCLUDED}:
            return None
        begin = f"this example of '{self.standard.id}' should be {outcome}, but is"
        if not words:
            why = self._why_not_judged(one)
            return one.place.problem(f"{begin} not judged: {why}", "change the example, or the standard")
        zone = self._zone(one)
        heard = ", ".join(_told(line, zone) for line in lines if line.verdict is not None)
        return one.place.problem(f"{begin} judged {heard}", "change the example, or the promise")

    def _why_not_judged(self, one: Interaction) -> str:
        labels: dict[str, str] = {}
        matched = promised = clocked = False
        for line in sorted(one.lines, key=lambda line: line.wall):
            labels = {**labels, **line.labels}
            matched |= self.standard.applies_to(labels)
            promised |= self.standard.promised(labels) is not None
            clocked |= self.standard.clock_of(labels) is not None
        if not matched:
            return "its labels do not match where"
        if not promised and isinstance(self.standard.promise, Grid):
            return f"the grid has no row for its label {self.standard.promise.per}"
        return "nothing is measured in it" if clocked else "its site has no calendar"

    # -- numbers ---------------------------------------------------------------------------------------

    def numbers(self, examples: Sequence[Example]) -> Iterator[Shown]:
        """Each example in a world of its own: its interactions make one number together."""
        for example in examples:
            readings = [reading for one in example.interactions for reading in self._readings(one)]
            if not readings:
                continue
            said, states = self._judged_in_steps(readings)
            place = example.interactions[0].place
            wrong = self._number_wrong(example, said, states)
            begin = f"this example of '{self.standard.id}' should be {example.outcome}, but {wrong}"
            finding = place.problem(begin, "change the example, or the promise") if wrong else None
            if not wrong and example.outcome is Outcome.KEPT and EpisodeState.IN_LIMITS not in states:
                states.append(EpisodeState.IN_LIMITS)  # nothing to count: no group of which anything is said
            yield Shown(self.standard, example.outcome, 1, place, finding, tuple(states))

    def _number_wrong(
        self, example: Example, said: Sequence[Episode], states: Collection[EpisodeState]
    ) -> str:
        """Why the number did not come out as the file says; "" where it did."""
        broken = next((line for line in said if line.state is EpisodeState.BROKEN), None)
        if example.outcome is Outcome.BROKEN:
            return "" if broken is not None else "no episode opens up to its last line"
        if broken is None:
            none = isinstance(self.standard.measure, Count | Repeats)  # nothing to count is a count, too
            known = set(states) - {EpisodeState.UNKNOWN}
            return "" if known or none else "nothing is measured in it"
        at = self._zone(example.interactions[0]).local(broken.at)
        return f"the number is {_number(broken.value)} at {at:%H:%M:%S} (limit {_number(broken.limit)})"

    # -- the judge -------------------------------------------------------------------------------------

    def _judged(self, readings: list[Reading]) -> list[Decision | Refused]:
        """All at once, and then until nothing is awaited any more."""
        judge = Judge(self.book, [SOURCE], JudgeSettings(accept_late=None))
        end = max(_at(reading) for reading in readings)
        said = judge.receive([*readings, Watermark(SOURCE.name, end)], end)
        for _ in range(waits_max):
            due = judge.next_due(SOURCE.name)
            if due is None:
                break
            said += judge.receive([Watermark(SOURCE.name, due)], due)
        return said

    def _judged_in_steps(self, readings: list[Reading]) -> tuple[list[Episode], list[EpisodeState]]:
        """Instant by instant, up to the last one: the episodes, and every state that the number was in."""
        judge = Judge(self.book, [SOURCE], JudgeSettings(accept_late=None))
        said: list[Episode] = []
        states: dict[EpisodeState, None] = {}
        for at, together in groupby(sorted(readings, key=_at), key=_at):
            for line in judge.receive([*together, Watermark(SOURCE.name, at)], at):
                if isinstance(line, Episode) and line.standard == self.standard.id:
                    said.append(line)
                    states[line.state] = None
            for group in judge.snapshot().groups:
                if group.standard == self.standard.id and group.episode is not None:
                    states[group.episode.state] = None
        return said, list(states)

    def _readings(self, one: Interaction) -> list[Reading]:
        zone = self._zone(one)
        return [self._reading(line, one.id, zone.instant(line.wall)) for line in one.lines]

    def _reading(self, line: Line, identity: str, at: datetime) -> Reading:
        if line.sample is not None:
            return Sample(SOURCE.name, line.sample, at, line.values[line.sample], line.labels)
        return Event(
            SOURCE.name, self._kind(line), identity, line.event, at, labels=line.labels, values=line.values
        )

    def _kind(self, line: Line) -> str:
        """The standard's; of a standard about standards the first of theirs that knows the event."""
        if self.standard.of:
            return self.standard.of
        kinds = [other.of for other in self.others if other.of]
        known = (kind for kind in kinds if self.kinds[kind].knows(line.event))
        return next(known, kinds[0] if kinds else "")

    def _zone(self, one: Interaction) -> Zone:
        """The clock's: its calendar's, that of the first site named in the lines, UTC for ``always``."""
        if isinstance(self.standard.clock, Always):
            return UTC_ZONE
        sites = (line.labels["site"] for line in one.lines if "site" in line.labels)
        return self.standard.zones.or_utc(next(sites, None))


def _named(standard: Standard) -> tuple[str, ...]:
    """The standards that a standard is about."""
    if isinstance(standard.measure, Spread):
        return (standard.measure.standard,)
    return (standard.measure.first, standard.measure.second) if isinstance(standard.measure, Gap) else ()


def _bare(standard: Standard) -> Standard:
    """As it is when it holds."""
    return replace(standard, settle=timedelta(0), effective=None, waivers=(), shadow=False)


def _at(reading: Reading) -> datetime:
    assert isinstance(reading, Event | Sample), reading
    return reading.at


def _told(line: CaseDecision, zone: Zone) -> str:
    because = f" ({line.reason})" if line.reason is not None else ""
    due = f", due {zone.local(line.due):%H:%M:%S}" if line.due is not None else ""
    return f"{line.verdict}{because} at {zone.local(line.at):%H:%M:%S}{due}"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


__all__ = [
    "Example", "Interaction", "Outcome", "Shown", "read_examples", "read_line", "run_examples", "show_examples",
]  # fmt: skip
