"""Killed at every step between a reading's arrival and an alert's delivery, nothing is lost and nothing doubled.

The sender behaves as STANDARDS' kiosk should: it writes down, on the disk, what was
acknowledged, and sends again with the same key what was not.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from standardsd.daemon.failpoints import PLACES
from standardsd.mapping.ndjson import write_line
from standardsd.model.decision import (
    Alert,
    AlertState,
    Amendment,
    Episode,
    EpisodeState,
    Final,
    SourceSpoken,
    VerdictSpoken,
)
from standardsd.model.reading import Reading
from standardsd.store.entries import ReadingsInput
from tests.daemon.harness import FakeAlertmanager, House, Nursery, Told, last_episodes, last_words, until
from tests.daemon.traffic import MORE, RULES, SOURCES, batches

BATCHES = 110
STRIKES = (2, 5, 9)
"""Each place is struck in three lives of the daemon: when it comes there for the second, fifth and ninth time."""

RANDOM_KILLS, RANDOM_RUNS = 10, 3
drains_max = 10

_line = msgspec.json.Decoder(VerdictSpoken | Amendment | Final | Episode | Alert | SourceSpoken)


@dataclass(frozen=True)
class End:
    """What stands in the end: the last word on each occurrence, and the story of each number."""

    verdicts: dict[tuple[str, str, str, int], dict[str, Any]]
    episodes: dict[tuple[str, str], list[tuple[Any, ...]]]

    @classmethod
    def of(cls, decisions: Iterable[object]) -> End:
        said = list(decisions)
        return cls(last_words(said), last_episodes(said))


@cache
def sent() -> list[list[Reading]]:
    return batches(BATCHES)


class Sender:
    """Sends every batch until it is acknowledged.  ``revive`` starts the daemon again."""

    def __init__(self, house: House, revive: Callable[[], object]) -> None:
        self._house = house
        self._revive = revive
        self._list = house.folder / "acknowledged"

    def send_all(self) -> None:
        for number, batch in enumerate(sent()):
            while not self._sent(number, batch):
                assert self._house.ended() == -signal.SIGKILL, self._house.log
                self._revive()

    def _sent(self, number: int, batch: list[Reading]) -> bool:
        try:
            answer = self._house.post(batch, key=f"batch-{number}")
        except httpx.TransportError:
            return False
        told = answer.json()
        assert (answer.status_code, told["rejected"], told["refused"]) == (200, [], []), told
        with self._list.open("ab") as file:
            file.write(b"%d\n" % number)
            file.flush()
            os.fsync(file.fileno())
        return True

    def acknowledged(self) -> list[int]:
        return [int(line) for line in self._list.read_text().split()]


@pytest.fixture(scope="session")
def uninterrupted(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> End:
    """What stands after a daemon that nobody killed."""
    member = FakeAlertmanager()
    house = House(tmp_path_factory.mktemp("uninterrupted"), nursery, RULES, SOURCES, telling(member))
    house.start()
    Sender(house, lambda: pytest.fail("nobody killed it")).send_all()
    house.stop()
    member.close()
    return ended(house)


def ended(house: House) -> End:
    with house.store() as store:
        return End.of(row.decision for row in store.decisions())


def telling(member: FakeAlertmanager) -> dict[str, Any]:
    return {**MORE, "outputs": {"alertmanager": {"members": [member.url], "resend": "1s"}}}


def test_a_daemon_and_the_judge_alone_say_the_same_of_the_same_readings(
    uninterrupted: End, tmp_path: Path
) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "readings.ndjson").write_bytes(b"".join(write_line(r) for batch in sent() for r in batch))
    (tmp_path / "standardsd.yaml").write_text(msgspec.json.encode(
        {"version": 1, "rules": ["rules.yaml"], "sources": SOURCES, **MORE}
    ).decode())  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-c", "from standardsd.cli import main; main()", "judge", "--rules", "rules.yaml",
         "--readings", "readings.ndjson", "--config", "standardsd.yaml"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    assert End.of(map(_line.decode, said.stdout.splitlines())) == uninterrupted
    words = {(key[0], verdict["verdict"]) for key, verdict in uninterrupted.verdicts.items()}
    assert len(uninterrupted.verdicts) > BATCHES
    states = {(key[0], state) for key, story in uninterrupted.episodes.items() for _, state, _ in story}
    both = {EpisodeState.BROKEN, EpisodeState.IN_LIMITS}
    assert states >= {(name, state) for name in ("queue-length", "arrivals", "mean-wait") for state in both}
    assert len(words) >= 9, f"the readings are too tame to prove anything: {words}"


@pytest.mark.parametrize("place", PLACES)
def test_killed_at(
    place: str, house: Callable[..., House], member: FakeAlertmanager, uninterrupted: End
) -> None:
    one = house(RULES, SOURCES, **telling(member))
    strikes = iter(STRIKES)
    struck = 0

    def revive() -> None:
        nonlocal struck
        struck += 1
        count = next(strikes, None)
        one.start(**({} if count is None else {"STANDARDSD_FAILPOINT": f"{place}:{count}"}))

    revive()
    sender = Sender(one, revive)
    sender.send_all()
    if struck <= len(STRIKES):  # the last strike is of a delivery that comes after the last batch
        assert one.ended() == -signal.SIGKILL
        revive()
    assert struck == len(STRIKES) + 1
    everything_is_as_if_nobody_had_died(one, sender, member, uninterrupted)


@pytest.mark.parametrize("run", range(RANDOM_RUNS))
def test_killed_ten_times_at_random(
    run: int, house: Callable[..., House], member: FakeAlertmanager, uninterrupted: End
) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    one = house(RULES, SOURCES, **telling(member))
    one.write()
    kills = 0

    def revive() -> None:
        """Every third kill falls before or while it starts, the others while it works."""
        nonlocal kills
        while kills < RANDOM_KILLS and kills % 3 == 2:
            one.launch()
            threading.Event().wait(dice.uniform(0, 0.4))
            one.kill()
            kills += 1
        one.start()
        if kills < RANDOM_KILLS:
            kills += 1
            threading.Timer(dice.uniform(0, 0.12), _kill, [one.pid]).start()

    revive()
    sender = Sender(one, revive)
    sender.send_all()
    while (
        kills < RANDOM_KILLS
    ):  # it was too quick for us: the rest of the kills falls on ticks and deliveries
        assert one.ended() == -signal.SIGKILL
        revive()
    if one.ended_within(1.0):
        one.start()
    everything_is_as_if_nobody_had_died(one, sender, member, uninterrupted)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def everything_is_as_if_nobody_had_died(
    house: House, sender: Sender, member: FakeAlertmanager, uninterrupted: End
) -> None:
    until(lambda: house.metric("standardsd_alerts", state="firing") == 0, "the end of every alert")
    house.stop()
    deliver_the_rest(house)
    assert sender.acknowledged() == list(range(BATCHES))
    assert ended(house) == uninterrupted
    with house.store() as store:
        journalled = [row.input for row in store.journal() if isinstance(row.input, ReadingsInput)]
        decided = [row.decision for row in store.decisions() if isinstance(row.decision, Alert)]
        assert store.given_up() == {}
    assert [list(one.readings) for one in journalled] == sent(), "a batch was lost, doubled or moved"
    assert len({one.key for one in journalled}) == BATCHES
    each_alert_was_told_under_one_identity(decided, member.told)


def deliver_the_rest(house: House) -> None:
    """Nothing may be left in the outbox: what the last life had no time for is told by the next."""
    for _ in range(drains_max):
        with house.store() as store:
            pending = store.pending()
        if not pending:
            return
        house.start()
        threading.Event().wait(0.3)
        house.stop()
    raise AssertionError(f"never told: {pending}")


Name = tuple[str, str, str]


def each_alert_was_told_under_one_identity(decided: list[Alert], told: list[Told]) -> None:
    """Every firing and its end arrived; whatever arrived was one of them, with one set of labels for each alert."""
    firings: dict[Name, list[datetime]] = defaultdict(list)
    endings: dict[tuple[Name, datetime], datetime] = {}
    for alert in decided:
        name = (alert.standard, str(alert.condition), alert.group.get("site", ""))
        if alert.state is AlertState.FIRING:
            firings[name].append(alert.at)
        elif alert.state is AlertState.RESOLVED:
            endings[name, firings[name][-1]] = alert.at
    began = {(name, at) for name, ats in firings.items() for at in ats}
    assert len(began) > 30, "too few alerts to prove anything"
    assert len(began) == len(endings) == sum(map(len, firings.values())), "an alert that never ended"
    heard: dict[tuple[Name, datetime], set[str]] = defaultdict(set)
    labels: dict[Name, set[frozenset[tuple[str, str]]]] = defaultdict(set)
    for one in told:
        name = (one.labels["alertname"], one.labels["condition"], one.labels.get("site", ""))
        heard[name, datetime.fromisoformat(one.starts_at)].add(one.ends_at)
        labels[name].add(frozenset(one.labels.items()))
    assert heard.keys() == began, "an alert was lost, or told with another beginning"
    for which, at in endings.items():
        assert at in {datetime.fromisoformat(end) for end in heard[which]}, (
            f"nobody was told that {which} ended"
        )
    assert {len(given) for given in labels.values()} == {1}, "an alert had a second identity"
