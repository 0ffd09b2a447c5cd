"""Opening: a new file, an old one, somebody else's, one in use, one from the future."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
import subprocess
import sys
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from standardsd.model.decision import EpisodeState
from standardsd.store import schema, tables
from standardsd.store import sqlite as sqlite_part
from standardsd.store.sqlite import APPLICATION_ID
from standardsd.store.store import Store
from standardsd.store.trouble import StoreTrouble
from tests.store.values import NINE, batch, breached, episode, event


def test_the_migrations_are_found_inside_the_installed_package() -> None:
    folder = files("standardsd.store") / "migrations"
    assert Path(schema.scripts().dir) == Path(str(folder))
    assert (folder / "env.py").is_file()
    assert schema.scripts().get_current_head() == "0002"
    assert len(schema.scripts().get_heads()) == 1


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    with store._transaction("BEGIN") as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'"
        )
        rowless = {row.name for row in rows}
        indexes = {
            row.name: row.sql
            for row in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
        }
    expected = {
        t.name for t in tables.metadata.sorted_tables if t.dialect_options["sqlite"]["with_rowid"] is False
    }
    assert rowless == expected
    assert indexes["outbox_pending"].endswith("WHERE state = 'pending'")
    assert indexes["decision_interaction"].endswith("WHERE kind IS NOT NULL")


def test_a_new_file_is_ours_alone_and_durable_at_every_commit(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([batch(event("kiosk/1", "arrived"))])
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
        with store._transaction("BEGIN") as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "application_id", "busy_timeout")
            }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "application_id": APPLICATION_ID,
        "busy_timeout": 5_000,
    }


@pytest.mark.parametrize("as_address", [False, True], ids=["path", "address"])
def test_a_path_and_an_address_name_the_same_file(tmp_path: Path, as_address: bool) -> None:
    path = tmp_path / "gäste 100%.sqlite"
    Store.open(f"sqlite:///{path}" if as_address else path).close()
    assert path.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://judge:secret@127.0.0.1/standards", "a store in postgresql is not served"),
        ("sqlite://", "a store in memory would lose"),
        ("sqlite:///:memory:", "a store in memory would lose"),
        ("://", "is no address of a database"),
    ],
)
def test_an_address_that_cannot_be_served_is_told_without_its_password(address: str, told: str) -> None:
    with pytest.raises(StoreTrouble, match=told) as trouble:
        Store.open(address)
    assert "secret" not in str(trouble.value)
    assert "fix: " in str(trouble.value)


def test_an_empty_file_is_made_into_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Store.open(path, now=NINE) as store:
        assert store.first_start() == NINE


def test_a_second_store_on_the_same_file_is_refused_by_name_until_the_first_is_closed(path: Path) -> None:
    holder = f"process {os.getpid()} on host {socket.gethostname()}"
    with Store.open(path) as first:
        for _ in range(2):
            with pytest.raises(StoreTrouble, match=f"it is in use by {holder}\n  fix: stop that one first"):
                Store.open(path)
        assert first.commit([batch()]) == [1]
    with Store.open(path) as second:
        assert second.last_seq() == 1


def test_another_process_is_refused_and_let_in_when_the_holder_dies(path: Path) -> None:
    hold = (
        "import sys; from standardsd.store.store import Store;"
        "Store.open(sys.argv[1]); print('open', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreTrouble, match=f"process {holder.pid} on host"):
            Store.open(path)
    finally:
        holder.kill()
        holder.communicate()
    Store.open(path).close()


def test_closing_twice_is_harmless(path: Path) -> None:
    store = Store.open(path)
    store.close()
    store.close()


def _text_file(path: Path) -> None:
    path.write_text("id,name\n1,Zsófi\n")


def _others_tables(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY)")


def _others_identity(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 42")
        connection.execute("CREATE TABLE t (x)")


@pytest.mark.parametrize("make", [_text_file, _others_tables, _others_identity])
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_was(path: Path, make: object) -> None:
    path.parent.mkdir()
    assert callable(make)
    make(path)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreTrouble, match="not a store of standardsd"):
            Store.open(path)
    assert path.read_bytes() == before


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_was(path: Path) -> None:
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.close()
    before = path.read_bytes()
    for migrate in (True, False):
        with pytest.raises(StoreTrouble, match="schema 0999 is newer than this program's 0002"):
            Store.open(path, migrate=migrate)
    assert path.read_bytes() == before


def test_a_file_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([batch(event("kiosk/1", "arrived"), decisions=(breached(id="kiosk/1"),))])
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE episode_now")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    with pytest.raises(StoreTrouble, match="its schema is 0001, this program's is 0002"):
        Store.open(path, migrate=False)
    with Store.open(path) as store:
        assert [row.decision for row in store.decisions()] == [breached(id="kiosk/1")]
        assert store.episodes() == []
        store.commit([batch(decisions=(episode(EpisodeState.BROKEN),))])
        assert store.episodes() == [episode(EpisodeState.BROKEN)]


def test_without_migrating_an_empty_file_is_refused_and_stays_empty(path: Path) -> None:
    with pytest.raises(StoreTrouble, match="its schema is empty, this program's is 0002"):
        Store.open(path, migrate=False)
    assert path.read_bytes() == b""
    Store.open(path).close()
    Store.open(path, migrate=False).close()


def test_a_folder_in_the_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreTrouble, match="it cannot be opened"):
        Store.open(path)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreTrouble, match="it cannot be opened"):
        Store.open(tmp_path / "data" / "standardsd.sqlite")


def test_a_migration_that_is_cut_short_leaves_the_file_as_it_was(path: Path) -> None:
    path.parent.mkdir()
    engine = sqlite_part.open_engine(path, timedelta(seconds=1))
    with (
        pytest.raises(KeyboardInterrupt),
        engine.connect().execution_options(begin=sqlite_part.WRITE) as connection,
        connection.begin(),
    ):
        sqlite_part.claim(connection, path)
        assert schema.bring_up_to_date(connection, str(path), migrate=True)
        assert connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one() == 0
        raise KeyboardInterrupt
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() == 0
        assert connection.exec_driver_sql("PRAGMA application_id").scalar_one() == 0
    engine.dispose()
    with Store.open(path) as store:
        assert store.commit([batch()]) == [1]
