"""From files to everything a judge needs: configuration, rules, sources, settings.

All that is wrong anywhere is told at once; nothing is half-composed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from standardsd import locale, shipped
from standardsd.core.judge import JudgeSettings
from standardsd.daemon.feed_copies import FOLDER, FeedCopies
from standardsd.daemon.feeds import Fetching, load_config_with_feeds
from standardsd.daemon.recovery import Adopted
from standardsd.daemon.rule_files import ComposeError as ComposeError  # also for those who compose
from standardsd.daemon.rule_files import load
from standardsd.daemon.rule_files import read_rules as read_rules
from standardsd.daemon.rule_files import rule_files as rule_files
from standardsd.daemon.setting_words import told_of_setting
from standardsd.drivers.ami import AmiDriver
from standardsd.drivers.base import Driver, DriverSetup
from standardsd.drivers.simulate import SimulateDriver, SimulateSettings, yields_of
from standardsd.language.config import LoadedConfig, check_yields, discreet, load_config
from standardsd.language.definitions import read_definition, wrong_settings
from standardsd.language.problems import Level, Problem, errors
from standardsd.language.speech import Words
from standardsd.model.config import (
    PUSH,
    SIMULATE,
    Config,
    SourceConfig,
    WatermarkKind,
    WatermarkRule,
)
from standardsd.model.definition import Definition
from standardsd.model.source import Source
from standardsd.model.standard import RuleBook
from standardsd.store.entries import RulesInput, RulesText

log = logging.getLogger(__name__)


accept_early = timedelta(minutes=5)
"""A reading further in our future than this comes from a clock that nobody set."""


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

    @property
    def words(self) -> Words:
        """In which people are spoken to."""
        return locale.words(self.config.language, self.book.vocabulary)

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


# -- configuration -------------------------------------------------------------------------------------


def compose_config(
    path: Path, *, secrets_dir: Path | None = None, fetching: Fetching | None = None
) -> Composed:
    """Everything that a configuration file names; ComposeError with all that is wrong in any of it."""
    try:
        text = path.read_bytes()
    except OSError as error:
        fix = "name the configuration file with --config or STANDARDSD_CONFIG"
        raise ComposeError(f"{path}: {error.strerror}\n  fix: {fix}") from None
    loaded = load_config_with_feeds(text, path, fetching)
    told = [problem.render() for problem in errors(loaded.problems)]
    base = path.resolve().parent
    book: RuleBook | None = None
    rules: tuple[RulesText, ...] = ()
    problems: tuple[Problem, ...] = ()
    if loaded.rules:  # what is wrong in the rules is told, too, where the configuration itself is wrong
        files, unread = rule_files(loaded.rules, base)
        today = datetime.now(UTC).date()
        book, rules, problems = load(files, unread, base, loaded.sites, fetching, today)
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


def compose_aloud(path: Path, *, secrets_dir: Path | None, data: Path | None = None) -> Composed:
    """The same at a start and at a reload: lints are told in the log, and a holiday feed that does not answer is
    taken from its copy in ``data`` (None: the folder that the configuration names).  May wait for the web."""
    copies = FeedCopies((data or _data_folder(path)) / FOLDER)
    composed = compose_config(path, secrets_dir=secrets_dir, fetching=copies)
    for warning in (*composed.warnings, *copies.told):
        log.warning("%s", warning)
    copies.keep()
    return composed


def _data_folder(path: Path) -> Path:
    """As the configuration says it, however wrong the rest of it is."""
    try:
        text = path.read_bytes()
    except OSError:
        text = b""
    return path.resolve().parent / load_config(text, str(path)).data


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
        known = tuple(SimulateSettings.model_fields) if source.use == "simulate" else ()
        fix = f"see what `standardsd exporters show {source.use}` says of it"
        fix = f"write one of {', '.join(known)}" if known else fix
        for part in error.errors():
            key = ".".join(str(step) for step in part["loc"])
            if key in told_of:
                continue
            wrong, better = told_of_setting(key, part, known)
            at = f"sources.{source.name}." + (f"settings.{key}" if key else "use")
            place = loaded.places.get(at) or loaded.places[f"sources.{source.name}.use"]
            said = f"{source.name}: {key}: {wrong}" if key else f"{source.name}: {wrong}"
            told.append(discreet(place.problem(said, better or fix)).render())
    return None


def _secret_reader(folder: Path) -> Callable[[str], str]:
    """Reads a secret file when the driver needs it, never before; a relative name is looked for in ``folder``."""

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8").rstrip("\r\n")

    return read
