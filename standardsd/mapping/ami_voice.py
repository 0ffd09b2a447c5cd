"""What is said of a visit: the readings, with the labels that the definition gives them."""

from __future__ import annotations

from datetime import datetime

from standardsd.mapping.ami_visits import Visit, Visits, interaction_id
from standardsd.model.definition import Definition
from standardsd.model.reading import Event, Labels, Reading, Retract

id_chars_max = 256
"""As long as a reading's id may be; a longer one cannot be said (queue names have 80 characters at most)."""


class Voice:
    """Readings in the order they are said; whoever asks for them takes them."""

    def __init__(self, definition: Definition, source: str, labels: Labels, visits: Visits) -> None:
        self.visits = visits
        self.unsaid = 0  # readings whose id would have been too long
        self._kind = definition.kind
        self._source = source
        self._fixed = labels
        self._label_fields = definition.labels
        self._said: list[Reading] = []

    def say(
        self,
        visit: Visit,
        event: str,
        at: datetime,
        *,
        after: datetime | None = None,
        more: Labels | None = None,
    ) -> None:
        """``after``: it is only known to have been in (``after``, ``at``]."""
        found = {"queue": visit.queue, "call": visit.contact, "system": visit.system}
        labels = dict(self._fixed)
        labels.update({name: found[of] for name, of in self._label_fields.items() if found.get(of)})
        labels.update(more or {})
        name = interaction_id(self._source, visit)
        if len(name) > id_chars_max:
            self.unsaid += 1
            return
        not_before = after if after is not None and after < at else None
        self._said.append(
            Event(self._source, self._kind, name, event, at, not_before=not_before, labels=labels)
        )

    def take_back(self, visit: Visit, event: str, at: datetime, reason: str) -> None:
        name = interaction_id(self._source, visit)
        if len(name) <= id_chars_max:
            self._said.append(Retract(self._source, self._kind, name, event, at, reason))

    def end(self, visit: Visit, at: datetime, more: Labels | None = None) -> None:
        """A stay that was answered is over; never before it was answered."""
        self.close(visit, "ended", max(at, visit.answered or at), more)

    def close(self, visit: Visit, event: str, at: datetime, more: Labels | None = None) -> None:
        """The last word on a visit, which is forgotten."""
        self.say(visit, event, at, more=more)
        self.visits.drop(visit)

    def taken(self) -> list[Reading]:
        """Everything said since the last call."""
        said, self._said = self._said, []
        return said
