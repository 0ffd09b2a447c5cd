"""From the states that are known to what is said: only the difference to what was said before.

Whoever reads the lines of one standard and group in order knows the states at every instant by one rule: a
line holds from its ``at`` on, and takes back everything that lines before it said from there on.  So a
correction is a line like any other; where an episode turns out never to have been, the state that was there
instead is said at the episode's ``at``.
"""

from __future__ import annotations

from standardsd.core.instants import instant
from standardsd.core.numbers.timeline import UNKNOWN, Stretch, Timeline
from standardsd.model.decision import Episode
from standardsd.model.standard import Group, Standard


def say(standard: Standard, group: Group, said: list[Stretch], timeline: Timeline) -> list[Episode]:
    """What is to be said now; ``said`` becomes what is known."""
    known = timeline.audible()
    same = 0
    for old, new in zip(said, known, strict=False):
        if old != new:
            break
        same += 1
    lines = known[same:]
    if same < len(said) and (not lines or lines[0].at > said[same].at):
        instead = _instead(timeline, said[same].at)
        lines = [instead, *lines]
        if instead.state is UNKNOWN:  # then even a beginning in limits is a change to whoever reads the lines
            timeline.say_all()
            known = timeline.audible()
            lines = known if known and known[0].at <= instead.at else [instead, *known]
    said[:] = known
    return [line(standard, group, stretch) for stretch in lines]


def _instead(timeline: Timeline, at: int) -> Stretch:
    """The state that held where something else had been said; no number did it, so none is named."""
    known = timeline.state_at(at)
    if known is None:
        return Stretch(at, UNKNOWN, None, None, audible=True)
    return Stretch(at, known.state, None, known.limit, audible=True)


def line(standard: Standard, group: Group, stretch: Stretch) -> Episode:
    at, value = instant(stretch.at), stretch.value
    return Episode(standard.id, dict(group), stretch.state, at, value, stretch.limit, standard.rules)
