"""POST /v1/readings: what is right is taken, what is wrong is named, nothing is lost in silence."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any, get_args, get_type_hints

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from standardsd.mapping.ndjson import body_lines_max
from standardsd.model.decision import Refused
from standardsd.model.reading import Event, Sample
from standardsd.model.source import Source
from standardsd.web import ingest
from standardsd.web.app import build_app
from standardsd.web.desk import Busy, IngestResult, last_rejected_max
from standardsd.web.not_taken import FIXES
from standardsd.web.refusal import Refusal, answer_refusal
from tests.web.desks import NINE, HeldDesk, hotel_group

KIOSK = {"Authorization": "Bearer kiosk-secret"}
ADMIN = {"Authorization": "Bearer chief-secret"}


def arrived(id_: str, source: str = "kiosk", **more: object) -> bytes:
    event = {"type": "event", "source": source, "kind": "visit", "id": id_, "event": "arrived"}
    return json.dumps({**event, "at": "2026-11-21T09:00:00Z", **more}).encode()


@pytest.fixture
def desk() -> HeldDesk:
    return HeldDesk(*hotel_group(NINE))


@pytest.fixture
async def client(desk: HeldDesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(desk), client=("192.0.2.7", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as client:
        yield client


async def send(
    client: httpx.AsyncClient, body: bytes | AsyncIterator[bytes], **headers: str
) -> tuple[int, dict[str, Any]]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await client.post("/v1/readings", content=body, headers={**KIOSK, **names})
    return answer.status_code, answer.json()


async def test_right_readings_are_taken_in_utc_under_their_source(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    body = (
        arrived("1", at="2026-11-21T10:00:00+01:00", labels={"site": "casa-lisboa"}) + b"\n\n" + arrived("2")
    )
    assert await send(client, body) == (
        200,
        {
            "accepted": 2,
            "duplicate": False,
            "rejected": [],
            "rejected_total": 0,
            "refused": [],
            "refused_total": 0,
        },
    )
    assert desk.taken == [
        (
            "kiosk",
            (
                Event("kiosk", "visit", "1", "arrived", NINE, labels={"site": "casa-lisboa"}),
                Event("kiosk", "visit", "2", "arrived", NINE),
            ),
            None,
        )
    ]


async def test_what_an_editor_puts_before_the_first_line_is_passed_over(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    status, said = await send(client, b"\xef\xbb\xbf" + arrived("1") + b"\r\n" + arrived("2"))
    assert (status, said["accepted"], said["rejected"]) == (200, 2, [])


async def test_a_body_in_utf16_is_called_that(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    status, said = await send(client, (arrived("1") + b"\n" + arrived("2")).decode().encode("utf-16"))
    assert (status, said["error"]) == (400, "not_utf8")
    assert "not as UTF-16" in said["fix"]
    assert desk.counted == {("kiosk", "not_utf8"): 2}


async def test_one_body_may_speak_for_several_sources(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    sample = {"type": "sample", "source": "hall", "name": "queue", "at": "2026-11-21T09:00:00Z", "value": 3}
    body = b"\n".join([arrived("1"), json.dumps(sample).encode(), arrived("2")])
    status, said = await send(client, body, Authorization="Bearer chief-secret")
    assert (status, said["accepted"]) == (200, 3)
    assert [(source, len(readings)) for source, readings, _ in desk.taken] == [("kiosk", 2), ("hall", 1)]
    assert desk.taken[1][1] == (Sample("hall", "queue", NINE, 3.0),)


async def test_right_lines_are_taken_and_each_wrong_one_is_named_with_its_fix(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    body = b"\n".join(
        [arrived("1"), b"{", arrived("2", at="2026-11-21T09:00:00"), arrived("3", event="arrivd"), b""]
    )
    status, said = await send(client, body)
    assert (status, said["accepted"], said["rejected_total"]) == (200, 1, 3)
    assert [(r["line"], r["reason"]) for r in said["rejected"]] == [
        (2, "half_line"),
        (3, "naive_time"),
        (4, "unknown_event"),
    ]
    assert said["rejected"][2]["fix"] == "did you mean 'arrived'?"
    assert desk.counted == {
        ("kiosk", "half_line"): 1,
        ("kiosk", "naive_time"): 1,
        ("kiosk", "unknown_event"): 1,
    }


async def test_when_nothing_can_be_read_the_answer_is_400_with_the_first_reason(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    status, said = await send(client, b"hello\nworld")
    assert (status, said["error"], said["accepted"], said["rejected_total"]) == (400, "not_json", 0, 2)
    assert "line 1" in said["what"]
    assert desk.taken == []


@pytest.mark.parametrize("body", [b"", b"\n", b"  \r\n\n"])
async def test_a_body_without_a_reading_is_an_error(client: httpx.AsyncClient, body: bytes) -> None:
    status, said = await send(client, body)
    assert (status, said["error"]) == (400, "empty_body")


async def test_only_the_first_rejections_are_shown_but_all_are_counted(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    wrong = ingest.rejected_shown_max + 5
    status, said = await send(client, arrived("1") + b"\nx" * wrong)
    assert (status, said["accepted"], said["rejected_total"]) == (200, 1, wrong)
    assert len(said["rejected"]) == ingest.rejected_shown_max
    assert desk.counted == {("kiosk", "not_json"): wrong}


async def test_line_numbers_are_right_across_the_pieces_a_long_body_is_read_in(
    client: httpx.AsyncClient,
) -> None:
    line = arrived("1", labels={"note": "n" * 900})
    lines = [line] * (3 * ingest.piece_bytes // len(line))
    wrong = {1, len(lines) // 3, len(lines) // 2, len(lines)}
    body = b"\n".join(b"oops" if n in wrong else text for n, text in enumerate(lines, 1))
    status, said = await send(client, body)
    assert (status, said["accepted"]) == (200, len(lines) - len(wrong))
    assert {r["line"] for r in said["rejected"]} == wrong


# --- who may


@pytest.mark.parametrize(
    ("authorization", "status", "error"),
    [
        (None, 401, "no_token"),
        ("", 401, "no_token"),
        ("Bearer", 401, "no_token"),
        ("Bearer " + "x" * 2000, 401, "no_token"),  # longer than any token
        ("Digest kiosk-secret", 401, "no_token"),
        ("Basic !!!", 401, "no_token"),
        ("Bearer wrong", 401, "wrong_token"),
        ("Bearer kiosk-secre", 401, "wrong_token"),
        ("Bearer sha256:00", 401, "wrong_token"),
        ("Bearer caf\u00e9", 401, "wrong_token"),
        ("Bearer wall-secret", 403, "wrong_role"),
        ("Bearer duty-secret", 403, "wrong_role"),
        ("bearer kiosk-secret", 200, None),  # the scheme's case is nothing
        ("Basic OmtpZnNr", 401, "wrong_token"),
        ("Basic eDpraW9zay1zZWNyZXQ=", 200, None),  # x:kiosk-secret
        ("Bearer chief-secret", 200, None),
    ],
)
async def test_only_a_known_token_with_the_right_role_may_send(
    client: httpx.AsyncClient, desk: HeldDesk, authorization: str | None, status: int, error: str | None
) -> None:
    headers = {} if authorization is None else {b"Authorization": authorization.encode("latin-1")}
    answer = await client.post("/v1/readings", content=arrived("1"), headers=headers)
    assert (answer.status_code, answer.json().get("error")) == (status, error)
    assert bool(desk.taken) is (status == 200)
    if error is not None:
        assert set(answer.json()) == {"error", "what", "fix"}
        assert "secret" not in answer.text
        assert desk.counted == {("push", error): 1}
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_speaks_only_for_its_sources(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    status, said = await send(client, arrived("1", source="hall"))
    assert (status, said["error"]) == (403, "forbidden_source")
    assert "'hall'" in said["what"]
    assert "kiosk" in said["fix"]
    assert desk.taken == []
    # Beside a right line it is one rejection among the accepted.
    status, said = await send(client, arrived("1", source="hall") + b"\n" + arrived("2"))
    assert (status, said["accepted"]) == (200, 1)
    assert [(r["line"], r["reason"]) for r in said["rejected"]] == [(1, "forbidden_source")]


async def test_a_token_does_not_learn_which_other_sources_there_are(client: httpx.AsyncClient) -> None:
    for source in ("hall", "no-such"):  # one exists, one does not: told alike
        _, said = await send(client, arrived("1", source=source))
        assert said["rejected"][0]["reason"] == "forbidden_source"
        assert said["rejected"][0]["fix"] == "use one of kiosk"


@pytest.mark.parametrize("token", ["chief-secret", "sensors-secret"])
async def test_an_unknown_source_is_named_with_the_known_ones(client: httpx.AsyncClient, token: str) -> None:
    status, said = await send(client, arrived("1", source="kisok"), Authorization=f"Bearer {token}")
    assert (status, said["error"]) == (400, "unknown_source")
    assert "'kisok'" in said["what"]
    assert said["fix"] == "add it under `sources:` with `use: push`; known: hall, kiosk"


async def test_a_token_for_a_source_that_is_not_configured_is_told_so(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    desk.pushed = {"hall": Source("hall")}
    status, said = await send(client, arrived("1"))
    assert (status, said["error"]) == (400, "unknown_source")


LOBBY = Source("kiosk", {"visit": ("arrived", "greeted"), "samples": ("queue",)}, {"site": "casa-lisboa"})
QUEUED = {"type": "event", "source": "kiosk", "kind": "call", "id": "1", "event": "queued",
          "at": "2026-11-21T09:00:00Z"}  # fmt: skip
TAKEN_BACK = {"type": "retract", "source": "kiosk", "kind": "visit", "id": "1", "reason": "test"}
COUNTED = {"type": "sample", "source": "kiosk", "name": "queue", "at": "2026-11-21T09:00:00Z", "value": 3}


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (json.loads(arrived("1")), None),
        (json.loads(arrived("1", event="greeted", labels={"site": "casa-lisboa", "desk": "2"})), None),
        # A kind, and an event of a kind, that nobody waits for this source to say.
        (QUEUED, "not_yielded"),
        (json.loads(arrived("1", event="served")), "not_yielded"),
        (json.loads(arrived("1", event="updated")), "not_yielded"),
        # What it cannot say it cannot take back; the interaction it can, if it has a part in it.
        ({**TAKEN_BACK, "event": "greeted"}, None),
        (TAKEN_BACK, None),
        ({**TAKEN_BACK, "event": "served"}, "not_yielded"),
        ({**TAKEN_BACK, "kind": "call"}, "not_yielded"),
        # Another site's label, and none at all: the configured one is put there.
        (json.loads(arrived("1", labels={"site": "grand-budapest"})), "foreign_label"),
        (json.loads(arrived("1", labels={"site": ""})), "foreign_label"),
        (json.loads(arrived("1", labels={"desk": "2"})), None),
        ({**COUNTED, "labels": {"site": "grand-budapest"}}, "foreign_label"),
        (COUNTED, None),
        ({**COUNTED, "name": "line"}, "not_yielded"),
        # These say nothing of a kind or a place.
        ({"type": "watermark", "source": "kiosk", "at": "2026-11-21T09:00:00Z"}, None),
        (
            {"type": "gap", "source": "kiosk", "from": "2026-11-21T09:00:00Z", "to": "2026-11-21T09:00:01Z"},
            None,
        ),
    ],
)
async def test_a_source_says_only_what_it_yields_and_only_for_its_own_labels(
    client: httpx.AsyncClient, desk: HeldDesk, reading: dict[str, Any], reason: str | None
) -> None:
    desk.pushed["kiosk"] = LOBBY
    body = b"\n".join([arrived("right"), json.dumps(reading).encode()])
    status, said = await send(client, body)
    if reason is None:
        assert (status, said["accepted"], said["rejected"], desk.counted) == (200, 2, [], {})
        return
    assert (status, said["accepted"]) == (200, 1)
    assert [(r["line"], r["reason"]) for r in said["rejected"]] == [(2, reason)]
    assert desk.counted == {("kiosk", reason): 1}
    assert "'kiosk'" in said["rejected"][0]["what"]


async def test_what_a_source_cannot_say_is_counted_under_it_whoever_sends_it(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    desk.pushed["hall"] = Source("hall", {"visit": ("arrived",)}, {"site": "casa-lisboa"})
    body = b"\n".join(
        [
            arrived("1", source="hall", event="greeted"),
            arrived("2", source="hall", labels={"site": "bosphorus-view"}),
            b"{",
        ]
    )
    status, said = await send(client, body, Authorization="Bearer sensors-secret")
    assert (status, said["error"], said["rejected_total"]) == (400, "not_yielded", 3)
    assert desk.counted == {
        ("hall", "not_yielded"): 1,
        ("hall", "foreign_label"): 1,
        ("push", "half_line"): 1,
    }
    assert desk.taken == []


async def test_a_source_without_yields_or_labels_says_anything(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    body = b"\n".join([json.dumps(QUEUED).encode(), arrived("1", labels={"site": "anywhere"})])
    assert (await send(client, body))[1]["accepted"] == 2


async def test_a_reload_of_the_tokens_counts_at_once(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    assert (await send(client, arrived("1")))[0] == 200
    desk.token_list = ()
    assert (await send(client, arrived("2")))[0] == 401


# --- again, too much, too soon


async def test_the_same_delivery_again_is_acknowledged_and_not_taken_again(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    first = await send(client, arrived("1"), Idempotency_Key="a-1")
    second = await send(client, arrived("1"), Idempotency_Key="a-1")
    assert (first[0], first[1]["accepted"], first[1]["duplicate"]) == (200, 1, False)
    assert (second[0], second[1]["accepted"], second[1]["duplicate"]) == (200, 1, True)
    assert len(desk.taken) == 1


async def test_a_key_used_again_for_other_readings_loses_none_of_them(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    await send(client, arrived("1") + b"\n{", Idempotency_Key="a-1")
    status, said = await send(client, arrived("2"), Idempotency_Key="a-1")
    assert (status, said["duplicate"]) == (200, False)
    assert [readings[0] for _, readings, _ in desk.taken] == [
        Event("kiosk", "visit", n, "arrived", NINE) for n in "12"
    ]


async def test_a_long_body_is_handed_over_in_parts_that_are_known_when_they_come_again(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    count = 2 * ingest.batch_readings_max + 1
    body = b"\n".join(arrived(str(n)) for n in range(count))
    status, said = await send(client, body, Idempotency_Key="a-1")
    assert (status, said["accepted"], said["duplicate"]) == (200, count, False)
    most = ingest.batch_readings_max
    assert [len(readings) for _, readings, _ in desk.taken] == [most, most, 1]
    status, said = await send(client, body, Idempotency_Key="a-1")
    assert (status, said["accepted"], said["duplicate"]) == (200, count, True)
    assert len(desk.taken) == 3


@pytest.mark.parametrize("key", ["", "x" * 201, "a\u00adb"])
async def test_a_key_that_cannot_be_kept_is_refused(
    client: httpx.AsyncClient, desk: HeldDesk, key: str
) -> None:
    answer = await client.post(
        "/v1/readings",
        content=arrived("1"),
        headers={b"Authorization": b"Bearer kiosk-secret", b"Idempotency-Key": key.encode("latin-1")},
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_key")
    assert desk.taken == []


@pytest.mark.parametrize(("seconds", "header"), [(0.2, "1"), (1.0, "1"), (2.1, "3")])
async def test_a_judge_that_is_behind_says_when_to_come_again(
    client: httpx.AsyncClient, desk: HeldDesk, seconds: float, header: str
) -> None:
    desk.answers["kiosk"] = Busy(seconds)
    answer = await client.post("/v1/readings", content=arrived("1"), headers=KIOSK)
    assert (answer.status_code, answer.json()["error"]) == (503, "busy")
    assert answer.headers["retry-after"] == header
    desk.answers.clear()
    assert (await send(client, arrived("1")))[0] == 200


async def test_what_was_taken_before_the_judge_was_behind_is_not_taken_again(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    body = arrived("1") + b"\n" + arrived("2", source="hall")
    headers = {**ADMIN, "Idempotency-Key": "a-1"}
    desk.answers["hall"] = Busy(1)
    assert (await client.post("/v1/readings", content=body, headers=headers)).status_code == 503
    desk.answers.clear()
    again = await client.post("/v1/readings", content=body, headers=headers)
    assert (again.status_code, again.json()["duplicate"]) == (200, False)
    assert [source for source, _, _ in desk.taken] == ["kiosk", "hall"]


def narrow_door(desk: HeldDesk, **limits: float) -> httpx.AsyncClient:
    """The route with other limits than the usual ones."""
    route = Route("/v1/readings", ingest.Ingest(desk, **limits).post, methods=["POST"])  # type: ignore[arg-type]
    app = Starlette(routes=[route], exception_handlers={Refusal: answer_refusal})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.example")


async def test_too_many_bodies_at_once_are_told_to_wait_and_the_room_comes_back(desk: HeldDesk) -> None:
    size = len(arrived("1"))
    holding, release = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield arrived("1")
        holding.set()
        await release.wait()

    async with narrow_door(desk, in_hand_bytes_max=2 * size - 1) as client:
        first = asyncio.create_task(send(client, slow()))
        await holding.wait()
        answer = await client.post("/v1/readings", content=arrived("2"), headers=KIOSK)
        assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (
            429,
            "busy",
            "1",
        )
        release.set()
        assert (await first)[0] == 200
        for _ in range(3):  # each gives its room back
            assert (await send(client, arrived("2")))[0] == 200


async def test_a_body_that_does_not_come_whole_in_time_is_refused_and_nothing_of_it_taken(
    desk: HeldDesk,
) -> None:
    async def hung() -> AsyncIterator[bytes]:
        yield arrived("1") + b"\n"
        await asyncio.sleep(60)

    async with narrow_door(desk, body_seconds_max=0.05) as client:
        status, said = await send(client, hung())
    assert (status, said["error"]) == (408, "too_slow")
    assert desk.taken == []


async def test_readings_the_judge_refused_are_told_with_their_line_and_a_fix(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    late = Refused("kiosk", "too_late", "event at 2026-11-21T09:00:00+00:00", NINE, 1)
    desk.answers["kiosk"] = IngestResult(1, refused=(late,))
    body = b"\n{\n" + arrived("1") + b"\n\n" + arrived("2", labels={"guest": "Ada"})
    status, said = await send(client, body, Idempotency_Key="night-7")
    assert (status, said["accepted"], said["refused_total"]) == (200, 1, 1)
    assert said["refused"] == [
        {
            "line": 5, "source": "kiosk", "reason": "too_late", "what": late.what, "kind": "visit", "id": "2",
            "event": "arrived", "at": "2026-11-21T09:00:00Z",
            "fix": "send it sooner after it happened, or raise `judge: accept_late`",
        }
    ]  # fmt: skip
    ((lines, reasons),) = desk.not_taken_lines["kiosk"]
    assert reasons == {"half_line": 1, "too_late": 1}
    assert [(line.reason, line.place) for line in lines] == [
        ("half_line", "line 2, Idempotency-Key night-7"),
        ("too_late", "line 5, Idempotency-Key night-7"),
    ]
    assert lines[1].said == "visit 2 arrived 2026-11-21T09:00:00+00:00"


async def test_every_reason_of_the_judge_has_a_fix() -> None:
    assert set(FIXES) == set(get_args(get_type_hints(Refused)["reason"]))


async def test_a_refused_reading_of_a_later_part_is_told_with_its_own_line(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    desk.answers["kiosk"] = IngestResult(499, refused=(Refused("kiosk", "too_early", "event", NINE, 3),))
    body = b"\n".join(arrived(str(n)) for n in range(ingest.batch_readings_max + 10))
    _, said = await send(client, body)
    assert [(one["line"], one["id"]) for one in said["refused"]] == [(4, "3"), (504, "503")]


async def test_the_first_and_the_last_rejected_lines_are_kept_without_labels_and_all_are_counted(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    wrong = [arrived("x" * 99, event="arrivd", labels={"guest": "Ada"}), b"Ada Lovelace, 12"]
    await send(client, b"\n".join(wrong * last_rejected_max))
    ((lines, reasons),) = desk.not_taken_lines["kiosk"]
    assert reasons == {"unknown_event": last_rejected_max, "not_json": last_rejected_max}
    first, *rest = lines
    assert (first.place, rest[0].place, rest[-1].place) == ("line 1", "line 51", "line 100")
    assert len(rest) == last_rejected_max
    assert first.said == f"visit {'x' * 39}… arrivd 2026-11-21T09:00:00Z"
    assert rest[-1].said == ""
    assert not any("Ada" in line.what + line.said for line in lines)


# --- size and packing


async def test_a_body_of_exactly_the_largest_size_is_read_and_one_byte_more_is_not(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    body = arrived("1") + b"\n"
    body += b" " * (ingest.body_bytes_max - len(body))
    assert (await send(client, body))[0] == 200
    status, said = await send(client, body + b" ")
    assert (status, said["error"]) == (413, "too_large")
    assert len(desk.taken) == 1


async def test_a_body_that_hides_its_length_is_cut_at_the_largest_size(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" " * 65536

    status, said = await send(client, endless())
    assert (status, said["error"]) == (413, "too_large")


async def test_a_body_of_too_many_lines_is_refused_whole(client: httpx.AsyncClient, desk: HeldDesk) -> None:
    status, said = await send(client, arrived("1") + b"\n" * (body_lines_max + 1))
    assert (status, said["error"]) == (413, "too_many_lines")
    assert desk.taken == []


async def test_a_packed_body_is_read_also_in_several_members(
    client: httpx.AsyncClient, desk: HeldDesk
) -> None:
    packed = gzip.compress(arrived("1") + b"\n") + gzip.compress(arrived("2"))
    status, said = await send(client, packed, Content_Encoding="gzip")
    assert (status, said["accepted"]) == (200, 2)
    assert len(desk.taken[0][1]) == 2


@pytest.mark.parametrize(
    ("body", "encoding", "status", "error"),
    [
        (gzip.compress(b" " * (ingest.body_bytes_max + 1)), "gzip", 413, "too_large"),  # a bomb of 8 KiB
        (gzip.compress(b" " * ingest.body_bytes_max) * 2, "gzip", 413, "too_large"),
        (gzip.compress(b"x" * 1000)[:-9], "gzip", 400, "bad_gzip"),
        (b"not packed", "gzip", 400, "bad_gzip"),
        (gzip.compress(b"x") + b"rest", "gzip", 400, "bad_gzip"),
        (b"x", "br", 415, "unknown_encoding"),
        (b"x", "gzip, gzip", 415, "unknown_encoding"),
    ],
    ids=["bomb", "two halves of a bomb", "cut off", "not packed", "something behind", "another way", "twice"],
)
async def test_a_wrong_packing_is_named(
    client: httpx.AsyncClient, desk: HeldDesk, body: bytes, encoding: str, status: int, error: str
) -> None:
    got, said = await send(client, body, Content_Encoding=encoding)
    assert (got, said["error"]) == (status, error)
    assert desk.taken == []


async def test_deep_json_is_a_named_rejection(client: httpx.AsyncClient) -> None:
    status, said = await send(client, b'{"a":' * 10_000)
    assert (status, said["error"]) == (400, "too_deep")


async def test_a_get_of_the_readings_is_told_to_post(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/readings")
    assert (answer.status_code, answer.json()["error"]) == (405, "wrong_method")
    assert "POST" in answer.json()["fix"]
