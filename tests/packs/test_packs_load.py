"""Every shipped pack loads without a word, alone and beside all others, and its examples come out as it says."""

from __future__ import annotations

import re

import pytest

from standardsd.language.examples import Outcome, run_examples
from standardsd.language.problems import render
from standardsd.model.standard import Standard
from tests.packs.shelf import HOUSE, NAMES, RULES, alone, packs, together

PACKS_ASKED_FOR = {
    "hotel/arrival.yaml", "hotel/phones.yaml", "hotel/housekeeping.yaml", "hotel/requests.yaml",
    "hotel/food-and-drink.yaml", "hotel/wake-up-calls.yaml", "hotel/luggage.yaml", "hotel/maintenance.yaml",
    "hotel/departure.yaml", "hotel/public-areas.yaml", "hotel/front-desk.yaml",
    "contact-center/phones.yaml", "contact-center/chat.yaml", "contact-center/mail.yaml",
    "contact-center/social.yaml", "service-desk/tickets.yaml", "complaints/complaints.yaml",
    "complaints/warranty.yaml", "restaurant/service.yaml", "restaurant/bar.yaml", "retail/checkout.yaml",
    "retail/stock.yaml", "public-counter/counter.yaml", "healthcare/reception.yaml", "feedback/surveys.yaml",
    "feedback/gaps.yaml", "facilities/rounds.yaml", "facilities/kitchens.yaml", "training/training.yaml",
    "deliveries/deliveries.yaml",
}  # fmt: skip


def standards() -> list[Standard]:
    return [standard for pack in packs() for standard in pack.standards]


def test_every_pack_that_was_asked_for_is_there() -> None:
    assert set(NAMES) >= PACKS_ASKED_FOR


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_loads_alone_without_a_word_and_its_examples_hold(name: str) -> None:
    loaded = alone(name)
    assert loaded.problems == (), render(loaded.problems)
    assert loaded.book is not None
    assert loaded.book.standards, "a pack without a standard"
    found = run_examples(loaded.book, loaded.examples)
    assert found == [], render(found)


def test_all_packs_run_side_by_side_without_a_word() -> None:
    """Ids are unique, the kinds that packs add fit together, and no example depends on what else runs."""
    loaded = together()
    assert loaded.problems == (), render(loaded.problems)
    assert loaded.book is not None
    found = run_examples(loaded.book, loaded.examples)
    assert found == [], render(found)


def test_every_standard_has_both_examples() -> None:
    loaded = together()
    assert loaded.book is not None
    for standard in loaded.book.standards:
        shown = {example.outcome for example in loaded.examples[standard.id]}
        assert shown == set(Outcome), standard.id


def test_every_standard_says_why_and_for_what() -> None:
    for standard in standards():
        because = standard.because
        assert because.clause and because.edition == "2026", standard.id
        assert (because.figure is None) != (because.source is None), (
            f"{standard.id}: a figure, or a house rule"
        )
        assert because.source in (None, "house rule"), standard.id
        assert standard.dimension is not None, standard.id
        assert standard.owner, standard.id


def test_a_promise_on_cases_says_how_often_it_must_be_kept() -> None:
    for standard in standards():
        assert standard.is_number or standard.objective is not None, standard.id


def test_titles_are_sentences_and_no_two_are_alike() -> None:
    titles = [standard.title for standard in standards()]
    assert len(set(titles)) == len(titles)
    for title in titles:
        assert title[0].isupper() and not title.endswith(".") and len(title.split()) >= 4, title


def test_nothing_that_names_a_person_is_a_label_of_figures() -> None:
    for standard in standards():
        assert not {"guest", "name", "caller", "phone", "mail", "agent"} & set(standard.by), standard.id


# Written in halves, so that this file is not what it forbids.
BRANDS = [
    "for" + "bes", "mar" + "riott", "hil" + "ton", "hy" + "att", "ritz", "four sea" + "sons", "moo.com", "krog" + "er",
    "app" + "le", "south" + "west", "north" + "western", "zen" + "desk", "goo" + "gle", "twit" + "ter", "face" + "book",
    "whats" + "app", "serv" + "qual plus", "trust" + "you", "question" + "pro", "hub" + "spot", "lq" + "a", "nh" + "s",
    "aster" + "isk", "nex" + "tiva", "art'o" + "tel", "bai" + "n", "world" + "hotels", "mc" + "donald", "ama" + "zon",
    "deak" + "in", "xe" + "rox", "trip" + "advisor", "book" + "ing.com", "insta" + "gram",
]  # fmt: skip


@pytest.mark.parametrize("path", sorted(p.relative_to(RULES).as_posix() for p in RULES.rglob("*.*")))
def test_no_file_of_the_packs_names_a_brand(path: str) -> None:
    text = (RULES / path).read_text(encoding="utf-8").lower()
    for brand in BRANDS:
        assert not re.search(rf"\b{re.escape(brand)}\b", text), f"{path} names {brand}"


def test_the_packs_of_a_house_leave_the_demo_out() -> None:
    assert set(NAMES) - set(HOUSE) == {"demo/numbers.yaml", "demo/written.yaml"}
