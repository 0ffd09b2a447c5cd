"""Readings in at one end; at the other a real Alertmanager's webhook and a real Prometheus' answers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from standardsd.mapping.ndjson import write_line
from standardsd.model.reading import Event, Reading
from standardsd.store.entries import ReadingsInput
from tests import real
from tests.daemon.harness import House, until

pytestmark = pytest.mark.real

DEPLOYED = Path(__file__).parents[2] / "deploy" / "alertmanager" / "alertmanager.yml"

LIMIT = timedelta(seconds=2)
DELAY = timedelta(seconds=1)
AFTER_DUE_MAX = timedelta(seconds=3)
"""From due + delay to the webhook; 10 ms on a quiet machine."""

RULES = """\
version: 1
set: hotel
defaults: {by: [site], objective: {at_least: 90%, over: 24h, min_count: 2}}
standards:
  - id: greet
    title: Arriving guests are greeted within two seconds
    of: visit
    measure: {from: arrived, to: greeted}
    promise: {within: 2s}
    severity: critical
    runbook: https://example.org/greet
    alert: {on: [breach, objective], keep_firing_for: 1s}
  - id: check-in
    title: Guests are checked in within ten minutes
    of: visit
    measure: {from: greeted, to: checked_in}
    promise: {within: 10m}
