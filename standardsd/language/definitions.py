"""YAML text → a ``Definition``: how one outside system's records become readings.

Keys are closed, expressions are compiled and words are checked here, so that a definition
that was loaded cannot fail for its own sake later.  Everything wrong is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

import jmespath
from jmespath.exceptions import JMESPathError

from standardsd.language.problems import Problem, capped, errors, in_order, quoted
from standardsd.language.reader import Reader, any_text, one_line, read, read_each
from standardsd.language.tree import Broken, Entry, Map, Node, Text, parse
from standardsd.language.words import Wrong, duration, label, name, one_of, word, write_one_of, yes_no
from standardsd.model.definition import (
    Conversion,
    Definition,
    Evidence,
    FieldAt,
    Record,
    Setting,
    SettingType,
    TimeQuality,
    WatermarkKind,
)
from standardsd.model.vocabulary import VOCABULARY, Kind, Vocabulary

VERSION = "1"
DRIVERS = ("ami",)
DECODERS = ("ami",)
records_max = 200
"""The largest system that we know of has some sixty sorts of records."""

REQUIRED: dict[str, tuple[str, ...]] = {
    # map               keys it must have
    "": ("version", "name", "title", "driver", "decode", "evidence", "time", "watermark", "interaction",
         "yields", "records"),
    "time": ("at", "as", "quality"),
    "watermark": ("kind",),
    "interaction": ("kind",),
    "records.N": ("when", "fields"),
    "fields.NAME": ("at",),
    "settings.NAME": ("type", "doc"),
}  # fmt: skip
OPTIONAL: dict[str, tuple[str, ...]] = {
    # map               keys it may have
    "": ("description", "labels", "limits", "settings", "least_privilege"),
    "watermark": ("delay",),
    "interaction": ("private_ids",),
    "records.N": ("reading", "evidence", "labels", "note"),
    "fields.NAME": ("as", "optional"),
    "settings.NAME": ("default", "required", "secret", "one_of"),
}
"""Every key of a definition."""

_Told = TypeVar("_Told")
_Enum = TypeVar("_Enum", bound=StrEnum)


def read_definition(
    text: bytes, path: str, vocabulary: Vocabulary | None = None
) -> tuple[Definition | None, list[Problem]]:
    """The definition of one file, and everything wrong with it, in order; None when there is any error."""
    root, slips = parse(text, path)
    problems = list(slips)
    found = None
    if root is not None and not isinstance(root, Broken):
        found = _Loader(root, problems, VOCABULARY if vocabulary is None else vocabulary).definition()
    return (None if errors(problems) else found), capped(in_order(problems))


class _Loader:
    def __init__(self, root: Node, problems: list[Problem], vocabulary: Vocabulary) -> None:
        self._problems = problems
        self._vocabulary = vocabulary
        self._top = self._reader(root, "a definition", "")

    def definition(self) -> Definition | None:
        """Reads everything first, so that every problem is told; None when something is missing."""
        top = self._top
        top.value("version", _version)
        title, description = top.text("title"), top.value("description", any_text) or ""
        called, evidence = top.value("name", name), top.value("evidence", _among(Evidence))
        driver = top.value("driver", lambda text: one_of(text, DRIVERS, "a driver of this version"))
        decode = top.value("decode", lambda text: one_of(text, DECODERS, "a format of this version"))
        time, quality = self._time()
        kind, private_ids = self._interaction()
        mark, delay = self._watermark()
        yields = self._yields(kind)
        records = self._records(yields.get(kind.name, ()) if kind is not None else ())
        labels = self._labels(records)
        settings = tuple(one for e in top.map_of("settings") if (one := self._setting(e)) is not None)
        limits = {e.key.text: n for e in top.map_of("limits") if (n := self._read(e, _number)) is not None}
        least = top.value("least_privilege", any_text) or ""
        if not (called and title and driver and decode and evidence and time and quality and kind and mark):
            return None
        return Definition(
            name=called, title=title, driver=driver, decode=decode, evidence=evidence, time_quality=quality,
            time=time, watermark=mark, delay=delay, kind=kind.name, yields=yields, labels=labels,
            records=records, settings=settings, limits=limits, private_ids=private_ids,
            description=description, least_privilege=least,
        )  # fmt: skip

    def _reader(self, node: Node, what: str, keys: str) -> Reader:
        required, optional = REQUIRED.get(keys, ()), OPTIONAL.get(keys, ())
        return Reader(node, what, self._problems, required=required, optional=optional)

    def _part(self, key: str) -> Reader | None:
        node = self._top.node(key)
        return None if node is None else self._reader(node, key, key)

    def _read(self, entry: Entry, convert: Callable[[str], _Told]) -> _Told | None:
        return read(entry.value, convert, self._problems, entry.key.text)

    def _time(self) -> tuple[FieldAt | None, TimeQuality | None]:
        if (part := self._part("time")) is None:
            return None, None
        at, means = part.value("at", _expression), part.value("as", _among(Conversion))
        quality = part.value("quality", _among(TimeQuality))
        if means in (Conversion.TEXT, Conversion.NUMBER):
            fix = "write epoch_s, epoch_ms, epoch_us or iso"
            part.tell(part.at("as"), f"{quoted(means)} is no instant", fix)
        if at is None or means is None:
            return None, quality
        return FieldAt("at", at, means, optional=True), quality

    def _interaction(self) -> tuple[Kind | None, bool]:
        if (part := self._part("interaction")) is None:
            return None, True
        kind = part.value("kind", lambda text: one_of(text, self._vocabulary, "a kind of interaction"))
        return self._vocabulary.get(kind or ""), part.value("private_ids", yes_no) is not False

    def _watermark(self) -> tuple[WatermarkKind | None, timedelta]:
        if (part := self._part("watermark")) is None:
            return None, timedelta(0)
        return part.value("kind", _among(WatermarkKind)), part.value("delay", duration) or timedelta(0)

    def _yields(self, kind: Kind | None) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for entry in self._top.map_of("yields"):
            known = self._vocabulary.get(entry.key.text)
            if known is None:
                text = f"there is no kind {quoted(entry.key.text)}"
                self._top.tell(entry.key.place, text, write_one_of(entry.key.text, self._vocabulary))
                continue
            found[known.name] = read_each(entry.value, _event_of(known), self._problems, "yields")
        if kind is not None and found and kind.name not in found:
            self._top.tell(
                self._top.at("yields"), f"yields does not name '{kind.name}'", f"add {kind.name}: [events]"
            )
        return found

    def _records(self, events: tuple[str, ...]) -> tuple[Record, ...]:
        nodes = self._top.list_of("records")
        if len(nodes) > records_max:
            self._top.tell(
                nodes[records_max].place, f"more than {records_max} records", "split the definition"
            )
        found = [self._record(node, events) for node in nodes[:records_max]]
        return tuple(record for record in found if record is not None)

    def _record(self, node: Node, events: tuple[str, ...]) -> Record | None:
        part = self._reader(node, "a record", "records.N")
        when = tuple(
            (entry.key.text, value)
            for entry in part.map_of("when")
            if (value := self._read(entry, one_line)) is not None
        )
        if "when" in part and not when and not part.broken:
            part.tell(part.at("when"), "when says nothing", "write the key that names the record's type")
        reading = part.value("reading", lambda text: one_of(text, events, "an event that yields names"))
        evidence = part.value("evidence", word)
        if ("reading" in part) == ("evidence" in part) and not part.broken:
            said = "a record has either reading or evidence"
            part.tell(part.place, said, "write reading: EVENT, or evidence: WORD if it only helps to decide")
        fields = tuple(one for e in part.map_of("fields") if (one := self._field(e)) is not None)
        labels = {e.key.text: value for e in part.map_of("labels") if (value := self._read(e, one_line))}
        note = part.value("note", any_text) or ""
        if not when or (reading is None) == (evidence is None):
            return None
        return Record(when, fields, reading, evidence, labels, note.strip())

    def _field(self, entry: Entry) -> FieldAt | None:
        """``name: EXPRESSION``, or a map where it is no text or may be absent."""
        named = read(entry.key, word, self._problems)
        means, optional = Conversion.TEXT, False
        if isinstance(entry.value, Map):
            part = self._reader(entry.value, "a field", "fields.NAME")
            at, optional = part.value("at", _expression), part.value("optional", yes_no) is True
            means = part.value("as", _among(Conversion)) or means
        else:
            at = self._read(entry, _expression)
        return None if at is None or named is None else FieldAt(named, at, means, optional)

    def _labels(self, records: tuple[Record, ...]) -> dict[str, str]:
        known = {field.name for record in records for field in record.fields}
        found: dict[str, str] = {}
        for entry in self._top.map_of("labels"):
            called = read(entry.key, label, self._problems)
            field = self._read(entry, lambda text: one_of(text, known, "a field of any record"))
            if called is not None and field is not None:
                found[called] = field
        return found

    def _setting(self, entry: Entry) -> Setting | None:
        part = self._reader(entry.value, "a setting", "settings.NAME")
        called = read(entry.key, word, self._problems)
        means, doc = part.value("type", _among(SettingType)), part.text("doc")
        default, choices = part.text("default"), part.values("one_of", one_line) or ()
        required, secret = part.value("required", yes_no) is True, part.value("secret", yes_no) is True
        if default is not None and required:
            part.tell(part.at("default"), "a required setting has no default", "leave one of the two out")
        if means is not None and isinstance(node := part.node("default"), Text):
            read(node, lambda text: setting_value(text, means, choices), self._problems, "default")
        if called is None or means is None or doc is None:
            return None
        return Setting(called, means, doc, default, required, secret, choices)


def setting_value(
    text: str, means: SettingType, choices: tuple[str, ...] = ()
) -> str | float | bool | timedelta:
    """What the text of one setting means; raises ``Wrong``.  A file's name stays a text: nothing is opened."""
    if choices:
        return one_of(text, choices, "what this setting can be")
    match means:
        case SettingType.NUMBER:
            return _number(text)
        case SettingType.DURATION:
            return duration(text)
        case SettingType.FLAG:
            return yes_no(text)
        case SettingType.TEXT | SettingType.FILE:
            return one_line(text)


