"""A brute-force judge: it walks through time in half seconds and asks "is it in time now?".

It imports nothing of the project, shares no formula with it, and exists to disagree.  Instants are half
seconds since 1970: those of a trace are whole seconds, so one step is "a moment later".
"""

from datetime import datetime
from fnmatch import fnmatchcase

ENDED = {
    "left": ("if_left", "left"),
    "diverted": ("if_diverted", "diverted"),
    "done": ("if_done", "incomplete"),
}
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


def pairs(events, enter, how, each):
    """[(opening event, closing event or None, how)]; one event may close one and open the next."""
    found, start = [], None
    for e in events:
        if start and how(e):
            found, start = [*found, (start, e, how(e))], None
        if not start and e["name"] in enter and (each or not found):
            start = e
    return [*found, (start, None, None)] if start else found


def occurrences(standard, events, words):
    enter, end, _ = roles(standard, words)

    def how(e):  # it would close: as end, refused, unless, left, diverted, done; None: it would not
        ending, timed = words["endings"].get(e["name"]), "time_in" in standard["measure"]
        if e["name"] in end:
            return "refused" if timed and ending == "refused" else "end"
        return "unless" if e["name"] in standard.get("unless", ()) else None if timed else ending

    if enter != {"due"}:
        return pairs(events, enter, how, standard["measure"].get("each"))
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
    if how == "left" and spent <= 2 * standard.get("ignore_if_left_within", -1):
        return "excluded", "short"
    word = {"breach": "breached", "keep": "met"}.get(policy, "excluded")
    return ("met", None) if how == "end" else (word, reason)


def late(promise, spent):
    return spent > 2 * promise["within"] if "within" in promise else spent >= 2 * promise["under"]


def walk(standard, events, start, end, stays, until):
    """Step through one occurrence and write down what was so when: no verdict is made here."""
    limit, within = 2 * max(standard["promise"].values()), "within" in standard["promise"]
    was = dict.fromkeys(("match", "withdrawn", "late", "broke", "used_up", "due"))
    last = min(until, end["t"] if end else max(events[-1]["t"], start["t"]) + limit + 2)
    for t in range(min(start["t"], last), last + 1):
        counted = [min(b["t"] if b else t, t) - a["t"] for a, b, _ in stays if a["t"] <= t]
        was["spent"] = spent = sum(counted) if stays else t - start["t"]
        was["used_up"] = t if was["used_up"] is None and spent >= limit else was["used_up"]
        again = spent >= limit and any(a["t"] == t for a, _, _ in stays[1:])  # nothing is left for this stay
        if was["late"] is None and (again or late(standard["promise"], spent)):
            was["late"], was["broke"] = t, t - (within and not again)  # a moment ago was still in time
        runs = not stays or any(a["t"] <= t and (b in (None, end) or t < b["t"]) for a, b, _ in stays)
        was["due"] = was["used_up"] if was["used_up"] is not None else t + limit - spent if runs else None
        match = matches(standard.get("where", {}), labels_at(events, t))
        if match and was["match"] is None and (t >= start["t"] or t == last):
            was["match"] = t
        if was["match"] is not None and not match and was["late"] is None:
            return was | {"withdrawn": t}
    return was


def verdict(standard, start, end, how, stays, was, unseen):
    """(word, reason, at), or None: it never matched, or it is open and in time."""
    if was["match"] is None:
        return None
    if was["withdrawn"] is not None:
        return "excluded", "withdrawn", was["withdrawn"]
    if unseen and (was["late"] or EVER) > unseen["from"]:
        return "excluded", "unseen", unseen["to"]
    changed = was["match"] > start["t"] and was["match"] >= (was["late"] or EVER)
    breach = ("breached", "target_changed", was["match"]) if changed else ("breached", None, was["broke"])
    if end is None:
        return None if was["late"] is None else breach
    floor = -EVER if start["name"] == "due" else 0  # only what is appointed can come early
    possible = {max(floor, e - s) for e in (end["first"], end["t"]) for s in (start["first"], start["t"])}
    if stays:
        gone = [(a, b or end) for a, b, _ in stays]
        least = sum(max(0, b["first"] - a["t"]) for a, b in gone)
        possible = {least, sum(b["t"] - a["first"] for a, b in gone)}
    said = {d: not late(standard["promise"], d) for d in possible} | {was["spent"]: was["late"] is None}
    if len({outcome(standard, how, said[d], d)[0] for d in possible}) > 1:
        return "indeterminate", None, end["t"]
    word, reason = outcome(standard, how, was["late"] is None, was["spent"])
    return breach if (word, reason) == ("breached", None) else (word, reason, end["t"])


def can_say(source, kind, names, id_, labels):
    mine = not source.get("private_ids") or id_.startswith(source["name"] + "/")
    speaks_for, said = source.get("speaks_for", {}), source.get("yields", {kind: names}).get(kind, ())
    return mine and names & set(said) and all(labels.get(k, v) == v for k, v in speaks_for.items())


def last_word(standard, id_, events, occurrence, sources, readings, words):
    """The truth about one occurrence as far as the sources have got; None: nothing may be said."""
    (start, end, how), (enter, end_names, interrupts) = occurrence, roles(standard, words)
    told = [e for e in events if start["place"] <= e["place"] and (not end or e["place"] <= end["place"])]
    stays = pairs(told, enter, lambda e: e["name"] in interrupts, True) if interrupts else []
    sources = [s for s in sources if can_say(s, standard["of"], end_names, id_, labels_at(events, EVER))]
    marks = {s["name"]: [-1] for s in sources}
    for r in (r for r in readings if r["type"] == "watermark" and r["source"] in marks):
        marks[r["source"]].append(steps(r["at"]))
    gaps = []  # those that may hide its end: open then, and nobody has spoken of the interaction since
    for r in (r for r in readings if r["type"] == "gap" and r["source"] in marks and not end):
        gap = {"from": steps(r["from"]), "to": steps(r["to"])}
        if events[-1]["t"] < gap["to"]:
            gaps.append(gap | {"proved": max(marks[r["source"]]) >= gap["to"]})
    unseen = min((g for g in gaps if g["proved"]), key=lambda g: g["to"], default=None)
    was = walk(standard, events, start, end, stays, unseen["to"] if unseen else EVER)
    word, reason, at = verdict(standard, start, end, how, stays, was, unseen) or (None, None, EVER)
    blind = any(not g["proved"] and (was["late"] or EVER) > g["from"] for g in gaps)
    if word is None or (word == "breached" and (blind or any(max(m) < at for m in marks.values()))):
        return None
    ended = word != "excluded" and (how == "end" or (how == "refused" and word == "breached"))
    measured = was["spent"] / 2 if ended and word != "indeterminate" else None
    said = {"verdict": word, "reason": reason, "at": at, "start": start["t"], "due": was["due"]}
    said |= {"end": end["t"] if ended else None, "measured": measured, "labels": labels_at(events, at)}
    return said | {"finished": word != "breached" or bool(end or unseen)}


def judge(readings, standards, sources, vocabulary):
    said = {}  # (standard, kind, id, occurrence) → the last word
    for standard in standards:
        kind, words = standard["of"], vocabulary[standard["of"]]
        for id_ in {r["id"] for r in readings if r["type"] == "event" and r["kind"] == kind}:
            events = story(readings, kind, id_, words)
            for number, occurrence in enumerate(occurrences(standard, events, words), 1):
                found = last_word(standard, id_, events, occurrence, sources, readings, words)
                said |= {(standard["id"], kind, id_, number): found} if found else {}
    return said
