"""Every route but the readings: what it answers, to whom, and what it never says."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from msgspec.structs import replace

from standardsd.model.config import Site
from standardsd.model.snapshot import Snapshot, State
from standardsd.model.standard import Condition, Severity
from standardsd.web.access import hash_token, on_this_machine
from standardsd.web.app import build_app
from standardsd.web.headers import SECURITY_HEADERS
from standardsd.web.server import Server
from tests.web.desks import (
    GREET,
    NINE,
    SITES,
    HeldDesk,
    book,
    case,
    changed_group,
    crowd,
    firing,
    group,
    hotel_group,
)

HERE = ("127.0.0.1", 50000)
ELSEWHERE = ("192.0.2.7", 50000)
READING = [
    "/",
    "/events",
    "/metrics",
    "/v1/snapshot",
    "/standards/greet-within-60s",
    "/sources/kiosk",
]


@pytest.fixture
def desk() -> HeldDesk:
    desk = HeldDesk(*hotel_group(NINE))
    desk.clock = NINE
    return desk


def client_of(
    desk: HeldDesk,
    *,
    at: tuple[str, int] = HERE,
    base_url: str = "http://127.0.0.1:8080",
    mistakes: bool = True,
) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_app(desk), client=at, raise_app_exceptions=mistakes)
    return httpx.AsyncClient(transport=transport, base_url=base_url)


@pytest.fixture
async def client(desk: HeldDesk) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(desk) as client:
        yield client


# --- the wallboard as it is first painted, without any script


async def test_the_page_says_each_state_in_a_word_and_each_promise_in_a_sentence(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/")).text
    assert "<title>2 broken, 1 at risk, 2 unknown · standardsd</title>" in page
    assert page.count('data-state="broken" data-say') == 2
    for word in ("Arriving guests are greeted within 60 seconds", "visit: from arrived to greeted within 1m", "93.1 %",
                 "target 95 % in 1d", "2 late", "1 unconfirmed", "only 7 of 20 yet", "queue reservations",
                 "call: each time on hold under 2m", "4 alerts firing", "share below target"):  # fmt: skip
        assert word in page, word
    # The due instant at the site: 09:00:00 UTC and 11 s is 10:00:11 in Budapest.
    assert f'data-due="{int((NINE + timedelta(seconds=11)).timestamp() * 1000)}"' in page
    assert "due 10:00:11" in page


async def test_the_worst_stands_first(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    sites = [page.index(f'data-site="{name}"') for name in
             ("grand-budapest", "contact-center", "bosphorus-view", "casa-lisboa")]  # fmt: skip
    assert sites == sorted(sites)
    budapest = page[sites[0] : sites[1]]
    states = [part.split('"')[0] for part in budapest.split('class="row" data-key=')[1:] for part in
              [part.split('data-state="')[1]]]  # fmt: skip
    assert states == ["broken", "at_risk", "kept", "kept"]


async def test_a_dark_source_is_told_with_its_last_word(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    page = (await client.get("/")).text
    assert "Dark source</h2>" in page
    assert "silent since 08:36:49 UTC" in page
    never = replace(desk.held.sources[0], name="new", dark=True, heard=None)
    desk.held = replace(desk.held, sources=(*desk.held.sources, never))
    page = (await client.get("/")).text
    assert "Dark sources</h2>" in page
    assert "never heard" in page


async def test_one_site_may_be_asked_for(client: httpx.AsyncClient) -> None:
    page = (await client.get("/", params={"site": "casa-lisboa"})).text
    assert 'data-site="casa-lisboa"' in page
    assert 'data-site="grand-budapest"' not in page
    assert 'data-events="/events?site=casa-lisboa"' in page
    assert "<title>all kept · standardsd</title>" in page


async def test_a_site_nobody_knows_is_told_by_name_and_the_others_are_offered(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/", params={"site": "<script>alert(1)</script>"})).text
    assert "No site is called “&lt;script&gt;alert(1)&lt;/script&gt;”" in page
    assert "<script>alert" not in page
    assert "Casa Lisboa" in page


async def test_words_from_outside_never_become_markup(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    evil = '"><script>alert(1)</script>'
    rule = replace(GREET, title=evil, by=("site", "queue"))
    desk.rules = book(rule)
    bad = group(rule, evil, evil, urgent=(case(evil, NINE),), open=1)
    desk.held = Snapshot(NINE, (bad,), (replace(desk.held.sources[0], name=evil, dark=True),))
    desk.site_map = {evil: Site(evil, evil)}
    for path in ("/", "/?site=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"):
        assert "<script>alert" not in (await client.get(path)).text


async def test_an_empty_house_says_what_is_missing(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    desk.held, desk.rules, desk.site_map = Snapshot(NINE, (), ()), book(), {}
    page = (await client.get("/")).text
    assert "No standards yet" in page
    assert "No source is configured" in page
    desk.rules = book(GREET)
    assert "1 standard waits for the first reading" in (await client.get("/")).text
    desk.site_map = SITES
    page = (await client.get("/")).text
    assert page.count("No promise has begun here yet") == len(SITES) + 1  # and in the template for new sites


async def test_many_kept_rows_are_folded_and_no_other_ever_is(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    desk.rules, desk.held = crowd(NINE)
    board = (await client.get("/v1/snapshot")).json()["board"]
    assert [site["name"] for site in board["sites"] if not site["rows"]] == ["contact-center"]
    for site in board["sites"][:3]:
        assert len(site["rows"]) + len(site["folded"]) == 200
        assert {row["state"] for row in site["folded"]} == {"kept"}
        assert sum(row["state"] != "kept" for row in site["rows"]) == 20
    assert "180 more, all kept" in (await client.get("/")).text


async def test_the_page_comes_with_its_own_style_and_script_and_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/")).text
    assert "http://" not in page.replace("http-equiv", "")
    assert "https://" not in page
    assert "style=" not in page  # the content security policy would not have it
    for name, kind in (
        ("wallboard.css", "text/css"),
        ("wallboard.js", "text/javascript"),
        ("favicon.svg", "image/svg"),
    ):
        path = page[page.index(f"/static/{name}") :].split('"')[0]
        versioned, plain = await client.get(path), await client.get(f"/static/{name}")
        assert versioned.headers["content-type"].startswith(kind)
        assert "immutable" in versioned.headers["cache-control"]
        assert plain.headers["cache-control"] == "no-cache"
        assert plain.content == versioned.content


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "%2e%2e/desk.py", "wallboard.html", ""])
async def test_no_other_file_is_given_out(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/static/{name}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


# --- what stands, and what time it is


async def test_where_nothing_was_counted_nothing_is_called_kept(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    quiet = changed_group(desk.held, GREET, "casa-lisboa", counted=0, kept_ratio=None)
    desk.held = replace(quiet, groups=quiet.groups[4:5])
    page = (await client.get("/", params={"site": "casa-lisboa"})).text
    row = page[page.index('class="row" data-key="greet-within-60s/casa-lisboa"') :].split("</tr>")[0]
    assert 'data-state="nothing"' in row
    assert "nothing yet" in row
    assert "is-kept" not in row
    assert "<title>nothing yet · standardsd</title>" in page
    board = (await client.get("/v1/snapshot", params={"site": "casa-lisboa"})).json()["board"]
    assert (board["sites"][0]["state"], board["counts"]["kept"], board["counts"]["nothing"]) == (
        "nothing",
        0,
        1,
    )


async def test_nothing_yet_never_hides_what_is_at_risk_broken_or_unknown(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    for state in (State.BROKEN, State.AT_RISK, State.UNKNOWN):
        desk.held = Snapshot(
            NINE, (group(GREET, "casa-lisboa", state=state, counted=0, kept_ratio=None),), ()
        )
        board = (await client.get("/v1/snapshot")).json()["board"]
        assert board["counts"][state.value] == 1


async def test_kept_and_not_begun_rows_are_folded_together_and_told_apart(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    desk.rules, desk.held = crowd(NINE)
    rules = desk.rules.standards
    for rule in (rules[151], rules[152]):
        desk.held = changed_group(desk.held, rule, "casa-lisboa", counted=0, kept_ratio=None)
    page = (await client.get("/")).text
    assert "180 more, all kept" in page
    assert "180 more, 178 kept, 2 nothing yet" in page
    desk.held = Snapshot(NINE, tuple(replace(g, state=State.KEPT, counted=0) for g in desk.held.groups), ())
    page = (await client.get("/")).text
    assert "188 more, nothing yet" in page
    assert "kept</span>" not in page[page.index('<ul class="tiles"') :].split("zero")[0]


@pytest.mark.parametrize(
    ("condition", "colour"),
    [
        (Condition.BREACH, "broken"),
        (Condition.AT_RISK, "at_risk"),  # what may still be saved is not shown as lost
        (Condition.OBJECTIVE, "broken"),
        (Condition.SILENCE, "unknown"),
    ],
)
async def test_an_alert_has_the_colour_of_what_it_tells_of(
    client: httpx.AsyncClient, desk: HeldDesk, condition: Condition, colour: str
) -> None:
    row = group(
        GREET, "casa-lisboa", state=State.AT_RISK, at_risk=1, open=1, alerts={condition: firing(NINE)}
    )
    desk.held = Snapshot(NINE, (row,), ())
    page = (await client.get("/")).text
    assert f'class="label alert is-{colour}"' in page
    assert f'<section class="alerts is-{colour}"' in page
    receipt = (await client.get("/standards/greet-within-60s")).text
    assert f'<p class="told is-{colour}" data-alert="firing">' in receipt


async def test_sites_of_several_zones_have_a_clock_each_and_the_page_says_utc(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/")).text
    assert (
        'data-clock="UTC" datetime="2026-11-21T09:00:00+00:00">09:00:00</time> <span id="zone">UTC<' in page
    )
    assert '<p class="here"><time data-clock="Europe/Budapest">10:00:00</time> Europe/Budapest</p>' in page
    assert '<p class="here"><time data-clock="Europe/Istanbul">12:00:00</time> Europe/Istanbul</p>' in page


async def test_sites_of_one_zone_share_the_clock_of_the_page(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    page = (await client.get("/", params={"site": "bosphorus-view"})).text
    assert '>12:00:00</time> <span id="zone">Europe/Istanbul<' in page
    assert 'class="here"' not in page
    assert "silent since 11:36:49<" in page
    vienna = {name: Site(name, site.title, "Europe/Vienna") for name, site in SITES.items()}
    # A site that says no zone has UTC, and a clock that says so; it does not move the others'.
    desk.site_map = {**vienna, "contact-center": Site("contact-center", "Contact center")}
    page = (await client.get("/")).text
    assert '>10:00:00</time> <span id="zone">Europe/Vienna<' in page
    assert page.count('class="here"') == 1
    assert '<time data-clock="UTC">09:00:00</time> UTC</p>' in page


async def test_a_receipt_and_a_source_say_the_time_of_their_site(client: httpx.AsyncClient) -> None:
    receipt = (await client.get("/standards/greet-within-60s", params={"site": "bosphorus-view"})).text
    assert '>12:00:00</time> <span id="zone">Europe/Istanbul<' in receipt
    several = (await client.get("/standards/greet-within-60s")).text
    assert '>09:00:00</time> <span id="zone">UTC<' in several


# --- the snapshot, figures, health


async def test_the_snapshot_tells_what_the_wallboard_shows(client: httpx.AsyncClient) -> None:
    said = (await client.get("/v1/snapshot", params={"site": "grand-budapest"})).json()
    assert said["now"] == "2026-11-21T09:00:00Z"
    (site,) = said["board"]["sites"]
    first = site["rows"][0]
    assert (site["title"], site["state"]) == ("Grand Budapest", "broken")
    assert (first["standard"], first["state"], first["kept_ratio"], first["target"]) == (
        GREET.id,
        "broken",
        0.931,
        0.95,
    )
    assert (first["open"], first["late"], first["at_risk"]) == (4, 2, 1)
    assert first["urgent"][0]["due"] == "2026-11-21T08:59:23Z"
    assert first["urgent"][0]["word"] == "late"
    assert said["board"]["counts"] == {
        "broken": 1,
        "at_risk": 1,
        "unknown": 0,
        "kept": 2,
        "nothing": 0,
    }


async def test_metrics_are_passed_through_as_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text == "# asked for application/openmetrics-text\nstandardsd_up 1\n"


async def test_health_is_of_the_process_and_readiness_of_the_judge(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "reasons": []})
    desk.reasons = ["the journal is being replayed: 40 %"]
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready", "reasons": desk.reasons})
    assert ready.headers["retry-after"] == "1"
    assert (await client.get("/healthz")).status_code == 200


async def test_one_request_too_many_at_once_is_told_when_to_come_again(desk: HeldDesk) -> None:
    """A screen's stream is a request that lasts; with room for one, whoever comes beside it is turned away."""
    server = Server(build_app(desk, requests_max=1), port=0)
    host, port = await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=5) as client:
            async with client.stream("GET", "/events") as stream:
                await anext(stream.aiter_lines())
                refused = await client.get("/healthz")
                assert (refused.status_code, refused.json()["error"]) == (503, "busy")
                assert int(refused.headers["retry-after"]) >= 1
                assert refused.headers["x-frame-options"] == SECURITY_HEADERS["X-Frame-Options"]
            while (again := await client.get("/healthz")).status_code == 503:
                await asyncio.sleep(0.01)  # the server hears of the closed stream a moment later
            assert again.status_code == 200
    finally:
        await server.stop()


