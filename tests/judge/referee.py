"""A brute-force judge: it walks through time in half seconds and asks "is it in time now?".

It imports nothing of the project, shares no formula with it, and exists to disagree.  Instants are half
seconds since 1970: those of a trace are whole seconds, so one step is "a moment later".  Several uncertain
events need room between those: then a trace's instants and limits are even seconds, four steps apart."""

from datetime import datetime
from fnmatch import fnmatchcase
from itertools import product

ENDED = {k: (f"if_{k}", "incomplete" if k == "done" else k) for k in ("left", "diverted", "done")}
EVER = 10**12


def steps(instant):
    return int(datetime.fromisoformat(instant).timestamp() * 2)


def story(readings, kind, id_, words):
    """The interaction's events in order, copies united (the label that sorts first wins), retracted ones gone."""
    mine, copies, events = [r for r in readings if (r.get("kind"), r.get("id")) == (kind, id_)], {}, []
    for r in (r for r in mine if r["type"] == "event"):
        copies.setdefault((steps(r["at"]), r["event"]), []).append(r)
    gone = {(r.get("event"), "at" in r and steps(r["at"])) for r in mine if r["type"] == "retract"}
    copies = {k: v for k, v in copies.items() if not gone & {(None, False), (k[1], False), k[::-1]}}
    for (t, name), same in copies.items():
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
        if False in hits or (True not in hits and any(g[0] != "!" for g in globs)):
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
    def how(e):  # it would close: as end, refused, unless, left, diverted, done; None: it would not
        ending = words["endings"].get(e["name"])
        if e["name"] in end:
            return "refused" if timed and ending == "refused" else "end"
        return "unless" if e["name"] in standard.get("unless", ()) else None if timed else ending

    (enter, end, _), timed = roles(standard, words), "time_in" in standard["measure"]
    if "due" not in enter:  # `unless` closes a promise about a state, yet the state goes on: no new stay
        return pairs(events, enter, how, standard["measure"].get("each"), ("unless",) if timed else ())
    # Appointed: of several dues the last word stands; what comes early counts too, but not an early `unless`.
    due = max((e for e in events if e["name"] == "due"), key=lambda e: (e["place"][1], e["t"]), default=None)
    others = (e for e in events if e["name"] != "due" and (how(e) != "unless" or e["place"] > due["place"]))
    return pairs([due, *others], enter, how, each=False) if due else []


def walk(standard, events, start, end, stays, until):
    """Step through one occurrence and write down what was first so when: no verdict is made here."""
    within, limit, was = "within" in standard["promise"], 2 * max(standard["promise"].values()), {}
    last = min(until, end["t"] if end else max(events[-1]["t"], start["t"]) + limit + 2)
    for t in range(min(start["t"], last), last + 1):
        begun = [(a, b or {"t": t, "first": t}) for a, b in stays if a["t"] <= t]
        spent = sum(min(b["t"], t) - a["t"] for a, b in begun) if stays else t - start["t"]
        least = sum(max(0, min(b["first"], t) - a["t"]) for a, b in begun) if stays else spent
        again = any(a["t"] == t for a, _ in stays[1:])  # nothing may be left for this stay
        match = "where" not in standard or matches(standard["where"], labels_at(events, t))
        late_at = limit + (within and not again)  # at the limit itself `within` is in time, `under` is not
        now = {"match": match, "used_up": spent >= limit, "late": spent >= late_at, "sure": least >= late_at}
        now |= {"withdrawn": "match" in was and not (match or "late" in was or now["late"])}
        broke = {"broke": t + limit - late_at} if now["late"] else {}  # a moment ago, or now
        was = {name: t for name, so in now.items() if so} | broke | was
        runs = not stays or any(a["t"] <= t <= b["t"] for a, b in begun)  # at this instant, or until it
        due = was.get("used_up", t + limit - spent if runs else None)
    return was | {"spent": spent, "due": due}


def look(standard, events, number, words, gaps):
    """The occurrence, its stays, what was so when, and word (None: not known yet), reason and `at`."""
    found, (enter, _, interrupts) = occurrences(standard, events, words), roles(standard, words)
    if number > len(found):
        return None, (), {}, "nothing", None, None
    start, end, how = found[number - 1]
    told = [e for e in events if start["place"] <= e["place"] and (not end or e["place"] <= end["place"])]
    stays = pairs(told, enter, lambda e: e["name"] in interrupts, True) if interrupts else []
    stays = [(a, b or end) for a, b, _ in stays if a is not end]
    gaps = [gap for gap in gaps if not end and start["t"] < gap[0]]
    until, proved, _ = min(gaps, default=(EVER, False, EVER))
    was = walk(standard, events, start, end, stays, until if proved else EVER) | {"gone": proved}
    seen = found[number - 1], stays, was
    if "match" not in was:
        return *seen, "nothing", None, None
    if "withdrawn" in was:
        return *seen, "excluded", "withdrawn", was["withdrawn"]
    if was.get("sure", EVER) > min((since for _, _, since in gaps), default=EVER):
        return *seen, *(("excluded", "unseen", until) if proved else (None, None, None))
    key, reason = {**ENDED, "end": (None, None)}.get(how, (None, how))
    policy = "keep" if how == "end" else standard.get(key, "exclude")
    if "late" in was and not (end and policy == "void"):  # else the breach at due stands
        changed = was["match"] > start["t"] and was["match"] >= was["late"]
        return *seen, "breached", *(("target_changed", was["match"]) if changed else (None, was["broke"]))
    short = 2 * standard.get("ignore_if_left_within", -EVER)
    if how == "left" and "late" not in was and was["spent"] <= short:
        return *seen, "excluded", "short", end["t"]
    word = {"breach": "breached", "keep": "met"}.get(policy, "excluded")
    return *seen, *((word, reason, end["t"]) if end else ("nothing", None, None))


