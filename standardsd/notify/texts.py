"""What people read: one alert of the judge in words, figures and links.

``summary`` never changes while an alert stands, so a pager can group by it; everything
that moves is in ``description``, ``count`` and ``oldest``.  Instants are UTC, to the
microsecond where they need it, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from standardsd.language.promised import number, promised
from standardsd.language.spoken import duration_text
from standardsd.model.decision import Alert, SourceSpoken
from standardsd.model.measure import Rolling
from standardsd.model.promise import Limits
from standardsd.model.snapshot import Backlog, GroupNow
from standardsd.model.source import Source
from standardsd.model.standard import Condition, Severity, Standard
from standardsd.notify.message import AlertMessage, link_is_fine

ALREADY_BROKEN = "AlreadyBroken"
"""alertname of the digest of promises that were broken before judging began."""

SOURCE_DARK = "SourceDark"
"""``alertname`` of a dark source.  Ids of standards are lower-case, so no standard can have it."""

SOURCE_LABEL = "source_name"
"""Label that names the dark source; ``source`` is "standardsd" on every alert of ours."""

OURS = "standardsd"

WHAT_IT_MEANS = {
    # condition          in the summary             in the description, while it fires
    Condition.BREACH: ("broken", "{count} broken"),
    Condition.AT_RISK: ("about to be broken", "{count} about to be broken"),
    Condition.OBJECTIVE: ("kept too seldom", "the share kept is below its target"),
    Condition.BURN: ("its error budget burns too fast", "the error budget burns too fast"),
    Condition.LIMIT: ("out of its limits", "it is out of its limits"),
    Condition.SILENCE: ("cannot be judged", "its source is silent"),
}


def labels_of(standard: Standard, condition: Condition, group: Mapping[str, str]) -> dict[str, str]:
    """The alert's identity.  The contract's own labels win over a ``by`` label of the same name."""
    return {
        **{name: value for name, value in group.items() if value != ""},
        "alertname": standard.id,
        "condition": condition.value,
        "severity": standard.severity.value,
        "source": OURS,
    }


def annotations_of(
    alert: Alert, standard: Standard, now: GroupNow | None, url: str, since: datetime
) -> dict[str, str]:
    """Everything a person is told.  ``since``: when it began to fire; ``alert`` says what it is now.

    A runbook may be plain text ("see page 4"): an annotation need not be a link.
    """
    where = _where(alert.group)
    means, _ = WHAT_IT_MEANS[alert.condition]
    annotations = {
        "summary": f"{standard.title}: {means}{where}",
        "description": _description(alert, standard, now),
        "dashboard_url": _address(url, "/", alert.group, {"standard": standard.id}),
        "since": instant(since),
        "count": str(alert.count),
    }
    if standard.runbook:
        annotations["runbook_url"] = standard.runbook
    if alert.oldest is not None:
        annotations["oldest"] = instant(alert.oldest)
    return annotations


def receipt_address(alert: Alert, url: str, since: datetime) -> str | None:
    """The link an Alertmanager page shows as the alert's source; None when ``url`` makes no link."""
    query = {"condition": alert.condition.value, "since": instant(since)}
    address = _address(url, f"/standards/{quote(alert.standard, safe='')}", alert.group, query)
    return address if link_is_fine(address) else None


def source_labels(source: Source) -> dict[str, str]:
    """A dark source's alert carries the labels it alone speaks for (its site), to reach the same people."""
    return {
        **source.speaks_for,
        "alertname": SOURCE_DARK,
        "condition": Condition.SILENCE.value,
        "severity": Severity.WARNING.value,
        "source": OURS,
        SOURCE_LABEL: source.name,
    }


def source_annotations(spoken: SourceSpoken, source: Source, url: str, since: datetime) -> dict[str, str]:
    """What a dark source means: its standards are unknown, which is neither kept nor broken."""
    if spoken.state == "dark":
        words = (
            f"Nothing has been heard of {source.name} for more than {duration_text(source.max_silence)}. "
            "Standards that depend on it are unknown until it is heard of again; this breaks no promise."
        )
    else:
        words = f"{source.name} is heard of again since {instant(spoken.at)}."
    return {
        "summary": f"Source {source.name} is silent",
        "description": words,
        "dashboard_url": _address(url, "/", {}, {"source": source.name}),
        "since": instant(since),
        "count": "1",
    }


