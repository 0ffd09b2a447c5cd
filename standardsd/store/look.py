"""Looking into a store without taking it: what `standardsd check` reads of one that a daemon may be using.

Nothing is written, locked, migrated or made, and no transaction lasts longer than one page, so that the daemon's
log can shrink meanwhile.  A store that nobody has open is read as it lies, without even the files that SQLite
would put beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from standardsd.model.reading import Reading
from standardsd.store import read, schema, sqlite
from standardsd.store.entries import ReadingsInput
from standardsd.store.trouble import StoreTrouble, damaged, trouble_of

busy_wait = timedelta(seconds=1)
"""Nobody waits long for somebody who only looks."""

readings_max = 300_000
"""Readings looked at, the latest ones: some seconds, and a month of a large house or a day of a chain."""

inputs_max = 1_000_000
"""Inputs of the journal passed on the way back, ticks included."""

span_page_max = 10_000
"""Of the journal's narrow columns, some 400 kB."""


class Stretch(Struct, frozen=True):
    """A part of the journal: inputs ``first`` to ``last``, with so many readings.

    ``since``: when its first input came; None where there is none.  ``cut``: there are older ones after the
    instant that was asked for, and they are not looked at.
    """

    first: int
    last: int
    readings: int
    since: datetime | None
    cut: bool


class Look:
    """An open store that is only read.  Made by ``open``; to be closed, or used in a ``with``."""

    def __init__(self, path: Path, engine: Engine, *, alone: bool) -> None:
        self.path = path
        self._engine = engine
        self._alone = alone

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises StoreTrouble for what is no store of ours, of another version, damaged, or not to be read."""
        sqlite.must_be_ours(path)
        alone = not sqlite.in_use(path)
        look = cls(path, sqlite.open_reader(path, busy_wait, alone=alone), alone=alone)
        try:
            with look._transaction() as connection:
                schema.bring_up_to_date(connection, str(path), migrate=False)
        except BaseException:
            look.close()
            raise
        return look

    def close(self) -> None:
        """May be called again."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stretch(
        self, since: datetime, *, readings_max: int = readings_max, inputs_max: int = inputs_max
    ) -> Stretch:
        """Back from the latest input to the first that came at or after ``since``, or as far as the maxima allow.

        The latest input with readings is always in, however many it has.
        """
        before: int | None = None
        found: Stretch | None = None
        passed = 0
        while True:
            with self._transaction() as connection:
                page = read.inputs_before(connection, before, span_page_max)
            for row in page:
                passed += 1
                if row.wall < since:
                    return found or _NOTHING
                total = row.readings if found is None else found.readings + row.readings
                full = found is not None and found.readings > 0 and total > readings_max
                if found is not None and (full or passed > inputs_max):
                    return Stretch(found.first, found.last, found.readings, found.since, cut=True)
                last = row.seq if found is None else found.last
                found = Stretch(row.seq, last, total, row.wall, cut=False)
            if not page:
                return found or _NOTHING
            before = page[-1].seq

    def batches(self, stretch: Stretch) -> Iterator[tuple[Reading, ...]]:
        """The readings of a stretch that the judge took, batch by batch, in the order in which they came."""
        after = stretch.first - 1
        while after < stretch.last:
            with self._transaction() as connection:
                page = read.readings_page(connection, after, stretch.last)
            if not page:
                return
            for row in page:
                assert isinstance(row.input, ReadingsInput), row
                refused = set(row.input.refused)
                yield tuple(one for place, one in enumerate(row.input.readings) if place not in refused)
            after = page[-1].seq

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            trouble = trouble_of(error, str(self.path))
            if trouble is None:
                raise
            raise trouble from error
        except read.Damaged as error:
            raise damaged(str(self.path), error.where, error.why) from error
        if self._alone and sqlite.in_use(self.path):
            raise StoreTrouble(f"{self.path}: a daemon began to use it meanwhile", "run the command again")


_NOTHING = Stretch(1, 0, 0, None, cut=False)
