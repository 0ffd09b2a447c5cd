"""The schemas of the configuration and of exporter definitions, made from the tables of their keys."""

from __future__ import annotations

from collections.abc import Mapping

from standardsd.language import config_keys, definitions
from standardsd.language.schema_rules import site_calendar
from standardsd.language.schema_texts import CONFIGURATION, DEFINITION
from standardsd.language.schema_words import (
    A_LABEL,
    A_NAME,
    A_WORD,
    DRAFT,
    DURATION,
    PLAIN,
    URL,
    YES_NO,
    ZONE,
    Schema,
    any_text,
    closed,
    offered,
    one_of,
    open_map,
    some,
    text,
)
from standardsd.language.speech import LANGUAGES
from standardsd.model.config import PUSH, SIMULATE, Role, WatermarkKind
from standardsd.model.definition import Conversion, Evidence, SettingType, TimeQuality
from standardsd.model.definition import WatermarkKind as ExporterWatermark
from standardsd.model.vocabulary import Vocabulary

Tables = tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]], Mapping[str, str]]
"""Keys that a map must have, keys that it may have, and what each says, by dotted names."""


def config_schema(vocabulary: Vocabulary) -> Schema:
    """The configuration of the daemon."""
    tables: Tables = (config_keys.REQUIRED, config_keys.OPTIONAL, CONFIGURATION)
    labels = open_map(A_LABEL, any_text())
    instant = text(r"^[0-9-]{10}[T ][0-9:.]{5,15}(Z|[+-][0-9:]{5})$", "write it as 2026-11-01T00:00:00Z")
    watermark = _map("sources.NAME.watermark", {"kind": one_of(WatermarkKind), "delay": DURATION}, tables)
    source = {
        "use": offered((PUSH, SIMULATE), any_text()),
        "labels": labels,
        "map": open_map(A_LABEL, {"type": "object", "additionalProperties": labels}),
        "max_silence": DURATION,
        "watermark": watermark,
        "yields": {
            "type": "object",
            "properties": _yields(vocabulary),
            "additionalProperties": some(any_text()),
        },
        "settings": {"type": "object"},
    }
    site = {"title": any_text(), "timezone": ZONE, "calendar": site_calendar()}
    members = {"members": some(any_text()), "resend": DURATION}
    hashed = text(
        "^sha256:[0-9a-f]{64}$", "write sha256: and the 64 digits that `printf %s TOKEN | sha256sum` prints"
    )
    token = {"role": one_of(Role), "hash": hashed, "sources": some(A_NAME)}
    top = {
        "version": {"enum": [1, "1"]},
        "rules": some(any_text()),
        "data": any_text(),
        "listen": text(r":[0-9]{1,5}$", "write host:port, such as 127.0.0.1:8080"),
        "url": URL,
        "language": one_of(LANGUAGES),
        "sites": _named(_map("sites.NAME", site, tables)),
        "sources": open_map(A_NAME, _map("sources.NAME", source, tables)),
        "outputs": _map("outputs", {"alertmanager": _map("outputs.alertmanager", members, tables)}, tables),
        "tokens": open_map(A_NAME, _map("tokens.NAME", token, tables)),
        "judge": _map("judge", {"judge_from": instant, "accept_late": DURATION, "keep": DURATION}, tables),
    }
    return {"$schema": DRAFT, "title": "Configuration of standardsd", **_map("", top, tables)}


def definition_schema(vocabulary: Vocabulary) -> Schema:
    """The definition of one outside system."""
    tables: Tables = (definitions.REQUIRED, definitions.OPTIONAL, DEFINITION)
    version = {"enum": [int(definitions.VERSION), definitions.VERSION]}
    field = _map("fields.NAME", {"at": any_text(), "as": one_of(Conversion), "optional": YES_NO}, tables)
    texts = {"type": "object", "additionalProperties": any_text()}
    record = {
        "when": {**texts, "minProperties": 1},
        "fields": open_map(A_WORD, {"anyOf": [any_text(), field]}),
        "reading": A_WORD,
        "evidence": A_WORD,
        "labels": texts,
        "note": any_text(),
    }
    setting = {
        "type": one_of(SettingType),
        "doc": any_text(),
        "default": any_text(),
        "required": YES_NO,
        "secret": YES_NO,
        "one_of": some(any_text()),
    }
    instants = [word for word in Conversion if word not in (Conversion.TEXT, Conversion.NUMBER)]
    time = {"at": any_text(), "as": one_of(instants), "quality": one_of(TimeQuality)}
    either = [{"required": ["reading"]}, {"required": ["evidence"]}]
    records = {"type": "array", "items": {**_map("records.N", record, tables), "oneOf": either}}
    top = {
        "version": version,
        "name": A_NAME,
        "title": any_text(),
        "driver": one_of(definitions.DRIVERS),
        "decode": one_of(definitions.DECODERS),
        "evidence": one_of(Evidence),
        "time": _map("time", time, tables),
        "watermark": _map("watermark", {"kind": one_of(ExporterWatermark), "delay": DURATION}, tables),
        "interaction": _map("interaction", {"kind": one_of(vocabulary), "private_ids": YES_NO}, tables),
        "yields": closed(_yields(vocabulary), {}),
        "records": records,
        "description": any_text(),
        "labels": open_map(A_LABEL, A_WORD),
        "limits": {"type": "object", "additionalProperties": PLAIN},
        "settings": open_map(A_WORD, _map("settings.NAME", setting, tables)),
        "least_privilege": any_text(),
    }
    return {"$schema": DRAFT, "title": "An exporter definition of standardsd", **_map("", top, tables)}


def _map(name: str, values: Mapping[str, Schema], tables: Tables) -> Schema:
    """One map of a file.  A key of the tables without a value here, or the reverse, is our own mistake."""
    required, optional, texts = tables
    known = (*required.get(name, ()), *optional.get(name, ()))
    assert set(values) == set(known), f"{name}: {set(values) ^ set(known)}"
    told = {key: texts[dotted] for key in known if (dotted := f"{name}.{key}".lstrip(".")) in texts}
    return closed(values, told, required.get(name, ()))


def _named(one: Schema) -> Schema:
    """A map by names that may be any text, as sites are called."""
    return {"type": "object", "additionalProperties": one}


def _yields(vocabulary: Vocabulary) -> dict[str, Schema]:
    return {kind.name: some(one_of(kind.all_events())) for kind in vocabulary.values()}
