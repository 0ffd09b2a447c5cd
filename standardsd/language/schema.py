"""JSON Schemas of our three kinds of files, for editors: completion, descriptions, errors while typing.

A schema knows one file; ``standardsd check`` knows all of them together, calendars, feeds and sources.  So
whatever the reader accepts passes the schema, and not everything that passes is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from standardsd.language.schema_config import config_schema, definition_schema
from standardsd.language.schema_rules import rules_schema
from standardsd.language.schema_words import Schema
from standardsd.model.vocabulary import VOCABULARY, Vocabulary


class Kind(StrEnum):
    """Which files a schema is for."""

    RULES = "rules"
    CONFIG = "config"
    DEFINITION = "definition"


def schema(kind: Kind, vocabulary: Vocabulary = VOCABULARY, calendars: Iterable[str] = ()) -> Schema:
    """``vocabulary``: the kinds of interaction of the house; ``calendars``: those to offer for ``clock``."""
    match kind:
        case Kind.RULES:
            return rules_schema(vocabulary, calendars)
        case Kind.CONFIG:
            return config_schema(vocabulary)
        case Kind.DEFINITION:
            return definition_schema(vocabulary)
