"""The vocabulary: which kinds of interaction there are and what can happen to them.

Data, not code; a rule file may add kinds, or events and states to a kind
(``language`` does the merging).  The table is that of STANDARDS.md §1.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

UPDATED = "updated"
"""The event every kind has: labels changed, nothing else."""


class Ending(StrEnum):
    """How an interaction can end."""

    DONE = "done"
    LEFT = "left"  # the customer gave up
    DIVERTED = "diverted"  # overflow, voicemail, time-out, key press
    REFUSED = "refused"  # never admitted


class StateRule(Struct, frozen=True):
    """A state is entered by one of ``enter`` and left by one of ``leave`` or by any ending."""

    enter: tuple[str, ...]
    leave: tuple[str, ...]


class Kind(Struct, frozen=True):
    """One kind of interaction: its events in order, states, endings and reopening event."""

    name: str
    events: tuple[str, ...]
    states: dict[str, StateRule]
    endings: dict[str, Ending]
    reopening: str | None = None

    def knows(self, event: str) -> bool:
        return event in self.events or event in self.endings or event in (UPDATED, self.reopening)

    def all_events(self) -> tuple[str, ...]:
        """Every event name, in the order of an instant (see ``rank``)."""
        reopening = () if self.reopening is None else (self.reopening,)
        return (*self.events, UPDATED, *self.endings, *reopening)

    def rank(self, event: str) -> int:
        """Place within one instant after ``seq``: the vocabulary's order, then ``updated``,
        then endings (all alike; their names decide), then the reopening event."""
        if event in self.events:
            return self.events.index(event)
        last = len(self.events)
        if event == UPDATED:
            return last
        return last + 2 if event == self.reopening else last + 1


Vocabulary = dict[str, Kind]


def _kind(
    name: str,
    events: str,
    states: dict[str, tuple[str, str]],
    endings: dict[str, Ending],
    reopening: str | None = None,
) -> Kind:
    rules = {s: StateRule(tuple(enter.split()), tuple(leave.split())) for s, (enter, leave) in states.items()}
    return Kind(name, tuple(events.split()), rules, endings, reopening)


_D, _L, _V, _R = Ending.DONE, Ending.LEFT, Ending.DIVERTED, Ending.REFUSED

VOCABULARY: Vocabulary = {
    kind.name: kind
    for kind in (
        _kind(
            "call",
            "offered queued ringing ring_missed answered resumed held unparked parked transferred "
            "callback_promised callback_made",
            {
                "waiting": ("queued", "answered"),
                "ringing": ("ringing", "ring_missed answered"),
                "on_hold": ("held", "resumed"),
                "parked": ("parked", "unparked"),
            },
            {"ended": _D, "abandoned": _L, "diverted": _V, "refused": _R},
        ),
        _kind(
            "chat",
            "opened queued joined replied customer_replied",
            {"waiting": ("queued", "joined")},
            {"ended": _D, "abandoned": _L, "diverted": _V},
        ),
        _kind(
            "ticket",
            "opened acknowledged assigned replied customer_replied unpended pended escalated solved",
            {"pending": ("pended", "unpended")},
            {"closed": _D},
            "reopened",
        ),
        _kind(
            "visit",
            "due arrived ticket_taken called greeted served checked_in",
            {"waiting": ("arrived", "greeted called served checked_in")},
            {"finished": _D, "left": _L, "diverted": _V, "turned_away": _R},
        ),
        _kind(
            "request",
            "due requested acknowledged started delivered",
            {},
            {"done": _D, "cancelled": _L},
            "reopened",
        ),
        _kind("order", "due placed accepted ready served refilled", {}, {"paid": _D, "cancelled": _L}),
        _kind("survey", "invited answered followed_up", {}, {"closed": _D}),
        _kind("inspection", "started item", {}, {"finished": _D}),
        _kind("duty", "due done", {}, {}),
    )
}
