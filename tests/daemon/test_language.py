"""The language of a running daemon: alerts and pages speak it, a reload changes it, an unknown one is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from standardsd import locale
from standardsd.language.explain import sentence
from standardsd.language.rules import load_rules
from standardsd.model.reading import Event, Watermark
from tests.daemon.harness import FakeAlertmanager, House, until
from tests.daemon.test_reload import KIOSK, LONG_AGO, RULES

Houses = Callable[..., House]


def said_in(language: str) -> str:
    """The sentence of the one standard."""
    book = load_rules([("rules.yaml", RULES.encode())]).book
    assert book is not None
    return sentence(book.standards[0], locale.words(language, book.vocabulary))


def test_alerts_and_pages_speak_the_language_of_the_configuration(
    house: Houses, member: FakeAlertmanager
) -> None:
    outputs = {"alertmanager": {"members": [member.url], "resend": "1s"}}
    one = house(RULES, {"kiosk": KIOSK}, outputs=outputs, judge=LONG_AGO, language="hu").start()
    now = datetime.now(UTC)
    one.must_take(
        Event("kiosk", "visit", "1", "arrived", now - timedelta(minutes=3)), Watermark("kiosk", now)
    )
    first = until(lambda: member.alerts("greet"), "the alert")[0]
    assert first.annotations["promise"] == said_in("hu")
    assert first.annotations["summary"] == "Arriving guests are greeted within a minute: megszegve (site inn)"
    assert '<html lang="hu"' in httpx.get(f"{one.url}/", trust_env=False).text

    one.more["language"] = "ro"
    assert one.reload() == 1
    page = httpx.get(f"{one.url}/standards/greet", trust_env=False).text
    assert '<html lang="ro"' in page and said_in("ro") in page
    again = until(
        lambda: [told for told in member.alerts("greet") if told.annotations["promise"] == said_in("ro")],
        "the alert told again in Romanian",
    )
    assert (again[0].labels, again[0].starts_at) == (first.labels, first.starts_at)  # it is the same alert

    one.more["language"] = "xx"
    assert one.reload() == 0
    assert "'xx' is not a language that alerts and the wallboard can speak" in one.log
    assert '<html lang="ro"' in httpx.get(f"{one.url}/", trust_env=False).text
