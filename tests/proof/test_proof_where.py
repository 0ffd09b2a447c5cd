"""Which contacts a standard is about: patterns for labels, and what happens when labels change midway."""

from __future__ import annotations

import pytest

from tests.proof.told import last_words, rules

# where, labels of the visit, whether it is judged
MATCHES = [
    ("{site: grand}", "site=grand", True),
    ("{site: grand}", "site=Grand", False),  # case-sensitive
    ("{site: grand}", "site=grand-budapest", False),  # the whole value
    ("{site: grand-*}", "site=grand-budapest", True),
    ("{site: grand-*}", "site=grand-", True),
    ("{site: grand-*}", "site=my-grand-x", False),
    ("{site: gran?}", "site=grand", True),
    ("{site: gran?}", "site=gran", False),
    ('{site: "[gh]rand"}', "site=hrand", True),
    ('{site: "[gh]rand"}', "site=brand", False),
    ('{site: "[!gh]rand"}', "site=brand", True),
    ("{site: [grand, plaza]}", "site=plaza", True),  # any of
    ("{site: [grand, plaza]}", "site=ritz", False),
    ('{site: [grand-*, "!grand-test"]}', "site=grand-test", False),
    ('{site: ["!grand-test", grand-*]}', "site=grand-test", False),  # wherever it stands
    ('{site: [grand-*, "!grand-test"]}', "site=grand-budapest", True),
    ('{site: ["!grand-*"]}', "site=plaza", True),
    ('{site: ["!grand-*"]}', "site=grand-budapest", False),
    ("{site: grand, queue: vip}", "site=grand queue=vip", True),  # all keys
    ("{site: grand, queue: vip}", "site=grand queue=std", False),
    ("{site: grand, queue: vip}", "site=grand", False),
    ("{queue: '*'}", "site=grand", False),  # a missing label matches no wanted pattern
    ('{queue: "!vip"}', "site=grand", True),  # but a list made wholly of exclusions
    ('{queue: ["!vip", "!std"]}', "site=grand", True),
    ('{queue: ["!vip", std]}', "site=grand", False),
]


@pytest.mark.parametrize(("where", "labels", "judged"), MATCHES)
def test_a_visit_is_judged_where_every_key_matches(where: str, labels: str, judged: bool) -> None:
    said = last_words(rules(where=where), f"09:00:00 visit.arrived V {labels}\n09:00:30 visit.greeted V")
    assert said == ({"V": "met at 09:00:30 due 09:01:00"} if judged else {})


VIP = "{priority: vip}"
# what happens after 09:00:00, the promise, and the word that stands after 09:03
CHANGES = [
    # stops to match: in time is ≤ due for within, < due for under
    ("09:00:59.999999 visit.updated V priority=no", "within", "excluded (withdrawn) at 09:00:59.999999 due 09:01:00"),
    ("09:01:00 visit.updated V priority=no", "within", "excluded (withdrawn) at 09:01:00 due 09:01:00"),
    ("09:01:00.000001 visit.updated V priority=no", "within", "breached at 09:01:00 due 09:01:00"),
    ("09:00:59.999999 visit.updated V priority=no", "under", "excluded (withdrawn) at 09:00:59.999999 due 09:01:00"),
    ("09:01:00 visit.updated V priority=no", "under", "breached at 09:01:00 due 09:01:00"),
    # finally: it does not come back
    ("09:00:30 visit.updated V priority=no\n09:00:31 visit.updated V priority=vip\n09:00:40 visit.greeted V", "within",
     "excluded (withdrawn) at 09:00:30 due 09:01:00"),
    # in the instant of the greeting itself the labels of all events of that instant count
    ("09:00:30 visit.greeted V\n09:00:30 visit.updated V priority=no", "within",
     "excluded (withdrawn) at 09:00:30 due 09:01:00"),
    ("09:00:30 visit.greeted V\n09:00:31 visit.updated V priority=no", "within", "met at 09:00:30 due 09:01:00"),
]  # fmt: skip


@pytest.mark.parametrize(("later", "promise", "word"), CHANGES)
def test_what_no_longer_matches_in_time_is_withdrawn(later: str, promise: str, word: str) -> None:
    story = f"09:00:00 visit.arrived V priority=vip\n{later}\n09:03:00 watermark"
    assert last_words(rules(where=VIP, promise=f"{{{promise}: 60s}}"), story) == {"V": word}


