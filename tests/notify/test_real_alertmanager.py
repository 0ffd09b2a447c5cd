"""Against a real Alertmanager and a real webhook receiver: what people would have heard."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from standardsd.notify import http
from standardsd.notify.alertmanager import Alertmanager
from standardsd.notify.current import CurrentAlerts
from standardsd.notify.message import AlertMessage
from standardsd.notify.outbox import DeliverySettings, Outcome
from standardsd.notify.worker import Worker
from tests import real
from tests.notify.parts import (
    GREET,
    KIOSK,
    SECOND,
    URL,
    Heard,
    Loopback,
    MemoryOutbox,
    alert,
    loopback,
    message,
    plain,
    until,
)

pytestmark = pytest.mark.real

DEPLOYED = Path(__file__).parents[2] / "deploy" / "alertmanager" / "alertmanager.yml"


@asynccontextmanager
async def webhook_and_member(folder: Path) -> AsyncIterator[tuple[Loopback, real.Server]]:
    """A real Alertmanager with the shipped route, but for the receiver and a shorter group interval."""
    async with loopback() as webhook:
        shipped = DEPLOYED.read_text().replace("group_interval: 10s", "group_interval: 1s")
        config = shipped.replace("http://127.0.0.1:9465/", webhook.url + "/")
        assert config != DEPLOYED.read_text()
        starting = real.alertmanager(folder, config=config)
        server = await asyncio.to_thread(starting.__enter__)
        try:
            yield webhook, server
        finally:
            await asyncio.to_thread(starting.__exit__, None, None, None)


def told(webhook: Loopback, alertname: str = GREET.id) -> list[dict[str, Any]]:
    """Every alert of that name in every notification, in order."""
    alerts = [one for heard in webhook.heard for one in heard.body["alerts"]]
    return [one for one in alerts if one["labels"]["alertname"] == alertname]


def held(server: real.Server) -> list[dict[str, Any]]:
    """What the member holds now, ended ones left out."""
    alerts: list[dict[str, Any]] = server.get("/api/v2/alerts")
    return alerts


@asynccontextmanager
async def running(*workers: Worker) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
        assert not any(task.done() for task in tasks), "a worker ended"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class House:
    """Alerts of the judge go to the outbox as the daemon would put them: worded, kept, woken."""

    def __init__(self) -> None:
        self.standing = CurrentAlerts([GREET], [KIOSK], URL)
        self.outbox = MemoryOutbox()
        self.workers: list[Worker] = []

    def member(self, server_url: str, client: Any, resend: timedelta, timeout_seconds: float = 2.0) -> Worker:
        channel = Alertmanager(server_url, client, resend=resend, timeout_seconds=timeout_seconds)
        settings = DeliverySettings(resend=resend, backoff_most=0.2)
        worker = Worker(channel, self.outbox, self.standing.current, settings)
        self.workers.append(worker)
        return worker

    def say(self, *decisions: Any) -> list[AlertMessage]:
        words = self.standing.messages(decisions)
        self.standing.keep(words)
        for worker in self.workers:
            self.outbox.add(worker.channel.name, *(one.message for one in words))
            worker.wake()
        return [one.message for one in words]


async def test_fired_at_once_resent_and_resolved_with_everything_whole(tmp_path: Path) -> None:
    """Re-sent every half second, ``endsAt`` lies two seconds ahead; held for more than that, it still fires."""
    house = House()
    async with webhook_and_member(tmp_path) as (webhook, server), http.client() as client:
        house.member(server.url, client, timedelta(seconds=0.5))
        async with running(*house.workers):
            began = datetime.now(UTC)
            (fired,) = house.say(alert("firing", began, count=2, oldest=began - SECOND))
            await until(lambda: bool(told(webhook)), "the notification")
            assert webhook.heard[0].at - began < timedelta(seconds=1)  # no scrape, no group_wait
            await asyncio.sleep(3.5)
            assert [one["status"] for one in told(webhook)] == ["firing"]
            (now_held,) = await asyncio.to_thread(held, server)
            assert datetime.fromisoformat(now_held["endsAt"]) > datetime.now(UTC)
            assert house.workers[0].counts[Outcome.RESENT] >= 5

            over = datetime.now(UTC)
            (ended,) = house.say(alert("resolved", over, count=0))
            await until(lambda: len(told(webhook)) == 2, "the word that it is over")
    first, last = told(webhook)
    for heard, said in ((first, fired), (last, ended)):
        assert heard["labels"] == said.labels
        assert heard["annotations"] == said.annotations
        assert heard["generatorURL"] == said.generator_url
        assert datetime.fromisoformat(heard["startsAt"]) == began
    assert last["status"] == "resolved"
    assert datetime.fromisoformat(last["endsAt"]) == over
    assert first["annotations"]["since"] == last["annotations"]["since"]
    assert first["annotations"]["oldest"]


async def test_an_alert_that_ends_at_once_is_told_both_ways(tmp_path: Path) -> None:
    """A breach that is over before the delivery began: people hear that it was and that it is over."""
    house = House()
    async with webhook_and_member(tmp_path) as (webhook, server), http.client() as client:
        house.member(server.url, client, timedelta(seconds=30))
        now = datetime.now(UTC)
        house.say(alert("firing", now), alert("resolved", now + timedelta(milliseconds=1)))
        async with running(*house.workers):
            await until(lambda: len(told(webhook)) == 2, "both notifications")
    assert [one["status"] for one in told(webhook)] == ["firing", "resolved"]


async def test_fired_again_while_the_old_end_is_still_being_told(tmp_path: Path) -> None:
    """For fifteen minutes the end is told again; the new firing must not be ended by it."""
    house = House()
    async with webhook_and_member(tmp_path) as (webhook, server), http.client() as client:
        house.member(server.url, client, timedelta(seconds=0.3))
        async with running(*house.workers):
            house.say(alert("firing", datetime.now(UTC)))
            await until(lambda: len(told(webhook)) == 1, "the first firing")
            house.say(alert("resolved", datetime.now(UTC)))
            await until(lambda: len(told(webhook)) == 2, "its end")
            house.say(alert("firing", datetime.now(UTC)))
            await until(lambda: len(told(webhook)) == 3, "the second firing")
            await asyncio.sleep(1.5)
    assert [one["status"] for one in told(webhook)] == ["firing", "resolved", "firing"]


async def test_bad_labels_are_bisected_out_and_all_others_arrive(tmp_path: Path) -> None:
    """What our own check catches is caught; here it is passed by, to meet Alertmanager's."""
    now = datetime.now(UTC)
    good = [message(f"good-{n}", at=now, site=f"s{n}") for n in range(20)]
    bad_name = msgspec.structs.replace(message("bad-name", at=now), labels={"alertname": "x", "no good": "x"})
    bad_link = message("bad-link", at=now, url="not a link %zz")
    batch = [*good[:7], bad_name, *good[7:15], bad_link, *good[15:]]
    async with webhook_and_member(tmp_path) as (webhook, server), http.client() as client:
        posted = await Alertmanager(server.url, client, resend=timedelta(minutes=1)).post(batch, now)
        assert posted.error is None
        assert [place for place, _ in posted.refused] == [7, 16]
        assert all(why[:3] in ("400", "422") for _, why in posted.refused)
        assert len(posted.taken) == 20
        await until(lambda: len(webhook.heard) >= 20, "all notifications")
        there = {one["labels"]["alertname"] for one in await asyncio.to_thread(held, server)}
    assert there == {f"good-{n}" for n in range(20)}