def wrong_settings(definition: Definition, given: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """What is wrong with a source's settings, by the definition alone: (key, what, fix) each, all at once.

    The key is that of the setting, or of a required one that is missing.  Values are texts as
    written; the driver itself looks at ranges, and at settings that depend on one another.
    """
    told: list[tuple[str, str, str]] = []
    names = [setting.name for setting in definition.settings]
    for key, value in given.items():
        setting = definition.setting(key)
        if setting is None:
            told.append((key, f"{definition.name} has no setting {quoted(key)}", write_one_of(key, names)))
            continue
        try:
            setting_value(str(value), setting.type, setting.one_of)
        except Wrong as wrong:
            shown = "the secret cannot be used" if setting.secret else wrong.text
            told.append((key, f"{key}: {shown}", wrong.fix))
    for setting in definition.settings:
        if setting.required and setting.name not in given:
            said = f"{definition.name} needs {setting.name}: {setting.doc[0].lower()}{setting.doc[1:].rstrip('.')}"
            told.append((setting.name, said, f"add {setting.name} to the settings"))
    return told


def _version(text: str) -> str:
    if text != VERSION:
        raise Wrong(f"version {quoted(text)} is not known", f"write version: {VERSION}")
    return text


def _number(text: str) -> float:
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise Wrong(f"{quoted(text)} is not a number", "write digits, with a decimal point if need be")
    return float(text)


def _expression(text: str) -> str:
    """A JMESPath expression that compiles."""
    try:
        jmespath.compile(one_line(text))
    except JMESPathError as error:
        why = str(error).splitlines()[0][:100]
        raise Wrong(
            f"{quoted(text)} is not a JMESPath expression: {why}", "name a field, or a path to it"
        ) from None
    return text


def _event_of(kind: Kind) -> Callable[[str], str]:
    events, what = kind.all_events(), f"an event of the kind '{kind.name}'"
    return lambda text: one_of(text, events, what)


def _among(words: type[_Enum]) -> Callable[[str], _Enum]:
    return lambda text: words(one_of(text, [str(one) for one in words], "a word that is known here"))
