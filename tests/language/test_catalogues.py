"""The catalogues: nothing untranslated, nothing stale, every placeholder where it belongs, every language whole.

``UPDATE=1 pytest`` brings the catalogues up to date with the texts of the source; new texts are left empty.
"""

from __future__ import annotations

import io
import os
import re
import string
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo

from standardsd import locale
from standardsd.language.explain import sentence
from standardsd.language.rules import load_rules
from standardsd.language.speech import AWAITING, ENGLISH, LANGUAGES, Words
from standardsd.model.standard import RuleBook
from standardsd.model.vocabulary import VOCABULARY
from tests.language.catalogues import Key, catalogue_of, keys_of, placeholders, rewrite, texts
from tests.language.explained import CONSTRUCTS, FIGURES, loaded

ROOT = Path(__file__).parent.parent.parent
OTHERS = tuple(language for language in LANGUAGES if language != "en")
PLURALS = {"tr": 1, "ro": 3, "hu": 1}
"""Forms of the CLDR that gettext tells apart: after a number Turkish and Hungarian nouns stay as they are."""

by_language = pytest.mark.parametrize("language", OTHERS)


@by_language
def test_a_catalogue_holds_every_text_of_the_source_and_no_other(language: str) -> None:
    if os.environ.get("UPDATE"):
        rewrite(language)
    held = keys_of(catalogue_of(language))
    missing, stale = [key for key in texts() if key not in held], set(held) - set(texts())
    assert not missing, f"run UPDATE=1 pytest {Path(__file__).name}, then translate: {missing}"
    assert not stale, f"run UPDATE=1 pytest {Path(__file__).name}: {stale}"


def forms(language: str) -> dict[Key, tuple[str, ...]]:
    """Every translation as its forms; one without a plural has one."""
    found = {}
    for key, message in keys_of(catalogue_of(language)).items():
        said = message.string if isinstance(message.string, tuple | list) else (message.string,)
        found[key] = tuple(text or "" for text in said if not isinstance(text, list))
    return found


@by_language
def test_every_text_is_translated_with_its_placeholders(language: str) -> None:
    for key, said in forms(language).items():
        _, one, many = key
        assert all(text.strip() for text in said), f"{key} is not translated"
        assert len(said) == (1 if many is None else PLURALS[language]), key
        for text in said:
            assert placeholders(text) in (placeholders(one), placeholders(many or one)), f"{key}: {text}"
            assert "{" not in string.Formatter().vformat(text, (), Filled()), text


class Filled(dict[str, str]):
    """Any placeholder has a value."""

    def __missing__(self, key: str) -> str:
        return "x"


@by_language
def test_a_text_begins_and_ends_as_the_english_one_does(language: str) -> None:
    """A clause stays a clause, a sentence a sentence: they are put together around others."""
    for (context, one, _), said in forms(language).items():
        for text in said:
            assert text == text.strip() or one != one.strip(), text
            assert (text[-1] == ".") == (one[-1] == ".") or context or not one[0].isupper(), (one, text)


@by_language
def test_the_catalogue_and_the_code_agree_on_who_has_read_it(language: str) -> None:
    header = locale.path_of(language).read_text().partition("msgid")[0]
    assert ("AWAITING A NATIVE READER" in header) is (language in AWAITING)
    assert locale.words(language).awaits_reader is (language in AWAITING)
    assert "Plural-Forms: nplurals=" + str(PLURALS[language]) in locale.path_of(language).read_text()


@by_language
def test_a_catalogue_compiles_whole(language: str) -> None:
    """None of its entries is marked fuzzy, which a compiler leaves out."""
    catalogue = catalogue_of(language)
    assert not [message.id for message in catalogue if message.fuzzy and message.id]
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert compiled.tell() > 10_000


def test_english_needs_no_catalogue() -> None:
    assert not locale.path_of("en").exists()
    assert locale.words("en").say("no data") == "no data"


# --- the sentence in every language ---------------------------------------------------------------


@cache
def shipped() -> RuleBook:
    files = [(path.name, path.read_bytes()) for path in sorted((ROOT / "rules").rglob("*.yaml"))]
    book = load_rules(files).book
    assert book is not None
    return book


