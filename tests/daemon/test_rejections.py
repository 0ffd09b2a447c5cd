"""What is rejected is on its source's page with its place, and one line of the log tells of the batch."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from standardsd.daemon.rejections import Rejections, told_every
from standardsd.daemon.slices import in_the_batch, in_the_slice, without
from standardsd.drivers.base import Batch
from standardsd.model.decision import Refused
from standardsd.model.reading import Event
from standardsd.web.desk import RejectedLine, last_rejected_max

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def line(number: int, at: datetime = NINE, reason: str = "not_json") -> RejectedLine:
    return RejectedLine(at, reason, f"line {number}", "not JSON")


def test_the_last_lines_of_a_source_are_kept_the_newest_first() -> None:
    kept = Rejections()
    kept.take("kiosk", [line(n) for n in range(last_rejected_max + 3)], {"not_json": last_rejected_max + 3})
    kept.take("hall", [line(1)], {"not_json": 1})
    assert [one.place for one in kept.last("kiosk")] == [
        f"line {n}" for n in range(last_rejected_max + 2, 2, -1)
    ]
    assert kept.last("hall") == (line(1),)
    assert kept.last("none") == ()


def test_the_log_has_one_line_a_batch_and_counts_what_it_left_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    kept = Rejections()
    kept.take("kiosk", [line(2), line(9)], {"not_json": 7, "too_early": 1})
    kept.take("kiosk", [line(3, NINE + told_every / 2)], {"not_json": 4})
    kept.take("hall", [], {})
    later = NINE + told_every
    kept.take("kiosk", [line(5, later)], {"too_late": 1})
    assert [record.getMessage() for record in caplog.records] == [
        "kiosk: rejected: 7 not_json, 1 too_early; the first of this batch at line 2: not JSON",
        "kiosk: rejected: 4 not_json, 1 too_late; the first of this batch at line 5: not JSON",
    ]
    kept.take("kiosk", [line(1, later - timedelta(hours=1))], {"not_json": 1})
    assert len(caplog.records) == 3, "a clock set back silences nobody"


def test_a_refused_reading_keeps_its_place_through_slices_and_what_is_left_out() -> None:
    readings = tuple(Event("kiosk", "visit", n, "arrived", NINE) for n in "abcab")
    kept, left_out = without(Batch("kiosk", readings), {("visit", "b"): "too many"}, NINE)
    assert [one.id for one in kept.readings if isinstance(one, Event)] == ["a", "c", "a"]
    late = [Refused("kiosk", "too_late", "event", NINE, place) for place in (1, 2)]
    told = in_the_slice(late, left_out, len(readings))
    assert [(one.reason, one.place) for one in told] == [
        ("too_many_readings", 1), ("too_late", 2), ("too_late", 3), ("too_many_readings", 4),
    ]  # fmt: skip
    assert [one.place for one in in_the_batch(told, 200)] == [201, 202, 203, 204]
