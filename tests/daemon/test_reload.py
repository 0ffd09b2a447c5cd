"""SIGHUP changes what is in force, never what was promised; and what is wrong is told before anything changes."""

from __future__ import annotations

import signal
import socket
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from standardsd.model.reading import Event, Watermark
from tests.daemon.harness import FakeAlertmanager, House, hashed, until

END_SECONDS_MAX = 2.0

RULES = """\
version: 1
set: door
standards:
  - id: greet
    title: Arriving guests are greeted within a minute
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
"""
QUICKER = RULES.replace("60s", "30s").replace("a minute", "half a minute")
FINISH = """\
  - id: finish
    title: A visit is over within a minute
    of: visit
    measure: {from: arrived, to: finished}
    promise: {within: 60s}
"""

YIELDS = {"visit": ["arrived", "greeted", "finished"]}
KIOSK = {"use": "push", "watermark": {"kind": "explicit"}, "yields": YIELDS, "labels": {"site": "inn"}}
SIMULATED = {"use": "simulate", "labels": {"site": "castle"}, "settings": {"profile": "hotel", "seed": 3}}
SECOND = timedelta(seconds=1)
LONG_AGO = {"judge_from": "2020-01-01T00:00:00Z"}
"""So that a breach of just now, before the daemon's first start, is an alert of its own and not in the digest."""

Houses = Callable[..., House]


def arrived(visit: str, at: datetime, source: str = "kiosk") -> Event:
    return Event(source, "visit", visit, "arrived", at)


def verdicts(house: House) -> dict[tuple[str, str], tuple[str, float]]:
    """(standard, visit) → (verdict, limit), after a graceful end."""
    house.stop()
    final = house.final_verdicts().items()
    return {(key[0], key[2]): (str(said["verdict"]), said["limit"]) for key, said in final}


# -- rules ---------------------------------------------------------------------------------------------


def test_an_open_promise_keeps_the_rules_it_began_under_and_a_new_one_has_the_new(house: Houses) -> None:
    one = house(RULES + FINISH, {"kiosk": KIOSK}).start()
    began = datetime.now(UTC)
    one.must_take(arrived("before", began - 20 * SECOND))
    one.rules = QUICKER  # and `finish` is gone
    assert one.reload() == 1
    now = datetime.now(UTC)
    one.must_take(arrived("after", now))
    one.must_take(Watermark("kiosk", now + 31 * SECOND))
    assert one.metric("standardsd_violations_total", standard="greet") == 1  # only the new promise is due
    one.must_take(Watermark("kiosk", now + 120 * SECOND))
    assert one.metric("standardsd_violations_total", standard="greet") == 2
    assert verdicts(one) == {
        ("greet", "before"): ("breached", 60.0),
        ("finish", "before"): ("breached", 60.0),
        ("greet", "after"): ("breached", 30.0),
    }


def test_an_open_promise_keeps_its_rules_through_a_kill_after_the_reload(house: Houses) -> None:
    one = house(RULES, {"kiosk": KIOSK}).start()
    began = datetime.now(UTC)
    one.must_take(arrived("before", began))
    one.rules = QUICKER
    assert one.reload() == 1
    one.kill()
    one.start()
    one.must_take(Watermark("kiosk", began + 59 * SECOND))
    assert one.metric("standardsd_open_promises", standard="greet") == 1
    one.must_take(Watermark("kiosk", began + 60 * SECOND))
    assert verdicts(one) == {("greet", "before"): ("breached", 60.0)}


def test_a_bad_reload_is_refused_with_all_its_errors_and_nothing_changes(house: Houses) -> None:
    one = house(RULES, {"kiosk": KIOSK}).start()
    good = one.metric("standardsd_reload_timestamp_seconds")
    one.rules = QUICKER.replace("half a minute\n    of: visit", "half a minute\n    off: visit").replace(
        "30s", "30 secs"
    )
    one.sources = {"kiosk": {**KIOSK, "use": "pusch"}, "other": {"use": "push", "colour": "blue"}}
    assert one.reload() == 0
    told = one.log[one.log.index("refused") :]
    for place, wrong in (
        ("rules.yaml:6:5", "off"),
        ("rules.yaml:8:23", "30 secs"),
        ("standardsd.yaml:", "pusch"),
        ("standardsd.yaml:26:4", "colour"),
    ):
        assert place in told, told
        assert wrong in told, told
    assert told.count("fix:") >= 4
    assert "Traceback" not in one.log
    assert one.metric("standardsd_reload_timestamp_seconds") == good
    now = datetime.now(UTC)
    one.must_take(arrived("v", now), Watermark("kiosk", now + 59 * SECOND))
    assert one.metric("standardsd_open_promises", standard="greet") == 1

    one.rules, one.sources = QUICKER, {"kiosk": KIOSK}
    assert one.reload() == 1
    reloaded = one.metric("standardsd_reload_timestamp_seconds")
    assert reloaded is not None
    assert good is not None
    assert good < reloaded <= datetime.now(UTC).timestamp()


