"""What happened, for ``whole_referee.py``: an interaction's story, its occurrences, the states that stop a clock.

It imports nothing of the project.  Instants are half seconds since 1970, so that one more is "a moment later".
"""

from dataclasses import dataclass, field
from typing import Any

from tests.judge.calendars_referee import Hours
from tests.judge.referee import pairs, steps


@dataclass
class World:
    """What every standard is judged by; ``step``: how far apart the instants are that uncertain events try."""

    vocabulary: dict[str, Any]
    sources: list[dict[str, Any]]
    calendars: dict[str, Any]
    sites: dict[str, Any]
    step: int = 1
    clocks: dict[str, Hours] = field(default_factory=dict)

    def hours(self, name):
        """When the clock of this name runs; `always` is no calendar."""
        if name not in self.clocks:
            self.clocks[name] = Hours(self.calendars.get(name))
        return self.clocks[name]


def story(readings, kind, id_, words):
    """The interaction's events in order, copies united (what sorts first wins), retracted ones gone."""
    mine, copies, events = [r for r in readings if (r.get("kind"), r.get("id")) == (kind, id_)], {}, []
    gone = {(r.get("event"), "at" in r and steps(r["at"])) for r in mine if r["type"] == "retract"}
    for r in (r for r in mine if r["type"] == "event"):
        name, t = r["event"], steps(r["at"])
        if not gone & {(None, False), (name, False), (name, t)}:
            item = r.get("labels", {}).get("item") if name == "item" else None
            copies.setdefault((t, name, item), []).append(r)
    for (t, name, _), same in copies.items():
        labels = dict(sorted((pair for r in same for pair in r.get("labels", {}).items()), reverse=True))
        values = dict(sorted((pair for r in same for pair in r.get("values", {}).items()), reverse=True))
        before = max(steps(r.get("not_before") or r["at"]) for r in same)
        rank = words["order"].index(name) if name in words["order"] else 99  # endings after all others
        place = (
            t,
            min(r.get("seq", 0) for r in same),
            rank,
            name == words["reopening"],
            name,
            labels.get("item", ""),
        )
        said = {"name": name, "t": t, "before": before, "first": min(before + 1, t), "place": place}
        events.append(said | {"labels": labels, "values": values})
    return sorted(events, key=lambda e: e["place"])


def roles(standard, words):
    """Names of the events that enter, of the end events, and of those that interrupt a total."""
    measure, endings = standard["measure"], set(words["endings"])
    if "value" in measure:
        return {measure["at"]}, {measure["at"]}, set()
    if "score" in measure:
        return set(), {e for e, ending in words["endings"].items() if ending == "done"}, set()
    if "from" in measure:
        return set(measure["from"]), set(measure["to"]), set()
    enter, leave = map(set, words["states"][measure["time_in"]])
    return (enter, leave | endings, set()) if measure.get("each") else (enter, endings, leave | endings)


def pauses(standard, events, words):
    """(state, (event that entered it, event that left it or None)) of the states that stop the clock."""
    for state in standard.get("pause_while", ()):
        enter, leave = map(set, words["states"][state])
        out = leave | set(words["endings"])
        yield from (
            (state, (a, b)) for a, b, _ in pairs(events, enter, lambda e, out=out: e["name"] in out, True)
        )


def closes(standard, words):
    """A question for events: how would it close an occurrence?  None: it would not."""
    (_, end, _), timed = roles(standard, words), "time_in" in standard["measure"]

    def how(e):
        ending = words["endings"].get(e["name"])
        if e["name"] in end:
            return "refused" if timed and ending == "refused" else "end"
        return "unless" if e["name"] in standard.get("unless", ()) else None if timed else ending

    return how


def occurrences(standard, events, words):
    """[[opening event, closing event or None, how]], whether or not `where` matches."""
    (enter, _, _), how, measure = roles(standard, words), closes(standard, words), standard["measure"]
    if "value" in measure:
        return [[e, e, "end"] for e in events if e["name"] in enter and measure["value"] in e["values"]]
    if "score" in measure:
        first = [e for e in events if e["name"] == "started"] or events
        return pairs(events[events.index(first[0]) :], {first[0]["name"]}, how, False) if first else []
    if "due" in enter:  # appointed: the last word stands; what comes early counts, but not an early `unless`
        due = max(
            (e for e in events if e["name"] == "due"), key=lambda e: (e["place"][1], e["t"]), default=None
        )
        others = (
            e for e in events if e["name"] != "due" and (how(e) != "unless" or e["place"] > due["place"])
        )
        return pairs([due, *others], enter, how, each=False) if due else []
    if standard.get("reopen") == "new_cycle":
        return cycles(events, enter, how, words["reopening"])
    return pairs(events, enter, how, measure.get("each"), ("unless",) if "time_in" in measure else ())


def cycles(events, enter, how, reopening):
    """The first A begins one, and so does every reopening after it, unless one is open."""
    found = []
    for e in events:
        if found and not found[-1][1] and how(e):
            found[-1] = [found[-1][0], e, how(e)]
        if (not found and e["name"] in enter) or (found and found[-1][1] and e["name"] == reopening):
            found.append([e, None, None])
    return found
