"""Who may post what: a token for its sources, a source for what it yields and for its own labels.

The judge waits only for sources that can say a thing.  A reading that its source cannot say would be
judged by a watermark that promises nothing about it; so it is refused by name, line by line, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping

from standardsd.mapping.line_errors import LineError, echo
from standardsd.model.config import Role, Token
from standardsd.model.reading import Event, Reading, Retract, Sample
from standardsd.model.source import SAMPLES, Source
from standardsd.web.desk import UNKNOWN_SOURCE


class Speaking:
    """One request's token against the pushed sources as they are configured now."""

    def __init__(self, token: Token, pushed: Mapping[str, Source]) -> None:
        everywhere = token.role is Role.ADMIN or not token.sources
        self._token = token
        self._pushed = pushed
        self._allowed = frozenset(pushed) if everywhere else frozenset(pushed) & frozenset(token.sources)
        # What cannot be read is counted under the token's source, if it has only one.
        self.own_source = token.sources[0] if len(token.sources) == 1 else UNKNOWN_SOURCE

    def wrong_source(self, line: int, source: str) -> LineError | None:
        """Why this token may not speak for this source; which exist is told only to who may use them all."""
        if source in self._allowed:
            return None
        shown, place = echo(source), f"line {line}"
        if self._allowed == frozenset(self._pushed) or source in self._token.sources:
            known = ", ".join(sorted(self._allowed)) or "none yet"
            fix = f"add it under `sources:` with `use: push`; known: {known}"
            return LineError(line, place, "unknown_source", f"no pushed source is called '{shown}'", fix)
        what = f"the token '{self._token.name}' may not speak for the source '{shown}'"
        fix = (
            f"use one of {', '.join(sorted(self._allowed))}"
            if self._allowed
            else f"list it under `tokens: {self._token.name}: sources:`"
        )
        return LineError(line, place, "forbidden_source", what, fix)

    def trespass(self, line: int, reading: Reading) -> LineError | None:
        """Why this source, which the token may speak for, cannot say this; None when it can.

        A source without ``yields`` can say everything.  A retraction counts as saying what it takes back; the names
        of samples stand in ``yields`` under ``samples``.
        A label that the source does not fix may have any value; one that it fixes may be left out.
        """
        source = self._pushed[reading.source]
        said = _not_yielded(source, reading)
        if said is not None:
            under = f"sources: {source.name}: yields:" + (" samples:" if isinstance(reading, Sample) else "")
            what = f"the source '{source.name}' is not configured to say '{said}'"
            fix = f"add it under `{under}`, so that it is waited for"
            return LineError(line, f"line {line}", "not_yielded", what, fix)
        if isinstance(reading, Event | Sample):
            for name, value in source.speaks_for.items():
                if reading.labels.get(name, value) != value:
                    what = f"the source '{source.name}' speaks only for {name} '{value}'"
                    fix = f"leave '{name}' out, or post it as the source of that {name}"
                    return LineError(line, f"line {line}", "foreign_label", what, fix)
        return None


def _not_yielded(source: Source, reading: Reading) -> str | None:
    """What the source would say without being waited for, in words; None: nothing."""
    if source.yields is None:
        return None
    match reading:
        case Sample(name=name):
            return None if name in source.yields.get(SAMPLES, ()) else f"sample {echo(name)}"
        case Event(kind=kind, event=event) | Retract(kind=kind, event=event):
            events = source.yields.get(kind, ())
            if not events or (event is not None and event not in events):
                return kind if event is None else f"{kind} {event}"
    return None
