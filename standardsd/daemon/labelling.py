"""The operator's labels on what a source says, and what had no mapping, counted and told once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from standardsd.mapping.label_maps import Maps, labelled
from standardsd.model.reading import Reading

log = logging.getLogger(__name__)

told_max = 100
"""Values without a mapping that are named, a source; with more of them the map is what is wrong."""


class Labeller:
    """One source's.  ``unmapped``: readings without a mapping, by label; ``values``: the first such values."""

    def __init__(self, name: str, fixed: Mapping[str, str], maps: Maps) -> None:
        self.unmapped: Counter[str] = Counter(dict.fromkeys(maps, 0))
        self.values: dict[tuple[str, str], None] = {}
        self._name = name
        self._fixed = fixed
        self._maps = maps

    def __call__(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        found = [labelled(reading, fixed=self._fixed, maps=self._maps) for reading in readings]
        for one in found:
            for label, value in one.unmapped:
                self._tell(label, value)
        return tuple(one.reading for one in found)

    def same(self, other: Labeller) -> bool:
        """Whether both label alike."""
        return (self._fixed, self._maps) == (other._fixed, other._maps)

    def _tell(self, label: str, value: str) -> None:
        self.unmapped[label] += 1
        if (label, value) not in self.values and len(self.values) < told_max:
            self.values[label, value] = None
            log.warning(
                "%s: %s %r has no mapping; add it under sources.%s.map", self._name, label, value, self._name
            )
