"""Decoded records → facts, as an exporter definition says.

A fact is what one record says, with its instant and the fields that were asked for.  A
record no ``when`` fits is passed over; one that lacks a required field, or has it in a
wrong form, is a ``RecordRejected``: counted and shown, never a silent null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jmespath
from jmespath.parser import ParsedResult
from msgspec import Struct

from standardsd.model.definition import Conversion, Definition, FieldAt, Record

Value = str | float | datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_9000_US = int((datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(microseconds=1))
_digits_max = 20  # a text of a thousand digits is no number of ours, and costs time to read


class Fact(Struct, frozen=True):
    """``at``: the record's own instant, None where it carries none."""

    says: str
    at: datetime | None
    fields: dict[str, Value]
    labels: dict[str, str]
    reading: bool

    def text(self, name: str) -> str:
        """A text field; "" where it was optional and absent."""
        value = self.fields.get(name, "")
        assert isinstance(value, str), f"{name} is not declared as text"
        return value

    def number(self, name: str) -> float | None:
        value = self.fields.get(name)
        assert value is None or isinstance(value, float), f"{name} is not declared as a number"
        return value


class RecordRejected(Struct, frozen=True):
    """``what`` names the field and never repeats its content, which may be a person's."""

    reason: str
    what: str


def instant(text: str, conversion: Conversion) -> datetime | None:
    """The instant a text means, in UTC and exact to the microsecond; None for never (an epoch of 0).

    Raises ValueError for anything else.  More than six decimals of a second are cut, not rounded.
    """
    if conversion is Conversion.ISO:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("no offset")
        return at.astimezone(UTC)
    seconds_digits = {Conversion.EPOCH_S: 6, Conversion.EPOCH_MS: 3, Conversion.EPOCH_US: 0}[conversion]
    whole, _, part = text.partition(".")
    if not whole.isascii() or not whole.isdigit() or len(whole) > _digits_max:
        raise ValueError("not a number of seconds")
    if part and not (part.isascii() and part.isdigit()):
        raise ValueError("not a number of seconds")
    micros = int(whole + part[:seconds_digits].ljust(seconds_digits, "0"))
    if micros >= _YEAR_9000_US:
        raise ValueError("later than the year 9000")
    return None if micros == 0 else _EPOCH + timedelta(microseconds=micros)


def convert(text: str, conversion: Conversion) -> Value | None:
    """The value a text means; raises ValueError where it means none."""
    match conversion:
        case Conversion.TEXT:
            return text
        case Conversion.NUMBER:
            if len(text) > _digits_max or not text.isascii():
                raise ValueError("not a number")
            number = float(text)
            if not abs(number) < 1e15:  # also refuses nan and infinity
                raise ValueError("not a number")
            return number
        case _:
            return instant(text, conversion)


class Reader:
    """A definition's records, ready to be asked."""

    def __init__(self, definition: Definition) -> None:
        self._time = _Located(definition.time)
        # Records are found by their first condition, which is the record's type in every format.
        self._by_first: dict[tuple[str, str], list[_Compiled]] = {}
        self._first_keys = tuple(dict.fromkeys(record.when[0][0] for record in definition.records))
        for record in definition.records:
            self._by_first.setdefault(record.when[0], []).append(_Compiled(record))

    def read(self, record: Mapping[str, str]) -> Fact | RecordRejected | None:
        """What this record says; None when no ``when`` fits it.  The first that fits speaks."""
        for key in self._first_keys:
            for known in self._by_first.get((key, record.get(key, "")), ()):
                if all(record.get(name) == value for name, value in known.rest):
                    return self._fact(known, record)
        return None

    def _fact(self, known: _Compiled, record: Mapping[str, str]) -> Fact | RecordRejected:
        fields: dict[str, Value] = {}
        for located in (self._time, *known.fields):
            wanted = located.field
            text = located.find(record)
            if not text:
                if wanted.optional:
                    continue
                return RecordRejected("missing_field", f"{known.record.says}: there is no {wanted.at}")
            try:
                value = convert(text, wanted.conversion)
            except ValueError:
                what = f"{known.record.says}: {wanted.at} is not {wanted.conversion}"
                return RecordRejected("bad_field", what)
            if value is not None:
                fields[wanted.name] = value
        at = fields.pop(self._time.field.name, None)
        assert at is None or isinstance(at, datetime)
        says, labels = known.record.says, known.record.labels
        return Fact(says, at, fields, labels, known.record.reading is not None)


class _Located:
    def __init__(self, field: FieldAt) -> None:
        self.field = field
        # A bare name is a look-up in any JMESPath; most fields are one, and it is forty times quicker.
        self._key = field.at if field.at.isidentifier() else None
        self._path: ParsedResult | None = None if self._key else jmespath.compile(field.at)

    def find(self, record: Mapping[str, str]) -> str:
        found = record.get(self._key) if self._path is None and self._key else None
        if self._path is not None:
            found = self._path.search(record)
        return found if isinstance(found, str) else ""


class _Compiled:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.rest = record.when[1:]
        self.fields = tuple(_Located(field) for field in record.fields)
