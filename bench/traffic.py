"""A mixed day for the measurements: calls, visits, requests, chats and tickets of ten sites, from one seed.

Told as one source tells it: in order of ``at``, a watermark after every batch.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from standardsd import shipped
from standardsd.language.rules import load_rules
from standardsd.model.reading import Event
from standardsd.model.standard import RuleBook

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SITES = 10
CONTACTS_A_SECOND = 20

PACKS = (
    "contact-center/phones",
    "hotel/front-desk",
    "hotel/requests",
    "service-desk/tickets",
    "contact-center/chat",
)
STANDARDS = (
    "answer-within-20s", "few-callers-give-up", "hold-within-30s", "holds-together-within-60s", "rings-at-most-6",
    "greet-within-60s", "check-in-within-5m", "request-taken-on-within-2m", "request-within-10m",
    "ticket-answered-by-urgency", "ticket-solved-in-hours", "chat-joined-within-60s",
)  # fmt: skip
"""Twelve of the shipped ones: times, states and totals, a grid on a calendar that pauses and resumes."""

# Of each kind: how often, the labels of its first event, and (event, seconds after the one before) on average.
STORIES: tuple[tuple[str, int, dict[str, tuple[str, ...]], tuple[tuple[str, float], ...]], ...] = (
    ("call", 50, {"queue": ("sales", "service", "urgent")},
     (("queued", 0), ("ringing", 1), ("answered", 12), ("held", 40), ("resumed", 20), ("ended", 60))),
    ("visit", 15, {"desk": ("1", "2")}, (("arrived", 0), ("greeted", 35), ("checked_in", 150), ("finished", 30))),
    ("request", 15, {"department": ("housekeeping", "concierge")},
     (("requested", 0), ("acknowledged", 60), ("delivered", 300), ("done", 20))),
    ("chat", 10, {},
     (("opened", 0), ("joined", 30), ("replied", 20), ("customer_replied", 40), ("replied", 30), ("ended", 20))),
    ("ticket", 10, {"department": ("service-desk",), "priority": ("P1", "P2", "P3")},
     (("opened", 0), ("assigned", 300), ("replied", 900), ("pended", 60), ("unpended", 1800), ("solved", 1200),
      ("closed", 60))),
)  # fmt: skip


def rule_book() -> RuleBook:
    """The twelve standards, as shipped."""
    files = []
    for name in PACKS:
        path = shipped.find("rules", name)
        assert path is not None, name
        files.append((name, path.read_bytes()))
    book = load_rules(files).book
    assert book is not None
    chosen = tuple(standard for standard in book.standards if standard.id in STANDARDS)
    assert len(chosen) == len(STANDARDS), sorted(set(STANDARDS) - {one.id for one in chosen})
    return RuleBook(chosen, book.vocabulary, book.files, book.hash)


def events(count: int, seed: int = 1) -> Iterator[Event]:
    """About ``count`` events in order of ``at``; what is under way at the end stays open."""
    rng = random.Random(seed)
    waiting: list[tuple[datetime, int, str, str, int]] = []
    kinds = [story[0] for story in STORIES]
    weights = [story[1] for story in STORIES]
    stories = {story[0]: story for story in STORIES}
    began, number, said = START, 0, 0
    while said < count:
        began += timedelta(seconds=rng.expovariate(CONTACTS_A_SECOND))
        number += 1
        kind = rng.choices(kinds, weights)[0]
        heapq.heappush(waiting, (began, number, kind, f"{kind[0]}{number}", 0))
        while waiting and waiting[0][0] <= began and said < count:
            at, order, kind, identity, step = heapq.heappop(waiting)
            _, _, choices, steps = stories[kind]
            labels = {}
            if step == 0:
                labels = {"site": f"site-{order % SITES}"}
                labels |= {name: rng.choice(values) for name, values in choices.items()}
            yield Event("desk", kind, identity, steps[step][0], at, labels=labels)
            said += 1
            if step + 1 < len(steps):
                later = at + timedelta(seconds=rng.expovariate(1 / (steps[step + 1][1] + 0.001)))
                heapq.heappush(waiting, (later, order, kind, identity, step + 1))
