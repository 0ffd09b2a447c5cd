"""Standards for the tests of the sentence: one for every construct of the language, under the name of the construct."""

from __future__ import annotations

from standardsd.language.rules import load_rules
from standardsd.model.standard import Standard
from standardsd.model.vocabulary import Vocabulary
from tests.language.written import standard
from tests.language.yaml_of import SITES

HEAD = """\
version: 1
set: house
calendars: {desk: {timezone: Europe/Bucharest, weekly: {mon-fri: ["08:00-12:00", "13:00-20:00"]}}}
vocabulary: {locker: {events: [filled, emptied], endings: {lost_key: left}}}
standards:
"""

TICKET = {"of": "ticket", "measure": "{from: opened, to: solved}", "promise": "{within: 8h}"}
CALL = {"of": "call", "measure": "{time_in: on_hold}", "promise": "{within: 2m}"}
DUE = {"of": "request", "measure": "{from: due, to: delivered}"}
NUMBER = {"of": "", "measure": "{reading: queue/lobby}", "promise": "{at_most: 10}"}
SURVEY = {"of": "survey", "measure": "{value: csat, at: answered}", "promise": "{at_least: 4}"}
ORDER = {"of": "order"}
GOAL = {"objective": "{at_least: 95%, over: 30d}"}
MONTH = {"objective": "{at_least: 95%, over: month}"}


def _over(measure: str, promise: str, **keys: str) -> dict[str, str]:
    return {"measure": measure, "promise": promise, **keys}


