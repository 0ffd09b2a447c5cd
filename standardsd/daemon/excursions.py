"""The latest episodes of each number: what its page shows beside its value.  A cache of the store, as breaches are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from standardsd.model.decision import Episode

lines_max = 40
"""Kept of each number: out and back again, twenty times."""

numbers_max = 2_000
"""Numbers with lines kept; past it the one that was longest without news is forgotten (some 20 MB in all)."""

Key = tuple[str, tuple[tuple[str, str], ...]]
"""Standard and group; labels in the order of their names."""


class RecentEpisodes:
    """The lines that stand, per number, by instant: one takes back all that was said of the time from its ``at`` on."""

    def __init__(self) -> None:
        self._lines: OrderedDict[Key, list[Episode]] = OrderedDict()

    def keep(self, line: Episode) -> None:
        key = (line.standard, tuple(sorted(line.group.items())))
        lines = self._lines.setdefault(key, [])
        self._lines.move_to_end(key)
        while lines and lines[-1].at >= line.at:
            lines.pop()
        lines.append(line)
        del lines[:-lines_max]
        if len(self._lines) > numbers_max:
            self._lines.popitem(last=False)

    def keep_if_new(self, last: Iterable[Episode]) -> None:
        """The last words of numbers of which nothing is known yet: so quiet that they stand far back."""
        for line in last:
            if (line.standard, tuple(sorted(line.group.items()))) not in self._lines:
                self.keep(line)

    def of(self, standard: str) -> list[Episode]:
        """Of all groups of a standard, each by instant."""
        return [line for (name, _), lines in self._lines.items() if name == standard for line in lines]
