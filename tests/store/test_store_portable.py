"""The tables and the statements that know ON CONFLICT can be said in PostgreSQL's words too."""

from __future__ import annotations

import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from standardsd.store import tables, write

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]
SQLITE = sqlite.dialect()  # type: ignore[no-untyped-call]
TABLES = pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)


@TABLES
def test_a_table_has_words_in_postgresql(table: Table) -> None:
    said = str(CreateTable(table).compile(dialect=POSTGRESQL))
    assert "WITHOUT ROWID" not in said
    for column in table.c:
        word = str(column.type.compile(dialect=POSTGRESQL))
        assert word in {"BIGINT", "INTEGER", "TEXT", "BYTEA"}, column
    partial = [str(CreateIndex(index).compile(dialect=POSTGRESQL)) for index in table.indexes]
    in_sqlite = [str(CreateIndex(index).compile(dialect=SQLITE)) for index in table.indexes]
    assert [" WHERE " in said for said in partial] == [" WHERE " in said for said in in_sqlite]


@TABLES
def test_a_number_that_may_outgrow_32_bits_has_64_in_postgresql(table: Table) -> None:
    for column in table.c:
        if column.name in ("seq", "batch", "id", "at", "wall", "created", "done", "not_before"):
            assert str(column.type.compile(dialect=POSTGRESQL)) in ("BIGINT", "TEXT"), column


@pytest.mark.parametrize(
    "table",
    [tables.cursor, tables.verdict_now, tables.alert_now, tables.episode_now],
    ids=lambda table: table.name,
)
def test_both_databases_replace_the_same_columns_of_a_row(table: Table) -> None:
    said = {}
    for dialect in (POSTGRESQL, SQLITE):
        statement = str(write._upserts(table, dialect.name).compile(dialect=dialect))
        said[dialect.name] = statement.split("ON CONFLICT")[1]
    assert said["postgresql"] == said["sqlite"]
    keys = ", ".join(column.name for column in table.primary_key)
    assert said["sqlite"].startswith(f" ({keys}) DO UPDATE SET ")


def test_index_rows_are_handed_over_as_each_driver_wants_them() -> None:
    statement, names, positional = write._compiled_insert(tables.interaction, SQLITE)
    assert (names, positional) == (("kind", "id", "batch", "ordinal"), True)
    assert statement == "INSERT INTO interaction (kind, id, batch, ordinal) VALUES (?, ?, ?, ?)"
    statement, names, positional = write._compiled_insert(tables.interaction, POSTGRESQL)
    assert (names, positional) == (("kind", "id", "batch", "ordinal"), False)
    assert "%(kind)s" in statement
