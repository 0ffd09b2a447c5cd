"""What every test shares: one profile of property tests, and a budget of time for each suite.

A suite is a folder right under ``tests/`` (or "whole", for files that lie there themselves).  At
the end of a run the seconds of each are shown; a suite over its budget fails the run, so that
`./x test` stays something one does before every commit.  What takes longer belongs into ``bench/``.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent

# No deadline: on a shared machine the slowest example says more about the neighbours than about the
# code.  In CI the examples are the same each time, so that a red run can be repeated at one's desk.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, print_blob=True
)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# Seconds of test time, summed over all workers, that a suite may take: about four times what it takes on
# two processors that eight share.  All together are what two workers get through in twenty minutes.
SECONDS_MAX = {
    "asterisk": 150.0,
    "calendars": 60.0,
    "cli": 250.0,
    "core": 60.0,
    "daemon": 450.0,
    "drivers": 20.0,
    "editors": 60.0,
    "exporters": 20.0,
    "judge": 300.0,
    "language": 180.0,
    "mapping": 20.0,
    "metrics": 90.0,
    "notify": 120.0,
    "packs": 40.0,
    "proof": 40.0,
    "simulate": 90.0,
    "store": 90.0,
    "web": 240.0,
    "whole": 120.0,
}
SECONDS_MAX_OTHERS = 60.0  # a suite that is not in the table yet

spent: defaultdict[str, float] = defaultdict(float)


def suite_of(nodeid: str) -> str:
    """The folder right under ``tests/`` that a test lies in, or "whole"."""
    parts = nodeid.split("::", 1)[0].split("/")
    return parts[1] if len(parts) > 2 else "whole"


def over_budget(seconds: dict[str, float]) -> list[str]:
    """One sentence for each suite that took more than it may; exactly its budget is still fine."""
    sentences = []
    for suite, took in sorted(seconds.items()):
        may = SECONDS_MAX.get(suite, SECONDS_MAX_OTHERS)
        if took > may:
            advice = "make it quicker, or move what is long into bench/"
            sentences.append(f"{suite} took {took:.0f} s of test time and may take {may:.0f} s: {advice}")
    return sentences


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # With xdist the workers' reports arrive at the controller too; only the controller judges the sums.
    spent[suite_of(report.nodeid)] += report.duration


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if not _is_worker(session.config) and over_budget(spent) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not spent:
        return
    shown = "  ".join(
        f"{suite} {took:.0f} s" for suite, took in sorted(spent.items(), key=lambda pair: -pair[1])
    )
    terminalreporter.section("test time by suite", sep="-")
    terminalreporter.line(shown)
    for sentence in over_budget(spent):
        terminalreporter.line(f"OVER BUDGET: {sentence}", red=True)
