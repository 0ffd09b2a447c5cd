"""Which alerts stand now, so that they can be told again every minute.

The judge says once that an alert began to fire; Alertmanager wants to hear it all the
time.  This keeps what lies between: per alert the labels and the instant it began with,
until fifteen minutes after it ended.  Labels stay those it began with, even if the rule's
severity changes meanwhile: another label would be another alert, and this one never ended.

Two steps, because a message goes into the outbox within the transaction, but only what
was committed stands: ``messages(decisions)`` changes nothing, ``keep(messages)`` follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from standardsd.language.speech import ENGLISH, Words
from standardsd.model.decision import Alert, AlertState, Decision, SourceSpoken
from standardsd.model.snapshot import Backlog, GroupNow
from standardsd.model.source import Source
from standardsd.model.standard import Condition, Group, Standard
from standardsd.notify import texts
from standardsd.notify.message import AlertMessage

resolved_kept_for = timedelta(minutes=15)
"""An ended alert keeps being told as ended: a member that missed it would fire until ``endsAt``."""

Key = tuple[str, ...]
"""Ours, not Alertmanager's: ("standard", id, condition, name, value, …), ("source", name) or ``DIGEST``."""

DIGEST: Key = ("digest",)
"""The one alert about everything that was broken before judging began."""


class Told(Struct, frozen=True):
    """A message with the key it stands under.  ``said``: the decision behind it; the digest has none."""

    key: Key
    message: AlertMessage
    said: Alert | SourceSpoken | None


