"""Files that a configuration names: whether they are there, each told at the place where it is named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from standardsd.daemon.compose import definition_path, rule_files
from standardsd.drivers.sim_stories import PROFILES
from standardsd.drivers.simulate import yields_of
from standardsd.language.config import SHIPPED, LoadedConfig
from standardsd.language.definitions import read_definition
from standardsd.language.place import Place
from standardsd.language.problems import Problem, quoted
from standardsd.language.source_facts import SourceFacts, facts_of
from standardsd.language.tree import bytes_max
from standardsd.language.words import nearest
from standardsd.model.config import PUSH, SIMULATE, RulesFrom, SourceConfig
from standardsd.model.definition import Definition, SettingType

secret_bytes_max = 64 * 1024
"""The first line of a secret file is read, no more."""


def named_rules(loaded: LoadedConfig, base: Path) -> tuple[list[tuple[str, bytes]], list[Problem], list[str]]:
    """The rule files that a configuration names; what is not there, told where it is named.

    The third: the same as those say who open the files for the daemon, without a place.
    """
    files: list[tuple[str, bytes]] = []
    problems: list[Problem] = []
    told: list[str] = []
    for one in loaded.rules:
        found, unread = rule_files([one], base)
        files += found
        told += unread
        place = _place_of(one, loaded)
        for said in unread if place is not None else ():
            assert place is not None
            text, _, fix = said.partition("\n  fix: ")
            near = None if one.shipped else _near(base / one.path, one.path)
            problems.append(place.problem(text, f"write {near}" if near else fix))
    known = {problem.text for problem in problems}
    return files, problems, [said for said in told if said.partition("\n")[0] in known]


def _place_of(one: RulesFrom, loaded: LoadedConfig) -> Place | None:
    """Where a rule file is named: the item of ``rules``, or its only text."""
    places = (place for key, place in loaded.places.items() if key == "rules" or key.startswith("rules."))
    for place in places:
        written = place.source.line(place.line)[place.column - 1 : place.column - 1 + place.length]
        name = written.strip("\"' ")
        shipped = name.startswith(SHIPPED)
        if (
            shipped == one.shipped
            and name.removeprefix(SHIPPED).removesuffix(".yaml" if shipped else "") == one.path
        ):
            return place
    return loaded.places.get("rules")


def _near(path: Path, shown: str) -> str | None:
    """A file or folder with a similar name beside where the missing one should be."""
    try:
        inside = [one.name for one in path.parent.iterdir() if one.is_dir() or one.suffix == ".yaml"]
    except OSError:
        return None
    if path.exists():
        return None
    names = [*inside, *(name.removesuffix(".yaml") for name in inside)]
    near = nearest(path.name, names)
    if near is None or nearest(path.name.removesuffix(".yaml"), [near.removesuffix(".yaml")]) is None:
        return None  # alike is only what every rule file ends with
    return shown.removesuffix("/").removesuffix(path.name) + (near if near in inside else f"{near}.yaml")


def named_secrets(loaded: LoadedConfig, base: Path) -> list[Problem]:
    """Files named in the settings of sources (secrets, certificates) that cannot be used.

    A relative name is looked for in ``STANDARDSD_SECRETS_DIR``, else in ``base``, as the daemon does.
    """
    folder = Path(os.environ.get("STANDARDSD_SECRETS_DIR") or base)
    problems: list[Problem] = []
    for source in loaded.sources:
        definition = _definition_of(source, base)
        if definition is not None:
            problems += _of_source(source, definition, loaded, folder)
    return problems


def named_sources(loaded: LoadedConfig, base: Path) -> list[SourceFacts]:
    """What the lints must know of the sources; of one whose definition cannot be read, nothing."""
    found = []
    for source in loaded.sources:
        profile = str(source.settings.get("profile", "hotel"))
        if source.use == SIMULATE and profile in PROFILES:
            source = replace(source, yields=yields_of(profile))
        found.append(facts_of(source, _definition_of(source, base)))
    return found


def _definition_of(source: SourceConfig, base: Path) -> Definition | None:
    """None for what has none, or a wrong one: that is told by those who make the sources."""
    path = None if source.use in (PUSH, SIMULATE) else definition_path(source.use, base)
    if path is None:
        return None
    try:
        return read_definition(path.read_bytes()[: bytes_max + 1], str(path))[0]
    except OSError:
        return None


def _of_source(
    source: SourceConfig, definition: Definition, loaded: LoadedConfig, folder: Path
) -> Sequence[Problem]:
    problems: list[Problem] = []
    for setting in definition.settings:
        written = source.settings.get(setting.name)
        place = loaded.places.get(f"sources.{source.name}.settings.{setting.name}")
        if (
            setting.type is not SettingType.FILE
            or not isinstance(written, str)
            or not written
            or place is None
        ):
            continue
        wrong = _wrong(folder / written, secret=setting.secret)
        if wrong is not None:
            said, fix = wrong
            problems.append(place.problem(f"{source.name}: {setting.name}: {said}", fix))
    return problems


def _wrong(path: Path, *, secret: bool) -> tuple[str, str] | None:
    """Why the file cannot be used, and what to do; None when it can.  A secret is never shown."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            return f"{quoted(str(path))} is not a plain file", "name a file"
        with path.open("rb") as file:
            first = file.readline(secret_bytes_max)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not the name of a file"
        what = "there is no such file" if isinstance(error, FileNotFoundError) else why
        return f"{what}: {quoted(str(path))}", "correct the name, or put the file there, readable for us"
    if not secret:
        return None
    if not first.strip():
        return f"the first line of {quoted(str(path))} is empty", "write the secret into its first line"
    try:
        first.decode("utf-8")
    except UnicodeDecodeError:
        return f"{quoted(str(path))} is not UTF-8", "save the file as UTF-8"
    return None
