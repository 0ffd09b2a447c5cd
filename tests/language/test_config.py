"""The configuration: every key reaches the model, every mistake is told where it stands."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standardsd.language.config import (
    LoadedConfig,
    check_yields,
    is_config,
    load_config,
)
from standardsd.language.config_keys import OPTIONAL, REQUIRED
from standardsd.language.problems import errors, lints, render
from standardsd.model.config import (
    AlertmanagerOutput,
    Config,
    JudgeConfig,
    Role,
    RulesFrom,
    Site,
    SourceConfig,
    Token,
    WatermarkKind,
    WatermarkRule,
)
from standardsd.model.vocabulary import VOCABULARY

HASH = "sha256:" + "0a" * 32
ZONES = ("Europe/Budapest", "Europe/Lisbon", "UTC")
DOC = Path(__file__).parents[2] / "docs" / "configuration.md"

WHOLE = f"""\
version: 1
data: /var/lib/standardsd
listen: "[::1]:9000"
url: https://desk.example.org/board/
rules: [rules/hotel, my-rules.yaml, shipped:hotel/front-desk]
sites:
  grand-budapest: {{title: Grand Budapest, timezone: Europe/Budapest}}
  lisbon: {{}}
sources:
  pbx1:
    use: asterisk
    labels: {{site: grand-budapest}}
    max_silence: 5m
    settings: {{host: 127.0.0.1, port: 5038, tls: no, queues: [a, b], map: {{x: y}}, secret_file: ami.secret}}
  kiosk:
    use: push
    watermark: {{kind: receipt, delay: 2s}}
    yields: {{visit: [arrived, greeted], call: queued}}
    map: {{desk: {{north: {{site: lisbon, department: lobby}}, "2": {{}}}}}}
outputs:
  alertmanager: {{members: ["http://127.0.0.1:9093/", "http://am2:9093"], resend: 30s}}
tokens:
  kiosk: {{role: ingest, hash: "{HASH}", sources: [kiosk]}}
  board: {{role: read, hash: "sha256:{"1b" * 32}"}}
