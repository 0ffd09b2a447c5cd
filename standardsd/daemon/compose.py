"""From files to everything a judge needs: configuration, rules, sources, settings.

All that is wrong anywhere is told at once; nothing is half-composed.
"""

from __future__ import annotations

import difflib
import logging
import zoneinfo
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from standardsd import shipped
from standardsd.core.judge import JudgeSettings
from standardsd.daemon.recovery import Adopted
from standardsd.drivers.ami import AmiDriver
from standardsd.drivers.base import Driver, DriverSetup
from standardsd.drivers.simulate import SimulateDriver, yields_of
from standardsd.language.config import LoadedConfig, check_yields, discreet, load_config
from standardsd.language.definitions import read_definition, wrong_settings
from standardsd.language.problems import Level, Problem, errors
from standardsd.language.rules import load_rules
from standardsd.model.config import (
    PUSH,
    SIMULATE,
    Config,
    RulesFrom,
    SourceConfig,
    WatermarkKind,
    WatermarkRule,
)
from standardsd.model.definition import Definition
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from standardsd.store.entries import RulesInput, RulesText

log = logging.getLogger(__name__)

rule_bytes_max = 4 * 1024 * 1024
"""A rule file larger than this is not one that people wrote."""

accept_early = timedelta(minutes=5)
"""A reading further in our future than this comes from a clock that nobody set."""


class ComposeError(Exception):
    """Everything wrong with what the operator wrote, rendered with places and fixes."""


Maker = Callable[[DriverSetup], Driver]


@dataclass(frozen=True)
class ComposedSource:
    """One source, ready to run.  ``make`` is None for pushed ones; ``made_from``: equal means unchanged."""

    spec: Source
    config: SourceConfig
    setup: DriverSetup
    make: Maker | None
    receipt: WatermarkRule | None
    made_from: object


@dataclass(frozen=True)
class Composed:
    """What a configuration file comes to.  ``warnings``: lints, rendered."""

    path: Path
    text: str
    config: Config
    book: RuleBook
    rules: tuple[RulesText, ...]
    running: tuple[ComposedSource, ...]
    warnings: tuple[str, ...]

    @property
    def data(self) -> Path:
        """The data folder, as the file says it."""
        return self.path.resolve().parent / self.config.data

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(source.spec for source in self.running)

    def judge_settings(self, *, keep: timedelta | None) -> JudgeSettings:
        return JudgeSettings(
            judge_from=self.config.judge.judge_from,
            accept_late=self.config.judge.accept_late,
            accept_early=accept_early,
            keep=keep,
            sites=tuple(site.name for site in self.config.sites),
        )

    def journalled(self, adopted: Adopted, version: str) -> RulesInput:
        """What the journal keeps of this version; ``version``: of the judge."""
        return RulesInput(
            files=self.rules,
            hash=self.book.hash,
            config=self.text,
            book=adopted.encode(),
            judge=version,
        )


# -- rules ---------------------------------------------------------------------------------------------


def read_rules(wanted: Iterable[str], *, base: Path, warn: Callable[[str], None]) -> RuleBook:
    """Rule files, folders and shipped packs as one book; ComposeError with all their problems."""
    sources = [
        RulesFrom(name.removeprefix("shipped:"), shipped=name.startswith("shipped:")) for name in wanted
    ]
    files, problems = rule_files(sources, base)
    book, _, found = _load(files, problems)
    for problem in found:
        if problem.level is Level.LINT:
            warn(problem.render())
    if book is None:
        raise ComposeError("\n\n".join(p.render() for p in errors(found)) or "\n".join(problems))
    return book


def rule_files(wanted: Sequence[RulesFrom], base: Path) -> tuple[list[tuple[str, bytes]], list[str]]:
    """(path as shown, content) of every file, each once, and what could not be read."""
    found: dict[Path, str] = {}
    problems: list[str] = []
    for one in wanted:
        paths = _shipped(one.path, problems) if one.shipped else _plain(base / one.path, one.path, problems)
        for path, shown in paths:
            found.setdefault(path.resolve(), shown)
    files: list[tuple[str, bytes]] = []
    for path, shown in found.items():
        try:
            if path.stat().st_size > rule_bytes_max:
                problems.append(f"{shown}: larger than {rule_bytes_max} bytes\n  fix: split it")
                continue
            files.append((shown, path.read_bytes()))
        except OSError as error:
            problems.append(f"{shown}: {error.strerror}\n  fix: let us read it, or take it out of `rules`")
    return files, problems


