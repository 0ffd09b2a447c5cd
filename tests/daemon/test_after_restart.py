"""What a restart and a reload must not forget, told by walking the daemon as an operator does."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from standardsd.model.reading import Event
from tests.daemon.harness import FakeAlertmanager, House, until

RULES = """\
version: 1
set: door
standards:
  - id: greet
    title: Arriving guests are greeted at once
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 4s}
    alert: {on: [breach]}
"""
RECEIPT = {"kind": "receipt", "delay": "0s"}
KIOSK = {"use": "push", "watermark": RECEIPT, "labels": {"site": "inn"}}
Houses = Callable[..., House]


def test_an_open_promise_of_a_pushed_source_is_judged_at_due_after_a_kill_without_a_further_word(
    house: Houses,
) -> None:
    one = house(RULES, {"kiosk": KIOSK}).start()
    one.must_take(Event("kiosk", "visit", "1", "arrived", datetime.now(UTC)))
    one.kill()
    one.start()
    until(lambda: one.metric("standardsd_violations_total", standard="greet") == 1, "the breach")
    one.stop()


def test_a_breach_that_was_spoken_stands_when_a_source_is_added(house: Houses) -> None:
    one = house(RULES, {"kiosk": KIOSK}).start()
    one.must_take(Event("kiosk", "visit", "1", "arrived", datetime.now(UTC) - timedelta(seconds=3)))
    until(lambda: one.metric("standardsd_violations_total", standard="greet") == 1, "the breach")
    one.sources = {"kiosk": KIOSK, "camera": KIOSK}
    assert one.reload() == 1
    time.sleep(0.3)  # a page about nothing would come at once
    assert one.metric("standardsd_amendments_total", standard="greet") == 0
    assert one.metric("standardsd_alerts", alertname="greet", state="firing") == 1
    one.stop()


def test_a_receipt_watermark_is_there_from_the_first_word_on_and_refuses_what_is_too_late(
    house: Houses,
) -> None:
    one = house(RULES, {"kiosk": KIOSK}).start()
    now = datetime.now(UTC)
    one.must_take(Event("kiosk", "visit", "1", "arrived", now))
    mark = "standardsd_source_watermark_timestamp_seconds"
    until(lambda: (one.metric(mark, source="kiosk") or 0) >= now.timestamp(), "a watermark")
    answer = one.post([Event("kiosk", "visit", "2", "arrived", now - timedelta(days=20))]).json()
    assert (answer["accepted"], [r["reason"] for r in answer["refused"]]) == (0, ["too_late"])
    one.stop()


def test_a_stranger_without_a_token_makes_no_source(house: Houses) -> None:
    one = house(RULES, {"kiosk": KIOSK}).start()
    assert one.post(b"x", secret="guessed").status_code == 401
    assert one.metric("standardsd_readings_rejected_total", source="push") == 1
    assert one.metric("standardsd_source_up", source="push") is None
    assert one.metric("standardsd_readings_total", source="push") is None
    one.stop()


def test_a_wrong_setting_is_told_without_the_secret_beside_it(house: Houses) -> None:
    pbx = {"use": "asterisk", "settings": {"host": "h", "username": "u", "secret": "hunter3", "auth": "md4"}}
    one = house(RULES, {"pbx": pbx})
    one.write()
    one.config.write_text(one.config.read_text().replace("\n", " "))  # one line, so that both stand in it
    one.launch()
    assert one.ended() == 2
    assert "md4" in one.log or "auth" in one.log
    assert "hunter3" not in one.log


def test_what_was_broken_before_the_first_start_is_one_alert_for_all(house: Houses) -> None:
    listener = FakeAlertmanager()
    outputs = {"alertmanager": {"members": [listener.url], "resend": "1s"}}
    one = house(
        RULES.replace("    of: visit\n", "    of: visit\n    by: [desk]\n"), {"kiosk": KIOSK}, outputs=outputs
    )
    one.start()
    old = datetime.now(UTC) - timedelta(hours=1)
    one.must_take(
        *(Event("kiosk", "visit", str(n), "arrived", old, labels={"desk": str(n)}) for n in range(5))
    )
    until(lambda: one.metric("standardsd_violations_total", standard="greet") == 5, "the breaches")
    until(lambda: listener.alerts("AlreadyBroken"), "the digest")
    (told,) = {
        (t.annotations["count"], t.annotations["summary"]) for t in listener.alerts("AlreadyBroken")[-1:]
    }
    assert told == ("5", "Promises were already broken when judging began")
    assert listener.alerts("greet") == []
    one.stop()
    listener.close()


def test_the_digest_is_told_when_it_is_known_and_ended_when_the_last_promise_is(house: Houses) -> None:
    """With an hour between two re-sends, whatever is told comes with the decision behind it."""
    listener = FakeAlertmanager()
    outputs = {"alertmanager": {"members": [listener.url], "resend": "1h"}}
    one = house(RULES, {"kiosk": KIOSK}, outputs=outputs)
    one.start()
    old = datetime.now(UTC) - timedelta(hours=1)
    one.must_take(*(Event("kiosk", "visit", str(n), "arrived", old) for n in range(3)))
    until(lambda: listener.alerts("AlreadyBroken"), "the digest", 10)
    (begun,) = listener.alerts("AlreadyBroken")
    assert (begun.annotations["count"], begun.ends_at > datetime.now(UTC).isoformat()) == ("3", True)

    def finished(number: int) -> Event:
        return Event("kiosk", "visit", str(number), "greeted", datetime.now(UTC))

    one.must_take(finished(0), finished(1))
    until(lambda: one.metric("standardsd_readings_total", reading="event") == 5, "two were finished")
    assert len(listener.alerts("AlreadyBroken")) == 1, "it stands as long as one is left"
    one.kill()  # what ended it must not be forgotten with the process that knew it
    one.start()
    one.must_take(finished(2))
    ended = until(
        lambda: [t for t in listener.alerts("AlreadyBroken") if t.ends_at <= datetime.now(UTC).isoformat()],
        "the end of the digest",
        10,
    )
    assert (ended[0].starts_at, ended[0].labels) == (begun.starts_at, begun.labels)
    one.stop()
    listener.close()


def test_everything_wrong_with_a_configuration_is_told_in_one_go(house: Houses) -> None:
    one = house(RULES.replace("4s", "4 sec"), {
        "a": {"use": "pusch"},
        "b": {"use": "push", "colour": "blue"},
        "c": {"use": "asterisk", "settings": {"host": "h", "username": "u", "port": "70000", "auth": "md4"}},
    }, listen="nonsense")  # fmt: skip
    one.write()
    one.launch()
    assert one.ended() == 2
    for wrong in ("'4 sec' is not", "'nonsense' is not", "'pusch'", "'colour'", "port: ", "'md4' is not"):
        assert wrong in one.log, f"{wrong} is not told:\n{one.log}"
    assert one.log.count("fix: ") >= 6