judge: {{judge_from: 2026-11-01T00:00:00+01:00, accept_late: 3d, keep: 2h}}
"""


def load(text: str) -> LoadedConfig:
    return load_config(text.encode(), "c.yaml", ZONES)


def test_every_key_reaches_the_model() -> None:
    loaded = load(WHOLE)
    assert loaded.problems == (), render(loaded.problems)
    assert loaded.config == Config(
        data="/var/lib/standardsd",
        listen=("::1", 9000),
        url="https://desk.example.org/board",
        rules=(
            RulesFrom("rules/hotel"),
            RulesFrom("my-rules.yaml"),
            RulesFrom("hotel/front-desk", shipped=True),
        ),
        sites=(Site("grand-budapest", "Grand Budapest", "Europe/Budapest"), Site("lisbon", "lisbon")),
        sources=(
            SourceConfig(
                "pbx1",
                "asterisk",
                labels={"site": "grand-budapest"},
                max_silence=timedelta(minutes=5),
                settings={
                    "host": "127.0.0.1",
                    "port": "5038",
                    "tls": "no",
                    "queues": ["a", "b"],
                    "map": {"x": "y"},
                    "secret_file": "ami.secret",
                },
            ),
            SourceConfig(
                "kiosk",
                "push",
                watermark=WatermarkRule(WatermarkKind.RECEIPT, timedelta(seconds=2)),
                yields={"visit": ("arrived", "greeted"), "call": ("queued",)},
                map={"desk": {"north": {"site": "lisbon", "department": "lobby"}, "2": {}}},
            ),
        ),
        alertmanager=AlertmanagerOutput(("http://127.0.0.1:9093", "http://am2:9093"), timedelta(seconds=30)),
        tokens=(
            Token("kiosk", Role.INGEST, HASH, ("kiosk",)),
            Token("board", Role.READ, "sha256:" + "1b" * 32),
        ),
        judge=JudgeConfig(datetime(2026, 10, 31, 23, tzinfo=UTC), timedelta(days=3), timedelta(hours=2)),
    )


def test_the_least_configuration_has_the_defaults() -> None:
    loaded = load("version: 1\nrules: rules\n")
    assert loaded.config == Config(rules=(RulesFrom("rules"),))
    assert [p.text for p in lints(loaded.problems)] == ["nothing is read: there are no sources"]


def test_the_address_follows_what_is_listened_to() -> None:
    loaded = load("version: 1\nrules: rules\nlisten: 0.0.0.0:81\nsources: {}\n")
    assert loaded.config is not None
    assert loaded.config.url == "http://0.0.0.0:81"


HEAD = "version: 1\nrules: [rules]\n"


@pytest.mark.parametrize(
    ("text", "place", "said", "fix"),
    [
        ("rules: [a]\nsources: {}\n", (1, 1), "the configuration has no version", "add version:"),
        ("version: 1\nsources: {}\n", (1, 1), "the configuration has no rules", "add rules:"),
        ("version: 3\nrules: a\nsources: {}\n", (1, 10), "version '3'", "version: 1"),
        ("version: 1\nrules: []\nsources: {}\n", (2, 8), "an empty list", "1 to"),
        (
            "version: 1\nrules: shipped:../x\nsources: {}\n",
            (2, 8),
            "not the name of a shipped pack",
            "shipped:hotel",
        ),
        (HEAD + "source: {}\n", (3, 1), "no key 'source'", "write sources"),
        (HEAD + "sources: {}\nlisten: 8080\n", (4, 9), "not an address to listen on", "write 127.0.0.1:8080"),
        (HEAD + "sources: {}\nlisten: localhost:65536\n", (4, 9), "not an address", "127.0.0.1:8080"),
        (
            HEAD + "sources: {}\nurl: desk.example.org\n",
            (4, 6),
            "not a web address",
            "https://desk.example.org",
        ),
        (HEAD + "sources: {}\nsites: [a]\n", (4, 8), "sites is not a map", "name: value"),
        (HEAD + "sources: {}\nsites: {a: {zone: UTC}}\n", (4, 13), "no key 'zone'", "write timezone"),
        (
            HEAD + "sources: {}\nsites: {a: {timezone: Europe/Lisboa}}\n",
            (4, 23),
            "not a time zone",
            "Europe/Lisbon",
        ),
        (HEAD + "sources: {A B: {use: push}}\n", (3, 11), "'A B' is not a name", "write a-b"),
        (HEAD + "sources: {a: {}}\n", (3, 14), "a source has no use", "add use:"),
        (HEAD + "sources: {a: {use: x, max_silence: 0}}\n", (3, 36), "no time at all", "longer"),
        (HEAD + "sources: {a: {use: x, max_silence: 15}}\n", (3, 36), "has no unit", "write 15s"),
        (HEAD + "sources: {a: {use: x, labels: {si-te: a}}}\n", (3, 32), "not a label name", "si_te"),
        (
            HEAD + "sources: {a: {use: x, map: {queue: b}}}\n",
            (3, 36),
            "the map of 'queue' is not a map",
            "name: value",
        ),
        (
            HEAD + "sources: {a: {use: x, map: {queue: {b: c}}}}\n",
            (3, 40),
            "labels is not a map",
            "name: value",
        ),
        (
            HEAD + "sources: {a: {use: x, map: {queue: {b: {queue: c}}}}}\n",
            (3, 41),
            "'queue' is there already",
            "other labels",
        ),
        (
            HEAD + "sources: {a: {use: x, labels: {pbx: p}, map: {queue: {b: {pbx: c}}}}}\n",
            (3, 59),
            "'pbx' is there already",
            "other labels",
        ),
        (
            HEAD + "sites: {here: {}}\nsources: {a: {use: x, map: {queue: {b: {site: her}}}}}\n",
            (4, 47),
            "there is no site 'her'",
            "write here",
        ),
        (
            HEAD + "sources: {a: {use: x, yields: {call: queued}}}\n",
            (3, 23),
            "yields is said by the definition",
            "push",
        ),
        (
            HEAD + "sources: {a: {use: x, watermark: {kind: receipt}}}\n",
            (3, 23),
            "watermark is said by",
            "push",
        ),
        (
            HEAD + "sources: {a: {use: push, watermark: {kind: poll}}}\n",
            (3, 44),
            "'poll' is not a kind of watermark",
            "explicit, receipt",
        ),
        (
            HEAD + "sources: {a: {use: push, watermark: {kind: explicit, delay: 1s}}}\n",
            (3, 54),
            "an explicit watermark has no delay",
            "kind: receipt",
        ),
        (
            HEAD + "sources: {a: {use: push, watermark: {kind: explicit}, settings: {x: y}}}\n",
            (3, 55),
            "a pushed source has no settings",
            "leave",
        ),
        (
            HEAD + "sites: {here: {}}\nsources: {a: {use: x, labels: {site: her}}}\n",
            (4, 38),
            "there is no site 'her'",
            "write here",
        ),
        (
            HEAD + "sources: {}\noutputs: {alertmanager: {}}\n",
            (4, 25),
            "alertmanager has no members",
            "members:",
        ),
        (
            HEAD + "sources: {}\noutputs: {alertmanager: {members: am}}\n",
            (4, 35),
            "not a web address",
            "http://am:9093",
        ),
        (
            HEAD + "sources: {}\noutputs: {alertmanager: {members: 'http://a:99999'}}\n",
            (4, 35),
            "not a host and port",
            "9093",
        ),
        (
            HEAD + "sources: {}\noutputs: {alertmanager: {members: 'http://a', resend: 2h}}\n",
            (4, 55),
            "an odd time between two re-sends",
            "1m",
        ),
        (HEAD + "sources: {}\noutputs: {mail: {}}\n", (4, 11), "outputs has no key 'mail'", "write one of"),
        (
            HEAD + f"sources: {{}}\ntokens: {{a: {{role: writer, hash: '{HASH}'}}}}\n",
            (4, 20),
            "not a role",
            "admin",
        ),
        (HEAD + "sources: {}\ntokens: {a: {role: read}}\n", (4, 13), "a token has no hash", "add hash:"),
        (
            HEAD + f"sources: {{}}\ntokens: {{a: {{role: ingest, hash: '{HASH}', sources: b}}}}\n",
            (4, 118),
            "there is no source 'b'",
            "leave it out",
        ),
        (
            HEAD
            + f"sources: {{b: {{use: x}}}}\ntokens: {{a: {{role: ingest, hash: '{HASH}', sources: b}}}}\n",
            (4, 118),
            "nothing is posted for the source 'b'",
            "leave it out",
        ),
        (
            HEAD
            + f"sources: {{}}\ntokens: {{a: {{role: read, hash: '{HASH}'}}, b: {{role: read, hash: '{HASH}'}}}}\n",
            (4, 130),
            "the token of 'a', too",
            "its own",
        ),
        (
            HEAD + "sources: {}\njudge: {judge_from: 2026-11-01T00:00:00}\n",
            (4, 21),
            "has no offset",
            "00:00:00Z",
        ),
        (HEAD + "sources: {}\njudge: {accept_late: 0}\n", (4, 22), "no time at all", "longer"),
        (HEAD + "sources: {}\njudge: {kep: 1h}\n", (4, 9), "judge has no key 'kep'", "write keep"),
        ("[a]\n", (1, 1), "the configuration is not a map", "version, rules"),
    ],
)
def test_a_mistake_is_told_where_it_stands_with_what_to_write(
    text: str, place: tuple[int, int], said: str, fix: str
) -> None:
    loaded = load(text)
    assert loaded.config is None
    found = errors(loaded.problems)
    assert len(found) == 1, render(found)
    assert (found[0].line, found[0].column) == place, found[0].render()
    assert said in found[0].text
    assert fix in found[0].fix


def test_all_mistakes_are_told_at_once() -> None:
    text = "version: 2\nrules: a\nlisten: x\nsources: {a: {use: push}, b: {}}\njudge: {keep: 1}\n"
    assert [(p.line, p.level.value) for p in load(text).problems] == [
        (1, "error"), (3, "error"), (4, "lint"), (4, "error"), (5, "error"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "tokens: {a: {role: read, hash: hunter2}}",
        "tokens: {a: {role: read, token: hunter2}}",
        "sources: {a: {use: push, password: hunter2}}",
        "url: https://me:hunter2@example.org/x y",
        "sources: {a: {use: x, settings: {password: @hunter2}}}",
        "sources: {a: {use: x, settings: {password: *hunter2}}}",
        "sources: {a: {use: x, settings: {'password': 'hunter2}}}",
        "sources: {a: {use: x, settings: {api_key: !hunter2 x}}}",
        "outputs: {alertmanager: {members: ['http://me:hunter2@am:9093']}}",
    ],
)
def test_what_may_be_a_secret_is_never_shown(line: str) -> None:
    loaded = load(f"{HEAD}{line}\n")
    assert loaded.config is None
    assert "hunter2" not in render(loaded.problems)


def test_places_tell_where_a_setting_stands() -> None:
    places = load(WHOLE).places
    port = places["sources.pbx1.settings.port"]
    assert (port.line, port.column) == (14, 39)
    assert places["rules.1"].line == 5
    assert places["sources.pbx1"].line == 10


def test_what_a_pushed_source_yields_is_checked_against_the_vocabulary() -> None:
    loaded = load(WHOLE)
    assert check_yields(loaded, VOCABULARY) == []
    wrong = load(
        WHOLE.replace("[arrived, greeted]", "[arived, greeted]").replace("call: queued", "calls: queued")
    )
    assert [(p.line, p.text) for p in check_yields(wrong, VOCABULARY)] == [
        (18, "the kind 'visit' has no event 'arived'"),
        (18, "there is no kind 'calls'"),
    ]


def test_samples_stand_among_what_a_source_yields_by_names_of_their_own() -> None:
    """A sensor's names are its own: no vocabulary knows them, and they need not be words of it."""
    loaded = load(
        WHOLE.replace("[arrived, greeted]", "[arrived, greeted], samples: [Queue-Länge, stock.towels]")
    )
    assert loaded.config is not None, loaded.problems
    (kiosk,) = [source for source in loaded.config.sources if source.yields]
    assert kiosk.yields is not None
    assert kiosk.yields["samples"] == ("Queue-Länge", "stock.towels")
    assert check_yields(loaded, VOCABULARY) == []
    wrong = load(WHOLE.replace("[arrived, greeted]", '[arrived], samples: ["a b"]'))
    assert [(p.line, p.text) for p in wrong.problems] == [(18, "'a b' is not the name of a number")]


