"""AMI messages for tests that tell a story: what a real PBX says, without the fields that nobody reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from standardsd.mapping.ami import Message, Parser
from standardsd.mapping.ami_stream import AmiStream
from standardsd.model.reading import Event, Reading
from tests.asterisk.recorded import definition

START = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
CALLER = f"{int(START.timestamp())}.10"  # made before any agent's channel
AGENT = f"{int(START.timestamp()) + 1}.11"


def stamp(seconds: float) -> str:
    return f"{(START + timedelta(seconds=seconds)).timestamp():.6f}"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def block(event: str, seconds: float | None, **fields: str) -> bytes:
    """One event as bytes; ``seconds`` after START, None: without a stamp."""
    lines = [f"Event: {event}", "Privilege: agent,all"]
    if seconds is not None:
        lines.append(f"Timestamp: {stamp(seconds)}")
    lines += [f"{key}: {value}" for key, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def caller(channel: str = CALLER, **fields: str) -> dict[str, str]:
    return {
        "Channel": "PJSIP/trunk-1", "CallerIDNum": "15550100", "CallerIDName": "Test Caller",
        "Uniqueid": channel, "Linkedid": CALLER, **fields,
    }  # fmt: skip


def queue(name: str = "support", **fields: str) -> dict[str, str]:
    return {**caller(), "Queue": name, **fields}


def agent(**fields: str) -> dict[str, str]:
    return {"DestUniqueid": AGENT, "Interface": "PJSIP/101", "MemberName": "Alice", **fields}


class Story:
    """A stream that is told one message after another."""

    def __init__(self, memory: bytes | None = None, *, sighted: float | None = 0.0) -> None:
        self.stream = AmiStream(definition(), "pbx", {}, memory)
        self.readings: list[Reading] = []
        self._parser = Parser()
        self.readings += self.stream.connected()
        if sighted is not None:
            self.readings += self.stream.sighted(at(sighted))

    def tell(self, event: str, seconds: float | None, received: float | None = None, **fields: str) -> None:
        for item in self._parser.feed(block(event, seconds, **fields)):
            assert isinstance(item, Message)
            self.readings += self.stream.take(item, None if received is None else at(received))

    def pong(self, seconds: float) -> None:
        self.readings += self.stream.proven(at(seconds))

    def reconnect(self, seconds: float) -> None:
        self.readings += self.stream.connected()
        self.readings += self.stream.sighted(at(seconds))

    def listed(self, seconds: float, *entries: dict[str, str]) -> None:
        for entry in entries:
            self.tell("QueueEntry", None, received=seconds, **entry)
        self.tell("QueueStatusComplete", None, received=seconds, EventList="Complete")

    def said(self) -> list[tuple[str, float]]:
        """Events with their seconds after START, in the order they were said."""
        return [
            (r.event, round((r.at - START).total_seconds(), 3)) for r in self.readings if isinstance(r, Event)
        ]

    def event(self, name: str) -> Event:
        found = [r for r in self.readings if isinstance(r, Event) and r.event == name]
        assert len(found) == 1, f"{name} was said {len(found)} times"
        return found[0]
