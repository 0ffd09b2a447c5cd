"""Looking into a store that somebody else may be using: what is found, how far back, and that nothing is disturbed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from standardsd.model.reading import Reading
from standardsd.store import look
from standardsd.store.entries import Entry, ReadingsInput, RulesInput, TickInput
from standardsd.store.look import Look
from standardsd.store.store import Store
from standardsd.store.trouble import StoreTrouble
from tests.store.values import NINE, after, event


def batch(*ids: str, seconds: float = 0, refused: tuple[int, ...] = ()) -> Entry:
    readings = tuple(event(one, "arrived", seconds) for one in ids)
    return Entry(after(seconds), ReadingsInput(source="kiosk", readings=readings, refused=refused))


def tick(seconds: float) -> Entry:
    return Entry(after(seconds), TickInput())


def ids(path: Path, **maxima: int) -> tuple[list[str], bool]:
    """What is found since a minute after nine, and whether there is more."""
    with Look.open(path) as opened:
        stretch = opened.stretch(after(60), **maxima)
        found: list[Reading] = [one for taken in opened.batches(stretch) for one in taken]
    return [getattr(one, "id", "") for one in found], stretch.cut


def files(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(path.parent.iterdir())}


@pytest.mark.parametrize("running", [True, False])
def test_readings_since_an_instant_are_found_while_the_store_is_in_use_and_when_it_is_not(
    path: Path, running: bool
) -> None:
    store = Store.open(path)
    rules = RulesInput(files=(), hash="sha256:0", config="")
    store.commit([batch("1", seconds=59), Entry(after(59.5), rules), batch("2", "3", seconds=60), tick(61)])
    store.commit([batch("4", "5", "6", seconds=62, refused=(1,)), tick(63)])
    if not running:
        store.close()
    assert ids(path) == (["2", "3", "4", "6"], False)  # exactly at the instant is in, what was refused is not
    with Look.open(path) as opened:
        stretch = opened.stretch(after(60))
        assert (stretch.first, stretch.last, stretch.readings, stretch.since) == (3, 6, 5, after(60))
        assert opened.stretch(after(63.000001)).readings == 0
        assert list(opened.batches(opened.stretch(after(63.000001)))) == []
    store.close()


def test_a_store_without_an_input_has_nothing(path: Path) -> None:
    Store.open(path).close()
    assert ids(path) == ([], False)


MAXIMA = [
    # readings at most, inputs at most, what is found, whether there is more
    (5, 100, ["2", "3", "4", "5", "6"], False),
    (4, 100, ["4", "5", "6"], True),  # a batch is in or out as a whole
    (3, 100, ["4", "5", "6"], True),
    (1, 100, ["4", "5", "6"], True),  # the latest one is always in
    (5, 4, ["2", "3", "4", "5", "6"], False),
    (5, 3, ["4", "5", "6"], True),
    (5, 1, [], True),  # ticks alone
]


@pytest.mark.parametrize(("readings", "inputs", "found", "cut"), MAXIMA)
def test_what_is_older_than_the_maxima_allow_is_left_and_told_of(
    path: Path, readings: int, inputs: int, found: list[str], cut: bool
) -> None:
    with Store.open(path) as store:
        store.commit(
            [batch("1", seconds=59), batch("2", "3", seconds=60), tick(61), batch("4", "5", "6", seconds=62)]
        )
        store.commit([tick(63)])
    assert ids(path, readings_max=readings, inputs_max=inputs) == (found, cut)


def test_more_than_a_page_is_read_page_by_page(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(path) as store:
        store.commit([batch(str(number), seconds=60 + number) for number in range(40)])
    monkeypatch.setattr(look, "span_page_max", 7)
    assert ids(path) == ([str(number) for number in range(40)], False)


def test_a_store_that_nobody_has_open_is_left_as_it_lies(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([batch("1", seconds=60)])
    before = files(path)
    assert ids(path) == (["1"], False)
    assert files(path) == before


def test_the_daemon_goes_on_writing_and_its_log_can_shrink_while_somebody_looks(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([batch("1", seconds=60)])
        with Look.open(path) as opened:
            stretch = opened.stretch(NINE)
            readings = opened.batches(stretch)
            store.commit([batch("2", seconds=61)])
            with closing(sqlite3.connect(path)) as other:
                busy, _, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert busy == 0
            assert [len(one) for one in readings] == [1]  # the stretch ends where it ended
        store.commit([batch("3", seconds=62)])
        assert store.last_seq() == 3


def test_what_was_left_open_by_a_crash_is_read_with_its_log(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        store.commit([batch("1", seconds=60)])
        left = tmp_path / "left"
        shutil.copytree(path.parent, left)
    assert (left / f"{path.name}-wal").exists()
    assert ids(left / path.name) == (["1"], False)


def test_a_daemon_that_starts_while_a_resting_store_is_read_is_noticed(path: Path) -> None:
    Store.open(path).close()
    with Look.open(path) as opened, Store.open(path) as store:
        store.commit([batch("1", seconds=60)])
        with pytest.raises(StoreTrouble, match="a daemon began to use it meanwhile"):
            opened.stretch(NINE)


def damage(path: Path) -> None:
    text = bytearray(path.read_bytes())
    text[4096:] = b"\xff" * (len(text) - 4096)
    path.write_bytes(text)


def other_version(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA application_id = 7")
        connection.execute("CREATE TABLE journal (seq INTEGER)")


TROUBLES = [
    (damage, "is damaged"),
    (other_version, "its schema 9999 is newer than this program's"),
    (of_another_program, "an SQLite file of another program"),
    (lambda path: path.write_text("text"), "no SQLite file"),
    (lambda path: path.write_bytes(b""), "its schema is empty"),
    (Path.unlink, "No such file"),
]


@pytest.mark.parametrize(("harm", "said"), TROUBLES)
def test_a_store_that_cannot_be_read_is_told_of_and_left_as_it_is(
    path: Path, harm: object, said: str
) -> None:
    with Store.open(path) as store:
        store.commit([batch(str(number), seconds=60) for number in range(50)])
    harm(path)  # type: ignore[operator]
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()  # the tools that do the harm leave theirs
    before = files(path)
    with pytest.raises(StoreTrouble, match=said):
        ids(path)
    assert files(path) == before


def test_a_store_that_somebody_holds_alone_is_told_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "busy_wait", timedelta(milliseconds=20))
    Store.open(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreTrouble, match="locked by another program"):
            ids(path)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
