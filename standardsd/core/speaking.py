"""From what is known to what is said: only the difference to what we last said.

Restarts, duplicates and late readings need no code of their own: they change what is
known, or they do not.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import structs

from standardsd.core.verdicts import Outcome
from standardsd.model.decision import Amendment, CaseDecision, Final, Verdict, VerdictSpoken
from standardsd.model.standard import Standard


class Speak(Enum):
    NOTHING = "nothing"
    VERDICT = "verdict"
    AMENDMENT = "amendment"
    WITHDRAWAL = "withdrawal"  # an amendment that takes the verdict back without a new one
    IF_DIFFERENT = "if different"  # an amendment where reason, at, start, due or labels differ


UNSAID = "unsaid"
"""No line has been spoken on this occurrence; ``None`` is a verdict that was taken back."""

_WORDS = tuple(Verdict)

SPEAK: dict[tuple[Verdict | str | None, Verdict | None], Speak] = {
    # said so far, known now
    (UNSAID, None): Speak.NOTHING,
    (None, None): Speak.NOTHING,
    **{(UNSAID, word): Speak.VERDICT for word in _WORDS},
    **{(None, word): Speak.AMENDMENT for word in _WORDS},
    **{(word, None): Speak.WITHDRAWAL for word in _WORDS},
    **{(old, new): Speak.AMENDMENT for old in _WORDS for new in _WORDS if old is not new},
    **{(word, word): Speak.IF_DIFFERENT for word in _WORDS},
}


AMENDED = ("reason", "at", "start", "due", "late_from", "limit", "labels")
"""What a line says besides its word; where one of them changes, it is amended."""


def speak(
    *,
    standard: Standard,
    kind: str,
    interaction: str,
    occurrence: int,
    known: Outcome | None,
    said: CaseDecision | None,
) -> list[VerdictSpoken | Amendment | Final]:
    """The lines to say now; ``known`` None: there is no such occurrence (any more)."""
    word = None if known is None else known.word
    how = SPEAK[(UNSAID if said is None else said.verdict, word)]
    if how is Speak.NOTHING:
        return []
    if how is Speak.WITHDRAWAL:
        assert said is not None
        return [_taken_back(said)]
    assert known is not None
    line = _line(standard, kind, interaction, occurrence, known)
    if how is Speak.VERDICT:
        first = VerdictSpoken(**_until_final(line))
        return [first, *_final(line, known)]
    assert said is not None
    if how is Speak.AMENDMENT or not _alike(said, line) or _reopened(said, known):
        amendment = Amendment(**_until_final(line), was=said.verdict)
        return [amendment, *_final(line, known)]
    if isinstance(said, Final) and (said.end, said.measured) == (line.end, line.measured):
        return []
    return list(_final(line, known))


def _line(standard: Standard, kind: str, interaction: str, occurrence: int, known: Outcome) -> CaseDecision:
    assert known.word is not None
    assert known.at is not None
    return CaseDecision(
        standard=standard.id,
        kind=kind,
        id=interaction,
        occurrence=occurrence,
        verdict=known.word,
        reason=known.reason,
        at=known.at,
        start=known.start,
        due=known.due,
        late_from=known.late_from,
        end=known.end,
        measured=known.measured,
        limit=known.limit,
        labels=known.labels,
        rules=standard.rules,
    )


def _until_final(line: CaseDecision) -> dict[str, Any]:
    """A breach is spoken before it is known how it ends; its end stands in ``final``."""
    fields = structs.asdict(line)
    if line.verdict is Verdict.BREACHED:
        fields.update(end=None, measured=None)
    return fields


def _final(line: CaseDecision, known: Outcome) -> tuple[Final, ...]:
    if line.verdict is Verdict.BREACHED and known.closed:
        return (Final(**structs.asdict(line)),)
    return ()


def _taken_back(said: CaseDecision) -> Amendment:
    fields = structs.asdict(said)
    fields.update(verdict=None, reason=None, end=None, measured=None, was=said.verdict)
    return Amendment(**fields)


def _alike(said: CaseDecision, line: CaseDecision) -> bool:
    """Whether nothing changed that an amendment is for.

    The end and the measured time of a breach stand in ``final``; those of any other verdict in itself.
    """
    ends = line.verdict is Verdict.BREACHED or (said.end, said.measured) == (line.end, line.measured)
    return ends and all(getattr(said, field) == getattr(line, field) for field in AMENDED)


def _reopened(said: CaseDecision, known: Outcome) -> bool:
    """A ``final`` was said, and what had closed the breach has been taken back."""
    return isinstance(said, Final) and not known.closed
