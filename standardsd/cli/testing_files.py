"""Files that `standardsd test` is about: rule files, and the scenarios that lie beside them."""

from __future__ import annotations

import os
import posixpath
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from standardsd import shipped
from standardsd.cli.check_files import named_rules
from standardsd.daemon.compose import rule_files
from standardsd.daemon.feeds import load_config_with_feeds, read_feeds
from standardsd.language.config import SHIPPED, is_config, rules_from
from standardsd.language.feeds import FileFeeds
from standardsd.language.problems import Problem, errors
from standardsd.language.rules import Loaded, load_rules
from standardsd.language.scenarios import SUFFIX, Scenario, beside, bytes_max, read_scenario
from standardsd.language.tree import bytes_max as yaml_bytes_max
from standardsd.language.words import Wrong
from standardsd.model.config import RulesFrom, Site

scenarios_max = 10_000
"""Scenario files of one run; a folder with more of them was named by mistake."""


@dataclass(frozen=True)
class Story:
    """A scenario file: as it is shown, where it lies, and whether it came with us."""

    shown: str
    path: Path
    shipped: bool = False


@dataclass
class Rules:
    """Rule files that are read together.  ``problems``: told at the place where a file is named."""

    files: dict[str, bytes]
    feeds: dict[str, FileFeeds]
    problems: list[Problem]


