"""The brute-force judge for everything the language says about cases: clocks, pauses, wall times, appointments,
open days, grids, reopenings, waivers, numbers of events and scores.

It imports nothing of the project and exists to disagree.  It knows the whole story at once: it asks at each
instant at which a label changed whether the occurrence was still in time there, by adding up the pieces of
time that count (``pieces_referee.py``) of what happened (``stories_referee.py``).  What it shares with the
small ``referee.py`` it takes from there; instants are half seconds since 1970.
"""

from dataclasses import replace
from itertools import product

from tests.judge.pieces_referee import (
    Case,
    due_known,
    elapsed,
    in_force,
    is_time,
    limit_of,
    measured,
    moments,
    score,
    turning,
    waived,
)
from tests.judge.referee import ENDED, EVER, can_say, labels_at, pairs, steps
from tests.judge.stories_referee import closes, occurrences, pauses, roles, story


def course(case, upto, shortest=False):
    """What was first so when: matched, withdrawn, late, and if late: broken at, why.  `shortest`: late for sure."""
    was, before, begun = {}, None, moments(case, upto)
    for t, following in zip(begun, [*begun[1:], upto + 1], strict=True):
        force = in_force(case, t)
        if before:
            _, late, broke = turning(case, before, shortest)
            if late <= t:  # what changes at the very instant of a broken due comes too late
                return was | {"late": late, "at": broke, "why": None, "force": before}
            if force is None and not shortest:
                return was | {"withdrawn": t}
        if force or before:
            _, late, broke = turning(case, force or before, shortest)
            was = {"match": t} | was if force else was
            if late <= t and t > case.start["t"]:
                was |= {"late": late if shortest else t, "at": t}
                return was | {"why": "target_changed", "force": force}
            if late < following:
                return was | {"late": late, "at": broke, "why": None, "force": force or before}
        before = force or before
    return was


def closing(case, late):
    """The word, its reason and `at` where an event closed it in time; None for a word: still open."""
    key, reason = {**ENDED, "end": (None, None)}.get(case.how, (None, case.how))
    if case.end is None:
        return None, None, None
    at = case.end["t"]
    policy = case.standard.get(key, "exclude")
    if late:
        return "excluded" if policy == "void" else None, reason, at
    promise, hours, _ = in_force(case, at)
    if "score" in case.standard["measure"] and case.how == "end" and score(case) is None:
        return "excluded", "incomplete", at
    if case.how == "end":
        return ("met" if kept(case, promise, hours) else "breached"), None, at
    short = case.standard.get("ignore_if_left_within")
    if case.how == "left" and short is not None and elapsed(case, hours, at) <= 2 * short:
        return "excluded", "short", at
    return {"breach": "breached", "keep": "met"}.get(policy, "excluded"), reason, at


def kept(case, promise, hours):
    """Whether what an end event in time measured keeps the promise, too."""
    if is_time(promise):
        return "between" not in promise or elapsed(case, hours, case.end["t"]) >= 2 * promise["between"][0]
    number = measured(case, hours)
    if "number" not in promise:
        return True
    lowest, highest = promise["number"]
    edges = promise.get("edges", True)  # whether the limits themselves are kept
    return (lowest is None or number > lowest or (edges and number == lowest)) and (
        highest is None or number < highest or (edges and number == highest)
    )


def look(standard, events, number, world, gaps):
    """The occurrence, what was so when, and word (None: not known yet), reason and `at`; "nothing": no verdict."""
    words = world.vocabulary[standard["of"]]
    found, (enter, _, interrupts) = occurrences(standard, events, words), roles(standard, words)
    if number > len(found):
        return None, {}, "nothing", None, None
    start, end, how = found[number - 1]
    told = [e for e in events if start["place"] <= e["place"] and (not end or e["place"] <= end["place"])]
    stays = pairs(told, enter, lambda e: e["name"] in interrupts, True) if interrupts else []
    stays = [(a, b or end) for a, b, _ in stays if a is not end]
    if "time_in" in standard["measure"] and not stays:
        stays = [(start, end)]
    case = Case(world, standard, events, start, end, how, stays)
    while True:
        was, word, reason, at = outcome(case, gaps)
        if word in ("met", "breached") and waived(case, at):
            was["waived"], word, reason = word, "excluded", "waived"
        later = [e for e in events if case.end and e["place"] > case.end["place"]]
        again = next((e for e in later if e["name"] == words["reopening"]), None)
        stands = word not in ("met", "excluded") or reason == "withdrawn"
        if standard.get("reopen") != "resume" or again is None or stands:
            return case, was, word, reason, at
        closed = next((e for e in later if e["place"] > again["place"] and closes(standard, words)(e)), None)
        how = closes(standard, words)(closed) if closed else None
        case = replace(case, end=closed, how=how, off=(*case.off, (case.end, again)))


def outcome(case, gaps):
    gaps = [gap for gap in gaps if not case.end and case.start["t"] < gap[0]]
    until, proved, _ = min(gaps, default=(EVER, False, EVER))
    upto = case.end["t"] if case.end else until if proved else EVER
    was = course(case, upto) | {"gone": proved}
    late = was.get("late", EVER)
    if "match" not in was:
        return was, "nothing", None, None
    if "withdrawn" in was:
        return was, "excluded", "withdrawn", was["withdrawn"]
    was["sure"] = course(case, upto, shortest=True).get("late", EVER) if late < EVER else EVER
    if was["sure"] > min((since for _, _, since in gaps), default=EVER):
        return was, *(("excluded", "unseen", until) if proved else (None, None, None))
    word, reason, at = closing(case, late < EVER)
    if late < EVER and word is None:  # the breach at due stands
        return was, "breached", was["why"], was["at"]
    return was, word or "nothing", reason, at