# --- who may read


@pytest.mark.parametrize(
    "path", [*READING, "/healthz", "/readyz", "/static/wallboard.css", "/standards/none"]
)
async def test_head_is_get_without_a_body(desk: HeldDesk, path: str) -> None:
    server = Server(build_app(desk), port=0)
    host, port = await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=5) as client:
            head = await client.head(path)
            async with client.stream("GET", path) as got:
                assert head.status_code == got.status_code == (404 if path == "/standards/none" else 200)
                # Fresh for each answer: the date, and whether a stream is sent in chunks.
                passing = {"date", "transfer-encoding", "content-length"}
                assert [h for h in head.headers.items() if h[0] not in passing] == [
                    h for h in got.headers.items() if h[0] not in passing
                ]
            assert head.content == b""
            assert (await client.get("/healthz")).status_code == 200  # the connection is in order afterwards
    finally:
        await server.stop()


async def test_head_is_refused_where_get_would_be(desk: HeldDesk) -> None:
    async with client_of(desk, at=ELSEWHERE, base_url="http://desk.example") as client:
        assert (await client.head("/")).status_code == 401
        readings = await client.head("/v1/readings")
    assert (readings.status_code, readings.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", [p for p in READING if p != "/events"])
async def test_on_the_machine_itself_reading_needs_no_token(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    ("authorization", "status", "error"),
    [
        (None, 401, "no_token"),
        ("Bearer nonsense", 401, "wrong_token"),
        ("Bearer kiosk-secret", 403, "wrong_role"),
        ("Bearer duty-secret", 403, "wrong_role"),  # to operate is not to read
    ],
)
async def test_from_elsewhere_reading_needs_a_token_that_may(
    desk: HeldDesk, path: str, authorization: str | None, status: int, error: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with client_of(desk, at=ELSEWHERE, base_url="http://desk.example") as client:
        answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "secret" not in answer.text
    if status == 401:  # browsers ask for the token
        assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("token", ["wall-secret", "chief-secret"])
async def test_a_reading_token_opens_from_elsewhere_as_bearer_or_as_password(
    desk: HeldDesk, token: str
) -> None:
    basic = base64.b64encode(f"anybody:{token}".encode()).decode()
    async with client_of(desk, at=ELSEWHERE, base_url="http://desk.example") as client:
        for authorization in (f"Bearer {token}", f"Basic {basic}"):
            assert (
                await client.get("/v1/snapshot", headers={"Authorization": authorization})
            ).status_code == 200
        for path in ("/healthz", "/readyz", "/static/wallboard.css"):
            assert (await client.get(path)).status_code == 200


async def test_a_wrong_token_is_wrong_also_on_the_machine_itself(client: httpx.AsyncClient) -> None:
    assert (await client.get("/", headers={"Authorization": "Bearer nonsense"})).status_code == 401


@pytest.mark.parametrize(
    ("at", "base_url", "headers", "here"),
    [
        (HERE, "http://127.0.0.1:8080", {}, True),
        (HERE, "http://localhost:8080", {}, True),
        (("::1", 1), "http://[::1]:8080", {}, True),
        (("127.9.9.9", 1), "http://127.0.0.1", {}, True),
        # A page elsewhere made its name point here.
        (HERE, "http://evil.example", {}, False),
        # Somebody else asks through a proxy on this machine.
        (HERE, "http://127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, False),
        (HERE, "http://127.0.0.1", {"Forwarded": "for=192.0.2.7"}, False),
        (ELSEWHERE, "http://127.0.0.1", {}, False),
    ],
)
async def test_who_is_on_this_machine(
    desk: HeldDesk, at: tuple[str, int], base_url: str, headers: dict[str, str], here: bool
) -> None:
    async with client_of(desk, at=at, base_url=base_url) as client:
        answer = await client.get("/v1/snapshot", headers=headers)
    assert answer.status_code == (200 if here else 401)


def test_somebody_without_an_address_is_not_on_this_machine() -> None:
    from starlette.requests import HTTPConnection

    scope = {
        "type": "http",
        "path": "/",
        "headers": [(b"host", b"localhost")],
        "client": None,
        "server": ("localhost", 80),
    }
    assert on_this_machine(HTTPConnection(scope)) is False


def test_a_token_is_kept_as_its_digest() -> None:
    # printf %s kiosk-secret | sha256sum
    assert (
        hash_token("kiosk-secret")
        == "sha256:28b89c06c1596835df703240ddb92ecca8f9126844cb7bf13af5e91a6e400295"
    )


# --- what every answer says, and what none says


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/standards/greet-within-60s",
        "/standards/none",
        "/sources/kiosk",
        "/sources/none",
        "/static/receipt.css",
        "/metrics",
        "/healthz",
        "/readyz",
        "/v1/snapshot",
        "/v1/readings",
        "/static/wallboard.js",
        "/nowhere",
    ],
)
async def test_every_answer_forbids_what_the_page_does_not_need(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "cache-control" in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/openapi.json", 404, "not_found"),
        ("POST", "/", 405, "wrong_method"),
        ("DELETE", "/metrics", 405, "wrong_method"),
        ("GET", "/?site=" + "x" * 1025, 400, "bad_query"),
        ("GET", "/v1/snapshot?site=" + "x" * 1025, 400, "bad_query"),
    ],
)
async def test_a_wrong_request_is_answered_in_one_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int, error: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "what", "fix"}
    assert answer.json()["error"] == error