def doubtful(standard, events, number, words, gaps, end, stays, said):
    # The events that, somewhere else in their ranges, would make it another word than the one said.
    gaps = [(to, over or end is not None, since) for to, over, since in gaps]
    begun = [(a, b) for a, b, *_ in [*occurrences(standard, events, words), *stays] if a["name"] != "due"]
    matter = {*words["endings"], *standard.get("unless", ()), *standard.get("where", ())}
    matter = matter.union(*roles(standard, words))
    unsure = [e for e in events if e["first"] < e["t"] and matter & {e["name"], *e["labels"]}]

    def differs(spots):  # with events at other instants, all exact, and no end before what it was told to end
        new = {id(e): (e, t) for e, t in [*((e, e["t"]) for e in events), *spots]}
        new = {k: e | {"t": t, "first": t, "place": (t, *e["place"][1:])} for k, (e, t) in new.items()}
        allowed = not any(b and new[id(b)]["place"] < new[id(a)]["place"] for a, b in begun)
        then = sorted(new.values(), key=lambda e: e["place"])
        return allowed and look(standard, then, number, words, gaps)[3] not in (None, said)

    ranges = [[(e, t) for t in range(e["first"], e["t"] + 1)] for e in unsure]
    alone = [e for e, spots in zip(unsure, ranges, strict=True) if any(differs([spot]) for spot in spots)]
    return alone or (unsure if any(map(differs, product(*ranges))) else [])


def can_say(source, kind, names, id_, labels):
    mine = not source.get("private_ids") or id_.startswith(source["name"] + "/")
    speaks_for, said = source.get("speaks_for", {}), source.get("yields", {kind: names}).get(kind, ())
    return mine and names & set(said) and all(labels.get(k, v) == v for k, v in speaks_for.items())


def last_word(standard, id_, events, number, sources, readings, words):
    """The truth about one occurrence as far as the sources have got; None: nothing may be said."""
    (_, ends, interrupts), labels = roles(standard, words), labels_at(events, EVER)
    names, spoke = {s["name"] for s in sources}, {r["source"] for r in readings if r.get("id") == id_}
    spoke |= set() if id_.split("/")[0] in names else names  # an id under a source's name is its own
    marks = {s["name"]: -1 for s in sources if can_say(s, standard["of"], ends | interrupts, id_, labels)}
    for r in (r for r in readings if r["type"] == "watermark" and r["source"] in marks):
        marks[r["source"]] = max(marks[r["source"]], steps(r["at"]))
    # Gaps may hide its end: open then, and not spoken of since.  An appointment (`due`) proves nothing.
    last, gaps = max((e["t"] for e in events if e["name"] != "due"), default=-1), []
    for r in (r for r in readings if r["type"] == "gap" and r["source"] in {*marks} & spoke):
        if last < steps(r["to"]):
            gaps.append((steps(r["to"]), marks[r["source"]] >= steps(r["to"]), steps(r["from"])))
    (start, end, how), stays, was, word, reason, at = look(standard, events, number, words, gaps)
    by = at if end or not at else max(at, was.get("sure", EVER) - 1)  # of a total: no doubt is left then
    sayable = word in ("met", "excluded") or (word == "breached" and by <= min([EVER, *marks.values()]))
    case = standard, events, number, words, gaps, end, stays, word
    doubts = doubtful(*case) if end or sayable else []
    if doubts:
        word, reason, at = "indeterminate", None, end["t"] if end else max(e["t"] for e in [start, *doubts])
    elif not sayable:
        return None
    said = {"verdict": word, "reason": reason, "at": at, "start": start["t"], "end": None, "measured": None}
    said |= {"due": walk(standard, events, start, end, stays, at)["due"], "labels": labels_at(events, at)}
    if (how == "end" or ("time_in" in standard["measure"] and how == "refused")) and word != "excluded":
        said |= {"end": end["t"], "measured": was["spent"] / 2 if word != "indeterminate" else None}
    return said | {"finished": word != "breached" or bool(end) or was["gone"]}


def judge(readings, standards, sources, vocabulary):
    said = {}  # (standard, kind, id, occurrence) → the last word
    for standard in standards:
        kind, words = standard["of"], vocabulary[standard["of"]]
        for id_ in {r["id"] for r in readings if r["type"] == "event" and r["kind"] == kind}:
            events = story(readings, kind, id_, words)
            for number in range(1, 1 + len(occurrences(standard, events, words))):
                found = last_word(standard, id_, events, number, sources, readings, words)
                said |= {(standard["id"], kind, id_, number): found} if found else {}
    return said