def assert_whole(said: str) -> None:
    """One sentence, with nothing left open; names of labels may have an underscore."""
    assert said[0] == said[0].upper() and said.endswith("."), said
    assert not re.search(r"[{}]|  | [,;.]|None|\(\)|“”|„”|duration-", said), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_standard_is_said_in_every_language(language: str) -> None:
    words = locale.words(language, shipped().vocabulary)
    for one in shipped().standards:
        said = sentence(one, words)
        assert len(said) > 150
        assert_whole(re.sub(r"[“„][^”]*”", "“x”", said))


@by_language
def test_no_two_constructs_are_said_alike_in_another_language(language: str) -> None:
    """A translation that says two things in the same words would let an auditor sign the wrong one."""
    found, kinds = loaded({**CONSTRUCTS, **FIGURES})
    words = locale.words(language, kinds)
    said = {name: sentence(one, words) for name, one in found.items()}
    assert len(set(said.values())) == len(said)
    english = replace(ENGLISH, kinds=kinds)
    same = [name for name, one in found.items() if sentence(one, english) == said[name]]
    assert not same


@by_language
@pytest.mark.parametrize("context", ["event", "state", "kind"])
def test_words_of_the_vocabulary_stay_apart_in_translation(language: str, context: str) -> None:
    words = locale.words(language)
    for kind in VOCABULARY.values():
        names = {"event": kind.all_events(), "state": tuple(kind.states), "kind": tuple(VOCABULARY)}[context]
        said = [words.catalogue.pgettext(context, name) for name in names]
        assert len(set(said)) == len(said), f"{kind.name}: {sorted(said)}"


def test_a_name_of_the_house_stays_as_it_is() -> None:
    for language in LANGUAGES:
        words = locale.words(language)
        assert words.event("lost_key") == words.quoted("lost key")
        assert words.kind("locker") == "locker"


# --- figures --------------------------------------------------------------------------------------

LENGTHS = {
    # what          en, tr, ro, hu
    timedelta(days=30): ("30 days", "30 gün", "30 de zile", "30 nap"),
    timedelta(days=1): ("1 day", "1 gün", "1 zi", "1 nap"),
    timedelta(minutes=90): ("1 hour, 30 minutes", "1 saat 30 dakika", "1 oră și 30 de minute", "1 óra és 30 perc"),
    timedelta(seconds=9.9): ("9.9 seconds", "9,9 saniye", "9,9 secunde", "9,9 másodperc"),
    timedelta(milliseconds=50): ("50 milliseconds", "50 milisaniye", "50 de milisecunde", "50 ezredmásodperc"),
    timedelta(microseconds=1): ("1 microsecond", "1 mikrosaniye", "1 microsecundă", "1 mikroszekundum"),
    timedelta(0): ("0 seconds", "0 saniye", "0 secunde", "0 másodperc"),
    timedelta(seconds=34.567891): ("34.567891 seconds", "34,567891 saniye", "34,567891 secunde",
                                   "34,567891 másodperc"),
}  # fmt: skip
SHARES = {
    0.95: ("95%", "%95", "95 %", "95%"),
    0.954: ("95.4%", "%95,4", "95,4 %", "95,4%"),
    0.999999: ("99.9999%", "%99,9999", "99,9999 %", "99,9999%"),
    1.0: ("100%", "%100", "100 %", "100%"),
}
DAYS = ("1 March 2026", "1 Mart 2026", "1 martie 2026", "2026. március 1.")


@pytest.mark.parametrize(("number", "language"), list(enumerate(LANGUAGES)))
def test_lengths_shares_and_days_are_written_as_the_language_does(number: int, language: str) -> None:
    words = locale.words(language)
    for span, said in LENGTHS.items():
        assert plain(words.length(span)) == said[number]
    for share, written in SHARES.items():
        assert plain(words.share(share)) == written[number]
    assert words.day(date(2026, 3, 1)) == DAYS[number]


def plain(text: str) -> str:
    """With ordinary spaces in the place of those that do not break."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 caz"),
        (2, "2 cazuri"),
        (19, "19 cazuri"),
        (20, "20 de cazuri"),
        (101, "101 cazuri"),
        (120, "120 de cazuri"),
    ],
)
def test_romanian_has_three_plurals(count: int, said: str) -> None:
    assert locale.words("ro").count("{count} case", "{count} cases", count) == said


def test_a_turkish_sentence_begins_with_a_dotted_capital() -> None:
    assert Words("tr").capital("ilk") == "İlk"
    assert Words("hu").capital("idő") == "Idő"
