"""How often a promise must be kept, and who is told: ``objective`` and ``alert``."""

from __future__ import annotations

from datetime import timedelta

from standardsd.language import unjudged
from standardsd.language.problems import Level, Problem, quoted
from standardsd.language.reader import Reader, read_each
from standardsd.language.tree import Items, Node
from standardsd.language.words import Wrong, duration, one_of, percent, positive_duration, whole
from standardsd.model.standard import AlertRule, Condition, Objective, Promise

window_max = timedelta(days=400)
"""A year and a month: every verdict of the window is kept."""

min_count_max = 1_000_000
"""More verdicts than this in one window are never reached, and the share would stay unknown."""


def read_objective(node: Node, problems: list[Problem]) -> Objective | None:
    """A share over a rolling window; None when it is wrong or not judged by this version."""
    reader = Reader(node, "an objective", problems, optional=_OBJECTIVE_KEYS)
    if reader.broken:
        return None
    unjudged.refuse_targets(reader, problems)
    for key in ("at_least", "over"):
        if reader.lacks(key) and not (key == "at_least" and "targets" in reader):
            reader.tell(reader.place, f"an objective has no {key}", f"add {key}: {_EXAMPLES[key]}")
    at_least = reader.value("at_least", _target)
    over = reader.value("over", _window)
    min_count = reader.value("min_count", _min_count)
    if reader.value("periods", _positive) not in (None, 1):
        fix = "leave it out: one failing window is enough"
        reader.tell(reader.at("periods"), "several periods in a row are not judged by this version", fix)
    if "zone" in reader:
        reader.tell(
            reader.at("zone"), "the zone of a calendar window is not judged by this version", "leave it out"
        )
    if at_least is None or over is None:
        return None
    return Objective(at_least, over, 1 if min_count is None else min_count)


_OBJECTIVE_KEYS = ("at_least", "over", "min_count", "periods", "zone", "targets")
_EXAMPLES = {"at_least": "95%", "over": "30d"}


def _target(text: str) -> float:
    share = percent(text)
    if share == 0:
        raise Wrong(f"{quoted(text)} is kept by everything", "write the share that must be kept, such as 95%")
    return share


def _window(text: str) -> timedelta:
    """A rolling window; a calendar window is refused by name."""
    if text in unjudged.CALENDAR_WINDOWS:
        rolling = unjudged.CALENDAR_WINDOWS[text]
        raise Wrong(
            f"a calendar window ({text}) is not judged by this version", f"write {rolling}, a rolling window"
        )
    length = positive_duration(text)
    if length > window_max:
        raise Wrong(f"a window of {quoted(text)} is too long", f"write at most {window_max.days}d")
    return length


def _positive(text: str) -> int:
    number = whole(text, least=1)
    if number < 1:
        raise Wrong(f"{quoted(text)} is too few", "write 1 or more")
    return number


def _min_count(text: str) -> int:
    number = _positive(text)
    if number > min_count_max:
        raise Wrong(f"{quoted(text)} verdicts are never reached", f"write at most {min_count_max}")
    return number


def read_alert(
    node: Node, standard: Reader, promise: Promise | None, problems: list[Problem]
) -> AlertRule | None:
    """Who is told of what; ``on: []`` tells nobody.  None when it is wrong.

    When only ``warn_before`` is given, it stands in the place of the default ``warn_at``.
    """
    keys = ("on", "for", "keep_firing_for", "warn_at", "warn_before")
    reader = Reader(node, "an alert", problems, optional=keys)
    if reader.broken:
        return None
    usual = AlertRule()
    on = _conditions(reader, problems)
    if on is not None and Condition.OBJECTIVE in on and standard.lacks("objective"):
        reader.tell(
            reader.at("on"), "an alert on the objective of a standard without one", "add objective: {…}"
        )
    hold_for = reader.value("for", duration)
    keep = reader.value("keep_firing_for", duration)
    warn_at = reader.value("warn_at", _warn_at)
    warn_before = reader.value("warn_before", positive_duration)
    if warn_before is not None and promise is not None and warn_before >= promise.limit:
        said = "the warning would come with the start: it is as long as the promise, or longer"
        reader.tell(reader.at("warn_before"), said, "write less than the promised time")
    if "warn_at" not in reader and warn_before is None:
        warn_at = usual.warn_at
    return AlertRule(
        on=usual.on if on is None else on,
        hold_for=usual.hold_for if hold_for is None else hold_for,
        keep_firing_for=usual.keep_firing_for if keep is None else keep,
        warn_at=warn_at,
        warn_before=warn_before,
    )


def _conditions(reader: Reader, problems: list[Problem]) -> tuple[Condition, ...] | None:
    """The words of ``on``, in the order of ``Condition``; None when the key is missing."""
    node = reader.node("on")
    if node is None:
        return None
    if isinstance(node, Items) and not node.items:
        reader.tell(node.place, "nobody is told of anything", "keep it if that is meant", Level.LINT)
        return ()
    said = read_each(node, _condition, problems, "on") or ()
    return tuple(condition for condition in Condition if condition in said)


def _condition(text: str) -> Condition:
    if text in unjudged.OTHER_CONDITIONS:
        judged = ", ".join(Condition)
        raise Wrong(f"an alert on {text} is not judged by this version", f"write one of {judged}")
    return Condition(one_of(text, tuple(Condition), "something an alert can be about"))


def _warn_at(text: str) -> float:
    share = percent(text)
    if not 0 < share < 1:
        when = "at the start" if share == 0 else "when it is too late"
        raise Wrong(f"{quoted(text)} would warn {when}", "write a share between 0% and 100%, such as 75%")
    return share