async def test_one_bad_link_costs_the_whole_batch_without_us(tmp_path: Path) -> None:
    """The reason for bisecting: should Alertmanager ever mend this, the bisecting may go."""
    now = datetime.now(UTC)
    alerts = [
        {"labels": {"alertname": "good"}, "endsAt": (now + timedelta(minutes=1)).isoformat()},
        {"labels": {"alertname": "bad"}, "generatorURL": "not a link %zz"},
    ]
    async with webhook_and_member(tmp_path) as (_, server):
        request = urllib.request.Request(
            server.url + "/api/v2/alerts",
            data=json.dumps(alerts).encode(),
            headers={"Content-Type": "application/json"},
        )
        with pytest.raises(urllib.error.HTTPError):
            await asyncio.to_thread(urllib.request.urlopen, request, timeout=5)
        assert await asyncio.to_thread(held, server) == []


async def test_what_our_own_check_lets_through_alertmanager_takes(tmp_path: Path) -> None:
    house = House()
    sites = ["Bük", 'a "b" \\ c', "new\nline", "\U0001f600", "x" * 1000, " ", "%", "{}"]
    async with webhook_and_member(tmp_path) as (webhook, server), http.client() as client:
        house.member(server.url, client, timedelta(minutes=1))
        async with running(*house.workers):
            house.say(*(alert("firing", datetime.now(UTC), site=site) for site in sites))
            await until(lambda: len(told(webhook)) == len(sites), "all notifications")
    assert {one["labels"]["site"] for one in told(webhook)} == set(sites)
    assert house.workers[0].counts[Outcome.REFUSED] == 0
    assert house.workers[0].counts[Outcome.MENDED] == 0