"""
SITES = {"castle": {"title": "Castle", "timezone": "UTC"}, "spa": {"title": "Spa", "timezone": "UTC"}}
KIOSK = {
    "use": "push",
    "watermark": {"kind": "receipt", "delay": "1s"},
    "yields": {"visit": ["arrived", "greeted", "checked_in", "left"]},
}
MORE = {"sites": SITES, "judge": {"judge_from": "2025-01-01T00:00:00Z"}}


def happened(visit: str, event: str, at: datetime, site: str = "castle") -> Event:
    return Event("kiosk", "visit", visit, event, at, labels={"site": site})


class Webhook:
    """Who is paged: every alert of every notification, with the instant at which it came."""

    def __init__(self) -> None:
        self.heard: list[tuple[datetime, dict[str, Any]]] = []
        heard = self.heard

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                heard.extend((datetime.now(UTC), alert) for alert in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def of(self, alertname: str, condition: str, status: str) -> list[tuple[datetime, dict[str, Any]]]:
        return [
            (at, alert)
            for at, alert in self.heard
            if (alert["labels"]["alertname"], alert["labels"].get("condition")) == (alertname, condition)
            and alert["status"] == status
        ]


@contextmanager
def paged(folder: Path) -> Iterator[tuple[Webhook, real.Server]]:
    """A real Alertmanager with the shipped route, but for the receiver and a shorter group interval."""
    webhook = Webhook()
    url = f"http://127.0.0.1:{webhook.server.server_port}/"
    shipped = DEPLOYED.read_text().replace("group_interval: 10s", "group_interval: 1s")
    with real.alertmanager(folder, config=shipped.replace("http://127.0.0.1:9465/", url)) as member:
        yield webhook, member
    webhook.server.shutdown()
    webhook.server.server_close()


def test_a_breach_is_paged_at_due_without_a_further_reading_and_its_end_as_well(
    house: Callable[..., House], tmp_path: Path
) -> None:
    with paged(tmp_path / "alertmanager") as (webhook, member):
        outputs = {"alertmanager": {"members": [member.url], "resend": "1s"}}
        one = house(RULES, {"kiosk": KIOSK}, **MORE, outputs=outputs, url="http://desk.example").start()
        began = datetime.now(UTC)
        one.must_take(happened("slow", "arrived", began))
        until(lambda: webhook.of("greet", "breach", "firing"), "the page")
        at, alert = webhook.of("greet", "breach", "firing")[0]
        assert timedelta(0) <= at - (began + LIMIT + DELAY) < AFTER_DUE_MAX
        assert alert["labels"] == {
            "alertname": "greet", "condition": "breach", "severity": "critical", "site": "castle",
            "source": "standardsd",
        }  # fmt: skip
        notes = alert["annotations"]
        assert notes.keys() >= {"summary", "description", "runbook_url", "dashboard_url", "since", "count"}
        assert notes["runbook_url"] == "https://example.org/greet"
        assert notes["count"] == "1"
        assert datetime.fromisoformat(notes["oldest"]) == began
        assert notes["dashboard_url"].startswith("http://desk.example")
        assert alert["generatorURL"].startswith("http://desk.example")
        time.sleep(2.5)  # longer than any re-send: it goes on firing, and nobody is paged again
        assert len(webhook.of("greet", "breach", "firing")) == 1
        assert webhook.of("greet", "breach", "resolved") == []

        one.must_take(happened("slow", "greeted", datetime.now(UTC)))
        until(lambda: webhook.of("greet", "breach", "resolved"), "the end of the alert")
        _, ended = webhook.of("greet", "breach", "resolved")[0]
        assert ended["labels"] == alert["labels"]
        assert ended["startsAt"] == alert["startsAt"]
        assert ended["annotations"]["since"] == notes["since"]
        assert ended["annotations"].keys() >= {"summary", "description", "runbook_url", "dashboard_url"}


def test_a_kill_between_breach_and_greeting_pages_nobody_twice(
    house: Callable[..., House], tmp_path: Path
) -> None:
    with paged(tmp_path / "alertmanager") as (webhook, member):
        outputs = {"alertmanager": {"members": [member.url], "resend": "1s"}}
        one = house(RULES, {"kiosk": KIOSK}, **MORE, outputs=outputs).start()
        one.must_take(happened("slow", "arrived", datetime.now(UTC) - LIMIT))
        until(lambda: webhook.of("greet", "breach", "firing"), "the page")
        for _ in range(2):
            one.kill()
            one.start()
        time.sleep(2.0)
        one.must_take(happened("slow", "greeted", datetime.now(UTC)))
        until(lambda: webhook.of("greet", "breach", "resolved"), "the end of the alert")
        pages = webhook.of("greet", "breach", "firing")
        assert len(pages) == 1
        assert webhook.of("greet", "breach", "resolved")[0][1]["startsAt"] == pages[0][1]["startsAt"]


# -- Prometheus ----------------------------------------------------------------------------------------

Series = dict[tuple[str, ...], float]
"""Values of some labels → value."""


def asked(server: real.Server, query: str, *labels: str) -> Series:
    """What Prometheus answers to an instant query."""
    answer = server.get("/api/v1/query?" + urllib.parse.urlencode({"query": query}))
    assert answer["status"] == "success", answer
    return {
        tuple(one["metric"].get(name, "") for name in labels): float(one["value"][1])
        for one in answer["data"]["result"]
    }


def judged(house: House) -> list[dict[str, Any]]:
    """What `standardsd judge` says of the readings in the journal, in their order."""
    with house.store() as store:
        heard = [row.input.readings for row in store.journal() if isinstance(row.input, ReadingsInput)]
    readings = house.folder / "readings.ndjson"
    readings.write_bytes(b"".join(write_line(reading) for batch in heard for reading in batch))
    said = subprocess.run(
        [sys.executable, "-c", "from standardsd.cli import main; main()", "judge", "--rules", "rules.yaml",
         "--readings", str(readings), "--config", str(house.config)],
        cwd=house.folder, capture_output=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in said.stdout.splitlines()]


def expected(lines: list[dict[str, Any]]) -> dict[str, Series]:
    """Counted by hand: first words, words that broke a promise, shares over the last words."""
    verdicts: Counter[tuple[str, ...]] = Counter()
    violations: Counter[tuple[str, ...]] = Counter()
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in lines:
        if line["type"] not in ("verdict", "amendment", "final"):
            continue
        occurrence = (line["standard"], line["id"], line["occurrence"])
        site = line["labels"].get("site", "")
        if line["type"] == "verdict":
            verdicts[line["standard"], site, line["verdict"]] += 1
        was = last.get(occurrence, {}).get("verdict")
        violations[line["standard"], site] += line["verdict"] == "breached" != was
        last[occurrence] = line
    met, counted = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for line in last.values():
        group = (line["standard"], line["labels"].get("site", ""))
        met[group] += line["verdict"] == "met"
        counted[group] += line["verdict"] in ("met", "breached")
    measured = Counter(
        (line["standard"], line["labels"]["site"]) for line in last.values() if line["measured"] is not None
    )
    return {
        "verdicts": {key: float(count) for key, count in verdicts.items()},
        "violations": {key: float(count) for key, count in violations.items()},
        "kept": {group: met[group] / count for group, count in counted.items() if count >= 2},
        "measured": {group: float(count) for group, count in measured.items()},
    }


def story(now: datetime) -> list[Reading]:
    """Two sites' morning, one reading a POST, as `judge` takes them; some still wait to be checked in."""
    seconds = timedelta(seconds=1)
    sent: list[Reading] = []
    for n, (site, waited) in enumerate(
        [("castle", 1), ("castle", 2), ("castle", 3), ("spa", 1), ("spa", 1), ("spa", 2), ("castle", 1)]
    ):
        at = now - timedelta(minutes=5) + n * seconds
        sent.append(happened(f"{site}-{n}", "arrived", at, site))
        sent.append(happened(f"{site}-{n}", "greeted", at + waited * seconds, site))
        if n < 4:
            sent.append(happened(f"{site}-{n}", "checked_in", at + 90 * seconds, site))
    # A guest whose clock runs ahead: nobody has waited for so long yet when the word comes that he left.
    sent.append(happened("gone", "arrived", now + 30 * seconds, "spa"))
    sent.append(happened("gone", "left", now + 31 * seconds, "spa"))
    sent.append(happened("never", "arrived", now - 50 * seconds, "spa"))
    return sent