def doubtful(case, number, gaps, said):
    """The events that, somewhere else in their ranges, would make it another word than the one said."""
    standard, events, world = case.standard, case.events, case.world
    words = world.vocabulary[standard["of"]]
    gaps = [(to, over or case.end is not None, since) for to, over, since in gaps]
    begun = [
        (a, b) for a, b, *_ in [*occurrences(standard, events, words), *case.stays] if a["name"] != "due"
    ]
    begun += [pair for _, pair in pauses(standard, events, words)]
    matter = {*words["endings"], *standard.get("unless", ()), *standard.get("where", ()), "site"}
    matter = matter.union(*roles(standard, words), {standard["promise"].get("per"), words["reopening"]})
    matter |= {"started", "item"} if "score" in standard["measure"] else set()
    for state in standard.get("pause_while", ()):
        matter = matter.union(*words["states"][state])
    for waiver in standard.get("waivers", ()):
        matter |= set(waiver.get("where", ()))
    unsure = [e for e in events if e["before"] < e["t"] and matter & {e["name"], *e["labels"]}]

    def differs(spots):  # with events at other instants, all exact, and no end before what it was told to end
        new = {id(e): (e, t) for e, t in [*((e, e["t"]) for e in events), *spots]}
        new = {k: e | {"t": t, "first": t, "place": (t, *e["place"][1:])} for k, (e, t) in new.items()}
        if any(b and new[id(b)]["place"] < new[id(a)]["place"] for a, b in begun):
            return False
        then = sorted(new.values(), key=lambda e: e["place"])
        return look(standard, then, number, world, gaps)[2] not in (None, said)

    ranges = [[(e, t) for t in range(e["before"] + world.step, e["t"] + 1, world.step)] for e in unsure]
    alone = [e for e, spots in zip(unsure, ranges, strict=True) if any(differs([spot]) for spot in spots)]
    return alone or (unsure if len(unsure) > 1 and any(map(differs, product(*ranges))) else [])


def hidden(standard, id_, events, world, readings):
    """(watermarks of the sources that could tell its end, the gaps that may hide it: (to, proved, since))."""
    words, labels = world.vocabulary[standard["of"]], labels_at(events, EVER)
    names, spoke = {s["name"] for s in world.sources}, {r["source"] for r in readings if r.get("id") == id_}
    spoke |= set() if id_.split("/")[0] in names else names  # an id under a source's name is its own
    _, ends, interrupts = roles(standard, words)
    for state in standard.get("pause_while", ()):
        interrupts = interrupts | set(words["states"][state][0])  # an unknown pause could undo a breach
    interrupts |= {"item"} if "score" in standard["measure"] else set()
    marks = {
        s["name"]: -1 for s in world.sources if can_say(s, standard["of"], ends | interrupts, id_, labels)
    }
    for r in (r for r in readings if r["type"] == "watermark" and r["source"] in marks):
        marks[r["source"]] = max(marks[r["source"]], steps(r["at"]))
    # Gaps may hide its end: open then, and not spoken of since.  An appointment (`due`) proves nothing.
    last, gaps = max((e["t"] for e in events if e["name"] != "due"), default=-1), []
    for r in (r for r in readings if r["type"] == "gap" and r["source"] in {*marks} & spoke):
        if last < steps(r["to"]):
            gaps.append((steps(r["to"]), marks[r["source"]] >= steps(r["to"]), steps(r["from"])))
    return marks, gaps


def last_word(standard, id_, events, number, world, readings):
    """The truth about one occurrence as far as the sources have got; None: nothing may be said."""
    marks, gaps = hidden(standard, id_, events, world, readings)
    case, was, word, reason, at = look(standard, events, number, world, gaps)
    end = case.end
    by = at if end or not at else max(at, was.get("sure", EVER) - 1)  # of a total: no doubt is left then
    would_be = was.get("waived", word)
    sayable = would_be in ("met", "excluded") or (
        would_be == "breached" and by <= min([EVER, *marks.values()])
    )
    doubts = doubtful(case, number, gaps, word) if end or sayable else []
    if doubts:
        word, reason, at = (
            "indeterminate",
            None,
            end["t"] if end else max(e["t"] for e in [case.start, *doubts]),
        )
    elif not sayable:
        return None
    said = {
        "verdict": word,
        "reason": reason,
        "at": at,
        "start": case.start["t"],
        "end": None,
        "measured": None,
    }
    due, force = due_known(case, at, was.get("force"), bool(doubts))
    said |= {"due": due, "limit": limit_of(case, force), "labels": labels_at(events, at)}
    said["late_from"] = force[1].late_from(due) if due is not None else None
    ended = case.how == "end" or ("time_in" in standard["measure"] and case.how == "refused")
    if word == "indeterminate" and waived(case, at):
        word = said["verdict"] = "excluded"
        said["reason"] = "waived"
    if ended and word != "excluded":
        number = measured(case, force[1]) if word != "indeterminate" else None
        said |= {"end": end["t"], "measured": number}
    return said | {"finished": word != "breached" or bool(end) or was["gone"]}


def judge(readings, standards, world):
    """(standard, kind, id, occurrence) → the last word."""
    said, stories = {}, {}
    for standard in standards:
        kind, words = standard["of"], world.vocabulary[standard["of"]]
        for id_ in {r["id"] for r in readings if r["type"] == "event" and r["kind"] == kind}:
            if (kind, id_) not in stories:
                stories[kind, id_] = story(readings, kind, id_, words)
            events = stories[kind, id_]
            for number in range(1, 1 + len(occurrences(standard, events, words))):
                found = last_word(standard, id_, events, number, world, readings)
                said |= {(standard["id"], kind, id_, number): found} if found else {}
    return said
