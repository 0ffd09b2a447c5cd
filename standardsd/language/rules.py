"""Rule files → the rule book: everything in them right, or nothing is loaded.

All files are read together: ids are unique among the standards that run, a file may
extend the set of another, and the vocabulary is one for all.  Rules of this module:

- An extended set does not run by itself, but it is checked like any other.
- A calendar of an extended set is known by its name, unless the file has one of that name.
- The order of files, standards and keys changes nothing but the order of messages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from standardsd.language import vocabulary
from standardsd.language.clocks import SiteClocks
from standardsd.language.envelope import (
    ENVELOPE_OPTIONAL,
    ENVELOPE_REQUIRED,
    RuleText,
    by_set,
    read_file,
)
from standardsd.language.examples import Example, read_examples
from standardsd.language.feeds import Feeds
from standardsd.language.inherit import NAMELESS, Resolver, ancestors
from standardsd.language.kinds import meant_kind
from standardsd.language.labels import labels_of
from standardsd.language.links import check_links
from standardsd.language.meaning import book_hash, meaning_hash
from standardsd.language.openings import Calendars, site_clocks
from standardsd.language.origins import Origins, origins_of
from standardsd.language.overlaps import lint_overlaps
from standardsd.language.problems import Problem, capped, errors, in_order, quoted
from standardsd.language.site_lints import lint_zones
from standardsd.language.sound import sound, unread
from standardsd.language.standards import Context, Draft, read_standard
from standardsd.model.config import Site
from standardsd.model.measure import Gap, Sampled, Spread
from standardsd.model.standard import RuleBook, RuleFile, Standard
from standardsd.model.vocabulary import Vocabulary

files_max = 1_000
standards_max = 20_000
"""Of all files together: twenty times the largest house we know of."""


@dataclass(frozen=True)
class Loaded:
    """``book`` is None when anything is wrong; lints stand among ``problems`` and do not matter to it.

    ``examples`` and ``origins``: of the standards that run, by their id.  ``sound``: the book; where there is
    none, of the standards that run those that are right all the same, only to run their examples.
    """

    book: RuleBook | None
    problems: tuple[Problem, ...]
    examples: dict[str, tuple[Example, ...]]
    origins: dict[str, Origins] = field(default_factory=dict)
    sound: RuleBook | None = None


def load_rules(
    files: Sequence[tuple[str, bytes]],
    timezones: Collection[str] | None = None,
    *,
    sites: Sequence[Site] | None = None,
    feeds: Feeds | None = None,
    today: date | None = None,
) -> Loaded:
    """Reads all rule files together; ``files`` are (path as it shall be shown, content).

    ``timezones``: the time-zone names there are, for messages; None: any that the tzdata package has.
    ``sites``: those of the configuration; None: there is none, and ``clock: site`` is an error.
    ``feeds``: what the shell has read of the holiday feeds that files name (``feeds.named_feeds``).
    ``today``: to tell what has expired; None: nothing is told.
    """
    problems: list[Problem] = []
    if len(files) > files_max:
        said = f"{len(files)} rule files"
        return Loaded(None, (Problem(files[0][0], 1, 1, 1, said, fix=f"keep it to {files_max}"),), {})
    read = [read_file(path, text, problems) for path, text in files]
    known = sorted((file for file in read if file is not None), key=lambda file: (file.set, file.path))
    sets = by_set(known, problems)
    kinds = vocabulary.extend((file.reader.map_of("vocabulary") for file in known), problems)
    resolver = Resolver(sets, problems, complete=all(file is not None and file.set for file in read))
    for file in known:
        resolver.resolve(file)
    clocks = None if sites is None else site_clocks(sites)
    run = _Run(known, sets, kinds, problems, _World(clocks, feeds or {}, timezones, today))
    run.take_all()
    if len(run.standards) > standards_max:
        said = f"{len(run.standards)} standards in all files together"
        problems.append(Problem(files[0][0], 1, 1, 1, said, fix=f"keep it to {standards_max}"))
    standards = sorted(run.standards, key=lambda standard: standard.id)
    if not errors(problems):  # what is missing below may stand in a standard that is wrong
        standards = check_links(standards, run.origins, problems)
        lint_overlaps(standards, run.origins, problems)
        lint_zones(standards, run.origins, sites or (), problems)
        run.calendars.lint_unused(problems)
    told = _capped(problems)
    wrong = bool(errors(problems))
    if wrong:
        standards = sound(sets, standards, run.origins, run.doubtful, problems)
    rule_files = sorted(run.files, key=lambda file: file.path)
    book = RuleBook(tuple(standards), kinds, tuple(rule_files), book_hash(rule_files, standards))
    return Loaded(None if wrong else book, told, run.examples, run.origins, book)


@dataclass(frozen=True)
class _World:
    """What is known beside the rule files."""

    sites: SiteClocks | None
    feeds: Feeds
    timezones: Collection[str] | None
    today: date | None


class _Run:
    """The standards that run, gathered file by file."""

    def __init__(
        self,
        files: Sequence[RuleText],
        sets: Mapping[str, RuleText],
        kinds: Vocabulary,
        problems: list[Problem],
        world: _World,
    ) -> None:
        self.standards: list[Standard] = []
        self.examples: dict[str, tuple[Example, ...]] = {}
        self.origins: dict[str, Origins] = {}
        self.files: list[RuleFile] = []
        self.doubtful: set[str] = set()
        self.calendars = Calendars(files, world.timezones, world.feeds, problems)
        self._files = files
        self._sets = sets
        self._set_of = {file.path: file.set for file in files}
        self._kinds = kinds
        self._problems = problems
        self._world = world
        self._places: dict[str, tuple[Draft, RuleText]] = {}

    def take_all(self) -> None:
        """Every file; the standards of those sets run that no other one extends."""
        extended = {parent for file in self._files for parent in file.extends}
        for file in self._files:
            self._take(file, runs=file.set not in extended)

    def _take(self, file: RuleText, *, runs: bool) -> None:
        """Reads every standard of the file; keeps them when its set ``runs`` by itself."""
        above = [self._sets[name] for name in ancestors(file, self._sets)]
        calendars = self.calendars.seen_from(file, above)
        world = self._world
        context = Context(
            file.set, file.owner, self._kinds, calendars, world.sites, world.timezones, world.today
        )
        found: list[Standard] = []
        told: list[Problem] = []
        for identity, draft in (file.resolved or {}).items():
            standard = read_standard(draft, context, told)
            shown = self._examples(draft, standard, told)
            if standard is None:
                continue
            found.append(standard)
            if runs and not identity.startswith(NAMELESS):
                self._unique(standard.id, draft, file)
                self.examples[standard.id] = shown
                if any(unread(entry.value) for entry in draft.entries.values()):
                    self.doubtful.add(standard.id)
                owner = None if file.owner is None else file.reader.at_key("owner")
                self.origins[standard.id] = origins_of(draft, file.set, self._set_of, owner)
        self._problems += [problem for problem in told if not (file.lost and _of_the_base(problem))]
        written = self.calendars.written(file, above, found)
        meaning = meaning_hash(file.set, found, self._kinds, written)
        self.files.append(RuleFile(file.path, file.set, file.title, file.bytes_hash, meaning))
        if runs:
            self.standards += [replace(standard, rules=meaning) for standard in found]

    def _examples(self, draft: Draft, standard: Standard | None, told: list[Problem]) -> tuple[Example, ...]:
        """Those of one standard; where that is wrong, they are only read."""
        entry = draft.entries.get("examples")
        if standard is None:
            return read_examples(entry, meant_kind(draft.entries, self._kinds), told)
        labels = {label for named in labels_of(standard).values() for label in named}
        kind = self._kinds.get(standard.of)
        return read_examples(entry, kind, told, samples=_samples(standard), labels=labels)

    def _unique(self, identity: str, draft: Draft, file: RuleText) -> None:
        before, other = self._places.setdefault(identity, (draft, file))
        if other is file:
            return
        self.doubtful.add(identity)
        first, place = before.place, draft.place
        where, fix = (
            f"in {first.source.path}, line {first.line}",
            "give each standard that runs an id of its own",
        )
        if first.source.path != other.path:
            where = f"run by {other.path}, which inherits it from {first.source.path}, line {first.line}"
        if file.extends and other.extends:
            fix = "extend a set in one file only; what differs goes there under an id of its own, with where:"
        if place.source.path != file.path:  # inherited, so the mistake is not where the standard stands
            place = file.reader.at("extends")
            where += f"; {file.path} inherits it, too"
        self._problems.append(place.problem(f"the id {quoted(identity)} is also {where}", fix))


def _of_the_base(problem: Problem) -> bool:
    """Whether a word is unknown that a set which is missing may define; a slip of a known word is none."""
    words = ("there is no kind ", "there is no calendar ", " has no event ", " has no state ")
    return problem.fix.startswith(("write one of", "write always")) and any(w in problem.text for w in words)


def _samples(standard: Standard) -> bool | None:
    """Whether its examples are of samples; None: it is about standards, which may be about either."""
    return None if isinstance(standard.measure, Spread | Gap) else isinstance(standard.measure, Sampled)


def _capped(problems: list[Problem]) -> tuple[Problem, ...]:
    """In order, each once, at most ``problems_max`` a file; where some are cut, lints go first."""
    by_path: dict[str, list[Problem]] = {}
    for problem in in_order(problems):
        by_path.setdefault(problem.path, []).append(problem)
    return tuple(kept for of_file in by_path.values() for kept in capped(of_file))


__all__ = ["ENVELOPE_OPTIONAL", "ENVELOPE_REQUIRED", "Loaded", "load_rules"]