def backlog_message(backlog: Backlog, url: str, starts_at: datetime) -> AlertMessage:
    """The digest of what was broken before judging began: one page, however many promises, until all are done.

    ``starts_at``: of this firing of it.
    """
    few = backlog.count == 1
    words = (
        f"{backlog.count} promise{' was' if few else 's were'} broken before judging began at "
        f"{instant(backlog.since)} and {'is' if few else 'are'} not finished; the oldest began at "
        f"{instant(backlog.oldest)}. {'It is' if few else 'They are'} on the wallboard; no other alert tells of "
        f"{'it' if few else 'them'}."
    )
    return AlertMessage(
        labels={
            "alertname": ALREADY_BROKEN,
            "condition": Condition.BREACH.value,
            "severity": Severity.WARNING.value,
            "source": OURS,
        },
        annotations={
            "summary": "Promises were already broken when judging began",
            "description": words,
            "dashboard_url": _address(url, "/", {}, {}),
            "since": instant(backlog.since),
            "count": str(backlog.count),
            "oldest": instant(backlog.oldest),
        },
        starts_at=starts_at,
        generator_url=_address(url, "/", {}, {}),
    )


def source_address(source: Source, url: str) -> str | None:
    address = _address(url, f"/sources/{quote(source.name, safe='')}", {}, {})
    return address if link_is_fine(address) else None


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, fractions only where there are any: 2026-11-21T09:01:00Z."""
    return at.isoformat().replace("+00:00", "Z")


def percent(share: float) -> str:
    """A share for people, with one decimal, never rounded up to 100 %: 99.96 % kept is not all kept."""
    shown = f"{share * 100:.1f}"
    return "99.9 %" if shown == "100.0" and share < 1 else f"{shown.removesuffix('.0')} %"


def _description(alert: Alert, standard: Standard, now: GroupNow | None) -> str:
    _, words = WHAT_IT_MEANS[alert.condition]
    state = words.format(count=alert.count)
    if alert.state == "resolved":
        sentences = [f"Resolved at {instant(alert.at)}"]
    elif alert.oldest is None:
        sentences = [state[0].upper() + state[1:]]
    else:
        sentences = [f"{state[0].upper() + state[1:]}, the oldest began at {instant(alert.oldest)}"]
    sentences.append(f"promised: {promised(standard.promise)}")
    if standard.objective is not None:
        sentences[-1] += _goal(standard, now)
    if now is not None:
        sentences += _figures(standard, now)
    return "; ".join(sentences) + "."


def _goal(standard: Standard, now: GroupNow | None) -> str:
    """The target of today; without figures, the one that needs no date."""
    assert standard.objective is not None
    over = standard.objective.over
    least = standard.objective.at_least if now is None else now.target
    if least is None:
        return ""
    where = f"over {duration_text(over.length)}" if isinstance(over, Rolling) else f"each {over.unit.value}"
    return f", in at least {percent(least)} of {'time' if standard.is_number else 'cases'} {where}"


def _figures(standard: Standard, now: GroupNow) -> list[str]:
    """What stands behind it: the share, what is open or the number, and how fast the budget burns."""
    share = "share kept unknown" if now.kept_ratio is None else f"share kept {percent(now.kept_ratio)}"
    if standard.is_number:
        unit = standard.promise.unit if isinstance(standard.promise, Limits) else ""
        found = [f"now {'unknown' if now.value is None else number(now.value, unit)}", share]
    else:
        found = [
            f"{share} of {now.counted} counted",
            f"open now: {now.open}, past due: {now.breached_open + now.overdue}",
        ]
    if now.burn:
        rates = ", ".join(f"{_rate(burn.rate)} in {burn.window}" for burn in now.burn)
        found.append(f"times the budget spent: {rates}")
    return found


def _rate(rate: float) -> str:
    return f"{rate:.1f}".removesuffix(".0")


def _where(group: Mapping[str, str]) -> str:
    named = [f"{name} {value}" for name, value in group.items() if value]
    return f" at {', '.join(named)}" if named else ""


def _address(url: str, path: str, group: Mapping[str, str], query: Mapping[str, str]) -> str:
    """``url`` may have a path of its own (a reverse proxy's); a question mark in it would be a mistake."""
    assert not urlsplit(url).query, url
    asked = urlencode({**query, **{name: value for name, value in group.items() if value}})
    return url.rstrip("/") + path + (f"?{asked}" if asked else "")
