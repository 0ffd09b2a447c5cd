"""What examples and scenarios have shown of each standard, and what nobody has shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from standardsd.language.scenarios_said import Said
from standardsd.model.decision import CaseDecision, Episode, EpisodeState, Final, Verdict
from standardsd.model.measure import Carried
from standardsd.model.standard import RuleBook, Standard

CASES = (Verdict.MET, Verdict.BREACHED, Verdict.EXCLUDED)
NUMBERS = (EpisodeState.IN_LIMITS, EpisodeState.BROKEN)


def outcomes(standard: Standard) -> tuple[str, ...]:
    """What there is to be shown: of cases met, breached and excluded, of numbers in limits and broken.

    A number that an event carries is judged as it comes: nothing but a waiver could exclude it.
    """
    if standard.is_number:
        return tuple(NUMBERS)
    if isinstance(standard.measure, Carried) and not standard.waivers:
        return (Verdict.MET, Verdict.BREACHED)
    return tuple(CASES)


@dataclass
class Covered:
    """One standard of the file ``path``.  ``shown``: how often each outcome was said."""

    path: str
    standard: Standard
    shown: Counter[str] = field(default_factory=Counter)

    @property
    def lacking(self) -> tuple[str, ...]:
        """The outcomes that nothing has shown."""
        return tuple(outcome for outcome in outcomes(self.standard) if not self.shown[outcome])


class Coverage:
    """Standards are told apart by file and id: two scenarios may each have a standard of one name."""

    def __init__(self) -> None:
        self._covered: dict[tuple[str, str], Covered] = {}

    def take_up(self, book: RuleBook, ids: Collection[str] | None = None) -> None:
        """Its standards are there to be shown; ``ids``: only these of them."""
        paths = {file.set: file.path for file in book.files}
        for standard in book.standards:
            if ids is not None and standard.id not in ids:
                continue
            path = paths[standard.set]
            self._covered.setdefault((path, standard.id), Covered(path, standard))

    def show(self, book: RuleBook, standard: Standard, words: Iterable[str]) -> None:
        path = next(file.path for file in book.files if file.set == standard.set)
        self._covered[(path, standard.id)].shown.update(words)

    def all(self) -> list[Covered]:
        """By file and id."""
        return [self._covered[key] for key in sorted(self._covered)]


def words_of(said: Iterable[Said]) -> dict[str, list[str]]:
    """Standard → its verdicts and states, each first word and each amendment once; a final adds none."""
    found: dict[str, list[str]] = {}
    for one in said:
        if isinstance(one, Episode):
            found.setdefault(one.standard, []).append(one.state)
        elif isinstance(one, CaseDecision) and one.verdict is not None and not isinstance(one, Final):
            found.setdefault(one.standard, []).append(one.verdict)
    return found
