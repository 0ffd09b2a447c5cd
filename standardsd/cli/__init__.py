"""The command line: one module a command, found by name so that `--help` stays quick.

Exit codes: 0 fine, 1 findings, 2 bad input or usage, 3 the outside world failed.
"""

from __future__ import annotations

import importlib

import typer

COMMANDS: dict[str, str] = {
    # command       module that has a function of the same name (hyphens become underscores)
    "check": "standardsd.cli.check",
    "demo": "standardsd.cli.demo",
    "judge": "standardsd.cli.judge",
    "run": "standardsd.cli.run",
    "version": "standardsd.cli.version",
}
GROUPS: dict[str, str] = {
    # group         module that has a Typer called `app`
    "exporters": "standardsd.cli.exporters",
}


def build() -> typer.Typer:
    """The whole command line.  A module that cannot be imported is our own mistake and fails loudly."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="Judges service promises.",
    )
    for name, module in COMMANDS.items():
        app.command(name)(getattr(importlib.import_module(module), name.replace("-", "_")))
    for name, module in GROUPS.items():
        app.add_typer(importlib.import_module(module).app, name=name)
    return app


def main() -> None:
    build()()
