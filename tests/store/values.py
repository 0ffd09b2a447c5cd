"""Plain values for the store's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from standardsd.model.decision import (
    Alert,
    AlertState,
    Amendment,
    Episode,
    EpisodeState,
    Final,
    Reason,
    Refused,
    SourceSpoken,
    Verdict,
    VerdictSpoken,
)
from standardsd.model.reading import Event, Reading
from standardsd.model.standard import Condition
from standardsd.store.entries import Entry, Outgoing, ReadingsInput

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def event(id: str, name: str, seconds: float = 0, *, kind: str = "visit", **labels: str) -> Event:
    return Event(source="kiosk", kind=kind, id=id, event=name, at=after(seconds), labels=labels)


def batch(
    *readings: Reading,
    wall: datetime = NINE,
    source: str = "kiosk",
    key: str | None = None,
    cursor: bytes | None = None,
    decisions: tuple[object, ...] = (),
    outbox: tuple[Outgoing, ...] = (),
    refused: tuple[int, ...] = (),
) -> Entry:
    taken = ReadingsInput(source=source, readings=readings, key=key, cursor=cursor, refused=refused)
    return Entry(wall, taken, decisions, outbox)  # type: ignore[arg-type]


CASE = {
    "standard": "greet-within-60s",
    "kind": "visit",
    "id": "kiosk/4711",
    "occurrence": 1,
    "reason": None,
    "at": after(60),
    "start": NINE,
    "due": after(60),
    "late_from": None,
    "end": None,
    "measured": None,
    "limit": 60.0,
    "labels": {"site": "grand-budapest"},
    "rules": "sha256:00",
}


def breached(**changes: object) -> VerdictSpoken:
    return VerdictSpoken(**(CASE | {"verdict": Verdict.BREACHED} | changes))  # type: ignore[arg-type]


def final(**changes: object) -> Final:
    return Final(**(CASE | {"verdict": Verdict.BREACHED, "end": after(75)} | changes))  # type: ignore[arg-type]


def excluded(**changes: object) -> Amendment:
    """An amendment from breached to excluded."""
    word = {"verdict": Verdict.EXCLUDED, "reason": Reason.LEFT, "was": Verdict.BREACHED}
    return Amendment(**(CASE | word | changes))  # type: ignore[arg-type]


def alert(state: AlertState, seconds: float = 60, *, site: str = "grand-budapest") -> Alert:
    return Alert(
        standard="greet-within-60s",
        condition=Condition.BREACH,
        group={"site": site, "desk": "main"},
        state=state,
        at=after(seconds),
        count=1,
        oldest=NINE,
    )


def episode(state: EpisodeState, seconds: float = 60, *, site: str = "grand-budapest") -> Episode:
    return Episode(
        standard="queue-length",
        group={"site": site, "queue": "sales"},
        state=state,
        at=after(seconds),
        value=12.0,
        limit=10.0,
        rules="sha256:00",
    )


DARK = SourceSpoken(source="kiosk", state="dark", at=after(900))
TOO_LATE = Refused(source="kiosk", reason="too_late", what="visit kiosk/1 arrived", at=NINE)


def message(key: str, channel: str = "alertmanager") -> Outgoing:
    return Outgoing(channel=channel, key=key, payload=f'{{"alert":"{key}"}}'.encode())
