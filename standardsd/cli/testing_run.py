"""Runs examples and scenarios, file by file, and keeps what came of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from standardsd.cli.testing_files import Gathered, Story
from standardsd.language.examples import Shown, show_examples
from standardsd.language.problems import Problem, errors, in_order
from standardsd.language.rules import Loaded
from standardsd.language.scenarios_coverage import Coverage, words_of
from standardsd.language.scenarios_run import Told, difference, run_story, understand, updated
from standardsd.model.standard import RuleBook


@dataclass(frozen=True)
class Case:
    """One example, or one passage of a scenario.  ``failure``: what did not come out, rendered; "" where all did."""

    name: str
    line: int
    failure: str = ""


@dataclass
class Suite:
    """One file.  ``errors``: why not all of it could be run, rendered; ``seconds``: that it took."""

    path: str
    what: str
    cases: list[Case] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failures(self) -> list[Case]:
        return [case for case in self.cases if case.failure]


@dataclass(frozen=True)
class Rewrite:
    """A scenario that comes out otherwise, and the text that would say so."""

    story: Story
    text: str


@dataclass
class Report:
    """Everything that came of one run."""

    suites: list[Suite] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    rewrites: list[Rewrite] = field(default_factory=list)
    lints: list[str] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(len(suite.errors) for suite in self.suites)

    @property
    def failures(self) -> int:
        return sum(len(suite.failures) for suite in self.suites)


def run(gathered: Gathered, progress: Callable[[str], None]) -> Report:
    """All of it; ``progress`` is told where it is, many times a second."""
    report = Report()
    progress("rule files")
    loaded = gathered.loaded()
    told: set[Problem] = set()
    if (loaded is not None and loaded.book is None) or gathered.problems:
        found = () if loaded is None else errors(loaded.problems)
        told.update([*found, *gathered.problems])
        _broken(report, [*found, *gathered.problems])
    if gathered.told:
        report.suites.append(Suite("what was named", "", errors=list(gathered.told)))
    if loaded is not None and loaded.sound is not None:
        report.coverage.take_up(loaded.sound)
        _examples(report, loaded.sound, loaded, list(gathered.rules.files), progress)
    for story in gathered.stories.values():
        begun = time.monotonic()
        suite = _scenario(report, gathered, story, told, progress)
        suite.seconds = time.monotonic() - begun
        report.suites.append(suite)
    return report


def _broken(report: Report, problems: list[Problem]) -> None:
    """What is wrong in rule files and configurations, file by file; sound standards show their examples all the same."""
    for problem in in_order(problems):
        if not report.suites or report.suites[-1].path != problem.path:
            report.suites.append(Suite(problem.path, ""))
        report.suites[-1].errors.append(problem.render())


# -- examples --------------------------------------------------------------------------------------


def _examples(
    report: Report, book: RuleBook, loaded: Loaded, paths: list[str], progress: Callable[[str], None]
) -> None:
    """A file with errors keeps its suite, and shows there what its sound standards came to."""
    suites = {suite.path: suite for suite in report.suites}
    for suite in suites.values():
        suite.what = "example"
    suites = {path: suites.get(path) or Suite(path, "example") for path in paths}
    begun = time.monotonic()
    for shown in show_examples(book, loaded.examples):
        progress(f"examples of {shown.standard.id}")
        suite = suites.setdefault(shown.place.source.path, Suite(shown.place.source.path, "example"))
        suite.cases.append(_case_of(shown))
        suite.seconds, begun = suite.seconds + time.monotonic() - begun, time.monotonic()
        report.coverage.show(book, shown.standard, shown.words)
    report.suites += (suite for suite in suites.values() if suite not in report.suites)


def _case_of(shown: Shown) -> Case:
    name = f"{shown.standard.id}: {shown.outcome} example {shown.number}"
    return Case(name, shown.place.line, "" if shown.finding is None else shown.finding.render())


# -- scenarios -------------------------------------------------------------------------------------


def _scenario(
    report: Report, gathered: Gathered, story: Story, told: set[Problem], progress: Callable[[str], None]
) -> Suite:
    """``told``: problems of rule files that were told already; one of many scenarios does not repeat them."""
    suite = Suite(story.shown, "passage")
    scenario, loaded, found = gathered.scenario(story)
    book = None if loaded is None else loaded.book
    sites = gathered.sites if scenario.head.sites is None else scenario.head.sites
    understood, problems = understand(scenario, book, sites or ())
    wrong = in_order([*found, *errors(problems)])
    new = [problem for problem in wrong if problem not in told]
    told.update(new)
    suite.errors = [problem.render() for problem in new]
    report.lints += [problem.render() for problem in problems if problem not in wrong]
    if wrong and not new:
        suite.errors = [f"{story.shown}: its rules are wrong, as told above\n  fix: mend them first"]
    if understood is None or book is None:
        return suite
    report.coverage.take_up(book, understood.shown)
    lines: list[Told] = []
    failures: dict[int, list[str]] = {}
    for line in run_story(understood):
        progress(f"{story.shown}:{line.line.row.heard.number}")
        lines.append(line)
        for identity, words in words_of(line.said).items():
            report.coverage.show(book, understood.standards[identity], words)
        if not line.holds:
            problem, body = difference(understood, line)
            failures.setdefault(line.line.row.passage, []).append(_rendered(problem, body))
    for number, passage in enumerate(scenario.passages):
        suite.cases.append(Case(passage.title, passage.line, "\n".join(failures.get(number, ()))))
    if failures:
        report.rewrites.append(Rewrite(story, updated(understood, lines)))
    return suite


def _rendered(problem: Problem, body: tuple[str, ...]) -> str:
    """The difference stands between the line and the fix."""
    said, mark, fix = problem.render().rpartition("\n  fix: ")
    return "\n".join([said, *(f"    {line}" for line in body)]) + mark + fix