class CurrentAlerts:
    """Firing alerts, and those that ended less than ``resolved_kept_for`` ago.

    Bounded by the number of standards' groups: one entry for each condition of each.
    """

    def __init__(
        self, standards: Iterable[Standard], sources: Iterable[Source], url: str, words: Words = ENGLISH
    ) -> None:
        self._standing: dict[Key, Told] = {}
        self._words = words
        self.adopt(standards, sources, url)

    def adopt(
        self, standards: Iterable[Standard], sources: Iterable[Source], url: str, words: Words | None = None
    ) -> None:
        """New rules.  What stands goes on standing; a standard that is gone is told with its old words.

        ``words``: None: in those of before.
        """
        self._words = words or self._words
        self._standards = {standard.id: standard for standard in standards}
        self._sources = {source.name: source for source in sources}
        self._url = url

    def messages(
        self, decisions: Iterable[Decision], groups: Mapping[tuple[str, Group], GroupNow] | None = None
    ) -> list[Told]:
        """What has to be told of these decisions, in their order.  Pure: nothing here stands until ``keep``.

        Only ``firing`` and ``resolved`` are told.  Firing again while it stands tells nothing new.  A
        resolved alert that does not stand here (the memory of it was lost) is told all the same: it may
        still fire elsewhere.
        """
        now: dict[Key, Told] = {}
        told: list[Told] = []
        for decision in decisions:
            entry = self._told(decision, now, groups or {})
            if entry is not None:
                now[entry.key] = entry
                told.append(entry)
        return told

    def digest(self, backlog: Backlog | None, now: datetime) -> list[Told]:
        """What has to be told of the digest: its beginning, or its end at ``now``; nothing in between.

        Pure, like ``messages``.  Another one later is another firing of the same alert.
        """
        before = self._standing.get(DIGEST)
        fires = before is not None and before.message.ends_at is None
        if (backlog is not None) == fires:
            return []
        if backlog is not None:
            message = texts.backlog_message(backlog, self._url, _began(before, backlog.since), self._words)
            return [Told(DIGEST, message, None)]
        assert before is not None
        return [Told(DIGEST, msgspec.structs.replace(before.message, ends_at=now), None)]

    @property
    def digest_stands(self) -> bool:
        """Whether the digest is told as firing."""
        return DIGEST in self._standing and self._standing[DIGEST].message.ends_at is None

    def keep(self, told: Sequence[Told]) -> None:
        """These are committed: from now on they are what stands."""
        for entry in told:
            self._standing[entry.key] = entry

    def current(
        self,
        now: datetime,
        groups: Mapping[tuple[str, Group], GroupNow] | None = None,
        backlog: Backlog | None = None,
    ) -> list[AlertMessage]:
        """Everything to be told again at ``now``; firing ones with the figures of ``groups`` and ``backlog``.

        An alert that ended exactly ``resolved_kept_for`` ago is told no more.  A digest that began or ended
        without a decision (a reload took its standard away, a restart read the journal again) does so here.
        """
        self.keep(self.digest(backlog, now))
        gone = [
            key
            for key, entry in self._standing.items()
            if entry.message.ends_at is not None and now - entry.message.ends_at >= resolved_kept_for
        ]
        for key in gone:
            del self._standing[key]
        return [self._refreshed(entry, groups or {}, backlog) for entry in self._standing.values()]

    def firing(self) -> int:
        return sum(entry.message.ends_at is None for entry in self._standing.values())

    def dump(self) -> bytes:
        """For the store's alert states: after a restart the same alerts stand with the same ``startsAt``."""
        return msgspec.json.encode(list(self._standing.values()))

    def load(self, dumped: bytes) -> None:
        """The inverse of ``dump``; what stood before is forgotten."""
        self._standing = {entry.key: entry for entry in msgspec.json.decode(dumped, type=list[Told])}

    def _told(
        self, decision: Decision, now: Mapping[Key, Told], groups: Mapping[tuple[str, Group], GroupNow]
    ) -> Told | None:
        if isinstance(decision, SourceSpoken):
            return self._source_told(decision, now)
        if not isinstance(decision, Alert) or decision.state not in (AlertState.FIRING, AlertState.RESOLVED):
            return None
        key = alert_key(decision.standard, decision.condition, decision.group)
        before = now.get(key, self._standing.get(key))
        fires = before is not None and before.message.ends_at is None
        if fires and decision.state is AlertState.FIRING:
            return None
        if before is not None and not fires and decision.state is AlertState.RESOLVED:
            return None
        since = _began(before, decision.at)
        return self._worded(key, decision, since, before if fires else None, groups)

    def _worded(
        self,
        key: Key,
        alert: Alert,
        since: datetime,
        before: Told | None,
        groups: Mapping[tuple[str, Group], GroupNow],
    ) -> Told | None:
        """``before``: the same alert as it was told while it fired, whose labels stay."""
        ends_at = alert.at if alert.state is AlertState.RESOLVED else None
        standard = self._standards.get(alert.standard)
        if standard is None:  # the rules no longer have it; what stands can still be ended
            if before is None:
                return None
            old = before.message
            ended = AlertMessage(old.labels, old.annotations, old.starts_at, ends_at, old.generator_url)
            return Told(key, ended, alert)
        labels = (
            texts.labels_of(standard, alert.condition, alert.group)
            if before is None
            else before.message.labels
        )
        group = groups.get((standard.id, standard.group(alert.group)))
        message = AlertMessage(
            labels,
            texts.annotations_of(alert, standard, group, self._url, since, self._words),
            starts_at=since,
            ends_at=ends_at,
            generator_url=texts.receipt_address(alert, self._url, since),
        )
        return Told(key, message, alert)

    def _source_told(self, spoken: SourceSpoken, now: Mapping[Key, Told]) -> Told | None:
        key = ("source", spoken.source)
        before = now.get(key, self._standing.get(key))
        fires = before is not None and before.message.ends_at is None
        dark = spoken.state == "dark"
        if dark == fires:  # dark and told so already, or seen and never told dark
            return None
        source = self._sources.get(spoken.source, Source(spoken.source))
        since = _began(before, spoken.at)
        message = AlertMessage(
            before.message.labels if before is not None and fires else texts.source_labels(source),
            texts.source_annotations(spoken, source, self._url, since, self._words),
            starts_at=since,
            ends_at=None if dark else spoken.at,
            generator_url=texts.source_address(source, self._url),
        )
        return Told(key, message, spoken)

    def _refreshed(
        self, entry: Told, groups: Mapping[tuple[str, Group], GroupNow], backlog: Backlog | None
    ) -> AlertMessage:
        """A firing alert with today's figures; anything else as it was told."""
        said = entry.said
        if entry.key == DIGEST and backlog is not None:
            return texts.backlog_message(backlog, self._url, entry.message.starts_at, self._words)
        if not isinstance(said, Alert) or entry.message.ends_at is not None:
            return entry.message
        standard = self._standards.get(said.standard)
        group = None if standard is None else groups.get((standard.id, standard.group(said.group)))
        if standard is None or group is None or said.condition not in group.alerts:
            return entry.message
        figures = group.alerts[said.condition]
        alert = msgspec.structs.replace(said, count=figures.count, oldest=figures.oldest)
        since = entry.message.starts_at
        annotations = texts.annotations_of(alert, standard, group, self._url, since, self._words)
        return msgspec.structs.replace(entry.message, annotations=annotations)


def _began(before: Told | None, at: datetime) -> datetime:
    """``startsAt``: of the firing that stands; a new one begins after the last one's end, if only by 1 µs.

    Ended and begun in one instant, the two could not be told apart by anyone.
    """
    if before is None:
        return at
    if before.message.ends_at is None:
        return before.message.starts_at
    return max(at, before.message.ends_at + timedelta(microseconds=1))


def alert_key(standard: str, condition: Condition, group: Mapping[str, str]) -> Key:
    """One alert of one standard in one group; an empty label is no label."""
    named = sorted((name, value) for name, value in group.items() if value != "")
    return ("standard", standard, condition.value, *(part for pair in named for part in pair))
