"""Every link in an alert opens a page, and the page says what the alert is about."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace as dataclass_replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec.structs import replace

from standardsd.model.config import Site
from standardsd.model.decision import Alert, AlertState, EpisodeState, Reason, SourceSpoken
from standardsd.model.snapshot import AlertNow, Snapshot, SourceNow, State
from standardsd.model.source import Source
from standardsd.model.standard import Because, Condition, RuleBook
from standardsd.notify.current import CurrentAlerts
from standardsd.notify.message import AlertMessage
from standardsd.web.app import build_app
from standardsd.web.clocks import when
from standardsd.web.desk import Failing, RejectedLine, SourceFacts
from standardsd.web.headers import SECURITY_HEADERS
from standardsd.web.receipt import groups_shown_max, read_asked
from standardsd.web.words import seconds_text
from tests.web.desks import (
    CHECK_IN,
    DESK_PHONE,
    FAIR,
    GREET,
    LINE,
    NINE,
    QUEUE,
    HeldDesk,
    book,
    breach,
    busy_desk,
    case,
    firing,
    group,
    number,
)

OURS = "http://desk.example/promises"
"""The daemon behind a proxy that gives it a path of its own."""

RECEIPT = "/standards/greet-within-60s?condition=breach&since=2026-11-21T08%3A58%3A23Z&site=grand-budapest"


@pytest.fixture
def desk() -> HeldDesk:
    desk = busy_desk(NINE)
    desk.clock = NINE
    return desk


@pytest.fixture
async def client(desk: HeldDesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(desk), client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


def text_of(page: httpx.Response) -> str:
    """What people read: without tags, entities and line ends."""
    shown = re.sub(r"<(head|noscript).*?</\1>", " ", page.text, flags=re.DOTALL)
    words = html.unescape(re.sub(r"<[^>]+>", " ", shown))
    return re.sub(r" ([.,;:)])", r"\1", " ".join(words.split()))


def said_of(rules: RuleBook, alerts: list[Alert | SourceSpoken], *sources: Source) -> list[AlertMessage]:
    current = CurrentAlerts(rules.standards, sources, OURS)
    told = [one.message for one in current.messages(alerts)]
    assert len(told) == len(alerts)
    return told


def links_of(message: AlertMessage) -> list[str]:
    """Every address in it that is ours, as asked of the daemon behind the proxy."""
    found = [message.generator_url, *message.annotations.values()]
    links = [text for text in found if text is not None and text.startswith(OURS)]
    assert message.generator_url in links
    assert message.annotations["dashboard_url"] in links
    return [link.removeprefix(OURS) for link in links]


# --- every link opens


ODD = (
    "grand-budapest",
    "",
    "a b&c=d#e?f/g%2F+h",
    "größe «ß» 東京",
    '"><script>alert(1)</script>',
    "x" * 950,
)


@pytest.mark.parametrize("condition", list(Condition))
@pytest.mark.parametrize("value", ODD, ids=("plain", "empty", "marks", "letters", "markup", "long"))
async def test_every_link_of_an_alert_opens_a_page_about_it(
    desk: HeldDesk, client: httpx.AsyncClient, condition: Condition, value: str
) -> None:
    rule = replace(GREET, id="odd-one", by=("site", "queue"))
    desk.rules = book(*desk.rules.standards, rule)
    odd = group(rule, value, value, state=State.BROKEN, alerts={condition: firing(NINE)})
    desk.held = replace(desk.held, groups=(*desk.held.groups, odd))
    labels = {"site": value, "queue": value}
    alerts: list[Alert | SourceSpoken] = [
        Alert("odd-one", condition, labels, state, NINE, 2, NINE)
        for state in (AlertState.FIRING, AlertState.RESOLVED)
    ]
    for message in said_of(desk.rules, alerts):
        for link in links_of(message):
            answer = await client.get(link)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert "<script>alert" not in answer.text
        receipt = text_of(await client.get(links_of(message)[0]))
        assert "This link is about it." in receipt
        assert GREET.title in receipt


@pytest.mark.parametrize("state", ["dark", "seen"])
async def test_every_link_of_a_dark_sources_alert_opens_a_page(
    desk: HeldDesk, client: httpx.AsyncClient, state: str
) -> None:
    dark = SourceSpoken("pms-bosphorus", "dark", NINE)
    alerts: list[Alert | SourceSpoken] = [dark]
    if state == "seen":
        alerts.append(SourceSpoken("pms-bosphorus", "seen", NINE + timedelta(minutes=1)))
    message = said_of(desk.rules, alerts, Source("pms-bosphorus"))[-1]
    links = links_of(message)
    assert links[0] == "/sources/pms-bosphorus"
    for link in links:
        assert (await client.get(link)).status_code == 200


async def test_a_label_of_a_standard_may_be_called_as_the_words_of_a_link(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    rule = replace(GREET, by=("condition", "since"))
    desk.rules = book(rule)
    desk.held = Snapshot(NINE, (group(rule, "breach", "2024"), group(rule, "other", "2024")), ())
    alert = Alert(
        rule.id, Condition.BREACH, {"condition": "breach", "since": "2024"}, AlertState.FIRING, NINE, 1, NINE
    )
    (link, _) = links_of(said_of(desk.rules, [alert])[0])
    page = text_of(await client.get(link))
    assert "Only condition breach, since 2024." in page
    assert "condition other" not in page


async def test_every_link_on_the_wallboard_opens(client: httpx.AsyncClient) -> None:
    board = (await client.get("/")).text
    links = {html.unescape(link) for link in re.findall(r'href="(/(?:standards|sources)/[^"]*)"', board)}
    assert "/standards/answer-within-30s?site=contact-center&queue=reservations" in links
    assert "/sources/pms-bosphorus" in links
    assert len(links) > 15
    for link in links:
        assert (await client.get(link)).status_code == 200, link


# --- what a receipt says


async def test_a_receipt_shows_the_promise_its_reasons_and_where_the_rules_are_from(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(RECEIPT)
    page = text_of(answer)
    for words in (GREET.title, "visit: from arrived to greeted within 1m",
                  "at least 95 % kept over 1d, once 20 are counted",
                  "Severity warning", "Arrivals, 2.1 (2026)", "Figure H01", "sha256:4f0c1d2e…"):  # fmt: skip
        assert words in page, words
    assert 'href="https://desk.example/runbooks/greet" rel="noreferrer"' in answer.text
    assert 'title="sha256:4f0c1d2e3b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"' in answer.text


async def test_a_receipt_shows_the_group_asked_for_and_no_other(client: httpx.AsyncClient) -> None:
    page = text_of(await client.get(RECEIPT))
    for words in ("Only Grand Budapest.", "✕ broken", "93.1 % kept", "target 95 % in 1d", "203 ", "excluded 3",
                  "and 3 more, due later"):  # fmt: skip
        assert words in page or " ".join(reversed(words.split())) in page, words
    assert "Casa Lisboa" not in page
    assert "door/901" not in page
    whole = text_of(await client.get("/standards/greet-within-60s"))
    assert [whole.index(place) for place in ("Grand Budapest", "Bosphorus View", "Casa Lisboa")] == sorted(
        whole.index(place) for place in ("Grand Budapest", "Bosphorus View", "Casa Lisboa")
    )


async def test_the_evidence_is_the_groups_own_latest_first(client: httpx.AsyncClient) -> None:
    answer = await client.get(RECEIPT)
    rows = re.findall(r'<tr role="row">\s*<th role="rowheader".*?</tr>', answer.text, flags=re.DOTALL)
    told = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows]
    # Times are those of Budapest, an hour ahead of UTC; yesterday's carry their date.
    assert told == [
        "visit kiosk/4713 09:58:52 09:59:52 09:59:52 not yet –",
        "visit kiosk/4711 09:58:23 09:59:23 09:59:23 not yet –",
        "visit kiosk/4702 09:45:00 09:46:00 09:46:00 09:46:00.000 1m0.001s",
        "visit kiosk/4698 09:10:00 09:11:00 09:11:00 left before it was kept never –",
        "visit kiosk/4690 2026-11-20 10:00:00 2026-11-20 10:01:00 2026-11-20 10:01:00 2026-11-20 10:01:15.250 1m15.25s",
    ]
    assert 'title="2026-11-21T08:58:52Z"' in answer.text


async def test_open_promises_count_down_and_the_broken_ones_stand_first(client: httpx.AsyncClient) -> None:
    page = (await client.get(RECEIPT)).text
    due = re.findall(r'data-due="(\d+)" data-word="(\w+)"', page)
    nine = int(NINE.timestamp() * 1000)
    assert due == [(str(nine - 37000), "late"), (str(nine - 8000), "late"), (str(nine + 11000), "at_risk")]


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (firing(NINE - timedelta(seconds=97), 2), "Alert: promise broken, fires since 09:58:23, 2 cases"),
        (AlertNow(AlertState.RESOLVED, NINE, 0, None), "resolved since 10:00:00; it began at 09:58:23. This link"),
        (AlertNow(AlertState.INACTIVE, NINE, 0, None), "not firing since 10:00:00; it began at 09:58:23. This link"),
        (AlertNow(AlertState.PENDING, NINE, 1, NINE), "pending since 10:00:00; it began at 09:58:23. This link"),
        # It fires again: what the link is about is over.
        (firing(NINE), "fires since 10:00:00, 1 case, the oldest began at 10:00:00;"
                       " the one of this link began at 09:58:23 and is over."),
        (None, "The alert “promise broken” of this link does not stand here; it began at 2026-11-21 08:58:23 UTC."),
    ],
)  # fmt: skip
async def test_the_alert_of_the_link_is_told_as_it_is_now(
    desk: HeldDesk, client: httpx.AsyncClient, now: AlertNow | None, words: str
) -> None:
    alerts = {} if now is None else {Condition.BREACH: now}
    desk.held = replace(desk.held, groups=(group(GREET, "grand-budapest", alerts=alerts),))
    assert words in text_of(await client.get(RECEIPT))


async def test_a_link_that_was_cut_off_still_opens(desk: HeldDesk, client: httpx.AsyncClient) -> None:
    for broken in ("condition=brea", "condition=breach&since=2026-11-2", "since=%FF&x=1", "site=", "site=nowhere",
                   "since=2026-11-21T09:00:00", "since=9999-12-31T23:59:59-23:59"):  # fmt: skip
        answer = await client.get(f"/standards/greet-within-60s?{broken}")
        assert (answer.status_code, GREET.title in answer.text) == (200, True), broken
    assert "Nothing yet at nowhere" in text_of(await client.get("/standards/greet-within-60s?site=nowhere"))
    asked = read_asked({"since": "2026-11-21T09:00:00", "condition": "", "colour": "red"}, GREET)
    assert (asked.labels, asked.condition, asked.since) == ({}, None, None)


async def test_a_page_of_many_groups_shows_the_worst_and_counts_the_rest(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    well = [group(GREET, f"site-{n}") for n in range(groups_shown_max + 6)]
    worst = group(GREET, "the-worst", state=State.BROKEN)
    desk.held = Snapshot(NINE, (*well, worst), ())
    page = (await client.get("/standards/greet-within-60s")).text
    assert page.count('class="leaf group"') == groups_shown_max
    assert page.index("the-worst") < page.index("site-0")
    assert "and 7 more groups" in page


async def test_a_runbook_that_is_no_address_of_the_web_is_no_link(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    desk.rules = book(replace(GREET, runbook="javascript:alert(1)", because=Because()))
    page = (await client.get("/standards/greet-within-60s")).text
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page
    assert "Clause" not in page


async def test_nothing_from_outside_becomes_markup(desk: HeldDesk, client: httpx.AsyncClient) -> None:
    evil = '"><script>alert(1)</script>'
    rule = replace(GREET, title=evil, owner=evil, because=Because(evil, evil, evil, evil))
    desk.rules, desk.site_map = book(rule), {evil: Site(evil, evil)}
    bad = group(rule, evil, urgent=(case(evil, NINE),), open=1)
    desk.held = Snapshot(NINE, (bad,), (SourceNow(evil, True, NINE, NINE),))
    desk.evidence[rule.id] = [breach(rule, evil, NINE, reason=Reason.LEFT, labels={"site": evil})]
    failing = Failing(evil, evil, NINE, 1, None, evil)
    figures = replace(busy_desk(NINE).facts["kiosk"].figures, rejected={evil: 1})
    desk.facts[evil] = SourceFacts(Source(evil, speaks_for={"site": evil}), evil, figures, failing)
    quoted = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"
    pages = ("/standards/greet-within-60s", f"/standards/greet-within-60s?site={quoted}", f"/sources/{quoted}",
             f"/standards/{quoted}", f"/sources/none{quoted}")  # fmt: skip
    for path in pages:
        answer = await client.get(path)
        assert answer.status_code == (404 if path in pages[3:] else 200)
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert" in answer.text


# --- what is said of a source


async def test_a_dark_source_tells_its_failure_its_watermark_and_what_hangs_on_it(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/sources/pms-bosphorus")
    page = text_of(answer)
    for words in ("? dark", "as of 12:00:00 Europe/Istanbul", "Silent since 11:36:49, longer than 15m.",
                  "401 while asking for /reservations, failing since 11:36:49 (14 attempts).",
                  "Fix: check the secret file of pms-bosphorus.", "Next try at 12:00:20.",
                  "Watermark 11:36:49", "Answers no", "Its clock 0.034 s behind ours", "One poll 0.210 s",
                  "Speaks for site Bosphorus View", "2 standards depend on it",
                  f"? unknown {GREET.title}", f"? unknown {CHECK_IN.title}"):  # fmt: skip
        assert words in page, words
    assert "<title>pms-bosphorus is dark · standardsd</title>" in answer.text
    assert 'href="/standards/check-in-within-5m"' in answer.text
    # It yields nothing of calls and speaks for one site only.
    assert DESK_PHONE.title not in page
    assert QUEUE.title not in page


async def test_a_source_that_is_seen_tells_what_it_sent(client: httpx.AsyncClient) -> None:
    page = text_of(await client.get("/sources/kiosk"))
    for words in ("✓ seen", "Read by push", "naive time 3", "half line 1", "event 812", "watermark 40",
                  f"✕ broken {GREET.title} 3 groups"):  # fmt: skip
        swapped = " ".join([*words.split()[-1:], *words.split()[:-1]])
        assert words in page or swapped in page, words
    assert "failing" not in page
    assert "Answers" not in page  # nobody asks a source that pushes


async def test_the_last_rejected_lines_of_a_source_stand_on_its_page(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    assert "The last" not in text_of(await client.get("/sources/kiosk"))
    late = RejectedLine(
        desk.held.at, "too_late", "line 7, Idempotency-Key a-1", "event at <dawn>", "visit 4711 arrived"
    )
    desk.facts["kiosk"] = dataclass_replace(desk.facts["kiosk"], rejected=(late,))
    page = text_of(await client.get("/sources/kiosk"))
    assert "The last 1" in page
    assert "too_late line 7, Idempotency-Key a-1: event at" in page
    assert "visit 4711 arrived" in page
    assert "<dawn>" not in (await client.get("/sources/kiosk")).text


async def test_a_source_known_by_its_readings_only_has_a_page(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    desk.held = replace(desk.held, sources=(SourceNow("stranger", False, None, None),))
    page = text_of(await client.get("/sources/stranger"))
    for words in ("known by its readings only", "Last heard not since this start", "· awaited", "as of 09:00:00 UTC",
                  "none yet: no breach of its standards can be spoken", "7 standards depend on it"):  # fmt: skip
        assert words in page, words


async def test_a_number_hangs_on_the_sources_that_it_is_made_of(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    """Also on one that never declared its samples; a standard about standards has no kind at all."""
    desk.rules = book(GREET, LINE, FAIR)
    desk.held = replace(
        desk.held,
        sources=(SourceNow("stranger", False, None, None), SourceNow("scale", False, None, None)),
        groups=(
            number(LINE, "grand-budapest", stands=EpisodeState.IN_LIMITS, value=3.0, sources=("stranger",)),
            number(LINE, "casa-lisboa", stands=EpisodeState.IN_LIMITS, value=3.0, sources=("scale",)),
        ),
    )
    page = text_of(await client.get("/sources/stranger"))
    for words in ("3 standards depend on it", LINE.title, FAIR.title, GREET.title):
        assert words in page, words
    desk.held = replace(desk.held, groups=(desk.held.groups[1],))
    page = text_of(await client.get("/sources/stranger"))
    assert LINE.title not in page, "nothing says that it can say this sample"


# --- what is not there


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/standards/nope", "No standard is called “nope” No rule in force has this id"),
        ("/standards/", "No standard is called “”"),
        ("/standards/a/b?site=x", "No standard is called “a/b”"),
        ("/sources/nope", "No source is called “nope” The configuration in force has no such source"),
    ],
)
async def test_what_is_not_there_is_said_by_a_page_that_leads_home(
    client: httpx.AsyncClient, path: str, words: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert words in text_of(answer)
    assert '<a href="/">All promises</a>' in answer.text
    assert "wallboard.js" not in answer.text  # nothing there will change
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


async def test_whether_a_standard_exists_is_told_only_to_who_may_read(desk: HeldDesk) -> None:
    transport = httpx.ASGITransport(build_app(desk), client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://192.0.2.1") as client:
        for path in ("/standards/greet-within-60s", "/standards/nope", "/sources/kiosk", "/sources/nope"):
            assert (await client.get(path)).status_code == 401
            bearer = {"Authorization": "Bearer wall-secret"}
            assert (await client.get(path, headers=bearer)).status_code in (200, 404)


# --- instants and times


def test_an_instant_is_told_to_the_millisecond_where_it_needs_it() -> None:
    lisbon, utc = ZoneInfo("Europe/Lisbon"), ZoneInfo("UTC")
    assert when(NINE, lisbon, NINE).text == "09:00:00"
    assert when(NINE + timedelta(microseconds=999), lisbon, NINE).text == "09:00:00.000"
    assert when(NINE + timedelta(microseconds=1000), utc, NINE).text == "09:00:00.001 UTC"
    assert when(NINE - timedelta(days=1), lisbon, NINE).text == "2026-11-20 09:00:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (41.5, "41.5s"),
        (59.999, "59.999s"),
        (59.9991, "1m"),  # cut up
        (60.0, "1m"),
        (60.000001, "1m0.001s"),  # a microsecond too long is not shown as in time
        (75.25, "1m15.25s"),
        (7440.0, "2h4m"),
    ],
)
def test_a_measured_time_is_never_shown_shorter_than_it_was(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text
