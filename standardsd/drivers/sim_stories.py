"""What happens in a simulated house: which interactions come, when in the day, and how each goes.

Tables of numbers and one function for each kind of interaction.  A function is given the random
numbers of its one interaction and tells its whole life as steps, in seconds since its beginning.
The day may be compressed (``sim_traffic``), these seconds never are: a caller who waits forty seconds
waits forty real ones, so a promise of thirty means the same as in life.

The numbers are chosen so that a well-led house on a busy day keeps four to nineteen of twenty promises
of the shipped rule packs, depending on which; they are no measurements.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

STORY_SECONDS_MAX = 2400.0
"""No simulated interaction lasts longer; after a restart the plan is read back this far and no further."""

SPREAD_MAX = 5.0
"""A duration is at most this many times its usual length, so that every story ends."""


class Step(NamedTuple):
    """``offset``: seconds since the interaction began, above that of the step before."""

    offset: float
    event: str
    labels: dict[str, str] = {}  # noqa: RUF012  (a default that nobody changes)


Tell = Callable[[Random, float], list[Step]]
"""(random numbers of this interaction, busyness in (0, 1]) → its steps; the first has offset 0."""


@dataclass(frozen=True)
class Flow:
    """One stream of interactions.

    ``per_day``: how many begin on a simulated day.  ``shape``: weight of each of its 24 hours.
    ``events``: every event ``tell`` may use, which is what the source yields.
    """

    name: str
    kind: str
    per_day: float
    shape: tuple[float, ...]
    events: tuple[str, ...]
    tell: Tell

    def weight(self, hour: float) -> float:
        """How busy ``hour`` (in [0, 24), with a fraction) is beside an average one; straight lines between hours."""
        at, part = int(hour) % 24, hour % 1.0
        mixed = self.shape[at] * (1.0 - part) + self.shape[(at + 1) % 24] * part
        return mixed * 24.0 / sum(self.shape)

    @property
    def peak(self) -> float:
        """The greatest weight of the day."""
        return max(self.weight(float(hour)) for hour in range(24))


def lasting(rng: Random, usual: float, spread: float) -> float:
    """A duration in seconds: log-normal around ``usual``, as waits and talks are; never beyond SPREAD_MAX times it."""
    return min(rng.lognormvariate(math.log(usual), spread), usual * SPREAD_MAX)


def slowed(busyness: float) -> float:
    """How much longer people wait when it is busy: three quarters on a dead night, five quarters at the peak."""
    return 0.75 + 0.5 * busyness


# --- a guest at the desk ---------------------------------------------------------------------------


def visit(rng: Random, busyness: float) -> list[Step]:
    """Arrives, is greeted, checked in and done; some leave before anyone looks up."""
    wait = lasting(rng, 22.0, 0.62) * slowed(busyness)
    patience = 20.0 + rng.expovariate(1 / 400.0)
    arrived = Step(0.0, "arrived", {"desk": "lobby"})
    if patience < wait:
        return [arrived, Step(patience, "left")]
    checked_in = wait + lasting(rng, 150.0, 0.38) * slowed(busyness)
    finished = checked_in + lasting(rng, 15.0, 0.5)
    return [arrived, Step(wait, "greeted"), Step(checked_in, "checked_in"), Step(finished, "finished")]


# --- the telephone ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """How one telephone line is staffed; seconds.

    ``wait``, ``wait_spread``: until answered.  ``patience``: mean time until a caller hangs up.
    ``overflow``: after this wait the call is diverted.  ``hold_share``: chance of each further hold.
    """

    queues: tuple[tuple[str, float], ...]
    wait: float
    wait_spread: float
    patience: float
    overflow: float
    talk: float
    hold: float
    hold_share: float
    ring_missed_share: float = 0.12


HOLDS_MAX = 3
RING_SECONDS = 3.5

RECEPTION = Line((("reception", 1.0),), 4.5, 0.5, 150.0, 60.0, 45.0, 15.0, 0.4)
CONTACT_CENTER = Line(
    (("sales", 3.0), ("support", 5.0), ("billing", 2.0)), 10.0, 0.62, 250.0, 90.0, 75.0, 16.0, 0.45
)


def call(line: Line) -> Tell:
    """Stays in one queue: answered with or without holds, hung up, or diverted because it took too long."""

    def tell(rng: Random, busyness: float) -> list[Step]:
        names, weights = zip(*line.queues, strict=True)
        wait = lasting(rng, line.wait, line.wait_spread) * slowed(busyness)
        patience = 3.0 + rng.expovariate(1 / line.patience)
        steps = [Step(0.0, "queued", {"queue": rng.choices(names, weights)[0]})]
        ring_missed = rng.random() < line.ring_missed_share and wait > 4 * RING_SECONDS
        if ring_missed:  # the first agent does not pick up; the call goes back in front
            steps += [Step(1.0, "ringing"), Step(1.0 + 2 * RING_SECONDS, "ring_missed")]
        steps += [Step(max(wait - RING_SECONDS * rng.random(), wait * 0.6), "ringing")]
        for limit, event in sorted(((patience, "abandoned"), (line.overflow, "diverted"))):
            if limit < wait:
                return [*(step for step in steps if step.offset < limit), Step(limit, event)]
        return [*steps, Step(wait, "answered"), *_talk(rng, line, wait)]

    return tell


def _talk(rng: Random, line: Line, answered: float) -> list[Step]:
    """Talk, hold, talk …, end; one caller in twenty-five hangs up while on hold."""
    steps: list[Step] = []
    at = answered + lasting(rng, line.talk, 0.5) / 2
    while len(steps) < 2 * HOLDS_MAX and rng.random() < line.hold_share:
        held, at = at, at + lasting(rng, line.hold, 0.5)
        steps.append(Step(held, "held"))
        if rng.random() < 0.04:
            break
        steps.append(Step(at, "resumed"))
        at += lasting(rng, line.talk, 0.5) / 3
    return [*steps, Step(at, "ended")]


# --- what is asked in writing, and what is asked for -----------------------------------------------

REPLIES_MAX = 4
Choices = tuple[tuple[str, float], ...]
"""(word, how often beside the others)"""

POST: dict[str, Choices] = {
    "channel": (("mail", 6.0), ("form", 3.0), ("letter", 1.0)),
    "priority": (("P3", 6.0), ("P2", 3.0), ("P1", 1.0)),
}
MESSAGES: dict[str, Choices] = {
    "channel": (("messaging", 6.0), ("sms", 3.0)),
    "category": (("question", 6.0), ("complaint", 2.0)),
}


def ticket(words: dict[str, Choices]) -> Tell:
    """Opened, answered, perhaps asked again and answered again, solved and closed.

    Within minutes here, as a demo has no hours to wait.  ``words``: labels, and what each can say.
    """

    def tell(rng: Random, busyness: float) -> list[Step]:
        labels = {name: _one_of(rng, choices) for name, choices in words.items()}
        at = lasting(rng, 40.0, 0.5) * slowed(busyness)
        steps = [Step(0.0, "opened", labels), Step(at, "replied")]
        while len(steps) < 2 * REPLIES_MAX and rng.random() < 0.45:
            asked = at + lasting(rng, 30.0, 0.5)
            at = asked + lasting(rng, 30.0, 0.5) * slowed(busyness)
            steps += [Step(asked, "customer_replied"), Step(at, "replied")]
        solved = at + lasting(rng, 12.0, 0.4)
        return [*steps, Step(solved, "solved"), Step(solved + lasting(rng, 20.0, 0.4), "closed")]

    return tell


def request(rng: Random, busyness: float) -> list[Step]:
    """Towels, a repair, luggage: asked for, taken on, begun, brought; a few are cancelled while nobody has begun."""
    wanted = Step(0.0, "requested", {"department": _one_of(rng, (("housekeeping", 6.0), ("porter", 3.0)))})
    acknowledged = lasting(rng, 15.0, 0.5) * slowed(busyness)
    started = acknowledged + lasting(rng, 60.0, 0.4)
    if rng.random() < 0.04:
        return [wanted, Step(acknowledged, "acknowledged"), Step(started, "cancelled")]
    delivered = started + lasting(rng, 200.0, 0.42) * slowed(busyness)
    told = [Step(acknowledged, "acknowledged"), Step(started, "started"), Step(delivered, "delivered")]
    return [wanted, *told, Step(delivered + 4.0, "done")]


def _one_of(rng: Random, choices: Choices) -> str:
    names, weights = zip(*choices, strict=True)
    return str(rng.choices(names, weights)[0])


def lobby_round(rng: Random, busyness: float) -> list[Step]:
    """Somebody has looked after the lobby: nothing but that it was done."""
    return [Step(0.0, "done", {"round": "lobby-walk"})]


# --- the day of a house ----------------------------------------------------------------------------

#            0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
ARRIVALS = ( 2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 5, 5, 6, 7,10,14,15,13,11, 9, 8, 6, 4, 3)  # fmt: skip
PHONE_IN = ( 2, 1, 1, 1, 1, 2, 5, 9,12,12,10, 8, 7, 7, 8, 9,10,11,11, 9, 7, 5, 4, 3)  # fmt: skip
ERRANDS  = ( 1, 1, 1, 1, 1, 2, 5, 8, 9, 8, 6, 5, 4, 4, 5, 7, 9,11,12,12,10, 7, 4, 2)  # fmt: skip
EVEN = (1,) * 24
OFFICE   = ( 1, 1, 1, 1, 1, 1, 2, 6,12,15,16,14,10,11,14,15,13,10, 6, 4, 3, 2, 1, 1)  # fmt: skip

_CALL_EVENTS = (
    "queued", "ringing", "ring_missed", "answered", "held", "resumed", "ended", "abandoned", "diverted",
)  # fmt: skip
_TICKET_EVENTS = ("opened", "replied", "customer_replied", "solved", "closed")
_REQUEST_EVENTS = ("requested", "acknowledged", "started", "delivered", "done", "cancelled")
_VISIT_EVENTS = ("arrived", "greeted", "checked_in", "finished", "left")

PROFILES: dict[str, tuple[Flow, ...]] = {
    "hotel": (
        Flow("guests", "visit", 42.0, ARRIVALS, _VISIT_EVENTS, visit),
        Flow("phone", "call", 70.0, PHONE_IN, _CALL_EVENTS, call(RECEPTION)),
        Flow("errands", "request", 22.0, ERRANDS, _REQUEST_EVENTS, request),
        Flow("messages", "ticket", 14.0, ERRANDS, _TICKET_EVENTS, ticket(MESSAGES)),
        Flow("rounds", "duty", 30.0, EVEN, ("done",), lobby_round),
    ),
    "contact_center": (
        Flow("phone", "call", 130.0, OFFICE, _CALL_EVENTS, call(CONTACT_CENTER)),
        Flow("post", "ticket", 45.0, OFFICE, _TICKET_EVENTS, ticket(POST)),
    ),
}
