"""`standardsd check`: everything wrong in rule files and the configuration, all at once."""

from __future__ import annotations

import inspect
import zoneinfo
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from standardsd.cli.check_files import named_rules, named_secrets, named_sources
from standardsd.cli.check_seen import from_file, from_store, store_of
from standardsd.cli.progress import Progress
from standardsd.daemon.compose import ComposeError, compose_config, rule_files
from standardsd.daemon.feeds import load_config_with_feeds, read_feeds
from standardsd.language.config import LoadedConfig, check_yields, discreet, is_config, rules_from
from standardsd.language.examples import show_examples
from standardsd.language.feeds import FileFeeds
from standardsd.language.problems import Problem, capped, count, errors, in_order, lints, printable
from standardsd.language.rules import Loaded, load_rules
from standardsd.language.seen_lints import Sightings
from standardsd.language.source_facts import SourceFacts
from standardsd.language.source_lints import lint_sources
from standardsd.language.spoken import counted
from standardsd.language.tree import bytes_max
from standardsd.language.words import Wrong
from standardsd.model.config import RulesFrom, Site
from standardsd.model.standard import RuleBook

EXAMPLES = """
Every *.yaml in a folder and below, all read together:

    standardsd check rules/

A file of your own that extends a shipped pack:

    standardsd check shipped:hotel/front-desk my-house.yaml

The configuration, the rules that it names, and what its store has seen in the last 30 days:

    standardsd check --config standardsd.yaml

Without a daemon: the rules, and a file of readings that their labels are compared with:

    standardsd check rules/ --readings march.ndjson

\b
Exit codes:
  0  fine; lints may be shown
  1  an example does not come out as its file says, or (with --strict) there are lints
  2  errors in the files
"""


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Rule files, folders, shipped:PACK, or a configuration.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file; its rules are checked, too.")
    ] = None,
    readings: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Compare labels with these readings (NDJSON, - is standard input), not the store.",
        ),
    ] = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Do not look into the store of the configuration.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when there are lints.")] = False,
) -> None:
    """Checks rule files and configurations: all problems at once, each with its place and what to write instead.

    The examples in the rule files are run by the judge itself.
    """
    if not paths and config is None:
        typer.echo(
            "check: name rule files, a folder, or --config FILE (see standardsd check --help)", err=True
        )
        raise typer.Exit(2)
    checked = Checked(datetime.now(UTC))
    if config is not None:
        checked.configuration(config)
    for path in paths or ():
        checked.path(path)
    with Progress("reading") as progress:
        code = checked.look(readings, progress, store=not no_store)
    checked.tell()
    raise typer.Exit(1 if strict and not code and lints(checked.problems) else code)


check.__doc__ = f"{inspect.cleandoc(check.__doc__ or '')}\n{EXAMPLES}"


