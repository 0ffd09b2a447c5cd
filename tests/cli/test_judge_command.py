"""`standardsd judge`: decisions on standard output and nothing else; everything wrong on standard error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = str(Path(sys.executable).with_name("standardsd"))
RULES = """\
version: 1
set: door
standards:
  - id: greet
    title: Arriving guests are greeted within a minute
    of: visit
    where: {site: inn}
    measure: {from: arrived, to: greeted}
    promise: {within: 60s}
"""
ARRIVED = '{"type":"event","source":"kiosk","kind":"visit","id":"1","event":"arrived","at":"2026-03-02T10:00:00+01:00"}'
GREETED = ARRIVED.replace("arrived", "greeted").replace("10:00:00", "10:01:00.000001")
CONFIG = """\
version: 1
rules: [rules.yaml]
sources:
  kiosk:
    use: push
    watermark: {kind: explicit}
    map: {desk: {north: {site: inn}}}
"""


def judge(
    folder: Path, readings: str | bytes, *more: str, rules: str = RULES, **environ: str
) -> subprocess.CompletedProcess[str]:
    (folder / "rules.yaml").write_text(rules)
    (folder / "standardsd.yaml").write_text(CONFIG)
    given = readings if isinstance(readings, bytes) else readings.encode()
    (folder / "readings.ndjson").write_bytes(given)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STANDARDSD_")}
    return subprocess.run(
        [PROGRAM, "judge", "--rules", "rules.yaml", "--readings", "readings.ndjson", *more],
        cwd=folder, capture_output=True, text=True, timeout=60, env=clean | environ,
    )  # fmt: skip


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


AT_THE_INN = ARRIVED[:-1] + ',"labels":{"site":"inn"}}'


def test_a_breach_by_a_microsecond_is_said_in_full(tmp_path: Path) -> None:
    done = judge(tmp_path, f"{AT_THE_INN}\n\n{GREETED}\n", "--until", "2026-03-02T09:05:00Z")
    assert (done.returncode, done.stderr) == (0, "")
    said = [line for line in lines(done) if line["type"] in ("verdict", "final")]
    assert [line.pop("rules")[:7] for line in said] == ["sha256:"] * 2
    same = {
        "standard": "greet", "kind": "visit", "id": "1", "occurrence": 1, "verdict": "breached", "reason": None,
        "at": "2026-03-02T09:01:00Z", "start": "2026-03-02T09:00:00Z", "due": "2026-03-02T09:01:00Z",
        "late_from": None, "limit": 60.0, "labels": {"site": "inn"},
    }  # fmt: skip
    assert said == [
        {"type": "verdict", **same, "end": None, "measured": None},
        {"type": "final", **same, "end": "2026-03-02T09:01:00.000001Z", "measured": 60.000001},
    ]


def test_a_file_with_a_byte_order_mark_is_read_and_one_in_utf16_is_called_that(tmp_path: Path) -> None:
    text = f"{AT_THE_INN}\r\n{GREETED}\r\n"
    done = judge(tmp_path, b"\xef\xbb\xbf" + text.encode(), "--until", "2026-03-02T09:05:00Z")
    assert (done.returncode, done.stderr) == (0, "")
    done = judge(tmp_path, text.encode("utf-16"))
    assert done.returncode == 2
    assert (
        "readings.ndjson:1: the line is not UTF-8\n  fix: save or send the readings as UTF-8" in done.stderr
    )


def test_what_could_not_be_judged_is_told_with_what_to_add(tmp_path: Path) -> None:
    done = judge(tmp_path, f"{AT_THE_INN}\n{GREETED}\n")
    assert done.returncode == 0
    assert [line["type"] for line in lines(done) if line["type"] != "alert"] == []
    assert "1 promise past due and not judged" in done.stderr
    assert "add --until INSTANT" in done.stderr


def test_the_configuration_s_labels_count_as_in_the_daemon(tmp_path: Path) -> None:
    at_north = ARRIVED[:-1] + ',"labels":{"desk":"north"}}'
    until = ("--until", "2026-03-02T09:05:00Z")
    assert [x for x in lines(judge(tmp_path, at_north, *until)) if x["type"] == "verdict"] == []
    done = judge(tmp_path, at_north, *until, "--config", "standardsd.yaml")
    (said,) = [x for x in lines(done) if x["type"] == "verdict"]
    assert said["labels"] == {"desk": "north", "site": "inn"}


# readings → what standard error names
WRONG = [
    ('{"type":"evnt"}', "readings.ndjson:1: 'evnt' is not a type of reading"),
    (AT_THE_INN + "\n" + ARRIVED.replace("+01:00", ""), "readings.ndjson:2: "),
    (AT_THE_INN + "\n" + ARRIVED[:40], "readings.ndjson:2: "),
    (ARRIVED.replace("visit", "seance"), "readings.ndjson:1: "),
    (b"\xff\xfe{", "readings.ndjson:1: "),
]


@pytest.mark.parametrize(("readings", "told"), WRONG)
def test_invalid_input_ends_with_two_and_no_decision(
    tmp_path: Path, readings: str | bytes, told: str
) -> None:
    done = judge(tmp_path, readings, "--until", "2026-03-02T09:05:00Z")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "fix: " in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_rules_end_with_two_and_every_place(tmp_path: Path) -> None:
    done = judge(tmp_path, AT_THE_INN, rules=RULES.replace("60s", "1 min").replace("visit", "vist"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "rules.yaml:6:9" in done.stderr
    assert "rules.yaml:9:23" in done.stderr


def test_a_mistyped_variable_is_an_error_for_this_command_too(tmp_path: Path) -> None:
    done = judge(tmp_path, AT_THE_INN, STANDARDSD_LOGLEVEL="debug")
    assert (done.returncode, done.stdout) == (2, "")
    assert "STANDARDSD_LOGLEVEL: there is no such setting\n  fix: write STANDARDSD_LOG_LEVEL" in done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = judge(tmp_path, AT_THE_INN, "--config", "nowhere.yaml")
    assert done.returncode == 2
    assert "nowhere.yaml: No such file or directory" in done.stderr


QUEUE = """\
version: 1
set: hall
standards:
  - id: queue-length
    title: No more than ten wait in line
    measure: {reading: queue_length}
    promise: {at_most: 10}
