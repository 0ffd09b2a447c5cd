"""What goes in comes out: journal, history, verdicts, cursors, keys, rules, checkpoints."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import event as sql_event

from standardsd.model.clock import open_hours
from standardsd.model.decision import AlertState, EpisodeState
from standardsd.model.reading import Event, Gap, Retract, Sample, Watermark
from standardsd.model.standard import FromTo, Promise, RuleBook, Standard
from standardsd.model.vocabulary import VOCABULARY
from standardsd.store.entries import (
    Entry,
    JournalRow,
    ReadingsInput,
    RejectedRecord,
    RulesInput,
    RulesText,
    RuleVersion,
    TickInput,
    readings_max,
)
from standardsd.store.limits import Limits
from standardsd.store.store import Store
from standardsd.store.trouble import KeyTaken, StoreTrouble
from tests.store.values import (
    DARK,
    NINE,
    TOO_LATE,
    after,
    alert,
    batch,
    breached,
    episode,
    event,
    excluded,
    final,
    message,
)

EVERY_READING = (
    Event(
        "kiosk", "visit", "kiosk/Ő-宿-\x00", "arrived", NINE, 3, after(-30), {"site": "Főbejárat"}, {"n": 0.1}
    ),
    Retract("kiosk", "visit", "kiosk/Ő-宿-\x00", "arrived", NINE, "próba\nhívás"),
    Retract("kiosk", "visit", "kiosk/2"),
    Sample("kiosk", "queue_length", after(1), -1.5, {"desk": "é"}),
    Watermark("kiosk", after(2.000001)),
    Gap("kiosk", after(3), after(4)),
)
VISIT = ("visit", "kiosk/4711")
RULES = RulesInput(
    files=(RulesText("rules/hotel/front-desk.yaml", b"version: 1\n\xff", "sha256:11", "sha256:22"),),
    hash="sha256:33",
    config="version: 1\nlisten: 127.0.0.1:8080\n",
    book=b"{}",
    judge="0.1.0",
)


def test_every_kind_of_input_is_journalled_whole_and_in_order(store: Store) -> None:
    taken = ReadingsInput(
        source="kiosk",
        readings=EVERY_READING,
        cursor=b"\x00\xff",
        key="k1",
        rejected=(RejectedRecord("naive_time", "line 3", "'09:00' has no offset"),),
        refused=(2,),
    )
    inputs = (RULES, taken, TickInput(), ReadingsInput(source="pbx1", readings=()))
    assert store.commit([Entry(after(n), put) for n, put in enumerate(inputs)]) == [1, 2, 3, 4]
    expected = [JournalRow(n + 1, after(n), put) for n, put in enumerate(inputs)]
    assert list(store.journal()) == expected
    assert list(store.journal(after_seq=2)) == expected[2:]
    assert list(store.journal(after_seq=4)) == []
    assert store.last_seq() == 4


def test_nothing_to_commit_leaves_no_row(store: Store) -> None:
    assert store.commit([]) == []
    assert store.last_seq() == 0


def test_what_was_committed_is_there_when_the_file_is_opened_again(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([batch(*EVERY_READING, cursor=b"7", key="k")])
    with Store.open(path) as store:
        assert [row.input.readings for row in store.journal()] == [EVERY_READING]  # type: ignore[union-attr]
        assert (store.cursor("kiosk"), store.seen_key("kiosk", "k"), store.last_seq()) == (b"7", 1, 1)
        assert store.commit([batch()]) == [2]


def test_the_journal_is_read_in_pages_and_may_be_written_meanwhile(store: Store) -> None:
    rows = 3 * Limits().journal_page_max + 1
    store.commit([batch(event(f"kiosk/{n}", "arrived")) for n in range(rows)])
    seen = []
    for row in store.journal():
        seen.append(row.seq)
        if row.seq == 1:
            store.commit([batch(event("kiosk/last", "arrived"))])
    assert seen == list(range(1, rows + 2))


def test_an_instant_of_another_zone_is_the_same_instant_in_utc(store: Store) -> None:
    in_tokyo = datetime(2026, 3, 2, 18, 0, 0, 1, tzinfo=timezone(timedelta(hours=9)))
    store.commit([batch(wall=in_tokyo)])
    (row,) = store.journal()
    assert row.wall == in_tokyo
    assert row.wall.tzinfo is UTC


def test_an_interactions_history_is_its_events_and_retractions_by_batch_and_place(store: Store) -> None:
    arrived, greeted, left = (
        event("kiosk/1", "arrived"),
        event("kiosk/1", "greeted", 9),
        event("kiosk/1", "left", 99),
    )
    other = event("kiosk/2", "arrived")
    undone = Retract("kiosk", "visit", "kiosk/1", "left")
    store.commit([batch(other, greeted, Watermark("kiosk", NINE), arrived), batch(other)])
    store.commit([batch(left, undone)])
    assert store.history("visit", "kiosk/1") == [greeted, arrived, left, undone]
    assert store.history("call", "kiosk/1") == []
    assert store.history("visit", "kiosk/") == []


def test_a_refused_reading_is_journalled_but_no_part_of_the_history(store: Store) -> None:
    taken, too_late = event("kiosk/1", "greeted"), event("kiosk/1", "arrived", -900_000)
    store.commit([batch(too_late, taken, refused=(0,), decisions=(TOO_LATE,))])
    assert store.history("visit", "kiosk/1") == [taken]
    (row,) = store.journal()
    assert isinstance(row.input, ReadingsInput)
    assert row.input.readings == (too_late, taken)
    assert [spoken.decision for spoken in store.decisions()] == [TOO_LATE]


def test_a_history_beyond_its_maximum_is_told_and_not_cut(path: Path) -> None:
    with Store.open(path, limits=Limits(history_readings_max=3)) as store:
        store.commit([batch(*(event("kiosk/1", "arrived", n) for n in range(3)))])
        assert len(store.history("visit", "kiosk/1")) == 3
        store.commit([batch(event("kiosk/1", "greeted", 3))])
        with pytest.raises(StoreTrouble, match="visit kiosk/1 has more than 3 readings or verdicts"):
            store.history("visit", "kiosk/1")


def test_known_names_those_with_history_and_asks_once_for_every_500(store: Store) -> None:
    store.commit([batch(*(event(f"kiosk/{n}", "arrived") for n in range(0, 1_200, 2)))])
    store.commit([batch(event("pbx1/1", "queued", kind="call"))])
    statements: list[str] = []
    sql_event.listen(store._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    asked = [("visit", f"kiosk/{n}") for n in range(1_000)]
    assert store.known(asked) == {("visit", f"kiosk/{n}") for n in range(0, 1_000, 2)}
    assert sum("FROM interaction" in statement for statement in statements) == 2
    assert store.known({("call", "pbx1/1"), ("visit", "pbx1/1"), ("call", "kiosk/2")}) == {("call", "pbx1/1")}
    assert store.known([]) == set()


def test_every_question_is_answered_by_an_index(store: Store) -> None:
    """A walk over a whole table would be unnoticed here and take minutes after a year."""
    asked: list[tuple[str, object]] = []

    def note(*args: object) -> None:
        asked.append((str(args[2]), args[3]))

    sql_event.listen(store._engine, "before_cursor_execute", note)
    store.commit(
        [batch(event("kiosk/1", "arrived"), key="k", decisions=(breached(),), outbox=(message("m"),))]
    )
    store.known([("visit", "kiosk/1"), ("call", "2")])
    store.history(*VISIT, before=7)
    store.said(*VISIT)
    store.said(*VISIT, before=7)
    store.seen_key("kiosk", "k")
    list(store.journal(5))
    list(store.decisions(5))
    store.checkpoint(format=1, rules_hash="a")
    store.outbox("alertmanager", 10, due=NINE)
    store.next_try("alertmanager")
    store.pending()
    store.given_up()
    store.delivered([1], NINE)
    store.retry([1], NINE, NINE, "error")
    store.prune(NINE)
    sql_event.remove(store._engine, "before_cursor_execute", note)
    plans: list[tuple[str, str]] = []
    with store._transaction("BEGIN") as connection:
        for statement, values in asked:
            if statement.startswith(("SELECT", "DELETE", "UPDATE")):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
                plans += [(" ".join(statement.split()), row.detail) for row in rows]
    assert len({statement for statement, _ in plans}) >= 18
    assert {plan for _, plan in plans if plan.startswith("SCAN")} <= {
        "SCAN taken_key USING COVERING INDEX taken_key_age",  # counting the keys, once in a while
        "SCAN outbox USING INDEX outbox_pending",  # counting those that wait, and no others
        "SCAN checkpoint",  # there are two
    }
    marks = {plan for statement, plan in plans if statement.startswith("UPDATE")}
    assert marks == {"SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)"}
    waiting = {plan for statement, plan in plans if "'pending'" in statement and "SELECT" in statement}
    assert all("INDEX outbox_pending" in plan for plan in waiting), waiting


def test_the_last_line_of_each_occurrence_is_what_was_said(store: Store) -> None:
    second = breached(occurrence=2, at=after(200))
    other_standard = breached(standard="answer-within-20s")
    store.commit([batch(decisions=(breached(), DARK, second, final()))])
    store.commit([batch(decisions=(other_standard, excluded(), breached(id="kiosk/4712")))])
    assert store.said("visit", "kiosk/4711") == [other_standard, excluded(), second]
    assert store.said("visit", "kiosk/4712") == [breached(id="kiosk/4712")]
    assert store.said("visit", "kiosk/4713") == []


def test_history_and_words_can_be_had_as_they_were_before_an_input(store: Store) -> None:
    arrived, greeted = event("kiosk/4711", "arrived"), event("kiosk/4711", "greeted", 30)
    second = breached(occurrence=2)
    store.commit([batch(arrived), batch(decisions=(second, breached(), final())), batch(greeted)])
    store.commit([batch(decisions=(excluded(), breached(id="kiosk/1"), DARK))])
    was = [(store.history(*VISIT, before=seq), store.said(*VISIT, before=seq)) for seq in (1, 2, 3, 4, 5)]
    assert was == [
        ([], []),
        ([arrived], []),
        ([arrived], [final(), second]),
        ([arrived, greeted], [final(), second]),
        ([arrived, greeted], [excluded(), second]),
    ]
    assert was[-1] == (store.history(*VISIT), store.said(*VISIT))
    words = [(2, second), (2, breached()), (2, final()), (4, excluded())]
    assert [(row.seq, row.decision) for row in store.trail(*VISIT)] == words


def test_every_word_is_kept_in_the_order_it_was_spoken(path: Path) -> None:
    firing, resolved = alert(AlertState.FIRING), alert(AlertState.RESOLVED)
    broken = episode(EpisodeState.BROKEN)
    words = [breached(), firing, final(), broken, excluded(), DARK, TOO_LATE, resolved]
    with Store.open(path, limits=Limits(decision_page_max=2)) as store:
        store.commit([batch(decisions=tuple(words[:3])), batch(), batch(decisions=tuple(words[3:]))])
        expected = [(1 if n < 3 else 3, word) for n, word in enumerate(words)]
        assert [(row.seq, row.decision) for row in store.decisions()] == expected
        assert [row.decision for row in store.decisions(after_seq=1)] == words[3:]


def test_of_each_alert_the_last_state_stands_whatever_the_order_of_its_labels(store: Store) -> None:
    firing = alert(AlertState.FIRING)
    turned = msgspec.structs.replace(
        firing, group=dict(reversed(firing.group.items())), state=AlertState.RESOLVED
    )
    elsewhere = alert(AlertState.PENDING, site="lutetia")
    store.commit([batch(decisions=(firing, elsewhere))])
    store.commit([batch(decisions=(turned,))])
    assert store.alerts() == [turned, elsewhere]


def test_of_each_number_the_last_word_stands_whatever_the_order_of_its_labels(store: Store) -> None:
    broken = episode(EpisodeState.BROKEN)
    taken_back = msgspec.structs.replace(
        broken, group=dict(reversed(broken.group.items())), state=EpisodeState.IN_LIMITS, value=None
    )
    elsewhere = episode(EpisodeState.UNKNOWN, site="lutetia")
    store.commit([batch(decisions=(broken, elsewhere, broken))])
    store.commit([batch(decisions=(taken_back,))])
    assert store.episodes() == [taken_back, elsewhere]
    spoken = [row.decision for row in store.decisions()]
    assert spoken == [broken, elsewhere, broken, taken_back], "what was said before is kept, too"


def test_a_cursor_stays_until_a_batch_brings_another(store: Store) -> None:
    assert store.cursor("kiosk") is None
    store.commit([batch(cursor=b"1"), batch(cursor=b"9", source="pms"), batch(cursor=b"2")])
    store.commit([batch()])
    assert (store.cursor("kiosk"), store.cursor("pms")) == (b"2", b"9")
    store.commit([batch(cursor=b"")])
    assert store.cursor("kiosk") == b""


def test_a_key_is_known_for_its_own_source_alone(store: Store) -> None:
    store.commit([batch(), batch(key="a")])
    assert store.seen_key("kiosk", "a") == 2
    assert store.seen_key("pms", "a") is None
    assert store.commit([batch(key="a", source="pms")]) == [3]


@pytest.mark.parametrize("together", [True, False], ids=["in one commit", "in two commits"])
def test_a_batch_with_a_known_key_is_refused_and_nothing_beside_it_is_written(
    store: Store, together: bool
) -> None:
    first, again = batch(event("kiosk/1", "arrived"), key="a"), batch(event("kiosk/2", "arrived"), key="a")
    if not together:
        store.commit([first])
    with pytest.raises(KeyTaken) as refusal:
        store.commit([first, again] if together else [batch(cursor=b"x", outbox=(message("m"),)), again])
    assert (refusal.value.source, refusal.value.key, refusal.value.seq) == ("kiosk", "a", 1)
    assert store.last_seq() == (0 if together else 1)
    assert (store.cursor("kiosk"), store.pending(), store.known([("visit", "kiosk/2")])) == (None, {}, set())


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        (Event("kiosk", "visit", "1", "arrived", NINE, values={"n": float("nan")}), "no finite value"),
        (Sample("kiosk", "queue_length", NINE, float("inf")), "no finite value"),
        (Event("kiosk", "visit", "1", "arrived", NINE, labels={"site": "\ud800"}), "surrogates not allowed"),
    ],
    ids=["event", "sample", "half a character"],
)
def test_what_json_cannot_say_is_refused_before_it_spoils_the_journal(
    store: Store, reading: Event | Sample, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        store.commit([batch(event("kiosk/1", "arrived")), batch(reading)])
    assert list(store.journal()) == []


def test_a_batch_beyond_the_maximum_is_refused(store: Store) -> None:
    full = (event("kiosk/1", "arrived"),) * readings_max
    with pytest.raises(ValueError, match=f"at most {readings_max}"):
        store.commit([batch(*full, full[0])])
    assert store.last_seq() == 0


def test_rules_are_kept_with_their_text_and_their_opening_hours(store: Store) -> None:
    hours = open_hours("desk", ((NINE, after(3_600)),))
    standard = Standard(
        id="greet-within-60s",
        title="Arriving guests are greeted within 60 seconds",
        of="visit",
        measure=FromTo(("arrived",), ("greeted",)),
        promise=Promise(timedelta(seconds=60), within=True),
        rules="sha256:22",
        set="hotel",
        clock=hours,
    )
    book = RuleBook((standard,), VOCABULARY, (), "sha256:33")
    rules = msgspec.structs.replace(RULES, book=msgspec.json.encode(book))
    store.commit([Entry(NINE, TickInput()), Entry(after(1), rules)])
    store.commit([Entry(after(2), msgspec.structs.replace(RULES, hash="sha256:44"))])
    assert store.rule_versions() == [
        RuleVersion(2, after(1), "sha256:33"),
        RuleVersion(3, after(2), "sha256:44"),
    ]
    kept = store.rules(2)
    assert kept == rules
    assert msgspec.json.decode(kept.book, type=RuleBook) == book
    assert store.rules(1) is None
    assert store.rules(99) is None


def test_the_first_start_is_remembered_and_never_moved(path: Path) -> None:
    with Store.open(path, now=NINE) as store:
        assert store.first_start() == NINE
    with Store.open(path, now=after(99)) as store:
        assert store.first_start() == NINE


def test_a_checkpoint_comes_back_only_to_its_format_and_rules(store: Store) -> None:
    store.commit([batch(), batch(), batch()])
    assert store.checkpoint(format=1, rules_hash="a") is None
    store.save_checkpoint(b"state" * 1_000, format=1, rules_hash="a", seq=2)
    assert store.checkpoint(format=1, rules_hash="a") == (b"state" * 1_000, 2)
    assert store.checkpoint(format=2, rules_hash="a") is None
    assert store.checkpoint(format=1, rules_hash="b") is None


def test_two_checkpoints_are_kept_and_a_damaged_one_counts_as_none(store: Store) -> None:
    store.commit([batch(), batch(), batch()])
    for seq in (1, 2, 3):
        store.save_checkpoint(b"state %d" % seq, format=1, rules_hash="a", seq=seq)
    _spoil(store, "UPDATE checkpoint SET blob = substr(blob, 1, length(blob) - 3) WHERE seq = 3")
    assert store.checkpoint(format=1, rules_hash="a") == (b"state 2", 2)
    _spoil(store, "UPDATE checkpoint SET blob = x'00' WHERE seq = 2")
    assert store.checkpoint(format=1, rules_hash="a") is None


def test_a_checkpoint_too_large_for_the_file_is_told_and_the_old_one_stays(path: Path) -> None:
    with Store.open(path, limits=Limits(checkpoint_bytes_max=40)) as store:
        store.save_checkpoint(b"old", format=1, rules_hash="a", seq=0)
        with pytest.raises(StoreTrouble, match=r"a checkpoint of \d+ bytes; at most 40"):
            store.save_checkpoint(bytes(range(256)), format=1, rules_hash="a", seq=0)
        assert store.checkpoint(format=1, rules_hash="a") == (b"old", 0)


def test_a_checkpoint_ahead_of_the_journal_is_our_own_mistake(store: Store) -> None:
    with pytest.raises(AssertionError, match="a checkpoint of 1 when the journal ends at 0"):
        store.save_checkpoint(b"state", format=1, rules_hash="a", seq=1)


def test_a_store_opened_in_one_thread_serves_another_but_not_two_at_once(store: Store) -> None:
    caught: list[BaseException] = []

    def in_thread(work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                caught.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()

    in_thread(lambda: store.commit([batch(event("kiosk/1", "arrived"))]))
    assert caught == []
    assert store.last_seq() == 1
    with store._transaction("BEGIN"):
        in_thread(store.last_seq)
    assert [type(error) for error in caught] == [AssertionError]


def _spoil(store: Store, statement: str) -> None:
    with store._transaction("BEGIN IMMEDIATE") as connection:
        assert connection.exec_driver_sql(statement).rowcount == 1