class Checked:
    """What has been read so far.  Files named twice are read once.

    ``problems``: those with a place; ``told``: what those who open files say themselves, rendered;
    ``notes``: what else is worth knowing, and no mistake.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.problems: list[Problem] = []
        self.told: dict[str, None] = {}
        self.notes: list[str] = []
        self.findings: list[Problem] = []
        self.standards: int | None = None  # none: they could not be read
        self.rules: dict[str, bytes] = {}
        self.configs: list[LoadedConfig] = []
        self.sites: tuple[Site, ...] | None = None  # none: no configuration says anything of them
        self._sources: list[SourceFacts] = []
        self._yields_wrong = False  # what is mistyped there is told there, and not of every standard
        self._stores: list[Path] = []
        self._feeds: dict[str, FileFeeds] = {}
        self._composed: list[Path] = []
        self._told_with_place: set[str] = set()
        zoneinfo.reset_tzpath([])  # the tzdata package alone, so that every machine knows the same zones

    def configuration(self, path: Path) -> None:
        """The configuration, every rule file that it names, and the settings of its sources."""
        try:
            with path.open("rb") as file:
                text = file.read(bytes_max + 1)
        except OSError as error:
            self._tell([f"{path}: {error.strerror}\n  fix: check its name and who may read it"])
            return
        loaded = load_config_with_feeds(text, path)
        self.sites = (*(self.sites or ()), *loaded.sites)
        self.configs.append(loaded)
        base = path.resolve().parent
        files, missing, told = named_rules(loaded, base)
        self.rules.update(files)
        self._feeds.update(read_feeds(files, base))
        self._told_with_place.update(told)
        self.problems += (*loaded.problems, *missing, *map(discreet, named_secrets(loaded, base)))
        self._composed.append(path)
        self._sources += named_sources(loaded, base)
        if (store := store_of(path, loaded)) is not None:
            self._stores.append(store)

    def path(self, written: str) -> None:
        """A rule file, a folder, a shipped pack, or a configuration, told apart by its keys."""
        try:
            wanted = rules_from(written)
        except Wrong as wrong:
            self._tell([f"{wrong.text}\n  fix: {wrong.fix}"])
            return
        path = Path(written)
        readable = not wanted.shipped and path.is_file() and path.stat().st_size <= bytes_max
        if readable and is_config(path.read_bytes(), written):
            self.configuration(path)
        else:
            self._take([wanted], Path())

    def _take(self, wanted: Sequence[RulesFrom], base: Path) -> None:
        files, unread = rule_files(wanted, base)
        self.rules.update(files)
        self._feeds.update(read_feeds(files, base))
        self._tell(unread)

    def _tell(self, said: Iterable[str]) -> None:
        self.told.update(dict.fromkeys(said))

    def look(self, readings: str | None, progress: Callable[[str], None], *, store: bool) -> int:
        """Finds everything that is wrong; the exit code.  ``readings``: looked at in the place of the stores."""
        zones, today = zoneinfo.available_timezones(), self.now.date()
        files = list(self.rules.items())
        loaded = load_rules(files, zones, sites=self.sites, feeds=self._feeds, today=today)
        self.problems += loaded.problems
        if loaded.book is not None:
            self.standards = len(loaded.book.standards)
            for config in self.configs:
                wrong = check_yields(config, loaded.book.vocabulary)
                self._yields_wrong |= bool(wrong)
                self.problems += wrong
        if loaded.sound is not None:
            for shown in show_examples(loaded.sound, loaded.examples):
                progress(f"examples of {shown.standard.id}")
                if shown.finding is not None:
                    self.findings.append(shown.finding)
        if loaded.book is not None:
            self._lint(loaded, loaded.book, readings, progress, store=store)
        self._compose()
        self.problems = kept_of_each_file(self.problems)
        return 2 if errors(self.problems) or self.told else 1 if self.findings else 0

    def _lint(
        self,
        loaded: Loaded,
        book: RuleBook,
        readings: str | None,
        progress: Callable[[str], None],
        *,
        store: bool,
    ) -> None:
        """What only those can tell who know the sources, or what came from them."""
        if all(config.config is not None for config in self.configs) and not self._yields_wrong:
            self.problems += lint_sources(book, loaded.origins, self._sources)
        sightings = Sightings(book)
        if readings is not None:
            sources = [source for config in self.configs for source in config.sources]
            try:
                self.notes += from_file(readings, sightings, book.vocabulary, sources, progress)
            except OSError as error:
                self._tell(
                    [f"{readings}: {error.strerror}\n  fix: name a file of readings, or - for standard input"]
                )
        elif store:
            self.notes += (from_store(path, sightings, self.now, progress) for path in self._stores)
        told = {(one.path, one.line, one.column) for one in self.problems}
        seen = sightings.lints(book, loaded.origins)
        self.problems += (one for one in seen if (one.path, one.line, one.column) not in told)

    def tell(self) -> None:
        """Prints every problem, the notes and a summary."""
        said = [problem.render() for problem in in_order([*self.problems, *self.findings])]
        if said or self.told or self.notes:
            typer.echo("\n".join([*said, *self.told, *map(printed, self.notes)]))
        typer.echo(self._summary())

    def _compose(self) -> None:
        """What only those find who make the sources: definitions that are missing, settings that are wrong."""
        known = {problem.render() for problem in self.problems} | self._told_with_place
        for path in self._composed:
            try:
                compose_config(path)
            except ComposeError as error:
                self._tell(said for said in str(error).split("\n\n") if said not in known)

    def _summary(self) -> str:
        counts = [counted(len(self.rules) + len(self.configs), "file")]
        if self.standards is not None:
            counts.append(counted(self.standards, "standard"))
        counts.append(counted(count(errors(in_order(self.problems))) + len(self.told), "error"))
        counts.append(counted(count(lints(in_order(self.problems))), "lint"))
        if wrong := len(self.findings):
            counts.append(f"{counted(wrong, 'example')} that {'does' if wrong == 1 else 'do'} not hold")
        return ", ".join(counts)


def kept_of_each_file(problems: Iterable[Problem]) -> list[Problem]:
    """In order, each once, and of one file at most as many as anybody reads."""
    by_path = groupby(in_order(problems), key=lambda one: one.path)
    return [kept for _, of_file in by_path for kept in capped(list(of_file))]


def printed(note: str) -> str:
    """A note as it may be printed: line by line, because a path can hold anything."""
    return "\n".join(map(printable, note.split("\n")))
