"""The stories beside the packs come out as they say; examples and stories show every outcome of every standard."""

from __future__ import annotations

import os

import pytest

from standardsd.language.example_lines import Outcome
from standardsd.model.decision import Verdict
from standardsd.model.measure import Carried
from standardsd.model.standard import Standard
from tests.packs.shelf import HOUSE, RULES, alone, packs
from tests.packs.stories import STORIES, as_told, book_of, pack_of, told


@pytest.mark.parametrize("story", STORIES)
def test_a_story_comes_out_as_it_says(story: str) -> None:
    """`UPDATE=1` rewrites what is indented; you read the difference."""
    path = RULES / story
    now = as_told(path, book_of(story))
    if os.environ.get("UPDATE"):
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now


def test_every_story_has_its_pack() -> None:
    assert {pack_of(story) for story in STORIES} <= set(HOUSE)


def cases() -> list[tuple[str, Standard]]:
    return [(pack.path, one) for pack in packs() for one in pack.standards if not one.is_number]


def test_every_standard_on_cases_is_shown_met_breached_and_excluded() -> None:
    """Met and breached by its examples; excluded by its pack's story.

    A value carried by an event is judged as it comes: nothing but a waiver could exclude it, and packs have none.
    """
    excluded = {
        line.standard
        for story in STORIES
        for _, lines in told(RULES / story, book_of(story))
        for line in lines
        if line.verdict is Verdict.EXCLUDED
    }
    for name, standard in cases():
        shown = {example.outcome for example in alone(name).examples[standard.id]}
        assert shown == set(Outcome), standard.id
        assert isinstance(standard.measure, Carried) or standard.id in excluded, (
            f"{standard.id} is never excluded"
        )
