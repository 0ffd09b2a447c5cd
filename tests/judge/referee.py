"""A brute-force judge: it walks through time in half seconds and asks "is it in time now?".

It imports nothing of the project, shares no formula with it, and exists to disagree.  Instants are half
seconds since 1970: those of a trace are whole seconds, so one step is "a moment later".
"""

from datetime import datetime
from fnmatch import fnmatchcase

ENDED = {k: (f"if_{k}", "incomplete" if k == "done" else k) for k in ("left", "diverted", "done")}
EVER = 10**12


def steps(instant):
    return int(datetime.fromisoformat(instant).timestamp() * 2)


def story(readings, kind, id_, words):
    """The interaction's events in order, copies united, retracted ones gone; arrival plays no part."""
    mine, copies, events = [r for r in readings if (r.get("kind"), r.get("id")) == (kind, id_)], {}, []
    for r in (r for r in mine if r["type"] == "event"):
        copies.setdefault((steps(r["at"]), r["event"]), []).append(r)
    for r in (r for r in mine if r["type"] == "retract"):
        for t, name in list(copies):  # no event: all of them; no instant: whenever it was
            if r.get("event", name) == name and ("at" not in r or steps(r["at"]) == t):
                del copies[t, name]
    for (t, name), same in copies.items():
        # Of two values for a label the one that sorts first is written last.
        labels = dict(sorted((pair for r in same for pair in r.get("labels", {}).items()), reverse=True))
        before = max(steps(r.get("not_before") or r["at"]) for r in same)
        rank = words["order"].index(name) if name in words["order"] else 99  # endings after all others
        place = (t, min(r.get("seq", 0) for r in same), rank, name == words["reopening"], name)
        events.append({"name": name, "t": t, "first": min(before + 1, t), "place": place, "labels": labels})
    return sorted(events, key=lambda e: e["place"])


def labels_at(events, t):
    """Per key the value of the latest event with `at` ≤ t; all events of that very instant count."""
    return {k: v for e in events if e["t"] <= t for k, v in e["labels"].items()}


def matches(where, labels):
    for key, globs in where.items():
        hits = [g[0] != "!" for g in globs if key in labels and fnmatchcase(labels[key], g.removeprefix("!"))]
        if False in hits or (any(g[0] != "!" for g in globs) and True not in hits):
            return False
    return True


def roles(standard, words):
    """Names of the events that enter, of the end events, and of those that interrupt a total."""
    measure, endings = standard["measure"], set(words["endings"])
    if "from" in measure:
        return set(measure["from"]), set(measure["to"]), set()
    enter, leave = map(set, words["states"][measure["time_in"]])
    return (enter, leave | endings, set()) if measure.get("each") else (enter, endings, leave | endings)


def pairs(events, enter, how, each, goes_on=()):
    """[[opening event, closing event or None, how]]; one event may close one and open the next."""
    found, inside = [], False
    for e in events:
        if inside and how(e):
            found[-1] = found[-1] if found[-1][1] else [found[-1][0], e, how(e)]
            inside = how(e) in goes_on
        if not inside and e["name"] in enter and (each or not found):
            found, inside = [*found, [e, None, None]], True
    return found


def occurrences(standard, events, words):
    enter, end, _ = roles(standard, words)
    timed, each = "time_in" in standard["measure"], standard["measure"].get("each")

    def how(e):  # it would close: as end, refused, unless, left, diverted, done; None: it would not
        ending = words["endings"].get(e["name"])
        if e["name"] in end:
            return "refused" if timed and ending == "refused" else "end"
        return "unless" if e["name"] in standard.get("unless", ()) else None if timed else ending

    if enter != {
        "due"
    }:  # `unless` closes a promise about a state, yet the state goes on: it opens no new stay
        return pairs(events, enter, how, each, ("unless",) if timed else ())
    # Appointed: of several dues the last word stands; what comes early counts too, but not an early `unless`.
    due = max((e for e in events if e["name"] == "due"), key=lambda e: (e["place"][1], e["t"]), default=None)
    others = (e for e in events if e["name"] != "due" and (how(e) != "unless" or e["place"] > due["place"]))
    return pairs([due, *others], enter, how, each=False) if due else []


def outcome(standard, how, in_time, spent):
    """(word, reason) of an occurrence closed so; ("breached", None) where the breach at due stands."""
    key, reason = ENDED.get(how, (None, how))
    policy = standard.get(key, "exclude")
    if not in_time:
        return ("excluded", reason) if policy == "void" else ("breached", None)
    if how == "left" and spent <= 2 * standard.get("ignore_if_left_within", -EVER):
        return "excluded", "short"
    words = {"breach": "breached", "keep": "met"}
    return ("met", None) if how == "end" else (words.get(policy, "excluded"), reason)