CONSTRUCTS: dict[str, dict[str, str]] = {
    # name of the construct: the keys that show it; the others are those of the plainest standard
    "plain": {},
    "of a kind of the house": {"of": "locker", "measure": "{from: filled, to: emptied}", "if_left": "breach"},
    "where": {"where": '{site: [grand-*, "!grand-test"], queue: "!vip", desk: [b, a]}'},
    "from several to several": {"measure": "{from: [ticket_taken, arrived], to: [served, greeted]}"},
    "every pair": {"measure": "{from: arrived, to: greeted, each: true}"},
    "every stay": {**CALL, "measure": "{time_in: on_hold, each: true}"},
    "all stays": CALL,
    "all stays, under": {**CALL, "promise": "{under: 2m}"},
    "appointed, on time": {**DUE, "promise": "{within: 0}"},
    "appointed, within": {**DUE, "promise": "{within: 10m}"},
    "appointed, under": {**DUE, "promise": "{under: 10m}"},
    "appointed, between": {**DUE, "promise": "{between: [-2m, 5m]}"},
    "between": {**TICKET, "promise": "{between: [5m, 1h30m]}"},
    "under": {"promise": "{under: 1m30s}"},
    "parts of a second": {"promise": "{within: 9.9s}"},
    "open days": {**TICKET, "clock": "desk", "promise": "{within: 5bd}"},
    "under one open day": {**TICKET, "clock": "desk", "promise": "{under: 1bd}"},
    "by a time of day": {**TICKET, "clock": "desk", "promise": '{until: "14:00"}'},
    "rings": {"of": "call", "measure": "{from: ringing, to: answered}", "promise": "{within: 3rings}"},
    "a grid": {**TICKET, "promise": "{per: priority, P1: {within: 15m}, P2: {within: 1h}, else: {within: 4h}}"},
    "a grid without else": {**TICKET, "promise": "{per: priority, P1: {within: 15m}, P2: {under: 1h}}"},
    "a number of an event": SURVEY,
    "a share of an event": {**SURVEY, "promise": "{over: 90%}"},
    "a score": {"of": "inspection", "measure": "{score: inspection}", "promise": "{at_least: 95%}"},
    "a reading": NUMBER,
    "a reading for a while": {**NUMBER, "promise": "{between: [18, 24.5], for: 5m}"},
    "a grid of readings": {
        **NUMBER,
        "promise": "{per: room, pool: {at_least: 26, for: 1h}, else: {at_least: 20}}",
    },
    "a duty": {"of": "duty", **_over("{since: done}", "{at_most: 2h}", clock="desk")},
    "an average time": {"of": "call", **_over("{average: {from: queued, to: answered}, over: 24h}", "{under: 40s}")},
    "a median of stays": {
        "of": "call", **_over("{median: {time_in: on_hold, each: true}, over: day}", "{at_most: 40s}"),
    },
    "a percentile of numbers": {"of": "survey", **_over("{p90: {value: csat, at: answered}, over: week}", "{over: 3}")},
    "other percentiles": {"of": "survey", **_over("{p95: {value: csat, at: answered}, over: 7d}", "{over: 3}")},
    "the last percentile": {"of": "survey", **_over("{p99: {value: csat, at: answered}, over: 7d}", "{over: 3}")},
    "the greatest whole stay": {"of": "call", **_over("{max: {time_in: on_hold}, over: quarter}", "{at_most: 5m}")},
    "the least score": {"of": "inspection", **_over("{min: {score: inspection}, over: month}", "{at_least: 80%}")},
    "a sum": {"of": "survey", **_over("{sum: {value: csat, at: answered}, over: 30d}", "{at_least: 100}")},
    "every pair, averaged": {
        "of": "call",
        **_over("{average: {from: held, to: resumed, each: true}, over: 1h}", "{at_most: 1m}"),
    },
    "a count": {"of": "ticket", **_over("{count: escalated, over: 7d}", "{at_most: 5}")},
    "a rate": {"of": "order", **_over("{rate: refilled, per: served, over: 30d}", "{at_least: 50%}")},
    "a promoter score": {"of": "survey", **_over("{nps: recommend, at: answered, over: 90d}", "{at_least: 40}")},
    "repeats": {"of": "ticket", **_over("{repeats: opened, same: [room, category], over: 30d}", "{at_most: 2}")},
    "the clock of a calendar": {**TICKET, "clock": "desk", "promise": "{within: 30h}"},
    "the clock of the site": {**TICKET, "clock": "site"},
    "a number on the clock of the site": {**SURVEY, "clock": "site"},
    "a number on the clock of a calendar": {**SURVEY, "clock": "desk"},
    "a pause": {**TICKET, "pause_while": "pending"},
    "endings": {"if_left": "breach", "if_diverted": "keep", "if_done": "void"},
    "endings all alike": {"if_left": "void", "if_diverted": "void", "if_done": "void"},
    "left at once": {"if_left": "breach", "ignore_if_left_within": "5s"},
    "unless": {**TICKET, "unless": "[pended, escalated]"},
    "reopened, going on": {**TICKET, "reopen": "resume"},
    "reopened, anew": {**TICKET, "reopen": "new_cycle"},
    "an objective": {"objective": "{at_least: 99.5%, over: 30d, min_count: 20}"},
    "an objective of a month": {**MONTH, "alert": "{on: objective}"},
    "months in a row": {"objective": "{at_least: 95%, over: month, periods: 3, zone: Europe/Lisbon}"},
    "days in a row": {"objective": "{at_least: 95%, over: day, periods: 2}"},
    "an objective of a week": {"objective": "{at_least: 95%, over: week}"},
    "an objective of a quarter": {"objective": "{at_least: 95%, over: quarter}"},
    "targets by date": {
        "objective": "{targets: [{from: 2026-03-01, at_least: 90%}, {from: 2027-01-01, at_least: 95%}], over: 7d}",
    },
    "an objective of a number": {**NUMBER, **GOAL, "alert": "{on: [limit, objective]}"},
    "targets of a number": {**NUMBER, "objective": "{targets: [{from: 2026-03-01, at_least: 90%}], over: 7d}"},
    "no grain": {"by": "[]"},
    "a finer grain": {"by": "[site, queue]"},
    "every alert": {**GOAL, "alert": "{on: [breach, at_risk, objective, burn, silence]}"},
    "an alert in hours of a calendar": {
        **TICKET, "clock": "desk", "objective": "{at_least: 95%, over: 30d}", "alert": "{on: burn}",
    },
    "an alert after a while": {"alert": "{on: breach, for: 2m, keep_firing_for: 1h}"},
    "an alert that does not linger": {"alert": "{on: breach, keep_firing_for: 0}"},
    "nobody told": {"alert": "{on: []}"},
    "a warning before": {"alert": "{on: at_risk, warn_before: 10s}"},
    "two warnings": {"alert": "{on: at_risk, warn_at: 50%, warn_before: 10s}"},
    "severe": {"severity": "critical"},
    "for information": {"severity": "info"},
    "provisional": {"settle": "2d"},
    "from a day on": {"effective": "{from: 2026-01-01}"},
    "before a day": {"effective": "{until: 2027-01-01}"},
    "between days": {"effective": "{from: 2026-01-01, until: 2027-01-01}"},
    "a number from a day on": {**NUMBER, "effective": "{from: 2026-01-01}"},
    "waived": {
        "waivers": "[{where: {site: a}, from: 2026-03-01, until: 2026-04-01, reason: The lift is broken, "
        "approved_by: GM}, {from: 2026-05-01, until: 2026-05-02, reason: Strike, approved_by: GM}]",
    },
    "tried out": {"status": "shadow"},
}  # fmt: skip

FIGURES = {
    "a spread": {
        "of": "",
        "measure": "{spread: plain, across: site}",
        "promise": "{at_most: 10%}",
        "by": "[]",
    },
    "a gap": {"of": "", "measure": "{gap: [plain, under]}", "promise": "{between: [-5%, 5%]}"},
}
"""Standards about standards: ``plain`` and ``under`` are among the others."""


def loaded(constructs: dict[str, dict[str, str]]) -> tuple[dict[str, Standard], Vocabulary]:
    """All of them from one file, by the name of the construct, and the vocabulary they are told in."""
    ids = {name: "".join(c if c.isalnum() else "-" for c in name) for name in constructs}
    items = []
    for name, keys in constructs.items():
        text = standard(**{**keys, "id": ids[name]})
        items.append("  - " + text.replace("\n", "\n    ").rstrip() + "\n")
    result = load_rules([("house.yaml", (HEAD + "".join(items)).encode())], sites=SITES)
    assert result.book is not None, "\n".join(problem.render() for problem in result.problems)
    by_id = {one.id: one for one in result.book.standards}
    return {name: by_id[ids[name]] for name in constructs}, result.book.vocabulary
