"""Values of a standard in the rule file's own words, for a line that tells what changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from standardsd.language.promised import promised, span
from standardsd.model.clock import Always, BySite, Clock
from standardsd.model.measure import (
    Carried,
    Count,
    FromTo,
    Gap,
    Measure,
    Nps,
    Rate,
    Repeats,
    Rolling,
    Sampled,
    Score,
    Since,
    Spread,
    Statistic,
    TimeIn,
    Window,
)
from standardsd.model.objective import Objective
from standardsd.model.promise import AnyPromise
from standardsd.model.standard import Dates, Standard, Waiver

NONE = "nothing"


HOW = ("within ", "under ", "until ", "at most ", "at least ", "over ")


def instead(new: str, old: str) -> str:
    """``within 90s instead of 60s``: what both begin with is said once, where nothing else is behind it."""
    for how in HOW:
        if new.startswith(how) and old.startswith(how) and "," not in new + old:
            return f"{new} instead of {old.removeprefix(how)}"
    return f"{new} instead of {old}"


def promise(one: AnyPromise) -> str:
    return promised(one)


def listed(words: Iterable[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; ``nothing`` where there is none."""
    found = list(words)
    if len(found) < 2:
        return found[0] if found else NONE
    return f"{', '.join(found[:-1])} {last} {found[-1]}"


def where(globs: dict[str, tuple[str, ...]]) -> str:
    """``site a or b, queue not c``; ``all`` where nothing is said."""
    return ", ".join(f"{label} {_of_label(some)}" for label, some in globs.items()) or "all"


def _of_label(globs: tuple[str, ...]) -> str:
    wanted = listed((one for one in globs if not one.startswith("!")), "or")
    refused = listed((one[1:] for one in globs if one.startswith("!")), "or")
    if refused == NONE:
        return wanted
    return f"not {refused}" if wanted == NONE else f"{wanted}, not {refused}"


def length(one: timedelta | None) -> str:
    return "never" if one is None else span(one)


def share(one: float | None) -> str:
    return "no target" if one is None else f"{round(one * 100, 6):g}%"


def window(over: Window) -> str:
    return span(over.length) if isinstance(over, Rolling) else f"the {over.unit}"


def targets(objective: Objective) -> str:
    if not objective.targets:
        return share(objective.at_least)
    return listed(f"{share(target.at_least)} from {target.since} on" for target in objective.targets)


def objective(one: Objective) -> str:
    """``95% over 30d``."""
    return f"{targets(one)} over {window(one.over)}"


def days(dates: Dates | None) -> str:
    """``from 2026-01-01, until 2027-01-01``."""
    if dates is None or dates == Dates():
        return "always"
    words = [f"from {dates.since}"] if dates.since is not None else []
    return ", ".join([*words, *([f"until {dates.until}"] if dates.until is not None else [])])


def waiver(one: Waiver) -> str:
    whose = f" for {where(one.where)}" if one.where else ""
    return f"{days(one.dates)}{whose} ({one.reason}; approved by {one.approved_by})"


def clock(one: Clock | BySite) -> str:
    return "always" if isinstance(one, Always) else "site" if isinstance(one, BySite) else one.name


def zone(standard: Standard) -> str:
    everywhere = standard.zones.everywhere
    if everywhere is not None:
        return everywhere.name
    return "the zone of the site" if standard.zones.by_site else "UTC"


def measure(one: Measure) -> str:
    """As a rule file writes it, lists with one item as a word."""
    match one:
        case FromTo(start=start, end=end, each=each):
            return _map({"from": _some(start), "to": _some(end), **_each(each)})
        case TimeIn(state=state, each=each):
            return _map({"time_in": state, **_each(each)})
        case Carried(name=name, event=event):
            return _map({"value": name, "at": event})
        case Score():
            return "{score: inspection}"
        case Sampled(name=name):
            return _map({"reading": name})
        case Since(event=event):
            return _map({"since": event})
        case Statistic(how=how, of=of, over=over):
            return _map({str(how): measure(of), "over": _over(over)})
        case Count(event=event, over=over):
            return _map({"count": event, "over": _over(over)})
        case Rate(event=event, per=per, over=over):
            return _map({"rate": event, "per": per, "over": _over(over)})
        case Nps(name=name, event=event, over=over):
            return _map({"nps": name, "at": event, "over": _over(over)})
        case Repeats(event=event, same=same, over=over):
            return _map({"repeats": event, "same": _some(same), "over": _over(over)})
        case Spread(standard=standard, across=across):
            return _map({"spread": standard, "across": across})
        case Gap(first=first, second=second):
            return _map({"gap": f"[{first}, {second}]"})


def _map(parts: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in parts.items()) + "}"


def _some(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"


def _each(each: bool) -> dict[str, str]:
    return {"each": "true"} if each else {}


def _over(over: Window) -> str:
    return span(over.length) if isinstance(over, Rolling) else str(over.unit)
