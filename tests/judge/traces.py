"""Random traces and standards, as plain dicts, and the way from them into the project's values.

One generator serves both: ``trace(random.Random(seed))`` for runs told by their seed, and the
hypothesis strategy ``traces()``, which hands the same function a randomness that shrinks.  Times
are whole seconds in a short window, and limits are small, so that events fall on due, on the
edges of gaps, and on each other far more often than in life.  At most one event of an interaction
is uncertain, because the referee tries every history there can have been: more in ``foggy.py``.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from standardsd.core.judge import Judge, JudgeSettings
from standardsd.model.decision import Amendment, CaseDecision, Final, Refused, VerdictSpoken
from standardsd.model.reading import Reading
from standardsd.model.source import Source
from standardsd.model.standard import FromTo, Measure, Policy, Promise, RuleBook, Standard, TimeIn
from standardsd.model.vocabulary import VOCABULARY

Plain = dict[str, Any]
Key = tuple[str, str, str, int]

BASE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECONDS_MAX = 30  # events lie in BASE .. BASE + 30 s

# The vocabulary once more, copied from the table of STANDARDS.md by hand: the referee must not believe ours.
# kind | events in order | state:enter>leave … | endings | reopening
_VOCABULARY_TEXT = """
call|offered queued ringing ring_missed answered resumed held unparked parked transferred callback_promised \
callback_made|waiting:queued>answered ringing:ringing>ring_missed,answered on_hold:held>resumed \
parked:parked>unparked|ended=done abandoned=left diverted=diverted refused=refused|
ticket|opened acknowledged assigned replied customer_replied unpended pended escalated solved|\
pending:pended>unpended|closed=done|reopened
visit|due arrived ticket_taken called greeted served checked_in|waiting:arrived>greeted,called,served,checked_in|\
finished=done left=left diverted=diverted turned_away=refused|
request|due requested acknowledged started delivered||done=done cancelled=left|reopened
"""


def words_of(line: str) -> tuple[str, Plain]:
    kind, events, states, endings, reopening = line.split("|")
    entered_left = {
        s.split(":")[0]: [p.split(",") for p in s.split(":")[1].split(">")] for s in states.split()
    }
    return kind, {
        "order": [*events.split(), "updated"],
        "states": entered_left,
        "endings": dict(e.split("=") for e in endings.split()),
        "reopening": reopening,
    }


PLAIN_VOCABULARY = dict(words_of(line) for line in _VOCABULARY_TEXT.strip().splitlines())

# What happens to an interaction of each kind; a name twice is twice as likely.
HAPPENINGS = {
    "call": "offered queued queued ringing answered answered held resumed held resumed updated "
    "ended abandoned abandoned diverted diverted refused",
    "visit": "due arrived arrived called greeted greeted checked_in updated finished left diverted turned_away",
    "ticket": "opened opened assigned replied replied customer_replied pended unpended updated closed reopened",
    "request": "due due requested requested acknowledged delivered delivered updated done cancelled reopened",
}

# from → to [each]; or the name of a state [each].
MEASURES = {
    "call": "queued>answered queued>answered offered,queued>answered,resumed held>resumed+ queued>abandoned "
    "queued>answered+ answered>ended waiting on_hold on_hold+ waiting on_hold on_hold+ waiting+",
    "visit": "arrived>greeted arrived>greeted,called arrived>greeted,left arrived>greeted+ due>arrived due>greeted,left "
    "waiting waiting+",
    "ticket": "opened>replied opened>replied customer_replied>replied+ opened,customer_replied>replied+ opened>closed "
    "replied>replied+ reopened>closed pending pending+ opened>assigned,replied",
    "request": "requested>delivered requested>delivered requested>acknowledged,delivered+ due>delivered due>delivered "
    "requested>done reopened>delivered+",
}
WHERES = (
    {"queue": ["a*"]},
    {"queue": ["!b"]},
    {"queue": ["a*", "!ab"]},
    {"queue": ["b"], "site": ["x", "y"]},
)
SOURCES = ("alpha", "beta", "gamma")
LIMITS = (0, 3, 6, 6, 10, 15)  # seconds


def at(seconds: int) -> str:
    return (BASE + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def trace(rng: random.Random) -> Plain:
    """Readings in order of nothing in particular, standards over them, and the sources that said them."""
    kinds = [rng.choice(sorted(HAPPENINGS)) for _ in range(rng.randint(1, 2))]
    sources = [source_for(rng, name, kinds) for name in SOURCES[: rng.randint(1, 3)]]
    readings: list[Plain] = []
    polled = rng.random() < 0.35
    for number in range(rng.randint(1, 3)):
        readings += _interaction(rng, rng.choice(kinds), str(number), sources, polled=polled)
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        since, until = sorted((_edge(rng, readings), _edge(rng, readings)))
        until = until if until > since else since + rng.randint(1, 12)
        readings.append(
            {"type": "gap", "source": rng.choice(sources)["name"], "from": at(since), "to": at(until)}
        )
    complete = rng.random() < 0.6  # otherwise some source is behind, or has never been heard
    for source in sources:
        if complete or rng.random() < 0.8:
            upto = 100 if complete else _edge(rng, readings)
            readings += [
                {"type": "watermark", "source": source["name"], "at": at(t)} for t in {upto // 2, upto}
            ]
    standards = [standard_over(rng, f"s{n}", rng.choice(kinds)) for n in range(rng.randint(1, 3))]
    return {"readings": readings, "standards": standards, "sources": sources}


def _edge(rng: random.Random, readings: list[Plain]) -> int:
    """Mostly the instant of an event, or one at which a limit from there is used up; else any."""
    if rng.random() < 0.4:
        return rng.randint(0, SECONDS_MAX + 15)
    happened = datetime.fromisoformat(rng.choice([r for r in readings if r["type"] == "event"])["at"])
    return int((happened - BASE).total_seconds()) + rng.choice((0, 0, *LIMITS))


def source_for(rng: random.Random, name: str, kinds: list[str]) -> Plain:
    """The first source can say anything; the others may be narrower."""
    source: Plain = {"name": name}
    if name == SOURCES[0] or rng.random() < 0.5:
        return source
    if rng.random() < 0.3:
        return source | {"private_ids": True}
    if rng.random() < 0.3:
        return source | {"speaks_for": {"site": rng.choice("xy")}}
    return source | {
        "yields": {k: sorted({rng.choice(HAPPENINGS[k].split()) for _ in range(4)}) for k in kinds}
    }


def _interaction(
    rng: random.Random, kind: str, name: str, sources: list[Plain], *, polled: bool
) -> list[Plain]:
    private = [s["name"] for s in sources if s.get("private_ids")]
    owner = rng.choice(private) if private and rng.random() < 0.5 else None
    id_ = f"{owner}/{name}" if owner else name
    said: list[Plain] = []
    count = rng.randint(1, 8)
    uncertain = rng.randrange(count) if polled else None
    for number in range(count):
        seconds = rng.randint(0, SECONDS_MAX)
        event = {
            "type": "event",
            "source": owner or rng.choice(sources)["name"],
            "kind": kind,
            "id": id_,
            "event": rng.choice(HAPPENINGS[kind].split()),
            "at": at(seconds),
        }
        if rng.random() < 0.2:
            event["seq"] = rng.randint(-1, 2)
        if rng.random() < 0.4:
            event["labels"] = {"queue": rng.choice(("a", "ab", "b"))}
        if number == uncertain:
            event["not_before"] = at(seconds - rng.randint(1, 10))
        said.append(event)
    said.append(said[0] | {"labels": {**said[0].get("labels", {}), "site": rng.choice("xy")}})
    for event in [e for e in said if rng.random() < 0.15]:
        said.append(copy_of(rng, event))
    if rng.random() < 0.15:
        said.append(retraction_of(rng, rng.choice(said)))
    return said


def copy_of(rng: random.Random, event: Plain) -> Plain:
    """The same event told again, perhaps more or less exactly, perhaps with other labels."""
    copy = dict(event)
    if rng.random() < 0.3:
        copy["seq"] = rng.randint(-1, 2)
    if rng.random() < 0.3:
        copy["labels"] = {"queue": rng.choice(("a", "ab", "b"))}
    if rng.random() < 0.3:
        copy.pop("not_before", None)
    return copy


def retraction_of(rng: random.Random, event: Plain) -> Plain:
    retract = {"type": "retract", "source": event["source"], "kind": event["kind"], "id": event["id"]}
    wide = rng.random()
    if wide > 0.2:
        retract["event"] = event["event"]
    if wide > 0.5:
        retract["at"] = event["at"]
    return retract


def standard_over(rng: random.Random, name: str, kind: str) -> Plain:
    text = rng.choice(MEASURES[kind].split())
    each, text = text.endswith("+"), text.rstrip("+")
    measure: Plain = {"each": True} if each else {}
    if ">" in text:
        measure["from"], measure["to"] = (part.split(",") for part in text.split(">"))
    else:
        measure["time_in"] = text
    standard: Plain = {
        "id": name,
        "of": kind,
        "measure": measure,
        "promise": {rng.choice(("within", "within", "under")): rng.choice(LIMITS)},
    }
    if rng.random() < 0.4:
        standard["where"] = rng.choice(WHERES)
    for key in ("if_left", "if_diverted", "if_done"):
        if rng.random() < 0.6:
            standard[key] = rng.choice(("exclude", "breach", "keep", "void"))
    if rng.random() < 0.3:
        standard["ignore_if_left_within"] = rng.choice((0, 3, 6))
    if rng.random() < 0.3:
        taken = {*measure.get("from", ()), *measure.get("to", ()), "due"}
        taken |= {e for state in PLAIN_VOCABULARY[kind]["states"].values() for e in state[1]}
        standard["unless"] = [rng.choice([e for e in HAPPENINGS[kind].split() if e not in taken])]
    return standard


@st.composite
def traces(draw: st.DrawFn) -> Plain:
    """The same traces for hypothesis, which shrinks them."""
    return trace(draw(st.randoms(use_true_random=False)))


# From here on: plain dicts into the project's values, and its decisions back into plain dicts.


def as_readings(plain: list[Plain]) -> list[Reading]:
    return [msgspec.convert(reading, Reading) for reading in plain]


def as_source(plain: Plain) -> Source:
    yields = plain.get("yields")
    return Source(
        name=plain["name"],
        yields=None if yields is None else {kind: tuple(events) for kind, events in yields.items()},
        speaks_for=plain.get("speaks_for", {}),
        private_ids=plain.get("private_ids", False),
    )


def as_standard(plain: Plain) -> Standard:
    measure = plain["measure"]
    each = bool(measure.get("each"))
    made: Measure
    if "time_in" in measure:
        made = TimeIn(measure["time_in"], each)
    else:
        made = FromTo(tuple(measure["from"]), tuple(measure["to"]), each)
    ((word, limit),) = plain["promise"].items()
    ignore = plain.get("ignore_if_left_within")
    return Standard(
        id=plain["id"],
        title=plain["id"],
        of=plain["of"],
        measure=made,
        promise=Promise(timedelta(seconds=limit), within=word == "within"),
        rules="sha256:0",
        set="test",
        where={key: tuple(globs) for key, globs in plain.get("where", {}).items()},
        if_left=Policy(plain.get("if_left", "exclude")),
        if_diverted=Policy(plain.get("if_diverted", "exclude")),
        if_done=Policy(plain.get("if_done", "exclude")),
        ignore_if_left_within=None if ignore is None else timedelta(seconds=ignore),
        unless=tuple(plain.get("unless", ())),
    )


def as_book(standards: list[Plain]) -> RuleBook:
    return RuleBook(tuple(map(as_standard, standards)), VOCABULARY, (), "sha256:0")


def batches(rng: random.Random, readings: list[Plain]) -> list[list[Plain]]:
    """Any order of arrival, cut anywhere."""
    shuffled = rng.sample(readings, len(readings))
    cuts = sorted(rng.randint(0, len(shuffled)) for _ in range(rng.randint(0, len(shuffled))))
    return [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True) if a < b]


def last_words(decisions: list[Any]) -> dict[Key, Plain]:
    """What stands after everything was said, in the referee's form."""
    truth: dict[Key, CaseDecision] = {}
    for decision in decisions:
        if isinstance(decision, VerdictSpoken | Amendment | Final):
            truth[decision.standard, decision.kind, decision.id, decision.occurrence] = decision
    return {key: _plain(decision) for key, decision in truth.items() if decision.verdict is not None}


