"""What is measured: the ``measure`` of a standard, of cases and of numbers.

A table says which keys each form has and who reads it; the form is told by its first
key.  Windows are rolling or of the calendar; a statistic holds a measure of cases inside.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader
from standardsd.language.tree import Broken, Map, Node, Text
from standardsd.language.where import group_label
from standardsd.language.windows import read_window
from standardsd.language.words import Wrong, label, name, one_of, word, write_one_of, yes_no
from standardsd.model.measure import (
    Carried,
    CaseMeasure,
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
from standardsd.model.vocabulary import Kind

INSPECTION = "inspection"
"""The kind whose items are scored."""

same_max = 8
"""Labels that tell repeats apart: more of them than a grain may have mean that nothing ever repeats."""

STATISTICS = tuple(how.value for how in How)


class Form(Struct, frozen=True):
    """One form of a measure: its first key, the further ones it must and may have."""

    first: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    of_case: bool = False
    kindless: bool = False


FORMS: dict[str, Form] = {
    form.first: form
    for form in (
        Form("from", ("to",), ("each",), of_case=True),
        Form("time_in", (), ("each",), of_case=True),
        Form("value", ("at",), of_case=True),
        Form("score", of_case=True),
        Form("reading", kindless=True),
        Form("since"),
        *(Form(how, ("over",)) for how in STATISTICS),
        Form("count", ("over",)),
        Form("rate", ("per", "over")),
        Form("nps", ("at", "over")),
        Form("repeats", ("same", "over")),
        Form("spread", ("across",), kindless=True),
        Form("gap", kindless=True),
    )
}
"""Every form by the key that tells it; ``of_case``: it gives verdicts; ``kindless``: it has no ``of``."""

KEYS = tuple(
    dict.fromkeys(key for form in FORMS.values() for key in (form.first, *form.required, *form.optional))
)


def value_name(text: str) -> str:
    """The name of a number that an event carries, as sources spell it."""
    return _spelled(text, 128)


def sample_name(text: str) -> str:
    """The name of a sample, as sources spell it."""
    return _spelled(text, 256)


def _spelled(text: str, characters_max: int) -> str:
    """As long as a reading's may be; ``=`` and spaces could not be written in an example."""
    if not text or len(text) > characters_max or set("= \t\n") & set(text):
        fix = f"write 1 to {characters_max} characters without a space and without ="
        raise Wrong(f"{quoted(text)} is not the name of a number", fix)
    return text


def form_of(node: Node | None) -> Form | None:
    """The form that a measure is written in; None where no key tells it."""
    if not isinstance(node, Map):
        return None
    keys = {entry.key.text for entry in node.entries}
    found = next((form for first, form in FORMS.items() if first in keys), None)
    return FORMS["from"] if found is None and "to" in keys else found


def event_of(kind: Kind | None) -> Callable[[str], str]:
    """A converter: the text must be an event of ``kind`` (any word where the kind is not known)."""

    def convert(text: str) -> str:
        if kind is None:
            return word(text)
        if kind.knows(text):
            return text
        state = " (it is a state)" if text in kind.states else ""
        said = f"the kind '{kind.name}' has no event {quoted(text)}{state}"
        raise Wrong(said, write_one_of(text, kind.all_events()))

    return convert


def state_of(kind: Kind | None, otherwise: str) -> Callable[[str], str]:
    """A converter: the text must be a state of ``kind``; ``otherwise``: the fix where it has none at all."""

    def convert(text: str) -> str:
        if kind is None or text in kind.states:
            return word(text)
        fix = write_one_of(text, kind.states) if kind.states else otherwise
        raise Wrong(f"the kind '{kind.name}' has no state {quoted(text)}", fix)

    return convert


def read_measure(node: Node, kind: Kind | None, problems: list[Problem]) -> Measure | None:
    """None when it is wrong; that has been told."""
    form = _form(node, problems)
    return (
        None if form is None or not isinstance(node, Map) else _READ[form.first](node, form, kind, problems)
    )


def _form(node: Node, problems: list[Problem]) -> Form | None:
    if isinstance(node, Broken):
        return None
    if not isinstance(node, Map):
        what = quoted(node.text) if isinstance(node, Text) else "a list"
        fix = "write {from: arrived, to: greeted} or {time_in: on_hold}"
        problems.append(node.place.problem(f"{what} is not a measure", fix))
        return None
    form = form_of(node)
    if form is None:
        Reader(node, "a measure", problems, optional=KEYS)
        if all(entry.key.text in KEYS for entry in node.entries):
            problems.append(node.place.problem("nothing is measured", "write {from: arrived, to: greeted}"))
    return form


def _reader(node: Map, form: Form, what: str, problems: list[Problem]) -> Reader:
    return Reader(node, what, problems, required=(form.first, *form.required), optional=form.optional)


# -- of cases ------------------------------------------------------------------------------------------


