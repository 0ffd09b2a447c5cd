"""What people read: one alert of the judge in words, figures and links, in the language of the house.

``summary`` never changes while an alert stands, so a pager can group by it; everything
that moves is in ``description``, ``count`` and ``oldest``.  Instants are UTC, to the
microsecond where they need it, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from standardsd.language.explain import sentence
from standardsd.language.short import amount, promised, share_of_window
from standardsd.language.speech import ENGLISH, Words, mark
from standardsd.model.decision import Alert, SourceSpoken
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
    # condition          in the summary                   in the description, while it fires
    Condition.BREACH: (mark("broken"), mark("{count} broken")),
    Condition.AT_RISK: (mark("about to be broken"), mark("{count} about to be broken")),
    Condition.OBJECTIVE: (mark("kept too seldom"), mark("the share kept is below its target")),
    Condition.BURN: (mark("its error budget burns too fast"), mark("the error budget burns too fast")),
    Condition.LIMIT: (mark("out of its limits"), mark("it is out of its limits")),
    Condition.SILENCE: (mark("cannot be judged"), mark("its source is silent")),
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
    alert: Alert,
    standard: Standard,
    now: GroupNow | None,
    url: str,
    since: datetime,
    words: Words = ENGLISH,
) -> dict[str, str]:
    """Everything a person is told.  ``since``: when it began to fire; ``alert`` says what it is now.

    ``promise`` is the sentence of the standard, as ``explain`` and the standard's page say it.

    A runbook may be plain text ("see page 4"): an annotation need not be a link.
    """
    annotations = {
        "summary": _summary(alert, standard, words),
        "description": _description(alert, standard, now, words),
        "promise": sentence(standard, words),
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


def source_annotations(
    spoken: SourceSpoken, source: Source, url: str, since: datetime, words: Words = ENGLISH
) -> dict[str, str]:
    """What a dark source means: its standards are unknown, which is neither kept nor broken."""
    if spoken.state == "dark":
        said = words.say(
            "Nothing has been heard of {source} for more than {length}. Standards that depend on it are "
            "unknown until it is heard of again; this breaks no promise.",
            source=source.name,
            length=words.brief(source.max_silence),
        )
    else:
        text = mark("{source} is heard of again since {instant}.")
        said = words.say(text, source=source.name, instant=instant(spoken.at))
    return {
        "summary": words.say("Source {source} is silent", source=source.name),
        "description": said,
        "dashboard_url": _address(url, "/", {}, {"source": source.name}),
        "since": instant(since),
        "count": "1",
    }


def backlog_message(backlog: Backlog, url: str, starts_at: datetime, words: Words = ENGLISH) -> AlertMessage:
    """The digest of what was broken before judging began: one page, however many promises, until all are done.

    ``starts_at``: of this firing of it.
    """
    said = words.count(
        "{count} promise was broken before judging began at {since} and is not finished; the oldest began at "
        "{oldest}. It is on the wallboard; no other alert tells of it.",
        "{count} promises were broken before judging began at {since} and are not finished; the oldest began at "
        "{oldest}. They are on the wallboard; no other alert tells of them.",
        backlog.count,
        since=instant(backlog.since),
        oldest=instant(backlog.oldest),
    )
    return AlertMessage(
        labels={
            "alertname": ALREADY_BROKEN,
            "condition": Condition.BREACH.value,
            "severity": Severity.WARNING.value,
            "source": OURS,
        },
        annotations={
            "summary": words.say("Promises were already broken when judging began"),
            "description": said,
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


def _summary(alert: Alert, standard: Standard, words: Words) -> str:
    means = words.say(WHAT_IT_MEANS[alert.condition][0])
    where = ", ".join(f"{name} {value}" for name, value in alert.group.items() if value)
    if not where:
        return words.say("{title}: {state}", title=standard.title, state=means)
    return words.say("{title}: {state} at {where}", title=standard.title, state=means, where=where)


def _description(alert: Alert, standard: Standard, now: GroupNow | None, words: Words) -> str:
    state = words.say(WHAT_IT_MEANS[alert.condition][1], count=str(alert.count))
    state = words.capital(state)
    if alert.state == "resolved":
        clauses = [words.say("Resolved at {instant}", instant=instant(alert.at))]
    elif alert.oldest is None:
        clauses = [state]
    else:
        text = mark("{state}, the oldest began at {instant}")
        clauses = [words.say(text, state=state, instant=instant(alert.oldest))]
    clauses.append(words.say("promised: {promise}", promise=promised(standard, words)))
    if standard.objective is not None:
        clauses[-1] += _goal(standard, now, words)
    if now is not None:
        clauses += _figures(standard, now, words)
    return "; ".join(clauses) + "."


def _goal(standard: Standard, now: GroupNow | None, words: Words) -> str:
    """The target of today; without figures, the one that needs no date."""
    assert standard.objective is not None
    least = standard.objective.at_least if now is None else now.target
    if least is None:
        return ""
    text = mark(", in at least {share} of time {window}")
    cases = mark(", in at least {share} of cases {window}")
    window = share_of_window(standard.objective.over, words)
    return words.say(text if standard.is_number else cases, share=words.rounded(least), window=window)


def _figures(standard: Standard, now: GroupNow, words: Words) -> list[str]:
    """What stands behind it: the share, what is open or the number, and how fast the budget burns."""
    kept = None if now.kept_ratio is None else words.rounded(now.kept_ratio)
    share = words.say("share kept unknown") if kept is None else words.say("share kept {share}", share=kept)
    if standard.is_number:
        unit = standard.promise.unit if isinstance(standard.promise, Limits) else ""
        value = words.say("unknown") if now.value is None else amount(now.value, unit, words)
        found = [words.say("now {value}", value=value), share]
    else:
        counted = str(now.counted)
        late = str(now.breached_open + now.overdue)
        found = [
            words.say("{share} of {count} counted", share=share, count=counted),
            words.say("open now: {open}, past due: {late}", open=str(now.open), late=late),
        ]
    if now.burn:
        rates = ", ".join(
            words.say("{rate} in {window}", rate=_rate(burn.rate, words), window=burn.window)
            for burn in now.burn
        )
        found.append(words.say("times the budget spent: {rates}", rates=rates))
    return found


def _rate(rate: float, words: Words) -> str:
    """With one decimal."""
    return words.number(round(rate, 1)).removesuffix(".0")


def _address(url: str, path: str, group: Mapping[str, str], query: Mapping[str, str]) -> str:
    """``url`` may have a path of its own (a reverse proxy's); a question mark in it would be a mistake."""
    assert not urlsplit(url).query, url
    asked = urlencode({**query, **{name: value for name, value in group.items() if value}})
    return url.rstrip("/") + path + (f"?{asked}" if asked else "")