async def test_sixty_breaches_at_sixty_sites_are_sixty_notifications(tmp_path: Path) -> None:
    """Grouped by alertname alone, most of them would wait for the group interval."""
    house = House()
    async with webhook_and_member(tmp_path) as (webhook, server), http.client() as client:
        house.member(server.url, client, timedelta(minutes=1))
        async with running(*house.workers):
            began = datetime.now(UTC)
            house.say(*(alert("firing", began, site=f"site-{n}") for n in range(60)))
            await until(lambda: len(webhook.heard) >= 60, "sixty notifications")
    assert len({one["labels"]["site"] for one in told(webhook)}) == 60
    assert max(heard.at for heard in webhook.heard) - began < timedelta(seconds=3)


async def test_two_members_hear_everything_though_one_is_dead_for_a_while(tmp_path: Path) -> None:
    """A member that dies and comes back empty hears of what stands; the other never waits for it."""

    async def ill(_: Heard) -> bytes:
        return plain(500, "ill")

    house = House()
    async with (
        webhook_and_member(tmp_path / "one") as (webhook_one, one),
        webhook_and_member(tmp_path / "two") as (webhook_two, two),
        loopback(ill) as sick,
        http.client() as client,
    ):
        for url in (one.url, two.url, sick.url):
            house.member(url, client, timedelta(seconds=0.5))
        async with running(*house.workers):
            house.say(alert("firing", datetime.now(UTC), site="first"))
            await until(lambda: bool(told(webhook_one)) and bool(told(webhook_two)), "both members' word")
            await asyncio.to_thread(two.kill)
            began = datetime.now(UTC)
            house.say(alert("firing", began, site="second"))
            await until(lambda: len(told(webhook_one)) == 2, "the living member's word")
            assert webhook_one.heard[-1].at - began < timedelta(seconds=1)
            await until(lambda: house.workers[1].failing is not None, "the failure")
            assert house.workers[0].failing is None

            config = str(two.folder / "alertmanager.yml")
            command = [str(real.need("prometheus-alertmanager")), f"--config.file={config}"]
            command += [
                f"--storage.path={two.folder / 'empty'}",
                f"--web.listen-address=127.0.0.1:{two.port}",
            ]
            command += ["--cluster.listen-address="]
            revived = await asyncio.to_thread(
                real.launch, "alertmanager", command, port=two.port, folder=two.folder
            )
            try:
                await until(lambda: {"first", "second"} <= _sites_held(revived), "the revived member's word")
            finally:
                await asyncio.to_thread(revived.stop)
    assert [row.channel for row in house.outbox.rows] == [house.workers[2].channel.name] * 2
    assert house.workers[2].failing is not None


def _sites_held(server: real.Server) -> set[str]:
    return {one["labels"]["site"] for one in held(server)}


@pytest.fixture(scope="module")
def amtool_says() -> Iterator[Any]:
    yield real.amtool("check-config", str(DEPLOYED))


def test_the_shipped_configuration_is_sound_and_waits_for_nothing(amtool_says: Any) -> None:
    assert amtool_says.returncode == 0, amtool_says.stderr
    assert "SUCCESS" in amtool_says.stdout
    text = DEPLOYED.read_text()
    assert "group_wait: 0s" in text
    assert "group_by: [alertname, site, condition]" in text
