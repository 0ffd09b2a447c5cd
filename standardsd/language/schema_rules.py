"""The schema of a rule file: every key, what it takes, and what the keys ask of each other.

Events and states are those of the kind in ``of``.  A file with a ``vocabulary:`` of its own may
use any word: there they are only offered.  Keys that an extended set or the defaults may give are
not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum

from standardsd.language.alerts import ALERT_KEYS
from standardsd.language.calendars import HOLIDAY_KEYS
from standardsd.language.calendars import KEYS as CALENDAR_KEYS
from standardsd.language.dating import WAIVER_REQUIRED
from standardsd.language.details import DIMENSIONS
from standardsd.language.envelope import ENVELOPE_OPTIONAL, ENVELOPE_REQUIRED
from standardsd.language.measures import FORMS
from standardsd.language.objectives import OBJECTIVE_KEYS
from standardsd.language.schema_measures import cases_only, fits, fitting, measures, of_measure, unmeasured
from standardsd.language.schema_texts import ALERT, CALENDAR, FILE, OBJECTIVE, STANDARD
from standardsd.language.schema_words import (
    A_LABEL,
    A_NAME,
    A_WORD,
    DATE,
    DRAFT,
    DURATION,
    LABEL,
    OPENING,
    SHARE,
    URL,
    WHOLE,
    WINDOW,
    ZONE,
    Schema,
    any_text,
    closed,
    described,
    has,
    offered,
    one_of,
    open_map,
    ref,
    some,
    text,
    when,
)
from standardsd.language.standards import KEYS, Status
from standardsd.language.where import REFUSED_LABELS
from standardsd.model.calendar import DAYS
from standardsd.model.standard import Policy, Reopen, Severity
from standardsd.model.vocabulary import Ending, Kind, Vocabulary

LABELS = ("site", "department", "queue", "channel", "desk", "room", "priority", "team", "contact")
"""Labels with a fixed meaning; they are offered, and any other may be written."""

EXAMPLE = r"^([0-9]{4}-[0-9]{2}-[0-9]{2} )?[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})? \S"


def rules_schema(vocabulary: Vocabulary, calendars: Iterable[str] = ()) -> Schema:
    """``vocabulary``: the kinds there are.  ``calendars``: names that are offered for ``clock``."""
    values = _values(vocabulary, sorted(calendars))
    assert set(values) == set(KEYS), set(values) ^ set(KEYS)
    asked = [unmeasured(), *(of_measure(*fit) for fit in fitting())]
    defaults = {key: value for key, value in values.items() if key != "id"}
    top = {
        "version": {"enum": [1, "1"]},
        "set": A_NAME,
        "standards": {"type": "array", "items": ref("standard")},
        "title": any_text(),
        "owner": any_text(),
        "extends": some(A_NAME),
        "defaults": closed(defaults, STANDARD, allOf=[unmeasured()]),
        "calendars": open_map(A_NAME, ref("calendar")),
        "vocabulary": open_map(A_WORD, ref("kind")),
    }
    assert set(top) == {*ENVELOPE_REQUIRED, *ENVELOPE_OPTIONAL}, top.keys()
    whole = closed(top, FILE, ENVELOPE_REQUIRED, allOf=[*_asked(), *_of_kinds(vocabulary)])
    return {
        "$schema": DRAFT,
        "title": "Rules of standardsd",
        **whole,
        "definitions": {
            "standard": closed(values, STANDARD, ["id"], allOf=asked),
            **_measures("", A_WORD, A_WORD),
            **_measures("_of_any", ref("events"), ref("states")),
            "events": _offered(vocabulary, _events),
            "states": _offered(vocabulary, _states),
            "calendar": _calendar(("timezone",)),
            "kind": _kind(),
            **fits(),
            **{name: made for kind in vocabulary.values() for name, made in _of_kind(kind).items()},
        },
    }


def _values(vocabulary: Vocabulary, calendars: Collection[str]) -> dict[str, Schema]:
    """Every key of a standard."""
    line = text(EXAMPLE, "write it as 09:00:00 arrived site=grand-budapest")
    lines = {"type": "array", "items": {"anyOf": [line, {"type": "array", "items": line}]}}
    return {
        "id": A_NAME,
        "title": any_text(),
        "of": A_WORD,
        "where": _where(),
        "by": some(_grain(), empty=True),
        "measure": ref("measure"),
        "promise": {"type": "object"},
        "clock": offered(("always", "site", *calendars), A_NAME),
        "pause_while": some(A_WORD),
        "if_left": _words(Policy),
        "if_diverted": _words(Policy),
        "if_done": _words(Policy),
        "ignore_if_left_within": DURATION,
        "unless": some(A_WORD),
        "reopen": _words(Reopen),
        "ring": DURATION,
        "objective": _objective(),
        "alert": _alert(),
        "severity": _words(Severity),
        "settle": DURATION,
        "effective": closed({"from": DATE, "until": DATE}, {}, minProperties=1),
        "status": _words(Status),
        "waivers": {"type": "array", "items": _waiver()},
        "dimension": one_of(DIMENSIONS),
        "owner": any_text(),
        "runbook": URL,
        "because": closed({key: any_text() for key in ("clause", "edition", "figure", "source")}, {}),
        "notes": any_text(),
        "examples": closed({"kept": lines, "broken": lines}, {}),
    }


def _words(words: type[StrEnum]) -> Schema:
    return one_of(word.value for word in words)


def _where() -> Schema:
    globs = some(any_text())
    return {**open_map(A_LABEL, globs), "properties": dict.fromkeys(LABELS, globs)}


def _grain() -> Schema:
    told = "this label cannot be a grain of figures and alerts"
    refused = "|".join(sorted(REFUSED_LABELS))
    wanted = [label for label in LABELS if label not in REFUSED_LABELS]
    return offered(wanted, text(rf"^(?!({refused})$){LABEL.removeprefix('^')}", told))


def _objective() -> Schema:
    target = closed({"from": DATE, "at_least": SHARE}, {}, ["from", "at_least"])
    values = {
        "at_least": SHARE,
        "over": WINDOW,
        "min_count": WHOLE,
        "periods": WHOLE,
        "zone": ZONE,
        "targets": {"type": "array", "items": target, "minItems": 1},
    }
    assert set(values) == set(OBJECTIVE_KEYS), values.keys()
    either = [{"required": ["at_least"]}, {"required": ["targets"]}]
    return closed(values, OBJECTIVE, ["over"], oneOf=either)


def _alert() -> Schema:
    values = {
        "on": some(A_WORD, empty=True),
        "for": DURATION,
        "keep_firing_for": DURATION,
        "warn_at": SHARE,
        "warn_before": DURATION,
    }
    assert set(values) == set(ALERT_KEYS), values.keys()
    return closed(values, ALERT)


def _waiver() -> Schema:
    values = {"where": _where(), "from": DATE, "until": DATE, "reason": any_text(), "approved_by": any_text()}
    return closed(values, {}, WAIVER_REQUIRED)


def _calendar(required: Iterable[str]) -> Schema:
    """A calendar of a rule file; one of a site has no ``timezone`` of its own."""
    needed = tuple(required)
    times = some(OPENING, empty=True)
    days = "|".join(DAYS)
    weekly = {
        "type": "object",
        "properties": dict.fromkeys((*DAYS, "mon-fri", "mon-sun", "sat-sun"), times),
        "propertyNames": text(
            f"^({days})(-({days}))?$", "write a day such as mon, or a span such as mon-fri"
        ),
        "additionalProperties": times,
    }
    holidays = closed(
        {key: some(any_text()) if key == "categories" else any_text() for key in HOLIDAY_KEYS},
        {},
        oneOf=[{"required": ["country"]}, {"required": ["ics"]}],
    )
    values = {
        "weekly": weekly,
        "holidays": holidays,
        "closed": some(DATE, empty=True),
        "instead": open_map(DATE, times),
    }
    assert set(values) == set(CALENDAR_KEYS), values.keys()
    return closed({**({"timezone": ZONE} if needed else {}), **values}, CALENDAR, needed)


def site_calendar() -> Schema:
    """The calendar of a site of the configuration."""
    return _calendar(())


def _kind() -> Schema:
    state = closed({"enter": some(A_WORD), "leave": some(A_WORD, empty=True)}, {}, ["enter"])
    values = {
        "events": some(A_WORD),
        "states": open_map(A_WORD, state),
        "endings": open_map(A_WORD, _words(Ending)),
        "reopening": A_WORD,
    }
    return closed(values, {})


# -- what the keys ask of each other -------------------------------------------------------------------


def _asked() -> list[Schema]:
    """Keys that a standard must have, where neither an extended set nor the defaults may give them."""
    kindless = [form.first for form in FORMS.values() if form.kindless]
    about = has(measure={"anyOf": [{"required": [first]} for first in kindless]})
    asked: dict[str, Schema] = {key: {"required": [key]} for key in ("title", "measure", "promise")}
    asked["of"] = {"anyOf": [{"required": ["of"]}, about]}
    alone = {"not": {"required": ["extends"]}}
    return [
        when(
            {"allOf": [alone, {"not": has(defaults={"required": [key]})}]},
            {"properties": {"standards": {"items": needed}}},
        )
        for key, needed in asked.items()
    ]


def _of_kinds(vocabulary: Vocabulary) -> list[Schema]:
    """The words of each kind, also where ``of`` is a default; a file with words of its own is offered all."""
    plain = {"not": {"required": ["vocabulary"]}}
    kinds = [*vocabulary]
    own = [when(has(of={"const": kind}), ref(f"of_{kind}")) for kind in kinds]
    usual = [
        when(
            has(defaults=has(of={"const": kind})),
            {"properties": {"standards": {"items": when({"not": {"required": ["of"]}}, ref(f"of_{kind}"))}}},
        )
        for kind in kinds
    ]
    known = described(one_of(kinds), STANDARD["of"])
    items = {"properties": {"of": known}, "allOf": own}
    any_of = {
        "of": offered(kinds, A_WORD),
        "measure": ref("measure_of_any"),
        "unless": some(ref("events")),
        "pause_while": some(ref("states")),
    }
    strict = {
        "properties": {"standards": {"items": items}, "defaults": {"properties": {"of": known}}},
        "allOf": usual,
    }
    return [{**when(plain, strict), "else": {"properties": {"standards": {"items": {"properties": any_of}}}}}]


def _of_kind(kind: Kind) -> dict[str, Schema]:
    """Events and states of one kind; a kind without states has nothing to pause in."""
    events, states = ref(f"events_of_{kind.name}"), ref(f"states_of_{kind.name}")
    values = {"measure": ref(f"measure_of_{kind.name}"), "unless": some(events), "pause_while": some(states)}
    return {
        f"of_{kind.name}": {"properties": values},
        f"events_of_{kind.name}": one_of(kind.all_events()),
        f"states_of_{kind.name}": one_of(kind.states) if kind.states else {"not": {}},
        **_measures(f"_of_{kind.name}", events, states),
    }


def _measures(of: str, events: Schema, states: Schema) -> dict[str, Schema]:
    return {f"measure{of}": measures(events, states, f"cases{of}"), f"cases{of}": cases_only(events, states)}


def _offered(vocabulary: Vocabulary, words: Callable[[Kind], Iterable[str]]) -> Schema:
    """Every word of every kind."""
    found = dict.fromkeys(word for kind in vocabulary.values() for word in words(kind))
    return offered(found, A_WORD)


def _events(kind: Kind) -> Iterable[str]:
    return kind.all_events()


def _states(kind: Kind) -> Iterable[str]:
    return kind.states
