"""The wire format: however the bytes arrive, the same messages; whatever they are, bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standardsd.drivers import backoff
from standardsd.mapping import ami, ami_visits
from standardsd.mapping.ami import Banner, Item, Message, Parser, Refusal, action, challenge_key, unescape
from tests.asterisk.recorded import CLIENTS, RUNS, definition, recording


def parsed(*pieces: bytes) -> list[Item]:
    parser = Parser()
    found = [item for piece in pieces for item in parser.feed(piece)]
    return found + parser.end()


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


HELLO = b"Asterisk Call Manager/11.0.0\r\n"
ONE = b"Event: One\r\nQueue: a\r\n\r\n"
TWO = b"Event: Two\r\nQueue: b\r\n\r\n"


@pytest.mark.parametrize("size", [1, 1460])  # 1460: what one packet carries
@pytest.mark.parametrize("client", CLIENTS)
def test_a_recording_is_the_same_messages_however_it_is_cut(client: str, size: int) -> None:
    """The other recording goes byte by byte over a real wire, in ``test_replayed_pbx``."""
    data = recording("faults", client)
    whole = parsed(data)
    assert parsed(*cut(data, size)) == whole
    assert not any(isinstance(item, Refusal) for item in whole)
    assert sum(isinstance(item, Banner) for item in whole) == 3
    assert len(whole) > 1500


@pytest.mark.parametrize("run", RUNS)
def test_every_message_names_the_byte_it_begins_at(run: str) -> None:
    data = recording(run, "ami")
    for item in parsed(data):
        if isinstance(item, Message):
            key, value = item.fields[0]
            assert data[item.offset :].startswith(f"{key}: {value}\r\n".encode())


@given(
    st.lists(
        st.sampled_from([HELLO, ONE, TWO, b"\r\n", b"no colon\r\n", b"\xff\xfe: \xc3\r\n", b"\n", b":\r\n"])
    ),
    st.data(),
)
def test_cuts_change_nothing(pieces: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    places = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    parts = [whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)]
    assert parsed(*parts) == parsed(whole)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_any_bytes_at_all_are_read_without_an_error_and_in_bounded_memory(pieces: list[bytes]) -> None:
    parser = Parser()
    for piece in pieces:
        for item in parser.feed(piece):
            assert isinstance(item, Banner | Message | Refusal)
        assert parser.held_bytes <= ami.message_bytes_max


def test_bytes_that_are_no_utf8_lose_nothing_but_themselves() -> None:
    (message,) = parsed("Event: X\r\nName: M\xfcller\r\nQueue: a\r\n\r\n".encode("latin-1"))
    assert isinstance(message, Message)
    assert message.get("Name") == "M�ller" and message.get("Queue") == "a"


def test_a_character_cut_between_two_reads_is_whole() -> None:
    data = "Event: X\r\nMemberName: Bob, the Übermember\r\n\r\n".encode()
    (message,) = parsed(*cut(data, 1))
    assert isinstance(message, Message) and message.get("MemberName") == "Bob, the Übermember"


def test_a_line_break_of_unicode_is_no_line_break_here() -> None:
    data = "Event: X\r\nName: a\u2028b\x85c\x0bd\r\nQueue: q\r\n\r\n".encode()
    (message,) = parsed(data)
    assert isinstance(message, Message) and message.get("Queue") == "q" and len(message.fields) == 3


def test_a_repeated_key_keeps_all_its_values_and_the_first_one_counts() -> None:
    (message,) = parsed(b"Event: X\r\nChanVariable: a=1\r\nChanVariable: b=2\r\n\r\n")
    assert isinstance(message, Message)
    assert message.all("ChanVariable") == ("a=1", "b=2")
    assert message.get("ChanVariable") == message.record()["ChanVariable"] == "a=1"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"K: v", "v"),
        (b"K:v", "v"),  # some modules write no blank
        (b"K:  v ", " v "),  # one blank belongs to the format, others to the value
        (b"K: a: b", "a: b"),
        (b"K:", ""),
    ],
)
def test_a_value_is_what_stands_behind_the_first_colon(line: bytes, value: str) -> None:
    (message,) = parsed(line + b"\r\n\r\n")
    assert isinstance(message, Message) and message.get("K") == value


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"plain", "plain"),
        (r"O\'Neil \"Bob\"", 'O\'Neil "Bob"'),
        (r"a\\b\n\t\?", "a\\b\n\t?"),
        (r"a\x\0", r"a\x\0"),  # Asterisk escapes nothing else; what looks like more is text
        ("end\\", "end\\"),
    ],
)
def test_a_name_is_as_it_was_before_asterisk_escaped_it(escaped: str, text: str) -> None:
    assert unescape(escaped) == text


def test_a_message_that_is_too_long_is_one_refusal_and_the_next_is_read() -> None:
    long = b"Event: Long\r\n" + b"Value: " + b"x" * ami.line_bytes_max + b"\r\nMore: y\r\n\r\n"
    for pieces in ([ONE + long + TWO], cut(ONE + long + TWO, 1000)):
        first, refusal, last = parsed(*pieces)
        assert isinstance(first, Message) and isinstance(last, Message)
        assert isinstance(refusal, Refusal)
        assert (refusal.reason, refusal.offset) == ("too_long", len(ONE))
        assert last.offset == len(ONE + long)


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (ami.message_bytes_max - 1, None),
        (ami.message_bytes_max, None),  # exactly the limit is still read
        (ami.message_bytes_max + 1, "too_long"),
    ],
)
def test_a_message_may_have_exactly_so_many_bytes(size: int, reason: str | None) -> None:
    lines = b"V: " + b"x" * 1000 + b"\r\n"
    body = lines * ((size - 2000) // len(lines))
    body += b"V: " + b"y" * (size - len(body) - 7) + b"\r\n\r\n"
    assert len(body) == size
    (item,) = parsed(body)
    assert (item.reason if isinstance(item, Refusal) else None) == reason


def test_an_endless_line_is_refused_once_and_held_by_nobody() -> None:
    parser = Parser()
    found = [item for _ in range(200) for item in parser.feed(b"x" * 10_000)]
    assert [item.reason for item in found if isinstance(item, Refusal)] == ["too_long"]
    assert parser.held_bytes == 0
    assert [type(item) for item in parser.feed(b"\r\n\r\n" + ONE)] == [Message]


def test_an_empty_line_inside_what_is_passed_over_ends_it() -> None:
    long = b"V: " + b"x" * ami.line_bytes_max
    assert [type(item) for item in parsed(long, b"\r\n", b"\r\n", ONE)] == [Refusal, Message]


def test_a_connection_that_breaks_in_a_message_is_a_counted_cut() -> None:
    first, refusal, banner, last = parsed(ONE + TWO[:-4] + b"\r\n" + HELLO + ONE)
    assert isinstance(first, Message) and isinstance(banner, Banner) and isinstance(last, Message)
    assert isinstance(refusal, Refusal) and refusal.reason == "cut"
    (message, end) = parsed(ONE + b"Event: Tw")
    assert isinstance(message, Message) and isinstance(end, Refusal) and end.reason == "cut"


def test_a_reader_that_was_cut_begins_afresh() -> None:
    parser = Parser()
    assert parser.feed(b"Event: Half") == []
    assert [item.reason for item in parser.end() if isinstance(item, Refusal)] == ["cut"]
    (message,) = parser.feed(ONE)
    assert isinstance(message, Message) and message.fields[0] == ("Event", "One")


def test_an_action_is_headers_and_an_empty_line() -> None:
    assert action("Ping", "a-1") == b"Action: Ping\r\nActionID: a-1\r\n\r\n"
    with pytest.raises(AssertionError, match="line break"):
        action("Login", "a-1", {"Username": "x\r\nAction: Originate"})


def test_the_key_of_a_challenge_is_md5_of_challenge_and_secret() -> None:
    assert challenge_key("840415273", "quiet") == "1210691e0c6479e8fcf4c6f9291ba0d5"


def test_the_limits_that_the_definition_tells_are_those_that_hold() -> None:
    limits = definition().limits
    assert limits["line_bytes"] == ami.line_bytes_max
    assert limits["message_bytes"] == ami.message_bytes_max
    assert limits["visits"] == ami_visits.visits_max
    assert limits["logins_per_minute_when_refused"] == 60 / backoff.refused_pause.total_seconds()
