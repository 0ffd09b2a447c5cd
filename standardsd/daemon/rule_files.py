"""Rule files: where they are, what they say, and everything that is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from standardsd import shipped
from standardsd.daemon.feeds import Fetching, load_rules_with_feeds
from standardsd.language.problems import Level, Problem, errors
from standardsd.model.config import RulesFrom, Site
from standardsd.model.standard import RuleBook
from standardsd.store.entries import RulesText

rule_bytes_max = 4 * 1024 * 1024
"""A rule file larger than this is not one that people wrote."""


class ComposeError(Exception):
    """Everything wrong with what the operator wrote, rendered with places and fixes."""


def read_rules(
    wanted: Iterable[str],
    *,
    base: Path,
    warn: Callable[[str], None],
    sites: Sequence[Site] | None = None,
) -> RuleBook:
    """Rule files, folders and shipped packs as one book; ComposeError with all their problems."""
    sources = [
        RulesFrom(name.removeprefix("shipped:"), shipped=name.startswith("shipped:")) for name in wanted
    ]
    files, problems = rule_files(sources, base)
    book, _, found = load(files, problems, base, sites)
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


def load(
    files: list[tuple[str, bytes]],
    problems: list[str],
    base: Path,
    sites: Sequence[Site] | None,
    fetching: Fetching | None = None,
    today: date | None = None,
) -> tuple[RuleBook | None, tuple[RulesText, ...], tuple[Problem, ...]]:
    """The book and the texts it was made of; no book where anything is wrong.  ``today``: what has expired is linted."""
    if not files and not problems:
        problems.append("no rule file\n  fix: name at least one under `rules`, e.g. shipped:hotel/front-desk")
    loaded = load_rules_with_feeds(files, base, sites, fetching, today)
    if loaded.book is None or problems:
        return None, (), loaded.problems
    contents = dict(files)
    texts = tuple(
        RulesText(file.path, contents[file.path], file.bytes_hash, file.meaning_hash)
        for file in loaded.book.files
    )
    return loaded.book, texts, loaded.problems