def test_a_reload_that_fails_by_our_own_mistake_leaves_the_daemon_and_its_ears(house: Houses) -> None:
    """A folder in place of the definition is nothing we foresaw; whatever it leads to, the next SIGHUP works."""
    one = house(RULES, {"kiosk": KIOSK}).start()
    one.config.unlink()
    one.config.mkdir()
    one.send(signal.SIGHUP)
    until(lambda: one.metric("standardsd_reload_success") == 0, "the refusal")
    one.config.rmdir()
    one.rules = QUICKER
    assert one.reload() == 1
    one.must_take(arrived("v", datetime.now(UTC)))


# -- sources and tokens --------------------------------------------------------------------------------


def test_a_source_that_went_is_neither_heard_nor_waited_for(house: Houses) -> None:
    both = {"kiosk": KIOSK, "second": {**KIOSK}, "castle": SIMULATED}
    one = house(RULES, both).start()
    now = datetime.now(UTC)
    one.must_take(arrived("v", now - 90 * SECOND), Watermark("kiosk", now))
    until(lambda: one.metric("standardsd_readings_total", source="castle"), "a reading of the simulator")
    assert one.metric("standardsd_violations_total", site="inn") == 0  # the second kiosk may still say it
    one.sources = {"kiosk": KIOSK}
    assert one.reload() == 1
    assert one.metric("standardsd_violations_total", site="inn") == 1
    answer = one.post([arrived("w", now, "second")])
    assert (answer.status_code, answer.json()["error"]) == (400, "unknown_source")
    assert one.metric("standardsd_source_up", source="castle") is None
    taken = one.metric("standardsd_readings_total", source="castle")
    threading.Event().wait(0.5)
    assert one.metric("standardsd_readings_total", source="castle") == taken
    one.stop()
    with one.store() as store:
        assert ("visit", "w") not in store.known({("visit", "w")})


def test_a_new_source_and_a_new_token_are_taken_at_a_reload_and_an_old_token_no_more(house: Houses) -> None:
    one = house(RULES, {"kiosk": KIOSK}).start()
    now = datetime.now(UTC)
    assert one.post([arrived("v", now)], secret="new").status_code == 401
    one.sources = {"kiosk": KIOSK, "second": KIOSK}
    one.more["tokens"] = {"second": {"role": "ingest", "hash": hashed("new"), "sources": ["second"]}}
    assert one.reload() == 1
    one.must_take(arrived("v", now, "second"), secret="new")
    assert one.post([arrived("v", now)], secret="new").status_code == 403
    assert one.post([arrived("v", now)]).status_code == 401


def test_alertmanager_members_change_at_a_reload(house: Houses, member: FakeAlertmanager) -> None:
    second = FakeAlertmanager()
    now = datetime.now(UTC)
    outputs = {"alertmanager": {"members": [member.url]}}
    one = house(RULES, {"kiosk": KIOSK}, outputs=outputs, judge=LONG_AGO).start()
    one.must_take(arrived("v", now - 90 * SECOND), Watermark("kiosk", now))
    until(lambda: member.alerts("greet"), "the alert")
    one.more["outputs"] = {"alertmanager": {"members": [second.url]}}
    assert one.reload() == 1
    until(lambda: second.alerts("greet"), "what stands, told to the new member")
    one.stop()
    second.close()
    (first,), (again, *_) = member.alerts("greet"), second.alerts("greet")
    assert (first.labels, first.starts_at) == (again.labels, again.starts_at)


# -- starting ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "place", "fix"),
    [
        ({"outputz": {}}, "standardsd.yaml:", "fix:"),
        ({"listen": "everywhere"}, "standardsd.yaml:", "127.0.0.1:"),
        ({"rules": ["nowhere"]}, "nowhere", "fix:"),
        ({"sources": {"kiosk": {**KIOSK, "max_silence": "15 minutes"}}}, "standardsd.yaml:", "15m"),
    ],
    ids=["unknown key", "no address", "no such rules", "wrong unit"],
)
def test_a_wrong_configuration_ends_the_start_with_2_and_says_where(
    more: dict[str, Any], place: str, fix: str, house: Houses
) -> None:
    one = house(RULES, {"kiosk": KIOSK})
    one.more = more
    one.write()
    one.launch()
    assert one.ended() == 2
    assert place in one.log
    assert fix in one.log
    assert "Traceback" not in one.log
    assert not (one.folder / "data").exists(), "nothing is made before all is found right"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"STANDARDSD_LISTN": "127.0.0.1:0"}, "write STANDARDSD_LISTEN"),
        ({"STANDARDSD_LISTEN": "everywhere"}, "STANDARDSD_LISTEN"),
        ({"STANDARDSD_LOG_LEVEL": "loud"}, "STANDARDSD_LOG_LEVEL"),
        ({"STANDARDSD_FAILPOINT": "nowhere:1"}, "STANDARDSD_FAILPOINT"),
    ],
)
def test_a_mistyped_variable_ends_the_start_with_2_and_offers_the_right_one(
    environ: dict[str, str], said: str, house: Houses
) -> None:
    one = house(RULES, {"kiosk": KIOSK})
    one.write()
    one.launch(**environ)
    assert one.ended() == 2
    assert said in one.log
    assert "Traceback" not in one.log


