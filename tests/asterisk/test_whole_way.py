"""The whole way: a PBX on the wire, the daemon as users run it, and what Prometheus would read."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.asterisk.fake_pbx import FakePbx, script
from tests.asterisk.recorded import chunks, recording, truth
from tests.asterisk.test_judged import WAITS, expected

PROGRAM = str(Path(sys.executable).with_name("standardsd"))
LINE = re.compile(r'standardsd_verdicts_total\{standard="([^"]+)",queue="([^"]+)",verdict="([^"]+)"\} (\d+)')

CONFIG = """\
version: 1
data: data
listen: 127.0.0.1:{listen}
rules: [{rules}]
sources:
  pbx1:
    use: asterisk
    labels: {{site: grand}}
    settings: {{host: 127.0.0.1, port: {port}, username: standardsd, secret_file: ami.secret, ping_every: 100ms}}
judge: {{judge_from: 2026-11-01T00:00:00Z}}
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _true() -> Counter[tuple[str, str, str]]:
    return Counter(
        (standard, visit.queue, str(expected(visit, limit)[0]))
        for visit in truth("calls")
        for standard, limit in WAITS.items()
    )


async def _verdicts(listen: int) -> Counter[tuple[str, str, str]]:
    async with httpx.AsyncClient() as client:
        try:
            text = (await client.get(f"http://127.0.0.1:{listen}/metrics")).text
        except httpx.TransportError:
            return Counter()  # not listening yet
    found = ((standard, queue, verdict, int(count)) for standard, queue, verdict, count in LINE.findall(text))
    return Counter({key[:3]: key[3] for key in found if key[0] in WAITS and key[3]})


@pytest.mark.slow
async def test_the_daemon_counts_the_verdicts_that_are_true_of_a_watched_pbx(tmp_path: Path) -> None:
    pbx = FakePbx(script(recording("calls", "ami"), chunks("calls", "ami")))
    listen = _free_port()
    (tmp_path / "ami.secret").write_text("quiet\n")
    rules = Path(__file__).parent / "phones.yaml"
    seen: Counter[tuple[str, str, str]] = Counter()
    async with pbx.run() as port:
        config = tmp_path / "standardsd.yaml"
        config.write_text(CONFIG.format(listen=listen, rules=rules, port=port))
        with (tmp_path / "said").open("wb") as said:
            daemon = await asyncio.create_subprocess_exec(
                PROGRAM, "run", "--config", str(config), stdout=said, stderr=said
            )
        try:
            async with asyncio.timeout(60):
                while (seen := await _verdicts(listen)) != _true() and daemon.returncode is None:
                    await asyncio.sleep(0.2)
        except TimeoutError:
            pass
        finally:
            if daemon.returncode is None:
                daemon.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(daemon.wait(), 10)
    assert seen == _true(), (tmp_path / "said").read_text()
    assert code == 0
    assert "quiet" not in (tmp_path / "said").read_text()