def late(promise, spent):
    return spent > 2 * promise["within"] if "within" in promise else spent >= 2 * promise["under"]


def walk(standard, events, start, end, stays, until):
    """Step through one occurrence and write down what was so when: no verdict is made here."""
    promise, limit = standard["promise"], 2 * max(standard["promise"].values())
    was = dict.fromkeys(("match", "withdrawn", "late", "broke", "sure", "used_up"))
    last = min(until, end["t"] if end else max(events[-1]["t"], start["t"]) + limit + 2)
    for t in range(min(start["t"], last), last + 1):
        begun = [(a, b or {"t": t, "first": t}) for a, b in stays if a["t"] <= t]
        was["spent"] = spent = sum(min(b["t"], t) - a["t"] for a, b in begun) if stays else t - start["t"]
        least = sum(max(0, min(b["first"], t) - a["t"]) for a, b in begun) if stays else spent
        was["used_up"] = t if was["used_up"] is None and spent >= limit else was["used_up"]
        again = spent >= limit and any(a["t"] == t for a, _ in stays[1:])  # nothing is left for this stay
        if was["late"] is None and (again or late(promise, spent)):
            was["late"], was["broke"] = t, t - ("within" in promise and not again)  # a moment ago: in time
        was["sure"] = t if was["sure"] is None and (again or late(promise, least)) else was["sure"]
        runs = not stays or any(a["t"] <= t <= b["t"] for a, b in begun)  # at this instant, or until it
        was["due"] = was["used_up"] if was["used_up"] is not None else t + limit - spent if runs else None
        match = "where" not in standard or matches(standard["where"], labels_at(events, t))
        was["match"] = t if match and was["match"] is None else was["match"]
        if was["match"] is not None and not match and was["late"] is None and was["withdrawn"] is None:
            was["withdrawn"] = t
    return was


def look(standard, events, number, words, gaps):
    """That occurrence, its stays, what was so when, and (word, reason, at); word None: nothing is known yet."""
    found, (enter, _, interrupts) = occurrences(standard, events, words), roles(standard, words)
    if number > len(found):
        return None, (), {}, ("nothing", None, None)
    start, end, how = found[number - 1]
    told = [e for e in events if start["place"] <= e["place"] and (not end or e["place"] <= end["place"])]
    stays = pairs(told, enter, lambda e: e["name"] in interrupts, True) if interrupts else []
    stays = [(a, b or end) for a, b, _ in stays if a is not end]
    gaps = [gap for gap in gaps if not end and start["t"] < gap[0]]
    unseen_at, proved, _ = min(gaps, default=(EVER, False, EVER))
    was = walk(standard, events, start, end, stays, unseen_at if proved else EVER) | {"gone": proved}
    blind_from = min((since for _, _, since in gaps), default=2 * EVER)
    unseen_at = unseen_at if proved else None
    return found[number - 1], stays, was, verdict(standard, start, end, how, was, blind_from, unseen_at)


def verdict(standard, start, end, how, was, blind_from, unseen_at):
    """(word, reason, at); nothing: it never matched; None: it is open and in time or out of sight."""
    if was["match"] is None:
        return "nothing", None, None
    if was["withdrawn"] is not None:
        return "excluded", "withdrawn", was["withdrawn"]
    if (was["sure"] or EVER) > blind_from:
        return ("excluded", "unseen", unseen_at) if unseen_at else (None, None, None)
    changed = was["match"] > start["t"] and was["match"] >= (was["late"] or EVER)
    breach = ("breached", "target_changed", was["match"]) if changed else ("breached", None, was["broke"])
    if end is None:
        return breach if was["late"] is not None else (None, None, None)
    word, reason = outcome(standard, how, was["late"] is None, was["spent"])
    return breach if (word, reason) == ("breached", None) else (word, reason, end["t"])


def moved(events, spots, floors):
    """The story with some events at other instants, all exact, and no end before what it ends."""
    new = {}
    for e in events:
        t, floor = spots.get(id(e), e["t"]), new.get(floors.get(id(e)))
        t = max(t, floor["t"] + (e["place"][1:] < floor["place"][1:])) if floor else t
        new[id(e)] = {**e, "t": t, "first": t, "place": (t, *e["place"][1:])}
    return sorted(new.values(), key=lambda e: e["place"])


