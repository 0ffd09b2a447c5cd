"""Lines from outside: each becomes a reading or an error that names the line and the fix."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standardsd.mapping import ndjson
from standardsd.mapping.ndjson import REASONS, LineError, read_line, read_lines, write_decision, write_line
from standardsd.model.decision import SourceSpoken, Verdict, VerdictSpoken
from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark
from standardsd.model.vocabulary import VOCABULARY

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
EVENT = {
    "type": "event",
    "source": "kiosk",
    "kind": "visit",
    "id": "kiosk/4711",
    "event": "arrived",
    "at": "2026-11-21T09:00:00Z",
}
GAP = {"type": "gap", "source": "pbx", "from": "2026-11-21T09:00:00Z", "to": "2026-11-21T09:01:00Z"}
RETRACT = {"type": "retract", "source": "pbx", "kind": "call", "id": "1", "reason": "test call"}
SAMPLE = {
    "type": "sample",
    "source": "hall",
    "name": "queue_length",
    "at": "2026-11-21T09:00:00Z",
    "value": 4,
}


def line(base: dict[str, Any], **changes: object) -> bytes:
    """``base`` with some fields changed; ``...`` leaves a field out."""
    return json.dumps({k: v for k, v in {**base, **changes}.items() if v is not ...}).encode()


@pytest.mark.parametrize(
    ("raw", "reading"),
    [
        (line(EVENT), Event("kiosk", "visit", "kiosk/4711", "arrived", NINE)),
        # An offset is turned to UTC, in every field that has an instant.
        (
            line(EVENT, at="2026-11-21T10:00:00+01:00", not_before="2026-11-21T11:59:00+03:00"),
            Event("kiosk", "visit", "kiosk/4711", "arrived", NINE, not_before=NINE - timedelta(minutes=1)),
        ),
        (
            line(GAP, **{"from": "2026-11-21T14:30:00+05:30", "to": "2026-11-21T09:01:00Z"}),
            Gap("pbx", NINE, NINE + timedelta(minutes=1)),
        ),
        (
            line({"type": "watermark", "source": "pbx", "at": "2026-11-21T04:00:00-05:00"}),
            Watermark("pbx", NINE),
        ),
        (line(SAMPLE, at="2026-11-21T10:00:00+01:00"), Sample("hall", "queue_length", NINE, 4.0)),
        # Microseconds stay.
        (
            line(EVENT, at="2026-11-21T09:00:00.000001Z"),
            Event("kiosk", "visit", "kiosk/4711", "arrived", NINE + timedelta(microseconds=1)),
        ),
        # Known no sooner than it happened: an empty interval says that the instant is exact.
        (
            line(EVENT, not_before=EVENT["at"]),
            Event("kiosk", "visit", "kiosk/4711", "arrived", NINE, not_before=NINE),
        ),
        (line(GAP, to=GAP["from"]), Gap("pbx", NINE, NINE)),
        # A whole interaction taken back, and one event of it.
        (
            line({"type": "retract", "source": "pbx", "kind": "call", "id": "1", "reason": "test call"}),
            Retract("pbx", "call", "1", reason="test call"),
        ),
        (
            line(
                {
                    "type": "retract",
                    "source": "pbx",
                    "kind": "call",
                    "id": "1",
                    "event": "queued",
                    "at": "2026-11-21T10:00:00+01:00",
                    "reason": "undone",
                }
            ),
            Retract("pbx", "call", "1", "queued", NINE, "undone"),
        ),
        # The type may stand anywhere; blanks and a carriage return around a line are nothing.
        (b'  {"source":"pbx","at":"2026-11-21T09:00:00Z","type":"watermark"}\r', Watermark("pbx", NINE)),
    ],
)
def test_a_right_line_becomes_its_reading_in_utc(raw: bytes, reading: Reading) -> None:
    read = read_line(raw, vocabulary=VOCABULARY)
    assert read == reading
    for field in ("at", "not_before", "since", "until"):
        instant = getattr(read, field, None)
        assert instant is None or instant.tzinfo is UTC


LONG = "x" * 257
WRONG = [
    (b"", "empty_line", "empty", "JSON object"),
    (b"{", "half_line", "middle", "whole"),
    (line(EVENT)[:-20], "half_line", "middle", "whole"),
    (b"hello", "not_json", "not JSON", "one JSON object a line"),
    (line(EVENT) + line(EVENT), "not_json", "not JSON", "one JSON object a line"),
    (
        b"\xef\xbb\xbf" + line(EVENT),
        "not_json",
        "not JSON",
        "byte order mark may stand only before the first",
    ),
    (b"\xff\xfe" + line(EVENT).decode().encode("utf-16-le"), "not_utf8", "not UTF-8", "UTF-16"),
    (line(EVENT).decode().encode("utf-16-be"), "not_utf8", "not UTF-8", "UTF-16"),
    (line(EVENT).decode().encode("utf-32"), "not_utf8", "not UTF-8", "as UTF-8"),
    (b"caf\xe9", "not_utf8", "not UTF-8", "Latin-1"),
    (line(EVENT).replace(b"arrived", b"arriv\xe9"), "not_utf8", "not UTF-8", "as UTF-8"),
    (b"[1]", "not_an_object", "a list", '{"type": …}'),
    (b"null", "not_an_object", "null", '{"type": …}'),
    (line(EVENT, type="evnt"), "unknown_type", "'evnt'", "event, gap, retract, sample, watermark"),
    (line(EVENT, type=...), "missing_field", "'type'", "add 'type'"),
    (line(EVENT, type=3), "wrong_type", "'type'", "event, gap"),
    (line(EVENT, id=...), "missing_field", "'id'", "add 'id'"),
    (line(EVENT, id=4711), "wrong_type", "'id' must be text", "as text"),
    (line(EVENT, id=""), "empty_field", "'id'", "1 to 256"),
    (line(EVENT, source=LONG), "too_long", "'source'", "shorten"),
    (line(EVENT, lables={}), "unknown_field", "'lables'", "write 'labels'"),
    (line(EVENT, guest="G"), "unknown_field", "'guest'", "'labels'"),
    (line(GAP, since="x"), "unknown_field", "'since'", "leave it out"),
    # Times.
    (line(EVENT, at="2026-11-21T09:00:00"), "naive_time", "no offset", "add Z"),
    (line(EVENT, not_before="2026-11-21T09:00:00"), "naive_time", "'not_before'", "add Z"),
    (line(GAP, to="2026-11-21T09:01:00"), "naive_time", "'to'", "add Z"),
    (line(EVENT, at="this morning"), "bad_instant", "'at'", "2026-11-21T09:00:00Z"),
    (line(EVENT, at=1763715600), "bad_instant", "a whole number", "2026-11-21T09:00:00Z"),
    (line(EVENT, at="2026-02-30T09:00:00Z"), "bad_instant", "'at'", "2026-11-21"),
    # Just before the range, exactly at its ends, and where UTC would fall outside the calendar.
    (line(EVENT, at="1969-12-31T23:59:59Z"), "instant_out_of_range", "out of range", "clock"),
    (line(EVENT, at="9000-01-01T00:00:00Z"), "instant_out_of_range", "out of range", "clock"),
    (line(EVENT, at="0001-01-01T00:00:00+02:00"), "instant_out_of_range", "out of range", "clock"),
    (line(GAP, to="9999-12-31T23:59:59-02:00"), "instant_out_of_range", "'to'", "clock"),
    (line(EVENT, not_before="2026-11-21T09:00:01Z"), "order", "after 'at'", "swap"),
    (line(GAP, to="2026-11-21T08:59:59Z"), "order", "after 'to'", "swap"),
    # Numbers.
    (line(EVENT, seq=1.5), "wrong_type", "'seq'", "whole number"),
    (line(EVENT, seq=2**63), "number_out_of_range", "64 bits", "2^63"),
    (line(SAMPLE, value="4"), "wrong_type", "a value must be a number", "4.2"),
    (line(SAMPLE, value=float("nan")), "not_json", "not JSON", "NaN"),
    (line(SAMPLE, value=float("-inf")), "not_json", "not JSON", "Infinity"),
    (line(SAMPLE).replace(b": 4}", b": 1e999}"), "number_out_of_range", "too large", "finite"),
    # Labels.
    (line(EVENT, labels={"floor": 3}), "wrong_type", "a label must be text", "quotes"),
    (line(EVENT, labels={"at": {"deep": "er"}}), "wrong_type", "a label must be text", "quotes"),
    (line(EVENT, labels=["site"]), "wrong_type", "'labels'", "an object"),
    (line(EVENT, labels={str(n): "" for n in range(65)}), "too_many_labels", "65 labels", "fewer"),
    (line(EVENT, values={str(n): 1 for n in range(65)}), "too_many_labels", "65 values", "fewer"),
    (line(EVENT, labels={"": "x"}), "empty_field", "empty name", "name it"),
    (line(EVENT, labels={"n" * 129: "x"}), "too_long", "name of a label", "shorten"),
    (line(EVENT, values={"n" * 129: 1}), "too_long", "name of a value", "shorten"),
    (line(SAMPLE, labels={"site": "x" * 1025}), "too_long", "'site'", "shorten"),
    (line(EVENT, labels={"site": "a\x00b"}), "control_character", "'labels'", "leave it out"),
    (line(EVENT, id="a\u001b[31m"), "control_character", "'id'", "leave it out"),
    # A key that stands twice in a line that cannot be read: which of the two was meant is for its writer to say.
    (b'{"type":"event","type":"gap"}', "duplicate_key", "the key 'type' stands twice", "write 'type' once"),
    (
        line(EVENT, labels={"floor": 3}).replace(b'"floor"', b'"floor": "2", "floor"'),
        "duplicate_key",
        "the key 'floor' stands twice in one object",
        "write 'floor' once",
    ),
    # A retraction says why.
    (line(RETRACT, reason=...), "missing_field", "'reason' is missing", "add 'reason'"),
    (line(RETRACT, reason=""), "missing_field", "'reason' is missing or empty", "add 'reason'"),
    (line(RETRACT, reason=3), "wrong_type", "'reason' must be text", "as text"),
    (line(RETRACT, reason="x" * 1025), "too_long", "'reason'", "shorten"),
    # Vocabulary.
    (line(EVENT, kind="vist"), "unknown_kind", "'vist'", "'visit'"),
    (line(EVENT, kind="spaceship"), "unknown_kind", "'spaceship'", "vocabulary"),
    (line(EVENT, event="arived"), "unknown_event", "'arived' is no event of kind 'visit'", "'arrived'"),
    (line(EVENT, event="queued"), "unknown_event", "'queued'", "write one of due, arrived"),
    # Size.
    (b'{"a":' * 10_000, "too_deep", "nested", "no lists"),
    (
        b'{"type":"event","x":"' + b"y" * ndjson.line_bytes_max + b'"}',
        "line_too_long",
        "65536",
        "one reading",
    ),
]


@pytest.mark.parametrize(
    ("raw", "reason", "what", "fix"), WRONG, ids=[f"{w[1]}-{n}" for n, w in enumerate(WRONG)]
)
def test_a_wrong_line_is_refused_by_name_with_its_place_and_a_fix(
    raw: bytes, reason: str, what: str, fix: str
) -> None:
    error = read_line(raw, number=7, vocabulary=VOCABULARY)
    assert isinstance(error, LineError), error
    assert (error.reason, error.line, error.place) == (reason, 7, "line 7")
    assert what in error.what
    assert fix in error.fix
    assert error.text().startswith("line 7: ")


def test_every_reason_is_given_by_some_wrong_line() -> None:
    assert {reason for _, reason, _, _ in WRONG} | {"too_many_lines"} == REASONS


@pytest.mark.parametrize(
    ("raw", "refused"),
    [
        (line(SAMPLE, labels={"a" * 128: "x" * 1024}), False),  # exactly the longest name and value
        (line(EVENT, id="x" * 256), False),
        (line(EVENT, seq=2**63 - 1), False),
        (line(EVENT, at="1970-01-01T00:00:00Z"), False),
        (line(EVENT, at="8999-12-31T23:59:59.999999Z"), False),
        (line(EVENT, labels={str(n): "" for n in range(64)}), False),
    ],
)
def test_what_stands_exactly_at_a_limit_is_taken(raw: bytes, refused: bool) -> None:
    assert isinstance(read_line(raw), LineError) is refused


def test_a_line_of_exactly_the_longest_length_is_read_and_one_byte_more_is_not() -> None:
    padding = ndjson.line_bytes_max - len(line(EVENT))
    assert isinstance(read_line(line(EVENT)[:-1] + b" " * padding + b"}"), Event)
    longer = read_line(line(EVENT)[:-1] + b" " * (padding + 1) + b"}")
    assert isinstance(longer, LineError)
    assert longer.reason == "line_too_long"


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xef\xbb\xbf \t"])
def test_a_byte_order_mark_before_the_first_line_is_passed_over(mark: bytes) -> None:
    body = mark + line(EVENT) + b"\r\n" + line(GAP) + b"\r\n"
    readings, errors = read_lines(body, vocabulary=VOCABULARY)
    assert ([type(reading) for reading in readings], errors) == ([Event, Gap], [])


def test_a_byte_order_mark_anywhere_else_is_refused() -> None:
    readings, errors = read_lines(line(EVENT) + b"\n" + b"\xef\xbb\xbf" + line(EVENT))
    assert len(readings) == 1
    assert [(error.line, error.reason) for error in errors] == [(2, "not_json")]


def test_every_line_of_a_body_in_utf16_is_named_so() -> None:
    body = (line(EVENT) + b"\n" + line(GAP) + b"\n").decode().encode("utf-16")
    readings, errors = read_lines(body, vocabulary=VOCABULARY)
    assert readings == []
    assert {error.reason for error in errors} == {"not_utf8"}


def test_without_a_vocabulary_any_kind_and_event_is_taken() -> None:
    assert isinstance(read_line(line(EVENT, kind="spaceship", event="landed")), Event)


def test_an_error_repeats_no_id_no_label_value_and_little_of_a_wrong_word() -> None:
    secret = "Zaphod-Beeblebrox"
    for raw in (
        line(EVENT, id=secret, at="soon", labels={"guest": secret}),
        line(EVENT, id=secret, labels={"guest": secret * 100}),
        line(EVENT, labels={"guest": secret + "\u0007"}),
    ):
        error = read_line(raw, vocabulary=VOCABULARY)
        assert isinstance(error, LineError)
        assert secret not in error.text()
    error = read_line(line(EVENT, type="e" * 500))
    assert isinstance(error, LineError)
    assert "e" * 41 not in error.what


def test_right_lines_are_taken_although_others_are_wrong_and_each_error_names_its_line() -> None:
    body = b"\n".join([line(EVENT), b"", b"  \r", b"oops", line(SAMPLE), line(EVENT, at="now")])
    readings, errors = read_lines(body)
    assert [type(r) for r in readings] == [Event, Sample]
    assert [(e.line, e.reason) for e in errors] == [(4, "not_json"), (6, "bad_instant")]
    assert read_lines(body, first_line=101)[1][0].line == 104


def test_a_body_has_an_end() -> None:
    body = b"\n" * ndjson.body_lines_max + line(EVENT) + b"\n" + line(EVENT)
    readings, errors = read_lines(body)
    assert readings == []
    assert [(e.line, e.reason) for e in errors] == [(ndjson.body_lines_max + 1, "too_many_lines")]


def test_a_decision_is_one_line_in_the_shape_of_the_contract() -> None:
    verdict = VerdictSpoken(
        standard="greet-within-60s",
        kind="visit",
        id="kiosk/4711",
        occurrence=1,
        verdict=Verdict.BREACHED,
        reason=None,
        at=NINE + timedelta(minutes=1),
        start=NINE,
        due=NINE + timedelta(minutes=1),
        late_from=None,
        end=None,
        measured=None,
        limit=60.0,
        labels={"site": "grand-budapest", "desk": "main"},
        rules="sha256:ab",
    )
    written = write_decision(verdict)
    assert written.endswith(b"}\n")
    assert written.count(b"\n") == 1
    assert json.loads(written) == {
        "type": "verdict",
        "standard": "greet-within-60s",
        "kind": "visit",
        "id": "kiosk/4711",
        "occurrence": 1,
        "verdict": "breached",
        "reason": None,
        "at": "2026-11-21T09:01:00Z",
        "start": "2026-11-21T09:00:00Z",
        "due": "2026-11-21T09:01:00Z",
        "late_from": None,
        "end": None,
        "measured": None,
        "limit": 60.0,
        "labels": {"site": "grand-budapest", "desk": "main"},
        "rules": "sha256:ab",
    }
    assert json.loads(write_decision(SourceSpoken("kiosk", "dark", NINE))) == {
        "type": "source",
        "source": "kiosk",
        "state": "dark",
        "at": "2026-11-21T09:00:00Z",
    }


# --- laws ---

_words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
_labels = st.dictionaries(
    _words, st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20), max_size=4
)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_instants = st.datetimes(datetime(1970, 1, 2), datetime(8999, 12, 30), timezones=st.just(UTC))
_ordered = st.tuples(_instants, _instants).map(sorted)


def _event(when: list[datetime], exact: bool, source: str, kind: str, id_: str, event: str) -> Event:
    return Event(source, kind, id_, event, when[1], not_before=None if exact else when[0])


_readings = st.one_of(
    st.builds(_event, _ordered, st.booleans(), _words, _words, _words, _words),
    st.builds(
        Event,
        _words,
        _words,
        _words,
        _words,
        _instants,
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.none(),
        _labels,
        st.dictionaries(_words, _numbers, max_size=3),
    ),
    st.builds(Retract, _words, _words, _words, st.none() | _words, st.none() | _instants, _words),
    st.builds(Sample, _words, _words, _instants, _numbers, _labels),
    st.builds(Watermark, _words, _instants),
    st.builds(lambda s, w: Gap(s, w[0], w[1]), _words, _ordered),
)


@given(_readings)
def test_what_is_written_is_read_back_the_same(reading: Reading) -> None:
    written = write_line(reading)
    assert written.count(b"\n") == 1
    assert read_line(written) == reading


@given(_readings, st.integers(-14 * 60, 14 * 60))
def test_the_offset_a_source_writes_in_changes_nothing(reading: Reading, minutes: int) -> None:
    there = timezone(timedelta(minutes=minutes))
    said = json.loads(write_line(reading))
    for field in ("at", "not_before", "from", "to"):
        if said.get(field):
            said[field] = datetime.fromisoformat(said[field]).astimezone(there).isoformat()
    assert read_line(json.dumps(said).encode()) == reading


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_bytes_raise(body: bytes) -> None:
    readings, errors = read_lines(body, vocabulary=VOCABULARY)
    assert len(readings) + len(errors) <= body.count(b"\n") + 1
    assert all(error.reason in REASONS for error in errors)


@settings(max_examples=300)
@given(_readings, st.integers(0, 400), st.binary(max_size=3), st.integers(0, 5))
def test_a_damaged_line_is_read_or_refused_and_never_raises(
    reading: Reading, where: int, what: bytes, cut: int
) -> None:
    written = write_line(reading)
    where %= len(written)
    damaged = written[:where] + what + written[where + cut :]
    _, errors = read_lines(damaged, vocabulary=VOCABULARY)
    assert all(error.reason in REASONS for error in errors)
