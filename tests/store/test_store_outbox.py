"""The outbox, and what pruning may and may not remove."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from standardsd.store.entries import OutboxRow, Pruned
from standardsd.store.limits import Limits
from standardsd.store.outbox import error_chars_max, ids_max
from standardsd.store.store import Store
from tests.store.values import NINE, after, batch, event, message

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


def row(id: int, key: str, *, attempts: int = 0, not_before: datetime = NINE) -> OutboxRow:
    return OutboxRow(id, "alertmanager", key, message(key).payload, attempts, NINE, not_before)


def test_messages_wait_per_channel_in_the_order_they_were_written(store: Store) -> None:
    store.commit([batch(outbox=(message("a"), message("x", "apprise"))), batch(outbox=(message("b"),))])
    assert store.outbox("alertmanager", 10) == [row(1, "a"), row(3, "b")]
    assert store.outbox("alertmanager", 1) == [row(1, "a")]
    assert [waiting.key for waiting in store.outbox("apprise", 10)] == ["x"]
    assert store.outbox("webhook", 10) == []
    assert store.pending() == {"alertmanager": 2, "apprise": 1}


def test_the_same_key_in_the_same_channel_is_stored_once_even_after_delivery(store: Store) -> None:
    store.commit([batch(outbox=(message("a"), message("a"), message("a", "apprise")))])
    store.commit([batch(outbox=(message("a"),))])
    assert store.pending() == {"alertmanager": 1, "apprise": 1}
    store.delivered(1, after(1))
    store.commit([batch(outbox=(message("a"), message("b")))])
    assert [waiting.key for waiting in store.outbox("alertmanager", 10)] == ["b"]


def test_a_failed_message_is_tried_again_not_before_its_time(store: Store) -> None:
    store.commit([batch(outbox=(message("a"), message("b")))])
    store.retry(1, after(1), after(31), "503 from http://127.0.0.1:9093")
    store.retry(1, after(31), after(91), "503 from http://127.0.0.1:9093")
    assert store.outbox("alertmanager", 10) == [row(1, "a", attempts=2, not_before=after(91)), row(2, "b")]
    assert store.next_try("alertmanager") == NINE
    store.delivered(2, after(32))
    assert store.next_try("alertmanager") == after(91)
    assert store.next_try("apprise") is None
    just_before, exactly = after(91) - MICROSECOND, after(91)
    assert store.outbox("alertmanager", 10, due=just_before) == []
    assert [waiting.key for waiting in store.outbox("alertmanager", 10, due=exactly)] == ["a"]


def test_delivered_and_given_up_are_final(store: Store) -> None:
    store.commit([batch(outbox=(message("a"), message("b"), message("c")))])
    store.delivered(1, after(1))
    store.gave_up(2, after(2), "400 bad label name")
    for id in (1, 2):
        store.retry(id, after(3), after(4), "late word")
        store.gave_up(id, after(3), "late word")
        store.delivered(id, after(3))
    assert [waiting.key for waiting in store.outbox("alertmanager", 10)] == ["c"]
    assert (store.pending(), store.given_up()) == ({"alertmanager": 1}, {"alertmanager": 1})


def test_many_messages_are_marked_together(store: Store) -> None:
    many = 2 * ids_max + 1
    store.commit([batch(outbox=tuple(message(f"k{n}") for n in range(many)))])
    store.delivered(range(1, many), after(1))
    assert [waiting.id for waiting in store.outbox("alertmanager", many)] == [many]


def test_a_long_error_is_cut_and_the_message_stays(store: Store) -> None:
    store.commit([batch(outbox=(message("a"),))])
    store.retry(1, after(1), after(2), "é" * 100_000)
    with store._transaction("BEGIN") as connection:
        kept = connection.exec_driver_sql("SELECT error FROM outbox").scalar_one()
    assert kept == "é" * error_chars_max
    assert store.pending() == {"alertmanager": 1}


def test_an_undelivered_message_outlives_the_process(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([batch(outbox=(message("a"), message("b")))])
        store.delivered(1, after(1))
        store.retry(2, after(1), after(9), "refused")
    with Store.open(path) as store:
        assert store.outbox("alertmanager", 10) == [row(2, "b", attempts=1, not_before=after(9))]


def test_a_key_is_kept_for_exactly_seven_days_and_the_journal_for_ever(store: Store) -> None:
    store.commit([batch(event("kiosk/1", "arrived"), key="a"), batch(wall=after(1), key="b")])
    assert store.prune(NINE + 7 * DAY) == Pruned(keys=0, keys_early=0, messages=0, more=False)
    assert store.seen_key("kiosk", "a") == 1
    assert store.prune(NINE + 7 * DAY + MICROSECOND) == Pruned(keys=1, keys_early=0, messages=0, more=False)
    assert (store.seen_key("kiosk", "a"), store.seen_key("kiosk", "b")) == (None, 2)
    store.prune(NINE + 4_000 * DAY)
    assert store.last_seq() == 2
    assert store.history("visit", "kiosk/1") == [event("kiosk/1", "arrived")]


def test_keys_beyond_their_maximum_go_early_the_oldest_first_and_that_is_told(path: Path) -> None:
    with Store.open(path, limits=Limits(keys_max=3)) as store:
        store.commit([batch(wall=after(n), key=f"k{n}") for n in range(5)])
        assert store.prune(after(9)) == Pruned(keys=2, keys_early=2, messages=0, more=False)
        assert [store.seen_key("kiosk", f"k{n}") for n in range(5)] == [None, None, 3, 4, 5]


def test_pruning_removes_a_bounded_part_and_says_that_there_is_more(path: Path) -> None:
    with Store.open(path, limits=Limits(prune_max=4)) as store:
        store.commit([batch(key=f"k{n}", outbox=(message(f"m{n}"),)) for n in range(6)])
        store.delivered(range(1, 7), NINE)
        late = NINE + 8 * DAY
        assert store.prune(late) == Pruned(keys=4, keys_early=0, messages=4, more=True)
        assert store.prune(late) == Pruned(keys=2, keys_early=0, messages=2, more=False)
    with Store.open(path, limits=Limits(prune_max=4, keys_max=1)) as store:
        store.commit([batch(key=f"l{n}") for n in range(6)])
        assert store.prune(NINE) == Pruned(keys=4, keys_early=4, messages=0, more=True)
        assert store.prune(NINE) == Pruned(keys=1, keys_early=1, messages=0, more=False)


def test_only_finished_messages_are_pruned_each_at_its_age(store: Store) -> None:
    store.commit([batch(outbox=(message("delivered"), message("gave up"), message("waits")))])
    store.delivered(1, NINE)
    store.gave_up(2, NINE, "400")
    assert store.prune(NINE + 7 * DAY).messages == 0
    assert store.prune(NINE + 7 * DAY + MICROSECOND).messages == 1
    assert (store.pending(), store.given_up()) == ({"alertmanager": 1}, {"alertmanager": 1})
    assert store.prune(NINE + 90 * DAY).messages == 0
    assert store.prune(NINE + 90 * DAY + MICROSECOND).messages == 1
    assert store.prune(NINE + 9_000 * DAY).messages == 0
    assert (store.pending(), store.given_up()) == ({"alertmanager": 1}, {})


def test_a_message_never_gets_the_number_of_one_that_was_pruned(store: Store) -> None:
    store.commit([batch(outbox=(message("a"), message("b")))])
    store.delivered([1, 2], NINE)
    assert store.prune(NINE + 8 * DAY).messages == 2
    store.commit([batch(outbox=(message("c"),))])
    assert [waiting.id for waiting in store.outbox("alertmanager", 10)] == [3]
