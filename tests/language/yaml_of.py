"""Random standards that cannot be wrong, and standards written back as YAML: two halves of a round trip."""

from __future__ import annotations

import string
from datetime import date, time, timedelta

from hypothesis import strategies as st

from standardsd.language.checks import not_reopened
from standardsd.language.config import load_config
from standardsd.language.rules import load_rules
from standardsd.model.clock import Always
from standardsd.model.measure import (
    Calendar,
    CalendarUnit,
    Carried,
    Count,
    FromTo,
    How,
    Measure,
    Nps,
    NumberMeasure,
    Rate,
    Repeats,
    Rolling,
    Sampled,
    Score,
    Since,
    Statistic,
    TimeIn,
    Window,
)
from standardsd.model.objective import AlertRule, Condition, Objective, Target
from standardsd.model.promise import AnyPromise, Between, Grid, Limits, OpenDays, Promise, Simple, Until
from standardsd.model.standard import Because, Dates, Policy, Reopen, Severity, Standard, Waiver
from standardsd.model.vocabulary import VOCABULARY

CALENDAR_HEAD = (
    "version: 1\nset: house\n"
    "calendars: {desk: {timezone: Europe/Bucharest, holidays: {country: RO}, "
    'weekly: {mon-fri: ["08:00-12:00", "13:00-20:00"]}}}\n'
)

_CONFIG = load_config(
    b"""\
version: 1
rules: [rules]
sites:
  a: {timezone: Europe/Lisbon, calendar: {weekly: {mon-fri: ["09:00-17:00"]}}}
  b: {timezone: Asia/Kathmandu, calendar: {weekly: {mon-sun: ["22:00-06:00"]}}}
""",
    "standardsd.yaml",
)
assert _CONFIG.config is not None, _CONFIG.problems
SITES = _CONFIG.config.sites


def _clocked(clock: str) -> Standard:
    text = f"{CALENDAR_HEAD}standards: [{{id: a, title: a, of: visit, clock: {clock}, measure: {{time_in: waiting}}, "
    loaded = load_rules([("a.yaml", (text + "promise: {within: 1h}}]\n").encode())], sites=SITES)
    assert loaded.book is not None, loaded.problems
    return loaded.book.standards[0]


CLOCKS = {name: _clocked(name) for name in ("always", "desk", "site")}
"""The name of a clock → a standard that goes by it."""

LABELS = ("site", "queue", "department", "channel", "priority")
KINDS = {
    # kind: events that may begin, events that may end, a state
    "visit": (("arrived", "called"), ("greeted", "served"), "waiting"),
    "call": (("offered", "queued"), ("answered", "transferred"), "on_hold"),
    "ticket": (("opened", "assigned"), ("replied", "solved"), "pending"),
    "request": (("due",), ("delivered", "started"), None),
}

# -- random values -------------------------------------------------------------------------------------

_lengths = st.integers(1_000_000, 10**12).map(lambda n: timedelta(microseconds=n))
_shares = st.integers(1, 1_000).map(lambda n: n / 1_000)
_days = st.dates(date(2000, 1, 1), date(2090, 1, 1))
_texts = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " .,:;#'\"[]{}&*!|>%@`-éß漢"),
    min_size=1,
    max_size=20,
)
_lines = _texts.map(str.strip).filter(bool)
_values = st.text(
    st.sampled_from(string.ascii_lowercase + string.digits + " -_."), min_size=1, max_size=8
).filter(lambda text: bool(text.strip()) and text not in ("per", "else"))
_globs = st.lists(
    st.sampled_from(["a", "grand-*", "!b", "[ab]?", "!c*", "*"]), min_size=1, max_size=3, unique=True
)
_wheres = st.dictionaries(st.sampled_from(LABELS), _globs.map(tuple), max_size=2).map(
    lambda d: dict(sorted(d.items()))
)
_windows: st.SearchStrategy[Window] = st.one_of(
    st.integers(1, 9_600).map(lambda hours: Rolling(timedelta(hours=hours))),
    st.sampled_from(CalendarUnit).map(Calendar),
)
_numbers = st.integers(-10_000, 10_000).map(lambda n: n / 8)


