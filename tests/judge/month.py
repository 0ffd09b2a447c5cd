"""A month at two houses, from a seed: what happened, what was told of it and when, and what was promised.

2026-10-10 to 2026-11-10, with the end of summer time in Bucharest (25 October) and in New York (1 November).
Sources tell late, twice, out of order and wrongly (and take it back); one loses sight for a night, another
delivers nothing for half a day and then all of it.  Instants are whole seconds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from tests.judge.stories_referee import World
from tests.judge.traces import Plain
from tests.judge.whole_scenes import days
from tests.judge.whole_traces import PLAIN_VOCABULARY, text_of

FIRST, LAST = datetime(2026, 10, 10, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)
BATCH = timedelta(minutes=30)
MARK = timedelta(hours=1)  # how often sources say how far they have got, and how far behind that is
BEHIND = timedelta(minutes=3)
END = datetime(2026, 12, 10, tzinfo=UTC)  # everything has been told and is due by then

CALENDARS: Plain = {
    "desk": {
        "timezone": "Europe/Bucharest",
        "weekly": days(["08:00-12:00", "13:00-20:00"], sat=["10:00-14:00"], sun=[]),
        "holidays": ["2026-10-26"],
        "closed": ["2026-11-02"],
        "instead": {"2026-10-25": ["02:30-04:30", "23:00-01:00"], "2026-10-26": ["09:00-10:00"]},
    },
    "harbour": {
        "timezone": "America/New_York",
        "weekly": days(["09:00-17:00"], sun=["00:30-03:00", "09:00-12:00"]),
        "closed": ["2026-10-12"],
    },
    "night": {"timezone": "Europe/Bucharest", "weekly": days(["22:00-06:00"])},
}
SITES: Plain = {
    "old-town": {"timezone": "Europe/Bucharest", "calendar": "desk"},
    "pier": {"timezone": "America/New_York", "calendar": "harbour"},
}


def all_of(*kinds: str) -> dict[str, list[str]]:
    """Everything that can happen to interactions of these kinds."""
    words = PLAIN_VOCABULARY
    return {
        kind: [*words[kind]["order"], *words[kind]["endings"], words[kind]["reopening"] or "updated"]
        for kind in kinds
    }


SOURCES: list[Plain] = [
    {"name": "pbx-old-town", "yields": all_of("call"), "private_ids": True},
    {"name": "pbx-pier", "yields": all_of("call"), "private_ids": True},
    {"name": "helpdesk", "yields": all_of("ticket", "request", "survey")},
    {"name": "desk", "yields": all_of("visit", "inspection")},
    {"name": "kiosk", "yields": {"visit": ["arrived", "left"]}},
]

HOUR = 3600
P = "priority"
STANDARDS: list[Plain] = [
    {
        "of": "visit",
        "measure": {"from": ["arrived"], "to": ["greeted"]},
        "promise": {"within": 60},
        "if_left": "keep",
    },
    {"of": "visit", "measure": {"from": ["due"], "to": ["arrived"]}, "promise": {"between": [-900, 600]}},
    {"of": "visit", "measure": {"time_in": "waiting"}, "promise": {"under": 300}, "clock": "night"},
    {
        "of": "call",
        "measure": {"from": ["queued"], "to": ["answered"]},
        "promise": {"within": 20},
        "if_left": "breach",
        "ignore_if_left_within": 5,
        "clock": "site",
    },
    {"of": "call", "measure": {"time_in": "on_hold", "each": True}, "promise": {"under": 120}},
    {
        "of": "call",
        "measure": {"time_in": "waiting"},
        "promise": {"within": 25},
        "pause_while": ["ringing"],
        "effective": {"from": "2026-10-25", "until": "2026-11-01"},
    },
    {
        "of": "ticket",
        "measure": {"from": ["opened"], "to": ["replied"]},
        "promise": {
            "per": P,
            "rows": {"P1": {"within": HOUR}, "P2": {"within": 4 * HOUR}},
            "else": {"bd": 1, "strict": False},
        },
        "clock": "site",
    },
    {
        "of": "ticket",
        "measure": {"from": ["opened"], "to": ["solved", "closed"]},
        "promise": {
            "per": P,
            "rows": {"P1": {"within": 4 * HOUR}, "P3": {"under": 20 * HOUR}},
            "else": {"within": 8 * HOUR},
        },
        "clock": "desk",
        "pause_while": ["pending"],
        "reopen": "resume",
        "where": {"site": ["old-*"]},
    },
    {
        "of": "ticket",
        "measure": {"from": ["opened"], "to": ["closed"]},
        "promise": {"bd": 2, "strict": True},
        "clock": "site",
        "reopen": "new_cycle",
        "where": {"queue": ["!spam"]},
    },
    {"of": "request", "measure": {"from": ["requested"], "to": ["delivered"]}, "promise": {"until": "14:00"}},
    {
        "of": "request",
        "measure": {"from": ["requested"], "to": ["delivered"]},
        "promise": {"within": 1800},
        "reopen": "resume",
        "if_left": "void",
        "waivers": [{"from": "2026-10-24", "until": "2026-10-26", "where": {"site": ["old-town"]}}],
    },
    {
        "of": "survey",
        "measure": {"value": "rating", "at": "answered"},
        "promise": {
            "per": "site",
            "rows": {"pier": {"number": [4.0, None]}},
            "else": {"number": [3.0, None]},
        },
    },
    {"of": "inspection", "measure": {"score": "inspection"}, "promise": {"number": [0.9, None]}},
    {
        "of": "inspection",
        "measure": {"from": ["started"], "to": ["finished"]},
        "promise": {"within": 2 * HOUR},
        "clock": "site",
        "unless": ["updated"],
    },
]
for number, standard in enumerate(STANDARDS):
    standard["id"] = f"s{number}"


def world() -> World:
    return World(PLAIN_VOCABULARY, SOURCES, CALENDARS, SITES)


KINDS = ("visit", "visit", "call", "call", "call", "ticket", "ticket", "request", "survey", "inspection")


class Month:
    """``interactions``: about so many a day."""

    def __init__(self, seed: int, interactions: int) -> None:
        self.rng = random.Random(seed)
        self.number = count(1)
        self.told: list[tuple[datetime, Plain]] = []  # when it arrives, and what
        dark_at = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
        self.outage = (dark_at, dark_at + timedelta(hours=2, minutes=40))  # pbx-old-town sees nothing
        stuck_at = datetime(2026, 10, 29, 6, tzinfo=UTC)
        self.stuck = (stuck_at, stuck_at + timedelta(hours=12))  # helpdesk delivers nothing
        day = FIRST
        while day < LAST:
            for _ in range(interactions):
                self._interaction(day + timedelta(seconds=self.rng.randrange(86_400)))
            day += timedelta(days=1)
        for _ in range(20 + interactions // 10):  # a bus arrives just before the lights go out
            self._interaction(dark_at - timedelta(seconds=self.rng.randrange(200)), "call", "old-town")
        for source in (source["name"] for source in SOURCES):
            self._marks(source)
        since, until = (text_of(at) for at in self.outage)
        gap = {"type": "gap", "source": "pbx-old-town", "from": since, "to": until}
        self.told.append((self.outage[1] + timedelta(seconds=40), gap))
        self.told.sort(key=lambda pair: pair[0])

    def _interaction(self, begins: datetime, kind: str = "", site: str = "") -> None:
        kind = kind or self.rng.choice(KINDS)
        site = site or self.rng.choice(sorted(SITES))
        tells = {"visit": "desk", "inspection": "desk", "call": f"pbx-{site}"}.get(kind, "helpdesk")
        id_ = f"{tells}/{next(self.number)}" if kind == "call" else str(next(self.number))
        events = []
        for after, name, labels in self._story(kind):
            at = begins + timedelta(seconds=after)
            event: Plain = {
                "type": "event",
                "source": tells,
                "kind": kind,
                "id": id_,
                "event": name,
                "at": text_of(at),
            }
            event["labels"] = {"site": site, **labels} if not events else labels
            events.append((at, event))
            self._dress(event, at)
        self._tell(tells, kind, id_, events)

    def _story(self, kind: str) -> list[tuple[int, str, dict[str, str]]]:
        """What happens, with seconds after the beginning; now and then exactly at a limit."""
        rng = self.rng

        def about(limit: int) -> int:
            return rng.choice((limit, limit, max(0, limit - 1), limit + 1, rng.randint(0, 3 * limit)))

        if kind == "visit":
            comes = rng.choice((-900, 600, -901, 601, 0, rng.randint(-2000, 2000)))
            appointed = (
                [(0, "due", {}), (comes, "arrived", {})] if rng.random() < 0.3 else [(0, "arrived", {})]
            )
            begun, seen = appointed[-1][0], about(60)
            last = rng.choice(("finished", "finished", "left", "diverted", "turned_away"))
            then = [(begun + seen, "greeted", {})] if rng.random() < 0.8 else []
            return [*appointed, *then, (begun + rng.choice((seen, 300, about(300))), last, {})]
        if kind == "call":
            waited = about(20)
            found = [(0, "offered", {}), (0, "queued", {})]
            if rng.random() < 0.4:
                found.append((rng.randint(0, waited), "ringing", {}))
            if rng.random() < 0.3:
                return [
                    *found,
                    (rng.choice((waited, 4, 5, 6)), rng.choice(("abandoned", "diverted", "refused")), {}),
                ]
            found.append((waited, "answered", {}))
            at = waited
            for _ in range(rng.randint(0, 2)):
                at += rng.randint(5, 100)
                held = about(120)
                found += [(at, "held", {}), (at + held, "resumed", {})]
                at += held
            return [*found, (at + rng.choice((0, 90)), "ended", {})]
        if kind == "ticket":
            return self._ticket()
        if kind == "request":
            found = [(0, "requested", {})]
            done = about(1800) if rng.random() < 0.8 else rng.randint(10 * HOUR, 40 * HOUR)
            if rng.random() < 0.8:
                found.append((done, "delivered", {}))
            done += rng.randint(0, 600)
            found.append((done, rng.choice(("done", "done", "cancelled")), {}))
            if rng.random() < 0.3:
                found += [(done + 3000, "reopened", {}), (done + 3000 + about(1200), "delivered", {})]
            return found
        if kind == "survey":
            return [(0, "invited", {}), (rng.randint(60, 200_000), "answered", {}), (300_000, "closed", {})]
        items = [
            (
                60 * n,
                "item",
                {
                    "item": rng.choice("abcdefgh"),
                    "result": rng.choice(("pass", "pass", "pass", "fail", "na")),
                },
            )
            for n in range(1, rng.randint(2, 12))
        ]
        updated = [(1000, "updated", {})] if rng.random() < 0.1 else []
        return [(0, "started", {}), *items, *updated, (about(2 * HOUR), "finished", {})]

    def _ticket(self) -> list[tuple[int, str, dict[str, str]]]:
        rng = self.rng
        found = [(0, "opened", {P: rng.choice(("P1", "P2", "P3"))} if rng.random() < 0.8 else {})]
        at = 0
        for _ in range(rng.randint(0, 4)):
            at += rng.choice((HOUR, 4 * HOUR, rng.randint(60, 40 * HOUR)))
            name = rng.choice(("replied", "pended", "unpended", "customer_replied", "updated", "assigned"))
            labels = {P: rng.choice(("P1", "P2", "P3"))} if rng.random() < 0.2 else {}
            found.append((at, name, labels | ({"queue": "spam"} if rng.random() < 0.05 else {})))
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            at += rng.choice((HOUR, 8 * HOUR, rng.randint(60, 60 * HOUR)))
            found += [(at, "solved", {})] if rng.random() < 0.6 else []
            found += [(at + 60, "closed", {})] if rng.random() < 0.9 else []
            at += rng.randint(100, 30 * HOUR)
            found.append((at, "reopened", {}))
        return found[:-1]

    def _dress(self, event: Plain, at: datetime) -> None:
        rng = self.rng
        if event["event"] == "item":
            event["labels"] |= {"critical": "yes"} if rng.random() < 0.1 else {}
            event["values"] = {"weight": rng.choice((0.5, 1.0, 2.0))}
        if event["event"] == "answered" and event["kind"] == "survey":
            event["values"] = {"rating": float(rng.randint(1, 5))} if rng.random() < 0.9 else {}
        if event["kind"] == "visit" and rng.random() < 0.1:  # seen by a poll
            event["not_before"] = text_of(at - timedelta(seconds=rng.choice((2, 5, 10))))
        if rng.random() < 0.05:
            event["seq"] = rng.randint(-1, 1)

    def _tell(self, source: str, kind: str, id_: str, events: list[tuple[datetime, Plain]]) -> None:
        """Most of it soon; some late, twice, by another source, wrongly, or never because nobody saw it."""
        rng = self.rng
        seen_out = source == "pbx-old-town" and any(self._dark(at) for at, _ in events)
        for at, event in events:
            if source == "pbx-old-town" and self._dark(at):
                continue
            self._hear(at, event)
            if rng.random() < 0.03:
                self._hear(at + timedelta(hours=rng.randint(0, 30)), event | {"seq": 1})
            if event["event"] in ("arrived", "left") and rng.random() < 0.3:
                self._hear(at, {k: v for k, v in event.items() if k != "not_before"} | {"source": "kiosk"})
            if rng.random() < 0.02:
                wrong = {
                    "type": "retract",
                    "source": source,
                    "kind": kind,
                    "id": id_,
                    "event": event["event"],
                }
                self._hear(
                    at + timedelta(hours=2), wrong | ({"at": event["at"]} if rng.random() < 0.7 else {})
                )
        if seen_out and events[-1][0] >= self.outage[1]:  # the snapshot after the outage still shows it
            last = {"type": "event", "source": source, "kind": kind, "id": id_, "event": "updated"}
            self._hear(self.outage[1], last | {"at": text_of(self.outage[1])})
        if rng.random() < 0.01:
            self._hear(
                events[-1][0],
                {"type": "retract", "source": source, "kind": kind, "id": id_, "reason": "test"},
            )

    def _dark(self, at: datetime) -> bool:
        return self.outage[0] <= at < self.outage[1]

    def _hear(self, at: datetime, reading: Plain) -> None:
        rng = self.rng
        lot = rng.random()
        delay = (
            rng.randint(0, 90)
            if lot < 0.9
            else rng.randint(0, 6 * HOUR)
            if lot < 0.98
            else rng.randint(0, 60 * HOUR)
        )
        arrives = at + timedelta(seconds=delay)
        if reading["source"] == "helpdesk" and self.stuck[0] <= arrives < self.stuck[1]:
            arrives = self.stuck[1] + timedelta(seconds=rng.randint(0, 600))
        self.told.append((arrives, reading))

    def _marks(self, source: str) -> None:
        now = FIRST
        while now < END:
            now += MARK
            silent = self.outage if source == "pbx-old-town" else self.stuck if source == "helpdesk" else None
            if not (silent and silent[0] <= now - BEHIND < silent[1] + timedelta(minutes=30)):
                self.told.append((now, {"type": "watermark", "source": source, "at": text_of(now - BEHIND)}))

    def batches(self) -> Iterator[tuple[datetime, list[Plain]]]:
        """(the wall clock, what has arrived since the last batch), in order of arrival."""
        now, batch = FIRST, []
        for arrives, reading in self.told:
            while arrives > now:
                if batch:
                    yield now, batch
                now, batch = now + BATCH, []
            batch.append(reading)
        yield now, batch
