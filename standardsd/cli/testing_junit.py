"""JUnit's XML of a run, as Jenkins, GitLab and GitHub's actions read it.

One ``testsuite`` a file, one ``testcase`` an example or passage of a scenario, with ``file`` and
``line``; what does not hold is a ``failure``, what could not be run an ``error``.  With
``--fail-uncovered`` there is one more, in which each standard is a testcase.  Characters that XML
cannot say are shown as U+FFFD.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import datetime

from standardsd.cli.testing_run import Case, Report, Suite

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOT_RUN = "could be read"
COVERAGE = "coverage"


def junit(report: Report, begun: datetime, *, coverage: bool) -> bytes:
    """The whole document.  ``begun``: when the run began; ``coverage``: an outcome that nothing shows is a failure."""
    suites = [*report.suites, *([_coverage(report)] if coverage else [])]
    root = ET.Element("testsuites", {"name": "standardsd test", **_counts(suites)})
    for suite in suites:
        root.append(_suite(suite, begun))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _coverage(report: Report) -> Suite:
    suite = Suite(COVERAGE, "standard")
    for one in report.coverage.all():
        lacking = ", ".join(outcome.replace("_", " ") for outcome in one.lacking)
        said = f"{one.path}: no example or scenario shows {one.standard.id} {lacking}" if lacking else ""
        suite.cases.append(Case(f"{one.standard.id} is shown in every outcome", 1, said))
    return suite


def _suite(suite: Suite, begun: datetime) -> ET.Element:
    at = begun.isoformat(timespec="seconds").partition("+")[0]
    element = ET.Element(
        "testsuite", {"name": _clean(suite.path), **_counts([suite]), "skipped": "0", "timestamp": at}
    )
    share = f"{suite.seconds / max(1, len(suite.cases)):.3f}"
    names: Counter[str] = Counter()
    for case in suite.cases:
        names[case.name] += 1
        element.append(_case(suite, case, names[case.name], share))
    if suite.errors:
        whole = ET.SubElement(element, "testcase", _named(suite, NOT_RUN, 1) | {"time": "0.000"})
        for said in suite.errors:
            what = ET.SubElement(whole, "error", {"message": _first(said), "type": "error"})
            what.text = _clean(said)
    return element


def _case(suite: Suite, case: Case, number: int, seconds: str) -> ET.Element:
    name = case.name if number == 1 else f"{case.name} ({number})"
    element = ET.Element("testcase", _named(suite, name, case.line) | {"time": seconds})
    if case.failure:
        said = {"message": _first(case.failure), "type": "failure"}
        ET.SubElement(element, "failure", said).text = _clean(case.failure)
    return element


def _named(suite: Suite, name: str, line: int) -> dict[str, str]:
    """``classname``: the file, as a name with dots, which is how consumers group."""
    group = re.sub(r"[^\w-]+", ".", suite.path.removesuffix(".yaml").removesuffix(".txt")).strip(".")
    return {
        "classname": group or "standardsd",
        "name": _clean(name),
        "file": _clean(suite.path),
        "line": str(line),
    }


def _counts(suites: list[Suite]) -> dict[str, str]:
    return {
        "tests": str(sum(len(suite.cases) + bool(suite.errors) for suite in suites)),
        "failures": str(sum(len(suite.failures) for suite in suites)),
        "errors": str(sum(bool(suite.errors) for suite in suites)),
        "time": f"{sum(suite.seconds for suite in suites):.3f}",
    }


def _first(said: str) -> str:
    return _clean(said.partition("\n")[0])


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
