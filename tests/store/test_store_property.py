"""Whatever is read goes into the journal and comes out of it, batch by batch and interaction by interaction."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standardsd.model.reading import Event, Gap, Reading, Retract, Sample, Watermark
from standardsd.store import body
from standardsd.store.entries import ReadingsInput, RejectedRecord
from standardsd.store.store import Store
from tests.store.values import NINE, batch

# Text that UTF-8 can carry: a decoder never yields lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
few = st.sampled_from(
    ["kiosk/1", "kiosk/2", "KIOSK/1", "kiosk/é", "kiosk/é", "kiosk/1\x00", " kiosk/1", "1'); --"]
)
ids = few | texts
kinds = st.sampled_from(["visit", "call", "Visit"])
instants = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
numbers = st.floats(allow_nan=False, allow_infinity=False)
labels = st.dictionaries(texts, st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=3)

events = st.builds(
    Event,
    source=texts,
    kind=kinds,
    id=ids,
    event=texts,
    at=instants,
    seq=st.integers(-(2**63), 2**63 - 1),
    not_before=st.none() | instants,
    labels=labels,
    values=st.dictionaries(texts, numbers, max_size=2),
)
retracts = st.builds(
    Retract, source=texts, kind=kinds, id=ids, event=st.none() | texts, at=st.none() | instants
)
others = st.one_of(
    st.builds(Sample, source=texts, name=texts, at=instants, value=numbers, labels=labels),
    st.builds(Watermark, source=texts, at=instants),
    st.builds(Gap, source=texts, since=instants, until=instants),
)
readings = st.one_of(events, events, retracts, others)
batches = st.lists(st.lists(readings, max_size=12).map(tuple), max_size=6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches)
def test_readings_out_are_readings_in_by_journal_and_by_interaction(taken: list[tuple[Reading, ...]]) -> None:
    by_interaction: dict[tuple[str, str], list[Reading]] = defaultdict(list)
    for reading in (reading for one in taken for reading in one):
        if isinstance(reading, Event | Retract):
            by_interaction[reading.kind, reading.id].append(reading)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "store.sqlite") as store:
        half = len(taken) // 2
        store.commit([batch(*one) for one in taken[:half]])
        for one in taken[half:]:
            store.commit([batch(*one)])
        out = [row.input.readings for row in store.journal() if isinstance(row.input, ReadingsInput)]
        assert out == taken
        for (kind, id), expected in by_interaction.items():
            assert store.history(kind, id) == expected
        never = {("visit", "never"), ("never", "kiosk/1")} - set(by_interaction)
        assert store.known({*by_interaction, *never}) == set(by_interaction)


@settings(deadline=None)
@given(
    st.builds(
        ReadingsInput,
        source=texts,
        readings=st.lists(readings, max_size=5).map(tuple),
        cursor=st.none() | st.binary(max_size=50),
        key=st.none() | texts,
        rejected=st.lists(st.builds(RejectedRecord, texts, texts, texts), max_size=2).map(tuple),
    )
)
def test_a_body_is_the_input_and_any_bit_turned_in_it_is_noticed(taken: ReadingsInput) -> None:
    packed = body.pack(taken)
    assert body.unpack(packed) == taken
    for place in range(0, len(packed), max(1, len(packed) // 16)):
        spoiled = bytearray(packed)
        spoiled[place] ^= 0x10
        try:
            found = body.unpack(bytes(spoiled))
        except body.BodyDamaged:
            continue
        assert found == taken, f"byte {place}"  # a bit that means nothing, such as the compression level's
    for end in range(0, len(packed), max(1, len(packed) // 8)):
        try:
            body.unpack(packed[:end])
        except body.BodyDamaged:
            continue
        raise AssertionError(f"cut at {end}")


def test_a_body_can_be_read_with_ordinary_tools() -> None:
    import json
    import zlib

    arrived = Event("kiosk", "visit", "kiosk/1", "arrived", NINE, labels={"site": "Ő"})
    head, line = zlib.decompress(body.pack(ReadingsInput(source="kiosk", readings=(arrived,)))).split(b"\n")
    assert json.loads(head) == {"type": "readings", "source": "kiosk", "count": 1}
    assert json.loads(line) == {
        "type": "event",
        "source": "kiosk",
        "kind": "visit",
        "id": "kiosk/1",
        "event": "arrived",
        "at": "2026-03-02T09:00:00Z",
        "labels": {"site": "Ő"},
    }
