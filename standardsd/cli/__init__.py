"""The command line: one module a command, imported only when that command is called.

Exit codes: 0 fine, 1 findings, 2 bad input or usage, 3 the outside world failed.
"""

from __future__ import annotations

import importlib
import os
import sys
import zoneinfo
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS: dict[str, tuple[str, str]] = {
    # command: (module that has a function of the same name, what it does in one line)
    "check": ("standardsd.cli.check", "Find every mistake in rule and configuration files."),
    "demo": ("standardsd.cli.demo", "Show three hotels and a contact center, simulated."),
    "diff": (
        "standardsd.cli.diff",
        "Say what changed in meaning between rule files, and whether it is looser.",
    ),
    "explain": (
        "standardsd.cli.explain",
        "Say each standard in one sentence, with every default that applies.",
    ),
    "exporters": ("standardsd.cli.exporters", "List, show and try the definitions of outside systems."),
    "generate": ("standardsd.cli.generate", "Make files for other programs, such as a schema for editors."),
    "judge": ("standardsd.cli.judge", "Judge a file of readings and print the decisions."),
    "run": ("standardsd.cli.run", "Run the daemon."),
    "test": ("standardsd.cli.test", "Run the examples and scenarios of rule files."),
    "version": ("standardsd.cli.version", "Say on what the program stands."),
}
GROUPS = frozenset({"exporters", "generate"})
"""Commands that have commands of their own: their module has a Typer called ``app``."""


class Lazy(TyperGroup):
    """Knows every command by name; a module that cannot be imported is our own mistake and fails loudly."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        if cmd_name in GROUPS:
            return typer.main.get_command(module.app)
        app = typer.Typer(**_PLAIN)
        app.command(cmd_name)(getattr(module, cmd_name))
        return typer.main.get_command(app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """From the table alone: ``--help`` imports no command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])


_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
}


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(cls=Lazy, no_args_is_help=True, **_PLAIN)
    app.callback(help="Judges service promises.")(_before_any_command)
    return app


def _say_version(asked: bool) -> None:
    """``--version`` is what everybody tries first; it says what the command says."""
    if asked:
        importlib.import_module(COMMANDS["version"][0]).version()
        raise typer.Exit


def _before_any_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help=COMMANDS["version"][1])
    ] = False,
) -> None:
    """Nothing: options of the program itself are dealt with as they are read."""


def main() -> None:
    """Time zones come from the ``tzdata`` package alone: the machine's own copy may be older."""
    zoneinfo.reset_tzpath([])
    _refuse_strange_settings()
    build()(prog_name="standardsd")


def _refuse_strange_settings() -> None:
    """A mistyped ``STANDARDSD_*`` variable is an error for every command, not only for those that use one."""
    if not any(name.upper().startswith("STANDARDSD_") for name in os.environ):
        return  # nothing to look at, and nothing to import for it
    settings = importlib.import_module("standardsd.daemon.settings")
    try:
        settings.load_settings()
    except settings.SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