def _shipped(name: str, problems: list[str]) -> list[tuple[Path, str]]:
    known = shipped.files("rules")
    inside = [
        (path, f"shipped:{full}") for full, path in known.items() if full.startswith(name.rstrip("/") + "/")
    ]
    if name in known:
        return [(known[name], f"shipped:{name}")]
    if not inside:
        near = difflib.get_close_matches(name, known, n=1)
        fix = f"write shipped:{near[0]}" if near else f"shipped are {', '.join(known)}"
        problems.append(f"shipped:{name}: there is no such pack\n  fix: {fix}")
    return inside


def _plain(path: Path, shown: str, problems: list[str]) -> list[tuple[Path, str]]:
    if path.is_dir():
        inside = [
            (file, f"{shown.rstrip('/')}/{file.relative_to(path)}") for file in sorted(path.rglob("*.yaml"))
        ]
        if not inside:
            problems.append(f"{shown}: no *.yaml file in this folder\n  fix: name a folder of rule files")
        return inside
    if not path.exists():
        problems.append(f"{shown}: there is no such file or folder\n  fix: correct the path")
        return []
    return [(path, shown)]


def _load(
    files: list[tuple[str, bytes]], problems: list[str]
) -> tuple[RuleBook | None, tuple[RulesText, ...], tuple[Problem, ...]]:
    """The book and the texts it was made of; no book where anything is wrong."""
    if not files and not problems:
        problems.append("no rule file\n  fix: name at least one under `rules`, e.g. shipped:hotel/front-desk")
    loaded = load_rules(files, zoneinfo.available_timezones())
    if loaded.book is None or problems:
        return None, (), loaded.problems
    contents = dict(files)
    texts = tuple(
        RulesText(file.path, contents[file.path], file.bytes_hash, file.meaning_hash)
        for file in loaded.book.files
    )
    return loaded.book, texts, loaded.problems


# -- configuration -------------------------------------------------------------------------------------


def compose_config(path: Path, *, secrets_dir: Path | None = None) -> Composed:
    """Everything that a configuration file names; ComposeError with all that is wrong in any of it."""
    try:
        text = path.read_bytes()
    except OSError as error:
        fix = "name the configuration file with --config or STANDARDSD_CONFIG"
        raise ComposeError(f"{path}: {error.strerror}\n  fix: {fix}") from None
    loaded = load_config(text, str(path), zoneinfo.available_timezones())
    told = [problem.render() for problem in errors(loaded.problems)]
    base = path.resolve().parent
    book: RuleBook | None = None
    rules: tuple[RulesText, ...] = ()
    problems: tuple[Problem, ...] = ()
    if loaded.rules:  # what is wrong in the rules is told, too, where the configuration itself is wrong
        files, unread = rule_files(loaded.rules, base)
        book, rules, problems = _load(files, unread)
        told += unread
        told += [problem.render() for problem in errors(problems)]
    if book is not None:
        told += [discreet(problem).render() for problem in errors(check_yields(loaded, book.vocabulary))]
    running = [
        composed
        for source in loaded.sources
        if (composed := _source(loaded, source, base, secrets_dir or base, told)) is not None
    ]
    if told or book is None or loaded.config is None:
        raise ComposeError("\n\n".join(told))
    warnings = tuple(p.render() for p in (*loaded.problems, *problems) if p.level is Level.LINT)
    return Composed(path, text.decode(), loaded.config, book, rules, tuple(running), warnings)


def compose_aloud(path: Path, *, secrets_dir: Path | None) -> Composed:
    """The same, with the lints told in the log: at a start and at a reload."""
    composed = compose_config(path, secrets_dir=secrets_dir)
    for warning in composed.warnings:
        log.warning("%s", warning)
    return composed


