"""Random traces over days in which clocks change, and standards that say everything the language can about cases.

All instants and limits are quarters of an hour, so that events fall on due, on openings and closings, on
local midnights and on each other far more often than in life.  What was random in ``traces.py`` is random
here, too: sources, copies, retractions, gaps, watermarks that are behind, one uncertain event.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from tests.judge import traces
from tests.judge.calendars_referee import Hours
from tests.judge.stories_referee import World
from tests.judge.traces import WHERES, Plain, copy_of, half_seconds, retraction_of, source_for
from tests.judge.whole_scenes import NIGHTS, scene

QUARTER = 900  # seconds
STEP = QUARTER  # half seconds: half a quarter, so that uncertain events are tried on quarters and between two

PLAIN_VOCABULARY: Plain = traces.PLAIN_VOCABULARY | dict(
    traces.words_of(line)
    for line in """
survey|invited answered followed_up||closed=done|
inspection|started item||finished=done|
""".strip().splitlines()
)

HAPPENINGS = traces.HAPPENINGS | {
    "ticket": "opened opened assigned replied replied customer_replied pended unpended pended unpended updated "
    "solved closed reopened reopened",
    "request": "due due requested requested acknowledged started delivered delivered updated done cancelled reopened "
    "reopened",
    "survey": "invited answered answered answered followed_up updated closed",
    "inspection": "started item item item item item updated finished",
}

# from → to [each]; or the name of a state [each]; or a number @ event; or a score.
MEASURES = traces.MEASURES | {
    "ticket": traces.MEASURES["ticket"] + " opened>solved opened>solved,closed opened>replied opened>closed",
    "request": traces.MEASURES["request"] + " requested>delivered requested>done due>started due>delivered",
    "survey": "rating@answered rating@answered rating@followed_up invited>answered",
    "inspection": "score score score started>finished",
}
PAUSES = {
    "ticket": ["pending"],
    "call": ["on_hold", "parked", "ringing", "waiting"],
    "visit": ["waiting"],
}

DAYS_MAX = 4  # events lie within so many days
WIDE = timedelta(days=200)  # watermarks that are complete lie there
LIMITS = (0, 1, 2, 2, 4, 4, 6, 8, 12, 16, 32, 60)  # quarters


def world_of(plain: Plain) -> World:
    _, calendars, sites = scene(plain["scene"])
    return World(PLAIN_VOCABULARY, plain["sources"], calendars, sites, STEP)


def text_of(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


class Maker:
    """Makes one trace: what is random about it comes from ``rng``."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.scene = rng.randrange(len(NIGHTS))
        self.start, self.calendars, self.sites = scene(self.scene)
        self.spots: list[int] = []  # quarters at which something happened, or could be due

    def quarter(self) -> int:
        """Mostly where something else is: another event, a limit after one, an opening or a closing."""
        rng = self.rng
        lot = rng.random()
        if lot < 0.25 and self.spots:
            return rng.choice(self.spots)
        if lot < 0.5 and self.spots:
            return rng.choice(self.spots) + rng.choice(LIMITS)
        if lot < 0.7:
            first = half_seconds(self.start) or 0
            spans = Hours(self.calendars[rng.choice(sorted(self.calendars))]).between(
                first, first + DAYS_MAX * 2 * 86_400
            )
            edges = [edge for span in spans for edge in span]
            return (rng.choice(edges) - first) // (2 * QUARTER) if edges else 0
        return rng.randint(0, DAYS_MAX * 96)

    def at(self, quarter: int) -> str:
        return text_of(self.start + timedelta(seconds=QUARTER * quarter))

    def trace(self) -> Plain:
        rng = self.rng
        kinds = [rng.choice(sorted(HAPPENINGS))]
        sources = [self._source(name, kinds) for name in traces.SOURCES[: rng.choice((1, 1, 2, 3))]]
        standards = [self.standard(f"s{n}", rng.choice(kinds)) for n in range(rng.randint(2, 4))]
        readings: list[Plain] = []
        polled = rng.random() < 0.35
        for number in range(rng.randint(1, 2)):
            site = rng.choice(("x", "x", "y", "z", None))
            readings += self.interaction(
                standards, rng.choice(kinds), str(number), sources, site, polled=polled
            )
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            since = self.quarter()
            until = since + rng.choice((1, 4, 20, 96))
            source = rng.choice(sources)["name"]
            readings.append({"type": "gap", "source": source, "from": self.at(since), "to": self.at(until)})
        complete = rng.random() < 0.7  # otherwise some source is behind, or has never been heard
        for source in sources:
            if complete:
                readings.append(self._mark(source, text_of(self.start + WIDE)))
            elif rng.random() < 0.8:
                readings.append(self._mark(source, self.at(self.quarter())))
        return {"scene": self.scene, "readings": readings, "standards": standards, "sources": sources}

    @staticmethod
    def _mark(source: Plain, upto: str) -> Plain:
        return {"type": "watermark", "source": source["name"], "at": upto}

    def _source(self, name: str, kinds: list[str]) -> Plain:
        source = source_for(self.rng, name, [])
        if "yields" in source:
            source["yields"] = {
                k: sorted({self.rng.choice(HAPPENINGS[k].split()) for _ in range(4)}) for k in kinds
            }
        return source

    def telling(self, standard: Plain) -> tuple[list[str], list[str]]:
        """The events that begin what a standard is about, and all it is about."""
        kind, measure = standard["of"], standard["measure"]
        words = PLAIN_VOCABULARY[kind]
        if "value" in measure or "score" in measure:
            names = [measure["at"]] if "value" in measure else ["started", "item", "item"]
            return names, [*names, *words["endings"]]
        enter, leave = (
            words["states"][measure["time_in"]] if "time_in" in measure else (measure["from"], measure["to"])
        )
        stops = [
            e for state in standard.get("pause_while", ()) for part in words["states"][state] for e in part
        ]
        again = [words["reopening"]] * 2 if words["reopening"] else []
        return enter, [*enter, *leave, *leave, *words["endings"], *standard.get("unless", ()), *stops, *again]

    def names(self, kind: str, standards: list[Plain], count: int) -> list[str]:
        """What happened, in no order of time: mostly what the standards are about."""
        rng = self.rng
        begin, about = self.telling(rng.choice(standards))
        names = [
            rng.choice(about) if rng.random() < 0.6 else rng.choice(HAPPENINGS[kind].split())
            for _ in range(count)
        ]
        if rng.random() < 0.8:
            names[0] = rng.choice(begin)
        return names

    def interaction(
        self,
        standards: list[Plain],
        kind: str,
        name: str,
        sources: list[Plain],
        site: str | None,
        *,
        polled: bool,
    ) -> list[Plain]:
        rng = self.rng
        private = [s["name"] for s in sources if s.get("private_ids")]
        owner = rng.choice(private) if private and rng.random() < 0.5 else None
        said: list[Plain] = []
        names = self.names(kind, standards, rng.randint(1, 9))
        quarters: list[int] = []
        for _ in names:
            quarters.append(self.quarter())
            self.spots.append(quarters[-1])
        if rng.random() < 0.6:
            quarters.sort()
        uncertain = rng.randrange(len(names)) if polled else None
        for number, (happened, quarter) in enumerate(zip(names, quarters, strict=True)):
            event: Plain = {
                "type": "event",
                "source": owner or rng.choice(sources)["name"],
                "kind": kind,
                "id": f"{owner}/{name}" if owner else name,
                "event": happened,
                "at": self.at(quarter),
            }
            if rng.random() < 0.2:
                event["seq"] = rng.randint(-1, 2)
            self._carry(event, site)
            if number == uncertain:
                event["not_before"] = self.at(quarter - rng.choice((1, 2, 4, 8, 16, 32)))
            said.append(event)
        for event in [e for e in said if rng.random() < 0.15]:
            said.append(copy_of(rng, event))
            self._carry(said[-1], site)
        if rng.random() < 0.15:
            said.append(retraction_of(rng, rng.choice(said)))
        return said

    def _carry(self, event: Plain, site: str | None) -> None:
        rng = self.rng
        labels = dict(event.get("labels", {}))
        if site is not None:
            labels["site"] = site
        if rng.random() < 0.35:
            labels["queue"] = rng.choice(("a", "ab", "b"))
        if rng.random() < 0.35:
            labels["priority"] = rng.choice(("P1", "P2", "P3"))
        if event["event"] == "item":
            labels["item"] = rng.choice("uvw")
            labels["result"] = rng.choice(("pass", "pass", "fail", "na"))
            if rng.random() < 0.2:
                labels["critical"] = "yes"
            if rng.random() < 0.4:
                event["values"] = {"weight": rng.choice((0.5, 2.0, 3.0))}
        elif rng.random() < 0.8 and event["kind"] == "survey":
            event["values"] = {"rating": rng.choice((1.0, 2.0, 3.0, 4.0, 5.0))}
        if labels:
            event["labels"] = labels

    def standard(self, name: str, kind: str) -> Plain:
        rng = self.rng
        text = rng.choice(MEASURES[kind].split())
        each, text = text.endswith("+"), text.rstrip("+")
        measure: Plain = {"each": True} if each else {}
        if ">" in text:
            measure["from"], measure["to"] = (part.split(",") for part in text.split(">"))
        elif "@" in text:
            measure["value"], measure["at"] = text.split("@")
        else:
            measure = {"score": "inspection"} if text == "score" else measure | {"time_in": text}
        standard: Plain = {"id": name, "of": kind, "measure": measure}
        if "value" not in measure and text != "score":
            standard["clock"] = rng.choice(["always", "site", "site", *self.calendars, *self.calendars])
        standard["promise"] = self._grid(standard) if rng.random() < 0.3 else self._promise(standard)
        self._options(standard)
        return standard

    def _grid(self, standard: Plain) -> Plain:
        rows = {row: self._promise(standard) for row in ("P1", "P2", "P3") if self.rng.random() < 0.7}
        rows = rows or {"P1": self._promise(standard)}
        other = {"else": self._promise(standard)} if self.rng.random() < 0.5 else {}
        return {"per": "priority", "rows": rows, **other}

    def _promise(self, standard: Plain) -> Plain:
        rng, measure = self.rng, standard["measure"]
        if "value" in measure or "score" in measure:
            edge = rng.choice((2.0, 3.0, 4.0)) if "value" in measure else rng.choice((0.5, 0.75, 1.0))
            bounds = rng.choice(([None, edge], [edge, None], [edge, 1.5 * edge]))
            return {"number": bounds, "edges": rng.random() < 0.7}
        limit = rng.choice(LIMITS) * QUARTER
        simple = {rng.choice(("within", "within", "under")): limit}
        lot = rng.random()
        if ("time_in" in measure and not measure.get("each")) or lot < 0.5:
            return simple
        if lot < 0.65:
            return {"until": f"{rng.randrange(24):02}:{rng.choice((0, 15, 30, 45)):02}"}
        if lot < 0.8 and standard["clock"] != "always":
            return {"bd": rng.choice((1, 1, 2, 3)), "strict": rng.random() < 0.3}
        lowest = rng.choice((-16, -4, -2, -1, 0, 1, 2)) * QUARTER
        return {"between": [lowest, max(lowest, 0) + limit]} if lot > 0.85 else simple

    def _options(self, standard: Plain) -> None:
        rng, kind, measure = self.rng, standard["of"], standard["measure"]
        if rng.random() < 0.35:
            standard["where"] = rng.choice(WHERES)
        for key in ("if_left", "if_diverted", "if_done"):
            if rng.random() < 0.6:
                standard[key] = rng.choice(("exclude", "breach", "keep", "void"))
        if rng.random() < 0.3:
            standard["ignore_if_left_within"] = rng.choice(LIMITS[:8]) * QUARTER
        promise = standard["promise"]
        rows = [*promise.get("rows", {"": promise}).values(), promise.get("else", {})]
        sums = not any({"until", "bd", "between"} & set(row) for row in rows)
        appointed = "due" in measure.get("from", ())
        can_pause = [s for s in PAUSES.get(kind, ()) if s != measure.get("time_in")]
        if sums and can_pause and not appointed and rng.random() < 0.5:
            standard["pause_while"] = sorted(set(rng.choices(can_pause, k=2)))
        once = "from" in measure and not measure.get("each") and not appointed
        if once and PLAIN_VOCABULARY[kind]["reopening"] and rng.random() < 0.7:
            standard["reopen"] = rng.choice(["first_only", "new_cycle", *(["resume"] * 2 if sums else [])])
        states = PLAIN_VOCABULARY[kind]["states"]
        if rng.random() < 0.35:
            taken = {*measure.get("from", ()), *measure.get("to", ()), "due"}
            taken |= {e for state in states.values() for e in state[1]}
            taken |= {"reopened"} if "reopen" in standard else set()  # it would both close and reopen
            standard["unless"] = [rng.choice([e for e in HAPPENINGS[kind].split() if e not in taken])]
        if rng.random() < 0.15:
            standard["effective"] = self._dates()
        if rng.random() < 0.25:
            every = [self._dates() for _ in range(rng.choice((1, 1, 2)))]
            standard["waivers"] = [
                w | ({"where": rng.choice(WHERES[:3])} if rng.random() < 0.5 else {}) for w in every
            ]

    def _dates(self) -> Plain:
        """Local days about the night; at least one bound."""
        night = self.start.date() + timedelta(days=1)
        since, until = sorted(night + timedelta(days=self.rng.randint(-1, 3)) for _ in range(2))
        dates = {"from": since.isoformat(), "until": until.isoformat()}
        if self.rng.random() < 0.4:
            del dates[self.rng.choice(("from", "until"))]
        return dates


def whole_trace(rng: random.Random) -> Plain:
    return Maker(rng).trace()
