"""`standardsd check`: everything wrong in rule files and the configuration, all at once."""

from __future__ import annotations

import inspect
import zoneinfo
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from standardsd.cli.check_files import named_rules, named_secrets
from standardsd.daemon.compose import ComposeError, compose_config, rule_files
from standardsd.daemon.feeds import load_config_with_feeds, read_feeds
from standardsd.language.config import LoadedConfig, check_yields, discreet, is_config, rules_from
from standardsd.language.examples import run_examples
from standardsd.language.feeds import FileFeeds
from standardsd.language.problems import Problem, count, errors, in_order, lints
from standardsd.language.rules import Loaded, load_rules
from standardsd.language.tree import bytes_max
from standardsd.language.words import Wrong
from standardsd.model.config import RulesFrom, Site

EXAMPLES = """
Every *.yaml in a folder and below, all read together:

    standardsd check rules/

A file of your own that extends a shipped pack:

    standardsd check shipped:hotel/front-desk my-house.yaml

The configuration, and the rules that it names:

    standardsd check --config standardsd.yaml

\b
Exit codes:
  0  fine; lints may be shown
  1  an example does not come out as its file says
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
) -> None:
    """Checks rule files and configurations: all problems at once, each with its place and what to write instead.

    The examples in the rule files are run by the judge itself.
    """
    if not paths and config is None:
        typer.echo(
            "check: name rule files, a folder, or --config FILE (see standardsd check --help)", err=True
        )
        raise typer.Exit(2)
    checked = Checked()
    if config is not None:
        checked.configuration(config)
    for path in paths or ():
        checked.path(path)
    raise typer.Exit(checked.tell())


check.__doc__ = f"{inspect.cleandoc(check.__doc__ or '')}\n{EXAMPLES}"


class Checked:
    """What has been read so far.  Files named twice are read once.

    ``problems``: those with a place; ``told``: what those who open files say themselves, rendered.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.told: dict[str, None] = {}
        self.rules: dict[str, bytes] = {}
        self.configs: list[LoadedConfig] = []
        self.sites: tuple[Site, ...] | None = None  # none: no configuration says anything of them
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

    def tell(self) -> int:
        """Prints every problem and a summary; the exit code."""
        files = list(self.rules.items())
        loaded = load_rules(files, zoneinfo.available_timezones(), sites=self.sites, feeds=self._feeds)
        self.problems += loaded.problems
        findings: list[Problem] = []
        if loaded.book is not None:
            for config in self.configs:
                self.problems += check_yields(config, loaded.book.vocabulary)
            findings = run_examples(loaded.book, loaded.examples)
        self._compose()
        said = [problem.render() for problem in in_order([*self.problems, *findings])]
        if said or self.told:
            typer.echo("\n".join([*said, *self.told]))
        typer.echo(self._summary(loaded, findings))
        return 2 if errors(self.problems) or self.told else 1 if findings else 0

    def _compose(self) -> None:
        """What only those find who make the sources: definitions that are missing, settings that are wrong."""
        known = {problem.render() for problem in self.problems} | self._told_with_place
        for path in self._composed:
            try:
                compose_config(path)
            except ComposeError as error:
                self._tell(said for said in str(error).split("\n\n") if said not in known)

    def _summary(self, loaded: Loaded, findings: list[Problem]) -> str:
        counts = [_count(len(self.rules) + len(self.configs), "file")]
        if loaded.book is not None:
            counts.append(_count(len(loaded.book.standards), "standard"))
        counts.append(_count(count(errors(in_order(self.problems))) + len(self.told), "error"))
        counts.append(_count(count(lints(in_order(self.problems))), "lint"))
        if findings:
            counts.append(
                f"{_count(len(findings), 'example')} that {'does' if len(findings) == 1 else 'do'} not hold"
            )
        return ", ".join(counts)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
