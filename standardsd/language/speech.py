"""In which words people are spoken to: one language, with its own plurals, units, dates and percent signs.

English is what stands in the code.  Every other language is a catalogue (``locale``) of the same
texts, by name of their placeholders; numbers, lengths of time, dates, shares and lists are
formatted by the CLDR data of Babel.  Two rules hold in every language:

- Nothing is rounded: a limit of 90.001 seconds is said with its thousandth.
- What a house has named itself (labels, sites, its own kinds and events) stays as it is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from standardsd.language.spoken import duration_text
from standardsd.model.vocabulary import VOCABULARY, Kind, Vocabulary

LANGUAGES = {
    # language: the locale its numbers and dates are written in
    "en": "en_GB",
    "tr": "tr_TR",
    "ro": "ro_RO",
    "hu": "hu_HU",
}

AWAITING = ("tr", "ro", "hu")
"""Languages whose catalogue no native speaker has read yet."""

_MICRO = timedelta(microseconds=1)
_STEPS = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000))
_SMALL = (("second", 1_000_000), ("millisecond", 1_000), ("microsecond", 1))


def mark(text: str) -> str:
    """The text itself: marks what stands in a table for the catalogues; ``Words.say`` says it."""
    return text


_PLAIN = NullTranslations()


@dataclass(frozen=True)
class Words:
    """One language, and the vocabulary of the house that is spoken of.

    ``catalogue``: English text → text of the language; what it lacks is said in English.
    """

    language: str = "en"
    catalogue: NullTranslations = _PLAIN
    kinds: Vocabulary | None = None

    @property
    def locale(self) -> Locale:
        return _locale(LANGUAGES[self.language])

    @property
    def english(self) -> bool:
        return self.language == "en"

    @property
    def awaits_reader(self) -> bool:
        """Whether no native speaker has read the catalogue yet."""
        return self.language in AWAITING

    # -- texts -----------------------------------------------------------------------------------------

    def say(self, text: str, /, **values: str) -> str:
        """``text`` in the language, with ``{placeholders}`` filled in."""
        return self.catalogue.gettext(text).format(**values)

    def count(self, one: str, many: str, number: int, /, **values: str) -> str:
        """The form of the language for ``number``, which is ``{count}`` in it."""
        text = self.catalogue.ngettext(one, many, number)
        return text.format(count=self.number(number), **values)

    def capital(self, text: str) -> str:
        """With a capital at the beginning; in Turkish that of i is İ."""
        first = "İ" if self.language == "tr" and text[:1] == "i" else text[:1].upper()
        return first + text[1:]

    # -- figures ---------------------------------------------------------------------------------------

    def number(self, value: float) -> str:
        """Every digit that it has, in the language's way: ``1,234.5``, ``1.234,5``."""
        return str(format_decimal(_exact(value), locale=self.locale, decimal_quantization=False))

    def share(self, share: float) -> str:
        """0 … 1 as percent, with every digit: ``95.5%``, ``%95,5``, ``95,5 %``."""
        return str(format_percent(_exact(share), locale=self.locale, decimal_quantization=False))

    def rounded(self, share: float) -> str:
        """With at most one decimal, never rounded up to all: 99.96 % kept is not all kept."""
        tenths = round(share * 1000)
        return self._tenths(999 if tenths == 1000 and share < 1 else tenths)

    def cut(self, share: float) -> str:
        """With at most one decimal, cut: 99.96 % is not shown as all and 94.99 % not as 95 %."""
        return self._tenths(math.floor(share * 1000 + 1e-9))  # 0.954 × 1000 is 953.9999…

    def _tenths(self, tenths: int) -> str:
        """Tenths of a percent; English pages and alerts keep a space before the sign, as they always had."""
        if not self.english:
            return self.share(tenths / 1000)
        return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths / 10:.1f} %"

    def brief(self, span: timedelta) -> str:
        """A duration ≥ 0 where there is little room: ``1h30m`` as in rule files; other languages have no such way."""
        return duration_text(span) if self.english else self.length(span)

    def length(self, span: timedelta, *, days: bool = True) -> str:
        """A duration ≥ 0, exactly: ``1 hour, 30 minutes``, ``9.9 seconds``, ``50 milliseconds``.

        ``days``: 24 hours are a day.  On the clock of a calendar people mean different things by a day, so
        there it stays hours.
        """
        left = span // _MICRO
        assert left >= 0, span
        said: list[str] = []
        for unit, micros in _STEPS if days else _STEPS[1:]:
            count, left = divmod(left, micros) if unit != "second" else (0, left)
            if count:
                said.append(self._unit(Decimal(count), unit))
        if left or not said:
            unit, micros = _SMALL[0] if said or not left else next(one for one in _SMALL if left >= one[1])
            said.append(self._unit(Decimal(left) / micros, unit))
        if "start" not in self.locale.list_patterns.get("unit", {}):  # Babel 2.18 lacks some beyond two
            said = [" ".join(said[:-1]), said[-1]] if len(said) > 2 else said
        return str(format_list(said, style="unit", locale=self.locale))

    def day(self, day: date) -> str:
        """``1 March 2026``."""
        return str(format_date(day, "long", locale=self.locale))

    def wall(self, wall: time) -> str:
        """A time of day on the 24-hour clock, which all of these languages read: ``14:00``."""
        return wall.isoformat("seconds" if wall.second else "minutes")

    def all_of(self, parts: Sequence[str]) -> str:
        """``a, b and c``."""
        return str(format_list(parts, locale=self.locale))

    def any_of(self, parts: Sequence[str]) -> str:
        """``a, b or c``."""
        return str(format_list(parts, style="or", locale=self.locale))

    def _unit(self, count: Decimal, unit: str) -> str:
        name = f"duration-{unit}"
        if name == "duration-day":  # the CLDR of Babel 2.18 has no Turkish day
            whole = int(count)
            return self.count("{count} day", "{count} days", whole)
        number = format_decimal(count, locale=self.locale, decimal_quantization=False)
        said = format_unit(count, name, length="long", locale=self.locale)
        rounded = format_decimal(count, locale=self.locale)
        return str(said if rounded == number else said.replace(rounded, number, 1))

    # -- names -----------------------------------------------------------------------------------------

    def quoted(self, text: str) -> str:
        """In the quotation marks of the language."""
        return self.say("“{text}”", text=text)

    def event(self, name: str) -> str:
        """An event of the vocabulary, quoted: “ticket taken”; in its own language where it is a shipped one."""
        return self.quoted(self._named("event", name))

    def events(self, names: Iterable[str]) -> str:
        """Any of them: “arrived” or “ticket taken”; their order says nothing."""
        return self.any_of([self.event(name) for name in sorted(set(names))])

    def state(self, name: str) -> str:
        return self.quoted(self._named("state", name))

    def states(self, names: Iterable[str]) -> str:
        return self.any_of([self.state(name) for name in sorted(set(names))])

    def kind(self, name: str) -> str:
        return self._named("kind", name)

    def kind_of(self, name: str) -> Kind | None:
        """What the vocabulary says of a kind; None for one that it does not know."""
        return (VOCABULARY if self.kinds is None else self.kinds).get(name)

    def _named(self, context: str, name: str) -> str:
        said = self.catalogue.pgettext(context, name)
        return said.replace("_", " ") if said == name else said


ENGLISH = Words()


def _exact(value: float) -> Decimal:
    """As it is written: 0.95 is 95 %, not 94.999…"""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


@lru_cache(maxsize=8)
def _locale(name: str) -> Locale:
    return Locale.parse(name)
