"""The kind that a standard is probably of, where its ``of`` is wrong or missing: its events are checked all the same."""

from __future__ import annotations

from collections.abc import Mapping

from standardsd.language.measures import form_of
from standardsd.language.nodes import LOST, Entry, Text, texts
from standardsd.language.words import nearest
from standardsd.model.vocabulary import Kind, Vocabulary


def meant_kind(entries: Mapping[str, Entry], vocabulary: Vocabulary) -> Kind | None:
    """The kind that is written, else the one that is most like it; without any the one that knows most of the events.

    None: nobody can tell, because two know as many, what it inherits is lost, or nothing is like what is written;
    so of samples and of standards about standards, which have no kind.
    """
    measure = entries.get("measure")
    form = None if measure is None else form_of(measure.value)
    if LOST in entries or (form is not None and form.kindless):
        return None
    written = entries.get("of")
    word = None if written is None else next((text.text for text in texts(written.value)), None)
    if word is not None:
        near = nearest(word, vocabulary)
        return vocabulary.get(word) or (None if near is None else vocabulary[near])
    named = [text.text for key in ("measure", "unless") if key in entries for text in _values(entries[key])]
    known = {kind.name: sum(kind.knows(event) for event in named) for kind in vocabulary.values()}
    best = [name for name, count in known.items() if count and count == max(known.values())]
    return vocabulary[best[0]] if len(best) == 1 else None


def _values(entry: Entry) -> list[Text]:
    return list(texts(entry.value))
