"""How time counts, for ``whole_referee.py``: it lays an occurrence's time out as a list of pieces and adds them up.

It imports nothing of the project.  Instants are half seconds since 1970.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.judge.calendars_referee import local_day, wall_time
from tests.judge.referee import EVER, labels_at, matches
from tests.judge.stories_referee import World, pauses


@dataclass
class Case:
    """One occurrence; ``off``: from a closing to the reopening that undid it."""

    world: World
    standard: dict[str, Any]
    events: list[dict[str, Any]]
    start: dict[str, Any]
    end: dict[str, Any] | None
    how: str | None
    stays: list[tuple[Any, Any]]
    off: tuple[tuple[Any, Any], ...] = ()

    def paused(self, shortest=False):
        """[(from, to)] of pauses; `shortest`: as long as they can have been."""
        words = self.world.vocabulary[self.standard["of"]]
        begun = list(self.off) + [pair for _, pair in pauses(self.standard, self.events, words)]
        return [(a["first" if shortest else "t"], b["t"] if b else EVER) for a, b in begun]


def in_force(case, t, anyway=False):
    """(promise, hours, zone) that hold for the labels at an instant; None: it is not judged with them.

    `anyway`: even if `where` does not match, or the day is not covered.
    """
    standard, world, labels = case.standard, case.world, labels_at(case.events, t)
    clock = standard.get("clock", "always")
    if clock == "site":
        clock = world.sites.get(labels.get("site"), {}).get("calendar")
    if clock is None or not (anyway or matches(standard.get("where", {}), labels)):
        return None
    name = zone_of(case, labels)
    promise = standard["promise"]
    if "per" in promise:
        promise = promise["rows"].get(labels.get(promise["per"], ""), promise.get("else"))
    if promise is None or ("until" in promise and name is None):
        return None
    day = local_day(case.start["t"], name or "UTC")
    if not (anyway or covers(standard.get("effective", {}), day)):
        return None
    return promise, world.hours(clock), name


def zone_of(case, labels):
    """The name of the zone in which its wall times are meant: the calendar's, else the site's; None: nobody's."""
    site, clock = case.world.sites.get(labels.get("site"), {}), case.standard.get("clock", "always")
    calendar = case.world.calendars.get(site.get("calendar") if clock == "site" else clock)
    return calendar["timezone"] if calendar else site.get("timezone")


def covers(dates, day):
    """From is in, until is not."""
    return dates.get("from", "0") <= day.isoformat() < dates.get("until", "9")


def waived(case, t):
    labels = labels_at(case.events, t)
    day = local_day(case.start["t"], zone_of(case, labels) or "UTC")
    every = case.standard.get("waivers", ())
    return any(covers(waiver, day) and matches(waiver.get("where", {}), labels) for waiver in every)


# Time that counts.


def counting(case, hours, upto=EVER, shortest=False):
    """The pieces from the start on in which time counts, in order."""
    stays = case.stays or [(case.start, None)]
    cuts = sorted(case.paused(shortest))
    for a, b in stays:
        left = EVER if b is None else b["first" if shortest else "t"]
        for since, until in hours.between(a["t"], min(upto, left)):
            for cut, back in cuts:
                if since < min(cut, until):
                    yield since, min(cut, until)
                since = max(since, min(back, until))
            if since < until:
                yield since, until


def elapsed(case, hours, t):
    """Half seconds counted from the start to an instant; negative before the start."""
    if t < case.start["t"]:
        return -sum(b - a for a, b in hours.between(t, case.start["t"]))
    return sum(b - a for a, b in counting(case, hours, t))


def used_up(pieces, limit, start):
    """The first instant by which the limit has passed; EVER: it never has."""
    if limit <= 0:
        return start
    for a, b in pieces:
        if b - a >= limit:
            return a + limit
        limit -= b - a
    return EVER


def seconds_of(promise):
    """The limit of a promise that is a length of time, in half seconds."""
    return 2 * (
        promise["between"][1] if "between" in promise else promise.get("within", promise.get("under"))
    )