def test_prometheus_returns_what_the_judge_alone_says_of_the_same_readings(
    house: Callable[..., House], tmp_path: Path
) -> None:
    one = house(RULES, {"kiosk": KIOSK}, **MORE).start()
    with real.prometheus(tmp_path / "prometheus", scrapes=[one.url.removeprefix("http://")]) as server:
        until(lambda: asked(server, "standardsd_violations_total"), "the first scrape")
        assert set(asked(server, "standardsd_violations_total").values()) == {0.0}, "totals start at 0"
        for reading in story(datetime.now(UTC)):
            one.must_take(reading)
        until(lambda: one.metric("standardsd_overdue_promises") == 0, "the last breach")
        # A late reading: the guest who was never greeted had been greeted in time.
        late = datetime.now(UTC) - timedelta(seconds=49)
        one.must_take(happened("never", "greeted", late, "spa"))
        quiet = time.time()
        until(
            lambda: asked(server, "min(timestamp(standardsd_violations_total))").get((), 0) > quiet + 1,
            "a scrape after the last reading",
        )
        group = ("standard", "site")
        answers = {
            "verdicts": asked(server, "standardsd_verdicts_total > 0", *group, "verdict"),
            "violations": asked(server, "standardsd_violations_total > 0", *group),
            "kept": asked(server, "standardsd_kept_ratio", *group),
            "measured": asked(server, "standardsd_measure_seconds_count > 0", *group),
            "amended": asked(server, "sum(standardsd_amendments_total)"),
            "open": asked(server, "standardsd_open_promises > 0", *group),
            "target": asked(server, "standardsd_target_ratio", "standard"),
            "broken": asked(server, 'standardsd_standard_state{state="broken"} > 0', *group),
            "grew": asked(server, 'increase(standardsd_violations_total{site="castle"}[1m]) > 0', *group),
        }
        said = real.promtool("check", "metrics", stdin=one.metrics_text())
        assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    one.stop()
    lines = judged(one)
    alone = expected(lines)
    assert answers["verdicts"] == alone["verdicts"]
    assert answers["violations"] == {key: n for key, n in alone["violations"].items() if n}
    assert answers["kept"] == pytest.approx(alone["kept"])
    assert answers["measured"] == alone["measured"]
    assert answers["amended"] == {(): float(sum(line["type"] == "amendment" for line in lines))}
    assert answers["open"] == {("check-in", "castle"): 1.0, ("check-in", "spa"): 3.0}
    assert answers["target"] == {("greet",): 0.9, ("check-in",): 0.9}
    assert ("greet", "castle") in answers["broken"]
    assert ("greet", "castle") in answers["grew"], "the first violation must be seen by increase()"
    assert {key[2] for key in alone["verdicts"]} == {"met", "breached", "excluded"}
    assert answers["amended"][()] >= 1
