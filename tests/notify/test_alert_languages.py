"""Alerts in the language of the house: texts change, labels and instants never do."""

from __future__ import annotations

import re

import pytest

from standardsd import locale
from standardsd.language.explain import sentence
from standardsd.language.speech import ENGLISH, LANGUAGES
from standardsd.model.decision import SourceSpoken
from standardsd.model.snapshot import Backlog, GroupNow
from standardsd.model.standard import Condition, Group
from standardsd.notify.current import CurrentAlerts
from standardsd.notify.message import AlertMessage, annotation_chars_max, checked
from tests.notify.parts import GREET, KIOSK, NOON, SECOND, URL, alert
from tests.notify.test_current import GROUP, figures

NOW: dict[tuple[str, Group], GroupNow] = {(GREET.id, GROUP): figures(3, NOON)}
OTHERS = tuple(language for language in LANGUAGES if language != "en")


def told(language: str) -> list[AlertMessage]:
    """One alert of every condition, firing and resolved, a dark source and back, and the digest of one and of many."""
    found = []
    for condition in Condition:
        alerts = CurrentAlerts([GREET], [KIOSK], URL, locale.words(language))
        now = NOW
        first = alerts.messages([alert("firing", NOON, condition=condition, count=3, oldest=NOON)], now)
        alerts.keep(first)
        last = alerts.messages([alert("resolved", NOON + SECOND, condition=condition)], now)
        found += [entry.message for entry in (*first, *last)]
    alerts = CurrentAlerts([GREET], [KIOSK], URL, locale.words(language))
    for state in ("dark", "seen"):
        spoken = alerts.messages([SourceSpoken("kiosk", state, NOON)])
        alerts.keep(spoken)
        found += [entry.message for entry in spoken]
    for count in (1, 2, 40):
        alerts = CurrentAlerts([GREET], [KIOSK], URL, locale.words(language))
        found += [entry.message for entry in alerts.digest(Backlog(count, NOON, NOON + SECOND), NOON)]
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_only_texts_change_with_the_language(language: str) -> None:
    """An alert must stay the same alert to Alertmanager, whatever it is told in."""
    english, other = told("en"), told(language)
    assert len(english) == len(other) == 2 * len(Condition) + 5
    for before, after in zip(english, other, strict=True):
        assert after.labels == before.labels
        assert (after.starts_at, after.ends_at, after.generator_url) == (
            before.starts_at,
            before.ends_at,
            before.generator_url,
        )
        assert after.annotations.keys() == before.annotations.keys()
        for name, text in after.annotations.items():
            spoken = name in ("summary", "description", "promise")
            assert (text != before.annotations[name]) is spoken, f"{name}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_whole_and_fit_into_an_annotation(language: str) -> None:
    for message in told(language):
        assert checked(message).message == message
        for name in ("summary", "description", "promise"):
            text = message.annotations.get(name, "Whole.")
            assert not re.search(r"[{}]|  | [,;.]|None", text), text
            assert len(text) <= annotation_chars_max
            assert text[0] == text[0].upper() or text.startswith("kiosk"), text
        instants = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", message.annotations["description"])
        assert all(one.startswith("2026-11-21T12:00:0") for one in instants)


def test_the_promise_is_the_sentence_of_explain() -> None:
    for language in LANGUAGES:
        words = locale.words(language)
        alerts = CurrentAlerts([GREET], [KIOSK], URL, words)
        (entry,) = alerts.messages([alert("firing", NOON)])
        assert entry.message.annotations["promise"] == sentence(GREET, words)


def test_what_a_duty_manager_reads_in_romanian() -> None:
    alerts = CurrentAlerts([GREET], [KIOSK], URL, locale.words("ro"))
    fired = alert("firing", NOON, count=3, oldest=NOON)
    (entry,) = alerts.messages([fired], NOW)
    said = entry.message.annotations
    assert said["summary"] == "Arriving guests are greeted within 60 seconds: încălcat (site grand-budapest)"
    assert said["description"].replace("\u00a0", " ") == (
        "3 încălcate, cel mai vechi a început la 2026-11-21T12:00:00Z; angajament: în cel mult 1 minut, în cel puțin "
        "95 % din cazuri în ultima perioadă de 30 de zile; procent respectat 93,1 % din 160 numărate; "
        "deschise acum: 5, peste termen: 3."
    )


def test_a_reload_changes_the_language_of_what_stands() -> None:
    alerts = CurrentAlerts([GREET], [KIOSK], URL)
    alerts.keep(alerts.messages([alert("firing", NOON)]))
    alerts.adopt([GREET], [KIOSK], URL, locale.words("tr"))
    now = NOW
    (again,) = alerts.current(NOON + SECOND, now)
    assert again.annotations["promise"] == sentence(GREET, locale.words("tr"))
    alerts.adopt([GREET], [KIOSK], URL)  # a recovery does not know the language, and keeps it
    (kept,) = alerts.current(NOON + SECOND, now)
    assert kept.annotations == again.annotations
    alerts.adopt([GREET], [KIOSK], URL, ENGLISH)
    (back,) = alerts.current(NOON + SECOND, now)
    assert back.annotations["promise"].startswith("In each visit")