async def test_our_own_mistake_is_told_without_a_word_of_it(desk: HeldDesk) -> None:
    def broken(accept: str) -> tuple[str, bytes]:
        raise RuntimeError("password=hunter2")

    desk.metrics = broken  # type: ignore[method-assign]
    async with client_of(desk, mistakes=False) as client:
        answer = await client.get("/metrics")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    # The mistake itself goes on to the log.
    async with client_of(desk) as client:
        with pytest.raises(RuntimeError, match="hunter2"):
            await client.get("/metrics")


# --- documentation


def _paths(app: FastAPI) -> set[str]:
    return {route.path.replace(":path", "") for route in app.routes if hasattr(route, "path")}


def test_every_route_and_every_error_is_documented(desk: HeldDesk) -> None:
    root = Path(__file__).parents[2]
    text = (root / "docs/http-api.md").read_text()
    for path in _paths(build_app(desk)):
        assert f"`{path}`" in text or f" {path}`" in text, f"docs/http-api.md does not tell of {path}"
    errors = set()
    for module in sorted((root / "standardsd/web").glob("*.py")):
        for line in module.read_text().replace("\n", " ").split("Refusal(")[1:]:
            words = [word for word in line.split('"')[1:2] if word.replace("_", "").isalpha()]
            errors.update(words)
    assert len(errors) > 12
    for error in errors | {"busy"}:
        assert f"`{error}`" in text, f"docs/http-api.md does not tell of the error {error}"


