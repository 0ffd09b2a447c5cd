"""`standardsd explain`: each standard in one sentence, and where its values come from."""

from __future__ import annotations

import inspect
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from standardsd import locale
from standardsd.daemon.compose import rule_files
from standardsd.daemon.feeds import load_config_with_feeds, load_rules_with_feeds
from standardsd.language.config import is_config, rules_from
from standardsd.language.explain import sentence
from standardsd.language.explain_origins import Line, origin_lines, said_of
from standardsd.language.problems import errors
from standardsd.language.rules import Loaded
from standardsd.language.speech import LANGUAGES, Words
from standardsd.language.tree import bytes_max
from standardsd.language.words import Wrong, one_of, write_one_of
from standardsd.model.config import RulesFrom, Site
from standardsd.model.standard import RuleBook, Standard

EXAMPLES = """
Every standard of a shipped pack:

    standardsd explain shipped:hotel/front-desk

One of them, and where each of its values comes from:

    standardsd explain shipped:hotel/front-desk greet-within-60s --origins

The rules of a configuration, in Romanian:

    standardsd explain --config standardsd.yaml --lang ro

\b
Exit codes:
  0  fine
  2  errors in the files, or no such standard
"""

columns_max = 100
"""Longer lines are hard to read; a narrower terminal has shorter ones."""

columns_min = 40

value_columns_max = 50
"""A longer value pushes only its own origin to the right."""


def explain(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH|STANDARD]...",
            help="Rule files, folders or shipped:PACK; and ids of standards, to see only those.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file: its rules, sites and language.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Language: en, tr, ro or hu.", show_default=False)] = None,
    origins: Annotated[bool, typer.Option("--origins", help="Show where each value comes from.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON array, for other programs.")] = False,
) -> None:
    """Says each standard in one plain sentence that names every default that applies."""
    if not what and config is None:
        _fail(
            [
                "explain: name rule files, a folder, shipped:PACK, or --config FILE (see standardsd explain --help)"
            ]
        )
    asked = _asked(what or (), config)
    language = _language(lang, asked)
    loaded = _loaded(asked)
    book = loaded.book
    assert book is not None
    words = locale.words(language, book.vocabulary)
    chosen = [_explained(one, loaded, words, origins=origins) for one in _chosen(book, asked.ids)]
    if words.awaits_reader:
        print(f"{language}: this translation is awaiting a native reader", file=sys.stderr)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(chosen), indent=2).decode())
        return
    typer.echo("\n\n".join(_shown(one) for one in chosen))


explain.__doc__ = f"{inspect.cleandoc(explain.__doc__ or '')}\n{EXAMPLES}"


class Explained(msgspec.Struct, omit_defaults=True):
    """One standard as ``--json`` has it; ``origins`` only where they are asked for."""

    id: str
    title: str
    set: str
    language: str
    sentence: str
    origins: list[Line] = []


@dataclass
class Asked:
    """What to read: ``rules`` relative to the working folder, ``configured`` to that of the configuration."""

    rules: list[RulesFrom] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    configured: list[RulesFrom] = field(default_factory=list)
    base: Path = Path()
    sites: Sequence[Site] | None = None
    language: str | None = None
    wrong: list[str] = field(default_factory=list)


def _asked(what: Sequence[str], config: Path | None) -> Asked:
    """Words that name something to read, and ids; a configuration may also stand among the paths."""
    asked = Asked()
    if config is not None:
        _configure(asked, config)
    for word in what:
        path = Path(word)
        if (
            not word.startswith("shipped:")
            and not path.exists()
            and re.fullmatch(r"[a-z0-9][a-z0-9-]*", word)
        ):
            asked.ids.append(word)
        elif path.is_file() and path.stat().st_size <= bytes_max and is_config(path.read_bytes(), word):
            _configure(asked, path)
        else:
            try:
                asked.rules.append(rules_from(word))
            except Wrong as wrong:
                asked.wrong.append(f"{wrong.text}\n  fix: {wrong.fix}")
    if not (asked.rules or asked.configured or asked.wrong):
        said = (
            "explain: no rule files are named\n  fix: name a file, a folder, shipped:PACK, or --config FILE"
        )
        asked.wrong.append(said)
    return asked


def _configure(asked: Asked, path: Path) -> None:
    try:
        with path.open("rb") as file:
            text = file.read(bytes_max + 1)
    except OSError as error:
        asked.wrong.append(f"{path}: {error.strerror}\n  fix: check its name and who may read it")
        return
    loaded = load_config_with_feeds(text, path)
    asked.wrong += [problem.render() for problem in errors(loaded.problems)]
    asked.configured += loaded.rules
    asked.base = path.resolve().parent
    asked.sites = (*(asked.sites or ()), *loaded.sites)
    if loaded.config is not None:
        asked.language = loaded.config.language


def _loaded(asked: Asked) -> Loaded:
    """Everything that was asked for, or the end with all that is wrong, as ``check`` says it."""
    files, unread = rule_files(asked.configured, asked.base)
    more, missing = rule_files(asked.rules, Path())
    known = dict(files)
    files += [(shown, text) for shown, text in more if known.get(shown) != text]
    base = asked.base if asked.configured else Path()
    loaded = load_rules_with_feeds(files, base, asked.sites)
    told = [*asked.wrong, *unread, *missing, *(problem.render() for problem in errors(loaded.problems))]
    if told:
        _fail(told)
    return loaded


def _language(lang: str | None, asked: Asked) -> str:
    """That of the option, else that of the configuration, else English."""
    if lang is None:
        return asked.language or "en"
    try:
        return one_of(lang, tuple(LANGUAGES), "a language that standards can be said in")
    except Wrong as wrong:
        _fail([f"--lang: {wrong.text}\n  fix: {wrong.fix}"])


def _chosen(book: RuleBook, ids: Sequence[str]) -> list[Standard]:
    """Those that were named, in that order; all where none was."""
    known = {one.id: one for one in book.standards}
    wrong = [
        f"{name}: no standard that runs has this id, and there is no such file\n  fix: {write_one_of(name, known)}"
        for name in ids
        if name not in known
    ]
    if wrong:
        _fail(wrong)
    return [known[name] for name in ids] or list(book.standards)


def _explained(one: Standard, loaded: Loaded, words: Words, *, origins: bool) -> Explained:
    lines = origin_lines(one, loaded.origins[one.id]) if origins else []
    return Explained(one.id, one.title, one.set, words.language, sentence(one, words), lines)


def _shown(one: Explained) -> str:
    """Id and title, the sentence below, wrapped for the terminal; then key, value and origin in three columns."""
    width = max(columns_min, min(columns_max, shutil.get_terminal_size().columns))
    wrapped = textwrap.fill(
        one.sentence, width, initial_indent="    ", subsequent_indent="    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    parts = [f"{one.id}  {one.title}", wrapped]
    if one.origins:
        keys = max(len(line.key) for line in one.origins)
        values = max(len(line.value) for line in one.origins if len(line.value) <= value_columns_max)
        parts.append("")
        parts += [f"    {line.key:{keys}}  {line.value:{values}}  ← {said_of(line)}" for line in one.origins]
    return "\n".join(parts)


def _fail(said: Sequence[str]) -> NoReturn:
    """The end, with everything that is wrong on standard error."""
    print("\n".join(said), file=sys.stderr)
    raise typer.Exit(2)
