"""The disk, the file and other programs fail: one kind of error, nothing half-written, and work goes on after."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from standardsd.model.decision import AlertState, EpisodeState
from standardsd.store.limits import Limits
from standardsd.store.store import Store
from standardsd.store.trouble import RESTORE, TROUBLES, StoreTrouble
from tests.store.values import after, alert, batch, breached, episode, event, message

ROOT = Path(__file__).parents[2]


def full_entry(n: int, readings: int = 200) -> object:
    """A bit of everything that one commit can write."""
    taken = [event(f"kiosk/{n}-{r}", "arrived", r, site=f"site {r * 7919 % 1_000}") for r in range(readings)]
    words = (breached(id=f"kiosk/{n}-0"), alert(AlertState.FIRING, n), episode(EpisodeState.BROKEN, n))
    return batch(*taken, key=f"k{n}", cursor=str(n).encode(), decisions=words, outbox=(message(f"m{n}"),))


def everything(store: Store) -> tuple[object, ...]:
    return (
        list(store.journal()),
        list(store.decisions()),
        store.outbox("alertmanager", 1_000),
        store.cursor("kiosk"),
        store.alerts(),
        store.episodes(),
        [store.seen_key("kiosk", f"k{n}") for n in range(1, 100)],
        store.known([("visit", f"kiosk/{n}-{r}") for n in range(1, 60) for r in (0, 199)]),
        store.said("visit", "kiosk/2-0"),
    )


def pragma(store: Store, statement: str) -> None:
    """On the store's own connection, as an outer limit that it did not set."""
    with store._transaction("") as connection:
        connection.exec_driver_sql(f"PRAGMA {statement}")


@contextmanager
def disk_full(store: Store) -> Iterator[None]:
    pragma(store, "max_page_count=1")  # SQLite takes the present size when that is larger
    yield
    pragma(store, "max_page_count=1073741823")


@contextmanager
def read_only(store: Store) -> Iterator[None]:
    pragma(store, "query_only=ON")
    yield
    pragma(store, "query_only=OFF")


@contextmanager
def locked(store: Store) -> Iterator[None]:
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def moved(store: Store) -> Iterator[None]:
    elsewhere = store.path.with_suffix(".old")
    store.path.rename(elsewhere)
    yield
    elsewhere.rename(store.path)


@contextmanager
def replaced(store: Store) -> Iterator[None]:
    elsewhere = store.path.with_suffix(".old")
    store.path.rename(elsewhere)
    store.path.write_bytes(elsewhere.read_bytes())
    yield
    elsewhere.rename(store.path)


@pytest.mark.parametrize(
    ("failing", "what", "fix"),
    [
        (disk_full, "the disk is full", "make room on this disk"),
        (read_only, "it cannot be written", "let the daemon's user write"),
        (locked, "it is locked by another program", "end the program that holds it"),
        (moved, "the file was moved, removed or replaced", "put it back"),
        (replaced, "the file was moved, removed or replaced", "put it back"),
    ],
)
def test_a_failed_commit_writes_nothing_and_the_same_commit_works_when_the_cause_is_gone(
    path: Path, failing: Callable[[Store], object], what: str, fix: str
) -> None:
    with Store.open(path, limits=Limits(busy_wait=timedelta(milliseconds=50))) as store:
        store.commit([full_entry(1)])  # type: ignore[list-item]
        before = everything(store)
        next_entries = [full_entry(n) for n in range(2, 40)]
        with failing(store):  # type: ignore[attr-defined]
            for _ in range(2):
                with pytest.raises(StoreTrouble, match=what) as trouble:
                    store.commit(next_entries)  # type: ignore[arg-type]
                assert str(path) in trouble.value.what
                assert trouble.value.fix.startswith(fix)
        assert everything(store) == before
        assert store.commit(next_entries) == list(range(2, 40))  # type: ignore[arg-type]
        assert store.history("visit", "kiosk/39-7") == [event("kiosk/39-7", "arrived", 7, site="site 433")]
    with Store.open(path) as again:
        assert again.last_seq() == 39


