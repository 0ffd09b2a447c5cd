"""What may be told: a bad label costs the alert, a bad link only the link."""

from __future__ import annotations

import msgspec
import pytest

from standardsd.notify.message import (
    AlertMessage,
    annotation_chars_max,
    checked,
    decode,
    encode,
    label_chars_max,
    labels_max,
    link_is_fine,
    url_chars_max,
)
from tests.notify.parts import NOON, SECOND, message


def test_a_message_comes_out_of_the_outbox_as_it_went_in() -> None:
    whole = message(site="Bük", ended=NOON + SECOND)
    assert decode(encode(whole)) == whole
    with pytest.raises(msgspec.DecodeError):
        decode(b'{"labels": {"alertname": 7}}')


@pytest.mark.parametrize(
    ("labels", "refused"),
    [
        ({"site": "grand-budapest"}, None),
        ({"site": "Ünnep \U0001f600 \n\t\"'\\"}, None),  # any text is a value
        ({"_1": "x", "A9_": "x"}, None),
        ({"room-no": "7"}, "label name 'room-no' is not a name (letters, digits and _ only, no digit first)"),
        ({"9th": "7"}, "label name '9th' is not a name (letters, digits and _ only, no digit first)"),
        ({"sité": "7"}, "label name 'sité' is not a name (letters, digits and _ only, no digit first)"),
        ({"site\n": "7"}, "label name 'site\\n' is not a name (letters, digits and _ only, no digit first)"),
        ({"": "7"}, "label name '' is not a name (letters, digits and _ only, no digit first)"),
        ({"site": "\ud800"}, "label site is not valid Unicode"),
        ({"site": "x" * label_chars_max}, None),  # exactly the maximum is told
        ({"site": "x" * (label_chars_max + 1)}, "label site has 1025 characters; at most 1024 are told"),
        ({f"l{n}": "x" for n in range(labels_max - 2)}, None),  # and alertname and source
        ({f"l{n}": "x" for n in range(labels_max - 1)}, "65 labels; at most 64 are told"),
        ({"alertname": ""}, "label alertname is missing"),
    ],
)
def test_a_bad_label_refuses_the_alert_with_its_reason(labels: dict[str, str], refused: str | None) -> None:
    result = checked(msgspec.structs.replace(message(), labels={"alertname": "a", "source": "s", **labels}))
    assert result.refused == refused
    assert (result.message is None) == (refused is not None)


def test_a_value_that_is_no_text_is_refused_though_types_forbid_it() -> None:
    labels: dict[str, str] = {"alertname": "a", "count": 7}  # type: ignore[dict-item]
    assert checked(AlertMessage(labels, {}, NOON)).refused == "label count is int, not text"


def test_an_empty_label_is_dropped_as_alertmanager_would() -> None:
    """So that the identity we compare by is the one it compares by."""
    result = checked(message(site="", queue="q"))
    assert result.message is not None
    assert result.message.identity == message(queue="q").identity


def test_a_bad_annotation_or_link_is_left_out_and_told_and_the_alert_goes() -> None:
    bad = msgspec.structs.replace(
        message(url="javascript:alert(1)"),
        annotations={"summary": "fine", "no good": "x", "text": "\ud800", "long": "y" * 5000},
    )
    result = checked(bad)
    assert result.message is not None
    assert result.message.generator_url is None
    assert set(result.message.annotations) == {"summary", "long"}
    assert len(result.message.annotations["long"]) == annotation_chars_max
    assert result.left_out == (
        "annotation name 'no good' is not a name (letters, digits and _ only, no digit first)",
        "annotation text is not valid Unicode",
        "generatorURL 'javascript:alert(1)' is not an http(s) address",
    )


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("http://127.0.0.1:8080/standards/a?site=x", True),
        ("https://desk.example", True),
        ("http://[::1]:8080/x", True),
        ("http://desk.example/%C3%BC", True),
        ("http://desk.example/ü", False),  # must be escaped
        ("http://desk.example/a b", False),
        ("http://desk.example/100%", False),  # a percent sign that is no escape
        ("http://desk.example/%zz", False),
        ("http://desk.example:port/", False),
        ("http://desk.example:99999/", False),
        ("http://[::1/", False),
        ("http://", False),
        ("http:///standards", False),
        ("/standards/a", False),
        ("ftp://desk.example/", False),
        ("http://desk.example/\n", False),
        ("http://d.example/" + "x" * (url_chars_max - 17), True),  # exactly the maximum
        ("http://d.example/" + "x" * (url_chars_max - 16), False),
        ("", False),
    ],
)
def test_a_link_is_checked_before_it_can_cost_a_batch(url: str, fine: bool) -> None:
    assert link_is_fine(url) is fine


def test_one_transition_has_one_key_and_another_has_another() -> None:
    fired = message(site="a")
    keys = {
        fired.key("am/1"),
        fired.key("am/2"),
        message(site="b").key("am/1"),
        message(site="a", ended=NOON).key("am/1"),
        message(site="a", at=NOON + SECOND).key("am/1"),
    }
    assert len(keys) == 5
    # Figures may differ when the same transition is worded again after a crash.
    reworded = msgspec.structs.replace(fired, annotations={"summary": "Guests wait", "count": "4"})
    assert reworded.key("am/1") == fired.key("am/1")


def test_the_later_word_on_an_alert_has_the_greater_rank() -> None:
    fired, ended = message(), message(ended=NOON + SECOND)
    again = message(at=NOON + 2 * SECOND)
    assert fired.rank < ended.rank < again.rank
