"""The sentence: every construct said exactly, every difference of meaning said, every spelling said alike.

``UPDATE=1 pytest`` rewrites ``explained.txt``; you read the diff.
"""

from __future__ import annotations

import os
import textwrap
from dataclasses import replace as with_kinds
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from standardsd.language.checks import CLASSES, IDLE
from standardsd.language.explain import sentence
from standardsd.language.meaning import meaning_hash
from standardsd.language.speech import ENGLISH, Words
from standardsd.model.clock import Always
from standardsd.model.measure import FromTo, Score, Statistic, TimeIn
from standardsd.model.objective import Condition
from standardsd.model.promise import Between, Grid, Limits, OpenDays, Promise, Simple
from standardsd.model.standard import Standard
from standardsd.model.vocabulary import VOCABULARY
from tests.language.explained import CONSTRUCTS, FIGURES, loaded
from tests.language.test_meaning import ALIKE, OTHERWISE
from tests.language.written import HEAD, file, load, only, standard
from tests.language.yaml_of import standards

GOLDEN = Path(__file__).with_name("explained.txt")


def told(words: Words = ENGLISH) -> dict[str, str]:
    found, kinds = loaded({**CONSTRUCTS, **FIGURES})
    return {name: sentence(one, with_kinds(words, kinds=kinds)) for name, one in found.items()}


def written(sentences: dict[str, str]) -> str:
    paragraphs = (
        f"{name}\n{textwrap.fill(said, 110, initial_indent='    ', subsequent_indent='    ', break_on_hyphens=False)}\n"
        for name, said in sentences.items()
    )
    return "\n".join(paragraphs)


def test_every_construct_of_the_language_is_said_in_these_words() -> None:
    said = written(told())
    if os.environ.get("UPDATE"):
        GOLDEN.write_text(said)
    assert said == GOLDEN.read_text()


def test_no_two_constructs_are_said_in_the_same_words() -> None:
    said = told()
    assert len(set(said.values())) == len(said)


@pytest.mark.parametrize("name", [*CONSTRUCTS, *FIGURES])
def test_it_is_one_sentence_without_a_gap(name: str) -> None:
    said = told_once()[name]
    assert said[0].isupper() and said.endswith(".") and said.count(". ") == 0
    assert not any(wrong in said for wrong in ("{", "}", "  ", " ,", " ;", "None", "()", "“”"))


_told: dict[str, str] = {}


def told_once() -> dict[str, str]:
    if not _told:
        _told.update(told())
    return _told


# --- same meaning, same sentence ---------------------------------------------------------------


def said_of(keys: dict[str, str]) -> str:
    return sentence(only(load(file(standard(**keys), head=HEAD))), ENGLISH)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_another_spelling_is_said_alike(one: dict[str, str], other: dict[str, str]) -> None:
    assert said_of(one) == said_of(other)


@pytest.mark.parametrize(("one", "other"), OTHERWISE)
def test_another_meaning_is_said_otherwise(one: dict[str, str], other: dict[str, str]) -> None:
    assert said_of(one) != said_of(other)


# --- another meaning, another sentence ----------------------------------------------------------

few = settings(max_examples=25)
"""Drawing a whole standard is slow, and the suite has its minute."""

SOLE = ("where", "by", "objective", "severity", "settle", "effective", "shadow", "waivers", "unless",
        "if_left", "if_diverted", "if_done", "ignore_if_left_within", "pause_while", "reopen")  # fmt: skip
"""Keys that can be changed alone."""


def meaning(one: Standard) -> str:
    return meaning_hash(one.set, [replace(one, zones=CLOCK_ZONES)], VOCABULARY, {})


CLOCK_ZONES = Standard(id="", title="", of="", measure=Score(), promise=Limits(), rules="", set="").zones


def can_matter(key: str, one: Standard) -> bool:
    """Whether a key can change a verdict, figure or alert of such a standard: told from the lints of the language."""
    measure = one.measure
    inside = measure.of if isinstance(measure, Statistic) else measure
    kind = VOCABULARY.get(one.of)
    if key in IDLE and (type(inside) in IDLE[key] or (one.is_number and not isinstance(measure, Statistic))):
        return key == "pause_while" and isinstance(inside, TimeIn)
    if isinstance(measure, Statistic) and key in (*CLASSES, "settle"):
        return False  # only what was completed has a value, and a number has no verdicts
    if key in CLASSES:
        assert kind is not None and isinstance(inside, FromTo)
        return any(
            ending is CLASSES[key] and event not in inside.end for event, ending in kind.endings.items()
        )
    if key == "reopen":
        return (
            kind is not None and kind.reopening is not None and isinstance(inside, FromTo)
            and not inside.each and inside.start != ("due",)
        )  # fmt: skip
    return not (key == "waivers" and one.is_number)


