"""The schema of ``measure`` and ``promise``, made from the tables that the reader goes by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from standardsd.language.alerts import FITTING
from standardsd.language.fits import HOLD, Fit, fit_of
from standardsd.language.measures import FORMS, INSPECTION, STATISTICS, Form
from standardsd.language.promises import ELSE, PER
from standardsd.language.promises import FORMS as WORDS
from standardsd.language.quantities import Unit
from standardsd.language.schema_texts import CONDITIONS
from standardsd.language.schema_words import (
    A_LABEL,
    A_NAME,
    DURATION,
    PLAIN,
    SIGNED,
    SIGNED_SHARE,
    TIME_LIMIT,
    WALL,
    WINDOW,
    YES_NO,
    Schema,
    one_of,
    ref,
    some,
    text,
    when,
)
from standardsd.model.measure import (
    Calendar,
    CalendarUnit,
    Carried,
    Count,
    FromTo,
    Gap,
    How,
    Measure,
    Nps,
    Rate,
    Repeats,
    Sampled,
    Score,
    Since,
    Spread,
    Statistic,
    TimeIn,
)

DAY = Calendar(CalendarUnit.DAY)
A_NUMBER = text(r"^[^=\s]+$", "write the name of a number, without a space and without =")
UNITS = {Unit.PLAIN: PLAIN, Unit.SHARE: SIGNED_SHARE, Unit.TIME: SIGNED}

SAMPLES: dict[str, Measure] = {
    # first key: a measure of that form, by which its promise is looked up
    "from": FromTo((), ()),
    "time_in": TimeIn("", each=True),
    "value": Carried("", ""),
    "score": Score(),
    "reading": Sampled(""),
    "since": Since(""),
    "count": Count("", DAY),
    "rate": Rate("", "", DAY),
    "nps": Nps("", "", DAY),
    "repeats": Repeats("", (), DAY),
    "spread": Spread("", ""),
    "gap": Gap("", ""),
}


def measures(events: Schema, states: Schema, cases: str) -> Schema:
    """Every form; its first key tells which others it must and may have.  ``cases``: the definition that
    says what may stand inside a statistic (``cases_only``)."""
    inner = dict.fromkeys(STATISTICS, ref(cases))
    return _forms(FORMS.values(), {**_keys(events, states), **inner})


def cases_only(events: Schema, states: Schema) -> Schema:
    """The forms that are about cases."""
    return _forms([form for form in FORMS.values() if form.of_case], _keys(events, states))


def _forms(known: Collection[Form], keys: dict[str, Schema]) -> Schema:
    named = {key: keys[key] for form in known for key in (form.first, *form.required, *form.optional)}
    return {
        "type": "object",
        "properties": named,
        "additionalProperties": False,
        "anyOf": [{"required": [form.first]} for form in known],
        "allOf": [when({"required": [form.first]}, _exactly(form)) for form in known],
    }


def _exactly(form: Form) -> Schema:
    names = (form.first, *form.required, *form.optional)
    return {"required": list(form.required), "propertyNames": {"enum": list(names)}}


def _keys(events: Schema, states: Schema) -> dict[str, Schema]:
    return {
        "from": some(events),
        "to": some(events),
        "each": YES_NO,
        "time_in": states,
        "value": A_NUMBER,
        "at": events,
        "score": one_of((INSPECTION,)),
        "reading": A_NUMBER,
        "since": events,
        "over": WINDOW,
        "count": events,
        "rate": events,
        "per": events,
        "nps": A_NUMBER,
        "repeats": events,
        "same": some(A_LABEL),
        "spread": A_NAME,
        "across": A_LABEL,
        "gap": {"type": "array", "items": A_NAME, "minItems": 2, "maxItems": 2},
    }


# -- promises ------------------------------------------------------------------------------------------


def fitting() -> Iterator[tuple[Schema, Measure]]:
    """A condition on ``measure``, and a measure of that form, for every form that decides what fits."""
    for first, sample in SAMPLES.items():
        yield {"required": [first]}, sample
        if first == "time_in":
            once = {"required": [first], "not": {"required": ["each"]}}
            yield once, TimeIn("")
    for how in How:
        for first in ("from", "time_in", "value", "score"):
            inner = SAMPLES[first]
            assert isinstance(inner, FromTo | TimeIn | Carried | Score)
            condition = {"required": [how.value], "properties": {how.value: {"required": [first]}}}
            yield condition, Statistic(how, inner, DAY)


def fits() -> dict[str, Schema]:
    """The schema of every promise that fits some measure, by the name of its definition."""
    found = {name_of(fit_of(measure)): _promise(fit_of(measure)) for _, measure in fitting()}
    return {**found, "promise": {"type": "object", "properties": {word: {} for word in (*WORDS, PER, ELSE)}}}


def name_of(fit: Fit) -> str:
    """``promise_of_a_score``."""
    return f"promise_of_{fit.what.replace(' ', '_')}"


def _promise(fit: Fit) -> Schema:
    """One promise, or a grid: a row for each value of a label."""
    grid = {
        "properties": {PER: A_LABEL, ELSE: _simple(fit)},
        "additionalProperties": _simple(fit),
        "minProperties": 2,
    }
    words = dict.fromkeys((*fit.keys, *((HOLD,) if fit.lasting else ()), PER), Schema())
    # The words stand here, too, for editors: they look for keys to offer where nothing is written yet.
    return {"type": "object", "properties": words, **when({"required": [PER]}, grid), "else": _simple(fit)}


def _simple(fit: Fit) -> Schema:
    keys = _timed(fit) if fit.timed else _limits(fit)
    one: Schema = {"minProperties": 1, "maxProperties": 1}
    if fit.lasting:
        both: Schema = {"minProperties": 2, "maxProperties": 2}
        one = {**when({"required": [HOLD]}, both), "else": one}
        keys[HOLD] = DURATION
    return {"type": "object", "properties": keys, "additionalProperties": False, **one}


def _timed(fit: Fit) -> dict[str, Schema]:
    limit = TIME_LIMIT if "until" in fit.keys else DURATION
    known = {"within": limit, "under": limit, "until": WALL, "between": _edges(SIGNED)}
    return {key: known[key] for key in fit.keys}


def _limits(fit: Fit) -> dict[str, Schema]:
    units = [UNITS[unit] for unit in fit.takes]
    number = units[0] if len(units) == 1 else {"anyOf": units}
    return {key: _edges(number) if key == "between" else number for key in fit.keys}


def _edges(edge: Schema) -> Schema:
    return {"type": "array", "items": edge, "minItems": 2, "maxItems": 2}


def conditions(measure: Measure) -> list[str]:
    """The words of ``alert.on`` that can fire for a measure."""
    timed = isinstance(measure, FromTo | TimeIn)
    column = 0 if timed else 1 if isinstance(measure, Carried | Score) else 2
    return [str(condition) for condition, fires in FITTING.items() if fires[column]]


def of_measure(condition: Schema, measure: Measure) -> Schema:
    """What a measure asks of the rest of its standard."""
    then = {"promise": ref(name_of(fit_of(measure))), "alert": told_on(conditions(measure))}
    return when({"required": ["measure"], "properties": {"measure": condition}}, {"properties": then})


def unmeasured() -> Schema:
    """A standard that inherits its measure, or has none yet: every promise is offered, and every alert."""
    then = {"promise": ref("promise"), "alert": told_on(FITTING)}
    return when({"not": {"required": ["measure"]}}, {"properties": then})


def told_on(words: Iterable[str]) -> Schema:
    """An alert on these words alone; each with what it is for."""
    return {"properties": {"on": some(one_of(words, CONDITIONS), empty=True)}}