def test_every_reason_of_a_rejected_line_is_documented() -> None:
    from standardsd.mapping.ndjson import REASONS

    text = (Path(__file__).parents[2] / "docs/http-api.md").read_text()
    for reason in REASONS | {"unknown_source", "forbidden_source", "not_yielded", "foreign_label"}:
        assert f"`{reason}`" in text, f"docs/http-api.md does not tell of the reason {reason}"


def test_the_readings_in_the_documentation_are_right() -> None:
    from standardsd.mapping.ndjson import LineError, read_line
    from standardsd.model.vocabulary import VOCABULARY

    text = (Path(__file__).parents[2] / "docs/http-api.md").read_text()
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith('{"type":')]
    assert {json.loads(line)["type"] for line in lines} == {"event", "retract", "sample", "watermark", "gap"}
    for line in lines:
        read = read_line(line.encode(), vocabulary=VOCABULARY)
        assert not isinstance(read, LineError), read


async def test_a_change_of_one_group_renders_one_row(desk: HeldDesk) -> None:
    from standardsd.web.pages import Pages

    pages = Pages(desk)
    before = pages.parts(None)
    assert pages.parts(None) is before
    desk.held = changed_group(desk.held, GREET, "casa-lisboa", state=State.AT_RISK)
    after = pages.parts(None)
    changed = {key for key in after.rows if after.rows[key] is not before.rows[key]}
    assert changed == {"greet-within-60s/casa-lisboa"}


async def test_the_worst_alerts_are_named_and_the_rest_counted(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    rules = [replace(GREET, id=f"s{n}", title=f"Promise {n}", severity=Severity.CRITICAL if n == 7 else GREET.severity)
             for n in range(9)]  # fmt: skip
    groups = [group(r, "casa-lisboa", alerts={Condition.BREACH: firing(NINE - timedelta(minutes=n))})
              for n, r in enumerate(rules)]  # fmt: skip
    desk.rules, desk.held = book(*rules), Snapshot(NINE, tuple(groups), ())
    board = (await client.get("/v1/snapshot")).json()["board"]
    # The critical one first, then the oldest.
    assert [alert["title"][-1] for alert in board["alerts"]] == ["7", "8", "6", "5", "4", "3"]
    assert board["alerts_total"] == 9
    page = (await client.get("/")).text
    assert "9 alerts firing" in page
    assert "and 3 more" in page
