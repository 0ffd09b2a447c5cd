"""The process that is killed: commits without end and says, durably, what was acknowledged.

    python -m tests.store.committer STORE ACKNOWLEDGED

After every commit that returned it appends the last seq to ACKNOWLEDGED and syncs it.  What
an entry holds follows from its seq alone, so that another process can tell whether it is whole.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from standardsd.store.entries import Entry
from standardsd.store.store import Store
from tests.store.values import after, batch, breached, event, message


def entry(seq: int) -> Entry:
    """Entry ``seq``: up to 40 readings of some ten interactions, one verdict, one message, one key, one cursor."""
    readings = [event(f"kiosk/{(seq * 7 + n) % 11}", "updated", seq + n / 100) for n in range(seq % 41)]
    return batch(
        *readings,
        wall=after(seq),
        key=f"k{seq}",
        cursor=str(seq).encode(),
        decisions=(breached(id=f"kiosk/{seq % 11}", at=after(seq)),),
        outbox=(message(f"m{seq}"),),
    )


def together(seq: int) -> int:
    """How many entries are committed in the transaction that begins with ``seq``."""
    return 1 + seq % 3


def main(path: Path, acknowledged: Path) -> None:
    with Store.open(path) as store, acknowledged.open("ab", buffering=0) as said:
        while True:
            first = store.last_seq() + 1
            store.commit([entry(seq) for seq in range(first, first + together(first))])
            said.write(b"%d\n" % (first + together(first) - 1))
            os.fsync(said.fileno())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