LATER = [
    # begins to match: judged from the original start
    ("09:00:59.999999 visit.updated V priority=vip", "within", "breached at 09:01:00 due 09:01:00"),
    ("09:01:00 visit.updated V priority=vip", "within", "breached at 09:01:00 due 09:01:00"),
    ("09:01:00 visit.updated V priority=vip\n09:01:00 visit.greeted V", "within", "met at 09:01:00 due 09:01:00"),
    ("09:01:00.000001 visit.updated V priority=vip", "within",
     "breached (target_changed) at 09:01:00.000001 due 09:01:00"),
    ("09:00:59.999999 visit.updated V priority=vip", "under", "breached at 09:01:00 due 09:01:00"),
    ("09:01:00 visit.updated V priority=vip", "under", "breached (target_changed) at 09:01:00 due 09:01:00"),
    ("09:00:10 visit.greeted V priority=vip", "within", "met at 09:00:10 due 09:01:00"),  # with the greeting itself
    ("09:00:10 visit.greeted V\n09:00:10.000001 visit.updated V priority=vip", "within", None),
    ("09:00:10 visit.left V\n09:00:20 visit.updated V priority=vip", "within", None),
]  # fmt: skip


@pytest.mark.parametrize(("later", "promise", "word"), LATER)
def test_what_begins_to_match_midway_is_judged_from_its_start(
    later: str, promise: str, word: str | None
) -> None:
    story = f"09:00:00 visit.arrived V\n{later}\n09:03:00 watermark"
    expected = {} if word is None else {"V": word}
    assert last_words(rules(where=VIP, promise=f"{{{promise}: 60s}}"), story) == expected


def test_pairs_are_numbered_whether_they_match_or_not() -> None:
    book = rules(where=VIP, measure="{from: arrived, to: greeted, each: true}")
    story = """
        09:00:00 visit.arrived V priority=no
        09:00:10 visit.greeted V
        09:01:00 visit.arrived V priority=vip
        09:01:10 visit.greeted V
    """
    assert last_words(book, story) == {"V#2": "met at 09:01:10 due 09:02:00"}


GRID = "{per: priority, P1: {within: 1m}, P2: {within: 5m}, else: {under: 10m}}"
ROWS = [
    ("priority=P1", "met at 09:01:00 due 09:01:00", "09:01:00"),
    ("priority=P1", "breached at 09:01:00 due 09:01:00", "09:01:00.000001"),
    ("priority=P2", "met at 09:05:00 due 09:05:00", "09:05:00"),
    ("priority=P3", "met at 09:09:59.999999 due 09:10:00", "09:09:59.999999"),
    ("priority=P3", "breached at 09:10:00 due 09:10:00", "09:10:00"),
    ("site=a", "breached at 09:10:00 due 09:10:00", "09:10:00"),  # without the label: else
]


@pytest.mark.parametrize(("label", "word", "greeted"), ROWS)
def test_each_row_of_a_grid_has_its_own_limit(label: str, word: str, greeted: str) -> None:
    story = f"09:00:00 visit.arrived V {label}\n{greeted} visit.greeted V\n09:20:00 watermark"
    assert last_words(rules(promise=GRID), story) == {"V": word}


def test_without_else_what_has_no_row_is_not_judged() -> None:
    book = rules(promise="{per: priority, P1: {within: 1m}}")
    story = "09:00:00 visit.arrived V priority=P2\n09:00:01 visit.arrived W\n09:20:00 watermark"
    assert last_words(book, story) == {}


CHANGED_ROWS = [
    (
        "09:01:00 visit.updated V priority=P1",
        "breached at 09:01:00 due 09:01:00",
    ),  # still in time under the new limit
    (
        "09:01:00.000001 visit.updated V priority=P1",
        "breached (target_changed) at 09:01:00.000001 due 09:01:00",
    ),
    ("09:04:00 visit.updated V priority=P3\n09:09:59 visit.greeted V", "met at 09:09:59 due 09:10:00"),
    ("09:05:00 visit.updated V priority=P3\n09:09:59 visit.greeted V", "met at 09:09:59 due 09:10:00"),
    (
        "09:05:00.000001 visit.updated V priority=P3\n09:09:59 visit.greeted V",
        "breached at 09:05:00 due 09:05:00",
    ),
]


@pytest.mark.parametrize(("later", "word"), CHANGED_ROWS)
def test_a_change_of_row_is_judged_from_the_original_start(later: str, word: str) -> None:
    story = f"09:00:00 visit.arrived V priority=P2\n{later}\n09:20:00 watermark"
    assert last_words(rules(promise=GRID), story) == {"V": word}