def _several(words: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def _dates(draw: st.DrawFn) -> Dates:
    since = draw(_days)
    return Dates(since, since + timedelta(days=draw(st.integers(1, 400))))


def _cases(kind: str) -> st.SearchStrategy[FromTo | TimeIn | Carried]:
    starts, ends, state = KINDS[kind]
    from_to = st.builds(FromTo, _several(starts), _several(ends), st.booleans())
    value = st.builds(Carried, st.sampled_from(["csat", "party-size"]), st.sampled_from(ends))
    if state is None:
        return st.one_of(from_to, value)
    return st.one_of(from_to, value, st.builds(TimeIn, st.just(state), st.booleans()))


def _measures(kind: str) -> st.SearchStrategy[Measure]:
    event, other = KINDS[kind][1][0], KINDS[kind][0][0]
    return st.one_of(
        _cases(kind),
        _cases(kind),
        st.just(Since(event)),
        st.builds(Statistic, st.sampled_from(How), _cases(kind), _windows),
        st.builds(Count, st.just(event), _windows),
        st.builds(Rate, st.just(event), st.just(other), _windows),
        st.builds(Nps, st.just("r"), st.just(event), _windows),
        st.builds(Repeats, st.just(event), _several(("room", "category")), _windows),
    )


@st.composite
def _limits(draw: st.DrawFn, numbers: st.SearchStrategy[float], unit: str, *, lasting: bool) -> Limits:
    low, high = sorted((draw(numbers), draw(numbers)))
    hold = draw(st.one_of(st.just(timedelta(0)), _lengths)) if lasting else timedelta(0)
    if low == high == 0:  # a bare 0 has no unit of its own
        high = 1.0
    which = draw(st.sampled_from(["at_most", "at_least", "under", "over", "between"]))
    if which == "between":
        return Limits(low, high, hold_for=hold, unit=unit)
    if which in ("at_least", "over"):
        return Limits(lowest=high, lowest_in=which == "at_least", hold_for=hold, unit=unit)
    return Limits(highest=high, highest_in=which == "at_most", hold_for=hold, unit=unit)


_seconds = st.integers(1, 10**6).map(lambda n: n / 64)


def _of_number(measure: Measure) -> st.SearchStrategy[Limits]:
    lasting = isinstance(measure, NumberMeasure)
    if isinstance(measure, Since) or (
        isinstance(measure, Statistic) and isinstance(measure.of, FromTo | TimeIn)
    ):
        return _limits(_seconds, "s", lasting=lasting)
    if isinstance(measure, Score) or (isinstance(measure, Statistic) and isinstance(measure.of, Score)):
        return _limits(st.integers(1, 99).map(lambda n: n / 100), "%", lasting=lasting)
    if isinstance(measure, Nps):
        return _limits(st.integers(-99, 99).map(float), "", lasting=lasting)
    if isinstance(measure, Count | Repeats | Rate):
        return _limits(st.integers(1, 10_000).map(lambda n: n / 4), "", lasting=lasting)
    return st.one_of(
        _limits(_numbers, "", lasting=lasting),
        _limits(_seconds, "s", lasting=lasting),
        _limits(st.integers(1, 99).map(lambda n: n / 100), "%", lasting=lasting),
    )


def _of_time(measure: FromTo | TimeIn, *, calendar: bool, still: bool) -> st.SearchStrategy[Simple]:
    choices: list[st.SearchStrategy[Simple]] = [st.builds(Promise, _lengths, st.booleans())]
    total = isinstance(measure, TimeIn) and not measure.each
    if not still and not total:
        choices.append(st.builds(Until, st.times().map(lambda t: time(t.hour, t.minute, t.second))))
        choices.append(
            st.builds(lambda low, more: Between(low - timedelta(hours=1), low + more), _lengths, _lengths)
        )
        if calendar:
            choices.append(st.builds(OpenDays, st.integers(1, 90), st.booleans()))
    return st.one_of(choices)


@st.composite
def _objectives(draw: st.DrawFn) -> Objective:
    over = draw(_windows)
    periods = draw(st.integers(1, 4)) if isinstance(over, Calendar) else 1
    targets = tuple(Target(day, draw(_shares)) for day in sorted(draw(st.sets(_days, max_size=3))))
    return Objective(None if targets else draw(_shares), over, draw(st.integers(1, 500)), periods, targets)


@st.composite
def standards(draw: st.DrawFn) -> Standard:
    """One standard that a file can say; ``rules`` is left empty."""
    kind = draw(st.sampled_from([*KINDS, "inspection", ""]))
    measure: Measure = (
        Sampled("queue/lobby") if kind == "" else Score() if kind == "inspection" else draw(_measures(kind))
    )
    number = isinstance(measure, NumberMeasure)
    clock = draw(st.sampled_from([*CLOCKS]))
    by = tuple(draw(st.lists(st.sampled_from(LABELS), max_size=3, unique=True)))
    if number and clock == "site" and "site" not in by:
        by = ("site", *by)
    timed = isinstance(measure, FromTo | TimeIn)
    state = KINDS[kind][2] if kind in KINDS else None
    pauses: tuple[str, ...] = ()
    if state is not None and timed and not isinstance(measure, TimeIn) and draw(st.booleans()):
        pauses = (state,)
    reopen = draw(st.sampled_from(Reopen))
    if not_reopened(measure, VOCABULARY.get(kind)):
        reopen = Reopen.FIRST_ONLY
    if isinstance(measure, FromTo | TimeIn):
        still = bool(pauses) or reopen is Reopen.RESUME
        simple: st.SearchStrategy[Simple] = _of_time(measure, calendar=clock != "always", still=still)
    else:
        simple = _of_number(measure)
    promise: AnyPromise = draw(simple)
    if draw(st.booleans()) and (not number or "priority" in by or isinstance(measure, Sampled)):
        rows = draw(st.dictionaries(_values, simple, min_size=1, max_size=3))
        promise = Grid("priority", dict(sorted(rows.items())), draw(st.one_of(st.none(), simple)))
    objective = draw(st.one_of(st.none(), _objectives()))
    fitting = {Condition.LIMIT} if number else {Condition.BREACH} | ({Condition.AT_RISK} if timed else set())
    fitting |= {Condition.SILENCE} | ({Condition.OBJECTIVE} if objective else set())
    said = draw(st.sets(st.sampled_from(sorted(fitting))))
    warn_before = draw(st.one_of(st.none(), st.just(timedelta(milliseconds=1))))
    text = st.one_of(st.none(), _lines)
    return Standard(
        id=draw(st.sampled_from(["a", "greet-60s"])),
        title=draw(_lines),
        of=kind,
        measure=measure,
        promise=promise,
        rules="",
        set="house",
        where=draw(_wheres),
        by=by,
        clock=CLOCKS[clock].clock,
        zones=CLOCKS[clock].zones,
        pause_while=pauses,
        reopen=reopen,
        if_left=draw(st.sampled_from(Policy)),
        if_diverted=draw(st.sampled_from(Policy)),
        if_done=draw(st.sampled_from(Policy)),
        ignore_if_left_within=draw(st.one_of(st.none(), _lengths)),
        unless=("updated",) if kind and draw(st.booleans()) else (),
        objective=objective,
        alert=AlertRule(
            on=tuple(condition for condition in Condition if condition in said),
            hold_for=draw(_lengths),
            keep_firing_for=draw(_lengths),
            warn_at=draw(_shares.filter(lambda share: share < 1))
            if warn_before is None or draw(st.booleans())
            else None,
            warn_before=warn_before,
        ),
        severity=draw(st.sampled_from(Severity)),
        settle=draw(st.integers(0, 10**9).map(lambda n: timedelta(milliseconds=n))),
        effective=draw(st.one_of(st.none(), _dates())),
        shadow=draw(st.booleans()),
        waivers=tuple(draw(st.lists(st.builds(Waiver, _dates(), _lines, _lines, _wheres), max_size=2))),
        dimension=draw(st.sampled_from([None, "empathy"])),
        owner=draw(text),
        runbook=draw(st.sampled_from([None, "https://example.org/x?y=1"])),
        because=Because(draw(text), draw(text), draw(text), draw(text)),
        notes=draw(st.one_of(st.none(), _lines)),
    )


# -- written back --------------------------------------------------------------------------------------


def yaml_of(one: Standard) -> str:
    """One item of ``standards:``; texts in double quotes, everything said that can be."""
    clock = next(name for name, other in CLOCKS.items() if other.clock == one.clock)
    keys: dict[str, str | None] = {
        "id": one.id,
        "title": _text(one.title),
        "of": one.of or None,
        "measure": measure_of(one.measure),
        "promise": promise_of(one.promise, timed=isinstance(one.measure, FromTo | TimeIn)),
        "where": _where(one.where) if one.where else None,
        "by": _list(one.by),
        "clock": None if isinstance(one.clock, Always) else clock,
        "pause_while": _list(one.pause_while) if one.pause_while else None,
        "reopen": one.reopen,
        "if_left": one.if_left,
        "if_diverted": one.if_diverted,
        "if_done": one.if_done,
        "ignore_if_left_within": None
        if one.ignore_if_left_within is None
        else length(one.ignore_if_left_within),
        "unless": _list(one.unless) if one.unless else None,
        "objective": None if one.objective is None else _objective(one.objective),
        "alert": _alert(one.alert),
        "severity": one.severity,
        "settle": length(one.settle),
        "effective": None if one.effective is None else _map(_days_of(one.effective)),
        "status": "shadow" if one.shadow else "active",
        "waivers": f"[{', '.join(_waiver(waiver) for waiver in one.waivers)}]" if one.waivers else None,
        "dimension": one.dimension,
        "owner": None if one.owner is None else _text(one.owner),
        "runbook": one.runbook,
        "because": _because(one.because),
        "notes": None if one.notes is None else _text(one.notes),
    }
    lines = [f"{key}: {value}" for key, value in keys.items() if value is not None]
    return "  - " + "\n    ".join(lines) + "\n"


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list(words: tuple[str, ...]) -> str:
    return f"[{', '.join(words)}]"


def _map(parts: dict[str, str | None]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in parts.items() if value is not None) + "}"


def _where(where: dict[str, tuple[str, ...]]) -> str:
    return _map({key: f"[{', '.join(_text(glob) for glob in globs)}]" for key, globs in where.items()})


def length(span: timedelta) -> str:
    """In whole seconds where it is, else in microseconds; with a sign where it is negative."""
    sign, micros = ("-", -span) if span < timedelta(0) else ("", span)
    count = micros // timedelta(microseconds=1)
    return f"{sign}{count // 1_000_000}s" if count % 1_000_000 == 0 else f"{sign}{count}us"


def _share(share: float) -> str:
    return f"{share * 100:.6f}%"


def _window(over: Window) -> str:
    return length(over.length) if isinstance(over, Rolling) else str(over.unit)


def measure_of(measure: Measure) -> str:
    match measure:
        case FromTo(start=start, end=end, each=each):
            return _map({"from": _list(start), "to": _list(end), "each": "true" if each else None})
        case TimeIn(state=state, each=each):
            return _map({"time_in": state, "each": "true" if each else None})
        case Carried(name=name, event=event):
            return _map({"value": name, "at": event})
        case Score():
            return "{score: inspection}"
        case Sampled(name=name):
            return _map({"reading": name})
        case Since(event=event):
            return _map({"since": event})
        case Statistic(how=how, of=of, over=over):
            return _map({how: measure_of(of), "over": _window(over)})
        case Count(event=event, over=over):
            return _map({"count": event, "over": _window(over)})
        case Rate(event=event, per=per, over=over):
            return _map({"rate": event, "per": per, "over": _window(over)})
        case Nps(name=name, event=event, over=over):
            return _map({"nps": name, "at": event, "over": _window(over)})
        case Repeats(event=event, same=same, over=over):
            return _map({"repeats": event, "same": _list(same), "over": _window(over)})
    raise AssertionError(measure)


def promise_of(promise: AnyPromise, *, timed: bool) -> str:
    match promise:
        case Grid(per=per, rows=rows, other=other):
            written = {
                "per": per,
                **{_text(value): promise_of(row, timed=timed) for value, row in rows.items()},
            }
            return _map({**written, "else": None if other is None else promise_of(other, timed=timed)})
        case Promise(limit=limit, within=within):
            return _map({"within" if within else "under": length(limit)})
        case OpenDays(days=days, within=within):
            return _map({"within" if within else "under": f"{days}bd"})
        case Until(wall=wall):
            return _map({"until": f'"{wall:%H:%M:%S}"'})
        case Between(lowest=lowest, highest=highest):
            return _map({"between": f"[{length(lowest)}, {length(highest)}]"})
        case Limits():
            return _number_of(promise)


def _number_of(limits: Limits) -> str:
    def said(value: float) -> str:
        if limits.unit == "s":
            return length(timedelta(seconds=value))
        return f"{value * 100:.6f}%" if limits.unit == "%" else f"{value:.6f}"

    hold = {"for": length(limits.hold_for) if limits.hold_for else None}
    if limits.lowest is not None and limits.highest is not None:
        return _map({"between": f"[{said(limits.lowest)}, {said(limits.highest)}]", **hold})
    if limits.lowest is not None:
        return _map({"at_least" if limits.lowest_in else "over": said(limits.lowest), **hold})
    assert limits.highest is not None
    return _map({"at_most" if limits.highest_in else "under": said(limits.highest), **hold})


def _days_of(dates: Dates) -> dict[str, str | None]:
    return {
        key: None if day is None else day.isoformat()
        for key, day in (("from", dates.since), ("until", dates.until))
    }


def _waiver(waiver: Waiver) -> str:
    more = {"reason": _text(waiver.reason), "approved_by": _text(waiver.approved_by)}
    return _map({**_days_of(waiver.dates), **more, "where": _where(waiver.where) if waiver.where else None})


def _objective(objective: Objective) -> str:
    targets = [_map({"from": t.since.isoformat(), "at_least": _share(t.at_least)}) for t in objective.targets]
    return _map({
        "at_least": None if objective.at_least is None else _share(objective.at_least),
        "targets": f"[{', '.join(targets)}]" if targets else None,
        "over": _window(objective.over),
        "min_count": str(objective.min_count),
        "periods": str(objective.periods),
    })  # fmt: skip


def _alert(alert: AlertRule) -> str:
    return _map({
        "on": _list(alert.on),
        "for": length(alert.hold_for),
        "keep_firing_for": length(alert.keep_firing_for),
        "warn_at": None if alert.warn_at is None else _share(alert.warn_at),
        "warn_before": None if alert.warn_before is None else length(alert.warn_before),
    })  # fmt: skip


def _because(because: Because) -> str | None:
    parts = {key: getattr(because, key) for key in ("clause", "edition", "figure", "source")}
    written = {key: _text(value) for key, value in parts.items() if value is not None}
    return _map({**written}) if written else None
