"""What a definition says, in lines for people: tables of plain text, nothing cut."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from standardsd.language.spoken import duration_text
from standardsd.model.definition import Conversion, Definition, Record

width = 100


def listed(definitions: Mapping[str, Definition]) -> Iterator[str]:
    """One line each: name, driver, what it yields, how we know, title."""
    rows = [("name", "driver", "yields", "evidence", "title")]
    for full, definition in definitions.items():
        yields = ", ".join(definition.yields)
        rows.append((full, definition.driver, yields, str(definition.evidence), definition.title))
    yield from _table(rows)


def described(definition: Definition) -> Iterator[str]:
    """Everything an operator or auditor asks: where each reading comes from, and what must be set."""
    yield f"{definition.name}: {definition.title}"
    yield from _paragraph(definition.description)
    yield ""
    yield from _table(
        [
            ("driver", f"{definition.driver}, decoding {definition.decode}"),
            ("evidence", str(definition.evidence)),
            (
                "time",
                f"{definition.time.at} ({definition.time.conversion}), quality {definition.time_quality}",
            ),
            ("watermark", f"{definition.watermark}, less {duration_text(definition.delay)}"),
            (
                "kind",
                f"{definition.kind}; ids are {'private to' if definition.private_ids else 'shared by'} the source",
            ),
            ("labels", ", ".join(f"{name} (from {field})" for name, field in definition.labels.items())),
            ("limits", ", ".join(f"{name} {number:g}" for name, number in definition.limits.items())),
        ]
    )
    yield from _records(
        "Records that become readings", [r for r in definition.records if r.reading is not None]
    )
    yield from _records(
        "Records that help to decide", [r for r in definition.records if r.evidence is not None]
    )
    yield from _settings(definition)
    if definition.least_privilege:
        yield ""
        yield "Rights it needs, and no more:"
        yield from textwrap.indent(definition.least_privilege.rstrip("\n"), "  ").split("\n")


def _records(title: str, records: Sequence[Record]) -> Iterator[str]:
    if not records:
        return
    yield ""
    yield f"{title}:"
    rows = []
    for record in records:
        when = ", ".join(f"{key}: {value}" for key, value in record.when)
        labels = "".join(f" {name}={value}" for name, value in record.labels.items())
        fields = ", ".join(
            f"{field.name}={field.at}"
            + ("" if field.conversion is Conversion.TEXT else f" as {field.conversion}")
            + ("?" if field.optional else "")
            for field in record.fields
        )
        rows.append((f"  {when}", f"-> {record.says}{labels}", fields))
    yield from _table(rows)
    for record in records:
        if record.note:
            yield from _paragraph(f"{record.when[0][1]}: {record.note}")


def _settings(definition: Definition) -> Iterator[str]:
    if not definition.settings:
        return
    yield ""
    yield "Settings:"
    rows = []
    for setting in definition.settings:
        means = "|".join(setting.one_of) or str(setting.type)
        usual = "required" if setting.required else setting.default or ""
        rows.append((f"  {setting.name}", means, usual, setting.doc))
    yield from _table(rows)


def _paragraph(text: str) -> Iterable[str]:
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ") if text else ()


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    columns = list(zip(*rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns[:-1]]
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()