def _source(
    loaded: LoadedConfig, source: SourceConfig, base: Path, secrets: Path, told: list[str]
) -> ComposedSource | None:
    """None, and why, when its definition or its settings are wrong."""
    setup = DriverSetup(source.name, dict(source.settings), dict(source.labels), _secret_reader(secrets))
    if source.use == PUSH:
        rule = source.watermark or WatermarkRule()
        spec = Source(
            source.name,
            source.yields,
            dict(source.labels),
            private_ids=False,
            max_silence=source.max_silence,
            own_watermark=rule.kind is WatermarkKind.RECEIPT,
        )
        receipt = rule if rule.kind is WatermarkKind.RECEIPT else None
        return ComposedSource(spec, source, setup, None, receipt, source)
    if source.use == SIMULATE:
        made = _try(loaded, source, lambda: SimulateDriver(setup), told)
        if made is None:
            return None
        profile = str(source.settings.get("profile", "hotel"))
        spec = Source(
            source.name,
            yields_of(profile),
            dict(source.labels),
            private_ids=True,
            max_silence=source.max_silence,
        )
        return ComposedSource(spec, source, setup, SimulateDriver, None, source)
    return _defined(loaded, source, setup, base, told)


def _defined(
    loaded: LoadedConfig, source: SourceConfig, setup: DriverSetup, base: Path, told: list[str]
) -> ComposedSource | None:
    place = loaded.places.get(f"sources.{source.name}.use")
    path = definition_path(source.use, base)
    if path is None:
        known = [name.rsplit("/", 1)[-1] for name in shipped.files("exporters")]
        fix = f"write push, simulate, {', '.join(known)}, or the path of a definition"
        said = f"there is no exporter definition '{source.use}'"
        told.append(discreet(place.problem(said, fix)).render() if place else f"{said}\n  fix: {fix}")
        return None
    try:
        text = path.read_bytes()
    except OSError as error:
        told.append(f"{path}: {error.strerror}\n  fix: let us read it, or name another definition")
        return None
    definition, problems = read_definition(text, str(path))
    if definition is None:
        told.extend(problem.render() for problem in errors(problems))
        return None
    wrong = wrong_settings(definition, source.settings)
    for key, said, fix in wrong:
        at = loaded.places.get(f"sources.{source.name}.settings.{key}", place)
        told.append(discreet(at.problem(said, fix)).render() if at else f"{said}\n  fix: {fix}")
    make = maker(definition)
    keys = frozenset(key for key, _, _ in wrong)
    if _try(loaded, source, lambda: make(setup), told, told_of=keys) is None or wrong:
        return None
    spec = definition.source(source.name, speaks_for=dict(source.labels), max_silence=source.max_silence)
    return ComposedSource(spec, source, setup, make, None, (source, definition))


def definition_path(use: str, base: Path) -> Path | None:
    """A shipped definition by name, or a file by its path."""
    found = shipped.find("exporters", use)
    if found is not None:
        return found
    path = base / use
    return path if path.is_file() else None


def maker(definition: Definition) -> Maker:
    """How a driver of this definition is made."""
    assert definition.driver == "ami", (
        f"{definition.name}: the loader let the driver {definition.driver} pass"
    )
    return lambda setup: AmiDriver(definition, setup)


def _try(
    loaded: LoadedConfig,
    source: SourceConfig,
    make: Callable[[], Driver],
    told: list[str],
    *,
    told_of: frozenset[str] = frozenset(),
) -> Driver | None:
    """Making a driver checks its settings; nothing outside is touched.  ``told_of``: keys told already."""
    try:
        return make()
    except ValidationError as error:
        fix = f"see what `standardsd exporters show {source.use}` says of it"
        for part in error.errors():
            key = ".".join(str(step) for step in part["loc"])
            if key in told_of:
                continue
            wrong = part["msg"].removeprefix("Value error, ")
            at = f"sources.{source.name}." + (f"settings.{key}" if key else "use")
            place = loaded.places.get(at) or loaded.places[f"sources.{source.name}.use"]
            said = f"{source.name}: {key}: {wrong}" if key else f"{source.name}: {wrong}"
            told.append(discreet(place.problem(said, fix)).render())
    return None


def _secret_reader(folder: Path) -> Callable[[str], str]:
    """Reads a secret file when the driver needs it, never before; a relative name is looked for in ``folder``."""

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8").rstrip("\r\n")

    return read
