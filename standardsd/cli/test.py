"""`standardsd test`: examples and scenarios, run by the same judge as everything else."""

from __future__ import annotations

import inspect
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from standardsd.cli.progress import Progress
from standardsd.cli.testing_files import Gathered
from standardsd.cli.testing_junit import junit as as_junit
from standardsd.cli.testing_run import Report, Rewrite, run
from standardsd.cli.testing_told import lines

EXAMPLES = """
A rule file: its examples, and the scenario NAME.scenario.txt beside it:

    standardsd test rules/hotel/front-desk.yaml

Every rule file and every scenario in a folder and below:

    standardsd test rules/

One shipped pack, or all of a trade:

    standardsd test shipped:hotel/front-desk
    standardsd test shipped:hotel

In a build: a report for it, and an outcome that nothing shows fails it:

    standardsd test rules/ --junit report.xml --fail-uncovered

With the sites of the configuration, for standards that go by clock: site:

    standardsd test --config standardsd.yaml

\b
Exit codes:
  0  everything comes out as its file says
  1  something does not, or (with --fail-uncovered) is not shown
  2  errors in the files, or wrong usage
"""


def test(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Rule files, folders, shipped:PACK, scenario files, or a configuration.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file: its rules are tested, with its sites.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report in JUnit's XML to this file.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write what is said into the scenarios; read the difference.")
    ] = False,
    fail_uncovered: Annotated[
        bool,
        typer.Option("--fail-uncovered", help="Exit 1 when some standard is not shown in every outcome."),
    ] = False,
) -> None:
    """Runs the examples of rule files, and scenario files, before the judge itself in virtual time.

    Then it tells which outcomes of each standard (met, breached, excluded; of numbers in limits,
    broken) some example or scenario has shown, and which none has.
    """
    if not paths and config is None:
        typer.echo("test: name rule files, a folder, or --config FILE (see standardsd test --help)", err=True)
        raise typer.Exit(2)
    begun = datetime.now(UTC)
    gathered = Gathered()
    if config is not None:
        gathered.configuration(config)
    for path in paths or ():
        gathered.path(path)
    with Progress() as progress:
        report = run(gathered, progress)
    for line in lines(report):
        typer.echo(line)
    code = _code(report, fail_uncovered=fail_uncovered)
    if update:
        code = _update(report, code, fail_uncovered=fail_uncovered)
    if junit is not None:
        code = _write(junit, as_junit(report, begun, coverage=fail_uncovered), code)
    raise typer.Exit(code)


test.__doc__ = f"{inspect.cleandoc(test.__doc__ or '')}\n{EXAMPLES}"


def _code(report: Report, *, fail_uncovered: bool) -> int:
    if report.errors:
        return 2
    uncovered = fail_uncovered and any(one.lacking for one in report.coverage.all())
    return 1 if report.failures or uncovered else 0


def _update(report: Report, code: int, *, fail_uncovered: bool) -> int:
    """Writes what is said into the scenarios, and says into which; an example is never rewritten.

    A file with errors stays as it is, and so do those that came with us.  The code is that of a run before it,
    unless all that did not hold has been rewritten: then it is 0.
    """
    for one in report.rewrites:
        if one.story.shipped:
            print(
                f"{one.story.shown}: not written, it came with standardsd\n"
                "  fix: copy the pack with its scenario, and test the copy",
                file=sys.stderr,
            )
            code = 2
            continue
        wrong = rewrite(one)
        if wrong is not None:
            print(wrong, file=sys.stderr)
            code = 2
            continue
        typer.echo(f"{one.story.shown}: rewritten; read the difference before you keep it")
    written = {one.story.shown for one in report.rewrites}
    left = [suite for suite in report.suites if suite.failures and suite.path not in written]
    if code == 1 and not left and not (fail_uncovered and any(one.lacking for one in report.coverage.all())):
        return 0
    if not report.rewrites:
        typer.echo("no scenario to rewrite")
    return code


def rewrite(one: Rewrite) -> str | None:
    """Keeps the line ends that the file has.  None: written; else why not."""
    path = one.story.path
    try:
        windows = b"\r\n" in path.read_bytes()
        text = one.text.replace("\n", "\r\n") if windows else one.text
        path.write_bytes(text.encode())
    except OSError as error:
        return f"{one.story.shown}: {error.strerror}\n  fix: let us write it, or leave --update out"
    return None


def _write(path: Path, text: bytes, code: int) -> int:
    try:
        path.write_bytes(text)
    except OSError as error:
        print(
            f"{path}: {error.strerror}\n  fix: name a file in a folder that can be written", file=sys.stderr
        )
        return 2
    return code