def half_seconds(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp() * 2)


def _plain(decision: CaseDecision) -> Plain:
    return {
        "verdict": decision.verdict,
        "reason": decision.reason,
        "at": half_seconds(decision.at),
        "start": half_seconds(decision.start),
        "due": half_seconds(decision.due),
        "end": half_seconds(decision.end),
        "measured": decision.measured,
        "labels": decision.labels,
        "finished": isinstance(decision, Final) or decision.verdict != "breached",
    }


WALL = BASE + timedelta(seconds=SECONDS_MAX + 200)  # the wall clock of a run: after all that is told


def run(judge: Judge | Any, arrivals: list[list[Plain]], wall: datetime = WALL) -> list[Any]:
    """Every decision on a case, batch by batch, with a tick after each."""
    said: list[Any] = []
    for number, batch in enumerate(arrivals):
        now = wall + timedelta(milliseconds=number)
        said += judge.receive(as_readings(batch), now)
        said += judge.tick(now)
    assert not any(isinstance(d, Refused) for d in said), [d for d in said if isinstance(d, Refused)]
    return [d for d in said if isinstance(d, CaseDecision)]


def judge_of(plain: Plain) -> Judge:
    """A judge of ours that has heard nothing yet and forgets nothing."""
    sources = [as_source(source) for source in plain["sources"]]
    return Judge(as_book(plain["standards"]), sources, JudgeSettings())