def fixed_due(case, force):
    """Due where no sum of time decides: a wall time, the close of an open day; EVER: it never comes."""
    promise, hours, name = force
    if "bd" in promise:
        return hours.open_day(local_day(case.start["t"], name), promise["bd"]) or EVER
    if "until" not in promise:
        return EVER  # a number: nothing is due
    day = local_day(case.start["t"], name)
    here = wall_time(day, promise["until"], name)
    return here if here >= case.start["t"] else wall_time(day + timedelta(days=1), promise["until"], name)


def is_time(promise):
    """Whether a sum of time decides."""
    return bool({"within", "under", "between"} & set(promise))


def turning(case, force, shortest=False):
    """(due, the first instant that is late, the instant at which it is broken)."""
    promise, hours, _ = force
    if not is_time(promise):
        due = fixed_due(case, force)
        return due, due + (not promise.get("strict", False)), due
    due = used_up(counting(case, hours, shortest=shortest), seconds_of(promise), case.start["t"])
    if "under" in promise:
        return due, due, due
    stays = [(a["t"], EVER if b is None else b["first" if shortest else "t"]) for a, b in case.stays]
    again = min((a for a, _ in stays[1:] if a >= due), default=EVER)
    if not stays or (again > due and any(a <= due < b for a, b in stays)):
        return due, due + 1, due
    return due, again, again  # a later stay, for which nothing is left


def moments(case, upto):
    """The instants from the start on at which labels may have changed; an early end is the only one there is."""
    start = case.start["t"]
    if upto < start:
        return [upto]
    return sorted({start, *(e["t"] for e in case.events if start < e["t"] <= upto)})


def due_known(case, t, broken=None, unsure=False):
    """(due, what is in force) as known at an instant; `broken`: what was in force when it broke, for good.

    `unsure`: what the labels of that instant say, whatever was so before.
    """
    begun = filter(None, (in_force(case, s) for s in reversed(moments(case, t))))
    last, anyway = broken or next(begun, None), in_force(case, t, anyway=True)
    force = (anyway or last) if unsure else (last or anyway)
    if force is None:
        return None, None
    promise, hours, _ = force
    if not is_time(promise):
        due = fixed_due(case, force)
        return (None if due == EVER else due), force
    due = used_up(counting(case, hours), seconds_of(promise), case.start["t"])
    if due <= t:
        return due, force
    if t < case.start["t"]:
        rest, since = seconds_of(promise), case.start["t"]
    else:
        rest, since = seconds_of(promise) - elapsed(case, hours, t), t
        stands = any(a < t < b for a, b in case.paused())  # from t on, or until t, is not at t
        if stands or (case.stays and not any(a["t"] <= t <= (b["t"] if b else EVER) for a, b in case.stays)):
            return None, force
    due = used_up(hours.between(since, EVER), rest, since)
    return (None if due == EVER else due), force


def measured(case, hours):
    measure = case.standard["measure"]
    if "value" in measure:
        return case.end["values"][measure["value"]]
    return score(case) if "score" in measure else elapsed(case, hours, case.end["t"]) / 2


def score(case):
    """Passed weight ÷ applicable weight of the items before the end; None: there were none."""
    items = {
        e["labels"].get("item"): e
        for e in case.events
        if e["name"] == "item" and e["place"] < case.end["place"]
    }
    counted = [e for e in items.values() if e["labels"].get("result") in ("pass", "fail")]
    total = sum(e["values"].get("weight", 1) for e in counted)
    if not total:
        return None
    failed = [e for e in counted if e["labels"].get("result") == "fail"]
    if any(e["labels"].get("critical") == "yes" for e in failed):
        return 0.0
    return (total - sum(e["values"].get("weight", 1) for e in failed)) / total


def limit_of(case, force):
    """Seconds of the clock, or the number it is held against."""
    if force is None:
        return None
    promise, hours, _ = force
    if "number" in promise:
        lowest, highest = promise["number"]
        return lowest if highest is None else highest
    if is_time(promise):
        return seconds_of(promise) / 2
    due = fixed_due(case, force)
    return None if due == EVER else sum(b - a for a, b in hours.between(case.start["t"], due)) / 2
