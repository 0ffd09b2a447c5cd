"""Which labels a standard speaks of, and in which key."""

from __future__ import annotations

from standardsd.model.measure import Repeats, Spread
from standardsd.model.promise import Grid
from standardsd.model.standard import Standard


def labels_of(standard: Standard) -> dict[str, tuple[str, ...]]:
    """Key of the standard → the labels it names: ``by``, ``where``, a grid's ``per``, ``same``, ``across``."""
    measure, promise = standard.measure, standard.promise
    return {
        "by": standard.by,
        "where": tuple(standard.where),
        "promise": (promise.per,) if isinstance(promise, Grid) else (),
        "measure": measure.same
        if isinstance(measure, Repeats)
        else (measure.across,)
        if isinstance(measure, Spread)
        else (),
    }
