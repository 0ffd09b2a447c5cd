"""`standardsd diff`: what changed in meaning from one set of rules to another, and whether it loosens."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from standardsd.cli.check_files import named_rules
from standardsd.daemon.compose import ComposeError, rule_files
from standardsd.daemon.feeds import load_config_with_feeds
from standardsd.daemon.rule_files import load
from standardsd.language.config import is_config, rules_from
from standardsd.language.diff import Change, loosens
from standardsd.language.diff import diff as compared
from standardsd.language.problems import errors
from standardsd.language.tree import bytes_max
from standardsd.language.words import Wrong
from standardsd.model.config import Site
from standardsd.model.standard import RuleBook

WORDS = ("looser", "different", "tighter", "equal", "text")

File = tuple[str, bytes]


def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="Rule file, folder, shipped:PACK, or a configuration.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, as it is to be.")],
    base: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="PATH", help="Read together with both: what they extend."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration whose sites and calendars hold for both.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what changed only in words for people (title, notes, …).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Says what changed in meaning between two sets of rules, and whether a promise got looser.

    Never compares text: a comment, another order of keys, 1m for 60s are no change.  Each line begins with

    \b
      looser     what was a breach may be none now, or fewer people are told
      tighter    the reverse; also a new standard
      different  neither for sure, so it may be looser
      equal      written otherwise, and as strict

    \b
    Exit codes:
      0  nothing changed, or nothing that could be looser
      1  something is looser, or different: let somebody review it
      2  errors in the files

    Examples:

      standardsd diff main/rules/ rules/

      standardsd diff shipped:hotel/front-desk my-house.yaml --with shipped:hotel/front-desk
    """
    try:
        sites = () if config is None else _configured(config)[1]
        before, after = (_book(path, base or (), sites) for path in (old, new))
    except ComposeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    changes = compared(before, after, datetime.now(UTC))
    print(_json(changes, before, after) if as_json else _plain(changes, everything=everything))
    raise typer.Exit(1 if loosens(changes) else 0)


def _book(written: str, base: Sequence[str], sites: Sequence[Site]) -> RuleBook:
    """The rules at one path; ComposeError with everything wrong in them."""
    files: list[File] = []
    problems: list[str] = []
    folder = Path()  # from which the files name their feeds of holidays
    for one in (written, *base):
        path = Path(one)
        if path.is_file() and path.stat().st_size <= bytes_max and is_config(path.read_bytes(), one):
            found, named = _configured(path)
            sites, folder = (*sites, *named), path.resolve().parent
        else:
            try:
                found, told = rule_files([rules_from(one)], Path())
            except Wrong as wrong:
                raise ComposeError(f"{wrong.text}\n  fix: {wrong.fix}") from None
            problems += told
        files += [file for file in found if file not in files]
    book, _, found_wrong = load(files, problems, folder, sites or None)
    if book is None:
        raise ComposeError("\n\n".join([*(one.render() for one in errors(found_wrong)), *problems]))
    return book


def _configured(path: Path) -> tuple[list[File], tuple[Site, ...]]:
    """The rule files that a configuration names, and its sites."""
    try:
        text = path.read_bytes()[: bytes_max + 1]
    except OSError as error:
        raise ComposeError(f"{path}: {error.strerror}\n  fix: check its name and who may read it") from None
    loaded = load_config_with_feeds(text, path)
    files, missing, told = named_rules(loaded, path.resolve().parent)
    wrong = [*(one.render() for one in (*errors(loaded.problems), *missing))]
    if wrong or told:
        raise ComposeError("\n\n".join(wrong or told))
    return files, loaded.sites


def _plain(changes: Sequence[Change], *, everything: bool) -> str:
    """One line a change, and what it comes to."""
    shown = [change for change in changes if everything or change.order is not None]
    if not shown:
        hidden = len(changes)
        more = f" ({hidden} only in words for people: --all shows them)" if hidden else ""
        return f"nothing changed in meaning{more}"
    return "\n".join([*(change.render() for change in shown), "", _counted(changes)])


def _counted(changes: Iterable[Change]) -> str:
    counts = Counter(change.word for change in changes)
    said = [f"{counts[word]} {word}" for word in WORDS if counts[word] and word != "text"]
    if counts["text"]:
        said.append(f"{counts['text']} only in words for people")
    return ", ".join(said)


def _json(changes: Sequence[Change], old: RuleBook, new: RuleBook) -> str:
    """Every change, those in words for people included."""
    told = [
        {"order": one.word, "standard": one.standard or None, "key": one.key or None, "text": one.text}
        for one in changes
    ]
    whole = {"loosens": loosens(changes), "old": old.hash, "new": new.hash, "changes": told}
    return json.dumps(whole, ensure_ascii=False, indent=2)
