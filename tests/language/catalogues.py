"""Every text that is said, found in the source: in calls of ``mark``, ``say`` and ``count``, and in templates.

What a template's variable says (a severity) and the names of the shipped vocabulary stand in no call; they
are listed here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from standardsd import locale
from standardsd.language.speech import AWAITING
from standardsd.model.standard import Severity
from standardsd.model.vocabulary import UPDATED, VOCABULARY

PACKAGE = Path(__file__).parent.parent.parent / "standardsd"

HEADER = """\
# {name} for standardsd.
# AWAITING A NATIVE READER: nobody whose language it is has read this translation yet.
# Placeholders in braces stay as they are.  Texts about one thing stand together, in the order of the code.
#"""

Key = tuple[str | None, str, str | None]
"""Context, text, plural."""


@cache
def texts() -> tuple[Key, ...]:
    """Every text once, in the order of the files; the vocabulary last."""
    found: dict[Key, None] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_bundled" not in path.parts:
            found.update(dict.fromkeys(_in_python(ast.parse(path.read_text()))))
    environment = Environment(autoescape=True)
    for path in sorted(PACKAGE.rglob("*.html")):
        found.update(dict.fromkeys(_in_template(environment.parse(path.read_text()))))
    found.update(dict.fromkeys((None, severity.value, None) for severity in Severity))
    found.update(dict.fromkeys(_vocabulary()))
    return tuple(found)


def _vocabulary() -> Iterator[Key]:
    for kind in VOCABULARY.values():
        yield "kind", kind.name, None
    for kind in VOCABULARY.values():
        for event in (*kind.events, *kind.endings, *filter(None, [kind.reopening])):
            yield "event", event, None
    yield "event", UPDATED, None
    for kind in VOCABULARY.values():
        for state in kind.states:
            yield "state", state, None


def _in_python(tree: ast.Module) -> Iterator[Key]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in ("mark", "say") and node.args:
            yield from ((None, text, None) for text in _strings(node.args[0]))
        elif name == "count" and len(node.args) == 3:
            for one, many in zip(_strings(node.args[0]), _strings(node.args[1]), strict=False):
                yield None, one, many


def _strings(node: ast.expr) -> list[str]:
    """A text, or both of ``a if … else b``; none where it is a variable."""
    if isinstance(node, ast.IfExp):
        return [*_strings(node.body), *_strings(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _in_template(template: nodes.Template) -> Iterator[Key]:
    for call in template.find_all(nodes.Call):
        name = getattr(call.node, "name", "")
        args = [arg.value for arg in call.args if isinstance(arg, nodes.Const)]
        if name == "say" and args:
            yield None, args[0], None
        elif name == "count":
            yield None, args[0], args[1]


def catalogue_of(language: str) -> Catalog:
    with locale.path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def keys_of(catalogue: Catalog) -> dict[Key, Message]:
    """What a catalogue holds, without its header."""
    return {
        (one.context, *(one.id if isinstance(one.id, tuple) else (one.id, None))): one
        for one in catalogue
        if one.id
    }


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def rewrite(language: str, said: dict[Key, str | tuple[str, ...]] | None = None) -> None:
    """The catalogue with every text of the source and no other; ``said`` fills in what is empty."""
    old = keys_of(catalogue_of(language)) if locale.path_of(language).exists() else {}
    fresh = Catalog(
        locale=language, project="standardsd", header_comment="", charset="utf-8", fuzzy=False,
        copyright_holder="The standardsd authors", last_translator="awaiting a native reader",
        language_team="none yet", version="1", msgid_bugs_address="none",
    )  # fmt: skip
    fresh.header_comment = HEADER.format(name=fresh.locale.get_display_name("en"))
    for key in texts():
        context, text, plural = key
        kept = old[key].string if key in old else ""
        filled = kept if any(kept if isinstance(kept, tuple) else [kept]) else (said or {}).get(key, kept)
        fresh.add(text if plural is None else (text, plural), filled, context=context)
    with locale.path_of(language).open("wb") as file:
        write_po(file, fresh, width=0, no_location=True, omit_header=False)
    path = locale.path_of(language)
    kept_lines = [
        line for line in path.read_text().splitlines() if "-Date:" not in line and "Generated-By" not in line
    ]
    path.write_text("\n".join(kept_lines).rstrip() + "\n")


__all__ = ["AWAITING", "catalogue_of", "keys_of", "placeholders", "rewrite", "texts"]
