"""`standardsd check`: everything wrong in rule files and the configuration, all at once."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Annotated

import typer

import standardsd
from standardsd.language.config import LoadedConfig, check_yields, is_config, load_config
from standardsd.language.examples import run_examples
from standardsd.language.problems import Problem, errors, lints, render
from standardsd.language.rules import Loaded, files_max, load_rules
from standardsd.language.tree import bytes_max
from standardsd.model.config import RulesFrom

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
        checked.path(path, base=Path())
    raise typer.Exit(checked.tell())


check.__doc__ = f"{check.__doc__}{EXAMPLES}"


class Checked:
    """What has been read so far.  Files named twice are read once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.rules: dict[Path, tuple[str, bytes]] = {}
        self.configs: dict[Path, LoadedConfig] = {}
        zoneinfo.reset_tzpath([])  # the tzdata package alone, so that every machine knows the same zones
        self._zones = frozenset(zoneinfo.available_timezones())

    def configuration(self, path: Path) -> None:
        """The configuration and every rule file that it names, relative to its folder."""
        text = self._text(path)
        if text is None or path.resolve() in self.configs:
            return
        loaded = load_config(text, str(path), self._zones)
        self.configs[path.resolve()] = loaded
        self.problems += loaded.problems
        for number, rules in enumerate(loaded.config.rules if loaded.config else ()):
            found = rule_files(rules, path.parent)
            if not found:
                place = loaded.places.get(f"rules.{number}", loaded.places["rules"])
                self.problems.append(place.problem(f"there are no rules at '{rules.path}'", _fix(rules)))
            self._take(found)

    def path(self, written: str, base: Path) -> None:
        """A rule file, a folder, a shipped pack, or a configuration, told apart by its keys."""
        shipped = written.removeprefix("shipped:")
        rules = (
            RulesFrom(shipped.removesuffix(".yaml"), shipped=True)
            if shipped != written
            else RulesFrom(written)
        )
        found = rule_files(rules, base)
        if not found:
            self.problems.append(
                Problem(written, 1, 1, 1, "there is no such rule file or folder", fix=_fix(rules))
            )
        if len(found) == 1 and found[0].is_file() and not rules.shipped:
            text = self._text(found[0])
            if text is not None and is_config(text, str(found[0])):
                self.configuration(found[0])
                return
        self._take(found)

    def _take(self, found: list[Path]) -> None:
        for path in found:
            if path.resolve() not in self.rules:
                text = self._text(path)
                if text is not None:
                    self.rules[path.resolve()] = (str(path), text)

    def _text(self, path: Path) -> bytes | None:
        """At most one byte more than a file may have; None when it cannot be read (that has been told)."""
        try:
            with path.open("rb") as file:
                return file.read(bytes_max + 1)
        except OSError as error:
            said = f"cannot be read: {error.strerror}"
            self.problems.append(Problem(str(path), 1, 1, 1, said, fix="check its name and who may read it"))
            return None

    def tell(self) -> int:
        """Prints every problem and a summary; the exit code."""
        loaded = load_rules(list(self.rules.values()), self._zones)
        self.problems += loaded.problems
        findings: list[Problem] = []
        if loaded.book is not None:
            for config in self.configs.values():
                self.problems += check_yields(config, loaded.book.vocabulary)
            findings = run_examples(loaded.book, loaded.examples)
        said = render([*self.problems, *findings])
        if said:
            typer.echo(said)
        typer.echo(self._summary(loaded, findings))
        return 2 if errors(self.problems) else 1 if findings else 0

    def _summary(self, loaded: Loaded, findings: list[Problem]) -> str:
        counts = [_count(len(self.rules) + len(self.configs), "file")]
        if loaded.book is not None:
            counts.append(_count(len(loaded.book.standards), "standard"))
        counts += [_count(len(errors(self.problems)), "error"), _count(len(lints(self.problems)), "lint")]
        if findings:
            counts.append(
                f"{_count(len(findings), 'example')} that {'does' if len(findings) == 1 else 'do'} not hold"
            )
        return ", ".join(counts)


def rule_files(rules: RulesFrom, base: Path) -> list[Path]:
    """The files behind one entry of ``rules``, in order of name: of a folder every ``*.yaml`` in it and below.

    Empty when there are none.  At most ``files_max`` and one more, which is then told as too many.
    """
    if rules.shipped:
        path = shipped_rules() / f"{rules.path}.yaml"
        return [path] if path.is_file() else []
    path = base / rules.path
    if path.is_dir():
        return sorted(found for found in path.rglob("*.yaml") if found.is_file())[: files_max + 1]
    return [path] if path.exists() else []


def shipped_rules() -> Path:
    """Where the packs are: inside the installed package, or beside it in a checkout."""
    package = Path(standardsd.__file__).parent
    bundled = package / "_bundled" / "rules"
    return bundled if bundled.is_dir() else package.parent / "rules"


def _fix(rules: RulesFrom) -> str:
    if not rules.shipped:
        return "check the path; a folder needs at least one *.yaml"
    packs = sorted(
        str(p.relative_to(shipped_rules()).with_suffix("")) for p in shipped_rules().rglob("*.yaml")
    )
    return f"write one of {', '.join(f'shipped:{pack}' for pack in packs)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
