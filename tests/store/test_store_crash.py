"""After ``kill -9``, and after a power cut that tore the log: everything acknowledged, nothing half."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from standardsd.store.entries import ReadingsInput
from standardsd.store.store import Store
from tests.store.committer import entry, together
from tests.store.values import NINE

ROOT = Path(__file__).parents[2]

kills = 6
start_seconds_max = 30


def must_be_whole(store: Store) -> int:
    """Every entry up to the last is all there, in all tables; how many there are."""
    rows = list(store.journal())
    expected = [entry(seq) for seq in range(1, len(rows) + 1)]
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [(row.wall, row.input) for row in rows] == [(whole.wall, whole.input) for whole in expected]
    assert [row.decision for row in store.decisions()] == [whole.decisions[0] for whole in expected]
    assert [out.key for out in store.outbox("alertmanager", len(rows) + 1)] == [f"m{row.seq}" for row in rows]
    assert store.cursor("kiosk") == (str(len(rows)).encode() if rows else None)
    with store._transaction("BEGIN") as connection:
        keys = connection.exec_driver_sql("SELECT source, key, seq FROM taken_key ORDER BY seq").all()
        places = connection.exec_driver_sql("SELECT count(*) FROM interaction").scalar_one()
    assert [tuple(key) for key in keys] == [("kiosk", f"k{row.seq}", row.seq) for row in rows]
    readings = [r for row in rows if isinstance(row.input, ReadingsInput) for r in row.input.readings]
    assert places == len(readings)
    for n in (0, 5, 10):
        id = f"kiosk/{n}"
        assert store.history("visit", id) == [r for r in readings if getattr(r, "id", None) == id]
        last = [whole.decisions[0] for whole in expected if getattr(whole.decisions[0], "id", None) == id][
            -1:
        ]
        assert store.said("visit", id) == last
    return len(rows)


def last_acknowledged(acknowledged: Path) -> int:
    """A half-written last line was not acknowledged."""
    whole_lines = acknowledged.read_bytes().split(b"\n")[:-1] if acknowledged.exists() else []
    return int(whole_lines[-1]) if whole_lines else 0


def test_everything_acknowledged_outlives_kill_9_in_the_middle_of_commits(path: Path, tmp_path: Path) -> None:
    acknowledged = tmp_path / "acknowledged"
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    before = 0
    for _ in range(kills):
        command = [sys.executable, "-m", "tests.store.committer", str(path), str(acknowledged)]
        committer = subprocess.Popen(command, cwd=ROOT)
        try:
            wanted = before + dice.randint(1, 20)
            give_up = time.monotonic() + start_seconds_max
            while last_acknowledged(acknowledged) < wanted:
                assert committer.poll() is None, f"the committer ended by itself (seed {seed})"
                assert time.monotonic() < give_up, f"nothing is committed (seed {seed})"
                time.sleep(0.001)
            time.sleep(dice.random() / 200)  # so that the kill falls anywhere in a commit, not just after one
        finally:
            committer.kill()
            committer.wait()
        with Store.open(path) as store:
            there = must_be_whole(store)
        said = last_acknowledged(acknowledged)
        # At most the one commit that was running is there without having been acknowledged.
        assert there in (said, said + together(said + 1)), f"seed {seed}"
        before = there
    assert before > 0


def test_a_log_torn_anywhere_ends_at_a_whole_commit(path: Path, tmp_path: Path) -> None:
    """A power cut may leave the last pages of the log half-written; what was synced before them stands."""
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    log = path.with_name(path.name + "-wal")
    ends: list[tuple[int, int]] = []  # how long the log is at the least, how many entries it then holds
    with Store.open(path, now=NINE) as store:
        while (first := store.last_seq() + 1) <= 25:
            store.commit([entry(seq) for seq in range(first, first + together(first))])
            ends.append((log.stat().st_size, store.last_seq()))
        kept = tmp_path / "kept"
        shutil.copytree(path.parent, kept)
    whole = (kept / log.name).read_bytes()
    assert ends[0][0] < ends[-1][0] == len(whole), "the log was folded into the file: nothing would be torn"
    for n in range(20):
        torn = tmp_path / f"torn-{n}"
        shutil.copytree(kept, torn)
        cut = dice.randrange(len(whole))
        rubbish = dice.randbytes(dice.choice((0, 1, 5_000)))
        (torn / log.name).write_bytes(whole[:cut] + rubbish)
        (torn / (path.name + "-shm")).unlink(missing_ok=True)  # memory, in a power cut
        with Store.open(torn / path.name, now=NINE) as store:
            synced = max((entries for size, entries in ends if size <= cut), default=0)
            assert must_be_whole(store) == synced, f"seed {seed}, cut at {cut}"
            assert store.commit([entry(synced + 1)]) == [synced + 1]
