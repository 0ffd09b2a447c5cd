"""What changed in meaning from one set of rules to another: tighter, looser, different; never as text.

Standards are compared by their id, after everything that is inherited has been filled in, key by
key.  What the words mean, and what is not claimed, stands in ``core.compare.order``.  A change
that makes a promise looser, or that may, has to be looked at: ``loosens`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from standardsd.core.compare.order import DIFFERENT, EQUAL, LOOSER, TIGHTER, Order
from standardsd.language import diff_words as words
from standardsd.language.diff_aspects import TEXTS, differing
from standardsd.model.measure import Gap, Spread
from standardsd.model.standard import Because, RuleBook, RuleFile, Standard
from standardsd.model.vocabulary import Kind


class Change(Struct, frozen=True):
    """One thing that changed.

    ``order``: None where only words for people changed.  ``standard``: its id; "" of a kind or of the files.
    ``key``: of the standard; "" where the standard as a whole came or went.  ``text``: one plain line.
    """

    order: Order | None
    standard: str
    key: str
    text: str

    @property
    def word(self) -> str:
        return "text" if self.order is None else str(self.order)

    @property
    def loosens(self) -> bool:
        """Whether it loosens, or may."""
        return self.order in (LOOSER, DIFFERENT)

    def render(self) -> str:
        """``looser: greet-within-60s: promised within 90s instead of 60s``."""
        return f"{self.word}: {self.standard}: {self.text}" if self.standard else f"{self.word}: {self.text}"


def diff(old: RuleBook, new: RuleBook, now: datetime) -> tuple[Change, ...]:
    """Everything that changed, by standard; nothing where both mean the same.

    ``now``: of hours that changed, the first ones behind it are named; it changes no order.
    """
    before = {standard.id: standard for standard in old.standards}
    after = {standard.id: standard for standard in new.standards}
    renamed = _renamed(before, after)
    found: list[Change] = list(_kinds(old, new))
    for identity in sorted({*before, *after} - set(renamed.values())):
        one, other = before.get(identity), after.get(identity)
        if one is None and other is not None:
            found.append(_added(other))
        elif one is not None and other is None:
            found.append(_gone(one, renamed.get(identity)))
        elif one is not None and other is not None:
            found += [Change(order, identity, key, text) for order, key, text in differing(one, other, now)]
    found += _linked(before, after, found)
    if not found and _meanings(old.files) != _meanings(new.files):
        found.append(Change(EQUAL, "", "", "written otherwise, and what runs comes to the same"))
    return tuple(found)


def loosens(changes: Iterable[Change]) -> bool:
    """Whether anything loosens, or may."""
    return any(change.loosens for change in changes)


def _meanings(files: Iterable[RuleFile]) -> list[str]:
    return sorted(file.meaning_hash for file in files)


def _nameless(standard: Standard) -> Standard:
    """What it says, without what it is called."""
    plain = dict.fromkeys(TEXTS, None) | {"id": "", "title": "", "set": "", "rules": "", "because": Because()}
    return replace(standard, **plain)


def _renamed(before: Mapping[str, Standard], after: Mapping[str, Standard]) -> dict[str, str]:
    """Old id → new id of standards that say the same under another name."""
    gone = [before[identity] for identity in sorted(before.keys() - after.keys())]
    came = [after[identity] for identity in sorted(after.keys() - before.keys())]
    found: dict[str, str] = {}
    for one in gone:
        said = _nameless(one)
        same = [other.id for other in came if other.id not in found.values() and _nameless(other) == said]
        if same:
            found[one.id] = same[0]
    return found


def _added(standard: Standard) -> Change:
    if standard.shadow:
        return Change(EQUAL, standard.id, "", "added in shadow, so nothing counts and nobody is told")
    return Change(TIGHTER, standard.id, "", f"added: {words.promise(standard.promise)}")


def _gone(standard: Standard, called_now: str | None) -> Change:
    if called_now is not None:
        said = f"called {called_now} now; figures, alerts and what routes them go by the name"
        return Change(DIFFERENT, standard.id, "id", said)
    if standard.shadow:
        return Change(EQUAL, standard.id, "", "removed; it was in shadow, so nothing counted")
    return Change(LOOSER, standard.id, "", f"removed; promised was {words.promise(standard.promise)}")


def _linked(
    before: Mapping[str, Standard], after: Mapping[str, Standard], found: Iterable[Change]
) -> list[Change]:
    """Standards about standards whose own words are the same, and what they are about is not."""
    changed = {change.standard for change in found if change.order in (LOOSER, TIGHTER, DIFFERENT)}
    told: list[Change] = []
    for identity in sorted(before.keys() & after.keys()):
        about = [name for name in _about(after[identity]) if name in changed]
        if about:
            said = f"it is about {words.listed(about)}, which changed"
            told.append(Change(DIFFERENT, identity, "measure", said))
    return told


def _about(standard: Standard) -> tuple[str, ...]:
    match standard.measure:
        case Spread(standard=one):
            return (one,)
        case Gap(first=first, second=second):
            return (first, second)
    return ()


def _kinds(old: RuleBook, new: RuleBook) -> Iterable[Change]:
    """Kinds of interaction that standards of both speak of, and that are made otherwise now."""
    spoken = {one.of for one in old.standards} & {one.of for one in new.standards} - {""}
    for name in sorted(spoken):
        one, other = old.vocabulary[name], new.vocabulary[name]
        if one != other:
            yield Change(_order_of(one, other), "", "vocabulary", f"the kind {name}: {_said(one, other)}")


def _order_of(old: Kind, new: Kind) -> Order:
    """Further events change nothing for standards that do not speak of them; endings and states may."""
    longer = new.events[: len(old.events)] == old.events or old.events[: len(new.events)] == new.events
    return EQUAL if longer and replace(old, events=new.events) == new else DIFFERENT


def _said(old: Kind, new: Kind) -> str:
    parts: list[str] = []
    for what, before, after in (
        ("events", set(old.events), set(new.events)),
        ("states", set(old.states), set(new.states)),
        ("endings", set(old.endings), set(new.endings)),
    ):
        if after - before:
            parts.append(f"{what} {words.listed(sorted(after - before))} added")
        if before - after:
            parts.append(f"{what} {words.listed(sorted(before - after))} removed")
    if old.reopening != new.reopening:
        parts.append(f"reopened by {new.reopening or words.NONE} instead of {old.reopening or words.NONE}")
    return "; ".join(parts) or "its events, states or endings are made otherwise"
