"""What a receipt shows as evidence: kept as it is decided, and found again after a restart."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from msgspec import structs

from standardsd.daemon import recent
from standardsd.daemon.excursions import lines_max, numbers_max
from standardsd.daemon.recent import RecentBreaches, recent_breaches
from standardsd.model.decision import (
    Amendment,
    CaseDecision,
    Decision,
    Episode,
    EpisodeState,
    Final,
    Verdict,
    VerdictSpoken,
)
from standardsd.model.reading import Event, Watermark
from standardsd.model.standard import FromTo, Promise, RuleBook, Standard
from standardsd.model.vocabulary import VOCABULARY
from standardsd.notify.message import AlertMessage, decode
from standardsd.store.entries import Entry, TickInput
from standardsd.store.store import Store
from tests.daemon.harness import House
from tests.daemon.traffic import RULES, SOURCES

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
LIMIT = timedelta(seconds=60)


def standard(id_: str = "greet", by: tuple[str, ...] = ("site",)) -> Standard:
    measure = FromTo(("arrived",), ("greeted",))
    return Standard(id_, id_, "visit", measure, Promise(LIMIT, within=True), "sha256:00", "test", by=by)


def book(*standards: Standard) -> RuleBook:
    return RuleBook(standards, VOCABULARY, (), "sha256:00")


def line(
    number: int,
    verdict: Verdict | None = Verdict.BREACHED,
    *,
    site: str = "castle",
    rule: str = "greet",
) -> VerdictSpoken:
    start = NINE + timedelta(seconds=number)
    return VerdictSpoken(
        standard=rule, kind="visit", id=f"v{number}", occurrence=1, verdict=verdict, reason=None,
        at=start + LIMIT, start=start, due=start + LIMIT, late_from=None, end=None, measured=None, limit=60.0,
        labels={"site": site, "desk": "lobby"}, rules="sha256:00",
    )  # fmt: skip


def final(of: CaseDecision) -> Final:
    fields = structs.asdict(of) | {"end": of.start + timedelta(seconds=75), "measured": 75.0}
    return Final(**fields)


def amended(of: CaseDecision, **changes: object) -> Amendment:
    return Amendment(**(structs.asdict(of) | {"was": of.verdict} | changes))


def kept(*said: Decision, rules: RuleBook | None = None) -> list[CaseDecision]:
    ring = RecentBreaches(lambda: rules or book(standard()))
    ring.keep(said)
    return ring.of("greet")


def test_only_breaches_are_kept() -> None:
    others = [line(n, verdict) for n, verdict in enumerate(Verdict) if verdict is not Verdict.BREACHED]
    assert kept(*others, line(9)) == [line(9)]


def test_the_last_word_on_a_breach_stands_for_it() -> None:
    assert kept(line(1), line(2), final(line(1))) == [final(line(1)), line(2)]


@pytest.mark.parametrize("now", [Verdict.MET, Verdict.EXCLUDED, Verdict.INDETERMINATE, None])
def test_a_breach_that_was_taken_back_is_no_evidence(now: Verdict | None) -> None:
    assert kept(line(1), amended(line(1), verdict=now)) == []
    again = amended(line(1), was=now)
    assert kept(line(1), amended(line(1), verdict=now), again) == [again]


def test_a_breach_moves_with_its_label_to_another_group() -> None:
    moved = amended(line(1), labels={"site": "spa"})
    ring = RecentBreaches(lambda: book(standard()))
    ring.keep([line(1), moved])
    ring.keep(line(n) for n in range(2, 2 + recent.recent_max))
    assert moved in ring.of("greet")  # the castle's many have pushed out none of the spa's
    assert len(ring.of("greet")) == recent.recent_max + 1


def test_a_busy_group_pushes_out_its_own_oldest_and_nobody_elses() -> None:
    quiet = line(0, site="spa")
    busy = [line(n) for n in range(1, recent.recent_max + 3)]
    assert kept(quiet, *busy) == [quiet, *busy[2:]]


def test_the_group_longest_without_news_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "groups_max", 2)
    first, second, third = (line(n, site=f"s{n}") for n in range(3))
    assert kept(first, second, final(first), third) == [final(first), third]
    # What was forgotten may be spoken of again.
    assert kept(first, second, third, final(first)) == [third, final(first)]


def test_a_standard_that_the_rules_do_not_have_is_not_kept_and_a_reload_counts_at_once() -> None:
    now = [book(standard())]
    ring = RecentBreaches(lambda: now[0])
    ring.keep([line(1, rule="other")])
    assert ring.of("other") == []
    now[0] = book(standard("other"))
    ring.keep([line(1, rule="other"), line(2)])
    assert (ring.of("other"), ring.of("greet")) == ([line(1, rule="other")], [])


# --- from the store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "s.sqlite", now=NINE) as store:
        yield store


def committed(store: Store, batches: Sequence[Sequence[Decision]]) -> None:
    store.commit([Entry(NINE, TickInput(), list(batch)) for batch in batches])


def test_the_end_of_the_store_gives_what_was_kept_while_it_was_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "tail_inputs_first", 3)  # several steps, the last one cut short
    sites = ("castle", "spa", "harbour")
    batches: list[list[Decision]] = [[line(n, site=sites[n % 3])] for n in range(50)]
    for n in range(0, 40, 4):
        batches[n + 5].append(final(line(n, site=sites[n % 3])))
    committed(store, batches)
    live = RecentBreaches(lambda: book(standard()))
    live.keep(decision for batch in batches for decision in batch)
    read_back = recent_breaches(store, lambda: book(standard()))
    assert read_back.of("greet") == live.of("greet")
    assert len(live.of("greet")) == 50


def test_reading_back_stops_where_enough_has_been_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "tail_inputs_first", 2)
    monkeypatch.setattr(recent, "tail_decisions_max", 5)
    committed(store, [[line(n)] for n in range(30)])
    # Two inputs, then four before them: six decisions are enough.
    assert recent_breaches(store, lambda: book(standard())).of("greet") == [line(n) for n in range(24, 30)]


def test_an_empty_store_gives_none(store: Store) -> None:
    assert recent_breaches(store, lambda: book(standard())).of("greet") == []


# --- the whole daemon


def messages(house: House) -> list[AlertMessage]:
    """What waits for an Alertmanager that is not there."""
    with house.store() as store:
        channels = store.pending()
        return [decode(row.payload) for channel in channels for row in store.outbox(channel, 100)]


def text_of(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_every_link_of_an_alert_opens_and_shows_its_evidence_also_after_a_restart(
    house: Callable[..., House],
) -> None:
    url = "http://desk.example"
    nobody = {"alertmanager": {"members": ["http://127.0.0.1:9"]}}
    one = house(RULES, SOURCES, url=url, outputs=nobody, judge={"judge_from": "2025-01-01T00:00:00Z"}).start()
    began = datetime.now(UTC) - timedelta(minutes=10)
    late = began + timedelta(seconds=75, milliseconds=500)
    one.must_take(
        Event("kiosk", "visit", "kiosk/1", "arrived", began, labels={"site": "castle"}),
        Event("kiosk", "visit", "kiosk/2", "arrived", began, labels={"site": "spa"}),
        Watermark("kiosk", began + timedelta(seconds=70)),
    )
    one.must_take(Event("kiosk", "visit", "kiosk/1", "greeted", late), Watermark("kiosk", late))
    one.kill()
    told = messages(one)
    assert {message.labels["site"] for message in told if message.ends_at is None} == {"castle", "spa"}

    one.start()
    for message in told:
        assert message.generator_url is not None
        for link in (message.generator_url, message.annotations["dashboard_url"]):
            answer = httpx.get(one.url + link.removeprefix(url), trust_env=False)
            assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")
        page = text_of(httpx.get(one.url + message.generator_url.removeprefix(url), trust_env=False))
        mine, other, took = (
            ("kiosk/1", "kiosk/2", "1m15.5s")
            if message.labels["site"] == "castle"
            else ("kiosk/2", "kiosk/1", "not yet")
        )
        assert f"visit {mine}" in page
        assert took in page
        assert other not in page
    source = httpx.get(f"{one.url}/sources/kiosk", trust_env=False)
    assert source.status_code == 200
    assert "✓ seen Last heard" in text_of(source), "a restart does not forget when it was heard"
    assert "2 standards depend" not in text_of(source)  # all three do
    assert "6 standards depend on it" in text_of(source)


# --- numbers


def episode(seconds: float, state: EpisodeState, site: str = "castle") -> Episode:
    return Episode("line", {"site": site}, state, NINE + timedelta(seconds=seconds), 12.0, 10.0, "sha256:00")


BROKEN, BACK = EpisodeState.BROKEN, EpisodeState.IN_LIMITS


def test_an_episode_takes_back_what_was_said_of_the_time_from_its_beginning_on() -> None:
    ring = RecentBreaches(lambda: book())
    ring.keep([episode(0, BROKEN), episode(60, BACK), episode(90, BROKEN), line(1)])
    assert ring.episodes.of("line") == [episode(0, BROKEN), episode(60, BACK), episode(90, BROKEN)]
    ring.keep([episode(30, BACK)])  # read late: it came back sooner, and never went out again
    assert ring.episodes.of("line") == [episode(0, BROKEN), episode(30, BACK)]
    ring.keep([episode(0, BACK), episode(5, BROKEN, site="spa")])
    assert ring.episodes.of("line") == [episode(0, BACK), episode(5, BROKEN, site="spa")]


def test_of_each_number_the_latest_lines_are_kept_and_of_too_many_numbers_the_latest_ones() -> None:
    ring = RecentBreaches(lambda: book())
    ring.keep(episode(n, BROKEN if n % 2 else BACK) for n in range(3 * lines_max))
    assert [one.at for one in ring.episodes.of("line")] == [
        NINE + timedelta(seconds=n) for n in range(2 * lines_max, 3 * lines_max)
    ]
    ring.keep(episode(0, BROKEN, site=f"site-{n}") for n in range(numbers_max))
    kept_of = {one.group["site"] for one in ring.episodes.of("line")}
    assert len(kept_of) == numbers_max
    assert "castle" not in kept_of


def test_after_a_restart_the_last_word_on_a_quiet_number_is_found_however_far_back_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "tail_decisions_max", 50)
    monkeypatch.setattr(recent, "tail_inputs_first", 5)
    with Store.open(tmp_path / "store.sqlite") as store:
        tick = TickInput()
        store.commit([Entry(NINE, tick, [episode(0, BROKEN), episode(9, BROKEN, site="spa")])])
        store.commit([Entry(NINE, tick, [line(n)]) for n in range(100)])
        store.commit([Entry(NINE, tick, [episode(10, BACK, site="spa")])])
        ring = recent_breaches(store, lambda: book(standard()))
    assert ring.episodes.of("line") == [episode(10, BACK, site="spa"), episode(0, BROKEN)]
