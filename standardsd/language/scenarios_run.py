"""Scenarios before the judge: the same one as the daemon's, in virtual time.

Each line at the margin is one batch, heard at its instant on the wall clock; then the clock
stands at that instant until the next line.  Nothing is heard that no line says, not even a
watermark.  What an example shows as it is when it holds, a scenario shows as it is: dates, waivers,
shadow and settling included.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from standardsd.core.judge import Judge
from standardsd.language.problems import Problem, capped, errors, in_order
from standardsd.language.scenarios import Row, Scenario
from standardsd.language.scenarios_expected import TELLS, Expected, Expecting, differences
from standardsd.language.scenarios_lines import Heard, Hearing
from standardsd.language.scenarios_said import Said, line_of, sort_of
from standardsd.language.words import write_one_of
from standardsd.model.config import Site
from standardsd.model.decision import Refused, SourceSpoken
from standardsd.model.measure import Sampled
from standardsd.model.standard import RuleBook, Standard

INDENT = "    "


@dataclass(frozen=True)
class Line:
    """A line that is heard, and what is expected of it."""

    row: Row
    heard: Heard
    expected: tuple[Expected, ...]


@dataclass(frozen=True)
class Story:
    """A scenario with its rules, every line understood."""

    scenario: Scenario
    book: RuleBook
    sites: tuple[Site, ...]
    lines: tuple[Line, ...]
    shown: frozenset[str]
    standards: dict[str, Standard] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """One line, what was told of it, and the difference.

    ``overdue``: promises past due that wait for a watermark, where that may be why something is missing.
    """

    line: Line
    said: tuple[Said, ...]
    missing: tuple[Expected, ...]
    extra: tuple[Said, ...]
    overdue: int = 0

    @property
    def holds(self) -> bool:
        return not self.missing and not self.extra


def understand(
    scenario: Scenario, book: RuleBook | None, sites: Sequence[Site] = ()
) -> tuple[Story | None, list[Problem]]:
    """The story, unless something is wrong in the file, and everything that is; lints stop nothing.

    ``book`` None: its rules could not be loaded, and the lines are still looked at.
    ``sites``: those that it happens at; figures of each exist from the start, as in the daemon.
    """
    problems = list(scenario.problems)
    head = scenario.head
    ids = None if book is None else frozenset(standard.id for standard in book.standards)
    shown = None if ids is None else _shown(scenario, ids, problems)
    if book is not None:
        problems += head.check_yields(book.vocabulary)
    samples = None if book is None else frozenset(_samples(book))
    hearing = Hearing(scenario, None if book is None else book.vocabulary, samples, problems)
    expecting = Expecting(scenario, hearing, ids, shown if head.only else None, problems)
    lines = []
    for row in scenario.rows:
        heard = hearing.row(row)
        expected = [expecting.read(below) for below in row.below]
        if heard is not None:
            lines.append(Line(row, heard, tuple(one for one in expected if one is not None)))
    if not scenario.rows and not errors(problems):
        fix = "write what is heard, such as 09:00:00 visit.arrived V1"
        problems.append(scenario.place(1).problem("a scenario in which nothing is heard", fix))
    told = capped(in_order(problems))
    if errors(problems) or book is None or shown is None:
        return None, told
    standards = {standard.id: standard for standard in book.standards}
    return Story(scenario, book, tuple(sites), tuple(lines), shown, standards), told


def _shown(scenario: Scenario, ids: frozenset[str], problems: list[Problem]) -> frozenset[str]:
    """The standards of which it is told: those that ``only`` names, or all."""
    if not scenario.head.only:
        return ids
    found: set[str] = set()
    for glob in scenario.head.only:
        matched = fnmatch.filter(ids, glob.text)
        if not matched:
            said = f"there is no standard '{glob.text}' here"
            problems.append(glob.place.problem(said, write_one_of(glob.text, ids)))
        found.update(matched)
    return frozenset(found)


def _samples(book: RuleBook) -> Iterator[str]:
    for standard in book.standards:
        if isinstance(standard.measure, Sampled):
            yield standard.measure.name


def run_story(story: Story) -> Iterator[Told]:
    """Line by line what is told, up to the last one."""
    head = story.scenario.head
    settings = replace(head.settings, sites=tuple(site.name for site in story.sites))
    judge = Judge(story.book, head.sources, settings)
    for line in story.lines:
        now = line.heard.at
        decisions: list[Said] = [*judge.receive(line.heard.readings, now), *judge.tick(now)]
        said = tuple(one for one in decisions if _is_told(one, story))
        missing, extra = differences(line.expected, said)
        waits = missing and not extra
        overdue = sum(group.overdue for group in judge.snapshot().groups) if waits else 0
        yield Told(line, said, tuple(missing), tuple(extra), overdue)


def _is_told(said: Said, story: Story) -> bool:
    tell = TELLS[sort_of(said)]
    if tell is not None and tell not in story.scenario.head.tell:
        return False
    return isinstance(said, SourceSpoken | Refused) or said.standard in story.shown


def difference(story: Story, told: Told) -> tuple[Problem, tuple[str, ...]]:
    """The line that does not come out as expected, and below it line by line: - expected, + said."""
    scenario, line = story.scenario, told.line
    missed = {one.number for one in told.missing}
    body = [f"{'-' if one.number in missed else ' '} {one.text}" for one in line.expected]
    body += [f"+ {_written(one, story, told)}" for one in told.extra]
    fix = "change the scenario or the rules, or let --update write what is said"
    if told.overdue:
        promises = "a promise is" if told.overdue == 1 else f"{told.overdue} promises are"
        fix = (
            f"{promises} past due, and a breach is spoken when everything up to then has been heard: "
            f"add a line {story.scenario.head.zone.local(line.heard.at):%H:%M:%S}  watermark"
        )
    place = scenario.place(line.row.heard.number)
    return place.problem("what is said is not what this scenario expects", fix), tuple(body)


def updated(story: Story, told: Sequence[Told]) -> str:
    """The file with what is said in the place of what was expected and is not said; all else stays as it is."""
    lines = list(story.scenario.source.lines)
    dropped: set[int] = set()
    added: dict[int, list[str]] = {}
    for one in told:
        if one.holds:
            continue
        dropped.update(missing.number for missing in one.missing)
        last = max([one.line.row.heard.number, *(below.number for below in one.line.row.below)])
        added[last] = [INDENT + _written(extra, story, one) for extra in one.extra]
    text: list[str] = []
    for number, line in enumerate(lines, 1):
        if number not in dropped:
            text.append(line)
        text += added.get(number, [])
    return "\n".join(text)


def _written(said: Said, story: Story, told: Told) -> str:
    return line_of(said, told.line.heard.day, story.scenario.head.zone, story.standards)
