"""A real promtool finds nothing to say, and a real Prometheus gives back what was exposed."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from standardsd.metrics.exposition import Exposition
from standardsd.metrics.text import Format
from tests import real
from tests.metrics.parts import BOOK, FIGURES, OPENMETRICS, WHOLE

pytestmark = pytest.mark.real

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def test_promtool_finds_nothing_to_say_of_names_types_and_help() -> None:
    body = Exposition().render(WHOLE, BOOK, FIGURES).body.decode()
    said = real.promtool("check", "metrics", stdin=body)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@contextmanager
def served(accepted: list[str], formats: list[str], *, only: str | None = None) -> Iterator[str]:
    """``/metrics`` on loopback, as the daemon answers it; ``only``: an Accept header put in place of theirs."""
    exposition = Exposition()

    class Metrics(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            accept = self.headers.get("Accept", "")
            exposed = exposition.render(WHOLE, BOOK, FIGURES, accept if only is None else only)
            accepted.append(accept)
            formats.append(exposed.content_type)
            self.send_response(200)
            self.send_header("Content-Type", exposed.content_type)
            self.send_header("Content-Length", str(len(exposed.body)))
            self.end_headers()
            self.wfile.write(exposed.body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet: pytest shows what matters."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def exposed_series() -> Series:
    body = Exposition().render(WHOLE, BOOK, FIGURES).body.decode()
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(body)
        for one in family.samples
        if one.name.startswith("standardsd_")
    }


def scraped_series(server: real.Server) -> Series:
    query = urllib.parse.urlencode({"query": '{__name__=~"standardsd_.+"}'})
    found: Series = {}
    for one in server.get(f"/api/v1/query?{query}")["data"]["result"]:
        labels = {name: value for name, value in one["metric"].items() if name not in ("job", "instance")}
        found[labels.pop("__name__"), frozenset(labels.items())] = float(one["value"][1])
    return found


@pytest.mark.parametrize(("only", "format"), [(None, Format.OPENMETRICS), ("text/plain", Format.PLAIN)])
def test_a_real_prometheus_returns_every_value_as_it_was(
    tmp_path: Path, only: str | None, format: Format
) -> None:
    """By its own Accept header it gets OpenMetrics; the plain format is read to the same end."""
    accepted: list[str] = []
    formats: list[str] = []
    expected = exposed_series()
    with (
        served(accepted, formats, only=only) as target,
        real.prometheus(tmp_path, scrapes=[target], every="1s") as server,
    ):
        real.wait_until(lambda: len(scraped_series(server)) >= len(expected), what="the first scrape")
        assert scraped_series(server) == expected
        (health,) = {one["health"] for one in server.get("/api/v1/targets")["data"]["activeTargets"]}
        metadata = server.get("/api/v1/metadata")["data"]
    assert health == "up"
    assert set(formats) == {format.value}
    assert accepted[0].startswith("application/openmetrics-text")
    counter = "standardsd_verdicts" if only is None else "standardsd_verdicts_total"
    assert metadata.get(counter, metadata.get("standardsd_verdicts_total"))[0]["type"] == "counter"
    assert json.dumps(metadata["standardsd_measure_seconds"][0]["type"]) == '"histogram"'


def test_openmetrics_as_prometheus_asks_for_it_is_what_our_own_test_asks_for(tmp_path: Path) -> None:
    """So that the tests without a Prometheus walk the same path."""
    accepted: list[str] = []
    formats: list[str] = []
    with served(accepted, formats) as target, real.prometheus(tmp_path, scrapes=[target], every="1s"):
        real.wait_until(lambda: bool(accepted), what="the first scrape")
    assert accepted[0].split(",")[0] == OPENMETRICS.split(",")[0]