"""


def waiting(count: float, at: str) -> str:
    sample = {"type": "sample", "source": "hall", "name": "queue_length", "at": at, "value": count}
    return json.dumps(sample | {"labels": {"site": "grand-budapest"}}) + "\n"


def test_a_number_gives_episodes_each_in_full(tmp_path: Path) -> None:
    """The first state is said only if it is broken; a silent source makes the number unknown, and no violation."""
    readings = (
        waiting(4, "2026-11-21T09:00:00Z"),
        waiting(12, "2026-11-21T09:05:00Z"),
        waiting(10, "2026-11-21T09:06:30Z"),  # exactly the limit is kept
    )
    done = judge(tmp_path, "".join(readings), "--until", "2026-11-21T09:30:00Z", rules=QUEUE)
    assert (done.returncode, done.stderr) == (0, "")
    episodes = [line for line in lines(done) if line["type"] == "episode"]
    rules = episodes[0]["rules"]
    assert rules.startswith("sha256:")
    group = {
        "type": "episode",
        "standard": "queue-length",
        "group": {"site": "grand-budapest"},
        "rules": rules,
    }
    assert episodes == [
        group | {"state": "broken", "at": "2026-11-21T09:05:00Z", "value": 12, "limit": 10},
        group | {"state": "in_limits", "at": "2026-11-21T09:06:30Z", "value": 10, "limit": 10},
        group | {"state": "unknown", "at": "2026-11-21T09:21:30.000001Z", "value": None, "limit": None},
        group | {"state": "in_limits", "at": "2026-11-21T09:30:00Z", "value": 10, "limit": 10},
    ]
    alerts = [
        (line["condition"], line["state"], line["at"]) for line in lines(done) if line["type"] == "alert"
    ]
    assert alerts == [
        ("limit", "firing", "2026-11-21T09:05:00Z"),
        ("limit", "resolved", "2026-11-21T09:06:30Z"),
    ]
