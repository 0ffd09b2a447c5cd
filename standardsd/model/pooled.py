"""A rule book as it is kept: what many standards share stands in it once.

A calendar of a hundred years is some kilobytes; a chain with a hundred sites and a thousand
standards that go by them would else keep each site's a thousand times over.
"""

from __future__ import annotations

from msgspec import Struct, structs

from standardsd.model.clock import Always, BySite, OpenHours
from standardsd.model.standard import RuleBook
from standardsd.model.zone import Zones


class PooledBook(Struct, frozen=True):
    """``book``: its standards without clocks and zones; ``shared[i]``: the places of those of the i-th one."""

    book: RuleBook
    clocks: tuple[Always | OpenHours | BySite, ...]
    zones: tuple[Zones, ...]
    shared: tuple[tuple[int, int], ...]


def pool(book: RuleBook) -> PooledBook:
    """What is the same object is kept once; ``language`` makes equal calendars one object."""
    clocks: dict[int, tuple[int, Always | OpenHours | BySite]] = {}
    zones: dict[int, tuple[int, Zones]] = {}
    shared = []
    for standard in book.standards:
        clock = clocks.setdefault(id(standard.clock), (len(clocks), standard.clock))
        zone = zones.setdefault(id(standard.zones), (len(zones), standard.zones))
        shared.append((clock[0], zone[0]))
    bare = tuple(structs.replace(one, clock=Always(), zones=Zones()) for one in book.standards)
    return PooledBook(
        structs.replace(book, standards=bare),
        tuple(clock for _, clock in clocks.values()),
        tuple(zone for _, zone in zones.values()),
        tuple(shared),
    )


def unpool(pooled: PooledBook) -> RuleBook:
    """The book again, equal to what was pooled; what it shared it shares."""
    whole = tuple(
        structs.replace(standard, clock=pooled.clocks[clock], zones=pooled.zones[zone])
        for standard, (clock, zone) in zip(pooled.book.standards, pooled.shared, strict=True)
    )
    return structs.replace(pooled.book, standards=whole)
