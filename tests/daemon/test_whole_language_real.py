"""The whole language through a real daemon: numbers, opening hours and shadows, at a real Alertmanager and promtool."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from standardsd.model.reading import Event, Sample, Watermark
from tests import real
from tests.daemon.harness import House, until
from tests.daemon.test_end_to_end_real import paged

pytestmark = pytest.mark.real

SECOND = timedelta(seconds=1)
RULES = """\
version: 1
set: whole
standards:
  - id: queue-length
    title: No more than ten wait in line
    measure: {reading: queue_length}
    promise: {at_most: 10}
    severity: critical
    alert: {on: [limit], keep_firing_for: 0s}
  - id: queue-tried-out
    title: No more than two wait in line
    measure: {reading: queue_length}
    promise: {at_most: 2}
    status: shadow
  - id: reply
    title: Mail is answered within four open hours
    of: ticket
    measure: {from: opened, to: replied}
    clock: site
    pause_while: [pending]
    promise: {within: 4h}
    alert: {on: [breach], keep_firing_for: 0s}
  - id: chat
    title: Chats are joined within a second
    of: chat
    measure: {from: opened, to: joined}
    promise: {within: 1s}
    objective: {at_least: 90%, over: 30d}
    alert: {on: [burn]}
"""
SPA = {
    "title": "Spa",
    "timezone": "Europe/Budapest",
    "calendar": {"weekly": {"mon-fri": ["08:00-12:00", "13:00-17:00"]}, "closed": ["2026-03-03"]},
}
SOURCES: dict[str, Any] = {
    "hall": {"use": "push", "watermark": {"kind": "explicit"}, "yields": {"samples": ["queue_length"]}},
    "mail": {"use": "push", "watermark": {"kind": "explicit"},
             "yields": {"ticket": ["opened", "replied", "pended", "unpended", "closed"],
                        "chat": ["opened", "joined", "ended"]}},
}  # fmt: skip
MORE = {
    "sites": {"spa": SPA},
    "judge": {"judge_from": "2026-01-01T00:00:00Z", "accept_late": "3650d"},
}


def waiting(count: float, at: datetime) -> Sample:
    return Sample("hall", "queue_length", at, count, {"site": "spa"})


def mail(event: str, at: str) -> Event:
    """``at``: local wall time of March 2026, one hour ahead of UTC."""
    return Event("mail", "ticket", "T1", event, datetime.fromisoformat(f"{at}+01:00"), labels={"site": "spa"})


def test_a_number_out_of_limits_is_paged_with_its_value_and_its_return_as_well(
    house: Callable[..., House], tmp_path: Path
) -> None:
    with paged(tmp_path / "alertmanager") as (webhook, member):
        outputs = {"alertmanager": {"members": [member.url], "resend": "1s"}}
        one = house(RULES, SOURCES, **MORE, outputs=outputs).start()
        began = datetime.now(UTC)
        one.must_take(waiting(4, began - SECOND), waiting(12, began))
        until(lambda: webhook.of("queue-length", "limit", "firing"), "the page")
        _, alert = webhook.of("queue-length", "limit", "firing")[0]
        assert alert["labels"] == {
            "alertname": "queue-length", "condition": "limit", "severity": "critical", "site": "spa",
            "source": "standardsd",
        }  # fmt: skip
        notes = alert["annotations"]
        assert "out of its limits" in notes["summary"]
        assert "at most 10" in notes["description"]
        assert "now 12" in notes["description"]
        assert datetime.fromisoformat(notes["oldest"]) == began
        assert datetime.fromisoformat(alert["startsAt"]) >= began
        labels = {"standard": "queue-length", "name": "queue_length", "site": "spa"}
        assert one.metrics()["standardsd_reading", frozenset(labels.items())] == 12
        assert one.metric("standardsd_violations_total", standard="queue-length") == 1
        assert one.metric("standardsd_standard_state", standard="queue-length", state="broken") == 1
        refused = one.post([Sample("hall", "lenght", began, 1.0, {"site": "spa"})]).json()
        assert [line["reason"] for line in refused["rejected"]] == ["not_yielded"]

        one.kill()  # what stands must stand again, under the same beginning
        one.start()
        one.must_take(waiting(10, datetime.now(UTC)))
        until(lambda: webhook.of("queue-length", "limit", "resolved"), "the end of the alert")
        _, ended = webhook.of("queue-length", "limit", "resolved")[0]
        assert (ended["labels"], ended["startsAt"]) == (alert["labels"], alert["startsAt"])
        assert len(webhook.of("queue-length", "limit", "firing")) == 1
        assert one.metric("standardsd_violations_total", standard="queue-length") == 1

        # Judged and recorded, without a figure and without a page.
        assert one.metric("standardsd_standard_state", standard="queue-tried-out", state="shadow") == 1
        assert one.metric("standardsd_reading", standard="queue-tried-out") is None
        assert not [a for _, a in webhook.heard if a["labels"]["alertname"] == "queue-tried-out"]
        one.stop()
        with one.store() as store:
            last = {episode.standard: str(episode.state) for episode in store.episodes()}
        assert last == {"queue-length": "in_limits", "queue-tried-out": "broken"}


def test_a_paused_ticket_on_a_site_s_calendar_is_due_when_four_open_hours_are_used_up(
    house: Callable[..., House],
) -> None:
    """Opened Monday 15:00; an hour of waiting for the guest; Tuesday is closed: three hours are left for Wednesday."""
    one = house(RULES, SOURCES, **MORE).start()
    one.must_take(
        mail("opened", "2026-03-02T15:00:00"),
        mail("pended", "2026-03-02T15:30:00"),
        mail("unpended", "2026-03-02T16:30:00"),
    )
    due = datetime.fromisoformat("2026-03-04T11:00:00+01:00")
    one.must_take(Watermark("mail", due - timedelta(microseconds=1)))
    assert one.metric("standardsd_violations_total", standard="reply") == 0
    # The opening hours change while it is open: it keeps those under which it began.
    one.more["sites"] = {"spa": SPA | {"calendar": {"weekly": {"mon-sun": ["00:00-24:00"]}}}}
    assert one.reload() == 1
    one.must_take(Watermark("mail", due))
    assert one.metric("standardsd_violations_total", standard="reply") == 1
    one.must_take(mail("replied", "2026-03-04T13:30:00"))
    said = real.promtool("check", "metrics", stdin=one.metrics_text())
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    one.stop()
    (final,) = one.final_verdicts().values()
    assert str(final["verdict"]) == "breached"
    assert final["due"] == due
    assert final["measured"] == 5.5 * 3600, "the noon hour and the pause do not count"


def test_a_burning_budget_is_shown_for_each_window_and_paged(
    house: Callable[..., House], tmp_path: Path
) -> None:
    """Everything is broken: ten times the budget of 10 %, which is above the factor of 6 hours and 30 minutes."""
    with paged(tmp_path / "alertmanager") as (webhook, member):
        outputs = {"alertmanager": {"members": [member.url], "resend": "1s"}}
        one = house(RULES, SOURCES, **MORE, outputs=outputs).start()
        now = datetime.now(UTC)
        opened = Event("mail", "chat", "C1", "opened", now - 10 * SECOND, labels={"site": "spa"})
        one.must_take(opened, Watermark("mail", now))
        until(lambda: webhook.of("chat", "burn", "firing"), "the page")
        _, alert = webhook.of("chat", "burn", "firing")[0]
        assert "error budget burns too fast" in alert["annotations"]["description"]
        for window in ("30m", "6h"):
            assert one.metric("standardsd_burn_rate", standard="chat", window=window) == pytest.approx(10)
        said = real.promtool("check", "metrics", stdin=one.metrics_text())
        assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_a_number_keeps_its_story_when_its_limit_changes(house: Callable[..., House]) -> None:
    one = house(RULES, SOURCES, **MORE).start()
    began = datetime.now(UTC)
    one.must_take(waiting(8, began))
    assert one.metric("standardsd_standard_state", standard="queue-length", state="kept") == 1
    one.rules = RULES.replace("at_most: 10", "at_most: 5")
    assert one.reload() == 1
    until(
        lambda: one.metric("standardsd_standard_state", standard="queue-length", state="broken") == 1,
        "the new limit",
    )
    one.stop()
    ((at, state, limit),) = [
        story
        for (name, _), lines in one.final_episodes().items()
        if name == "queue-length"
        for story in lines
    ]
    assert (str(state), limit) == ("broken", 5.0)
    assert at > began, "what was before is not judged again"
