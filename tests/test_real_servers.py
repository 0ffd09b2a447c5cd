"""The helpers of ``tests/real.py`` do what other tests rely on."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import real


def test_a_missing_program_skips_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_REAL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs the real no-such-program"):
        real.need("no-such-program")


def test_a_missing_program_fails_where_real_ones_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_REAL", "1")
    with pytest.raises(pytest.fail.Exception, match="no-such-program, and REQUIRE_REAL=1 forbids to skip"):
        real.need("no-such-program")


@pytest.mark.real
def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(real.DidNotStart, match=r"(?s)alertmanager ended with 1\n.*no route"),
        real.alertmanager(tmp_path, config="receivers: [{name: nobody}]\n"),
    ):
        pass


@pytest.mark.real
def test_prometheus_runs_while_the_block_does_and_not_after(tmp_path: Path) -> None:
    with real.prometheus(tmp_path, scrapes=["127.0.0.1:1"]) as server:
        targets: list[str] = []

        def scraped() -> bool:
            active = server.get("/api/v1/targets")["data"]["activeTargets"]
            targets[:] = [target["scrapeUrl"] for target in active]
            return bool(targets)

        real.wait_until(scraped, what="the first scrape")
        assert targets == ["http://127.0.0.1:1/metrics"]
    assert server.process.poll() is not None
    assert not server.answers()


@pytest.mark.real
def test_alertmanager_posts_what_it_is_told_to_the_webhook(tmp_path: Path) -> None:
    heard: list[dict[str, object]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet: pytest shows what matters."""

    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    now = datetime.now(UTC)
    alert = {
        "labels": {"alertname": "greet-within-60s", "site": "grand-budapest"},
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(minutes=5)).isoformat(),
    }
    try:
        with real.alertmanager(tmp_path, webhook=f"http://127.0.0.1:{receiver.server_port}/") as server:
            request = urllib.request.Request(
                server.url + "/api/v2/alerts",
                data=json.dumps([alert]).encode(),
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.status == 200
            real.wait_until(lambda: bool(heard), seconds_max=10, what="a notification")
    finally:
        receiver.shutdown()
        receiver.server_close()
    assert heard[0]["commonLabels"] == {"alertname": "greet-within-60s", "site": "grand-budapest"}


@pytest.mark.real
def test_promtool_tells_clean_metrics_from_others() -> None:
    clean = "# HELP a_total How many.\n# TYPE a_total counter\na_total 1\n"
    assert real.promtool("check", "metrics", stdin=clean).returncode == 0
    without_help = real.promtool("check", "metrics", stdin="# TYPE a_total counter\na_total 1\n")
    assert without_help.returncode != 0
    assert "no help text" in without_help.stderr
