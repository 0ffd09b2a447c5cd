"""`standardsd exporters`: list, show and try, as a user runs them."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from standardsd.cli import build
from standardsd.mapping.ami_replay import BadChunks, read_chunks
from standardsd.mapping.ndjson import read_lines, write_line
from tests.asterisk.fake_pbx import FakePbx, script
from tests.asterisk.recorded import chunks, definition, played, recording

RUN = CliRunner()
PROGRAM = str(Path(sys.executable).with_name("standardsd"))


def run(*arguments: str) -> tuple[int, str, str]:
    result = RUN.invoke(build(), ["exporters", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "ami.log"
    path.write_bytes(recording("faults", "ami"))
    return path


@pytest.fixture
def timing(tmp_path: Path) -> Path:
    path = tmp_path / "ami.chunks.jsonl"
    path.write_text("".join(json.dumps(_line(chunk)) + "\n" for chunk in chunks("faults", "ami")))
    return path


def _line(chunk: object) -> dict[str, object]:
    fields = {name: getattr(chunk, name) for name in ("t", "off", "len", "mark")}
    return {name: value for name, value in fields.items() if value is not None}


def test_list_names_every_shipped_definition_with_how_it_is_known() -> None:
    code, out, _ = run("list")
    assert code == 0
    assert "phone/asterisk" in out and "recorded" in out and "ami" in out


def test_show_tells_messages_settings_and_rights() -> None:
    code, out, _ = run("show", "asterisk")
    assert code == 0
    assert "Event: AgentConnect" in out and "-> answered" in out
    assert all(setting.name in out and setting.doc in out for setting in definition().settings)
    assert "read = agent,call,system" in out and "timestampevents = yes" in out


def test_an_unknown_name_offers_the_nearest() -> None:
    for command in (("show",), ("try",)):
        code, out, err = run(*command, "asterix")
        assert (code, out) == (2, "") and "fix: write asterisk" in err


@pytest.mark.parametrize("packed", [False, True])
def test_a_recording_gives_the_same_readings_as_live(log: Path, timing: Path, packed: bool) -> None:
    if packed:
        for path in (log, timing):
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        log, timing = log.with_name(log.name + ".gz"), timing.with_name(timing.name + ".gz")
    for arguments, timed in ((("--chunks", str(timing)), chunks("faults", "ami")), ((), None)):
        code, out, err = run("try", "asterisk", "--replay", str(log), *arguments, "--ndjson")
        assert (code, err) == (0, "")
        expected = played(recording("faults", "ami"), timed, source="asterisk")
        assert out.encode() == b"".join(map(write_line, expected))


def test_what_try_prints_is_what_judge_reads(log: Path) -> None:
    _, out, _ = run(
        "try", "asterisk", "--replay", str(log), "--ndjson", "--source", "north", "--label", "site=grand"
    )
    readings, errors = read_lines(out.encode())
    assert errors == [] and len(readings) > 80
    assert {reading.source for reading in readings} == {"north"}
    rules = Path(__file__).parent / "phones.yaml"
    piped = subprocess.run(
        [PROGRAM, "judge", "--rules", str(rules), "--readings", "-"],
        input=out.encode(), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert piped.returncode == 0, piped.stderr.decode()
    verdicts = [json.loads(line) for line in piped.stdout.splitlines()]
    assert {"met", "breached", "excluded"} <= {line.get("verdict") for line in verdicts}


def test_without_ndjson_a_line_for_people(log: Path) -> None:
    code, out, _ = run("try", "asterisk", "--replay", str(log))
    assert code == 0
    assert "answered" in out and "queue=reservations" in out and "nothing seen since" in out
    assert "2025550" not in out, "no number of a caller"


def test_a_stream_without_stamps_or_chunks_is_refused_and_says_what_to_do(log: Path, timing: Path) -> None:
    kept = []
    for block in log.read_bytes().split(b"\r\n\r\n"):
        lines = block.split(b"\r\n")
        ping = any(line.startswith(b"Ping:") for line in lines)
        kept.append(b"\r\n".join(line for line in lines if ping or not line.startswith(b"Timestamp:")))
    log.write_bytes(b"\r\n\r\n".join(kept))
    code, out, err = run("try", "asterisk", "--replay", str(log), "--ndjson")
    assert (code, out) == (2, "")
    assert "has no Timestamp" in err and "timestampevents=yes" in err and "--chunks" in err
    # With times of receipt the very same stream is played.
    whole = log.read_bytes()
    timing.write_text(json.dumps({"t": 1795289700.5, "off": 0, "len": len(whole)}) + "\n")
    code, out, _ = run("try", "asterisk", "--replay", str(log), "--chunks", str(timing), "--ndjson")
    assert code == 0 and '"event":"queued"' in out


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['{"t": 1, "off": 0, "len": 5}'], "the chunks end at byte 5, the recording has 10"),
        (['{"t": 1, "off": 5, "len": 5}'], "line 1"),  # a hole
        (['{"t": 1, "off": 0, "len": 11}'], "line 1"),  # beyond the end
        (['{"t": 2, "off": 0, "len": 5}', '{"t": 1, "off": 5, "len": 5}'], "line 2: t goes back"),
        (['{"t": 1, "off": 0, "len": 10, "mark": "lunch"}'], "line 1"),
        (['{"off": 0, "len": 10}'], "line 1"),
        (["what"], "line 1"),
        (['{"t": -1, "off": 0, "len": 10}'], "line 1: t is not a time"),
        (['{"t": 1e300, "off": 0, "len": 10}'], "line 1: t is not a time"),
        (['{"t": 1, "off": 0, "len": -10}'], "line 1"),
    ],
)
def test_chunks_that_do_not_fit_are_told_by_line(lines: list[str], told: str) -> None:
    with pytest.raises(BadChunks, match=told):
        read_chunks([line.encode() for line in lines], 10)


def test_a_mark_in_the_chunks_is_a_gap(log: Path, timing: Path) -> None:
    _, out, _ = run("try", "asterisk", "--replay", str(log), "--chunks", str(timing), "--ndjson")
    assert sum(json.loads(line)["type"] == "gap" for line in out.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--replay", "nowhere.log"], "No such file"),
        (["--chunks", "x.jsonl"], "--chunks without --replay"),
        (["--set", "hots=pbx"], "fix: write host"),
        (["--set", "host"], "has no value"),
        (["--set", "host=x", "--set", "username=x", "--set", "ping_every=5"], "fix: write 5s"),
        (["--set", "host=x", "--set", "username=x"], "secret_file"),
        ([], "asterisk needs host: name or address of the PBX"),
        (["--for", "soon"], "--for"),
    ],
)
def test_bad_usage_is_exit_2_and_says_what_to_write(arguments: list[str], told: str) -> None:
    code, out, err = run("try", "asterisk", *arguments)
    assert (code, out) == (2, "") and told in err and "fix:" in err


def test_a_broken_gzip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ami.log.gz"
    path.write_bytes(gzip.compress(b"Event: x\r\n\r\n" * 100)[:-12])
    code, _, err = run("try", "asterisk", "--replay", str(path))
    assert code == 2 and "gzip" in err


def test_bytes_that_are_no_messages_are_counted_with_their_place(log: Path) -> None:
    whole = log.read_bytes()
    log.write_bytes(whole + b"Event: Half\r\nQueue: a")
    code, _, err = run("try", "asterisk", "--replay", str(log))
    assert code == 0 and f"rejected: byte {len(whole)}: cut" in err


async def _try_live(port: int, *more: str) -> tuple[int, str, str]:
    command = [PROGRAM, "exporters", "try", "asterisk", "--set", "host=127.0.0.1"]
    command += ["--set", f"port={port}", "--set", "username=standardsd", *more]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_live_readings_are_printed_as_they_come_and_the_time_ends_it(tmp_path: Path) -> None:
    (tmp_path / "ami.secret").write_text("quiet\n")
    pbx = FakePbx(script(recording("calls", "ami"), chunks("calls", "ami")))
    async with pbx.run() as port:
        settings = ("--set", f"secret_file={tmp_path}/ami.secret", "--for", "4s", "--ndjson")
        code, out, err = await _try_live(port, *settings)
    assert (code, err) == (0, "")
    readings, errors = read_lines(out.encode())
    assert errors == [] and len(readings) > 150


async def test_a_pbx_that_lets_us_not_in_is_exit_3() -> None:
    pbx = FakePbx(script(recording("calls", "ami"), chunks("calls", "ami")))
    async with pbx.run() as port:
        code, out, err = await _try_live(port, "--set", "secret=wrong", "--for", "1s")
    assert (code, out) == (3, "")
    assert "Authentication failed" in err and "wrong" not in err