def doubtful(standard, events, number, words, gaps):
    """The events that would, somewhere else in their range, have made it another word."""
    (start, end, _), stays, *_ = look(standard, events, number, words, gaps)
    pairs_ = [(a, b) for a, b, _ in occurrences(standard, events, words) if b and a["name"] != "due"]
    floors = {id(b): id(a) for a, b in [*pairs_, *stays] if b}
    names = {*words["endings"], *standard.get("unless", ())}.union(*roles(standard, words))
    told = [e for e in events if e["name"] in names or {*standard.get("where", ())} & {*e["labels"]}]

    def word(spots):
        return look(standard, moved(events, spots, floors), number, words, gaps)[3][0]

    said, unsure = word({}), [e for e in told if e["first"] < e["t"]]
    alone = (e for e in unsure if {word({id(e): t}) for t in range(e["first"], e["t"])} - {None, said})
    if found := [e for e, _ in zip(alone, events[:1] if end else events, strict=False)]:
        return found
    closing, opening = [end, *(b for _, b in stays)], [start, *(a for a, _ in stays)]
    together = [{id(e): e["first"] for e in some if e} for some in (closing, opening, unsure)]
    return unsure if {word(spots) for spots in together} - {None, said} else []


def can_say(source, kind, names, id_, labels):
    mine = not source.get("private_ids") or id_.startswith(source["name"] + "/")
    speaks_for, said = source.get("speaks_for", {}), source.get("yields", {kind: names}).get(kind, ())
    return mine and names & set(said) and all(labels.get(k, v) == v for k, v in speaks_for.items())


def last_word(standard, id_, events, number, sources, readings, words):
    """The truth about one occurrence as far as the sources have got; None: nothing may be said."""
    _, ends, interrupts = roles(standard, words)
    names, spoke = {s["name"] for s in sources}, {r["source"] for r in readings if r.get("id") == id_}
    spoke |= set() if id_.split("/")[0] in names else names  # an id under a source's name is its own
    labels = labels_at(events, EVER)
    marks = {s["name"]: -1 for s in sources if can_say(s, standard["of"], ends | interrupts, id_, labels)}
    for r in (r for r in readings if r["type"] == "watermark" and r["source"] in marks):
        marks[r["source"]] = max(marks[r["source"]], steps(r["at"]))
    # Gaps may hide its end: open then, and not spoken of since.  An appointment (`due`) proves nothing.
    last, gaps = max((e["t"] for e in events if e["name"] != "due"), default=-1), []
    for r in (r for r in readings if r["type"] == "gap" and r["source"] in {*marks} & spoke):
        if last < steps(r["to"]):
            gaps.append((steps(r["to"]), marks[r["source"]] >= steps(r["to"]), steps(r["from"])))
    (start, end, how), stays, was, (word, reason, at) = look(standard, events, number, words, gaps)
    sure = -1 if end else (was["sure"] or EVER) - 1  # of a polled total: when there was no doubt any more
    unsaid = word in (None, "nothing")
    unsaid = unsaid or (word == "breached" and any(mark < at or mark < sure for mark in marks.values()))
    closed = [(to, True, since) for to, _, since in gaps] if end else gaps
    doubts = doubtful(standard, events, number, words, closed) if end or not unsaid else []
    if doubts:
        word, reason, at = "indeterminate", None, end["t"] if end else max(e["t"] for e in [start, *doubts])
    elif unsaid:
        return None
    said = {"verdict": word, "reason": reason, "at": at, "start": start["t"], "end": None, "measured": None}
    said |= {"due": walk(standard, events, start, end, stays, at)["due"], "labels": labels_at(events, at)}
    if (how == "end" or ("time_in" in standard["measure"] and how == "refused")) and word != "excluded":
        said |= {"end": end["t"], "measured": was["spent"] / 2 if word != "indeterminate" else None}
    return said | {"finished": word != "breached" or bool(end) or was["gone"]}


def judge(readings, standards, sources, vocabulary):
    said = {}  # (standard, kind, id, occurrence) → the last word
    for standard, kind in ((standard, standard["of"]) for standard in standards):
        words = vocabulary[kind]
        for id_ in {r["id"] for r in readings if r["type"] == "event" and r["kind"] == kind}:
            events = story(readings, kind, id_, words)
            for number, _ in enumerate(occurrences(standard, events, words), 1):
                found = last_word(standard, id_, events, number, sources, readings, words)
                said |= {(standard["id"], kind, id_, number): found} if found else {}
    return said
