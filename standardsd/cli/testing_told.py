"""What `standardsd test` prints: a line for each file, what does not hold, and what was shown of each standard."""

from __future__ import annotations

from collections.abc import Iterator

from standardsd.cli.testing_run import Report, Suite
from standardsd.language.problems import printable
from standardsd.language.scenarios_coverage import Covered
from standardsd.language.spoken import counted

COLUMNS = ("met", "breached", "excluded", "in limits", "broken")
KEYS = ("met", "breached", "excluded", "in_limits", "broken")
NOT_POSSIBLE, NOT_SHOWN = "", "-"


def lines(report: Report) -> Iterator[str]:
    """Everything, from the first file to the last line, which sums it up."""
    for suite in report.suites:
        yield from _suite(suite)
    yield from report.lints
    covered = report.coverage.all()
    if covered:
        yield ""
        yield from table(covered)
        yield ""
    yield summary(report, covered)


def _suite(suite: Suite) -> Iterator[str]:
    if suite.errors:
        yield from suite.errors
        if not suite.cases:
            return
    path = printable(suite.path)
    if not suite.cases:
        yield f"{path}: no {suite.what}s"
        return
    wrong = suite.failures
    if not wrong:
        verb = "holds" if len(suite.cases) == 1 else "hold"
        yield f"{path}: {counted(len(suite.cases), suite.what)} {verb}"
        return
    verb = "does" if len(wrong) == 1 else "do"
    yield f"{path}: {len(wrong)} of {counted(len(suite.cases), suite.what)} {verb} not hold"
    for case in wrong:
        yield from case.failure.split("\n")


def table(covered: list[Covered]) -> Iterator[str]:
    """One line a standard: how often each outcome was shown; "-" where it never was."""
    width = max(len("standard"), *(len(one.standard.id) for one in covered))
    path = None
    yield f"{'standard':{width}}  " + "  ".join(f"{name:>9}" for name in COLUMNS) + "  not shown"
    for one in covered:
        if one.path != path:
            path = one.path
            yield printable(path)
        cells = (_cell(one, key) for key in KEYS)
        lacking = ", ".join(outcome.replace("_", " ") for outcome in one.lacking)
        yield f"{one.standard.id:{width}}  {'  '.join(f'{cell:>9}' for cell in cells)}  {lacking}".rstrip()


def _cell(one: Covered, key: str) -> str:
    number = one.shown[key]
    return str(number) if number else NOT_SHOWN if key in one.lacking else NOT_POSSIBLE


def summary(report: Report, covered: list[Covered]) -> str:
    cases = sum(len(suite.cases) for suite in report.suites)
    said = [f"{counted(len(report.suites), 'file')}, {counted(cases, 'test')}"]
    said.append(f"{report.failures} {'does' if report.failures == 1 else 'do'} not hold")
    if report.errors:
        said.append(counted(report.errors, "error"))
    gaps = sum(1 for one in covered if one.lacking)
    if covered:
        said.append(f"{len(covered) - gaps} of {counted(len(covered), 'standard')} shown in every outcome")
    return ", ".join(said)
