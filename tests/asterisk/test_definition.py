"""Exporter definitions: what is wrong in one is told with its place, all at once; the shipped one is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from standardsd import shipped
from standardsd.daemon.compose import ComposeError, compose_config
from standardsd.language.definitions import OPTIONAL, REQUIRED, read_definition
from standardsd.language.problems import render
from standardsd.mapping.records import Fact, Reader, RecordRejected, convert
from standardsd.model.definition import Conversion, Definition, Evidence, TimeQuality, WatermarkKind
from standardsd.model.vocabulary import VOCABULARY
from tests.asterisk.recorded import definition

GOOD = """\
version: 1
name: small
title: A small system
driver: ami
decode: ami
evidence: documented
time: {at: Timestamp, as: epoch_s, quality: source_us}
watermark: {kind: ping, delay: 1s}
interaction: {kind: call}
yields: {call: [queued, answered]}
labels: {queue: queue}
records:
  - when: {Event: Join, Sort: call}
    reading: queued
    fields: {caller: Id, queue: {at: Details.Queue, optional: true}, waited: {at: Wait, as: number, optional: true}}
settings:
  host: {type: text, required: true, doc: Where it is.}
"""


def read(text: str) -> tuple[Definition | None, str]:
    found, problems = read_definition(text.encode(), "small.yaml")
    return found, render(problems)


def test_a_definition_is_read_whole() -> None:
    found, told = read(GOOD)
    assert told == "" and found is not None
    assert (found.name, found.evidence, found.time_quality) == (
        "small",
        Evidence.DOCUMENTED,
        TimeQuality.SOURCE_US,
    )
    assert (found.watermark, found.delay, found.private_ids) == (
        WatermarkKind.PING,
        timedelta(seconds=1),
        True,
    )
    assert found.source("pbx").can_say("call", frozenset({"answered"}), "pbx/1", {})
    assert not found.source("pbx").can_say("call", frozenset({"held"}), "pbx/1", {})
    assert not found.source("pbx").can_say("call", frozenset({"answered"}), "other/1", {})


WRONG = [
    # what stands there                       what instead                        what is told        and the fix
    ("driver: ami", "driver: amy", "'amy' is not a driver of this version", "write ami"),
    ("evidence: documented", "evidence: hearsay", "'hearsay' is not", "write one of documented, live, recorded"),
    ("as: epoch_s", "as: epoch", "'epoch' is not", "write epoch"),
    ("as: epoch_s", "as: number", "'number' is no instant", "write epoch_s"),
    ("delay: 1s", "delay: 1", "'1' has no unit", "write 1s"),
    ("kind: ping", "kind: pong", "'pong' is not", "write ping"),
    ("interaction: {kind: call}", "interaction: {kind: cal}", "'cal' is not a kind", "write call"),
    ("[queued, answered]", "[queud, answered]", "'queud' is not an event of the kind 'call'", "write queued"),
    ("yields: {call:", "yields: {chat:", "'answered' is not an event of the kind 'chat'", "write "),
    ("reading: queued", "reading: held", "'held' is not an event that yields names", "write "),
    ("reading: queued", "note: nothing", "either reading or evidence", "write reading: EVENT"),
    ("reading: queued", "reading: queued\n    evidence: join", "either reading or evidence", "write reading"),
    ("when: {Event: Join, Sort: call}", "when: {}", "when says nothing", "write the key"),
    ("at: Details.Queue", 'at: "Details.[Queue"', "is not a JMESPath expression", "name a field"),
    ("labels: {queue: queue}", "labels: {queue: que}", "'que' is not a field of any record", "write queue"),
    ("optional: true}, waited", "optinal: true}, waited", "a field has no key 'optinal'", "write optional"),
    ("required: true", "required: yes", "'yes' is neither true nor false", "write true"),
    ("required: true", 'required: true, default: "x"', "has no default", "leave one"),
    ("type: text, required: true", "type: number, default: many", "'many' is not a number", "write digits"),
    ("version: 1", "version: 2", "version '2' is not known", "write version: 1"),
    ("title: A small system\n", "", "a definition has no title", "add title:"),
    ("settings:", "setings:", "a definition has no key 'setings'", "write settings"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "told", "fix"), WRONG)
def test_a_mistake_is_told_where_it_stands_with_what_to_write(
    right: str, wrong: str, told: str, fix: str
) -> None:
    assert GOOD.count(right) == 1
    found, said = read(GOOD.replace(right, wrong))
    assert found is None
    assert told in said and f"fix: {fix}" in said
    assert said.startswith("small.yaml:")


def test_all_mistakes_are_told_at_once_and_in_order() -> None:
    text = (
        GOOD.replace("driver: ami", "driver: x")
        .replace("delay: 1s", "delay: soon")
        .replace("Join, Sort", "Join, &Sort")
    )
    _, said = read(text)
    places = [int(line.split(":")[1]) for line in said.splitlines() if line.startswith("small.yaml:")]
    assert len(places) >= 3 and places == sorted(places)


def test_a_file_that_is_no_definition_is_told_and_nothing_raises() -> None:
    for text in ("", "[]", "a", "{", "a: &b c", "\x00", "- " * 200, "records: {}\nyields: []\n"):
        found, said = read(text)
        assert found is None and said


@pytest.mark.parametrize("name", sorted(shipped.files("exporters")))
def test_every_shipped_definition_is_right_and_says_only_what_it_yields(name: str) -> None:
    path = shipped.files("exporters")[name]
    found, problems = read_definition(path.read_bytes(), str(path))
    assert problems == [] and found is not None
    assert found.name == name.rsplit("/", 1)[-1]
    kind = VOCABULARY[found.kind]
    for record in found.records:
        assert record.reading is None or kind.knows(record.reading)
    people = ("CallerID", "ConnectedLine", "MemberName", "Interface", "AccountCode")
    for record in found.records:
        for field in record.fields:
            assert not any(word in field.at for word in people), f"{field.at} tells of a person"


def test_the_keys_of_a_definition_stay_few() -> None:
    keys = {key for table in (REQUIRED, OPTIONAL) for part in table.values() for key in part}
    assert len(keys) <= 40


# --- records ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "conversion", "means"),
    [
        ("1700000002.000120", Conversion.EPOCH_S, datetime(2023, 11, 14, 22, 13, 22, 120, tzinfo=UTC)),
        ("1700000002", Conversion.EPOCH_S, datetime(2023, 11, 14, 22, 13, 22, tzinfo=UTC)),
        ("1700000002.1234567", Conversion.EPOCH_S, datetime(2023, 11, 14, 22, 13, 22, 123456, tzinfo=UTC)),
        ("1700000002123.4", Conversion.EPOCH_MS, datetime(2023, 11, 14, 22, 13, 22, 123400, tzinfo=UTC)),
        ("1700000002123456", Conversion.EPOCH_US, datetime(2023, 11, 14, 22, 13, 22, 123456, tzinfo=UTC)),
        ("0", Conversion.EPOCH_S, None),  # never
        ("2026-03-02T10:00:00+02:00", Conversion.ISO, datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("42", Conversion.NUMBER, 42.0),
        ("a", Conversion.TEXT, "a"),
    ],
)  # fmt: skip
def test_a_text_means_what_its_conversion_says(text: str, conversion: Conversion, means: object) -> None:
    assert convert(text, conversion) == means


@pytest.mark.parametrize(
    ("text", "conversion"),
    [
        ("-1", Conversion.EPOCH_S), ("1e9", Conversion.EPOCH_S), ("1.x", Conversion.EPOCH_S),
        ("9" * 15, Conversion.EPOCH_S), ("9" * 5000, Conversion.EPOCH_S), ("١٢", Conversion.EPOCH_S),
        ("", Conversion.EPOCH_S),
        ("2026-03-02T10:00:00", Conversion.ISO), ("soon", Conversion.ISO),
        ("nan", Conversion.NUMBER), ("inf", Conversion.NUMBER), ("1e400", Conversion.NUMBER),
        ("9" * 100, Conversion.NUMBER),
    ],
)  # fmt: skip
def test_what_means_nothing_is_an_error_and_never_another_value(text: str, conversion: Conversion) -> None:
    with pytest.raises(ValueError):
        convert(text, conversion)


def test_a_record_is_read_by_all_conditions_and_paths_reach_inside() -> None:
    found, _ = read(GOOD)
    assert found is not None
    reader = Reader(found)
    nested = {
        "Event": "Join",
        "Sort": "call",
        "Id": "1",
        "Details": {"Queue": "a"},
        "Wait": "3",
        "Timestamp": "5.5",
    }
    fact = reader.read(nested)  # type: ignore[arg-type]  # decoded JSON nests; AMI does not
    assert isinstance(fact, Fact)
    assert (fact.says, fact.text("queue"), fact.number("waited")) == ("queued", "a", 3.0)
    assert fact.at == datetime(1970, 1, 1, 0, 0, 5, 500_000, tzinfo=UTC)
    assert reader.read({"Event": "Join", "Sort": "chat", "Id": "1"}) is None
    assert reader.read({"Event": "Leave"}) is None
    assert isinstance(reader.read({"Event": "Join", "Sort": "call"}), RecordRejected)


def test_the_definition_of_asterisk_names_every_message_that_the_mapper_understands() -> None:
    said = {record.says for record in definition().records}
    direct = set(definition().yields["call"]) - {"abandoned", "diverted", "updated"}
    assert direct <= said
    assert {"out", "left", "gone", "hangup_requested", "waiting", "waiting_listed"} <= said


CONFIG = """\
version: 1
rules: [RULES]
sources:
  pbx1:
    use: asterisk
    settings: {hots: 127.0.0.1, ping_every: 5, username: standardsd, auth: kerberos, secret_file: ami.secret}
"""


def test_a_configuration_is_told_where_its_settings_are_wrong_and_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "standardsd.yaml"
    path.write_text(CONFIG.replace("RULES", str(Path(__file__).parent / "phones.yaml")))
    with pytest.raises(ComposeError) as error:
        compose_config(path)
    said = str(error.value)
    for line in (
        "standardsd.yaml:6:22: asterisk has no setting 'hots'", "fix: write host",
        "standardsd.yaml:6:45: ping_every: '5' has no unit", "fix: write 5s",
        "auth: 'kerberos' is not what this setting can be", "fix: write one of md5, plain",
        "asterisk needs host: name or address of the PBX", "fix: add host to the settings",
    ):  # fmt: skip
        assert line in said, line


def test_a_right_configuration_makes_a_driver_of_the_definition(tmp_path: Path) -> None:
    path = tmp_path / "standardsd.yaml"
    text = CONFIG.replace("RULES", str(Path(__file__).parent / "phones.yaml"))
    path.write_text(
        text.replace("hots:", "host:")
        .replace("ping_every: 5,", "ping_every: 5s,")
        .replace("kerberos", "plain")
    )
    (source,) = compose_config(path).running
    assert source.make is not None and source.spec.private_ids
    assert source.spec.yields == definition().yields