def test_a_full_disk_still_lets_deliveries_be_read(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([full_entry(1)])  # type: ignore[list-item]
        with disk_full(store):
            with pytest.raises(StoreTrouble, match="the disk is full"):
                store.save_checkpoint(bytes(range(256)) * 4_000, format=1, rules_hash="a", seq=1)
            assert [waiting.key for waiting in store.outbox("alertmanager", 5)] == ["m1"]
            store.delivered(1, after(1))
        assert store.pending() == {}


def test_a_disk_that_refuses_writes_is_told_and_the_store_goes_on_after_it(path: Path) -> None:
    """A real refusal of the operating system: files may not grow, in the middle of a large commit."""
    child = """
        import resource, signal, sys
        from standardsd.store.store import Store
        from standardsd.store.trouble import StoreTrouble
        from tests.store.test_store_trouble import everything, full_entry

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Store.open(sys.argv[1]) as store:
            store.commit([full_entry(1)])
            before = everything(store)
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
            try:
                store.commit([full_entry(n) for n in range(2, 90)])
            except StoreTrouble as trouble:
                print(trouble.what.removeprefix(sys.argv[1]))
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert everything(store) == before
            assert store.commit([full_entry(n) for n in range(2, 90)])[-1] == 89
    """
    command = [sys.executable, "-c", textwrap.dedent(child), str(path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith((": the disk failed to read or write", ": the disk is full")), ran.stdout
    with Store.open(path) as store:
        assert store.last_seq() == 89
        assert len(store.known([("visit", f"kiosk/{n}-199") for n in range(1, 90)])) == 89


def test_a_damaged_page_is_told_where_it_is_met(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([full_entry(n) for n in range(1, 40)])  # type: ignore[misc]
    whole = bytearray(path.read_bytes())
    whole[4096 * 12 :] = b"\xa5" * (len(whole) - 4096 * 12)
    path.write_bytes(whole)
    with Store.open(path) as store, pytest.raises(StoreTrouble, match="is damaged") as trouble:
        everything(store)
    assert trouble.value.fix == RESTORE


@pytest.mark.parametrize(
    ("statement", "read", "where"),
    [
        ("UPDATE journal SET body = substr(body, 1, 20)", lambda s: list(s.journal()), "journal row 1"),
        ("UPDATE journal SET body = x''", lambda s: s.history("visit", "kiosk/1-3"), "journal row 1"),
        (
            "UPDATE interaction SET ordinal = ordinal + 500",
            lambda s: s.history("visit", "kiosk/1-3"),
            "journal row 1",
        ),
        ("UPDATE interaction SET batch = 7", lambda s: s.history("visit", "kiosk/1-3"), "journal row 7"),
        ("UPDATE decision SET line = '{}'", lambda s: list(s.decisions()), "decision 1.0"),
        ("UPDATE decision SET line = '{'", lambda s: s.said("visit", "kiosk/1-0"), "decision 1.0"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(
    store: Store, statement: str, read: Callable[[Store], object], where: str
) -> None:
    store.commit([full_entry(1)])  # type: ignore[list-item]
    with store._transaction("BEGIN IMMEDIATE") as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(StoreTrouble, match=f"{where} is damaged"):
        read(store)


def test_a_damaged_first_page_is_told_at_opening(path: Path) -> None:
    Store.open(path).close()
    whole = bytearray(path.read_bytes())
    whole[100:4096] = b"\xff" * 3_996
    path.write_bytes(whole)
    for _ in range(2):
        with pytest.raises(StoreTrouble, match="it is damaged") as trouble:
            Store.open(path)
        assert str(path) in trouble.value.what


def test_our_own_mistake_is_not_told_as_the_disks(store: Store) -> None:
    with (
        pytest.raises(Exception, match="no such table") as mistake,
        store._transaction("BEGIN") as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert not isinstance(mistake.value, StoreTrouble)
    assert store.commit([batch()]) == [1]


def test_every_trouble_says_what_to_do() -> None:
    for what, fix in TROUBLES.values():
        assert str(StoreTrouble(f"/data/x.sqlite: {what}", fix)) == f"/data/x.sqlite: {what}\n  fix: {fix}"
        assert len(fix.split()) >= 4, fix