def _from_to(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> FromTo | None:
    reader = _reader(node, form, "a measure from … to …", problems)
    start = reader.values("from", event_of(kind))
    end = reader.values("to", event_of(kind))
    each = reader.value("each", yes_no) or False
    if not start or not end:
        return None
    if kind is not None:
        for event in start:
            if event in kind.endings:
                said = f"{quoted(event)} ends the interaction, so hardly anything can follow it"
                reader.tell(reader.at("from"), said, "begin at an earlier event", Level.LINT)
    both = sorted(set(start) & set(end))
    if both and not each:
        said = f"{quoted(both[0])} is both begin and end: this measures from the first to the second one"
        reader.tell(reader.at("to"), said, "add each: true if every pair is meant", Level.LINT)
    return FromTo(start, end, each)


def _time_in(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> TimeIn | None:
    reader = _reader(node, form, "a measure of time_in", problems)
    state = reader.value("time_in", state_of(kind, "write {from: …, to: …}"))
    each = reader.value("each", yes_no) or False
    return None if state is None else TimeIn(state, each)


def _carried(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Carried | None:
    reader = _reader(node, form, "a measure of a value", problems)
    called = reader.value("value", value_name)
    event = reader.value("at", event_of(kind))
    return None if called is None or event is None else Carried(called, event)


def _score(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Score | None:
    reader = _reader(node, form, "a score", problems)
    scored = reader.value("score", lambda text: one_of(text, (INSPECTION,), "something that is scored"))
    if scored is not None and kind is not None and kind.name != INSPECTION:
        said = f"a score is that of an inspection, and this standard is of '{kind.name}'"
        reader.tell(reader.at("score"), said, f"write of: {INSPECTION}")
        return None
    return None if scored is None else Score()


_CASES: dict[str, Callable[[Map, Form, Kind | None, list[Problem]], CaseMeasure | None]] = {
    "from": _from_to,
    "time_in": _time_in,
    "value": _carried,
    "score": _score,
}


# -- of numbers ----------------------------------------------------------------------------------------


def _sampled(node: Map, form: Form, _: Kind | None, problems: list[Problem]) -> Sampled | None:
    called = _reader(node, form, "a measure of a reading", problems).value("reading", sample_name)
    return None if called is None else Sampled(called)


def _since(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Since | None:
    event = _reader(node, form, "a measure of the time since", problems).value("since", event_of(kind))
    return None if event is None else Since(event)


def _statistic(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Statistic | None:
    reader = _reader(node, form, f"the measure {form.first}", problems)
    over = read_window(reader, problems)
    inside = reader.node(form.first)
    if inside is None or isinstance(inside, Broken):
        return None
    inner = form_of(inside)
    if inner is not None and not inner.of_case:
        said = f"{form.first} is taken of a measure of cases, and {inner.first} is one of numbers"
        fix = f"write {form.first}: {{from: …, to: …}}, {{time_in: …}}, {{value: …, at: …}} or {{score: inspection}}"
        reader.tell(inside.place, said, fix)
        return None
    of = read_measure(inside, kind, problems)
    if over is None or of is None:
        return None
    assert isinstance(of, FromTo | TimeIn | Carried | Score), of
    return Statistic(How(form.first), of, over)


def _count(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Count | None:
    reader = _reader(node, form, "a count", problems)
    event, over = reader.value("count", event_of(kind)), read_window(reader, problems)
    return None if event is None or over is None else Count(event, over)


def _rate(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Rate | None:
    reader = _reader(node, form, "a rate", problems)
    event, per = reader.value("rate", event_of(kind)), reader.value("per", event_of(kind))
    over = read_window(reader, problems)
    if event is not None and event == per:
        reader.tell(
            reader.at("per"), f"{quoted(event)} for each {quoted(event)} is always 1", "write another event"
        )
        return None
    return None if event is None or per is None or over is None else Rate(event, per, over)


def _nps(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Nps | None:
    reader = _reader(node, form, "a net promoter score", problems)
    called, event = reader.value("nps", value_name), reader.value("at", event_of(kind))
    over = read_window(reader, problems)
    return None if called is None or event is None or over is None else Nps(called, event, over)


def _repeats(node: Map, form: Form, kind: Kind | None, problems: list[Problem]) -> Repeats | None:
    """``same`` may name a room: the label never leaves the judge, only how often."""
    reader = _reader(node, form, "a measure of repeats", problems)
    event, over = reader.value("repeats", event_of(kind)), read_window(reader, problems)
    same = reader.values("same", label)
    if same is not None and len(same) > same_max:
        reader.tell(reader.at("same"), f"{len(same)} labels", f"write at most {same_max}")
        return None
    return None if event is None or not same or over is None else Repeats(event, same, over)


def _spread(node: Map, form: Form, _: Kind | None, problems: list[Problem]) -> Spread | None:
    reader = _reader(node, form, "a spread", problems)
    standard, across = reader.value("spread", name), reader.value("across", group_label)
    return None if standard is None or across is None else Spread(standard, across)


def _gap(node: Map, form: Form, _: Kind | None, problems: list[Problem]) -> Gap | None:
    reader = _reader(node, form, "a gap", problems)
    both = reader.values("gap", name)
    if both is None or len(both) != 2:
        if both is not None and not isinstance(reader.node("gap"), Broken):
            reader.tell(
                reader.at("gap"), "a gap is between two standards", "write gap: [expected, perceived]"
            )
        return None
    return Gap(both[0], both[1])


_READ: dict[str, Callable[[Map, Form, Kind | None, list[Problem]], Measure | None]] = {
    **_CASES,
    "reading": _sampled,
    "since": _since,
    **dict.fromkeys(STATISTICS, _statistic),
    "count": _count,
    "rate": _rate,
    "nps": _nps,
    "repeats": _repeats,
    "spread": _spread,
    "gap": _gap,
}
