"""The operator's labels: the same for a whole source, or by the value of another label."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from standardsd.daemon.labelling import Labeller, told_max
from standardsd.mapping.label_maps import labelled
from standardsd.model.reading import Event, Sample, Watermark
from tests.daemon.harness import House

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUEUES = {"queue": {"sales": {"site": "vienna", "department": "sales"}, "desk": {"site": "graz"}}}

# labels of the reading, fixed labels → labels then, what had no mapping
LABELS = [
    ({"queue": "sales"}, {}, {"queue": "sales", "site": "vienna", "department": "sales"}, ()),
    ({"queue": "desk"}, {"pbx": "1"}, {"queue": "desk", "site": "graz", "pbx": "1"}, ()),
    ({"queue": "sales", "site": "linz"}, {}, {"queue": "sales", "site": "linz", "department": "sales"}, ()),
    ({"queue": "night"}, {"pbx": "1"}, {"queue": "night", "pbx": "1"}, (("queue", "night"),)),
    ({}, {"pbx": "1"}, {"pbx": "1"}, ()),  # without the label there is nothing to map
    ({"pbx": "2"}, {"pbx": "1"}, {"pbx": "2"}, ()),  # what the reading says itself stands
]


@pytest.mark.parametrize(("labels", "fixed", "expected", "unmapped"), LABELS)
def test_labels_are_added_under_those_of_the_reading(labels, fixed, expected, unmapped):
    event = Event("pbx", "call", "1", "queued", NINE, labels=labels)
    found = labelled(event, fixed=fixed, maps=QUEUES)
    assert found.reading == Event("pbx", "call", "1", "queued", NINE, labels=expected)
    assert found.unmapped == unmapped
    assert event.labels == labels, "the reading itself was changed"


def test_samples_are_labelled_and_watermarks_have_no_labels():
    sample = Sample("pbx", "waiting", NINE, 3.0, {"queue": "desk"})
    assert labelled(sample, fixed={}, maps=QUEUES).reading.labels == {"queue": "desk", "site": "graz"}
    mark = Watermark("pbx", NINE)
    assert labelled(mark, fixed={"site": "graz"}, maps=QUEUES).reading is mark


def test_a_value_without_a_mapping_is_counted_each_time_and_told_once(caplog):
    labeller = Labeller("pbx1", {}, QUEUES)
    assert dict(labeller.unmapped) == {"queue": 0}, "so that increase() sees the first one"
    events = [Event("pbx1", "call", str(n), "queued", NINE, labels={"queue": "night"}) for n in range(3)]
    with caplog.at_level(logging.WARNING):
        labeller(events)
    assert dict(labeller.unmapped) == {"queue": 3}
    assert caplog.messages == ["pbx1: queue 'night' has no mapping; add it under sources.pbx1.map"]


def test_only_so_many_values_are_named(caplog):
    labeller = Labeller("pbx1", {}, QUEUES)
    queues = [f"q{n}" for n in range(told_max + 5)]
    labeller([Event("pbx1", "call", "1", "queued", NINE, labels={"queue": queue}) for queue in queues])
    assert len(labeller.values) == len(caplog.messages) == told_max
    assert labeller.unmapped["queue"] == told_max + 5


RULES = """\
version: 1
set: phones
standards:
  - id: answer
    title: Callers are answered within a minute
    of: call
    by: [site]
    measure: {from: queued, to: answered}
    promise: {within: 60s}
"""


def test_a_running_daemon_judges_by_the_mapped_site_and_counts_what_has_none(
    house: Callable[..., House],
) -> None:
    pbx = {"use": "push", "watermark": {"kind": "explicit"}, "map": {"queue": {"sales": {"site": "vienna"}}}}
    one = house(RULES, {"pbx": pbx}).start()
    unmapped = {"source": "pbx", "label": "queue"}
    assert one.metric("standardsd_labels_unmapped_total", **unmapped) == 0
    now = datetime.now(UTC)
    one.must_take(
        Event("pbx", "call", "1", "queued", now, labels={"queue": "sales"}),
        Event("pbx", "call", "2", "queued", now, labels={"queue": "night"}),
    )
    assert one.metric("standardsd_open_promises", standard="answer", site="vienna") == 1
    assert one.metric("standardsd_labels_unmapped_total", **unmapped) == 1
    assert "pbx: queue 'night' has no mapping" in one.log
    pbx["map"]["queue"]["night"] = {"site": "graz"}
    assert one.reload() == 1
    one.must_take(Event("pbx", "call", "3", "queued", now, labels={"queue": "night"}))
    assert one.metric("standardsd_open_promises", standard="answer", site="graz") == 1
    assert one.metric("standardsd_labels_unmapped_total", **unmapped) == 0, "a new map counts anew"
    one.stop()