def test_a_configuration_is_told_from_a_rule_file_by_its_keys() -> None:
    assert is_config(WHOLE.encode(), "c")
    assert not is_config(b"version: 1\nset: a\nstandards: []\n", "c")
    assert not is_config(b"[", "c")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_configuration_or_told(text: bytes) -> None:
    loaded = load_config(b"version: 1\nrules: a\n" + text, "c")
    assert (loaded.config is None) == bool(errors(loaded.problems))


def _rows() -> dict[str, tuple[str, ...]]:
    """First cell of every table row that names a key → the other cells."""
    rows = {}
    for line in DOC.read_text().splitlines():
        found = re.fullmatch(r"\| `([a-zA-Z_.]+)` \|(.*)\|", line)
        if found:
            rows[found[1]] = tuple(cell.strip() for cell in found[2].split("|"))
    return rows


def test_the_page_describes_exactly_the_keys_there_are() -> None:
    known = set()
    for section, keys in [*REQUIRED.items(), *OPTIONAL.items()]:
        known |= {f"{section}.{key}" if section else key for key in keys}
    assert set(_rows()) == known


def test_the_page_says_which_keys_are_required_and_what_the_others_default_to() -> None:
    rows = _rows()
    for section, keys in REQUIRED.items():
        for key in keys:
            assert rows[f"{section}.{key}" if section else key][1] == "required"
    usual, judge, source = Config(rules=()), JudgeConfig(), SourceConfig("", "")
    assert rows["data"][1] == f"`{usual.data}`"
    assert rows["listen"][1] == "`{}:{}`".format(*usual.listen)
    assert source.max_silence == timedelta(minutes=15)
    assert rows["sources.NAME.max_silence"][1] == "`15m`"
    assert AlertmanagerOutput(()).resend == timedelta(minutes=1)
    assert rows["outputs.alertmanager.resend"][1] == "`1m`"
    assert (judge.accept_late, judge.keep) == (timedelta(days=7), timedelta(hours=1))
    assert (rows["judge.accept_late"][1], rows["judge.keep"][1]) == ("`7d`", "`1h`")


def test_the_example_of_the_page_is_a_configuration() -> None:
    found = re.search(r"```yaml\n(.*?)```", DOC.read_text(), re.DOTALL)
    assert found is not None
    loaded = load(found[1])
    assert loaded.problems == (), render(loaded.problems)
