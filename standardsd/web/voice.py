"""In which language pages speak, and what is said of each standard.

Templates hold the English texts; ``say`` and ``count`` put them into the language of the house,
with their values escaped.  The language may change with a reload, so it is asked for at each look.
"""

from __future__ import annotations

from markupsafe import Markup, escape
from msgspec import Struct

from standardsd.language.explain import sentence
from standardsd.language.short import promise_line
from standardsd.language.speech import ENGLISH, Words, mark
from standardsd.model.standard import Standard
from standardsd.web.words import STANDING_WORDS, Standing

standards_kept_max = 20_000
"""Standards whose sentences are remembered: as many as rule files may hold."""

SCRIPT = {
    # what the script in the browser says
    "left": mark("{time} left"),
    "late": mark("{time} late"),
    "unconfirmed": mark("{time} over, unconfirmed"),
    "passed": mark("for {time}"),
    "days": mark("{days} d {hours} h"),
    "live": mark("live"),
    "not_live": mark("not live since"),
    "lost": mark("Connection lost since {time}. The states below are from then. Trying again…"),
    "changes": mark("and {count} more changes"),
    "more": mark("{site}, more"),
}


class Said(Struct, frozen=True):
    """What is said of one standard: the promise in a line, and everything in a sentence."""

    promise: str
    sentence: str


class Sayings:
    """What is said of each standard in one language, worked out once."""

    def __init__(self, words: Words = ENGLISH) -> None:
        self.words = words
        self._known: dict[str, tuple[Standard, Said]] = {}

    def of(self, standard: Standard) -> Said:
        """Standards are compared by identity: a reload makes new ones."""
        known = self._known.get(standard.id)
        if known is not None and known[0] is standard:
            return known[1]
        if len(self._known) >= standards_kept_max:
            self._known.clear()
        said = Said(promise_line(standard, self.words), sentence(standard, self.words))
        self._known[standard.id] = (standard, said)
        return said


class Voice:
    """What templates speak with; ``sayings`` is changed when the language does."""

    def __init__(self) -> None:
        self.sayings = Sayings()

    @property
    def words(self) -> Words:
        return self.sayings.words

    def speak(self, words: Words) -> bool:
        """From now on in these words; whether they are others than before."""
        if words == self.sayings.words:
            return False
        self.sayings = Sayings(words)
        return True

    def say(self, text: str, /, **values: object) -> Markup:
        """A text of a template; values that are no markup are escaped."""
        return escape(self.words.catalogue.gettext(text)).format(**values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> Markup:
        """The form for ``number``, which is ``{count}`` in it."""
        text = self.words.catalogue.ngettext(one, many, number)
        return escape(text).format(count=number, **values)

    def __getitem__(self, standing: Standing) -> str:
        """``words[state]`` in templates."""
        return self.words.say(STANDING_WORDS[standing])

    def script(self) -> dict[str, str]:
        """The words of the script in the browser, placeholders and all."""
        return {key: self.words.catalogue.gettext(text) for key, text in SCRIPT.items()}
