"""Examples and stories of the packs come out as they say, and together show every outcome of every standard.

`standardsd test rules --update` rewrites what is indented in the stories; you read the difference.
"""

from __future__ import annotations

from functools import cache

import pytest

from standardsd.cli.testing_files import Gathered
from standardsd.cli.testing_run import Report, Suite, run
from standardsd.language.scenarios import SUFFIX, beside
from standardsd.language.scenarios_coverage import outcomes
from standardsd.model.decision import EpisodeState, Verdict
from standardsd.model.measure import Carried
from tests.packs.shelf import NAMES, RULES, alone

STORIES = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob(f"*{SUFFIX}"))


@cache
def report() -> Report:
    """What `standardsd test rules` does, the demo's pack included."""
    gathered = Gathered()
    gathered.path(str(RULES))
    return run(gathered, progress=lambda _: None)


def suite(name: str) -> Suite:
    (found,) = [one for one in report().suites if one.path == f"{RULES}/{name}"]
    return found


@pytest.mark.parametrize("name", [*NAMES, *STORIES])
def test_examples_and_stories_come_out_as_they_say(name: str) -> None:
    one = suite(name)
    assert one.errors == []
    assert [case.failure for case in one.failures] == []
    assert one.cases, "nothing is shown in it"


@pytest.mark.parametrize("name", [name for name in STORIES if beside(name) in NAMES])
def test_a_story_beside_its_pack_is_of_that_pack(name: str) -> None:
    """It needs no other rules, so that whoever copies a pack copies its story with it."""
    book = alone(beside(name)).book
    assert book is not None
    ids = {standard.id for standard in book.standards}
    written = (RULES / name).read_text(encoding="utf-8").split()
    assert ids & set(written)


def test_every_standard_is_shown_in_every_outcome() -> None:
    """Cases met, breached and excluded; numbers in limits and broken."""
    covered = report().coverage.all()
    assert len(covered) == sum(len(book.standards) for name in NAMES if (book := alone(name).book))
    assert [(one.standard.id, one.lacking) for one in covered if one.lacking] == []


def test_what_there_is_to_be_shown() -> None:
    """A value carried by an event is judged as it comes: only a waiver could exclude it, and packs have none."""
    for one in report().coverage.all():
        if one.standard.is_number:
            assert outcomes(one.standard) == (EpisodeState.IN_LIMITS, EpisodeState.BROKEN)
        elif isinstance(one.standard.measure, Carried):
            assert outcomes(one.standard) == (Verdict.MET, Verdict.BREACHED)
        else:
            assert outcomes(one.standard) == (Verdict.MET, Verdict.BREACHED, Verdict.EXCLUDED)
