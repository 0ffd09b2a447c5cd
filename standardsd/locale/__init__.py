"""The message catalogues: one ``.po`` file a language, made of the English texts in the code.

A catalogue is compiled when it is read, in memory, so nothing compiled lies about that could be
older than its source, and a house can mend a word with any editor.  Touches files: for
``daemon`` and ``cli`` only; everything else is given ``Words``.
"""

from __future__ import annotations

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from standardsd.language.speech import LANGUAGES, Words
from standardsd.model.vocabulary import Vocabulary

FOLDER = Path(__file__).resolve().parent


def words(language: str, kinds: Vocabulary | None = None) -> Words:
    """To speak in one of ``LANGUAGES``; ``kinds``: the vocabulary of the house, None: the shipped one."""
    assert language in LANGUAGES, f"there is no catalogue for {language!r}"
    return Words(language, _catalogue(language), kinds)


def path_of(language: str) -> Path:
    """The catalogue of a language; English has none."""
    return FOLDER / f"{language}.po"


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    with path_of(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
