"""The store as the loop uses it: on a thread of its own, and patiently."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from msgspec import structs

from standardsd.store.limits import LIMITS
from standardsd.store.store import Store
from standardsd.store.trouble import StoreTrouble, TooMany

log = logging.getLogger(__name__)

STORE_NAME = "standardsd.sqlite"

busy_wait = timedelta(seconds=0.5)
"""For a store that another program holds: we try again anyway, and an end must not wait for it."""

retry_first, retry_most = 0.1, 5.0
"""Seconds between tries while the store is in trouble, doubling."""

Result = TypeVar("Result")


def open_store(data: Path) -> Store:
    """The store in this data folder, both made where they are not there.  StoreTrouble, OSError."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Store.open(data / STORE_NAME, limits=structs.replace(LIMITS, busy_wait=busy_wait))


class StoreThread:
    """The store's own thread: it is never called from two places at one time.

    ``trouble``: while ``in_the_end`` tries in vain; None when the last try succeeded.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.trouble: StoreTrouble | None = None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def call(self, work: Callable[..., Result], *args: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*args))

    async def in_the_end(self, work: Callable[..., Result], *args: object) -> Result:
        """What the store answers once it works: tried until it succeeds, and told once.  TooMany is no trouble."""
        pause = retry_first
        while True:
            try:
                result = await self.call(work, *args)
                break
            except TooMany:
                raise
            except StoreTrouble as trouble:
                if self.trouble is None:
                    log.error("nothing is acknowledged: %s", trouble)
                self.trouble = trouble
            await asyncio.sleep(pause)
            pause = min(2 * pause, retry_most)
        if self.trouble is not None:
            log.warning("the store works again")
            self.trouble = None
        return result

    def close(self) -> None:
        """Waits for the call under way, then closes the store."""
        self._pool.submit(self.store.close).result()
        self._pool.shutdown()
