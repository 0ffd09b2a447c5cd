"""A standard about a number shows its value with unit and limit, its state in a word, and since when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from msgspec.structs import replace

from standardsd.language.speech import ENGLISH
from standardsd.model.decision import AlertState, Episode, EpisodeState
from standardsd.model.objective import Condition
from standardsd.model.promise import AnyPromise, Grid, Limits
from standardsd.model.snapshot import AlertNow, Snapshot, State
from standardsd.web.app import build_app
from standardsd.web.numbers import readable
from standardsd.web.words import Standing, standing
from tests.web.desks import LINE, NINE, ROUND, HeldDesk, book, number
from tests.web.test_links import text_of

TARGET = replace(LINE, id="line-most-of-the-day", title="The line is short most of the day")
BROKEN = number(
    LINE, "grand-budapest", stands=EpisodeState.BROKEN, since=NINE - timedelta(minutes=7), value=12.0
)
FIRING = AlertNow(AlertState.FIRING, NINE - timedelta(minutes=7), 1, NINE - timedelta(minutes=7))


@pytest.fixture
def desk() -> HeldDesk:
    groups = (
        replace(BROKEN, violations=3, alerts={Condition.LIMIT: FIRING}),
        number(
            LINE, "casa-lisboa", stands=EpisodeState.IN_LIMITS, since=NINE - timedelta(hours=2), value=0.0
        ),
        number(LINE, "bosphorus-view", stands=EpisodeState.UNKNOWN, since=NINE),
        number(
            ROUND, "casa-lisboa", stands=EpisodeState.IN_LIMITS, since=NINE - timedelta(days=1), value=754.9
        ),
        number(TARGET, "casa-lisboa", stands=EpisodeState.IN_LIMITS, value=2.0, target=0.9, kept_ratio=0.987),
    )
    held = HeldDesk(book(LINE, ROUND, TARGET), Snapshot(NINE, groups, ()))
    held.clock = NINE
    return held


@pytest.fixture
async def client(desk: HeldDesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_app(desk), client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


async def test_a_number_stands_on_the_wallboard_with_value_limit_state_and_since(
    client: httpx.AsyncClient,
) -> None:
    page = text_of(await client.get("/"))
    for words in (
        f"✕ broken {LINE.title} {LINE.title}: at most 5 ▲ alert: out of limits 12 at most 5 out of limits since 09:53:00",
        f"? unknown {LINE.title} {LINE.title}: at most 5 – at most 5 unknown since 12:00:00",
        f"✓ kept {LINE.title} {LINE.title}: at most 5 0 at most 5 in limits since 07:00:00",
        f"✓ kept {ROUND.title} {ROUND.title}: at most 30m 12m34s at most 30m in limits since 2026-11-20 09:00",
        "98.7 % of the time kept, target 90 %",
    ):
        assert words in page, words
    assert " open" not in page.replace("Open now", ""), "nothing is open of a number"


async def test_a_number_s_page_tells_when_it_was_out_of_limits(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    def line(minutes: int, state: EpisodeState, value: float | None, limit: float | None = 5.0) -> Episode:
        at = NINE - timedelta(minutes=minutes)
        return Episode(LINE.id, {"site": "grand-budapest"}, state, at, value, limit, LINE.rules)

    desk.excursions[LINE.id] = [
        line(60, EpisodeState.BROKEN, 9.0),
        line(50, EpisodeState.IN_LIMITS, 5.0),
        line(40, EpisodeState.BROKEN, 6.0),
        line(30, EpisodeState.UNKNOWN, None, None),
        line(7, EpisodeState.BROKEN, 12.0),
        Episode(LINE.id, {"site": "casa-lisboa"}, EpisodeState.BROKEN, NINE, 99.0, 5.0, LINE.rules),
    ]
    page = text_of(await client.get(f"/standards/{LINE.id}?site=grand-budapest&condition=limit"))
    for words in (
        "12 at most 5 out of limits since 09:53:00",
        "▲ Alert: out of limits, fires since 09:53:00, the oldest began at 09:53:00",
        "broken in all 3",
        "Since Until Value Limit 09:53:00 not yet 12 5 09:20:00 out of sight 6 5 09:00:00 09:10:00 9 5",
    ):
        assert words in page, words
    assert "99" not in page, "another site's"
    assert "Open now" not in page
    assert "1 case" not in page


async def test_a_shadow_is_told_as_such_and_without_a_figure(
    desk: HeldDesk, client: httpx.AsyncClient
) -> None:
    group = replace(
        number(LINE, "casa-lisboa", stands=EpisodeState.IN_LIMITS), state=State.SHADOW, episode=None
    )
    desk.held = Snapshot(NINE, (group,), ())
    for path in ("/", f"/standards/{LINE.id}"):
        page = text_of(await client.get(path))
        assert "○ shadow" in page
        assert "tried out: judged, without figures and alerts" in page
        assert "no target" not in page


def test_a_number_that_is_there_is_kept_and_not_nothing_yet() -> None:
    within = number(LINE, "spa", stands=EpisodeState.IN_LIMITS, value=1.0)
    assert standing(within) is Standing.KEPT
    assert standing(replace(within, episode=None)) is Standing.NOTHING


@pytest.mark.parametrize(
    ("value", "promise", "text"),
    [
        (4.2, Limits(lowest=4.0), "4.2"),
        (12.0, Limits(highest=10.0), "12"),
        (0.954, Limits(lowest=0.9, unit="%"), "95.4%"),
        # Time is cut, never rounded up: a minute before the limit is not shown as the limit.
        (9.99, Limits(highest=60.0, unit="s"), "9.9s"),
        (59.99, Limits(highest=60.0, unit="s"), "59s"),
        (754.9, Limits(highest=1800.0, unit="s"), "12m34s"),
        (7_199.0, Limits(highest=7200.0, unit="s"), "1h59m"),
        (0.3, Limits(highest=60.0, unit="s"), "0.3s"),
        (-90.5, Limits(highest=60.0, unit="s"), "-1m30s"),
        (90.0, Grid("room", {"101": Limits(highest=60.0, unit="s")}), "1m30s"),
    ],
)
def test_a_number_is_read_at_a_glance(value: float, promise: AnyPromise, text: str) -> None:
    assert readable(value, promise, ENGLISH) == text