class Gathered:
    """Everything that was named, each file once.  ``problems`` have places, what is ``told`` has none."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.told: dict[str, None] = {}
        self.rules = Rules({}, {}, [])
        self.stories: dict[Path, Story] = {}
        self.sites: tuple[Site, ...] | None = None
        self._names: dict[Path, str] = {}
        self._books: dict[tuple[object, ...], Loaded] = {}
        zoneinfo.reset_tzpath([])  # the tzdata package alone, so that every machine knows the same zones
        self.timezones = frozenset(zoneinfo.available_timezones())

    # -- what is named ---------------------------------------------------------------------------------

    def configuration(self, path: Path) -> None:
        """The rules that it names and its sites; what lies beside those rules."""
        try:
            with path.open("rb") as file:
                text = file.read(yaml_bytes_max + 1)
        except OSError as error:
            self._tell([f"{path}: {error.strerror}\n  fix: check its name and who may read it"])
            return
        loaded = load_config_with_feeds(text, path)
        self.sites = (*(self.sites or ()), *loaded.sites)
        base = path.resolve().parent
        files, missing, told = named_rules(loaded, base)
        self.problems += (*errors(loaded.problems), *missing)
        placed = {problem.text for problem in missing}
        self._tell(said for said in told if said.partition("\n")[0] not in placed)
        here = posixpath.dirname(str(path))
        for one in loaded.rules:
            self._beside(one, base, posixpath.join(here, one.path))
        self._take(dict(files), base, here)

    def path(self, written: str) -> None:
        """A rule file, a folder, a shipped pack, a scenario, or a configuration."""
        path = Path(written)
        if written.endswith(SUFFIX) and not written.startswith(SHIPPED):
            if path.is_file():
                self._story(Story(written, path))
            else:
                self._tell([f"{written}: there is no such file\n  fix: correct the path"])
            return
        try:
            wanted = rules_from(written)
        except Wrong as wrong:
            self._tell([f"{wrong.text}\n  fix: {wrong.fix}"])
            return
        readable = not wanted.shipped and path.is_file() and path.stat().st_size <= yaml_bytes_max
        if readable and is_config(path.read_bytes(), written):
            self.configuration(path)
            return
        before = len(self.stories)
        self._beside(wanted, Path(), written)
        alone = path.is_dir() and len(self.stories) > before and not any(path.rglob("*.yaml"))
        if not alone:  # a folder of scenarios needs no rule file
            files, unread = rule_files([wanted], Path())
            self._take(dict(files), Path(), "")
            self._tell(unread)

    def _take(self, files: Mapping[str, bytes], base: Path, prefix: str) -> None:
        feeds = read_feeds(files.items(), base)
        for shown, text in files.items():
            name = self._named(_real(shown, base), shown, prefix)
            self.rules.files.setdefault(name, text)
            if shown in feeds:
                self.rules.feeds[name] = feeds[shown]

    def _beside(self, wanted: RulesFrom, base: Path, written: str) -> None:
        """Scenarios beside a rule file, or anywhere in a folder."""
        if wanted.shipped:
            root = shipped.folder("rules")
            for path in _scenarios(root / wanted.path):
                self._story(Story(f"{SHIPPED}{path.relative_to(root).as_posix()}", path, shipped=True))
            return
        folder = base / wanted.path
        for path in _scenarios(folder.with_suffix("") if folder.is_file() else folder):
            inside = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
            begin = written.rstrip("/") if folder.is_dir() else posixpath.dirname(written)
            self._story(Story(posixpath.join(begin, inside), path))

    def _story(self, story: Story) -> None:
        if len(self.stories) == scenarios_max:
            self._tell([f"more than {scenarios_max} scenario files\n  fix: name fewer folders"])
        elif len(self.stories) < scenarios_max:
            self.stories.setdefault(story.path.resolve(), story)

    def _tell(self, said: Iterable[str]) -> None:
        self.told.update(dict.fromkeys(said))

    def _named(self, real: Path, shown: str, prefix: str) -> str:
        """One file has one name in everything that is told, however it was named."""
        name = shown if shown.startswith(SHIPPED) else posixpath.normpath(posixpath.join(prefix, shown))
        return self._names.setdefault(real, name)

    # -- what is read ----------------------------------------------------------------------------------

    def loaded(self) -> Loaded | None:
        """All rule files that were named, together; None: none was."""
        if not self.rules.files:
            return None
        return self._load(self.rules, self.sites)

    def scenario(self, story: Story) -> tuple[Scenario, Loaded | None, list[Problem]]:
        """One scenario with its rules; None: they could not be found, and why."""
        try:
            with story.path.open("rb") as file:
                text = file.read(bytes_max + 1)
        except OSError as error:
            missing = Problem(story.shown, 1, 1, 1, error.strerror or "cannot be read", fix="let us read it")
            return read_scenario(b"", story.shown), None, [missing]
        feeds = read_feeds([(story.path.name, text)], story.path.parent).get(story.path.name)
        scenario = read_scenario(text, story.shown, self.timezones, feeds)
        rules = self._rules_of(scenario, story)
        if rules.problems or not rules.files:
            return scenario, None, rules.problems
        sites = self.sites if scenario.head.sites is None else scenario.head.sites
        loaded = self._load(rules, sites)
        return scenario, loaded, errors(loaded.problems)

    def _rules_of(self, scenario: Scenario, story: Story) -> Rules:
        rules = Rules({}, {}, [])
        for one in scenario.head.rules:
            try:
                wanted = rules_from(one.text)
            except Wrong as wrong:
                rules.problems.append(one.place.wrong(wrong))
                continue
            unread = self._read_into(rules, wanted, story)
            for said in unread:
                what, _, fix = said.partition("\n  fix: ")
                rules.problems.append(one.place.problem(what, fix))
        if scenario.inline is not None:
            rules.files[scenario.path] = scenario.inline
            rules.feeds.update(
                (scenario.path, feeds)
                for feeds in read_feeds([(story.path.name, scenario.inline)], story.path.parent).values()
            )
        elif not scenario.head.rules:
            name = beside(story.path.name)
            if not story.path.name.endswith(SUFFIX) or not (story.path.parent / name).is_file():
                said = f"by which rules? There is no {name} beside this scenario"
                fix = "add rules: [FILE] above the story, relative to this file, or standards: of its own"
                rules.problems.append(scenario.place(1).problem(said, fix))
            else:
                self._read_into(rules, RulesFrom(name), story)
        return rules

    def _read_into(self, rules: Rules, wanted: RulesFrom, story: Story) -> list[str]:
        base = story.path.resolve().parent
        files, unread = rule_files([wanted], base)
        feeds = read_feeds(files, base)
        for shown, text in files:
            name = self._named(_real(shown, base), shown, posixpath.dirname(story.shown))
            rules.files[name] = text
            if shown in feeds:
                rules.feeds[name] = feeds[shown]
        return unread

    def _load(self, rules: Rules, sites: tuple[Site, ...] | None) -> Loaded:
        """Scenarios of one pack share its book."""
        key = (tuple(sorted(rules.files.items())), str(sites))
        if key not in self._books:
            if len(self._books) >= books_max:
                self._books.clear()
            files = list(rules.files.items())
            self._books[key] = load_rules(files, self.timezones, sites=sites, feeds=rules.feeds)
        return self._books[key]


books_max = 20
"""Rule books kept for the next scenario of the same rules."""


def _scenarios(path: Path) -> list[Path]:
    """Every scenario in a folder and below, or the one that belongs to the name of a rule file."""
    if path.is_dir():
        return sorted(path.rglob(f"*{SUFFIX}"))
    one = path.parent / (path.name + SUFFIX)
    return [one] if one.is_file() else []


def _real(shown: str, base: Path) -> Path:
    """Where a rule file lies that is shown so."""
    if shown.startswith(SHIPPED):
        found = shipped.files("rules").get(shown.removeprefix(SHIPPED))
        return Path(shown) if found is None else found.resolve()
    return Path(os.path.normpath(base / shown)).resolve()