def counts(one: Standard) -> Standard:
    """Without what says nothing for a number: how many verdicts it takes."""
    objective = one.objective
    if objective is None or not one.is_number:
        return one
    return replace(one, objective=replace(objective, min_count=1))


@few
@given(one=standards(), other=standards(), key=st.sampled_from(SOLE))
def test_a_key_that_matters_changes_the_sentence(one: Standard, other: Standard, key: str) -> None:
    assume(can_matter(key, one))
    changed = replace(one, **{key: getattr(other, key)})
    assume(meaning(counts(one)) != meaning(counts(changed)))
    assert sentence(one, ENGLISH) != sentence(changed, ENGLISH)


@few
@given(one=standards(), other=standards(), key=st.sampled_from(SOLE))
def test_a_key_that_cannot_matter_is_not_named(one: Standard, other: Standard, key: str) -> None:
    assume(not can_matter(key, one))
    assert sentence(one, ENGLISH) == sentence(replace(one, **{key: getattr(other, key)}), ENGLISH)


@few
@given(one=standards(), other=standards())
def test_what_is_measured_and_by_which_clock_is_always_said(one: Standard, other: Standard) -> None:
    changed = replace(one, of=other.of, measure=other.measure, promise=other.promise)
    assume(meaning(one) != meaning(changed))
    assert sentence(one, ENGLISH) != sentence(changed, ENGLISH)
    clocked = replace(one, clock=other.clock, zones=other.zones)
    assume(meaning(one) != meaning(clocked))
    assert sentence(one, ENGLISH) != sentence(clocked, ENGLISH)


MICRO = timedelta(microseconds=1)


def near(promise: Simple) -> Simple:
    """A promise that is hardly another one."""
    match promise:
        case Promise(limit=limit):
            return replace(promise, limit=limit + MICRO)
        case OpenDays(days=days):
            return replace(promise, days=days + 1)
        case Between(highest=highest):
            return replace(promise, highest=highest + MICRO)
        case Limits(lowest=lowest, highest=highest):
            if highest is not None:
                return replace(promise, highest=highest + 1 / 1024)
            assert lowest is not None
            return replace(promise, lowest=lowest - 1 / 1024)
        case _:
            return replace(promise, wall=promise.wall.replace(second=(promise.wall.second + 1) % 60))


@few
@given(one=standards())
def test_the_smallest_difference_of_a_limit_is_said(one: Standard) -> None:
    """A microsecond more is another promise, and no rounding hides it; in a grid, of any row."""
    promise = one.promise
    if isinstance(promise, Grid):
        first = next(iter(promise.rows))
        changed: object = replace(promise, rows={**promise.rows, first: near(promise.rows[first])})
    else:
        changed = near(promise)
    assert sentence(one, ENGLISH) != sentence(replace(one, promise=changed), ENGLISH)


@few
@given(one=standards(), other=standards())
def test_every_part_of_an_alert_that_matters_is_said(one: Standard, other: Standard) -> None:
    """``keep_firing_for`` is about breaches, the warnings about what waits, ``for`` about what is told at all."""
    timed = isinstance(one.measure, FromTo | TimeIn)
    alert, new = one.alert, other.alert
    for key, matters in (
        ("hold_for", bool(alert.on)),
        ("keep_firing_for", Condition.BREACH in alert.on),
        ("warn_at", timed),
        ("warn_before", timed),
    ):
        changed = replace(one, alert=replace(alert, **{key: getattr(new, key)}))
        if getattr(alert, key) != getattr(new, key):
            assert (sentence(one, ENGLISH) != sentence(changed, ENGLISH)) is matters, key
    if one.is_number == other.is_number and alert.on != new.on:
        assert sentence(one, ENGLISH) != sentence(replace(one, alert=replace(alert, on=new.on)), ENGLISH)


def test_on_the_clock_of_a_calendar_nothing_is_said_in_days() -> None:
    """People mean different things by a day of a clock that stands still at night."""
    one = loaded(CONSTRUCTS)[0]["the clock of a calendar"]
    assert "within 30 hours;" in sentence(one, ENGLISH)
    assert "within 1 day, 6 hours;" in sentence(replace(one, clock=Always()), ENGLISH)
