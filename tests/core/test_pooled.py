"""A book is kept with what its standards share standing in it once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from standardsd.model.clock import BySite, open_hours
from standardsd.model.measure import FromTo
from standardsd.model.pooled import PooledBook, pool, unpool
from standardsd.model.promise import Promise
from standardsd.model.standard import RuleBook, Standard
from standardsd.model.vocabulary import VOCABULARY
from standardsd.model.zone import Zone, Zones

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def hours(name: str, count: int = 400) -> object:
    day = timedelta(days=1)
    return open_hours(
        name, tuple((NINE + day * n, NINE + day * n + timedelta(hours=8)) for n in range(count))
    )


def book(count: int) -> RuleBook:
    clock = BySite({f"site-{n}": hours(f"site-{n}") for n in range(20)})
    zones = Zones(by_site={f"site-{n}": Zone("UTC") for n in range(20)})
    standards = tuple(
        Standard(
            id=f"s{n}",
            title="S",
            of="visit",
            measure=FromTo(("arrived",), ("greeted",)),
            promise=Promise(timedelta(hours=1), within=True),
            rules="sha256:0",
            set="desk",
            clock=clock,
            zones=zones,
        )
        for n in range(count)
    )
    return RuleBook(standards, VOCABULARY, (), "sha256:1")


def test_a_book_comes_back_as_it_was_and_shares_what_it_shared() -> None:
    whole = book(3)
    back = unpool(msgspec.msgpack.decode(msgspec.msgpack.encode(pool(whole)), type=PooledBook))
    assert back == whole
    assert back.standards[0].clock is back.standards[2].clock


def test_more_standards_on_the_same_clocks_cost_next_to_nothing() -> None:
    one, many = (len(msgspec.msgpack.encode(pool(book(count)))) for count in (1, 200))
    clocks = one
    assert many < clocks + 200 * 2_000
