"""Lines at the margin of a scenario: when something is heard, and what.

    [DATE] TIME  KIND.EVENT ID [name=value …] [at=TIME] [not_before=TIME] [seq=N] [from=SOURCE]
    [DATE] TIME  sample NAME=NUMBER [label=value …] [at=TIME] [from=SOURCE]
    [DATE] TIME  retract KIND[.EVENT] ID [at=TIME] [from=SOURCE]
    [DATE] TIME  gap FROM TO [SOURCE]
    [DATE] TIME  watermark [SOURCE …] [at=TIME]
    [DATE] TIME  tick

The margin is the wall clock at which it is heard, which is also when it happened unless ``at`` says
otherwise.  A line without a date is of the same day as the one before it, the first of Monday 2026-03-02.
Without ``from`` an event is heard from the first source that yields it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from standardsd.language.example_lines import MONDAY, carried, sample_of
from standardsd.language.problems import Problem, quoted
from standardsd.language.scenarios import Row, Scenario, Word
from standardsd.language.scenarios_clock import is_day, moment
from standardsd.language.words import Wrong, nearest, whole, write_one_of
from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark
from standardsd.model.vocabulary import Vocabulary

OPTIONS = ("at", "not_before", "seq", "from")
"""Names before ``=`` that are no labels."""

VERBS = ("sample", "retract", "gap", "watermark", "tick")
id_characters_max = 256
FIRST_DAY = date.fromisoformat(MONDAY)


@dataclass(frozen=True)
class Heard:
    """``at``: on the wall clock.  ``day``: what a time without a date means below it.  ``readings``: of a tick none."""

    at: datetime
    day: date
    readings: tuple[Reading, ...]


class Amiss(Exception):
    """What is wrong with one word of a line."""

    def __init__(self, word: Word, text: str, fix: str) -> None:
        super().__init__(text)
        self.word, self.text, self.fix = word, text, fix


def wrong_at(word: Word, wrong: Wrong) -> Amiss:
    return Amiss(word, wrong.text, wrong.fix)


def within(inner: Word, outer: Word) -> bool:
    """Whether a word is another one, or a part of it."""
    return outer.column <= inner.column < outer.column + len(outer.text)


class Hearing:
    """Reads the lines one after the other; ``day`` and ``at`` are those of the last one that could be read.

    ``kinds`` None: the rules could not be loaded, so kinds and events are not checked.
    ``samples``: the numbers that some standard looks at; None: not known.
    """

    def __init__(
        self,
        scenario: Scenario,
        kinds: Vocabulary | None,
        samples: Collection[str] | None,
        problems: list[Problem],
    ) -> None:
        self.day = FIRST_DAY
        self.at: datetime | None = None
        self.ids: set[str] = set()
        self.zone = scenario.head.zone
        self._scenario = scenario
        self._sources = scenario.head.sources
        self._names = [source.name for source in self._sources]
        self._kinds = kinds
        self._samples = samples
        self._unsure = bool(problems)  # where the head is wrong, it may be wrong about what sources yield
        self._problems = problems

    def row(self, row: Row) -> Heard | None:
        """None when the line is wrong; every word behind the names that is wrong is told, else the first one."""
        words, heard, wrong = row.heard.words, None, False
        while heard is None:
            try:
                heard = self._row(words)
            except Amiss as amiss:
                left = words[:2] + tuple(
                    word for word in words[2:] if "=" not in word.text or not within(amiss.word, word)
                )
                if not wrong or left != words:  # what is missing now was only just left out
                    place = self._scenario.place(row.heard.number, amiss.word.column, len(amiss.word.text))
                    self._problems.append(place.problem(amiss.text, amiss.fix))
                wrong = True
                if left == words:
                    break
                words = left
        if wrong:  # what is heard of in a line that is wrong is not unknown below it
            self.ids.update(word.text for word in words)
        return None if wrong else heard

    def instant(self, word: Word) -> datetime:
        """A time that may have a date; of the day of the line where it has none."""
        try:
            return moment(word.text, self.day, self.zone)
        except Wrong as wrong:
            raise wrong_at(word, wrong) from None

    def _row(self, words: tuple[Word, ...]) -> Heard:
        first, rest = words[0], words[1:]
        if is_day(first.text) and rest:
            first, rest = Word(f"{first.text} {rest[0].text}", first.column), rest[1:]
        at = self.instant(first)
        if self.at is not None and at < self.at:
            before = f"{self.zone.local(self.at):%Y-%m-%d %H:%M:%S}"
            fix = "put the line where it belongs, or write the date if it is the next day"
            raise Amiss(first, f"time goes back: the line above is of {before}", fix)
        self.at, self.day = at, self.zone.date_of(at)
        if not rest:
            raise Amiss(first, "a time at which nothing is heard", "write what is heard, or tick")
        return Heard(at, self.day, self._readings(rest[0], list(rest[1:]), at))

    def _readings(self, verb: Word, words: list[Word], at: datetime) -> tuple[Reading, ...]:
        options = self._options(words)
        plain = [word for word in words if word.text.partition("=")[0] not in OPTIONS or "=" not in word.text]
        match verb.text:
            case "tick":
                self._no_more(plain, [*options.values()], "a tick")
                return ()
            case "watermark":
                self._only_options(options, ("at",), "a watermark")
                names = [self._source(word) for word in plain] or self._names
                mark = at if "at" not in options else self.instant(options["at"])
                return tuple(Watermark(name, mark) for name in names)
            case "gap":
                self._only_options(options, (), "a gap")
                return (self._gap(verb, plain),)
            case "retract":
                self._only_options(options, ("at", "from"), "a retraction")
                return (self._retract(verb, plain, options),)
            case "sample":
                self._only_options(options, ("at", "from"), "a sample")
                return (self._sample(verb, plain, options, at),)
        return (self._event(verb, plain, options, at),)

    # -- what is heard ---------------------------------------------------------------------------------

    def _event(self, verb: Word, words: list[Word], options: dict[str, Word], at: datetime) -> Event:
        kind, event = self._kind_and_event(verb)
        if not event:
            near = nearest(verb.text, VERBS)
            fix = f"write {near}" if near else f"write an event, such as visit.arrived, or {', '.join(VERBS)}"
            raise Amiss(verb, f"{quoted(verb.text)} is nothing that can be heard", fix)
        identity = self._identity(verb, words)
        labels: dict[str, str] = {}
        values: dict[str, float] = {}
        for word in words[1:]:
            try:
                more_labels, more_values = carried([word.text])
            except Wrong as wrong:
                raise wrong_at(word, wrong) from None
            name = word.text.partition("=")[0]
            if name in labels or name in values:
                raise Amiss(word, f"{quoted(name)} stands twice in one line", "keep one of the two")
            labels |= more_labels
            values |= more_values
        happened = at if "at" not in options else self.instant(options["at"])
        before = None if "not_before" not in options else self.instant(options["not_before"])
        if before is not None and before >= happened:
            said = "not_before is not before the instant at which it is known to have happened"
            raise Amiss(options["not_before"], said, "write an earlier time")
        source = self._from(options, kind, event, verb)
        self.ids.add(identity)
        return Event(source, kind, identity, event, happened, self._seq(options), before, labels, values)

    def _sample(self, verb: Word, words: list[Word], options: dict[str, Word], at: datetime) -> Sample:
        place = words[0] if words else verb
        if "=" not in place.text:
            name = place.text if words else "queue"
            raise Amiss(place, "a sample without a number", f"write it as {name}=4")
        try:
            line = sample_of(at.replace(tzinfo=None), [word.text for word in words])
        except Wrong as wrong:
            raise wrong_at(place, wrong) from None
        assert line.sample is not None, words
        if self._samples is not None and line.sample not in self._samples:
            fix = write_one_of(line.sample, self._samples) if self._samples else "name a rule file that does"
            raise Amiss(place, f"no standard here looks at a sample {quoted(line.sample)}", fix)
        happened = at if "at" not in options else self.instant(options["at"])
        source = self._source(options["from"]) if "from" in options else self._names[0]
        return Sample(source, line.sample, happened, line.values[line.sample], line.labels)

    def _retract(self, verb: Word, words: list[Word], options: dict[str, Word]) -> Retract:
        if not words:
            raise Amiss(verb, "a retraction of nothing", "write it as retract visit.arrived V1")
        kind, event = self._kind_and_event(words[0])
        identity = self._identity(words[0], words[1:])
        self._no_more(words[2:], [], "a retraction")
        at = None if "at" not in options else self.instant(options["at"])
        return Retract(self._from(options, kind, event, words[0]), kind, identity, event or None, at)

    def _gap(self, verb: Word, words: list[Word]) -> Gap:
        times: list[datetime] = []
        rest = list(words)
        while rest and len(times) < 2:
            word = rest.pop(0)
            if is_day(word.text) and rest:
                word = Word(f"{word.text} {rest.pop(0).text}", word.column)
            times.append(self.instant(word))
        if len(times) < 2:
            raise Amiss(verb, "a gap from when to when?", "write it as gap 09:00:00 09:05:00")
        if times[0] >= times[1]:
            raise Amiss(words[0], "the gap ends before it begins", "write the earlier time first")
        source = self._source(rest.pop(0)) if rest else self._names[0]
        self._no_more(rest, [], "a gap")
        return Gap(source, times[0], times[1])

    # -- parts of a line -------------------------------------------------------------------------------

    def _kind_and_event(self, word: Word) -> tuple[str, str]:
        """``visit.arrived``; the event is empty where none is written."""
        kind, dot, event = word.text.partition(".")
        if self._kinds is None or not (dot or kind in self._kinds):
            return kind, event
        if kind not in self._kinds:
            fix = write_one_of(kind, self._kinds)
            raise Amiss(Word(kind, word.column), f"there is no kind {quoted(kind)}", fix)
        if dot and not self._kinds[kind].knows(event):
            at = Word(event or ".", word.column + len(kind) + (1 if event else 0))
            fix = write_one_of(event, self._kinds[kind].all_events())
            raise Amiss(at, f"the kind '{kind}' has no event {quoted(event)}", fix)
        return kind, event

    def _identity(self, before: Word, words: list[Word]) -> str:
        if not words or "=" in words[0].text:
            fix = f"write one behind it, such as {before.text} V1"
            raise Amiss(before, f"{quoted(before.text)} of which interaction? There is no id", fix)
        if "#" in words[0].text or len(words[0].text) > id_characters_max:
            said = f"{quoted(words[0].text)} cannot be an id here"
            fix = f"write at most {id_characters_max} characters without #, which numbers occurrences"
            raise Amiss(words[0], said, fix)
        return words[0].text

    def _options(self, words: list[Word]) -> dict[str, Word]:
        """``at=…`` and the like; the place of each is that of its value."""
        found: dict[str, Word] = {}
        for word in words:
            name, equals, value = word.text.partition("=")
            if not equals or name not in OPTIONS:
                continue
            if name in found:
                raise Amiss(word, f"{quoted(name)} stands twice in one line", "keep one of the two")
            found[name] = Word(value, word.column + len(name) + 1) if value else word
        return found

    def _only_options(self, options: dict[str, Word], known: Collection[str], what: str) -> None:
        for name, word in options.items():
            if name not in known:
                raise Amiss(word, f"{what} has no {name}", "leave it out")

    def _no_more(self, words: list[Word], options: list[Word], what: str) -> None:
        for word in [*words, *options]:
            raise Amiss(word, f"{quoted(word.text)} is no part of {what}", "leave it out")

    def _seq(self, options: dict[str, Word]) -> int:
        if "seq" not in options:
            return 0
        try:
            return whole(options["seq"].text)
        except Wrong as wrong:
            raise wrong_at(options["seq"], wrong) from None

    def _source(self, word: Word) -> str:
        if word.text not in self._names:
            said = f"there is no source {quoted(word.text)} in this scenario"
            raise Amiss(word, said, write_one_of(word.text, self._names))
        return word.text

    def _from(self, options: dict[str, Word], kind: str, event: str, verb: Word) -> str:
        """The source that is named, else the first one that yields it."""
        if "from" in options:
            return self._source(options["from"])
        if not event:
            return self._names[0]
        for source in self._sources:
            if self._unsure or source.yields is None or event in source.yields.get(kind, ()):
                return source.name
        said = f"no source of this scenario yields {kind}.{event}"
        raise Amiss(verb, said, "add it to yields: of one, or say which with from=")
