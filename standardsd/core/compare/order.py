"""The four ways in which one thing can be another one, and how they add up.

*Tighter* means: on every trace, each case that the old standard breaches is breached by the new one, too.
Where a change cannot touch a breach (``if_left: keep``), the tighter one counts fewer cases as met.
Of a number: whenever the old one's episode is open, so is the new one's.  Of what follows from verdicts
(objectives, alerts): whenever the old one is failing or somebody is told, so it is with the new one.
*Looser* is the same with old and new exchanged.  What cannot be shown to be one of the two, and
to be neither, is *different*, and may loosen.

``where``, waivers and rows of a grid are compared for interactions whose labels stay as they are:
one that is moved out of what a standard is about is left out for good, so a wider ``where`` may also take
something out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Order(StrEnum):
    """What the new one is, compared with the old one."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    DIFFERENT = "different"  # neither for sure: it may loosen
    EQUAL = "equal"  # written otherwise, and as strict


LOOSER, TIGHTER, DIFFERENT, EQUAL = Order.LOOSER, Order.TIGHTER, Order.DIFFERENT, Order.EQUAL

OPPOSITE = {LOOSER: TIGHTER, TIGHTER: LOOSER, DIFFERENT: DIFFERENT, EQUAL: EQUAL}
"""What it is with old and new exchanged."""


def together(*orders: Order) -> Order:
    """Several changes at once: what pulls both ways is different."""
    found = set(orders) - {EQUAL}
    if not found:
        return EQUAL
    return found.pop() if len(found) == 1 else DIFFERENT


def sized(old: Any, new: Any, *, more: Order) -> Order:
    """Two sizes; ``more``: what a larger one is."""
    if old == new:
        return EQUAL
    return more if new > old else OPPOSITE[more]


def nested(*, old_in_new: bool, new_in_old: bool, wider: Order) -> Order:
    """Two sets, by which lies in the other; ``wider``: what the larger one is."""
    if old_in_new and new_in_old:
        return EQUAL
    if old_in_new:
        return wider
    return OPPOSITE[wider] if new_in_old else DIFFERENT
