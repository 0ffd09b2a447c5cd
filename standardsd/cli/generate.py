"""`standardsd generate`: files for other programs, made from what we know."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from standardsd.daemon.compose import ComposeError, read_rules
from standardsd.language.schema import Kind
from standardsd.language.schema import schema as made
from standardsd.model.clock import OpenHours
from standardsd.model.vocabulary import VOCABULARY

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Makes files for other programs from what we know.

    Example: standardsd generate schema -o standardsd-rules.schema.json
    """


@app.command("schema")
def schema(
    kind: Annotated[Kind, typer.Option(help="Which files it is for.")] = Kind.RULES,
    rules: Annotated[
        list[str] | None,
        typer.Option(
            help="Rule files whose vocabulary and calendars it knows, too; may be given several times."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; else it is printed.")
    ] = None,
) -> None:
    """Prints the JSON Schema (draft 7) of our files, for editors: completion, descriptions, errors while typing.

    With the YAML language server (VS Code, Neovim, Emacs and others), write it into a file and name that in
    the first line of yours:

      # yaml-language-server: $schema=standardsd-rules.schema.json

    What an editor lets pass, `standardsd check` may still refuse: it knows all files together.

    Examples:

      standardsd generate schema -o standardsd-rules.schema.json

      standardsd generate schema --kind config -o standardsd-config.schema.json

      standardsd generate schema --rules rules/ -o standardsd-rules.schema.json

    Exit codes: 0 fine, 2 errors in the rule files, 3 the file cannot be written.
    """
    vocabulary, calendars = VOCABULARY, set[str]()
    if rules:
        try:
            book = read_rules(rules, base=Path.cwd(), warn=lambda _: None)
        except ComposeError as error:
            print(error, file=sys.stderr)
            raise typer.Exit(2) from None
        vocabulary = book.vocabulary
        calendars = {one.clock.name for one in book.standards if isinstance(one.clock, OpenHours)}
    text = json.dumps(made(kind, vocabulary, calendars), ensure_ascii=False, indent=1) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        print(
            f"{output}: {error.strerror}\n  fix: name a file in a folder that you may write", file=sys.stderr
        )
        raise typer.Exit(3) from None
