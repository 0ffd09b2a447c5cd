"""Labels that the operator adds to what a source says: the same for all of it, or by the value of another label."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from standardsd.model.reading import Event, Labels, Reading, Sample

Maps = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Label → value it has → labels to add."""


class Labelled(Struct, frozen=True):
    """``unmapped``: (label, value) that have a map for the label but not for the value."""

    reading: Reading
    unmapped: tuple[tuple[str, str], ...] = ()


def labelled(reading: Reading, *, fixed: Mapping[str, str], maps: Maps) -> Labelled:
    """The reading with the operator's labels under those that it carries itself.

    Only events and samples have labels.  A map looks at the labels of this reading alone: one without
    the label adds nothing and lacks nothing.  Where two maps add the same label, the later one in the
    file stands.
    """
    if not isinstance(reading, Event | Sample) or not (fixed or maps):
        return Labelled(reading)
    added: Labels = dict(fixed)
    unmapped: list[tuple[str, str]] = []
    for name, values in maps.items():
        value = reading.labels.get(name)
        if value is None:
            continue
        if value in values:
            added.update(values[value])
        else:
            unmapped.append((name, value))
    labels = {**added, **reading.labels}
    same = labels == reading.labels
    return Labelled(reading if same else structs.replace(reading, labels=labels), tuple(unmapped))