def test_a_port_that_is_taken_ends_the_start_with_3(house: Houses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        one = house(RULES, {"kiosk": KIOSK}, listen=f"127.0.0.1:{port}")
        one.write()
        one.launch()
        assert one.ended() == 3
    assert f"127.0.0.1:{port}" in one.log
    assert "fix:" in one.log
    assert "Traceback" not in one.log
    one.start()  # what it had opened was closed again


def test_a_second_daemon_on_the_same_store_ends_with_3_and_the_first_goes_on(house: Houses) -> None:
    first = house(RULES, {"kiosk": KIOSK}).start()
    second = house(RULES, {"kiosk": KIOSK}, data=str(first.folder / "data"))
    second.write()
    second.launch()
    assert second.ended() == 3
    assert "standardsd.sqlite" in second.log
    assert "fix:" in second.log
    assert "Traceback" not in second.log
    first.must_take(arrived("v", datetime.now(UTC)))


def test_settings_of_the_machine_beat_the_configuration_file(house: Houses) -> None:
    one = house(RULES, {"kiosk": KIOSK}, listen="127.0.0.1:1", data="nowhere")
    one.start(STANDARDSD_LISTEN="127.0.0.1:0", STANDARDSD_DATA=str(one.folder / "elsewhere"))
    one.stop()
    assert (one.folder / "elsewhere" / "standardsd.sqlite").exists()
    assert not (one.folder / "nowhere").exists()


# -- ending --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_two_seconds_whatever_hangs(
    sign: signal.Signals, house: Houses, member: FakeAlertmanager
) -> None:
    """A wallboard that watches, a sender in the middle of a body, a member that never answers, a simulator."""
    member.mood = "hung"
    outputs = {"alertmanager": {"members": [member.url]}}
    one = house(RULES, {"kiosk": KIOSK, "castle": SIMULATED}, outputs=outputs, judge=LONG_AGO).start()
    now = datetime.now(UTC)
    one.must_take(arrived("v", now - 90 * SECOND), Watermark("kiosk", now))
    host, port = one.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as half, httpx.Client(timeout=30) as client:
        half.sendall(
            b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer kiosk-secret\r\n"
            b'Content-Length: 1000\r\n\r\n{"type":"event","source":"kiosk"'
        )
        with client.stream("GET", f"{one.url}/events") as stream:
            pieces = stream.iter_raw()
            assert b"retry" in next(pieces)
            assert one.stop(sign) < END_SECONDS_MAX
            rest = b"".join(pieces)  # the stream was ended, not torn
            assert b"event: board" in rest
    assert "Traceback" not in one.log
    member.mood = "well"
    one.start()
    until(lambda: member.alerts("greet"), "the alert that the hung member never took")


@pytest.mark.parametrize("after", [0.2, 1.5])
def test_it_ends_within_two_seconds_while_another_program_holds_the_store(
    after: float, house: Houses
) -> None:
    """The sender hears that nothing was taken, sends again after the start, and it counts once."""
    one = house(RULES, {"kiosk": KIOSK}).start()
    other = sqlite3.connect(one.folder / "data" / "standardsd.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    now = datetime.now(UTC)
    body = [arrived("v", now - 90 * SECOND), Watermark("kiosk", now)]
    answers: list[int] = []
    sending = threading.Thread(target=lambda: answers.append(one.post(body, key="k").status_code))
    sending.start()
    threading.Event().wait(after)
    assert one.stop() < END_SECONDS_MAX
    sending.join()
    other.close()
    assert answers == [503]
    assert "Traceback" not in one.log
    one.start()
    answer = one.post(body, key="k").json()
    assert (answer["accepted"], answer["duplicate"]) == (2, False)
    assert verdicts(one) == {("greet", "v"): ("breached", 60.0)}


def test_it_ends_while_it_starts(house: Houses) -> None:
    """A signal in the first moments is not lost: between the signal's handler and the first look nothing waits."""
    one = house(RULES, {"kiosk": KIOSK})
    one.write()
    one.launch()
    until(lambda: (one.folder / "data").exists() or not one.running(), "the first sign of life")
    one.send(signal.SIGTERM)
    assert one.ended() in (0, -signal.SIGTERM)
    one.start()
